//! Leader leases: the leader's own lease, and the votes withheld while it may run (Ongaro §6.4.1,
//! §4.2.3).

use std::collections::BTreeSet;

use quorate_protocol::Time;
use quorate_protocol::{Context, Duration, NodeId};
use quorate_raft::Term;

use super::node::RaftLease;
use super::rules::ReplicatedRule;
use crate::rulebook::Rulebook;
use crate::terms::Terms;

/// A server's promise to vote for no other node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Promise {
    until: Option<Time>,
}

impl Promise {
    /// A server that may have promised before it restarted withholds its vote for as long.
    pub(crate) fn boot(cx: &Context<RaftLease>, is_new: bool, now: Time) -> Self {
        let terms = cx.config.trust;
        let until = (!is_new).then(|| now + cx.rules.distrust_after_restart(terms.granter()));
        Promise { until }
    }

    pub(crate) fn give(&mut self, cx: &Context<RaftLease>, now: Time) -> Duration {
        let span = cx.rules.trust_term(&cx.config.trust);
        self.until = self.until.max(Some(now + span));
        span
    }

    /// End of the promise if a vote, or the node's own candidacy, must wait for it; otherwise
    /// `None`.
    pub(crate) fn withholds(&self, cx: &Context<RaftLease>, sent_by_leader: bool, now: Time) -> Option<Time> {
        let until = self.until.filter(|&until| !cx.rules.has_ended(until, now));
        until.filter(|_| cx.rules.withholds_vote(true, sent_by_leader))
    }
}

/// State of the leader's own lease.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Leadership {
    pub(crate) term: Term,
    /// Start of its leadership, on its clock.
    pub(crate) since: Time,
    /// Time of the newest request for trust. `trusted_by` are the servers that have answered it.
    asked: Option<Time>,
    trusted_by: BTreeSet<NodeId>,
    pub(crate) until: Option<Time>,
    pub(crate) laid_down: bool,
}

impl Leadership {
    pub(crate) fn begin(term: Term, since: Time) -> Self {
        Leadership { term, since, asked: None, trusted_by: BTreeSet::new(), until: None, laid_down: false }
    }

    /// Starts a new round of requests. The leader trusts itself.
    pub(crate) fn ask(&mut self, me: NodeId, now: Time) {
        self.asked = Some(now);
        self.trusted_by = BTreeSet::from([me]);
    }

    /// Handles a follower's answer. Returns the rule, and the number of servers that trust this
    /// leader now.
    pub(crate) fn take(
        &mut self,
        rules: &Rulebook,
        (from, sent): (NodeId, Time),
        (servers, terms): (usize, &Terms),
        now: Time,
    ) -> (ReplicatedRule, usize) {
        if !rules.counts_trust(self.asked, sent) || self.laid_down || !self.trusted_by.insert(from) {
            return (ReplicatedRule::StaleTrust, self.trusted_by.len());
        }
        if rules.majority(self.trusted_by.len(), servers) {
            let until = rules.counts_from(sent, now) + rules.holder_term(terms);
            self.until = self.until.max(Some(until));
        }
        (ReplicatedRule::TakeTrust, self.trusted_by.len())
    }

    /// Gives up the lease for the rest of the term: a late message of the transfer may still cause
    /// another leader to be elected.
    pub(crate) fn lay_down(&mut self) {
        (self.laid_down, self.until, self.asked) = (true, None, None);
    }
}
