//! Events for [`tracing`]: what a machine does, for programs that embed it and people who set `RUST_LOG`.
//!
//! The simulator and the threads tell every step, each protocol under a target of its own: `quorate::raft`, `quorate::paxos`,
//! `quorate::lease`, and `quorate::machine` for all others. What has become true is told at `INFO`, each rule with its sentence at
//! `DEBUG`, each message and write at `TRACE`. The fields are `node`, `rule`, `message` (what is said, in words), `to`, and `term` or
//! `ballot` where the message, the record, the fact or the state has one.
//!
//! Whoever listens to none of it pays one comparison per step.

use quorate_protocol::{Context, Effect, Machine, NodeId, Outbox, Rule};
use serde_json::Value;
use tracing::Level;

use crate::env::Survival;
use crate::trace::{Said, json, said, words};

/// Under which target a protocol is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    Paxos,
    Raft,
    Lease,
    Machine,
}

/// One event. The target and the level of an event must be constants, so each combination is written out by this.
macro_rules! tell {
    ($target:expr, $level:ident, $($fields:tt)*) => {
        match $target {
            Target::Paxos => tracing::event!(target: "quorate::paxos", Level::$level, $($fields)*),
            Target::Raft => tracing::event!(target: "quorate::raft", Level::$level, $($fields)*),
            Target::Lease => tracing::event!(target: "quorate::lease", Level::$level, $($fields)*),
            Target::Machine => tracing::event!(target: "quorate::machine", Level::$level, $($fields)*),
        }
    };
}

macro_rules! listens {
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
    /// The target of a machine, by its family.
    pub(crate) fn of<M: Machine>() -> Self {
        match M::FAMILY {
            "paxos" => Target::Paxos,
            "raft" => Target::Raft,
            "lease" => Target::Lease,
            _ => Target::Machine,
        }
    }

    /// Whether anybody listens, at any level.
    #[inline]
    pub(crate) fn is_heard(self) -> bool {
        tracing::level_filters::LevelFilter::current() >= Level::INFO && listens!(self, INFO)
    }

    /// Tells a step or a boot, as far as it happens. The outbox still holds what the machine said.
    pub(crate) fn step<M: Machine>(self, cx: &Context<M>, machine: &M, out: &Outbox<M>, mut survival: Survival) {
        self.step_later(cx.me, self.state(cx, machine).as_ref(), out, &mut survival);
    }

    /// What of a machine's state is told with its rules, if anybody listens to these.
    pub(crate) fn state<M: Machine>(self, cx: &Context<M>, machine: &M) -> Option<Value> {
        listens!(self, DEBUG).then(|| json(&machine.view(cx)))
    }

    /// The same for a step whose machine has gone on since, with the state that it was in. What is told is taken from what happens.
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
                let why = if reason.why.is_empty() { reason.rule.says() } else { reason.why };
                let cite = reason.rule.cite();
                tell!(self, DEBUG, %node, rule, cite, term, ballot, "{why}");
            }
            for effect in reason.effects.iter().filter(|effect| survival.lets(node, effect)) {
                self.effect(node, rule, effect);
            }
        }
    }

    fn effect<M: Machine>(self, node: NodeId, rule: &str, effect: &Effect<M>) {
        match effect {
            Effect::Learn(fact) => {
                let (spoken, Epoch { term, ballot }) = spoken(said(fact, "Fact"));
                tell!(self, INFO, %node, rule, term, ballot, "{spoken}");
            }
            Effect::Send { to, message } if listens!(self, TRACE) => {
                let (spoken, Epoch { term, ballot }) = spoken(said(message, "Message"));
                tell!(self, TRACE, %node, rule, %to, term, ballot, "{spoken}");
            }
            Effect::Persist(record) if listens!(self, TRACE) => {
                let (spoken, Epoch { term, ballot }) = spoken(said(record, "Record"));
                tell!(self, TRACE, %node, rule, term, ballot, "persists {spoken}");
            }
            Effect::Reply { ticket, reply } if listens!(self, TRACE) => {
                let (spoken, _) = spoken(said(reply, "Reply"));
                tell!(self, TRACE, %node, rule, %ticket, "answers {spoken}");
            }
            _ => {}
        }
    }
}

/// The logical time that something belongs to, if it says so.
struct Epoch {
    term: Option<u64>,
    ballot: Option<String>,
}

impl Epoch {
    fn of(body: &Value) -> Self {
        let ballot = body.get("ballot").or_else(|| body.get("promised")).filter(|ballot| !ballot.is_null());
        Epoch { term: body.get("term").and_then(Value::as_u64), ballot: ballot.map(words) }
    }
}

fn spoken(Said { name, body }: Said) -> (String, Epoch) {
    let epoch = Epoch::of(&body);
    let body = words(&body);
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
        let body = serde_json::json!({"term": 3, "ballot": "2.A"});
        let Epoch { term, ballot } = Epoch::of(&body);
        assert_eq!((term, ballot.as_deref()), (Some(3), Some("2.A")));
        let Epoch { term, ballot } = Epoch::of(&serde_json::json!({"promised": null}));
        assert_eq!((term, ballot), (None, None));
    }
}
