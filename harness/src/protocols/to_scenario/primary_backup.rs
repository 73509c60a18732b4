//! A primary with a backup as scenario text.

use quorate_lab::script::CommandLine;
use quorate_protocol::{Names, NodeId};
use quorate_replication::primary_backup::{Command, Mode, Settings};

use super::{ConfigOf, ToScenario, unless};
use crate::protocols::PrimaryBackupTarget;

impl ToScenario for PrimaryBackupTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = Settings::new([], config.monitor, config.mode);
        let servers = config.servers.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("nodes", servers)
            .option("monitor", config.monitor)
            .option("mode", if config.mode == Mode::Synchronous { "synchronous" } else { "asynchronous" })
            .option_if("ping", unless(config.ping, &usual.ping).map(|span| format!("{span:?}")))
            .option_if("dead-after", unless(config.dead_after, &usual.dead_after).map(|span| format!("{span:?}")))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        Ok(match command {
            Command::Read { key } => CommandLine::new("read").word(to).word(key),
            Command::Write { key, value } => CommandLine::new("write").word(to).word(key).word(value),
        })
    }
}
