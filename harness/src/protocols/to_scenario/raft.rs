//! Raft as scenario text.

use quorate_lab::script::{CommandLine, ExportError, Registry, Schedule};
use quorate_lab::trace::{Recording, TypedEvent};
use quorate_protocol::{Constants, Names, NodeId};
use quorate_raft::{Command, ConfigChange, KeyValue, KeyValueCommand, KeyValueQuery, Settings};

use super::{ConfigOf, ToScenario, cluster, everybody, listed, range, unless};
use crate::protocols::{RaftMachine, RaftOf};

fn names_of(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}

fn sizes(line: CommandLine, settings: &Settings) -> CommandLine {
    let usual = Settings::default();
    let line = line
        .option_if("window", unless(settings.window, &usual.window))
        .option_if("batch", unless(settings.batch, &usual.batch))
        .option_if("promotion-lag", unless(settings.promotion_lag, &usual.promotion_lag))
        .option_if("command-limit", unless(settings.command_limit, &usual.command_limit))
        .option_if("session-replies", unless(settings.session_replies, &usual.session_replies));
    match settings.snapshots {
        None => line,
        Some(snapshots) => line
            .option("snapshot-every", snapshots.every)
            .option("snapshot-keep", snapshots.keep)
            .option("snapshot-chunk", snapshots.chunk),
    }
}

impl<M: RaftMachine<KeyValue>> ToScenario for RaftOf<M> {
    fn line(names: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let (all, usual) = (everybody(names), Settings::default());
        let mut line = CommandLine::new("cluster").word("raft").option("nodes", listed(&all));
        if config.voters != all {
            line = line.option("voters", names_of(&config.voters));
        }
        if !config.learners.is_empty() {
            line = line.option("learners", names_of(&config.learners));
        }
        let election = unless(config.election.clone(), &usual.election).map(|election| range(election.into()));
        let heartbeat = unless(config.heartbeat, &usual.heartbeat).map(|heartbeat| format!("{heartbeat:?}"));
        let line = line
            .option_if("election", election)
            .option_if("heartbeat", heartbeat)
            .option_if("pre-vote", config.pre_vote.then_some("on"))
            .option_if("check-quorum", config.check_quorum.then_some("on"))
            .option_if("probes", config.probes.then_some("on"));
        sizes(line, config)
    }

    /// A wrong answer shows only in a scenario where every client sends its own requests.
    fn schedule(constants: &Constants<M>, recording: &Recording<M>) -> Result<Schedule, ExportError> {
        let names = &recording.run_info().names;
        let line = names.scope(|| cluster::<Self>(names, constants));
        let transcribe = |line| Schedule::transcribe(recording, line, &Registry::new().with::<Self>(), Self::phrase);
        let is_about_answers = recording
            .iter()
            .any(|(_, event)| matches!(&event.what, TypedEvent::Violation(broken) if broken.invariant == "OneStore"));
        match is_about_answers {
            true => transcribe(line.option("watch", "one-store")).map(Schedule::with_clients),
            false => transcribe(line),
        }
    }

    fn phrase(to: NodeId, command: &Command<KeyValue>) -> Result<CommandLine, String> {
        let ask = |name: &str| CommandLine::new(name).word(to);
        Ok(match command {
            Command::Apply(KeyValueCommand::Put { key, value }) => ask("put").word(key).word(value),
            Command::Apply(KeyValueCommand::Append { key, value }) => ask("append").word(key).word(value),
            Command::Apply(KeyValueCommand::Delete { key }) => ask("delete").word(key),
            Command::Apply(KeyValueCommand::CompareAndSet { key, expected, value }) => {
                let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
                ask("cas").word(key).word(or_none(expected)).word(or_none(value))
            }
            Command::Read(KeyValueQuery::Get { key }) => ask("get").word(key),
            Command::ChangeMembership(ConfigChange::AddLearner(node)) => ask("add-learner").word(node),
            Command::ChangeMembership(ConfigChange::AddVoter(node)) => ask("add-voter").word(node),
            Command::ChangeMembership(ConfigChange::Remove(node)) => ask("remove-member").word(node),
            Command::ChangeMembership(ConfigChange::Replace { voters }) => ask("replace-voters").word(names_of(voters)),
            Command::TransferLeadership(node) => ask("transfer").word(node),
        })
    }
}
