//! Rules of replicated leases. A server cites Raft's own rules for the actions of Raft.

use quorate_raft::RaftRule;

use crate::rules::{HolderRule, InputRule, RenewalRule};

quorate_protocol::rules! {
    /// The rules of leases on Raft, and of the leader's own lease.
    pub enum ReplicatedRule {
        ServerApplies: "Raft §8", "what a holder asks of the table goes through the log";
        AskServers: "Raft §8", "a holder asks the server it takes for the leader, and the next when nobody answers";
        Redirected: "Raft §8", "a server that does not lead says who does";
        WatchChange: "Chubby §2.5", "those who watch a lease are told when its grant changes";
        CountDown: "Chubby §2.9", "the leader counts each grant from when it applied it; a new leader from when it began to lead";
        ProposeExpiry: "Chubby §2.9", "a full term after it began to count, the leader lets a lease expire, through the log";
        AskTrust: "Ongaro §6.4.1", "a leader asks its followers to vote for nobody else for a while, and notes when";
        Trust: "Ongaro §6.4.1, §4.2.3", "a follower votes for nobody else for a full election timeout after it heard its leader";
        RefuseTrust: "Ongaro §6.4.1", "a leader of an earlier term is not trusted";
        TakeTrust: "Ongaro §6.4.1", "with a majority behind it the leader may read alone, for a term counted from when it asked";
        StaleTrust: "Ongaro §6.4.1", "an answer to an earlier question or in an earlier term adds nothing";
        WithholdVote: "Ongaro §4.2.3", "a node that has promised its trust, or may have forgotten that, votes for nobody";
        WithholdCandidacy: "Ongaro §4.2.3", "nor does it stand for election itself";
        ReadUnderLease: "Ongaro §6.4.1", "a leader whose lease runs answers reads without asking anybody";
        ReadByRound: "Ongaro §6.4", "without a running lease, or before an entry of its own term is applied, a leader reads by a round of heartbeats";
        LayDownLease: "Ongaro §3.10, §6.4.1", "a leader that hands over gives up its lease first, for the rest of its term";
        PassOn: "Raft §5", "what concerns Raft alone is left to Raft";
        StaleAnswer: "PaxosLease; ABD", "an answer to an earlier question, or a second one from the same node, does not count";
    }
    use RaftRule as Raft, HolderRule as Holder, RenewalRule as Renewal, InputRule as Input;
}
