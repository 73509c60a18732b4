//! Leadership transfer (dissertation §3.10): a leader hands over to a chosen successor.
//!
//! The leader stops accepting requests, brings the successor's log up to date, and tells it to
//! start an election at once. The successor then most likely wins, because its log is complete and
//! the other nodes have not timed out yet. If the successor has not taken over within an election
//! timeout, the leader accepts requests again.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{NodeId, RequestId};

use crate::client::{Refusal, Reply};
use crate::message::{Message, Timer};
use crate::node::{Cx, Out, Raft};
use crate::position::Term;
use crate::role::{RoleState, Transfer};
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    pub(crate) fn on_transfer(&mut self, cx: &Cx<S>, ticket: RequestId, to: NodeId, out: &mut Out<S>) {
        let is_voter = self.in_force(cx).is_voter(to);
        let Some(lead) = self.role.leadership_mut() else { return };
        if !is_voter {
            let reply = Reply::Refused(Refusal::NotAVoter(to));
            out.because(RaftRule::RefuseTransfer).why(format_args!("{to} is not a voter")).reply(ticket, reply);
        } else if to == cx.me {
            let reply = Reply::SteppedAside(to);
            out.because(RaftRule::RefuseTransfer).why(format_args!("{to} leads already")).reply(ticket, reply);
        } else {
            lead.transfer = Some(Transfer { to, ticket, timeout_now_sent: false });
            out.because(RaftRule::StartTransfer)
                .why(format_args!("{to} is to lead next"))
                .arm(Timer::Transfer, cx.config.election.end);
            self.advance_transfer(out);
        }
    }

    /// Sends TimeoutNow to the successor once its log is complete.
    pub(crate) fn advance_transfer(&mut self, out: &mut Out<S>) {
        // Committing may have ended the leadership, and with it the transfer.
        let RoleState::Leader(lead) = &mut self.role else { return };
        let Some(transfer) = lead.transfer.filter(|transfer| !transfer.timeout_now_sent) else { return };
        let last = self.log.last_index();
        if lead.follower(transfer.to).is_some_and(|progress| progress.matched >= last) {
            lead.transfer = Some(Transfer { timeout_now_sent: true, ..transfer });
            out.because(RaftRule::SendTimeoutNow)
                .why(format_args!("{} has everything up to {last}", transfer.to))
                .send(transfer.to, Message::TimeoutNow { term: self.term });
        }
    }

    pub(crate) fn on_transfer_timeout(&mut self, out: &mut Out<S>) {
        let Some(lead) = self.role.leadership_mut() else { return };
        let mut because = out.because(RaftRule::AbandonTransfer);
        if let Some(Transfer { to, ticket, .. }) = lead.transfer.take() {
            because
                .why(format_args!("{to} has not taken over"))
                .reply(ticket, Reply::Refused(Refusal::TransferTimedOut { to }));
        }
    }

    /// Starts an election at once, without a pre-vote: the leader has chosen this node as its
    /// successor.
    pub(crate) fn on_timeout_now(&mut self, cx: &Cx<S>, from: NodeId, term: Term, out: &mut Out<S>) {
        let is_voter = self.in_force(cx).is_voter(cx.me);
        match cx.rules.obeys_timeout_now(term, self.term) {
            Allow(rule) if is_voter && !self.is_leader() => self.campaign(cx, rule, true, out),
            Allow(_) | Refuse(_) => {
                out.because(RaftRule::IgnoreStale).why(format_args!("{from} led term {term}"));
            }
        }
    }
}
