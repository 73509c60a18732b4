//! The fenced store on several replicas.

use quorate_lab::sim::{Census, Experiment, Fate, Halt, Patience, Setup, Storm, Verdict, World};
use quorate_lease::store::{Command, Config, Fact, FencedStore, Message, NoLostWrite, Reply, Settings};
use quorate_lease::{ByTheBook, LeaseRule, Rulebook, Token, Value};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{ClientId, Names, NodeId};

use crate::common::{Named, Tally, at, ms, scandal};
use crate::storms::SPAN;

const F: NodeId = NodeId(3);
const G: NodeId = NodeId(4);

fn config() -> Config {
    let replicas = (0..3).map(NodeId).collect();
    Settings { replicas, fronts: vec![F, G], retry: ms(20) }.build().unwrap()
}

type Store<R> = World<FencedStore<R>, NoLostWrite>;

fn cluster<R: Rulebook>() -> Store<R> {
    let names = Names::new(["x", "y", "z", "F", "G"], ["c1", "c2"]);
    Setup::<FencedStore<R>>::new("store", names, config()).start_under(NoLostWrite::default())
}

fn open(token: u64) -> Command {
    Command::Open { token: Token(token) }
}

fn write(value: &str) -> Command {
    Command::Write { value: Value::from(value) }
}

#[test]
fn a_new_holder_finds_what_was_completed_and_shuts_the_old_one_out() {
    let mut world = cluster::<ByTheBook>();
    world.ask(ClientId(0), Some(F), open(1));
    world.run_until(at(50)).unwrap();
    world.ask(ClientId(0), Some(F), write("one"));
    world.run_until(at(100)).unwrap();
    world.ask(ClientId(1), Some(G), open(2));
    world.run_until(at(150)).unwrap();
    assert_eq!(world.answers(ClientId(1))[0].1, Reply::Opened { value: Some(Value::from("one")) });
    world.ask(ClientId(0), Some(F), write("two"));
    world.run_until(at(200)).unwrap();
    assert!(matches!(world.answers(ClientId(0))[2].1, Reply::Deposed { .. }));
}

#[test]
fn a_token_is_good_for_one_opening_and_a_lower_one_for_none() {
    let mut world = cluster::<ByTheBook>();
    for (time, command) in [(0, open(5)), (50, open(5)), (100, open(4)), (150, write("w")), (200, open(6))] {
        world.ask_at(at(time), ClientId(0), Some(F), command);
    }
    world.run_until(at(300)).unwrap();
    let replies: Vec<&Reply> = world.answers(ClientId(0)).iter().map(|(_, reply)| reply).collect();
    assert!(matches!(
        replies[..],
        [
            Reply::Opened { value: None },
            Reply::Deposed { .. },
            Reply::Deposed { .. },
            Reply::Written,
            Reply::Opened { value: Some(_) }
        ]
    ));
    world.ask(ClientId(0), Some(G), write("w"));
    world.ask(ClientId(1), Some(NodeId(0)), write("w"));
    world.run_until(at(400)).unwrap();
    assert_eq!(world.answers(ClientId(0))[5].1, Reply::NotServing);
    assert_eq!(world.answers(ClientId(1))[0].1, Reply::NotAFront);
}

/// Checks tokens replica by replica, and marks nobody first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct ReplicaFenceOnly;

impl Rulebook for ReplicaFenceOnly {
    fn marks_first(&self) -> bool {
        false
    }
}

/// Marks, and then does not care.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct TokenNotChecked;

impl Rulebook for TokenNotChecked {
    fn stores(&self, _: Option<Token>, _: Token) -> Ruling<LeaseRule> {
        Allow(LeaseRule::StoreValue)
    }
}

/// F's write is under way when G opens, and arrives after that.
fn late_write<R: Rulebook>() -> Result<(), &'static str> {
    let mut world = cluster::<R>();
    let run = |world: &mut Store<R>| {
        world.ask(ClientId(0), Some(F), open(1));
        world.run_until(at(50))?;
        world.intercept(|passing| match passing.message {
            Message::Put { .. } if passing.from == F => Fate::Hold,
            _ => Fate::Chance,
        });
        world.ask(ClientId(0), Some(F), write("late"));
        world.run_until(at(60))?;
        world.ask(ClientId(1), Some(G), open(2));
        world.run_until(at(150))?;
        world.intercept_none();
        world.release(|_| true);
        world.run_until(at(300))?;
        Ok::<(), Halt>(())
    };
    scandal(run(&mut world))
}

#[test]
fn a_replicated_fence_must_mark_a_majority() {
    let ends = (late_write::<ReplicaFenceOnly>(), late_write::<TokenNotChecked>(), late_write::<ByTheBook>());
    assert_eq!(ends, (Err("NoLostWrite"), Err("NoLostWrite"), Ok(())));
}

impl Named for Fact {
    fn name(&self) -> Option<&'static str> {
        Some(match self {
            Fact::Opened { .. } => "openings",
            Fact::Completed { .. } => "writes",
            Fact::WriteAccepted { .. } => "stored",
            Fact::WriteRefused { .. } => "refused",
        })
    }
}

/// Fronts take turns with rising tokens, as leases would bring them, but with no regard to who still thinks he serves.
#[test]
fn harsh_seeds_lose_no_completed_write() {
    let mut tally = Tally::default();
    let mut census = Census::default();
    for seed in 0..200 {
        let names = Names::new(["x", "y", "z", "F", "G"], ["c1", "c2"]);
        let patience = Patience { timeout: ms(300), attempts: 3, roams: false };
        let setup = Setup::<FencedStore>::new("store", names, config()).seed(seed).patience(patience);
        let storm = Storm::harsh();
        let mut askings = Vec::new();
        for round in 0..40 {
            let which = (round + seed as u32) % 2;
            let (client, front) = (ClientId(which), Some([F, G][which as usize]));
            let time = at(u64::from(round) * 200 + seed % 90);
            askings.push((time, client, front, open(u64::from(round) + 1)));
            for count in 0..3 {
                askings.push((time + ms(20 * count), client, front, write(&format!("{round}.{count}"))));
            }
        }
        let experiment = Experiment {
            setup: setup.conditions(storm.conditions),
            invariants: (NoLostWrite::default(), Tally::default(), Census::default()),
            askings: askings
                .into_iter()
                .map(|(at, client, of, command)| quorate_lab::sim::Asking { at, client, of, command })
                .collect(),
            faults: storm.plan(seed, 5, SPAN),
            mishaps: None,
            storm: SPAN,
            calm: ms(200_000),
        };
        let outcome = experiment.run(World::clients_are_idle);
        assert!(matches!(outcome.verdict, Verdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        let (_, seen, rules) = outcome.world.invariants();
        tally.add(seen);
        census.add(rules);
    }
    tally.expect(&[("openings", 500), ("writes", 500), ("refused", 30)]);
}
