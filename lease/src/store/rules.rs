//! Rules of the replicated fenced store.

use crate::rules::{CountRule, InputRule, RecordRule};

quorate_protocol::rules! {
    /// The rules of the replicated fenced store.
    pub enum StoreRule {
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
    }
    use CountRule as Count, RecordRule as Record, InputRule as Input;
}
