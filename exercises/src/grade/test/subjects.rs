//! What there is to be heard of each protocol, and the broken systems of each exercise: which bug, and seeds of storms that show it.
//!
//! That each seed does show it, by the invariant that the exercise is about, is part of every grading.

use quorate_bugs::{lease, paxos, raft};
use quorate_lease::LeaseId;
use quorate_lease::invariants::{AtMostOnePrimary, TokensNeverDecrease};
use quorate_paxos::Value;
use quorate_paxos::invariants::AtMostOneChosen;
use quorate_protocol::Data;
use quorate_raft::{ElectionSafety, KeyValue, StateMachineSafety};
use quorate_workshop::experiments::{LeaseMajorityRuns, LeaseRuns, PaxosRuns, RaftRuns};

use super::Watch;
use super::broken::{Score, Sick, keeps_quiet};
use super::references::BallotsNeverFall;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

/// Facts that a watcher can hear: those of a protocol of which there are runs.
pub trait Told: Data {
    /// Puts a watcher of such facts through an exercise.
    ///
    /// # Errors
    /// [`Failed`], if it objects in a correct run, or misses a broken system.
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed>;
}

/// What the case is called in which all broken systems are tried.
const BROKEN: &str = "broken systems";

impl Told for quorate_paxos::Fact {
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        type Runs = PaxosRuns<paxos::Book>;
        keeps_quiet::<Runs, W>(exam)?;
        exam.case(BROKEN, |exam| {
            let mut score = Score::default();
            match exercise.id {
                "test-promises" => score.add::<Runs, W, _>(exam, |_| BallotsNeverFall::default(), FALLING)?,
                _ => score.add::<Runs, W, _>(exam, |config| AtMostOneChosen::<Value>::new(&config.config), CHOOSING)?,
            }
            score.verdict()
        })
    }
}

impl Told for quorate_raft::Fact<KeyValue> {
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        type Runs = RaftRuns<raft::Book>;
        keeps_quiet::<Runs, W>(exam)?;
        exam.case(BROKEN, |exam| {
            let mut score = Score::default();
            match exercise.id {
                "test-one-leader" => score.add::<Runs, W, _>(exam, |_| ElectionSafety::default(), ELECTING)?,
                _ => score.add::<Runs, W, _>(exam, |_| StateMachineSafety::<KeyValue>::default(), COMMITTING)?,
            }
            score.verdict()
        })
    }
}

impl Told for quorate_lease::Fact {
    fn examine<W: Watch<Fact = Self>>(exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        type Runs = LeaseRuns<lease::Book>;
        type MajorityRuns = LeaseMajorityRuns<lease::Book>;
        let writes = exercise.id == "test-fenced-writes";
        keeps_quiet::<Runs, W>(exam)?;
        // A majority has no resource to write to.
        if !writes {
            keeps_quiet::<MajorityRuns, W>(exam)?;
        }
        exam.case(BROKEN, |exam| {
            let mut score = Score::default();
            if writes {
                score.add::<Runs, W, _>(exam, |_| TokensNeverDecrease::default(), WRITING)?;
            } else {
                score.add::<Runs, W, _>(exam, |_| AtMostOnePrimary::<LeaseId>::default(), HOLDING)?;
                score.add::<MajorityRuns, W, _>(
                    exam,
                    |_| AtMostOnePrimary::<LeaseId>::default(),
                    HOLDING_BY_MAJORITY,
                )?;
            }
            score.verdict()
        })
    }
}

/// The bugs that an exercise is graded by.
#[cfg(test)]
pub(super) fn bugs(exercise: &str) -> std::collections::BTreeSet<&'static str> {
    fn ids<R: Copy>(sick: &[Sick<R>], id: impl Fn(R) -> Option<&'static quorate_bugs::Bug>) -> Vec<&'static str> {
        sick.iter().filter_map(|sick| id(sick.rules)).map(|bug| bug.id).collect()
    }
    let ids = match exercise {
        "test-promises" => ids(FALLING, paxos::Book::bug),
        "test-one-chosen" => ids(CHOOSING, paxos::Book::bug),
        "test-one-leader" => ids(ELECTING, raft::Book::bug),
        "test-committed-stays" => ids(COMMITTING, raft::Book::bug),
        "test-one-primary" => {
            [HOLDING, HOLDING_BY_MAJORITY].into_iter().flat_map(|sick| ids(sick, lease::Book::bug)).collect()
        }
        _ => ids(WRITING, lease::Book::bug),
    };
    ids.into_iter().collect()
}

/// The fixed seeds that do not show their bug, each with some that do.
#[cfg(test)]
pub(super) fn unshown() -> Vec<String> {
    use super::broken::unshown;
    type Leases = LeaseRuns<lease::Book>;
    type Majorities = LeaseMajorityRuns<lease::Book>;
    [
        unshown::<PaxosRuns<paxos::Book>, _>(|_| BallotsNeverFall::default(), FALLING),
        unshown::<PaxosRuns<paxos::Book>, _>(|config| AtMostOneChosen::<Value>::new(&config.config), CHOOSING),
        unshown::<RaftRuns<raft::Book>, _>(|_| ElectionSafety::default(), ELECTING),
        unshown::<RaftRuns<raft::Book>, _>(|_| StateMachineSafety::<KeyValue>::default(), COMMITTING),
        unshown::<Leases, _>(|_| AtMostOnePrimary::<LeaseId>::default(), HOLDING),
        unshown::<Majorities, _>(|_| AtMostOnePrimary::<LeaseId>::default(), HOLDING_BY_MAJORITY),
        unshown::<Leases, _>(|_| TokensNeverDecrease::default(), WRITING),
    ]
    .concat()
}

type Sickly<R> = &'static [Sick<R>];

/// Acceptors that go back on their ballots.
const FALLING: Sickly<paxos::Book> = {
    use paxos::Book::*;
    &[
        Sick::in_storms(NoPromiseCheck, &[1, 5, 7]),
        Sick::in_storms(AcceptedOnly, &[1, 7, 11]),
        Sick::in_storms(ForgetPromise, &[9, 13, 14]),
        Sick::in_storms(AcceptNoRaise, &[7, 15, 32]),
    ]
};

/// Two values chosen.
const CHOOSING: Sickly<paxos::Book> = {
    use paxos::Book::*;
    &[
        Sick::in_storms(OwnValue, &[0, 1, 5]),
        Sick::in_storms(AnyReported, &[14, 80, 139]),
        Sick::in_storms(LowestReported, &[14, 80, 243]),
        Sick::in_storms(DuplicatePromise, &[3, 123, 1009]),
        Sick::in_storms(ForgetPromise, &[312, 456, 1194]),
        Sick::in_storms(ForgetAccepted, &[0, 1, 11]),
        Sick::in_storms(NoPromiseCheck, &[47, 71, 179]),
        Sick::in_storms(AcceptedOnly, &[47, 165, 262]),
        Sick::in_storms(AcceptNoRaise, &[1727, 5227, 5859]),
        Sick::in_storms(MixedPromises, &[511, 874, 2361]),
        Sick::in_storms(ReportsPromised, &[584, 1016, 1528]),
        Sick::in_storms(SmallQuorum, &[1, 3, 6]),
        Sick::in_storms(SkipPhase1, &[0, 2, 3]),
        Sick::in_storms(PrepareCarriesValue, &[5, 7, 9]),
    ]
};

/// Two leaders of one term.
const ELECTING: Sickly<raft::Book> = {
    use raft::Book::*;
    &[
        Sick::in_storms(StaleVoteReply, &[173, 640, 754]),
        Sick::in_storms(PreVoteAsVote, &[173, 201, 515]),
        Sick::in_crashes(VoteNotDurable, &[4336, 4598]),
        Sick::in_storms(IgnoresLogCheck, &[56, 360, 474]),
    ]
};

/// Two entries at one index.
const COMMITTING: Sickly<raft::Book> = {
    use raft::Book::*;
    &[
        Sick::in_storms(LogNotDurable, &[34, 37, 56]),
        Sick::in_storms(IgnoresLogCheck, &[2, 3, 14]),
        Sick::in_storms(LengthOnlyCheck, &[87, 171, 508]),
        Sick::in_storms(CommitRegresses, &[4, 5, 7]),
        Sick::in_storms(EmptyAppendTruncates, &[3, 5, 14]),
        Sick::in_storms(TruncateAlways, &[5, 12, 14]),
        Sick::in_storms(StaleNackRollback, &[0, 5, 18]),
        Sick::in_storms(NonvoterCountsItself, &[42, 56, 271]),
    ]
};

/// Two primaries, of one granter.
const HOLDING: Sickly<lease::Book> = {
    use lease::Book::*;
    &[
        Sick::in_storms(HeartbeatOnly, &[4, 5, 7]),
        Sick::in_storms(CountsFromReply, &[2, 3, 6]),
        Sick::in_storms(NoDriftMargin, &[39, 84, 127]),
        Sick::in_storms(WallClock, &[0, 15, 17]),
        Sick::in_storms(RestartGrantsAtOnce, &[47, 97, 103]),
        Sick::in_storms(CheckThenAct, &[15, 28, 37]),
        Sick::in_storms(UnlockOthers, &[1, 6, 8]),
        Sick::in_storms(FailedRenewalExtends, &[127, 183, 307]),
    ]
};

/// Two primaries, of a majority.
const HOLDING_BY_MAJORITY: Sickly<lease::Book> = {
    use lease::Book::*;
    &[
        Sick::in_storms(CountsFromReply, &[247, 305, 532]),
        Sick::in_storms(WallClock, &[15, 25, 95]),
        Sick::in_storms(RestartGrantsAtOnce, &[302, 916, 2158]),
        Sick::in_storms(ReleaseIgnoresBallot, &[556, 1215, 1951]),
    ]
};

/// Late writes accepted.
const WRITING: Sickly<lease::Book> = {
    use lease::Book::*;
    &[
        Sick::in_storms(TokenNotChecked, &[0, 1, 2]),
        Sick::in_storms(TokenRandom, &[286, 803, 1061]),
        Sick::in_storms(CheckNotAtomic, &[2383, 2582, 2627]),
        Sick::in_storms(NoLockDelay, &[0, 1, 2]),
    ]
};
