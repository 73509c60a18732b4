//! TrueTime in scenarios: `cluster true-time masters=M1,M2,M3 servers=A,B`, `commit A`,
//! `expect error A 2ms`.

use quorate_bugs::time::true_time::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::{World, duration};
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::Drift;
use quorate_time::true_time::{Command, Rulebook, Safety, Settings, TrueTime, safety};

use crate::protocols::TrueTimeTarget;
use crate::protocols::lease::cluster::{Members, drift_ppm};

impl Protocol for TrueTimeTarget {
    type Machine = TrueTime;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster true-time masters=M1,M2,M3 servers=A,B [faulty=1] [master-error=1ms] [drift=200ppm] \
               [poll=30s] [max-error=10ms] [rules=no-wait]",
        says: "TrueTime: readings that know their error, and commits that wait it out (Corbett 2012)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "now NODE [client=c1]", says: "a client asks a server for the time" },
        Usage { form: "commit NODE [client=c1]", says: "a client commits a transaction at a server" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "error NODE SPAN|none",
            says: "the server's reading has at most this error, and more than half of it; or it has no reading",
        },
        Usage { form: "waits NODE COUNT", says: "so many transactions wait there for their stamps to pass" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let masters = members.needed(args, "masters", "the time masters")?;
        let servers = members.needed(args, "servers", "the servers")?;
        if let Some(both) = servers.iter().find(|server| masters.contains(server)) {
            return Err(members.refused(&format_args!("{both} is a master and a server; give each node one role")));
        }
        let mut settings = Settings::new(masters);
        if let Some(faulty) = args.parsed("faulty")? {
            settings.faulty = faulty;
        }
        if let Some(ppm) = drift_ppm(args)? {
            settings.drift = Drift::ppm(ppm).map_err(ScriptProblem::bad)?;
        }
        for (key, span) in [
            ("master-error", &mut settings.master_error),
            ("poll", &mut settings.poll),
            ("max-error", &mut settings.max_error),
        ] {
            if let Some(given) = args.span(key)? {
                *span = given;
            }
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: safety(args.start()) })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<TrueTime>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = if name == "now" { Command::Now } else { Command::Commit };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        if name == "waits" {
            let text = args.need("a number of transactions")?;
            let refused = || ScriptProblem::bad(format_args!("'{text}' is not a number of transactions, such as 1"));
            return Ok(Box::new(Waits { node, count: text.parse().map_err(|_| refused())? }));
        }
        let text = args.need("an error, or none")?;
        let most = match text {
            "none" => None,
            span => Some(duration(span).map_err(ScriptProblem::bad)?),
        };
        Ok(Box::new(Error { node, most }))
    }
}

/// Assertion on the error of a server's reading.
struct Error {
    node: NodeId,
    most: Option<Duration>,
}

impl Assertion<TrueTime, Safety> for Error {
    fn says(&self) -> String {
        match self.most {
            Some(most) => format!("{} to have an error of {most:?} at most, and more than half of it", self.node),
            None => format!("{} to have no reading", self.node),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<TrueTime>) {}

    fn holds(&self, world: &World<TrueTime, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let error = machine.reading(&world.context(self.node)).map(|reading| reading.error());
        match (error, self.most) {
            (None, None) => Ok(()),
            (Some(error), Some(most)) if error <= most && error > most / 2 => Ok(()),
            (None, Some(_)) => Err("it has no reading".to_owned()),
            (Some(error), _) => Err(format!("it has an error of {error:?}")),
        }
    }
}

/// Assertion on the number of transactions that wait at a server.
struct Waits {
    node: NodeId,
    count: usize,
}

impl Assertion<TrueTime, Safety> for Waits {
    fn says(&self) -> String {
        format!("{} transactions to wait at {}", self.count, self.node)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<TrueTime>) {}

    fn holds(&self, world: &World<TrueTime, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let found = machine.pending();
        if found == self.count { Ok(()) } else { Err(format!("{found} wait")) }
    }
}
