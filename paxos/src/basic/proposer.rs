//! The proposer: runs ballots on behalf of clients (*Paxos Made Simple* §2.2, §2.4, §2.5).
//!
//! It asks acceptors to promise its ballot, proposes the value that P2c requires, and otherwise the
//! value of its client. If a higher ballot preempts it, or it does not succeed in time, it starts
//! again. Learners inform it of the chosen value.

use quorate_protocol::{Context, NodeId, Outbox, RequestId, Ruling};

use super::disk::{Disk, Record};
use super::message::{Command, Fact, Message, Reply, Timer};
use super::node::Paxos;
use super::view::{ProposerView, Stage};
use crate::ballot::{Ballot, DisplayBallot, DisplayNewBallot};
use crate::phase_1::{PromiseQuorum, bound};
use crate::quorums::Phase;
use crate::rules::PaxosRule;
use crate::value::{Proposal, Value};

/// The proposer of Basic Paxos.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Proposer {
    /// The highest ballot used, including before restarts.
    pub(crate) tried: Option<Ballot>,
    /// The highest ballot seen in a refusal.
    pub(crate) seen: Option<Ballot>,
    /// The ballot whose phase 1 is complete.
    pub(crate) prepared: Option<Ballot>,
    pub(crate) state: ProposerState,
    /// The requests still to be answered.
    pub(crate) waiting: Vec<RequestId>,
    /// Number of consecutive failed ballots.
    pub(crate) failures: u32,
}

/// State of a proposer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum ProposerState {
    /// No client has asked yet.
    Idle,
    /// A ballot is running, or about to be retried, for a client's value.
    Running { own: Value, attempt: Attempt },
    /// The chosen value is known.
    Decided(Proposal),
}

/// Phase of a ballot.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Attempt {
    /// Phase 1.
    Preparing { ballot: Ballot, promises: PromiseQuorum, reported: Vec<Proposal> },
    /// Phase 2.
    Proposing(Proposal),
    /// Preempted by a higher ballot; the next one begins after a pause.
    Preempted,
}

impl Proposer {
    pub(crate) fn boot(cx: &Context<Paxos>, disk: &Disk) -> Self {
        Proposer {
            tried: cx.rules.recall_tried(disk.tried),
            seen: None,
            prepared: None,
            state: ProposerState::Idle,
            waiting: Vec::new(),
            failures: 0,
        }
    }

    pub(crate) fn highest_ballot_used(&self) -> Option<Ballot> {
        self.tried
    }

    pub(crate) fn decided(&self) -> Option<&Proposal> {
        match &self.state {
            ProposerState::Decided(proposal) => Some(proposal),
            ProposerState::Idle | ProposerState::Running { .. } => None,
        }
    }

    /// Handles a client's request.
    pub(crate) fn request(
        &mut self,
        cx: &Context<Paxos>,
        ticket: RequestId,
        command: Command,
        out: &mut Outbox<Paxos>,
    ) {
        let Command::Propose { value, round } = command;
        if let Some(Proposal { ballot, value: chosen }) = self.decided() {
            out.because(PaxosRule::AnswerAtOnce)
                .why(format_args!("{chosen} was chosen in {ballot}"))
                .reply(ticket, Reply::Chosen { value: chosen.clone() });
        } else if self.waiting.contains(&ticket) {
            out.because(PaxosRule::RepeatedRequest).why(format_args!("{ticket} is being worked on"));
        } else {
            self.waiting.push(ticket);
            if matches!(self.state, ProposerState::Idle) || round.is_some() {
                self.begin(cx, PaxosRule::Prepare, value, round, out);
            } else {
                out.because(PaxosRule::JoinProposal)
                    .why(format_args!("{ticket} waits for the outcome of {}", DisplayBallot(self.tried)));
            }
        }
    }

    /// Phase 1(a): starts a new ballot, which is durable before any message of it leaves.
    fn begin(&mut self, cx: &Context<Paxos>, rule: PaxosRule, own: Value, asked: Option<u64>, out: &mut Outbox<Paxos>) {
        let ballot = cx.rules.next_ballot(cx.me, self.tried, self.seen, asked);
        let mut because = out.because(rule);
        because.why(format_args!("{}", DisplayNewBallot(ballot, self.tried.max(self.seen))));
        because.persist(Record::Tried { ballot });
        because.arm(Timer::Retry, cx.config.retry().ballot_timeout(self.failures));
        self.tried = Some(ballot);
        if !cx.rules.must_prepare(ballot, self.prepared) {
            self.propose(cx, ballot, own, &[], out);
            return;
        }
        for &acceptor in cx.config.acceptors() {
            because.send(acceptor, Message::Prepare { ballot });
        }
        let attempt = Attempt::Preparing { ballot, promises: PromiseQuorum::default(), reported: Vec::new() };
        self.state = ProposerState::Running { own, attempt };
    }

    /// Phase 1(b): counts a promise.
    pub(crate) fn promised(
        &mut self,
        cx: &Context<Paxos>,
        from: NodeId,
        reply: Ballot,
        accepted: Option<Proposal>,
        out: &mut Outbox<Paxos>,
    ) {
        let ProposerState::Running { own, attempt: Attempt::Preparing { ballot, promises, reported } } =
            &mut self.state
        else {
            out.because(PaxosRule::StaleReply)
                .why(format_args!("{reply} is not in phase 1 any more: {from} promised late"));
            return;
        };
        let ballot = *ballot;
        match promises.count(cx.rules, from, reply, ballot) {
            Ruling::Refuse(rule) => {
                out.because(rule).why(format_args!("{from} promised {reply}, this is phase 1 of {ballot}"));
            }
            Ruling::Allow(rule) => {
                reported.extend(accepted);
                let (count, quorums) = (promises.0.len(), cx.config.quorums());
                if cx.rules.quorum(Phase::One, count, quorums) {
                    let (own, reported) = (own.clone(), std::mem::take(reported));
                    self.prepared = Some(ballot);
                    self.propose(cx, ballot, own, &reported, out);
                } else {
                    out.because(rule).why(format_args!("{count} of {} promises for {ballot}", quorums.phase_1));
                }
            }
        }
    }

    /// Phase 2(a): proposes the value that P2c requires, or else the proposer's own.
    fn propose(
        &mut self,
        cx: &Context<Paxos>,
        ballot: Ballot,
        own: Value,
        reported: &[Proposal],
        out: &mut Outbox<Paxos>,
    ) {
        let bound = bound(cx.rules, reported);
        if let Some(found) = bound.filter(|_| !cx.rules.completes_reported()) {
            self.announce(cx, found, out);
            return;
        }
        let (mut because, value) = match bound {
            Some(bound) => {
                let mut because = out.because(PaxosRule::ProposeReported);
                because.why(format_args!("{} was accepted in {}", bound.value, bound.ballot));
                (because, bound.value.clone())
            }
            None => {
                let mut because = out.because(PaxosRule::ProposeFreely);
                because.why(format_args!("nothing binds {ballot}, so it proposes {own}"));
                (because, own.clone())
            }
        };
        because.emit(Fact::Proposed { ballot, value: value.clone() });
        for &acceptor in cx.config.acceptors() {
            because.send(acceptor, Message::Accept { ballot, value: value.clone() });
        }
        self.state = ProposerState::Running { own, attempt: Attempt::Proposing(Proposal { ballot, value }) };
    }

    /// Tells the clients and the other learners that a reported value was chosen, if the rules take
    /// it for that.
    fn announce(&mut self, cx: &Context<Paxos>, found: &Proposal, out: &mut Outbox<Paxos>) {
        let Proposal { ballot, value } = found.clone();
        self.on_chosen(cx, ballot, value.clone(), out);
        let mut because = out.because(PaxosRule::ShowChosen);
        because.why(format_args!("{value} was accepted in {ballot}"));
        for &learner in cx.config.learners().iter().filter(|&&learner| learner != cx.me) {
            because.send(learner, Message::Chosen { ballot, value: value.clone() });
        }
    }

    /// Handles a refusal: an acceptor has promised a higher ballot.
    pub(crate) fn refused(
        &mut self,
        cx: &Context<Paxos>,
        from: NodeId,
        reply: Ballot,
        promised: Ballot,
        out: &mut Outbox<Paxos>,
    ) {
        self.seen = self.seen.max(Some(promised));
        let ProposerState::Running { attempt, .. } = &mut self.state else {
            out.because(PaxosRule::StaleReply).why(format_args!("{reply} is not running any more"));
            return;
        };
        let ruling = match attempt {
            Attempt::Preparing { ballot, .. } | Attempt::Proposing(Proposal { ballot, .. }) => {
                cx.rules.counts(reply, *ballot)
            }
            Attempt::Preempted => Ruling::Refuse(PaxosRule::StaleReply),
        };
        match ruling {
            Ruling::Allow(_) => {
                *attempt = Attempt::Preempted;
                self.failures = cx.config.retry().failed(self.failures);
                out.because(PaxosRule::Abandon)
                    .why(format_args!("{from} promised {promised}, which is above {reply}"))
                    .arm(Timer::Retry, cx.config.retry().pause(self.failures));
            }
            Ruling::Refuse(rule) => {
                out.because(rule).why(format_args!("{reply} was given up before"));
            }
        }
    }

    /// The retry timer fired: the pause is over, or the ballot has timed out.
    pub(crate) fn retry(&mut self, cx: &Context<Paxos>, out: &mut Outbox<Paxos>) {
        let ProposerState::Running { own, attempt } = &self.state else {
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("no ballot is running"));
            return;
        };
        if !matches!(attempt, Attempt::Preempted) {
            self.failures = cx.config.retry().failed(self.failures);
        }
        self.begin(cx, PaxosRule::Retry, own.clone(), None, out);
    }

    /// Handles a learner's announcement of the chosen value.
    pub(crate) fn on_chosen(&mut self, cx: &Context<Paxos>, ballot: Ballot, value: Value, out: &mut Outbox<Paxos>) {
        if self.decided().is_some() {
            debug_assert!(self.waiting.is_empty(), "a proposer that knows what was chosen answers at once");
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} knows already", cx.me));
            return;
        }
        let mut because = out.because(PaxosRule::AnswerClient);
        because.why(format_args!("{value} was chosen in {ballot}"));
        if matches!(self.state, ProposerState::Running { .. }) {
            because.disarm(Timer::Retry);
        }
        for ticket in self.waiting.drain(..) {
            because.reply(ticket, Reply::Chosen { value: value.clone() });
        }
        self.state = ProposerState::Decided(Proposal { ballot, value });
    }

    pub(crate) fn view(&self) -> ProposerView {
        let mut view = ProposerView {
            stage: Stage::Idle,
            ballot: self.tried,
            wants: None,
            promises: Vec::new(),
            value: None,
            waiting: self.waiting.len(),
        };
        match &self.state {
            ProposerState::Idle => {}
            ProposerState::Running { own, attempt } => {
                view.wants = Some(own.clone());
                match attempt {
                    Attempt::Preparing { promises, .. } => {
                        view.stage = Stage::Preparing;
                        view.promises.clone_from(&promises.0);
                    }
                    Attempt::Proposing(proposal) => {
                        view.stage = Stage::Proposing;
                        view.value = Some(proposal.value.clone());
                    }
                    Attempt::Preempted => view.stage = Stage::BackingOff,
                }
            }
            ProposerState::Decided(proposal) => {
                view.stage = Stage::Decided;
                view.value = Some(proposal.value.clone());
            }
        }
        view
    }
}
