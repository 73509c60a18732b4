//! The rules that traces cite, and the decisions of the protocol.

use quorate::protocol::Ruling::{self, Allow, Refuse};
use quorate::protocol::{RequestId, rulebook, rules};

rules! {
    /// The rules of two-phase commit. Each has a name, its place in the literature, and a
    /// paraphrase.
    pub enum CommitRule {
        Prepare: "Gray 1978, phase 1", "ask every participant whether it can commit";
        VoteYes: "Gray 1978, phase 1", "vote yes only for work that can still be committed after a crash";
        VoteNo: "Gray 1978, phase 1", "a participant that cannot commit aborts at once, and votes no";
        AwaitVotes: "Gray 1978, phase 1", "decide nothing while a vote is missing";
        Commit: "Gray 1978, phase 2", "commit once every participant has voted yes";
        Abort: "Gray 1978, phase 2", "abort once a participant has voted no";
        Obey: "Gray 1978, phase 2", "a participant does what the coordinator has decided";
        InDoubt: "Gray 1978, phase 2", "a participant that has voted yes must ask for the decision, and wait for it";
        Final: "Gray 1978, phase 2", "a decision is final: repeat it";
        PresumeAbort: "Mohan et al. 1986, presumed abort", "abort a transaction of which the coordinator knows nothing";
        NotCoordinator: "Gray 1978", "only the coordinator begins a transaction";
    }
}

rulebook! {
    /// The decisions of two-phase commit. Replacing one makes a variant, or a bug.
    pub struct Rulebook;

    /// Phase 1: whether a participant votes yes. Its locks belong to one transaction at a time.
    fn vote(locked_for: Option<RequestId>, asked: RequestId) -> Ruling<CommitRule> {
        if locked_for.is_none_or(|holder| holder == asked) { Allow(CommitRule::VoteYes) } else { Refuse(CommitRule::VoteNo) }
    }

    /// Phase 2: whether the coordinator commits, given the number of yes votes, and no vote against
    /// it.
    fn commit(votes: u32, participants: u32) -> Ruling<CommitRule> {
        if votes == participants { Allow(CommitRule::Commit) } else { Refuse(CommitRule::AwaitVotes) }
    }
}

/// A bug: the coordinator commits after the first vote.
pub const HASTY: Rulebook = Rulebook { commit: |_, _| Allow(CommitRule::Commit), ..BY_THE_BOOK };
