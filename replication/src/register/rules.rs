//! The rules of a replicated register, with their sources.
//!
//! * *ABD*, Hagit Attiya, Amotz Bar-Noy and Danny Dolev, *Sharing Memory Robustly in
//!   Message-Passing Systems*, 1995: majority reads and writes.
//! * *Lynch and Shvartsman 1997*, *Robust Emulation of Shared Memory Using Dynamic
//!   Quorum-Acknowledged Broadcasts*: the same with several writers.
//! * *RFC 677*, Paul Johnson and Robert Thomas, *The Maintenance of Duplicate Databases*, 1975:
//!   the last writer wins.
//! * *Lamport 1978*, *Time, Clocks, and the Ordering of Events in a Distributed System*.
//! * *Kulkarni 2014*, Sandeep Kulkarni and others, *Logical Physical Clocks*: hybrid logical
//!   clocks.
//! * *Dynamo*, Giuseppe DeCandia and others, *Dynamo: Amazon's Highly Available Key-value Store*,
//!   2007: siblings, read repair.
//! * *Preguiça 2010*, Nuno Preguiça and others, *Dotted Version Vectors*.
//! * *Demers 1987*, Alan Demers and others, *Epidemic Algorithms for Replicated Database
//!   Maintenance*.
//! * *Terry 1994*, Douglas Terry and others, *Session Guarantees for Weakly Consistent Replicated
//!   Data*.
//! * *Gilbert and Lynch 2002*, *Brewer's Conjecture and the Feasibility of Consistent, Available,
//!   Partition-Tolerant Web Services*.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of a replicated register.
    pub enum RegisterRule {
        AskMajority: "ABD §3; Lynch and Shvartsman 1997 §4", "phase 1: a read or a write asks the replicas for the version that they hold";
        TellHeld: "ABD §3", "a replica reports the version that it holds";
        CountAnswer: "ABD §3", "an answer counts, but a majority has not answered yet";
        CountedBefore: "ABD §3", "each replica counts once: messages can be duplicated";
        LateAnswer: "ABD §3", "an answer to a phase that is over changes nothing";
        NothingWritten: "ABD §3", "a majority holds no version, so nothing has been written";
        WriteBack: "ABD §3", "phase 2 of a read: the newest version is put on a majority before it is returned";
        OnMajority: "ABD §3", "a version that a whole majority reported is on a majority, and is returned at once";
        StampAbove: "Lynch and Shvartsman 1997 §4", "phase 2 of a write: its stamp is above all that a majority reported, and ties are decided by the node";
        StoreNewer: "ABD §3", "a replica stores a version newer than its own, on disk, before it acknowledges";
        KeepNewer: "ABD §3", "a replica that holds this version or a newer one keeps it, and acknowledges";
        Complete: "ABD §3", "a majority holds the version: the operation is over";
        NoMajority: "Gilbert and Lynch 2002 §3", "without a majority there is no answer: consistency before availability";
        RepeatedRequest: "RIFL §3", "a request that has begun is not begun again";
        Overtaken: "RIFL §3", "a client that asks for more is done with what it asked for before, so nothing older is begun";
        WriteHere: "Gilbert and Lynch 2002 §3; Dynamo §2.3", "a write is taken by the replica that is asked, at once: availability before consistency";
        ReadHere: "Gilbert and Lynch 2002 §3; Dynamo §2.3", "a read is answered from the copy of the replica that is asked, perhaps an old one";
        PushWrite: "Demers 1987 §1", "a new version is sent to the other replicas at once";
        LastWriterWins: "RFC 677 §3", "of two versions the one with the higher stamp stays";
        KeepSiblings: "Dynamo §4.4; Preguiça 2010 §3", "a version replaces those that its writer had read, and is kept beside all others";
        KnownAlready: "Demers 1987 §1", "a version that is held, or was replaced, changes nothing";
        FutureStamp: "Kulkarni 2014 §4", "a stamp too far ahead of the own wall clock is not accepted, lest it pull all clocks along";
        AntiEntropy: "Demers 1987 §1", "at intervals a replica compares all its copies with another's, one after another";
        ReadRepair: "Dynamo §5", "a read compares the copies of the key, so that those who are behind catch up";
        SendBetter: "Demers 1987 §1", "a replica that has something newer sends it back";
        WaitForSession: "Terry 1994 §3", "a replica that lacks what the session has seen waits before it answers";
        SessionMet: "Terry 1994 §3", "the replica has caught up with the session, and answers";
        Behind: "Terry 1994 §3", "a replica that does not catch up in time refuses";
        AskReplica: "Terry 1994 §3", "an application sends the stamps that its session has seen with the request";
        TellClient: "Terry 1994 §3", "an application adds the answer to its session, and passes it on";
        NoAnswer: "Gilbert and Lynch 2002 §3", "an application that hears nothing in time says so";
        Recall: "ABD §3", "after a restart a replica still holds what it had stored";
        NotMyRole: "Terry 1994 §2", "replicas and applications are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = RegisterRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), RegisterRule::ALL.len());
        for rule in RegisterRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
