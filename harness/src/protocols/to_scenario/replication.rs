//! Replicated register as scenario text.

use quorate_lab::script::CommandLine;
use quorate_protocol::{Duration, Names, NodeId};
use quorate_replication::register::{Available, Command, Mode, Settings};

use super::{ConfigOf, ToScenario, unless};
use crate::protocols::RegisterTarget;
use crate::protocols::replication::{ORDERS, SESSIONS};

impl ToScenario for RegisterTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = Settings::new([], config.mode);
        let line = CommandLine::new("cluster")
            .word(Self::NAME)
            .option("replicas", names(&config.replicas))
            .option_if("apps", (!config.apps.is_empty()).then(|| names(&config.apps)))
            .option("mode", if config.mode == Mode::Consistent { "cp" } else { "ap" })
            .option_if("timeout", unless(config.timeout, &usual.timeout).map(span));
        let Some(available) = config.available() else { return line };
        let usual = Available::default();
        let order = ORDERS.iter().find(|(_, order)| *order == available.order).map(|(word, _)| *word);
        let session = SESSIONS.iter().find(|(_, session)| *session == available.session).map(|(word, _)| *word);
        line.option_if("order", order)
            .option_if("session", session.filter(|word| *word != "off"))
            .option_if("read-repair", (!available.read_repair).then_some("off"))
            .option_if("anti-entropy", unless(available.anti_entropy, &usual.anti_entropy).map(span))
            .option_if("ahead", unless(available.ahead, &usual.ahead).map(span))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let (line, at) = match command {
            Command::Read { key, at } => (CommandLine::new("read").word(to).word(key), at),
            Command::Write { key, value, at } => (CommandLine::new("write").word(to).word(key).word(value), at),
        };
        Ok(line.option_if("at", *at))
    }
}

fn span(span: Duration) -> String {
    format!("{span:?}")
}

/// Names of the nodes of a role, as the cluster line lists them.
fn names(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}
