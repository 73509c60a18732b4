//! What can happen: the events of a recording, in the machine's own types.

use quorate_protocol::{Broken, Machine, NodeId, Ticket, Time};

use super::{DropReason, MessageId, Text};

/// What a driver records.
///
/// Within a step the order is: the trigger (deliver, fire or request), then each rule followed by its effects, then
/// the state if it changed. Causes are those of `docs/TRACE.md`: everything in a step is caused by its
/// trigger, an arrival or a loss by the send (or the duplication) of its message, a firing by the arming of its timer.
#[derive(Clone, PartialEq, Debug)]
pub enum Happened<M: Machine> {
    /// The node started, for the first time (incarnation 1) or again.
    Boot {
        /// How often it has started so far.
        incarnation: u32,
        /// Its whole view.
        state: M::View,
    },
    /// The node went down.
    Crash {
        /// How many records were not yet durable and are gone.
        lost: u32,
        /// Whether its whole disk is gone too.
        wiped: bool,
    },
    /// The node stops taking inputs but keeps its memory, as in a long garbage collection.
    Pause,
    /// The node goes on after a pause, not knowing that there was one.
    Resume,
    /// The node's clock has a new rate.
    Drift {
        /// Parts per million that it is fast (or slow, if negative).
        ppm: i32,
    },
    /// The node's wall clock was set.
    Jump {
        /// By so many nanoseconds.
        nanos: i64,
    },
    /// The network fell apart into these groups.
    Partition {
        /// Nodes that still reach each other.
        groups: Vec<Vec<NodeId>>,
    },
    /// The network is whole again.
    Heal,
    /// One direction between two nodes was cut or restored.
    Link {
        /// Where messages come from.
        from: NodeId,
        /// Where they go.
        to: NodeId,
        /// Whether they pass.
        up: bool,
    },
    /// A client sends a request.
    Ask {
        /// The request on its way.
        msg: MessageId,
        /// The node that is asked.
        to: NodeId,
        /// Which request of which client; a retry has the ticket of the first attempt.
        ticket: Ticket,
        /// What is asked for.
        command: M::Command,
    },
    /// A request arrives at the node.
    Request {
        /// The request that was on its way.
        msg: MessageId,
        /// Which request of which client.
        ticket: Ticket,
        /// What is asked for.
        command: M::Command,
    },
    /// The node answers a client.
    Reply {
        /// The answer on its way.
        msg: MessageId,
        /// Which request of which client it answers.
        ticket: Ticket,
        /// The answer.
        reply: M::Reply,
    },
    /// An answer arrives at the client.
    Answer {
        /// The answer that was on its way.
        msg: MessageId,
        /// The node that answered.
        from: NodeId,
        /// Whether the client no longer waits: it had its answer already, or had given up.
        late: bool,
    },
    /// The node sends a message.
    Send {
        /// The message on its way.
        msg: MessageId,
        /// The node that should get it.
        to: NodeId,
        /// What it says.
        message: M::Message,
    },
    /// A message arrives at the node.
    Deliver {
        /// The message that was on its way.
        msg: MessageId,
        /// The node that sent it.
        from: NodeId,
    },
    /// A message will never arrive.
    Drop {
        /// The message that was on its way.
        msg: MessageId,
        /// What became of it.
        reason: DropReason,
    },
    /// The network repeats a message.
    Duplicate {
        /// The message that is repeated.
        msg: MessageId,
        /// Its repetition, on its way from now on.
        copy: MessageId,
    },
    /// The node starts a timer.
    Arm {
        /// Which one.
        timer: M::Timer,
        /// When it will run out, in the driver's time, unless the node's clock changes its rate.
        due: Time,
    },
    /// The node stops a timer.
    Disarm {
        /// Which one.
        timer: M::Timer,
    },
    /// A timer of the node runs out.
    Fire {
        /// Which one.
        timer: M::Timer,
    },
    /// A client starts to wait for an answer.
    Wait {
        /// The request that it waits for.
        ticket: Ticket,
        /// Until when it waits.
        due: Time,
    },
    /// A client has waited in vain.
    TimedOut {
        /// The request that was not answered in time.
        ticket: Ticket,
        /// Whether the client gives up; otherwise it asks again.
        gave_up: bool,
    },
    /// A rule fired; what follows happens because of it.
    Rule {
        /// The rule.
        rule: M::Rule,
        /// The sentence with the live values, perhaps empty.
        why: Text,
    },
    /// The node makes a write durable.
    Persist {
        /// What it writes.
        record: M::Record,
    },
    /// The node's view has changed.
    State {
        /// The whole new view; the document shows what is different.
        view: M::View,
    },
    /// Something has become true.
    Fact {
        /// What.
        fact: M::Fact,
    },
    /// An invariant no longer holds.
    Violation(Broken),
    /// A scenario's narration.
    Note(String),
}
