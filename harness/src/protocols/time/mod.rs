//! Protocols that read clocks, in scenarios.

mod snowflake;
mod true_time;
