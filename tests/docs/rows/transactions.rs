//! Rows of `docs/TRANSACTIONS.md`.

use super::Row;

#[rustfmt::skip]
pub(super) const DOCUMENTS: &[Row] = &[
    (&[143, 144, 145], "an order and a stock on two nodes: phase 1 asks, phase 2 commits; not a lock, but all or nothing", "two-phase-order-and-stock"),
    (&[144, 145], "one says no: all roll back", "two-phase-one-says-no"),
    (&[146], "all block while they wait for the slowest", "two-phase-everybody-waits"),
    (&[147], "the coordinator dies in phase 2, and all block", "two-phase-coordinator-dies"),
    (&[148], "part of the commits are sent: inconsistent for a moment", "two-phase-half-the-commits"),
    (&[149], "any failure aborts all", "two-phase-any-failure-aborts"),
    (&[147, 148], "cooperative termination: the participants ask each other", "two-phase-ask-others"),
    (&[145], "nothing is done twice", "two-phase-nothing-twice"),
    (&[146], "two transactions wait for each other", "two-phase-deadlock"),
    (&[150, 151, 152], "the local message table in its three steps", "outbox-message-table"),
    (&[151], "nobody waits for a node that is down", "outbox-nobody-waits"),
    (&[151, 152], "forwarded again, and handled once", "outbox-nothing-twice"),
    (&[150], "one write of row and message, torn in two", "outbox-torn-in-two"),
    (&[150, 152], "a crash between two writes", "outbox-crash-between-writes"),
];

#[rustfmt::skip]
pub(super) const BEYOND: &[Row] = &[
    (&[], "three-phase commit (Skeen 1981): all know before anybody acts", "three-phase-commits"),
    (&[147], "the same death: the participants go on", "three-phase-coordinator-dies"),
    (&[148], "the backup finds one that has heard of the commit", "three-phase-pre-commit-known"),
    (&[], "all have failed: three-phase commit waits, too", "three-phase-total-failure"),
    (&[], "late and repeated messages", "three-phase-nothing-twice"),
    (&[], "Skeen's assumption: a partition makes two sides decide differently", "three-phase-partition"),
    (&[], "one slow message does the same", "three-phase-slow-message"),
    (&[], "Paxos Commit (Gray and Lamport 2006): acceptors remember the votes", "paxos-commit-order-and-stock"),
    (&[], "one votes Aborted", "paxos-commit-one-says-no"),
    (&[147], "the same death: another leader goes on", "paxos-commit-leader-dies"),
    (&[], "an instance without a vote is free: the leader aborts", "paxos-commit-free-choice"),
    (&[], "a leader that knows no outcome tells the client none", "paxos-commit-no-answer-yet"),
    (&[], "it needs a majority of the acceptors", "paxos-commit-acceptors-down"),
    (&[], "two leaders at once", "paxos-commit-nothing-twice"),
    (&[146], "a saga (Garcia-Molina and Salem 1987): short transactions, and no locks between them", "saga-commits"),
    (&[149], "it cannot go on: the steps are undone, the last one first", "saga-compensates"),
    (&[], "the compensation arrives before the step", "saga-cancel-before-action"),
    (&[], "no isolation: others see half of a saga", "saga-others-see-half"),
];
