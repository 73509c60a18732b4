//! Bugs of protocols that read clocks.

pub mod snowflake;
pub mod true_time;
