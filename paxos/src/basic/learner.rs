//! The learner: finds out which value was chosen (*Paxos Made Simple* §2.3).
//!
//! It counts the votes of distinct acceptors in one ballot. A learner that missed the votes asks
//! acceptors and other learners, and trusts the answer of another learner.

use quorate_protocol::{Because, Context, NodeId, Outbox};

use super::message::{Fact, Message, Timer};
use super::node::Paxos;
use super::view::{LearnerView, VoteView};
use crate::ballot::Ballot;
use crate::rules::PaxosRule;
use crate::tally::{Count, Tally, Vote};
use crate::value::{Proposal, Value};

/// The learner of Basic Paxos.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Learner {
    pub(crate) tally: Tally<Value>,
    pub(crate) chosen: Option<Proposal>,
}

impl Learner {
    pub(crate) fn boot(cx: &Context<Paxos>, out: &mut Outbox<Paxos>) -> Self {
        if let Some(after) = cx.config.catch_up() {
            out.because(PaxosRule::AskForNews)
                .why(format_args!("{} will ask, unless it hears before", cx.me))
                .arm(Timer::CatchUp, after);
        }
        Learner { tally: Tally::default(), chosen: None }
    }

    pub(crate) fn chosen(&self) -> Option<&Proposal> {
        self.chosen.as_ref()
    }

    /// Phase 2(b): counts a vote.
    pub(crate) fn vote(
        &mut self,
        cx: &Context<Paxos>,
        from: NodeId,
        ballot: Ballot,
        value: Value,
        out: &mut Outbox<Paxos>,
    ) {
        let quorums = cx.config.quorums();
        match self.tally.count(cx.rules, quorums, from, ballot, &value) {
            Count::Repeated => {
                out.because(PaxosRule::RepeatedVote).why(format_args!("{from} voted in {ballot} before"));
            }
            Count::Older(later) => {
                out.because(PaxosRule::OlderVote).why(format_args!("{from} has voted in {later} since {ballot}"));
            }
            Count::Late => {
                out.because(PaxosRule::LateVote).why(format_args!("{ballot} had its quorum before"));
            }
            Count::Short(count) => {
                out.because(PaxosRule::CountVote).why(format_args!("{count} of {} votes in {ballot}", quorums.phase_2));
            }
            Count::Quorum(count) => self.quorum(cx, count, Proposal { ballot, value }, out),
        }
    }

    /// Handles a quorum of votes: learns the value, the first time.
    fn quorum(&mut self, cx: &Context<Paxos>, count: usize, proposal: Proposal, out: &mut Outbox<Paxos>) {
        let known = self.chosen.as_ref().is_some_and(|chosen| chosen.value == proposal.value);
        let mut because = out.because(if known { PaxosRule::ChosenAgain } else { PaxosRule::LearnChosen });
        because.why(format_args!("{count} acceptors accepted {} in {}", proposal.value, proposal.ballot));
        if !known {
            self.learn(cx, &proposal, &mut because);
            if cx.config.distinguished_learner() == Some(cx.me) {
                let others = cx.config.learners().iter().filter(|&&learner| learner != cx.me);
                others.for_each(|&learner| pass_on(&proposal, learner, &mut because));
            }
        }
        self.tell_proposers(cx, &proposal, known, &mut because);
    }

    /// Informs the proposer on this node, and the owner of the ballot unless it learns by itself.
    fn tell_proposers(&self, cx: &Context<Paxos>, proposal: &Proposal, known: bool, because: &mut Because<'_, Paxos>) {
        if !known && cx.config.is_proposer(cx.me) {
            pass_on(proposal, cx.me, because);
        }
        let owner = proposal.ballot.node;
        let has_heard = !known && cx.config.distinguished_learner().is_some() && cx.config.is_learner(owner);
        if !has_heard && cx.config.informs_proposer(cx.me, owner) {
            pass_on(proposal, owner, because);
        }
    }

    fn learn(&mut self, cx: &Context<Paxos>, proposal: &Proposal, because: &mut Because<'_, Paxos>) {
        because.emit(Fact::Chosen { ballot: proposal.ballot, value: proposal.value.clone() });
        if cx.config.catch_up().is_some() {
            because.disarm(Timer::CatchUp);
        }
        self.chosen = Some(proposal.clone());
    }

    /// Handles a choice reported by another learner.
    pub(crate) fn on_chosen(
        &mut self,
        cx: &Context<Paxos>,
        from: NodeId,
        ballot: Ballot,
        value: Value,
        out: &mut Outbox<Paxos>,
    ) {
        if self.chosen.as_ref().is_some_and(|chosen| chosen.value == value) {
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} knows already", cx.me));
            return;
        }
        let mut because = out.because(PaxosRule::LearnFromLearner);
        because.why(format_args!("{from} says that {value} was chosen in {ballot}"));
        self.learn(cx, &Proposal { ballot, value }, &mut because);
    }

    /// Handles the catch-up timer: asks every acceptor and every other learner.
    pub(crate) fn ask(&self, cx: &Context<Paxos>, out: &mut Outbox<Paxos>) {
        let after = match (cx.config.catch_up(), &self.chosen) {
            (Some(after), None) => after,
            _ => {
                out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} knows already", cx.me));
                return;
            }
        };
        let mut because = out.because(PaxosRule::AskForNews);
        because.why(format_args!("{} has heard of no choice", cx.me));
        for &acceptor in cx.config.acceptors() {
            because.send(acceptor, Message::AskAccepted);
        }
        for &learner in cx.config.learners().iter().filter(|&&learner| learner != cx.me) {
            because.send(learner, Message::AskChosen);
        }
        because.arm(Timer::CatchUp, after);
    }

    /// Answers another learner.
    pub(crate) fn on_ask_chosen(&self, from: NodeId, out: &mut Outbox<Paxos>) {
        match &self.chosen {
            Some(proposal) => {
                let mut because = out.because(PaxosRule::ShowChosen);
                pass_on(
                    proposal,
                    from,
                    because.why(format_args!("{} was chosen in {}", proposal.value, proposal.ballot)),
                );
            }
            None => {
                out.because(PaxosRule::NothingChosen).why(format_args!("{from} asks too early"));
            }
        }
    }

    pub(crate) fn view(&self) -> LearnerView {
        let votes = self.tally.votes.iter().map(|Vote { from, proposal }| VoteView {
            from: *from,
            ballot: proposal.ballot,
            value: proposal.value.clone(),
        });
        LearnerView { votes: votes.collect(), chosen: self.chosen.clone() }
    }
}

fn pass_on(Proposal { ballot, value }: &Proposal, to: NodeId, because: &mut Because<'_, Paxos>) {
    because.send(to, Message::Chosen { ballot: *ballot, value: value.clone() });
}
