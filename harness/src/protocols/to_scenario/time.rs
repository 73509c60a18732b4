//! TrueTime, NTP and Snowflake as scenario text.

use quorate_lab::script::CommandLine;
use quorate_protocol::{Date, Duration, Names, NodeId, Time};
use quorate_time::ntp;
use quorate_time::snowflake::{self, Backwards};
use quorate_time::true_time;

use super::{ConfigOf, ToScenario, everybody, listed, unless};
use crate::protocols::{NtpTarget, SnowflakeTarget, TrueTimeTarget};

fn span(own: Duration, usual: Duration) -> Option<String> {
    unless(own, &usual).map(|span| format!("{span:?}"))
}

/// Nodes by name: two roles cannot both be numbers.
fn named(nodes: impl IntoIterator<Item = NodeId>) -> String {
    nodes.into_iter().map(|node| node.to_string()).collect::<Vec<_>>().join(",")
}

impl ToScenario for TrueTimeTarget {
    fn line(names: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = true_time::Settings::new(config.masters.iter().copied());
        let servers = everybody(names).into_iter().filter(|node| !config.masters.contains(node));
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("masters", named(config.masters.iter().copied()))
            .option("servers", named(servers))
            .option_if("faulty", unless(config.faulty, &usual.faulty))
            .option_if("master-error", span(config.master_error, usual.master_error))
            .option_if("drift", unless(config.drift, &usual.drift).map(|drift| format!("{}ppm", drift.get())))
            .option_if("poll", span(config.poll, usual.poll))
            .option_if("max-error", span(config.max_error, usual.max_error))
    }

    fn phrase(to: NodeId, command: &true_time::Command) -> Result<CommandLine, String> {
        Ok(CommandLine::new(match command {
            true_time::Command::Now => "now",
            true_time::Command::Commit => "commit",
        })
        .word(to))
    }
}

impl ToScenario for NtpTarget {
    fn line(names: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = ntp::Settings::new(config.sources.iter().copied());
        let hosts = everybody(names).into_iter().filter(|node| !config.sources.contains(node));
        let (own, book) = (config.thresholds, usual.thresholds);
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("sources", named(config.sources.iter().copied()))
            .option("hosts", named(hosts))
            .option_if("stratum", unless(config.stratum, &usual.stratum))
            .option_if("source-error", span(config.source_error, usual.source_error))
            .option_if("drift", unless(config.drift, &usual.drift).map(|drift| format!("{}ppm", drift.get())))
            .option_if("poll", span(config.poll, usual.poll))
            .option_if("max-poll", span(config.max_poll, usual.max_poll))
            .option_if("step", span(own.step, book.step))
            .option_if("stepout", span(own.stepout, book.stepout))
            .option_if("panic", span(own.panic, book.panic))
            .option_if("panic-at-boot", span(own.panic_at_boot, book.panic_at_boot))
            .option_if("max-error", span(config.max_error, usual.max_error))
            .option_if("alarm", config.alarm.map(|span| format!("{span:?}")))
    }

    fn phrase(to: NodeId, command: &ntp::Command) -> Result<CommandLine, String> {
        let line = |name| CommandLine::new(name).word(to);
        Ok(match command {
            ntp::Command::Time => line("time"),
            ntp::Command::Start => line("start"),
            ntp::Command::Elapsed => line("elapsed"),
            ntp::Command::Wait { span } => line("wait").word(format!("{:?}", span.magnitude())),
        })
    }
}

impl ToScenario for SnowflakeTarget {
    fn line(names: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = snowflake::Settings::new(config.registry);
        let generators: Vec<NodeId> = everybody(names).into_iter().filter(|node| *node != config.registry).collect();
        let waited = |backwards| match backwards {
            Backwards::Refuse => 0,
            Backwards::Wait { ticks } => ticks,
        };
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("registry", config.registry)
            .option("generators", listed(&generators))
            .option_if("worker-bits", unless(config.layout.worker_bits, &usual.layout.worker_bits))
            .option_if("sequence-bits", unless(config.layout.sequence_bits, &usual.layout.sequence_bits))
            .option_if("epoch", unless(config.epoch, &Time::ZERO).map(Date))
            .option_if("lease", unless(config.lease, &usual.lease))
            .option_if("claim-every", span(config.renew, usual.renew))
            .option_if("recycle-after", span(config.recycle_after, usual.recycle_after))
            .option_if("reserve", unless(config.reserve, &usual.reserve))
            .option_if("wait-back", unless(waited(config.backwards), &waited(usual.backwards)))
            .option_if("clock-error", span(config.clock_error, usual.clock_error))
    }

    fn phrase(to: NodeId, _: &snowflake::Command) -> Result<CommandLine, String> {
        Ok(CommandLine::new("next").word(to))
    }
}
