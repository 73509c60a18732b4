//! Majority leases in scenarios: `cluster lease-majority nodes=3 term=10s`, `act n1`,
//! `expect primary n1`.

use quorate_bugs::lease::Book;
use quorate_lab::script::{Asking, Cast, Problem, Protocol, ProtocolClaim, Usage, Words};
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
               [drift=200ppm] [act-every=1s] [rules=no-quarantine]",
        says: "Majority leases: a majority grants, without a disk (PaxosLease 2012)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "act NODE [client=c1]", says: "somebody wants the node to act as primary" },
        Usage { form: "give-back NODE [client=c1]", says: "the node gives the lease back" },
    ];
    const CLAIMS: &'static [Usage] = &[
        Usage { form: "primary [NODE]", says: "one node (this one) would act as primary if asked now, and no other" },
        Usage { form: "no-primary", says: "no node would act as primary if asked now" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        Book::BROKEN.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cast(words: &mut Words<'_>) -> Result<Cast<Self>, Problem> {
        let mut members = Members::default();
        let all = members.role(words, "nodes")?;
        let (proposers, acceptors) = if all.is_empty() {
            (
                members.needed(words, "proposers", "who wants the lease")?,
                members.needed(words, "acceptors", "who grants the lease")?,
            )
        } else {
            (all.clone(), all)
        };
        let settings = Settings { acceptors, proposers, terms: terms(words)?, act_every: words.span("act-every")? };
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(Cast { nodes: members.nodes, config, invariants: AtMostOnePrimary::default() })
    }

    fn request(name: &str, words: &mut Words<'_>, names: &Names) -> Result<Asking<MajorityLease>, Problem> {
        let to = Some(words.node(names)?);
        let command = if name == "act" { Command::Act } else { Command::Release };
        Ok(Asking { to, command })
    }

    fn claim(name: &str, words: &mut Words<'_>, names: &Names) -> Result<ProtocolClaim<Self>, Problem> {
        Ok(Box::new(Primary::read(name, words, names)?))
    }
}
