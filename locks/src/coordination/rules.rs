//! Rules of the coordination service and of its clients. A server cites Raft's own rules for the
//! actions of Raft, and a client or the resource those of [locks](LockRule).
//!
//! Sources, by the names used here:
//! * *ZooKeeper*: Hunt, Konar, Junqueira, Reed, *ZooKeeper: Wait-free coordination for
//!   Internet-scale systems*, 2010. Its recipes are in §2.4.
//! * *Chubby*: Mike Burrows, *The Chubby lock service for loosely-coupled distributed systems*,
//!   2006.
//! * *etcd*: the documentation of its leases and of its package `concurrency`.

use quorate_raft::RaftRule;

use crate::rules::LockRule;

quorate_protocol::rules! {
    /// The rules of a coordination service, and of the locks that are built on it.
    pub enum CoordinationRule {
        // A server.
        ServerApplies: "ZooKeeper §4.1", "a client's request is replicated in the log, and every server applies it in that order";
        CountSessions: "ZooKeeper §4.4; Chubby §2.9", "the leader counts each session's timeout from its newest heartbeat; a new leader from the start of its leadership";
        ProposeExpiry: "ZooKeeper §4.4", "no heartbeat for a whole timeout: the leader proposes in the log that the session has expired";
        BeginLockDelay: "Chubby §2.4", "the locks of a client that has failed are not free at once: they stay taken for the lock-delay";
        EndLockDelay: "Chubby §2.4", "the lock-delay is over, so the locks of the expired session become free";
        Notify: "ZooKeeper §2.1", "a watch that fires is gone; its client is notified once, and is not told of the new state";
        CheckSequencer: "Chubby §2.4, CheckSequencer", "the leader looks in the newest state whether the lock is still held under that generation";
        LeaderAnswers: "Chubby §2.4, CheckSequencer", "a server that does not lead may be behind, so it says nothing";

        // A client's session.
        OpenSession: "ZooKeeper §2.2", "a client opens a session before anything else";
        SendHeartbeat: "ZooKeeper §4.4; etcd LeaseKeepAlive", "after a third of the timeout without other news a client sends a heartbeat";
        SessionAlive: "ZooKeeper §4.4", "the heartbeat is answered: the session lives for another timeout, counted from when it was sent";
        SessionOver: "ZooKeeper §4.4", "the client is told that its session has expired, and with it the lock";
        Jeopardy: "Chubby §2.8", "by the client's own count the session may have expired: it stops acting, and does not know yet";
        GraceOver: "Chubby §2.8", "no news within the grace period: the client gives the session up";
        Recovered: "Chubby §2.8", "the session has survived, so the client goes on under the same lock";
        AskServers: "ZooKeeper §4.4", "a client asks the server that it believes to lead, and the next one if there is no reply";
        Redirected: "Raft §8", "a server that does not lead names the leader";
        StaleAnswer: "ZooKeeper §2.3, FIFO client order", "the answer to an earlier question does not count";

        // A client's lock.
        CreateNode: "ZooKeeper §2.4, Simple Locks", "create an ephemeral node: who creates it has the lock";
        CreateSequential: "ZooKeeper §2.4, Simple Locks without Herd Effect, line 1", "create an ephemeral node with the next number";
        CreateKey: "etcd concurrency, Mutex", "create a key of one's own under the lock's prefix, bound to one's lease";
        WatchLock: "ZooKeeper §2.4, Simple Locks", "the node exists: watch it, and be notified when it is gone";
        ListChildren: "ZooKeeper §2.4, Simple Locks without Herd Effect, line 2", "list all who want the lock";
        SmallestHolds: "ZooKeeper §2.4, Simple Locks without Herd Effect, line 3; etcd concurrency, Mutex", "the smallest number has the lock";
        WatchPredecessor: "ZooKeeper §2.4, Simple Locks without Herd Effect, lines 4 and 5", "watch the node just ahead, and no other";
        ReadersShare: "ZooKeeper §2.4, Read/Write Locks", "no writer is ahead, so this reader has the lock, with the readers ahead of it";
        WatchWriter: "ZooKeeper §2.4, Read/Write Locks", "a reader watches the last writer ahead of it";
        WaitForEvent: "ZooKeeper §2.4, Simple Locks without Herd Effect, line 5", "the watch is set on a node that exists, so waiting is safe";
        CheckAgain: "ZooKeeper §2.4, Simple Locks without Herd Effect, lines 5 and 6", "the node is gone before the watch was set: look again instead of waiting";
        WakeUp: "ZooKeeper §2.4, Simple Locks without Herd Effect, line 6", "a notification says that something has changed, not that the lock is free: look again";
        SpuriousEvent: "ZooKeeper §2.1", "a notification about something that is not waited for changes nothing";
        AcquireLock: "Chubby §2.4", "acquire the file's lock, in exclusive or in shared mode; when it was free, a new generation begins";
        ReleaseLock: "Chubby §2.4", "to unlock, stop acting and release the lock that one has acquired";
        DeleteNode: "ZooKeeper §2.4, Simple Locks", "to unlock, stop acting and delete the node that one has created";
        LeaveQueue: "ZooKeeper §2.4, Simple Locks", "who gives up deletes its node, or all behind it wait for it";
    }
    use RaftRule as Raft, LockRule as Lock;
}
