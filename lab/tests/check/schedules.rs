//! Schedules that the bounds allow: all of them are searched, and no others.

use quorate_lab::check::{Bounds, CheckError, Clocks, Cluster, CrashPoints, Model, Reductions, Search, SearchVerdict};
use quorate_lab::env::Status;
use quorate_protocol::{ClientId, Duration, NodeId};

use crate::poll::{CORRECT, Command, OneLeader, PollCluster, Rules, setup, stands, two_stand};

const ONE: NodeId = NodeId(0);
const TWO: NodeId = NodeId(1);

/// Whether some schedule reaches the goal.
fn reaches(cluster: &PollCluster, goal: impl Fn(&<PollCluster as Model>::State) -> bool + Send + Sync) -> bool {
    let report = Search::new(cluster).goal("it", goal).run().unwrap();
    report.passed()
}

#[test]
fn a_crash_strikes_before_the_write_after_it_and_between_two_messages() {
    let bounds = |crash_points| Bounds { crashes: 1, crash_points, ..Bounds::default() };
    // Outcomes of a crash of n2: whether its vote is on disk, and whether it is on its way to n1.
    let remains = |cluster: &PollCluster| {
        let combinations = [(false, false), (true, false), (true, true), (false, true)];
        let left = combinations.into_iter().filter(|&(written, sent)| {
            reaches(cluster, |state| {
                let asked = state.armed(ONE).next().is_some() && state.in_flight().all(|(_, to, _)| to != TWO);
                let vote = state.in_flight().any(|(from, to, _)| (from, to) == (TWO, ONE));
                let disk = state.disk(TWO).is_some_and(|disk| *disk != Default::default());
                state.status(TWO) == Some(Status::Down) && asked && (disk, vote) == (written, sent)
            })
        });
        left.collect::<Vec<_>>()
    };
    let none = Reductions::NONE;
    let all = stands(ONE, CORRECT, bounds(CrashPoints::ALL)).reductions(none);
    assert_eq!(remains(&all), [(false, false), (true, false), (true, true)], "what is sent was written before");
    let between = stands(ONE, CORRECT, bounds(CrashPoints::NONE)).reductions(none);
    assert_eq!(remains(&between), [(true, true)], "a whole step, and then the crash");
}

#[test]
fn a_crash_between_two_messages_lets_the_first_ones_leave() {
    let asked = |moments, count| {
        let bounds = Bounds { crashes: 1, crash_points: moments, ..Bounds::default() };
        reaches(&stands(ONE, CORRECT, bounds), |state| {
            let asks = state.in_flight().all(|(from, ..)| from == ONE);
            let unheard = [TWO, NodeId(2)].iter().all(|&node| state.disk(node) == Some(&Default::default()));
            state.status(ONE) == Some(Status::Down) && unheard && asks && state.in_flight().len() == count
        })
    };
    let sends = CrashPoints { between_sends: true, ..CrashPoints::NONE };
    assert!((0..=2).all(|count| asked(sends, count)), "none, one or both of the others are asked");
    assert!(!asked(CrashPoints::NONE, 1));
}

#[test]
fn messages_arrive_in_any_order_but_those_to_oneself_come_first() {
    let cluster = stands(ONE, CORRECT, Bounds { firings: 1, ..Bounds::default() });
    let ask = |to: &str| format!("deliver Ask from n1 to {to}");
    assert_eq!(open_after(&cluster, 0), [["c asks n1: Stand".replace("c ", "ann ")]]);
    assert_eq!(open_after(&cluster, 1), [[ask("itself"), ask("n2"), ask("n3")]], "its timer must wait as well");
    let after_own = &open_after(&cluster, 2)[0];
    assert_eq!(*after_own, ["deliver Vote from n1 to itself".to_owned(), ask("n2"), ask("n3")]);
    let after_vote = &open_after(&cluster, 3)[0];
    assert_eq!(*after_vote, [ask("n2"), ask("n3"), "fire Again on n1".to_owned()]);
}

/// Describes the possible actions after a number of steps.
fn open_after(cluster: &PollCluster, steps: usize) -> Vec<Vec<String>> {
    let mut states = Model::initial(cluster);
    for _ in 0..steps {
        states = states
            .iter()
            .flat_map(|state| {
                let mut next = Vec::new();
                cluster.successors(state, &mut Vec::new(), |_, state| next.push(state));
                next
            })
            .collect();
    }
    let words = |state| {
        let mut words = Vec::new();
        cluster.successors(state, &mut Vec::new(), |action, _| words.push(cluster.in_words(state, &action)));
        words
    };
    states.iter().map(words).collect()
}

#[test]
fn each_budget_allows_what_it_is_for_and_no_more() {
    let leads = |bounds, rules| reaches(&stands(ONE, rules, bounds), |state| state.invariants().0.contains(&ONE));
    assert!(leads(Bounds::default(), CORRECT));
    // If a duplicated vote counts twice, n1 leads with its own vote and that of one other node out
    // of five.
    let five = Rules { nodes: 5, once: false, ..CORRECT };
    let early = |bounds| {
        reaches(&stands(ONE, five, bounds), |state| {
            let unasked = [2, 3, 4].map(NodeId).into_iter().all(|node| state.in_flight().any(|(_, to, _)| to == node));
            state.machine(ONE).is_some_and(|poll| poll.leads) && unasked
        })
    };
    assert!(!early(Bounds::default()));
    assert!(early(Bounds { duplicates: 1, ..Bounds::default() }));
    assert!(early(Bounds { firings: 1, ..Bounds::default() }), "n2 is asked again, and votes again");
    let restarted = |restarts| {
        let bounds = Bounds { crashes: 1, restarts, ..Bounds::default() };
        // Its requests for votes are in flight and its timer is not armed: it has restarted.
        reaches(&stands(ONE, CORRECT, bounds), |state| {
            let asked = state.in_flight().any(|(from, ..)| from == ONE);
            let idle = state.armed(ONE).next().is_none() && state.machine(ONE).is_some_and(|poll| !poll.leads);
            state.status(ONE) == Some(Status::Up) && asked && idle
        })
    };
    assert!(restarted(1) && !restarted(0));
}

#[test]
fn bounds_that_make_no_sense_are_refused() {
    let refused = |bounds: Bounds<_>| {
        Cluster::new(setup(CORRECT), OneLeader::default(), bounds).err().map(|error| error.to_string())
    };
    let asked = || Bounds::default().request(ClientId(0), Some(ONE), Command::Stand);
    assert_eq!(refused(asked()), None);
    assert_eq!(
        refused(Bounds::default()).unwrap(),
        "nothing can happen: there are no requests, no timer may fire, and no message is sent at boot; add a request or a timer firing"
    );
    assert_eq!(
        refused(Bounds { restarts: 2, crashes: 1, ..asked() }).unwrap(),
        "the bound on restarts is 2, but the bound on crashes is 1; raise crashes or lower restarts"
    );
    assert_eq!(
        refused(Bounds { pauses: 1, ..asked() }).unwrap(),
        "the bound on pauses is 1, but the bound on clock ticks is 0; raise clock ticks or lower pauses"
    );
    assert_eq!(
        refused(Bounds::default().request(ClientId(0), Some(NodeId(7)), Command::Stand)).unwrap(),
        "there is no node n8 in this cluster"
    );
    let clocks = |clocks| refused(Bounds { clocks: Some(clocks), ..asked() }).unwrap();
    let ms = Duration::from_millis;
    assert!(clocks(Clocks::exact(ms(0), 3)).starts_with("the duration of a tick is 0, so nothing could be found"));
    assert!(clocks(Clocks::exact(ms(1), 0)).starts_with("the number of ticks is 0"));
    assert_eq!(
        clocks(Clocks::exact(ms(1), 1).within(1_000_001, [ONE])),
        "a drift of -1000001 ppm is out of range; use -999999 to 1000000"
    );
}

#[test]
fn a_search_that_could_find_nothing_is_refused() {
    let cluster = two_stand(CORRECT, Bounds::default());
    let refused = |search: Search<'_, PollCluster>| search.run().err();
    assert_eq!(refused(Search::new(&cluster).threads(0)), Some(CheckError::Zero("the number of threads")));
    assert_eq!(refused(Search::new(&cluster).depth(0)), Some(CheckError::Zero("the depth limit")));
    assert_eq!(refused(Search::new(&cluster).time(Duration::ZERO)), Some(CheckError::Zero("the time limit")));
    assert_eq!(refused(Search::new(&cluster).memory(0)), Some(CheckError::Zero("the memory limit")));
    assert_eq!(
        refused(Search::new(&cluster).until_reached()),
        Some(CheckError::Zero("the number of goals to stop at"))
    );
    assert_eq!(refused(Search::new(&cluster).from([])), Some(CheckError::NoInitialState));
}

#[test]
fn a_check_that_never_gets_anywhere_does_not_pass() {
    let cluster = stands(ONE, CORRECT, Bounds::default());
    let report = Search::new(&cluster).goal("n2 leads", |state| state.invariants().0.contains(&TWO)).run().unwrap();
    assert!(matches!(report.verdict, SearchVerdict::Exhausted) && !report.passed());
    assert!(report.to_string().ends_with("; never reached: n2 leads"), "{report}");
}
