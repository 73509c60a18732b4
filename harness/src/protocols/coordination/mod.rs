//! Locks on a coordination service in scenarios: `cluster zookeeper servers=3 holders=A,B
//! session=6s`, `lock A`, `expect holder A`.

mod assertions;
mod cluster;

use std::marker::PhantomData;

use quorate_bugs::{NamedRulebook, ProtocolId};
use quorate_lab::script::{Args, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_lease::Value;
use quorate_locks::coordination::{Belief, Command, Config, Coordination, LockMode, Recipe, Rulebook};
use quorate_locks::invariants::{Safety, invariants};
use quorate_protocol::Names;

use super::lease::cluster::Members;
use super::lease::unless_none;
use super::list::{SearchVisitor, Target, TargetRulebook};
use super::lock::holder::{Holder, Written};
use assertions::{Leads, Sessions};

/// A lock on a coordination service.
#[derive(Debug)]
pub struct CoordinationOf<K>(PhantomData<fn() -> K>);

/// A lock on ZooKeeper.
pub type ZooKeeperTarget = CoordinationOf<ZooKeeperLock>;
/// A lock on etcd.
pub type EtcdTarget = CoordinationOf<EtcdLock>;
/// A lock on Chubby.
pub type ChubbyTarget = CoordinationOf<ChubbyLock>;

/// Kind of coordination service: what its clients do unless a cluster line says otherwise.
pub trait CoordinationKind: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// The protocol, whose name scenarios and the command line use.
    const ID: ProtocolId;
    /// Form of its cluster line.
    const CLUSTER: Usage;
    /// Recipes that a cluster line may name, the usual one first.
    const RECIPES: &'static [Recipe];
    /// The end of the lock as clients see it, unless the cluster line says otherwise.
    const BELIEF: Belief;
    /// Whether sessions have a grace period, and locks a delay.
    const IS_CHUBBY: bool;
}

/// A lock on ZooKeeper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZooKeeperLock;

/// A lock on etcd.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EtcdLock;

/// A lock on Chubby.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChubbyLock;

impl CoordinationKind for ZooKeeperLock {
    const ID: ProtocolId = ProtocolId::ZooKeeper;
    const CLUSTER: Usage = Usage {
        form: "cluster zookeeper servers=3 holders=A,B [resource=S] [recipe=sequential|plain] session=6s [client-term=6s] \
               [ping=2s] [drift=200ppm] [belief=told|own-clock] [answers=1s] [election=150ms..300ms] [heartbeat=50ms] \
               [guard=none|fence|fence-in-two-steps|ask-service] [work=10ms] [write-delay=1ms] [act-every=1s] \
               [rules=wake-is-victory]",
        says: "A lock by ephemeral nodes, sequence numbers and watches of a replicated tree (Hunt et al. 2010, §2.4)",
    };
    const RECIPES: &'static [Recipe] = &[Recipe::Sequential, Recipe::Plain];
    const BELIEF: Belief = Belief::UntilTold;
    const IS_CHUBBY: bool = false;
}

impl CoordinationKind for EtcdLock {
    const ID: ProtocolId = ProtocolId::Etcd;
    const CLUSTER: Usage = Usage {
        form: "cluster etcd servers=3 holders=A,B [resource=S] session=6s [client-term=6s] [ping=2s] [drift=200ppm] \
               [belief=own-clock|told] [answers=1s] [election=150ms..300ms] [heartbeat=50ms] \
               [guard=none|fence|fence-in-two-steps|ask-service] [work=10ms] [write-delay=1ms] [act-every=1s] \
               [rules=believes-without-end]",
        says: "A lock by keys with a lease, in the order of their revisions (etcd, package concurrency)",
    };
    const RECIPES: &'static [Recipe] = &[Recipe::CreateRevision];
    const BELIEF: Belief = Belief::OwnClock;
    const IS_CHUBBY: bool = false;
}

impl CoordinationKind for ChubbyLock {
    const ID: ProtocolId = ProtocolId::Chubby;
    const CLUSTER: Usage = Usage {
        form: "cluster chubby servers=5 holders=A,B [resource=S] session=12s [client-term=12s] [ping=4s] [drift=200ppm] \
               [belief=own-clock|told] [grace=45s] [lock-delay=60s] [answers=1s] [election=150ms..300ms] [heartbeat=50ms] \
               [guard=none|fence|fence-in-two-steps|ask-service] [work=10ms] [write-delay=1ms] [act-every=1s] \
               [rules=lock-delay-forgotten]",
        says: "A lock with sessions, a grace period, sequencers and a lock-delay (Burrows 2006)",
    };
    const RECIPES: &'static [Recipe] = &[Recipe::FileLock];
    const BELIEF: Belief = Belief::OwnClock;
    const IS_CHUBBY: bool = true;
}

impl<K: CoordinationKind> CoordinationOf<K> {
    /// Name in scenarios and on the command line.
    pub const NAME: &'static str = K::ID.name();
}

impl<K: CoordinationKind> Target for CoordinationOf<K> {
    fn search<V: SearchVisitor<TargetRulebook<Self>>>(
        _: NamedRulebook<TargetRulebook<Self>>,
        visitor: V,
    ) -> Option<V::Output> {
        Some(visitor.visit::<Self>())
    }
}

impl<K: CoordinationKind> Protocol for CoordinationOf<K> {
    type Machine = Coordination;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = K::CLUSTER;
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "try-lock NODE [mode=shared] [client=c1]", says: "the node takes the lock if it is free" },
        Usage { form: "lock NODE [mode=shared] [client=c1]", says: "the node takes the lock, and waits for it" },
        Usage { form: "act NODE [client=c1]", says: "somebody wants the node to act under the lock" },
        Usage {
            form: "write NODE VALUE [client=c1]",
            says: "the node works under the lock, and then writes to the resource",
        },
        Usage { form: "unlock NODE [client=c1]", says: "the node gives the lock up, or its place in the queue" },
        Usage { form: "transfer SERVER TO [client=c1]", says: "a client asks the leader to transfer its leadership" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "holder [NODE]",
            says: "one node (this one) would act under the lock if asked now, and no other",
        },
        Usage { form: "holders COUNT", says: "so many nodes would act under the lock if asked now" },
        Usage { form: "no-holder", says: "no node would act under the lock if asked now" },
        Usage { form: "value VALUE|none", says: "that is what was written to the resource last" },
        Usage {
            form: "leader [SERVER]",
            says: "a server (this one) leads; among several leaders the one of the newest term counts",
        },
        Usage { form: "sessions COUNT", says: "so many sessions are alive, by the tree of the newest leader" },
    ];

    /// Internal Raft facts also show in the messages.
    const HIDDEN_FACTS: &'static [&'static str] = &["Raft"];

    fn warnings(config: &Config) -> Vec<String> {
        config.raft().warning().iter().map(ToString::to_string).collect()
    }

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::<Rulebook>::of(K::ID).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let settings = cluster::settings::<K>(&mut members, args)?;
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: invariants() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Coordination>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let mode = cluster::mode(args)?;
        let command = match name {
            "try-lock" => Command::Try { mode },
            "lock" => Command::Acquire { mode },
            _ if mode != LockMode::default() => {
                return Err(ScriptProblem::bad(format_args!("mode= belongs to lock and try-lock, not to {name}")));
            }
            "act" => Command::Act,
            "write" => Command::Write { value: Value::from(args.text("a value")?) },
            "transfer" => Command::TransferLeadership { to: args.node(names)? },
            _ => Command::Release,
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(match name {
            "value" => Box::new(Written(unless_none(args.text("a value")?), None)),
            "leader" => Box::new(Leads(args.node_if_any(names)?)),
            "sessions" => Box::new(Sessions::read(args)?),
            _ => Box::new(Holder::read(name, args, names)?),
        })
    }
}
