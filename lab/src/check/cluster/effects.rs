//! What a step or boot does to the node and the world around it.

use std::sync::Arc;

use quorate_protocol::{
    Clock as _, Delay, Disk, Effect, Invariant, Machine, Moment, NodeId, Observed, Outbox, Time, nanos,
};

use super::Cluster;
use super::state::{Armed, Envelope, Node, State};
use crate::env::{Status, Survival};

/// Makes records durable.
pub(super) fn write<'r, M: Machine>(node: &mut Node<M>, records: impl Iterator<Item = &'r M::Record>) {
    let mut records = records.peekable();
    if records.peek().is_some() {
        let mut disk = M::Disk::clone(&node.disk);
        records.for_each(|record| disk.write(record));
        node.disk = Arc::new(disk);
    }
}

impl<M: Machine, I: Invariant<M>> Cluster<M, I> {
    /// Lets the effects of a step or boot happen to the node and the network, as far as a crash
    /// lets them.
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
                // Written before; and what is told to watchers and clients changes nothing here.
                Effect::Persist(_) | Effect::Learn(_) | Effect::Reply { .. } => {}
            }
        }
    }

    /// Puts a message into the network, unless it is for nobody.
    fn send(&self, from: NodeId, to: NodeId, message: &M::Message, next: &mut State<M, I>) {
        if to.index() < next.hosts.len() {
            next.send(self.flight(Envelope { to, from, message: message.clone() }));
        }
    }

    /// Keeps what the invariants remember, if that is news.
    pub(super) fn remember(&self, invariants: &I, next: &mut State<M, I>) {
        if *invariants != **next.watched {
            next.watched = self.watched(invariants.clone());
        }
    }

    /// Starts a node from its disk, at the time of the state.
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
        let verdict = invariants.check(&Observed { at: now, node, moment: Moment::Boot, constants, machines, out });
        self.apply((node, &mut changed), now, out, Survival::WHOLE, next);
        next.hosts[node.index()] = self.host(changed);
        self.remember(&invariants, next);
        next.broken = verdict.err().map(|broken| Arc::new((node, broken)));
    }

    /// The true time after so many ticks.
    pub(super) fn time(&self, tick: u32) -> Time {
        let length = self.bounds.clocks.as_ref().map_or(0, |clocks| nanos(clocks.tick));
        Time::from_nanos(length.saturating_mul(u64::from(tick)))
    }
}
