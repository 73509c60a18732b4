//! Random fault plans: how many faults of each kind a run contains.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::clock::DRIFT_RANGE;
use super::conditions::{Conditions, Latency, Ppm};
use super::crash::CrashMoment;
use super::dice::Dice;
use super::fault::Fault;
use super::setting::{BadCondition, duration};

/// Parameters of random faults; [`plan`](Self::plan) draws a schedule.
///
/// Written as `mild`, `harsh`, `none`, or a list such as `loss=2%,crashes=3,latency=1ms..20ms`; a
/// list may start with one of the presets: `harsh,crashes=0`.
///
/// ```
/// use quorate_lab::env::{Ppm, Storm};
///
/// let storm: Storm = "mild,loss=5%,crashes=2".parse().unwrap();
/// assert_eq!((storm.conditions.loss, storm.crashes), (Ppm::percent(5), 2));
/// assert!("gentle".parse::<Storm>().unwrap_err().to_string().contains("mild"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Storm {
    /// Conditions of the network during the faults. Afterwards they are
    /// [calmed](Conditions::calmed).
    pub conditions: Conditions,
    /// Number of crashes, at random moments within or between steps, each with a restart.
    pub crashes: u32,
    /// Number of partitions of the nodes into two groups.
    pub partitions: u32,
    /// Number of cuts of one direction of one link.
    pub cuts: u32,
    /// Number of pauses.
    pub pauses: u32,
    /// Maximum drift of the nodes' clocks, in either direction.
    pub drift: Ppm,
    /// Number of jumps of a wall clock, by up to ten seconds.
    pub jumps: u32,
    /// Mean duration of crashes, partitions, cuts and pauses.
    pub outage: Duration,
}

const MS: fn(u64) -> Duration = Duration::from_millis;

impl Storm {
    /// No faults; latency is one to five milliseconds.
    pub fn none() -> Self {
        Storm {
            conditions: Conditions { latency: Latency::USUAL, ..Conditions::steady(MS(1)) },
            crashes: 0,
            partitions: 0,
            cuts: 0,
            pauses: 0,
            drift: Ppm::ZERO,
            jumps: 0,
            outage: MS(500),
        }
    }

    /// Ordinary trouble: a few faults of every kind.
    pub fn mild() -> Self {
        Storm {
            conditions: Conditions {
                loss: Ppm::percent(1),
                duplication: Ppm::percent(1),
                latency: Latency::Exponential { min: MS(1), mean: MS(4) },
                straggling: Ppm::percent(1),
                straggle: Latency::Uniform { min: MS(10), max: MS(100) },
            },
            crashes: 2,
            partitions: 1,
            cuts: 1,
            pauses: 1,
            drift: Ppm::new(200),
            jumps: 1,
            ..Storm::none()
        }
    }

    /// Extreme conditions, much worse than in a data centre.
    pub fn harsh() -> Self {
        Storm {
            conditions: Conditions {
                loss: Ppm::percent(10),
                duplication: Ppm::percent(10),
                latency: Latency::Exponential { min: MS(1), mean: MS(10) },
                straggling: Ppm::percent(10),
                straggle: Latency::Uniform { min: MS(10), max: MS(1000) },
            },
            crashes: 8,
            partitions: 4,
            cuts: 4,
            pauses: 4,
            drift: Ppm::percent(5),
            jumps: 4,
            outage: MS(700),
        }
    }

    /// Draws the faults of one run, in order of time. Each begins within `span`; it may end later.
    /// The same seed gives the same plan.
    pub fn plan(&self, seed: u64, nodes: u32, span: Duration) -> Vec<(Time, Fault)> {
        if nodes == 0 {
            return Vec::new();
        }
        let mut planner = Planner { dice: Dice::new(seed, u64::MAX), nodes, span: nanos(span), faults: Vec::new() };
        let outage = Latency::Exponential { min: Duration::ZERO, mean: self.outage };
        for node in (0..nodes).map(NodeId).filter(|_| self.drift > Ppm::ZERO) {
            let bound = u64::from(self.drift.get());
            let ppm = planner.dice.within(0, 2 * bound) as i64 - bound as i64;
            planner.faults.push((Time::ZERO, Fault::Drift { node, ppm: in_range(ppm) }));
        }
        for _ in 0..self.crashes {
            let (node, moment) = (planner.node(), planner.moment());
            planner.pair(&outage, Fault::Crash { node, moment }, Fault::Restart(node));
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
            let nanos = planner.dice.within(0, 20_000_000_000) as i64 - 10_000_000_000;
            planner.faults.push((at, Fault::Jump { node, nanos }));
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
    dice: Dice,
    nodes: u32,
    span: u64,
    faults: Vec<(Time, Fault)>,
}

impl Planner {
    fn node(&mut self) -> NodeId {
        NodeId(self.dice.below(u64::from(self.nodes)) as u32)
    }

    fn moment_in_time(&mut self) -> Time {
        Time::from_nanos(self.dice.below(self.span))
    }

    fn moment(&mut self) -> CrashMoment {
        match self.dice.below(4) {
            0 => CrashMoment::BetweenSteps,
            1 => CrashMoment::BeforePersist { kept: self.dice.below(2) as u32 },
            2 => CrashMoment::AfterPersist,
            _ => CrashMoment::AfterSends { sent: self.dice.below(u64::from(self.nodes)) as u32 },
        }
    }

    /// Draws two groups, neither of them empty unless there is only one node.
    fn groups(&mut self) -> Vec<Vec<NodeId>> {
        let odd = self.node();
        let mut groups = vec![vec![odd], Vec::new()];
        for node in (0..self.nodes).map(NodeId).filter(|node| *node != odd) {
            groups[self.dice.below(2) as usize].push(node);
        }
        groups
    }

    /// Adds a fault, and its end after a random outage.
    fn pair(&mut self, outage: &Latency, trouble: Fault, end: Fault) {
        let at = self.moment_in_time();
        let length = Duration::from_nanos(outage.drawn_by(self.dice.bits()));
        self.faults.push((at, trouble));
        self.faults.push((at + length, end));
    }
}

impl FromStr for Storm {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Self, BadCondition> {
        let mut storm = Storm::none();
        for (position, part) in text.split(',').map(str::trim).enumerate() {
            match (part, part.split_once('=')) {
                ("none", _) if position == 0 => storm = Storm::none(),
                ("mild", _) if position == 0 => storm = Storm::mild(),
                ("harsh", _) if position == 0 => storm = Storm::harsh(),
                (_, Some((key, value))) => storm.set(part, key.trim(), value.trim())?,
                (_, None) => {
                    return Err(BadCondition::new(part, "mild, harsh, none (first) or a setting such as loss=2%"));
                }
            }
        }
        Ok(storm)
    }
}

impl Storm {
    fn set(&mut self, part: &str, key: &str, value: &str) -> Result<(), BadCondition> {
        let count = || match value.parse() {
            Ok(count @ 0..=10_000) => Ok(count),
            _ => Err(BadCondition::new(part, "a number of faults from 0 to 10000")),
        };
        match key {
            "loss" => self.conditions.loss = value.parse()?,
            "duplicate" => self.conditions.duplication = value.parse()?,
            "latency" => self.conditions.latency = value.parse()?,
            "straggling" => self.conditions.straggling = value.parse()?,
            "straggle" => self.conditions.straggle = value.parse()?,
            "drift" => self.drift = value.parse()?,
            "outage" => self.outage = duration(value)?,
            "crashes" => self.crashes = count()?,
            "partitions" => self.partitions = count()?,
            "cuts" => self.cuts = count()?,
            "pauses" => self.pauses = count()?,
            "jumps" => self.jumps = count()?,
            _ => {
                let known = "a setting: loss, duplicate, latency, straggling, straggle, drift, outage, crashes, \
                             partitions, cuts, pauses or jumps";
                return Err(BadCondition::new(part, known));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Storm {
    /// Formats the list that [`from_str`](Self::from_str) parses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conditions { loss, duplication, latency, straggling, straggle } = self.conditions;
        write!(
            f,
            "loss={loss},duplicate={duplication},latency={latency},straggling={straggling},straggle={straggle},"
        )?;
        write!(f, "crashes={},partitions={},cuts={},", self.crashes, self.partitions, self.cuts)?;
        write!(f, "pauses={},drift={},jumps={},outage={:?}", self.pauses, self.drift, self.jumps, self.outage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_read_back_as_it_is_written() {
        for storm in [Storm::none(), Storm::mild(), Storm::harsh()] {
            assert_eq!(storm.to_string().parse(), Ok(storm));
        }
        assert_eq!("harsh".parse(), Ok(Storm::harsh()));
        assert_eq!("harsh,crashes=0".parse(), Ok(Storm { crashes: 0, ..Storm::harsh() }));
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
            ("mild,,", "''"),
        ] {
            let error = text.parse::<Storm>().unwrap_err().to_string();
            assert!(error.starts_with(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_plan_has_what_was_ordered_in_order_of_time() {
        let span = Duration::from_secs(10);
        let plan = Storm::harsh().plan(5, 5, span);
        assert_eq!(plan, Storm::harsh().plan(5, 5, span), "the same seed makes the same plan");
        assert_ne!(plan, Storm::harsh().plan(6, 5, span));
        assert!(plan.is_sorted_by_key(|(at, _)| *at));
        let count = |is: fn(&Fault) -> bool| plan.iter().filter(|(_, fault)| is(fault)).count();
        assert_eq!(count(|fault| matches!(fault, Fault::Crash { .. })), 8);
        assert_eq!(count(|fault| matches!(fault, Fault::Restart(_))), 8);
        assert_eq!(count(|fault| matches!(fault, Fault::Partition(_))), 4);
        assert_eq!(count(|fault| matches!(fault, Fault::Drift { .. })), 5);
        assert!(Storm::harsh().plan(5, 0, span).is_empty());
    }
}
