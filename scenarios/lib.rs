//! Scenario catalogue: the built-in scenarios, text files with prose, commands, expectations and
//! the resulting output.
//!
//! The files are in this folder, one subfolder per protocol family. They are data only:
//! `quorate-lab` parses and runs them.

use std::fmt;

/// A built-in scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    path: &'static str,
    text: &'static str,
}

/// Text of a scenario.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! text {
    ($path:literal) => {
        include_str!($path)
    };
}

/// Text of a scenario without its outputs, as `build.rs` writes it: in a browser nothing is compared
/// with them, and they are most of the bytes.
#[cfg(target_arch = "wasm32")]
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $path))
    };
}

macro_rules! scenarios {
    ($($path:literal)+) => {
        &[$(Scenario { path: $path, text: text!($path) }),+]
    };
}

/// All scenarios, in the recommended reading order.
pub const ALL: &[Scenario] = scenarios! {
    "paxos/two-proposers"
    "paxos/stale-prepare"
    "paxos/stale-accept"
    "paxos/popular-retelling"
    "paxos/reader-completes-what-it-finds"
    "paxos/one-breaks-its-promise"
    "paxos/accept-above-promise"
    "paxos/duelling-proposers"
    "paxos/minority-crash"
    "paxos/majority-crash"
    "paxos/restart-keeps-promise"
    "paxos/promises-of-an-earlier-life"
    "paxos/backup-breaks-a-promise"
    "paxos/lost-learn"
    "paxos/duplicates"
    "paxos/one-vote-twice-is-one-vote"
    "paxos/partition-heals"
    "paxos/flexible-quorums"
    "paxos/multi-log"
    "paxos/multi-leader-change-fills-hole"
    "raft/single-candidate"
    "raft/split-vote"
    "raft/one-election-timeout"
    "raft/log-replication"
    "raft/leader-crash"
    "raft/old-leader-returns"
    "raft/minority-leader-cannot-commit"
    "raft/figure-7"
    "raft/figure-7-probed"
    "raft/figure-8"
    "raft/wiped-majority"
    "raft/figure-8-committed"
    "raft/earlier-entry-committed-by-later-term"
    "raft/fast-backtrack"
    "raft/probes"
    "raft/stale-append-reordered"
    "raft/conflicting-tail-in-single-entries"
    "raft/torn-batch-is-sent-again"
    "raft/restart-keeps-vote"
    "raft/single-node-restarts"
    "raft/refused-vote-keeps-timeout"
    "raft/duplicate-request"
    "raft/answer-goes-to-its-own-command"
    "raft/commit-without-answer-is-applied-once"
    "raft/lost-answer-is-asked-again"
    "raft/lock-by-cas"
    "raft/prevote-no-disruption"
    "raft/prevote-keeps-leader"
    "raft/prevote-in-vain"
    "raft/prevote-refuses-an-old-log"
    "raft/prevote-keeps-vote"
    "raft/prevote-with-checkquorum"
    "raft/checkquorum-steps-down"
    "raft/checkquorum-frees-the-others"
    "raft/transfer"
    "raft/transfer-passes-prevote"
    "raft/transfer-to-a-crashed-node"
    "raft/late-timeout-now"
    "raft/stale-timeout-now"
    "raft/snapshot-install"
    "raft/snapshot-after-lost-appends"
    "raft/snapshot-over-conflicting-log"
    "raft/first-append-repeated-after-compaction"
    "raft/membership-add-remove"
    "raft/learner-does-not-stand"
    "raft/dead-learner-not-promoted"
    "raft/promoted-learner-votes"
    "raft/second-removal-waits"
    "raft/leader-removes-itself"
    "raft/overwritten-change-is-undone"
    "raft/snapshot-carries-membership"
    "raft/removed-node-is-not-heard"
    "raft/removed-node-added-again"
    "raft/removed-node-raises-term"
    "raft/joint-change-under-partition"
    "raft/joint-configuration-is-committed-first"
    "raft/configuration-counts-when-stored"
    "raft/read-index"
    "raft/one-way-partition"
    "raft/partial-connectivity"
    "raft/bad-input"
    "lease/dual-primary-by-heartbeat"
    "lease/lease-prevents-dual-primary"
    "lease/renewal"
    "lease/lost-grant-resent"
    "lease/grant-later-than-its-term"
    "lease/partition-after-grant"
    "lease/term-of-the-grant-counts"
    "lease/granter-restart-waits"
    "lease/quarantine-to-the-nanosecond"
    "lease/granter-remembers"
    "lease/holder-crash"
    "lease/slow-holder-clock"
    "lease/fast-granter-clock"
    "lease/clock-jump"
    "lease/stamp-of-another-clock"
    "lease/wall-clocks-hours-apart"
    "lease/pause-then-act"
    "lease/pause-then-write"
    "lease/fence-refuses-late-write"
    "lease/fence-writes-once"
    "lease/random-token-cannot-order"
    "lease/fence-asks-granter"
    "lease/lock-delay-outlasts-write"
    "lease/lock-delay"
    "lease/replicated-fence-needs-mark"
    "lease/replicated-fence-marks-first"
    "lease/replicated-fence-remembers"
    "lease/handover"
    "lease/phi-accrual-adapts"
    "lease/majority-lease"
    "lease/majority-quarantine"
    "lease/majority-clock-jump"
    "lease/majority-wall-clock"
    "lease/majority-duel"
    "lease/raft-lease-expires"
    "lease/raft-lease-failover"
    "lease/deposed-server-does-not-renew"
    "lease/leader-lease-read"
    "lease/leader-lease-transfer"
    "lease/cache-write-waits"
    "lease/cache-late-loan"
    "locks/unique-index-dead-owner"
    "locks/unique-index-fails-at-once"
    "locks/unique-index-not-reentrant"
    "locks/owner-waits-for-itself"
    "locks/dies-between-setnx-and-expire"
    "locks/expire-finds-no-key"
    "locks/deletes-anothers-lock"
    "locks/value-of-its-own"
    "locks/redlock-two-of-five-down"
    "locks/redlock-releases-everywhere"
    "locks/redlock-clock-jump"
    "locks/raft-log-edited"
    "locks/redlock-slewed-clock"
    "locks/redlock-real-clocks"
    "locks/redlock-forgetful-instance"
    "locks/redlock-delayed-restart"
    "locks/redlock-pause-before-step-3"
    "locks/redlock-slow-answers"
    "locks/watchdog-keeps-lock"
    "locks/watchdog-comes-too-late"
    "locks/watchdog-learns-of-lost-key"
    "locks/pause-after-step-3"
    "locks/fence-refuses-late-holder"
    "locks/service-is-asked"
    "locks/service-answers-late"
    "locks/currlock-eight-steps"
    "locks/currlock-in-one-step"
    "locks/currlock-late-one-wins"
    "locks/add-a-name"
    "locks/late-writes-in-order"
    "locks/late-writes-one-step"
    "locks/token-in-file-name"
    "locks/undo-takes-half-back"
    "locks/replica-fence-loses-write"
    "locks/replica-marked-first"
    "locks/three-guards"
    "locks/waits-instead-of-colliding"
    "locks/efficiency-or-correctness"
    "locks/zookeeper-plain-lock"
    "locks/zookeeper-ephemeral-goes"
    "locks/zookeeper-pause-two-holders"
    "locks/zookeeper-zxid-fences"
    "locks/zookeeper-told-too-late"
    "locks/zookeeper-watch-blocks"
    "locks/zookeeper-herd"
    "locks/zookeeper-sequence"
    "locks/zookeeper-gone-before-the-watch"
    "locks/zookeeper-wake-looks-again"
    "locks/zookeeper-gives-up"
    "locks/zookeeper-follower-cut-off"
    "locks/zookeeper-failover-keeps-sessions"
    "locks/zookeeper-shared-locks"
    "locks/etcd-lease-by-own-clock"
    "locks/etcd-revision-fences"
    "locks/chubby-lock-delay-a-minute"
    "locks/chubby-grace-period"
    "locks/chubby-renewed-in-time"
    "locks/chubby-sequencer-asked"
    "locks/chubby-sequencer-newest"
    "locks/chubby-sequencer-unchecked"
    "locks/chubby-shared-lock"
    "transactions/two-phase-order-and-stock"
    "transactions/two-phase-one-says-no"
    "transactions/two-phase-everybody-waits"
    "transactions/two-phase-coordinator-dies"
    "transactions/two-phase-half-the-commits"
    "transactions/two-phase-any-failure-aborts"
    "transactions/two-phase-ask-others"
    "transactions/two-phase-nothing-twice"
    "transactions/two-phase-deadlock"
    "transactions/three-phase-commits"
    "transactions/three-phase-coordinator-dies"
    "transactions/three-phase-pre-commit-known"
    "transactions/three-phase-total-failure"
    "transactions/three-phase-nothing-twice"
    "transactions/three-phase-partition"
    "transactions/three-phase-slow-message"
    "transactions/paxos-commit-order-and-stock"
    "transactions/paxos-commit-one-says-no"
    "transactions/paxos-commit-leader-dies"
    "transactions/paxos-commit-free-choice"
    "transactions/paxos-commit-no-answer-yet"
    "transactions/paxos-commit-acceptors-down"
    "transactions/paxos-commit-nothing-twice"
    "transactions/outbox-message-table"
    "transactions/outbox-nobody-waits"
    "transactions/outbox-nothing-twice"
    "transactions/outbox-torn-in-two"
    "transactions/outbox-crash-between-writes"
    "transactions/saga-commits"
    "transactions/saga-compensates"
    "transactions/saga-cancel-before-action"
    "transactions/saga-others-see-half"
    "replication/cap-cp-refuses"
    "replication/cap-ap-answers"
    "replication/last-write-wins"
    "replication/reading-is-an-interval"
    "replication/lamport-orders-them"
    "replication/hybrid-clock-orders-them"
    "replication/future-stamp-refused"
    "replication/vector-clock-shows-siblings"
    "replication/siblings-merged"
    "replication/soft-state"
    "replication/eventually-consistent"
    "replication/available-part-answers"
    "replication/shop-acid-refuses"
    "replication/shop-base-answers"
    "replication/read-your-writes"
    "replication/monotonic-reads"
    "replication/abd-write-back"
    "replication/nothing-counts-twice"
    "replication/primary-backup-replicates"
    "replication/sync-failover-keeps-write"
    "replication/async-failover-loses-write"
    "replication/primary-cut-off-cannot-acknowledge"
    "replication/answer-of-the-successor"
    "replication/unsynced-backup-is-not-promoted"
    "replication/promote-without-fence-loses-write"
    "replication/empty-primary-has-no-office"
    "replication/refused-write-is-not-shown"
    "replication/restart-confirms-nothing"
    "replication/backup-catches-up"
    "replication/views-wait-for-the-primary"
    "liars/forged-token"
    "liars/forged-promise"
    "liars/lying-voter"
    "liars/lying-leader"
    "liars/never-received"
    "byzantine/pbft-three-phases"
    "byzantine/pbft-silent-primary"
    "byzantine/pbft-two-proposals"
    "byzantine/pbft-two-equal-reports"
    "byzantine/pbft-forged-certificates"
    "byzantine/pbft-replayed-request"
    "byzantine/pbft-checkpoints-free-the-log"
    "byzantine/pbft-number-below-the-checkpoint"
    "byzantine/pbft-behind-takes-the-state"
    "byzantine/pbft-null-request"
    "byzantine/pbft-why-commit"
    "byzantine/pbft-new-view-is-proved"
    "byzantine/pbft-two-liars-of-four"
    "found/own-value"
    "found/mixed-votes"
    "found/older-recovery"
    "found/ignores-log-check"
    "found/ack-beyond"
    "found/commit-not-min"
    "found/counts-from-reply"
    "found/release-ignores-ballot"
    "found/replica-fence-only"
    "found/write-at-once"
    "found/limbo-read"
};

impl Scenario {
    /// Folder and name, e.g. `paxos/two-proposers`: the path of the file in this package.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The folder, e.g. `paxos`.
    pub fn folder(&self) -> &'static str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The name, e.g. `two-proposers`.
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('/').map_or(self.path, |(_, name)| name)
    }

    /// Complete text of the file; compiled to WebAssembly, without the outputs.
    pub const fn text(&self) -> &'static str {
        self.text
    }
}

impl fmt::Debug for Scenario {
    /// Omits the text, which is long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scenario").field(&self.path).finish()
    }
}
