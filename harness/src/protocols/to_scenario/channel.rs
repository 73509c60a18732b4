//! A reliable channel as scenario text.

use quorate_lab::script::CommandLine;
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::channel::{Command, Settings};

use super::{ConfigOf, ToScenario, unless};
use crate::protocols::ChannelTarget;
use crate::protocols::channel::{ANSWERS, CHECKSUMS};

impl ToScenario for ChannelTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = Settings::new(config.sender, config.receiver);
        let span = |own: Duration, usual: Duration| unless(own, &usual).map(|span| format!("{span:?}"));
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("sender", config.sender)
            .option("receiver", config.receiver)
            .option_if("window", unless(config.window, &usual.window))
            .option_if("room", config.room)
            .option_if("numbers", unless(config.numbers, &usual.numbers))
            .option_if("work", span(config.work, usual.work))
            .option_if("rto", span(config.limits.initial, usual.limits.initial))
            .option_if("rto-min", span(config.limits.min, usual.limits.min))
            .option_if("rto-max", span(config.limits.max, usual.limits.max))
            .option_if("checksum", unless(config.checksum, &usual.checksum).and_then(|own| word(CHECKSUMS, own)))
            .option_if("told", unless(config.answer, &usual.answer).and_then(|own| word(ANSWERS, own)))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let Command::Send { payload } = command;
        Ok(CommandLine::new("send").word(to).word(payload))
    }
}

/// The word of an option that has this meaning.
fn word<T: PartialEq>(meanings: [(&'static str, T); 2], own: T) -> Option<&'static str> {
    meanings.into_iter().find(|(_, meaning)| *meaning == own).map(|(word, _)| word)
}
