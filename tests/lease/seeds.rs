//! Five thousand random runs of each kind of lease with harsh faults: pauses longer than a term,
//! drift at the bound, jumps of wall clocks, partitions, restarts. Every run is safe, and live once
//! healed; coverage checks ensure that the faults occurred. The terms are the longest that the
//! drift allows.

use std::collections::BTreeSet;

use quorate::experiments::{LeaseCounts, SimTarget};
use quorate::lab::sim::Coverage;
use quorate::lease::cache::CacheRule;
use quorate::lease::majority::MajorityRule;
use quorate::lease::pushed::PushedRule;
use quorate::lease::replicated::{RaftLease, ReplicatedRule};
use quorate::lease::store::StoreRule;
use quorate::lease::{
    BY_THE_BOOK, CountRule, HolderRule, InputRule, LeaseState, RenewalRule, Rulebook, SingleRule, StaleGrantRule,
    Terms, Token,
};
use quorate::protocol::Ruling::Allow;
use quorate::protocol::{Duration, Machine, Rule, Time};
use quorate::protocols::{
    LeaseCacheTarget, LeaseMajorityTarget, LeasePushedTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget,
};
use quorate::raft::RaftRule;

use crate::sweep::{SEEDS, Totals, first_broken, sweep};

/// Fails if an event occurred too rarely for the runs to be meaningful.
fn enough(counts: &[(u64, u64, &str)]) {
    let few: Vec<String> =
        counts.iter().filter(|(seen, least, _)| seen < least).map(|(seen, _, what)| format!("{seen} {what}")).collect();
    assert!(few.is_empty(), "in {SEEDS} runs only {}: the faults are too tame to show anything", few.join(", "));
}

/// A rule that cannot fire in these runs, and the reason.
type Silent<M> = (<M as Machine>::Rule, &'static str);

/// Asserts that the rules that never fired are exactly those that cannot fire here.
fn rules<M: Machine>(coverage: &Coverage<M>, silent: &[Silent<M>]) {
    let never: BTreeSet<_> = M::Rule::ALL.iter().copied().filter(|rule| coverage.of(*rule) == 0).collect();
    let cannot: BTreeSet<_> = silent.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(never, cannot, "rules that never fired in {SEEDS} runs, and those that cannot");
}

/// Minimum coverage for every kind of run.
fn trouble<M: Machine, T>(totals: &Totals<M, T>, silent: &[Silent<M>]) {
    rules(&totals.coverage, silent);
    enough(&[
        (totals.coverage.crashes(), 2 * SEEDS, "crashes"),
        (totals.extreme_clocks, SEEDS, "clocks at the bound of drift"),
        (totals.jumps, 4 * SEEDS, "jumps of wall clocks"),
        (totals.checked.histories, SEEDS, "histories of clients"),
        (totals.checked.operations, SEEDS, "operations of clients that were checked"),
    ]);
    assert_eq!(totals.checked.undecided, 0, "histories that could not be checked");
}

/// Minimum coverage for every kind of run with a primary.
fn lives(seen: &LeaseCounts) {
    enough(&[
        (seen.grants, SEEDS, "grants"),
        (seen.renewals, SEEDS / 2, "renewals"),
        (seen.hand_overs, SEEDS / 10, "changes of primary"),
        (seen.expiries, SEEDS / 2, "leases expired"),
        (seen.releases, SEEDS / 10, "leases released"),
        (seen.slept_through, SEEDS / 50, "pauses past the end of a lease"),
        (seen.acts, 20 * SEEDS, "acts"),
    ]);
}

/// Reason why inputs for another role do not occur.
const OWN_ROLES: &str = "nobody asks a node for what is not its role";
/// Reason why a holder's timer never fires early.
const ARMED_ANEW: &str = "each renewal arms the timer anew";
/// Reason why no resource misses a seal.
const HONEST: &str = "no resource demands seals, as no holder lies";

#[test]
fn one_granter_makes_no_second_primary_and_its_resource_takes_no_late_write() {
    use SingleRule::*;
    let totals = sweep::<LeaseTarget, _>(|(_, stats, ..)| stats.counts());
    trouble(
        &totals,
        &[(HolderRule::HoldOn.into(), ARMED_ANEW), (InputRule::NotMyRole.into(), OWN_ROLES), (RefuseUnsealed, HONEST)],
    );
    lives(&totals.seen);
    let of = |rule| totals.coverage.of(rule);
    enough(&[
        (of(AcceptWrite), 2 * SEEDS, "fenced writes"),
        (of(RefuseLowerToken), SEEDS / 100, "late writes refused for a higher token"),
        (of(RefuseInvalid), SEEDS / 50, "late writes refused by the granter"),
        (of(RefuseShared), SEEDS / 10, "writes refused for a shared lease"),
        (of(WaitOut), SEEDS / 2, "times a restarted granter waited"),
        (of(RecallGrant), SEEDS / 10, "times a restarted granter remembered"),
        (of(LockDelay), SEEDS / 10, "lock-delays"),
        (of(RenewalRule::GrantAfterRelease.into()), SEEDS / 50, "grants that came after the release"),
        (of(StaleGrantRule::GrantOfAnotherLife.into()), SEEDS / 50, "grants that came after a restart"),
        (of(RenewalRule::GrantTooLate.into()), SEEDS / 50, "grants that took longer than their term"),
    ]);
}

#[test]
fn a_majority_makes_no_second_primary() {
    use MajorityRule::*;
    let totals = sweep::<LeaseMajorityTarget, _>(|(_, stats, _)| stats.counts());
    trouble(&totals, &[(HolderRule::HoldOn.into(), ARMED_ANEW), (NotMyRole, OWN_ROLES)]);
    lives(&totals.seen);
    let of = |rule| totals.coverage.of(rule);
    enough(&[
        (of(StayQuarantined), 10 * SEEDS, "questions in quarantine"),
        (of(LeaseTaken), SEEDS, "failed attempts"),
        (of(RefuseRunning), SEEDS / 50, "proposals refused because a lease ran"),
        (of(IgnoreRelease), SEEDS / 10, "releases of an earlier ballot"),
        (of(WonTooLate), SEEDS / 200, "majorities that came too late"),
    ]);
}

/// Nobody sets these clocks, and they drift less than those of other leases: that they are right
/// within a bound is what a fixed end demands.
#[test]
fn pushed_leases_make_no_second_primary_and_their_resource_takes_no_late_write() {
    use PushedRule::*;
    let totals = sweep::<LeasePushedTarget, _>(|(_, stats, _)| stats.counts());
    let fixed = "leases end at a fixed time in these runs";
    rules(
        &totals.coverage,
        &[
            (TakeVersion, fixed),
            (VersionCannotAct, fixed),
            (OvertakeVersion, fixed),
            (HolderRule::HoldOn.into(), ARMED_ANEW),
            (HolderRule::GiveBack.into(), "holders send nothing to their issuer"),
            (InputRule::RepeatedRequest.into(), "no request waits for an answer of its own"),
            (InputRule::NotMyRole.into(), OWN_ROLES),
        ],
    );
    let of = |rule| totals.coverage.of(rule);
    enough(&[
        (totals.coverage.crashes(), 2 * SEEDS, "crashes"),
        (totals.checked.histories, SEEDS, "histories of clients"),
        (totals.checked.operations, SEEDS, "operations of clients that were checked"),
        (of(NameHolder), SEEDS, "holders named"),
        (of(ExtendLease), SEEDS, "leases extended"),
        (of(WaitForEnd), SEEDS, "waits for the end of a lease"),
        (of(RecallLease), SEEDS / 2, "leases that bound a restarted issuer"),
        (of(EndHasPassed), SEEDS / 50, "pushes that came after the end"),
        (of(AcceptWrite), SEEDS, "fenced writes"),
    ]);
    assert_eq!(totals.checked.undecided, 0, "histories that could not be checked");
}

#[test]
fn a_replicated_fence_loses_no_completed_write_and_takes_no_late_one() {
    use StoreRule::*;
    let totals = sweep::<LeaseStoreTarget, u64>(|_| 0);
    trouble(
        &totals,
        &[
            (CountRule::CountPromise.into(), "what it has counted the store says by `CountReplica`"),
            (InputRule::NotMyRole.into(), OWN_ROLES),
        ],
    );
    let of = |rule| totals.coverage.of(rule);
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
    use CacheRule::*;
    let totals = sweep::<LeaseCacheTarget, u64>(|(_, naps, _)| naps.count());
    trouble(
        &totals,
        &[
            (KeepWatch, "the last write that waits for a datum stops the timer"),
            (InputRule::NotMyRole.into(), OWN_ROLES),
        ],
    );
    let of = |rule| totals.coverage.of(rule);
    enough(&[
        (of(ReadCached), 10 * SEEDS, "reads under a lease"),
        (of(Lend), 10 * SEEDS, "loans"),
        (of(Write), 2 * SEEDS, "writes"),
        (of(WaitForHolders), 2 * SEEDS, "waits for holders"),
        (of(WaitForForgotten), SEEDS / 2, "waits after a restart"),
        (of(TakeBack), SEEDS, "leases on data released"),
        (of(IgnoreOldLoan), SEEDS / 20, "loans that came after they were called back"),
        (totals.seen, SEEDS / 50, "pauses past the end of a lease"),
    ]);
}

/// Rules of Raft that never fire in leases on Raft.
fn raft_alone() -> Vec<Silent<RaftLease>> {
    use RaftRule::*;
    let same_servers = [
        WaitWithoutVote,
        StartChange,
        EnterJoint,
        LeaveJoint,
        RefuseChangePending,
        RefuseChangeTooEarly,
        RefuseChangeImpossible,
        RefusePromotion,
        ConfirmChange,
        LeaveAfterRemoval,
    ];
    let others = [
        (StayOutDamaged, "no disk loses anything"),
        (RefuseTooLarge, "no name of a lease is too long"),
        (RefuseForgotten, "holders number their questions in the order in which they ask"),
        (Probe, "the servers are configured to send entries at once"),
        (HoldEarlierTerm, "a new leader's own entry travels with those of earlier terms"),
    ];
    let same_servers = same_servers.map(|rule| (rule, "the servers stay the same"));
    same_servers.into_iter().chain(others).map(|(rule, reason)| (rule.into(), reason)).collect()
}

#[test]
fn leases_on_raft_make_no_second_primary_and_no_stale_read() {
    use ReplicatedRule::*;
    let totals = sweep::<LeaseRaftTarget, _>(|(_, _, stats, _)| stats.counts());
    trouble(&totals, &[raft_alone().as_slice(), &[(InputRule::NotMyRole.into(), OWN_ROLES)]].concat());
    lives(&totals.seen);
    let of = |rule| totals.coverage.of(rule);
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

/// A rulebook with one incorrect rule, and its name.
type Careless = (&'static str, Rulebook);

macro_rules! careless {
    ($($name:ident $called:literal $decision:ident: $instead:expr;)+) => {
        $(const $name: Careless = ($called, Rulebook { $decision: $instead, ..BY_THE_BOOK });)+
    };
}

careless! {
    HEARTBEAT_ONLY "HeartbeatOnly" grants: |standing, asks| {
        BY_THE_BOOK.grants(LeaseState { ended: standing.ended || standing.suspected, ..standing }, asks)
    };
    COUNTS_FROM_REPLY "CountsFromReply" counts_from: |_, received| received;
    NO_DRIFT_MARGIN "NoDriftMargin" holder_term: Terms::granter;
    WALL_CLOCK "WallClock" clock: |now| now.wall;
    NO_QUARANTINE "NoQuarantine" quarantine: |_| Duration::ZERO;
    CHECKS_ONCE "ChecksOnce" checks_again: || false;
    FENCES_NOTHING "FencesNothing" admits: |_, shown| BY_THE_BOOK.admits(None, shown);
    RANDOM_TOKEN "RandomToken" token: |grants| {
        Token(grants.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40)
    };
    FREES_ANY_GRANT "FreesAnyGrant" releases: |_, _, _, _| Allow(SingleRule::TakeRelease);
    DENIAL_EXTENDS "DenialExtends" until_after_denial: |until, now, terms| until.max(now + terms.holder());
    FREES_ANY_BALLOT "FreesAnyBallot" release_frees: |_| BY_THE_BOOK.release_frees(true);
    MARKS_NOBODY "MarksNobody" marks_first: || false;
    STORES_ANYTHING "StoresAnything" stores: |_, token| BY_THE_BOOK.stores(None, token);
    WRITES_AT_ONCE "WritesAtOnce" may_write: |_, quarantined| BY_THE_BOOK.may_write(0, quarantined);
    SUCCESSOR_DOES_NOT_WAIT "SuccessorDoesNotWait" leader_counts_from: |_, _| Time::ZERO;
    TRANSFER_KEEPS_LEASE "TransferKeepsLease" lays_down_for_transfer: || false;
    READS_IN_LIMBO "ReadsInLimbo" reads_alone: |lease_runs, _| BY_THE_BOOK.reads_alone(lease_runs, true);
}

/// Asserts that each of these mistakes violates the given invariant within the first `seeds` runs
/// of the suite.
fn caught<S: SimTarget<Machine: Machine<Rulebook = Rulebook>>>(seeds: u64, mistakes: &[(Careless, &str)]) {
    let missed: Vec<String> = mistakes
        .iter()
        .map(|&((mistake, rules), invariant)| (mistake, invariant, first_broken::<S>(rules.into(), seeds)))
        .filter(|(_, invariant, found)| found.map(|(_, broken)| broken) != Some(invariant))
        .map(|(mistake, invariant, found)| format!("{mistake} should break {invariant}: {found:?}"))
        .collect();
    assert!(missed.is_empty(), "within {seeds} runs {}", missed.join("\n"));
}

const DUAL: &str = "AtMostOnePrimary";
const LATE: &str = "TokensNeverDecrease";
const STALE: &str = "NoStaleRead";

/// Mutation test: the same fault plans find each of these mistakes.
#[test]
fn random_faults_reveal_a_broken_rule_of_one_granter() {
    let dual = [
        HEARTBEAT_ONLY,
        COUNTS_FROM_REPLY,
        NO_DRIFT_MARGIN,
        WALL_CLOCK,
        NO_QUARANTINE,
        CHECKS_ONCE,
        FREES_ANY_GRANT,
        DENIAL_EXTENDS,
    ]
    .map(|mistake| (mistake, DUAL));
    caught::<LeaseTarget>(2_000, &dual);
    caught::<LeaseTarget>(2_000, &[(FENCES_NOTHING, LATE), (RANDOM_TOKEN, "Linearizable")]);
}

/// (That a duplicate message counts once matters only if it arrives while two proposers compete,
/// which none of these runs contains since a fifth of their faults is aimed at the ends of terms:
/// the crate's own tests have the schedule.)
#[test]
fn random_faults_reveal_a_broken_rule_of_majorities() {
    let dual = [COUNTS_FROM_REPLY, NO_DRIFT_MARGIN, WALL_CLOCK, NO_QUARANTINE, FREES_ANY_BALLOT];
    caught::<LeaseMajorityTarget>(5_000, &dual.map(|mistake| (mistake, DUAL)));
}

#[test]
fn random_faults_reveal_a_broken_rule_of_the_replicated_fence() {
    caught::<LeaseStoreTarget>(1_000, &[(MARKS_NOBODY, "NoLostWrite"), (STORES_ANYTHING, "NoLostWrite")]);
}

#[test]
fn random_faults_reveal_a_broken_rule_of_caches() {
    let stale = [WRITES_AT_ONCE, NO_QUARANTINE, COUNTS_FROM_REPLY, NO_DRIFT_MARGIN, WALL_CLOCK];
    caught::<LeaseCacheTarget>(1_000, &stale.map(|mistake| (mistake, STALE)));
}

/// (That votes are withheld matters only when Raft itself would vote, so soon after a restart that
/// random runs hardly ever reach it: the crate's own tests have the schedule.)
#[test]
fn random_faults_reveal_a_broken_rule_of_leases_on_raft() {
    let dual = [SUCCESSOR_DOES_NOT_WAIT, COUNTS_FROM_REPLY, WALL_CLOCK].map(|mistake| (mistake, DUAL));
    let stale = [TRANSFER_KEEPS_LEASE, READS_IN_LIMBO].map(|mistake| (mistake, STALE));
    caught::<LeaseRaftTarget>(5_000, &dual);
    caught::<LeaseRaftTarget>(5_000, &stale);
}
