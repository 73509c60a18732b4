//! The rules: each decision about a lease, under a name that traces cite.
//!
//! The papers, by the names used here:
//! * *Leases*, Cary Gray and David Cheriton, 1989: terms, clocks, caches, recovery.
//! * *Chubby*, Mike Burrows, 2006: sequencers, lock-delay, fail-overs.
//! * *PaxosLease*, Marton Trencseni, Attila Gazso and Holger Reinhardt, 2012: leases from a majority, without disks.
//! * *Ongaro*, the dissertation *Consensus: Bridging Theory and Practice*, 2014: leader leases for reads.
//! * *Distributed locking*, Martin Kleppmann, *How to do distributed locking*, 2016: fencing tokens.
//! * *ABD*, Hagit Attiya, Amotz Bar-Noy and Danny Dolev, *Sharing Memory Robustly in Message-Passing Systems*, 1995.
//! * *φ accrual*, Naohiro Hayashibara and others, *The φ Accrual Failure Detector*, 2004.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*, 2015: requests that are repeated.

quorate_protocol::rules! {
    /// The rules of all leases of this crate.
    pub enum LeaseRule {
        // The granter.
        GrantNode: "Leases §2", "a node that is heard may serve for a term";
        RenewNode: "Leases §2", "a node that goes on being heard may go on serving";
        GrantPrimary: "Leases §2", "nobody else holds the lease, so it is granted under a new token, written down first";
        RenewPrimary: "Leases §2", "the holder asks before its grant ends and keeps its token; an answer that was lost is given again";
        HeldByOther: "Leases §2", "a grant binds its granter until it ends, whether or not its holder is heard";
        NotYourTurn: "Leases §2; φ accrual", "of those that are heard the next in turn becomes primary; a detector hints, it does not decide";
        LockDelay: "Chubby §2.4", "a lease that ended without a release stays vacant for a while, for what its holder may still have under way";
        WaitOut: "Leases §5", "a granter that may have forgotten a grant waits until that must be over";
        RecallGrant: "Leases §5", "a granter that wrote its grant down is bound by it for another full term";
        TakeRelease: "Leases §4", "the holder gives the lease back, so nobody has to wait for its end";
        RefuseRelease: "Leases §4; Chubby §2.4", "only the newest grant can be given back, and not by a message older than its renewal";
        KeepWatch: "φ accrual", "the lease is held by a node that is heard, or there is nobody to grant it to";
        CheckSequencer: "Chubby §2.4", "a sequencer is good while its grant binds the granter";
        NotMyRole: "Leases §2", "a node acts in its own roles alone";

        // The holder.
        Ask: "Leases §2", "a holder asks long before its term ends, and notes when it asked";
        Hold: "Leases §3, §5", "the holder counts its term from when it asked, on its own monotonic clock";
        HeldAlready: "Leases §2", "a grant that comes again changes nothing";
        GrantTooLate: "Leases §3", "a grant that took longer than its term is worth nothing";
        GrantOfAnotherLife: "Leases §5", "a grant asked for before a restart does not count after it";
        GrantAfterRelease: "Leases §4", "what was asked for before a release does not count after it";
        TakeDenial: "Leases §2", "a refused renewal extends nothing: what was granted runs on to its end, and no further";
        Lapse: "Leases §2", "at the end of its term a holder stops by itself";
        HoldOn: "Leases §2", "the lease was renewed in the meantime";
        ServeInLease: "Leases §2", "a node with a lease of its own serves";
        ActInLease: "Leases §2", "the holder checks that its term runs and acts, in one step";
        LeaseOver: "Leases §2", "without a running term a node neither serves nor acts";
        BeginWork: "Distributed locking", "the lease holds at the beginning of the work, which says little about its end";
        GiveBack: "Leases §4", "a holder stops acting first, and then says so";
        ReleaseHeard: "Leases §4", "the granter knows of the release";
        RepeatedRequest: "RIFL", "a request that is under way already is not begun again";
        AnswerFromRecord: "RIFL", "a request that was carried out is answered again, from a record that was written together with what it changed";
        Overtaken: "RIFL", "a client that asks for more has done with what it asked for before, so nothing older is carried out";

        // The fenced resource.
        SendFenced: "Distributed locking; Chubby §2.4", "a write carries the token of the grant it was made under";
        AcceptWrite: "Distributed locking; Chubby §2.4", "a token that is not below any accepted one writes, checked and done in one step";
        RefuseLowerToken: "Distributed locking; Chubby §2.4", "a write under an older grant than one already seen is refused";
        RefuseShared: "Chubby §2.4", "a lease that many may hold does not entitle to a write";
        AskGranter: "Chubby §2.4", "a resource may ask the granter whether a sequencer is still good";
        RefuseInvalid: "Chubby §2.4", "the granter no longer stands by the sequencer";
        AnswerWriter: "Distributed locking", "the client learns what became of its write";

        // Majority leases.
        Prepare: "PaxosLease", "a proposer asks for promises under a ballot that it never used";
        Promise: "PaxosLease", "an acceptor promises only ballots above all before, and reports the lease it has accepted";
        ReportOwner: "PaxosLease, made gentler", "an acceptor whose accepted lease runs tells others so, and promises them nothing that would disturb its renewal";
        RefusePrepare: "PaxosLease", "a higher ballot was promised";
        CountPromise: "PaxosLease", "an answer counts once for each acceptor, and only in its own ballot";
        StaleAnswer: "PaxosLease; ABD", "an answer to an earlier question, or a second one from the same node, does not count";
        CountRefusal: "PaxosLease", "a refusal ends nothing as long as a majority is left that could still agree";
        Propose: "PaxosLease", "a majority reports no lease of anybody else, so the proposer proposes itself and notes when";
        LeaseTaken: "PaxosLease", "too many acceptors report a lease of somebody else: try again later";
        Accept: "PaxosLease", "an acceptor accepts what it has promised, and forgets it at the end of the term";
        RefuseAccept: "PaxosLease", "a higher ballot was promised in the meantime";
        RefuseRunning: "PaxosLease, made stricter", "an acceptor accepts nobody else while a lease that it has accepted runs";
        Win: "PaxosLease", "a majority has accepted, so the lease is held, for a term counted from when it was proposed";
        WonTooLate: "PaxosLease", "the term was over before a majority had accepted";
        AcceptorForgets: "PaxosLease", "at the end of the term the acceptor holds nothing";
        StayQuarantined: "PaxosLease", "an acceptor that restarted says nothing until all it may have forgotten is over";
        Restarted: "PaxosLease", "a proposer counts its restarts on disk, so that no ballot is used twice";
        AcceptorReleases: "PaxosLease", "a release frees exactly the ballot that it names";
        IgnoreRelease: "PaxosLease", "a release of another ballot frees nothing";
        TryAgain: "PaxosLease", "an attempt that came to nothing is repeated after a random while";

        // The replicated fenced store.
        Open: "ABD; Chubby §2.4", "a new holder marks the replicas with its token before it does anything else";
        Mark: "ABD; Chubby §2.4", "a replica notes the higher token and reports its newest value";
        RefuseOpen: "ABD; Chubby §2.4", "a replica has been marked with a higher token";
        Adopt: "ABD", "of what a majority reports the newest value is written again under the new token";
        ServeStore: "ABD", "a majority has the adopted value, so the store serves under the new token";
        Put: "ABD", "a write goes to all replicas under the holder's token";
        StoreValue: "ABD; Distributed locking", "a replica writes under the token that it is marked with, or a higher one";
        RefusePut: "Distributed locking", "a replica refuses what is older than its mark";
        WriteDone: "ABD", "a majority of replicas has it, so the write is complete";
        CountReplica: "ABD", "each replica counts once towards a majority";
        Deposed: "Distributed locking", "a higher token is about, so this holder's days are over";
        NotServing: "ABD", "before a majority is marked with its token a holder does not serve";
        SendAgain: "ABD", "what was not answered is sent again";

        // Cache leases.
        Fetch: "Leases §2", "a cache asks for a datum and notes when";
        Lend: "Leases §2", "the server promises not to change the datum before the lease ends";
        TellOnly: "Leases §2", "while a write waits the datum is told without a lease";
        ReadCached: "Leases §2", "a cache answers by itself while its lease runs";
        KeepCached: "Leases §2", "the cache keeps the datum for a term counted from its question";
        UseOnce: "Leases §2", "without a running lease an answer serves for those who asked, and is not kept";
        IgnoreOldLoan: "Leases §2", "a loan older than one that was given back is not taken up";
        Recall: "Leases §2", "a write asks those who hold the datum to give it back";
        GiveUp: "Leases §2", "a cache gives a datum back when it is asked";
        TakeBack: "Leases §2", "a holder that gave the datum back need not be waited for";
        IgnoreReturn: "Leases §2", "the loan that was given back is not the newest";
        WaitForHolders: "Leases §2", "a write waits until every lease on the datum is over or given back";
        WaitForForgotten: "Leases §5", "after a restart writes wait until every lease that may have been forgotten is over";
        Write: "Leases §2", "no lease is left on the datum, so it changes";

        // Leases on Raft, and the leader's own.
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
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_name_a_source_and_one_line_of_its_own() {
        let lines: BTreeSet<_> = LeaseRule::ALL.iter().map(|rule| rule.says()).collect();
        assert_eq!(lines.len(), LeaseRule::ALL.len());
        for rule in LeaseRule::ALL {
            assert!(!rule.cite().is_empty(), "{} has no source", rule.id());
            assert!(!rule.says().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
