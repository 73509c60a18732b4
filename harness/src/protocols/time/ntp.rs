//! NTP in scenarios: `cluster ntp sources=S1,S2,S3 hosts=A,B`, `time A`, `expect off A 2ms`.

use quorate_bugs::time::ntp::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::{World, duration};
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::Drift;
use quorate_time::ntp::{Command, Ntp, Offset, Rulebook, Safety, Settings, safety};

use crate::protocols::NtpTarget;
use crate::protocols::lease::cluster::{Members, drift_ppm};

impl Protocol for NtpTarget {
    type Machine = Ntp;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster ntp sources=S1,S2,S3 hosts=A,B [stratum=1] [source-error=1ms] [drift=15ppm] [poll=64s] \
               [max-poll=1024s] [step=128ms] [stepout=900s] [panic=1000s] [panic-at-boot=1000s] [max-error=16s] \
               [alarm=1s] [rules=negative-duration]",
        says: "NTP: wall clocks that follow time servers, slewed or stepped (RFC 5905)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "time NODE [client=c1]", says: "a client asks a host for the time" },
        Usage { form: "start NODE [client=c1]", says: "a host begins to measure a duration for a client" },
        Usage { form: "elapsed NODE [client=c1]", says: "a client asks for the duration since then" },
        Usage { form: "wait NODE SPAN [client=c1]", says: "a client waits at a host for that span" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "off NODE SPAN",
            says: "the host's clock differs from the true time by at most this, and by more than half of it; or, for 0ms, not at all",
        },
        Usage {
            form: "error NODE SPAN|none",
            says: "the host states at most this error, and more than half of it; or it knows none",
        },
        Usage { form: "synchronised NODE", says: "the host counts itself synchronised" },
        Usage { form: "unsynchronised NODE", says: "the host does not count itself synchronised" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let sources = members.needed(args, "sources", "the time servers")?;
        let hosts = members.needed(args, "hosts", "the hosts")?;
        if let Some((_, twice)) = hosts.iter().enumerate().find(|(place, host)| hosts[..*place].contains(host)) {
            return Err(members.refused(&format_args!("{twice} is named twice: give each host one place")));
        }
        if let Some(both) = hosts.iter().find(|host| sources.contains(host)) {
            return Err(members.refused(&format_args!("{both} is a source and a host; give each node one role")));
        }
        let mut settings = Settings::new(sources);
        if let Some(stratum) = args.parsed("stratum")? {
            settings.stratum = stratum;
        }
        if let Some(ppm) = drift_ppm(args)? {
            settings.drift = Drift::ppm(ppm).map_err(ScriptProblem::bad)?;
        }
        let thresholds = &mut settings.thresholds;
        let spans = [
            ("source-error", &mut settings.source_error),
            ("poll", &mut settings.poll),
            ("max-poll", &mut settings.max_poll),
            ("step", &mut thresholds.step),
            ("stepout", &mut thresholds.stepout),
            ("panic", &mut thresholds.panic),
            ("panic-at-boot", &mut thresholds.panic_at_boot),
            ("max-error", &mut settings.max_error),
        ];
        for (key, span) in spans {
            if let Some(given) = args.span(key)? {
                *span = given;
            }
        }
        settings.alarm = args.span("alarm")?;
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: safety(args.start()) })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Ntp>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "time" => Command::Time,
            "start" => Command::Start,
            "elapsed" => Command::Elapsed,
            _ => Command::Wait { span: Offset::from(spoken(args.need("a span")?)?) },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let expected = match name {
            "off" => Expected::Off(spoken(args.need("a span")?)?),
            "error" => match args.need("an error, or none")? {
                "none" => Expected::Error(None),
                span => Expected::Error(Some(spoken(span)?)),
            },
            name => Expected::Synchronised(name == "synchronised"),
        };
        Ok(Box::new(Has { node, expected }))
    }
}

fn spoken(text: &str) -> Result<Duration, ScriptProblem> {
    duration(text).map_err(ScriptProblem::bad)
}

/// Expectation about a host.
enum Expected {
    Off(Duration),
    Error(Option<Duration>),
    Synchronised(bool),
}

/// Assertion on a host.
struct Has {
    node: NodeId,
    expected: Expected,
}

fn is_close(found: Duration, most: Duration) -> bool {
    found <= most && (most.is_zero() || found > most / 2)
}

impl Assertion<Ntp, Safety> for Has {
    fn says(&self) -> String {
        let node = self.node;
        match self.expected {
            Expected::Off(most) => {
                format!("the clock of {node} to be off by {most:?} at most, and more than half of it")
            }
            Expected::Error(Some(most)) => {
                format!("{node} to state an error of {most:?} at most, and more than half of it")
            }
            Expected::Error(None) => format!("{node} to know no error"),
            Expected::Synchronised(true) => format!("{node} to count itself synchronised"),
            Expected::Synchronised(false) => format!("{node} not to count itself synchronised"),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Ntp>) {}

    fn holds(&self, world: &World<Ntp, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let cx = world.context(self.node);
        match self.expected {
            Expected::Off(most) => {
                let Some(time) = machine.time(&cx) else { return Err("it is a source".to_owned()) };
                let off = Offset::between(world.invariants().0.truth(world.now()), time);
                if is_close(off.magnitude(), most) { Ok(()) } else { Err(format!("it is off by {off}")) }
            }
            Expected::Error(expected) => match (machine.error(&cx), expected) {
                (None, None) => Ok(()),
                (Some(error), Some(most)) if is_close(error, most) => Ok(()),
                (None, Some(_)) => Err("it knows none".to_owned()),
                (Some(error), _) => Err(format!("it states {error:?}")),
            },
            Expected::Synchronised(expected) => match machine.is_synchronised(&cx) {
                found if found == expected => Ok(()),
                true => Err("it does".to_owned()),
                false => Err("it does not".to_owned()),
            },
        }
    }
}
