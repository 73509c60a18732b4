//! Bugs of a primary with a backup. Each loses a write that was acknowledged, or shown to a reader.

use quorate_protocol::Ruling::{self, Allow};
use quorate_replication::primary_backup::{BY_THE_BOOK, Mode, PrimaryBackupRule, Rulebook};

use crate::Breaks::Invariant;
use crate::Discovery::Scenario;

bugs! {
    /// Rulebook of a primary with a backup: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    ACKS_WITHOUT_THE_CUT_OFF = "acks-without-the-cut-off" of PrimaryBackup {
        summary: "A primary that does not hear its backup strikes it off by itself, and acknowledges.",
        story: "The primary is cut off from its backup and from the monitor. It takes the backup for dead and acknowledges a write alone. The monitor takes the primary for dead, and promotes the backup.",
        source: "elasticsearch #7572 and #16658; Budhiraja and others 1993 §8.2",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write and a partition",
        discovery: Scenario { scenario: "primary-cut-off-cannot-acknowledge", commands: 6 },
        correct_rule: "WaitForBackup",
        fn may_ack(mode: Mode, has_backup: bool, confirmed: bool, suspects: bool) -> Ruling<PrimaryBackupRule> {
            BY_THE_BOOK.may_ack(mode, has_backup, confirmed || suspects, suspects)
        }
    }

    ACKS_WHILE_REPLACED = "acks-while-replaced" of PrimaryBackup {
        summary: "A primary counts the answer of its successor as one of its backup.",
        story: "The backup has been promoted, and the old primary has not been told. It ships a write to the new primary, whose answer carries the number of the next view. The old primary acknowledges, and throws the write away when it is told.",
        source: "redis #6062; DSLabs, lab 2: answers of another view do not count",
        breaks: Invariant("NoLostWrite"),
        needs: "2 writes and a cut between primary and monitor",
        discovery: Scenario { scenario: "answer-of-the-successor", commands: 8 },
        correct_rule: "OtherView",
        fn counts(_: u64, _: u64) -> Ruling<PrimaryBackupRule> {
            Allow(PrimaryBackupRule::CountStored)
        }
    }

    EMPTY_PRIMARY_RETURNS = "empty-primary-returns" of PrimaryBackup {
        summary: "A server that restarts without its data goes on as the primary.",
        story: "The primary loses its disk and is up again before anybody misses it. It takes the first view of the configuration for the present one, and its backup copies the emptiness.",
        source: "kubeblocks #10753, redis #1297; DSLabs, lab 2",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write and a lost disk",
        discovery: Scenario { scenario: "empty-primary-has-no-office", commands: 5 },
        correct_rule: "NoData",
        fn boot_as_primary(_: bool) -> Ruling<PrimaryBackupRule> {
            Allow(PrimaryBackupRule::Resume)
        }
    }

    CANCEL_IS_COMMIT = "cancel-is-commit" of PrimaryBackup {
        summary: "A write that the primary has given up waiting for is shown to readers.",
        story: "A write does not reach the backup, and the request ends without an answer. From then on the primary shows the write. It crashes, and the backup, which never had the write, is promoted.",
        source: "patroni #1412: a cancelled wait for the synchronous standby",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write, 1 read, lost messages and a crash",
        discovery: Scenario { scenario: "refused-write-is-not-shown", commands: 10 },
        correct_rule: "ReadWaits",
        fn visible_when(mode: Mode, has_backup: bool, confirmed: bool, gave_up: bool) -> Ruling<PrimaryBackupRule> {
            BY_THE_BOOK.visible_when(mode, has_backup, confirmed || gave_up, gave_up)
        }
    }

    RESTART_IS_COMMIT = "restart-is-commit" of PrimaryBackup {
        summary: "A primary that restarts takes all that is on its own disk for stored by its backup.",
        story: "A write is on the primary's disk and not at the backup when the primary restarts. It shows the write to a reader, and tells the monitor that its backup has everything. It crashes again, and the backup is promoted without the write.",
        source: "stolon #514: transactions that waited when the primary restarted",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write, 1 read, lost messages and 2 crashes",
        discovery: Scenario { scenario: "restart-confirms-nothing", commands: 12 },
        correct_rule: "ReadWaits",
        fn recover(number: u64) -> Option<u64> {
            Some(number)
        }
    }

    PROMOTE_WITHOUT_FENCE = "promote-without-fence" of PrimaryBackup {
        summary: "The monitor promotes a backup although the primary may still serve without it.",
        story: "A primary serves alone. Its backup has just returned, without the newest writes, when the primary is cut off from the monitor. Both sides take writes.",
        source: "GitHub, incident of 21 October 2018; Budhiraja and others 1993 §8.2",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write, a crash and a partition",
        discovery: Scenario { scenario: "unsynced-backup-is-not-promoted", commands: 8 },
        correct_rule: "NotSynced",
        fn may_promote(_: bool, _: bool) -> Ruling<PrimaryBackupRule> {
            Allow(PrimaryBackupRule::Promote)
        }
    }
}
