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
        JoinProposal: "Paxos Made Simple §2.1", "only one value gets chosen, so a further request waits for the outcome of the running proposal";
        RepeatedRequest: "Paxos Made Simple §2.1; Lee et al. 2015", "a repeated request is not proposed twice at the same time";
        Prepare: "Paxos Made Simple §2.2, phase 1(a); §2.5", "a proposer notes a ballot it never used and asks acceptors to promise it";
        Retry: "Paxos Made Simple §2.2 and §2.4", "a proposal that gets nowhere is abandoned for a higher ballot";
        PromiseHigher: "Paxos Made Simple §2.2, phase 1(b)", "promise a ballot above every one promised before, and report what was accepted";
        PromiseAgain: "Paxos Made Simple §2.1 and §2.2, phase 1(b)", "messages can be duplicated: the promise that stands is repeated, not made anew";
        IgnoreAccepted: "Paxos Made Simple §2.2", "a prepare for a proposal that was already accepted is ignored";
        RefusePrepare: "Paxos Made Simple §2.2", "a prepare below the promise is refused, and its proposer is told of the higher ballot";
        CountPromise: "Paxos Made Simple §2.2, phase 2(a)", "a promise counts, but a phase-1 quorum is not there yet";
        RepeatedPromise: "Paxos Made Simple §2.2, phase 2(a)", "a quorum is a set: the same acceptor counts once";
        StaleReply: "Paxos Made Simple §2.2, phase 2(a)", "a reply counts only for its own ballot and only while its phase lasts";
        ProposeReported: "Paxos Made Simple §2.2, P2c", "propose the value of the highest ballot that the phase-1 quorum reports";
        ProposeFreely: "Paxos Made Simple §2.2, P2c", "a phase-1 quorum that reports nothing leaves the proposer free to propose its own value";
        Accept: "Paxos Made Simple §2.2, P1a and phase 2(b)", "accept a proposal unless a higher ballot was promised";
        AcceptAgain: "Paxos Made Simple §2.1 and §2.2, phase 2(b)", "messages can be duplicated: the vote that stands is repeated, not cast anew";
        RefuseAccept: "Paxos Made Simple §2.2, P1a", "a proposal below the promise is refused, and its proposer is told of the higher ballot";
        Abandon: "Paxos Made Simple §2.2 and §2.4", "a proposer that hears of a higher ballot abandons its own and backs off";
        CountVote: "Paxos Made Simple §2.3", "a vote counts, but no phase-2 quorum has accepted one ballot yet";
        RepeatedVote: "Paxos Made Simple §2.3", "a quorum is a set: the same acceptor votes once in a ballot";
        OlderVote: "Paxos Made Simple §2.3", "an acceptor's vote that its later vote has overtaken is not needed";
        LateVote: "Paxos Made Simple §2.3", "a vote beyond the quorum changes nothing";
        LearnChosen: "Paxos Made Simple §2.2 and §2.3; Flexible Paxos", "a value is chosen once a phase-2 quorum has accepted it in one ballot";
        ChosenAgain: "Paxos Made Simple §2.2, P2", "a later ballot can choose only the chosen value, and its proposer is told";
        LearnFromLearner: "Paxos Made Simple §2.3", "a learner may learn from another learner what was chosen";
        AskForNews: "Paxos Made Simple §2.3", "the news of a choice can be lost, so a learner that heard none asks acceptors and learners";
        ShowAccepted: "Paxos Made Simple §2.3", "an acceptor that is asked shows the proposal it accepted last";
        NothingAccepted: "Paxos Made Simple §2.3", "an acceptor that accepted nothing has nothing to show";
        ShowChosen: "Paxos Made Simple §2.3", "a learner that is asked passes on what was chosen";
        NothingChosen: "Paxos Made Simple §2.3", "a learner that knows of no choice has nothing to pass on";
        AnswerClient: "Paxos Made Simple §2.1 and §2.3", "clients are answered once it is known what was chosen";
        AnswerAtOnce: "Paxos Made Simple §2.2, P2", "what is chosen stays chosen, so later requests are answered at once";
        NothingLeftToDo: "Paxos Made Simple §2.2, P2", "hearing again what is known changes nothing";
        NotMyRole: "Paxos Made Simple §2.1", "proposers, acceptors and learners are separate roles, and this node does not play the one asked for";
        Recall: "Paxos Made Simple §2.2 and §2.5", "a restarted node goes on from what it wrote to stable storage";

        Campaign: "Paxos Made Simple §3; The Part-Time Parliament §3.1", "without a leader, prepare one ballot for all slots from the first one not known to be chosen";
        AwaitLeader: "Paxos Made Simple §2.4 and §3", "a proposer takes over after a silence of drawn length";
        Lead: "Paxos Made Simple §3", "a phase-1 quorum for all open slots makes a leader, which from now on needs phase 2 alone";
        RecoverReported: "Paxos Made Simple §3 and §2.2, P2c", "in a slot for which the quorum reports proposals, the new leader proposes the highest one's value";
        FillHole: "Paxos Made Simple §3; The Part-Time Parliament §3.1", "a slot below a reported one in which nothing is reported gets a no-op, so that the log can go on";
        ProposeInSlot: "Paxos Made Simple §3", "the leader proposes a command in the next free slot, with phase 2 alone";
        QueueRequest: "Paxos Made Simple §3", "a command waits until phase 1 is over";
        Redirect: "Paxos Made Simple §3", "clients take their commands to the leader";
        Beat: "Paxos Made Simple §2.4 and §3", "the leader shows that it is there and how much of the log it knows";
        ProposeAgain: "Paxos Made Simple §2.1 and §3", "messages can be lost: proposals still open after a heartbeat are sent again in the same ballot";
        FollowLeader: "Paxos Made Simple §2.4 and §3", "one proposer leads, the others keep quiet while they hear from it";
        StaleBeat: "Paxos Made Simple §2.4", "a leader whose ballot was overtaken is not followed";
        HoldBack: "Paxos Made Simple §3", "a command chosen above a hole is known, but not executed before the hole is filled";
        InOrder: "Paxos Made Simple §3", "commands are executed in the order of their slots";
        AskForLog: "Paxos Made Simple §2.3 and §3", "a learner that still misses slots its leader announced asks for them";
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
