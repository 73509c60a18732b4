//! Rules of three-phase commit, by the name that traces cite.
//!
//! The papers, by the names used here:
//! * *Skeen 1981*, Dale Skeen, *Nonblocking Commit Protocols*: §3 the site model, §5 the
//!   fundamental nonblocking theorem, §6 a nonblocking protocol, §7 termination by a backup
//!   coordinator.
//! * *BHG*, Philip Bernstein, Vassos Hadzilacos and Nathan Goodman, *Concurrency Control and
//!   Recovery in Database Systems*, 1987: §7.3 atomic commitment, §7.5 three-phase commit, its
//!   termination protocol and its recovery, also after a total failure.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of three-phase commit.
    pub enum ThreePhaseRule {
        Begin: "Skeen 1981 §3; BHG §7.5", "phase 1: the coordinator asks every participant to prepare its part";
        Invalid: "BHG §7.3", "a transaction changes rows of participants of this cluster, at least one";
        RepeatedRequest: "RIFL §3", "a request whose transaction is under way is not begun again";
        AnswerFromRecord: "RIFL §3", "a request that was decided is answered again, from a record written with the decision";
        Overtaken: "RIFL §3", "a client that asks for more is done with what it asked for before, so nothing older is begun";
        VoteYes: "Skeen 1981 §3; BHG §7.5", "vote yes only for a part that is on disk and can be committed after a crash";
        VoteNo: "BHG §7.3", "a participant that cannot do its part aborts it by itself, and says so";
        RowLocked: "BHG §7.3", "a part whose row another transaction has locked is refused, not waited for";
        VoteAgain: "BHG §7.5", "messages can be duplicated: the vote that stands is repeated, not cast anew";
        CountVote: "BHG §7.5", "a yes counts, but not every participant has voted yet";
        LateVote: "BHG §7.5", "a message about a phase that is over changes nothing";
        PreCommitAll: "Skeen 1981 §6; BHG §7.5", "phase 2: every participant voted yes, so all are told that a commit is coming before anybody commits";
        DecideAbort: "BHG §7.3, AC3", "one no is enough: the coordinator aborts the transaction";
        AbortLate: "BHG §7.5, timeout actions", "a vote that does not come in time counts as a no";
        EnterPreCommit: "Skeen 1981 §6; BHG §7.5", "a participant that knows that all voted yes is no longer uncertain, and says so";
        CountAck: "BHG §7.5", "an acknowledgement counts, but not every participant has sent one yet";
        DecideCommit: "Skeen 1981 §6; BHG §7.5", "phase 3: nobody is uncertain any more, so the transaction is committed";
        CommitWithoutSilent: "BHG §7.5, timeout actions", "a participant that does not acknowledge in time has failed: the others commit, and it asks when it is back";
        CommitPart: "BHG §7.5", "a participant told to commit installs its part and unlocks the row";
        AbortPart: "BHG §7.5", "a participant told to abort undoes its part and unlocks the row";
        OutcomeKnown: "BHG §7.3, AC2", "a participant keeps the outcome that it has reached";
        NothingPrepared: "BHG §7.5", "a participant that has not voted yes has nothing to commit or to undo";
        TakeOver: "Skeen 1981 §7; BHG §7.5, termination", "nobody else is heard of: this participant becomes the coordinator, and asks the others for their states";
        ReportState: "Skeen 1981 §7; BHG §7.5, termination", "a participant reports its state to a new coordinator, and waits for it";
        CountState: "BHG §7.5, termination", "a state is noted, and others are awaited";
        LateState: "BHG §7.5, termination", "a state that nobody waits for changes nothing";
        TellOutcome: "BHG §7.5, TR1 and TR2", "a node that knows the outcome tells the one that asks";
        AbortUncertain: "Skeen 1981 §7; BHG §7.5, TR3", "all that are up are uncertain, so nobody can have committed: abort";
        MoveToPreCommit: "Skeen 1981 §7; BHG §7.5, TR4", "one is prepared to commit, so nobody can have aborted: move all to that state, and then commit";
        AbortUnvoted: "BHG §7.5, TR1", "a participant that has not voted may still abort: it writes that down, and tells the one that asks";
        RecallPrepared: "BHG §7.5, recovery", "after a restart a participant still holds what it voted yes for, and may not decide: it missed what the others did";
        AskOthers: "BHG §7.5, recovery", "a restarted node asks every other node what became of a transaction";
        AbortAfterTotalFailure: "BHG §7.5, total failure", "all nodes have failed and are back, and none has decided: abort";
        RecallBegun: "BHG §7.5, recovery", "after a restart a coordinator asks what the participants have decided without it";
        AdoptOutcome: "BHG §7.5, recovery", "a restarted coordinator takes over the outcome that a participant has reached";
        StillOpen: "BHG §7.5", "there is no outcome to tell yet: it comes with the decision";
        NotMyRole: "BHG §7.5", "coordinator and participants are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = ThreePhaseRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), ThreePhaseRule::ALL.len());
        for rule in ThreePhaseRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
