//! The registry: it leases worker numbers, each up to a tick.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, Time};

use super::disk::{Disk, Record};
use super::message::{Fact, Lease, Message};
use super::node::{Cx, Out};
use super::rules::SnowflakeRule;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Registry {
    /// The last lease of each worker number, with its holder.
    pub(crate) leased: BTreeMap<u32, (NodeId, Lease)>,
    /// The time at which each holder was heard of, on the monotonic clock.
    heard: BTreeMap<NodeId, Time>,
}

impl Registry {
    /// After a restart every holder counts as heard of just now.
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk) -> Self {
        let heard = disk.leased.values().map(|(node, _)| (*node, cx.now.monotonic)).collect();
        Registry { leased: disk.leased.clone(), heard }
    }

    /// Leases a worker number to a generator, or extends its lease.
    pub(crate) fn claimed(&mut self, cx: &Cx<'_>, from: NodeId, tick: u64, out: &mut Out) {
        let held = self.leased.values().find(|(holder, _)| *holder == from).map(|(_, lease)| *lease);
        let (lease, rule) = match held {
            Some(lease) => {
                let through = cx.rules.ends(Some(lease.through), tick, cx.config.lease);
                (Lease { through, ..lease }, SnowflakeRule::Renew)
            }
            None => match self.free(cx) {
                None => {
                    out.because(SnowflakeRule::NoWorkerFree).why(format_args!("{from} asks for one"));
                    return;
                }
                Some((worker, former)) => {
                    let above = former.map_or(0, |former| cx.rules.fence(former));
                    // Above the former lease, also for a generator whose clock is behind it.
                    let through = cx.rules.ends(None, tick.max(above), cx.config.lease);
                    let rule = if former.is_some() { SnowflakeRule::Recycle } else { SnowflakeRule::Lease };
                    (Lease { worker, above, through }, rule)
                }
            },
        };
        self.heard.insert(from, cx.now.monotonic);
        let mut because = out.because(rule);
        because.why(format_args!("{from} has {} above {} through {}", lease.worker, lease.above, lease.through));
        if held != Some(lease) {
            if let Some((former, _)) = self.leased.insert(lease.worker, (from, lease))
                && former != from
            {
                self.heard.remove(&former);
            }
            because.persist(Record::Leased { to: from, lease }).emit(Fact::Leased { to: from, lease });
        }
        because.send(from, Message::Grant { lease });
    }

    /// A worker number that was never leased; else, of those whose holders are silent, the one
    /// whose lease ends first, with that end.
    fn free(&self, cx: &Cx<'_>) -> Option<(u32, Option<u64>)> {
        // Numbers are given out in order, so the first free one follows the largest.
        let fresh = self.leased.keys().next_back().map_or(0, |largest| largest + 1);
        if fresh <= cx.config.layout.last_worker() {
            return Some((fresh, None));
        }
        let is_silent = |holder: &NodeId| {
            let heard = self.heard.get(holder).copied().unwrap_or_default();
            cx.now.monotonic.since(heard) >= cx.config.recycle_after
        };
        let silent = self.leased.values().filter(|(holder, _)| is_silent(holder));
        silent.map(|(_, lease)| (lease.through, lease.worker)).min().map(|(through, worker)| (worker, Some(through)))
    }
}
