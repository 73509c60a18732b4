//! Linearizability checker: whether a history of concurrent calls can be explained by one object
//! that executes one operation at a time.
//!
//! Clients of a replicated store call it and wait for answers; their calls overlap. Herlihy & Wing
//! (1990) call such a history *linearizable* if every call can be assigned one moment between its
//! invocation and its answer at which it takes effect, such that the object behaves as its
//! sequential specification says. It is what most people mean by "consistent", and it can be judged
//! from outside, by the history alone.
//!
//! | | |
//! |---|---|
//! | [`History`] | the invocations and answers that clients saw: recorded in a simulator, by threads, or read from a [`file`](mod@file) |
//! | [`Model`] | the sequential specification of the object; [`models`] has the usual ones, and a new one takes a dozen lines |
//! | [`check`] | the verdict: an order that explains the history, the point at which there is none, or that a limit was reached |
//! | [`render`] | the verdict as a diagram for a terminal; [`steps`] has its data |
//!
//! # How it works
//!
//! Each object is checked by itself, because linearizability is local (Herlihy & Wing 1990, Theorem
//! 1). For one object, Wing & Gong (1993) try every order, call by call, and backtrack where none
//! fits; Lowe (2017) memoizes each (set of placed calls, state) so that none is searched twice, and
//! undoes a placement in constant time. This implementation adds an exact and compact form of that
//! set, whose size depends on the calls under way at once and not on the length of the history, and
//! places reads wherever they fit, without a choice point.
//!
//! A search costs at most the number of answers, times two to the power of the mutating calls under
//! way at once, times the states that these can lead to. That is linear in the length and
//! exponential in the concurrency: the problem is NP-complete (Gibbons & Korach 1997). Calls that
//! were never answered stay under way until the end. [`Limits`] bound the cost, and [`Cost`]
//! reports it.
//!
//! # Sources
//!
//! Herlihy & Wing, *Linearizability: A Correctness Condition for Concurrent Objects*, TOPLAS 1990.
//! Wing & Gong, *Testing and Verifying Concurrent Objects*, JPDC 1993. Gibbons & Korach, *Testing
//! Shared Memories*, SIAM J. Comput. 1997. Lowe, *Testing for Linearizability*, Concurrency and
//! Computation 2017.

mod check;
pub mod file;
mod history;
mod limits;
mod line;
mod memo;
mod model;
pub mod models;
mod picture;
mod plan;
mod search;
mod verdict;

pub use check::{check, check_until};
pub use history::{Call, CallEvent, CallId, CallOutcome, History, Misuse};
pub use limits::{Cost, Limits, StopReason};
pub use model::Model;
pub use picture::{Step, render, steps};
pub use quorate_protocol::{ClientId, Time};
pub use verdict::{Refutation, Report, Verdict};
