//! PBFT in scenarios: `cluster pbft replicas=4 proxies=P liars=n1:silent`, `add P 5`, `expect total
//! n2 5`.

use quorate_bugs::byzantine::pbft::NamedRulebook;
use quorate_byzantine::pbft::{Command, Config, Lie, Pbft, Rulebook, Safety, Settings};
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, OwnConfigs, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};

use super::liars::{liars, words};
use crate::protocols::PbftTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for PbftTarget {
    type Machine = Pbft;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster pbft replicas=4 proxies=P [liars=n1:equivocating] [checkpoint-every=4] [window=8] \
               [view-timeout=200ms] [status=50ms] [retry=100ms] [rules=quorum-of-2f]",
        says: "Practical Byzantine Fault Tolerance: one history of requests at 3f+1 replicas of which f may lie \
               (Castro and Liskov 1999)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "add NODE UNITS [client=c1]", says: "a client adds to the account, through a proxy" }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "total NODE UNITS", says: "the replica's account has this amount" },
        Usage { form: "in-view NODE VIEW", says: "the replica is in this view, or waits for it" },
        Usage { form: "stable NODE NUMBER", says: "the replica's last stable checkpoint has this number" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let replicas = members.needed(args, "replicas", "the replicas")?;
        let proxies = members.needed(args, "proxies", "the proxies")?;
        let mut settings = Settings::new(replicas, proxies);
        if let Some(every) = args.parsed("checkpoint-every")? {
            settings.checkpoint_every = every;
        }
        if let Some(window) = args.parsed("window")? {
            settings.window = window;
        }
        for (key, span) in [
            ("view-timeout", &mut settings.view_timeout),
            ("status", &mut settings.status_interval),
            ("retry", &mut settings.retry),
        ] {
            if let Some(given) = args.span(key)? {
                *span = given;
            }
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn own_configs(args: &mut Args<'_>, names: &Names, config: &Config) -> Result<OwnConfigs<Self>, ScriptProblem> {
        let liars = liars(args, names, config, &Lie::ALL)?;
        match liars.iter().find(|(node, _)| !config.replicas.contains(node)) {
            Some((node, _)) => Err(names.scope(|| {
                ScriptProblem::bad(format_args!("liars=: {node} is a proxy, and proxies are honest; name replicas"))
            })),
            None => Ok(liars),
        }
    }

    fn lies(config: &Config, node: NodeId) -> Vec<String> {
        if config.replicas.contains(&node) { words(&Lie::ALL) } else { Vec::new() }
    }

    fn lie(config: &Config) -> Option<String> {
        config.lie().map(|lie| lie.to_string())
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Pbft>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let amount = number(args, "an amount")?;
        Ok(ScenarioRequest { to, command: Command::Add { amount } })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let aspect = match name {
            "total" => Aspect::Total,
            "stable" => Aspect::Stable,
            _ => Aspect::View,
        };
        let expected = number(args, aspect.article())?;
        Ok(Box::new(Has { node, aspect, expected }))
    }
}

/// The next word, which must be a whole number.
fn number(args: &mut Args<'_>, what: &'static str) -> Result<i64, ScriptProblem> {
    let text = args.text(what)?;
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not {what}; use a whole number such as 3")))
}

/// An aspect of a replica that is a number.
#[derive(Clone, Copy)]
enum Aspect {
    Total,
    View,
    Stable,
}

impl Aspect {
    fn article(self) -> &'static str {
        match self {
            Aspect::Total => "an amount",
            Aspect::View => "a view",
            Aspect::Stable => "a number",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Aspect::Total => "total",
            Aspect::View => "view",
            Aspect::Stable => "stable checkpoint",
        }
    }

    /// `None` at a proxy.
    fn of(self, machine: &Pbft) -> Option<i64> {
        let state = machine.state()?;
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Some(match self {
            Aspect::Total => state.total,
            Aspect::View => number(machine.current_view()),
            Aspect::Stable => number(machine.stable()),
        })
    }
}

/// Assertion on an aspect of a replica.
struct Has {
    node: NodeId,
    aspect: Aspect,
    expected: i64,
}

impl Assertion<Pbft, Safety> for Has {
    fn says(&self) -> String {
        format!("the {} of {} to be {}", self.aspect.says(), self.node, self.expected)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Pbft>) {}

    fn holds(&self, world: &World<Pbft, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        match self.aspect.of(machine) {
            None => Err("it is a proxy".to_owned()),
            Some(found) if found == self.expected => Ok(()),
            Some(found) => Err(format!("it is {found}")),
        }
    }
}
