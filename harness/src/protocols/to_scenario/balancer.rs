//! A load balancer as scenario text.

use quorate_lab::script::CommandLine;
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::balancer::{Command, Probes, Settings};

use super::{ConfigOf, ToScenario, unless};
use crate::protocols::BalancerTarget;

impl ToScenario for BalancerTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = Settings::new(config.balancer, config.servers.clone());
        let span = |own: Duration, usual: Duration| unless(own, &usual).map(|span| format!("{span:?}"));
        let listed = |nodes: &[NodeId]| nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("balancer", config.balancer)
            .option("servers", listed(&config.servers))
            .option_if("reporters", unless(listed(&config.reporters), &String::new()))
            .option_if("interval", span(config.interval, usual.interval))
            .option_if("misses", unless(config.misses, &usual.misses))
            .option_if("work", span(config.work, usual.work))
            .option_if("room", unless(config.room, &usual.room))
            .option_if("probes", (config.probes == Probes::Aside).then_some("aside"))
            .option_if("panic", unless(config.panic, &usual.panic))
            .option_if("keep", unless(config.keep, &usual.keep))
            .option_if("give-up", unless(config.give_up, &usual.give_up))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        Ok(match command {
            Command::Ask { key, repeatable } => {
                CommandLine::new(if *repeatable { "ask-again" } else { "ask" }).word(to).word(key)
            }
            Command::Died { server } => CommandLine::new("died").word(to).word(server),
            Command::Unplugged { server } => CommandLine::new("unplugged").word(to).word(server),
            Command::Drain => CommandLine::new("drain").word(to),
            Command::Return => CommandLine::new("return").word(to),
        })
    }
}
