//! The roles of a node (*Paxos Made Simple* §2.1), as its configuration assigns them.

use quorate_protocol::{Machine, Outbox};

use crate::rules::PaxosRule;

/// Runs the action of a role, or cites that this node does not play it.
pub(crate) fn with_role<T, M: Machine<Rule = PaxosRule>>(
    role: &mut Option<T>,
    name: &str,
    out: &mut Outbox<M>,
    act: impl FnOnce(&mut T, &mut Outbox<M>),
) {
    match role {
        Some(role) => act(role, out),
        None => {
            out.because(PaxosRule::NotMyRole).why(format_args!("this node is not a {name}"));
        }
    }
}
