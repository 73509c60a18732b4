//! Two-phase commit in scenarios: `cluster two-phase coordinator=T participants=order,stock`,
//! `transact T order.order-1+1 stock.apples-3`, `expect amount stock apples 7`.

use quorate_bugs::transactions::two_phase::NamedRulebook;
use quorate_lab::script::{Args, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_protocol::Names;
use quorate_transactions::two_phase::{Rulebook, Safety, Settings, TwoPhase};

use super::rows;
use crate::protocols::TwoPhaseTarget;
use crate::protocols::lease::cluster::{Members, choice};

impl Protocol for TwoPhaseTarget {
    type Machine = TwoPhase;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster two-phase coordinator=T participants=order,stock [opening=10] [vote-timeout=100ms] \
               [retry=50ms] [ask-others=off|on] [rules=presumes-commit]",
        says: "Two-phase commit: all participants of a transaction commit it, or none does (Gray 1978; BHG 1987, ch. 7)",
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
        if let Some(span) = args.span("vote-timeout")? {
            settings.vote_timeout = span;
        }
        if let Some(span) = args.span("retry")? {
            settings.retry = span;
        }
        settings.ask_others = choice(args, "ask-others", [("off", false), ("on", true)])?;
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<TwoPhase>, ScriptProblem> {
        rows::request(args, names)
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        rows::assertion(name, args, names)
    }
}
