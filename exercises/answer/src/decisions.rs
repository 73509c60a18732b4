//! List of decisions: declared once, both for the answer's process, which makes them, and for the
//! grader's, which asks for them.
//!
//! `paxos_decisions!`, `raft_decisions!`, `lease_decisions!`, `lock_decisions!`,
//! `coordination_decisions!`, `two_phase_decisions!`, `paxos_commit_decisions!`,
//! `outbox_decisions!`, `register_decisions!`, `generals_decisions!`, `broadcast_decisions!`,
//! `pbft_decisions!`, `channel_decisions!`, `true_time_decisions!` and `snowflake_decisions!` pass
//! the list of a protocol to a macro. The word before an argument's type
//! says how it is passed: `val` is a value, `lent` a reference, `list` a slice, `maybe` an optional
//! reference.

pub mod coordination;
pub mod lease;
pub mod liars;
pub mod lock;
pub mod paxos;
pub mod raft;
pub mod register;
pub mod time;
pub mod transactions;

use crate::wire::WireForm;

/// Passes the decisions of Paxos to a macro.
#[macro_export]
macro_rules! paxos_decisions {
    ($with:ident) => {
        $with! {
            fn next_ballot(me: val NodeId, tried: val Option<Ballot>, seen: val Option<Ballot>, asked: val Option<u64>) -> Ballot;
            fn must_prepare(ballot: val Ballot, prepared: val Option<Ballot>) -> bool;
            fn counts(reply: val Ballot, current: val Ballot) -> Ruling<PaxosRule>;
            fn counts_once(from: val NodeId, heard: list NodeId) -> Ruling<PaxosRule>;
            fn quorum(phase: val Phase, acceptors: val usize, quorums: val Quorums) -> bool;
            fn promise(promised: val Option<Ballot>, accepted: val Option<Ballot>, asked: val Ballot) -> Ruling<PaxosRule>;
            fn reported_ballot(accepted: val Ballot, promised: val Option<Ballot>) -> Ballot;
            fn accept(promised: val Option<Ballot>, accepted: val Option<Ballot>, asked: val Ballot) -> Ruling<PaxosRule>;
            fn promised_after_accept(before: val Option<Ballot>, accepted: val Ballot) -> Option<Ballot>;
            fn vote_counts(vote: val Ballot, towards: val Ballot) -> bool;
            fn fill_hole(bound: maybe Entry) -> Option<Entry>;
            fn recall_tried(written: val Option<Ballot>) -> Option<Ballot>;
            fn recall_promised(written: val Option<Ballot>) -> Option<Ballot>;
            fn value_to_propose(reported: list Ballot) -> Option<usize>;
            fn recall_accepted(written: val Ballot) -> bool;
            fn completes_reported() -> bool;
        }
    };
}

/// Passes the decisions of Raft to a macro: all but `leader_commit`, which may query the grader.
#[macro_export]
macro_rules! raft_decisions {
    ($with:ident) => {
        $with! {
            fn majority(count: val usize, of: val usize) -> bool;
            fn vote_after_step_down(before: val Term, after: val Term, vote: val Option<NodeId>) -> Option<NodeId>;
            fn may_campaign(votes_in_newest: val bool, votes_in_earlier: val bool) -> Ruling<RaftRule>;
            fn up_to_date(candidate: val Position, mine: val Position) -> bool;
            fn vote(candidate: val Candidate, me: val Voter) -> Ruling<RaftRule>;
            fn counts_vote(answer: val Election, standing: val Election) -> Ruling<RaftRule>;
            fn elected(votes: lent BTreeSet<NodeId>, membership: lent Membership) -> bool;
            fn pre_vote(candidate: val Candidate, me: val Voter) -> Ruling<RaftRule>;
            fn pre_vote_restarts_timeout() -> bool;
            fn votes_without_vote() -> bool;
            fn refusal_restarts_timeout() -> bool;
            fn configured_up_to(last: val LogIndex, commit: val LogIndex) -> LogIndex;
            fn leaves_joint(committed: val bool) -> bool;
            fn keeps_log_behind_snapshot(last: val Position, mine: val Option<Term>) -> bool;
            fn obeys_timeout_now(sent: val Term, current: val Term) -> Ruling<RaftRule>;
            fn considers_candidate(hears_leader: val bool, transfer: val bool) -> Ruling<RaftRule>;
            fn keeps_leading(heard_majority: val bool) -> Ruling<RaftRule>;
            fn answers_stale_leader() -> bool;
            fn matches(previous: val Position, mine: val Option<Term>) -> Ruling<RaftRule>;
            fn truncates(overlap: val AppendSpan) -> Option<LogIndex>;
            fn acknowledges(overlap: val AppendSpan) -> LogIndex;
            fn follower_commit(commit: val LogIndex, leader_commit: val LogIndex, overlap: val AppendSpan) -> LogIndex;
            fn counts_answer(answer: val Term, current: val Term) -> Ruling<RaftRule>;
            fn matched_after_ack(matched: val LogIndex, acknowledged: val LogIndex) -> LogIndex;
            fn heeds_refusal(refused: val LogIndex, matched: val LogIndex, probing: val Option<LogIndex>) -> Ruling<RaftRule>;
            fn next_after_refusal(conflict: val Conflict, last_of_that_term: val Option<LogIndex>) -> LogIndex;
            fn leader_counts_itself(is_voter: val bool) -> bool;
            fn applies(applied_before: val bool) -> bool;
            fn installs(last: val LogIndex, commit: val LogIndex) -> Ruling<RaftRule>;
            fn term_after_snapshot(current: val Term, snapshot: val Term) -> Term;
            fn may_change(change_pending: val bool, own_term_committed: val bool) -> Ruling<RaftRule>;
            fn may_promote(lacks: val u64, limit: val u64) -> bool;
            fn notes_read(own_term_committed: val bool) -> Ruling<RaftRule>;
            fn serves_read(confirmed: val bool, applied: val LogIndex, read_index: val LogIndex) -> bool;
        }
    };
}

/// Passes the decisions about leases to a macro.
#[macro_export]
macro_rules! lease_decisions {
    ($with:ident) => {
        $with! {
            fn clock(now: val LocalTime) -> Time;
            fn counts_from(sent: val Time, received: val Time) -> Time;
            fn holder_term(terms: lent Terms) -> Duration;
            fn may_act(until: val Time, now: val Time) -> Ruling<HolderRule>;
            fn granted_at(written: val Time, read: val Time) -> Time;
            fn binds_for(granted: val Duration, own: val Duration) -> Duration;
            fn has_ended(expires: val Time, now: val Time) -> bool;
            fn until_after_denial(until: val Time, now: val Time, terms: lent Terms) -> Time;
            fn grants(standing: val LeaseState, asks: val NodeId) -> Ruling<SingleRule>;
            fn quarantine(terms: lent Terms) -> Duration;
            fn lock_delay(configured: val Duration) -> Duration;
            fn token(grants: val u64) -> Token;
            fn releases(granted: val Token, renewed_for: val Time, named: val Token, sent: val Time) -> Ruling<SingleRule>;
            fn checks_again() -> bool;
            fn admits(highest: val Option<Token>, shown: val Sequencer) -> Ruling<SingleRule>;
            fn majority(count: val usize, of: val usize) -> bool;
            fn counts(current: val bool, heard_before: val bool) -> Ruling<CountRule>;
            fn leaves_open(reported: val Option<NodeId>, me: val NodeId) -> bool;
            fn release_frees(same: val bool) -> Ruling<MajorityRule>;
            fn marks_first() -> bool;
            fn stores(mark: val Option<Token>, token: val Token) -> Ruling<StoreRule>;
            fn may_write(holders_left: val usize, quarantined: val bool) -> Ruling<CacheRule>;
            fn lends(write_waits: val bool) -> Ruling<CacheRule>;
            fn leader_counts_from(began_to_lead: val Time, applied: val Time) -> Time;
            fn withholds_vote(trusting: val bool, sent_by_leader: val bool) -> bool;
            fn distrust_after_restart(trust: val Duration) -> Duration;
            fn lays_down_for_transfer() -> bool;
            fn reads_alone(lease_runs: val bool, own_term_applied: val bool) -> Ruling<ReplicatedRule>;
        }
    };
}

/// Passes the decisions about locks on Redis and by Redlock to a macro.
#[macro_export]
macro_rules! lock_decisions {
    ($with:ident) => {
        $with! {
            fn sets(stored: val Option<LockValue>) -> Ruling<LockRule>;
            fn is_expired(expires: val Option<Time>, now: val Time) -> bool;
            fn expiry_clock(setting: val ExpiryClock, now: val LocalTime) -> Time;
            fn deletes(stored: val LockValue, asked: val LockValue) -> Ruling<LockRule>;
            fn keeps_keys(persistence: val Persistence) -> bool;
            fn away_until(started: val Time, delay: val Duration) -> Time;
            fn token(count: val u64) -> Token;
            fn value(recipe: val Recipe, attempt: val AttemptId) -> LockValue;
            fn quorum(instances: val usize) -> usize;
            fn counts_from(begun: val Time, answered: val Time) -> Time;
            fn takes(until: val Option<Time>, now: val Time) -> Ruling<LockRule>;
            fn counts_answer(current: val AttemptId, of: val AttemptId) -> bool;
            fn clears(recipe: val Recipe, answered: val Option<bool>) -> bool;
            fn unlocks_by_value(recipe: val Recipe) -> bool;
            fn extends_by_value() -> bool;
            fn extends(stored: val LockValue, asked: val LockValue) -> Ruling<LockRule>;
            fn prolongs(valid_until: val Option<Time>, until: val Time, now: val Time) -> Ruling<LockRule>;
            fn may_act(until: val Option<Time>, now: val Time) -> Ruling<LockRule>;
            fn admits(highest: val Option<Token>, shown: val Option<Token>) -> Ruling<LockRule>;
            fn keeps_highest() -> bool;
            fn is_current(currlock: val Option<AttemptId>, writer: val AttemptId) -> Ruling<LockRule>;
        }
    };
}

/// Passes the decisions about locks on a coordination service to a macro.
#[macro_export]
macro_rules! coordination_decisions {
    ($with:ident) => {
        $with! {
            fn counts_sessions(leads: val bool) -> bool;
            fn leader_counts_from(leads_since: val Option<Time>, touched: val Time) -> Time;
            fn has_ended(end: val Time, now: val Time) -> bool;
            fn expires_after(touches: val u64) -> Option<u64>;
            fn frees_after(lock_delay: val Duration) -> Option<Duration>;
            fn counts_from(sent: val Time, answered: val Time) -> Time;
            fn client_term(terms: lent Terms) -> Duration;
            fn may_act(belief: val Belief, until: val Time, now: val Time) -> Ruling<LockRule>;
            fn loses_when_told() -> bool;
            fn blocks(mine: val LockMode, other: val LockMode) -> bool;
            fn place(recipe: val Recipe, child: lent Child) -> Place;
            fn watches_all(recipe: val Recipe) -> bool;
            fn checks_again() -> bool;
            fn on_wake() -> OnWake;
            fn leaves_queue() -> bool;
            fn token(created: val Zxid) -> Token;
        }
    };
}

/// Passes the decisions of two-phase commit to a macro.
#[macro_export]
macro_rules! two_phase_decisions {
    ($with:ident) => {
        $with! {
            fn begins(last: val Option<u64>, number: val u64) -> Ruling<TwoPhaseRule>;
            fn next_life(written: val u64) -> u64;
            fn locks(holder: val Option<Txn>) -> Ruling<TwoPhaseRule>;
            fn votes(amount: val i64, by: val i64) -> Ruling<TwoPhaseRule>;
            fn writes_yes() -> bool;
            fn counts(before: val u32) -> Ruling<TwoPhaseRule>;
            fn commits(yes: val usize, participants: val usize) -> Ruling<TwoPhaseRule>;
            fn writes_commit() -> bool;
            fn aborts_late(committed: val bool) -> Ruling<TwoPhaseRule>;
            fn forgets(done: val usize, participants: val usize) -> Ruling<TwoPhaseRule>;
            fn presumes() -> Option<Outcome>;
            fn on_silence() -> Ruling<TwoPhaseRule>;
            fn takes(reached: val Option<Outcome>, told: val Outcome) -> Ruling<TwoPhaseRule>;
            fn keeps_lock() -> bool;
            fn remembers_abort() -> bool;
            fn locks_again() -> bool;
        }
    };
}

/// Passes the decisions of Paxos Commit to a macro.
#[macro_export]
macro_rules! paxos_commit_decisions {
    ($with:ident) => {
        $with! {
            fn next_life(written: val u64) -> u64;
            fn accepts(promised: val Option<Ballot>, accepted: val Option<Ballot>, asked: val Ballot) -> Ruling<PaxosCommitRule>;
            fn writes_accepted() -> bool;
            fn next_ballot(me: val NodeId, tried: val Option<Ballot>, seen: val Option<Ballot>) -> Ballot;
            fn prepared(promises: val usize, quorums: val Quorums) -> bool;
            fn bound(reported: list Ballot) -> Option<usize>;
            fn free() -> Vote;
            fn chosen(accepted: val usize, quorums: val Quorums) -> bool;
            fn commits(prepared: val usize, participants: val usize) -> Ruling<PaxosCommitRule>;
            fn tells_undecided() -> Option<Outcome>;
            fn on_silence() -> Ruling<PaxosCommitRule>;
        }
    };
}

/// Passes the decisions of the local message table to a macro.
#[macro_export]
macro_rules! outbox_decisions {
    ($with:ident) => {
        $with! {
            fn begins(last: val Option<u64>, number: val u64) -> Ruling<OutboxRule>;
            fn places(order: val TableChange, message: val TableChange) -> Vec<Vec<TableChange>>;
            fn deletes_unconfirmed() -> bool;
            fn deletes(confirmed: val u64, table: list u64) -> Vec<u64>;
            fn writes_queue() -> bool;
            fn removes_unacknowledged() -> bool;
            fn acknowledges_unhandled() -> bool;
            fn handles(known: val bool) -> Ruling<OutboxRule>;
            fn books(change: val TableChange, id: val TableChange) -> Vec<Vec<TableChange>>;
            fn keeps_id(newer: val usize) -> bool;
        }
    };
}

/// Passes the decisions of a replicated register to a macro.
#[macro_export]
macro_rules! register_decisions {
    ($with:ident) => {
        $with! {
            fn begins(last: val Option<u64>, number: val u64) -> Ruling<RegisterRule>;
            fn quorum(replicas: val usize) -> usize;
            fn counts(before: val u32) -> Ruling<RegisterRule>;
            fn write_asks_first() -> bool;
            fn next_tag(newest: val Tick, last: val Tick) -> Tick;
            fn write_back(holding: val usize, quorum: val usize) -> Ruling<RegisterRule>;
            fn writes_before_ack() -> bool;
            fn newer(one: val Stamp, other: val Stamp) -> bool;
            fn stamp(order: val Order, clock: val Tick, wall: val Time) -> Tick;
            fn on_receive(order: val Order, clock: val Tick, theirs: val Tick) -> Tick;
            fn accepts_stamp(order: val Order, wall: val Time, theirs: val Tick, ahead: val Duration) -> Ruling<RegisterRule>;
            fn replaces(order: val Order, one: lent Version, other: lent Version) -> bool;
            fn context(read: lent Seen, held: lent Seen) -> Seen;
            fn follows(known: val u64, dot: val u64) -> bool;
            fn demands(session: val Session, wrote: val bool) -> bool;
            fn covers(order: val Order, held: list Version, token: val Stamp) -> bool;
            fn may_answer(covered: val bool) -> Ruling<RegisterRule>;
        }
    };
}

/// Passes the decisions of oral messages to a macro.
#[macro_export]
macro_rules! generals_decisions {
    ($with:ident) => {
        $with! {
            fn relays(senders: val usize, m: val usize) -> Ruling<GeneralsRule>;
            fn knows_sender(from: val NodeId, last: val NodeId) -> bool;
            fn absent() -> Order;
            fn majority(got: list Order) -> Order;
        }
    };
}

/// Passes the decisions of reliable broadcast to a macro.
#[macro_export]
macro_rules! broadcast_decisions {
    ($with:ident) => {
        $with! {
            fn enough_echoes(n: val usize, f: val usize, echoes: val usize) -> bool;
            fn follows(f: val usize, readies: val usize) -> bool;
            fn accepts(f: val usize, readies: val usize) -> bool;
        }
    };
}

/// Passes the decisions of PBFT to a macro.
#[macro_export]
macro_rules! pbft_decisions {
    ($with:ident) => {
        $with! {
            fn quorum(f: val usize) -> usize;
            fn reports(f: val usize) -> usize;
            fn matches(accepted: lent Digest, voted: lent Digest) -> bool;
            fn committed(f: val usize, commits: val usize) -> Ruling<PbftRule>;
            fn seal_holds(by: val NodeId, claimed: val NodeId) -> bool;
            fn in_window(low: val u64, high: val u64, number: val u64) -> bool;
            fn accepts(accepted: maybe Digest, proposed: lent Digest) -> Ruling<PbftRule>;
            fn executes(last: val Option<u64>, number: val u64) -> Ruling<PbftRule>;
            fn joins(f: val usize, others: val usize) -> Ruling<PbftRule>;
            fn demands_proof() -> bool;
            fn prefers(view: val u64, other: val u64) -> bool;
        }
    };
}

/// Passes the decisions of a reliable channel to a macro.
#[macro_export]
macro_rules! channel_decisions {
    ($with:ident) => {
        $with! {
            fn checksum(kind: val Checksum, bytes: list u8) -> u32;
            fn intact(computed: val u32, carried: val u32) -> Ruling<ChannelRule>;
            fn begins_after(former: val u64) -> u64;
            fn may_forget_peer(idle: val Duration) -> bool;
            fn unwrapped(last: val u64, named: val u64, numbers: val u64) -> u64;
            fn admits(next: val u64, last: val u64, seq: val u64) -> Ruling<ChannelRule>;
            fn on_overflow(next: val u64, seq: val u64) -> Ruling<ChannelRule>;
            fn may_send(sent: val u64, processed: val u64, window: val u64) -> Ruling<ChannelRule>;
            fn acknowledges(held: val u64, seen: val u64) -> u64;
            fn done(answer: val Answer, sent: val u64, acked: val u64, processed: val u64) -> u64;
            fn rtt_sample(transmissions: val u32) -> Ruling<ChannelRule>;
            fn timeout(smoothed: val Duration, variation: val Duration, granularity: val Duration) -> Duration;
        }
    };
}

/// Passes the decisions of TrueTime to a macro.
#[macro_export]
macro_rules! true_time_decisions {
    ($with:ident) => {
        $with! {
            fn on_arrival(told: val Interval, round_trip: val Duration, drift: val Drift) -> Interval;
            fn aged(reading: val Interval, passed: val Duration, drift: val Drift) -> Interval;
            fn enough(answers: val usize, faulty: val usize) -> Ruling<TrueTimeRule>;
            fn agreeing(answers: val usize, faulty: val usize) -> usize;
            fn trusted(answers: list Interval, faulty: val usize) -> Option<Interval>;
            fn keeps_bound(predicted: val Interval, measured: val Interval) -> Ruling<TrueTimeRule>;
            fn serves(error: val Duration, max_error: val Duration) -> Ruling<TrueTimeRule>;
            fn stamp(now: val Interval, last: val Option<Time>) -> Time;
            fn commit_wait(now: val Interval, stamp: val Time) -> Ruling<TrueTimeRule>;
        }
    };
}

/// Passes the decisions of Snowflake to a macro: all but `covers`, a name that a replicated
/// register has as well, with another shape.
#[macro_export]
macro_rules! snowflake_decisions {
    ($with:ident) => {
        $with! {
            fn next(last: val Option<Slot>, tick: val u64, last_sequence: val u32) -> Next;
            fn after_wait(full: val u64, tick: val u64) -> Option<u64>;
            fn ends_tick(held: val u32, next: val u32) -> bool;
            fn on_clock_back(ticks: val u64, backwards: val Backwards) -> Ruling<SnowflakeRule>;
            fn reserves(reserved: val Option<u64>, tick: val u64, ahead: val u64) -> Option<u64>;
            fn resumes(reserved: val Option<u64>, last_sequence: val u32) -> Option<Slot>;
            fn own_lease(me: val NodeId) -> Option<Lease>;
            fn fence(through: val u64) -> u64;
            fn ends(through: val Option<u64>, tick: val u64, lasts: val u64) -> u64;
        }
    };
}

/// Type of an argument as it is passed.
#[macro_export]
macro_rules! passed {
    (val $type:ty) => { $type };
    (lent $type:ty) => { &$type };
    (list $type:ty) => { &[$type] };
    (maybe $type:ty) => { Option<&$type> };
}

/// Type of an argument as it is stored.
#[macro_export]
macro_rules! kept {
    (list $type:ty) => { Vec<$type> };
    (maybe $type:ty) => { Option<$type> };
    ($how:ident $type:ty) => { $type };
}

/// Passes a stored argument.
macro_rules! pass {
    (val $kept:ident) => {
        $kept
    };
    (lent $kept:ident) => {
        &$kept
    };
    (list $kept:ident) => {
        &$kept
    };
    (maybe $kept:ident) => {
        $kept.as_ref()
    };
}
use pass;

/// Declares the `Rulebook` of an answer for a protocol: the learner's decisions. It answers
/// questions for them.
macro_rules! rulebook {
    (
        { $($field:ident: $type:ty, $answer:expr;)* }
        $(fn $question:ident($($argument:ident: $how:ident $given:ty),*) -> $answered:ty;)+
    ) => {
        /// Your rulebook: your own decisions. All others follow the papers, and are made by the
        /// grader.
        #[derive(Clone, Copy)]
        pub struct Rulebook {
            $(
                #[doc = concat!("Your answer to `", stringify!($question), "`.")]
                pub $question: Option<fn($($crate::passed!($how $given)),*) -> $answered>,
            )+
            $(
                #[doc = concat!("Your answer to `", stringify!($field), "`.")]
                pub $field: Option<$type>,
            )*
        }

        impl Rulebook {
            /// No decisions of your own: the papers' throughout.
            pub const NONE: Self = Self { $($question: None,)+ $($field: None,)* };
        }

        impl std::fmt::Debug for Rulebook {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple("Rulebook").field(&$crate::Answers::given(self)).finish()
            }
        }

        impl $crate::Answers for Rulebook {
            fn given(&self) -> Vec<&'static str> {
                let mut given = Vec::new();
                $(given.extend(self.$question.map(|_| stringify!($question)));)+
                $(given.extend(self.$field.map(|_| stringify!($field)));)*
                given
            }

            fn answer(&mut self, question: &$crate::wire::Question<'_>) -> Option<String> {
                match question.what {
                    $(stringify!($question) => {
                        let decide = self.$question?;
                        #[allow(clippy::let_unit_value, reason = "some questions are about nothing")]
                        let ($($argument,)*): ($(<$crate::kept!($how $given) as $crate::wire::WireForm>::As,)*) =
                            $crate::decisions::given(question.given)?;
                        $(let $argument: $crate::kept!($how $given) = $crate::wire::WireForm::from_wire($argument)?;)*
                        $crate::decisions::told(&decide($($crate::decisions::pass!($how $argument)),*))
                    })+
                    $(stringify!($field) => {
                        let answer: fn($type, &str) -> Option<String> = $answer;
                        answer(self.$field?, question.given)
                    })*
                    _ => None,
                }
            }
        }
    };
}
use rulebook;

/// Arguments of a question, from JSON; no arguments are `[]`.
fn given<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Answer in its wire form.
fn told<T: WireForm>(answer: &T) -> Option<String> {
    serde_json::to_string(&answer.to_wire()).ok()
}
