//! Sagas: a long transaction as a sequence of short ones, each with a compensation that undoes it.
//!
//! The **orchestrator** has the steps of a saga done one after the other, each in a local
//! transaction of a **service**: an order, a stock, a payment. No lock is held from one to the
//! next. If a step is refused, or its answer does not come, the steps that may have been done are
//! undone, the last one first. The log of the orchestrator says how far it is, so it goes on after
//! a crash.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Do`](Message::Do) | orchestrator | service | do this step |
//! | [`Done`](Message::Done), [`Refused`](Message::Refused) | service | orchestrator | it is done, or cannot be |
//! | [`Undo`](Message::Undo) | orchestrator | service | undo it, whether or not it was done |
//! | [`Undone`](Message::Undone) | service | orchestrator | it is undone, or will never be done |
//!
//! # What it gives up
//!
//! Isolation. A step is committed when it is done, so others see half a saga, and may use what is
//! undone later: then a compensation takes a row below zero, because it may not fail. Two-phase
//! commit locks the rows instead, and blocks.
//!
//! # Design
//!
//! * Steps and compensations are keyed by the saga, and may come twice. A step whose answer is late
//!   may not have come yet: its compensation leaves a mark, and the step is refused when it comes.
//! * A compensation is the inverse change, not the old amount: others have changed the row since.
//! * After the [pivot](Settings::pivot) a saga is only continued: steps are repeated until they are
//!   done.
//! * A service writes the change and its note about the saga in one local transaction.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`AllOrCompensated`] | once a saga has ended, all of its steps are done, or none is |
//! | [`UndoneInReverse`] | a step is undone only after all later ones |
//! | [`StepsAddUp`] | a row holds its opening amount and the steps done and not undone, each once |
//! | [`EachRequestOnce`] | a request is carried out by at most one saga |

mod config;
mod disk;
mod invariants;
mod message;
mod node;
mod orchestrator;
mod rulebook;
mod rules;
mod service;

pub use config::{Config, ConfigError, Settings};
pub use disk::{Direction, Disk, Note, Record, Running};
pub use invariants::{AllOrCompensated, EachRequestOnce, Safety, StepsAddUp, UndoneInReverse};
pub use message::{Fact, Message, Timer};
pub use node::{Saga, View};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::SagaRule;
