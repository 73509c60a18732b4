//! Leases of a single granter in scenarios: `cluster lease granter=Q holders=A,B term=10s`,
//! `act A`, `expect primary A`.

use quorate_bugs::{NamedRulebook, ProtocolId};
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, RulebookOf, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::{Command, FenceCheck, Lease, Recovery, Settings, Value};
use quorate_protocol::{Duration, Names, Variant};

use super::cluster::{Members, choice, terms, watch};
use super::primary::Primary;
use crate::protocols::{LeaseMachine, LeaseOf};

impl<M: LeaseMachine> Protocol for LeaseOf<M> {
    type Machine = M;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster lease granter=Q holders=A,B [resource=S] term=10s [holder-term=9s] [own-term=3s] [renew=3s] \
               [drift=200ppm] [watch=9s|phi|phi8] [recovery=wait-out|from-disk] [lock-delay=1s] [work=10ms] [act-every=1s] \
               [check=newest-seen|ask-granter|granters-seal] [rules=heartbeat-only]",
        says: "Leases: a granter makes one node at a time primary, for a term (Gray and Cheriton 1989)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "act NODE [client=c1]", says: "a client asks the node to act as primary" },
        Usage { form: "work NODE [client=c1]", says: "the same, but the node works for a while before it acts" },
        Usage { form: "write NODE VALUE [client=c1]", says: "the node works, and then writes to the resource" },
        Usage {
            form: "write-shared NODE VALUE [client=c1]",
            says: "the same under the node's own lease; this must fail",
        },
        Usage { form: "serve NODE [client=c1]", says: "a client asks the node to serve under its own lease" },
        Usage {
            form: "give-back NODE [to=B] [client=c1]",
            says: "the node releases the primary lease (in favour of this one)",
        },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "primary [NODE]", says: "exactly one node (this one) would act as primary if asked now" },
        Usage { form: "no-primary", says: "no node would act as primary if asked now" },
        Usage { form: "value VALUE|none", says: "the last value written to the resource" },
    ];

    fn rulebooks() -> Vec<(&'static str, RulebookOf<Self>)> {
        let is_possible = |book: &NamedRulebook<M::Rulebook>| book.bug.is_none_or(|bug| bug.is_of(ProtocolId::Lease));
        let books = quorate_bugs::rulebooks::<M>().into_iter().filter(is_possible);
        books.map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let granter = members.one(args, "granter", "the granter")?;
        let holders = members.needed(args, "holders", "the list of holders")?;
        let resource = members.one_if_any(args, "resource");
        let terms = terms(args)?;
        let usual = Settings::new(granter, holders, terms);
        let settings = Settings {
            resource,
            own_term: args.span("own-term")?.unwrap_or(usual.own_term),
            watch: watch(args, terms.renew_every())?.unwrap_or(usual.watch),
            recovery: choice(args, "recovery", [("wait-out", Recovery::WaitOut), ("from-disk", Recovery::FromDisk)])?,
            lock_delay: args.span("lock-delay")?.unwrap_or(Duration::ZERO),
            work: args.span("work")?.unwrap_or(Duration::ZERO),
            act_every: args.span("act-every")?,
            check: choice(
                args,
                "check",
                [
                    ("newest-seen", FenceCheck::NewestSeen),
                    ("ask-granter", FenceCheck::AskGranter),
                    ("granters-seal", FenceCheck::GrantersSeal),
                ],
            )?,
            ..usual
        };
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: invariants() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<M>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "act" => Command::Act,
            "work" => Command::WorkAndAct,
            "write" => Command::Write { value: Value::from(args.text("a value")?) },
            "write-shared" => Command::WriteShared { value: Value::from(args.text("a value")?) },
            "serve" => Command::Serve,
            _ => Command::Release { successor: args.node_option("to", names)? },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(match name {
            "value" => Box::new(Written(super::unless_none(args.text("a value")?))),
            _ => Box::new(Primary::read(name, args, names)?),
        })
    }
}

/// Assertion on the value of the resource.
struct Written(Option<Value>);

impl<M: Variant<Reference = Lease>> Assertion<M, Safety> for Written {
    fn says(&self) -> String {
        format!("the resource to hold {}", self.0.as_ref().map_or("nothing", Value::as_str))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Safety>) -> Result<(), String> {
        let Some(resource) = world.config().resource else {
            return Err("there is no resource".to_owned());
        };
        let Some(machine) = world.machine(resource) else { return Err(format!("{resource} is down")) };
        match machine.reference().value() {
            value if value == self.0.as_ref() => Ok(()),
            Some(value) => Err(format!("it holds {value}")),
            None => Err("nothing was written to it".to_owned()),
        }
    }
}
