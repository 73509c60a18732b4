//! Event loop of a node's thread: receive inputs, step the machine, make the records durable, and
//! only then send.
//!
//! ```text
//!   inbox ──drain──▶ step, step, step … ──records──▶ storage (one sync) ──▶ one input to each recipient
//! ```
//!
//! A thread waits on its inbox until a message arrives or a timer fires.

mod batch;
mod effects;

use std::collections::VecDeque;

use quorate_protocol::{Clock, Context, Input, Machine, NodeId, Outbox, Time};

use super::host::Host;
use super::outgoing::Outgoing;
use super::storage_error::StorageError;
use super::thread_trace::{Cause, TraceChunk};
use super::threads::{Receiver, Sender};
use super::timers::Timers;
use super::wait;
use super::wire::{Common, Control, Delayed, Envelope, NodeInput, Request};
use crate::env::CrashPoint;
use crate::trace::{DropReason, MessageId, TypedEvent, Value};

/// Maximum number of inputs per batch: then records are synced and output is sent, even if more
/// inputs wait.
const BATCH: usize = 4096;

/// The reason why a node's thread ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Crash, as by a loss of power.
    Crashed {
        /// Number of records that were not yet durable.
        lost: u32,
    },
    /// Shutdown: the run is over.
    Shutdown,
}

/// A running node.
pub(super) struct Node<'a, M: Machine> {
    common: &'a Common<M>,
    inbox: &'a Receiver<NodeInput<M>>,
    pub(super) host: &'a mut Host<M>,
    machine: M,
    out: Outbox<M>,
    timers: Timers<M::Timer>,
    records: Vec<M::Record>,
    pub(super) outgoing: Outgoing<M>,
    /// Messages to itself.
    own: VecDeque<(MessageId, M::Message)>,
    delayed: Delayed<Arrival<M>>,
    pending_crash: Option<CrashPoint>,
    paused: bool,
    backlog: VecDeque<NodeInput<M>>,
    /// Requests for the state or the trace, answered once the batch is durable.
    pending_queries: Vec<PendingQuery<M>>,
    shown: Option<M::View>,
    heard: bool,
    /// The steps of the batch for the observer: each step's output and the state after it.
    error: Vec<(Option<Value>, Outbox<M>)>,
    now: Time,
}

enum PendingQuery<M: Machine> {
    State(Sender<M::View>),
    Trace(Sender<TraceChunk<M>>),
}

enum Arrival<M: Machine> {
    Message(NodeId, Envelope<M>),
    Request(Request<M>),
}

impl<'a, M: Machine> Node<'a, M> {
    pub(super) fn boot(common: &'a Common<M>, host: &'a mut Host<M>, disk: &M::Disk) -> Self {
        let now = common.now();
        let heard = common.target.is_enabled();
        let mut out = if common.traced || heard { Outbox::explaining() } else { Outbox::new() };
        host.incarnation += 1;
        host.stats.boots += 1;
        host.link_view.refresh(&common.links);
        host.thread_trace.settle();
        let cx = common.constants.of(host.id, M::Clock::read(host.clock.read(now)));
        let machine = M::boot(&cx, disk, &mut out);
        let mut trigger = Cause::None;
        let mut shown = None;
        if host.thread_trace.is_on() {
            let (incarnation, state) = (host.incarnation, machine.view(&cx));
            shown = Some(state.clone());
            trigger = host.thread_trace.note(now, Cause::None, || TypedEvent::Boot { incarnation, state });
        }
        let mut node = Node {
            inbox: &common.inboxes[host.id.index()].receiver,
            outgoing: Outgoing::new(host.id, common.inboxes.len()),
            common,
            host,
            machine,
            out,
            timers: Timers::new(),
            records: Vec::new(),
            own: VecDeque::new(),
            delayed: Delayed::new(),
            pending_crash: None,
            paused: false,
            backlog: VecDeque::new(),
            pending_queries: Vec::new(),
            shown,
            heard,
            error: Vec::new(),
            now,
        };
        node.conclude(trigger);
        node
    }

    /// Runs until a crash or the shutdown.
    pub(super) fn run(&mut self) -> Result<End, StorageError> {
        let mut end = self.flush()?;
        loop {
            if let Some(end) = end {
                return Ok(end);
            }
            end = self.turn()?;
        }
    }

    /// One iteration: waits for input, handles all that there is, makes it durable and sends the
    /// output.
    fn turn(&mut self) -> Result<Option<End>, StorageError> {
        let mut input = self.wait();
        self.now = self.common.now();
        self.host.link_view.refresh(&self.common.links);
        let until = self.host.stats.steps + BATCH as u64;
        while let Some(next) = input {
            match self.open(next) {
                Some(End::Shutdown) => return Ok(self.flush()?.or(Some(End::Shutdown))),
                Some(crashed) => return Ok(Some(crashed)),
                None => {}
            }
            input = if self.host.stats.steps < until { self.next_input() } else { None };
        }
        if !self.paused {
            self.arrivals();
            self.timeouts();
            self.own_messages(until);
        }
        let end = self.flush()?;
        if end.is_none() {
            self.answer_queries();
        }
        Ok(end)
    }

    /// Answers requests for the state or the trace: only once the batch is durable, because a crash
    /// could undo it.
    fn answer_queries(&mut self) {
        for query in std::mem::take(&mut self.pending_queries) {
            // The requester may have ended.
            match query {
                PendingQuery::State(back) => _ = back.send(self.view()),
                PendingQuery::Trace(back) => _ = back.send(self.host.thread_trace.take(self.now)),
            }
        }
    }

    /// Waits for the next input; `None` if something else is due first.
    fn wait(&mut self) -> Option<NodeInput<M>> {
        if self.paused {
            return self.inbox.recv().ok();
        }
        if !self.own.is_empty() || !self.backlog.is_empty() {
            return self.next_input();
        }
        wait::receive(self.inbox, || {
            let due = [self.timers.next(), self.delayed.next()].into_iter().flatten().min();
            due.map(|due| self.common.instant(due))
        })
    }

    /// The next input that is already there.
    fn next_input(&mut self) -> Option<NodeInput<M>> {
        if !self.paused
            && let Some(input) = self.backlog.pop_front()
        {
            return Some(input);
        }
        self.inbox.try_recv().ok()
    }

    fn open(&mut self, input: NodeInput<M>) -> Option<End> {
        match input {
            NodeInput::Control(control) => return self.apply_control(control),
            input if self.paused => self.backlog.push_back(input),
            NodeInput::Messages { from, envelopes } => {
                for envelope in envelopes {
                    if envelope.due > self.now {
                        self.delayed.push(envelope.due, Arrival::Message(from, envelope));
                    } else {
                        self.deliver(from, envelope.msg, envelope.message);
                    }
                }
            }
            NodeInput::Requests { client, back, requests } => {
                self.outgoing.register_client(client, back);
                for request in requests {
                    if request.due > self.now {
                        self.delayed.push(request.due, Arrival::Request(request));
                    } else {
                        self.request(request);
                    }
                }
            }
        }
        None
    }

    fn apply_control(&mut self, control: Control<M>) -> Option<End> {
        match control {
            Control::Crash => return Some(End::Crashed { lost: self.unsaved() }),
            Control::Shutdown => return Some(End::Shutdown),
            Control::CrashAt(moment) => self.pending_crash = moment,
            Control::Pause => {
                self.paused = true;
                self.host.thread_trace.note(self.now, Cause::None, || TypedEvent::Pause);
            }
            Control::Suspend => {
                self.paused = true;
                self.host.clock.suspend(self.now);
                self.host.thread_trace.note(self.now, Cause::None, || TypedEvent::Suspend);
            }
            Control::Resume => {
                self.paused = false;
                if self.host.clock.resume(self.now) {
                    self.timers.recalculate(&self.host.clock);
                }
                self.host.thread_trace.note(self.now, Cause::None, || TypedEvent::Resume);
            }
            Control::Drift(ppm) => {
                if self.host.clock.drift(self.now, ppm) {
                    self.timers.recalculate(&self.host.clock);
                    self.host.thread_trace.note(self.now, Cause::None, || TypedEvent::Drift { ppm });
                }
            }
            Control::Jump(nanos) => {
                self.host.clock.jump(nanos);
                self.host.thread_trace.note(self.now, Cause::None, || TypedEvent::Jump { nanos });
            }
            Control::ReadView(back) => self.pending_queries.push(PendingQuery::State(back)),
            Control::TakeTrace(back) => self.pending_queries.push(PendingQuery::Trace(back)),
        }
        None
    }

    fn arrivals(&mut self) {
        while let Some(arrival) = self.delayed.pop(self.now) {
            match arrival {
                Arrival::Message(from, envelope) => self.deliver(from, envelope.msg, envelope.message),
                Arrival::Request(request) => self.request(request),
            }
        }
    }

    fn timeouts(&mut self) {
        while let Some((timer, cause)) = self.timers.run_out(self.now) {
            let trigger = self.host.thread_trace.note(self.now, cause, || TypedEvent::Fire { timer: timer.clone() });
            self.step(Input::Fire(timer), trigger);
        }
    }

    fn own_messages(&mut self, until: u64) {
        while self.host.stats.steps < until
            && let Some((msg, message)) = self.own.pop_front()
        {
            self.deliver(self.host.id, msg, message);
        }
    }

    fn deliver(&mut self, from: NodeId, msg: MessageId, message: M::Message) {
        let cause = Cause::Carried(msg);
        if self.host.link_view.is_cut(from, self.host.id) {
            let lost = || TypedEvent::Drop { msg, reason: DropReason::Partition };
            self.host.thread_trace.note_of(Some(from.into()), self.now, cause, lost);
            return;
        }
        let trigger = self.host.thread_trace.note(self.now, cause, || TypedEvent::Deliver { msg, from });
        self.step(Input::Deliver { from, message }, trigger);
    }

    fn request(&mut self, Request { msg, ticket, command, .. }: Request<M>) {
        let trigger = self.host.thread_trace.note(self.now, Cause::Carried(msg), || {
            let command = command.clone();
            TypedEvent::Request { msg, ticket, command }
        });
        self.step(Input::Request { ticket, command }, trigger);
    }

    /// The machine's view, for state panels.
    fn view(&self) -> M::View {
        self.machine.view(&self.context())
    }

    /// The context of a step that is taken now.
    fn context(&self) -> Context<'a, M> {
        self.common.constants.of(self.host.id, M::Clock::read(self.host.clock.read(self.now)))
    }

    fn step(&mut self, input: Input<M>, trigger: Cause) {
        if size_of::<M::Clock>() > 0 {
            // A machine that reads its clock must not see the same time for the whole batch.
            self.now = self.common.now();
        }
        let cx = self.context();
        let kind = input.kind();
        self.machine.step(&cx, input, &mut self.out);
        self.out.assert_reasons(self.host.id, kind);
        self.host.stats.steps += 1;
        self.conclude(trigger);
    }
}
