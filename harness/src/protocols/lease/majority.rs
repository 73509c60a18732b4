//! Majority leases in scenarios: `cluster lease-majority nodes=3 term=10s`, `act n1`,
//! `expect primary n1`.

use quorate_bugs::ProtocolId;
use quorate_bugs::lease::NamedRulebook;
use quorate_lab::script::{Args, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::majority::{Command, MajorityLease, Settings};
use quorate_lease::{LeaseId, Rulebook};
use quorate_protocol::Names;

use super::cluster::{Members, terms};
use super::primary::Primary;
use crate::protocols::LeaseMajorityTarget;

impl Protocol for LeaseMajorityTarget {
    type Machine = MajorityLease;
    type Invariants = AtMostOnePrimary<LeaseId>;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster lease-majority nodes=3 | proposers=A,B acceptors=X,Y,Z term=10s [holder-term=9s] [renew=3s] \
               [drift=200ppm] [act-every=1s] [rules=release-ignores-ballot]",
        says: "Majority leases: a majority grants, without a disk (PaxosLease 2012)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "act NODE [client=c1]", says: "a client asks the node to act as primary" },
        Usage { form: "give-back NODE [client=c1]", says: "the node releases the lease" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "primary [NODE]", says: "exactly one node (this one) would act as primary if asked now" },
        Usage { form: "no-primary", says: "no node would act as primary if asked now" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::of(ProtocolId::MajorityLease).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let all = members.role(args, "nodes")?;
        let (proposers, acceptors) = if all.is_empty() {
            (
                members.needed(args, "proposers", "the list of proposers")?,
                members.needed(args, "acceptors", "the list of acceptors")?,
            )
        } else {
            (all.clone(), all)
        };
        let settings = Settings { acceptors, proposers, terms: terms(args)?, act_every: args.span("act-every")? };
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: AtMostOnePrimary::default() })
    }

    fn request(
        name: &str,
        args: &mut Args<'_>,
        names: &Names,
    ) -> Result<ScenarioRequest<MajorityLease>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = if name == "act" { Command::Act } else { Command::Release };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(Box::new(Primary::read(name, args, names)?))
    }
}
