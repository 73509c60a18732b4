//! Five thousand harsh runs of each kind of lease: pauses longer than a term, drift at the bound, wall clocks that jump, partitions,
//! restarts. Safe in every one, live once healed, and not for want of trouble. The terms are the longest that the drift allows.

use quorate::experiments::{
    Happenings, LeaseCacheRuns, LeaseMajorityRuns, LeaseRaftRuns, LeaseRuns, LeaseStoreRuns, Subject,
};
use quorate::lease::replicated::ReplicatedRule;
use quorate::lease::{ByTheBook, LeaseRule, Rulebook, Sequencer, Standing, Terms, Token};
use quorate::protocol::Ruling::{self, Allow};
use quorate::protocol::{Duration, LocalTime, Machine, NodeId, Time};

use crate::sweep::{Met, SEEDS, first_broken, sweep};

/// Fails if something was seen too rarely for the runs to show anything.
fn enough(counts: &[(u64, u64, &str)]) {
    let few: Vec<String> =
        counts.iter().filter(|(seen, least, _)| seen < least).map(|(seen, _, what)| format!("{seen} {what}")).collect();
    assert!(few.is_empty(), "in {SEEDS} runs only {}: the faults are too tame to show anything", few.join(", "));
}

/// What every kind of run must meet.
fn trouble<M: Machine, T>(met: &Met<M, T>) {
    enough(&[
        (met.census.crashes(), 2 * SEEDS, "crashes"),
        (met.extreme_clocks, SEEDS, "clocks at the bound of drift"),
        (met.jumps, 4 * SEEDS, "jumps of wall clocks"),
        (met.judged.histories, SEEDS, "histories of clients"),
        (met.judged.operations, SEEDS, "operations of clients that were judged"),
    ]);
    assert_eq!(met.judged.undecided, 0, "histories that could not be judged");
}

/// What every kind of run with a primary must meet.
fn lives(seen: &Happenings) {
    enough(&[
        (seen.grants, SEEDS, "grants"),
        (seen.renewals, SEEDS / 2, "renewals"),
        (seen.hand_overs, SEEDS / 10, "changes of primary"),
        (seen.expiries, SEEDS / 2, "leases that ended by themselves"),
        (seen.releases, SEEDS / 10, "leases given back"),
        (seen.slept_through, SEEDS / 50, "pauses past the end of a lease"),
        (seen.acts, 20 * SEEDS, "acts"),
    ]);
}

#[test]
fn one_granter_makes_no_second_primary_and_its_resource_takes_no_late_write() {
    use LeaseRule::*;
    let met = sweep::<LeaseRuns, _>(|(_, chronicle, ..)| chronicle.counts());
    trouble(&met);
    lives(&met.seen);
    let of = |rule| met.census.of(rule);
    enough(&[
        (of(AcceptWrite), 2 * SEEDS, "fenced writes"),
        (of(RefuseLowerToken), SEEDS / 100, "late writes refused for a higher token"),
        (of(RefuseInvalid), SEEDS / 50, "late writes refused by the granter"),
        (of(RefuseShared), SEEDS / 10, "writes refused for a shared lease"),
        (of(WaitOut), SEEDS / 2, "times a restarted granter waited"),
        (of(RecallGrant), SEEDS / 10, "times a restarted granter remembered"),
        (of(LockDelay), SEEDS / 10, "lock-delays"),
        (of(GrantAfterRelease), SEEDS / 50, "grants that came after the release"),
        (of(GrantOfAnotherLife), SEEDS / 50, "grants that came after a restart"),
        (of(GrantTooLate), SEEDS / 50, "grants that took longer than their term"),
    ]);
}

#[test]
fn a_majority_makes_no_second_primary() {
    use LeaseRule::*;
    let met = sweep::<LeaseMajorityRuns, _>(|(_, chronicle, _)| chronicle.counts());
    trouble(&met);
    lives(&met.seen);
    let of = |rule| met.census.of(rule);
    enough(&[
        (of(StayQuarantined), 10 * SEEDS, "questions in quarantine"),
        (of(LeaseTaken), SEEDS, "attempts in vain"),
        (of(RefuseRunning), SEEDS / 50, "proposals refused because a lease ran"),
        (of(IgnoreRelease), SEEDS / 10, "releases of an earlier ballot"),
        (of(WonTooLate), SEEDS / 200, "majorities that came too late"),
    ]);
}

#[test]
fn a_replicated_fence_loses_no_completed_write_and_takes_no_late_one() {
    use LeaseRule::*;
    let met = sweep::<LeaseStoreRuns, u64>(|_| 0);
    trouble(&met);
    let of = |rule| met.census.of(rule);
    enough(&[
        (of(ServeStore), 3 * SEEDS, "openings"),
        (of(WriteDone), 5 * SEEDS, "writes"),
        (of(RefusePut), 2 * SEEDS, "late writes refused"),
        (of(RefuseOpen), 2 * SEEDS, "openings with an old token refused"),
        (of(Deposed), 2 * SEEDS, "fronts deposed"),
    ]);
}

#[test]
fn caches_answer_nothing_that_is_older_than_a_completed_write() {
    use LeaseRule::*;
    let met = sweep::<LeaseCacheRuns, u64>(|(_, naps, _)| naps.count());
    trouble(&met);
    let of = |rule| met.census.of(rule);
    enough(&[
        (of(ReadCached), 10 * SEEDS, "reads under a lease"),
        (of(Lend), 10 * SEEDS, "loans"),
        (of(Write), 2 * SEEDS, "writes"),
        (of(WaitForHolders), 2 * SEEDS, "waits for holders"),
        (of(WaitForForgotten), SEEDS / 2, "waits after a restart"),
        (of(TakeBack), SEEDS, "data given back"),
        (of(IgnoreOldLoan), SEEDS / 20, "loans that came after they were called back"),
        (met.seen, SEEDS / 50, "pauses past the end of a lease"),
    ]);
}

#[test]
fn leases_on_raft_make_no_second_primary_and_no_stale_read() {
    use LeaseRule::*;
    let met = sweep::<LeaseRaftRuns, _>(|(_, _, chronicle, _)| chronicle.counts());
    trouble(&met);
    lives(&met.seen);
    let of = |rule| met.census.of(ReplicatedRule::Lease(rule));
    enough(&[
        (of(ReadUnderLease), 2 * SEEDS, "reads by a leader alone"),
        (of(ReadByRound), SEEDS, "reads by a round"),
        (of(WithholdVote), SEEDS / 10, "votes withheld"),
        (of(WithholdCandidacy), SEEDS / 10, "candidacies withheld"),
        (of(LayDownLease), SEEDS / 2, "leases laid down for a transfer"),
        (of(ProposeExpiry), SEEDS, "expiries through the log"),
        (of(WatchChange), SEEDS, "changes told to those who watch"),
    ]);
}

/// A rulebook with one rule broken: which.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Careless {
    #[default]
    Nothing,
    HeartbeatOnly,
    CountsFromReply,
    NoDriftMargin,
    WallClock,
    NoQuarantine,
    ChecksOnce,
    FencesNothing,
    RandomToken,
    FreesAnyGrant,
    DenialExtends,
    FreesAnyBallot,
    MarksNobody,
    StoresAnything,
    WritesAtOnce,
    SuccessorDoesNotWait,
    TransferKeepsLease,
    ReadsInLimbo,
}

use Careless::*;

impl Rulebook for Careless {
    fn grants(&self, standing: Standing, asks: NodeId) -> Ruling<LeaseRule> {
        let ended = standing.ended || *self == HeartbeatOnly && standing.suspected;
        ByTheBook.grants(Standing { ended, ..standing }, asks)
    }

    fn counts_from(&self, sent: Time, received: Time) -> Time {
        if *self == CountsFromReply { received } else { sent }
    }

    fn holder_term(&self, terms: &Terms) -> Duration {
        if *self == NoDriftMargin { terms.granter() } else { terms.holder() }
    }

    fn clock(&self, now: LocalTime) -> Time {
        if *self == WallClock { now.wall } else { now.monotonic }
    }

    fn quarantine(&self, terms: &Terms) -> Duration {
        if *self == NoQuarantine { Duration::ZERO } else { terms.quarantine() }
    }

    fn checks_again(&self) -> bool {
        *self != ChecksOnce
    }

    fn admits(&self, highest: Option<Token>, shown: Sequencer) -> Ruling<LeaseRule> {
        ByTheBook.admits(highest.filter(|_| *self != FencesNothing), shown)
    }

    fn token(&self, grants: u64) -> Token {
        match self {
            RandomToken => Token(grants.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40),
            _ => ByTheBook.token(grants),
        }
    }

    fn releases(&self, granted: Token, renewed_for: Time, named: Token, sent: Time) -> Ruling<LeaseRule> {
        match self {
            FreesAnyGrant => Allow(LeaseRule::TakeRelease),
            _ => ByTheBook.releases(granted, renewed_for, named, sent),
        }
    }

    fn until_after_denial(&self, until: Time, now: Time, terms: &Terms) -> Time {
        if *self == DenialExtends { until.max(now + terms.holder()) } else { until }
    }

    fn release_frees(&self, same: bool) -> Ruling<LeaseRule> {
        ByTheBook.release_frees(same || *self == FreesAnyBallot)
    }

    fn marks_first(&self) -> bool {
        *self != MarksNobody
    }

    fn stores(&self, mark: Option<Token>, token: Token) -> Ruling<LeaseRule> {
        ByTheBook.stores(mark.filter(|_| *self != StoresAnything), token)
    }

    fn may_write(&self, holders_left: usize, quarantined: bool) -> Ruling<LeaseRule> {
        ByTheBook.may_write(if *self == WritesAtOnce { 0 } else { holders_left }, quarantined)
    }

    fn leader_counts_from(&self, began_to_lead: Time, applied: Time) -> Time {
        if *self == SuccessorDoesNotWait { Time::ZERO } else { began_to_lead.max(applied) }
    }

    fn lays_down_for_transfer(&self) -> bool {
        *self != TransferKeepsLease
    }

    fn reads_alone(&self, lease_runs: bool, own_term_applied: bool) -> Ruling<LeaseRule> {
        ByTheBook.reads_alone(lease_runs, own_term_applied || *self == ReadsInLimbo)
    }
}

/// Asserts that each of these mistakes is caught within so many runs of the suite, and by which invariant.
fn caught<S: Subject<Rules = Careless>>(seeds: u64, mistakes: &[(Careless, &str)]) {
    let missed: Vec<String> = mistakes
        .iter()
        .map(|&(mistake, invariant)| (mistake, invariant, first_broken::<S>(mistake, seeds)))
        .filter(|(_, invariant, found)| found.map(|(_, broken)| broken) != Some(invariant))
        .map(|(mistake, invariant, found)| format!("{mistake:?} should break {invariant}: {found:?}"))
        .collect();
    assert!(missed.is_empty(), "within {seeds} runs {}", missed.join("\n"));
}

const DUAL: &str = "AtMostOnePrimary";
const LATE: &str = "TokensNeverDecrease";
const STALE: &str = "NoStaleRead";

/// The suite would notice: the same storms catch each of these mistakes.
#[test]
fn the_storms_catch_what_breaks_a_rule_of_one_granter() {
    let dual = [
        HeartbeatOnly,
        CountsFromReply,
        NoDriftMargin,
        WallClock,
        NoQuarantine,
        ChecksOnce,
        FreesAnyGrant,
        DenialExtends,
    ]
    .map(|mistake| (mistake, DUAL));
    caught::<LeaseRuns<Careless>>(2_000, &dual);
    caught::<LeaseRuns<Careless>>(2_000, &[(FencesNothing, LATE), (RandomToken, "Linearizable")]);
}

/// (That a message counts once shows only if a copy arrives while two proposers compete, which none of these storms meets since a
/// fifth of them is aimed at the ends of terms: the crate's own tests have the schedule.)
#[test]
fn the_storms_catch_what_breaks_a_rule_of_majorities() {
    let dual = [CountsFromReply, NoDriftMargin, WallClock, NoQuarantine, FreesAnyBallot];
    caught::<LeaseMajorityRuns<Careless>>(5_000, &dual.map(|mistake| (mistake, DUAL)));
}

#[test]
fn the_storms_catch_what_breaks_a_rule_of_the_replicated_fence() {
    caught::<LeaseStoreRuns<Careless>>(1_000, &[(MarksNobody, "NoLostWrite"), (StoresAnything, "NoLostWrite")]);
}

#[test]
fn the_storms_catch_what_breaks_a_rule_of_caches() {
    let stale = [WritesAtOnce, NoQuarantine, CountsFromReply, NoDriftMargin, WallClock];
    caught::<LeaseCacheRuns<Careless>>(1_000, &stale.map(|mistake| (mistake, STALE)));
}

/// (That votes are withheld matters only where Raft itself would vote, so soon after a restart that storms hardly ever hit it: the
/// crate's own tests have the schedule.)
#[test]
fn the_storms_catch_what_breaks_a_rule_of_leases_on_raft() {
    let dual = [SuccessorDoesNotWait, CountsFromReply, WallClock].map(|mistake| (mistake, DUAL));
    let stale = [TransferKeepsLease, ReadsInLimbo].map(|mistake| (mistake, STALE));
    caught::<LeaseRaftRuns<Careless>>(5_000, &dual);
    caught::<LeaseRaftRuns<Careless>>(5_000, &stale);
}
