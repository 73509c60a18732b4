//! Bugs of oral messages. Each needs one traitor among four generals, which OM(1) bears.

use quorate_byzantine::generals::{BY_THE_BOOK, GeneralsRule, Order, Rulebook};
use quorate_protocol::Ruling::{self, Allow, Refuse};

use crate::Breaks::Invariant;
use crate::Discovery::Search;

bugs! {
    /// Rulebook of oral messages: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    OBEYS_THE_FIRST_REPORT = "obeys-the-first-report" of Generals {
        summary: "A lieutenant obeys what the commander told him, whatever the others report.",
        story: "The commander is a traitor: he tells one lieutenant to attack, and another to retreat. Both hear from the others that the orders differ, and each does as he was told.",
        source: "Lamport, Shostak and Pease 1982 §2: one report proves nothing",
        breaks: Invariant("LoyalAgree"),
        needs: "4 generals, of which the commander lies",
        discovery: Search { steps: 8 },
        correct_rule: "Decide",
        fn majority(got: &[Order]) -> Order {
            got.first().copied().unwrap_or(Order::Retreat)
        }
    }

    ONE_RELAY_TOO_FEW = "one-relay-too-few" of Generals {
        summary: "Orders are sent on once less than there are traitors.",
        story: "The commander is a traitor: he tells one lieutenant to attack, and another to retreat. None of them says so to the others, so each does as he was told.",
        source: "Fischer and Lynch 1982: m traitors need m+1 rounds",
        breaks: Invariant("LoyalAgree"),
        needs: "4 generals, of which the commander lies",
        discovery: Search { steps: 6 },
        correct_rule: "Relay",
        fn relays(senders: usize, m: usize) -> Ruling<GeneralsRule> {
            if senders < m { Allow(GeneralsRule::Relay) } else { Refuse(GeneralsRule::KeepOrder) }
        }
    }

    LEAVES_OUT_HIS_OWN = "leaves-out-his-own" of Generals {
        summary: "A lieutenant asks the others for the majority, and does not count what he got himself.",
        story: "A loyal commander orders to attack. One lieutenant is loyal and reports it, another is a traitor and reports the opposite. The third has one report of each kind, so he retreats.",
        source: "Lamport, Shostak and Pease 1982 §3, OM(m) step 3: the majority of all n-1 values, his own among them",
        breaks: Invariant("LoyalObey"),
        needs: "4 generals, of which a lieutenant lies",
        discovery: Search { steps: 6 },
        correct_rule: "Decide",
        fn majority(got: &[Order]) -> Order {
            BY_THE_BOOK.majority(got.get(1..).filter(|others| !others.is_empty()).unwrap_or(got))
        }
    }
}
