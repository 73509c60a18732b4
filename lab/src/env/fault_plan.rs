//! Random fault plans: how many faults of each kind a run contains.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::clock::DRIFT_RANGE;
use super::conditions::{Conditions, Latency, Ppm};
use super::crash::CrashPoint;
use super::fault::Fault;
use super::queue::{Queue, QueueOf};
use super::rng::Rng;
use super::setting::{BadCondition, duration};

/// Parameters of random faults; [`schedule`](Self::schedule) draws a schedule.
///
/// Written as `mild`, `harsh`, `none`, or a list such as `loss=2%,crashes=3,latency=1ms..20ms`; a
/// list may start with one of the presets: `harsh,crashes=0`.
///
/// ```
/// use quorate_lab::env::{Ppm, FaultPlan};
///
/// let fault_plan: FaultPlan = "mild,loss=5%,crashes=2".parse().unwrap();
/// assert_eq!((fault_plan.conditions.loss, fault_plan.crashes), (Ppm::percent(5), 2));
/// assert!("gentle".parse::<FaultPlan>().unwrap_err().to_string().contains("mild"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FaultPlan {
    /// Conditions of the network during the faults. Afterwards they are
    /// [healed](Conditions::healed).
    pub conditions: Conditions,
    /// Number of crashes, at random moments within or between steps, each with a restart.
    pub crashes: u32,
    /// Number of partitions of the nodes into two groups.
    pub partitions: u32,
    /// Number of cuts of one direction of one link.
    pub cuts: u32,
    /// Number of pauses.
    pub pauses: u32,
    /// Number of suspensions: pauses in which the monotonic clock stands still. No preset has any,
    /// because they break every promise that counts on that clock.
    pub suspensions: u32,
    /// Maximum drift of the nodes' clocks, in either direction.
    pub drift: Ppm,
    /// Number of jumps of a wall clock, by up to ten seconds.
    pub jumps: u32,
    /// Mean duration of crashes, partitions, cuts, pauses and suspensions.
    pub outage: Duration,
    /// Queue of every link. No preset has one.
    pub link: Option<Queue>,
    /// Inbox of every node, with its service time. No preset has one.
    pub service: Option<Queue>,
}

const MS: fn(u64) -> Duration = Duration::from_millis;

impl FaultPlan {
    /// No faults; latency is one to five milliseconds.
    pub fn none() -> Self {
        FaultPlan {
            conditions: Conditions { latency: Latency::USUAL, ..Conditions::steady(MS(1)) },
            crashes: 0,
            partitions: 0,
            cuts: 0,
            pauses: 0,
            suspensions: 0,
            drift: Ppm::ZERO,
            jumps: 0,
            outage: MS(500),
            link: None,
            service: None,
        }
    }

    /// Ordinary trouble: a few faults of every kind.
    pub fn mild() -> Self {
        FaultPlan {
            conditions: Conditions {
                loss: Ppm::percent(1),
                duplication: Ppm::percent(1),
                latency: Latency::Exponential { min: MS(1), mean: MS(4) },
                extra_delay_rate: Ppm::percent(1),
                extra_delay: Latency::Uniform { min: MS(10), max: MS(100) },
            },
            crashes: 2,
            partitions: 1,
            cuts: 1,
            pauses: 1,
            drift: Ppm::new(200),
            jumps: 1,
            ..FaultPlan::none()
        }
    }

    /// Extreme conditions, much worse than in a data centre.
    pub fn harsh() -> Self {
        FaultPlan {
            conditions: Conditions {
                loss: Ppm::percent(10),
                duplication: Ppm::percent(10),
                latency: Latency::Exponential { min: MS(1), mean: MS(10) },
                extra_delay_rate: Ppm::percent(10),
                extra_delay: Latency::Uniform { min: MS(10), max: MS(1000) },
            },
            crashes: 8,
            partitions: 4,
            cuts: 4,
            pauses: 4,
            suspensions: 0,
            drift: Ppm::percent(5),
            jumps: 4,
            outage: MS(700),
            link: None,
            service: None,
        }
    }

    /// Draws the faults of one run, in order of time. Each begins within `span`; it may end later.
    /// The same seed gives the same plan.
    pub fn schedule(&self, seed: u64, nodes: u32, span: Duration) -> Vec<(Time, Fault)> {
        if nodes == 0 {
            return Vec::new();
        }
        let mut planner = Planner { rng: Rng::new(seed, u64::MAX), nodes, span: nanos(span), faults: Vec::new() };
        let outage = Latency::Exponential { min: Duration::ZERO, mean: self.outage };
        for node in (0..nodes).map(NodeId).filter(|_| self.drift > Ppm::ZERO) {
            let bound = u64::from(self.drift.get());
            let ppm = planner.rng.within(0, 2 * bound) as i64 - bound as i64;
            planner.faults.push((Time::ZERO, Fault::Drift { node, ppm: in_range(ppm) }));
        }
        if self.link.is_some() {
            planner.faults.push((Time::ZERO, Fault::SetQueue { of: QueueOf::All, queue: self.link }));
        }
        for node in (0..nodes).map(NodeId).filter(|_| self.service.is_some()) {
            planner.faults.push((Time::ZERO, Fault::SetService { node, service: self.service }));
        }
        for _ in 0..self.crashes {
            let (node, point) = (planner.node(), planner.point());
            planner.pair(&outage, Fault::Crash { node, point }, Fault::Restart(node));
        }
        for _ in 0..self.partitions {
            let groups = planner.groups();
            planner.pair(&outage, Fault::Partition(groups), Fault::Heal);
        }
        for _ in 0..self.cuts {
            let (from, to) = (planner.node(), planner.node());
            planner.pair(&outage, Fault::Link { from, to, up: false }, Fault::Link { from, to, up: true });
        }
        for _ in 0..self.pauses {
            let node = planner.node();
            planner.pair(&outage, Fault::Pause(node), Fault::Resume(node));
        }
        for _ in 0..self.jumps {
            let at = planner.moment_in_time();
            let node = planner.node();
            let nanos = planner.rng.within(0, 20_000_000_000) as i64 - 10_000_000_000;
            planner.faults.push((at, Fault::Jump { node, nanos }));
        }
        // Last, so that plans without any are as they were.
        for _ in 0..self.suspensions {
            let node = planner.node();
            planner.pair(&outage, Fault::Suspend(node), Fault::Resume(node));
        }
        planner.faults.sort_by_key(|(at, _)| *at);
        planner.faults
    }
}

/// Clamps a drift to the range of a clock.
fn in_range(ppm: i64) -> i32 {
    ppm.clamp(i64::from(*DRIFT_RANGE.start()), i64::from(*DRIFT_RANGE.end())) as i32
}

struct Planner {
    rng: Rng,
    nodes: u32,
    span: u64,
    faults: Vec<(Time, Fault)>,
}

impl Planner {
    fn node(&mut self) -> NodeId {
        NodeId(self.rng.below(u64::from(self.nodes)) as u32)
    }

    fn moment_in_time(&mut self) -> Time {
        Time::from_nanos(self.rng.below(self.span))
    }

    fn point(&mut self) -> CrashPoint {
        match self.rng.below(4) {
            0 => CrashPoint::BetweenSteps,
            1 => CrashPoint::BeforePersist { kept: self.rng.below(2) as u32 },
            2 => CrashPoint::AfterPersist,
            _ => CrashPoint::AfterSends { sent: self.rng.below(u64::from(self.nodes)) as u32 },
        }
    }

    /// Draws two groups, neither of them empty unless there is only one node.
    fn groups(&mut self) -> Vec<Vec<NodeId>> {
        let odd = self.node();
        let mut groups = vec![vec![odd], Vec::new()];
        for node in (0..self.nodes).map(NodeId).filter(|node| *node != odd) {
            groups[self.rng.below(2) as usize].push(node);
        }
        groups
    }

    /// Adds a fault, and its end after a random outage.
    fn pair(&mut self, outage: &Latency, trouble: Fault, end: Fault) {
        let at = self.moment_in_time();
        let length = Duration::from_nanos(outage.sample(self.rng.bits()));
        self.faults.push((at, trouble));
        self.faults.push((at + length, end));
    }
}

impl FromStr for FaultPlan {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Self, BadCondition> {
        let mut fault_plan = FaultPlan::none();
        for (position, part) in text.split(',').map(str::trim).enumerate() {
            match (part, part.split_once('=')) {
                ("none", _) if position == 0 => fault_plan = FaultPlan::none(),
                ("mild", _) if position == 0 => fault_plan = FaultPlan::mild(),
                ("harsh", _) if position == 0 => fault_plan = FaultPlan::harsh(),
                (_, Some((key, value))) => fault_plan.set(part, key.trim(), value.trim())?,
                (_, None) => {
                    return Err(BadCondition::new(part, "mild, harsh, none (first) or a setting such as loss=2%"));
                }
            }
        }
        Ok(fault_plan)
    }
}

impl FaultPlan {
    fn set(&mut self, part: &str, key: &str, value: &str) -> Result<(), BadCondition> {
        let count = || match value.parse() {
            Ok(count @ 0..=10_000) => Ok(count),
            _ => Err(BadCondition::new(part, "a number of faults from 0 to 10000")),
        };
        match key {
            "loss" => self.conditions.loss = value.parse()?,
            "duplicate" => self.conditions.duplication = value.parse()?,
            "latency" => self.conditions.latency = value.parse()?,
            "straggling" => self.conditions.extra_delay_rate = value.parse()?,
            "straggle" => self.conditions.extra_delay = value.parse()?,
            "drift" => self.drift = value.parse()?,
            "outage" => self.outage = duration(value)?,
            "crashes" => self.crashes = count()?,
            "partitions" => self.partitions = count()?,
            "cuts" => self.cuts = count()?,
            "pauses" => self.pauses = count()?,
            "suspensions" => self.suspensions = count()?,
            "jumps" => self.jumps = count()?,
            "link" => self.link = Some(value.parse()?),
            "service" => self.service = Some(value.parse()?),
            _ => {
                let known = "a setting: loss, duplicate, latency, straggling, straggle, drift, outage, crashes, \
                             partitions, cuts, pauses, suspensions, jumps, link or service";
                return Err(BadCondition::new(part, known));
            }
        }
        Ok(())
    }
}

impl fmt::Display for FaultPlan {
    /// Formats the list that [`from_str`](Self::from_str) parses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conditions { loss, duplication, latency, extra_delay_rate, extra_delay } = self.conditions;
        write!(
            f,
            "loss={loss},duplicate={duplication},latency={latency},straggling={extra_delay_rate},straggle={extra_delay},"
        )?;
        write!(f, "crashes={},partitions={},cuts={},", self.crashes, self.partitions, self.cuts)?;
        write!(f, "pauses={},drift={},jumps={},outage={:?}", self.pauses, self.drift, self.jumps, self.outage)?;
        // Named only if there are any: no preset has them.
        if self.suspensions > 0 {
            write!(f, ",suspensions={}", self.suspensions)?;
        }
        self.link.map_or(Ok(()), |queue| write!(f, ",link={queue}"))?;
        self.service.map_or(Ok(()), |queue| write!(f, ",service={queue}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_read_back_as_it_is_written() {
        for fault_plan in [FaultPlan::none(), FaultPlan::mild(), FaultPlan::harsh()] {
            assert_eq!(fault_plan.to_string().parse(), Ok(fault_plan));
        }
        let suspended = FaultPlan { suspensions: 3, ..FaultPlan::mild() };
        assert_eq!(suspended.to_string().parse(), Ok(suspended));
        let queued: FaultPlan = "mild,link=2ms/8,service=1ms".parse().unwrap();
        assert_eq!(queued.to_string().parse(), Ok(queued));
        assert_eq!((queued.link, queued.service), ("2ms/8".parse().ok(), "1ms".parse().ok()));
        assert_eq!("harsh".parse(), Ok(FaultPlan::harsh()));
        assert_eq!("harsh,crashes=0".parse(), Ok(FaultPlan { crashes: 0, ..FaultPlan::harsh() }));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("", "''"),
            ("loss=2%,mild", "'mild'"),
            ("crashes=-1", "'crashes=-1'"),
            ("crashes=10001", "'crashes=10001'"),
            ("wind=3", "'wind=3'"),
            ("loss=", "''"),
            ("link=0ms", "'0ms'"),
            ("link=2ms/x", "'2ms/x'"),
            ("service=soon", "'soon'"),
            ("mild,,", "''"),
        ] {
            let error = text.parse::<FaultPlan>().unwrap_err().to_string();
            assert!(error.starts_with(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_plan_has_what_was_ordered_in_order_of_time() {
        let span = Duration::from_secs(10);
        let plan = FaultPlan::harsh().schedule(5, 5, span);
        assert_eq!(plan, FaultPlan::harsh().schedule(5, 5, span), "the same seed makes the same plan");
        assert_ne!(plan, FaultPlan::harsh().schedule(6, 5, span));
        assert!(plan.is_sorted_by_key(|(at, _)| *at));
        let count = |is: fn(&Fault) -> bool| plan.iter().filter(|(_, fault)| is(fault)).count();
        assert_eq!(count(|fault| matches!(fault, Fault::Crash { .. })), 8);
        assert_eq!(count(|fault| matches!(fault, Fault::Restart(_))), 8);
        assert_eq!(count(|fault| matches!(fault, Fault::Partition(_))), 4);
        assert_eq!(count(|fault| matches!(fault, Fault::Drift { .. })), 5);
        assert!(FaultPlan::harsh().schedule(5, 0, span).is_empty());
        let suspended = FaultPlan { suspensions: 3, ..FaultPlan::harsh() }.schedule(5, 5, span);
        let pauses: Vec<_> = suspended.iter().filter(|(_, fault)| matches!(fault, Fault::Suspend(_))).collect();
        assert_eq!((pauses.len(), suspended.len()), (3, plan.len() + 6));
        assert!(plan.iter().all(|fault| suspended.contains(fault)), "the other faults are as without suspensions");
        let queue = "1ms".parse().ok();
        let queued = FaultPlan { link: queue, service: queue, ..FaultPlan::harsh() }.schedule(5, 5, span);
        assert_eq!(queued.len(), plan.len() + 6, "one queue for all links, and one for each node");
        assert!(plan.iter().all(|fault| queued.contains(fault)), "the other faults are as without queues");
    }
}
