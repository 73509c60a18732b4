//! Rules of oral messages, by the name that traces cite.
//!
//! The paper, by the name used here: *Generals*, Leslie Lamport, Robert Shostak and Marshall Pease,
//! *The Byzantine Generals Problem*, 1982: §1 the conditions IC1 and IC2, §2 impossibility, §3 the
//! algorithm OM(m) with the assumptions A1 to A3.

quorate_protocol::rules! {
    /// The rules of oral messages.
    pub enum GeneralsRule {
        Await: "Generals §3, A3", "the absence of a message can be detected: a general waits until the time is over";
        Command: "Generals §3, OM(m) step 1", "the commander sends his order to every lieutenant";
        OrderedBefore: "Generals §1", "a commander gives one order";
        Relay: "Generals §3, OM(m) step 2", "a lieutenant sends on what he got, as the commander of OM(m-1)";
        KeepOrder: "Generals §3, OM(0)", "the recursion ends: what came through m relays is not sent on";
        RepeatedOrder: "Generals §3, A1", "a message that comes again changes nothing";
        WrongSender: "Generals §3, A2", "the receiver of a message knows its sender, so nobody speaks for another";
        NoSuchPath: "Generals §3, OM(m)", "an order goes from general to general, at most m times on, and to none twice";
        Decide: "Generals §3, OM(m) step 3", "a lieutenant obeys the majority of what he got from the commander and, through OM(m-1), from the others";
        DecideLate: "Generals §3, A3 and OM(m) step 1", "a message that did not come counts as the order to retreat";
        Decided: "Generals §3", "a lieutenant that has decided does not change his mind";
        NotMyRole: "Generals §3", "the commander gives orders, lieutenants get them";
        LieSilent: "Generals §2", "a traitor sends nothing";
        LieSayOther: "Generals §2", "a traitor says the opposite of what he got";
        LieEquivocate: "Generals §2", "a traitor says one thing to some, and another to others";
        LieClaimReceipt: "Generals §2", "a traitor says that he got an order to attack, whatever he got";
        LieByList: "Generals §2", "a traitor says to each what his list has for the message";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = GeneralsRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), GeneralsRule::ALL.len());
        for rule in GeneralsRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
