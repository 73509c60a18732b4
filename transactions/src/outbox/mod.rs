//! The local message table (transactional outbox): two nodes change their data one after the other,
//! without a coordinator, and neither waits for the other.
//!
//! The **sender** writes a business row, here an order, and a message about it into a *message table*
//! beside it, in one local transaction. So there is a message if and only if there is an order. It
//! forwards the message to the **broker** until the broker confirms it, and then deletes it. The
//! broker delivers it until the **receiver** acknowledges it. Every step is repeated until it is
//! known to be done, so a message arrives *at least once*; the receiver keeps the numbers of the
//! messages that it has handled, in the same local transaction as the change, so it is handled
//! *exactly once*.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Forward`](Message::Forward) | sender | broker | keep this for the receiver |
//! | [`Confirm`](Message::Confirm) | broker | sender | it is on disk here |
//! | [`Deliver`](Message::Deliver) | broker | receiver | handle this |
//! | [`Ack`](Message::Ack) | receiver | broker | it is handled |
//!
//! # What it gives up
//!
//! The client is told that its order is placed before anything is shipped: the two nodes disagree
//! for a while, and agree in the end (eventual consistency). The receiver cannot refuse: there is
//! nobody left to abort for. A refusal would need a compensation, a message back (a saga).
//!
//! # Design
//!
//! * A durable write is a *local transaction*: a list of [table changes](TableChange), of which a
//!   crash leaves all or none. Two writes instead of one can be torn apart.
//! * A message has the number of its order. The receiver keeps all numbers; a real one would drop
//!   those that cannot be delivered any more.
//! * A request's number is in the row of its order, so a repeated request is answered, and not
//!   carried out again.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`NothingLost`] | the message of an order is in a table or queue until it is handled |
//! | [`HandledOnce`] | a message is handled at most once, and what is shipped is what they say |
//! | [`NothingInvented`] | a handled message belongs to an order |

mod broker;
mod config;
mod disk;
mod invariants;
mod message;
mod node;
mod receiver;
mod rulebook;
mod rules;
mod sender;

pub use config::{Config, ConfigError, Settings};
pub use disk::{Disk, Record, TableChange};
pub use invariants::{HandledOnce, NothingInvented, NothingLost, Safety};
pub use message::{Command, Fact, Message, Note, OutboxMessageId, Reply, Timer};
pub use node::{MessageTable, View};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::OutboxRule;
