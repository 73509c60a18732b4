//! The rules: each decision of the papers, by the name that traces cite.
//!
//! The papers, by the names used here:
//! * *Paxos Made Simple*, Leslie Lamport, 2001. P1, P1a, P2, P2c are its requirements, §2.2 its two
//!   phases.
//! * *The Part-Time Parliament*, Leslie Lamport, 1998.
//! * *Flexible Paxos: Quorum Intersection Revisited*, Heidi Howard, Dahlia Malkhi and Alexander
//!   Spiegelman, 2016.
//! * *Implementing Linearizability at Large Scale and Low Latency*, Collin Lee and others, 2015,
//!   for the repeated requests of clients, which Paxos does not cover.
//!
//! The rules from [`Campaign`](PaxosRule::Campaign) on belong to [Multi-Paxos](crate::multi) alone.

quorate_protocol::rules! {
    /// The rules of Basic Paxos and of Multi-Paxos.
    pub enum PaxosRule {
        JoinProposal: "Paxos Made Simple §2.1", "only one value can be chosen, so another request waits for the outcome of the current proposal";
        RepeatedRequest: "Paxos Made Simple §2.1; Lee et al. 2015", "a repeated request is not proposed twice at the same time";
        Prepare: "Paxos Made Simple §2.2, phase 1(a); §2.5", "a proposer records a ballot that it never used, and asks acceptors to promise it";
        Retry: "Paxos Made Simple §2.2 and §2.4", "a proposal that makes no progress is abandoned for a higher ballot";
        PromiseHigher: "Paxos Made Simple §2.2, phase 1(b)", "promise a ballot above every one promised before, and report what was accepted";
        PromiseAgain: "Paxos Made Simple §2.1 and §2.2, phase 1(b)", "messages can be duplicated: the existing promise is repeated, not made again";
        IgnoreAccepted: "Paxos Made Simple §2.2", "a prepare for a proposal that was already accepted is ignored";
        RefusePrepare: "Paxos Made Simple §2.2", "a prepare below the promise is refused, and its proposer is told the higher ballot";
        CountPromise: "Paxos Made Simple §2.2, phase 2(a)", "a promise is counted, but there is no phase-1 quorum yet";
        RepeatedPromise: "Paxos Made Simple §2.2, phase 2(a)", "a quorum is a set: the same acceptor counts once";
        StaleReply: "Paxos Made Simple §2.2, phase 2(a)", "a reply counts only for its own ballot and only during its phase";
        ProposeReported: "Paxos Made Simple §2.2, P2c", "propose the value of the highest ballot that the phase-1 quorum reports";
        ProposeFreely: "Paxos Made Simple §2.2, P2c", "a phase-1 quorum that reports nothing leaves the proposer free to propose its own value";
        Accept: "Paxos Made Simple §2.2, P1a and phase 2(b)", "accept a proposal unless a higher ballot was promised";
        AcceptAgain: "Paxos Made Simple §2.1 and §2.2, phase 2(b)", "messages can be duplicated: the existing vote is repeated, not cast again";
        RefuseAccept: "Paxos Made Simple §2.2, P1a", "a proposal below the promise is refused, and its proposer is told the higher ballot";
        Abandon: "Paxos Made Simple §2.2 and §2.4", "a proposer that learns of a higher ballot abandons its own and backs off";
        CountVote: "Paxos Made Simple §2.3", "a vote is counted, but no phase-2 quorum has accepted one ballot yet";
        RepeatedVote: "Paxos Made Simple §2.3", "a quorum is a set: the same acceptor votes once in a ballot";
        OlderVote: "Paxos Made Simple §2.3", "an acceptor's vote is ignored if a later vote of the same acceptor is known";
        LateVote: "Paxos Made Simple §2.3", "a vote beyond the quorum changes nothing";
        LearnChosen: "Paxos Made Simple §2.2 and §2.3; Flexible Paxos", "a value is chosen once a phase-2 quorum has accepted it in one ballot";
        ChosenAgain: "Paxos Made Simple §2.2, P2", "a later ballot can choose only the chosen value, so its proposer is told that value";
        LearnFromLearner: "Paxos Made Simple §2.3", "a learner may learn the chosen value from another learner";
        AskForNews: "Paxos Made Simple §2.3", "messages about the choice can be lost, so a learner that received none asks acceptors and learners";
        ShowAccepted: "Paxos Made Simple §2.3", "an acceptor that is asked reports the last proposal that it accepted";
        NothingAccepted: "Paxos Made Simple §2.3", "an acceptor that accepted nothing has nothing to report";
        ShowChosen: "Paxos Made Simple §2.3", "a learner that is asked reports the chosen value";
        NothingChosen: "Paxos Made Simple §2.3", "a learner that knows no chosen value has nothing to report";
        AnswerClient: "Paxos Made Simple §2.1 and §2.3", "clients get a reply once the chosen value is known";
        AnswerAtOnce: "Paxos Made Simple §2.2, P2", "a chosen value stays chosen, so later requests are answered at once";
        NothingLeftToDo: "Paxos Made Simple §2.2, P2", "learning the chosen value again changes nothing";
        NotMyRole: "Paxos Made Simple §2.1", "proposers, acceptors and learners are separate roles, and this node does not have the one addressed";
        Recall: "Paxos Made Simple §2.2 and §2.5", "a restarted node continues from what it wrote to stable storage";

        Campaign: "Paxos Made Simple §3; The Part-Time Parliament §3.1", "without a leader, prepare one ballot for all slots from the first one not known to be chosen";
        AwaitLeader: "Paxos Made Simple §2.4 and §3", "a proposer campaigns after a random timeout without a message from a leader";
        Lead: "Paxos Made Simple §3", "a phase-1 quorum for all open slots makes a leader, which needs only phase 2 from now on";
        RecoverReported: "Paxos Made Simple §3 and §2.2, P2c", "in a slot for which the quorum reports proposals, the new leader proposes the highest one's value";
        FillHole: "Paxos Made Simple §3; The Part-Time Parliament §3.1", "a slot without reports below a reported one gets a no-op, so that execution can continue";
        ProposeInSlot: "Paxos Made Simple §3", "the leader proposes a command in the next free slot, with phase 2 only";
        QueueRequest: "Paxos Made Simple §3", "a command waits until phase 1 is complete";
        Redirect: "Paxos Made Simple §3", "clients are redirected to the leader";
        Beat: "Paxos Made Simple §2.4 and §3", "the leader sends a heartbeat with the extent of the log that it knows";
        ProposeAgain: "Paxos Made Simple §2.1 and §3", "messages can be lost: proposals still open after a heartbeat are sent again in the same ballot";
        FollowLeader: "Paxos Made Simple §2.4 and §3", "one proposer leads; the others stay passive while they receive its messages";
        StaleBeat: "Paxos Made Simple §2.4", "a leader with a preempted ballot is not followed";
        HoldBack: "Paxos Made Simple §3", "a command chosen above a hole is known, but not executed before the hole is filled";
        InOrder: "Paxos Made Simple §3", "commands are executed in the order of their slots";
        AskForLog: "Paxos Made Simple §2.3 and §3", "a learner that lacks slots announced by the leader asks for them";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_name_a_source_and_one_line_of_its_own() {
        let lines: BTreeSet<_> = PaxosRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), PaxosRule::ALL.len());
        for rule in PaxosRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
