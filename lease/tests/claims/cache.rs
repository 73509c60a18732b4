//! Claims about cache leases.

use quorate_lab::sim::{
    Coverage, CrashPoint, Delivery, Experiment, Fault, RetryPolicy, RunError, RunVerdict, Setup, World,
};
use quorate_lease::cache::{Cache, CacheRule, Command, Config, Datum, Fact, Message, NoStaleRead, Reply, Settings};
use quorate_lease::{BY_THE_BOOK, Name, Rulebook, Value};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Duration, Names, NodeId, RequestId};

use crate::common::{Named, Tally, at, ms, settings as single, violated};
use crate::random::{SPAN, fault_plan};

const S: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const READER: ClientId = ClientId(0);
const WRITER: ClientId = ClientId(1);

fn config() -> Config {
    Settings { server: S, terms: single().terms }.build().unwrap()
}

type Cluster = World<Cache, NoStaleRead>;

fn cluster(rules: Rulebook) -> Cluster {
    let names = Names::new(["S", "A", "B"], ["reader", "writer"]);
    Setup::<Cache>::new("cache", names, config()).under(rules).start_under(NoStaleRead::default())
}

fn read() -> Command {
    Command::Read { key: Name::from("x") }
}

fn write(value: &str) -> Command {
    Command::Write { key: Name::from("x"), value: Value::from(value) }
}

fn versions(world: &Cluster) -> Vec<u64> {
    let version = |reply: &Reply| match reply {
        Reply::Read { datum: Datum { version, .. } } => Some(*version),
        _ => None,
    };
    world.answers(READER).iter().filter_map(|(_, reply)| version(reply)).collect()
}

#[test]
fn a_cache_answers_by_itself_while_its_lease_runs() {
    let mut world = cluster(BY_THE_BOOK);
    world.ask_at(at(400), READER, Some(A), read());
    world.run_until(at(410)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.inject_request(READER, A, read()).unwrap();
    assert_eq!(versions(&world), [0, 0]);
    world.run_until(at(800)).unwrap();
    world.inject_request(READER, A, read()).unwrap();
    assert_eq!(versions(&world).len(), 2, "without a lease it has to ask");
}

#[test]
fn a_write_waits_for_a_holder_that_cannot_be_reached_and_no_longer() {
    let mut world = cluster(BY_THE_BOOK);
    world.ask_at(at(400), READER, Some(A), read());
    world.run_until(at(410)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.ask(WRITER, Some(S), write("1"));
    world.run_until(at(690)).unwrap();
    assert!(world.answers(WRITER).is_empty());
    world.inject_request(READER, S, read()).unwrap();
    assert_eq!(versions(&world), [0, 0], "reads during the wait are answered");
    world.run_until(at(710)).unwrap();
    assert_eq!(world.answers(WRITER)[0].1, Reply::Written { version: 1 });
}

#[test]
fn a_holder_that_is_called_back_spares_the_wait() {
    let mut world = cluster(BY_THE_BOOK);
    world.ask_at(at(400), READER, Some(A), read());
    world.run_until(at(410)).unwrap();
    world.ask(WRITER, Some(S), write("1"));
    world.run_until(at(420)).unwrap();
    assert_eq!(world.answers(WRITER)[0].1, Reply::Written { version: 1 });
    world.ask(READER, Some(A), read());
    world.run_until(at(430)).unwrap();
    assert_eq!(versions(&world), [0, 1]);
}

#[test]
fn a_cache_sends_writers_to_the_server() {
    let mut world = cluster(BY_THE_BOOK);
    world.ask(WRITER, Some(A), write("1"));
    world.run_until(at(1000)).unwrap();
    assert_eq!(world.answers(WRITER)[0].1, Reply::Written { version: 1 });
}

/// Two requests of one client may be in progress: the older one waits for a holder of x, the newer
/// one changes y at once.
#[test]
fn a_write_that_waited_does_not_make_an_older_one_new_again() {
    let mut world = cluster(BY_THE_BOOK);
    let on = |key: &str, value: &str| Command::Write { key: Name::from(key), value: Value::from(value) };
    let number = |number| RequestId { client: WRITER, number };
    world.ask_at(at(400), READER, Some(A), read());
    world.run_until(at(410)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.inject_request_as(number(1), S, on("x", "slow")).unwrap();
    world.inject_request_as(number(2), S, on("y", "quick")).unwrap();
    world.run_until(at(800)).unwrap();
    let replies = |world: &Cluster| world.answers(WRITER).iter().map(|(_, reply)| reply.clone()).collect::<Vec<_>>();
    assert_eq!(replies(&world), [Reply::Written { version: 1 }, Reply::Written { version: 1 }]);
    world.inject_request_as(number(2), S, on("y", "quick")).unwrap();
    world.inject_request_as(number(1), S, on("x", "slow")).unwrap();
    assert_eq!(replies(&world)[2..], [Reply::Written { version: 1 }, Reply::Overtaken], "carried out again");
}

const NO_WAIT: Rulebook = Rulebook { may_write: |_, _| Allow(CacheRule::Write), ..BY_THE_BOOK };
const FORGETS_ON_RESTART: Rulebook = Rulebook { quarantine: |_| Duration::ZERO, ..BY_THE_BOOK };
const COUNTS_FROM_REPLY: Rulebook = Rulebook { counts_from: |_, received| received, ..BY_THE_BOOK };
const LENDS_DURING_WAIT: Rulebook = Rulebook { lends: |_| Allow(CacheRule::Lend), ..BY_THE_BOOK };

/// A has a lease and is cut off; the server may restart; a client writes, and A is read all the
/// time.
fn cut_off(rules: Rulebook, restarts: bool, answer_takes: u64) -> Result<(), &'static str> {
    let mut world = cluster(rules);
    world.intercept(move |passing| match passing.message {
        Message::Lent { .. } => Delivery::After(ms(answer_takes)),
        _ => Delivery::Random,
    });
    let run = |world: &mut Cluster| {
        world.ask_at(at(400), READER, Some(A), read());
        world.run_until(at(420 + answer_takes))?;
        world.inject(Fault::Partition(vec![vec![A]]))?;
        if restarts {
            world.inject(Fault::Crash { node: S, point: CrashPoint::BetweenSteps })?;
            world.inject(Fault::Restart(S))?;
        }
        world.ask(WRITER, Some(S), write("1"));
        for _ in 0..60 {
            world.run_for(ms(10))?;
            world.inject_request(READER, A, read())?;
        }
        Ok::<(), RunError>(())
    };
    let end = violated(run(&mut world));
    assert!(end.is_err() || world.answers(WRITER).len() == 1, "the write was carried out");
    end
}

const STALE: Result<(), &str> = Err("NoStaleRead");

#[test]
fn a_write_must_wait_for_holders() {
    assert_eq!((cut_off(NO_WAIT, false, 1), cut_off(BY_THE_BOOK, false, 1)), (STALE, Ok(())));
}

#[test]
fn a_server_that_restarts_must_wait_for_what_it_forgot() {
    assert_eq!((cut_off(FORGETS_ON_RESTART, true, 1), cut_off(BY_THE_BOOK, true, 1)), (STALE, Ok(())));
}

#[test]
fn a_cache_counts_from_its_question() {
    assert_eq!((cut_off(COUNTS_FROM_REPLY, false, 200), cut_off(BY_THE_BOOK, false, 200)), (STALE, Ok(())));
}

/// Granting a lease while a write waits is not unsafe, but then readers can starve a writer.
#[test]
fn lending_during_the_wait_starves_the_writer() {
    fn starved(rules: Rulebook) -> bool {
        let mut world = cluster(rules);
        world.intercept(|passing| match passing.message {
            Message::Recall { .. } => Delivery::Drop,
            _ => Delivery::Random,
        });
        for time in (400..4000).step_by(50) {
            world.ask_at(at(time), READER, Some(NodeId(1 + time as u32 / 50 % 2)), read());
        }
        world.ask_at(at(410), WRITER, Some(S), write("1"));
        world.run_until(at(3000)).unwrap();
        world.answers(WRITER).is_empty()
    }
    assert!(starved(LENDS_DURING_WAIT) && !starved(BY_THE_BOOK));
}

impl Named for Fact {
    fn name(&self) -> Option<&'static str> {
        Some(match self {
            Fact::Lent { .. } => "loans",
            Fact::CachedRead { .. } => "cached reads",
            Fact::WriteCompleted { .. } => "writes",
        })
    }
}

#[test]
fn harsh_seeds_bring_no_stale_read() {
    let mut tally = Tally::default();
    let mut coverage = Coverage::default();
    for seed in 0..200 {
        let names = Names::new(["S", "A", "B", "C"], ["a", "b", "c", "w"]);
        let policy = RetryPolicy { timeout: ms(100), attempts: 4, rotates: false };
        let setup = Setup::<Cache>::new("cache", names, config()).seed(seed).retry_policy(policy);
        let mut requests = Vec::new();
        for count in 0..400_u64 {
            let (client, node) = (ClientId((count % 3) as u32), NodeId(1 + (count % 3) as u32));
            requests.push((at(20 * count), client, node, read()));
            if count % 30 == 0 {
                requests.push((at(20 * count + 7), ClientId(3), S, write(&format!("{count}"))));
            }
        }
        let experiment = Experiment {
            setup: setup.conditions(fault_plan().conditions),
            invariants: (NoStaleRead::default(), Tally::default(), Coverage::default()),
            requests: requests
                .into_iter()
                .map(|(at, client, node, command)| quorate_lab::sim::ClientRequest {
                    at,
                    client,
                    of: Some(node),
                    command,
                })
                .collect(),
            faults: fault_plan().schedule(seed, 4, SPAN),
            message_faults: None,
            fault_window: SPAN,
            recovery_window: ms(60_000),
        };
        let outcome = experiment.run(World::clients_are_idle);
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        let (_, seen, rules) = outcome.world.invariants();
        tally.add(seen);
        coverage.add(rules);
    }
    tally.expect(&[("loans", 3000), ("cached reads", 10_000), ("writes", 500)]);
    for rule in [CacheRule::WaitForHolders, CacheRule::WaitForForgotten, CacheRule::TakeBack, CacheRule::TellOnly] {
        assert!(coverage.of(rule) > 100, "{rule:?} fired {} times", coverage.of(rule));
    }
}
