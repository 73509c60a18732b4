//! Replicated data in scenarios.

mod primary_backup;
mod register;

pub(in crate::protocols) use register::{ORDERS, SESSIONS};
