//! Time in distributed systems: clocks with an error, and how to live with it.

mod drift;
mod interval;
mod marzullo;
pub mod snowflake;
pub mod true_time;

pub use drift::{BadDrift, Drift};
pub use interval::Interval;
pub use marzullo::{densest, marzullo};
