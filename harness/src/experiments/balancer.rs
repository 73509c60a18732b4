//! Random runs of a load balancer: clients ask, servers and balancer crash, servers leave and
//! return, and a reporter says of them that they are gone.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_time::balancer::{Balancer, BalancerRule, Command, Key, Safety, Settings};

use super::contract::AnswerStats;
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::BalancerTarget;

const BALANCER: NodeId = NodeId(0);
const SERVERS: u32 = 3;
const REPORTER: NodeId = NodeId(4);
/// Number of clients that ask. Beside them are an operator and one that asks after the recovery.
const CLIENTS: u64 = 6;
const OPERATOR: ClientId = ClientId(6);
const LATECOMER: ClientId = ClientId(7);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(50);
/// Time until the goal must be reached: longer than messages of the usual plans are delayed.
const RECOVERY: Duration = Duration::from_secs(30);

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..nanos(run.span) / nanos(PACE))
        .map(|number| {
            let at = Time::from_nanos(rng.below(nanos(run.span)));
            let server = NodeId(1 + rng.below(u64::from(SERVERS)) as u32);
            let (client, of, command) = match rng.below(20) {
                0 => (OPERATOR, server, Command::Drain),
                1..3 => (OPERATOR, server, Command::Return),
                3 => (OPERATOR, REPORTER, Command::Died { server }),
                4 => (OPERATOR, REPORTER, Command::Unplugged { server }),
                _ => {
                    let key = Key::from(format!("m{number}").as_str());
                    let command = Command::Ask { key, repeatable: rng.below(2) == 0 };
                    (ClientId(rng.below(CLIENTS) as u32), BALANCER, command)
                }
            };
            ClientRequest { at, client, of: Some(of), command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    let command = Command::Ask { key: Key::from("last"), repeatable: true };
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(BALANCER), command });
    requests
}

/// Always a balancer, three servers and a reporter.
impl SimTarget for BalancerTarget {
    type Machine = Balancer;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "answered after the faults";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let config = Settings {
            interval: Duration::from_millis(200),
            work: Duration::from_millis(30),
            room: 3,
            reporters: vec![REPORTER],
            ..Settings::new(BALANCER, (1..=SERVERS).map(NodeId).collect())
        };
        let what = "a request, its way to a server, and the answers";
        reach::check::<Self>(run, [Need { what, messages: 4, bound: "the time after the faults", within: RECOVERY }])?;
        let clients = ["c1", "c2", "c3", "c4", "c5", "c6", "operator", "latecomer"];
        let names = Names::new(["LB", "S1", "S2", "S3", "OS"], clients);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config.build()?), book.into())
                .title("A random run of a load balancer")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 100, rotates: false }),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run),
            faults: run.fault_plan.schedule(run.seed, SERVERS + 2, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: RECOVERY,
        })
    }

    /// An operator may wait for a server that has to stay.
    fn reached(world: &World<Balancer, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty()
    }

    /// No client contract: that answers are true is an invariant, and a request whose server is
    /// dead is in doubt.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Balancer>) -> Vec<(u64, &'static str)> {
        use BalancerRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(WorkDone), "requests done"),
            (coverage.of(TakeForDead), "servers taken for dead"),
            (coverage.of(BelieveReport), "servers reported down"),
            (coverage.of(FailOpen), "requests sent although few servers looked healthy"),
            (coverage.of(Repeat), "requests sent again"),
            (coverage.of(InDoubt), "requests in doubt"),
            (coverage.of(Drained), "servers drained"),
        ]
    }
}
