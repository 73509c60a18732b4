//! Instruments for protocols: fault injection, simulation, model checking, tracing, and clusters on
//! threads.
//!
//! A protocol is a [`Machine`](quorate_protocol::Machine): pure, with all input passed in. This
//! crate provides the environment that drives it.
//!
//! | module | contents |
//! |---|---|
//! | [`env`](mod@env) | the environment: faults, links, clocks, random numbers, retry policies |
//! | [`sim`] | simulates a whole cluster in virtual time from one seed, under faults; checks invariants after every step; shrinks failing runs |
//! | `check` | model checker: explores *every* schedule of a cluster within bounds, or any model with states and actions; finds the shortest one that violates an invariant (feature `check`) |
//! | [`trace`] | records events and their causes at low cost; writes and reads the trace document; renders it for a terminal |
//! | `linearizability` | checks whether a history of client calls is linearizable (feature `linearizability`) |
//! | `consistency` | judges a small history of reads and writes at each consistency level, from linearizable down to the session guarantees (feature `linearizability`) |
//! | `live` | runs the same machines on threads, with real timers, files and faults (feature `live`) |
//! | `script` | runs scenario files: prose, commands and expected output (feature `script`) |
//!
//! Each module may use those on the lines below its own, and none beside it. A test enforces this.
//!
//! ```text
//! script                               scenario files, run in the simulator
//! consistency                          other levels of consistency, beside linearizability
//! sim, check, live, linearizability    three drivers and a checker of histories, independent of each other
//! trace                                what happened, and why
//! env                                  the environment, independent of the others
//! ```
//!
//! No feature is on by default: the simulator, traces and their terminal rendering need none.
//! `html` adds the interactive page to [`trace`].
//!
//! Except for `live`, no module uses threads, the system's clock, files or environment variables,
//! so they run in a browser as well as anywhere else. `check` may use several threads, and reads a
//! clock for time limits and rates.
//!
//! With the feature `tracing`, the simulator and the threads also emit every step through the crate
//! of that name: under `quorate::raft`, `quorate::paxos`, `quorate::lease` or `quorate::machine`,
//! facts at `INFO`, rules at `DEBUG`, messages and writes at `TRACE`.
//!
//! # Example
//!
//! ```
//! use quorate_lab::sim::Setup;
//! use quorate_lab::trace::render::{self, Options};
//! use quorate_protocol::{ClientId, Context, Duration, Input, Machine, Names, Never, Outbox, rules};
//!
//! rules! {
//!     enum EchoRule { Echo: "no paper at all", "say back what was said"; }
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Echo;
//!
//! impl Machine for Echo {
//!     # type Config = (); type Rulebook = (); type Message = Never; type Timer = Never; type Fact = Never;
//!     # type Rule = EchoRule; type Record = Never; type Disk = (); type Clock = (); type View = ();
//!     type Command = String;
//!     type Reply = String;
//!     # fn boot(_: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self { Echo }
//!     // …
//!     fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
//!         if let Input::Request { ticket, command } = input {
//!             out.because(EchoRule::Echo).reply(ticket, command);
//!         }
//!     }
//!     # fn view(&self, _: &Context<Self>) {}
//! }
//!
//! let mut world = Setup::<Echo>::new("echo", Names::new(["wall"], ["ann"]), ()).traced().start();
//! world.ask(ClientId(0), None, "hello".to_owned());
//! world.run_for(Duration::from_millis(5))?;
//! let trace = world.recording().unwrap().document();
//! let log = render::log(&trace, Options { why: true, ..Options::default() });
//! assert!(log.contains("because Echo (no paper at all)"), "{log}");
//! # Ok::<(), quorate_lab::sim::Violation>(())
//! ```

// Tests compile the sources of `live` a second time, with threads whose schedules are controlled.
#![cfg_attr(test, allow(clippy::duplicate_mod))]

#[cfg(feature = "check")]
pub mod check;
#[cfg(feature = "linearizability")]
pub mod consistency;
mod delta;
pub mod env;
#[cfg(feature = "linearizability")]
pub mod linearizability;
#[cfg(feature = "live")]
pub mod live;
mod plural;
#[cfg(feature = "script")]
pub mod script;
pub mod sim;
mod stop;
pub mod trace;
#[cfg(feature = "tracing")]
mod tracing_events;
#[cfg(not(feature = "tracing"))]
#[path = "tracing_off.rs"]
mod tracing_events;

pub use delta::minimise;
pub use plural::plural;
pub use stop::Stop;
