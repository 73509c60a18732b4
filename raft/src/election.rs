//! Leader election (Raft §5.2) and its restriction to up-to-date logs (§5.4.1).
//!
//! A node that hears no leader for an election timeout starts a new term and requests votes from
//! all others. A vote is granted once per term, is durable before it is sent, and goes only to a
//! candidate whose log is at least as up to date; so a majority of votes elects at most one leader
//! per term, and that leader has every committed entry. Split votes resolve because each timeout is
//! drawn anew at random.

use std::collections::BTreeSet;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use crate::disk::Record;
use crate::entry::Payload;
use crate::fact::Fact;
use crate::message::{Message, RequestVote, Timer, shown};
use crate::node::{Cx, Out, Raft};
use crate::position::Term;
use crate::role::{Leadership, RoleState};
use crate::rulebook::{Candidate, Election, ElectionKind, Voter};
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    pub(crate) fn on_election_timeout(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        (self.leader, self.hears_leader) = (None, false);
        let newest = self.in_force(cx);
        let in_earlier = self.memberships.since(self.commit).any(|earlier| earlier.is_voter(cx.me));
        match cx.rules.may_campaign(newest.is_voter(cx.me), in_earlier) {
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("the voters are {newest}"))
                    .arm(Timer::Election, cx.config.election.clone());
            }
            Allow(_) if cx.config.pre_vote => self.start_pre_vote(cx, out),
            Allow(rule) => self.campaign(cx, rule, false, out),
        }
    }

    /// Starts an election in a new term (Raft §5.2).
    pub(crate) fn campaign(&mut self, cx: &Cx<S>, rule: RaftRule, transfer: bool, out: &mut Out<S>) {
        if self.term.next() == self.term {
            // Its vote in the last term may be given, and there is no other to give.
            out.because(RaftRule::WaitWithoutVote)
                .why(format_args!("there is no term after {}", self.term))
                .arm(Timer::Election, cx.config.election.clone());
            return;
        }
        self.term = self.term.next();
        self.vote = Some(cx.me);
        self.leader = None;
        let asked = RequestVote { term: self.term, last: self.log.last(), transfer };
        let mut because = out.because(rule);
        because.why(format_args!("{} stands for term {}", cx.me, self.term));
        because.persist(Record::Term { term: self.term });
        because.persist(Record::Vote { candidate: cx.me });
        because.arm(Timer::Election, cx.config.election.clone());
        for voter in self.other_voters(cx) {
            because.send(voter, Message::RequestVote(asked));
        }
        let votes = BTreeSet::from([cx.me]);
        let won = cx.rules.elected(&votes, self.in_force(cx));
        self.role = RoleState::Candidate(votes);
        if won {
            self.become_leader(cx, out);
        }
    }

    pub(crate) fn other_voters(&self, cx: &Cx<S>) -> impl Iterator<Item = NodeId> + use<S> {
        let me = cx.me;
        self.in_force(cx).electorate().into_iter().filter(move |voter| *voter != me)
    }

    /// RequestVote, receiver (Raft Figure 2).
    pub(crate) fn on_request_vote(&mut self, cx: &Cx<S>, from: NodeId, asked: RequestVote, out: &mut Out<S>) {
        if asked.term > self.term {
            let protects = cx.config.check_quorum && (self.is_leader() || self.hears_leader);
            if let Refuse(rule) = cx.rules.considers_candidate(protects, asked.transfer) {
                let leader = if self.is_leader() { Some(cx.me) } else { self.leader };
                out.because(rule).why(format_args!("{} still leads", shown(leader)));
                return;
            }
            self.adopt_term(cx, asked.term, out);
        }
        let candidate = Candidate { node: from, term: asked.term, last: asked.last };
        let ruling = cx.rules.vote(candidate, self.as_voter());
        match ruling {
            Allow(_) if !self.may_vote(cx) => self.refuse_vote(cx, from, asked, RaftRule::WaitWithoutVote, out),
            Allow(rule) => self.grant_vote(cx, from, asked, rule, out),
            Refuse(rule) => self.refuse_vote(cx, from, asked, rule, out),
        }
    }

    /// Whether the rules let the node vote with its place in the configuration.
    pub(crate) fn may_vote(&self, cx: &Cx<S>) -> bool {
        self.in_force(cx).is_voter(cx.me) || cx.rules.votes_without_vote()
    }

    pub(crate) fn as_voter(&self) -> Voter {
        Voter {
            term: self.term,
            vote: self.vote,
            last: self.log.last(),
            hears_leader: self.hears_leader,
            leads: self.is_leader(),
        }
    }

    fn grant_vote(&mut self, cx: &Cx<S>, from: NodeId, asked: RequestVote, rule: RaftRule, out: &mut Out<S>) {
        let mut because = out.because(rule);
        because.why(format_args!("log {} is at least as up to date as {}", asked.last, self.log.last()));
        if self.vote != Some(from) {
            self.vote = Some(from);
            because.persist(Record::Vote { candidate: from });
        }
        because.send(from, Message::VoteGranted { term: self.term });
        if !self.is_leader() {
            because.arm(Timer::Election, cx.config.election.clone());
        }
    }

    fn refuse_vote(&self, cx: &Cx<S>, from: NodeId, asked: RequestVote, rule: RaftRule, out: &mut Out<S>) {
        let term = self.term;
        let mut because = out.because(rule);
        match rule {
            RaftRule::RefuseVoteStaleTerm => because.why(format_args!("term {} is below {term}", asked.term)),
            RaftRule::RefuseVoteGiven => because.why(format_args!("voted for {} in term {term}", shown(self.vote))),
            RaftRule::WaitWithoutVote => because.why(format_args!("the voters are {}", self.in_force(cx))),
            _ => because.why(format_args!("log {} is less up to date than {}", asked.last, self.log.last())),
        }
        .send(from, Message::VoteRefused { term });
        if cx.rules.refusal_restarts_timeout() && !self.is_leader() {
            because.arm(Timer::Election, cx.config.election.clone());
        }
    }

    /// Handles a granted vote or pre-vote.
    pub(crate) fn on_vote_granted(&mut self, cx: &Cx<S>, from: NodeId, answer: Election, out: &mut Out<S>) {
        let configured = self.configured_up_to(cx);
        let (votes, current) = match &mut self.role {
            RoleState::Candidate(votes) => (votes, Election { kind: ElectionKind::Vote, term: self.term }),
            RoleState::PreCandidate(votes) => (votes, Election { kind: ElectionKind::PreVote, term: self.term.next() }),
            RoleState::Follower | RoleState::Leader(_) => {
                out.because(RaftRule::IgnoreStale)
                    .why(format_args!("{from} votes for {}, which no longer stands for election", cx.me));
                return;
            }
        };
        debug_assert!(votes.contains(&cx.me), "a candidate votes for itself");
        match cx.rules.counts_vote(answer, current) {
            Refuse(rule) => {
                let (answered, asked) = (answer.term, current.term);
                out.because(rule).why(format_args!(
                    "{:?} in term {answered} is no answer to {:?} in term {asked}",
                    answer.kind, current.kind
                ));
            }
            Allow(rule) => {
                votes.insert(from);
                let won = cx.rules.elected(votes, self.memberships.at(configured));
                out.because(rule).why(format_args!("{from} votes for {}, which has {} votes", cx.me, votes.len()));
                match current.kind {
                    _ if !won => {}
                    ElectionKind::Vote => self.become_leader(cx, out),
                    ElectionKind::PreVote => self.campaign(cx, RaftRule::ElectionTimeout, false, out),
                }
            }
        }
    }

    /// Handles a refused vote or pre-vote; the voter's term may be higher.
    pub(crate) fn on_vote_refused(&mut self, cx: &Cx<S>, from: NodeId, term: Term, out: &mut Out<S>) {
        if term > self.term {
            self.adopt_term(cx, term, out);
        } else {
            out.because(RaftRule::NoteRefusal).why(format_args!("{from} votes for another or not at all"));
        }
    }

    /// Becomes leader (Raft §5.2); the term begins with an entry of its own (§8).
    fn become_leader(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        debug_assert!(matches!(self.role, RoleState::Candidate(_)), "only a candidate is elected");
        let begun = self.log.last_index().next();
        let mut leadership = Leadership::new(begun);
        leadership.track(self.membership().members().into_iter().filter(|node| *node != cx.me), begun);
        self.role = RoleState::Leader(Box::new(leadership));
        self.leader = Some(cx.me);
        self.incoming = None;
        let mut because = out.because(RaftRule::WinElection);
        because
            .why(format_args!("a majority of {} voted for {} in term {}", self.in_force(cx), cx.me, self.term))
            .emit(Fact::LeaderElected { term: self.term })
            .disarm(Timer::Election)
            .arm(Timer::Heartbeat, cx.config.heartbeat);
        if cx.config.check_quorum {
            because.arm(Timer::CheckQuorum, cx.config.election.end);
        }
        self.append(cx, RaftRule::BeginTerm, Payload::Noop, out);
    }
}
