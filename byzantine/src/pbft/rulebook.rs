//! The rulebook: each decision of PBFT as one small pure function.
//!
//! The roles consult it and do the rest. To see the purpose of a rule, replace it and run the same
//! schedule:
//!
//! ```
//! use quorate_byzantine::pbft::{BY_THE_BOOK, Rulebook};
//!
//! // Two quorums of 2f among 3f+1 replicas may have only liars in common.
//! const TOO_FEW: Rulebook = Rulebook { quorum: |f| 2 * f, ..BY_THE_BOOK };
//!
//! assert_eq!(BY_THE_BOOK.quorum(1), 3);
//! assert!(!BY_THE_BOOK.committed(1, 2).allows());
//! assert!(TOO_FEW.committed(1, 2).allows());
//! ```

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::request::Digest;
use super::rules::PbftRule;

quorate_protocol::rulebook! {
    /// The decisions of PBFT. [`BY_THE_BOOK`] follows the paper exactly; sections are those of
    /// *PBFT* (1999), and `f` is the number of liars that the cluster bears.
    pub struct Rulebook;

    /// §4.5.1: the size of a quorum: of 3f+1 replicas any two quorums of 2f+1 have f+1 in common,
    /// so at least one that is honest.
    fn quorum(f: usize) -> usize {
        2 * f + 1
    }

    /// §4.1: the number of equal reports that a client needs: of f+1 replicas one is honest.
    fn reports(f: usize) -> usize {
        f + 1
    }

    /// §2: whether a message with the seal of `by` counts as one of the node that it claims to come
    /// from.
    fn seal_holds(by: NodeId, claimed: NodeId) -> bool {
        by == claimed
    }

    /// §4.2: whether a number lies between the water marks: above the last stable checkpoint,
    /// `low`, and at most `high`.
    fn in_window(low: u64, high: u64, number: u64) -> bool {
        low < number && number <= high
    }

    /// §4.2: whether a backup accepts a proposal for a number of the view in which it has
    /// `accepted` that one.
    fn accepts(accepted: Option<&Digest>, proposed: &Digest) -> Ruling<PbftRule> {
        match accepted {
            None => Allow(PbftRule::Prepare),
            Some(accepted) if accepted == proposed => Refuse(PbftRule::RepeatedProposal),
            Some(_) => Refuse(PbftRule::OneDigestPerNumber),
        }
    }

    /// §4.2: whether a prepare or a commit is one for the proposal that was accepted.
    fn matches(accepted: &Digest, voted: &Digest) -> bool {
        accepted == voted
    }

    /// §4.2: whether a proposal is prepared, with that many matching prepares of backups. The
    /// proposal itself is the primary's vote.
    fn prepared(rules: &Rulebook, f: usize, prepares: usize) -> Ruling<PbftRule> {
        if prepares + 1 >= rules.quorum(f) { Allow(PbftRule::Prepared) } else { Refuse(PbftRule::CountPrepare) }
    }

    /// §4.2: whether a prepared request is committed, with that many matching commits.
    fn committed(rules: &Rulebook, f: usize, commits: usize) -> Ruling<PbftRule> {
        if commits >= rules.quorum(f) { Allow(PbftRule::Committed) } else { Refuse(PbftRule::CountCommit) }
    }

    /// §4.1: whether a request is executed. `last` is the number of the client's newest request
    /// that was executed.
    fn executes(last: Option<u64>, number: u64) -> Ruling<PbftRule> {
        match last {
            Some(last) if number == last => Refuse(PbftRule::AnswerFromRecord),
            Some(last) if number < last => Refuse(PbftRule::Overtaken),
            _ => Allow(PbftRule::Execute),
        }
    }

    /// §4.3: whether a checkpoint is stable, with that many equal reports of it.
    fn stable(rules: &Rulebook, f: usize, reports: usize) -> Ruling<PbftRule> {
        if reports >= rules.quorum(f) { Allow(PbftRule::Stable) } else { Refuse(PbftRule::CountCheckpoint) }
    }

    /// §4.4: whether a replica joins a view change that so many others want: with f+1 one of them
    /// is honest.
    fn joins(f: usize, others: usize) -> Ruling<PbftRule> {
        if others > f { Allow(PbftRule::JoinViewChange) } else { Refuse(PbftRule::CountViewChange) }
    }

    /// §4.4: whether a new view may begin, with that many view changes.
    fn begins(rules: &Rulebook, f: usize, view_changes: usize) -> Ruling<PbftRule> {
        if view_changes >= rules.quorum(f) { Allow(PbftRule::BeginView) } else { Refuse(PbftRule::CountViewChange) }
    }

    /// §4.4: whether view changes and new views must prove their claims.
    fn demands_proof() -> bool {
        true
    }

    /// §4.4: of two requests that were prepared for one number, in these views, whether the first
    /// is proposed again: that of the later view.
    fn prefers(view: u64, other: u64) -> bool {
        view > other
    }
}
