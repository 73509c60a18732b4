//! Replicated data in scenarios.

mod register;

pub(in crate::protocols) use register::{ORDERS, SESSIONS};
