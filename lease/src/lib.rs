//! Leases.

mod config;
mod detector;
mod fence;
mod granter;
mod holder;
mod id;
pub mod invariants;
pub mod majority;
mod message;
mod node;
mod rulebook;
mod rules;
pub mod store;
mod terms;
mod text;

pub use config::{Config, ConfigError, FenceCheck, Recovery, Settings};
pub use detector::{Detector, Watch};
pub use id::{Attempt, LeaseId, Mode, Sequencer, Token};
pub use message::{Command, Fact, Loss, Message, Record, Reply, Stable, Timer};
pub use node::{Lease, View};
pub use rulebook::{ByTheBook, Rulebook, Standing};
pub use rules::LeaseRule;
pub use terms::{Drift, LONGEST, TermError, Terms, quarantine, safe_holder_term};
pub use text::{Name, Value};
