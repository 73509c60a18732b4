//! Rulebooks that break one rule each, from the zoo and from this file. The randomized runs must
//! catch them, which shows that they would detect such bugs.

use quorate_bugs::Breaks;
use quorate_bugs::raft::{
    COMMIT_REGRESSES, DEPOSED_READ, EMPTY_APPEND_TRUNCATES, IGNORES_LOG_CHECK, LENGTH_ONLY_CHECK,
    NONVOTER_COUNTS_ITSELF, NamedRulebook, PRE_VOTE_AS_VOTE, READ_BEFORE_OWN_COMMIT, SNAPSHOT_LOWERS_TERM,
    TRUNCATE_ALWAYS,
};
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_raft::{BY_THE_BOOK, RaftRule, Rulebook, Voter};

use crate::seeds::{Run, settings};

const VOTES_TWICE: Rulebook =
    Rulebook { vote: |_, candidate, me| BY_THE_BOOK.vote(candidate, Voter { vote: None, ..me }), ..BY_THE_BOOK };

const NEVER_TRUNCATES: Rulebook = Rulebook { truncates: |_| None, ..BY_THE_BOOK };

const NO_CONSISTENCY_CHECK: Rulebook = Rulebook {
    matches: |_, mine| mine.map_or(Refuse(RaftRule::RefuseMissing), |_| Allow(RaftRule::AppendEntries)),
    ..BY_THE_BOOK
};

const SMALL_MAJORITY: Rulebook = Rulebook { majority: |count, of| count * 2 >= of - 1, ..BY_THE_BOOK };

const APPLIES_TWICE: Rulebook = Rulebook { applies: |_| true, ..BY_THE_BOOK };

/// The first invariant that breaks, and the number of runs it takes.
fn caught(rules: Rulebook, most: u64) -> Option<(u64, &'static str)> {
    (0..most).find_map(|seed| {
        let members = [3, 5][seed as usize % 2];
        let mut run = Run::new(rules, seed, members, settings(seed / 2, members));
        run.nodes.strict = false;
        run.trouble(150);
        run.nodes.violation.map(|violation| (seed + 1, violation.invariant))
    })
}

/// Rulebooks that break easily enough for random runs to find them.
#[test]
fn harsh_runs_notice_broken_rules() {
    let of_the_zoo = [
        PRE_VOTE_AS_VOTE,
        IGNORES_LOG_CHECK,
        LENGTH_ONLY_CHECK,
        COMMIT_REGRESSES,
        EMPTY_APPEND_TRUNCATES,
        TRUNCATE_ALWAYS,
        SNAPSHOT_LOWERS_TERM,
        DEPOSED_READ,
        READ_BEFORE_OWN_COMMIT,
        NONVOTER_COUNTS_ITSELF,
    ];
    let of_our_own = [
        ("votes twice", VOTES_TWICE, "OneVotePerTerm"),
        ("never truncates", NEVER_TRUNCATES, "StateMachineSafety"),
        ("no consistency check", NO_CONSISTENCY_CHECK, "LogMatching"),
        ("small majority", SMALL_MAJORITY, "ElectionSafety"),
        ("applies twice", APPLIES_TWICE, "AppliedOnce"),
    ];
    let breaks = |rulebook: NamedRulebook| match rulebook.bug.map(|bug| bug.breaks) {
        // The searches check each read; the runs here check the clients' histories.
        Some(Breaks::Invariant("FreshReads")) => "LinearizableReads",
        Some(Breaks::Invariant(name)) => name,
        other => panic!("{} breaks no invariant: {other:?}", rulebook.id()),
    };
    let rulebooks =
        of_the_zoo.map(|rulebook| (rulebook.id(), rulebook.rules, breaks(rulebook))).into_iter().chain(of_our_own);
    let wrong: Vec<_> = rulebooks
        .map(|(name, rules, breaks)| (name, breaks, caught(rules, 400)))
        .filter(|(_, breaks, catch)| catch.is_none_or(|(_, broken)| broken != *breaks))
        .collect();
    assert!(wrong.is_empty(), "each must break its invariant: {wrong:?}");
    assert_eq!(caught(BY_THE_BOOK, 40), None);
}
