//! Servers of leases on Raft: which leader they trust, for how long, and how they count the terms
//! of the table (Ongaro §6.4.1; Chubby §2.9).

use quorate_lease::replicated::{
    Command, Config, Fact, LeaseTable, Message, RaftLease, Reply, Settings, TableCommand, Timer,
};
use quorate_lease::{Drift, Name, Terms, Token};
use quorate_protocol::{ClientId, Duration, NodeId, RequestId, Time};
use quorate_raft::{
    self as raft, AppendEntries, Appended, Batch, Disk, Entry, InstallSnapshot, Log, LogIndex, Membership, Payload,
    Position, RequestVote, StateMachine, Term,
};

use super::{GRANTER_TERM, Hand, TICK, before, ms, terms};
use crate::common::at;

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
const N3: NodeId = NodeId(2);
const N4: NodeId = NodeId(3);
const A: NodeId = NodeId(10);

/// Followers trust for 200 ms, leaders count 40 ms of that.
const TRUST: Duration = ms(200);
const LEASE: Duration = ms(40);

type Server = Hand<RaftLease>;

fn config(servers: u32) -> Config {
    let trust = Terms::new(TRUST, LEASE, ms(15), Drift::from_ppm(500_000).unwrap()).unwrap();
    let servers = raft::Settings::nodes(servers);
    Settings { servers, holders: vec![A], terms: terms(), trust, act_every: None }.build().unwrap()
}

fn hears(server: &mut Server, now: Time, from: NodeId, message: raft::Message<LeaseTable>) {
    server.deliver(now, from, Message::Raft(message));
}

/// Raft messages of the last step.
fn said(server: &Server) -> Vec<raft::Message<LeaseTable>> {
    let own = |message| match message {
        Message::Raft(message) => Some(message),
        _ => None,
    };
    server.sent().into_iter().filter_map(own).collect()
}

// Followers.

/// A server in term 1, started at 0; its vote is free long before it is asked.
fn follower() -> Server {
    Hand::boot_with(N1, config(3), Disk::new(Term(1), None, Log::default()), at(0))
}

fn trusts(server: &mut Server, now: Time, term: u64) -> bool {
    let asked = Message::AskTrust { term: Term(term), sent: at(7) };
    server.deliver(now, N2, asked).sent() == [Message::Trusted { term: Term(term), sent: at(7) }]
}

/// Whether it votes for N3 at that moment. A clone of the server is asked, so that it may be asked
/// again.
fn votes(server: &Server, now: Time, transfer: bool) -> bool {
    let mut copy = Server { disk: server.disk.clone(), machine: server.machine.clone(), ..again(server) };
    let asked = RequestVote { term: Term(9), last: Position::new(9, 8), transfer };
    hears(&mut copy, now, N3, raft::Message::RequestPreVote(asked));
    let pre_votes = said(&copy) == [raft::Message::PreVoteGranted { term: Term(9) }];
    hears(&mut copy, now, N3, raft::Message::RequestVote(asked));
    let votes = said(&copy) == [raft::Message::VoteGranted { term: Term(9) }];
    assert_eq!(pre_votes, votes, "one promise keeps both");
    votes
}

fn again(server: &Server) -> Server {
    Hand::boot_with(server.me, config(3), server.disk.clone(), at(0))
}

/// Whether it would become a candidate at that moment.
fn stands(server: &mut Server, now: Time) -> bool {
    server.fire(now, Timer::Raft(raft::Timer::Election));
    said(server).iter().any(|message| matches!(message, raft::Message::RequestPreVote(_)))
}

/// Asserts that it withholds its vote and its candidacy through the last tick of its promise, and
/// neither one tick later.
fn keeps_still_through(server: &mut Server, end: Time) {
    assert!(!votes(server, end, false), "a vote at the last tick");
    assert!(votes(server, end + TICK, false));
    assert!(!stands(server, end), "a candidacy at the last tick");
    assert!(stands(server, end + TICK));
}

#[test]
fn a_follower_keeps_its_vote_and_its_candidacy_for_the_whole_of_its_trust() {
    let mut server = follower();
    assert!(trusts(&mut server, at(1000), 1));
    keeps_still_through(&mut server, at(1000) + TRUST);
}

#[test]
fn trust_that_is_asked_for_again_lasts_from_then_on() {
    let mut server = follower();
    assert!(trusts(&mut server, at(1000), 1) && trusts(&mut server, at(1150), 1));
    keeps_still_through(&mut server, at(1150) + TRUST);
}

/// The promise is not on disk, so a restarted server may have given it just before.
#[test]
fn a_server_that_restarts_keeps_still_for_as_long_as_it_may_have_promised() {
    let mut server = follower();
    assert!(trusts(&mut server, at(1000), 1));
    server.restart(at(1010));
    keeps_still_through(&mut server, at(1010) + TRUST);
}

#[test]
fn a_server_that_has_never_run_has_promised_nothing() {
    let server = Hand::boot(N1, config(3), at(0));
    assert!(votes(&server, at(0), false));
}

/// Ongaro §3.10: the leader itself has asked this node to become a candidate, and has given up its
/// lease before.
#[test]
fn a_candidate_that_the_leader_has_sent_is_voted_for_all_the_same() {
    let mut server = follower();
    assert!(trusts(&mut server, at(1000), 1));
    assert!(votes(&server, at(1001), true) && !votes(&server, at(1001), false));
}

#[test]
fn a_leader_of_another_term_is_promised_nothing() {
    let mut server = follower();
    assert!(!trusts(&mut server, at(1000), 0) && !trusts(&mut server, at(1000), 2));
    assert!(votes(&server, at(1001), false));
}

// Leaders.

/// Makes the server the leader of a term, by the votes of these servers.
fn elect(server: &mut Server, now: Time, term: u64, voters: &[NodeId]) {
    server.fire(now, Timer::Raft(raft::Timer::Election));
    for &voter in voters {
        hears(server, now, voter, raft::Message::PreVoteGranted { term: Term(term) });
    }
    for &voter in voters {
        hears(server, now, voter, raft::Message::VoteGranted { term: Term(term) });
    }
    assert_eq!(server.machine.raft().map(|raft| (raft.is_leader(), raft.term())), Some((true, Term(term))));
    assert!(server.sent().contains(&Message::AskTrust { term: Term(term), sent: now }));
}

/// Reports that the followers have stored all entries up to that index.
fn stored(server: &mut Server, now: Time, index: u64, followers: &[NodeId]) {
    let term = server.machine.raft().unwrap().term();
    for &follower in followers {
        let held = Appended { term, matched: LogIndex(index), round: 0 };
        hears(server, now, follower, raft::Message::Appended(held));
    }
}

/// The leader of term 1 among three servers, whose first entry is committed.
fn leader(now: Time) -> Server {
    let mut server = Hand::boot(N1, config(3), at(0));
    elect(&mut server, now, 1, &[N2]);
    stored(&mut server, now, 1, &[N2]);
    server
}

fn trusted(server: &mut Server, now: Time, from: NodeId, sent: Time) {
    server.deliver(now, from, Message::Trusted { term: Term(1), sent });
}

fn asks_for_trust(server: &mut Server, now: Time) {
    server.fire(now, Timer::AskTrust);
    assert!(server.sent().contains(&Message::AskTrust { term: Term(1), sent: now }));
}

fn reads(server: &Server, now: Time) -> bool {
    server.machine.reads_alone(&server.context(now))
}

#[test]
fn a_leader_reads_alone_up_to_the_end_of_its_term_counted_from_its_question() {
    let mut server = leader(at(1000));
    assert!(!reads(&server, at(1001)), "before anybody trusts it");
    trusted(&mut server, at(1010), N2, at(1000));
    let end = at(1000) + LEASE;
    assert!(reads(&server, before(end)) && !reads(&server, end));
    let query = || Command::Query { lease: Name::from("x") };
    assert_eq!(server.ask(before(end), 1, query()).replies(), [Reply::Row { row: None }]);
    assert_eq!(server.ask(end, 2, query()).replies(), []);
}

#[test]
fn a_leaders_lease_is_renewed_from_its_next_question_on() {
    let mut server = leader(at(1000));
    trusted(&mut server, at(1010), N2, at(1000));
    asks_for_trust(&mut server, at(1020));
    trusted(&mut server, at(1030), N2, at(1020));
    let end = at(1020) + LEASE;
    assert!(reads(&server, before(end)) && !reads(&server, end));
}

/// An answer to an earlier request does not count for the current one.
#[test]
fn an_answer_to_an_earlier_question_is_no_trust() {
    let mut server = leader(at(1000));
    asks_for_trust(&mut server, at(1020));
    trusted(&mut server, at(1030), N2, at(1000));
    assert!(!reads(&server, at(1031)));
    trusted(&mut server, at(1032), N3, at(1020));
    assert!(reads(&server, at(1033)));
}

/// Among five servers, two promises for different requests would end at different times: each
/// request is counted separately.
#[test]
fn answers_to_different_questions_do_not_add_up_to_a_majority() {
    let mut server = Hand::boot(N1, config(5), at(0));
    elect(&mut server, at(1000), 1, &[N2, N3]);
    stored(&mut server, at(1000), 1, &[N2, N3]);
    trusted(&mut server, at(1005), N2, at(1000));
    trusted(&mut server, at(1006), N2, at(1000));
    assert!(!reads(&server, at(1007)), "itself and N2, twice, are two of five");
    asks_for_trust(&mut server, at(1020));
    trusted(&mut server, at(1025), N3, at(1020));
    assert!(!reads(&server, at(1026)), "N2 has answered the question before");
    trusted(&mut server, at(1027), N4, at(1000));
    assert!(!reads(&server, at(1028)), "so has N4");
    trusted(&mut server, at(1029), N4, at(1020));
    assert!(reads(&server, at(1030)));
    let end = at(1020) + LEASE;
    assert!(reads(&server, before(end)) && !reads(&server, end));
}

#[test]
fn trust_in_another_term_is_not_counted() {
    let mut server = leader(at(1000));
    for term in [0, 2] {
        server.deliver(at(1010), N2, Message::Trusted { term: Term(term), sent: at(1000) });
    }
    assert!(!reads(&server, at(1011)));
}

/// Ongaro §6.4.1: it is unknown which entries of an earlier leader are committed until an entry of
/// the current term is applied.
#[test]
fn a_leader_reads_alone_only_with_an_entry_of_its_term_applied() {
    let mut server = Hand::boot(N1, config(3), at(0));
    elect(&mut server, at(1000), 1, &[N2]);
    trusted(&mut server, at(1010), N2, at(1000));
    assert!(!reads(&server, at(1011)), "its entry is in the log, and not committed");
    stored(&mut server, at(1012), 1, &[N2]);
    assert!(reads(&server, at(1013)));
}

/// Ongaro §3.10: a late message of the transfer may cause another leader to be elected at any time
/// later in the term.
#[test]
fn a_leader_that_hands_over_has_no_lease_for_the_rest_of_its_term() {
    let mut server = leader(at(1000));
    trusted(&mut server, at(1005), N2, at(1000));
    asks_for_trust(&mut server, at(1010));
    server.ask(at(1011), 1, Command::TransferLeadership { to: N2 });
    assert!(!reads(&server, at(1011)));
    trusted(&mut server, at(1012), N2, at(1010));
    assert!(!reads(&server, at(1013)), "an answer that was under way");
    server.fire(at(1300), Timer::Raft(raft::Timer::Transfer));
    let asked = server.fire(at(1301), Timer::AskTrust).sent();
    assert_eq!(asked, [], "nothing has come of the transfer, but the message may still arrive");
    trusted(&mut server, at(1302), N2, at(1301));
    assert!(!reads(&server, at(1303)));
}

#[test]
fn a_leader_that_is_deposed_reads_alone_no_more_and_its_next_term_begins_anew() {
    let mut server = leader(at(1000));
    trusted(&mut server, at(1005), N2, at(1000));
    let conflict = raft::Conflict { term: None, first: LogIndex(2) };
    let refused = raft::AppendRefused { term: Term(2), previous: LogIndex(1), conflict, round: 0 };
    hears(&mut server, at(1006), N3, raft::Message::AppendRefused(refused));
    assert!(!reads(&server, at(1007)));
    let next = at(1006) + TRUST + TICK;
    elect(&mut server, next, 3, &[N2]);
    stored(&mut server, next, 2, &[N2]);
    trusted(&mut server, next, N2, next);
    assert!(!reads(&server, next), "that was trust in term 1");
}

// Terms of the leases in the table.

fn last_index(server: &Server) -> u64 {
    server.machine.raft().unwrap().log().last_index().0
}

/// A command of A's, stored by a follower and therefore applied at `now`.
fn applied(server: &mut Server, now: Time, number: u64, command: TableCommand) {
    server.deliver(now, A, Message::Ask { number, command });
    let index = last_index(server);
    stored(server, now, index, &[N2]);
    assert_eq!(server.machine.raft().unwrap().applied(), LogIndex(index));
}

fn acquire() -> TableCommand {
    TableCommand::Acquire { lease: Name::from("x"), holder: A }
}

/// Asserts that the leader proposes no expiry at the last tick of the term, and does so one tick
/// later.
fn expires_at(server: &mut Server, end: Time) {
    let entries = last_index(server);
    server.fire(end, Timer::Review);
    assert_eq!(last_index(server), entries, "the lease binds through the last tick");
    server.fire(end + TICK, Timer::Review);
    assert_eq!(last_index(server), entries + 1, "and is proposed to expire after it");
}

#[test]
fn a_lease_in_the_table_binds_through_the_last_tick_of_the_granters_term() {
    let mut server = leader(at(1000));
    applied(&mut server, at(1020), 1, acquire());
    let expires = at(1020) + GRANTER_TERM;
    let granted = |fact: &Fact| matches!(fact, Fact::LeaseGranted { expires: end, .. } if *end == expires);
    assert!(server.facts().iter().any(granted));
    expires_at(&mut server, expires);
}

#[test]
fn a_renewal_in_the_table_binds_for_another_full_term() {
    let mut server = leader(at(1000));
    applied(&mut server, at(1020), 1, acquire());
    applied(&mut server, at(1200), 2, TableCommand::Renew { lease: Name::from("x"), token: Token(1) });
    expires_at(&mut server, at(1200) + GRANTER_TERM);
}

/// A follower of N2 that has applied A's lease at `now`.
fn follower_with_a_lease(now: Time) -> Server {
    let mut server = Hand::boot(N1, config(3), at(0));
    let ticket = RequestId { client: ClientId(1 << 30), number: 1 };
    let apply = Payload::Apply { ticket, command: acquire() };
    let entries = [Payload::Noop, apply].map(|payload| Entry { term: Term(1), payload });
    let append = AppendEntries {
        term: Term(1),
        previous: Position::default(),
        entries: Batch::new(&entries[..]),
        commit: LogIndex(2),
        round: 0,
    };
    hears(&mut server, now, N2, raft::Message::AppendEntries(append));
    assert_eq!(server.machine.raft().unwrap().applied(), LogIndex(2));
    server
}

/// Chubby §2.9: a new leader counts every lease from when it began to lead, because its predecessor
/// may have renewed it since.
#[test]
fn a_new_leader_extends_what_it_has_applied_by_a_full_term() {
    let mut server = follower_with_a_lease(at(1000));
    elect(&mut server, at(1250), 2, &[N2]);
    expires_at(&mut server, at(1250) + GRANTER_TERM);
}

/// The same holds for leases that came with a snapshot.
#[test]
fn a_new_leader_extends_what_a_snapshot_has_brought_by_a_full_term() {
    let mut server = Hand::boot(N1, config(3), at(0));
    let mut table = LeaseTable::default();
    table.apply(&acquire());
    let install = InstallSnapshot {
        term: Term(1),
        last: Position::new(5, 1),
        membership: Membership::new([N1, N2, N3], []),
        offset: 0,
        pieces: table.pieces().into_iter().map(raft::Piece::State).collect(),
        done: true,
        round: 0,
    };
    hears(&mut server, at(1000), N2, raft::Message::InstallSnapshot(Box::new(install)));
    elect(&mut server, at(1250), 2, &[N2]);
    expires_at(&mut server, at(1250) + GRANTER_TERM);
}
