//! Leases from a single granter: the basic story, with a fenced resource.
//!
//! One **granter** watches the **holders**. Each that is heard has a node lease, to serve; one at a
//! time has the primary lease, to act. A **resource** that is written to refuses writes under an
//! older grant than it has seen.
//!
//! | message | from | to | what it is for |
//! |---|---|---|---|
//! | [`Heartbeat`](Message::Heartbeat) | holder | granter | lives, and asks for what it may have |
//! | [`Granted`](Message::Granted) | granter | holder | a node lease, to serve; the primary lease, to act |
//! | [`Denied`](Message::Denied) | granter | holder | another may be primary |
//! | [`Release`](Message::Release), [`Released`](Message::Released) | holder, granter | granter, holder | the primary lease is given back early |
//! | [`Write`](Message::Write), [`Written`](Message::Written), [`WriteRefused`](Message::WriteRefused) | holder, resource | resource, holder | a fenced write |
//! | [`Check`](Message::Check), [`Checked`](Message::Checked) | resource, granter | granter, resource | does that grant still bind? |

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

pub use config::{Config, FenceCheck, Recovery, Settings};
pub use detector::{Detector, Watch};
pub use invariants::{EachWriteOnce, Safety, invariants};
pub use message::{Command, Disk, Message, Record, Timer};
pub use node::{Lease, View};
pub use recent::Recent;
pub use rules::SingleRule;

pub use crate::primary::{Fact, Loss, Reply};
