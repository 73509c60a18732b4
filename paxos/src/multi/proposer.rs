//! The proposer of Multi-Paxos: follower, candidate or leader (*Paxos Made Simple* §3).
//!
//! A leader is a proposer that has completed phase 1 of its ballot, once, for all slots. Each
//! command then takes phase 2 alone. The others wait for its heartbeats, and take over when these
//! stop.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Because, Context, Delay, NodeId, Outbox, RequestId, Ruling};

use super::HOLE_LIMIT;
use super::disk::{Disk, Record};
use super::learner::first_open;
use super::message::{Command, Message, Reply, SlotProposal, Timer};
use super::node::MultiPaxos;
use super::view::{self, ProposerView};
use crate::ballot::{Ballot, DisplayBallot, DisplayNewBallot};
use crate::entry::{Entry, Slot};
use crate::phase_1::PromiseQuorum;
use crate::quorums::Phase;
use crate::rules::PaxosRule;
use crate::value::{Proposal, Value};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Proposer {
    /// The highest ballot used, including before restarts.
    tried: Option<Ballot>,
    /// The highest ballot seen in a refusal or heartbeat.
    seen: Option<Ballot>,
    /// The ballot whose phase 1 is complete.
    pub(super) prepared: Option<Ballot>,
    pub(super) role: Role,
    /// The leader, as far as known.
    pub(super) leader: Option<NodeId>,
    /// The first slot not known to be chosen.
    pub(super) open: Slot,
    /// The first slot without a proposal of ours.
    pub(super) next: Slot,
    /// Our proposals in slots not known to be chosen.
    pub(super) pending: BTreeMap<Slot, Entry>,
    /// The tickets of these commands.
    pub(super) underway: BTreeSet<RequestId>,
    /// Proposals below this slot existed at the last heartbeat, so they are overdue.
    pub(super) overdue_below: Slot,
    /// Commands queued until the end of phase 1.
    pub(super) queue: Vec<(RequestId, Value)>,
    /// The requests to answer once their commands are chosen.
    pub(super) waiting: BTreeSet<RequestId>,
    /// The slot of each command in the known log.
    done: BTreeMap<RequestId, Slot>,
    /// Number of consecutive failed ballots.
    pub(super) failures: u32,
}

/// Role of a proposer in leader election.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Role {
    /// Another proposer leads, or none does.
    Follower,
    /// In phase 1.
    Candidate { ballot: Ballot, promises: PromiseQuorum, reported: BTreeMap<Slot, Vec<Proposal<Entry>>> },
    /// Phase 1 is complete.
    Leader { ballot: Ballot },
}

impl Proposer {
    pub(super) fn boot(cx: &Context<MultiPaxos>, disk: &Disk, out: &mut Outbox<MultiPaxos>) -> Self {
        let open = first_open(&disk.chosen, Slot::FIRST);
        let mut proposer = Proposer {
            tried: cx.rules.recall_tried(disk.tried),
            seen: None,
            prepared: None,
            role: Role::Follower,
            leader: None,
            open,
            next: open,
            pending: BTreeMap::new(),
            underway: BTreeSet::new(),
            overdue_below: Slot::FIRST,
            queue: Vec::new(),
            waiting: BTreeSet::new(),
            done: BTreeMap::new(),
            failures: 0,
        };
        for (&slot, chosen) in disk.chosen.range(..open) {
            proposer.note_done(slot, &chosen.value);
        }
        out.because(PaxosRule::AwaitLeader)
            .why(format_args!("no leader is known yet"))
            .arm(Timer::Election, proposer.election_delay(cx));
        proposer
    }

    pub(super) fn is_leader(&self) -> bool {
        self.leads_in().is_some()
    }

    /// The ballot in which this proposer leads.
    pub(super) fn leads_in(&self) -> Option<Ballot> {
        match self.role {
            Role::Leader { ballot } => Some(ballot),
            Role::Follower | Role::Candidate { .. } => None,
        }
    }

    pub(super) fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    pub(super) fn highest_ballot_used(&self) -> Option<Ballot> {
        self.tried
    }

    /// The ballot in which this proposer campaigns or leads.
    fn running(&self) -> Option<Ballot> {
        match self.role {
            Role::Follower => None,
            Role::Candidate { ballot, .. } | Role::Leader { ballot } => Some(ballot),
        }
    }

    /// Election timeout, from a range that widens with each failure.
    fn election_delay(&self, cx: &Context<MultiPaxos>) -> Delay {
        let election = cx.config.rhythm().election;
        match self.failures {
            0 => election,
            failures => {
                let widened = election.max().saturating_add(cx.config.retry().backoff.longest(failures));
                (election.min()..widened).into()
            }
        }
    }

    /// Handles a client's command.
    pub(super) fn request(
        &mut self,
        cx: &Context<MultiPaxos>,
        ticket: RequestId,
        command: Command,
        out: &mut Outbox<MultiPaxos>,
    ) {
        let Command::Propose { value } = command;
        if let Some(&slot) = self.done.get(&ticket) {
            out.because(PaxosRule::AnswerAtOnce)
                .why(format_args!("{value} was chosen in slot {slot}"))
                .reply(ticket, Reply::Chosen { slot, value });
            return;
        }
        match (&self.role, self.leader) {
            (Role::Leader { .. }, _) if self.underway.contains(&ticket) => {
                self.waiting.insert(ticket);
                out.because(PaxosRule::RepeatedRequest).why(format_args!("{ticket} is proposed already"));
            }
            (&Role::Leader { ballot }, _) => self.propose_next(cx, ballot, ticket, value, out),
            (Role::Follower, Some(leader)) => {
                out.because(PaxosRule::Redirect)
                    .why(format_args!("{leader} leads"))
                    .reply(ticket, Reply::NotLeader { leader: Some(leader) });
            }
            (Role::Follower, None) => {
                self.enqueue(ticket, value, out);
                self.campaign(cx, out);
            }
            (Role::Candidate { .. }, _) => self.enqueue(ticket, value, out),
        }
    }

    fn enqueue(&mut self, ticket: RequestId, value: Value, out: &mut Outbox<MultiPaxos>) {
        if self.queue.iter().any(|(queued, _)| *queued == ticket) {
            out.because(PaxosRule::RepeatedRequest).why(format_args!("{ticket} waits already"));
        } else {
            out.because(PaxosRule::QueueRequest).why(format_args!("{ticket} waits for a leader"));
            self.queue.push((ticket, value));
        }
    }

    /// The election timer fired: no leader was heard for too long, or the campaign has timed out.
    pub(super) fn election(&mut self, cx: &Context<MultiPaxos>, out: &mut Outbox<MultiPaxos>) {
        match self.role {
            Role::Leader { .. } => {
                out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} leads", cx.me));
                return;
            }
            Role::Candidate { .. } => self.failures = cx.config.retry().failed(self.failures),
            Role::Follower => {}
        }
        self.campaign(cx, out);
    }

    /// Phase 1(a), for all open slots at once.
    fn campaign(&mut self, cx: &Context<MultiPaxos>, out: &mut Outbox<MultiPaxos>) {
        let ballot = cx.rules.next_ballot(cx.me, self.tried, self.seen, None);
        let (from_slot, fresh) = (self.open, DisplayNewBallot(ballot, self.tried.max(self.seen)));
        let mut because = out.because(PaxosRule::Campaign);
        because.why(format_args!("{fresh}, and slot {from_slot} is open"));
        because.persist(Record::Tried { ballot });
        self.tried = Some(ballot);
        self.leader = None;
        if cx.rules.must_prepare(ballot, self.prepared) {
            self.role = Role::Candidate { ballot, promises: PromiseQuorum::default(), reported: BTreeMap::new() };
            for &acceptor in cx.config.acceptors() {
                because.send(acceptor, Message::Prepare { ballot, from_slot });
            }
            because.arm(Timer::Election, self.election_delay(cx));
        } else {
            self.lead(cx, ballot, &BTreeMap::new(), out);
        }
    }

    /// Phase 1(b): counts a promise, with the acceptor's reports for the open slots.
    pub(super) fn promised(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        reply: Ballot,
        accepted: Vec<SlotProposal>,
        out: &mut Outbox<MultiPaxos>,
    ) {
        let Role::Candidate { ballot, promises, reported } = &mut self.role else {
            out.because(PaxosRule::StaleReply)
                .why(format_args!("{reply} is not in phase 1 any more: {from} promised late"));
            return;
        };
        let ballot = *ballot;
        if reply == ballot
            && let Some(last) = too_far_ahead(self.open, reported, &accepted)
        {
            out.because(PaxosRule::AskForLog)
                .why(format_args!("{from} reports slot {last}, more than {HOLE_LIMIT} empty ones after {}", self.open))
                .send(from, Message::AskChosen { from_slot: self.open });
            return;
        }
        match promises.count(cx.rules, from, reply, ballot) {
            Ruling::Refuse(rule) => {
                out.because(rule).why(format_args!("{from} promised {reply}, this is phase 1 of {ballot}"));
            }
            Ruling::Allow(rule) => {
                for SlotProposal { slot, ballot, entry } in accepted {
                    reported.entry(slot).or_default().push(Proposal { ballot, value: entry });
                }
                let (count, quorums) = (promises.0.len(), cx.config.quorums());
                if cx.rules.quorum(Phase::One, count, quorums) {
                    let reported = std::mem::take(reported);
                    self.lead(cx, ballot, &reported, out);
                } else {
                    out.because(rule).why(format_args!("{count} of {} promises for {ballot}", quorums.phase_1));
                }
            }
        }
    }

    /// Handles a slot that the learner on this node knows to be chosen, together with all before
    /// it.
    pub(super) fn on_chosen(&mut self, slot: Slot, ballot: Ballot, entry: Entry, out: &mut Outbox<MultiPaxos>) {
        self.open = self.open.max(slot.next());
        self.next = self.next.max(self.open);
        self.pending.remove(&slot);
        self.note_done(slot, &entry);
        let answered = entry.ticket.filter(|ticket| {
            self.underway.remove(ticket);
            self.waiting.remove(ticket)
        });
        match answered {
            Some(ticket) => {
                out.because(PaxosRule::AnswerClient)
                    .why(format_args!("{entry} was chosen in slot {slot} of {ballot}, and all before it is known"))
                    .reply(ticket, Reply::Chosen { slot: self.done[&ticket], value: entry.value });
            }
            None => {
                out.because(PaxosRule::InOrder).why(format_args!("{entry} is the command of slot {slot}"));
            }
        }
    }

    /// Records the slot of a command. If two leaders put it into two slots, the first one counts.
    fn note_done(&mut self, slot: Slot, entry: &Entry) {
        if let Some(ticket) = entry.ticket {
            self.done.entry(ticket).and_modify(|first| *first = slot.min(*first)).or_insert(slot);
        }
    }

    /// Handles a refusal: an acceptor has promised a higher ballot.
    pub(super) fn refused(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        reply: Ballot,
        promised: Ballot,
        out: &mut Outbox<MultiPaxos>,
    ) {
        self.seen = self.seen.max(Some(promised));
        match self.running().map(|ballot| cx.rules.counts(reply, ballot)) {
            Some(Ruling::Allow(_)) => {
                self.failures = cx.config.retry().failed(self.failures);
                let mut because = out.because(PaxosRule::Abandon);
                because.why(format_args!("{from} promised {promised}, which is above {reply}"));
                self.follow(cx, promised.node, because);
            }
            Some(Ruling::Refuse(rule)) => {
                out.because(rule).why(format_args!("{reply} was given up before"));
            }
            None => {
                out.because(PaxosRule::StaleReply).why(format_args!("{reply} is not running any more"));
            }
        }
    }

    /// Handles another proposer's heartbeat.
    pub(super) fn heartbeat(&mut self, cx: &Context<MultiPaxos>, ballot: Ballot, out: &mut Outbox<MultiPaxos>) {
        let highest = self.seen.max(self.running());
        if highest > Some(ballot) {
            out.because(PaxosRule::StaleBeat).why(format_args!("{} is above {ballot}", DisplayBallot(highest)));
            return;
        }
        self.seen = Some(ballot);
        self.failures = 0;
        let mut because = out.because(PaxosRule::FollowLeader);
        because.why(format_args!("{ballot} leads"));
        self.follow(cx, ballot.node, because);
    }

    /// Becomes a follower, and restarts the election timer. Pending proposals may still be chosen,
    /// so their clients are not forgotten.
    fn follow(&mut self, cx: &Context<MultiPaxos>, leader: NodeId, mut because: Because<'_, MultiPaxos>) {
        if self.is_leader() {
            because.disarm(Timer::Heartbeat);
        }
        self.role = Role::Follower;
        self.leader = Some(leader);
        because.arm(Timer::Election, self.election_delay(cx));
        for (ticket, _) in self.queue.drain(..) {
            because.reply(ticket, Reply::NotLeader { leader: Some(leader) });
        }
    }

    pub(super) fn view(&self) -> ProposerView {
        let (office, promises) = match &self.role {
            Role::Follower => (view::Role::Follower, Vec::new()),
            Role::Candidate { promises, .. } => (view::Role::Candidate, promises.0.clone()),
            Role::Leader { .. } => (view::Role::Leader, Vec::new()),
        };
        ProposerView {
            office,
            ballot: self.tried,
            leader: self.leader,
            promises,
            open: self.open,
            next: self.next,
            pending: self.pending.len(),
            queued: self.queue.len(),
        }
    }
}

/// The last reported slot, if too many open slots before it have no report to be filled one by one.
fn too_far_ahead(open: Slot, before: &BTreeMap<Slot, Vec<Proposal<Entry>>>, reports: &[SlotProposal]) -> Option<Slot> {
    let slots = || before.keys().copied().chain(reports.iter().map(|report| report.slot));
    // Most reports are short, and need not be counted.
    let last = slots().max().filter(|last| last.0.saturating_sub(open.0) > HOLE_LIMIT as u64)?;
    let reported: BTreeSet<Slot> = slots().filter(|slot| *slot >= open).collect();
    let holes = (last.0 - open.0).saturating_sub(reported.len() as u64 - 1);
    (holes > HOLE_LIMIT as u64).then_some(last)
}
