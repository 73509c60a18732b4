//! Assertions on the servers of a coordination service.

use quorate_lab::script::{Args, Assertion, ScriptProblem};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_locks::coordination::{Coordination, Tree};
use quorate_locks::invariants::Safety;
use quorate_protocol::NodeId;
use quorate_raft as raft;

type Cluster = World<Coordination, Safety>;

/// Leader of the newest term, with its Raft node.
fn leader(world: &Cluster) -> Option<(NodeId, &raft::Raft<Tree>)> {
    let servers = world.up().filter_map(|(node, machine)| Some((node, machine.raft()?)));
    servers.filter(|(_, raft)| raft.is_leader()).max_by_key(|(_, raft)| raft.term())
}

/// Assertion on the leader.
pub(super) struct Leads(pub(super) Option<NodeId>);

impl Assertion<Coordination, Safety> for Leads {
    fn says(&self) -> String {
        self.0.map_or("a server to lead".to_owned(), |node| format!("{node} to lead"))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Coordination>) {}

    fn holds(&self, world: &Cluster) -> Result<(), String> {
        match leader(world) {
            Some((leader, _)) if self.0.is_none_or(|node| node == leader) => Ok(()),
            Some((leader, _)) => Err(format!("{leader} leads")),
            None => Err("no server leads".to_owned()),
        }
    }
}

/// Assertion on the number of sessions that are alive, by the newest leader's tree.
pub(super) struct Sessions(usize);

impl Sessions {
    /// Reads `COUNT`.
    pub(super) fn read(args: &mut Args<'_>) -> Result<Self, ScriptProblem> {
        let text = args.need("a number of sessions")?;
        let count =
            text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not a number of sessions")))?;
        Ok(Sessions(count))
    }
}

impl Assertion<Coordination, Safety> for Sessions {
    fn says(&self) -> String {
        format!("{} sessions to be alive", self.0)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Coordination>) {}

    fn holds(&self, world: &Cluster) -> Result<(), String> {
        let Some((_, raft)) = leader(world) else { return Err("no server leads".to_owned()) };
        let alive = raft.state().sessions().filter(|(_, session)| !session.expired).count();
        if alive == self.0 { Ok(()) } else { Err(format!("{alive} are")) }
    }
}
