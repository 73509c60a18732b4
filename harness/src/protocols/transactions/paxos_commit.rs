//! Paxos Commit in scenarios: `cluster paxos-commit leaders=T,U participants=order,stock
//! acceptors=X,Y,Z`; requests and assertions are those of two-phase commit.

use quorate_bugs::transactions::paxos_commit::NamedRulebook;
use quorate_lab::script::{Args, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_protocol::Names;
use quorate_transactions::paxos_commit::{PaxosCommit, Rulebook, Safety, Settings};

use super::rows;
use crate::protocols::PaxosCommitTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for PaxosCommitTarget {
    type Machine = PaxosCommit;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster paxos-commit leaders=T,U participants=order,stock acceptors=X,Y,Z [opening=10] \
               [vote-timeout=100ms] [retry=80ms] [rules=free-means-prepared]",
        says: "Paxos Commit: each vote is chosen by acceptors, and any leader can finish (Gray and Lamport 2006)",
    };
    const REQUESTS: &'static [Usage] = rows::REQUESTS;
    const ASSERTIONS: &'static [Usage] = rows::ASSERTIONS;

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let leaders = members.needed(args, "leaders", "who decides")?;
        let participants = members.needed(args, "participants", "who takes part")?;
        let acceptors = members.needed(args, "acceptors", "who remembers the votes")?;
        let mut settings = Settings::new(leaders, participants, acceptors);
        if let Some(opening) = args.parsed("opening")? {
            settings.opening = opening;
        }
        if let Some(span) = args.span("vote-timeout")? {
            settings.vote_timeout = span;
        }
        if let Some(span) = args.span("retry")? {
            settings.retry = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<PaxosCommit>, ScriptProblem> {
        rows::request(args, names)
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        rows::assertion(name, args, names)
    }
}
