//! Cluster with a single granter, and helpers shared by the tests.

use std::collections::BTreeMap;

use quorate_lab::sim::{RunError, Setup, World};
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::{Command, Drift, Fact, Lease, Recovery, Reply, Rulebook, Settings, Terms, Value};
use quorate_protocol::{ClientId, Duration, Invariant, InvariantViolation, Machine, Names, NodeId, StepView, Time};

pub(crate) const Q: NodeId = NodeId(0);
pub(crate) const A: NodeId = NodeId(1);
pub(crate) const B: NodeId = NodeId(2);
pub(crate) const C: NodeId = NodeId(3);
pub(crate) const S: NodeId = NodeId(4);
pub(crate) const CLIENT: ClientId = ClientId(0);

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

pub(crate) fn names() -> Names {
    Names::new(["Q", "A", "B", "C", "S"], ["c"])
}

/// Settings in which Q grants for 300 ms; with 1 % of drift, holders count 294.05 ms and ask every
/// 50 ms.
pub(crate) fn settings() -> Settings {
    let drift = Drift::from_ppm(10_000).unwrap();
    let longest = Terms::longest(ms(300), drift).unwrap();
    let terms = Terms::new(ms(300), longest.holder(), ms(50), drift).unwrap();
    Settings { resource: Some(S), ..Settings::new(Q, [A, B, C], terms) }
}

pub(crate) fn from_disk(settings: Settings) -> Settings {
    Settings { recovery: Recovery::FromDisk, ..settings }
}

/// Recorder of all facts, with their time and node.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Facts(pub(crate) Vec<(Time, NodeId, Fact)>);

impl Invariant<Lease> for Facts {
    fn check(&mut self, step: &StepView<'_, Lease>) -> Result<(), InvariantViolation> {
        self.0.extend(step.facts().map(|fact| (step.at, step.node, fact.clone())));
        Ok(())
    }
}

impl Facts {
    /// Holders of the primary lease, each grant once, in order.
    pub(crate) fn grants(&self) -> Vec<(Time, NodeId, u64)> {
        let mut grants: Vec<(Time, NodeId, u64)> = Vec::new();
        for (at, _, fact) in &self.0 {
            if let Fact::LeaseGranted { lease: quorate_lease::LeaseId::Primary, holder, token, .. } = fact
                && grants.last().is_none_or(|last| last.2 != token.0)
            {
                grants.push((*at, *holder, token.0));
            }
        }
        grants
    }
}

pub(crate) type Cluster = World<Lease, (Safety, Facts)>;

pub(crate) fn start(rules: Rulebook, settings: Settings) -> Cluster {
    let config = settings.build().unwrap();
    Setup::<Lease>::new("lease", names(), config).under(rules).start_under((invariants(), Facts::default()))
}

/// Sends a command directly, bypassing the network, and returns the reply if it comes in the same
/// step.
pub(crate) fn ask(world: &mut Cluster, node: NodeId, command: Command) -> Option<Reply> {
    let before = world.answers(CLIENT).len();
    world.inject_request(CLIENT, node, command).unwrap();
    world.answers(CLIENT).get(before).map(|(_, reply)| reply.clone())
}

/// Whether the node acts when it is asked to.
pub(crate) fn acts(world: &mut Cluster, node: NodeId) -> bool {
    matches!(ask(world, node, Command::Act), Some(Reply::Acted { .. }))
}

pub(crate) fn write(value: &str) -> Command {
    Command::Write { value: Value::from(value) }
}

/// Facts that are counted by name.
pub(crate) trait Named {
    fn name(&self) -> Option<&'static str>;
}

/// Counts of facts.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(crate) fn add(&mut self, other: &Tally) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(crate) fn expect(&self, least: &[(&'static str, u64)]) {
        for (what, least) in least {
            let seen = self.0.get(what).copied().unwrap_or_default();
            assert!(seen >= *least, "only {seen} {what}: {:?}", self.0);
        }
    }
}

impl<M: Machine<Fact: Named>> Invariant<M> for Tally {
    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for what in step.facts().filter_map(Named::name) {
            *self.0.entry(what).or_default() += 1;
        }
        Ok(())
    }
}

/// Name of the invariant that broke, if any.
pub(crate) fn violated(result: Result<(), RunError>) -> Result<(), &'static str> {
    match result {
        Ok(()) => Ok(()),
        Err(RunError::Violation(violation)) => Err(violation.broken.invariant),
        Err(other) => panic!("the schedule makes no sense: {other}"),
    }
}
