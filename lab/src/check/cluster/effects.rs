//! Effects of a step or boot on the node and the network.

use std::sync::Arc;

use quorate_protocol::{
    Clock as _, Delay, Disk, Effect, Invariant, Machine, NodeId, Outbox, StepKind, StepView, Time, nanos,
};

use super::Cluster;
use super::state::{Armed, Envelope, Node, State};
use crate::env::{Status, Survival};

/// Writes records to the node's disk.
pub(super) fn write<'r, M: Machine>(node: &mut Node<M>, records: impl Iterator<Item = &'r M::Record>) {
    let mut records = records.peekable();
    if records.peek().is_some() {
        let mut disk = M::Disk::clone(&node.disk);
        records.for_each(|record| disk.apply(record));
        node.disk = Arc::new(disk);
    }
}

impl<M: Machine, I: Invariant<M>> Cluster<M, I> {
    /// Applies the effects of a step or boot to the node and the network; a crash may cut them
    /// short.
    pub(super) fn apply(
        &self,
        (node, changed): (NodeId, &mut Node<M>),
        now: Time,
        out: &Outbox<M>,
        mut survival: Survival,
        next: &mut State<M, I>,
    ) {
        write(changed, out.records().take(survival.records));
        for effect in out.effects().iter().filter(|effect| survival.lets(node, effect)) {
            match effect {
                Effect::Send { to, message } if *to == node => changed.inbox.push(message.clone()),
                Effect::Send { to, message } => self.send(node, *to, message, next),
                Effect::Arm { timer, after } => {
                    let (mut from, mut until) = (Time::ZERO, Time::ZERO);
                    if self.bounds.clocks.is_some() {
                        let shown = changed.clock.read(now).monotonic;
                        (from, until) = (shown + Delay::min(*after), shown + Delay::max(*after));
                    }
                    changed.arm(Armed { timer: timer.clone(), from, until });
                }
                Effect::Disarm(timer) => {
                    changed.disarm(timer);
                }
                // Records were written above. Facts and replies to clients do not change the state.
                Effect::Persist(_) | Effect::Emit(_) | Effect::Reply { .. } => {}
            }
        }
    }

    /// Adds a message to the network. A message to an unknown node is dropped.
    fn send(&self, from: NodeId, to: NodeId, message: &M::Message, next: &mut State<M, I>) {
        if to.index() < next.hosts.len() {
            next.send(self.flight(Envelope { to, from, message: message.clone() }));
        }
    }

    /// Stores the state of the invariants if it has changed.
    pub(super) fn remember(&self, invariants: &I, next: &mut State<M, I>) {
        if *invariants != **next.watched {
            next.watched = self.watched(invariants.clone());
        }
    }

    /// Boots a node from its disk, at the time of the state.
    pub(super) fn boot(&self, node: NodeId, machines: &mut [Option<M>], out: &mut Outbox<M>, next: &mut State<M, I>) {
        let now = self.time(next.tick);
        let mut changed = Node::clone(&next.hosts[node.index()]);
        out.clear();
        let constants = &self.setup.constants;
        let cx = constants.of(node, M::Clock::read(changed.clock.read(now)));
        let machine = M::boot(&cx, &changed.disk, out);
        changed.status = Status::Up;
        changed.machine = Some(machine.clone());
        machines[node.index()] = Some(machine);
        let mut invariants = I::clone(&next.watched);
        let verdict = invariants.check(&StepView { at: now, node, kind: StepKind::Boot, constants, machines, out });
        self.apply((node, &mut changed), now, out, Survival::WHOLE, next);
        next.hosts[node.index()] = self.host(changed);
        self.remember(&invariants, next);
        next.broken = verdict.err().map(|broken| Arc::new((node, broken)));
    }

    /// True time of a tick.
    pub(super) fn time(&self, tick: u32) -> Time {
        let length = self.bounds.clocks.as_ref().map_or(0, |clocks| nanos(clocks.tick));
        Time::from_nanos(length.saturating_mul(u64::from(tick)))
    }
}
