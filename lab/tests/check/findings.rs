//! Results of a search: the shortest run, the same one every time, and its replay.

use std::collections::{HashSet, VecDeque};

use quorate_lab::Stop;
use quorate_lab::check::{
    Bounds, CheckError, Limit, Model, Path, RandomWalk, Search, SearchProgress, SearchReport, SearchVerdict,
};
use quorate_lab::trace::{Document, EventKind, render};
use quorate_protocol::{ClientId, Duration, InvariantViolation, NodeId};

use crate::models::TwoPhase;
use crate::models::two_phase::{Action, Manager, State};
use crate::poll::{CORRECT, PollCluster, Rules, stands, two_stand};

const FORGETFUL: Rules = Rules { durable: false, ..CORRECT };

fn amnesia() -> PollCluster {
    two_stand(FORGETFUL, Bounds { crashes: 1, restarts: 1, ..Bounds::default() })
}

fn broken(cluster: &PollCluster, threads: usize) -> SearchReport<PollCluster> {
    let report = Search::new(cluster).threads(threads).run().unwrap();
    assert!(matches!(report.verdict, SearchVerdict::Broken { .. }), "{report}");
    report
}

#[test]
fn the_counterexample_is_the_shortest_and_reads_like_a_story() {
    let cluster = amnesia();
    let report = broken(&cluster, 2);
    let lines = cluster.describe(report.counterexample().unwrap());
    assert_eq!(
        lines,
        [
            "ann asks n1: Stand",
            "deliver Ask from n1 to itself",
            "deliver Vote from n1 to itself",
            "deliver Ask from n1 to n2",
            "deliver Vote from n2 to n1",
            "bob asks n3: Stand",
            "deliver Ask from n3 to itself",
            "deliver Vote from n3 to itself",
            "crash n1",
            "restart n1",
            "deliver Ask from n3 to n1",
            "deliver Vote from n1 to n3",
        ]
    );
    assert!(report.to_string().starts_with("after 12 steps, OneLeader is broken: {n1, n3} both lead; "), "{report}");
    let correct = two_stand(CORRECT, cluster.bounds().clone());
    assert!(Search::new(&correct).run().unwrap().passed(), "what is on disk is not forgotten");
}

#[test]
fn it_is_the_same_one_whatever_the_number_of_threads() {
    let cluster = amnesia();
    let told = |threads| {
        let report = broken(&cluster, threads);
        let progress = report.progress;
        (cluster.describe(report.counterexample().unwrap()), progress.unique, progress.generated, progress.depth)
    };
    let one = told(1);
    assert_eq!(one, told(2));
    assert_eq!(one, told(5));
    let model = TwoPhase { managers: 6 };
    let counted = |threads| {
        let progress = Search::new(&model).threads(threads).run().unwrap().progress;
        (progress.unique, progress.generated, progress.depth, progress.terminal)
    };
    assert_eq!(counted(1), (50_816, 402_306, Some(19), 0));
    assert_eq!(counted(3), counted(1));
}

/// Two-phase commit with seven managers, where five commits count as a violation: it happens on a
/// level with tens of thousands of states.
struct FourAtMost(TwoPhase);

impl Model for FourAtMost {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        Model::initial(&self.0)
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.0.enabled(state, actions);
    }

    fn next(&self, state: &State, action: &Action) -> Option<State> {
        Some(self.0.after(state, action))
    }

    fn check(&self, state: &State) -> Result<(), InvariantViolation> {
        let committed = state.managers.iter().filter(|manager| **manager == Manager::Committed).count();
        if committed > 4 { Err(InvariantViolation::new("FourAtMost", "five have committed")) } else { Ok(()) }
    }
}

/// Finds the first run to a violation with a plain queue and set.
fn first<M: Model<State = State, Action = Action>>(model: &M) -> (Vec<(Action, State)>, usize) {
    let mut seen: HashSet<State> = model.initial().into_iter().collect();
    let mut queue: VecDeque<(State, Vec<(Action, State)>)> = seen.iter().map(|state| (*state, Vec::new())).collect();
    while let Some((state, path)) = queue.pop_front() {
        if model.check(&state).is_err() {
            return (path, seen.len());
        }
        let mut actions = Vec::new();
        model.actions(&state, &mut actions);
        for action in actions {
            let next = model.next(&state, &action).unwrap();
            if seen.insert(next) {
                queue.push_back((next, [path.as_slice(), &[(action, next)]].concat()));
            }
        }
    }
    panic!("nothing breaks");
}

#[test]
fn in_a_wide_level_it_is_the_first_one_and_no_count_depends_on_the_threads() {
    let model = FourAtMost(TwoPhase { managers: 7 });
    let (path, seen) = first(&model);
    let told = |threads| {
        let search = Search::new(&model).threads(threads);
        let report = search.goal("all are heard", |state| state.heard == 0x7f).run().unwrap();
        assert_eq!(report.counterexample().unwrap().steps, path, "on {threads} threads");
        let goal = report.goals[0].path.as_ref().unwrap().steps.clone();
        (goal, report.progress.unique, report.progress.generated, report.progress.depth, report.progress.waiting)
    };
    let one = told(1);
    assert!(
        one.1 > 100_000 && one.1 <= seen as u64,
        "{} of {seen}, as no batch is entered in which something breaks",
        one.1
    );
    for threads in [2, 3, 8] {
        assert_eq!(told(threads), one, "on {threads} threads");
    }
    let stopped = |threads| {
        let report = Search::new(&model).threads(threads).memory(1_500_000).run().unwrap();
        assert!(matches!(report.verdict, SearchVerdict::Stopped(Limit::Memory(_))), "{report}");
        (report.progress.unique, report.progress.generated, report.progress.bytes)
    };
    let one = stopped(1);
    for threads in [2, 3, 8] {
        assert_eq!(stopped(threads), one, "on {threads} threads");
    }
}

#[test]
fn it_becomes_a_trace_that_ends_with_the_violation() {
    let cluster = amnesia();
    let report = broken(&cluster, 1);
    let recording = cluster.replay(report.counterexample().unwrap()).unwrap();
    let document = recording.document();
    let EventKind::Violation { invariant, .. } = &document.events.last().unwrap().what else {
        panic!("it ends otherwise")
    };
    assert_eq!(invariant, "OneLeader");
    let mut file = Vec::new();
    recording.write_jsonl(&mut file).unwrap();
    assert_eq!(Document::read_jsonl(file.as_slice()).unwrap(), document, "a conforming file");
    let log = render::log(&document, render::Options { why: true, ..render::Options::default() });
    for line in ["12.0 ms  n1 ───Vote────────────▶ n3", "n1   crashes", "because Lead (tests)", "BROKEN: OneLeader"]
    {
        assert!(log.contains(line), "'{line}' is not in\n{log}");
    }
    assert!(render::lanes(&document, render::Options::default()).unwrap().contains("OneLeader"));
}

#[test]
fn a_path_of_another_cluster_is_not_told() {
    let path = broken(&amnesia(), 1).counterexample().unwrap().clone();
    let correct = two_stand(CORRECT, amnesia().bounds().clone());
    let path: Path<PollCluster> = Path { initial: correct.initial()[0].clone(), steps: path.steps };
    // Both rulebooks let n1 stand; then n1 votes for itself, and writes the vote down only under
    // the correct one.
    assert_eq!(correct.replay(&path).unwrap_err(), CheckError::NotRepeatable { step: 2 });
}

#[test]
fn limits_end_a_search_honestly() {
    let model = TwoPhase { managers: 7 };
    let depth = Search::new(&model).depth(4).run().unwrap();
    assert!(matches!(depth.verdict, SearchVerdict::Stopped(Limit::Depth(4))));
    assert_eq!(
        depth.to_string().split(';').next().unwrap(),
        "not exhausted: depth 4 complete, stopped by the depth limit of 4"
    );
    let mut lines = Vec::new();
    let memory =
        Search::new(&model).memory(1_000_000).progress(Duration::ZERO, |progress| lines.push(*progress)).run().unwrap();
    assert!(matches!(memory.verdict, SearchVerdict::Stopped(Limit::Memory(1_000_000))), "{memory}");
    assert!(memory.progress.depth > Some(4) && memory.progress.waiting > 0 && memory.progress.bytes >= 1_000_000);
    assert!(lines.len() > 4 && lines.is_sorted_by_key(|progress| (progress.depth, progress.unique)));
    let nanosecond = Duration::from_nanos(1);
    let time = Search::new(&model).time(nanosecond).run().unwrap();
    assert!(matches!(time.verdict, SearchVerdict::Stopped(Limit::Time(_))) && time.progress.depth.is_none(), "{time}");
}

#[test]
fn a_search_that_is_stopped_is_never_exhausted() {
    let model = TwoPhase { managers: 7 };
    let stop = Stop::new();
    stop.request();
    let at_once = Search::new(&model).stop(stop).run().unwrap();
    assert!(matches!(at_once.verdict, SearchVerdict::Stopped(Limit::Interrupted)), "{at_once}");
    // Stop it from another thread, during the search.
    let stop = Stop::new();
    let requested = stop.clone();
    let listener = move |progress: &SearchProgress| {
        if progress.depth > Some(3) {
            requested.request();
        }
    };
    let later = Search::new(&model).stop(stop).progress(Duration::ZERO, listener).run().unwrap();
    assert!(
        matches!(later.verdict, SearchVerdict::Stopped(Limit::Interrupted)) && later.progress.waiting > 0,
        "{later}"
    );
    assert!(later.to_string().starts_with("not exhausted: depth 4 complete, stopped by an interrupt"), "{later}");
}

#[test]
fn a_violation_at_the_last_depth_is_not_missed() {
    let cluster = amnesia();
    assert!(matches!(Search::new(&cluster).depth(12).run().unwrap().verdict, SearchVerdict::Broken { .. }));
    let short = Search::new(&cluster).depth(11).run().unwrap();
    assert!(matches!(short.verdict, SearchVerdict::Stopped(Limit::Depth(11))), "{short}");
}

#[test]
fn a_search_in_stages_goes_on_from_a_goal_with_fresh_budgets() {
    let (one, two) = (NodeId(0), NodeId(1));
    let first = stands(one, FORGETFUL, Bounds::default());
    let report =
        Search::new(&first).goal("n1 leads", |state| !state.invariants().0.is_empty()).until_reached().run().unwrap();
    assert!(matches!(report.verdict, SearchVerdict::Reached) && report.passed());
    let reached = report.goals[0].path.clone().unwrap();
    assert_eq!(reached.steps.len(), 5);

    let second = stands(two, FORGETFUL, Bounds { crashes: 1, restarts: 1, ..Bounds::default() });
    let further = Search::new(&second).from([second.resume(reached.end())]).run().unwrap();
    let SearchVerdict::Broken { path, .. } = further.verdict else { panic!("{further}") };
    let whole = reached.then(path);
    assert_eq!(whole.steps.len(), 12);
    let document = second.replay(&whole).unwrap().document();
    let tickets = document.events.iter().filter_map(|event| match &event.what {
        EventKind::Request { client: ClientId(0), ticket, payload, .. } => Some((*ticket, payload.name.clone())),
        _ => None,
    });
    assert_eq!(tickets.collect::<Vec<_>>(), [(1, "Stand".to_owned()), (2, "Stand".to_owned())], "one story, one count");
}

#[test]
fn random_walks_find_what_lies_deep_and_repeat() {
    let cluster = amnesia();
    let walk = RandomWalk { seed: 3, runs: 20_000, length: 60 };
    let found = |walk: RandomWalk| {
        let report = walk.run(&cluster, &[("somebody leads", &|state| !state.invariants().0.is_empty())]).unwrap();
        assert!(report.goals[0].path.is_some());
        cluster.describe(report.counterexample().expect("one of so many walks breaks it"))
    };
    let lines = found(walk);
    assert_eq!(lines, found(walk));
    assert!(lines.len() >= 12);
    assert_eq!(RandomWalk { runs: 0, ..walk }.run(&cluster, &[]).err(), Some(CheckError::Zero("the number of runs")));
}
