//! Leases on Raft in scenarios: `cluster lease-raft servers=3 holders=A,B term=10s trust=100ms`,
//! `acquire A x`, `expect holder x A`.

use quorate_bugs::ProtocolId;
use quorate_bugs::lease::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::replicated::{Command, Config, NoStaleRead, RaftLease, Settings};
use quorate_lease::{Name, Rulebook, Terms};
use quorate_protocol::{Names, NodeId};
use quorate_raft as raft;

use super::cluster::{Members, TermKeys, drift, everybody, read_terms, shown};
use crate::protocols::LeaseRaftTarget;
use crate::protocols::roles::delay;

type Safety = (AtMostOnePrimary<Name>, NoStaleRead);

impl Protocol for LeaseRaftTarget {
    type Machine = RaftLease;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster lease-raft servers=3 holders=A,B term=10s [holder-term=9s] [renew=3s] [drift=200ppm] [trust=200ms] \
               [trust-term=190ms] [ask-trust=50ms] [election=150ms..300ms] [heartbeat=50ms] [act-every=1s] [rules=votes-while-trusting]",
        says: "A lease table on Raft, and the leader's own lease for reads (Chubby §2.9; Ongaro §6.4.1)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "acquire HOLDER LEASE [client=c1]", says: "the holder acquires a lease and keeps it" },
        Usage { form: "give-back HOLDER LEASE [client=c1]", says: "the holder releases a lease" },
        Usage { form: "act HOLDER LEASE [client=c1]", says: "a client asks the holder to act under a lease" },
        Usage { form: "watch HOLDER LEASE [client=c1]", says: "the holder watches a lease for changes of its holder" },
        Usage { form: "query SERVER LEASE [client=c1]", says: "a client asks a server for the holder of a lease" },
        Usage { form: "transfer SERVER TO [client=c1]", says: "a client asks the leader to transfer its leadership" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "leader [SERVER]",
            says: "a server (this one) leads; among several leaders the one of the newest term counts",
        },
        Usage {
            form: "holder LEASE NODE|none",
            says: "this node holds the lease according to the table of the newest leader",
        },
        Usage {
            form: "reads-alone [SERVER]",
            says: "exactly one server (this one) would answer a read without a round of heartbeats now",
        },
        Usage { form: "reads-by-round", says: "no server would answer a read without a round of heartbeats now" },
    ];

    /// Internal Raft facts and the table's answers also show in the messages.
    const HIDDEN_FACTS: &'static [&'static str] = &["Raft", "TableAnswered"];

    fn warnings(config: &Config) -> Vec<String> {
        config.raft().warning().iter().map(ToString::to_string).collect()
    }

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::of(ProtocolId::RaftLease).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let voters = members.needed(args, "servers", "the list of servers")?;
        let holders = members.needed(args, "holders", "the list of holders")?;
        let drift = drift(args)?;
        let keys = TermKeys { term: "term", holder: "holder-term", renew: "renew" };
        let terms = read_terms(args, keys, drift)?
            .ok_or(ScriptProblem::Missing { what: "the term of a lease", usage: args.usage() })?;
        let mut servers = raft::Settings { voters, ..raft::Settings::default() };
        if let Some(text) = args.option("election") {
            let range = delay("election", text)?;
            servers.election = range.min()..range.max();
        }
        servers.heartbeat = args.span("heartbeat")?.unwrap_or(servers.heartbeat);
        let keys = TermKeys { term: "trust", holder: "trust-term", renew: "ask-trust" };
        let trust = match read_terms(args, keys, drift)? {
            Some(trust) => trust,
            None => Terms::longest(servers.election.start, drift).map_err(ScriptProblem::bad)?,
        };
        let settings = Settings { servers, holders, terms, trust, act_every: args.span("act-every")? };
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<RaftLease>, ScriptProblem> {
        let to = Some(args.node(names)?);
        if name == "transfer" {
            return Ok(ScenarioRequest { to, command: Command::TransferLeadership { to: args.node(names)? } });
        }
        let lease = Name::from(args.text("a lease")?);
        let command = match name {
            "acquire" => Command::Acquire { lease },
            "give-back" => Command::Release { lease },
            "act" => Command::Act { lease },
            "watch" => Command::Watch { lease },
            _ => Command::Query { lease },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(match name {
            "leader" => Box::new(Leads(args.node_if_any(names)?)),
            "holder" => {
                let lease = Name::from(args.text("a lease")?);
                let holder = match args.need("a node")? {
                    "none" => None,
                    name => Some(names.node(name).ok_or_else(|| ScriptProblem::unknown("node", name, names.nodes()))?),
                };
                Box::new(HeldBy { lease, holder })
            }
            "reads-alone" => Box::new(ReadsAlone { node: args.node_if_any(names)?, none_expected: false }),
            _ => Box::new(ReadsAlone { node: None, none_expected: true }),
        })
    }
}

type Cluster = World<RaftLease, Safety>;

/// Leader of the newest term, with its Raft node.
fn leader(world: &Cluster) -> Option<(NodeId, &raft::Raft<quorate_lease::replicated::LeaseTable>)> {
    let servers = world.up().filter_map(|(node, machine)| Some((node, machine.raft()?)));
    servers.filter(|(_, raft)| raft.is_leader()).max_by_key(|(_, raft)| raft.term())
}

/// Assertion on the leader.
struct Leads(Option<NodeId>);

impl Assertion<RaftLease, Safety> for Leads {
    fn says(&self) -> String {
        self.0.map_or("a server to lead".to_owned(), |node| format!("{node} to lead"))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<RaftLease>) {}

    fn holds(&self, world: &Cluster) -> Result<(), String> {
        match leader(world) {
            Some((leader, _)) if self.0.is_none_or(|node| node == leader) => Ok(()),
            Some((leader, _)) => Err(format!("{leader} leads")),
            None => Err("no server leads".to_owned()),
        }
    }
}

/// Assertion on the holder of a lease, by the newest leader's table.
struct HeldBy {
    lease: Name,
    holder: Option<NodeId>,
}

impl Assertion<RaftLease, Safety> for HeldBy {
    fn says(&self) -> String {
        let holder: Vec<NodeId> = self.holder.into_iter().collect();
        format!("{} to be held by {}", self.lease, shown(&holder))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<RaftLease>) {}

    fn holds(&self, world: &Cluster) -> Result<(), String> {
        let Some((_, raft)) = leader(world) else { return Err("no server leads".to_owned()) };
        let holder = raft.state().row(&self.lease).map(|row| row.holder);
        if holder == self.holder {
            return Ok(());
        }
        let holder: Vec<NodeId> = holder.into_iter().collect();
        Err(format!("it is held by {}", shown(&holder)))
    }
}

/// Assertion on the servers that would answer a read locally if asked now.
struct ReadsAlone {
    node: Option<NodeId>,
    none_expected: bool,
}

impl Assertion<RaftLease, Safety> for ReadsAlone {
    fn says(&self) -> String {
        let who = match self.node {
            _ if self.none_expected => "no server".to_owned(),
            Some(node) => format!("{node} alone"),
            None => "one server".to_owned(),
        };
        format!("{who} to answer reads without a round of heartbeats")
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<RaftLease>) {}

    fn holds(&self, world: &Cluster) -> Result<(), String> {
        let alone =
            |node: &NodeId| world.machine(*node).is_some_and(|machine| machine.reads_alone(&world.context(*node)));
        let readers: Vec<NodeId> = everybody(world.names()).filter(alone).collect();
        match (readers.as_slice(), self.node) {
            ([], _) if self.none_expected => Ok(()),
            ([_], None) if !self.none_expected => Ok(()),
            ([one], Some(node)) if *one == node => Ok(()),
            (others, _) => Err(format!("{} would", shown(others))),
        }
    }
}
