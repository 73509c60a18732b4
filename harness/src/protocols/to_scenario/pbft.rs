//! PBFT as scenario text.

use quorate_byzantine::pbft::{Command, Pbft, Settings};
use quorate_lab::script::CommandLine;
use quorate_protocol::{Constants, Duration, Names, NodeId};

use super::{ConfigOf, ToScenario, listed, unless};
use crate::protocols::PbftTarget;
use crate::protocols::byzantine::liars::told;

impl ToScenario for PbftTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = Settings::new([], []);
        let span = |own: Duration, usual: Duration| unless(own, &usual).map(|span| format!("{span:?}"));
        let proxies = config.proxies.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("replicas", listed(&config.replicas))
            .option("proxies", proxies)
            .option_if("checkpoint-every", unless(config.checkpoint_every, &usual.checkpoint_every))
            .option_if("window", unless(config.window, &usual.window))
            .option_if("view-timeout", span(config.view_timeout, usual.view_timeout))
            .option_if("status", span(config.status_interval, usual.status_interval))
            .option_if("retry", span(config.retry, usual.retry))
    }

    fn own_options(line: CommandLine, names: &Names, constants: &Constants<Pbft>) -> CommandLine {
        line.option_if("liars", told(names, constants))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let Command::Add { amount } = command;
        Ok(CommandLine::new("add").word(to).word(amount))
    }
}
