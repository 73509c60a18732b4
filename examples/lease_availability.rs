//! Cost of safety: after the crash of a primary there is none until its lease expires. Measures the
//! vacancies after a thousand crashes.
//!
//! Run with `cargo run --release --example lease_availability`.

use quorate::lab::sim::{Conditions, CrashPoint, Fault, Latency, Rng, Setup, World};
use quorate::lease::invariants::{Safety, invariants};
use quorate::lease::{Command, Drift, Lease, Reply, Settings, TermError, Terms};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Time};

const SEEDS: u64 = 1_000;
const TERM: Duration = Duration::from_millis(1_000);
const RENEWAL: Duration = Duration::from_millis(300);
const LATENCY: Duration = Duration::from_millis(5);
/// Interval of requests to act, and thus the resolution of the measurement.
const ASK_EVERY: Duration = Duration::from_millis(1);
const DRIFT_PPM: u32 = 200;

const CLIENT: ClientId = ClientId(0);

/// The node that acts when all nodes are asked to.
fn primary(world: &mut World<Lease, Safety>) -> Result<Option<NodeId>, Box<dyn std::error::Error>> {
    for node in [1, 2, 3].map(NodeId) {
        if world.machine(node).is_some() {
            world.inject_request(CLIENT, node, Command::Act)?;
            if let Some((_, Reply::Acted { .. })) = world.answers(CLIENT).last() {
                return Ok(Some(node));
            }
        }
    }
    Ok(None)
}

/// Crashes the primary at a random time. Returns the duration until another node acts.
fn vacancy(seed: u64) -> Result<Duration, Box<dyn std::error::Error>> {
    let config = Settings::new(NodeId(0), [1, 2, 3].map(NodeId), terms()?).build()?;
    let latency = Latency::Uniform { min: LATENCY / 5, max: LATENCY };
    let setup = Setup::<Lease>::new("lease", Names::new(["Q", "A", "B", "C"], ["ann"]), config).seed(seed);
    let conditions = Conditions { latency, ..Conditions::steady(LATENCY) };
    let mut world = setup.conditions(conditions).start_under(invariants());
    let mut rng = Rng::new(seed, 0);
    world.run_until(Time::from_millis(3_000) + Duration::from_nanos(rng.below(1_000_000_000)))?;
    let first = primary(&mut world)?.ok_or("nobody is primary after three seconds")?;
    world.inject(Fault::Crash { node: first, point: CrashPoint::BetweenSteps })?;
    let died = world.now();
    while primary(&mut world)?.is_none() {
        world.run_for(ASK_EVERY)?;
    }
    Ok(world.now().since(died))
}

fn terms() -> Result<Terms, TermError> {
    let drift = Drift::from_ppm(DRIFT_PPM)?;
    Terms::new(TERM, Terms::longest(TERM, drift)?.holder(), RENEWAL, drift)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut spans = (0..SEEDS).map(vacancy).collect::<Result<Vec<Duration>, _>>()?;
    spans.sort_unstable();
    println!(
        "{SEEDS} crashes of a primary; terms of {TERM:?}, renewed every {RENEWAL:?}; messages take up to {LATENCY:?}\n"
    );
    let bucket = Duration::from_millis(25);
    let slot = |span: &Duration| span.as_millis() / bucket.as_millis();
    for number in slot(&spans[0])..=slot(&spans[spans.len() - 1]) {
        let count = spans.iter().filter(|span| slot(span) == number).count();
        let (from, to) = (number * bucket.as_millis(), (number + 1) * bucket.as_millis());
        println!("{from:>5}..{to:<5} ms  {count:>4}  {}", "#".repeat(count.div_ceil(4)));
    }
    let (best, median, worst) = (spans[0], spans[spans.len() / 2], spans[spans.len() - 1]);
    println!("\nfrom {best:.1?} to {worst:.1?}, median {median:.1?}");

    // The last request may be in flight at the crash. It is granted for a term of the granter's
    // clock, which may be slow; then the next grant is sent at once, and the new primary acts at
    // the next request.
    let slow = TERM * 1_000_000 / (1_000_000 - DRIFT_PPM);
    println!(
        "never more than a term, two messages and the time between two acts: {:.1?}",
        slow + LATENCY * 2 + ASK_EVERY
    );
    println!("never less than the rest of a term that was just not renewed: {:.1?}", TERM - RENEWAL - LATENCY * 2);
    Ok(())
}
