//! Random runs of cache leases.

use quorate_bugs::NamedRulebookOf;
use std::collections::BTreeMap;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lease::cache::{Cache, CacheRule, Command, NoStaleRead, Reply, Settings};
use quorate_lease::{Name, Terms, Value};
use quorate_protocol::{ClientId, Duration, Invariant, InvariantViolation, Names, NodeId, StepView, Time};

use super::{TERM, client_rng, conditions, faults, grant, healed, holder_names, longest, moments, terms};
use crate::TargetError;
use crate::experiments::contract::{AnswerStats, CacheAnswers, LinearizableAnswers};
use crate::experiments::reach;
use crate::experiments::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::protocols::LeaseCacheTarget;

const SERVER: NodeId = NodeId(0);

/// Id of the client that writes after the recovery, and then reads at every cache; it follows the
/// readers, one per cache, and a writer.
fn latecomer(caches: u32) -> ClientId {
    ClientId(caches + 1)
}

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let mut requests = Vec::new();
    for at in moments(&mut rng, run, Duration::from_millis(7)) {
        let key = Name::from(["x", "y"][rng.below(2) as usize]);
        let reader = rng.below(run.nodes.into()) as u32;
        let (client, of, command) = match rng.below(25) {
            0 => {
                let value = Value::from(format!("v{}", requests.len()).as_str());
                (run.nodes, SERVER, Command::Write { key, value })
            }
            _ => (reader, NodeId(1 + reader), Command::Read { key }),
        };
        requests.push(ClientRequest { at, client: ClientId(client), of: Some(of), command });
    }
    let (at, client, key) = (healed(run), latecomer(run.nodes), Name::from("x"));
    let value = Value::from("the last");
    requests.push(ClientRequest { at, client, of: Some(SERVER), command: Command::Write { key: key.clone(), value } });
    for cache in (1..=run.nodes).map(NodeId) {
        requests.push(ClientRequest { at, client, of: Some(cache), command: Command::Read { key: key.clone() } });
    }
    requests
}

/// Caches and their server, under a rulebook: clients continuously read two keys, and a writer
/// changes them.
impl SimTarget for LeaseCacheTarget {
    type Machine = Cache;
    type Invariants = (NoStaleRead, CacheStats, LinearizableAnswers<CacheAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "changed a datum and read the change through every cache";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let terms = terms(run, TERM)?;
        reach::check::<Self>(run, [grant(&terms)])?;
        reach::check_renewals(run, terms.renew_every())?;
        let config = Settings { server: SERVER, terms }.build()?;
        let clients = (1..=run.nodes).map(|number| format!("c{number}"));
        let clients = clients.chain(["writer", "latecomer"].map(str::to_owned));
        let names = Names::new(["S".to_owned()].into_iter().chain(holder_names(run.nodes)), clients);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of cached data under leases")
                .seed(run.seed)
                .conditions(conditions(run))
                .retry_policy(RetryPolicy { timeout: TERM / 3, attempts: 20, rotates: false }),
            invariants: (
                (NoStaleRead::default(), CacheStats::new(&terms), LinearizableAnswers::default()),
                Coverage::default(),
            ),
            requests: requests(run),
            faults: faults(run, run.nodes + 1),
            message_faults: None,
            fault_window: run.span,
            recovery_window: TERM * 20,
        })
    }

    /// Every cache must answer with the value written after the recovery, or a newer one.
    fn reached(world: &World<Cache, Watched<Self>>) -> bool {
        let caches = world.names().nodes().len() - 1;
        let [(_, Reply::Written { version: written }), reads @ ..] = world.answers(latecomer(caches as u32)) else {
            return false;
        };
        let is_new = |reply: &Reply| matches!(reply, Reply::Read { datum } if datum.version >= *written);
        reads.len() == caches && reads.iter().all(|(_, reply)| is_new(reply))
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Cache>) -> Vec<(u64, &'static str)> {
        use CacheRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Lend), "leases on data"),
            (coverage.of(ReadCached), "reads answered by a cache from its lease"),
            (coverage.of(UseOnce), "reads answered without a lease"),
            (coverage.of(Write), "writes"),
            (coverage.of(WaitForHolders), "writes that waited for lease holders"),
            (coverage.of(WaitForForgotten), "writes that waited for leases forgotten in a restart"),
            (coverage.of(TakeBack), "leases released on request"),
        ]
    }
}

/// Counts how often a cache slept through the end of a lease: it read or renewed under the lease in
/// one step, and its next step was more than the longest term later.
///
/// Implemented as an invariant that never breaks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CacheStats {
    longest_term: Duration,
    /// Time of each cache's latest step, if a lease was running in it.
    last_leased_step: BTreeMap<NodeId, Time>,
    count: u64,
}

impl CacheStats {
    /// Creates an observer with no sleeps counted.
    pub fn new(terms: &Terms) -> Self {
        CacheStats { longest_term: longest(terms), last_leased_step: BTreeMap::new(), count: 0 }
    }

    /// Number of such sleeps.
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl Invariant<Cache> for CacheStats {
    fn check(&mut self, seen: &StepView<'_, Cache>) -> Result<(), InvariantViolation> {
        if let Some(before) = self.last_leased_step.remove(&seen.node) {
            self.count += u64::from(seen.at.since(before) > self.longest_term);
        }
        if seen.out.rules().any(|rule| matches!(rule, CacheRule::ReadCached | CacheRule::KeepCached)) {
            self.last_leased_step.insert(seen.node, seen.at);
        }
        Ok(())
    }
}
