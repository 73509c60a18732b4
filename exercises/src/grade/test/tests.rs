use std::collections::BTreeSet;

use quorate_lease::LeaseId;
use quorate_paxos::Fact;
use quorate_protocol::NodeId;
use quorate_raft::KeyValue;

use super::subjects::bugs;
use super::*;
use crate::answer::grade;
use crate::course::{self, AnswerKind, COURSE};
use crate::grading::{CaseFailure, GradingOutcome, GradingVerdict};

fn graded<W: Watch<Fact: FactStream>>(id: &str, fresh: u64) -> GradingOutcome {
    grade(course::find(id).expect("the course has it"), &Watcher::<W>::default(), &mut Grading::new(fresh))
}

fn failed(outcome: &GradingOutcome) -> &CaseFailure {
    match &outcome.verdict {
        GradingVerdict::Failed(broke) => broke,
        other => panic!("{other:?}"),
    }
}

/// Declares watchers whose result does not depend on the facts.
macro_rules! indifferent {
    ($($name:ident $fact:ty: $verdict:expr;)+) => {
        $(
            #[derive(Clone, Default)]
            struct $name;

            impl Watch for $name {
                type Fact = $fact;

                fn see(&mut self, _: NodeId, _: &$fact) -> Result<(), String> {
                    $verdict
                }
            }
        )+
    };
}

indifferent! {
    SilentOnPaxos Fact: Ok(());
    SilentOnRaft quorate_raft::Fact<KeyValue>: Ok(());
    SilentOnLeases quorate_lease::Fact: Ok(());
    SilentOnLocks quorate_locks::Fact: Ok(());
    SilentOnTwoPhase quorate_transactions::two_phase::Fact: Ok(());
    SilentOnOutbox quorate_transactions::outbox::Fact: Ok(());
    AlarmOnPaxos Fact: Err("this cannot be".to_owned());
    AlarmOnRaft quorate_raft::Fact<KeyValue>: Err("this cannot be".to_owned());
    AlarmOnLeases quorate_lease::Fact: Err("this cannot be".to_owned());
    AlarmOnLocks quorate_locks::Fact: Err("this cannot be".to_owned());
    AlarmOnTwoPhase quorate_transactions::two_phase::Fact: Err("this cannot be".to_owned());
    AlarmOnOutbox quorate_transactions::outbox::Fact: Err("this cannot be".to_owned());
}

#[test]
fn every_test_lists_the_bugs_that_it_is_graded_by() {
    for exercise in COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Test) {
        let listed: BTreeSet<&str> = exercise.bugs.iter().copied().collect();
        assert_eq!(listed, bugs(exercise.id), "{}", exercise.id);
    }
}

#[test]
fn every_fixed_seed_of_a_broken_system_shows_its_bug() {
    let unshown = super::subjects::unshown();
    assert!(unshown.is_empty(), "{}", unshown.join("\n"));
}

#[test]
fn a_watcher_that_never_objects_notices_nothing() {
    for (id, outcome) in [
        ("test-promises", graded::<SilentOnPaxos>("test-promises", 1)),
        ("test-one-chosen", graded::<SilentOnPaxos>("test-one-chosen", 1)),
        ("test-one-leader", graded::<SilentOnRaft>("test-one-leader", 1)),
        ("test-committed-stays", graded::<SilentOnRaft>("test-committed-stays", 1)),
        ("test-one-primary", graded::<SilentOnLeases>("test-one-primary", 1)),
        ("test-fenced-writes", graded::<SilentOnLeases>("test-fenced-writes", 1)),
        ("test-one-holder", graded::<SilentOnLocks>("test-one-holder", 1)),
        ("test-one-outcome", graded::<SilentOnTwoPhase>("test-one-outcome", 1)),
        ("test-handed-on", graded::<SilentOnOutbox>("test-handed-on", 1)),
    ] {
        let broke = failed(&outcome);
        assert_eq!(broke.what, "Missed", "{id}");
        assert!(broke.detail.starts_with("0 of "), "{id}: {}", broke.detail);
        assert!(broke.trace.is_some() && broke.seed.is_some(), "{id}");
        assert_eq!(outcome.points, 0);
    }
}

#[test]
fn a_watcher_that_always_objects_raises_a_false_alarm() {
    for (id, outcome) in [
        ("test-promises", graded::<AlarmOnPaxos>("test-promises", 1)),
        ("test-one-leader", graded::<AlarmOnRaft>("test-one-leader", 1)),
        ("test-one-primary", graded::<AlarmOnLeases>("test-one-primary", 1)),
        ("test-one-holder", graded::<AlarmOnLocks>("test-one-holder", 1)),
        ("test-one-outcome", graded::<AlarmOnTwoPhase>("test-one-outcome", 1)),
        ("test-handed-on", graded::<AlarmOnOutbox>("test-handed-on", 1)),
    ] {
        let broke = failed(&outcome);
        assert_eq!(broke.what, "FalseAlarm", "{id}");
        assert!(broke.detail.contains("this cannot be"), "{id}: {}", broke.detail);
        let trace = broke.trace.as_ref().expect("the run is shown");
        assert!(trace.events.len() < 200, "{id}: the smallest such run has {} events", trace.events.len());
    }
}

/// Objects after a number of facts, whatever they are.
#[derive(Clone, Default)]
struct Impatient(u32);

impl Watch for Impatient {
    type Fact = Fact;

    fn see(&mut self, _: NodeId, _: &Fact) -> Result<(), String> {
        self.0 += 1;
        if self.0 < 12 { Ok(()) } else { Err("it has gone on for too long".to_owned()) }
    }
}

#[test]
fn a_watcher_that_guesses_raises_a_false_alarm() {
    assert_eq!(failed(&graded::<Impatient>("test-one-chosen", 1)).what, "FalseAlarm");
}

/// Objects only when learners disagree, which is later than when two values are chosen.
#[derive(Clone, Default)]
struct ByLearners(Option<quorate_paxos::Value>);

impl Watch for ByLearners {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        let Fact::Chosen { value, .. } = fact else { return Ok(()) };
        let first = self.0.get_or_insert_with(|| value.clone());
        if first == value { Ok(()) } else { Err(format!("{node} has learned {value}, and somebody {first}")) }
    }
}

#[test]
fn a_watcher_that_waits_for_learners_is_too_late() {
    let outcome = graded::<ByLearners>("test-one-chosen", 1);
    let broke = failed(&outcome);
    assert_eq!(broke.what, "Missed");
    assert!(!broke.detail.starts_with("14 of 14"), "{}", broke.detail);
    assert!(quorate_bugs::all().all(|bug| !broke.detail.contains(bug.id)), "{}", broke.detail);
}

/// Compares promises with promises only.
#[derive(Clone, Default)]
struct PromisesAlone(std::collections::BTreeMap<NodeId, quorate_paxos::Ballot>);

impl Watch for PromisesAlone {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        let Fact::Promised { ballot } = fact else { return Ok(()) };
        match self.0.insert(node, *ballot) {
            Some(before) if before > *ballot => Err(format!("{node} promised {before}, and then {ballot}")),
            _ => Ok(()),
        }
    }
}

#[test]
fn a_watcher_of_half_of_the_facts_notices_some_of_the_bugs() {
    let outcome = graded::<PromisesAlone>("test-promises", 1);
    let broke = failed(&outcome);
    assert_eq!(broke.what, "Missed");
    assert!(broke.detail.contains(" of 4 broken systems are noticed"), "{}", broke.detail);
}

/// Objects to every leader other than the first, also in later terms.
#[derive(Clone, Default)]
struct OneLeaderEver(Option<NodeId>);

impl Watch for OneLeaderEver {
    type Fact = quorate_raft::Fact<KeyValue>;

    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String> {
        match fact {
            quorate_raft::Fact::LeaderElected { .. } if *self.0.get_or_insert(node) != node => {
                Err(format!("{node} is elected as well"))
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn a_new_leader_of_a_new_term_is_no_reason_to_object() {
    assert_eq!(failed(&graded::<OneLeaderEver>("test-one-leader", 1)).what, "FalseAlarm");
}

/// Assumes that tokens are ordered, and forgets that nodes have leases of their own.
#[derive(Clone, Default)]
struct TrustsTokens(Option<quorate_lease::Token>);

impl Watch for TrustsTokens {
    type Fact = quorate_lease::Fact;

    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String> {
        let quorate_lease::Fact::WriteAccepted { token, .. } = fact else { return Ok(()) };
        let before = self.0.replace(*token);
        if before > Some(*token) { Err(format!("{node} goes back to {token}")) } else { Ok(()) }
    }
}

#[test]
fn a_watcher_that_trusts_tokens_misses_unordered_ones() {
    assert_eq!(failed(&graded::<TrustsTokens>("test-fenced-writes", 1)).what, "Missed");
}

/// Treats a grant as a period of leadership.
#[derive(Clone, Default)]
struct GrantsAreReigns(Option<(NodeId, quorate_lease::Token)>);

impl Watch for GrantsAreReigns {
    type Fact = quorate_lease::Fact;

    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String> {
        match *fact {
            quorate_lease::Fact::LeaseGranted { lease: LeaseId::Primary, holder, token, .. } => {
                self.0 = Some((holder, token));
                Ok(())
            }
            quorate_lease::Fact::LeaseHeld { lease: LeaseId::Primary, token, .. }
                if self.0.is_some_and(|granted| granted != (node, token)) =>
            {
                Err(format!("{node} holds {token}, which is not the newest grant"))
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn an_undelivered_grant_makes_no_primary() {
    let outcome = graded::<GrantsAreReigns>("test-one-primary", 1);
    assert!(!outcome.is_passed());
}

/// Objects when the lock is taken before the last holder has said that it has lost it.
#[derive(Clone, Default)]
struct NobodyDies(Option<quorate_locks::AttemptId>);

impl Watch for NobodyDies {
    type Fact = quorate_locks::Fact;

    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String> {
        match *fact {
            quorate_locks::Fact::LockHeld { attempt, .. } => match self.0.replace(attempt) {
                Some(before) if before.owner != attempt.owner => Err(format!("{node} takes what {before} has")),
                _ => Ok(()),
            },
            quorate_locks::Fact::LockLost { .. } => {
                self.0 = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn a_dead_holder_does_not_say_that_it_has_lost_the_lock() {
    assert_eq!(failed(&graded::<NobodyDies>("test-one-holder", 1)).what, "FalseAlarm");
}

/// Compares what participants have done, and does not listen to the coordinator.
#[derive(Clone, Default)]
struct AmongParticipants(
    std::collections::BTreeMap<quorate_transactions::Txn, quorate_transactions::two_phase::Outcome>,
);

impl Watch for AmongParticipants {
    type Fact = quorate_transactions::two_phase::Fact;

    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String> {
        let quorate_transactions::two_phase::Fact::Finished { txn, outcome } = fact else { return Ok(()) };
        match self.0.insert(*txn, *outcome) {
            Some(before) if before != *outcome => Err(format!("{node} has {txn} {outcome}, and it was {before}")),
            _ => Ok(()),
        }
    }
}

#[test]
fn a_watcher_of_participants_alone_is_too_late() {
    assert_eq!(failed(&graded::<AmongParticipants>("test-one-outcome", 1)).what, "Missed");
}

/// Objects to a message that is queued a second time.
#[derive(Clone, Default)]
struct QueuedOnce(BTreeSet<u64>);

impl Watch for QueuedOnce {
    type Fact = quorate_transactions::outbox::Fact;

    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String> {
        match fact {
            quorate_transactions::outbox::Fact::Queued { id } if !self.0.insert(*id) => {
                Err(format!("{node} has queued {id} before"))
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn a_message_may_be_queued_again() {
    assert_eq!(failed(&graded::<QueuedOnce>("test-handed-on", 1)).what, "FalseAlarm");
}

/// Panics, as a learner's mistake.
#[derive(Clone, Default)]
struct Panics;

impl Watch for Panics {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, _: &Fact) -> Result<(), String> {
        let nodes: Vec<NodeId> = Vec::new();
        Err(format!("{}", nodes[node.index()]))
    }
}

#[test]
fn a_panic_is_reported_as_a_panic() {
    assert!(matches!(graded::<Panics>("test-promises", 1).verdict, GradingVerdict::Panicked { .. }));
}
