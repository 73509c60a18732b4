//! A load balancer in scenarios: `cluster balancer balancer=LB servers=S1,S2,S3`, `ask LB x`,
//! `died OS S1`, `drain S2`, `expect health LB S1 dead`.

use quorate_bugs::balancer::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};
use quorate_time::balancer::{Balancer, Command, Health, Key, Probes, Rulebook, Safety, Settings};

use crate::protocols::BalancerTarget;
use crate::protocols::lease::cluster::{Members, choice};

impl Protocol for BalancerTarget {
    type Machine = Balancer;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    /// Facts of messages that are in the trace themselves.
    const HIDDEN_FACTS: &'static [&'static str] = &["Sent", "Shed", "Told"];
    const CLUSTER: Usage = Usage {
        form: "cluster balancer balancer=LB servers=S1,S2,S3 [reporters=OS,SW] [interval=1s] [misses=3] \
               [work=100ms] [room=16] [probes=queued|aside] [panic=50] [keep=1] [give-up=20] \
               [rules=ejects-them-all]",
        says: "A load balancer that probes its servers, believes reports, and lets servers leave (Envoy; SRE book)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage {
            form: "ask NODE TEXT [client=c1]",
            says: "a client wants something done, once at most in a life of the balancer and of the server",
        },
        Usage { form: "ask-again NODE TEXT [client=c1]", says: "a client wants something done that may be done twice" },
        Usage { form: "died NODE SERVER", says: "the operating system notices that the server's process is gone" },
        Usage { form: "unplugged NODE SERVER", says: "the switch notices that the server's link is down" },
        Usage { form: "drain NODE", says: "the server prepares to be absent, and answers when it may go" },
        Usage { form: "return NODE", says: "the server's absence is over" },
    ];
    const ASSERTIONS: &'static [Usage] = &[Usage {
        form: "health NODE SERVER healthy|dead|down|leaving",
        says: "the balancer sends to the server, takes it for dead, was told that it is down, or lets it leave",
    }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let balancer = members.one(args, "balancer", "the balancer")?;
        let servers = members.needed(args, "servers", "the servers")?;
        let mut settings = Settings::new(balancer, servers);
        settings.reporters = members.role(args, "reporters")?;
        settings.misses = args.parsed("misses")?.unwrap_or(settings.misses);
        settings.room = args.parsed("room")?.unwrap_or(settings.room);
        settings.panic = args.parsed("panic")?.unwrap_or(settings.panic);
        settings.keep = args.parsed("keep")?.unwrap_or(settings.keep);
        settings.give_up = args.parsed("give-up")?.unwrap_or(settings.give_up);
        settings.probes = choice(args, "probes", PROBES)?;
        for (key, span) in [("interval", &mut settings.interval), ("work", &mut settings.work)] {
            if let Some(given) = args.span(key)? {
                *span = given;
            }
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Balancer>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "died" => Command::Died { server: args.node(names)? },
            "unplugged" => Command::Unplugged { server: args.node(names)? },
            "drain" => Command::Drain,
            "return" => Command::Return,
            _ => Command::Ask { key: Key::from(args.text("a request")?), repeatable: name == "ask-again" },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let (node, server) = (args.node(names)?, args.node(names)?);
        let word = args.need("healthy, dead, down or leaving")?;
        let found = HEALTH.iter().find(|(known, _)| *known == word);
        let refused = || ScriptProblem::bad(format_args!("'{word}' is none of healthy, dead, down and leaving"));
        let (word, health) = *found.ok_or_else(refused)?;
        Ok(Box::new(HealthIs { node, server, word, health }))
    }
}

/// The ways in which probes are answered, the usual one first.
pub(super) const PROBES: [(&str, Probes); 2] = [("queued", Probes::Queued), ("aside", Probes::Aside)];

const HEALTH: [(&str, Health); 4] = [
    ("healthy", Health::Healthy),
    ("dead", Health::TakenForDead),
    ("down", Health::ReportedDown),
    ("leaving", Health::Leaving),
];

/// Assertion on a balancer's opinion of a server.
struct HealthIs {
    node: NodeId,
    server: NodeId,
    word: &'static str,
    health: Health,
}

impl Assertion<Balancer, Safety> for HealthIs {
    fn says(&self) -> String {
        format!("{} to count {} as {}", self.node, self.server, self.word)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Balancer>) {}

    fn holds(&self, world: &World<Balancer, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        match machine.health().get(&self.server) {
            None => Err(format!("{} is no balancer with such a server", self.node)),
            Some(health) if *health == self.health => Ok(()),
            Some(health) => Err(format!("it is {health:?}")),
        }
    }
}
