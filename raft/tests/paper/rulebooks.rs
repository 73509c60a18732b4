//! Rulebooks that break one rule each, from the zoo and of our own. The harsh runs must catch them, which shows that they
//! would notice.

use std::collections::BTreeMap;

use quorate_bugs::raft::{
    CommitRegresses, DeposedRead, EmptyAppendTruncates, IgnoresLogCheck, LengthOnlyCheck, LogNotDurable,
    NonvoterCountsItself, PreVoteAsVote, ReadBeforeOwnCommit, SnapshotLowersTerm, TruncateAlways,
};
use quorate_protocol::Ruling::{self, Allow};
use quorate_raft::{ByTheBook, Candidate, LogIndex, Overlap, Position, RaftRule, Rulebook, Term, Voter};

use crate::seeds::{Run, settings};

macro_rules! rulebook {
    ($name:ident, $method:item) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub(crate) struct $name;

        impl Rulebook for $name {
            $method
        }
    };
}

rulebook!(
    VotesTwice,
    fn vote(&self, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
        ByTheBook.vote(candidate, Voter { vote: None, ..me })
    }
);
rulebook!(
    NeverTruncates,
    fn truncates(&self, _: Overlap) -> Option<LogIndex> {
        None
    }
);
rulebook!(
    NoConsistencyCheck,
    fn matches(&self, _: Position, mine: Option<Term>) -> Ruling<RaftRule> {
        mine.map_or(Ruling::Refuse(RaftRule::RefuseMissing), |_| Allow(RaftRule::AppendEntries))
    }
);
rulebook!(
    SmallMajority,
    fn majority(&self, count: usize, of: usize) -> bool {
        count * 2 >= of - 1
    }
);
rulebook!(
    AppliesTwice,
    fn applies(&self, _: bool) -> bool {
        true
    }
);

/// The invariant that breaks first, and after how many runs.
fn caught<R: Rulebook>(most: u64) -> Option<(u64, &'static str)> {
    (0..most).find_map(|seed| {
        let members = [3, 5][seed as usize % 2];
        let mut run = Run::<R>::new(seed, members, settings(seed / 2, members));
        run.nodes.strict = false;
        run.trouble(150);
        run.nodes.broken.map(|broken| (seed + 1, broken.invariant))
    })
}

/// These break so easily that random runs find them.
#[test]
fn harsh_runs_notice_broken_rules() {
    let mut catches = BTreeMap::new();
    macro_rules! hunt {
        ($($name:ident)*) => { $(catches.insert(stringify!($name), caught::<$name>(400));)* };
    }
    hunt!(
        PreVoteAsVote LogNotDurable IgnoresLogCheck LengthOnlyCheck VotesTwice CommitRegresses
        EmptyAppendTruncates TruncateAlways NeverTruncates NoConsistencyCheck SmallMajority SnapshotLowersTerm
        DeposedRead ReadBeforeOwnCommit AppliesTwice NonvoterCountsItself
    );
    let missed: Vec<_> = catches.iter().filter(|(_, catch)| catch.is_none()).map(|(name, _)| name).collect();
    assert!(missed.is_empty(), "not noticed: {missed:?} of {catches:?}");
    assert_eq!(caught::<ByTheBook>(40), None);
}
