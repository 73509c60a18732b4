//! A reliable, ordered channel over links that lose, repeat and reorder (Cerf and Kahn 1974; TCP,
//! RFC 9293; Saltzer, Reed and Clark 1984).
//!
//! A **sender** numbers what its clients hand over, keeps each segment until it is acknowledged,
//! and sends the oldest one again when a timeout passes. A **receiver** drops repeats, holds early
//! segments back, and acknowledges all that it holds without a gap. The timeout follows the round
//! trips that are measured ([`rto`](crate::rto)), but not those of segments that were sent twice:
//! nobody knows which of the two was answered (Karn's algorithm). A checksum finds segments that
//! were corrupted. None of it removes delay: what is lost arrives later by a timeout at least.
//!
//! Sequence numbers begin at 1 for each **connection**, which is named by the lives of both sides:
//! the counts of their starts, on disk. A segment of another connection is refused, so a late one
//! of a former life is not taken for a new one. On the wire numbers begin at 0 again after
//! 2^32, or as many as are configured, and mean the nearest one.
//!
//! # Acknowledged is not processed
//!
//! An acknowledgement says that the receiver's network layer holds the segment, and no more. The
//! application takes it later, and a receiver that crashes in between has acknowledged what nobody
//! will process. Only an answer of the application itself tells the difference: the end-to-end
//! argument. [`Answer`] says which of the two a client is told.
//!
//! And *at most once* holds for a connection, not for a request: a sender that restarts, and whose
//! client asks again, sends it in a new connection. An application that must not act twice
//! remembers requests itself.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`AtMostOnce`] | no segment of a connection is delivered twice |
//! | [`DeliveredIsPrefix`] | what the application has from a connection is a prefix of what was sent in it |
//! | [`AckedIsStored`] | the receiver acknowledges what it holds, without a gap |
//! | [`BufferWithinWindow`] | the receiver holds no more than it has room for |
//! | [`UnambiguousSamples`] | a round trip is measured from segments that were sent once |
//! | [`TrueAnswers`] | a client is told that its message is held, or processed, once it is |

mod checksum;
mod config;
mod disk;
mod invariants;
mod message;
mod node;
mod receiver;
mod rulebook;
mod rules;
mod sender;
mod span;

pub use checksum::{Checksum, crc32, internet};
pub use config::{Answer, Config, ConfigError, Settings};
pub use disk::{Disk, Record};
pub use invariants::{
    AckedIsStored, AtMostOnce, BufferWithinWindow, DeliveredIsPrefix, Safety, TrueAnswers, UnambiguousSamples,
};
pub use message::{Command, Connection, Fact, Message, Payload, Reply, Segment, Timer};
pub use node::{Channel, NodeView};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::ChannelRule;
