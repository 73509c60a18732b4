//! Joint consensus (Raft §6, dissertation §4.3): from any configuration to any other.
//!
//! While the joint configuration is in force, elections and commitment need a majority of the old
//! voters *and* of the new ones; [`Membership::groups`](crate::Membership::groups) returns both,
//! and every count uses it. Once the joint configuration is committed, neither side can decide
//! alone, and the leader appends the new configuration.

use crate::entry::{Configuration, Payload};
use crate::node::{Cx, Out, Raft};
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    /// Appends the new configuration as soon as the rules let the joint one go, even if an earlier
    /// leader created the joint one.
    pub(crate) fn leave_joint(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let (index, membership) = self.memberships.newest();
        let Some(lead) = self.role.leadership() else { return };
        if !membership.is_joint() || !cx.rules.leaves_joint(index <= self.commit) || self.commit < lead.begun {
            return;
        }
        let membership = membership.settled();
        let ticket = self.log.entry(index).and_then(|entry| match &entry.payload {
            Payload::Configure(configuration) => configuration.ticket,
            Payload::Noop | Payload::Apply { .. } => None,
        });
        let configuration = Configuration { ticket, membership };
        self.append(cx, RaftRule::LeaveJoint, Payload::Configure(Box::new(configuration)), out);
    }
}
