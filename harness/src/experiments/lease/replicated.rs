//! Random runs of a lease table on Raft, whose leader reads locally.

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::replicated::{Command, NoStaleRead, RaftLease, ReplicatedRule, Reply, Settings};
use quorate_lease::{HolderRule, Name, RenewalRule};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_raft as raft;

use super::aimed::{is_aimed, keeps};
use super::{LeaseStats, TERM, act_every, client_rng, conditions, faults, healed, moments, terms};
use crate::TargetError;
use crate::experiments::contract::{AnswerStats, LinearizableAnswers, TableAnswers};
use crate::experiments::raft::election;
use crate::experiments::reach::{self, Need};
use crate::experiments::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::protocols::LeaseRaftTarget;

/// Number of holders; each has a client of its own.
const HOLDERS: u64 = 2;
const READER: ClientId = ClientId(2);
const OPERATOR: ClientId = ClientId(3);
/// Client that sends one request to a server right after the recovery.
const LATECOMER: ClientId = ClientId(4);
/// Mean interval between requests; shorter in aimed runs.
const PACE: Duration = Duration::from_millis(12);
/// Duration of the leader lease, on followers' clocks.
const TRUST: Duration = Duration::from_millis(200);

fn settings(run: &RunParameters) -> Result<Settings, TargetError> {
    let snapshots = raft::Snapshots { every: 12, keep: run.seed % 3 * 4, chunk: 2 };
    let usual = raft::Settings::nodes(run.nodes);
    let servers = raft::Settings { snapshots: run.seed.is_multiple_of(2).then_some(snapshots), ..usual };
    let ms = Duration::from_millis;
    let servers = match is_aimed(run) {
        // A follower that misses the leader calls elections repeatedly long before the leader lease
        // ends, and so also at the moment it ends.
        true => raft::Settings { heartbeat: ms(10), election: ms(20)..ms(40), ..servers },
        false => servers,
    };
    let holders = [run.nodes, run.nodes + 1].map(NodeId).to_vec();
    Ok(Settings {
        servers,
        holders,
        terms: terms(run, TERM)?,
        trust: terms(run, TRUST)?,
        act_every: Some(act_every(run)),
    })
}

/// A holder must be answered before it asks again, and a cluster of several servers must be able to
/// elect a leader.
fn needs(run: &RunParameters, settings: &Settings) -> Vec<Need> {
    let (bound, within) = ("the renewal interval", settings.terms.renew_every());
    if run.nodes == 1 {
        return vec![Need { what: "a holder's request and its reply", messages: 2, bound, within }];
    }
    let what = "a holder's request, its replication and its reply";
    vec![election(&settings.servers), Need { what, messages: 4, bound, within }]
}

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let lease = |number: u64| Name::from(["x", "y"][number as usize]);
    let mut requests = Vec::new();
    let pace = if is_aimed(run) { PACE / 6 } else { PACE };
    for at in moments(&mut rng, run, pace) {
        let holder = rng.below(HOLDERS) as u32;
        let server = Some(NodeId(rng.below(run.nodes.into()) as u32));
        let lease = lease(rng.below(2));
        let (client, of, command) = match rng.below(80) {
            0..8 => (ClientId(holder), Some(NodeId(run.nodes + holder)), Command::Acquire { lease }),
            8..=11 if keeps(run, &mut rng) => {
                (ClientId(holder), Some(NodeId(run.nodes + holder)), Command::Act { lease })
            }
            8..=11 => (ClientId(holder), Some(NodeId(run.nodes + holder)), Command::Release { lease }),
            12..=13 => (ClientId(holder), Some(NodeId(run.nodes + holder)), Command::Watch { lease }),
            14 => {
                let to = NodeId(rng.below(run.nodes.into()) as u32);
                (OPERATOR, server, Command::TransferLeadership { to })
            }
            _ => (READER, server, Command::Query { lease }),
        };
        requests.push(ClientRequest { at, client, of, command });
    }
    for holder in 0..HOLDERS as u32 {
        let command = Command::Acquire { lease: lease(0) };
        let of = Some(NodeId(run.nodes + holder));
        requests.push(ClientRequest { at: healed(run), client: ClientId(holder), of, command });
    }
    requests.push(ClientRequest {
        at: healed(run),
        client: LATECOMER,
        of: Some(NodeId(0)),
        command: Command::Query { lease: lease(0) },
    });
    requests
}

/// Leases on Raft, under a rulebook: two holders want two leases, a client queries the servers for
/// the holders, and an operator transfers the leadership. In every second seed servers take
/// snapshots.
impl SimTarget for LeaseRaftTarget {
    type Machine = RaftLease;
    type Invariants = (AtMostOnePrimary<Name>, NoStaleRead, LeaseStats<Name>, LinearizableAnswers<TableAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had a holder that acts and a server that answers reads";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let settings = settings(run)?;
        reach::check::<Self>(run, needs(run, &settings))?;
        reach::check_renewals(run, settings.terms.renew_every().min(settings.trust.renew_every()))?;
        let config = settings.build()?;
        let stats = LeaseStats::new(&config.terms, healed(run));
        let nodes = (1..=run.nodes).map(|number| format!("n{number}")).chain(["A", "B"].map(str::to_owned));
        let names = Names::new(nodes, ["c1", "c2", "reader", "operator", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of leases on Raft")
                .seed(run.seed)
                .conditions(conditions(run))
                .retry_policy(RetryPolicy { timeout: TERM / 3, attempts: 20, rotates: false }),
            invariants: (
                (AtMostOnePrimary::default(), NoStaleRead::default(), stats, LinearizableAnswers::default()),
                Coverage::default(),
            ),
            requests: requests(run),
            faults: faults(run, run.nodes + 2),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<RaftLease, Watched<Self>>) -> bool {
        let answered = matches!(world.answers(LATECOMER), [(_, Reply::Row { .. }), ..]);
        answered && world.invariants().0.2.revived().is_some()
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<RaftLease>) -> Vec<(u64, &'static str)> {
        use ReplicatedRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Raft(raft::RaftRule::WinElection)), "leaders elected"),
            (coverage.of(RenewalRule::Hold.into()), "grants and renewals"),
            (coverage.of(HolderRule::Lapse.into()), "leases expired"),
            (coverage.of(ProposeExpiry), "expiries proposed by a leader"),
            (coverage.of(HolderRule::GiveBack.into()), "leases released"),
            (coverage.of(WatchChange), "watch notifications sent and received"),
            (coverage.of(ReadUnderLease), "reads answered under the leader lease"),
            (coverage.of(ReadByRound), "reads answered after a round of heartbeats"),
            (coverage.of(WithholdVote) + coverage.of(WithholdCandidacy), "votes withheld because of the leader lease"),
            (coverage.of(LayDownLease), "leader leases given up"),
        ]
    }
}
