//! Majority leases: the acceptor's term and quarantine, the proposer's term, and which answers
//! count (*PaxosLease*).

use quorate_lease::majority::{Ballot, Command, Config, MajorityLease, Message, Settings, Timer};
use quorate_lease::{Fact, LeaseId, Loss, Reply, Token};
use quorate_protocol::{NodeId, Time};

use super::{GRANTER_TERM, HOLDER_TERM, Hand, QUARANTINE, TICK, before, ms, terms};
use crate::common::at;

/// Two proposers, and three acceptors on separate nodes.
const P: NodeId = NodeId(0);
const O: NodeId = NodeId(1);
const ACCEPTORS: [NodeId; 3] = [NodeId(2), NodeId(3), NodeId(4)];
const X: NodeId = ACCEPTORS[0];
const Y: NodeId = ACCEPTORS[1];
const Z: NodeId = ACCEPTORS[2];

type Node = Hand<MajorityLease>;

fn config() -> Config {
    Settings { acceptors: ACCEPTORS.to_vec(), proposers: vec![P, O], terms: terms(), act_every: None }.build().unwrap()
}

fn ballot(round: u64, node: NodeId) -> Ballot {
    Ballot { round, life: 1, node }
}

// The acceptor.

/// An acceptor started at 0; its quarantine is over long before it is asked.
fn acceptor() -> Node {
    Hand::boot(X, config(), at(0))
}

fn prepares(acceptor: &mut Node, now: Time, ballot: Ballot) -> Option<Message> {
    acceptor.deliver(now, ballot.node, Message::Prepare { ballot }).sent().pop()
}

fn proposes(acceptor: &mut Node, now: Time, ballot: Ballot) -> Option<Message> {
    acceptor.deliver(now, ballot.node, Message::Propose { ballot }).sent().pop()
}

fn accepts(acceptor: &mut Node, now: Time, ballot: Ballot) -> bool {
    proposes(acceptor, now, ballot) == Some(Message::Accepted { ballot })
}

/// Asserts that the other proposer gets neither a promise nor an acceptance at the last tick of P's
/// term, and both one tick later.
fn ends_at(acceptor: &mut Node, end: Time) {
    let late = ballot(90, O);
    let owned = Message::Promise { ballot: late, owner: Some(P) };
    assert_eq!(prepares(acceptor, end, late), Some(owned), "the lease is reported through the last tick");
    assert!(!accepts(acceptor, end, late), "and kept");
    let open = Message::Promise { ballot: late, owner: None };
    assert_eq!(prepares(acceptor, end + TICK, late), Some(open));
    assert!(accepts(acceptor, end + TICK, late));
}

#[test]
fn what_is_accepted_binds_through_the_last_tick_of_the_granters_term() {
    let mut acceptor = acceptor();
    assert!(accepts(&mut acceptor, at(1000), ballot(1, P)));
    ends_at(&mut acceptor, at(1000) + GRANTER_TERM);
}

#[test]
fn a_renewal_that_is_accepted_binds_for_another_full_term() {
    let mut acceptor = acceptor();
    assert!(accepts(&mut acceptor, at(1000), ballot(1, P)));
    assert!(accepts(&mut acceptor, at(1200), ballot(2, P)));
    ends_at(&mut acceptor, at(1200) + GRANTER_TERM);
}

/// The holder counts from the first copy, so the others need not wait longer.
#[test]
fn a_repeated_proposal_prolongs_nothing() {
    let mut acceptor = acceptor();
    for now in [1000, 1200] {
        assert!(accepts(&mut acceptor, at(now), ballot(1, P)));
    }
    ends_at(&mut acceptor, at(1000) + GRANTER_TERM);
}

#[test]
fn a_timer_that_is_early_makes_no_acceptor_forget() {
    let mut acceptor = acceptor();
    assert!(accepts(&mut acceptor, at(1000), ballot(1, P)));
    acceptor.fire(at(1000) + GRANTER_TERM, Timer::Forget);
    ends_at(&mut acceptor, at(1000) + GRANTER_TERM);
}

/// An acceptor without state is silent through the last tick of the quarantine, in both phases, at
/// its first start as well.
#[test]
fn an_acceptor_that_starts_is_silent_through_the_whole_quarantine() {
    for started in [0, 5000] {
        let mut acceptor = acceptor();
        if started > 0 {
            assert!(accepts(&mut acceptor, at(started - 10), ballot(1, P)));
            acceptor.restart(at(started));
        }
        let end = at(started) + QUARANTINE;
        assert_eq!(prepares(&mut acceptor, end, ballot(2, O)), None);
        assert_eq!(proposes(&mut acceptor, end, ballot(2, O)), None);
        assert!(prepares(&mut acceptor, end + TICK, ballot(2, O)).is_some());
        assert!(accepts(&mut acceptor, end + TICK, ballot(2, O)));
    }
}

/// A promise excludes lower ballots in both phases, and not the ballot itself.
#[test]
fn an_acceptor_keeps_its_promise_in_both_phases() {
    let refused = |asked, promised| Some(Message::Refused { ballot: asked, promised });
    let (low, high) = (ballot(4, P), ballot(5, O));
    let mut acceptor = acceptor();
    assert_eq!(prepares(&mut acceptor, at(1000), high), Some(Message::Promise { ballot: high, owner: None }));
    assert_eq!(prepares(&mut acceptor, at(1001), low), refused(low, high));
    assert_eq!(proposes(&mut acceptor, at(1002), low), refused(low, high));
    assert!(accepts(&mut acceptor, at(1003), high), "its own ballot");
    // A ballot that is accepted without a promise is promised at the same time.
    let higher = ballot(6, O);
    assert!(accepts(&mut acceptor, at(1004), higher));
    assert_eq!(proposes(&mut acceptor, at(1005), high), refused(high, higher), "of the same proposer, even");
}

/// Two differences from the paper. Stricter: no other node replaces a running lease, whatever its
/// ballot, even if a restart has forgotten all promises. Weaker: a proposer that could not be
/// accepted gets no promise, which would keep the holder from its renewal.
#[test]
fn a_lease_that_runs_is_replaced_by_nobody_and_its_renewal_not_disturbed() {
    let mut acceptor = acceptor();
    assert!(accepts(&mut acceptor, at(1000), ballot(1, P)));
    let rival = ballot(50, O);
    assert_eq!(prepares(&mut acceptor, at(1010), rival), Some(Message::Promise { ballot: rival, owner: Some(P) }));
    assert!(!accepts(&mut acceptor, at(1020), rival));
    let renewal = ballot(2, P);
    assert_eq!(prepares(&mut acceptor, at(1030), renewal), Some(Message::Promise { ballot: renewal, owner: Some(P) }));
    assert!(accepts(&mut acceptor, at(1040), renewal));
}

/// A release frees exactly the ballot that it names: not a renewal of the same node, nor another's
/// lease.
#[test]
fn a_release_frees_the_very_ballot_that_it_names() {
    let mut acceptor = acceptor();
    assert!(accepts(&mut acceptor, at(1000), ballot(2, P)));
    for other in [ballot(1, P), ballot(3, P), ballot(2, O)] {
        acceptor.deliver(at(1010), other.node, Message::Release { ballot: other });
        assert!(!accepts(&mut acceptor, at(1020), ballot(9, O)), "released {other}");
    }
    acceptor.deliver(at(1030), P, Message::Release { ballot: ballot(2, P) });
    assert!(accepts(&mut acceptor, at(1040), ballot(9, O)));
}

// The proposer.

fn proposer() -> Node {
    Hand::boot(P, config(), at(0))
}

/// Begins an attempt and returns its ballot.
fn begins(proposer: &mut Node, now: Time) -> Ballot {
    match proposer.fire(now, Timer::Begin).sent()[..] {
        [Message::Prepare { ballot }, ..] => ballot,
        ref other => panic!("{other:?}"),
    }
}

fn promised(proposer: &mut Node, now: Time, from: NodeId, ballot: Ballot, owner: Option<NodeId>) -> bool {
    let sent = proposer.deliver(now, from, Message::Promise { ballot, owner }).sent();
    sent.contains(&Message::Propose { ballot })
}

/// Token and end of the lease that this answer acquires or extends, if it does.
fn accepted(proposer: &mut Node, now: Time, from: NodeId, ballot: Ballot) -> Option<(Token, Time)> {
    let held = |fact: &Fact| match fact {
        Fact::LeaseHeld { token, until, .. } => Some((*token, *until)),
        _ => None,
    };
    proposer.deliver(now, from, Message::Accepted { ballot }).facts().iter().find_map(held)
}

/// Begins at `now`, proposes 5 ms later, and receives the answers of a majority another 10 ms
/// later.
fn wins(proposer: &mut Node, now: Time) -> (Token, Time) {
    let ballot = begins(proposer, now);
    assert!(!promised(proposer, now + ms(1), X, ballot, None));
    assert!(promised(proposer, now + ms(5), Y, ballot, None), "a majority leaves it open");
    assert_eq!(accepted(proposer, now + ms(6), X, ballot), None);
    accepted(proposer, now + ms(15), Y, ballot).expect("a majority has accepted")
}

/// Asserts that it acts at the last tick before the end, and not at the end.
fn stops_at(proposer: &mut Node, end: Time) {
    assert!(proposer.machine.acts(&proposer.context(before(end))).is_some());
    assert!(proposer.machine.acts(&proposer.context(end)).is_none());
    let acts = |node: &mut Node, now| matches!(node.ask(now, 1, Command::Act).replies()[..], [Reply::Acted { .. }]);
    assert!(acts(proposer, before(end)) && !acts(proposer, end));
}

#[test]
fn a_lease_from_a_majority_counts_from_its_proposal_for_the_holders_term() {
    let mut proposer = proposer();
    let (_, until) = wins(&mut proposer, at(1000));
    assert_eq!(until, at(1005) + HOLDER_TERM);
    stops_at(&mut proposer, until);
}

/// A renewal counts like the first time: from its own proposal, and for no longer than the holder's
/// term.
#[test]
fn a_renewal_from_a_majority_counts_from_its_own_proposal_for_the_holders_term() {
    let mut proposer = proposer();
    let (token, _) = wins(&mut proposer, at(1000));
    for begun in [1020, 1045] {
        assert_eq!(wins(&mut proposer, at(begun)), (token, at(begun + 5) + HOLDER_TERM), "the token stays");
    }
    stops_at(&mut proposer, at(1050) + HOLDER_TERM);
    let (anew, _) = wins(&mut proposer, at(2000));
    assert!(anew > token, "after its end it is another grant");
}

#[test]
fn a_majority_that_accepts_at_the_end_of_the_term_is_too_late() {
    for (arrives, wins) in [(before(at(1065)), true), (at(1065), false)] {
        let mut proposer = proposer();
        let ballot = begins(&mut proposer, at(1000));
        promised(&mut proposer, at(1001), X, ballot, None);
        promised(&mut proposer, at(1005), Y, ballot, None);
        accepted(&mut proposer, at(1006), X, ballot);
        assert_eq!(accepted(&mut proposer, arrives, Y, ballot).is_some(), wins, "at {arrives}");
    }
}

/// An answer counts only in its own ballot and phase, once per acceptor, and only if it leaves the
/// lease open.
#[test]
fn only_a_majority_of_fresh_answers_of_the_present_phase_counts() {
    let mut proposer = proposer();
    let early = begins(&mut proposer, at(1000));
    let ballot = begins(&mut proposer, at(1100));
    assert!(ballot > early);
    assert!(!promised(&mut proposer, at(1101), X, early, None) && !promised(&mut proposer, at(1101), Y, early, None));
    assert!(!promised(&mut proposer, at(1102), X, ballot, None));
    assert!(!promised(&mut proposer, at(1103), X, ballot, None), "X again");
    assert!(!promised(&mut proposer, at(1104), Y, ballot, Some(O)), "Y reports another's lease");
    for from in [X, Y] {
        assert_eq!(accepted(&mut proposer, at(1105), from, ballot), None, "nothing was proposed yet");
    }
    assert!(promised(&mut proposer, at(1106), Z, ballot, Some(P)), "its own lease leaves it open");
    assert_eq!(accepted(&mut proposer, at(1107), X, early), None);
    assert_eq!(accepted(&mut proposer, at(1107), Y, early), None);
    assert_eq!(accepted(&mut proposer, at(1108), X, ballot), None);
    assert_eq!(accepted(&mut proposer, at(1109), X, ballot), None, "X again");
    assert!(!promised(&mut proposer, at(1110), Y, ballot, None), "a promise is no acceptance");
    assert!(accepted(&mut proposer, at(1111), Z, ballot).is_some());
}

/// Two of four acceptors are not a majority: the other two could be another's.
#[test]
fn half_of_an_even_number_of_acceptors_is_no_majority() {
    let last = NodeId(5);
    let acceptors = ACCEPTORS.into_iter().chain([last]).collect();
    let config = Settings { acceptors, proposers: vec![P, O], terms: terms(), act_every: None }.build().unwrap();
    let mut proposer = Node::boot(P, config, at(0));
    let ballot = begins(&mut proposer, at(1000));
    assert!(!promised(&mut proposer, at(1001), X, ballot, None) && !promised(&mut proposer, at(1002), Y, ballot, None));
    assert!(promised(&mut proposer, at(1003), Z, ballot, None));
    assert_eq!(accepted(&mut proposer, at(1004), X, ballot), None);
    assert_eq!(accepted(&mut proposer, at(1005), last, ballot), None);
    assert!(accepted(&mut proposer, at(1006), Y, ballot).is_some());
}

/// Starts are counted on disk before any message is sent, so that no ballot and no token is used
/// twice.
#[test]
fn every_life_has_ballots_and_tokens_of_its_own() {
    let mut proposer = proposer();
    let (mut ballots, mut tokens) = (Vec::new(), Vec::new());
    for life in 1..5 {
        tokens.push(wins(&mut proposer, at(life * 1000)).0);
        ballots.push(begins(&mut proposer, at(life * 1000 + 100)));
        proposer.restart(at(life * 1000 + 200));
        let ballot = *ballots.last().unwrap();
        assert!(!promised(&mut proposer, at(life * 1000 + 201), X, ballot, None));
        assert!(!promised(&mut proposer, at(life * 1000 + 201), Y, ballot, None), "an answer to an earlier life");
    }
    assert!(ballots.is_sorted_by(|one, next| one < next), "{ballots:?}");
    assert!(tokens.is_sorted_by(|one, next| one < next), "{tokens:?}");
}

/// A release ends the lease and the attempt to renew it, and names the newest ballot, which is the
/// one that acceptors hold.
#[test]
fn a_holder_that_gave_its_lease_back_does_not_act_whatever_answers_come() {
    let mut proposer = proposer();
    let (token, _) = wins(&mut proposer, at(1000));
    let newest = begins(&mut proposer, at(1020));
    for (from, answer) in
        [(X, Message::Promise { ballot: newest, owner: Some(P) }), (X, Message::Accepted { ballot: newest })]
    {
        proposer.deliver(at(1021), from, answer.clone());
        proposer.deliver(at(1022), Y, answer);
    }
    let renewal = begins(&mut proposer, at(1040));
    promised(&mut proposer, at(1041), X, renewal, Some(P));
    promised(&mut proposer, at(1042), Y, renewal, Some(P));
    proposer.ask(at(1043), 1, Command::Release);
    assert_eq!(proposer.replies(), [Reply::Released { token }]);
    assert_eq!(proposer.sent(), vec![Message::Release { ballot: newest }; 3]);
    let lost = Fact::LeaseLost { lease: LeaseId::Primary, token, reason: Loss::Released };
    assert_eq!(proposer.facts(), [lost]);
    for from in ACCEPTORS {
        assert_eq!(accepted(&mut proposer, at(1044), from, renewal), None);
    }
    assert_eq!(proposer.machine.acts(&proposer.context(at(1045))), None);
}
