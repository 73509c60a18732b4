//! Tests of the declaration [`COMMUTES`](Invariant::COMMUTES) of invariants: the checker
//! relies on it to explore only one of two orders.
//!
//! The underlying property is tested in runs of every protocol, with the correct rulebook and with
//! bugs of the zoo: if a message can be delivered to one node and another node can take a step, and
//! neither alone violates the invariant, then both orders violate it or neither does; and all later
//! states are checked equally after both.

use std::cell::Cell;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use quorate::bugs;
use quorate::checks::{RaftGuidedSearch, RaftSearch, SearchTarget, Searched};
use quorate::lab::check::{Action, Bounds, Cluster, CrashPoints, Model, Reductions, State, Stimulus, SyncMachine};
use quorate::lab::env::Deployment;
use quorate::paxos::invariants::{
    AtMostOneChosen, ChosenWasProposed, LearnedWasChosen, LearnersAgree, PromisesNeverDecrease,
};
use quorate::paxos::multi::{self, MultiPaxos};
use quorate::paxos::{self, Paxos, Value};
use quorate::protocol::{ClientId, Invariant, InvariantViolation, Machine, Names, NodeId, StepView};
use quorate::protocols::{LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, PaxosTarget};
use quorate::raft::{
    Counter, ElectionSafety, LeaderAppendOnly, LeaderCompleteness, LogMatching, MonotoneCommit, MonotoneTerm,
    OneVotePerTerm, Raft, StateMachineSafety,
};

/// One move of a schedule: the action taken; and the delivery and the other step that are tried in
/// both orders before it.
type Choice = (Index, Index, Index);

/// Length of schedules, and number of steps for which two orders are followed.
const LENGTH: usize = 40;
const FURTHER: usize = 15;

/// All actions enabled in a state, with their successor states.
fn successors<M: SyncMachine, I: Invariant<M> + Sync>(
    cluster: &Cluster<M, I>,
    state: &State<M, I>,
) -> Vec<(Action<M>, State<M, I>)> {
    let mut all = Vec::new();
    cluster.successors(state, &mut Vec::new(), |action, next| all.push((action, next)));
    all
}

/// Node and stimulus of a step without a crash.
fn step<M: Machine>(action: &Action<M>) -> Option<(NodeId, &Stimulus<M>)> {
    match action {
        Action::Step { node, stimulus, crash: None } => Some((*node, stimulus)),
        _ => None,
    }
}

/// Takes the same step in another state, after a step of another node: the positions of messages
/// differ there.
fn again<M: SyncMachine, I: Invariant<M> + Sync>(
    cluster: &Cluster<M, I>,
    before: &State<M, I>,
    action: &Action<M>,
    after: &State<M, I>,
) -> Option<State<M, I>> {
    let Action::Step { node, stimulus: Stimulus::Message(position), crash } = action else {
        return cluster.next(after, action);
    };
    let message = before.in_flight().nth(*position)?;
    let place = after.in_flight().position(|other| other == message)?;
    cluster.next(after, &Action::Step { node: *node, stimulus: Stimulus::Message(place), crash: *crash })
}

/// Describes how a schedule distinguishes two orders, if it does. Counts the pairs tried in both
/// orders.
fn told_apart<M: SyncMachine, I: Invariant<M> + Sync>(
    cluster: &Cluster<M, I>,
    schedule: &[Choice],
    tried: &mut u64,
) -> Option<String> {
    let mut state = cluster.initial().into_iter().next()?;
    for (place, (taken, delivery, other)) in schedule.iter().enumerate() {
        let all = successors(cluster, &state);
        let sound: Vec<_> =
            all.iter().filter(|(action, next)| step(action).is_some() && next.broken().is_none()).collect();
        let arrives = |action| matches!(step(action), Some((_, Stimulus::Message(_))));
        let deliveries: Vec<_> = sound.iter().filter(|(action, _)| arrives(action)).collect();
        if !deliveries.is_empty() {
            let (one, after_one) = delivery.get(&deliveries);
            let elsewhere = |action: &Action<M>| step(action).map(|(node, _)| node) != step(one).map(|(node, _)| node);
            let others: Vec<_> = sound.iter().filter(|(action, _)| elsewhere(action)).collect();
            if !others.is_empty() {
                let (two, after_two) = other.get(&others);
                *tried += 1;
                let orders = [again(cluster, &state, two, after_one)?, again(cluster, &state, one, after_two)?];
                if let Some(difference) = apart(cluster, orders, &schedule[place + 1..]) {
                    let (one, two) = (one.describe(&state), two.describe(&state));
                    return Some(format!("after {place} steps: '{one}' and '{two}': {difference}"));
                }
            }
        }
        if all.is_empty() {
            return None;
        }
        state = taken.get(&all).1.clone();
        if state.broken().is_some() {
            return None;
        }
    }
    None
}

/// Describes how the states after two orders are checked differently, now or after the same further
/// steps.
fn apart<M: SyncMachine, I: Invariant<M> + Sync>(
    cluster: &Cluster<M, I>,
    mut states: [State<M, I>; 2],
    further: &[Choice],
) -> Option<String> {
    for (count, (taken, ..)) in further.iter().take(FURTHER).enumerate() {
        let [one, two] = &states;
        assert!(
            one.machines().eq(two.machines()) && one.in_flight().eq(two.in_flight()),
            "steps do not see each other"
        );
        match [one, two].map(|state| state.broken().map(|(_, broken)| broken)) {
            [None, None] => {}
            [Some(_), Some(_)] => return None,
            [Some(broken), None] | [None, Some(broken)] => {
                return Some(format!("after {count} more steps in one order alone, {broken}"));
            }
        }
        let all = states.each_ref().map(|state| successors(cluster, state));
        assert_eq!(all[0].len(), all[1].len());
        if all[0].is_empty() {
            return None;
        }
        states = all.map(|all| taken.get(&all).1.clone());
    }
    None
}

/// Tests an invariant's declaration in random schedules of a cluster. Returns the number of pairs
/// tried, or the failure.
fn tried<M: SyncMachine, I: Invariant<M> + Sync>(
    (setup, bounds): (&Deployment<M>, &Bounds<M>),
    invariant: I,
    schedules: u32,
) -> Result<u64, String> {
    assert!(I::COMMUTES, "only who gives their word can be held to it");
    let cluster = Cluster::new(setup.clone(), invariant, bounds.clone()).expect("such a cluster can be");
    let cluster = cluster.reductions(Reductions::NONE);
    let choice = (any::<Index>(), any::<Index>(), any::<Index>());
    let config = Config { cases: schedules, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let pairs = Cell::new(0);
    let ran = runner.run(&prop::collection::vec(choice, LENGTH), |schedule| {
        let mut count = 0;
        let difference = setup.names.scope(|| told_apart(&cluster, &schedule, &mut count));
        pairs.set(pairs.get() + count);
        difference.map_or(Ok(()), |difference| Err(TestCaseError::fail(difference)))
    });
    match ran {
        Ok(()) => Ok(pairs.get()),
        Err(error) => Err(error.to_string()),
    }
}

/// Asserts that an invariant's declaration is true in these clusters.
fn keeps_its_word<M: SyncMachine, I: Invariant<M> + Sync>(
    clusters: &[(Deployment<M>, Bounds<M>)],
    invariant: impl Fn(&Deployment<M>) -> I,
    schedules: u32,
) {
    let mut pairs = 0;
    for (setup, bounds) in clusters {
        pairs +=
            tried((setup, bounds), invariant(setup), schedules).unwrap_or_else(|error| panic!("{setup:?}: {error}"));
    }
    let least = u64::from(schedules) * clusters.len() as u64 * 5;
    assert!(pairs >= least, "{pairs} pairs were tried, and it takes {least} to show anything");
}

/// A cluster without its invariants.
type Parts<M> = (Deployment<M>, Bounds<M>);

fn parts<E: SearchTarget<Machine: SyncMachine>>(cluster: &Searched<E>) -> Parts<E::Machine> {
    (cluster.setup().clone(), cluster.bounds().clone())
}

type BasicPaxos = Paxos;
type Logs = MultiPaxos;
type Counting = Raft<Counter>;

/// Two proposers, three acceptors and a learner; with the correct rulebook, and with bugs that
/// violate each of the invariants.
fn paxos_clusters() -> Vec<Parts<BasicPaxos>> {
    use bugs::paxos::NamedRulebook;
    let rules = [
        NamedRulebook::default(),
        bugs::paxos::OWN_VALUE,
        bugs::paxos::NO_PROMISE_CHECK,
        bugs::paxos::SKIP_PHASE_1,
        bugs::paxos::MIXED_VOTES,
    ];
    let cluster = |rules| PaxosTarget::under_rules(bugs::paxos::MIXED_VOTES, rules, &PaxosTarget::budget(rules));
    rules.iter().map(|&rules| parts::<PaxosTarget>(&cluster(rules).expect("such a cluster can be"))).collect()
}

/// Three nodes with all roles, of which two receive requests and may take over.
fn multi_paxos_clusters() -> Vec<Parts<Logs>> {
    use bugs::paxos::NamedRulebook;
    let roles = paxos::Config::symmetric(3).expect("three nodes are enough");
    let config = multi::Config::new(roles, multi::Rhythm::default()).expect("every proposer learns");
    let cluster = |rules: NamedRulebook| {
        let names = Names::new(["n1", "n2", "n3"], ["c1", "c2"]);
        let setup = Deployment::new("multi-paxos", names, config.clone()).under_named(rules.id(), rules.rules);
        let ask = |value| multi::Command::Propose { value: Value::from(value) };
        let bounds = Bounds { firings: 3, crash_points: CrashPoints::NONE, ..Bounds::default() };
        let bounds =
            bounds.request(ClientId(0), Some(NodeId(0)), ask("v1")).request(ClientId(1), Some(NodeId(1)), ask("v2"));
        (setup, bounds)
    };
    [NamedRulebook::default(), bugs::paxos::OWN_VALUE, bugs::paxos::NO_PROMISE_CHECK, bugs::paxos::OLDER_RECOVERY]
        .map(cluster)
        .to_vec()
}

/// Three nodes, any of which may campaign and receive requests; and four of which some are removed.
fn raft_clusters() -> Vec<Parts<Counting>> {
    use bugs::raft::NamedRulebook;
    let rules = [
        NamedRulebook::default(),
        bugs::raft::IGNORES_LOG_CHECK,
        bugs::raft::STEP_DOWN_CLEARS_VOTE,
        bugs::raft::COMMIT_NOT_MIN,
        bugs::raft::TRUNCATE_ALWAYS,
    ];
    let cluster = |rules| {
        RaftSearch::under_rules(rules, rules, &RaftSearch::budget(bugs::raft::FIGURE_8)).expect("such a cluster can be")
    };
    let four = RaftGuidedSearch::without_symmetry(
        bugs::raft::CONFIG_BEFORE_COMMIT,
        &RaftGuidedSearch::budget(bugs::raft::CONFIG_BEFORE_COMMIT),
    );
    let four = four.expect("such a cluster can be");
    rules.iter().map(|&rules| parts::<RaftSearch>(&cluster(rules))).chain([parts::<RaftGuidedSearch>(&four)]).collect()
}

/// Defines one test for each invariant.
macro_rules! keep_their_word {
    ($($test:ident: $clusters:ident, |$setup:ident| $invariant:expr;)+) => {
        $(#[test]
        fn $test() {
            keeps_its_word(&$clusters(), |$setup| $invariant, *SCHEDULES);
        })+
    };
}

/// Number of schedules for each invariant in each cluster. For more:
/// `ORDER_SCHEDULES=1000 cargo test --test order`.
static SCHEDULES: LazyLock<u32> =
    LazyLock::new(|| std::env::var("ORDER_SCHEDULES").ok().and_then(|count| count.parse().ok()).unwrap_or(6));

keep_their_word! {
    paxos_at_most_one_chosen: paxos_clusters, |setup| AtMostOneChosen::<Value>::new(setup.constants.config());
    paxos_learned_was_chosen: paxos_clusters, |setup| LearnedWasChosen::<Value>::new(setup.constants.config());
    paxos_learners_agree: paxos_clusters, |_setup| LearnersAgree::<Value>::new();
    paxos_chosen_was_proposed: paxos_clusters, |_setup| ChosenWasProposed::default();
    paxos_promises_never_decrease: paxos_clusters, |_setup| PromisesNeverDecrease::default();
    multi_paxos_at_most_one_chosen: multi_paxos_clusters, |setup| AtMostOneChosen::<multi::Entry>::new(setup.constants.config());
    multi_paxos_learned_was_chosen: multi_paxos_clusters, |setup| LearnedWasChosen::<multi::Entry>::new(setup.constants.config());
    multi_paxos_learners_agree: multi_paxos_clusters, |_setup| LearnersAgree::<multi::Entry>::new();
    multi_paxos_chosen_was_proposed: multi_paxos_clusters, |_setup| ChosenWasProposed::default();
    multi_paxos_promises_never_decrease: multi_paxos_clusters, |_setup| PromisesNeverDecrease::default();
    raft_election_safety: raft_clusters, |_setup| ElectionSafety::default();
    raft_leader_append_only: raft_clusters, |_setup| LeaderAppendOnly::default();
    raft_log_matching: raft_clusters, |_setup| LogMatching::default();
    raft_leader_completeness: raft_clusters, |_setup| LeaderCompleteness::default();
    raft_state_machine_safety: raft_clusters, |_setup| StateMachineSafety::<Counter>::default();
    raft_monotone_term: raft_clusters, |_setup| MonotoneTerm::default();
    raft_one_vote_per_term: raft_clusters, |_setup| OneVotePerTerm::default();
    raft_monotone_commit: raft_clusters, |_setup| MonotoneCommit::default();
}

/// All invariants of a protocol together, so that a new invariant is tested here too.
#[test]
fn what_each_protocol_promises_as_a_whole() {
    keeps_its_word(&paxos_clusters(), |setup| paxos::invariants::invariants(setup.constants.config()), *SCHEDULES);
    keeps_its_word(&multi_paxos_clusters(), |setup| multi::invariants(setup.constants.config()), *SCHEDULES);
    keeps_its_word(&raft_clusters(), |_| quorate::raft::invariants::<Counter>(), *SCHEDULES);
}

/// Other protocols do not make this declaration; if they do, they must be added above.
#[test]
fn invariants_of_leases_are_not_declared_blind() {
    fn declared<E: SearchTarget<Machine: SyncMachine>>() -> bool {
        <E::Invariants as Invariant<E::Machine>>::COMMUTES
    }
    let declared = [
        declared::<LeaseTarget>(),
        declared::<LeaseMajorityTarget>(),
        declared::<LeaseStoreTarget>(),
        declared::<LeaseRaftTarget>(),
        declared::<RaftGuidedSearch>(),
    ];
    assert_eq!(declared, [false; 5]);
}

/// False declaration: violated when a node accepts right after a node with a higher id, which
/// depends on the order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct NeverDownhill(Option<NodeId>);

impl Invariant<BasicPaxos> for NeverDownhill {
    const COMMUTES: bool = true;

    fn check(&mut self, seen: &StepView<'_, BasicPaxos>) -> Result<(), InvariantViolation> {
        let accepts = seen.facts().any(|fact| matches!(fact, paxos::Fact::Accepted { .. }));
        let before = std::mem::replace(&mut self.0, accepts.then_some(seen.node));
        match before.filter(|before| accepts && *before > seen.node) {
            Some(before) => {
                Err(InvariantViolation::new("NeverDownhill", format!("{} accepted right after {before}", seen.node)))
            }
            None => Ok(()),
        }
    }
}

/// False declaration with a delayed effect: remembers the first promise, and judges only at an
/// accept, which may be much later.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct FirstPromiserAcceptsFirst(Option<NodeId>);

impl Invariant<BasicPaxos> for FirstPromiserAcceptsFirst {
    const COMMUTES: bool = true;

    fn check(&mut self, seen: &StepView<'_, BasicPaxos>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match (fact, self.0) {
                (paxos::Fact::Promised { .. }, None) => self.0 = Some(seen.node),
                (paxos::Fact::Accepted { .. }, Some(first)) if first != seen.node => {
                    let detail = format!("{} accepted, and {first} had promised first", seen.node);
                    return Err(InvariantViolation::new("FirstPromiserAcceptsFirst", detail));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[test]
fn a_false_declaration_is_found_out() {
    let clusters = paxos_clusters();
    let (setup, bounds) = &clusters[0];
    let error = tried((setup, bounds), NeverDownhill::default(), 100).unwrap_err();
    assert!(error.contains("NeverDownhill is broken") && error.contains("in one order alone"), "{error}");
    let error = tried((setup, bounds), FirstPromiserAcceptsFirst::default(), 100).unwrap_err();
    assert!(
        error.contains("FirstPromiserAcceptsFirst is broken") && error.contains("more steps in one order"),
        "{error}"
    );
}
