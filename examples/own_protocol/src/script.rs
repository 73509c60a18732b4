//! The protocol in scenarios: its cluster line, its requests and its assertions.

use quorate::lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage, combined,
};
use quorate::lab::sim::World;
use quorate::lab::trace::{Lane, TypedEvent};
use quorate::protocol::{Names, NodeId};

use super::invariant::Atomicity;
use super::machine::{COORDINATOR, Config, TwoPhaseCommit};
use super::message::Command;
use super::rules::{HASTY, Rulebook};

/// Adapter for the scenario language.
#[derive(Clone, Copy, Debug)]
pub struct CommitScript;

impl Protocol for CommitScript {
    type Machine = TwoPhaseCommit;
    type Invariants = Atomicity;

    const NAME: &'static str = "two-phase-commit";
    const CLUSTER: Usage =
        Usage { form: "cluster two-phase-commit participants=ann,bob", says: "a coordinator, boss, and participants" };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "commit [client=c1]", says: "a client begins a transaction with every participant" }];
    const ASSERTIONS: &'static [Usage] =
        &[Usage { form: "committed NODE COUNT", says: "the node has committed that many transactions" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        vec![("hasty", HASTY)]
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut nodes = vec!["boss".to_owned()];
        nodes.extend(combined(args.option("participants").unwrap_or("ann,bob"))?);
        let config = Config { participants: nodes.len() as u32 - 1 };
        Ok(ClusterSpec { nodes, config, invariants: Atomicity::default() })
    }

    fn request(_: &str, _: &mut Args<'_>, _: &Names) -> Result<ScenarioRequest<TwoPhaseCommit>, ScriptProblem> {
        Ok(ScenarioRequest { to: Some(COORDINATOR), command: Command::Commit })
    }

    fn assertion(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let text = args.need("a count")?;
        let count =
            text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not a count: use 0, 1, 2, …")))?;
        Ok(Box::new(Committed { node, count }))
    }
}

/// Assertion about the number of transactions that a node has committed.
struct Committed {
    node: NodeId,
    count: usize,
}

impl Assertion<TwoPhaseCommit, Atomicity> for Committed {
    fn says(&self) -> String {
        format!("{} to have committed {}", self.node, self.count)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<TwoPhaseCommit>) {}

    fn holds(&self, world: &World<TwoPhaseCommit, Atomicity>) -> Result<(), String> {
        match world.view(self.node) {
            Some(view) if view.committed == self.count => Ok(()),
            Some(view) => Err(format!("it has committed {}", view.committed)),
            None => Err("it is down".to_owned()),
        }
    }
}
