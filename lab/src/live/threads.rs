//! Threading primitives of this module. Nothing else in it names a lock, a channel, a thread or a
//! clock, so that the same files can be compiled over other primitives: the tests run them on
//! threads whose interleavings a scheduler chooses.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
pub(super) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub(super) use std::thread::{Builder, JoinHandle, yield_now};
pub(super) use std::time::Instant;

pub(super) use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

/// Number of times that a thread with an empty inbox yields before it sleeps.
pub(super) const SPIN_YIELDS: u32 = 20;
