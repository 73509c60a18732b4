//! Each decision broken once, as in the reports that are named with it: the schedule violates the
//! invariant under the broken decision, and none by the book.

use quorate_lab::sim::{CrashPoint, Fault};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Duration, NodeId};
use quorate_time::snowflake::{
    BY_THE_BOOK, Backwards, Command, Layout, Lease, Next, Rulebook, Settings, Slot, SnowflakeRule,
};

use super::{A, B, Cluster, R, cluster, jump, ms, us};

/// Plays a schedule under a broken rulebook and by the book. Returns the broken invariants of each,
/// in their order: a run goes on after the first ones.
fn both(rules: Rulebook, settings: &Settings, play: fn(&mut Cluster)) -> [Vec<&'static str>; 2] {
    [rules, BY_THE_BOOK].map(|rules| {
        let mut world = cluster(rules, settings.clone());
        play(&mut world);
        let mut broken = Vec::new();
        while let Err(violation) = world.run_until(us(1_000_000)) {
            broken.push(violation.broken.invariant);
            world.accept_violation([]);
        }
        broken
    })
}

fn breaks(rules: Rulebook, settings: &Settings, play: fn(&mut Cluster), invariants: &[&str]) {
    assert_eq!(both(rules, settings, play), [invariants.to_vec(), Vec::new()]);
}

/// Two ids in a tick.
fn settings() -> Settings {
    Settings { layout: Layout { worker_bits: 1, sequence_bits: 1 }, reserve: 0, ..Settings::new(R) }
}

/// Requests that arrive at these times, in microseconds, each of a client of its own.
fn ask(world: &mut Cluster, asked: &[(u64, NodeId)]) {
    for (client, (arrives, node)) in (0..).map(ClientId).zip(asked) {
        world.ask_at(us(arrives - 1000), client, Some(*node), Command::Next);
    }
}

const FIRST: SnowflakeRule = SnowflakeRule::FirstOfTick;

/// bwmarrin/snowflake #20, dolphinscheduler #6742.
#[test]
fn back_is_not_checked() {
    let rules = Rulebook {
        next: |last, tick, most| match last {
            Some(last) if last.tick != tick => Next::Take { slot: Slot { tick, sequence: 0 }, rule: FIRST },
            _ => BY_THE_BOOK.next(last, tick, most),
        },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| {
        ask(world, &[(6100, A), (6700, A), (7200, A)]);
        world.inject_at(us(6500), jump(A, -1));
    };
    breaks(rules, &settings(), play, &["IncreasingAtEachNode", "UniqueIds"]);
}

/// s-yadav/FlakeId #10, snowflake-id #3: the sequence rolls over within the tick.
#[test]
fn sequence_rolls_over() {
    let rules = Rulebook {
        next: |last, tick, most| match BY_THE_BOOK.next(last, tick, most) {
            Next::Exhausted => Next::Take { slot: Slot { tick, sequence: 0 }, rule: FIRST },
            next => next,
        },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| ask(world, &[(6100, A), (6200, A), (6300, A)]);
    breaks(rules, &settings(), play, &["UniqueIds"]);
}

/// hutool #874, #1206: the sequence is used up, the clock goes back, and the wait is over.
#[test]
fn wait_ends_in_the_past() {
    let rules = Rulebook { after_wait: |full, tick| (tick != full).then_some(tick), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        ask(world, &[(6100, A), (8100, A), (8200, A), (8300, A), (10_100, A)]);
        world.inject_at(us(8400), jump(A, -2));
    };
    breaks(rules, &settings(), play, &["IncreasingAtEachNode", "UniqueIds"]);
}

/// s-yadav/FlakeId #10, snowflake-id #3.
#[test]
fn old_tick_after_wait() {
    let rules = Rulebook { after_wait: |full, tick| (tick > full).then_some(full), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| ask(world, &[(6100, A), (6200, A), (6300, A)]);
    breaks(rules, &settings(), play, &["UniqueIds"]);
}

/// Ids of ticks that have not come: unique, and no longer in the order of time.
#[test]
fn borrows_from_the_future() {
    let rules = Rulebook {
        next: |last, tick, most| {
            let now = tick.max(last.map_or(0, |last| last.tick));
            match BY_THE_BOOK.next(last, now, most) {
                Next::Exhausted => Next::Take { slot: Slot { tick: now + 1, sequence: 0 }, rule: FIRST },
                next => next,
            }
        },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| {
        ask(world, &[(6100, A), (6101, A), (6102, A), (6103, A), (6104, A), (6105, A), (6106, A), (7500, B)]);
    };
    let settings = Settings { clock_error: Duration::ZERO, ..settings() };
    breaks(rules, &settings, play, &["RoughlyOrdered"]);
}

/// hazelcast #17975, seata #3527.
#[test]
fn restart_forgets_last_tick() {
    let play: fn(&mut Cluster) = |world| {
        ask(world, &[(6100, A), (6500, A)]);
        world.inject_at(us(6200), Fault::Crash { node: A, point: CrashPoint::BetweenSteps });
        world.inject_at(us(6300), Fault::Restart(A));
    };
    let forgets = Rulebook { resumes: |_, _| None, ..BY_THE_BOOK };
    breaks(forgets, &settings(), play, &["UniqueIds"]);
    let writes_nothing = Rulebook { reserves: |_, _, _| None, ..BY_THE_BOOK };
    breaks(writes_nothing, &settings(), play, &["UniqueIds"]);
    // It resumes in the last tick, and forgets how far the sequence was.
    let sequence_in_memory = Rulebook {
        resumes: |reserved, _| reserved.map(|tick| Slot { tick: tick.saturating_sub(1), sequence: 0 }),
        ..BY_THE_BOOK
    };
    breaks(sequence_in_memory, &settings(), play, &["UniqueIds"]);
}

/// mybatis-plus #1877, #5233.
#[test]
fn worker_by_chance() {
    let rules = Rulebook { own_lease: |_| Some(Lease { worker: 0, above: 0, through: u64::MAX }), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| ask(world, &[(6100, A), (6200, B)]);
    breaks(rules, &settings(), play, &["UniqueIds"]);
}

/// One number, which B gets when A is silent; B's clock is behind.
fn changes_hands() -> (Settings, fn(&mut Cluster)) {
    let settings = Settings {
        layout: Layout { worker_bits: 0, sequence_bits: 1 },
        lease: 10,
        renew: ms(5),
        recycle_after: ms(4),
        reserve: 0,
        backwards: Backwards::Refuse,
        ..Settings::new(R)
    };
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(3)).unwrap();
        world.inject(Fault::Partition(vec![vec![A], vec![R, B]])).unwrap();
        world.inject(jump(B, -4)).unwrap();
        // At 9 ms, A is at tick 9, and its lease ends with tick 10. At 13 ms B is at tick 9.
        ask(world, &[(9100, A), (13_100, B), (15_200, A), (19_300, B)]);
    };
    (settings, play)
}

#[test]
fn number_passed_on_without_a_fence() {
    let (settings, play) = changes_hands();
    let rules = Rulebook { fence: |_| 0, ..BY_THE_BOOK };
    breaks(rules, &settings, play, &["UniqueIds"]);
}

#[test]
fn lease_outlived() {
    let (settings, play) = changes_hands();
    let rules = Rulebook {
        covers: |lease, tick| match lease {
            Some(lease) if tick > lease.above => Allow(SnowflakeRule::Hold),
            _ => BY_THE_BOOK.covers(lease, tick),
        },
        ..BY_THE_BOOK
    };
    breaks(rules, &settings, play, &["UniqueIds"]);
}
