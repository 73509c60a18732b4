//! Majority reads and writes: a linearizable register without a log (ABD; Lynch and Shvartsman).

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{NodeId, RequestId};

use super::message::{Fact, Message, Reply, Timer};
use super::replica::{Asked, Cx, Out, Replica, What, answer_read, answer_write, others, sorry};
use super::rules::RegisterRule;
use super::version::{Seen, Version};
use crate::{Key, Stamp, Tick};

/// A majority operation under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Operation {
    pub(crate) asked: Asked,
    pub(crate) phase: Phase,
}

/// Phase of a majority operation.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Phase {
    /// Phase 1: the version reported by each replica, with the number of its answers counted.
    Asking(BTreeMap<NodeId, (Option<Version>, u32)>),
    /// Phase 2: the version to be put on a majority, and the acknowledgements counted of each.
    Storing(Version, BTreeMap<NodeId, u32>),
}

impl Replica {
    /// Phase 1 of a read or a write.
    pub(crate) fn ask_majority(&mut self, cx: &Cx<'_>, asked: Asked, out: &mut Out) {
        let ticket = asked.ticket;
        if self.operations.contains_key(&ticket) {
            out.because(RegisterRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            return;
        }
        let is_write = matches!(asked.what, What::Write { .. });
        if is_write && self.repeats(cx, &asked, out) {
            return;
        }
        let key = asked.key.clone();
        let mut because = out.because(RegisterRule::AskMajority);
        because.emit(Fact::Began { ticket, key: key.clone() }).arm(Timer::Late { ticket }, cx.config.timeout);
        let own = self.held(&key).last().cloned();
        if is_write && !cx.rules.write_asks_first() {
            let newest = own.map_or_else(Tick::default, |version| version.stamp.tick);
            let operation = Operation { asked, phase: Phase::Asking(BTreeMap::new()) };
            self.operations.insert(ticket, operation);
            return self.stamp_and_store(cx, ticket, newest, out);
        }
        for other in others(cx) {
            because.send(other, Message::Query { ticket, key: key.clone() });
        }
        let operation = Operation { asked, phase: Phase::Asking(BTreeMap::new()) };
        self.operations.insert(ticket, operation);
        self.reported(cx, cx.me, ticket, own, out);
    }

    /// Answers a query.
    pub(crate) fn query(&self, from: NodeId, ticket: RequestId, key: &Key, out: &mut Out) {
        out.because(RegisterRule::TellHeld).send(from, Message::Held { ticket, versions: self.held(key).to_vec() });
    }

    /// Counts the answer of a replica in phase 1.
    pub(crate) fn reported(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        ticket: RequestId,
        version: Option<Version>,
        out: &mut Out,
    ) {
        let phase = self.operations.get_mut(&ticket).map(|operation| &mut operation.phase);
        let Some(Phase::Asking(reported)) = phase else { return late_answer(from, ticket, out) };
        let before = reported.get(&from).map_or(0, |(_, answers)| *answers);
        match cx.rules.counts(before) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{from} has answered {ticket}"));
                return;
            }
            Allow(_) => reported.insert(from, (version, before + 1)),
        };
        let answers = reported.values().map(|(_, answers)| *answers as usize).sum();
        let replicas = cx.config.replicas.len();
        if let Refuse(rule) = cx.rules.enough(answers, replicas) {
            out.because(rule).why(format_args!("{answers} of {replicas} have answered {ticket}"));
            return;
        }
        let newest = reported
            .values()
            .filter_map(|(version, _)| version.as_ref())
            .fold(None, |newest: Option<&Version>, version| match newest {
                Some(newest) if !cx.rules.newer(version.stamp, newest.stamp) => Some(newest),
                _ => Some(version),
            })
            .cloned();
        let holding = reported
            .values()
            .filter(|(version, _)| {
                version.as_ref().map(|version| version.stamp) == newest.as_ref().map(|one| one.stamp)
            })
            .count();
        self.majority_answered(cx, ticket, newest, holding, out);
    }

    /// Ends phase 1, given the newest version and the number of replicas that reported it.
    fn majority_answered(
        &mut self,
        cx: &Cx<'_>,
        ticket: RequestId,
        newest: Option<Version>,
        holding: usize,
        out: &mut Out,
    ) {
        let Some(operation) = self.operations.get(&ticket) else { return };
        if let What::Write { .. } = operation.asked.what {
            let tick = newest.map_or_else(Tick::default, |version| version.stamp.tick);
            return self.stamp_and_store(cx, ticket, tick, out);
        }
        let Some(newest) = newest else { return self.finish(ticket, &[], RegisterRule::NothingWritten, out) };
        match cx.rules.write_back(holding, cx.rules.quorum(cx.config.replicas.len())) {
            Refuse(rule) => self.finish(ticket, &[newest], rule, out),
            Allow(rule) => self.put_on_majority(cx, rule, ticket, newest, out),
        }
    }

    /// Phase 2 of a write: chooses its stamp.
    fn stamp_and_store(&mut self, cx: &Cx<'_>, ticket: RequestId, newest: Tick, out: &mut Out) {
        let Some(operation) = self.operations.get(&ticket) else { return };
        let What::Write { value, .. } = &operation.asked.what else { return };
        let stamp = Stamp { tick: cx.rules.next_tag(newest, self.clock), node: cx.me };
        let version = Version { value: value.clone(), stamp, seen: Seen::default() };
        self.clock = stamp.tick;
        let begun = self.begin(ticket);
        out.because(RegisterRule::StampAbove).why(format_args!("{stamp} is above {newest}")).persist(begun);
        self.put_on_majority(cx, RegisterRule::StampAbove, ticket, version, out);
    }

    /// Phase 2: stores the version here, and asks the others to store it.
    fn put_on_majority(&mut self, cx: &Cx<'_>, rule: RegisterRule, ticket: RequestId, version: Version, out: &mut Out) {
        let Some(operation) = self.operations.get_mut(&ticket) else { return };
        operation.phase = Phase::Storing(version.clone(), BTreeMap::new());
        let key = operation.asked.key.clone();
        let mut because = out.because(rule);
        for other in others(cx) {
            because.send(other, Message::Store { ticket, key: key.clone(), version: version.clone() });
        }
        let stamp = version.stamp;
        self.take(cx, &key, version, out);
        self.acknowledged(cx, cx.me, ticket, stamp, out);
    }

    /// Stores a version, unless a newer one is held.
    fn take(&mut self, cx: &Cx<'_>, key: &Key, version: Version, out: &mut Out) {
        let (held, Version { stamp, value, .. }) = (self.held(key).last().map(|held| held.stamp), version.clone());
        match cx.rules.takes(held, stamp) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{stamp} is not above what is held"));
            }
            Allow(rule) => {
                let record = self.hold(key, vec![version]);
                let mut because = out.because(rule);
                if cx.rules.writes_before_ack() {
                    because.persist(record);
                }
                because.emit(Fact::Took { key: key.clone(), value, stamp });
            }
        }
    }

    /// Handles a store: the answer is the same whether this version is held or a newer one.
    pub(crate) fn store(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        ticket: RequestId,
        key: &Key,
        version: Version,
        out: &mut Out,
    ) {
        let stamp = version.stamp;
        self.take(cx, key, version, out);
        out.because(RegisterRule::StoreNewer).send(from, Message::Ack { ticket, stamp });
    }

    /// Counts the acknowledgement of a replica in phase 2.
    pub(crate) fn acknowledged(&mut self, cx: &Cx<'_>, from: NodeId, ticket: RequestId, stamp: Stamp, out: &mut Out) {
        let phase = self.operations.get_mut(&ticket).map(|operation| &mut operation.phase);
        let Some(Phase::Storing(version, acknowledged)) = phase else { return late_answer(from, ticket, out) };
        if version.stamp != stamp {
            return late_answer(from, ticket, out);
        }
        let before = acknowledged.get(&from).copied().unwrap_or_default();
        match cx.rules.counts(before) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{from} has acknowledged {stamp}"));
                return;
            }
            Allow(_) => acknowledged.insert(from, before + 1),
        };
        let (count, replicas) = (acknowledged.values().sum::<u32>() as usize, cx.config.replicas.len());
        match cx.rules.enough(count, replicas) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{count} of {replicas} hold {stamp}"));
            }
            Allow(rule) => {
                let version = version.clone();
                self.finish(ticket, &[version], rule, out);
            }
        }
    }

    /// Answers, and forgets the operation.
    fn finish(&mut self, ticket: RequestId, versions: &[Version], rule: RegisterRule, out: &mut Out) {
        let Some(Operation { asked, .. }) = self.operations.remove(&ticket) else { return };
        out.because(rule).disarm(Timer::Late { ticket });
        match (&asked.what, versions) {
            (What::Write { .. }, [version]) => answer_write(&asked, version, rule, out),
            _ => answer_read(&asked, versions, rule, out),
        }
    }

    /// Gives up on an operation without a majority. A write may still take effect.
    pub(crate) fn no_majority(&mut self, ticket: RequestId, out: &mut Out) {
        match self.operations.remove(&ticket) {
            Some(Operation { asked, .. }) => sorry(&asked, Reply::Unavailable, RegisterRule::NoMajority, out),
            None => {
                out.because(RegisterRule::LateAnswer).why(format_args!("{ticket} is over"));
            }
        }
    }
}

/// Ignores an answer to a phase that is over.
fn late_answer(from: NodeId, ticket: RequestId, out: &mut Out) {
    out.because(RegisterRule::LateAnswer).why(format_args!("{from} answers {ticket} late"));
}
