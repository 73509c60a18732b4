//! How large a scenario may be, and what it makes: whatever somebody writes comes to an end within seconds, or is refused with the
//! bound that it breaks.
//!
//! | what | at most |
//! |---|---|
//! | the whole text | [`TEXT_MAX`] bytes |
//! | a word, or an option's value | [`WORD_MAX`] bytes |
//! | a value, a key, the name of a lease | [`VALUE_MAX`] bytes |
//! | nodes and clients together | 64, with names of 16 letters |
//! | a span | a year |
//! | events of one command, and of all | 20,000, and 100,000 |
//! | what is printed in all | [`PRINTED_MAX`] bytes |
//! | events looked at by `expect`, `until` and `show` in all | [`LOOKED_AT_MAX`] |

/// Bytes of a scenario.
pub const TEXT_MAX: usize = 1 << 20;
/// Bytes of one word or of one option's value.
pub const WORD_MAX: usize = 16 << 10;
/// Bytes of what is proposed, written, read or leased: it stands in the trace again and again.
pub const VALUE_MAX: usize = 1 << 10;
/// Bytes that a scenario prints.
pub const PRINTED_MAX: usize = 16 << 20;
/// Events that claims and figures look at, each time anew.
pub const LOOKED_AT_MAX: u64 = 5_000_000;
