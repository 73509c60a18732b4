//! Rows of `docs/REPLICAS.md`.

use super::Row;

#[rustfmt::skip]
pub(super) const REPLICAS: &[Row] = &[
    (&[39], "last write wins: x=1 at 42.004 s on node 1, the increment to 2 at 42.003 s on node 3, node 2 drops 2", "last-write-wins"),
    (&[26, 39, 40], "the same with Lamport clocks: a count orders events better than a time", "lamport-orders-them"),
    (&[39], "the same with hybrid logical clocks: readable times, causes before effects", "hybrid-clock-orders-them"),
    (&[39], "a clock that is wrong by years, and the stamp that is refused", "future-stamp-refused"),
    (&[39], "the same with version vectors: concurrent writes side by side", "vector-clock-shows-siblings"),
    (&[39], "who has read the siblings replaces them", "siblings-merged"),
    (&[41], "a reading is an interval of 200 ms: what lies within it has no order, and its microseconds say nothing", "reading-is-an-interval"),
    (&[153, 154, 156, 157], "CAP, the consistent choice: the smaller side refuses, and no read is old", "cap-cp-refuses"),
    (&[153, 155, 156, 158], "CAP, the available choice: the same schedule, everybody is answered, and one is wrong", "cap-ap-answers"),
    (&[154], "consistency without consensus: a read writes back", "abd-write-back"),
    (&[155, 159], "bounded time, basically available: the page without the part that has no majority", "available-part-answers"),
    (&[155], "every request is answered, also one that is repeated, overtaken or lost", "nothing-counts-twice"),
    (&[160], "soft state: in between, the copies differ", "soft-state"),
    (&[161], "eventually consistent: once the writes stop, all read the same", "eventually-consistent"),
    (&[161], "between the two: an application reads its own writes", "read-your-writes"),
    (&[161], "between the two: what was seen once does not vanish", "monotonic-reads"),
    (&[159, 162], "the shop by ACID: a purchase is one transaction, and in a partition it is refused", "shop-acid-refuses"),
    (&[159, 160, 161, 162], "the shop by BASE: the same purchase is answered at once, soft state in between, and in the end both agree", "shop-base-answers"),
    (&[162], "ACID and BASE combined: order and message in one local transaction, the stock eventually", "outbox-message-table"),
    (&[], "a primary and its backup: a write is acknowledged when both have it", "primary-backup-replicates"),
    (&[], "fail-over, synchronous: what was acknowledged is at the new primary", "sync-failover-keeps-write"),
    (&[], "fail-over, asynchronous: an acknowledged write is lost", "async-failover-loses-write"),
    (&[], "a primary that is cut off waits, and refuses", "primary-cut-off-cannot-acknowledge"),
    (&[], "two primaries at once, and the number of the view that stops the old one", "answer-of-the-successor"),
    (&[], "a backup without the newest writes is not promoted", "unsynced-backup-is-not-promoted"),
    (&[], "the same with a promotion all the same: an acknowledged write is lost", "promote-without-fence-loses-write"),
    (&[], "a primary that has lost its disk is not the primary any more", "empty-primary-has-no-office"),
    (&[], "a write that was refused is not shown before the backup has it", "refused-write-is-not-shown"),
    (&[], "a primary that restarts does not know what its backup has", "restart-confirms-nothing"),
    (&[], "a backup that missed a write gets the whole state; nothing counts twice", "backup-catches-up"),
    (&[], "no view before the primary has heard of the last one", "views-wait-for-the-primary"),
];
