//! Rules of reliable broadcast, by the name that traces cite.
//!
//! The paper, by the name used here: *Bracha*, Gabriel Bracha, *Asynchronous Byzantine Agreement
//! Protocols*, Information and Computation 75, 1987: §3 the broadcast primitive, in three steps.

quorate_protocol::rules! {
    /// The rules of reliable broadcast.
    pub enum BroadcastRule {
        SendInitial: "Bracha §3, step 0", "the sender sends its value to all";
        SentBefore: "Bracha §3, step 0", "a sender broadcasts one value";
        Echo: "Bracha §3, step 1", "a node that gets the value from the sender says so to all, once";
        EchoWithOthers: "Bracha §3, step 1", "a node that has heard enough echoes, or readies, echoes the value without the sender";
        Ready: "Bracha §3, step 2", "more than (n+f)/2 echoes: no other value can have as many, so the node says to all that it is ready";
        ReadyWithOthers: "Bracha §3, step 2", "f+1 are ready, an honest one among them, so this node is, too";
        Accept: "Bracha §3, step 3", "2f+1 are ready, f+1 honest ones among them, so all will be: the node accepts the value";
        CountEcho: "Bracha §3, step 1", "an echo counts; nothing follows from it as long as there are too few";
        CountReady: "Bracha §3, step 2", "a ready counts; nothing follows from it as long as there are too few";
        RepeatedMessage: "Bracha §3", "each node has one message of each kind";
        NotTheSender: "Bracha §3, step 1", "an initial message counts only from the sender itself";
        EchoedBefore: "Bracha §3, step 1", "a node echoes one value, so a second one of the sender has no effect";
        NotMyRole: "Bracha §3", "the sender alone broadcasts";
        LieSilent: "Bracha §2", "a liar sends nothing";
        LieEquivocate: "Bracha §2", "a liar sends one value to some, and another to others";
        LieSupportAll: "Bracha §2", "a liar confirms to each node every value";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = BroadcastRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), BroadcastRule::ALL.len());
        for rule in BroadcastRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
