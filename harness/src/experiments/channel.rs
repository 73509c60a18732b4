//! Random runs of a reliable channel: clients have messages sent over a link that loses, repeats
//! and reorders, and both sides crash.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_time::channel::{Answer, Channel, ChannelRule, Command, Payload, Safety, Settings};

use super::contract::AnswerStats;
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::{ChannelTarget, LOCAL_NETWORK};

const S: NodeId = NodeId(0);
const R: NodeId = NodeId(1);
/// Number of clients during the fault window; another one comes after the recovery.
const CLIENTS: u64 = 6;
const LATECOMER: ClientId = ClientId(6);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(50);
/// Time until the goal must be reached: longer than messages of the usual plans are delayed.
const RECOVERY: Duration = Duration::from_secs(30);

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let send = |text: &str| Command::Send { payload: Payload::from(text) };
    let mut requests: Vec<_> = (0..nanos(run.span) / nanos(PACE))
        .map(|number| ClientRequest {
            at: Time::from_nanos(rng.below(nanos(run.span))),
            client: ClientId(rng.below(CLIENTS) as u32),
            // Now and then a client asks the wrong side.
            of: Some(if rng.below(10) == 0 { R } else { S }),
            command: send(&format!("m{number}")),
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(S), command: send("last") });
    requests
}

/// Always two nodes. Every other seed tells clients of acknowledgements.
impl SimTarget for ChannelTarget {
    type Machine = Channel;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "answered after the faults";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let answer = if run.seed.is_multiple_of(2) { Answer::Processed } else { Answer::Acknowledged };
        let config = Settings { window: 4, limits: LOCAL_NETWORK, answer, ..Settings::new(S, R) }.build()?;
        let what = "a request, the opening of a connection, a segment and its acknowledgement";
        reach::check::<Self>(run, [Need { what, messages: 5, bound: "the time after the faults", within: RECOVERY }])?;
        let names = Names::new(["S", "R"], ["c1", "c2", "c3", "c4", "c5", "c6", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of a reliable channel")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 100, rotates: false }),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run),
            faults: run.fault_plan.schedule(run.seed, 2, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: RECOVERY,
        })
    }

    fn reached(world: &World<Channel, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle()
    }

    /// No client contract: that answers are true is an invariant, and a connection that is lost
    /// leaves what was sent in doubt.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Channel>) -> Vec<(u64, &'static str)> {
        use ChannelRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Process), "messages processed"),
            (coverage.of(Resend), "segments sent again"),
            (coverage.of(Duplicate), "segments that came twice"),
            (coverage.of(Early), "segments that came early"),
            (coverage.of(OtherConnection), "segments of other connections"),
            (coverage.of(ConnectionLost), "connections lost"),
        ]
    }
}
