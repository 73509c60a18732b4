//! Liars: nodes that take the honest step, and send something else.

use quorate_protocol::{Effect, Machine, NodeId, Outbox};

/// An empty outbox for the honest step inside that of a liar, with sentences if `out` keeps them.
pub(crate) fn inner<M: Machine>(out: &Outbox<M>) -> Outbox<M> {
    if out.explains() { Outbox::explaining() } else { Outbox::new() }
}

/// Copies an honest step, except for its messages to other nodes, which it returns.
pub(crate) fn all_but_sends<M: Machine>(honest: &Outbox<M>, out: &mut Outbox<M>) -> Vec<(NodeId, M::Message)> {
    let mut sends = Vec::new();
    for reason in honest.reasons() {
        let mut because = out.because(reason.rule);
        because.why(format_args!("{}", reason.why));
        for effect in reason.effects {
            match effect {
                Effect::Send { to, message } => sends.push((*to, message.clone())),
                Effect::Persist(record) => _ = because.persist(record.clone()),
                Effect::Arm { timer, after } => _ = because.arm(timer.clone(), *after),
                Effect::Disarm(timer) => _ = because.disarm(timer.clone()),
                Effect::Emit(fact) => _ = because.emit(fact.clone()),
                Effect::Reply { ticket, reply } => _ = because.reply(*ticket, reply.clone()),
            }
        }
    }
    sends
}
