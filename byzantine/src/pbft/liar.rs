//! Liars: replicas that take the honest step, and tell others something else.
//!
//! A liar has its own key and no other (§2), so its lies are limited to what it can seal, and to
//! what others have sealed.

use std::collections::BTreeSet;
use std::fmt;

use quorate_protocol::{Context, Input, NodeId, Outbox, Permutation, Permute, RequestId};
use serde::{Deserialize, Serialize};

use super::message::{Checkpoint, Message, NewView, Phase, PrePrepare, Proposal, Report, ViewChange, Vote};
use super::node::Pbft;
use super::request::{Digest, Request};
use super::rules::PbftRule;
use crate::retell;
use crate::sealed::Sealed;

type Cx<'a> = Context<'a, Pbft>;
type Sends = Vec<(NodeId, Message)>;

/// The number of messages, and that of requests, that a liar remembers.
const MEMORY: usize = 16;
/// The amount by which a liar falsifies a total.
const FALSE: i64 = 1000;

/// Kind of a lie.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Lie {
    /// Sends nothing.
    Silent,
    /// Tells nodes with an odd id something else: another request for the number, another digest,
    /// another result, a view change without its certificates. Begins a view with what it likes.
    Equivocating,
    /// Adds claims for others that lack their seal: votes and reports of all replicas, requests
    /// that no client has made.
    Forging,
    /// Adds old messages of others and of its own, and as primary proposes requests again, and
    /// numbers again.
    Replaying,
    /// Equivocates in all but votes and results; confirms to each replica what that replica was
    /// told or has said itself. All such liars tell clients the same false result.
    Colluding,
}

impl Lie {
    /// All kinds.
    pub const ALL: [Lie; 5] = [Lie::Silent, Lie::Equivocating, Lie::Forging, Lie::Replaying, Lie::Colluding];

    fn rule(self) -> PbftRule {
        match self {
            Lie::Silent => PbftRule::LieSilent,
            Lie::Equivocating => PbftRule::LieEquivocate,
            Lie::Forging => PbftRule::LieForge,
            Lie::Replaying => PbftRule::LieReplay,
            Lie::Colluding => PbftRule::LieCollude,
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lie::Silent => "silent",
            Lie::Equivocating => "equivocating",
            Lie::Forging => "forging",
            Lie::Replaying => "replaying",
            Lie::Colluding => "colluding",
        })
    }
}

/// Memory of a liar, the oldest first.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Memory {
    requests: Vec<Sealed<Request>>,
    messages: Vec<Message>,
    /// Votes that it has confirmed to their authors.
    confirmed: BTreeSet<Vote>,
    turn: usize,
}

impl Memory {
    fn remember(&mut self, message: &Message) {
        if let Message::Request { request } = message
            && !self.requests.contains(request)
        {
            keep(&mut self.requests, request.clone());
        }
        if !matches!(message, Message::Status { .. } | Message::Report { .. }) && !self.messages.contains(message) {
            keep(&mut self.messages, message.clone());
        }
    }

    /// A request with another digest.
    fn other(&self, digest: Digest) -> Option<&Sealed<Request>> {
        self.requests.iter().rev().find(|request| Digest::of(Some(request)) != digest)
    }

    /// The same with other ids of nodes.
    pub(super) fn renamed(&self, by: &Permutation) -> Self {
        let Memory { requests, messages, confirmed, turn } = self;
        Memory {
            requests: requests.permuted(by),
            messages: messages.permuted(by),
            confirmed: confirmed.permuted(by),
            turn: *turn,
        }
    }

    /// The next of the remembered messages.
    fn next(&mut self) -> Option<Message> {
        self.turn = self.turn.wrapping_add(1);
        self.messages.get(self.turn % self.messages.len().max(1)).cloned()
    }
}

/// Adds to a list, which forgets the oldest.
fn keep<T>(list: &mut Vec<T>, new: T) {
    if list.len() == MEMORY {
        list.remove(0);
    }
    list.push(new);
}

/// The step of a liar: the honest one, with other messages.
pub(super) fn step(node: &mut Pbft, cx: &Cx<'_>, lie: Lie, input: Input<Pbft>, out: &mut Outbox<Pbft>) {
    let heard = match &input {
        Input::Deliver { message, .. } => Some(message.clone()),
        _ => None,
    };
    let mut honest = retell::inner(out);
    node.honest(cx, input, &mut honest);
    let sends = retell::all_but_sends(&honest, out);
    if let (Some(message), true) = (&heard, lie != Lie::Silent) {
        node.memory.remember(message);
    }
    let told = match lie {
        Lie::Silent => Vec::new(),
        Lie::Equivocating => sends.into_iter().filter_map(|send| two_faced(cx, &node.memory, send)).collect(),
        Lie::Forging => forge(cx, sends),
        Lie::Replaying => replay(cx, node, sends),
        Lie::Colluding => collude(cx, node, heard.as_ref(), sends),
    };
    let mut because = out.because(lie.rule());
    for (to, message) in told {
        because.send(to, message);
    }
}

/// The truth for nodes with an even id, something else for the others.
fn two_faced(cx: &Cx<'_>, memory: &Memory, (to, message): (NodeId, Message)) -> Option<(NodeId, Message)> {
    if let Message::NewView { new_view } = &message
        && new_view.claimed() == cx.me
    {
        return Some((to, choose(cx, memory, new_view.body())));
    }
    if to.0.is_multiple_of(2) {
        return Some((to, message));
    }
    let other = |digest| memory.other(digest).map_or(Digest(None), |request| Digest::of(Some(request)));
    let twisted = match message {
        Message::PrePrepare { proposal } => {
            let body = proposal.pre_prepare.body();
            match memory.other(body.digest) {
                Some(request) => propose(cx, body.view, body.number, request),
                None => Message::PrePrepare { proposal },
            }
        }
        Message::Prepare { vote } => say(cx, Vote { digest: other(vote.body().digest), ..vote.body().clone() }),
        Message::Commit { vote } => say(cx, Vote { digest: other(vote.body().digest), ..vote.body().clone() }),
        Message::Report { report } => falsify(cx, report.body()),
        Message::Checkpoint { checkpoint } => {
            let mut body = checkpoint.body().clone();
            body.state.total = body.state.total.saturating_add(FALSE);
            Message::Checkpoint { checkpoint: Sealed::new(cx, body) }
        }
        Message::ViewChange { view_change } => {
            let body = ViewChange { prepared: Default::default(), ..view_change.body().clone() };
            Message::ViewChange { view_change: Sealed::new(cx, body) }
        }
        Message::Request { .. } => return None,
        message @ (Message::NewView { .. } | Message::State { .. } | Message::Status { .. }) => message,
    };
    Some((to, twisted))
}

/// A proposal of a request that a client has sealed.
fn propose(cx: &Cx<'_>, view: u64, number: u64, request: &Sealed<Request>) -> Message {
    let body = PrePrepare { view, number, digest: Digest::of(Some(request)), replica: cx.me };
    Message::PrePrepare { proposal: Proposal { pre_prepare: Sealed::new(cx, body), request: Some(request.clone()) } }
}

/// A vote under the own seal, whatever it claims.
fn say(cx: &Cx<'_>, vote: Vote) -> Message {
    let phase = vote.phase;
    let vote = Sealed::new(cx, vote);
    match phase {
        Phase::Prepare => Message::Prepare { vote },
        Phase::Commit => Message::Commit { vote },
    }
}

fn falsify(cx: &Cx<'_>, report: &Report) -> Message {
    let report = Report { total: report.total.saturating_add(FALSE), ..report.clone() };
    Message::Report { report: Sealed::new(cx, report) }
}

/// A new view of the own making: other requests than those that were prepared, or none.
fn choose(cx: &Cx<'_>, memory: &Memory, new_view: &NewView) -> Message {
    let mut body = new_view.clone();
    for (number, proposal) in &mut body.proposals {
        let request = memory.other(proposal.pre_prepare.body().digest).cloned();
        let pre_prepare =
            PrePrepare { view: body.view, number: *number, digest: Digest::of(request.as_ref()), replica: cx.me };
        *proposal = Proposal { pre_prepare: Sealed::new(cx, pre_prepare), request };
    }
    Message::NewView { new_view: Sealed::new(cx, body) }
}

/// The truth, and the same from everyone else, without their seals.
fn forge(cx: &Cx<'_>, sends: Sends) -> Sends {
    let mut told = Vec::new();
    for (to, message) in sends {
        let claim = |replica: &NodeId| match &message {
            Message::Prepare { vote } | Message::Commit { vote } => {
                Some(say(cx, Vote { replica: *replica, ..vote.body().clone() }))
            }
            Message::Report { report } => Some(falsify(cx, &Report { replica: *replica, ..report.body().clone() })),
            Message::Checkpoint { checkpoint } => {
                let body = Checkpoint { replica: *replica, ..checkpoint.body().clone() };
                Some(Message::Checkpoint { checkpoint: Sealed::new(cx, body) })
            }
            Message::ViewChange { view_change } => {
                let body = ViewChange { replica: *replica, ..view_change.body().clone() };
                Some(Message::ViewChange { view_change: Sealed::new(cx, body) })
            }
            _ => None,
        };
        let others = cx.config.replicas.iter().filter(|replica| **replica != cx.me && **replica != to);
        told.extend(others.filter_map(claim).map(|message| (to, message)));
        if let Message::PrePrepare { proposal } = &message
            && let Some(request) = &proposal.request
        {
            let Request { ticket: RequestId { client, number }, .. } = *request.body();
            let ticket = RequestId { client, number: number.saturating_add(1) };
            let forged = Sealed::new(cx, Request { ticket, amount: FALSE, ..*request.body() });
            let body = proposal.pre_prepare.body();
            told.push((to, propose(cx, body.view, body.number, &forged)));
        }
        told.push((to, message));
    }
    told
}

/// The truth, and something that was said before. A primary uses old numbers and old requests.
fn replay(cx: &Cx<'_>, node: &mut Pbft, sends: Sends) -> Sends {
    let stable = node.replica.as_ref().map_or(0, |replica| replica.disk.stable);
    let mut told = Vec::new();
    for (to, message) in sends {
        if let Message::PrePrepare { proposal } = &message
            && let Some(request) = &proposal.request
        {
            let PrePrepare { view, number, digest, .. } = *proposal.pre_prepare.body();
            told.push((to, propose(cx, view, stable.max(1), request)));
            if let Some(old) = node.memory.other(digest) {
                told.push((to, propose(cx, view, number.saturating_add(1), old)));
            }
        }
        told.extend(node.memory.next().map(|old| (to, old)));
        told.push((to, message));
    }
    told
}

/// Confirms to the author of a proposal or vote what it says; otherwise the two-faced step.
fn collude(cx: &Cx<'_>, node: &mut Pbft, heard: Option<&Message>, sends: Sends) -> Sends {
    let mut told = Vec::new();
    for (to, message) in sends {
        match &message {
            Message::Prepare { .. } | Message::Commit { .. } => {}
            Message::Report { report } => told.push((to, falsify(cx, report.body()))),
            _ => told.extend(two_faced(cx, &node.memory, (to, message))),
        }
    }
    let body = match heard {
        Some(Message::Prepare { vote } | Message::Commit { vote }) => vote.body().clone(),
        Some(Message::PrePrepare { proposal }) => {
            let PrePrepare { view, number, digest, replica } = *proposal.pre_prepare.body();
            Vote { phase: Phase::Commit, view, number, digest, replica }
        }
        _ => return told,
    };
    // Once: two colluders would otherwise confirm each other for ever.
    let (view, stable) = node.replica.as_ref().map_or((0, 0), |role| (role.disk.view, role.disk.stable));
    let is_old = |vote: &Vote| vote.view < view || vote.number <= stable;
    node.memory.confirmed.retain(|vote| !is_old(vote));
    if body.replica == cx.me || is_old(&body) || !node.memory.confirmed.insert(body.clone()) {
        return told;
    }
    for phase in [Phase::Prepare, Phase::Commit] {
        told.push((body.replica, say(cx, Vote { phase, replica: cx.me, ..body.clone() })));
    }
    told
}
