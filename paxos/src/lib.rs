//! Paxos: several nodes agree on one value, although messages get lost and nodes crash; and, in [`multi`], on a log of them.
//!
//! This is the algorithm of Leslie Lamport's *Paxos Made Simple* (2001), as pure state machines for any driver of
//! [`quorate_protocol`]. Every decision that the paper prescribes is one function of the [`Rulebook`], and every effect
//! cites the [`PaxosRule`] that it follows from.
//!
//! # How it works
//!
//! **Proposers** want a value chosen, **acceptors** vote, **learners** find out (§2.1). A value is chosen when a quorum of
//! acceptors has accepted it in one [`Ballot`], a numbered round that belongs to one proposer. A ballot has two phases:
//!
//! 1. The proposer asks the acceptors for a promise: to accept nothing below this ballot any more. With the promise they
//!    report what they have accepted so far.
//! 2. With promises from a quorum, it asks them to accept a value: of all that was reported the one of the highest ballot,
//!    and only if nothing was reported its own. Acceptors that have not promised a higher ballot in the meantime do.
//!
//! Why that is enough: two quorums share an acceptor. Once a value is chosen, every later phase 1 meets somebody who
//! accepted it, so every later ballot proposes it again (P2c). Whoever comes late learns the value instead of changing it.
//!
//! # Who says what
//!
//! | message | from | to | phase | what it is for |
//! |---|---|---|---|---|
//! | [`Prepare`](Message::Prepare) | proposer | acceptors | 1a | asks for a promise: a number, no value |
//! | [`Promise`](Message::Promise) | acceptor | proposer | 1b | promises, and reports the last accepted proposal |
//! | [`Accept`](Message::Accept) | proposer | acceptors | 2a | asks for votes |
//! | [`Accepted`](Message::Accepted) | acceptor | learners | 2b | votes |
//! | [`Refused`](Message::Refused) | acceptor | proposer | – | says which higher ballot was promised: go above it |
//! | [`Chosen`](Message::Chosen) | learner | learners, proposers | – | passes the news on |
//! | [`AskAccepted`](Message::AskAccepted), [`AskChosen`](Message::AskChosen) | learner | acceptors, learners | – | makes good for lost news |
//!
//! A node plays the roles that its [`Config`] gives it, and sends messages also to itself. What must survive a crash is
//! on [disk](Stable) before the message that tells of it leaves: an acceptor's promise and vote, a proposer's ballot.
//!
//! # What never happens
//!
//! [`invariants`] watches these from outside, and judges by what acceptors accepted:
//!
//! | invariant | source |
//! |---|---|
//! | [`AtMostOneChosen`](invariants::AtMostOneChosen) | §2.1, only a single value is chosen |
//! | [`ChosenWasProposed`](invariants::ChosenWasProposed) | §2.1, only a value that has been proposed may be chosen |
//! | [`LearnedWasChosen`](invariants::LearnedWasChosen) | §2.1, nobody learns what has not been chosen |
//! | [`LearnersAgree`](invariants::LearnersAgree) | follows from the two before |
//! | [`PromisesNeverDecrease`](invariants::PromisesNeverDecrease) | §2.2, P1a, also over crashes |
//!
//! # What to expect, and what not
//!
//! * It is safe whatever the timing, and it *progresses* only while one proposer is left in peace (§2.4). Two that do not
//!   [back off](Backoff) can overtake each other for ever; [`Retry::without_backoff`] shows it.
//! * A ballot that gets nowhere in time is abandoned for a higher one, which makes good for lost messages as well.
//! * Quorums are majorities by default. With [other sizes](Builder::phase_1_quorum) it is Flexible Paxos.
//! * A learner takes another learner's word, and nobody lies: these are crashes, not malice.
//! * If votes of the choosing ballot were overtaken by votes of later ballots that never got a quorum, asking the acceptors
//!   is not enough to learn the value. The paper's way out is the one here: somebody proposes, and learns it (§2.3).
//! * A proposer's memory of its clients is gone after a crash. They ask again; the answer can only be the chosen value.
//!
//! # Example
//!
//! Proposer B comes after A has got 8 chosen. It asks for 9, and gets 8:
//!
//! ```
//! use quorate_paxos::{Command, Config, Paxos, PaxosRule, Reply, Stable, Value};
//! use quorate_protocol::{ClientId, Constants, Disk, Effect, Input, Machine, NodeId, Outbox, Ticket};
//!
//! let [a, b] = [0, 1].map(NodeId);
//! let config = Config::new([a, b], [2, 3, 4].map(NodeId), [5].map(NodeId))?;
//! let constants = Constants::new(config);
//!
//! let mut out = Outbox::new();
//! let mut nodes: Vec<Paxos> =
//!     (0..6).map(|id| Paxos::boot(&constants.of(NodeId(id), ()), &Stable::default(), &mut out)).collect();
//! let mut disks = vec![Stable::default(); 6];
//! let mut rules = Vec::new();
//!
//! // A network that loses nothing: step until nothing is under way.
//! let mut ask = |proposer: NodeId, value: &str| {
//!     let ticket = Ticket { client: ClientId(0), number: 1 };
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
//!                 Effect::Persist(record) => disks[node.index()].write(&record),
//!                 Effect::Reply { reply, .. } => answer = Some(reply),
//!                 Effect::Arm { .. } | Effect::Disarm(_) | Effect::Learn(_) => {}
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

mod acceptor;
mod ballot;
mod config;
pub mod invariants;
mod learner;
mod message;
pub mod multi;
mod node;
mod proposer;
mod renamed;
mod retry;
mod rulebook;
mod rules;
mod value;
mod view;

pub use ballot::{Ballot, BallotError};
pub use config::{Builder, Config, ConfigError, Phase, Quorums};
pub use message::{Command, Fact, Message, Record, Reply, Stable, Timer};
pub use node::Paxos;
pub use retry::{Backoff, Retry};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::PaxosRule;
pub use value::{Proposal, Value};
pub use view::{AcceptorView, LearnerView, ProposerView, Stage, View, VoteView};
