//! Client contracts of leases: promises to the clients of lease holders, and to the clients of
//! systems built on leases.

mod cache;
mod holding;
mod store;
mod table;

pub use cache::{CacheAnswers, CacheOp, Versions};
pub use holding::{
    GrantHistory, Holding, HoldingObject, HoldingOp, HoldingReturn, LeaseAnswers, MajorityAnswers, PushedAnswers,
};
pub use store::{Cell, StoreAnswers, StoreOp};
pub use table::{Glance, Rows, TableAnswers, TableOp, TableReturn};
