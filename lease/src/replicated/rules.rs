//! Rules of replicated leases. A server cites Raft's own rules for the actions of Raft.

use quorate_raft::RaftRule;

use crate::rules::{HolderRule, InputRule, RenewalRule};

quorate_protocol::rules! {
    /// The rules of leases on Raft, and of the leader's own lease.
    pub enum ReplicatedRule {
        ServerApplies: "Raft §8", "a holder's request to the table is replicated in the log";
        AskServers: "Raft §8", "a holder asks the presumed leader, and the next server if there is no reply";
        Redirected: "Raft §8", "a server that is not the leader redirects to the leader";
        WatchChange: "Chubby §2.5", "watchers of a lease are notified when its grant changes";
        CountDown: "Chubby §2.9", "the leader counts each term from applying the grant; a new leader counts from the start of its leadership";
        ProposeExpiry: "Chubby §2.9", "a full term after it began to count, the leader proposes the lease's expiry in the log";
        AskTrust: "Ongaro §6.4.1", "a leader asks its followers to vote for no other node for a term, and records the time";
        Trust: "Ongaro §6.4.1, §4.2.3", "a follower votes for no other node for a full election timeout after a message of its leader";
        RefuseTrust: "Ongaro §6.4.1", "a leader of an earlier term gets no such promise";
        TakeTrust: "Ongaro §6.4.1", "with the promises of a majority the leader holds its lease, for a term counted from its request";
        StaleTrust: "Ongaro §6.4.1", "a reply to an earlier request or of an earlier term does not count";
        WithholdVote: "Ongaro §4.2.3", "a node that has made such a promise, or may have forgotten one, grants no vote";
        WithholdCandidacy: "Ongaro §4.2.3", "a node that has made such a promise, or may have forgotten one, does not campaign";
        ReadUnderLease: "Ongaro §6.4.1", "a leader with a valid lease answers reads without asking other nodes";
        ReadByRound: "Ongaro §6.4", "without a valid lease, or before an entry of its own term is applied, a leader confirms reads by a round of heartbeats";
        LayDownLease: "Ongaro §3.10, §6.4.1", "a leader gives up its lease before a transfer, for the rest of its term";
        PassOn: "Raft §5", "input that concerns only Raft is passed on to Raft";
        StaleAnswer: "PaxosLease; ABD", "a reply to an earlier request, or a second one from the same node, does not count";
    }
    use RaftRule as Raft, HolderRule as Holder, RenewalRule as Renewal, InputRule as Input;
}
