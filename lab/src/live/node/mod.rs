//! Event loop of a node's thread: receive inputs, step the machine, make the records durable, and
//! only then send.
//!
//! ```text
//!   inbox ──drain──▶ step, step, step … ──records──▶ storage (one sync) ──▶ one parcel to each who is spoken to
//! ```
//!
//! A thread waits on its inbox until a message arrives or a timer fires.

mod batch;
mod effects;

use std::collections::VecDeque;

use quorate_protocol::{Clock, Context, Input, Machine, NodeId, Outbox, Time};

use super::host::Host;
use super::mail::Mail;
use super::storage_error::StorageError;
use super::tape::{Cause, Reel};
use super::threads::{Receiver, Sender};
use super::timers::Timers;
use super::wait;
use super::wire::{Common, Delayed, Letter, Order, Parcel, Petition};
use crate::env::CrashMoment;
use crate::trace::{DropReason, Happened, MessageId};

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
    Retired,
}

/// A running node.
pub(super) struct Node<'a, M: Machine> {
    common: &'a Common<M>,
    inbox: &'a Receiver<Parcel<M>>,
    pub(super) host: &'a mut Host<M>,
    machine: M,
    out: Outbox<M>,
    timers: Timers<M::Timer>,
    records: Vec<M::Record>,
    pub(super) mail: Mail<M>,
    /// Messages to itself.
    own: VecDeque<(MessageId, M::Message)>,
    delayed: Delayed<Arrival<M>>,
    doom: Option<CrashMoment>,
    paused: bool,
    backlog: VecDeque<Parcel<M>>,
    /// Requests for the state or the trace, answered once the batch is durable.
    onlookers: Vec<Onlooker<M>>,
    shown: Option<M::View>,
    heard: bool,
    /// The steps of the batch for the observer: each step's output and the state after it.
    untold: Vec<(Option<serde_json::Value>, Outbox<M>)>,
    now: Time,
}

enum Onlooker<M: Machine> {
    State(Sender<M::View>),
    Tape(Sender<Reel<M>>),
}

enum Arrival<M: Machine> {
    Letter(NodeId, Letter<M>),
    Petition(Petition<M>),
}

impl<'a, M: Machine> Node<'a, M> {
    pub(super) fn boot(common: &'a Common<M>, host: &'a mut Host<M>, disk: &M::Disk) -> Self {
        let now = common.now();
        let heard = common.target.is_heard();
        let mut out = if common.traced || heard { Outbox::explaining() } else { Outbox::new() };
        host.incarnation += 1;
        host.tally.boots += 1;
        host.outlook.look(&common.weather);
        host.tape.settle();
        let cx = common.constants.of(host.id, M::Clock::read(host.clock.read(now)));
        let machine = M::boot(&cx, disk, &mut out);
        let mut trigger = Cause::None;
        let mut shown = None;
        if host.tape.is_on() {
            let (incarnation, state) = (host.incarnation, machine.view(&cx));
            shown = Some(state.clone());
            trigger = host.tape.note(now, Cause::None, || Happened::Boot { incarnation, state });
        }
        let mut node = Node {
            inbox: &common.posts[host.id.index()].inbox,
            mail: Mail::new(host.id, common.posts.len()),
            common,
            host,
            machine,
            out,
            timers: Timers::new(),
            records: Vec::new(),
            own: VecDeque::new(),
            delayed: Delayed::new(),
            doom: None,
            paused: false,
            backlog: VecDeque::new(),
            onlookers: Vec::new(),
            shown,
            heard,
            untold: Vec::new(),
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
        let mut parcel = self.wait();
        self.now = self.common.now();
        self.host.outlook.look(&self.common.weather);
        let until = self.host.tally.steps + BATCH as u64;
        while let Some(next) = parcel {
            match self.open(next) {
                Some(End::Retired) => return Ok(self.flush()?.or(Some(End::Retired))),
                Some(crashed) => return Ok(Some(crashed)),
                None => {}
            }
            parcel = if self.host.tally.steps < until { self.next_parcel() } else { None };
        }
        if !self.paused {
            self.arrivals();
            self.timeouts();
            self.own_messages(until);
        }
        let end = self.flush()?;
        if end.is_none() {
            self.show_around();
        }
        Ok(end)
    }

    /// Answers requests for the state or the trace: only once the batch is durable, because a crash
    /// could undo it.
    fn show_around(&mut self) {
        for onlooker in std::mem::take(&mut self.onlookers) {
            // The requester may have ended.
            match onlooker {
                Onlooker::State(back) => _ = back.send(self.view()),
                Onlooker::Tape(back) => _ = back.send(self.host.tape.take(self.now)),
            }
        }
    }

    /// Waits for the next parcel; `None` if something else is due first.
    fn wait(&mut self) -> Option<Parcel<M>> {
        if self.paused {
            return self.inbox.recv().ok();
        }
        if !self.own.is_empty() || !self.backlog.is_empty() {
            return self.next_parcel();
        }
        wait::receive(self.inbox, || {
            let due = [self.timers.next(), self.delayed.next()].into_iter().flatten().min();
            due.map(|due| self.common.instant(due))
        })
    }

    /// The next parcel that is already there.
    fn next_parcel(&mut self) -> Option<Parcel<M>> {
        if !self.paused
            && let Some(parcel) = self.backlog.pop_front()
        {
            return Some(parcel);
        }
        self.inbox.try_recv().ok()
    }

    fn open(&mut self, parcel: Parcel<M>) -> Option<End> {
        match parcel {
            Parcel::Order(order) => return self.obey(order),
            parcel if self.paused => self.backlog.push_back(parcel),
            Parcel::Letters { from, letters } => {
                for letter in letters {
                    if letter.due > self.now {
                        self.delayed.push(letter.due, Arrival::Letter(from, letter));
                    } else {
                        self.deliver(from, letter.msg, letter.message);
                    }
                }
            }
            Parcel::Petitions { client, back, petitions } => {
                self.mail.know(client, back);
                for petition in petitions {
                    if petition.due > self.now {
                        self.delayed.push(petition.due, Arrival::Petition(petition));
                    } else {
                        self.request(petition);
                    }
                }
            }
        }
        None
    }

    fn obey(&mut self, order: Order<M>) -> Option<End> {
        match order {
            Order::Crash => return Some(End::Crashed { lost: self.unsaved() }),
            Order::Retire => return Some(End::Retired),
            Order::Doom(moment) => self.doom = moment,
            Order::Pause => {
                self.paused = true;
                self.host.tape.note(self.now, Cause::None, || Happened::Pause);
            }
            Order::Resume => {
                self.paused = false;
                self.host.tape.note(self.now, Cause::None, || Happened::Resume);
            }
            Order::Drift(ppm) => {
                if self.host.clock.drift(self.now, ppm) {
                    self.timers.recalculate(&self.host.clock);
                    self.host.tape.note(self.now, Cause::None, || Happened::Drift { ppm });
                }
            }
            Order::Jump(nanos) => {
                self.host.clock.jump(nanos);
                self.host.tape.note(self.now, Cause::None, || Happened::Jump { nanos });
            }
            Order::Look(back) => self.onlookers.push(Onlooker::State(back)),
            Order::Report(back) => self.onlookers.push(Onlooker::Tape(back)),
        }
        None
    }

    fn arrivals(&mut self) {
        while let Some(arrival) = self.delayed.pop(self.now) {
            match arrival {
                Arrival::Letter(from, letter) => self.deliver(from, letter.msg, letter.message),
                Arrival::Petition(petition) => self.request(petition),
            }
        }
    }

    fn timeouts(&mut self) {
        while let Some((timer, cause)) = self.timers.run_out(self.now) {
            let trigger = self.host.tape.note(self.now, cause, || Happened::Fire { timer: timer.clone() });
            self.step(Input::Fire(timer), trigger);
        }
    }

    fn own_messages(&mut self, until: u64) {
        while self.host.tally.steps < until
            && let Some((msg, message)) = self.own.pop_front()
        {
            self.deliver(self.host.id, msg, message);
        }
    }

    fn deliver(&mut self, from: NodeId, msg: MessageId, message: M::Message) {
        let cause = Cause::Carried(msg);
        if self.host.outlook.is_cut(from, self.host.id) {
            let lost = || Happened::Drop { msg, reason: DropReason::Partition };
            self.host.tape.note_of(Some(from.into()), self.now, cause, lost);
            return;
        }
        let trigger = self.host.tape.note(self.now, cause, || Happened::Deliver { msg, from });
        self.step(Input::Deliver { from, message }, trigger);
    }

    fn request(&mut self, Petition { msg, ticket, command, .. }: Petition<M>) {
        let trigger = self.host.tape.note(self.now, Cause::Carried(msg), || {
            let command = command.clone();
            Happened::Request { msg, ticket, command }
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
        self.machine.step(&cx, input, &mut self.out);
        assert!(
            !self.out.is_silent(),
            "{} has handled an input without saying why: call out.because(rule), also to ignore it",
            self.host.id
        );
        self.host.tally.steps += 1;
        self.conclude(trigger);
    }
}
