//! Claims about the replicated fenced store.

use quorate_lab::sim::{
    Coverage, CrashPoint, Delivery, Experiment, Fault, FaultPlan, RetryPolicy, RunError, RunVerdict, Setup, World,
};
use quorate_lease::store::{
    Command, Config, EachWriteOnce, Fact, FencedStore, Message, NoLostWrite, Reply, Settings, StoreRule,
};
use quorate_lease::{BY_THE_BOOK, RequestLookup, Rulebook, Token, Value};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names, NodeId, RequestId};

use crate::common::{Named, Tally, at, ms, violated};
use crate::random::SPAN;

const F: NodeId = NodeId(3);
const G: NodeId = NodeId(4);

fn config() -> Config {
    let replicas = (0..3).map(NodeId).collect();
    Settings { replicas, fronts: vec![F, G], retry: ms(20) }.build().unwrap()
}

type Store = World<FencedStore, (NoLostWrite, EachWriteOnce)>;

fn cluster(rules: Rulebook) -> Store {
    let names = Names::new(["x", "y", "z", "F", "G"], ["c1", "c2"]);
    Setup::<FencedStore>::new("store", names, config()).under(rules).start_under(Default::default())
}

fn open(token: u64) -> Command {
    Command::Open { token: Token(token) }
}

fn write(value: &str) -> Command {
    Command::Write { value: Value::from(value) }
}

#[test]
fn a_new_holder_finds_what_was_completed_and_shuts_the_old_one_out() {
    let mut world = cluster(BY_THE_BOOK);
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

/// Two fronts use the same token, F before G. F learns late that it has opened: that is not a lost
/// write.
#[test]
fn an_opening_of_which_the_news_is_late_lies_before_the_next_one() {
    let mut world = cluster(BY_THE_BOOK);
    world.intercept(|passing| match passing.message {
        Message::Stored { .. } if passing.to == F => Delivery::Hold,
        Message::Refused { .. } if passing.to == F => Delivery::Drop,
        _ => Delivery::Random,
    });
    world.ask(ClientId(0), Some(F), open(2));
    world.run_until(at(50)).unwrap();
    world.ask(ClientId(1), Some(G), open(2));
    world.run_until(at(100)).unwrap();
    world.ask(ClientId(1), Some(G), write("later"));
    world.run_until(at(150)).unwrap();
    assert_eq!(world.answers(ClientId(1))[1].1, Reply::Written);
    world.release(|_| true);
    world.run_until(at(160)).unwrap();
    assert_eq!(world.answers(ClientId(0))[0].1, Reply::Opened { value: None });
}

#[test]
fn a_token_is_good_for_one_opening_and_a_lower_one_for_none() {
    let mut world = cluster(BY_THE_BOOK);
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

/// Checks tokens replica by replica, without marking a majority first.
const REPLICA_FENCE_ONLY: Rulebook = Rulebook { marks_first: || false, ..BY_THE_BOOK };

/// Marks the replicas, but does not check tokens.
const TOKEN_NOT_CHECKED: Rulebook = Rulebook { stores: |_, _| Allow(StoreRule::StoreValue), ..BY_THE_BOOK };

/// F's write is in flight when G opens, and arrives after that.
fn late_write(rules: Rulebook) -> Result<(), &'static str> {
    let mut world = cluster(rules);
    let run = |world: &mut Store| {
        world.ask(ClientId(0), Some(F), open(1));
        world.run_until(at(50))?;
        world.intercept(|passing| match passing.message {
            Message::Put { .. } if passing.from == F => Delivery::Hold,
            _ => Delivery::Random,
        });
        world.ask(ClientId(0), Some(F), write("late"));
        world.run_until(at(60))?;
        world.ask(ClientId(1), Some(G), open(2));
        world.run_until(at(150))?;
        world.intercept_none();
        world.release(|_| true);
        world.run_until(at(300))?;
        Ok::<(), RunError>(())
    };
    violated(run(&mut world))
}

#[test]
fn a_replicated_fence_must_mark_a_majority() {
    let ends = (late_write(REPLICA_FENCE_ONLY), late_write(TOKEN_NOT_CHECKED), late_write(BY_THE_BOOK));
    assert_eq!(ends, (Err("NoLostWrite"), Err("NoLostWrite"), Ok(())));
}

/// Executes every request, duplicates included.
const FORGETFUL: Rulebook = Rulebook { known: |_, _| RequestLookup::New, ..BY_THE_BOOK };

/// The client's request with that number.
fn number(number: u64) -> RequestId {
    RequestId { client: ClientId(0), number }
}

/// Sends a command directly, bypassing the network, and waits until the cluster is idle.
fn ask_as(world: &mut Store, ticket: RequestId, front: NodeId, command: Command) -> Result<(), RunError> {
    world.inject_request_as(ticket, front, command)?;
    Ok(world.run_for(ms(50))?)
}

/// The value written last, and the replies to the client.
fn last(world: &Store) -> (Option<String>, Vec<(u64, Reply)>) {
    let newest = (0..3).filter_map(|replica| world.disk(NodeId(replica))?.newest.clone()).max();
    let value = newest.and_then(|newest| newest.value).map(|value| value.as_str().to_owned());
    (value, world.answers(ClientId(0)).iter().map(|(ticket, reply)| (ticket.number, reply.clone())).collect())
}

fn red_blue(world: &mut Store) -> Result<(), RunError> {
    ask_as(world, number(1), F, open(1))?;
    ask_as(world, number(2), F, write("red"))?;
    ask_as(world, number(3), F, write("blue"))
}

#[test]
fn a_write_that_was_answered_is_not_carried_out_again() {
    let mut world = cluster(BY_THE_BOOK);
    red_blue(&mut world).unwrap();
    ask_as(&mut world, number(2), F, write("red")).unwrap();
    ask_as(&mut world, number(3), F, write("blue")).unwrap();
    let (value, answers) = last(&world);
    assert_eq!(value.as_deref(), Some("blue"));
    assert_eq!(answers[3..], [(2, Reply::Overtaken), (3, Reply::Written)]);

    let mut world = cluster(FORGETFUL);
    let again = red_blue(&mut world).and_then(|()| ask_as(&mut world, number(2), F, write("red")));
    assert_eq!((violated(again), last(&world).0.as_deref()), (Err("EachWriteOnce"), Some("red")));
}

#[test]
fn what_was_carried_out_is_known_after_the_crash_of_its_front_and_to_the_next_one() {
    let mut world = cluster(BY_THE_BOOK);
    red_blue(&mut world).unwrap();
    world.inject(Fault::Crash { node: F, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(F)).unwrap();
    ask_as(&mut world, number(4), F, open(2)).unwrap();
    ask_as(&mut world, number(3), F, write("blue")).unwrap();
    ask_as(&mut world, number(5), G, open(3)).unwrap();
    for replica in (0..3).map(NodeId) {
        world.inject(Fault::Crash { node: replica, point: CrashPoint::BetweenSteps }).unwrap();
        world.inject(Fault::Restart(replica)).unwrap();
    }
    ask_as(&mut world, number(6), G, write("green")).unwrap();
    for (ticket, value) in [(2, "red"), (3, "blue"), (6, "green")] {
        ask_as(&mut world, number(ticket), G, write(value)).unwrap();
    }
    let (value, answers) = last(&world);
    assert_eq!(value.as_deref(), Some("green"));
    let late = [(6, Reply::Written), (2, Reply::Overtaken), (3, Reply::Overtaken), (6, Reply::Written)];
    assert_eq!(answers[answers.len() - 4..], late);
    assert_eq!(answers[4], (3, Reply::Written), "the front that restarted adopted what it had done");
}

/// F's write of green reaches only one replica, and G opens: with green if it hears of it, without
/// it otherwise. The client has received no reply, and retries at G.
fn retried_elsewhere(hears_of_it: bool) -> (Option<String>, Vec<(u64, Reply)>, u64) {
    let mut world = cluster(BY_THE_BOOK);
    red_blue(&mut world).unwrap();
    let (first, rest) = (NodeId(0), [NodeId(1), NodeId(2)]);
    world.intercept(move |passing| match passing.message {
        Message::Put { .. } if passing.from == F && rest.contains(&passing.to) => Delivery::Hold,
        Message::Marked { .. } if (passing.from == first) != hears_of_it && passing.from != rest[0] => Delivery::Drop,
        _ => Delivery::Random,
    });
    ask_as(&mut world, number(4), F, write("green")).unwrap();
    ask_as(&mut world, RequestId { client: ClientId(1), number: 1 }, G, open(2)).unwrap();
    ask_as(&mut world, number(4), G, write("green")).unwrap();
    ask_as(&mut world, RequestId { client: ClientId(1), number: 2 }, G, write("white")).unwrap();
    world.intercept_none();
    world.release(|_| true);
    world.run_for(ms(100)).unwrap();
    ask_as(&mut world, number(4), F, write("green")).unwrap();
    ask_as(&mut world, number(4), G, write("green")).unwrap();
    let (value, answers) = last(&world);
    let of_green =
        |record: &quorate_lease::store::Version| record.value.as_ref().is_some_and(|v| v.as_str() == "green");
    let green =
        (0..3).filter_map(|replica| world.disk(NodeId(replica))?.newest.clone()).filter(of_green).count() as u64;
    (value, answers, green)
}

#[test]
fn a_request_that_is_under_way_at_two_fronts_is_carried_out_once() {
    for hears_of_it in [true, false] {
        let (value, answers, left) = retried_elsewhere(hears_of_it);
        assert_eq!((value.as_deref(), left), (Some("white"), 0), "green came back after white: {answers:?}");
        assert!(answers.contains(&(4, Reply::Written)), "{answers:?}");
    }
}

#[test]
fn an_opening_that_is_asked_for_again_is_answered_again() {
    let mut world = cluster(BY_THE_BOOK);
    red_blue(&mut world).unwrap();
    ask_as(&mut world, number(1), F, open(1)).unwrap();
    assert_eq!(last(&world).1[3], (1, Reply::Opened { value: None }), "not deposed: it serves under that very token");
    ask_as(&mut world, number(4), F, open(1)).unwrap();
    assert!(matches!(last(&world).1[4], (4, Reply::Deposed { .. })), "a token is good for one opening");
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

/// Fronts take turns with increasing tokens, as leases would assign them, but regardless of which
/// front still believes it serves.
#[test]
fn harsh_seeds_lose_no_completed_write() {
    let mut tally = Tally::default();
    let mut coverage = Coverage::default();
    for seed in 0..200 {
        let names = Names::new(["x", "y", "z", "F", "G"], ["c1", "c2"]);
        let policy = RetryPolicy { timeout: ms(300), attempts: 3, rotates: false };
        let setup = Setup::<FencedStore>::new("store", names, config()).seed(seed).retry_policy(policy);
        let plan = FaultPlan::harsh();
        let mut requests = Vec::new();
        for round in 0..40 {
            let which = (round + seed as u32) % 2;
            let (client, front) = (ClientId(which), Some([F, G][which as usize]));
            let time = at(u64::from(round) * 200 + seed % 90);
            requests.push((time, client, front, open(u64::from(round) + 1)));
            for count in 0..3 {
                requests.push((time + ms(20 * count), client, front, write(&format!("{round}.{count}"))));
            }
        }
        let experiment = Experiment {
            setup: setup.conditions(plan.conditions),
            invariants: ((NoLostWrite::default(), EachWriteOnce::default()), Tally::default(), Coverage::default()),
            requests: requests
                .into_iter()
                .map(|(at, client, of, command)| quorate_lab::sim::ClientRequest { at, client, of, command })
                .collect(),
            faults: plan.schedule(seed, 5, SPAN),
            message_faults: None,
            fault_window: SPAN,
            recovery_window: ms(200_000),
        };
        let outcome = experiment.run(World::clients_are_idle);
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        let (_, seen, rules) = outcome.world.invariants();
        tally.add(seen);
        coverage.add(rules);
    }
    tally.expect(&[("openings", 500), ("writes", 500), ("refused", 30)]);
}
