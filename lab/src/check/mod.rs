//! The model checker: explores every schedule within bounds, and finds a shortest one that violates
//! an invariant.
//!
//! The simulator samples runs; the checker explores *all* of them within its bounds. It works on
//! any [`Model`], that is on anything that has states and actions, and in particular on a
//! [`Cluster`] of [`Machine`](quorate_protocol::Machine)s: the same ones that run everywhere else.
//!
//! | action | bounded by |
//! |---|---|
//! | any message in flight is delivered, in any order | – |
//! | a client sends a request | [`Bounds::requests`] |
//! | any armed timer fires; with clocks, those that are due | [`Bounds::firings`], [`Clocks::ticks`] |
//! | a message is lost or duplicated | [`Bounds::drops`], [`Bounds::duplicates`] |
//! | a node crashes: before a write, after it, between two messages, or between steps | [`Bounds::crashes`], [`CrashPoints`] |
//! | a node restarts from its disk | [`Bounds::restarts`] |
//! | a node pauses, and resumes | [`Bounds::pauses`] |
//! | time passes, on clocks that are exact, slow or fast; wall clocks are set | [`Clocks`] |
//!
//! A message from a node to itself is neither lost nor delayed: the node handles it before any
//! other input. A message to a node that is down stays in the network. Replies to clients are not
//! part of the state.
//!
//! # Results
//!
//! A [`Search`] is breadth-first, so the first violation that it finds is one of the shortest,
//! counted in actions. It is always the same one, whatever the number of threads, and
//! [`Cluster::replay`] turns it into a trace like any other. A search without a violation says
//! whether it was [exhausted](SearchVerdict::Exhausted) or why it
//! [stopped](SearchVerdict::Stopped), and to which depth it was complete. A [goal](Search::goal)
//! that was never reached fails the check: otherwise a search that gets nowhere would pass.
//!
//! States too deep for breadth-first search can be reached in stages (a goal, then [on from
//! there](Cluster::resume) with fresh budgets) or by [random walks](RandomWalk).
//!
//! # Hash collisions
//!
//! States are identified by 64-bit fingerprints, as in TLC and Stateright. Among a million states
//! the odds that any two share one are 1 in 37 million, and [`SearchReport::odds_of_omission`]
//! gives the odds for a finished search. In that case a state would be left out; a violation that
//! is reported is always real, because it is reproduced step by step.
//!
//! [`Reductions`] and [symmetry](Cluster::symmetric) explain what they leave out, and why that
//! changes no verdict.
//!
//! # Example
//!
//! A counter that clients increment, and that forgets its value in a crash. The check finds the
//! shortest run in which an increment is lost.
//!
//! ```
//! use quorate_lab::check::{Bounds, Cluster, Search};
//! use quorate_lab::env::Deployment;
//! use quorate_lab::trace::render::{self, Options};
//! use quorate_protocol::{
//!     InvariantViolation, ClientId, Context, Input, Invariant, Machine, Names, Never, NodeId, StepView, Outbox, rules,
//! };
//! use serde::{Deserialize, Serialize};
//!
//! rules! {
//!     enum CounterRule { Read: "no paper at all", "read first"; Write: "no paper at all", "then write one more"; }
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
//! enum Message { Write(u32) }
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
//! enum Fact { Raised(u32) }
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Counter { value: u32 }
//!
//! impl Machine for Counter {
//!     # type Config = (); type Rulebook = (); type Message = Message; type Timer = Never; type Command = ();
//!     # type Reply = (); type Fact = Fact; type Rule = CounterRule; type Record = Never; type Disk = ();
//!     # type Clock = (); type View = u32;
//!     # fn boot(_: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self { Counter { value: 0 } }
//!     # fn view(&self, _: &Context<Self>) -> u32 { self.value }
//!     // …
//!     fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
//!         match input {
//!             Input::Request { .. } => { out.because(CounterRule::Read).send(cx.me, Message::Write(self.value + 1)); }
//!             Input::Deliver { message: Message::Write(value), .. } => {
//!                 self.value = value;
//!                 out.because(CounterRule::Write).emit(Fact::Raised(value));
//!             }
//!             Input::Fire(never) => match never {},
//!         }
//!     }
//! }
//!
//! /// Each value is larger than the one before.
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct EachRaises(u32);
//!
//! impl Invariant<Counter> for EachRaises {
//!     fn check(&mut self, seen: &StepView<'_, Counter>) -> Result<(), InvariantViolation> {
//!         for Fact::Raised(value) in seen.facts() {
//!             if *value <= self.0 {
//!                 return Err(InvariantViolation::new("EachRaises", format!("raised to {value} twice")));
//!             }
//!             self.0 = *value;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! // A node handles what it says to itself before it listens to anybody else, so one counter is safe…
//! let setup = || Deployment::new("counter", Names::new(["shelf"], ["ann", "bob"]), ());
//! let bounds = Bounds::default().request(ClientId(0), None, ()).request(ClientId(1), None, ());
//! let cluster = Cluster::new(setup(), EachRaises(0), bounds.clone())?;
//! let report = Search::new(&cluster).goal("two", |state| state.machine(NodeId(0)).is_some_and(|it| it.value == 2)).run()?;
//! assert!(report.passed());
//!
//! // …until it crashes and forgets.
//! let cluster = Cluster::new(setup(), EachRaises(0), Bounds { crashes: 1, restarts: 1, ..bounds })?;
//! let report = Search::new(&cluster).run()?;
//! let path = report.counterexample().expect("it forgets");
//! assert_eq!(cluster.describe(path), [
//!     "ann asks shelf: Request",
//!     "deliver Write(1) from shelf to itself",
//!     "crash shelf",
//!     "restart shelf",
//!     "bob asks shelf: Request",
//!     "deliver Write(1) from shelf to itself",
//! ]);
//! let log = render::log(&cluster.replay(path)?.document(), Options::default());
//! assert!(log.contains("BROKEN: EachRaises"), "{log}");
//! # Ok::<(), quorate_lab::check::CheckError>(())
//! ```

mod cluster;
mod engine;
mod error;
mod expand;
mod frontier;
mod model;
mod predecessors;
mod random_walk;
mod report;
mod search;
mod stopwatch;
mod table;
mod worker_pool;

pub use cluster::{Action, Bounds, Clocks, Cluster, CrashPoints, MayFire, Reductions, Symmetric};
pub use cluster::{Request, State, Stimulus, SyncMachine};
pub use error::CheckError;
pub use model::{Model, fingerprint};
pub use random_walk::{RandomWalk, WalkGoal};
pub use report::{GoalResult, Limit, Path, SearchProgress, SearchReport, SearchVerdict};
pub use search::Search;
