//! Logical clocks around a machine that sends at random: happened-before, as the trace of the run
//! shows it, against the stamps of its steps.

use std::collections::BTreeSet;

use quorate_lab::sim::{Conditions, CrashPoint, Fault, Latency, Ppm, Rng, Setup, World};
use quorate_lab::trace::export::{Steps, steps};
use quorate_lab::trace::{EventKind, Lane, Value};
use quorate_protocol::{Context, Disk, Duration, Input, Machine, Names, Never, NodeId, Outbox};
use quorate_time::logical::{HybridClock, LamportClock, LogicalClock, Stamped, VectorClock};
use serde::{Deserialize, Serialize};

quorate_protocol::rules! {
    /// Rules of rumours.
    enum Rumour {
        Begin: "house rules §1", "a node tells one of the others from time to time";
        Pass: "house rules §2", "a rumour is passed on twice";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Message {
    Heard { hops: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Timer {
    Tell,
}

/// One durable write: a rumour was begun.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Record {
    Begun,
}

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
struct Begun(u64);

impl Disk for Begun {
    type Record = Record;

    fn apply(&mut self, _: &Record) {
        self.0 += 1;
    }
}

/// A node that tells its neighbour, and passes on what it hears.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Gossip {
    begun: u64,
}

const NODES: u32 = 4;

fn after(me: NodeId, by: u64) -> NodeId {
    NodeId((me.0 + 1 + (by % u64::from(NODES - 1)) as u32) % NODES)
}

impl Machine for Gossip {
    type Config = ();
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Never;
    type Reply = Never;
    type Fact = Never;
    type Rule = Rumour;
    type Record = Record;
    type Disk = Begun;
    type Clock = ();
    type View = u64;

    fn boot(_: &Context<Self>, disk: &Begun, out: &mut Outbox<Self>) -> Self {
        out.because(Rumour::Begin).arm(Timer::Tell, Duration::from_millis(1)..Duration::from_millis(9));
        Gossip { begun: disk.0 }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Fire(Timer::Tell) => {
                self.begun += 1;
                out.because(Rumour::Begin)
                    .persist(Record::Begun)
                    .send(after(cx.me, self.begun), Message::Heard { hops: 2 })
                    .arm(Timer::Tell, Duration::from_millis(1)..Duration::from_millis(9));
            }
            Input::Deliver { message: Message::Heard { hops: 0 }, .. } => {
                out.because(Rumour::Pass);
            }
            Input::Deliver { message: Message::Heard { hops }, .. } => {
                let message = Message::Heard { hops: hops - 1 };
                out.because(Rumour::Pass).send(after(cx.me, u64::from(hops)), message);
            }
            Input::Request { command, .. } => match command {},
        }
    }

    fn view(&self, _: &Context<Self>) -> u64 {
        self.begun
    }
}

/// Runs 60 ms with loss and copies; every 3 ms a node crashes and returns, or a clock is wrong.
fn ran<M: Machine<Config = ()>>(seed: u64) -> World<M> {
    let names = Names::new(["a", "b", "c", "d"], [""; 0]);
    let lan = Conditions::steady(Duration::from_millis(1));
    let latency = Latency::Uniform { min: Duration::from_micros(200), max: Duration::from_millis(4) };
    let conditions = Conditions { loss: Ppm::percent(10), duplication: Ppm::percent(10), latency, ..lan };
    let mut world = Setup::<M>::new("gossip", names, ()).seed(seed).conditions(conditions).traced().start();
    let mut rng = Rng::new(seed, u64::MAX);
    for _ in 0..20 {
        let node = NodeId(rng.below(u64::from(NODES)) as u32);
        let fault = match rng.below(3) {
            0 => Fault::Crash { node, point: CrashPoint::BetweenSteps },
            1 => Fault::Drift { node, ppm: 50_000 - rng.below(100_000) as i32 },
            _ => Fault::Jump { node, nanos: 4_000_000 - rng.below(8_000_000) as i64 },
        };
        let crashed = matches!(fault, Fault::Crash { .. });
        world.inject(fault).expect("it runs");
        world.run_for(Duration::from_millis(3)).expect("there is no invariant to break");
        if crashed {
            world.inject(Fault::Restart(node)).expect("it has crashed");
        }
    }
    world
}

/// The steps that sent something, and the stamp that they wrote on it.
fn sent<C: LogicalClock>(world: &World<Stamped<Gossip, C>>) -> (Steps, Vec<(usize, C)>) {
    let document = world.recording().expect("the run is traced").document();
    let run = steps(&document);
    let stamps = document.events.iter().enumerate().filter_map(|(at, event)| {
        let EventKind::Send { payload, .. } = &event.what else { return None };
        let stamp = payload.body.get("stamp").cloned().unwrap_or(Value::Null);
        let stamp = serde_json::from_str(&stamp.to_string()).expect("a stamp");
        Some((run.of_event[at].expect("a step"), stamp))
    });
    let stamps = stamps.collect();
    (run, stamps)
}

/// Of each step, all that happened before it: found by walking back, not by counting.
fn causes(run: &Steps) -> Vec<BTreeSet<usize>> {
    let mut causes: Vec<BTreeSet<usize>> = Vec::new();
    let mut last: std::collections::BTreeMap<Lane, usize> = std::collections::BTreeMap::new();
    for (place, step) in run.steps.iter().enumerate() {
        let mut before = BTreeSet::new();
        for cause in last.insert(step.lane, place).into_iter().chain(step.receives_from) {
            before.insert(cause);
            before.extend(&causes[cause]);
        }
        causes.push(before);
    }
    causes
}

/// Calls `judge` with each pair of sends: whether the first happened before the second, and both
/// stamps. Returns how many pairs have an order, and how many have none.
fn pairs<C: LogicalClock>(seed: u64, mut judge: impl FnMut(bool, &C, &C)) -> (usize, usize) {
    let (run, sent) = sent::<C>(&ran(seed));
    let causes = causes(&run);
    let (mut ordered, mut concurrent) = (0, 0);
    for (one, first) in &sent {
        for (other, second) in sent.iter().filter(|(other, _)| one != other) {
            let before = causes[*other].contains(one);
            judge(before, first, second);
            ordered += usize::from(before);
            concurrent += usize::from(!before && !causes[*one].contains(other));
        }
    }
    (ordered, concurrent)
}

#[test]
fn a_lamport_stamp_is_larger_than_those_of_its_causes() {
    let mut by_chance = 0;
    for seed in 0..20 {
        let counts = pairs::<LamportClock>(seed, |before, first, second| {
            assert!(!before || first < second, "seed {seed}: {first} is a cause of {second}");
            by_chance += usize::from(!before && first < second);
        });
        assert!(counts.0 > 20 && counts.1 > 20, "seed {seed}: {counts:?}");
    }
    assert!(by_chance > 1000, "it also orders what has no order: {by_chance}");
}

#[test]
fn vector_stamps_are_ordered_exactly_as_causes_and_effects() {
    for seed in 0..20 {
        let counts = pairs::<VectorClock>(seed, |before, first, second| {
            assert_eq!(first.is_before(second), before, "seed {seed}: {first} and {second}");
        });
        assert!(counts.0 > 20 && counts.1 > 20, "seed {seed}: {counts:?}");
    }
}

#[test]
fn a_hybrid_stamp_is_larger_than_those_of_its_causes_though_clocks_jump() {
    for seed in 0..20 {
        pairs::<HybridClock>(seed, |before, first, second| {
            assert!(!before || first < second, "seed {seed}: {first} is a cause of {second}");
        });
    }
}

#[test]
fn the_machine_inside_does_the_same_as_without_a_clock() {
    for seed in 0..20 {
        let (bare, stamped) = (ran::<Gossip>(seed), ran::<Stamped<Gossip, VectorClock>>(seed));
        for node in (0..NODES).map(NodeId) {
            assert_eq!(bare.machine(node), stamped.machine(node).map(Stamped::machine), "seed {seed}, {node:?}");
        }
    }
}
