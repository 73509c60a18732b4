//! Typed events of a recording, in the machine's own types.

use quorate_protocol::{InvariantViolation, Machine, NodeId, RequestId, Time};

use super::{DropReason, EventId, Forgery, MessageId, Text};

/// Typed event, as a driver records it.
///
/// Order within a step: the trigger (deliver, fire or request), then each rule followed by its
/// effects, then the state if it changed. Causes follow `docs/TRACE.md`: the trigger causes
/// everything else in its step, a send (or duplication, or the last lie in it) causes the delivery
/// or drop of its message, and arming a timer causes its firing.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum TypedEvent<M: Machine> {
    /// The node started, for the first time (incarnation 1) or after a crash.
    Boot {
        /// Number of starts so far, including this one.
        incarnation: u32,
        /// Complete view of the node.
        state: M::View,
    },
    /// The node crashed.
    Crash {
        /// Number of records that were not yet durable and were lost.
        lost: u32,
        /// Whether the whole disk was lost too.
        wiped: bool,
        /// Event after which the disk was as it is again: the crash put back an older copy of it.
        restored: Option<EventId>,
    },
    /// The node stops processing input but keeps its memory, as in a long garbage collection.
    Pause,
    /// The node's machine is suspended: it stops as in a pause, and so does its monotonic clock.
    Suspend,
    /// The node continues after a pause without knowing that there was one.
    Resume,
    /// The rate of the node's clock changed.
    Drift {
        /// Drift in parts per million; positive is fast, negative is slow.
        ppm: i32,
    },
    /// The node's wall clock was set.
    Jump {
        /// Difference in nanoseconds.
        nanos: i64,
    },
    /// The network was partitioned into these groups.
    Partition {
        /// Groups of nodes that can still reach each other.
        groups: Vec<Vec<NodeId>>,
    },
    /// The partition ended.
    Heal,
    /// One direction between two nodes was cut or restored.
    Link {
        /// Sender side of the link.
        from: NodeId,
        /// Receiver side of the link.
        to: NodeId,
        /// Whether messages get through.
        up: bool,
    },
    /// A client sends a request.
    Ask {
        /// Message that carries the request.
        msg: MessageId,
        /// Node that the request is sent to.
        to: NodeId,
        /// Request id: client and request number. A retry has the id of the first attempt.
        ticket: RequestId,
        /// Command of the request.
        command: M::Command,
    },
    /// A request arrives at the node.
    Request {
        /// Message that carried the request.
        msg: MessageId,
        /// Request id: client and request number.
        ticket: RequestId,
        /// Command of the request.
        command: M::Command,
    },
    /// The node replies to a client.
    Reply {
        /// Message that carries the reply.
        msg: MessageId,
        /// Id of the request that is answered.
        ticket: RequestId,
        /// The reply.
        reply: M::Reply,
    },
    /// A reply arrives at the client.
    Answer {
        /// Message that carried the reply.
        msg: MessageId,
        /// Node that replied.
        from: NodeId,
        /// Whether the client no longer waits: it already had a reply, or had given up.
        late: bool,
    },
    /// The node sends a message.
    Send {
        /// Id of the message.
        msg: MessageId,
        /// Recipient.
        to: NodeId,
        /// Content of the message.
        message: M::Message,
    },
    /// A message arrives at the node.
    Deliver {
        /// Id of the message.
        msg: MessageId,
        /// Sender.
        from: NodeId,
    },
    /// A message will never arrive.
    Drop {
        /// Id of the message.
        msg: MessageId,
        /// Reason for the loss.
        reason: DropReason,
    },
    /// The network duplicates a message.
    Duplicate {
        /// Message that is duplicated.
        msg: MessageId,
        /// The duplicate, in flight from now on.
        copy: MessageId,
    },
    /// The sender lies in one field of a message.
    Forge(Box<Forgery>),
    /// The node starts a timer.
    Arm {
        /// Timer that is started.
        timer: M::Timer,
        /// Expiry in the driver's time, unless the rate of the node's clock changes.
        due: Time,
    },
    /// The node stops a timer.
    Disarm {
        /// Timer that is stopped.
        timer: M::Timer,
    },
    /// A timer of the node expires.
    Fire {
        /// Timer that expired.
        timer: M::Timer,
    },
    /// A client starts to wait for a reply.
    Wait {
        /// Request that it waits for.
        ticket: RequestId,
        /// Deadline.
        due: Time,
    },
    /// A client's request timed out.
    TimedOut {
        /// Request without a timely reply.
        ticket: RequestId,
        /// Whether the client gives up; otherwise it retries.
        gave_up: bool,
    },
    /// A rule fired; the events after it are its effects.
    Rule {
        /// The rule.
        rule: M::Rule,
        /// Explanation with the actual values; may be empty.
        why: Text,
    },
    /// The node makes a write durable.
    Persist {
        /// Record that is written.
        record: M::Record,
    },
    /// The node's view changed.
    State {
        /// Complete new view; the document shows only the difference.
        view: M::View,
    },
    /// A fact was established.
    Fact {
        /// The fact.
        fact: M::Fact,
    },
    /// An invariant was violated.
    Violation(InvariantViolation),
    /// Narration of a scenario.
    Note(String),
}
