//! Invariants of a replicated register, checked from outside.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{
    Invariant, InvariantSummary, InvariantViolation, NodeId, Permutation, Permute, RequestId, StepKind, StepView,
};

use super::config::{Available, Config, Order, Session};
use super::message::Fact;
use super::node::Register;
use super::rulebook::BY_THE_BOOK;
use super::version::Version;
use crate::{Key, Stamp, Value};

type Step<'a> = StepView<'a, Register>;
type Checked = Result<(), InvariantViolation>;

fn order(seen: &Step<'_>) -> Option<Order> {
    seen.constants.config().available().map(|Available { order, .. }| order)
}

/// A stamp belongs to one write: no two versions have the same stamp and different values.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct StampsAreUnique {
    pub(crate) values: BTreeMap<(Key, Stamp), Value>,
}

impl Invariant<Register> for StampsAreUnique {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("StampsAreUnique", "No two writes to a key have the same stamp.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::Took { key, value, stamp } = fact else { continue };
            let first = self.values.entry((key.clone(), *stamp)).or_insert_with(|| value.clone());
            if first != value {
                let detail = format!("{stamp} is the stamp of {key}={first}, and of {key}={value}");
                return Err(InvariantViolation::new("StampsAreUnique", detail));
            }
        }
        Ok(())
    }
}

/// A completed operation is on a majority: of the version that a write acknowledged, or a read
/// returned, or of a newer one (ABD §3). Of a register that needs a majority.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct CompletedOnMajority {
    /// The newest version of each key that a completed operation wrote or returned.
    pub(crate) completed: BTreeMap<Key, Stamp>,
}

/// The stamp that an operation completes with.
fn completes(fact: &Fact) -> Option<(RequestId, &Key, Option<Stamp>)> {
    match fact {
        Fact::Wrote { ticket, key, stamp, .. } => Some((*ticket, key, Some(*stamp))),
        Fact::Returned { ticket, key, stamps } => Some((*ticket, key, stamps.last().copied())),
        _ => None,
    }
}

impl Invariant<Register> for CompletedOnMajority {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "CompletedOnMajority",
            "In consistent mode, what a write acknowledged or a read returned is on a majority, or something newer is.",
        )]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let config: &Config = seen.constants.config();
        if config.available().is_some() {
            return Ok(());
        }
        for (_, key, stamp) in seen.facts().filter_map(completes) {
            let Some(stamp) = stamp else { continue };
            let newest = self.completed.entry(key.clone()).or_insert(stamp);
            *newest = (*newest).max(stamp);
        }
        // A node that is down may hold it, so those are counted that certainly do not.
        for (key, stamp) in &self.completed {
            let lacks = |machine: &Register| machine.versions(key).last().is_none_or(|held| held.stamp < *stamp);
            let lacking = seen.up().filter(|(node, machine)| config.replicas.contains(node) && lacks(machine)).count();
            let holding = config.replicas.len() - lacking;
            if holding < BY_THE_BOOK.quorum(config.replicas.len()) {
                let detail = format!("{key} at {stamp} was completed, and at most {holding} replicas hold it");
                return Err(InvariantViolation::new("CompletedOnMajority", detail));
            }
        }
        Ok(())
    }
}

/// No operation returns a version older than one that was completed before it began. Of a register
/// that needs a majority.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoOlderRead {
    pub(crate) completed: BTreeMap<Key, Stamp>,
    /// Of each operation under way: the newest version completed when it began.
    pub(crate) floors: BTreeMap<RequestId, Option<Stamp>>,
}

impl Invariant<Register> for NoOlderRead {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "NoOlderRead",
            "In consistent mode, no operation returns or writes a version older than one completed before it began.",
        )]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        if order(seen).is_some() {
            return Ok(());
        }
        for fact in seen.facts() {
            if let Fact::Began { ticket, key } = fact {
                self.floors.entry(*ticket).or_insert_with(|| self.completed.get(key).copied());
            }
            let Some((ticket, key, stamp)) = completes(fact) else { continue };
            let floor = self.floors.get(&ticket).copied().flatten();
            if stamp < floor
                && let Some(floor) = floor
            {
                let got = stamp.map_or_else(|| "nothing".to_owned(), |stamp| stamp.to_string());
                let detail = format!("{ticket} of {key} has {got}, although {floor} was completed before it began");
                return Err(InvariantViolation::new("NoOlderRead", detail));
            }
            if let Some(stamp) = stamp {
                let newest = self.completed.entry(key.clone()).or_insert(stamp);
                *newest = (*newest).max(stamp);
            }
        }
        Ok(())
    }
}

/// A replica never goes back: what it holds of a key is replaced only by something newer, or, among
/// siblings, by a version whose writer had read it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NeverBackwards {
    pub(crate) held: BTreeMap<(NodeId, Key), Vec<Version>>,
}

impl Invariant<Register> for NeverBackwards {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "NeverBackwards",
            "What a replica holds is replaced only by something newer; a sibling only by a write that has seen it.",
        )]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let Some(machine) = seen.machine() else { return Ok(()) };
        // A node that restarts has what is on its disk: whether that is enough is the business of
        // `CompletedOnMajority`.
        let order = order(seen).unwrap_or(Order::Lamport);
        for key in machine.keys() {
            let now = machine.versions(key);
            let before = self.held.insert((seen.node, key.clone()), now.to_vec()).unwrap_or_default();
            let gone = before.iter().find(|version| !BY_THE_BOOK.covers(order, now, version.stamp));
            if let (Some(gone), StepKind::Step) = (gone, seen.kind) {
                let detail = format!("{} had {key} at {}, and nothing that follows it now", seen.node, gone.stamp);
                return Err(InvariantViolation::new("NeverBackwards", detail));
            }
        }
        Ok(())
    }
}

/// Siblings are concurrent: a replica holds no version beside one whose writer had read it. And no
/// update is lost: a version replaces only those that its writer had read.
///
/// The reads of a writer are taken from what it was sent, not from the version vectors, which are
/// checked by it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Siblings {
    /// The writes to a key that each write follows, by what its writer had read.
    pub(crate) causes: BTreeMap<(Key, Stamp), BTreeSet<Stamp>>,
}

impl Siblings {
    fn note(&mut self, key: &Key, stamp: Stamp, saw: &[Stamp]) {
        let mut causes: BTreeSet<Stamp> = saw.iter().copied().collect();
        for cause in saw {
            causes.extend(self.causes.get(&(key.clone(), *cause)).into_iter().flatten());
        }
        self.causes.insert((key.clone(), stamp), causes);
    }
}

impl Invariant<Register> for Siblings {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![
            InvariantSummary::new(
                "SiblingsAreConcurrent",
                "No replica holds a version beside one whose writer had read it; and with stamps it holds one version.",
            ),
            InvariantSummary::new(
                "NoLostUpdate",
                "In the order of version vectors, a version replaces only those that its writer had read.",
            ),
        ]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            if let Fact::Wrote { key, stamp, saw, .. } = fact {
                self.note(key, *stamp, saw);
            }
        }
        let Some(machine) = seen.machine() else { return Ok(()) };
        for key in machine.keys() {
            let versions = machine.versions(key);
            if order(seen) != Some(Order::Vector) {
                if versions.len() > 1 {
                    let detail = format!("{} holds {} versions of {key}", seen.node, versions.len());
                    return Err(InvariantViolation::new("SiblingsAreConcurrent", detail));
                }
                continue;
            }
            // Of a write that crashed before it was acknowledged, the context is not known.
            for version in versions {
                let Some(causes) = self.causes.get(&(key.clone(), version.stamp)) else { continue };
                if let Some(old) = versions.iter().find(|old| causes.contains(&old.stamp)) {
                    let detail = format!("{} keeps {key} at {} beside {}", seen.node, old.stamp, version.stamp);
                    return Err(InvariantViolation::new("SiblingsAreConcurrent", detail));
                }
                let written = self.causes.keys().filter(|(other, _)| other == key).map(|(_, stamp)| *stamp);
                let lost = |stamp: &Stamp| version.seen.covers(*stamp) && !causes.contains(stamp);
                if let Some(lost) = written.into_iter().find(lost) {
                    let detail = format!("{key} at {} replaces {lost}, which its writer had not read", version.stamp);
                    return Err(InvariantViolation::new("NoLostUpdate", detail));
                }
            }
        }
        Ok(())
    }
}

/// A cause comes before its effect: a write is ordered after the versions that its writer had read
/// (Lamport 1978, clock condition). Not promised by wall clocks.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct CauseBeforeEffect {
    /// Whether it is demanded of wall clocks, too, which break it.
    pub of_wall_clocks: bool,
}

impl Invariant<Register> for CauseBeforeEffect {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "CauseBeforeEffect",
            "A write comes after the versions that its writer had read, in every order but that of wall clocks.",
        )]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let order = order(seen).unwrap_or(Order::Lamport);
        if order == Order::Wall && !self.of_wall_clocks {
            return Ok(());
        }
        for fact in seen.facts() {
            let Fact::Wrote { key, stamp, saw, .. } = fact else { continue };
            if order == Order::Vector {
                continue;
            }
            if let Some(cause) = saw.iter().find(|cause| *cause >= stamp) {
                let detail = format!("{key} at {stamp} was written by one who had read {cause}");
                return Err(InvariantViolation::new("CauseBeforeEffect", detail));
            }
        }
        Ok(())
    }
}

/// A session's guarantee: a read shows the session's own writes, or nothing older than what it has
/// read, as configured (Terry 1994 §3). A session ends when its application crashes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SessionGuarantee {
    pub(crate) owed: BTreeMap<(NodeId, Key), Vec<Stamp>>,
}

impl Invariant<Register> for SessionGuarantee {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "SessionGuarantee",
            "A read of a session shows its own writes, or nothing older than it has read, as configured.",
        )]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let node = seen.node;
        if seen.kind != StepKind::Step {
            self.owed.retain(|(app, _), _| *app != node);
            return Ok(());
        }
        let Some(Available { order, session, .. }) = seen.constants.config().available() else { return Ok(()) };
        for fact in seen.facts() {
            match fact {
                Fact::SessionWrote { key, stamp } if session == Session::ReadYourWrites => {
                    self.owed.insert((node, key.clone()), vec![*stamp]);
                }
                Fact::SessionRead { key, versions } => {
                    let owed = self.owed.entry((node, key.clone())).or_default();
                    if let Some(stamp) = owed.iter().find(|stamp| !BY_THE_BOOK.covers(order, versions, **stamp)) {
                        let detail = format!("{node} has seen {key} at {stamp}, and reads something older");
                        return Err(InvariantViolation::new("SessionGuarantee", detail));
                    }
                    if session == Session::MonotonicReads {
                        *owed = versions.iter().map(|version| version.stamp).collect();
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All invariants of a replicated register.
pub type Safety =
    (StampsAreUnique, CompletedOnMajority, NoOlderRead, NeverBackwards, Siblings, CauseBeforeEffect, SessionGuarantee);

macro_rules! permuted {
    ($($type:ident { $($field:ident),* })+) => {
        $(impl Permute for $type {
            fn permuted(&self, by: &Permutation) -> Self {
                $type { $($field: self.$field.permuted(by)),* }
            }
        })+
    };
}

permuted! {
    StampsAreUnique { values }
    CompletedOnMajority { completed }
    NoOlderRead { completed, floors }
    NeverBackwards { held }
    SessionGuarantee { owed }
    Siblings { causes }
}

quorate_protocol::no_node_ids!(CauseBeforeEffect);
