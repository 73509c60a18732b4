//! Sequential specifications of common objects: register, queue, key-value store.

mod key_value;
mod keyed;
mod queue;
mod register;

pub use key_value::{KeyValue, KvOp, KvReturn};
pub use keyed::{Keyed, KeyedOp};
pub use queue::{Queue, QueueOp, QueueReturn};
pub use register::{Register, RegisterOp, RegisterReturn};
