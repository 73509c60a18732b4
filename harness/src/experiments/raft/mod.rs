//! Random runs of Raft: a replicated key-value store with retrying clients, in every combination of
//! the optional parts.

mod kv_history;
mod plan;

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names};
use quorate_raft::{Invariants, KeyValue, RaftRule, Reply, Settings, Snapshots, invariants};

use super::contract::{AnswerStats, LinearizableAnswers, RaftAnswers};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::{RaftMachine, RaftOf, RaftTarget};
pub use kv_history::SingleCopyKv;

/// Clients, and the recovery window.
impl RaftTarget {
    /// Clients that use the store during the fault window.
    pub const CLIENTS: [ClientId; 3] = [ClientId(0), ClientId(1), ClientId(2)];
    /// Client that transfers the leadership and changes the membership.
    pub const OPERATOR: ClientId = ClientId(3);
    /// Client that sends one request right after the recovery: its command is the new entry that
    /// must commit.
    pub const LATECOMER: ClientId = ClientId(4);

    /// Recovery window, in which a healed cluster must elect a leader and commit a new entry: ten
    /// of the longest election timeouts.
    pub fn recovery_window(settings: &Settings) -> Duration {
        settings.election.end * 10
    }
}

/// Retry policy: clients retry well before an election is over, so that duplicate commands are
/// common.
const STUBBORN: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(100), attempts: u32::MAX, rotates: true };

/// Optional parts enabled by a seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Parts {
    pre_vote: bool,
    check_quorum: bool,
    snapshots: bool,
    changes: bool,
    transfers: bool,
    narrow: bool,
    probes: bool,
}

impl Parts {
    fn of(seed: u64) -> Self {
        let bit = |position: u32| seed >> position & 1 == 1;
        let changes = bit(3);
        Parts {
            pre_vote: bit(0),
            // Without check-quorum a removed node disrupts the cluster (Raft §6), so membership
            // changes imply it.
            check_quorum: bit(1) || changes,
            snapshots: bit(2),
            changes,
            transfers: bit(4),
            narrow: bit(5),
            probes: bit(6),
        }
    }

    fn settings(self, run: &RunParameters) -> Settings {
        let keep = run.seed % 3 * 4;
        let (window, batch) = if self.narrow { (1, 2) } else { (4, 16) };
        Settings {
            pre_vote: self.pre_vote,
            check_quorum: self.check_quorum,
            probes: self.probes,
            snapshots: self.snapshots.then_some(Snapshots { every: 12, keep, chunk: 2 }),
            window,
            batch,
            ..Settings::nodes(run.nodes)
        }
    }

    /// Number of nodes; one spare where the membership changes.
    fn nodes(self, run: &RunParameters) -> u32 {
        run.nodes + u32::from(self.changes)
    }
}

/// Messages of an election: votes must arrive before the candidate campaigns again.
pub(super) fn election(settings: &Settings) -> Need {
    let within = settings.election.end;
    Need { what: "a vote request and its reply", messages: 2, bound: "the longest election timeout", within }
}

/// Raft under a key-value store: three clients, an operator that transfers the leadership and
/// changes the membership, and one client that asks after the recovery.
///
/// The seed's bits select the optional parts, so that 128 consecutive seeds cover every
/// combination. Under a rulebook with a bug, the same faults show what the broken rule is good for.
impl<M: RaftMachine<KeyValue>> SimTarget for RaftOf<M> {
    type Machine = M;
    type Invariants = (Invariants<KeyValue>, SingleCopyKv, LinearizableAnswers<RaftAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "elected a leader and committed a new entry within 10 election timeouts";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let parts = Parts::of(run.seed);
        let nodes = parts.nodes(run);
        let settings = parts.settings(run);
        let recovery_window = RaftTarget::recovery_window(&settings);
        reach::check::<Self>(run, (run.nodes > 1).then(|| election(&settings)))?;
        let config = settings.build()?;
        let names = (1..=nodes).map(|number| format!("n{number}"));
        let names = Names::new(names, ["c1", "c2", "c3", "operator", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of Raft")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: ((invariants(), SingleCopyKv::default(), LinearizableAnswers::default()), Coverage::default()),
            requests: plan::requests(run, parts),
            faults: run.fault_plan.schedule(run.seed, nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window,
        })
    }

    fn reached(world: &World<M, Watched<Self>>) -> bool {
        matches!(world.answers(RaftTarget::LATECOMER), [(_, Reply::Applied(_)), ..])
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<M>) -> Vec<(u64, &'static str)> {
        use RaftRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(WinElection), "leaders elected"),
            (coverage.of(CommitByCounting), "commits by leaders"),
            (coverage.of(TruncateConflict), "log truncations"),
            (coverage.of(Probe), "probes without entries"),
            (coverage.of(TakeSnapshot), "snapshots taken"),
            (coverage.of(StoreChunk), "snapshot chunks received"),
            (coverage.of(StartChange) + coverage.of(EnterJoint), "membership changes started"),
            (coverage.of(ObeyTimeoutNow), "leadership transfers"),
            (coverage.of(ServeRead), "reads answered without a log entry"),
            (coverage.of(SkipDuplicate) + coverage.of(RepeatAnswer), "duplicate commands recognised"),
        ]
    }
}
