//! Rows of `docs/CONSENSUS.md`.

use super::Row;

#[rustfmt::skip]
pub(super) const MAJORITY: &[Row] = &[
    (&[58], "a node that a majority has given up steps down, however alive it feels", "checkquorum-steps-down"),
    (&[58, 61], "a deposed leader comes back, goes on, and is refused", "old-leader-returns"),
    (&[58], "the leader of a minority commits nothing", "minority-leader-cannot-commit"),
    (&[59], "of five two may fail", "minority-crash"),
    (&[59], "and not three", "majority-crash"),
];

#[rustfmt::skip]
pub(super) const PAXOS: &[Row] = &[
    (&[163, 171], "proposer, acceptor, learner; a value is learned once a majority has accepted it", "lost-learn"),
    (&[164, 165, 166, 170, 172], "two proposers, three acceptors, numbers 2 and 4: B must take the value that is accepted", "two-proposers"),
    (&[167], "who has promised more refuses", "stale-prepare"),
    (&[167, 168, 169, 170], "the document's own schedule: by its rule 8 is chosen, by the paper's 5", "popular-retelling"),
    (&[169], "A has its promises, and all acceptors refuse", "stale-accept"),
    (&[173], "termination is not guaranteed (Fischer, Lynch and Paterson 1985)", "duelling-proposers"),
];

#[rustfmt::skip]
pub(super) const RAFT: &[Row] = &[
    (&[174, 175, 176], "follower, candidate, leader; heartbeats restart the timeouts of the others", "single-candidate"),
    (&[177, 178], "two candidates get two votes each, and chance makes a second tie unlikely", "split-vote"),
    (&[178], "without chance they tie again and again", "one-election-timeout"),
    (&[179, 180, 181, 182], "in the leader's log, on all followers, a majority, committed, and everybody knows", "log-replication"),
    (&[14, 174], "a leader crashes, and another one has every committed entry", "leader-crash"),
];
