//! The rulebook: each decision of oral messages as one small pure function.
//!
//! ```
//! use quorate_byzantine::generals::{BY_THE_BOOK, Order, Rulebook};
//!
//! // A lieutenant that believes the first report.
//! const TRUSTS_ONE: Rulebook =
//!     Rulebook { majority: |got| got.first().copied().unwrap_or(Order::Retreat), ..BY_THE_BOOK };
//!
//! let got = [Order::Attack, Order::Retreat, Order::Retreat];
//! assert_eq!(BY_THE_BOOK.majority(&got), Order::Retreat);
//! assert_eq!(TRUSTS_ONE.majority(&got), Order::Attack);
//! ```

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::message::Order;
use super::rules::GeneralsRule;

quorate_protocol::rulebook! {
    /// The decisions of oral messages. [`BY_THE_BOOK`] follows the paper exactly; sections are
    /// those of *Generals*.
    pub struct Rulebook;

    /// §3, OM(m) step 2: whether an order that has had so many senders is sent on. In OM(m) an
    /// order is sent by the commander, and then at most `m` times.
    fn relays(senders: usize, m: usize) -> Ruling<GeneralsRule> {
        if senders <= m { Allow(GeneralsRule::Relay) } else { Refuse(GeneralsRule::KeepOrder) }
    }

    /// §3, A2: whether a message counts as one of its last sender.
    fn knows_sender(from: NodeId, last: NodeId) -> bool {
        from == last
    }

    /// §3, OM(m) step 1: the order that counts if none came.
    fn absent() -> Order {
        Order::Retreat
    }

    /// §3, OM(m) step 3: the majority of the orders, of the commander's own first; to retreat, if
    /// there is none.
    fn majority(got: &[Order]) -> Order {
        let attacks = got.iter().filter(|order| **order == Order::Attack).count();
        if 2 * attacks > got.len() { Order::Attack } else { Order::Retreat }
    }
}
