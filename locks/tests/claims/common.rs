//! Clusters and helpers shared by the tests.

use quorate_lab::sim::{RunError, Setup, Violation, World};
use quorate_locks::invariants::{Safety, invariants};
use quorate_locks::{Command, Fact, Lock, Recipe, Reply, Rulebook, Settings};
use quorate_protocol::{ClientId, Duration, Invariant, InvariantViolation, Names, NodeId, StepView, Time};

/// Server of the recipes that have one.
pub(crate) const R: NodeId = NodeId(0);
pub(crate) const A: NodeId = NodeId(1);
pub(crate) const B: NodeId = NodeId(2);
pub(crate) const S: NodeId = NodeId(3);
const CLIENT: ClientId = ClientId(0);

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// Settings with server R, holders A and B, and resource S. A key lives for ten seconds, of which a
/// holder counts 9898 ms.
pub(crate) fn settings(recipe: Recipe) -> Settings {
    let ttl = recipe.expires().then(|| Duration::from_secs(10));
    Settings { resource: Some(S), ..Settings::new(recipe, [R], [A, B], ttl) }
}

/// Recorder of all facts, with their node.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Facts(pub(crate) Vec<(NodeId, Fact)>);

impl Invariant<Lock> for Facts {
    fn check(&mut self, seen: &StepView<'_, Lock>) -> Result<(), InvariantViolation> {
        self.0.extend(seen.facts().map(|fact| (seen.node, fact.clone())));
        Ok(())
    }
}

pub(crate) type Cluster = World<Lock, (Safety, Facts)>;

pub(crate) fn start_named(names: &[&str], rules: Rulebook, settings: Settings) -> Cluster {
    let names = Names::new(names.iter().copied(), ["c"]);
    let setup = Setup::<Lock>::new("lock", names, settings.build().unwrap()).under(rules);
    setup.start_under((invariants(), Facts::default()))
}

pub(crate) fn start(rules: Rulebook, settings: Settings) -> Cluster {
    start_named(&["R", "A", "B", "S"], rules, settings)
}

/// Sends a command directly, bypassing the network, and returns the reply if it comes in the same
/// step.
pub(crate) fn ask(world: &mut Cluster, node: NodeId, command: Command) -> Option<Reply> {
    let before = world.answers(CLIENT).len();
    world.inject_request(CLIENT, node, command).unwrap();
    world.answers(CLIENT).get(before).map(|(_, reply)| reply.clone())
}

/// Sends a command and returns its reply, if it comes within ten milliseconds.
pub(crate) fn asked(world: &mut Cluster, node: NodeId, command: Command) -> Option<Reply> {
    let before = world.answers(CLIENT).len();
    world.inject_request(CLIENT, node, command).unwrap();
    world.run_for(ms(10)).unwrap();
    world.answers(CLIENT).get(before).map(|(_, reply)| reply.clone())
}

/// Whether an attempt of the node takes the lock.
pub(crate) fn takes(world: &mut Cluster, node: NodeId) -> bool {
    match asked(world, node, Command::Try) {
        Some(Reply::Acquired { .. }) => true,
        Some(Reply::NotAcquired) | None => false,
        Some(other) => panic!("{other:?} to an attempt"),
    }
}

/// Whether the node acts when it is asked to.
pub(crate) fn acts(world: &mut Cluster, node: NodeId) -> bool {
    ask(world, node, Command::Act) == Some(Reply::Acted)
}

pub(crate) fn write(value: &str) -> Command {
    Command::Write { value: value.into() }
}

/// The value of the resource.
pub(crate) fn value(world: &Cluster, resource: NodeId) -> Option<String> {
    world.machine(resource)?.value().map(ToString::to_string)
}

/// Name of the invariant that broke, if any.
pub(crate) fn broken(result: Result<(), Violation>) -> Option<&'static str> {
    result.err().map(|violation| violation.broken.invariant)
}

/// Name of the invariant that breaks when the node is asked to act, if any.
pub(crate) fn broken_by_act(world: &mut Cluster, node: NodeId) -> Option<&'static str> {
    match world.inject_request(CLIENT, node, Command::Act) {
        Ok(()) => None,
        Err(RunError::Violation(violation)) => Some(violation.broken.invariant),
        Err(other) => panic!("the schedule makes no sense: {other}"),
    }
}
