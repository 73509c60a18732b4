//! Messages, timers, commands and durable writes of granter, holders and resource.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, NodeId, Ticket, Time};
use serde::{Deserialize, Serialize};

use super::recent::Recent;
use crate::id::{Attempt, LeaseId, Sequencer, Token};
use crate::text::Value;

/// What nodes say to each other. `sent` is always the holder's own clock, which the granter only echoes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A holder lives, and asks for what it may have.
    Heartbeat {
        /// When it asked.
        sent: Time,
    },
    /// The granter grants, or renews.
    Granted {
        /// What.
        lease: LeaseId,
        /// The grant.
        token: Token,
        /// The heartbeat that it answers.
        sent: Time,
    },
    /// The granter does not make the asker primary now.
    Denied {
        /// The heartbeat that it answers.
        sent: Time,
        /// Who may be primary at the moment.
        holder: Option<NodeId>,
    },
    /// The primary gives its lease back before it ends.
    Release {
        /// The grant that it gives back.
        token: Token,
        /// When it stopped acting, or later.
        sent: Time,
        /// Whom it would like to follow it.
        successor: Option<NodeId>,
    },
    /// The granter has heard of the release.
    Released {
        /// The grant that was given back.
        token: Token,
    },
    /// A holder writes to the resource.
    Write {
        /// What allows it to.
        sequencer: Sequencer,
        /// What it writes.
        value: Value,
        /// Whose answer it is waiting for.
        attempt: Attempt,
    },
    /// The resource has written it, now or when it was asked before.
    Written {
        /// Which attempt.
        attempt: Attempt,
        /// Under which grant.
        token: Token,
    },
    /// The resource has not written it.
    WriteRefused {
        /// Which attempt.
        attempt: Attempt,
        /// The highest token it has accepted.
        highest: Option<Token>,
    },
    /// The resource asks the granter whether a sequencer is still good.
    Check {
        /// The sequencer.
        sequencer: Sequencer,
        /// Whom to answer in the end.
        writer: NodeId,
        /// What would be written.
        value: Value,
        /// Which attempt.
        attempt: Attempt,
    },
    /// The granter says whether a sequencer is still good.
    Checked {
        /// Whether the grant still binds the granter.
        valid: bool,
        /// The sequencer.
        sequencer: Sequencer,
        /// Whom to answer in the end.
        writer: NodeId,
        /// What would be written.
        value: Value,
        /// Which attempt.
        attempt: Attempt,
    },
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Of the granter: to look whether a lease has ended and somebody else may have it.
    Review,
    /// Of a holder: the next heartbeat.
    Heartbeat,
    /// Of a holder: the end of a lease.
    Lapse(LeaseId),
    /// Of a holder: the end of a piece of work.
    Work(Attempt),
    /// Of a primary that acts by itself: the next time it does.
    Act,
}

/// What clients ask of a holder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Check the node lease and serve, in one step.
    Serve,
    /// Check the primary lease and act, in one step.
    Act,
    /// Check the primary lease, work for a while, and then act.
    WorkAndAct,
    /// Check the primary lease, work for a while, and then write to the resource, which checks for itself.
    Write {
        /// What to write.
        value: Value,
    },
    /// Write to the resource without being primary, under the node lease: others have one as well, so the resource refuses.
    WriteShared {
        /// What to write.
        value: Value,
    },
    /// Give the primary lease back.
    Release {
        /// Whom the node would like to follow it.
        successor: Option<NodeId>,
    },
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// The granter has made a new grant.
    Granted {
        /// How many grants there were, this one included: what tokens are made of.
        grants: u64,
        /// Of what.
        lease: LeaseId,
        /// To whom.
        holder: NodeId,
        /// The grant.
        token: Token,
    },
    /// The primary lease was given back.
    Released {
        /// Which grant.
        token: Token,
    },
    /// The resource has written.
    Written {
        /// The highest token it has accepted.
        token: Token,
        /// The value.
        value: Value,
        /// Whose request that was, so that a repetition is not carried out again.
        ticket: Ticket,
    },
}

/// What survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// How many grants the granter has made.
    pub grants: u64,
    /// Who was granted the primary lease last, unless it gave it back.
    pub primary: Option<(NodeId, Token)>,
    /// The highest token that the resource has accepted, with the value written last.
    pub written: Option<(Token, Value)>,
    /// The newest requests of each client that the resource carried out.
    pub done: BTreeMap<ClientId, Recent>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn write(&mut self, record: &Record) {
        match record {
            Record::Granted { grants, lease, holder, token } => {
                self.grants = *grants;
                if *lease == LeaseId::Primary {
                    self.primary = Some((*holder, *token));
                }
            }
            Record::Released { token } => {
                self.primary = self.primary.filter(|(_, granted)| granted != token);
            }
            Record::Written { token, value, ticket } => {
                self.written = Some((*token, value.clone()));
                self.done.entry(ticket.client).or_default().note(ticket.number, *token);
            }
        }
    }
}
