//! Mistakes in what two decisions share: the comparison of logs that votes are given by, and the majority that elections are won by.

use RaftRule::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

use crate::mistake::{Mistake, grade};

const BOOK: ByTheBook = ByTheBook;

/// Voters that compare logs wrongly, and vote by that.
macro_rules! comparisons {
    ($($what:literal: |$candidate:pat_param, $mine:pat_param| $is:expr;)+) => {
        /// All of them.
        pub const COMPARISONS: &[Mistake] = &[$(Mistake {
            exercise: "raft-vote",
            what: $what,
            grade: |fresh| {
                fn up_to_date($candidate: Position, $mine: Position) -> bool {
                    $is
                }
                fn vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
                    match up_to_date(candidate.last, me.last) {
                        true => BOOK.vote(Candidate { last: me.last, ..candidate }, me),
                        false => Refuse(RefuseVoteOutdated),
                    }
                }
                let answer = Yours { name: $what, up_to_date: Some(up_to_date), vote: Some(vote), ..Yours::NONE };
                grade("raft-vote", &answer, fresh)
            },
        }),+];
    };
}

comparisons! {
    "the last term alone": |candidate, mine| candidate.term >= mine.term;
    "the length alone": |candidate, mine| candidate.index >= mine.index;
    "the length before the term": |candidate, mine| (candidate.index, candidate.term) >= (mine.index, mine.term);
    "strictly ahead": |candidate, mine| (candidate.term, candidate.index) > (mine.term, mine.index);
    "the wrong way round": |candidate, mine| (candidate.term, candidate.index) <= (mine.term, mine.index);
    "equal logs alone": |candidate, mine| candidate == mine;
    "any log will do": |_, _| true;
    "no log will do": |_, _| false;
}

/// Candidates that count wrongly.
macro_rules! majorities {
    ($($what:literal: |$count:pat_param, $of:pat_param| $is:expr;)+) => {
        /// All of them.
        pub const MAJORITIES: &[Mistake] = &[$(Mistake {
            exercise: "raft-elected",
            what: $what,
            grade: |fresh| {
                fn majority($count: usize, $of: usize) -> bool {
                    $is
                }
                let elected = |votes: &std::collections::BTreeSet<NodeId>, membership: &Membership| {
                    membership.groups().all(|group| {
                        majority(group.iter().filter(|voter| votes.contains(voter)).count(), group.len())
                    })
                };
                let answer = Yours { name: $what, majority: Some(majority), elected: Some(elected), ..Yours::NONE };
                grade("raft-elected", &answer, fresh)
            },
        }),+];
    };
}

majorities! {
    "half is enough": |count, of| count * 2 >= of;
    "anybody is enough": |count, _| count > 0;
    "everybody": |count, of| count == of;
    "one more than a majority": |count, of| count > of / 2 + 1;
    "less than half": |count, of| count * 2 < of;
    "a third": |count, of| count * 3 >= of;
    "two": |count, of| count >= 2.min(of);
}
