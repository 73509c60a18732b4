//! Availability: after the crash of a primary a new one acts within one term plus the delays of
//! messages, clocks and retry intervals.

use quorate::lab::sim::{Conditions, CrashPoint, Fault, Latency, Rng, Setup, World};
use quorate::lease::invariants::{AtMostOnePrimary, LeaseEvent, Observable};
use quorate::lease::{Drift, Lease, Name, Settings, Terms, majority, replicated};
use quorate::protocol::{ClientId, Duration, Invariant, InvariantViolation, Names, NodeId, StepView, Time, nanos};
use quorate::raft;

const SEEDS: u64 = 500;
const TERM: Duration = Duration::from_millis(300);
const RENEWAL: Duration = Duration::from_millis(50);
const ACT_EVERY: Duration = Duration::from_millis(10);
/// Maximum message delay.
const LATENCY: Duration = Duration::from_millis(5);
const DRIFT_PPM: u32 = 10_000;

/// Maximum true duration of a span on a slow clock.
fn slow(span: Duration) -> Duration {
    span * 1_000_000 / (1_000_000 - DRIFT_PPM) + Duration::from_nanos(1)
}

fn terms(granter: Duration) -> Terms {
    let drift = Drift::from_ppm(DRIFT_PPM).unwrap();
    Terms::new(granter, Terms::longest(granter, drift).unwrap().holder(), RENEWAL, drift).unwrap()
}

/// Network without loss.
fn calm() -> Conditions {
    Conditions {
        latency: Latency::Uniform { min: Duration::from_millis(1), max: LATENCY },
        ..Conditions::steady(LATENCY)
    }
}

/// Node that acted last.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct LastAct(Option<NodeId>);

impl<M: Observable> Invariant<M> for LastAct {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        if seen.facts().filter_map(M::observe).any(|(_, _, event)| event == LeaseEvent::Acted) {
            self.0 = Some(seen.node);
        }
        Ok(())
    }
}

type Watched<M> = World<M, (AtMostOnePrimary<<M as Observable>::Name>, LastAct)>;

/// Crashes the primary at a random time. Returns the duration until another node acts.
fn vacancy<M: Observable>(mut world: Watched<M>, seed: u64) -> Duration {
    let mut rng = Rng::new(seed, 0);
    for node in (0..world.names().nodes().len() as u32).map(NodeId) {
        let ppm = rng.within(0, u64::from(2 * DRIFT_PPM)) as i32 - DRIFT_PPM as i32;
        world.inject_at(Time::ZERO, Fault::Drift { node, ppm });
    }
    let moment = Time::from_millis(2_000) + Duration::from_nanos(rng.below(1_000_000_000));
    world.run_until(moment).unwrap();
    let primary = world.invariants().1.0.expect("somebody is primary after two seconds");
    world.inject(Fault::Crash { node: primary, point: CrashPoint::BetweenSteps }).unwrap();
    let still = |world: &Watched<M>| world.invariants().1.0 == Some(primary);
    assert!(!world.run_while(moment + TERM * 20, still).unwrap(), "seed {seed}: nobody follows");
    world.now().since(moment)
}

/// Durations of the vacancies in many runs, sorted.
fn vacancies<M: Observable>(start: impl Fn(u64) -> Watched<M>) -> Vec<Duration> {
    let mut spans: Vec<Duration> = (0..SEEDS).map(|seed| vacancy(start(seed), seed)).collect();
    spans.sort_unstable();
    spans
}

/// Asserts that every run is within the bound, and that the worst is close to it: the bound is
/// tight.
fn bounded(spans: &[Duration], bound: Duration) {
    let (median, worst) = (spans[spans.len() / 2], spans[spans.len() - 1]);
    assert!(worst <= bound, "{worst:?} is more than {bound:?}");
    assert!(
        worst * 10 > bound * 9,
        "the bound of {bound:?} says little: the worst is {worst:?}, the median {median:?}"
    );
}

/// A request may be in flight at the crash of the primary, and renew its grant. When that expires,
/// the next grant is sent at once.
#[test]
fn one_granter_replaces_a_dead_primary_within_a_term_two_messages_and_an_act() {
    let settings =
        Settings { act_every: Some(ACT_EVERY), ..Settings::new(NodeId(0), [1, 2, 3].map(NodeId), terms(TERM)) };
    let config = settings.build().unwrap();
    let spans = vacancies::<Lease>(|seed| {
        let setup = Setup::new("lease", Names::new(["Q", "A", "B", "C"], [""; 0]), config.clone());
        setup.seed(seed).conditions(calm()).start_under(Default::default())
    });
    bounded(&spans, LATENCY + slow(TERM) + LATENCY + slow(ACT_EVERY));
}

/// In addition, the proposers wait for up to two intervals before they retry, and may preempt each
/// other.
#[test]
fn a_majority_replaces_a_dead_primary_within_a_term_and_a_few_attempts() {
    let settings = majority::Settings { act_every: Some(ACT_EVERY), ..majority::Settings::symmetric(3, terms(TERM)) };
    let config = settings.build().unwrap();
    let spans = vacancies::<majority::MajorityLease>(|seed| {
        let setup = Setup::new("majority", Names::new(["n1", "n2", "n3"], [""; 0]), config.clone());
        setup.seed(seed).conditions(calm()).start_under(Default::default())
    });
    // An attempt may fail: a proposer preempted by another must retry.
    let within = |attempts: u32| {
        let bound = LATENCY + slow(TERM) + (slow(RENEWAL * 2) + LATENCY * 4) * attempts + slow(ACT_EVERY);
        spans.iter().filter(|span| **span <= bound).count() as u64
    };
    let counts = [1, 2, 4, 10].map(within);
    assert!(counts.iter().zip([60, 80, 95, 100]).all(|(runs, least)| runs * 100 >= SEEDS * least), "{counts:?}");
}

/// In addition, the leader checks for expired leases once per interval, B requests once per
/// interval, and each of the three commands (the last renewal, the expiry, the grant) goes to the
/// leader and through the log.
#[test]
fn a_table_on_raft_replaces_a_dead_holder_within_a_term_two_intervals_and_nine_messages() {
    let holders = [3, 4].map(NodeId);
    let settings = replicated::Settings {
        servers: raft::Settings::nodes(3),
        holders: holders.to_vec(),
        terms: terms(TERM),
        trust: terms(TERM),
        act_every: Some(ACT_EVERY),
    };
    let config = settings.build().unwrap();
    let spans = vacancies::<replicated::RaftLease>(|seed| {
        let names = Names::new(["n1", "n2", "n3", "A", "B"], ["a", "b"]);
        let setup = Setup::new("lease-on-raft", names, config.clone()).seed(seed).conditions(calm());
        let mut world: Watched<replicated::RaftLease> = setup.start_under(Default::default());
        for (client, holder) in (0..).map(ClientId).zip(holders) {
            world.ask(client, Some(holder), replicated::Command::Acquire { lease: Name::from("x") });
        }
        world
    });
    let bound = slow(TERM) + slow(RENEWAL) * 2 + LATENCY * 9 + slow(ACT_EVERY);
    let worst = spans[spans.len() - 1];
    assert!(worst <= bound && worst > slow(TERM), "{worst:?} of {bound:?}");
    assert!(nanos(spans[0]) > 0);
}
