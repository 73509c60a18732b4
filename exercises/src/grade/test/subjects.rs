//! Watchable protocols, and the broken systems of each exercise: the bugs, with seeds of runs that
//! expose them.
//!
//! Every grading verifies that each seed exposes its bug, by the invariant of the exercise.

use quorate_bugs::lease::two_step;
use quorate_bugs::paxos::retold;
use quorate_bugs::raft::careless;
use quorate_bugs::replication::register;
use quorate_bugs::transactions::{outbox, two_phase};
use quorate_bugs::{lease, locks, paxos, raft};
use quorate_harness::protocols::{
    CarelessRaftTarget, LeaseMajorityTarget, LeaseTarget, LockTarget, OutboxTarget, PaxosTarget, RaftTarget,
    RedlockTarget, RetoldPaxosTarget, TwoPhaseTarget, TwoStepLeaseTarget,
};
use quorate_lease::LeaseId;
use quorate_lease::invariants::{AtMostOnePrimary, TokensNeverDecrease};
use quorate_locks::invariants::AtMostOneHolder;
use quorate_paxos::Value;
use quorate_paxos::invariants::AtMostOneChosen;
use quorate_protocol::Data;
use quorate_raft::{ElectionSafety, KeyValue, StateMachineSafety};
use quorate_replication::register::NoOlderRead;
use quorate_transactions::two_phase::{CommitNeedsEveryYes, SameOutcome};

use super::Watch;
use super::broken::{BrokenRulebook, Score, keeps_quiet};
use super::majority_register::MajorityRegister;
use super::references::{BallotsNeverFall, HandedOn};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Facts that a watcher can receive: those of a protocol with random runs.
pub trait FactStream: Data {
    /// Grades a watcher of such facts.
    ///
    /// # Errors
    /// [`Failed`], if it objects in a correct run, or misses a broken system.
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed>;
}

/// Title of the case with all broken systems.
const BROKEN: &str = "broken systems";

impl FactStream for quorate_paxos::Fact {
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        keeps_quiet::<PaxosTarget, W>(grading)?;
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            match exercise.id {
                "test-promises" => score.add::<PaxosTarget, W, _>(grading, |_| BallotsNeverFall::default(), FALLING)?,
                _ => {
                    score.add::<PaxosTarget, W, _>(grading, AtMostOneChosen::<Value>::new, CHOOSING)?;
                    score.add::<RetoldPaxosTarget, W, _>(grading, AtMostOneChosen::<Value>::new, CHOOSING_RETOLD)?;
                }
            }
            score.verdict()
        })
    }
}

impl FactStream for quorate_raft::Fact<KeyValue> {
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        keeps_quiet::<RaftTarget, W>(grading)?;
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            match exercise.id {
                "test-one-leader" => {
                    score.add::<RaftTarget, W, _>(grading, |_| ElectionSafety::default(), ELECTING)?;
                    score.add::<CarelessRaftTarget, W, _>(
                        grading,
                        |_| ElectionSafety::default(),
                        ELECTING_CARELESSLY,
                    )?;
                }
                _ => {
                    type Safety = StateMachineSafety<KeyValue>;
                    score.add::<RaftTarget, W, _>(grading, |_| Safety::default(), COMMITTING)?;
                    score.add::<CarelessRaftTarget, W, _>(grading, |_| Safety::default(), COMMITTING_CARELESSLY)?;
                }
            }
            score.verdict()
        })
    }
}

impl FactStream for quorate_lease::Fact {
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let writes = exercise.id == "test-fenced-writes";
        keeps_quiet::<LeaseTarget, W>(grading)?;
        // A majority lease has no resource to write to.
        if !writes {
            keeps_quiet::<LeaseMajorityTarget, W>(grading)?;
        }
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            if writes {
                score.add::<LeaseTarget, W, _>(grading, |_| TokensNeverDecrease::default(), WRITING)?;
                score.add::<TwoStepLeaseTarget, W, _>(grading, |_| TokensNeverDecrease::default(), WRITING_LATER)?;
            } else {
                score.add::<LeaseTarget, W, _>(grading, |_| AtMostOnePrimary::<LeaseId>::default(), HOLDING)?;
                score.add::<LeaseMajorityTarget, W, _>(
                    grading,
                    |_| AtMostOnePrimary::<LeaseId>::default(),
                    HOLDING_BY_MAJORITY,
                )?;
            }
            score.verdict()
        })
    }
}

impl FactStream for quorate_locks::Fact {
    fn examine<W: Watch<Fact = Self>>(_: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        keeps_quiet::<LockTarget, W>(grading)?;
        keeps_quiet::<RedlockTarget, W>(grading)?;
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            score.add::<LockTarget, W, _>(grading, |_| AtMostOneHolder::default(), LOCKING)?;
            score.add::<RedlockTarget, W, _>(grading, |_| AtMostOneHolder::default(), LOCKING_BY_MAJORITY)?;
            score.verdict()
        })
    }
}

/// Invariants of a watcher of outcomes.
type OneOutcome = (SameOutcome, CommitNeedsEveryYes);

impl FactStream for quorate_transactions::two_phase::Fact {
    fn examine<W: Watch<Fact = Self>>(_: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        keeps_quiet::<TwoPhaseTarget, W>(grading)?;
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            score.add::<TwoPhaseTarget, W, _>(grading, |_| OneOutcome::default(), DECIDING)?;
            score.verdict()
        })
    }
}

impl FactStream for quorate_transactions::outbox::Fact {
    fn examine<W: Watch<Fact = Self>>(_: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        keeps_quiet::<OutboxTarget, W>(grading)?;
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            score.add::<OutboxTarget, W, _>(grading, |_| HandedOn::default(), HANDING_ON)?;
            score.verdict()
        })
    }
}

impl FactStream for quorate_replication::register::Fact {
    fn examine<W: Watch<Fact = Self>>(_: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        keeps_quiet::<MajorityRegister, W>(grading)?;
        grading.case(BROKEN, |grading| {
            let mut score = Score::default();
            score.add::<MajorityRegister, W, _>(grading, |_| NoOlderRead::default(), READING)?;
            score.verdict()
        })
    }
}

/// Bugs by which an exercise is graded.
#[cfg(test)]
pub(super) fn bugs(exercise: &str) -> std::collections::BTreeSet<&'static str> {
    fn ids<R>(broken: &[BrokenRulebook<R>]) -> Vec<&'static str> {
        broken.iter().map(|broken| broken.rules.id()).collect()
    }
    let ids = match exercise {
        "test-promises" => ids(FALLING),
        "test-one-chosen" => [ids(CHOOSING), ids(CHOOSING_RETOLD)].concat(),
        "test-one-leader" => [ids(ELECTING), ids(ELECTING_CARELESSLY)].concat(),
        "test-committed-stays" => [ids(COMMITTING), ids(COMMITTING_CARELESSLY)].concat(),
        "test-one-holder" => [LOCKING, LOCKING_BY_MAJORITY].into_iter().flat_map(|broken| ids(broken)).collect(),
        "test-one-outcome" => ids(DECIDING),
        "test-handed-on" => ids(HANDING_ON),
        "test-no-older-read" => ids(READING),
        "test-one-primary" => [HOLDING, HOLDING_BY_MAJORITY].into_iter().flat_map(|broken| ids(broken)).collect(),
        _ => [ids(WRITING), ids(WRITING_LATER)].concat(),
    };
    ids.into_iter().collect()
}

/// Fixed seeds that do not expose their bug, each with some that do.
#[cfg(test)]
pub(super) fn unshown() -> Vec<String> {
    use super::broken::unshown;
    [
        unshown::<PaxosTarget, _>(|_| BallotsNeverFall::default(), FALLING),
        unshown::<PaxosTarget, _>(AtMostOneChosen::<Value>::new, CHOOSING),
        unshown::<RetoldPaxosTarget, _>(AtMostOneChosen::<Value>::new, CHOOSING_RETOLD),
        unshown::<RaftTarget, _>(|_| ElectionSafety::default(), ELECTING),
        unshown::<CarelessRaftTarget, _>(|_| ElectionSafety::default(), ELECTING_CARELESSLY),
        unshown::<RaftTarget, _>(|_| StateMachineSafety::<KeyValue>::default(), COMMITTING),
        unshown::<CarelessRaftTarget, _>(|_| StateMachineSafety::<KeyValue>::default(), COMMITTING_CARELESSLY),
        unshown::<LeaseTarget, _>(|_| AtMostOnePrimary::<LeaseId>::default(), HOLDING),
        unshown::<LeaseMajorityTarget, _>(|_| AtMostOnePrimary::<LeaseId>::default(), HOLDING_BY_MAJORITY),
        unshown::<LeaseTarget, _>(|_| TokensNeverDecrease::default(), WRITING),
        unshown::<TwoStepLeaseTarget, _>(|_| TokensNeverDecrease::default(), WRITING_LATER),
        unshown::<LockTarget, _>(|_| AtMostOneHolder::default(), LOCKING),
        unshown::<RedlockTarget, _>(|_| AtMostOneHolder::default(), LOCKING_BY_MAJORITY),
        unshown::<TwoPhaseTarget, _>(|_| OneOutcome::default(), DECIDING),
        unshown::<OutboxTarget, _>(|_| HandedOn::default(), HANDING_ON),
        unshown::<MajorityRegister, _>(|_| NoOlderRead::default(), READING),
    ]
    .concat()
}

type BrokenRulebooks<R> = &'static [BrokenRulebook<R>];

/// Violation: an acceptor's ballots decrease.
const FALLING: BrokenRulebooks<quorate_paxos::Rulebook> = {
    use paxos::*;
    &[
        BrokenRulebook::under_faults(NO_PROMISE_CHECK, &[1, 5, 7]),
        BrokenRulebook::under_faults(ACCEPTED_ONLY, &[1, 7, 11]),
        BrokenRulebook::under_faults(FORGET_PROMISE, &[9, 13, 14]),
        BrokenRulebook::under_faults(ACCEPT_NO_RAISE, &[7, 15, 32]),
    ]
};

/// Violation: two values chosen.
const CHOOSING: BrokenRulebooks<quorate_paxos::Rulebook> = {
    use paxos::*;
    &[
        BrokenRulebook::under_faults(OWN_VALUE, &[0, 1, 5]),
        BrokenRulebook::under_faults(ANY_REPORTED, &[14, 80, 139]),
        BrokenRulebook::under_faults(LOWEST_REPORTED, &[14, 80, 243]),
        BrokenRulebook::under_faults(DUPLICATE_PROMISE, &[3, 123, 1009]),
        BrokenRulebook::under_faults(FORGET_PROMISE, &[312, 456, 1194]),
        BrokenRulebook::under_faults(FORGET_ACCEPTED, &[0, 1, 11]),
        BrokenRulebook::under_faults(NO_PROMISE_CHECK, &[47, 71, 179]),
        BrokenRulebook::under_faults(ACCEPTED_ONLY, &[47, 165, 262]),
        BrokenRulebook::under_faults(ACCEPT_NO_RAISE, &[1727, 5227, 5859]),
        BrokenRulebook::under_faults(MIXED_PROMISES, &[511, 874, 2361]),
        BrokenRulebook::under_faults(REPORTS_PROMISED, &[584, 1016, 1528]),
        BrokenRulebook::under_faults(SMALL_QUORUM, &[1, 3, 6]),
        BrokenRulebook::under_faults(SKIP_PHASE_1, &[0, 2, 3]),
    ]
};

/// Violation: two values chosen, in a retold variant.
const CHOOSING_RETOLD: BrokenRulebooks<retold::Rulebook> =
    &[BrokenRulebook::under_faults(retold::PREPARE_CARRIES_VALUE, &[5, 7, 9])];

/// Violation: two leaders of one term.
const ELECTING: BrokenRulebooks<quorate_raft::Rulebook> = {
    use raft::*;
    &[
        BrokenRulebook::under_faults(STALE_VOTE_REPLY, &[173, 640, 754]),
        BrokenRulebook::under_faults(PRE_VOTE_AS_VOTE, &[173, 201, 515]),
        BrokenRulebook::under_faults(IGNORES_LOG_CHECK, &[56, 360, 474]),
    ]
};

/// Violation: two leaders of one term, in careless Raft.
const ELECTING_CARELESSLY: BrokenRulebooks<careless::Rulebook> =
    &[BrokenRulebook::in_crashes(careless::VOTE_NOT_DURABLE, &[4336, 4598])];

/// Violation: two entries at one index.
const COMMITTING: BrokenRulebooks<quorate_raft::Rulebook> = {
    use raft::*;
    &[
        BrokenRulebook::under_faults(IGNORES_LOG_CHECK, &[2, 3, 14]),
        BrokenRulebook::under_faults(LENGTH_ONLY_CHECK, &[87, 171, 508]),
        BrokenRulebook::under_faults(EMPTY_APPEND_TRUNCATES, &[3, 5, 14]),
        BrokenRulebook::under_faults(TRUNCATE_ALWAYS, &[5, 12, 14]),
        BrokenRulebook::under_faults(NONVOTER_COUNTS_ITSELF, &[42, 56, 271]),
    ]
};

/// Violation: two entries at one index, in careless Raft.
const COMMITTING_CARELESSLY: BrokenRulebooks<careless::Rulebook> = &[
    BrokenRulebook::under_faults(careless::LOG_NOT_DURABLE, &[34, 37, 56]),
    BrokenRulebook::under_faults(careless::STALE_NACK_ROLLBACK, &[0, 5, 18]),
];

/// Violation: two primaries, with one granter.
const HOLDING: BrokenRulebooks<quorate_lease::Rulebook> = {
    use lease::*;
    &[
        BrokenRulebook::under_faults(HEARTBEAT_ONLY, &[4, 5, 7]),
        BrokenRulebook::under_faults(COUNTS_FROM_REPLY, &[2, 3, 6]),
        BrokenRulebook::under_faults(NO_DRIFT_MARGIN, &[39, 84, 127]),
        BrokenRulebook::under_faults(WALL_CLOCK, &[0, 15, 17]),
        BrokenRulebook::under_faults(RESTART_GRANTS_AT_ONCE, &[47, 97, 103]),
        BrokenRulebook::under_faults(CHECK_THEN_ACT, &[15, 28, 37]),
        BrokenRulebook::under_faults(UNLOCK_OTHERS, &[1, 6, 8]),
        BrokenRulebook::under_faults(FAILED_RENEWAL_EXTENDS, &[127, 183, 307]),
    ]
};

/// Violation: two primaries, with a majority.
const HOLDING_BY_MAJORITY: BrokenRulebooks<quorate_lease::Rulebook> = {
    use lease::*;
    &[
        BrokenRulebook::under_faults(COUNTS_FROM_REPLY, &[247, 305, 532]),
        BrokenRulebook::under_faults(WALL_CLOCK, &[15, 25, 95]),
        BrokenRulebook::under_faults(RESTART_GRANTS_AT_ONCE, &[302, 916, 2158]),
        BrokenRulebook::under_faults(RELEASE_IGNORES_BALLOT, &[556, 1215, 1951]),
    ]
};

/// Violation: late writes accepted.
const WRITING: BrokenRulebooks<quorate_lease::Rulebook> = {
    use lease::*;
    &[
        BrokenRulebook::under_faults(TOKEN_NOT_CHECKED, &[0, 1, 2]),
        BrokenRulebook::under_faults(TOKEN_RANDOM, &[286, 803, 1061]),
        BrokenRulebook::under_faults(NO_LOCK_DELAY, &[0, 1, 2]),
    ]
};

/// Violation: late writes accepted, by a two-step resource.
const WRITING_LATER: BrokenRulebooks<two_step::Rulebook> =
    &[BrokenRulebook::under_faults(two_step::CHECK_NOT_ATOMIC, &[2383, 2582, 2627])];

/// Violation: two holders of a lock on one server.
const LOCKING: BrokenRulebooks<quorate_locks::Rulebook> = {
    use locks::*;
    &[
        BrokenRulebook::under_faults(UNLOCK_WITHOUT_COMPARE, &[75, 402, 751]),
        BrokenRulebook::under_faults(SAME_VALUE_FOR_ALL, &[16, 26, 47]),
        BrokenRulebook::under_faults(SET_WITHOUT_NX, &[0, 1, 2]),
        BrokenRulebook::under_faults(VALID_FOR_EVER, &[0, 1, 2]),
        BrokenRulebook::under_faults(VALIDITY_UNCHECKED, &[137, 723, 876]),
        BrokenRulebook::under_faults(COUNTS_FROM_ANSWER, &[35, 153, 202]),
        BrokenRulebook::under_faults(LATE_ANSWER_COUNTS, &[10, 19, 53]),
    ]
};

/// Violation: two holders of a lock on a majority of servers.
const LOCKING_BY_MAJORITY: BrokenRulebooks<quorate_locks::Rulebook> = {
    use locks::*;
    &[
        BrokenRulebook::under_faults(HALF_IS_ENOUGH, &[0, 1, 2]),
        BrokenRulebook::under_faults(EXPIRES_ON_WALL_CLOCK, &[684, 701, 875]),
        BrokenRulebook::in_crashes(RESTARTS_AT_ONCE, &[2, 40, 46]),
    ]
};

/// Violation: an operation that misses what was completed before it began.
const READING: BrokenRulebooks<quorate_replication::register::Rulebook> = {
    use register::*;
    &[
        BrokenRulebook::under_faults(OLDER_OVERWRITES, &[0, 5, 9]),
        BrokenRulebook::under_faults(NO_WRITE_BACK, &[0, 13, 15]),
        BrokenRulebook::under_faults(STAMP_UNASKED, &[1, 2, 3]),
        BrokenRulebook::in_crashes(ACK_BEFORE_DISK, &[0, 1, 2]),
    ]
};

/// Violation: two outcomes of a transaction, or a commit without every yes.
const DECIDING: BrokenRulebooks<quorate_transactions::two_phase::Rulebook> = {
    use two_phase::*;
    &[
        BrokenRulebook::under_faults(PREPARED_TIMES_OUT, &[0, 1, 2]),
        BrokenRulebook::in_crashes(DECISION_NOT_LOGGED, &[9, 15, 25]),
        BrokenRulebook::in_crashes(PRESUMES_COMMIT, &[0, 1, 2]),
        BrokenRulebook::under_faults(FORGOTTEN_EARLY, &[2, 5, 7]),
        BrokenRulebook::under_faults(TIMEOUT_RACES_COMMIT, &[0, 1, 2]),
        BrokenRulebook::under_faults(YES_COUNTS_TWICE, &[7, 9, 16]),
        BrokenRulebook::under_faults(ABORT_NOT_REMEMBERED, &[34, 46, 90]),
        BrokenRulebook::under_faults(LAST_OUTCOME_WINS, &[0, 1, 2]),
    ]
};

/// Violation: a message that is let go too early, handled twice, or invented.
const HANDING_ON: BrokenRulebooks<quorate_transactions::outbox::Rulebook> = {
    use outbox::*;
    &[
        BrokenRulebook::in_crashes(EVENT_THEN_ROW, &[4, 5, 6]),
        BrokenRulebook::under_faults(DELETES_BEFORE_CONFIRMED, &[0, 1, 2]),
        BrokenRulebook::under_faults(LAST_CONFIRMATION_WINS, &[0, 1, 2]),
        BrokenRulebook::under_faults(REMOVED_ON_DELIVERY, &[0, 1, 2]),
        BrokenRulebook::under_faults(ACK_ON_RECEIPT, &[0, 1, 2]),
        BrokenRulebook::under_faults(NO_MEMORY_OF_IDS, &[0, 1, 2]),
        BrokenRulebook::under_faults(MEMORY_TOO_SHORT, &[0, 1, 2]),
    ]
};
