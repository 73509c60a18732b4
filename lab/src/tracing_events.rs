//! Events for [`tracing`]: the steps of machines, for programs that embed them and users who set
//! `RUST_LOG`.
//!
//! The simulator and the threads emit every step, each protocol family under a target of its own:
//! `quorate::raft`, `quorate::paxos`, `quorate::lease`, and `quorate::machine` for all others.
//! Facts are at `INFO`, each rule with its reason at `DEBUG`, each message, write and reply at
//! `TRACE`. The fields are `node`, `rule`, `message` (the content, in words), `to`, and `term` or
//! `ballot` where the message, the record, the fact or the state has one.
//!
//! Without a subscriber the cost is one comparison per step.

use quorate_protocol::{Context, Effect, Machine, NodeId, Outbox, Rule};
use tracing::Level;

use crate::env::Survival;
use crate::trace::{Payload, Value, humanize, json, payload};

/// Target of a protocol's events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    Paxos,
    Raft,
    Lease,
    Machine,
}

/// Emits one event. Its target and level must be constants, so the macro expands every combination.
macro_rules! emit {
    ($target:expr, $level:ident, $($fields:tt)*) => {
        match $target {
            Target::Paxos => tracing::event!(target: "quorate::paxos", Level::$level, $($fields)*),
            Target::Raft => tracing::event!(target: "quorate::raft", Level::$level, $($fields)*),
            Target::Lease => tracing::event!(target: "quorate::lease", Level::$level, $($fields)*),
            Target::Machine => tracing::event!(target: "quorate::machine", Level::$level, $($fields)*),
        }
    };
}

macro_rules! enabled {
    ($target:expr, $level:ident) => {
        match $target {
            Target::Paxos => tracing::enabled!(target: "quorate::paxos", Level::$level),
            Target::Raft => tracing::enabled!(target: "quorate::raft", Level::$level),
            Target::Lease => tracing::enabled!(target: "quorate::lease", Level::$level),
            Target::Machine => tracing::enabled!(target: "quorate::machine", Level::$level),
        }
    };
}

impl Target {
    /// Returns the target of a machine's family.
    pub(crate) fn of<M: Machine>() -> Self {
        match M::FAMILY {
            "paxos" => Target::Paxos,
            "raft" => Target::Raft,
            "lease" => Target::Lease,
            _ => Target::Machine,
        }
    }

    /// Whether there is a subscriber, at any level.
    #[inline]
    pub(crate) fn is_enabled(self) -> bool {
        tracing::level_filters::LevelFilter::current() >= Level::INFO && enabled!(self, INFO)
    }

    /// Emits the events of a step or boot; a crash may cut it short. The outbox must still hold the
    /// machine's effects.
    pub(crate) fn step<M: Machine>(self, cx: &Context<M>, machine: &M, out: &Outbox<M>, mut survival: Survival) {
        self.step_later(cx.me, self.state(cx, machine).as_ref(), out, &mut survival);
    }

    /// Returns the state for the events of rules, if there is a subscriber for these.
    pub(crate) fn state<M: Machine>(self, cx: &Context<M>, machine: &M) -> Option<Value> {
        enabled!(self, DEBUG).then(|| json(&machine.view(cx)))
    }

    /// The same for a step whose machine has changed since, with the state as it was then. Effects
    /// are consumed from `survival` as they happen.
    pub(crate) fn step_later<M: Machine>(
        self,
        node: NodeId,
        state: Option<&Value>,
        out: &Outbox<M>,
        survival: &mut Survival,
    ) {
        for reason in out.reasons() {
            let rule = reason.rule.id();
            if let Some(state) = state {
                let Epoch { term, ballot } = Epoch::of(state);
                let why = if reason.why.is_empty() { reason.rule.summary() } else { reason.why };
                let cite = reason.rule.cite();
                emit!(self, DEBUG, %node, rule, cite, term, ballot, "{why}");
            }
            for effect in reason.effects.iter().filter(|effect| survival.lets(node, effect)) {
                self.effect(node, rule, effect);
            }
        }
    }

    fn effect<M: Machine>(self, node: NodeId, rule: &str, effect: &Effect<M>) {
        match effect {
            Effect::Emit(fact) => {
                let (spoken, Epoch { term, ballot }) = spoken(payload(fact, "Fact"));
                emit!(self, INFO, %node, rule, term, ballot, "{spoken}");
            }
            Effect::Send { to, message } if enabled!(self, TRACE) => {
                let (spoken, Epoch { term, ballot }) = spoken(payload(message, "Message"));
                emit!(self, TRACE, %node, rule, %to, term, ballot, "{spoken}");
            }
            Effect::Persist(record) if enabled!(self, TRACE) => {
                let (spoken, Epoch { term, ballot }) = spoken(payload(record, "Record"));
                emit!(self, TRACE, %node, rule, term, ballot, "persists {spoken}");
            }
            Effect::Reply { ticket, reply } if enabled!(self, TRACE) => {
                let (spoken, _) = spoken(payload(reply, "Reply"));
                emit!(self, TRACE, %node, rule, %ticket, "answers {spoken}");
            }
            _ => {}
        }
    }
}

/// The term or ballot of a message, record, fact or state, if it has one.
struct Epoch {
    term: Option<u64>,
    ballot: Option<String>,
}

impl Epoch {
    fn of(body: &Value) -> Self {
        let ballot = body.get("ballot").or_else(|| body.get("promised")).filter(|ballot| !ballot.is_null());
        Epoch { term: body.get("term").and_then(Value::as_u64), ballot: ballot.map(humanize) }
    }
}

fn spoken(Payload { name, body }: Payload) -> (String, Epoch) {
    let epoch = Epoch::of(&body);
    let body = humanize(&body);
    let spoken = if body.is_empty() { name } else { format!("{name}: {body}") };
    (spoken, epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_told_under_the_target_of_their_family() {
        type Plain = quorate_raft::Raft<quorate_raft::Counter>;
        assert_eq!(Target::of::<quorate_paxos::Paxos>(), Target::Paxos);
        assert_eq!(Target::of::<quorate_paxos::multi::MultiPaxos>(), Target::Paxos);
        assert_eq!(Target::of::<Plain>(), Target::Raft);
        assert_eq!(Target::of::<quorate_lease::Lease>(), Target::Lease);
        assert_eq!(Target::of::<quorate_lease::cache::Cache>(), Target::Lease);
    }

    #[test]
    fn terms_and_ballots_are_found_where_they_are() {
        let body = serde_json::json!({"term": 3, "ballot": "2.A"}).into();
        let Epoch { term, ballot } = Epoch::of(&body);
        assert_eq!((term, ballot.as_deref()), (Some(3), Some("2.A")));
        let Epoch { term, ballot } = Epoch::of(&serde_json::json!({"promised": null}).into());
        assert_eq!((term, ballot), (None, None));
    }
}
