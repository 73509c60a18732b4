//! Rules of the replicated fenced store.

use crate::rules::{CountRule, InputRule, RecordRule};

quorate_protocol::rules! {
    /// The rules of the replicated fenced store.
    pub enum StoreRule {
        Open: "ABD; Chubby §2.4", "a new holder first marks the replicas with its token";
        Mark: "ABD; Chubby §2.4", "a replica notes the higher token and reports its newest value";
        RefuseOpen: "ABD; Chubby §2.4", "a replica has been marked with a higher token";
        Adopt: "ABD", "the newest value reported by a majority is written again under the new token";
        ServeStore: "ABD", "a majority has the adopted value, so the holder serves under the new token";
        Put: "ABD", "a write goes to all replicas under the holder's token";
        StoreValue: "ABD; Distributed locking", "a replica accepts writes with its marked token or a higher one";
        RefusePut: "Distributed locking", "a replica refuses tokens below its mark";
        WriteDone: "ABD", "a majority of replicas has the value, so the write is complete";
        CountReplica: "ABD", "each replica counts once towards a majority";
        Deposed: "Distributed locking", "there is a higher token, so this holder is deposed";
        NotServing: "ABD", "a holder does not serve before a majority is marked with its token";
        SendAgain: "ABD", "unanswered requests are sent again";
    }
    use CountRule as Count, RecordRule as Record, InputRule as Input;
}
