//! Claims about leases on Raft, and about the leader's own lease.

use quorate_lab::sim::{
    Coverage, CrashPoint, Delivery, Experiment, Fault, RetryPolicy, RunError, RunVerdict, Setup, World,
};
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::replicated::{
    Command, Config, Fact, Message, NoStaleRead, RaftLease, ReplicatedRule, Reply, Row, Settings, TableReply, Timer,
};
use quorate_lease::{BY_THE_BOOK, Loss, Name, Rulebook, Terms, Token};
use quorate_protocol::{
    ClientId, Duration, Effect, Input, Invariant, InvariantViolation, LocalTime, Machine, Names, NodeId, Outbox,
    RequestId, StepView, Time,
};
use quorate_raft as raft;

use crate::common::{CLIENT, Named, Tally, at, ms, settings as single, violated};
use crate::random::{SPAN, fault_plan};

const A: NodeId = NodeId(3);
const B: NodeId = NodeId(4);

fn config(act_every: Option<Duration>) -> Config {
    let terms = single().terms;
    let drift = terms.drift();
    let longest = Terms::longest(ms(200), drift).unwrap();
    let trust = Terms::new(ms(200), longest.holder(), ms(50), drift).unwrap();
    Settings { servers: raft::Settings::nodes(3), holders: vec![A, B], terms, trust, act_every }.build().unwrap()
}

fn names() -> Names {
    Names::new(["n1", "n2", "n3", "A", "B"], ["c", "d", "e"])
}

type Safety = (AtMostOnePrimary<Name>, NoStaleRead);
type Cluster = World<RaftLease, Safety>;

fn cluster(rules: Rulebook) -> Cluster {
    Setup::<RaftLease>::new("lease-on-raft", names(), config(None)).under(rules).start_under(Safety::default())
}

fn x() -> Name {
    Name::from("x")
}

fn ask(world: &mut Cluster, node: NodeId, command: Command) -> Option<Reply> {
    let before = world.answers(CLIENT).len();
    world.inject_request(CLIENT, node, command).unwrap();
    world.answers(CLIENT).get(before).map(|(_, reply)| reply.clone())
}

fn acts(world: &mut Cluster, node: NodeId) -> bool {
    matches!(ask(world, node, Command::Act { lease: x() }), Some(Reply::Acted { .. }))
}

fn leader(world: &Cluster) -> NodeId {
    let leads = |node: &NodeId| world.machine(*node).and_then(RaftLease::raft).is_some_and(raft::Raft::is_leader);
    (0..3).map(NodeId).filter(leads).max_by_key(|node| world.machine(*node).unwrap().raft().unwrap().term()).unwrap()
}

/// A cluster with a leader, in which A holds the lease.
fn running(rules: Rulebook) -> Cluster {
    let mut world = cluster(rules);
    world.run_until(at(1000)).unwrap();
    ask(&mut world, A, Command::Acquire { lease: x() });
    world.run_until(at(1500)).unwrap();
    world
}

#[test]
fn a_holder_gets_its_lease_keeps_it_and_hands_it_over() {
    let mut world = running(BY_THE_BOOK);
    assert!(acts(&mut world, A));
    ask(&mut world, B, Command::Acquire { lease: x() });
    world.run_until(at(3000)).unwrap();
    assert!(acts(&mut world, A) && !acts(&mut world, B));
    assert!(matches!(ask(&mut world, A, Command::Release { lease: x() }), Some(Reply::Released { .. })));
    world.run_until(at(3100)).unwrap();
    assert!(acts(&mut world, B) && !acts(&mut world, A));
}

/// An earlier request of A's was delayed for long, and has brought it a newer grant since. Renewing
/// the older one renews nothing.
#[test]
fn a_renewal_that_finds_another_token_extends_nothing() {
    let world = running(BY_THE_BOOK);
    let mut holder = world.machine(A).unwrap().clone();
    let cx = world.constants().of(A, LocalTime { monotonic: at(1550), wall: Time::ZERO });
    let mut held_after = |token| {
        let mut out = Outbox::new();
        holder.step(&cx, Input::Fire(Timer::Renew(x())), &mut out);
        let asked = out.effects().iter().find_map(|effect| match effect {
            Effect::Send { message: Message::Ask { number, .. }, .. } => Some(*number),
            _ => None,
        });
        let row = Some(Row { holder: A, token: Token(token), renewals: 1 });
        let reply = raft::Reply::Applied(TableReply { row, changes: 9 });
        let message = Message::Answer { number: asked.unwrap(), reply };
        out.clear();
        holder.step(&cx, Input::Deliver { from: NodeId(0), message }, &mut out);
        out.facts().any(|fact| matches!(fact, Fact::LeaseHeld { .. }))
    };
    assert_eq!((held_after(2), held_after(1)), (false, true));
}

/// A network duplicate of a request arrives when the client has long requested something else.
#[test]
fn a_late_copy_of_a_release_does_not_undo_what_was_asked_for_since() {
    let mut world = running(BY_THE_BOOK);
    let release = |number| Input::Request {
        ticket: RequestId { client: CLIENT, number },
        command: Command::Release { lease: x() },
    };
    assert!(acts(&mut world, A), "the second request, after that for the lease");
    let mut holder = world.machine(A).unwrap().clone();
    let (cx, mut out) = (world.context(A), Outbox::new());
    holder.step(&cx, release(1), &mut out);
    assert!(out.effects().is_empty(), "it is older than the second");
    holder.step(&cx, release(3), &mut out);
    assert!(out.facts().any(|fact| matches!(fact, Fact::LeaseLost { .. })));
}

#[test]
fn the_lease_outlives_its_leader_and_ends_with_its_holder() {
    let mut world = running(BY_THE_BOOK);
    let first = leader(&world);
    world.inject(Fault::Crash { node: first, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_until(at(2800)).unwrap();
    assert!(acts(&mut world, A));
    ask(&mut world, B, Command::Acquire { lease: x() });
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_until(at(3050)).unwrap();
    assert!(!acts(&mut world, B));
    world.run_until(at(3400)).unwrap();
    assert!(acts(&mut world, B), "after one term, one review and one renewal interval");
}

/// Notifications that each node received about a lease that it watches.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Notices(Vec<(NodeId, Option<NodeId>)>);

impl Invariant<RaftLease> for Notices {
    fn check(&mut self, step: &StepView<'_, RaftLease>) -> Result<(), InvariantViolation> {
        self.0.extend(step.facts().filter_map(|fact| match fact {
            Fact::Noticed { holder, .. } => Some((step.node, *holder)),
            _ => None,
        }));
        Ok(())
    }
}

#[test]
fn who_watches_a_lease_is_told_when_it_changes_hands() {
    let setup = Setup::<RaftLease>::new("lease-on-raft", names(), config(None));
    let mut world = setup.start_under((Safety::default(), Notices::default()));
    let ask = |world: &mut World<RaftLease, (Safety, Notices)>, node, command, until| {
        world.inject_request(CLIENT, node, command).unwrap();
        world.run_until(at(until)).unwrap();
        world.invariants().1.0.clone()
    };
    world.run_until(at(1000)).unwrap();
    assert_eq!(ask(&mut world, B, Command::Watch { lease: x() }, 1100), []);
    let granted = (B, Some(A));
    let told = ask(&mut world, A, Command::Acquire { lease: x() }, 2000);
    assert_eq!(told, [granted], "a second of renewals is no news, and A does not watch");

    // The next leader has the list of watchers from the log.
    let leads = |node: &NodeId| world.machine(*node).and_then(RaftLease::raft).is_some_and(raft::Raft::is_leader);
    let leader = (0..3).map(NodeId).find(leads).unwrap();
    world.inject(Fault::Crash { node: leader, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_until(at(3000)).unwrap();
    let told = ask(&mut world, A, Command::Release { lease: x() }, 3300);
    assert_eq!(told, [granted, (B, None)]);

    // An expiry is notified as well, and so is the watcher's own grant.
    assert_eq!(ask(&mut world, A, Command::Acquire { lease: x() }, 3500)[2..], [granted]);
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_until(at(4200)).unwrap();
    let told = ask(&mut world, B, Command::Acquire { lease: x() }, 4500);
    assert_eq!(told[3..], [(B, None), (B, Some(B))]);
}

#[test]
fn a_leader_with_a_lease_reads_alone() {
    let mut world = running(BY_THE_BOOK);
    let first = leader(&world);
    let row = ask(&mut world, first, Command::Query { lease: x() });
    assert!(matches!(row, Some(Reply::Row { row: Some(row) }) if row.holder == A), "in the same step: {row:?}");
    world.inject(Fault::Partition(vec![vec![first]])).unwrap();
    world.run_until(at(1800)).unwrap();
    assert_eq!(ask(&mut world, first, Command::Query { lease: x() }), None, "cut off for a term it asks, in vain");
}

#[test]
fn a_leader_that_hands_over_reads_alone_no_more() {
    let mut world = running(BY_THE_BOOK);
    let first = leader(&world);
    let next = (0..3).map(NodeId).find(|&node| node != first).unwrap();
    world.inject_request(CLIENT, first, Command::TransferLeadership { to: next }).unwrap();
    let now = quorate_protocol::LocalTime { monotonic: Time::ZERO, wall: Time::ZERO };
    assert!(!world.machine(first).unwrap().reads_alone(&world.constants().of(first, now)));
    world.run_until(at(1900)).unwrap();
    assert_eq!(leader(&world), next);
    assert!(matches!(ask(&mut world, next, Command::Query { lease: x() }), Some(Reply::Row { row: Some(_) })));
}

const SUCCESSOR_DOES_NOT_WAIT: Rulebook = Rulebook { leader_counts_from: |_, _| Time::ZERO, ..BY_THE_BOOK };
const TRANSFER_KEEPS_LEASE: Rulebook = Rulebook { lays_down_for_transfer: || false, ..BY_THE_BOOK };
const VOTES_WHILE_TRUSTING: Rulebook = Rulebook { withholds_vote: |_, _| false, ..BY_THE_BOOK };
const LIMBO_READ: Rulebook =
    Rulebook { reads_alone: |lease_runs, _| BY_THE_BOOK.reads_alone(lease_runs, true), ..BY_THE_BOOK };

/// A is cut off when its leader dies. The next leader counts from the start.
fn failover(rules: Rulebook) -> Result<(), &'static str> {
    let mut world = running(rules);
    let run = |world: &mut Cluster| {
        ask(world, B, Command::Acquire { lease: x() });
        world.inject(Fault::Partition(vec![vec![A]]))?;
        while world.now() < at(2600) {
            world.run_for(ms(10))?;
            for node in [A, B] {
                world.inject_request(CLIENT, node, Command::Act { lease: x() })?;
            }
        }
        Ok::<(), RunError>(())
    };
    violated(run(&mut world))
}

/// The leader transfers its leadership, but does not learn of the new term for a while; A's release
/// goes to the new leader.
fn slow_transfer(rules: Rulebook) -> Result<(), &'static str> {
    let mut world = running(rules);
    let run = |world: &mut Cluster| {
        let first = leader(world);
        let next = (0..3).map(NodeId).find(|&node| node != first).unwrap();
        world.inject_request(CLIENT, first, Command::TransferLeadership { to: next })?;
        world.run_for(ms(1))?;
        world.inject(Fault::Partition(vec![vec![first]]))?;
        world.run_for(ms(20))?;
        world.inject_request(CLIENT, A, Command::Release { lease: x() })?;
        for _ in 0..40 {
            world.run_for(ms(5))?;
            world.inject_request(CLIENT, first, Command::Query { lease: x() })?;
        }
        Ok::<(), RunError>(())
    };
    violated(run(&mut world))
}

#[test]
fn a_new_leader_extends_all_leases() {
    assert_eq!((failover(SUCCESSOR_DOES_NOT_WAIT), failover(BY_THE_BOOK)), (Err("AtMostOnePrimary"), Ok(())));
}

#[test]
fn a_transfer_must_lay_the_lease_down() {
    assert_eq!((slow_transfer(TRANSFER_KEEPS_LEASE), slow_transfer(BY_THE_BOOK)), (Err("NoStaleRead"), Ok(())));
}

impl Named for Fact {
    fn name(&self) -> Option<&'static str> {
        Some(match self {
            Fact::LeaseGranted { .. } => "grants",
            Fact::LeaseLost { reason: Loss::Released, .. } => "releases",
            Fact::LeaseLost { .. } => "expiries",
            Fact::Acted { .. } => "acts",
            Fact::LocalRead { .. } => "local reads",
            Fact::Noticed { .. } => "notices",
            Fact::Raft(raft::Fact::LeaderElected { .. }) => "elections",
            _ => return None,
        })
    }
}

type Watchers = (AtMostOnePrimary<Name>, NoStaleRead, Tally, Coverage<RaftLease>);

fn experiment(seed: u64) -> Experiment<RaftLease, Watchers> {
    let policy = RetryPolicy { timeout: ms(150), attempts: 3, rotates: true };
    let setup = Setup::<RaftLease>::new("lease-on-raft", names(), config(Some(ms(7)))).seed(seed).retry_policy(policy);
    let mut requests = Vec::new();
    let mut add = |at, client, of, command| {
        requests.push(quorate_lab::sim::ClientRequest { at, client: ClientId(client), of, command });
    };
    for count in 0..40_u64 {
        let time = at(200 * count + seed % 100);
        let (holder, client) = if count % 2 == 0 { (A, 0) } else { (B, 1) };
        let command = match (count + seed) % 5 {
            0 => Command::Release { lease: x() },
            1 => Command::Watch { lease: x() },
            _ => Command::Acquire { lease: x() },
        };
        add(time, client, Some(holder), command);
        for (part, node) in (0..6).zip([0, 1, 2].into_iter().cycle()) {
            add(time + ms(30 * part), 2, Some(NodeId(node)), Command::Query { lease: x() });
        }
        if count % 9 == 0 {
            let to = NodeId((count as u32 + seed as u32) % 3);
            add(time + ms(100), 2, None, Command::TransferLeadership { to });
        }
    }
    for (client, holder) in [(0, A), (1, B)] {
        add(Time::ZERO + SPAN + ms(10), client, Some(holder), Command::Acquire { lease: x() });
    }
    Experiment {
        setup: setup.conditions(fault_plan().conditions),
        invariants: (AtMostOnePrimary::default(), NoStaleRead::default(), Tally::default(), Coverage::default()),
        requests,
        faults: fault_plan().schedule(seed, 5, SPAN),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: ms(20_000),
    }
}

#[test]
fn harsh_seeds_make_no_second_primary_and_no_stale_read() {
    let mut tally = Tally::default();
    let mut coverage = Coverage::default();
    for seed in 0..80 {
        let outcome = experiment(seed).run(|world| {
            let now = world.now();
            now > Time::ZERO + SPAN + ms(1000)
                && (0..3).any(|node| {
                    let table = world.machine(NodeId(node)).and_then(RaftLease::raft).map(raft::Raft::state);
                    table.is_some_and(|table| table.row(&x()).is_some())
                })
        });
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        let (_, _, seen, rules) = outcome.world.invariants();
        tally.add(seen);
        coverage.add(rules);
    }
    tally.expect(&[("grants", 2000), ("acts", 5000), ("expiries", 30), ("releases", 30), ("local reads", 500)]);
    for rule in [
        ReplicatedRule::WithholdVote,
        ReplicatedRule::LayDownLease,
        ReplicatedRule::ProposeExpiry,
        ReplicatedRule::ReadByRound,
    ] {
        assert!(coverage.of(rule) > 20, "{rule:?} fired {} times", coverage.of(rule));
    }
}

/// The leader is cut off, both followers restart, and one of them becomes a candidate at once.
fn forgotten_trust(rules: Rulebook) -> Result<(), &'static str> {
    let mut world = running(rules);
    let run = |world: &mut Cluster| {
        let first = leader(world);
        world.inject(Fault::Partition(vec![vec![first]]))?;
        let others: Vec<NodeId> = (0..3).map(NodeId).filter(|&node| node != first).collect();
        for &node in &others {
            world.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps })?;
            world.inject(Fault::Restart(node))?;
        }
        assert!(world.fire_next(others[0], &Timer::Raft(raft::Timer::Election)));
        world.run_for(ms(20))?;
        release_and_read(world, first)
    };
    violated(run(&mut world))
}

/// A finds the leader by itself and releases its lease, while a server is queried about it all the
/// time.
fn release_and_read(world: &mut Cluster, server: NodeId) -> Result<(), RunError> {
    world.inject_request(CLIENT, A, Command::Release { lease: x() })?;
    for _ in 0..60 {
        world.run_for(ms(5))?;
        world.inject_request(CLIENT, server, Command::Query { lease: x() })?;
    }
    Ok(())
}

/// The leader dies after it has answered a holder. The next one has the entry, and does not know
/// that it is committed.
fn limbo(rules: Rulebook) -> Result<(), &'static str> {
    let mut world = running(rules);
    let run = |world: &mut Cluster| {
        let first = leader(world);
        // Followers store entries, but do not learn of the commit.
        world.intercept(|passing| match passing.message {
            Message::Raft(raft::Message::AppendEntries(append)) if append.entries.is_empty() => Delivery::Drop,
            _ => Delivery::Random,
        });
        world.inject_request(CLIENT, A, Command::Release { lease: x() })?;
        world.run_while(at(1700), |world| {
            let table = world.machine(first).and_then(RaftLease::raft).map(raft::Raft::state);
            table.is_some_and(|table| table.row(&x()).is_some())
        })?;
        world.run_for(ms(1))?;
        world.inject(Fault::Crash { node: first, point: CrashPoint::BetweenSteps })?;
        // The next leader gets no acknowledgements: its first entry waits.
        world.intercept(|passing| match passing.message {
            Message::Raft(raft::Message::Appended(_)) => Delivery::Drop,
            _ => Delivery::Random,
        });
        for _ in 0..200 {
            world.run_for(ms(5))?;
            for node in (0..3).map(NodeId).filter(|&node| node != first) {
                world.inject_request(CLIENT, node, Command::Query { lease: x() })?;
            }
        }
        Ok::<(), RunError>(())
    };
    violated(run(&mut world))
}

#[test]
fn a_server_that_restarts_must_withhold_its_vote() {
    let ends = (forgotten_trust(VOTES_WHILE_TRUSTING), forgotten_trust(BY_THE_BOOK));
    assert_eq!(ends, (Err("NoStaleRead"), Ok(())));
}

#[test]
fn a_leader_must_not_read_in_limbo() {
    assert_eq!((limbo(LIMBO_READ), limbo(BY_THE_BOOK)), (Err("NoStaleRead"), Ok(())));
}
