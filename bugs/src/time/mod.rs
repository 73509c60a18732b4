//! Bugs of protocols that read clocks.

pub mod ntp;
pub mod snowflake;
pub mod true_time;
