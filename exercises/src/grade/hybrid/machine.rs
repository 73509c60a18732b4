//! Machine for [`hybrid`](super): nodes that stamp what happens to them, and the invariants of
//! their stamps.

use std::collections::{BTreeMap, BTreeSet};

use quorate_answer::hybrid::HybridStamp;
use quorate_protocol::{
    Context, Input, Invariant, InvariantViolation, LocalTime, Machine, Never, NodeId, Outbox, StepView, Time,
};
use serde::{Deserialize, Serialize};

use super::super::network::Opaque;

quorate_protocol::rules! {
    /// Rules of hybrid logical clocks.
    pub(super) enum ClockRule {
        Work: "Kulkarni et al. 2014, Fig. 5", "a local event is stamped by the physical clock and the latest stamp";
        Write: "Kulkarni et al. 2014, Fig. 5", "a message carries the stamp of its sending";
        Read: "Kulkarni et al. 2014, Fig. 5", "an arrival is stamped by the physical clock, the latest stamp and the message's";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Message {
    Letter { number: u64, stamp: HybridStamp },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Command {
    Work,
    Write { to: NodeId },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Reply {
    Noted { stamp: HybridStamp },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Fact {
    Worked { stamp: HybridStamp, physical: Time },
    Wrote { letter: u64, stamp: HybridStamp, physical: Time },
    Read { from: NodeId, letter: u64, stamp: HybridStamp, physical: Time },
}

/// Configuration: the learner's decisions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decisions {
    pub(super) event: Opaque<fn(HybridStamp, Time) -> HybridStamp>,
    pub(super) receive: Opaque<fn(HybridStamp, HybridStamp, Time) -> HybridStamp>,
}

/// Node with a hybrid clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Clocked {
    latest: HybridStamp,
    letters: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct View {
    stamp: HybridStamp,
}

/// Text of a stamp, in nanoseconds.
pub(super) fn shown(stamp: HybridStamp) -> String {
    format!("(l {}, c {})", stamp.l.as_nanos(), stamp.c)
}

impl Machine for Clocked {
    type Config = Decisions;
    type Rulebook = ();
    type Message = Message;
    type Timer = Never;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = ClockRule;
    type Record = Never;
    type Disk = ();
    type Clock = LocalTime;
    type View = View;

    fn boot(_: &Context<Self>, (): &(), _: &mut Outbox<Self>) -> Self {
        Clocked::default()
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let (own, physical) = (self.latest, cx.now.wall);
        let event = || (cx.config.event.0)(own, physical);
        match input {
            Input::Request { ticket, command: Command::Work } => {
                let stamp = event();
                self.latest = stamp;
                out.because(ClockRule::Work)
                    .why(format_args!("it was at {}, its physical clock shows {}", shown(own), physical.as_nanos()))
                    .emit(Fact::Worked { stamp, physical })
                    .reply(ticket, Reply::Noted { stamp });
            }
            Input::Request { ticket, command: Command::Write { to } } => {
                let stamp = event();
                self.latest = stamp;
                self.letters += 1;
                let number = self.letters;
                out.because(ClockRule::Write)
                    .why(format_args!("it was at {}, its physical clock shows {}", shown(own), physical.as_nanos()))
                    .emit(Fact::Wrote { letter: number, stamp, physical })
                    .send(to, Message::Letter { number, stamp })
                    .reply(ticket, Reply::Noted { stamp });
            }
            Input::Deliver { from, message: Message::Letter { number, stamp: carried } } => {
                let stamp = (cx.config.receive.0)(own, carried, physical);
                self.latest = stamp;
                out.because(ClockRule::Read)
                    .why(format_args!(
                        "it was at {}, the message carries {}, its physical clock shows {}",
                        shown(own),
                        shown(carried),
                        physical.as_nanos()
                    ))
                    .emit(Fact::Read { from, letter: number, stamp, physical });
            }
            Input::Fire(never) => match never {},
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { stamp: self.latest }
    }
}

/// An event with all that happened before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Past {
    stamp: HybridStamp,
    /// Largest physical time read by this event, or by one before it.
    highest: Time,
    /// This event and those before it, by their place in [`Stamps::events`].
    events: BTreeSet<usize>,
}

/// Invariants of the stamps: see the table of [`hybrid`](super).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Stamps {
    /// Time of each event, in the order in which they were seen.
    events: Vec<Time>,
    latest: BTreeMap<NodeId, Past>,
    sent: BTreeMap<(NodeId, u64), Past>,
}

impl Stamps {
    /// Whether nothing has happened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Checks an event against those that happened directly before it: the node's latest one, and
    /// the sending of the message that it receives.
    fn add(
        &mut self,
        node: NodeId,
        (stamp, physical): (HybridStamp, Time),
        before: &[(String, Past)],
    ) -> Result<Past, InvariantViolation> {
        if let Some((which, past)) = before.iter().find(|(_, past)| past.stamp >= stamp) {
            let detail = format!("an event at {node} has {}, but {which} has {}", shown(stamp), shown(past.stamp));
            return Err(InvariantViolation::new("ClockCondition", detail));
        }
        let (l, clock) = (stamp.l.as_nanos(), physical.as_nanos());
        if stamp.l < physical {
            let detail = format!("the physical clock of {node} shows {clock}, and the stamp has l {l}");
            return Err(InvariantViolation::new("NotBehind", detail));
        }
        let highest = before.iter().map(|(_, past)| past.highest).fold(physical, Time::max);
        if stamp.l > highest {
            let detail = format!(
                "an event at {node} has l {l}, but of all physical times that it could have heard of the largest \
                 is {}",
                highest.as_nanos()
            );
            return Err(InvariantViolation::new("NotAhead", detail));
        }
        let mut events: BTreeSet<usize> = before.iter().flat_map(|(_, past)| past.events.iter().copied()).collect();
        let earlier = events.iter().map(|event| self.events[*event]);
        // The stamp that a node begins with counts, too: its clock may show zero.
        let ties = earlier.chain([Time::ZERO]).filter(|l| *l == stamp.l).count() as u64;
        if stamp.c > ties {
            let detail = format!(
                "an event at {node} has {}, but only {ties} of the events that happened before it have this l",
                shown(stamp)
            );
            return Err(InvariantViolation::new("CountOfTies", detail));
        }
        events.insert(self.events.len());
        self.events.push(stamp.l);
        Ok(Past { stamp, highest, events })
    }
}

impl Invariant<Clocked> for Stamps {
    fn check(&mut self, seen: &StepView<'_, Clocked>) -> Result<(), InvariantViolation> {
        let node = seen.node;
        for fact in seen.facts() {
            let (Fact::Worked { stamp, physical }
            | Fact::Wrote { stamp, physical, .. }
            | Fact::Read { stamp, physical, .. }) = *fact;
            let own = self.latest.get(&node).cloned();
            let mut before: Vec<_> = own.map(|past| ("the event before it".to_owned(), past)).into_iter().collect();
            if let Fact::Read { from, letter, .. } = *fact {
                let sent = self.sent.get(&(from, letter)).cloned();
                before.extend(sent.map(|past| (format!("the message of {from} that it received"), past)));
            }
            let past = self.add(node, (stamp, physical), &before)?;
            if let Fact::Wrote { letter, .. } = *fact {
                self.sent.insert((node, letter), past.clone());
            }
            self.latest.insert(node, past);
        }
        Ok(())
    }
}
