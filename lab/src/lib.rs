//! The instruments: what makes a protocol run, fail, and be understood.
//!
//! A protocol is a [`Machine`](quorate_protocol::Machine): pure, and told everything. This crate is the world around it.
//!
//! | module | what it does |
//! |---|---|
//! | [`sim`] | runs a whole cluster in virtual time from one seed, under every fault; checks invariants after every step; shrinks what fails |
//! | [`trace`] | records what happened and why, cheaply; writes and reads the document that everything else is drawn from; renders it for a terminal |
//! | `script` | performs scenario files: prose, commands and expected output (feature `script`, on by default) |
//!
//! None of them uses threads, the system's clock, files or the environment, so they run in a browser as well as anywhere else.
//!
//! # Example
//!
//! ```
//! use quorate_lab::sim::Setup;
//! use quorate_lab::trace::render::{self, Options};
//! use quorate_protocol::{ClientId, Duration, Input, Machine, Names, Never, NodeId, Outbox, rules};
//!
//! rules! {
//!     enum EchoRule { Echo: "no paper at all", "say back what was said"; }
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Echo;
//!
//! impl Machine for Echo {
//!     # type Config = (); type Message = Never; type Timer = Never; type Fact = Never; type Rule = EchoRule;
//!     # type Record = Never; type Disk = (); type Clock = (); type View = ();
//!     type Command = String;
//!     type Reply = String;
//!     # fn boot(_: NodeId, _: &(), _: &(), _: (), _: &mut Outbox<Self>) -> Self { Echo }
//!     // …
//!     fn step(&mut self, _: (), input: Input<Self>, out: &mut Outbox<Self>) {
//!         if let Input::Request { ticket, command } = input {
//!             out.because(EchoRule::Echo).reply(ticket, command);
//!         }
//!     }
//!     # fn view(&self) {}
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

#[cfg(feature = "script")]
pub mod script;
pub mod sim;
pub mod trace;
