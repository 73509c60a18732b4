//! How answers are tried, by the kind of exercise.
//!
//! | kind | how |
//! |---|---|
//! | [decisions](rules) | in the machines of the reference: where nothing goes wrong, under the schedules that its bugs need, and in storms |

pub mod rules;
mod storm;

pub use storm::{Weather, storm};
