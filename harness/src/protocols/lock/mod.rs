//! Distributed locks in scenarios: `cluster lock recipe=set-nx-px server=R holders=A,B ttl=10s`,
//! `cluster redlock instances=5 holders=A,B ttl=10s`, `lock A`, `expect holder A`.

pub(super) mod cluster;
pub(super) mod holder;

use std::marker::PhantomData;

use quorate_bugs::{NamedRulebook, ProtocolId};
use quorate_lab::script::{Args, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_lease::Value;
use quorate_locks::invariants::{Safety, invariants, promised_invariants};
use quorate_locks::{Command, Lock, Rulebook};
use quorate_protocol::Names;

use super::lease::cluster::Members;
use super::lease::unless_none;
use super::list::{SearchVisitor, Target, TargetRulebook};
use holder::{Holder, Written};

/// A lock: on one server, or on a majority of several.
#[derive(Debug)]
pub struct LockOf<K>(PhantomData<fn() -> K>);

/// A lock on one server.
pub type LockTarget = LockOf<OneServer>;
/// A lock on a majority of independent servers.
pub type RedlockTarget = LockOf<Majority>;

/// Kind of lock, by the number of its servers.
pub trait LockKind: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// The protocol, whose name scenarios and the command line use.
    const ID: ProtocolId;
    /// Form of its cluster line.
    const CLUSTER: Usage;
    /// Whether there is more than one server.
    const IS_REDLOCK: bool;
}

/// A lock on one server: unique index, SETNX, SETNX and EXPIRE, SET NX PX.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OneServer;

/// Redlock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Majority;

impl LockKind for OneServer {
    const ID: ProtocolId = ProtocolId::Lock;
    const CLUSTER: Usage = Usage {
        form: "cluster lock recipe=unique-index|setnx|setnx-expire|set-nx-px server=R holders=A,B [resource=S] [ttl=10s] \
               [allowance=102ms] [answers=50ms] [retry=100ms..200ms] [expiry=wall|monotonic] [persistence=always|never] \
               [restart-delay=10s] [reentrant=no|yes] [cleanup=no|yes] \
               [guard=none|fence|fence-in-two-steps|ask-service|currlock|currlock-in-two-steps|file-name|fence-with-undo|replica-fence|mark-first] \
               [work=10ms] [write-delay=1ms] [act-every=1s] [extend=3s] [extensions=10] [rules=set-without-nx]",
        says: "A distributed lock on one server, and a resource with or without a guard (Redis SETNX; Kleppmann 2016)",
    };
    const IS_REDLOCK: bool = false;
}

impl LockKind for Majority {
    const ID: ProtocolId = ProtocolId::Redlock;
    const CLUSTER: Usage = Usage {
        form: "cluster redlock instances=5 holders=A,B [resource=S] ttl=10s [allowance=102ms] [answers=50ms] \
               [retry=100ms..200ms] [expiry=wall|monotonic] [persistence=always|never] [restart-delay=10s] \
               [reentrant=no|yes] [guard=none|currlock|currlock-in-two-steps] [work=10ms] [write-delay=1ms] \
               [act-every=1s] [extend=3s] [extensions=10] [rules=half-is-enough]",
        says: "Redlock: a distributed lock on a majority of independent servers (Sanfilippo, Distributed Locks with Redis)",
    };
    const IS_REDLOCK: bool = true;
}

impl<K: LockKind> LockOf<K> {
    /// Name in scenarios and on the command line.
    pub const NAME: &'static str = K::ID.name();
}

impl<K: LockKind> Target for LockOf<K> {
    fn search<V: SearchVisitor<TargetRulebook<Self>>>(
        _: NamedRulebook<TargetRulebook<Self>>,
        visitor: V,
    ) -> Option<V::Output> {
        Some(visitor.visit::<Self>())
    }
}

impl<K: LockKind> Protocol for LockOf<K> {
    type Machine = Lock;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = K::CLUSTER;
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "try-lock NODE [client=c1]", says: "the node tries to take the lock, once" },
        Usage { form: "lock NODE [client=c1]", says: "the node tries to take the lock until it has it" },
        Usage { form: "act NODE [client=c1]", says: "somebody wants the node to act under the lock" },
        Usage {
            form: "write NODE VALUE [RESOURCE] [client=c1]",
            says: "the node works under the lock, and then writes to the resource (the first, or this one)",
        },
        Usage { form: "commit NODE [client=c1]", says: "the node declares what it has written to be whole" },
        Usage { form: "unlock NODE [client=c1]", says: "the node gives the lock up" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "holder [NODE]",
            says: "one node (this one) would act under the lock if asked now, and no other",
        },
        Usage { form: "holders COUNT", says: "so many nodes would act under the lock if asked now" },
        Usage { form: "no-holder", says: "no node would act under the lock if asked now" },
        Usage {
            form: "value VALUE|none [RESOURCE]",
            says: "that is what a reader of the resource (the first, or this one) gets",
        },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::<Rulebook>::of(K::ID).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let settings = cluster::settings::<K>(&mut members, args)?;
        let config = settings.build().map_err(|error| members.refused(&error))?;
        let is_comparison = !config.others.is_empty();
        let invariants = if is_comparison { promised_invariants(&config) } else { invariants() };
        Ok(ClusterSpec { nodes: members.nodes, config, invariants })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Lock>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "try-lock" => Command::Try,
            "lock" => Command::Acquire,
            "act" => Command::Act,
            "write" => {
                let value = Value::from(args.text("a value")?);
                match args.node_if_any(names)? {
                    Some(resource) => Command::WriteTo { resource, value },
                    None => Command::Write { value },
                }
            }
            "commit" => Command::Commit,
            _ => Command::Release,
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(match name {
            "value" => Box::new(Written(unless_none(args.text("a value")?), args.node_if_any(names)?)),
            _ => Box::new(Holder::read(name, args, names)?),
        })
    }
}
