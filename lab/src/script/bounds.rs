//! Limits of a scenario: every scenario ends within seconds, or is refused with the limit that it
//! exceeds.
//!
//! | subject | at most |
//! |---|---|
//! | the whole text | [`TEXT_MAX`] bytes |
//! | a word, or an option's value | [`WORD_MAX`] bytes |
//! | a value, a key, the name of a lease | [`VALUE_MAX`] bytes |
//! | nodes and clients together | 64, with names of 16 letters |
//! | a duration | a year |
//! | events of one command, and of all | 20,000, and 100,000 |
//! | the output in all | [`PRINTED_MAX`] bytes |
//! | events examined by `expect`, `until` and `show` in all | [`LOOKED_AT_MAX`] |

/// Maximum size of a scenario, in bytes.
pub const TEXT_MAX: usize = 1 << 20;
/// Maximum size of one word or of one option's value, in bytes.
pub const WORD_MAX: usize = 16 << 10;
/// Maximum size, in bytes, of a value that is proposed, written, read or leased: the trace repeats
/// it many times.
pub const VALUE_MAX: usize = 1 << 10;
/// Maximum size of a scenario's output, in bytes.
pub const PRINTED_MAX: usize = 16 << 20;
/// Maximum number of events that assertions and diagrams examine, counting repeated passes.
pub const LOOKED_AT_MAX: u64 = 5_000_000;
