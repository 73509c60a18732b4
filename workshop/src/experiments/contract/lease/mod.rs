//! What leases promise those who ask their holders to act, and what is built on leases promises its
//! clients.

mod cache;
mod holding;
mod store;
mod table;

pub use cache::{CacheAnswers, CacheOp, Versions};
pub use holding::{Deed, Holding, LeaseAnswers, MajorityAnswers, Object, Outcome, Reigns};
pub use store::{Cell, StoreAnswers, StoreOp};
pub use table::{Found, Glance, Rows, TableAnswers, TableOp};
