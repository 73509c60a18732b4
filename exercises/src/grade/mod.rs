//! How answers are tried, by the kind of exercise.
//!
//! | kind | how |
//! |---|---|
//! | [small machines](network) | in machines of their own, in the same storms |
//! | [decisions](rules) | in the machines of the reference: where nothing goes wrong, under the schedules that its bugs need, in storms, and last by themselves |
//! | [attacks](attack) | schedules, played against a broken system and against the papers' |
//! | [whole machines](build) | in a suite of named troubles and storms, judged by what they say |
//! | [tests](mod@test) | watchers, beside correct runs and beside those of broken systems |

pub mod attack;
pub mod build;
mod conduct;
mod goals;
mod hunt;
pub mod network;
mod questions;
pub mod rules;
mod storm;
pub mod test;

pub use storm::{Weather, storm};
