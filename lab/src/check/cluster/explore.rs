//! Successors of a state: every possible action is found by taking it.

use std::sync::Arc;

use quorate_protocol::{
    ClientId, Clock as _, Effect, Input, Invariant, InvariantViolation, Machine, NodeId, Outbox, RequestId, SilentStep,
    StepKind, StepView, Time,
};

use super::action::{Action, Stimulus};
use super::bounds::spend;
use super::partial_order::{SleepSet, sleep_set_after};
use super::state::{Asked, Envelope, Node, State};
use super::{Bounds, Cluster};
use crate::env::{CrashPoint, Status, Survival};

/// Receives successors. It is not a type parameter: the enumeration would be compiled for each.
type Found<'a, M, I> = &'a mut dyn FnMut(Action<M>, State<M, I>);

/// Enumerates the successors of one state.
pub(super) struct Explorer<'a, M: Machine, I: Invariant<M>> {
    cluster: &'a Cluster<M, I>,
    state: &'a State<M, I>,
    now: Time,
    /// Machines of the state. While the invariants check a step, its node's machine is the one
    /// after the step.
    machines: Vec<Option<M>>,
    out: Outbox<M>,
    found: Found<'a, M, I>,
}

/// A step whose effects have not been applied yet.
struct StepContext<M: Machine, I> {
    node: NodeId,
    stimulus: Stimulus<M>,
    /// The node without the input that it has just handled.
    before: Node<M>,
    machine: M,
    invariants: I,
}

impl<'a, M: Machine, I: Invariant<M>> Explorer<'a, M, I> {
    pub(super) fn new(cluster: &'a Cluster<M, I>, state: &'a State<M, I>, found: Found<'a, M, I>) -> Self {
        let machines = state.hosts.iter().map(|host| host.machine.clone()).collect();
        Explorer { cluster, state, now: cluster.time(state.tick), machines, out: Outbox::new(), found }
    }

    /// Enumerates all successors, in a fixed order.
    pub(super) fn explore(mut self) {
        if self.state.broken.is_some() {
            return;
        }
        for node in self.nodes() {
            self.own(node);
        }
        self.deliveries();
        self.requests();
        for node in self.nodes() {
            self.timers(node);
            self.faults(node);
        }
        self.message_faults();
        self.tick();
    }

    fn nodes(&self) -> impl Iterator<Item = NodeId> + use<M, I> {
        (0..self.state.hosts.len() as u32).map(NodeId)
    }

    fn node(&self, node: NodeId) -> &'a Node<M> {
        &self.state.hosts[node.index()]
    }

    /// A copy of the state from which the next one is made, with an empty sleep set.
    fn next(&self) -> State<M, I> {
        State { sleep_set: SleepSet::default(), ..self.state.clone() }
    }

    /// A node's message to itself is neither lost nor delayed: it is handled before any other
    /// input.
    fn own(&mut self, node: NodeId) {
        let mut before = self.node(node).clone();
        if before.status == Status::Up && !before.inbox.is_empty() {
            let message = before.inbox.remove(0);
            self.step(node, Stimulus::Own, Input::Deliver { from: node, message }, before);
        }
    }

    /// Any message may be delivered next. Of several copies, only the first is tried.
    fn deliveries(&mut self) {
        for (position, flight) in self.state.network.iter().enumerate() {
            let Envelope { to, from, message } = &***flight;
            let copy = position > 0 && self.state.network[position - 1] == *flight;
            if !copy && !self.state.sleep_set.contains(position) && self.node(*to).is_open() {
                let input = Input::Deliver { from: *from, message: message.clone() };
                self.step(*to, Stimulus::Message(position), input, self.node(*to).clone());
            }
        }
    }

    fn requests(&mut self) {
        for (client, asked) in (0..).map(ClientId).zip(self.state.asked.iter()) {
            let Some(request) = self.cluster.requests_of(client).nth(usize::from(asked.here)) else { continue };
            let ticket = RequestId { client, number: u64::from(asked.ever) + 1 };
            for node in self.nodes().filter(|node| request.of.is_none_or(|of| of == *node)) {
                if self.node(node).is_open() {
                    let command = request.command.clone();
                    let input = Input::Request { ticket, command: command.clone() };
                    self.step(node, Stimulus::Request { ticket, command }, input, self.node(node).clone());
                }
            }
        }
    }

    /// Without clocks any armed timer may fire while the budget lasts; with clocks, those that are
    /// due.
    fn timers(&mut self, node: NodeId) {
        let standing = self.node(node);
        let clocked = self.cluster.bounds.clocks.is_some();
        if !standing.is_open() || !clocked && self.state.budget.firings == 0 {
            return;
        }
        let shown = standing.clock.read(self.now).monotonic;
        for (position, armed) in standing.timers.iter().enumerate() {
            if (!clocked || armed.from <= shown) && self.is_timely(node, &armed.timer) {
                let mut before = standing.clone();
                before.timers.remove(position);
                self.step(node, Stimulus::Timer(position), Input::Fire(armed.timer.clone()), before);
            }
        }
    }

    /// Whether a timer may fire by the assumption of [`Cluster::timely`].
    fn is_timely(&self, node: NodeId, timer: &M::Timer) -> bool {
        let is_quiet = || {
            self.nodes().all(|node| self.node(node).inbox.is_empty())
                && self.state.network.iter().all(|flight| self.node(flight.to).status == Status::Down)
        };
        self.cluster.may_fire.is_none_or(|may_fire| is_quiet() && may_fire(&self.machines, node, timer))
    }

    /// Crashes between steps, restarts, pauses and resumptions, and changes of the wall clock.
    fn faults(&mut self, node: NodeId) {
        let (status, budget) = (self.node(node).status, self.state.budget);
        match status {
            Status::Down if budget.restarts > 0 => self.restart(node),
            Status::Down => {}
            Status::Up | Status::Paused => {
                if budget.crashes > 0 {
                    self.crash(node);
                }
                let (pauses, other) = match status {
                    Status::Up => (budget.pauses > 0, Status::Paused),
                    _ => (true, Status::Up),
                };
                if pauses {
                    self.change_status(node, other);
                }
            }
        }
        if budget.jumps > 0
            && let Some(clocks) = &self.cluster.bounds.clocks
        {
            for &by in &clocks.jump_by {
                let (mut next, mut changed) = (self.next(), self.node(node).clone());
                spend(&mut next.budget.jumps, u16::MAX);
                changed.clock.jumped += by;
                next.hosts[node.index()] = self.cluster.host(changed);
                (self.found)(Action::Jump { node, nanos: by }, next);
            }
        }
    }

    fn crash(&mut self, node: NodeId) {
        let mut next = self.next();
        spend(&mut next.budget.crashes, u16::MAX);
        let invariants = I::clone(&self.state.watched);
        self.go_down(node, self.node(node).clone(), invariants, &mut next);
        (self.found)(Action::Crash(node), next);
    }

    fn restart(&mut self, node: NodeId) {
        let mut next = self.next();
        spend(&mut next.budget.restarts, u16::MAX);
        self.cluster.boot(node, &mut self.machines, &mut self.out, &mut next);
        self.machines[node.index()] = None;
        (self.found)(Action::Restart(node), next);
    }

    fn change_status(&mut self, node: NodeId, status: Status) {
        let (mut next, mut changed) = (self.next(), self.node(node).clone());
        changed.status = status;
        let action = if status == Status::Paused { Action::Pause(node) } else { Action::Resume(node) };
        if status == Status::Paused {
            spend(&mut next.budget.pauses, u16::MAX);
        }
        next.hosts[node.index()] = self.cluster.host(changed);
        (self.found)(action, next);
    }

    /// Message faults: duplication and loss.
    fn message_faults(&mut self) {
        let timely = self.cluster.may_fire.is_some();
        let losing = self.state.budget.drops > 0 && (timely || !self.cluster.reductions.losses);
        let repeating = self.state.budget.duplicates > 0;
        for (position, flight) in self.state.network.iter().enumerate() {
            if position > 0 && self.state.network[position - 1] == *flight {
                continue;
            }
            if repeating {
                let mut next = self.next();
                spend(&mut next.budget.duplicates, u16::MAX);
                next.network.insert(position, Arc::clone(flight));
                (self.found)(Action::Duplicate(position), next);
            }
            let lost_with_sender = !timely || self.node(flight.from).status == Status::Down;
            if losing && lost_with_sender {
                let mut next = self.next();
                spend(&mut next.budget.drops, u16::MAX);
                next.network.remove(position);
                (self.found)(Action::Drop(position), next);
            }
        }
    }

    /// Advances time, unless a running node has a message to itself to handle, or a timer that must
    /// fire now.
    fn tick(&mut self) {
        let Some(clocks) = &self.cluster.bounds.clocks else { return };
        let busy = |node: &Node<M>| {
            let shown = node.clock.read(self.now).monotonic;
            node.status == Status::Up
                && (!node.inbox.is_empty() || node.timers.iter().any(|armed| armed.until <= shown))
        };
        if self.state.tick < clocks.ticks && !self.state.hosts.iter().any(|host| busy(host)) {
            let mut next = self.next();
            next.tick += 1;
            (self.found)(Action::Tick, next);
        }
    }

    /// A node handles an input. `before` is the node without that input.
    fn step(&mut self, node: NodeId, stimulus: Stimulus<M>, input: Input<M>, mut before: Node<M>) {
        let Some(mut machine) = before.machine.take() else { return };
        let constants = &self.cluster.setup.constants;
        let cx = constants.of(node, M::Clock::read(before.clock.read(self.now)));
        self.out.clear();
        machine.step(&cx, input, &mut self.out);
        let mut invariants = self.asked(node, &stimulus);
        let standing = self.machines[node.index()].replace(machine);
        let verdict = if self.out.is_silent() {
            let action = Action::Step { node, stimulus: stimulus.clone(), crash: None };
            Err(SilentStep::new::<M>(node, format_args!("the input of \"{}\"", action.describe(self.state))).into())
        } else {
            let (machines, out) = (&self.machines, &self.out);
            let seen = StepView { at: self.now, node, kind: StepKind::Step, constants, machines, out };
            invariants.check(&seen)
        };
        let stepped = std::mem::replace(&mut self.machines[node.index()], standing);
        let Some(machine) = stepped else { return };
        let step = StepContext { node, stimulus, before, machine, invariants };
        if verdict.is_ok() && self.is_identity(&step) {
            return;
        }
        let mut next = self.whole(&step, verdict);
        let sound = next.broken.is_none();
        let action = Action::Step { node, stimulus: step.stimulus.clone(), crash: None };
        if self.cluster.reductions.order && I::COMMUTES && self.cluster.may_fire.is_none() {
            next.sleep_set = sleep_set_after(self.state, &action, &next);
        }
        (self.found)(action, next);
        if sound && self.state.budget.crashes > 0 {
            self.crash_within(&step);
        }
    }

    /// The invariants, notified of the request if the node is about to handle one.
    fn asked(&self, node: NodeId, stimulus: &Stimulus<M>) -> I {
        let mut invariants = I::clone(&self.state.watched);
        if let Stimulus::Request { command, .. } = stimulus {
            invariants.requested(node, command);
        }
        invariants
    }

    /// Whether the step changes nothing, so that it need not be taken; see
    /// [`Reductions::idle`](super::Reductions::idle).
    ///
    /// Inputs that block others are handled all the same: messages to itself, requests other than a
    /// client's last, and timers that hold up the clock.
    fn is_identity(&self, step: &StepContext<M, I>) -> bool {
        let waited_for = match step.stimulus {
            Stimulus::Message(_) => false,
            Stimulus::Timer(_) => self.cluster.bounds.clocks.is_some(),
            Stimulus::Own => true,
            Stimulus::Request { ticket, .. } => {
                let asked = self.state.asked[ticket.client.index()].here;
                self.cluster.requests_of(ticket.client).nth(usize::from(asked) + 1).is_some()
            }
        };
        let trace = |effect: &Effect<M>| !matches!(effect, Effect::Reply { .. } | Effect::Emit(_));
        self.cluster.reductions.idle
            && !waited_for
            && !self.out.effects().iter().any(trace)
            && self.machines[step.node.index()].as_ref() == Some(&step.machine)
            && step.invariants == **self.state.watched
    }

    /// The state without the input that the step handles.
    fn without_input(&self, step: &StepContext<M, I>) -> State<M, I> {
        let mut next = self.next();
        match &step.stimulus {
            Stimulus::Message(position) => {
                next.network.remove(*position);
            }
            Stimulus::Own => {}
            Stimulus::Timer(_) => {
                if self.cluster.may_fire.is_some() {
                    next.network.clear();
                }
                if self.cluster.bounds.clocks.is_none() {
                    spend(&mut next.budget.firings, Bounds::<M>::UNLIMITED);
                }
            }
            Stimulus::Request { ticket, .. } => {
                let mut asked: Vec<Asked> = next.asked.to_vec();
                let client = &mut asked[ticket.client.index()];
                *client = Asked { here: client.here + 1, ever: client.ever + 1 };
                next.asked = asked.into();
            }
        }
        next
    }

    /// The complete step, without a crash: first all writes, then all other effects.
    fn whole(&self, step: &StepContext<M, I>, verdict: Result<(), InvariantViolation>) -> State<M, I> {
        let mut next = self.without_input(step);
        let mut changed = step.before.clone();
        changed.machine = Some(step.machine.clone());
        self.cluster.apply((step.node, &mut changed), self.now, &self.out, Survival::WHOLE, &mut next);
        next.hosts[step.node.index()] = self.cluster.host(changed);
        self.cluster.remember(&step.invariants, &mut next);
        next.broken = verdict.err().map(|broken| Arc::new((step.node, broken)));
        next
    }

    /// The same step, cut short by a crash at every moment where that makes a difference.
    fn crash_within(&mut self, step: &StepContext<M, I>) {
        let node = step.node;
        let records = self.out.records().count();
        let moments = self.cluster.bounds.crash_points;
        for moment in CrashPoint::all_in(node, &self.out).filter(|moment| moments.allow(*moment, records)) {
            let next = self.cut_off(step, moment, records);
            let stimulus = step.stimulus.clone();
            (self.found)(Action::Step { node, stimulus, crash: Some(moment) }, next);
        }
    }

    fn cut_off(&mut self, step: &StepContext<M, I>, moment: CrashPoint, records: usize) -> State<M, I> {
        let mut next = self.without_input(step);
        spend(&mut next.budget.crashes, u16::MAX);
        let survival = Survival::of(Some(moment), records);
        // Unless all its records became durable, the step did not happen: the invariants do not
        // see it.
        let invariants = if survival.done { step.invariants.clone() } else { self.asked(step.node, &step.stimulus) };
        let mut changed = step.before.clone();
        self.cluster.apply((step.node, &mut changed), self.now, &self.out, survival, &mut next);
        self.go_down(step.node, changed, invariants, &mut next);
        next
    }

    /// Takes the node down, and lets the invariants check the result.
    fn go_down(&mut self, node: NodeId, mut changed: Node<M>, mut invariants: I, next: &mut State<M, I>) {
        changed.crashed();
        next.hosts[node.index()] = self.cluster.host(changed);
        let standing = self.machines[node.index()].take();
        let (at, moment, machines) = (self.now, StepKind::Crash, &self.machines);
        let constants = &self.cluster.setup.constants;
        let verdict = invariants.check(&StepView { at, node, kind: moment, constants, machines, out: &Outbox::new() });
        self.machines[node.index()] = standing;
        self.cluster.remember(&invariants, next);
        next.broken = verdict.err().map(|broken| Arc::new((node, broken)));
    }
}
