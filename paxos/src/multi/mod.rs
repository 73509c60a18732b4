//! Multi-Paxos: a replicated log, one instance of [Basic Paxos](crate::basic) per slot, under a
//! leader (*Paxos Made Simple* §3).
//!
//! Phase 1 does not mention a value, so one phase 1 can serve all slots at once. A proposer that
//! has completed it is the **leader**: each further command costs it phase 2 alone, one round trip.
//! The other proposers stay passive while they receive its heartbeats, and take over after a
//! randomised election timeout. Heartbeats and timeouts matter for progress only: two proposers
//! that both believe they lead are as safe as two proposers of Basic Paxos.
//!
//! # Leader change
//!
//! 1. The new leader asks for promises for every slot from the first one that it does not know to
//!    be chosen. Acceptors promise once for all slots, and report their votes from there on, not
//!    from the beginning.
//! 2. In each slot up to the last reported one it proposes the value that P2c requires, or a no-op
//!    where nothing was reported. The log has no gaps after that.
//! 3. Then it proposes the commands of clients, each in the next free slot.
//!
//! # Messages
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Prepare`](Message::Prepare), [`Promise`](Message::Promise), [`Refused`](Message::Refused) | candidate, acceptors | each other | phase 1, for all open slots |
//! | [`Accept`](Message::Accept), [`Accepted`](Message::Accepted) | leader, acceptors | acceptors, learners | phase 2 in one slot |
//! | [`Chosen`](Message::Chosen) | learner | the proposer on its node | chosen entries, in the order of slots |
//! | [`Chosen`](Message::Chosen) | distinguished learner | learners | chosen entries, as it counts them |
//! | [`Heartbeat`](Message::Heartbeat) | leader | learners | announces the leader and its first open slot |
//! | [`AskChosen`](Message::AskChosen), [`Log`](Message::Log) | learners | each other | recovers lost entries |
//!
//! Acceptors, ballots, quorums and the counting of votes are those of Basic Paxos, and so is the
//! rulebook, which has one more decision, [`fill_hole`](crate::Rulebook::fill_hole). The number of
//! messages per command is bounded, whatever the length of the log.
//!
//! # Guarantees and limits
//!
//! * Every proposer is a learner, as in the paper: a leader must know what is chosen before it can
//!   go on.
//! * A client's command is answered when its slot and all before it are known to be chosen. Its
//!   ticket is in the log: a retry at any leader does not execute twice, and if two leaders put it
//!   into two slots, the first one counts.
//! * A node that does not lead answers with the leader that it knows. That says nothing about the
//!   outcome of an earlier attempt.
//! * A candidate that misses more than [`HOLE_LIMIT`] slots of what an acceptor reports does not
//!   count that promise: it asks for the chosen entries instead. So no number in a message makes a
//!   leader propose without end.
//! * The log is never truncated: acceptors and learners keep all of it, in memory and on disk.
//! * The set of acceptors does not change. Lamport's reconfiguration with a window of α slots is
//!   not implemented.
//!
//! # Example
//!
//! ```
//! use quorate_paxos::multi::{Config, MultiPaxos, Rhythm, Disk, Timer};
//! use quorate_paxos::PaxosRule;
//! use quorate_protocol::{Constants, Effect, Input, Machine, NodeId, Outbox};
//!
//! // One node that is everything: its promise to itself makes it the leader.
//! let constants = Constants::new(Config::new(quorate_paxos::Config::symmetric(1)?, Rhythm::default())?);
//! let (mut out, n1) = (Outbox::new(), NodeId(0));
//! let cx = constants.of(n1, ());
//! let mut node: MultiPaxos = MultiPaxos::boot(&cx, &Disk::default(), &mut out);
//! let mut inputs = vec![Input::Fire(Timer::Election)];
//! while let Some(input) = inputs.pop() {
//!     out.clear();
//!     node.step(&cx, input, &mut out);
//!     inputs.extend(out.effects().iter().filter_map(|effect| match effect {
//!         Effect::Send { message, .. } => Some(Input::Deliver { from: n1, message: message.clone() }),
//!         _ => None,
//!     }));
//! }
//! assert!(node.is_leader());
//! assert!(out.rules().any(|rule| rule == PaxosRule::Lead));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acceptor;
mod config;
mod disk;
mod invariants;
mod leader;
mod learner;
mod message;
mod node;
mod proposer;
mod view;

pub use self::config::{Config, ConfigError, Rhythm};
pub use self::disk::{Disk, Record};
pub use self::invariants::invariants;
pub use self::message::{Command, Fact, Message, Reply, SlotProposal, Timer};
pub use self::node::MultiPaxos;
pub use self::view::{AcceptorView, LearnerView, ProposerView, Role, VIEW_WINDOW, View};
pub use crate::entry::{Entry, Slot};

/// Number of slots that a lagging learner is sent at once.
pub const LOG_BATCH: usize = 64;

/// Number of open slots without a report that a new leader fills with no-ops. A promise that would
/// leave more of them does not count: the slots in it are far ahead, or not true.
pub const HOLE_LIMIT: usize = 1 << 16;

/// Number of overdue proposals that a leader resends with a heartbeat, lowest slots first.
pub const RESEND_LIMIT: usize = 8;
