//! The Byzantine generals: oral messages OM(m) (Lamport, Shostak and Pease 1982, §3).
//!
//! A commander gives an order to his lieutenants. Some generals are traitors, perhaps the
//! commander. All loyal lieutenants must obey the same order (IC1), and that of a loyal commander
//! (IC2).
//!
//! With three generals this is impossible. A lieutenant that hears *attack* from his commander, and
//! "he told me to retreat" from the other lieutenant, cannot tell which of the two is the traitor.
//! With 3m+1 generals, OM(m) bears m traitors:
//!
//! * **OM(0)**: the commander sends his order, and each lieutenant obeys what he got.
//! * **OM(m)**: the commander sends his order. Each lieutenant sends on what he got, as the
//!   commander of OM(m-1) to the others. Each takes the majority of what he got himself and of what
//!   OM(m-1) gave him of each other.
//!
//! So a message has a path of senders. *Oral* means that each of them can change it; with seals
//! (see [`Sealed`](crate::Sealed)) a traitor cannot, and three generals suffice (§4).
//!
//! The messages that did arrive are not the only problem: those that did not are lies, too. So the
//! network is synchronous (A3): at a deadline a lieutenant takes what is missing for *retreat*.
//! Without that assumption no number of generals is enough.
//!
//! A traitor is a node whose configuration has a [`Lie`] ([`Config::lying`]). [`Lie::ByList`] are
//! all lies that there are, for tests that try them all.
//!
//! | invariant | meaning |
//! |---|---|
//! | [`LoyalAgree`] | IC1: all loyal lieutenants obey the same order |
//! | [`LoyalObey`] | IC2: and that of a loyal commander |

mod config;
mod invariants;
mod liar;
mod message;
mod node;
mod rulebook;
mod rules;
mod symmetry;

pub use config::{Config, ConfigError, Settings};
pub use invariants::{LoyalAgree, LoyalObey, Safety};
pub use liar::Lie;
pub use message::{Command, Fact, Message, Order, Reply, Timer};
pub use node::{General, View};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::GeneralsRule;
