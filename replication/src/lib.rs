//! Replicated data: several nodes keep copies of the same thing, and a network that may part them.
//!
//! Consensus keeps replicas equal by stopping where there is no majority. This crate shows the
//! other ways, and their price: registers that answer on both sides of a partition and converge
//! after it, registers that stay linearizable without a log, and a primary with backups.
//!
//! | machine | what it does | who must be up to go on |
//! |---|---|---|
//! | [`register::Register`] in [`Mode::Consistent`](register::Mode) | majority reads and writes, with write-back | a majority of the replicas |
//! | [`register::Register`] in [`Mode::Available`](register::Mode) | answers from one copy, gossips, converges | the replica that is asked |
//! | [`primary_backup::PrimaryBackup`] | a primary answers, a backup takes over | the primary, and its backup until the monitor removes it |

mod name;
pub mod primary_backup;
pub mod register;
mod stamp;

pub use name::{Key, Value};
pub use stamp::{BadStamp, Stamp, Tick};
