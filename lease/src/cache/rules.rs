//! The rules of cache leases.

use crate::rules::{InputRule, RecordRule, StaleGrantRule};

quorate_protocol::rules! {
    /// The rules of cache leases.
    pub enum CacheRule {
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
        KeepWatch: "φ accrual", "the lease is held by a node that is heard, or there is nobody to grant it to";
    }
    use StaleGrantRule as StaleGrant, RecordRule as Record, InputRule as Input;
}
