//! Both costs of a timeout in one figure: one that is too short sends again what was on its way,
//! one that is too long waits for what is lost (Jacobson and Karels, *Congestion Avoidance and
//! Control*, 1988).
//!
//! Run with `cargo run --example timeout_costs`.

use std::collections::{BTreeMap, BTreeSet};

use quorate::lab::env::{Queue, QueueOf};
use quorate::lab::sim::{Conditions, Fault, Latency, Ppm, RetryPolicy, Rng, Setup, World};
use quorate::lab::trace::TypedEvent;
use quorate::protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate::time::channel::{Channel, Command, Fact, Message, Payload, Settings};
use quorate::time::rto::Limits;

const S: NodeId = NodeId(0);
const R: NodeId = NodeId(1);
const MESSAGES: u32 = 1_000;
/// Timeouts that never change, in milliseconds.
const FIXED: [u64; 8] = [10, 20, 40, 80, 160, 320, 640, 1_280];

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{MESSAGES} messages, one in 50 is lost; 5 to 15 ms each way, and a queue of 8 ms for each.\n");
    println!("{:>9}  {:<31}  time until a loss is repaired", "timeout", "copies that nobody needed");
    for fixed in FIXED {
        let limits = Limits { initial: ms(fixed), min: ms(fixed), max: ms(fixed), granularity: ms(1) };
        row(&format!("{fixed} ms"), limits)?;
    }
    // It begins with a second, as RFC 6298 does, and then follows what it measures.
    row("adapted", Limits { min: ms(1), ..Limits::RFC_6298 })
}

fn row(name: &str, limits: Limits) -> Result<(), Box<dyn std::error::Error>> {
    let Costs { wasted, repair } = costs(&run(limits)?)?;
    let millis = repair.as_millis();
    let bar = |length: u128| "#".repeat(length.min(24) as usize);
    let (copies, wait) = (bar(u128::from(wasted).div_ceil(55)), bar(millis.div_ceil(120)));
    println!("{name:>9}  {wasted:>5}  {copies:<24}  {millis:>5} ms  {wait}");
    Ok(())
}

/// The same messages at the same times over the same network, under a timeout within these limits.
fn run(limits: Limits) -> Result<World<Channel>, Box<dyn std::error::Error>> {
    let config = Settings { window: 64, limits, ..Settings::new(S, R) }.build()?;
    let clients: Vec<String> = (0..MESSAGES).map(|number| format!("c{number}")).collect();
    let names = Names::new(["S", "R"], clients.iter().map(String::as_str));
    let latency = Latency::Uniform { min: ms(5), max: ms(15) };
    let conditions = Conditions { latency, loss: Ppm::percent(2), ..Conditions::steady(ms(5)) };
    let patient = RetryPolicy { timeout: ms(3_600_000), ..RetryPolicy::default() };
    let setup = Setup::<Channel>::new("channel", names, config).seed(7).conditions(conditions).retry_policy(patient);
    let mut world = setup.traced().start();
    world.run_for(ms(5_000))?;
    let of = QueueOf::Between { from: S, to: R };
    world.inject(Fault::SetQueue { of, queue: Queue::new(ms(8), None) })?;
    let mut rng = Rng::new(7, 0);
    for client in (0..MESSAGES).map(ClientId) {
        world.run_for(ms(rng.within(1, 39)))?;
        world.inject_request(client, S, Command::Send { payload: Payload::from("hello") })?;
    }
    world.run_for(ms(60_000))?;
    Ok(world)
}

struct Costs {
    /// Segments that arrived although they had arrived before.
    wasted: u64,
    /// Mean time from the loss of a segment until it is there.
    repair: Duration,
}

fn costs(world: &World<Channel>) -> Result<Costs, Box<dyn std::error::Error>> {
    let (mut segments, mut lost, mut repairs) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let (mut held, mut wasted) = (BTreeSet::new(), 0);
    for (_, event) in world.recording().ok_or("the run has no trace")?.iter() {
        match &event.what {
            TypedEvent::Send { msg, message: Message::Data(segment), .. } => drop(segments.insert(*msg, segment.seq)),
            TypedEvent::Drop { msg, .. } => {
                // The first loss counts, and a copy that was on its way may repair it.
                if let Some(seq) = segments.get(msg).filter(|seq| !held.contains(*seq)) {
                    lost.entry(*seq).or_insert(event.at);
                }
            }
            TypedEvent::Deliver { msg, .. } => {
                wasted += u64::from(segments.get(msg).is_some_and(|seq| held.contains(seq)))
            }
            TypedEvent::Fact { fact: Fact::Stored { seq, .. } } => {
                held.insert(*seq);
                repairs.extend(lost.remove(seq).map(|at: Time| event.at.since(at)));
            }
            _ => {}
        }
    }
    let count = u32::try_from(repairs.len())?.max(1);
    Ok(Costs { wasted, repair: repairs.into_iter().sum::<Duration>() / count })
}
