//! The rulebook: each decision of Paxos Commit as one small pure function. Those about ballots and
//! quorums are Paxos's own.
//!
//! ```
//! use quorate_paxos::Ballot;
//! use quorate_protocol::NodeId;
//! use quorate_transactions::paxos_commit::{BY_THE_BOOK, Rulebook};
//!
//! // A new leader does not heed the votes that the acceptors report.
//! const HEEDLESS: Rulebook = Rulebook { bound: |_| None, ..BY_THE_BOOK };
//!
//! let vote = [Ballot::new(0, NodeId(1))];
//! assert_eq!((BY_THE_BOOK.bound(&vote), HEEDLESS.bound(&vote)), (Some(0), None));
//! ```

use quorate_paxos::{BY_THE_BOOK as PAXOS, Ballot, PaxosRule, Phase, Quorums};
use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::message::Vote;
use super::rules::PaxosCommitRule;
use crate::command::Outcome;
use crate::id::Txn;

quorate_protocol::rulebook! {
    /// The decisions of Paxos Commit. [`BY_THE_BOOK`] follows the papers exactly; sections are
    /// those of *GL*.
    pub struct Rulebook;

    /// RIFL §3: whether a request begins a transaction. `last` is the number of the newest decided
    /// request of the same client.
    fn begins(last: Option<u64>, number: u64) -> Ruling<PaxosCommitRule> {
        match last {
            Some(last) if last == number => Refuse(PaxosCommitRule::AnswerFromRecord),
            Some(last) if last > number => Refuse(PaxosCommitRule::Overtaken),
            _ => Allow(PaxosCommitRule::Begin),
        }
    }

    /// The number of the first leader's life that begins: above those `written`, so that no
    /// transaction has the identifier, and the instances, of an earlier one.
    fn next_life(written: u64) -> u64 {
        written.saturating_add(1)
    }

    /// §2: vote Prepared only if the row is free and the change can be made. An amount never falls
    /// below zero.
    fn votes(amount: i64, by: i64, holder: Option<Txn>) -> Ruling<PaxosCommitRule> {
        match amount.checked_add(by) {
            _ if holder.is_some() => Refuse(PaxosCommitRule::RowLocked),
            Some(after) if after >= 0 => Allow(PaxosCommitRule::VotePrepared),
            _ => Refuse(PaxosCommitRule::VoteAborted),
        }
    }

    /// §4.1, phase 2b: whether an acceptor accepts in a ballot. `accepted` is the ballot of the
    /// vote that it would replace. Ballot 0 is below all that are promised.
    fn accepts(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosCommitRule> {
        match PAXOS.accept(promised, accepted, asked) {
            Allow(PaxosRule::AcceptAgain) => Allow(PaxosCommitRule::AcceptAgain),
            Allow(_) => Allow(PaxosCommitRule::AcceptVote),
            Refuse(_) => Refuse(PaxosCommitRule::RefuseLower),
        }
    }

    /// §4.1, phase 2b: whether an acceptor writes an accepted vote to disk before it reports it.
    fn writes_accepted() -> bool {
        true
    }

    /// §4.1, phase 1b: whether an acceptor promises a ballot.
    fn promises(promised: Option<Ballot>, asked: Ballot) -> Ruling<PaxosCommitRule> {
        match PAXOS.promise(promised, None, asked) {
            Allow(_) => Allow(PaxosCommitRule::Promise),
            Refuse(_) => Refuse(PaxosCommitRule::RefuseLower),
        }
    }

    /// §4.2: the ballot of a leader that takes over, above those it has `tried` and `seen`. Round 0
    /// belongs to the participants, each in its own instance.
    fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>) -> Ballot {
        PAXOS.next_ballot(me, tried, seen, None)
    }

    /// §4.1, phase 2a: whether the promises of this many acceptors are enough to propose.
    fn prepared(promises: usize, quorums: Quorums) -> bool {
        PAXOS.quorum(Phase::One, promises, quorums)
    }

    /// §4.1, phase 2a: index of the reported vote that must be proposed again; `None` if the
    /// instance is free. `reported` holds the ballots in which the votes were accepted.
    fn bound(reported: &[Ballot]) -> Option<usize> {
        PAXOS.value_to_propose(reported)
    }

    /// §4.2: the vote that a leader proposes in a free instance. The participant may never have
    /// prepared, so the leader aborts.
    fn free() -> Vote {
        Vote::Aborted
    }

    /// §4.1: whether an instance is decided when this many acceptors have accepted in one ballot.
    fn chosen(accepted: usize, quorums: Quorums) -> bool {
        PAXOS.quorum(Phase::Two, accepted, quorums)
    }

    /// §4.2: commit only if the instances of all participants have chosen Prepared.
    fn commits(prepared: usize, participants: usize) -> Ruling<PaxosCommitRule> {
        if prepared >= participants {
            Allow(PaxosCommitRule::DecideCommit)
        } else {
            Refuse(PaxosCommitRule::CountAccepted)
        }
    }

    /// §4.2: the outcome that a leader tells the client of a transaction that it has not decided in
    /// time; `None` for no answer yet. The votes may be chosen already, and another leader may
    /// commit on them.
    fn tells_undecided() -> Option<Outcome> {
        None
    }

    /// §2: whether a participant that voted Prepared and hears nothing may abort by itself.
    fn on_silence() -> Ruling<PaxosCommitRule> {
        Refuse(PaxosCommitRule::AskOutcome)
    }

    /// §2, stability: whether a participant takes an outcome that it is told. It keeps the one that
    /// it has reached.
    fn takes(reached: Option<Outcome>, told: Outcome) -> Ruling<PaxosCommitRule> {
        match (reached, told) {
            (Some(_), _) => Refuse(PaxosCommitRule::OutcomeKnown),
            (None, Outcome::Commit) => Allow(PaxosCommitRule::CommitPart),
            (None, Outcome::Abort) => Allow(PaxosCommitRule::AbortPart),
        }
    }
}
