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
        source: "elasticsearch #7572 and #16658",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write and a partition",
        discovery: Scenario { scenario: "primary-cut-off-cannot-acknowledge", commands: 6 },
        correct_rule: "WaitForBackup",
        fn may_ack(mode: Mode, has_backup: bool, confirmed: bool, suspects: bool) -> Ruling<PrimaryBackupRule> {
            BY_THE_BOOK.may_ack(mode, has_backup, confirmed || suspects, suspects)
        }
    }

    PROMOTE_WITHOUT_FENCE = "promote-without-fence" of PrimaryBackup {
        summary: "The monitor promotes a backup although the primary may still serve without it.",
        story: "A primary serves alone. Its backup has just returned, without the newest writes, when the primary is cut off from the monitor. Both sides take writes.",
        source: "GitHub, incident of 21 October 2018",
        breaks: Invariant("NoLostWrite"),
        needs: "1 write, a crash and a partition",
        discovery: Scenario { scenario: "promote-without-fence", commands: 9 },
        correct_rule: "NotSynced",
        fn may_promote(_: bool, _: bool) -> Ruling<PrimaryBackupRule> {
            Allow(PrimaryBackupRule::Promote)
        }
    }
}
