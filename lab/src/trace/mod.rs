//! Event trace of a run, with the cause of each event: one format for all drivers and all
//! renderers.
//!
//! A driver fills a [`Recording`] with the machine's own types, which is cheap. To be displayed,
//! the recording is converted to a [`Document`] of names and JSON bodies:
//!
//! ```text
//!   driver ──push──▶ Recording ──document──▶ Document ──▶ render::log, render::lanes
//!                        └────write_jsonl──▶ file ──read_jsonl──┘
//! ```
//!
//! A document is also the content of a trace file. The format is versioned and described in
//! `docs/TRACE.md`, so programs in other languages can write traces that are shown here, or read
//! ours. Nothing in this module touches files, clocks, threads or the environment: writers take an
//! [`io::Write`](std::io::Write), readers an [`io::BufRead`](std::io::BufRead).
//!
//! # Example
//!
//! ```
//! use quorate_lab::trace::{Document, render};
//!
//! let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"],"rules":{"PromiseHigher":{"cite":"PMS §2.2","says":"…"}}}
//! {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"2.A"}}
//! {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}
//! {"id":3,"at":3000000,"kind":"rule","node":"X","cause":2,"rule":"PromiseHigher","why":"ballot 2.A is above 1.B"}
//! {"id":4,"at":3000000,"kind":"persist","node":"X","cause":2,"name":"Promised","body":"2.A"}"#;
//! let document = Document::read_jsonl(file.as_bytes())?;
//! let log = render::log(&document, render::Options { why: true, ..render::Options::default() });
//! assert_eq!(log.lines().collect::<Vec<_>>(), [
//!     "    3.0 ms  A ──Prepare─────────▶ X  ballot 2.A",
//!     "            X  because PromiseHigher (PMS §2.2)   ballot 2.A is above 1.B",
//!     "            X  persists Promised: 2.A",
//! ]);
//! # Ok::<(), quorate_lab::trace::ReadError>(())
//! ```

mod chunked_vec;
mod divergence;
mod document;
pub mod export;
pub(crate) mod forgery;
mod general;
#[cfg(feature = "html")]
pub mod html;
mod humanize;
mod ids;
mod jsonl;
pub(crate) mod lines;
mod named;
pub(crate) mod nearest;
mod patch;
mod quote;
mod recording;
pub mod render;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod toy;
mod typed_event;
mod value;

pub use divergence::{Divergence, first_divergence};
pub use document::{Citation, Document, Event, EventKind, Header, Payload};
pub use forgery::{Forgery, NAME};
pub use humanize::{humanize, label};
pub use ids::{DropReason, EventId, Lane, MessageId};
pub use jsonl::{JsonlWriter, ReadError, ReadProblem};
pub(crate) use named::variant;
pub use named::{json, payload};
pub use nearest::nearest;
pub use patch::{apply, without_nulls};
pub use recording::{Events, Recorded, Recording, RunInfo, Text};
pub use typed_event::TypedEvent;
pub use value::{Iter, Number, Object, Value};
