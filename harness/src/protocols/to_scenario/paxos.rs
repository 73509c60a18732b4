//! Basic Paxos and Multi-Paxos as scenario text.

use quorate_lab::script::CommandLine;
use quorate_paxos::multi::{self, Rhythm};
use quorate_paxos::{Backoff, Command, Config, Retry};
use quorate_protocol::{Names, NodeId};

use super::{ConfigOf, ToScenario, listed, range, unless};
use crate::protocols::{MultiPaxosTarget, PaxosMachine, PaxosOf};

/// Roles and quorums.
fn roles(name: &str, config: &Config) -> CommandLine {
    let line = CommandLine::new("cluster").word(name);
    let (proposers, acceptors, learners) = (config.proposers(), config.acceptors(), config.learners());
    let line = if proposers == acceptors && acceptors == learners {
        line.option("nodes", listed(acceptors))
    } else {
        let line = line.option("proposers", listed_by_name(proposers)).option("acceptors", listed_by_name(acceptors));
        match learners {
            [] => line.option("learners", "none"),
            _ => line.option_if("learners", unless(learners, &proposers).map(listed_by_name)),
        }
    };
    let quorums = config.quorums();
    let majority = quorums.acceptors / 2 + 1;
    let line = if (quorums.phase_1, quorums.phase_2) == (majority, majority) {
        line
    } else {
        line.option("phase-1", quorums.phase_1).option("phase-2", quorums.phase_2)
    };
    line.option_if("distinguished", config.distinguished_learner())
}

fn listed_by_name(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}

fn waits(line: CommandLine, retry: Retry) -> CommandLine {
    let usual = Retry::default();
    let timeout = unless(retry.timeout, &usual.timeout).map(|timeout| format!("{timeout:?}"));
    let backoff = unless(retry.backoff, &usual.backoff).map(|backoff| match backoff {
        Backoff::Never => "off".to_owned(),
        Backoff::Exponential { unit, cap } => range((unit..cap).into()),
    });
    line.option_if("retry", timeout).option_if("backoff", backoff)
}

impl<M: PaxosMachine> ToScenario for PaxosOf<M> {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        waits(roles("paxos", config), config.retry())
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let Command::Propose { value, round } = command;
        Ok(CommandLine::new("propose").word(to).word(value.as_str()).option_if("round", *round))
    }
}

impl ToScenario for MultiPaxosTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let (rhythm, usual) = (config.rhythm(), Rhythm::default());
        let heartbeat = unless(rhythm.heartbeat, &usual.heartbeat).map(|span| format!("{span:?}"));
        let line = waits(roles("multi-paxos", config), config.retry()).option_if("heartbeat", heartbeat);
        line.option_if("election", unless(rhythm.election, &usual.election).map(range))
    }

    fn phrase(to: NodeId, command: &multi::Command) -> Result<CommandLine, String> {
        let multi::Command::Propose { value } = command;
        Ok(CommandLine::new("propose").word(to).word(value.as_str()))
    }
}
