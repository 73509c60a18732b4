//! The rules of TrueTime, with their sources.
//!
//! * *Corbett 2012*, James Corbett and others, *Spanner: Google's Globally-Distributed Database*.
//! * *RFC 5905*, David Mills and others, *Network Time Protocol Version 4*, 2010: its §8 tells
//!   answers apart by the time of the question, its §11.2.1 is the intersection algorithm, derived
//!   from Keith Marzullo's thesis of 1984, *Maintaining the Time in a Distributed System*, which
//!   Corbett 2012 cites.

quorate_protocol::rules! {
    /// The rules of TrueTime and commit wait.
    pub enum TrueTimeRule {
        Poll: "Corbett 2012 §3", "a server polls several time masters at intervals";
        Answer: "Corbett 2012 §3", "a master answers with the interval that its own reference allows";
        OldPoll: "RFC 5905 §8", "an answer to an earlier poll, or a second one, does not count: its delay is unknown";
        CountAnswer: "Corbett 2012 §3", "the time of the answer is between those of the question and of its arrival";
        AwaitAnswers: "RFC 5905 §11.2.1", "too few masters have answered: the liars among them could outvote the others";
        NoAgreement: "RFC 5905 §11.2.1", "no time is in enough of the intervals: more masters lie than is allowed for";
        Synchronise: "Corbett 2012 §3", "the intersection of enough intervals is the new reading";
        KeepReading: "Corbett 2012 §3", "the reading from before, with its growth since then, is still the narrower one";
        LeaveCluster: "Corbett 2012 §3", "a server whose clock has left its worst-case bound is evicted";
        HasLeft: "Corbett 2012 §3", "the clock of this server has left its bound: it does not read the time";
        ErrorTooLarge: "Corbett 2012 §5.3", "the error has grown beyond what is useful: the server does not read the time";
        NeverSynchronised: "Corbett 2012 §3", "a server that has heard of no majority of masters knows no time";
        ReadTime: "Corbett 2012 §3", "the reading is an interval, wider by the drift since the last synchronisation";
        Begin: "Corbett 2012 §4.1.2", "the commit request of a transaction arrives at its server";
        StampLatest: "Corbett 2012 §4.1.2", "the stamp is no earlier than the latest time that it may be, and above all before it";
        SameStamp: "Corbett 2012 §4.2.1", "a transaction that has a stamp keeps it";
        CommitWait: "Corbett 2012 §4.1.2", "nobody sees the transaction before its stamp has certainly passed";
        Commit: "Corbett 2012 §4.1.2", "the stamp has passed on every clock: the transaction is committed";
        WrongRole: "Corbett 2012 §3", "masters tell the time, and servers serve clients";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = TrueTimeRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), TrueTimeRule::ALL.len());
        for rule in TrueTimeRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
