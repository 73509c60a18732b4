//! Live runs of TrueTime, of NTP and of Snowflake, whose clocks are those of the threads.

use std::iter::once;

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Duration, Names, NodeId, Time};
use quorate_time::ntp::{self, Ntp};
use quorate_time::snowflake::{self, Snowflake};
use quorate_time::true_time::{self, TrueTime};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{NtpTarget, SnowflakeTarget, TrueTimeTarget};

/// A master, since each clock begins anew: several masters of different age would disagree. Clients
/// commit at the servers in turn.
impl LiveTarget for TrueTimeTarget {
    type Machine = TrueTime;

    fn cluster(nodes: u32) -> Result<LiveCluster<TrueTime>, TargetError> {
        let usual = true_time::Settings::new([NodeId(0)]);
        let poll = Duration::from_millis(100);
        // A busy machine takes its time to deliver an answer.
        let config = true_time::Settings { poll, max_error: Duration::from_millis(200), ..usual }.build()?;
        Ok((Names::new(once("M".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(Turn { nodes, count, .. }: Turn) -> ScenarioRequest<TrueTime> {
        let command = if count.is_multiple_of(4) { true_time::Command::Now } else { true_time::Command::Commit };
        ScenarioRequest { to: Some(in_turn(nodes, count)), command }
    }
}

/// A source, as each clock begins anew, and hosts, which are asked for the time in turn.
impl LiveTarget for NtpTarget {
    type Machine = Ntp;

    fn cluster(nodes: u32) -> Result<LiveCluster<Ntp>, TargetError> {
        let poll = Duration::from_millis(100);
        let usual = ntp::Settings::new([NodeId(0)]);
        let config = ntp::Settings { poll, max_poll: Duration::from_secs(1), ..usual }.build()?;
        Ok((Names::new(once("S".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(Turn { nodes, count, .. }: Turn) -> ScenarioRequest<Ntp> {
        ScenarioRequest { to: Some(in_turn(nodes, count)), command: ntp::Command::Time }
    }
}

/// A registry and its generators, which are asked in turn.
impl LiveTarget for SnowflakeTarget {
    type Machine = Snowflake;

    fn cluster(nodes: u32) -> Result<LiveCluster<Snowflake>, TargetError> {
        // The clocks of a run begin at zero.
        let config = snowflake::Settings { epoch: Time::ZERO, ..snowflake::Settings::new(NodeId(0)) }.build()?;
        Ok((Names::new(once("R".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(Turn { nodes, count, .. }: Turn) -> ScenarioRequest<Snowflake> {
        ScenarioRequest { to: Some(in_turn(nodes, count)), command: snowflake::Command::Next }
    }
}

/// The nodes after the first one, one after the other.
fn in_turn(nodes: u32, count: u64) -> NodeId {
    NodeId(1 + (count % u64::from(nodes.max(1))) as u32)
}
