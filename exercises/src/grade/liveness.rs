//! Liveness goals beyond those of the random runs, for answers that break nothing but make no
//! progress.
//!
//! A random run has one goal: that the cluster makes progress after the recovery. An answer may
//! satisfy it and still leave a follower that never commits, or a client that is never answered.
//! And a cluster may make progress only because all nodes are up.

use quorate_bugs::NamedRulebookOf;
use std::marker::PhantomData;

use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_harness::protocols::{PaxosTarget, RaftTarget};
use quorate_lab::sim::{Coverage, CrashPoint, Fault, World};
use quorate_protocol::{ClientId, Duration, NodeId, Time};
use quorate_raft::LogIndex;

/// Target: runs of Raft in which no member may lag behind.
pub(super) struct NoLaggard;

impl SimTarget for NoLaggard {
    type Machine = <RaftTarget as SimTarget>::Machine;
    type Invariants = <RaftTarget as SimTarget>::Invariants;

    const NAME: &'static str = RaftTarget::NAME;
    const GOAL: &'static str = "had every read answered and every member as far as its leader";

    fn plan(
        rules: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        RaftTarget::plan(rules, run)
    }

    fn reached(world: &World<Self::Machine, Watched<Self>>) -> bool {
        RaftTarget::reached(world) && world.clients_are_idle() && members_are_level(world)
    }

    fn answer_stats(invariants: &Self::Invariants) -> AnswerStats {
        RaftTarget::answer_stats(invariants)
    }

    fn coverage(coverage: &Coverage<Self::Machine>) -> Vec<(u64, &'static str)> {
        RaftTarget::coverage(coverage)
    }
}

/// Whether every member of the leader's configuration has committed as much as the leader. A
/// removed node is sent no more entries.
fn members_are_level(world: &World<<NoLaggard as SimTarget>::Machine, Watched<NoLaggard>>) -> bool {
    let up = || (0..).map(NodeId).zip(world.machines()).filter_map(|(id, node)| Some((id, node.as_ref()?)));
    let leaders = up().map(|(_, node)| node).filter(|node| node.is_leader());
    let Some(leader) = leaders.max_by_key(|node| node.term()) else { return false };
    let members = leader.membership().members();
    leader.commit() > LogIndex(0)
        && up().filter(|(id, _)| members.contains(id)).all(|(_, node)| node.commit() == leader.commit())
}

/// Target: runs in which the largest tolerated minority is down throughout.
pub(super) struct MinorityDown<S>(PhantomData<S>);

/// Protocol that must tolerate the failure of some nodes.
pub(super) trait AllUp: SimTarget {
    /// Nodes of which a majority is needed.
    fn voters(planned: &Planned<Self>) -> Vec<NodeId>;
}

impl AllUp for PaxosTarget {
    fn voters(planned: &Planned<Self>) -> Vec<NodeId> {
        planned.setup.constants.config().acceptors().to_vec()
    }
}

impl AllUp for RaftTarget {
    fn voters(planned: &Planned<Self>) -> Vec<NodeId> {
        planned.setup.constants.config().voters.clone()
    }
}

impl<S: AllUp> SimTarget for MinorityDown<S> {
    type Machine = S::Machine;
    type Invariants = S::Invariants;

    const NAME: &'static str = S::NAME;
    const GOAL: &'static str = "answered a client with the nodes that were up";

    fn plan(
        rules: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let mut planned = S::plan(rules, run)?;
        let voters = S::voters(&planned);
        let down = &voters[voters.len() / 2 + 1..];
        planned.faults.extend(
            down.iter().map(|node| (Time::ZERO, Fault::Crash { node: *node, point: CrashPoint::BetweenSteps })),
        );
        // All nodes are back after the fault window, where progress proves nothing.
        planned.recovery_window = Duration::ZERO;
        Ok(planned)
    }

    fn reached(world: &World<S::Machine, Watched<Self>>) -> bool {
        (0..world.names().clients().len() as u32).any(|client| world.client_stats(ClientId(client)).answered > 0)
    }

    fn answer_stats(invariants: &S::Invariants) -> AnswerStats {
        S::answer_stats(invariants)
    }

    fn coverage(coverage: &Coverage<S::Machine>) -> Vec<(u64, &'static str)> {
        S::coverage(coverage)
    }
}
