//! The grader accepts the reference, and rejects its bugs.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, NodeId, RequestId};
use quorate_transactions::two_phase::{Change, Outcome, Settings};
use quorate_transactions::{Row, Txn};

use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

struct Under(NamedRulebook);

impl Answer for Under {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        two_phase(self.0, exercise, grading)
    }
}

fn verdict_from(rules: NamedRulebook, fresh: u64) -> GradingVerdict {
    let exercise = course::find("build-two-phase").expect("the course has it");
    grade(exercise, &Under(rules), &mut Grading::new(fresh)).verdict
}

#[test]
fn the_reference_passes() {
    for fresh in 0..4 {
        if let GradingVerdict::Failed(broke) = verdict_from(NamedRulebook::default(), fresh) {
            panic!("{}, seed {:?}: {}: {}", broke.case, broke.seed, broke.what, broke.detail);
        }
    }
}

/// Bugs that break no safety, or whose machines only forget: the run shows that somebody waits.
const ONLY_WAITING: [&str; 2] = ["abandoned-prepare", "yes-not-durable"];

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    let exercise = course::find("build-two-phase").expect("the course has it");
    let mut unshown = Vec::new();
    for (id, fresh) in exercise.bugs.iter().flat_map(|id| (0..3).map(move |fresh| (id, fresh))) {
        match verdict_from(NamedRulebook::named(id).expect("the zoo has it"), fresh) {
            GradingVerdict::Failed(broke)
                if broke.trace.is_some() && (broke.what != "Progress" || ONLY_WAITING.contains(id)) => {}
            GradingVerdict::Failed(broke) => unshown.push((*id, fresh, format!("{}: {}", broke.what, broke.detail))),
            other => unshown.push((*id, fresh, format!("{other:?}"))),
        }
    }
    assert!(unshown.is_empty(), "{unshown:#?}");
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltTwoPhase::<TwoPhase>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..5 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| TwoPhaseSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 3).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}

/// Two transactions of three apples less at the stock, and one more order.
struct Staged {
    oracle: Oracle,
    coordinator: NodeId,
    nodes: [NodeId; 2],
}

const APPLES: &str = "apples";

fn ticket(number: u64) -> RequestId {
    RequestId { client: ClientId(0), number }
}

fn txn(number: u64) -> Txn {
    Txn { life: 1, number }
}

impl Staged {
    fn new() -> Self {
        let [coordinator, order, stock] = [0, 1, 2].map(NodeId);
        let config = Settings::new(coordinator, [order, stock]).build().expect("it is a cluster");
        let mut staged = Staged { oracle: Oracle::new(&config, 100), coordinator, nodes: [order, stock] };
        for (number, by) in [(1, -3), (2, -3), (3, -11)] {
            let change = |by| Change { row: Row::from(APPLES), by };
            let changes = BTreeMap::from([(order, change(1)), (stock, change(by))]);
            let command = Command::Transact { changes: changes.clone() };
            Invariant::<TwoPhase>::requested(&mut staged.oracle, coordinator, &command);
            let participants = BTreeSet::from([order, stock]);
            let began = Fact::Began { txn: txn(number), ticket: ticket(number), participants: participants.clone() };
            assert_eq!(staged.oracle.fact(coordinator, &began), Ok(()));
            for (node, Change { row, by }) in changes {
                let prepare = Message::Prepare { txn: txn(number), row, by, participants: participants.clone() };
                assert_eq!(staged.oracle.message(coordinator, node, &prepare), Ok(()));
            }
        }
        staged
    }

    /// The invariant that this fact breaks, in a copy of the run.
    fn broken_by(&self, node: NodeId, fact: &Fact) -> Option<&'static str> {
        self.oracle.clone().fact(node, fact).err().map(|broken| broken.invariant)
    }

    fn broken_by_message(&self, from: NodeId, to: NodeId, message: &Message) -> Option<&'static str> {
        self.oracle.clone().message(from, to, message).err().map(|broken| broken.invariant)
    }

    fn holds(&mut self, node: NodeId, fact: &Fact) {
        assert_eq!(self.oracle.fact(node, fact), Ok(()));
    }

    /// The first transaction has both votes.
    fn prepared() -> Self {
        let mut staged = Staged::new();
        let [order, stock] = staged.nodes;
        staged.holds(order, &prepared(1, 1));
        staged.holds(stock, &prepared(1, -3));
        staged
    }
}

fn prepared(number: u64, by: i64) -> Fact {
    Fact::Prepared { txn: txn(number), row: Row::from(APPLES), by }
}

fn finished(number: u64, outcome: Outcome) -> Fact {
    Fact::Finished { txn: txn(number), outcome }
}

fn decided(number: u64, outcome: Outcome) -> Fact {
    Fact::Decided { txn: txn(number), outcome }
}

#[test]
fn votes_and_rows_are_checked_before_anybody_disagrees() {
    let [order, stock] = Staged::new().nodes;
    let coordinator = Staged::new().coordinator;
    let staged = Staged::new();
    assert_eq!(staged.broken_by(stock, &prepared(1, -4)), Some("PartsAsAsked"));
    assert_eq!(staged.broken_by(stock, &prepared(3, -11)), Some("NeverBelowZero"));
    assert_eq!(staged.broken_by(stock, &finished(3, Outcome::Abort)), None, "that is not possible");
    assert_eq!(staged.broken_by(stock, &finished(1, Outcome::Abort)), Some("NoNeedsAReason"));
    assert_eq!(staged.broken_by(coordinator, &decided(1, Outcome::Commit)), Some("CommitNeedsEveryYes"));
    assert_eq!(staged.broken_by_message(stock, coordinator, &Message::Yes { txn: txn(1) }), Some("OneVote"));
    let strange = Message::Prepare { txn: txn(1), row: Row::from("pears"), by: 1, participants: BTreeSet::new() };
    assert_eq!(staged.broken_by_message(coordinator, stock, &strange), Some("PartsAsAsked"));
    let again = Fact::Began { txn: txn(1), ticket: ticket(4), participants: BTreeSet::from([order, stock]) };
    assert_eq!(staged.broken_by(coordinator, &again), Some("IdentifiersAreNew"));

    let staged = Staged::prepared();
    assert_eq!(staged.broken_by(stock, &prepared(2, -3)), Some("RowsAreLocked"));
    assert_eq!(staged.broken_by(stock, &finished(2, Outcome::Abort)), Some("NoNeedsAReason"), "it has to wait");
    assert_eq!(staged.broken_by(stock, &finished(1, Outcome::Abort)), Some("InDoubtIsBlocked"));
    assert_eq!(staged.broken_by_message(stock, coordinator, &Message::Yes { txn: txn(1) }), None);
    assert_eq!(staged.broken_by_message(stock, coordinator, &Message::No { txn: txn(1) }), Some("YesStays"));
    assert_eq!(staged.broken_by_message(stock, coordinator, &Message::Done { txn: txn(1) }), Some("AnswersAreTrue"));
    assert_eq!(staged.broken_by_message(order, stock, &Message::Commit { txn: txn(1) }), Some("OneVote"));
}

#[test]
fn a_decision_is_one_and_answers_report_it() {
    let mut staged = Staged::prepared();
    let ([order, stock], coordinator) = (staged.nodes, staged.coordinator);
    let reply = |staged: &Staged, reply| {
        staged.oracle.clone().reply(coordinator, ticket(1), &reply).err().map(|broken| broken.invariant)
    };
    assert_eq!(reply(&staged, Reply::Committed { txn: txn(1) }), Some("AnswersAreTrue"));
    staged.holds(coordinator, &decided(1, Outcome::Commit));
    assert_eq!(reply(&staged, Reply::Committed { txn: txn(1) }), None);
    assert_eq!(reply(&staged, Reply::Aborted { txn: txn(1) }), Some("AnswersAreTrue"));
    assert_eq!(reply(&staged, Reply::Invalid), Some("AnswersAreTrue"));
    assert_eq!(staged.broken_by(coordinator, &decided(1, Outcome::Abort)), Some("SameOutcome"));
    let abort = Message::Abort { txn: txn(1) };
    assert_eq!(staged.broken_by_message(coordinator, stock, &abort), Some("SameOutcome"));
    assert!(!staged.oracle.is_settled());
    for node in [order, stock] {
        staged.holds(node, &finished(1, Outcome::Commit));
    }
    assert!(staged.oracle.is_settled() && staged.oracle.commits(None) == 1);
    assert_eq!(staged.broken_by_message(coordinator, stock, &abort), None, "it comes too late to do harm");
    assert_eq!(staged.broken_by(stock, &finished(1, Outcome::Abort)), Some("SameOutcome"));
    assert_eq!(staged.broken_by(stock, &prepared(1, -3)), Some("OneVote"));
    // Seven apples are left, and four after the second transaction.
    staged.holds(stock, &prepared(2, -3));
    assert_eq!(staged.broken_by(stock, &prepared(3, -11)), Some("RowsAreLocked"));
}
