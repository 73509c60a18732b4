//! Interactive session: one run that a person steps, breaks, takes back and branches, as a pure
//! function of JSON requests.
//!
//! A [`Session`] is a tree of scripts of the scenario language. The state is always "branch B after
//! its first K commands". Going forward appends to the live run; going back replays. There are no
//! threads, clocks or files here, so the same code runs behind a local server and in a browser.
//! `README.md` describes all requests and responses.
//!
//! ```
//! use quorate_session::Session;
//!
//! let mut session = Session::new();
//! session.handle(r#"{"do":"open","cluster":"cluster raft nodes=3"}"#);
//! session.handle(r#"{"do":"perform","line":"fire n1 Election"}"#);
//! let answer = session.handle(r#"{"do":"perform","line":"run 5ms"}"#);
//! assert!(answer.contains("LeaderElected"));
//! let wrong = session.handle(r#"{"do":"perform","line":"crsh n1"}"#);
//! assert!(wrong.contains("there is no command 'crsh'; did you mean 'crash'?"), "{wrong}");
//! ```
//!
//! | module | contents |
//! |---|---|
//! | `session` | dispatch of requests, and the response to each |
//! | `tree`, `live` | branches and the place among them; the run, and its trace as lines |
//! | `opening`, `travel`, `branching`, `saving` | requests that begin, go back and forth, manage branches, save |
//! | `rewriting` | the same commands under another seed, with a liar, or by the book |
//! | `chance`, `attack` | play at random, and the search for a violation |
//! | `state`, `actions`, `requests`, `catalogue` | what a page draws: the state, what can happen next, all that there is |

mod actions;
mod attack;
mod branching;
mod catalogue;
mod chance;
mod error;
mod limits;
mod live;
mod opening;
mod request;
mod requests;
mod response;
mod rewriting;
mod saving;
mod session;
mod state;
mod travel;
mod tree;

pub use catalogue::{Bug, Catalogue, Form, ProtocolEntry, ScenarioEntry};
pub use error::SessionError;
pub use limits::{BRANCHES_MAX, COMMANDS_MAX, FORKS_MAX, NAME_MAX, REQUEST_MAX, STEPS_IN_ALL_MAX, STEPS_MAX};
pub use request::{At, End, Go, Open, Request};
pub use response::{
    Action, BranchState, Chapter, ClockReading, CommandState, Comparison, Invariant, Message, Node, On, Response,
    State, Timer, TracePatch, Trouble, Violation,
};
pub use saving::{Saved, SavedBranch, SavedLine};
pub use session::Session;
