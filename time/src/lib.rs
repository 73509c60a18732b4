//! Time in distributed systems: clocks that are wrong, and networks that are late.
//!
//! No node knows the time. It has a clock, which is wrong by some amount, and a network, on which
//! silence says nothing. This crate has the machines that live with both, each with the papers' own
//! bounds: those whose safety rests on a stated error, and those that need none.
//!
//! | machine | what it does | its safety rests on |
//! |---|---|---|
//! | [`true_time::TrueTime`] | reads the time as an interval, and lets a commit wait until it has passed (Spanner) | a bound on the drift of clocks, and on the number of masters that lie |
//! | [`ntp::Ntp`] | follows time servers: slews a small offset, steps a large one (NTP) | a majority of servers that are right, and a bound on the drift of clocks |
//! | [`snowflake::Snowflake`] | makes unique ids, roughly in the order of time (Twitter) | no clock: a clock that is wrong costs availability and order |
//! | [`channel::Channel`] | makes a reliable, ordered channel of unreliable links (TCP) | no clock: a timeout that is wrong costs traffic or delay |
//! | [`balancer::Balancer`] | sends requests to servers that it takes for alive, and survives its own errors (Envoy) | no clock: a timeout that is wrong moves load |
//!
//! Beside them are the parts that they are made of: [`Interval`] and [`Drift`], readings with an
//! error and how it grows; [`marzullo`], the time that enough sources agree on; [`rto`], a timeout
//! that follows measured round trips; [`logical`], clocks that count events, and a machine that
//! puts one around any other.
//!
//! # Points in time, and durations
//!
//! A monotonic clock measures durations on its own node, and never goes back; a wall clock names a
//! point in time, and may be set at any moment. TrueTime needs a point, and gets it from masters: a
//! server's wall clock is never read, its monotonic clock only lets the interval grow. Snowflake
//! reads the wall clock, and therefore has to expect that it goes back. The channel measures round
//! trips, which are durations.

pub mod balancer;
pub mod channel;
mod drift;
mod interval;
pub mod logical;
mod marzullo;
pub mod ntp;
pub mod rto;
pub mod snowflake;
pub mod true_time;

pub use drift::{BadDrift, Drift};
pub use interval::Interval;
pub use marzullo::{densest, marzullo};
