//! Random runs of the fenced store on several replicas.

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lease::store::{Command, EachWriteOnce, FencedStore, MarksHold, NoLostWrite, Reply, Settings, StoreRule};
use quorate_lease::{Token, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{client_rng, fault_schedule, healed, moments};
use crate::TargetError;
use crate::experiments::contract::{AnswerStats, LinearizableAnswers, StoreAnswers};
use crate::experiments::reach::{self, Need};
use crate::experiments::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::protocols::LeaseStoreTarget;

/// Number of clients during the fault window; another one comes after the recovery. Each uses a
/// front of its own: the node that coordinates the requests of its clients.
const CLIENTS: u64 = 2;
const LATECOMER: ClientId = ClientId(2);

/// Retry policy: clients give up after a second attempt.
const PATIENCE: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(200), attempts: 2, rotates: false };

/// Condition under which a request can succeed: the reply must come before its client gives up, and
/// needs a round trip to a majority.
fn answer() -> Need {
    let within = PATIENCE.timeout.saturating_mul(PATIENCE.attempts);
    let what = "a request, the request to the replicas and the two replies";
    Need { what, messages: 4, bound: "the client's timeout", within }
}

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let mut token = 0;
    let mut requests = Vec::new();
    for at in moments(&mut rng, run, Duration::from_millis(90)) {
        let which = rng.below(CLIENTS) as u32;
        let request =
            |at, command| ClientRequest { at, client: ClientId(which), of: Some(NodeId(run.nodes + which)), command };
        token += 1;
        let shown = if rng.below(5) == 0 { rng.below(token) } else { token };
        requests.push(request(at, Command::Open { token: Token(shown) }));
        for count in 0..3 {
            let value = Value::from(format!("{token}.{count}").as_str());
            requests.push(request(at + Duration::from_millis(15 * count), Command::Write { value }));
        }
    }
    let last = |command| ClientRequest { at: healed(run), client: LATECOMER, of: Some(NodeId(run.nodes + 2)), command };
    requests.push(last(Command::Open { token: Token(token + 1) }));
    requests.push(last(Command::Write { value: Value::from("the last") }));
    requests
}

/// A replicated fenced store, under a rulebook: two fronts, and a third after the recovery, open it
/// under increasing tokens, and sometimes under a stale one, whichever of them believes that it
/// still serves. The store decides by tokens alone.
impl SimTarget for LeaseStoreTarget {
    type Machine = FencedStore;
    type Invariants = (NoLostWrite, MarksHold, EachWriteOnce, LinearizableAnswers<StoreAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "reopened the store and wrote to it";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        reach::check::<Self>(run, [answer()])?;
        let replicas = (0..run.nodes).map(NodeId).collect();
        let fronts = [run.nodes, run.nodes + 1, run.nodes + 2].map(NodeId).to_vec();
        let config = Settings { replicas, fronts, retry: Duration::from_millis(20) }.build()?;
        let nodes = (1..=run.nodes).map(|number| format!("r{number}")).chain(["F", "G", "H"].map(str::to_owned));
        let names = Names::new(nodes, ["c1", "c2", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of a replicated fenced store")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(PATIENCE),
            invariants: (Self::Invariants::default(), Coverage::default()),
            requests: requests(run),
            faults: fault_schedule(run, run.nodes + 3),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<FencedStore, Watched<Self>>) -> bool {
        matches!(world.answers(LATECOMER), [(_, Reply::Opened { .. }), (_, Reply::Written)])
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<FencedStore>) -> Vec<(u64, &'static str)> {
        use StoreRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(ServeStore), "store openings"),
            (coverage.of(WriteDone), "writes completed"),
            (coverage.of(RefuseOpen), "marks refused for a higher token"),
            (coverage.of(RefusePut), "late writes refused"),
            (coverage.of(Deposed), "coordinators that found a higher token"),
        ]
    }
}
