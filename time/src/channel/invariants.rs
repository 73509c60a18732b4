//! Invariants of a channel, checked from outside.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, StepView};

use super::message::{Connection, Fact, Payload, Reply};
use super::node::Channel;

type Step<'a> = StepView<'a, Channel>;
type Checked = Result<(), InvariantViolation>;

/// No segment of a connection is delivered twice.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AtMostOnce(BTreeSet<(Connection, u64)>);

impl Invariant<Channel> for AtMostOnce {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AtMostOnce", "No segment of a connection is delivered twice.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::Delivered { connection, seq, .. } = fact else { continue };
            if !self.0.insert((*connection, *seq)) {
                let detail = format!("segment {seq} of {connection:?} is delivered again");
                return Err(InvariantViolation::new("AtMostOnce", detail));
            }
        }
        Ok(())
    }
}

/// The application's part of a connection is a prefix of what was sent in it: nothing else, nothing
/// left out, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DeliveredIsPrefix {
    sent: BTreeMap<(Connection, u64), Payload>,
    delivered: BTreeMap<Connection, u64>,
}

impl Invariant<Channel> for DeliveredIsPrefix {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "The application's part of a connection is a prefix of what was sent in it.";
        vec![InvariantSummary::new("DeliveredIsPrefix", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            match fact {
                Fact::Sent { connection, seq, payload } => {
                    self.sent.insert((*connection, *seq), payload.clone());
                }
                Fact::Delivered { connection, seq, payload } => {
                    let last = self.delivered.entry(*connection).or_default();
                    let sent = self.sent.get(&(*connection, *seq));
                    if *seq != *last + 1 || sent != Some(payload) {
                        let detail = format!(
                            "'{payload}' is delivered as segment {seq} of {connection:?}, after segment {last}; \
                             {sent:?} was sent"
                        );
                        return Err(InvariantViolation::new("DeliveredIsPrefix", detail));
                    }
                    *last = *seq;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The receiver acknowledges what it holds, without a gap.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AckedIsStored(BTreeMap<Connection, BTreeSet<u64>>);

impl Invariant<Channel> for AckedIsStored {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AckedIsStored", "The receiver acknowledges what it holds, without a gap.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            match fact {
                Fact::Stored { connection, seq } => {
                    self.0.entry(*connection).or_default().insert(*seq);
                }
                Fact::Acked { connection, received } => {
                    let stored = self.0.entry(*connection).or_default();
                    // All up to there: from the last one down, so that a gap shows at once.
                    if let Some(gap) = (1..=*received).rev().find(|seq| !stored.contains(seq)) {
                        let detail = format!("segment {gap} of {connection:?} is acknowledged, and was never stored");
                        return Err(InvariantViolation::new("AckedIsStored", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The receiver holds no more than it has room for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct BufferWithinWindow;

impl Invariant<Channel> for BufferWithinWindow {
    // It looks at one node alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("BufferWithinWindow", "The receiver holds no more than it has room for.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let room = seen.constants.config().room();
        let Some(receiver) = seen.machine().and_then(Channel::receiver) else { return Ok(()) };
        if receiver.held.len() as u64 > room {
            let detail = format!("{} holds {} segments, and has room for {room}", seen.node, receiver.held.len());
            return Err(InvariantViolation::new("BufferWithinWindow", detail));
        }
        Ok(())
    }
}

/// A round trip is measured from segments that were sent once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct UnambiguousSamples;

impl Invariant<Channel> for UnambiguousSamples {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("UnambiguousSamples", "A round trip is measured from segments that were sent once.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::Measured { seq, transmissions, round_trip, .. } = fact else { continue };
            if *transmissions > 1 {
                let detail = format!("segment {seq} was sent {transmissions} times, and {round_trip:?} is measured");
                return Err(InvariantViolation::new("UnambiguousSamples", detail));
            }
        }
        Ok(())
    }
}

/// A client is told that its message is held, or processed, once it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TrueAnswers {
    stored: BTreeSet<(Connection, u64)>,
    delivered: BTreeSet<(Connection, u64)>,
}

impl Invariant<Channel> for TrueAnswers {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "TrueAnswers",
            "A client is told that its message is held, or processed, once it is.",
        )]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            match fact {
                Fact::Stored { connection, seq } => {
                    self.stored.insert((*connection, *seq));
                }
                Fact::Delivered { connection, seq, .. } => {
                    self.delivered.insert((*connection, *seq));
                }
                Fact::Told { connection, seq, reply } => {
                    let is_true = match reply {
                        Reply::Acknowledged => self.stored.contains(&(*connection, *seq)),
                        Reply::Processed => self.delivered.contains(&(*connection, *seq)),
                        Reply::InDoubt | Reply::Overtaken | Reply::NotASender { .. } => true,
                    };
                    if !is_true {
                        let detail = format!("the client of segment {seq} of {connection:?} is told {reply:?}");
                        return Err(InvariantViolation::new("TrueAnswers", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All invariants of a channel.
pub type Safety = (AtMostOnce, DeliveredIsPrefix, AckedIsStored, BufferWithinWindow, UnambiguousSamples, TrueAnswers);
