//! Rules of distributed locks, each under a name that traces cite.
//!
//! Sources, by the names used here:
//! * *Unique index*: the unique constraint of SQL, used as a lock table.
//! * *Redis SET*, *Redis SETNX*, *Redis EXPIRE*, *Redis DEL*: the documentation of these commands,
//!   with the patterns that it recommends.
//! * *Redlock*: Salvatore Sanfilippo, *Distributed Locks with Redis*.
//! * *Is Redlock safe?*: Salvatore Sanfilippo, 2016, with his answers on Hacker News.
//! * *Distributed locking*: Martin Kleppmann, *How to do distributed locking*, 2016.
//! * *DDIA*: Martin Kleppmann, *Designing Data-Intensive Applications*, 2017, chapter 8.
//! * *Note on fencing*: Flavio Junqueira, *Note on fencing and distributed locks*, 2016.
//! * *Hacker News*: the discussion of *Is Redlock safe?* there, by dwenzek.
//! * *Chubby*: Mike Burrows, 2006.

quorate_protocol::rules! {
    /// The rules of a lock server, of its clients, and of the resource that the lock protects.
    pub enum LockRule {
        // The server.
        InsertRow: "Unique index", "there is no row of that name, so it is inserted: that row is the lock";
        DuplicateRow: "Unique index", "there is such a row, so the insert fails, and nobody is put into a queue";
        SetIfAbsent: "Redis SETNX; Redis SET", "the key is absent, so it is set, and its expiry with it if one was given";
        KeyExists: "Redis SETNX; Redis SET", "the key exists, so nothing is set";
        SetExpiry: "Redis EXPIRE", "the key gets a time to live, counted by the server's clock";
        NoKeyToExpire: "Redis EXPIRE", "there is no key that could get a time to live";
        KeyExpired: "Redis EXPIRE", "by the server's clock the time to live is over, so the key is gone";
        DeleteKey: "Redis DEL; Unique index", "the key is deleted, whoever asks";
        CompareAndDelete: "Redis SET", "the key still has the value that the caller set, so it is deleted, in the same step";
        KeepOthersKey: "Redis SET", "the key has another value, so it belongs to somebody else and stays";
        CompareAndExtend: "Redlock, extending the lock", "the key still has the value that the caller set, so its time to live begins again";
        KeepOthersExpiry: "Redlock, extending the lock", "the key has another value, so it expires when its owner wants it to";
        NothingToDelete: "Redis DEL; Unique index", "there is no such key any more";
        DeleteOwnRows: "Unique index", "a client that starts again deletes the rows of its earlier life";
        ReportKey: "Redis SET", "the server says which value the key has";
        StayAway: "Redlock", "an instance that may have forgotten keys takes no part until all of them must have expired";

        // The client.
        AskInstances: "Redlock, steps 1 and 2; Redis SET", "note the time, then ask every instance to set the key to a value of this attempt";
        AskForExpiry: "Redis EXPIRE", "SETNX has set the key; its expiry is a second command";
        CountInstance: "Redlock, step 2", "an instance counts once, and only for the attempt that asked it";
        TakeLock: "Redlock, steps 3 and 4; Redis SET", "a majority has set the key, and of its time to live something is left";
        TooLate: "Redlock, step 3", "the attempt took so long that nothing is left of the time to live";
        NoMajority: "Redlock, step 5; Redis SETNX", "too few instances have set the key";
        NoAnswer: "Redlock, step 2", "an instance that does not answer soon is given up, for this attempt";
        Clear: "Redlock, step 5", "after a failure the value is deleted on every instance, also where no answer came from";
        LeaveStanding: "Redis SETNX", "a key without a value of its own might be another's, so nothing is deleted";
        RetryLater: "Redlock, retry on failure", "try again after a random delay";
        FailAtOnce: "Unique index; Redis SETNX", "a lock that is taken is an error, and not a place in a queue";
        EnterAgain: "Unique index", "the client counts its own entries, so it need not ask for what it holds";
        LeaveOnce: "Unique index", "an inner exit only counts down";
        LateAnswer: "Redlock, step 2", "an answer to an earlier attempt, or a second one from the same instance, does not count";
        Unlock: "Redis SET; Redis DEL", "a client stops acting first, and then deletes the key on every instance";
        UnlockHeard: "Redis DEL", "the server says what it has deleted";
        ActInTime: "Redlock, step 4", "the client checks that its lock is valid and acts, in one step";
        LockOver: "Redlock, step 4", "without a valid lock a client does not act";
        Lapse: "Redlock, step 4", "when the validity ends, the client stops by itself";
        AskToExtend: "Redlock, extending the lock", "while the lock is valid, ask every instance to give the key a new time to live";
        CountExtension: "Redlock, extending the lock", "an instance counts once, and only for the extension that asked it";
        ExtendLock: "Redlock, extending the lock", "a majority has extended the key, within the validity of the lock";
        NotExtended: "Redlock, extending the lock", "too few instances have extended the key, or too late: the lock ends as it would have";
        EnoughExtensions: "Redlock, extending the lock", "the number of extensions is limited, so that others get the lock some day";
        OpenFirst: "Note on fencing", "before a holder writes, it goes to a majority of the replicas with its token";
        CountOpened: "Note on fencing", "a replica has said which value it has";
        OpenedAll: "Note on fencing", "a majority has said which value it has, so the holder knows the newest";
        CountWritten: "Note on fencing", "a replica has stored the write, or has refused it";
        WriteComplete: "Note on fencing", "a majority of the replicas has stored the write";
        WriteFailed: "Note on fencing", "so many replicas refuse that no majority is left";
        AskToCommit: "Hacker News", "the holder declares its writes to be whole";
        BeginWork: "Distributed locking", "the lock is valid at the beginning of the work, which says little about its end";
        MarkCurrLock: "Is Redlock safe?", "first set X.currlock to the lock's value";
        ReadMarked: "Is Redlock safe?", "then read X, with its currlock";
        CompareHere: "Is Redlock safe?", "the client itself sees that currlock is still its own, and writes after that";
        SendWrite: "Distributed locking", "the write carries what the resource is to check";
        AnswerWriter: "Distributed locking", "the caller learns what became of the write";

        // The resource.
        WriteUnguarded: "Distributed locking", "a resource without a guard writes whatever arrives";
        AdmitToken: "Distributed locking; Chubby §2.4", "the token is not below any seen before";
        RefuseToken: "Distributed locking; Chubby §2.4", "a higher token has been seen, so this lock is no longer held";
        RefuseShared: "Chubby §2.4", "the sequencer's mode is shared, which allows no write";
        WriteLater: "Distributed locking", "the check is done; the write itself comes later, in a step of its own";
        AskService: "Chubby §2.4, CheckSequencer", "ask the lock service whether the writer holds the lock";
        ServiceConfirms: "Chubby §2.4, CheckSequencer", "when it was asked, the service had the writer's value";
        ServiceDenies: "Chubby §2.4, CheckSequencer", "the service does not have the writer's value any more";
        SetCurrLock: "Is Redlock safe?", "currlock is what was set last, in whichever order";
        ReadData: "Is Redlock safe?", "a read returns the value and its currlock";
        WriteIfCurrLock: "Is Redlock safe?", "currlock is still the writer's, checked and written in one step";
        CurrLockMoved: "Is Redlock safe?", "another has set currlock since, so the write fails";
        WriteFile: "DDIA", "the write goes to the file of its token, and no other is newer";
        WriteOlderFile: "DDIA", "the write goes to the file of its token; readers take a newer one";
        ReadUnmarked: "Note on fencing, left out", "the replica says what it has, and does not keep the token";
        MarkToken: "Note on fencing", "the replica refuses lower tokens from now on, and says what it has";
        UndoWrites: "Hacker News", "a higher token has come, so what the earlier holder has not committed is taken back";
        CommitWrites: "Hacker News", "the writes of this token are whole, and stay";

        // Any node.
        NotMyRole: "Redlock", "a node acts in its own role alone";
        RepeatedRequest: "Redlock", "a request that is under way already is not begun again";
    }
}
