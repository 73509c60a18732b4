//! A replica: its state, requests of clients, and its vote for each number (§4.2).

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Disk as _, NodeId, Outbox, RequestId};

use super::certificate;
use super::disk::{Disk, Record};
use super::message::{
    Certificate, Checkpoint, Fact, Message, Phase, PrePrepare, Proposal, Report, Timer, ViewChange, Vote,
};
use super::node::Pbft;
use super::request::{Digest, Request};
use super::rules::PbftRule;
use crate::sealed::Sealed;

pub(crate) type Cx<'a> = Context<'a, Pbft>;
pub(crate) type Out = Outbox<Pbft>;

/// The number of status timers after which a replica that waits for nothing tells its status, too:
/// it may have missed all of something.
pub(crate) const IDLE_TICKS: u8 = 7;

/// The votes for a number in the present view.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Votes {
    pub(crate) prepares: BTreeMap<NodeId, Sealed<Vote>>,
    pub(crate) commits: BTreeMap<NodeId, Sealed<Vote>>,
    pub(crate) committed: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Replica {
    /// The durable state, as it is on disk.
    pub(crate) disk: Disk,
    pub(crate) votes: BTreeMap<u64, Votes>,
    /// Reports of states, by number and replica.
    pub(crate) checkpoints: BTreeMap<u64, BTreeMap<NodeId, Sealed<Checkpoint>>>,
    /// The latest view change of each replica.
    pub(crate) view_changes: BTreeMap<NodeId, Sealed<ViewChange>>,
    /// Requests that wait for their execution.
    pub(crate) pending: BTreeMap<RequestId, Sealed<Request>>,
    /// The number of view changes since a request was executed last.
    pub(crate) attempts: u32,
    /// Whether the timer `Progress` runs.
    pub(crate) timed: bool,
    /// The number of status timers in a row at which it waited for nothing.
    pub(crate) idle: u8,
}

/// The other replicas.
pub(crate) fn others<'a>(cx: &Cx<'a>) -> impl Iterator<Item = NodeId> + use<'a> {
    let me = cx.me;
    cx.config.replicas.iter().copied().filter(move |replica| *replica != me)
}

impl Replica {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let (rule, idle) =
            if *disk == Disk::default() { (PbftRule::StayIdle, 0) } else { (PbftRule::Recall, IDLE_TICKS) };
        out.because(rule)
            .why(format_args!("view {}, {} executed", disk.view, disk.executed))
            .arm(Timer::Status, cx.config.status_interval);
        Replica { disk: disk.clone(), idle, ..Replica::default() }
    }

    /// Writes to disk. The machine holds the same.
    pub(crate) fn write(&mut self, rule: PbftRule, record: Record, out: &mut Out) {
        self.disk.apply(&record);
        out.because(rule).persist(record);
    }

    pub(crate) fn is_primary(&self, cx: &Cx<'_>) -> bool {
        !self.disk.changing && cx.config.primary(self.disk.view) == cx.me
    }

    pub(crate) fn high(&self, cx: &Cx<'_>) -> u64 {
        self.disk.stable.saturating_add(cx.config.window)
    }

    /// Handles a request, of a client or from a backup.
    pub(crate) fn request(&mut self, cx: &Cx<'_>, from: NodeId, request: Sealed<Request>, out: &mut Out) {
        let RequestId { client, number } = request.body().ticket;
        match cx.rules.executes(self.disk.state.last_of(client), number) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{client} has {:?} executed", self.disk.state.last_of(client)));
                self.tell_client(cx, &request, out);
            }
            Allow(_) => {
                self.pending.insert(request.body().ticket, request.clone());
                let primary = cx.config.primary(self.disk.view);
                let relays = primary != cx.me && from == request.claimed() && !self.disk.changing;
                let rule = if relays { PbftRule::Relay } else { PbftRule::HoldRequest };
                let mut because = out.because(rule);
                because.why(format_args!("{} waits", request.body().ticket));
                if relays {
                    because.send(primary, Message::Request { request });
                }
                self.propose(cx, out);
                self.watch(cx, out);
            }
        }
    }

    /// Sends the result of the newest executed request, if it is this one.
    pub(crate) fn tell_client(&self, cx: &Cx<'_>, request: &Sealed<Request>, out: &mut Out) {
        let ticket = request.body().ticket;
        let Some(last) = self.disk.state.last.get(&ticket.client).filter(|last| last.number == ticket.number) else {
            return;
        };
        let report = Report { view: self.disk.view, ticket, total: last.total, replica: cx.me };
        out.because(PbftRule::AnswerFromRecord)
            .send(request.claimed(), Message::Report { report: Sealed::new(cx, report) });
    }

    /// The primary proposes what waits and has no number.
    pub(crate) fn propose(&mut self, cx: &Cx<'_>, out: &mut Out) {
        if !self.is_primary(cx) {
            return;
        }
        let proposed: BTreeSet<Digest> =
            self.disk.accepted.values().map(|proposal| proposal.pre_prepare.body().digest).collect();
        let waiting: Vec<_> = self.pending.values().filter(|one| !proposed.contains(&Digest::of(Some(one)))).collect();
        for request in waiting.into_iter().cloned().collect::<Vec<_>>() {
            let newest = self.disk.accepted.last_key_value().map_or(0, |(number, _)| *number);
            let number = newest.max(self.disk.stable).max(self.disk.executed).saturating_add(1);
            if !cx.rules.in_window(self.disk.stable, self.high(cx), number) {
                out.because(PbftRule::WaitForWindow).why(format_args!("{number} is above {}", self.high(cx)));
                return;
            }
            let digest = Digest::of(Some(&request));
            let body = PrePrepare { view: self.disk.view, number, digest, replica: cx.me };
            let proposal = Proposal { pre_prepare: Sealed::new(cx, body), request: Some(request) };
            self.write(PbftRule::Propose, Record::Accepted { proposal: proposal.clone() }, out);
            let mut because = out.because(PbftRule::Propose);
            because.why(format_args!("{digest} has number {number} in view {}", self.disk.view));
            for replica in others(cx) {
                because.send(replica, Message::PrePrepare { proposal: proposal.clone() });
            }
        }
    }

    /// Whether a message of this view and number may be handled now; cites the refusal.
    fn is_current(&self, cx: &Cx<'_>, view: u64, number: u64, out: &mut Out) -> bool {
        if self.disk.changing || view != self.disk.view {
            let state = if self.disk.changing { "waits for" } else { "is in" };
            out.because(PbftRule::OtherView)
                .why(format_args!("{} {state} view {}, this is of {view}", cx.me, self.disk.view));
            return false;
        }
        let (low, high) = (self.disk.stable, self.high(cx));
        let is_in = cx.rules.in_window(low, high, number);
        if !is_in {
            out.because(PbftRule::OutsideWindow).why(format_args!("{number} is not above {low} and at most {high}"));
        }
        is_in
    }

    /// Handles a proposal: a backup accepts the first one for a number.
    pub(crate) fn pre_prepare(&mut self, cx: &Cx<'_>, proposal: Proposal, out: &mut Out) {
        let PrePrepare { view, number, digest, replica } = *proposal.pre_prepare.body();
        if !self.is_current(cx, view, number, out) {
            return;
        }
        if replica != cx.config.primary(view) {
            out.because(PbftRule::NotThePrimary).why(format_args!("{replica} is a backup in view {view}"));
            return;
        }
        let (Some(request), true) = (&proposal.request, certificate::is_proposal(cx, &proposal)) else {
            out.because(PbftRule::WrongDigest).why(format_args!("no client has sealed {digest}, or it is another"));
            return;
        };
        let accepted = self.disk.accepted.get(&number).map(|held| held.pre_prepare.body().digest);
        match cx.rules.accepts(accepted.as_ref(), &digest) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{number} of view {view} is {}", accepted.unwrap_or(digest)));
            }
            Allow(rule) => {
                let RequestId { client, number: count } = request.body().ticket;
                if cx.rules.executes(self.disk.state.last_of(client), count).allows() {
                    self.pending.insert(request.body().ticket, request.clone());
                }
                self.write(rule, Record::Accepted { proposal }, out);
                self.vote(cx, rule, Phase::Prepare, number, digest, out);
                self.watch(cx, out);
                self.advance(cx, number, out);
            }
        }
    }

    /// Votes, and sends the vote to the others.
    pub(crate) fn vote(
        &mut self,
        cx: &Cx<'_>,
        rule: PbftRule,
        phase: Phase,
        number: u64,
        digest: Digest,
        out: &mut Out,
    ) {
        let vote = Sealed::new(cx, Vote { phase, view: self.disk.view, number, digest, replica: cx.me });
        let votes = self.votes.entry(number).or_default();
        let (list, message) = match phase {
            Phase::Prepare => (&mut votes.prepares, Message::Prepare { vote: vote.clone() }),
            Phase::Commit => (&mut votes.commits, Message::Commit { vote: vote.clone() }),
        };
        list.insert(cx.me, vote);
        let mut because = out.because(rule);
        because.why(format_args!("{digest} has number {number} in view {}", self.disk.view));
        for replica in others(cx) {
            because.send(replica, message.clone());
        }
    }

    /// Counts a vote of another replica.
    pub(crate) fn count(&mut self, cx: &Cx<'_>, vote: Sealed<Vote>, out: &mut Out) {
        let Vote { phase, view, number, digest, replica } = *vote.body();
        if !self.is_current(cx, view, number, out) {
            return;
        }
        if phase == Phase::Prepare && replica == cx.config.primary(view) {
            out.because(PbftRule::RepeatedVote).why(format_args!("the proposal is the vote of {replica}"));
            return;
        }
        let votes = self.votes.entry(number).or_default();
        let (list, rule) = match phase {
            Phase::Prepare => (&mut votes.prepares, PbftRule::CountPrepare),
            Phase::Commit => (&mut votes.commits, PbftRule::CountCommit),
        };
        if list.contains_key(&replica) {
            out.because(PbftRule::RepeatedVote).why(format_args!("{replica} has voted on {number} in view {view}"));
            return;
        }
        list.insert(replica, vote);
        out.because(rule).why(format_args!("{replica} votes for {digest} at {number} in view {view}"));
        self.advance(cx, number, out);
    }

    /// The number up to which all above the stable checkpoint is committed in the present view.
    pub(crate) fn committed(&self) -> u64 {
        let is_committed = |number: &u64| self.votes.get(number).is_some_and(|votes| votes.committed);
        (self.disk.stable.saturating_add(1)..).take_while(is_committed).last().unwrap_or(self.disk.stable)
    }

    /// Whether a number is prepared in the present view.
    pub(crate) fn is_prepared(&self, number: u64) -> bool {
        self.disk.prepared.get(&number).is_some_and(|certificate| certificate.view() == self.disk.view)
    }

    /// Goes on with a number as far as its votes allow: prepared, committed, executed.
    pub(crate) fn advance(&mut self, cx: &Cx<'_>, number: u64, out: &mut Out) {
        let Some(proposal) = self.disk.accepted.get(&number).cloned() else { return };
        let (faults, view) = (cx.config.faults(), self.disk.view);
        let body = proposal.pre_prepare.body().clone();
        let digest = body.digest;
        if !self.is_prepared(number) {
            let votes = self.votes.entry(number).or_default();
            let prepares = certificate::matching(cx, &body, votes.prepares.values());
            let Allow(rule) = cx.rules.prepared(faults, prepares.len()) else { return };
            self.write(rule, Record::Prepared { certificate: Certificate { proposal, prepares } }, out);
            out.because(rule).emit(Fact::Prepared { view, number, digest });
            self.vote(cx, rule, Phase::Commit, number, digest, out);
        }
        let votes = self.votes.entry(number).or_default();
        let commits = certificate::matching(cx, &body, votes.commits.values()).len();
        if votes.committed {
            return;
        }
        let Allow(rule) = cx.rules.committed(faults, commits) else { return };
        votes.committed = true;
        out.because(rule)
            .why(format_args!("{commits} replicas have {digest} prepared at {number}"))
            .emit(Fact::Committed { view, number, digest });
        self.execute(cx, out);
    }

    /// Gives the primary a time, if requests wait and none is running.
    pub(crate) fn watch(&mut self, cx: &Cx<'_>, out: &mut Out) {
        if !self.disk.changing && !self.timed && !self.pending.is_empty() {
            self.timed = true;
            let rule = PbftRule::HoldRequest;
            out.because(rule).arm(Timer::Progress, self.patience(cx));
        }
    }

    /// Time of a primary: twice as long after each view change.
    pub(crate) fn patience(&self, cx: &Cx<'_>) -> quorate_protocol::Duration {
        cx.config.view_timeout.saturating_mul(1 << self.attempts.min(4))
    }
}
