//! Linearizability: whether what clients saw can be explained by one object that does one thing at a time.
//!
//! Clients of a replicated store call it, wait, and get answers; their calls overlap. Herlihy & Wing (1990) call such a
//! history *linearizable* if every call can be thought to take effect at one moment between its invocation and its answer,
//! such that the object does what its sequential specification says. It is what most people mean by "consistent", and it
//! can be judged from outside, by the history alone.
//!
//! | | |
//! |---|---|
//! | [`History`] | what clients asked and were told: recorded in a simulator, by threads, or read from a [`file`](mod@file) |
//! | [`Model`] | what the object should do; the usual ones are in [`models`], yours takes a dozen lines |
//! | [`check`] | the verdict: an order that explains it, or where that ends; or, honestly, that a limit was met |
//! | [`render`] | the verdict as a picture for a terminal; [`steps`] has its data |
//!
//! # How it works
//!
//! Each object is checked by itself, for linearizability is local (Herlihy & Wing 1990, Theorem 1). Within one, Wing & Gong
//! (1993) try every order, call by call, and go back where none fits; Lowe (2017) remembers each (set of placed calls, state)
//! so that none is searched twice, and undoes a placement in constant time. To this come an exact and small form for that
//! set, whose size depends on the calls under way at once and not on the length of the history, and the placing of reads
//! wherever they fit, without a second thought.
//!
//! A search costs at most the number of answers, times two to the power of the changing calls under way at once, times the states
//! that these can lead to. That is linear in the length, exponential in the concurrency: the problem is NP-complete (Gibbons &
//! Korach 1997). Calls that were never answered are under way for ever. [`Limits`] end what would take too long, and [`Cost`] tells
//! what it took.
//!
//! # Sources
//!
//! Herlihy & Wing, *Linearizability: A Correctness Condition for Concurrent Objects*, TOPLAS 1990. Wing & Gong, *Testing and
//! Verifying Concurrent Objects*, JPDC 1993. Gibbons & Korach, *Testing Shared Memories*, SIAM J. Comput. 1997. Lowe, *Testing for
//! Linearizability*, Concurrency and Computation 2017.

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
pub use history::{Call, CallId, Event, History, Misuse, Outcome};
pub use limits::{Cost, Limits, Stop};
pub use model::Model;
pub use picture::{Step, render, steps};
pub use quorate_protocol::{ClientId, Time};
pub use verdict::{Refutation, Report, Verdict};
