//! The outbox: a machine's effects and their reasons.

use std::fmt::{self, Write};

use crate::{Delay, Effect, Machine, NodeId, RequestId};

/// The effects of one step, each under the rule that caused it.
///
/// There is no way to send without a reason: [`because`](Self::because) returns the handle that
/// sends. A driver keeps one outbox and [clears](Self::clear) it between steps, so that a step
/// allocates nothing once the outbox has grown to the size of the largest step. Sentences are
/// formatted only [on request](Self::explaining).
#[derive(Clone, Debug)]
pub struct Outbox<M: Machine> {
    effects: Vec<Effect<M>>,
    reasons: Vec<RuleSpan<M>>,
    sentences: String,
    explaining: bool,
}

/// A cited rule: the offsets of its sentence and of its effects, which end where the next rule's
/// begin.
#[derive(Clone, Debug)]
struct RuleSpan<M: Machine> {
    rule: M::Rule,
    sentence: usize,
    effects: usize,
}

/// A rule cited in a step, with its effects.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a, M: Machine> {
    /// The rule.
    pub rule: M::Rule,
    /// The sentence with the current values; empty if there is none, or if the outbox was not
    /// [explaining](Outbox::explaining).
    pub why: &'a str,
    /// Its effects, in order. Empty for a refusal that needs no answer.
    pub effects: &'a [Effect<M>],
}

impl<M: Machine> Outbox<M> {
    /// An empty outbox that discards the sentences, for drivers that record nothing.
    pub const fn new() -> Self {
        Outbox { effects: Vec::new(), reasons: Vec::new(), sentences: String::new(), explaining: false }
    }

    /// An empty outbox that keeps the sentences of [`Because::why`].
    pub const fn explaining() -> Self {
        Outbox { effects: Vec::new(), reasons: Vec::new(), sentences: String::new(), explaining: true }
    }

    /// Whether the sentences are kept. A machine that contains another passes this on to the outbox
    /// of the inner one.
    pub const fn explains(&self) -> bool {
        self.explaining
    }

    /// Cites a rule, of the machine or of a group in its [rules](crate::rules). Effects added
    /// through the handle have this rule as their reason.
    pub fn because(&mut self, rule: impl Into<M::Rule>) -> Because<'_, M> {
        let heading = RuleSpan { rule: rule.into(), sentence: self.sentences.len(), effects: self.effects.len() };
        self.reasons.push(heading);
        Because { out: self }
    }

    /// Empties the outbox and keeps its capacity.
    pub fn clear(&mut self) {
        self.effects.clear();
        self.reasons.clear();
        self.sentences.clear();
    }

    /// Whether no rule has been cited: a boot without effects, or an incorrect step.
    pub fn is_silent(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The cited rules, in order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = M::Rule> + '_ {
        self.reasons.iter().map(|heading| heading.rule)
    }

    /// The cited rules, each with its sentence and its effects, in order.
    pub fn reasons(&self) -> impl ExactSizeIterator<Item = Reason<'_, M>> + '_ {
        self.reasons.iter().enumerate().map(|(index, heading)| {
            let next = self.reasons.get(index + 1);
            let sentences_end = next.map_or(self.sentences.len(), |next| next.sentence);
            let effects_end = next.map_or(self.effects.len(), |next| next.effects);
            Reason {
                rule: heading.rule,
                why: &self.sentences[heading.sentence..sentences_end],
                effects: &self.effects[heading.effects..effects_end],
            }
        })
    }

    /// All effects in order, without their reasons.
    pub fn effects(&self) -> &[Effect<M>] {
        &self.effects
    }

    /// The facts of this step, in order.
    pub fn facts(&self) -> impl Iterator<Item = &M::Fact> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Emit(fact) => Some(fact),
            _ => None,
        })
    }

    /// The durable writes of this step, in order.
    pub fn records(&self) -> impl Iterator<Item = &M::Record> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Persist(record) => Some(record),
            _ => None,
        })
    }

    /// Hands the effects over to the driver, in order, and keeps the capacity. Effects that the
    /// driver does not take are discarded.
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = Effect<M>> + '_ {
        self.reasons.clear();
        self.sentences.clear();
        self.effects.drain(..)
    }
}

impl<M: Machine> Default for Outbox<M> {
    fn default() -> Self {
        Self::new()
    }
}

/// Handle of a cited rule that adds effects. Its methods chain.
#[derive(Debug)]
pub struct Because<'a, M: Machine> {
    out: &'a mut Outbox<M>,
}

impl<M: Machine> Because<'_, M> {
    /// Adds a sentence with the current values, as `format_args!("{asked} is above {promised}")`.
    /// It is formatted only if the run is recorded, and nothing is allocated for it.
    pub fn why(&mut self, sentence: fmt::Arguments<'_>) -> &mut Self {
        if self.out.explaining {
            self.out.sentences.write_fmt(sentence).expect("writing to a String does not fail");
        }
        self
    }

    /// Sends a message to a node, perhaps this one.
    pub fn send(&mut self, to: NodeId, message: M::Message) -> &mut Self {
        self.effect(Effect::Send { to, message })
    }

    /// Makes a write durable before any other effect of this step leaves the node.
    pub fn persist(&mut self, record: M::Record) -> &mut Self {
        self.effect(Effect::Persist(record))
    }

    /// Starts or restarts a timer, for a [`Duration`](crate::Duration) or a range of them that the
    /// driver draws from.
    pub fn arm(&mut self, timer: M::Timer, after: impl Into<Delay>) -> &mut Self {
        self.effect(Effect::Arm { timer, after: after.into() })
    }

    /// Stops a timer, if it is running.
    pub fn disarm(&mut self, timer: M::Timer) -> &mut Self {
        self.effect(Effect::Disarm(timer))
    }

    /// Reports a fact to observers.
    pub fn emit(&mut self, fact: M::Fact) -> &mut Self {
        self.effect(Effect::Emit(fact))
    }

    /// Like [`emit`](Self::emit), but constructs the fact in place instead of moving it: for
    /// frequent facts.
    pub fn emit_with(&mut self, fact: impl FnOnce() -> M::Fact) -> &mut Self {
        self.out.effects.extend(std::iter::once_with(|| Effect::Emit(fact())));
        self
    }

    /// Answers a client.
    pub fn reply(&mut self, ticket: RequestId, reply: M::Reply) -> &mut Self {
        self.effect(Effect::Reply { ticket, reply })
    }

    fn effect(&mut self, effect: Effect<M>) -> &mut Self {
        self.out.effects.push(effect);
        self
    }
}
