//! Transactions as scenario text.

use quorate_lab::script::CommandLine;
use quorate_protocol::{Names, NodeId};
use quorate_transactions::two_phase::{Command, Settings};
use quorate_transactions::{outbox, paxos_commit, saga, three_phase};

use super::{ConfigOf, ToScenario, unless};
use crate::protocols::{OutboxTarget, PaxosCommitTarget, SagaTarget, ThreePhaseTarget, TwoPhaseTarget};

impl ToScenario for TwoPhaseTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = Settings::new(config.coordinator, []);
        let span = |span| format!("{span:?}");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("coordinator", config.coordinator)
            .option("participants", names(&config.participants))
            .option_if("opening", unless(config.opening, &usual.opening))
            .option_if("vote-timeout", unless(config.vote_timeout, &usual.vote_timeout).map(span))
            .option_if("retry", unless(config.retry, &usual.retry).map(span))
            .option_if("ask-others", config.ask_others.then_some("on"))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        Ok(transact(to, command))
    }
}

impl ToScenario for ThreePhaseTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = three_phase::Settings::new(config.coordinator, []);
        let span = |span| format!("{span:?}");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("coordinator", config.coordinator)
            .option("participants", names(&config.participants))
            .option_if("opening", unless(config.opening, &usual.opening))
            .option_if("answer-timeout", unless(config.answer_timeout, &usual.answer_timeout).map(span))
            .option_if("silence", unless(config.silence, &usual.silence).map(span))
            .option_if("retry", unless(config.retry, &usual.retry).map(span))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        Ok(transact(to, command))
    }
}

impl ToScenario for SagaTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = saga::Settings::new(config.orchestrator, []);
        let span = |span| format!("{span:?}");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("orchestrator", config.orchestrator)
            .option("services", names(&config.services))
            .option_if("pivot", config.pivot)
            .option_if("opening", unless(config.opening, &usual.opening))
            .option_if("step-timeout", unless(config.step_timeout, &usual.step_timeout).map(span))
            .option_if("limit", unless(config.limit, &usual.limit).map(span))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        Ok(transact(to, command))
    }
}

impl ToScenario for PaxosCommitTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = paxos_commit::Settings::new([], [], []);
        let span = |span| format!("{span:?}");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("leaders", names(&config.leaders))
            .option("participants", names(&config.participants))
            .option("acceptors", names(&config.acceptors))
            .option_if("opening", unless(config.opening, &usual.opening))
            .option_if("vote-timeout", unless(config.vote_timeout, &usual.vote_timeout).map(span))
            .option_if("retry", unless(config.retry, &usual.retry).map(span))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        Ok(transact(to, command))
    }
}

/// Names of the nodes of a role, as the cluster line lists them.
fn names(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}

fn transact(to: NodeId, command: &Command) -> CommandLine {
    let Command::Transact { changes } = command;
    let line = CommandLine::new("transact").word(to);
    changes.iter().fold(line, |line, (node, change)| line.word(format!("{node}.{change}")))
}

impl ToScenario for OutboxTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let usual = outbox::Settings::new(config.sender, config.broker, config.receiver);
        let span = |span| format!("{span:?}");
        CommandLine::new("cluster")
            .word(Self::NAME)
            .option("sender", config.sender)
            .option("broker", config.broker)
            .option("receiver", config.receiver)
            .option_if("retry", unless(config.retry, &usual.retry).map(span))
            .option_if("work", unless(config.work, &usual.work).map(span))
    }

    fn phrase(to: NodeId, command: &outbox::Command) -> Result<CommandLine, String> {
        let outbox::Command::Place { item, units } = command;
        Ok(CommandLine::new("place").word(to).word(item).word(units))
    }
}
