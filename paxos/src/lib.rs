//! Paxos: consensus on one value ([`basic`]) or on a replicated log ([`multi`]), in spite of lost
//! messages and crashed nodes.
//!
//! This is the algorithm of Leslie Lamport's *Paxos Made Simple* (2001), as pure state machines for
//! any driver of [`quorate_protocol`]. Every decision that the paper prescribes is one function of
//! the [`Rulebook`], and every effect cites the [`PaxosRule`] that it follows from.
//!
//! # How it works
//!
//! **Proposers** propose values, **acceptors** vote, **learners** find out the result (§2.1). A
//! value is chosen when a quorum of acceptors has accepted it in one [`Ballot`], a numbered round
//! that belongs to one proposer. A ballot has two phases:
//!
//! 1. The proposer asks the acceptors for a promise: to accept nothing below this ballot any more.
//!    With the promise they report what they have accepted so far.
//! 2. With promises from a quorum, it asks them to accept a value: the reported one of the highest
//!    ballot, or its own if nothing was reported. Acceptors that have not promised a higher ballot
//!    in the meantime accept it.
//!
//! This is enough because two quorums share an acceptor. Once a value is chosen, every later
//! phase 1 reaches an acceptor that accepted it, so every later ballot proposes it again (P2c). A
//! later proposer learns the value instead of changing it.
//!
//! # Reading this crate beside the paper
//!
//! | module | contents | source |
//! |---|---|---|
//! | `rulebook` | every decision as one small pure function, the [`Rulebook`] | §2, §3 |
//! | `rules` | the rules by name, [`PaxosRule`], with their citations | all |
//! | [`basic`] | Basic Paxos: one value | §2 |
//! | [`multi`] | Multi-Paxos: a log, under a leader | §3 |
//! | `ballot`, `value`, `entry` | numbers, values, proposals; the slots of a log | §2.2, §2.5, §3 |
//! | `promise` | the acceptor's promise | §2.2 |
//! | `phase_1`, `tally` | how proposers count promises, and learners votes | §2.2, §2.3 |
//! | `config`, `quorums`, `retry`, `roles` | roles, sizes of quorums, timeouts | §2.1, §2.4 |
//! | [`invariants`] | safety invariants | §2.1 |
//!
//! [`basic`] and [`multi`] are independent of each other; the modules beside them are shared.
//!
//! # Safety
//!
//! [`invariants`] checks these from outside, by the votes of the acceptors:
//!
//! | invariant | source |
//! |---|---|
//! | [`AtMostOneChosen`](invariants::AtMostOneChosen) | §2.1, only a single value is chosen |
//! | [`ChosenWasProposed`](invariants::ChosenWasProposed) | §2.1, only a value that has been proposed may be chosen |
//! | [`LearnedWasChosen`](invariants::LearnedWasChosen) | §2.1, a value is learned only if it has been chosen |
//! | [`LearnersAgree`](invariants::LearnersAgree) | follows from the two before |
//! | [`PromisesNeverDecrease`](invariants::PromisesNeverDecrease) | §2.2, P1a, also over crashes |
//!
//! # Example
//!
//! Proposer B starts after A has got 8 chosen. It asks for 9, and gets 8:
//!
//! ```
//! use quorate_paxos::{Command, Config, Disk, Paxos, PaxosRule, Reply, Value};
//! use quorate_protocol::{ClientId, Constants, Disk as _, Effect, Input, Machine, NodeId, Outbox, RequestId};
//!
//! let [a, b] = [0, 1].map(NodeId);
//! let config = Config::new([a, b], [2, 3, 4].map(NodeId), [5].map(NodeId))?;
//! let constants = Constants::new(config);
//!
//! let mut out = Outbox::new();
//! let mut nodes: Vec<Paxos> =
//!     (0..6).map(|id| Paxos::boot(&constants.of(NodeId(id), ()), &Disk::default(), &mut out)).collect();
//! let mut disks = vec![Disk::default(); 6];
//! let mut rules = Vec::new();
//!
//! // A network that loses nothing: step until nothing is under way.
//! let mut ask = |proposer: NodeId, value: &str| {
//!     let ticket = RequestId { client: ClientId(0), number: 1 };
//!     let command = Command::Propose { value: Value::from(value), round: None };
//!     let mut inputs = vec![(proposer, Input::Request { ticket, command })];
//!     let mut answer = None;
//!     while !inputs.is_empty() {
//!         let (node, input) = inputs.remove(0);
//!         out.clear();
//!         nodes[node.index()].step(&constants.of(node, ()), input, &mut out);
//!         rules.extend(out.rules());
//!         for effect in out.drain() {
//!             match effect {
//!                 Effect::Send { to, message } => inputs.push((to, Input::Deliver { from: node, message })),
//!                 Effect::Persist(record) => disks[node.index()].apply(&record),
//!                 Effect::Reply { reply, .. } => answer = Some(reply),
//!                 Effect::Arm { .. } | Effect::Disarm(_) | Effect::Emit(_) => {}
//!             }
//!         }
//!     }
//!     answer
//! };
//!
//! let eight = Some(Reply::Chosen { value: Value::from("8") });
//! assert_eq!(ask(a, "8"), eight);
//! assert_eq!(ask(b, "9"), eight);
//! assert!(rules.contains(&PaxosRule::ProposeReported));
//! assert_eq!(disks[2].accepted.as_ref().unwrap().to_string(), "8 in 1.n2");
//! # Ok::<(), quorate_paxos::ConfigError>(())
//! ```

mod ballot;
pub mod basic;
mod config;
mod entry;
pub mod invariants;
pub mod multi;
mod phase_1;
mod promise;
mod quorums;
mod retry;
mod roles;
mod rulebook;
mod rules;
mod symmetry;
mod tally;
mod value;

pub use ballot::{Ballot, BallotError};
pub use basic::{
    AcceptorView, Command, Disk, Fact, LearnerView, Message, Paxos, ProposerView, Record, Reply, Stage, Timer, View,
    VoteView,
};
pub use config::{Builder, Config, ConfigError};
pub use quorums::{Phase, Quorums};
pub use retry::{Backoff, Retry};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::PaxosRule;
pub use value::{Proposal, Value};
