//! Random runs of a primary with a backup, a spare and a monitor. Every second seed acknowledges
//! asynchronously.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, PrimaryBackupRule, Safety, Settings};
use quorate_replication::{Key, Value};

use super::contract::{AnswerStats, LinearizableInSynchronousMode};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::PrimaryBackupTarget;

const CLIENTS: u64 = 3;
const LATECOMER: ClientId = ClientId(3);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(50);

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..nanos(run.span) / nanos(PACE))
        .map(|number| {
            let at = Time::from_nanos(rng.below(nanos(run.span)));
            let client = ClientId(rng.below(CLIENTS) as u32);
            let of = Some(NodeId(rng.below(u64::from(run.nodes)) as u32));
            let key = Key::from(if rng.below(3) == 0 { "y" } else { "x" });
            let value = Value::from(format!("w{}", number + 1).as_str());
            let command = if rng.below(2) == 0 { Command::Write { key, value } } else { Command::Read { key } };
            ClientRequest { at, client, of, command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    let command = Command::Write { key: Key::from("x"), value: Value::from("last") };
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(NodeId(0)), command });
    requests
}

impl PrimaryBackupTarget {
    /// Plans the run of a seed in a mode.
    ///
    /// # Errors
    /// If there can be no such cluster.
    pub fn plan_in(
        mode: Mode,
        book: impl Into<NamedRulebookOf<PrimaryBackup>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let config = Settings::new((0..run.nodes).map(NodeId), NodeId(run.nodes), mode).build()?;
        let what = "a write and the answer of the backup";
        reach::check::<Self>(run, [Need { what, messages: 2, bound: "dead-after", within: config.dead_after }])?;
        let nodes = (1..=run.nodes).map(|number| format!("n{number}")).chain(["M".to_owned()]);
        let names = Names::new(nodes, ["c1", "c2", "c3", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of a primary with a backup")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 20, rotates: true }),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run),
            faults: run.fault_plan.schedule(run.seed, run.nodes + 1, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }
}

impl SimTarget for PrimaryBackupTarget {
    type Machine = PrimaryBackup;
    type Invariants = (Safety, LinearizableInSynchronousMode);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "answered after the faults";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let mode = if run.seed.is_multiple_of(2) { Mode::Synchronous } else { Mode::Asynchronous };
        Self::plan_in(mode, book, run)
    }

    fn reached(world: &World<PrimaryBackup, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle()
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<PrimaryBackup>) -> Vec<(u64, &'static str)> {
        use PrimaryBackupRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Promote), "backups promoted"),
            (coverage.of(AckStored), "writes acknowledged by two"),
            (coverage.of(AckAlone), "writes acknowledged in a view without a backup"),
            (coverage.of(AckAtOnce), "writes acknowledged at once"),
            (coverage.of(GiveUp), "requests refused without the backup"),
        ]
    }
}
