//! Three-phase commit in scenarios: `cluster three-phase coordinator=T participants=order,stock`;
//! requests and assertions are those of two-phase commit.

use quorate_bugs::transactions::three_phase::NamedRulebook;
use quorate_lab::script::{Args, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_protocol::Names;
use quorate_transactions::three_phase::{Rulebook, Settings, ThreePhase};
use quorate_transactions::two_phase::Safety;

use super::rows;
use crate::protocols::ThreePhaseTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for ThreePhaseTarget {
    type Machine = ThreePhase;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster three-phase coordinator=T participants=order,stock [opening=10] [answer-timeout=100ms] \
               [silence=250ms] [retry=50ms] [rules=two-phases-after-all]",
        says: "Three-phase commit: nobody blocks while messages arrive in time (Skeen 1981; BHG 1987, §7.5)",
    };
    const REQUESTS: &'static [Usage] = rows::REQUESTS;
    const ASSERTIONS: &'static [Usage] = rows::ASSERTIONS;

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let coordinator = members.one(args, "coordinator", "who decides")?;
        let participants = members.needed(args, "participants", "who takes part")?;
        let mut settings = Settings::new(coordinator, participants);
        if let Some(opening) = args.parsed("opening")? {
            settings.opening = opening;
        }
        if let Some(span) = args.span("answer-timeout")? {
            settings.answer_timeout = span;
        }
        if let Some(span) = args.span("silence")? {
            settings.silence = span;
        }
        if let Some(span) = args.span("retry")? {
            settings.retry = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<ThreePhase>, ScriptProblem> {
        rows::request(args, names)
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        rows::assertion(name, args, names)
    }
}
