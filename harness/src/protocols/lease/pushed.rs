//! Pushed leases in scenarios: `cluster lease-pushed issuer=Q holders=A,B term=10s skew=100ms`,
//! `appoint Q B`, `act A`, `expect primary A`.

use quorate_bugs::ProtocolId;
use quorate_bugs::lease::pushed::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::Value;
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::pushed::{Command, Ends, Pushed, Rulebook, Settings};
use quorate_protocol::{Duration, Names};

use super::cluster::{Members, choice};
use super::primary::Primary;
use crate::protocols::LeasePushedTarget;

impl Protocol for LeasePushedTarget {
    type Machine = Pushed;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster lease-pushed issuer=Q holders=A,B [resource=S] term=10s [every=1s] [skew=100ms] \
               [ends=instant|version] [act-every=1s] [rules=period-from-receipt]",
        says: "Pushed leases: an issuer that hears nothing sends leases with a fixed end (Gray and Cheriton 1989)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "appoint NODE HOLDER [client=c1]", says: "a client appoints the next holder, at the issuer" },
        Usage { form: "act NODE [client=c1]", says: "a client asks the node to act as primary" },
        Usage { form: "write NODE VALUE [client=c1]", says: "the node writes to the resource" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "primary [NODE]", says: "exactly one node (this one) would act as primary if asked now" },
        Usage { form: "no-primary", says: "no node would act as primary if asked now" },
        Usage { form: "value VALUE|none", says: "the last value written to the resource" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::of(ProtocolId::PushedLease).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let issuer = members.one(args, "issuer", "the issuer")?;
        let holders = members.needed(args, "holders", "the list of holders")?;
        let resource = members.one_if_any(args, "resource");
        let missing = ScriptProblem::Missing { what: "the term of a lease", usage: args.usage() };
        let usual = Settings::new(issuer, holders, args.span("term")?.ok_or(missing)?);
        let settings = Settings {
            resource,
            every: args.span("every")?.unwrap_or(usual.every),
            skew: args.span("skew")?.unwrap_or(Duration::ZERO),
            ends: choice(args, "ends", [("instant", Ends::Instant), ("version", Ends::Version)])?,
            act_every: args.span("act-every")?,
            ..usual
        };
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: invariants() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Pushed>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "appoint" => Command::Appoint { holder: args.node(names)? },
            "write" => Command::Write { value: Value::from(args.text("a value")?) },
            _ => Command::Act,
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(match name {
            "value" => Box::new(Stored(super::unless_none(args.text("a value")?))),
            _ => Box::new(Primary::read(name, args, names)?),
        })
    }
}

/// Assertion on the value of the resource.
struct Stored(Option<Value>);

impl Assertion<Pushed, Safety> for Stored {
    fn says(&self) -> String {
        format!("the resource to hold {}", self.0.as_ref().map_or("nothing", Value::as_str))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Pushed>) {}

    fn holds(&self, world: &World<Pushed, Safety>) -> Result<(), String> {
        let Some(resource) = world.config().resource else {
            return Err("there is no resource".to_owned());
        };
        let Some(machine) = world.machine(resource) else { return Err(format!("{resource} is down")) };
        match machine.value() {
            value if value == self.0.as_ref() => Ok(()),
            Some(value) => Err(format!("it holds {value}")),
            None => Err("it holds nothing".to_owned()),
        }
    }
}
