//! Random runs of a replicated register: two clients with an application each, and one that asks
//! replicas directly, read and write two keys. Half of the runs need majorities; the others answer
//! at once, by each of the orders.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_replication::register::{
    Available, Command, Mode, Order, Register, RegisterRule, Safety, Session, Settings,
};
use quorate_replication::{Key, Value};

use super::contract::{AnswerStats, LinearizableInMajorityMode};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::RegisterTarget;

/// Number of clients during the fault window; another one comes after the recovery.
const CLIENTS: u64 = 3;
const LATECOMER: ClientId = ClientId(3);
/// Number of applications.
const APPS: u32 = 2;
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(40);

/// Retry policy: none. A repeated write at another replica would be another write.
const ONCE: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(500), attempts: 1, rotates: false };

/// The mode of a run: every second seed needs a majority, the others take turns at orders, sessions
/// and read repair.
pub fn mode_of_seed(seed: u64) -> Mode {
    if seed.is_multiple_of(2) {
        return Mode::Consistent;
    }
    let turn = seed / 2;
    let orders = [Order::Wall, Order::Lamport, Order::Hybrid, Order::Vector];
    let sessions = [Session::Off, Session::ReadYourWrites, Session::MonotonicReads];
    Mode::Available(Available {
        order: orders[(turn % 4) as usize],
        session: sessions[(turn / 4 % 3) as usize],
        read_repair: (turn / 12).is_multiple_of(2),
        anti_entropy: Duration::from_millis(200),
        ..Available::default()
    })
}

/// Requests of a run. Every write has a value of its own.
fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let count = nanos(run.span) / nanos(PACE);
    let mut requests: Vec<_> = (0..count)
        .map(|number| {
            let at = Time::from_nanos(rng.below(nanos(run.span)));
            let client = rng.below(CLIENTS) as u32;
            let replica = NodeId(rng.below(u64::from(run.nodes)) as u32);
            let key = Key::from(if rng.below(3) == 0 { "y" } else { "x" });
            let (of, asks) = if client < APPS { (NodeId(run.nodes + client), Some(replica)) } else { (replica, None) };
            let value = Value::from(format!("w{}", number + 1).as_str());
            let command = match rng.below(2) {
                0 => Command::Write { key, value, at: asks },
                _ => Command::Read { key, at: asks },
            };
            ClientRequest { at, client: ClientId(client), of: Some(of), command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    let command = Command::Write { key: Key::from("x"), value: Value::from("last"), at: None };
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(NodeId(0)), command });
    requests
}

impl RegisterTarget {
    /// Plans the run of a seed in a mode.
    ///
    /// # Errors
    /// If there can be no such cluster.
    pub fn plan_in(
        mode: Mode,
        book: impl Into<NamedRulebookOf<Register>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let apps = (run.nodes..run.nodes + APPS).map(NodeId).collect();
        let config = Settings { apps, ..Settings::new((0..run.nodes).map(NodeId), mode) }.build()?;
        let what = "the two phases of a majority operation";
        reach::check::<Self>(run, [Need { what, messages: 4, bound: "the timeout", within: config.timeout }])?;
        let nodes = (1..=run.nodes).map(|number| format!("n{number}")).chain(["A", "B"].map(str::to_owned));
        let names = Names::new(nodes, ["c1", "c2", "c3", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of a replicated register")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(ONCE),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run),
            faults: run.fault_plan.schedule(run.seed, run.nodes + APPS, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }
}

impl SimTarget for RegisterTarget {
    type Machine = Register;
    type Invariants = (Safety, LinearizableInMajorityMode);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "answered after the faults, with equal copies where there is gossip";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        Self::plan_in(mode_of_seed(run.seed), book, run)
    }

    fn reached(world: &World<Register, Watched<Self>>) -> bool {
        let nodes: Option<Vec<&Register>> = world.machines().iter().map(Option::as_ref).collect();
        let Some(nodes) = nodes else { return false };
        let mut replicas = nodes.iter().filter(|node| node.is_replica());
        let copies =
            |node: &Register| node.keys().map(|key| (key.clone(), node.versions(key).to_vec())).collect::<Vec<_>>();
        let first = replicas.next().map(|node| copies(node));
        let are_equal = world.config().available().is_none() || replicas.all(|node| Some(copies(node)) == first);
        !world.answers(LATECOMER).is_empty()
            && world.clients_are_idle()
            && nodes.iter().all(|node| node.pending() == 0)
            && are_equal
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Register>) -> Vec<(u64, &'static str)> {
        use RegisterRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Complete), "majority operations completed"),
            (coverage.of(WriteBack), "reads that wrote back"),
            (coverage.of(NoMajority), "requests refused without a majority"),
            (coverage.of(WriteHere), "writes taken at once"),
            (coverage.of(SendBetter), "times a replica sent back something newer"),
            (coverage.of(KeepSiblings), "merges of siblings"),
            (coverage.of(WaitForSession), "reads that waited for their session"),
            (coverage.of(Behind), "reads refused because the replica was behind"),
        ]
    }
}
