//! Claims about Paxos Commit: Gray and Lamport 2006 §2, §4 and §6.

use std::collections::BTreeMap;

use quorate_lab::sim::{CrashPoint, Delivery, Fault, Setup, World};
use quorate_protocol::{ClientId, Names, NodeId, RequestId};
use quorate_transactions::paxos_commit::{
    BY_THE_BOOK, ConfigError, Message, PaxosCommit, PaxosCommitRule, Rulebook, Safety, Settings, Vote,
};
use quorate_transactions::two_phase::{Change, Command, Outcome, Reply};
use quorate_transactions::{AtomicCommit, Row, Txn};

use crate::common::{change, ms, txn};

const T: NodeId = NodeId(0);
const U: NodeId = NodeId(1);
const ORDER: NodeId = NodeId(2);
const STOCK: NodeId = NodeId(3);
const X: NodeId = NodeId(4);
const Y: NodeId = NodeId(5);
const Z: NodeId = NodeId(6);

type Shop = World<PaxosCommit, Safety>;

fn settings() -> Settings {
    Settings::new([T, U], [ORDER, STOCK], [X, Y, Z])
}

fn shop() -> Shop {
    shop_under(BY_THE_BOOK)
}

fn shop_under(rules: Rulebook) -> Shop {
    let names = Names::new(["T", "U", "order", "stock", "X", "Y", "Z"], ["c1", "c2"]);
    let setup = Setup::<PaxosCommit>::new("paxos-commit", names, settings().build().unwrap());
    setup.under(rules).start_under(Safety::default())
}

fn ask(shop: &mut Shop, number: u64, changes: impl IntoIterator<Item = (NodeId, Change)>) {
    let command = Command::Transact { changes: BTreeMap::from_iter(changes) };
    shop.inject_request_as(RequestId { client: ClientId(0), number }, T, command).unwrap();
}

/// One more order, that many apples fewer.
fn buy(apples: i64) -> [(NodeId, Change); 2] {
    [(ORDER, change("orders", 1)), (STOCK, change("apples", -apples))]
}

fn crash(shop: &mut Shop, node: NodeId) {
    shop.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
}

fn restart(shop: &mut Shop, node: NodeId) {
    shop.inject(Fault::Restart(node)).unwrap();
}

fn drop_messages(shop: &mut Shop, which: impl Fn(NodeId, NodeId, &Message) -> bool + Send + 'static) {
    shop.intercept(
        move |flight| {
            if which(flight.from, flight.to, flight.message) { Delivery::Drop } else { Delivery::Random }
        },
    );
}

fn amounts(shop: &Shop) -> [Option<i64>; 2] {
    [(ORDER, "orders"), (STOCK, "apples")].map(|(node, row)| shop.machine(node)?.amount(&Row::from(row), 10))
}

fn outcomes(shop: &Shop, txn: Txn) -> [Option<Outcome>; 2] {
    [ORDER, STOCK].map(|node| shop.machine(node)?.outcome(txn))
}

fn in_doubt(shop: &Shop, node: NodeId) -> Vec<Txn> {
    shop.machine(node).map(|machine| machine.in_doubt().collect()).unwrap_or_default()
}

fn replies(shop: &Shop) -> Vec<Reply> {
    shop.answers(ClientId(0)).iter().map(|(_, reply)| reply.clone()).collect()
}

#[test]
fn all_prepared_and_all_commit_in_ballot_0() {
    let mut shop = shop();
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(3)).unwrap();
    assert_eq!((amounts(&shop), in_doubt(&shop, STOCK)), ([Some(10), Some(10)], vec![txn(1, 1)]));
    shop.run_for(ms(20)).unwrap();
    assert_eq!((amounts(&shop), replies(&shop)), ([Some(11), Some(7)], vec![Reply::Committed { txn: txn(1, 1) }]));
    let disk = shop.disk(X).unwrap();
    assert!(disk.accepts[&txn(1, 1)].votes.values().all(|vote| vote.value == Vote::Prepared && vote.ballot.round == 0));
    assert!(shop.disk(T).unwrap().begun.is_empty());
}

#[test]
fn one_aborted_aborts_for_all() {
    let mut shop = shop();
    ask(&mut shop, 1, buy(11));
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop), [Reply::Aborted { txn: txn(1, 1) }]);
    assert_eq!((amounts(&shop), outcomes(&shop, txn(1, 1))), ([Some(10), Some(10)], [Some(Outcome::Abort); 2]));
}

/// All votes are with the acceptors, and the leader hears of none in time. It does not know the
/// outcome, so it tells nobody one; its own ballot finds the votes.
#[test]
fn a_leader_that_waits_too_long_tells_the_client_nothing() {
    let late = |rules| {
        let mut shop = shop_under(rules);
        drop_messages(&mut shop, |_, to, message| {
            to == T && matches!(message, Message::Accepted { ballot, .. } if ballot.round == 0)
        });
        ask(&mut shop, 1, buy(3));
        shop.run_for(ms(200)).unwrap();
        (replies(&shop), amounts(&shop), shop.check_replies().map_err(|broken| broken.broken.invariant))
    };
    let [aborted, committed] = [Reply::Aborted { txn: txn(1, 1) }, Reply::Committed { txn: txn(1, 1) }];
    assert_eq!(late(BY_THE_BOOK), (vec![committed], [Some(11), Some(7)], Ok(())));
    let hasty = Rulebook { tells_undecided: || Some(Outcome::Abort), ..BY_THE_BOOK };
    assert_eq!(late(hasty), (vec![aborted], [Some(11), Some(7)], Err("EachRequestOnce")));
}

/// The schedule in which two-phase commit blocks.
#[test]
fn another_leader_commits_when_the_first_one_dies_after_the_votes() {
    let mut shop = shop();
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(2)).unwrap();
    crash(&mut shop, T);
    shop.run_for(ms(200)).unwrap();
    assert_eq!((amounts(&shop), in_doubt(&shop, STOCK)), ([Some(11), Some(7)], vec![]));
    restart(&mut shop, T);
    shop.run_for(ms(200)).unwrap();
    assert_eq!(replies(&shop), [Reply::Committed { txn: txn(1, 1) }], "it reads the outcome from the acceptors");
}

#[test]
fn a_leader_that_finds_an_instance_free_aborts() {
    let mut shop = shop();
    drop_messages(&mut shop, |from, _, message| from == STOCK && matches!(message, Message::Vote { .. }));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(99)).unwrap();
    assert_eq!((replies(&shop), in_doubt(&shop, ORDER)), (vec![], vec![txn(1, 1)]));
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop), [Reply::Aborted { txn: txn(1, 1) }]);
    assert_eq!(outcomes(&shop, txn(1, 1)), [Some(Outcome::Abort); 2]);
}

#[test]
fn a_minority_of_acceptors_is_not_missed_and_a_majority_is() {
    let mut shop = shop();
    crash(&mut shop, Z);
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(20)).unwrap();
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
    crash(&mut shop, Y);
    ask(&mut shop, 2, buy(1));
    shop.run_for(ms(1000)).unwrap();
    assert_eq!((amounts(&shop)[1], in_doubt(&shop, STOCK)), (Some(7), vec![txn(1, 2)]));
    restart(&mut shop, Z);
    shop.run_for(ms(200)).unwrap();
    assert_eq!((amounts(&shop)[1], in_doubt(&shop, STOCK)), (Some(6), vec![]), "X and Z are a majority");
}

/// All votes but one to a single acceptor are lost, and that acceptor is in the majority asked.
#[test]
fn a_vote_that_one_acceptor_reports_is_proposed_again() {
    let mut shop = shop();
    drop_messages(&mut shop, |from, to, message| match message {
        Message::Vote { .. } => from == STOCK && to != X,
        Message::NewBallot { .. } => to == Z,
        _ => false,
    });
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(150)).unwrap();
    assert_eq!(replies(&shop), [Reply::Committed { txn: txn(1, 1) }]);
}

#[test]
fn a_participant_restarts_with_its_vote_and_its_lock() {
    let mut shop = shop();
    crash(&mut shop, U);
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(2)).unwrap();
    crash(&mut shop, T);
    crash(&mut shop, STOCK);
    restart(&mut shop, STOCK);
    let holder = |shop: &Shop| shop.machine(STOCK).and_then(|machine| machine.holder(&Row::from("apples")));
    assert_eq!((in_doubt(&shop, STOCK), holder(&shop)), (vec![txn(1, 1)], Some(txn(1, 1))));
    shop.run_for(ms(300)).unwrap();
    assert_eq!(in_doubt(&shop, STOCK), [txn(1, 1)], "no leader is up");
    restart(&mut shop, U);
    shop.run_for(ms(200)).unwrap();
    assert_eq!((amounts(&shop)[1], holder(&shop)), (Some(7), None));
}

#[test]
fn a_locked_row_is_not_waited_for() {
    let mut shop = shop();
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(1)).unwrap();
    ask(&mut shop, 2, buy(2));
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop), [Reply::Committed { txn: txn(1, 1) }, Reply::Aborted { txn: txn(1, 2) }]);
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
}

#[test]
fn a_repeated_request_is_answered_and_not_begun_again() {
    let mut shop = shop();
    ask(&mut shop, 2, buy(3));
    ask(&mut shop, 2, buy(3));
    shop.run_for(ms(20)).unwrap();
    crash(&mut shop, T);
    restart(&mut shop, T);
    ask(&mut shop, 2, buy(3));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(20)).unwrap();
    let done = Reply::Committed { txn: txn(1, 1) };
    assert_eq!(replies(&shop), [done.clone(), done, Reply::Overtaken]);
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
}

#[test]
fn a_transaction_changes_rows_of_participants_at_least_one() {
    let mut shop = shop();
    ask(&mut shop, 1, []);
    ask(&mut shop, 2, [(X, change("orders", 1))]);
    assert_eq!(replies(&shop), [Reply::Invalid, Reply::Invalid]);
    ask(&mut shop, 3, [(ORDER, change("orders", i64::MAX)), (STOCK, change("apples", i64::MIN))]);
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop)[2], Reply::Aborted { txn: txn(1, 1) }, "such amounts overflow");
}

#[test]
fn a_configuration_without_meaning_is_refused() {
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new([], [ORDER], [X])), ConfigError::Nobody { role: "leaders" });
    assert_eq!(refused(Settings::new([T], [], [X])), ConfigError::Nobody { role: "participants" });
    assert_eq!(refused(Settings::new([T], [ORDER], [])), ConfigError::Nobody { role: "acceptors" });
    assert_eq!(refused(Settings::new([T], [ORDER], [T])), ConfigError::NamedTwice { node: T });
    assert_eq!(refused(Settings { opening: -1, ..settings() }), ConfigError::Negative { opening: -1 });
    assert_eq!(refused(Settings { retry: ms(0), ..settings() }), ConfigError::NoTime { what: "retry interval" });
    assert_eq!(refused(Settings { vote_timeout: ms(0), ..settings() }), ConfigError::NoTime { what: "vote timeout" });
}

#[test]
fn decisions_about_ballots_are_those_of_paxos() {
    use quorate_paxos::Ballot;
    use quorate_protocol::Ruling::{Allow, Refuse};
    use quorate_transactions::paxos_commit::BY_THE_BOOK as RULES;
    let ballot = |round, node| Ballot::new(round, node);
    assert_eq!(RULES.next_ballot(T, None, None), ballot(1, T), "round 0 belongs to the participants");
    assert_eq!(RULES.next_ballot(T, None, Some(ballot(3, U))), ballot(4, T));
    assert_eq!(RULES.accepts(Some(ballot(1, T)), None, ballot(0, STOCK)), Refuse(PaxosCommitRule::RefuseLower));
    assert_eq!(RULES.accepts(None, None, ballot(0, STOCK)), Allow(PaxosCommitRule::AcceptVote));
    assert_eq!(RULES.promises(Some(ballot(1, U)), ballot(1, T)), Refuse(PaxosCommitRule::RefuseLower));
    assert_eq!(RULES.bound(&[ballot(0, STOCK), ballot(2, T), ballot(1, U)]), Some(1));
}
