//! Snowflake ids in scenarios: `cluster snowflake registry=R generators=A,B`, `next A`,
//! `expect worker A 0`.

use quorate_bugs::time::snowflake::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Date, Names, NodeId, Time};
use quorate_time::snowflake::{Backwards, Command, Rulebook, Safety, Settings, Snowflake};

use crate::protocols::SnowflakeTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for SnowflakeTarget {
    type Machine = Snowflake;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster snowflake registry=R generators=A,B [worker-bits=10] [sequence-bits=12] [epoch=2010-11-04] \
               [lease=3000] [claim-every=1s] [recycle-after=10s] [reserve=10] [wait-back=5] [clock-error=10ms] \
               [rules=back-is-not-checked]",
        says: "Snowflake: unique ids, roughly in the order of time, without a round trip for each (Twitter 2010)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "next NODE [client=c1]", says: "a client asks a generator for an id" }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "worker NODE NUMBER|none", says: "the generator has the lease of this worker number" },
        Usage { form: "id NODE TICK SEQUENCE", says: "the last id of the generator has this tick and sequence" },
        Usage { form: "waits NODE COUNT", says: "so many requests wait at the generator" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let registry = members.one(args, "registry", "the registry of worker numbers")?;
        let generators = members.needed(args, "generators", "the generators")?;
        if generators.contains(&registry) {
            return Err(ScriptProblem::bad("the registry cannot be a generator, too; give each node one role"));
        }
        let mut settings = Settings { epoch: Time::ZERO, ..Settings::new(registry) };
        let layout = &mut settings.layout;
        for (key, bits) in [("worker-bits", &mut layout.worker_bits), ("sequence-bits", &mut layout.sequence_bits)] {
            if let Some(given) = args.parsed(key)? {
                *bits = given;
            }
        }
        if let Some(Date(epoch)) = args.parsed("epoch")? {
            settings.epoch = epoch;
        }
        for (key, ticks) in [("lease", &mut settings.lease), ("reserve", &mut settings.reserve)] {
            if let Some(given) = args.parsed(key)? {
                *ticks = given;
            }
        }
        for (key, span) in [
            ("claim-every", &mut settings.renew),
            ("recycle-after", &mut settings.recycle_after),
            ("clock-error", &mut settings.clock_error),
        ] {
            if let Some(given) = args.span(key)? {
                *span = given;
            }
        }
        if let Some(ticks) = args.parsed("wait-back")? {
            settings.backwards = if ticks == 0 { Backwards::Refuse } else { Backwards::Wait { ticks } };
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Snowflake>, ScriptProblem> {
        Ok(ScenarioRequest { to: Some(args.node(names)?), command: Command::Next })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let expected = match name {
            "worker" => match args.need("a worker number, or none")? {
                "none" => Expected::Worker(None),
                text => Expected::Worker(Some(number(text)?)),
            },
            "id" => Expected::Id(number(args.need("a tick")?)?, number(args.need("a sequence")?)?),
            _ => Expected::Waiting(number(args.need("a number of requests")?)?),
        };
        Ok(Box::new(Has { node, expected }))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not a number that fits, such as 3")))
}

/// Expectation about a generator.
enum Expected {
    Worker(Option<u32>),
    Id(u64, u32),
    Waiting(usize),
}

/// Assertion on a generator.
struct Has {
    node: NodeId,
    expected: Expected,
}

impl Assertion<Snowflake, Safety> for Has {
    fn says(&self) -> String {
        let node = self.node;
        match self.expected {
            Expected::Worker(Some(worker)) => format!("{node} to have the worker number {worker}"),
            Expected::Worker(None) => format!("{node} to have no worker number"),
            Expected::Id(tick, sequence) => format!("the last id of {node} to be {sequence} in tick {tick}"),
            Expected::Waiting(count) => format!("{count} requests to wait at {node}"),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Snowflake>) {}

    fn holds(&self, world: &World<Snowflake, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        match self.expected {
            Expected::Worker(expected) => match machine.lease().map(|lease| lease.worker) {
                found if found == expected => Ok(()),
                Some(found) => Err(format!("it has {found}")),
                None => Err("it has none".to_owned()),
            },
            Expected::Id(tick, sequence) => match machine.last() {
                Some(last) if (last.tick, last.sequence) == (tick, sequence) => Ok(()),
                Some(last) => Err(format!("it is {} in tick {}", last.sequence, last.tick)),
                None => Err("it has made none".to_owned()),
            },
            Expected::Waiting(expected) => match machine.pending() {
                found if found == expected => Ok(()),
                found => Err(format!("{found} wait")),
            },
        }
    }
}
