//! Bugs of locks on a coordination service: of sessions, of watches, and of the recipes. One
//! rulebook serves ZooKeeper, etcd and Chubby; each bug names the service that shows it.

use quorate_lease::{Terms, Token};
use quorate_locks::LockRule;
use quorate_locks::coordination::{BY_THE_BOOK, Belief, LockMode, OnWake, Recipe, Rulebook, Zxid};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, Time};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Scenario, Seed};

bugs! {
    /// Rulebook of a coordination service: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    WATCHES_EVERYTHING = "watches-everything" of ZooKeeper, Etcd, Chubby {
        summary: "A client watches all that want the lock, and not the one just ahead of it.",
        story: "Every unlock wakes everybody, and all but one have been woken for nothing: the herd effect.",
        source: "Hunt et al. 2010, §2.4",
        breaks: Progress("an unlock wakes one client"),
        needs: "two clients that wait",
        discovery: Scenario { scenario: "zookeeper-sequence", commands: 12 },
        correct_rule: "WatchPredecessor",
        fn watches_all(_: Recipe) -> bool {
            true
        }
    }

    LIST_WITHOUT_RECHECK = "list-without-recheck" of ZooKeeper, Etcd, Chubby {
        summary: "A client waits for a notification about a node that is gone already.",
        story: "Its predecessor goes between the list and the watch. A watch on what does not exist waits for a birth.",
        source: "kazoo PR 490, ZooKeeperNetEx #26, helix PR 44",
        breaks: Progress("who waits for the lock gets it"),
        needs: "an unlock between the list and the watch",
        discovery: Scenario { scenario: "zookeeper-gone-before-the-watch", commands: 8 },
        correct_rule: "CheckAgain",
        fn checks_again() -> bool {
            false
        }
    }

    WAKE_IS_VICTORY = "wake-is-victory" of ZooKeeper, Etcd, Chubby {
        summary: "A client that is notified takes the lock without looking again.",
        story: "The one just ahead has left the queue without ever having had the lock. The one before that has it still.",
        source: "microsoft/etcd3 #176",
        breaks: Invariant("AtMostOneHolder"),
        needs: "three clients, of which the second gives up",
        discovery: Scenario { scenario: "zookeeper-wake-looks-again", commands: 12 },
        correct_rule: "WakeUp",
        fn on_wake() -> OnWake {
            OnWake::Hold
        }
    }

    GIVES_UP_LEAVES_NODE = "gives-up-leaves-node" of ZooKeeper, Etcd, Chubby {
        summary: "Who gives up waiting leaves its node in the queue while its session lives.",
        story: "All behind it wait for somebody who does not want the lock any more.",
        source: "zk-ruby #49, #51; aiozk PR 34; kazoo PR 760, #429",
        breaks: Progress("who waits for the lock gets it"),
        needs: "a client that does not wait, and one behind it that does",
        discovery: Scenario { scenario: "zookeeper-gives-up", commands: 10 },
        correct_rule: "LeaveQueue",
        fn leaves_queue() -> bool {
            false
        }
    }

    EPHEMERAL_OUTLIVES_SESSION = "ephemeral-outlives-session" of ZooKeeper, Etcd, Chubby {
        summary: "The session of a client expires, and its ephemeral node stays.",
        story: "The client is dead, and its lock is taken for ever.",
        source: "ZOOKEEPER-4837, PR 2172",
        breaks: Progress("the lock of a dead client becomes free"),
        needs: "a client that dies",
        discovery: Scenario { scenario: "zookeeper-ephemeral-goes", commands: 8 },
        correct_rule: "ServerApplies",
        fn frees_after(_: Duration) -> Option<Duration> {
            None
        }
    }

    EXPIRES_AT_FOLLOWER = "expires-at-follower" of ZooKeeper, Etcd, Chubby {
        summary: "Every server counts sessions, and any of them can have one expired.",
        story: "A follower is cut off, and misses all heartbeats. When it is back, it has a session expired that is alive.",
        source: "etcd #15247, #12528, PR 16822",
        breaks: Progress("a session with heartbeats lives"),
        needs: "a follower that is cut off for a session timeout",
        discovery: Scenario { scenario: "zookeeper-follower-cut-off", commands: 7 },
        correct_rule: "HearLeader",
        fn counts_sessions(_: bool) -> bool {
            true
        }
        fn expires_after(_: u64) -> Option<u64> {
            None
        }
    }

    LOSS_NOT_TOLD = "loss-not-told" of ZooKeeper, Etcd, Chubby {
        summary: "The client learns that its session has expired, opens another, and tells its caller nothing.",
        story: "The connection works again, and the caller goes on under a lock that belongs to another.",
        source: "kubernetes #23731, contrib #690; libkv PR 156; ClickHouse #116690",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a client that is cut off for a session timeout",
        discovery: Scenario { scenario: "zookeeper-told-too-late", commands: 11 },
        correct_rule: "SessionOver",
        fn loses_when_told() -> bool {
            false
        }
    }

    WRITER_IGNORES_READERS = "writer-ignores-readers" of ZooKeeper, Etcd, Chubby {
        summary: "A writer waits for the writers ahead of it, and not for the readers.",
        story: "It writes while others read.",
        source: "the read/write recipe of Hunt et al. 2010, §2.4, with its condition for readers in both places",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a reader, and a writer behind it",
        discovery: Scenario { scenario: "zookeeper-shared-locks", commands: 11 },
        correct_rule: "WatchPredecessor",
        fn blocks(_: LockMode, other: LockMode) -> bool {
            other == LockMode::Exclusive
        }
    }

    TOKEN_OF_THE_PATH = "token-of-the-path" of ZooKeeper, Etcd, Chubby {
        summary: "The fencing token is made from what all locks of that name have in common.",
        story: "The resource compares, and everything is equal to everything.",
        source: "amazon-dynamodb-lock-client #62, which has a random one",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a late write",
        discovery: Scenario { scenario: "zookeeper-zxid-fences", commands: 14 },
        correct_rule: "AdmitToken",
        fn token(_: Zxid) -> Token {
            Token(0)
        }
    }

    SESSION_FROM_ANSWER = "session-from-answer" of Etcd, ZooKeeper, Chubby {
        summary: "The client counts its lease from when the answer to a keep-alive arrived.",
        story: "The answer was on its way for a while, and the service has counted that time.",
        source: "etcd clientv3, firstKeepAliveTimeout; Gray and Cheriton 1989",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a slow answer, and then none",
        discovery: Seed { nodes: 3, seed: 28, faults: "none,pauses=4,outage=1s", necessary_events: 6 },
        correct_rule: "SessionAlive",
        fn counts_from(_: Time, answered: Time) -> Time {
            answered
        }
    }

    CLIENT_COUNTS_ALL = "client-counts-all" of Etcd, ZooKeeper, Chubby {
        summary: "The client counts its whole lease, without a margin for clock drift.",
        story: "Its clock runs slow, or the leader's fast, each within its bound.",
        source: "Gray and Cheriton 1989",
        breaks: Invariant("AtMostOneHolder"),
        needs: "clocks that drift within the bound, and an outage",
        discovery: Seed { nodes: 3, seed: 18, faults: "none,drift=20%,partitions=3,outage=1s", necessary_events: 4 },
        correct_rule: "SessionAlive",
        fn client_term(terms: &Terms) -> Duration {
            terms.granter()
        }
    }

    BELIEVES_WITHOUT_END = "believes-without-end" of Etcd, ZooKeeper, Chubby {
        summary: "The client acts until it is told that its lease is over.",
        story: "Who is cut off, or was paused, is told last.",
        source: "etcd #11456 (Jepsen etcd 3.4.3); python-etcd #181",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a client that is cut off or paused for a lease",
        discovery: Seed { nodes: 3, seed: 9, faults: "none,pauses=4,outage=1s", necessary_events: 3 },
        correct_rule: "LockOver",
        fn may_act(_: Belief, _: Time, _: Time) -> Ruling<LockRule> {
            Allow(LockRule::ActInTime)
        }
    }

    EXPIRY_IGNORES_RENEWAL = "expiry-ignores-renewal" of Chubby, ZooKeeper, Etcd {
        summary: "The entry that ends a session does not say which heartbeat the leader has counted from.",
        story: "A heartbeat comes just before it in the log, and is answered. The client goes on, without a session.",
        source: "etcd PR 21389 (#14758)",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a heartbeat that arrives as the session runs out",
        discovery: Scenario { scenario: "chubby-renewed-in-time", commands: 11 },
        correct_rule: "CountAck",
        fn expires_after(_: u64) -> Option<u64> {
            None
        }
    }

    LOCK_DELAY_FORGOTTEN = "lock-delay-forgotten" of Chubby, ZooKeeper, Etcd {
        summary: "A lock whose holder has failed is free at once.",
        story: "The next holder writes, and then a late write of the failed one arrives.",
        source: "hashicorp/consul agent/consul/state/delay.go, kvs_endpoint.go",
        breaks: Progress("nobody has the lock while a late write may arrive"),
        needs: "a late write, and a resource without a guard",
        discovery: Scenario { scenario: "chubby-lock-delay-a-minute", commands: 11 },
        correct_rule: "BeginLockDelay",
        fn frees_after(_: Duration) -> Option<Duration> {
            Some(Duration::ZERO)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bug_departs_from_the_book_in_its_decision() {
        assert_eq!(TOKEN_OF_THE_PATH.rules.token(Zxid(7)), TOKEN_OF_THE_PATH.rules.token(Zxid(8)));
        assert_ne!(BY_THE_BOOK.token(Zxid(7)), BY_THE_BOOK.token(Zxid(8)));
        let (writer, reader) = (LockMode::Exclusive, LockMode::Shared);
        assert!(BY_THE_BOOK.blocks(writer, reader) && !WRITER_IGNORES_READERS.rules.blocks(writer, reader));
    }
}
