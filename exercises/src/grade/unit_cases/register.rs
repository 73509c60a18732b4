//! Unit cases for the decisions of a replicated register.

use std::collections::BTreeMap;

use quorate_protocol::{Duration, NodeId, Time};
use quorate_replication::register::{Order, Rulebook, Seen, Session, Version};
use quorate_replication::{Stamp, Tick, Value};

use super::{EITHER, LAST, UnitCases, ask};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

const ORDERS: [Order; 4] = [Order::Wall, Order::Lamport, Order::Hybrid, Order::Vector];

/// Tests the decisions of an exercise about replicated registers.
pub(in crate::grade) fn register(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "register-quorum" => Some(quorum),
        "register-order" => Some(order),
        "register-clock" => Some(clock),
        "register-siblings" => Some(siblings),
        "register-session" => Some(session),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

fn quorum(rules: Rulebook, cases: &mut UnitCases) {
    let many = cases.drawn(1_000_000).into_iter().filter_map(|count| usize::try_from(count).ok());
    let many: Vec<usize> = many.collect();
    for replicas in (1..=9).chain(many.iter().copied()) {
        ask!(
            cases,
            rules.quorum(replicas),
            |enough| enough == replicas / 2 + 1,
            "the smallest number of which any two sets meet is the smallest one above half"
        );
        let quorum = replicas / 2 + 1;
        for holding in [0, 1, quorum.saturating_sub(1), quorum, replicas] {
            ask!(
                cases,
                rules.write_back(holding, quorum),
                |ruling| ruling.allows() == (holding < quorum),
                "a read writes back exactly if fewer hold its version than are enough"
            );
        }
    }
    for before in (0..=4).chain([u32::MAX]) {
        ask!(cases, rules.counts(before), |ruling| ruling.allows() == (before == 0), "each replica counts once");
    }
    ask!(cases, rules.writes_before_ack(), |writes| writes, "what is acknowledged survives a crash");
}

/// Ticks in ascending order, with times and counts near a scale's numbers.
fn ticks(at: &dyn Fn(u64) -> u64) -> Vec<Tick> {
    let mut ticks: Vec<Tick> = (0..=2)
        .flat_map(|wall| (0..=3).map(move |count| (wall, count)))
        .map(|(wall, count)| Tick { wall: Time::from_nanos(at(wall)), count: at(count) })
        .collect();
    ticks.sort_unstable();
    ticks
}

fn order(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.write_asks_first(), |asks| asks, "a write is to be above all that are complete");
    for scale in cases.few_scales() {
        let ticks = ticks(&|small| scale.at(small));
        for newest in ticks.iter().copied() {
            for last in ticks.iter().copied() {
                ask!(
                    cases,
                    rules.next_tag(newest, last),
                    |tick| tick > newest && tick > last,
                    "the tick of a write is above the newest one and above its writer's own"
                );
                for (a, b) in [(0, 0), (0, 1), (1, 0)] {
                    let one = Stamp { tick: newest, node: NodeId(a) };
                    let other = Stamp { tick: last, node: NodeId(b) };
                    // Which of two nodes comes first is free, but all must agree.
                    let both = (rules.newer(one, other), rules.newer(other, one));
                    let is_right = match newest.cmp(&last) {
                        std::cmp::Ordering::Less => both == (false, true),
                        std::cmp::Ordering::Greater => both == (true, false),
                        std::cmp::Ordering::Equal if a == b => both == (false, false),
                        std::cmp::Ordering::Equal => both.0 != both.1,
                    };
                    let page = "ticks decide, and then nodes: of two stamps one is newer, the same one everywhere";
                    cases.note(is_right, page, || {
                        format!("newer({one}, {other}) answers {}, and the other way round {}", both.0, both.1)
                    });
                }
            }
        }
    }
}

/// The tick of a new write, as the page has it.
fn stamped(order: Order, clock: Tick, wall: Time) -> Tick {
    let count = Tick { count: clock.count + 1, ..clock };
    match order {
        Order::Wall => Tick::wall(wall.max(clock.wall + Duration::from_nanos(1))),
        Order::Hybrid if wall > clock.wall => Tick::wall(wall),
        Order::Lamport | Order::Vector | Order::Hybrid => count,
    }
}

fn clock(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.few_scales() {
        let ticks = ticks(&|small| scale.at(small));
        for order in ORDERS {
            let is_logical = matches!(order, Order::Lamport | Order::Vector);
            let met: Vec<Tick> = ticks
                .iter()
                .copied()
                .filter(|tick| match order {
                    Order::Hybrid => true,
                    Order::Wall => tick.count == 0,
                    Order::Lamport | Order::Vector => tick.wall == Time::ZERO,
                })
                .collect();
            for clock in met.iter().copied() {
                for wall in (0..=3).map(|small| Time::from_nanos(scale.at(small))) {
                    ask!(
                        cases,
                        rules.stamp(order, clock, wall),
                        |tick| tick == stamped(order, clock, wall),
                        "each order has its own next tick, above the last one"
                    );
                }
                for theirs in met.iter().copied() {
                    let learns = matches!(order, Order::Lamport | Order::Hybrid);
                    ask!(
                        cases,
                        rules.on_receive(order, clock, theirs),
                        |tick| tick == if learns { clock.max(theirs) } else { clock },
                        "Lamport clocks and hybrid ones move up to what they see, and the others do not look"
                    );
                    let (wall, ahead) = (clock.wall, Duration::from_nanos(2));
                    ask!(
                        cases,
                        rules.accepts_stamp(order, wall, theirs, ahead),
                        |ruling| ruling.allows() == (is_logical || theirs.wall <= wall + ahead),
                        "a time more than the allowance above the own wall clock is refused, and a count never"
                    );
                }
            }
        }
    }
}

/// The first writes of some nodes. A set is made by reading it, since its parts are its own.
fn seen(writes: &[(u32, u64)]) -> Seen {
    let upto: BTreeMap<NodeId, u64> = writes.iter().map(|(node, count)| (NodeId(*node), *count)).collect();
    serde_json::from_value(serde_json::json!({ "upto": upto, "dots": [] })).expect("a set of writes")
}

fn version(value: &str, tick: Tick, node: u32, seen: Seen) -> Version {
    Version { value: Value::from(value), stamp: Stamp { tick, node: NodeId(node) }, seen }
}

fn siblings(rules: Rulebook, cases: &mut UnitCases) {
    let sets = [seen(&[]), seen(&[(0, 1)]), seen(&[(0, 2), (1, 1)]), seen(&[(1, 3), (2, 1)])];
    for read in &sets {
        for held in &sets {
            ask!(
                cases,
                rules.context(read, held),
                |answer| answer == *read,
                "a write replaces what its writer had read"
            );
        }
    }
    for scale in cases.scales() {
        for known in (0..=4).map(|small| scale.at(small)) {
            for dot in (1..=5).map(|small| scale.at(small)).filter(|dot| *dot > known) {
                ask!(
                    cases,
                    rules.follows(known, dot),
                    |follows| follows == (dot - known == 1),
                    "all writes up to a number are known only if there is no gap"
                );
            }
        }
    }
    for order in ORDERS {
        for (one_count, one_seen) in (1..=3).flat_map(|count| sets.iter().map(move |seen| (count, seen))) {
            for (other_count, node) in (1..=3).flat_map(|count| (0..=1).map(move |node| (count, node))) {
                let one = version("one", Tick::logical(one_count), 2, one_seen.clone());
                let other = version("other", Tick::logical(other_count), node, seen(&[]));
                let (one, other) = (&one, &other);
                let right = match order {
                    Order::Vector => one_seen.covers(other.stamp),
                    _ => one.stamp > other.stamp,
                };
                ask!(
                    cases,
                    rules.replaces(order, one, other),
                    |replaces| replaces == right,
                    "with vectors a version replaces what its writer had read, and else the one with the lower stamp"
                );
            }
        }
    }
}

fn session(rules: Rulebook, cases: &mut UnitCases) {
    for wrote in EITHER {
        for session in [Session::Off, Session::ReadYourWrites, Session::MonotonicReads] {
            let right = match session {
                Session::Off => false,
                Session::ReadYourWrites => wrote,
                Session::MonotonicReads => !wrote,
            };
            ask!(
                cases,
                rules.demands(session, wrote),
                |demands| demands == right,
                "a guarantee demands the session's writes, or its reads, or nothing"
            );
        }
        let covered = wrote;
        ask!(
            cases,
            rules.may_answer(covered),
            |ruling| ruling.allows() == covered,
            "a replica answers exactly if it shows what is demanded"
        );
    }
    for order in ORDERS {
        for (count, node) in (1..=3).flat_map(|count| (0..=1).map(move |node| (count, node))) {
            let token = Stamp { tick: Tick::logical(2), node: NodeId(0) };
            for replaced in [seen(&[]), seen(&[(0, 1)]), seen(&[(0, 2)])] {
                let held = [version("held", Tick::logical(count), node, replaced.clone())];
                let held = &held[..];
                let right = match order {
                    Order::Vector => held[0].stamp == token || replaced.covers(token),
                    _ => held[0].stamp >= token,
                };
                ask!(
                    cases,
                    rules.covers(order, held, token),
                    |covers| covers == right,
                    "one version that is the demanded one, or a newer one, is enough, and no less"
                );
            }
            let held = &[][..];
            ask!(cases, rules.covers(order, held, token), |covers| !covers, "who holds nothing shows nothing");
        }
    }
    for scale in cases.scales_to_the_end() {
        for number in (1..=5).map(|small| scale.at(small)) {
            let last = None;
            ask!(cases, rules.begins(last, number), |ruling| ruling.allows(), "the first write of a client begins");
            for last in (1..=5).map(|small| Some(scale.at(small))) {
                ask!(
                    cases,
                    rules.begins(last, number),
                    |ruling| ruling.allows() == (Some(number) > last),
                    "a write begins only if its number is above all that have begun"
                );
            }
        }
    }
}
