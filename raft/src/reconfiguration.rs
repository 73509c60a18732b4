//! Membership changes, one server at a time (dissertation ch. 4).
//!
//! If two configurations differ by one voter, any majority of one overlaps any majority of the
//! other, so the change is a single entry, in force as soon as it is in the log. This argument
//! requires that the previous change is committed and (the 2015 fix) that the leader has committed
//! an entry of its own term; otherwise two leaders could each build on a change that the other does
//! not know. New nodes catch up as learners before they get a vote (§4.2.1).

use std::collections::BTreeSet;

use quorate_protocol::Ruling::Refuse;
use quorate_protocol::{NodeId, RequestId};

use crate::client::{Refusal, Reply};
use crate::entry::{Configuration, Payload};
use crate::membership::{ConfigChange, Membership};
use crate::node::{Cx, Out, Raft};
use crate::position::LogIndex;
use crate::role::RoleState;
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    pub(crate) fn on_change(&mut self, cx: &Cx<S>, ticket: RequestId, change: &ConfigChange, out: &mut Out<S>) {
        let Some(lead) = self.role.leadership() else { return };
        let (pending, now) = self.memberships.newest();
        let next = now.after(change);
        let is_pending = pending > self.commit || now.is_joint();
        if !is_pending && next.as_ref() == Ok(now) {
            let reply = Reply::Changed(Box::new(now.clone()));
            out.because(RaftRule::ConfirmChange).why(format_args!("the members are {now}")).reply(ticket, reply);
            return;
        }
        if let Refuse(rule) = cx.rules.may_change(is_pending, self.commit >= lead.begun) {
            return self.refuse_change(rule, pending, ticket, out);
        }
        match next {
            Err(error) => {
                out.because(RaftRule::RefuseChangeImpossible)
                    .why(format_args!("{error}"))
                    .reply(ticket, Reply::Refused(Refusal::Impossible(error)));
            }
            Ok(membership) => self.start_change(cx, ticket, change, membership, out),
        }
    }

    fn refuse_change(&self, rule: RaftRule, pending: LogIndex, ticket: RequestId, out: &mut Out<S>) {
        let mut because = out.because(rule);
        if rule == RaftRule::RefuseChangePending {
            because.why(format_args!("the configuration at {pending} is not committed"));
            if !self.asked_by(pending, ticket) {
                because.reply(ticket, Reply::Refused(Refusal::ChangeInProgress { index: pending }));
            }
        } else {
            because
                .why(format_args!("nothing of term {} is committed", self.term))
                .reply(ticket, Reply::Refused(Refusal::NothingCommittedYet));
        }
    }

    /// Whether the pending change comes from this very request, which is answered when the change
    /// commits.
    fn asked_by(&self, pending: LogIndex, ticket: RequestId) -> bool {
        self.log.entry(pending).is_some_and(
            |entry| matches!(&entry.payload, Payload::Configure(configuration) if configuration.ticket == Some(ticket)),
        )
    }

    fn start_change(
        &mut self,
        cx: &Cx<S>,
        ticket: RequestId,
        change: &ConfigChange,
        membership: Membership,
        out: &mut Out<S>,
    ) {
        if let ConfigChange::AddVoter(node) = *change {
            let (lacks, limit) = (self.lacks(node), cx.config.promotion_lag);
            if !cx.rules.may_promote(lacks, limit) {
                out.because(RaftRule::RefusePromotion)
                    .why(format_args!("{node} lacks {lacks} entries and may lack {limit}"))
                    .reply(ticket, Reply::Refused(Refusal::LearnerBehind { node, lacks, limit }));
                return;
            }
        }
        let rule = if membership.is_joint() { RaftRule::EnterJoint } else { RaftRule::StartChange };
        self.append(cx, rule, Payload::Configure(Box::new(Configuration { ticket: Some(ticket), membership })), out);
        // A group of one voter commits at once, which can end the leadership.
        if matches!(self.role, RoleState::Leader(_)) {
            self.leave_joint(cx, out);
        }
    }

    /// Number of entries of the leader's log that a member is not known to have; the leader itself
    /// has them all.
    fn lacks(&self, node: NodeId) -> u64 {
        let Some(follower) = self.role.leadership().and_then(|lead| lead.follower(node)) else { return 0 };
        self.log.last_index().since(follower.matched)
    }

    /// Updates the followers to the newest configuration and the one in force; new ones start from
    /// the entry that added them.
    pub(crate) fn track_members(&mut self, cx: &Cx<S>, next: LogIndex) {
        let members = self.membership().members().into_iter().chain(self.in_force(cx).members());
        let others: BTreeSet<NodeId> = members.filter(|node| *node != cx.me).collect();
        if let Some(lead) = self.role.leadership_mut() {
            lead.track(others.into_iter(), next);
        }
    }

    /// Steps down once the leader is not a voter of the committed configuration
    /// (dissertation §4.2.2).
    pub(crate) fn leave_after_removal(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let (index, membership) = self.memberships.newest();
        if !matches!(self.role, RoleState::Leader(_)) || index > self.commit || membership.is_voter(cx.me) {
            return;
        }
        let membership = membership.clone();
        let mut because = out.because(RaftRule::SendEntries);
        because.why(format_args!("the others learn that the configuration at {index} is committed"));
        self.send_heartbeats(cx, &mut because);
        self.step_down(cx, RaftRule::LeaveAfterRemoval, self.term, format_args!("the voters are {membership}"), out);
    }
}
