//! Leases from a single granter: the basic protocol, with a fenced resource.
//!
//! One **granter** watches the **holders**. Each holder that is heard gets a node lease, to serve;
//! one at a time gets the primary lease, to act. A **resource** refuses writes under an older grant
//! than it has seen.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Heartbeat`](Message::Heartbeat) | holder | granter | is alive, and requests leases |
//! | [`Granted`](Message::Granted) | granter | holder | a node lease, to serve; the primary lease, to act |
//! | [`Denied`](Message::Denied) | granter | holder | another may be primary |
//! | [`Release`](Message::Release), [`Released`](Message::Released) | holder, granter | granter, holder | the primary lease is released early |
//! | [`Write`](Message::Write), [`Written`](Message::Written), [`WriteRefused`](Message::WriteRefused) | holder, resource | resource, holder | a fenced write |
//! | [`GrantedUnderSeal`](Message::GrantedUnderSeal), [`WriteUnderSeal`](Message::WriteUnderSeal) | granter, holder | holder, resource | the same grant and write, for a resource that demands the granter's seal |
//! | [`Check`](Message::Check), [`Checked`](Message::Checked) | resource, granter | granter, resource | whether that grant is still valid |

mod config;
mod detector;
mod fence;
mod granter;
mod holder;
mod invariants;
mod message;
mod node;
mod recent;
pub(crate) mod rules;
mod seal;

pub use config::{Config, FenceCheck, Recovery, Settings};
pub use detector::{Detector, DetectorConfig};
pub use invariants::{EachWriteOnce, Safety, invariants};
pub use message::{Command, Disk, Message, Record, Timer};
pub use node::{Lease, View};
pub use recent::Recent;
pub use rules::SingleRule;
pub use seal::{GrantBody, SealedGrant};

pub use crate::primary::{Fact, Loss, Reply};
