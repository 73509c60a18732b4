//! Rules of PBFT, by the name that traces cite.
//!
//! The papers, by the names used here:
//! * *PBFT*, Miguel Castro and Barbara Liskov, *Practical Byzantine Fault Tolerance*, 1999: §2
//!   system model, §4.1 the client, §4.2 normal-case operation, §4.3 garbage collection, §4.4 view
//!   changes, §4.5 correctness.
//! * *Castro 2001*, Miguel Castro, *Practical Byzantine Fault Tolerance*, the thesis: §5.2 message
//!   retransmission.

quorate_protocol::rules! {
    /// The rules of PBFT.
    pub enum PbftRule {
        Ask: "PBFT §4.1", "a client sends its sealed request to the primary";
        AskAll: "PBFT §4.1", "a client that has no answer in time sends its request to all replicas";
        CountReply: "PBFT §4.1", "a reply counts, but too few replicas report this result";
        Answer: "PBFT §4.1", "f+1 replicas report the same result, so an honest one does";
        LateReply: "PBFT §4.1", "a reply to a request that is answered changes nothing";
        HoldRequest: "PBFT §4.2", "a request waits at the replica until it is executed";
        Relay: "PBFT §4.4", "a backup that a client asks relays the request to the primary, and gives it a time";
        AnswerFromRecord: "PBFT §4.1", "a request that was executed is answered again, not executed again";
        Overtaken: "PBFT §4.1", "a client asks for one thing at a time, so nothing older than its newest is executed";
        Propose: "PBFT §4.2", "the primary gives the request the next number, and proposes it to the backups";
        WaitForWindow: "PBFT §4.2", "the primary uses no number above the high-water mark";
        Prepare: "PBFT §4.2", "a backup accepts the first proposal of the primary for a number of this view, and says so to all";
        RepeatedProposal: "PBFT §4.2", "a proposal that was accepted is not accepted anew";
        OneDigestPerNumber: "PBFT §4.2", "a second proposal for the same view and number is refused";
        NotThePrimary: "PBFT §4.2", "only the primary of the view proposes";
        WrongDigest: "PBFT §4.2", "a proposal carries the request of its digest, which a client has sealed";
        OutsideWindow: "PBFT §4.2 and §4.3", "numbers lie above the last stable checkpoint, and at most the window's size above it";
        OtherView: "PBFT §4.2 and §4.4", "a message of another view, or during a view change, is not accepted";
        BadSeal: "PBFT §2 and §4.2", "a claim without the seal of its author is refused";
        CountPrepare: "PBFT §4.2", "a prepare counts, but the proposal is not prepared yet";
        Prepared: "PBFT §4.2", "the proposal and 2f prepares of backups match: no other request has this number in this view";
        CountCommit: "PBFT §4.2", "a commit counts, but the request is not committed yet";
        Committed: "PBFT §4.2", "2f+1 replicas have it prepared, so every later view knows of it";
        RepeatedVote: "PBFT §4.2", "each replica has one vote for a number of a view";
        Execute: "PBFT §4.2", "committed requests are executed in the order of their numbers, and the client is told";
        ExecuteOnce: "PBFT §4.2 and §4.1", "a request that has a second number is not executed again";
        ExecuteNull: "PBFT §4.4", "a null request fills a number that no request has, and does nothing";
        TakeCheckpoint: "PBFT §4.3", "after every so many requests a replica tells all the state that it has";
        CountCheckpoint: "PBFT §4.3", "a checkpoint counts, but is not proved yet";
        Stable: "PBFT §4.3", "2f+1 replicas have the same state: it is proved, and what led to it is discarded";
        OldCheckpoint: "PBFT §4.3", "a checkpoint that is not above the stable one changes nothing";
        TakeState: "PBFT §4.3 and §5.2", "a replica that has fallen behind takes the state of a proved checkpoint";
        SuspectPrimary: "PBFT §4.4", "a request was not executed in time: the next view, with another primary, shall begin";
        JoinViewChange: "PBFT §4.4", "f+1 replicas want a later view, so an honest one does";
        CountViewChange: "PBFT §4.4", "a view change counts, but too few replicas want the view";
        WaitForNewView: "PBFT §4.4", "2f+1 replicas want the view: its primary has a time to begin it, twice as long at each attempt";
        NoProof: "PBFT §4.4", "a view change proves its checkpoint and each request that it says was prepared";
        BeginView: "PBFT §4.4", "the primary of the new view proposes again what 2f+1 view changes prove to be prepared";
        EnterView: "PBFT §4.4", "a new view holds what its view changes prove, so the replica enters it and prepares its proposals";
        RefuseNewView: "PBFT §4.4", "a new view that proposes anything but what its view changes prove is refused";
        OldView: "PBFT §4.4", "the replica is past this view change";
        SendStatus: "Castro 2001 §5.2", "a replica that waits for something tells all how far it is, and one that does not, less often";
        Idle: "Castro 2001 §5.2", "a replica that waits for nothing sends nothing this time";
        Help: "Castro 2001 §5.2", "a replica sends again what another has missed";
        UpToDate: "Castro 2001 §5.2", "a replica that has missed nothing needs no help";
        Recall: "PBFT §2", "a replica keeps on disk all that it has said, so after a restart it contradicts nothing";
        StayIdle: "PBFT §4.4", "no request waits, so the primary is not suspected";
        NotMyRole: "PBFT §2", "replicas and clients are separate roles";
        LieSilent: "PBFT §2", "a liar sends nothing";
        LieEquivocate: "PBFT §2", "a liar says one thing to some, and another to others";
        LieForge: "PBFT §2", "a liar speaks for others, but lacks their seals";
        LieReplay: "PBFT §2", "a liar sends again what was said before";
        LieCollude: "PBFT §2", "a liar confirms to each replica what that replica was told";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = PbftRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), PbftRule::ALL.len());
        for rule in PbftRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
