//! PreVote (dissertation §9.6): a node that was partitioned does not depose the leader when it
//! returns.
//!
//! Before it starts a term, a node asks the others whether they *would* vote for it. The request
//! changes no node's term, and nodes that have heard the leader within the minimum election timeout
//! refuse.

use std::collections::BTreeSet;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use crate::message::{Message, RequestVote, Timer};
use crate::node::{Cx, Out, Raft};
use crate::role::RoleState;
use crate::rulebook::Candidate;
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    pub(crate) fn start_pre_vote(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let votes = BTreeSet::from([cx.me]);
        if cx.rules.elected(&votes, self.in_force(cx)) {
            return self.campaign(cx, RaftRule::ElectionTimeout, false, out);
        }
        let asked = RequestVote { term: self.term.next(), last: self.log.last(), transfer: false };
        let mut because = out.because(RaftRule::StartPreVote);
        because
            .why(format_args!("{} would stand for term {}", cx.me, asked.term))
            .arm(Timer::Election, cx.config.election.clone());
        for voter in self.other_voters(cx) {
            because.send(voter, Message::RequestPreVote(asked));
        }
        self.role = RoleState::PreCandidate(votes);
    }

    pub(crate) fn on_request_pre_vote(&mut self, cx: &Cx<S>, from: NodeId, asked: RequestVote, out: &mut Out<S>) {
        let (term, last) = (self.term, self.log.last());
        let candidate = Candidate { node: from, term: asked.term, last: asked.last };
        let ruling = match cx.rules.pre_vote(candidate, self.as_voter()) {
            Allow(_) if !self.may_vote(cx) => Refuse(RaftRule::WaitWithoutVote),
            ruling => ruling,
        };
        match ruling {
            Allow(rule) => {
                let mut because = out.because(rule);
                because
                    .why(format_args!("log {} is at least as up to date as {last}", asked.last))
                    .send(from, Message::PreVoteGranted { term: asked.term });
                if cx.rules.pre_vote_restarts_timeout() {
                    because.arm(Timer::Election, cx.config.election.clone());
                }
            }
            Refuse(rule) => {
                let mut because = out.because(rule);
                match rule {
                    RaftRule::RefusePreVoteStaleTerm => {
                        because.why(format_args!("term {} is not above {term}", asked.term))
                    }
                    RaftRule::RefusePreVoteOutdated => {
                        because.why(format_args!("log {} is less up to date than {last}", asked.last))
                    }
                    RaftRule::WaitWithoutVote => because.why(format_args!("the voters are {}", self.in_force(cx))),
                    _ => because.why(format_args!("a leader of term {term} is heard")),
                }
                .send(from, Message::PreVoteRefused { term });
            }
        }
    }
}
