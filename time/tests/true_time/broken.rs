//! Each decision broken once: the schedule violates the invariant under the broken decision, and
//! none by the book.

use quorate_lab::sim::{Conditions, Fault, World};
use quorate_protocol::Ruling::Allow;
use quorate_time::true_time::{
    BY_THE_BOOK, Command, ExternalConsistency, Rulebook, Safety, TrueTime, TrueTimeRule, safety,
};
use quorate_time::{Interval, densest};

use super::{A, ANN, B, BOB, MASTERS, START, cluster, cut_off, jump, ms};

type Cluster = World<TrueTime, Safety>;

/// Plays a schedule under a broken rulebook and by the book. Returns the broken invariants of each,
/// in their order: a run goes on after the first ones.
fn both(rules: Rulebook, play: fn(&mut Cluster)) -> [Vec<&'static str>; 2] {
    [rules, BY_THE_BOOK].map(|rules| {
        let mut world = cluster(rules, safety(START));
        play(&mut world);
        let end = world.now() + ms(31_000);
        let mut broken = Vec::new();
        while let Err(violation) = world.run_until(end) {
            broken.push(violation.broken.invariant);
            world.accept_violation([]);
        }
        broken
    })
}

fn breaks(rules: Rulebook, play: fn(&mut Cluster), invariants: &[&str]) {
    assert_eq!(both(rules, play), [invariants.to_vec(), Vec::new()]);
}

/// Asks without letting time pass.
fn at_once(world: &mut Cluster, ask: &[(u64, quorate_protocol::ClientId, quorate_protocol::NodeId, Command)]) {
    for (after, client, node, command) in ask {
        let at = world.now() + ms(*after);
        world.ask_at(at, *client, Some(*node), *command);
    }
}

/// A has not reached the masters for 30 s: its error is 8 ms, that of B is 2 ms.
fn wide_and_narrow(world: &mut Cluster) {
    world.run_for(ms(5)).unwrap();
    cut_off(world, A);
    world.run_for(ms(30_000)).unwrap();
}

/// cockroach #61110.
#[test]
fn no_wait() {
    let rules = Rulebook { commit_wait: |_, _| Allow(TrueTimeRule::Commit), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        wide_and_narrow(world);
        at_once(world, &[(0, ANN, A, Command::Commit), (2, BOB, B, Command::Commit)]);
    };
    breaks(rules, play, &["StampHasPassed"]);
    // Its consequence, where nobody looks at the true time.
    let mut world = cluster(rules, ExternalConsistency::default());
    world.run_for(ms(5)).unwrap();
    cut_off(&mut world, A);
    world.run_for(ms(30_000)).unwrap();
    world.ask_at(world.now(), ANN, Some(A), Command::Commit);
    world.ask_at(world.now() + ms(2), BOB, Some(B), Command::Commit);
    assert_eq!(world.run_for(ms(100)).unwrap_err().broken.invariant, "ExternalConsistency");
}

#[test]
fn stamp_not_at_latest() {
    let rules = Rulebook { stamp: |now, _| now.earliest, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        wide_and_narrow(world);
        at_once(world, &[(0, BOB, B, Command::Commit), (3, ANN, A, Command::Commit)]);
    };
    breaks(rules, play, &["ExternalConsistency"]);
}

/// USNO time servers, 19 November 2012.
#[test]
fn one_source_believed() {
    let rules = Rulebook {
        enough: |_, _| Allow(TrueTimeRule::Synchronise),
        trusted: |_, answers, _| answers.first().copied(),
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| world.inject(jump(MASTERS[0], -378_000_000_000)).unwrap();
    // The first reading is wrong, and no later one is asked for.
    breaks(rules, play, &["IntervalContainsTruth"]);
}

/// systemd #13245, rezolus #1058.
#[test]
fn width_ignored() {
    let rules = Rulebook {
        aged: |reading, passed, _| Interval::new(reading.earliest + passed, reading.latest + passed),
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| {
        world.inject(Fault::Drift { node: A, ppm: 199 }).unwrap();
        world.run_for(ms(29_000)).unwrap();
        at_once(world, &[(0, ANN, A, Command::Now)]);
    };
    breaks(rules, play, &["IntervalContainsTruth"]);
}

/// The liar's interval overlaps with the others, but not where the truth is.
#[test]
fn most_popular_region() {
    let rules = Rulebook { trusted: |_, answers, _| densest(answers).map(|(_, best)| best), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| world.inject(jump(MASTERS[2], 3)).unwrap();
    breaks(rules, play, &["IntervalContainsTruth"]);
}

/// It takes the region in which all agree, a liar included, although one may lie.
#[test]
fn all_must_agree() {
    let rules = Rulebook { agreeing: |answers, _| answers, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| world.inject(jump(MASTERS[2], 3)).unwrap();
    breaks(rules, play, &["IntervalContainsTruth"]);
}

#[test]
fn delay_ignored() {
    let rules = Rulebook { on_arrival: |told, _, _| told, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.inject(Fault::SetConditions(Conditions::steady(ms(9)))).unwrap();
    };
    breaks(rules, play, &["IntervalContainsTruth"]);
}

#[test]
fn flag_instead_of_error() {
    let rules = Rulebook { serves: |_, _| Allow(TrueTimeRule::ReadTime), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(5)).unwrap();
        cut_off(world, A);
        world.run_for(ms(60_000)).unwrap();
        at_once(world, &[(0, ANN, A, Command::Now)]);
    };
    breaks(rules, play, &["ErrorWithinLimit"]);
}

/// A clock that has broken its bound once is trusted until the next poll.
#[test]
fn stays_with_a_bad_clock() {
    let rules = Rulebook { keeps_bound: |_, _| Allow(TrueTimeRule::Synchronise), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(5)).unwrap();
        world.inject(Fault::Drift { node: A, ppm: 1000 }).unwrap();
        world.run_for(ms(59_000)).unwrap();
        at_once(world, &[(0, ANN, A, Command::Now)]);
    };
    breaks(rules, play, &["IntervalContainsTruth"]);
}
