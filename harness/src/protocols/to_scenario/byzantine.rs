//! The Byzantine generals and reliable broadcast as scenario text.

use quorate_byzantine::{broadcast, generals};
use quorate_lab::script::CommandLine;
use quorate_protocol::{Constants, Names, NodeId};

use super::{ConfigOf, ToScenario, listed, unless};
use crate::protocols::byzantine::liars::told;
use crate::protocols::{BroadcastTarget, GeneralsTarget};

impl ToScenario for GeneralsTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = generals::Settings::new([], 1);
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("nodes", listed(&config.generals))
            .option_if("m", unless(config.m, &usual.m))
            .option_if("deadline", unless(config.deadline, &usual.deadline).map(|span| format!("{span:?}")))
    }

    fn own_options(line: CommandLine, names: &Names, constants: &Constants<generals::General>) -> CommandLine {
        line.option_if("liars", told(names, constants))
    }

    fn phrase(to: NodeId, command: &generals::Command) -> Result<CommandLine, String> {
        let generals::Command::Give { order } = command;
        Ok(CommandLine::new("order").word(to).word(order))
    }
}

impl ToScenario for BroadcastTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        CommandLine::new("cluster").word(Self::NAME).option("nodes", listed(&config.nodes))
    }

    fn own_options(line: CommandLine, names: &Names, constants: &Constants<broadcast::Broadcast>) -> CommandLine {
        line.option_if("liars", told(names, constants))
    }

    fn phrase(to: NodeId, command: &broadcast::Command) -> Result<CommandLine, String> {
        let broadcast::Command::Broadcast { value } = command;
        Ok(CommandLine::new("broadcast").word(to).word(value))
    }
}
