//! Scenarios: golden scripts that read as a story, run as a test, and draw a picture.
//!
//! A scenario is a text file. Prose stands behind `#`; its first line is the title. Commands set a cluster up, let time
//! pass, break things and say what is expected. After each block of them comes a line `---`, and below it what the block printed.
//!
//! ```text
//! # A value is chosen
//! #
//! # Three nodes play every role. One of them proposes, and a majority accepts (Paxos Made Simple §2.2).
//!
//! cluster paxos nodes=3
//! propose n1 blue
//! run
//! expect chosen blue
//! show lanes
//! ---
//! …
//! ```
//!
//! [`perform`] runs it and returns [what came of it](Performance): the text with fresh output, where that differs from
//! the stored one, the trace, and how often each rule was cited. Whatever is wrong with a scenario is a
//! [`ScriptError`], with its line, what was expected there and what may have been meant.
//!
//! The commands that every protocol has are [`COMMANDS`], the claims behind `expect` and `until` are [`CLAIMS`]. What a
//! protocol adds is its [`Protocol`]; a [`Repertoire`] lists those that the word behind `cluster` may name.
//!
//! # The form of a line
//!
//! A line is a command and its arguments: words, and options such as `loss=5%` in any order. A word that holds a space, a quote or
//! a `#` at its beginning stands in quotes. A `!` in front of a command says that it fails; its error becomes the output.
//! Parentheses around a command keep what it prints out of the output.
//!
//! # Time, and clients
//!
//! Nothing happens until time passes: `run`, `step`, `until` and `fire` let it. Faults are the exception; they strike at
//! once. A command that would take thousands of events is stopped, and says so. So is everything else that has no end: a text, a
//! word, what is printed; [`TEXT_MAX`] and its neighbours say how much is possible.
//!
//! In a story about nodes, requests are prompts: they reach their node and are answered at once, past the network, by a client
//! that neither waits nor asks again. `clients=c1,c2` makes it a story about clients, too: then requests and answers travel as
//! all messages do, and a client asks one thing after the other, again if there is no answer, and gives up in the end.
//! Without `client=` the first of them asks.
//!
//! # By hand
//!
//! `pace=1ms` on the cluster line makes it a story in which nothing happens by itself, told message by message: every message
//! waits for its `deliver` and every timer for its `fire`, and each of these, like each request, takes that long. Requests are
//! prompts, and `ticket=N` gives one its number among those of its client: the same number again is the same request again. That is
//! the form in which [a failing run is written down](Schedule). `again` plays the story so far once more by the book.
//!
//! # Orders to the network
//!
//! `hold`, `drop`, `delay` and `duplicate` are orders about messages between two nodes, by their name; the newest that fits decides.
//! `release` lets held messages go and ends the holds that it covers; `pass` ends the others. What a partition or a cut stops
//! is lost before any order sees it.

mod bounds;
mod by_hand;
mod claim;
mod cluster;
mod expect;
mod faults;
mod line;
mod opening;
mod orders;
mod perform;
mod phrase;
mod play;
mod problem;
mod protocol;
mod schedule;
mod show;
mod source;
mod time;
mod usage;
mod variants;
mod words;

#[cfg(test)]
mod tests;

pub use bounds::{LOOKED_AT_MAX, PRINTED_MAX, TEXT_MAX, VALUE_MAX, WORD_MAX};
pub use claim::Claim;
pub use cluster::combined;
pub use perform::{Difference, Failure, Performance, perform, story, title};
pub use phrase::Phrase;
pub use play::Staging;
pub use problem::{Problem, ScriptError, shown};
pub use protocol::{Asking, Cast, Entry, Protocol, ProtocolClaim, Repertoire, RulebookOf};
pub use schedule::{Minimised, Schedule, Tale, Transcript, Untold};
pub use usage::{CLAIMS, COMMANDS, Usage};
pub use words::Words;

/// The name that somebody may have meant: the candidate most like the word, if one is close.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    crate::trace::nearest::nearest(word, candidates)
}
