//! Protocols that read clocks, in scenarios.

mod ntp;
mod snowflake;
mod true_time;
