//! Random faults of single messages, logged and filtered, so that a run can be repeated without
//! one.

use std::collections::{BTreeMap, BTreeSet};

use crate::trace::Lane;

/// A random fault of one message, identified so that the same run can be repeated without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageFault {
    /// The kind of the fault.
    pub kind: MessageFaultKind,
    /// The sender.
    pub from: Lane,
    /// The receiver.
    pub to: Lane,
    /// Position of the message among those sent on this link, from 1.
    pub nth: u64,
}

/// Kind of a message fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum MessageFaultKind {
    /// It was lost.
    Lost,
    /// It was delivered twice.
    Duplicated,
    /// It had an extra delay, so that others could overtake it.
    Delayed,
}

impl std::fmt::Display for MessageFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let MessageFault { kind, from, to, nth } = self;
        let what = match kind {
            MessageFaultKind::Lost => "is lost",
            MessageFaultKind::Duplicated => "is duplicated",
            MessageFaultKind::Delayed => "is delayed",
        };
        write!(f, "message {nth} from {from} to {to} {what}")
    }
}

/// Log of the message faults of a run, and filter of those that may happen.
#[derive(Clone, Default, Debug)]
pub(super) struct MessageFaultLog {
    /// The only faults that may happen; `None` allows all.
    allowed: Option<BTreeSet<MessageFault>>,
    pub(super) happened: BTreeSet<MessageFault>,
    sent: BTreeMap<(Lane, Lane), u64>,
}

impl MessageFaultLog {
    pub(super) fn allowing(allowed: BTreeSet<MessageFault>) -> Self {
        MessageFaultLog { allowed: Some(allowed), ..MessageFaultLog::default() }
    }
}

/// Checks against the journal, if there is one, whether a fault of this message may happen, and
/// logs it.
pub(super) struct FaultFilter<'a> {
    fault_log: Option<&'a mut MessageFaultLog>,
    from: Lane,
    to: Lane,
    nth: u64,
}

impl<'a> FaultFilter<'a> {
    /// Counts the next message of a link.
    pub(super) fn of(fault_log: Option<&'a mut MessageFaultLog>, from: Lane, to: Lane) -> Self {
        let mut filter = FaultFilter { fault_log, from, to, nth: 0 };
        if let Some(fault_log) = &mut filter.fault_log {
            let sent = fault_log.sent.entry((from, to)).or_default();
            *sent += 1;
            filter.nth = *sent;
        }
        filter
    }

    pub(super) fn happens(&mut self, kind: MessageFaultKind) -> bool {
        let Some(fault_log) = &mut self.fault_log else { return true };
        let message_fault = MessageFault { kind, from: self.from, to: self.to, nth: self.nth };
        let happens = fault_log.allowed.as_ref().is_none_or(|allowed| allowed.contains(&message_fault));
        if happens {
            fault_log.happened.insert(message_fault);
        }
        happens
    }
}
