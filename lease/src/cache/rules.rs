//! The rules of cache leases.

use crate::rules::{InputRule, RecordRule, StaleGrantRule};

quorate_protocol::rules! {
    /// The rules of cache leases.
    pub enum CacheRule {
        Fetch: "Leases §2", "a cache requests a datum and records the time of the request";
        Lend: "Leases §2", "the server promises not to change the datum before the lease ends";
        TellOnly: "Leases §2", "while a write waits, reads get the datum without a lease";
        ReadCached: "Leases §2", "a cache answers by itself while its lease is valid";
        KeepCached: "Leases §2", "the cache keeps the datum for a term counted from its request";
        UseOnce: "Leases §2", "without a valid lease a reply serves only the waiting reads, and is not cached";
        IgnoreOldLoan: "Leases §2", "a grant older than one that was released is ignored";
        Recall: "Leases §2", "a write asks the lease holders of the datum for their approval";
        GiveUp: "Leases §2", "a cache that is asked for approval gives up its lease";
        TakeBack: "Leases §2", "a write need not wait for a holder that gave its approval";
        IgnoreReturn: "Leases §2", "the approval is for an older lease than the newest";
        WaitForHolders: "Leases §2", "a write waits until every lease on the datum has expired or its holder has approved";
        WaitForForgotten: "Leases §5", "after a restart writes wait until every possibly forgotten lease has expired";
        Write: "Leases §2", "no lease is left on the datum, so the write takes effect";
        KeepWatch: "φ accrual", "the lease is held by a live node, or there is no node to grant it to";
    }
    use StaleGrantRule as StaleGrant, RecordRule as Record, InputRule as Input;
}
