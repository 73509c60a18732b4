//! The interface between a consensus protocol, as a deterministic state machine, and the drivers
//! that run it.
//!
//! A protocol is written once, as a pure state machine, and then runs unchanged in a seeded
//! simulator, on real threads, inside an exhaustive checker and in a browser. This crate defines
//! both sides:
//!
//! | the protocol provides | the driver provides |
//! |---|---|
//! | a [`Machine`]: `boot`, `step`, `view` | [`Input`]s: messages, expired timers, requests; restarts |
//! | [`Effect`]s, put into an [`Outbox`] | network, clocks, randomness, disk, clients |
//! | [`Rule`]s: the reason of every effect, with its citation | a trace that shows them |
//! | [`Invariant`]s: safety properties | a check after every step |
//!
//! # Writing a protocol
//!
//! 1. Name the **messages**, and the timers, client commands and replies if the protocol has any. A
//!    part that it does not have is [`Never`].
//! 2. Name the **rules** with [`rules!`]: each decision of the paper, refusals included, with its
//!    section.
//! 3. Decide what must survive a crash: the **records** that are written, and the **disk** that
//!    they add up to (`()` keeps nothing).
//! 4. Name the **facts** that observers should see.
//! 5. Write `step`: match on the input, change the state, and for every effect call
//!    `out.because(rule)`. A sentence with the current values, [`Because::why`], makes the trace
//!    readable.
//!
//! Messages, timers, facts and the like derive `Serialize` and `Deserialize`, so that traces can
//! show them. A crate with a protocol of its own therefore needs, beside this one,
//! `serde = { version = "1", features = ["derive"] }`, and nothing else.
//!
//! A driver guarantees that the records of a step are durable before its messages leave; that a
//! machine is stepped by one driver at a time; and that an armed timer fires once, after a delay
//! within its range *on the node's own clock*, unless it is disarmed, armed anew or lost in a
//! crash. It guarantees nothing about messages to other nodes, which may be lost, delayed,
//! duplicated and reordered. A message of a node to itself always arrives, as an input of its own.
//!
//! # Example
//!
//! Ping-pong, the smallest protocol: a client asks a node to ping another, and gets the number of
//! the rally as the reply.
//!
//! ```
//! use quorate_protocol::{Constants, Context, Effect, Input, Machine, Never, NodeId, Outbox, RequestId, ClientId, rules};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
//! enum Ball { Ping { rally: u32 }, Pong { rally: u32 } }
//!
//! rules! {
//!     /// The rules of ping-pong.
//!     enum Game {
//!         Serve: "house rules §1", "a request starts the next rally";
//!         Return: "house rules §2", "answer a ping with a pong of the same rally";
//!         Score: "house rules §3", "a pong of the current rally ends it";
//!         LetGo: "house rules §4", "a pong of an earlier rally does not count";
//!     }
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Player { opponent: NodeId, rally: u32, asked_by: Option<RequestId> }
//!
//! impl Machine for Player {
//!     type Config = ();
//!     type Rulebook = ();      // nothing here is up for discussion
//!     type Message = Ball;
//!     type Timer = Never;      // nobody waits for anything
//!     type Command = ();       // "play!"
//!     type Reply = u32;        // the rally that was won
//!     type Fact = Never;
//!     type Rule = Game;
//!     type Record = Never;     // nothing is kept over a crash
//!     type Disk = ();
//!     type Clock = ();         // the time does not matter
//!     type View = u32;
//!
//!     fn boot(cx: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self {
//!         Player { opponent: NodeId(1 - cx.me.0), rally: 0, asked_by: None }
//!     }
//!
//!     fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
//!         match input {
//!             Input::Request { ticket, command: () } => {
//!                 self.rally += 1;
//!                 self.asked_by = Some(ticket);
//!                 out.because(Game::Serve).send(self.opponent, Ball::Ping { rally: self.rally });
//!             }
//!             Input::Deliver { from, message: Ball::Ping { rally } } => {
//!                 out.because(Game::Return).send(from, Ball::Pong { rally });
//!             }
//!             Input::Deliver { message: Ball::Pong { rally }, .. } if rally == self.rally => {
//!                 let mut score = out.because(Game::Score);
//!                 if let Some(ticket) = self.asked_by.take() {
//!                     score.reply(ticket, rally);
//!                 }
//!             }
//!             Input::Deliver { message: Ball::Pong { rally }, .. } => {
//!                 out.because(Game::LetGo).why(format_args!("rally {rally} is over, this is {}", self.rally));
//!             }
//!             Input::Fire(never) => match never {},
//!         }
//!     }
//!
//!     fn view(&self, _: &Context<Self>) -> u32 { self.rally }
//! }
//!
//! // A driver by hand: what `quorate-lab` does with faults, clocks and a trace.
//! let mut out = Outbox::explaining();
//! let constants = Constants::new(());
//! let cx = |id| constants.of(NodeId(id), ());
//! let mut players = [0, 1].map(|id| Player::boot(&cx(id), &(), &mut out));
//! let ticket = RequestId { client: ClientId(0), number: 1 };
//! players[0].step(&cx(0), Input::Request { ticket, command: () }, &mut out);
//! assert_eq!(out.effects(), [Effect::Send { to: NodeId(1), message: Ball::Ping { rally: 1 } }]);
//!
//! out.clear();
//! players[1].step(&cx(1), Input::Deliver { from: NodeId(0), message: Ball::Ping { rally: 1 } }, &mut out);
//! out.clear();
//! players[0].step(&cx(0), Input::Deliver { from: NodeId(1), message: Ball::Pong { rally: 1 } }, &mut out);
//! assert_eq!(out.effects(), [Effect::Reply { ticket, reply: 1 }]);
//!
//! out.clear();
//! players[0].step(&cx(0), Input::Deliver { from: NodeId(1), message: Ball::Pong { rally: 0 } }, &mut out);
//! let reason = out.reasons().next().unwrap();
//! assert_eq!((reason.rule, reason.why), (Game::LetGo, "rally 0 is over, this is 1"));
//! ```

mod context;
mod date;
mod invariant;
mod leads;
mod machine;
mod node;
mod outbox;
mod permutation;
mod rule;
mod rulebook;
mod short_string;
mod silent;
mod time;
mod variant;

pub use context::{Constants, Context};
pub use date::{BadDate, Date, time_of_day};
pub use invariant::{
    ClientEvent, ClientEventKind, Invariant, InvariantSummary, InvariantViolation, StepKind, StepView, Unexplained,
};
pub use leads::Leads;
pub use machine::{Data, Disk, Disposition, Effect, Input, Machine, Never, RequestId};
pub use node::{ClientId, Names, NodeId, UnknownName};
pub use outbox::{Because, Outbox, Reason};
pub use permutation::{Permutation, Permute};
pub use rule::{Rule, Ruling};
pub use silent::{InputKind, SilentStep};
pub use time::{Clock, Delay, Duration, LocalTime, Time, nanos};
pub use variant::Variant;
