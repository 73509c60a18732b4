//! CheckQuorum and leader stickiness: a leader without a majority steps down (dissertation §6.2),
//! and nodes ignore candidates while they still hear a leader (Raft §6, dissertation §4.2.3).
//!
//! CheckQuorum spares clients a leader that can no longer commit. Stickiness spares the cluster
//! elections forced by removed or flapping nodes. Stickiness needs CheckQuorum, and stale leaders
//! must be answered; otherwise a cluster could get stuck.

use quorate_protocol::Ruling::{Allow, Refuse};

use crate::message::Timer;
use crate::node::{Cx, Out, Raft};
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    pub(crate) fn on_check_quorum(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let configured = self.configured_up_to(cx);
        let Some(lead) = self.role.leadership_mut() else { return };
        let me = cx.me;
        let active = lead.followers.iter().filter(|(_, progress)| progress.recently_active).map(|(node, _)| *node);
        let active = active.chain([me]).collect();
        let majority = cx.rules.elected(&active, self.memberships.at(configured));
        lead.followers.iter_mut().for_each(|(_, progress)| progress.recently_active = false);
        match cx.rules.keeps_leading(majority) {
            Allow(rule) => {
                out.because(rule)
                    .why(format_args!("{} of {} are heard, itself included", active.len(), self.in_force(cx)))
                    .arm(Timer::CheckQuorum, cx.config.election.end);
            }
            Refuse(rule) => {
                let membership = self.in_force(cx).clone();
                let why = format_args!("{} of {membership} are heard, itself included", active.len());
                self.step_down(cx, rule, self.term, why, out);
            }
        }
    }

    pub(crate) fn on_leader_silence(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        self.hears_leader = false;
        out.because(RaftRule::LeaderSilent)
            .why(format_args!("no leader was heard for {} ms", cx.config.election.start.as_millis()));
    }
}
