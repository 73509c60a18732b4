//! Trust: the leader's own lease, and the votes that are withheld for it (Ongaro §6.4.1, §4.2.3).

use std::collections::BTreeSet;

use quorate_protocol::Time;
use quorate_protocol::{Context, Duration, NodeId};
use quorate_raft::Term;

use super::node::RaftLease;
use super::rules::ReplicatedRule;
use crate::rulebook::Rulebook;
use crate::terms::Terms;

/// A server's promise to vote for nobody else.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Promise {
    until: Option<Time>,
}

impl Promise {
    /// A server that may have promised before it restarted keeps its vote for as long.
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

    /// Whether a vote, or one's own candidacy, must wait; `None` if not, else until when.
    pub(crate) fn withholds(&self, cx: &Context<RaftLease>, sent_by_leader: bool, now: Time) -> Option<Time> {
        let until = self.until.filter(|&until| !cx.rules.has_ended(until, now));
        until.filter(|_| cx.rules.withholds_vote(true, sent_by_leader))
    }
}

/// The leader's side.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Leadership {
    pub(crate) term: Term,
    /// When it began to lead, on its clock.
    pub(crate) since: Time,
    /// The newest question, and who has answered it.
    asked: Option<Time>,
    trusted_by: BTreeSet<NodeId>,
    pub(crate) until: Option<Time>,
    pub(crate) laid_down: bool,
}

impl Leadership {
    pub(crate) fn begin(term: Term, since: Time) -> Self {
        Leadership { term, since, asked: None, trusted_by: BTreeSet::new(), until: None, laid_down: false }
    }

    /// A new question. The leader trusts itself.
    pub(crate) fn ask(&mut self, me: NodeId, now: Time) {
        self.asked = Some(now);
        self.trusted_by = BTreeSet::from([me]);
    }

    /// An answer. Returns the rule, and how many trust this leader now.
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

    /// Gives the lease up for the rest of the term: a late message of the transfer may still bring up another leader.
    pub(crate) fn lay_down(&mut self) {
        (self.laid_down, self.until, self.asked) = (true, None, None);
    }
}
