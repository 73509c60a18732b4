//! Wrong answers about messages and clocks.

use std::collections::BTreeSet;

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

use crate::mistake::{Mistake, grade};

/// Call records, each as a function of all executed calls, in order, with their answers.
macro_rules! memories {
    ($($name:ident $what:literal: |$known:ident, $ticket:ident| $decide:expr;)+) => {
        $(
            #[derive(Clone, Default)]
            struct $name(Vec<(RequestId, u64)>);

            impl Memory for $name {
                fn arrived(&self, $ticket: RequestId) -> Call {
                    let $known = &self.0;
                    $decide
                }

                fn executed(&mut self, ticket: RequestId, answer: u64) {
                    self.0.push((ticket, answer));
                }
            }
        )+

        const MEMORIES: &[Mistake] = &[$(Mistake {
            exercise: "at-most-once",
            what: $what,
            grade: |fresh| grade("at-most-once", &at_most_once::<$name>(), fresh),
        }),+];
    };
}

fn answer(known: &[(RequestId, u64)], is_it: impl Fn(&RequestId) -> bool) -> Option<u64> {
    known.iter().rev().find(|(ticket, _)| is_it(ticket)).map(|(_, answer)| *answer)
}

memories! {
    LaterThanTheLast "whatever is later than the latest call of anybody": |known, ticket| {
        match answer(known, |it| *it == ticket) {
            Some(answer) => Call::Repeat(answer),
            None if known.last().is_none_or(|(last, _)| last.number < ticket.number) => Call::Execute,
            None => Call::Ignore,
        }
    };
    EqualIsNew "a number that is as high as the latest is new": |known, ticket| {
        let latest = known.iter().filter(|(it, _)| it.client == ticket.client).map(|(it, _)| it.number).max();
        if latest <= Some(ticket.number) { Call::Execute } else { Call::Ignore }
    };
    OnlyNextInLine "only the next number in line": |known, ticket| {
        let done = known.iter().filter(|(it, _)| it.client == ticket.client).count() as u64;
        match answer(known, |it| *it == ticket) {
            Some(answer) => Call::Repeat(answer),
            None if ticket.number == done + 2 => Call::Execute,
            None => Call::Ignore,
        }
    };
    OfTheClient "the latest answer to that client": |known, ticket| match answer(known, |it| *it == ticket) {
        Some(_) => Call::Repeat(answer(known, |it| it.client == ticket.client).unwrap_or(0)),
        None => Call::Execute,
    };
    OneLess "one less": |known, ticket| {
        answer(known, |it| *it == ticket).map_or(Call::Execute, |answer| Call::Repeat(answer - 1))
    };
    FewCalls "only the last two calls": |known, ticket| {
        let last = &known[known.len().saturating_sub(2)..];
        answer(last, |it| *it == ticket).map_or(Call::Execute, Call::Repeat)
    };
    Deaf "nothing is ever executed": |known, ticket| answer(known, |it| *it == ticket).map_or(Call::Ignore, Call::Repeat);
}

/// Clocks, by their reaction to a local event and to a received time.
macro_rules! clocks {
    ($($name:ident $what:literal: |$own:ident| $tick:expr, |$now:ident, $carried:ident| $read:expr, |$a:ident, $b:ident| $before:expr;)+) => {
        $(
            #[derive(Clone, Default)]
            struct $name(u64);

            impl Clock for $name {
                fn tick(&mut self) -> u64 {
                    let $own = self.0;
                    self.0 = $tick;
                    self.0
                }

                fn send(&mut self) -> u64 {
                    self.tick()
                }

                fn receive(&mut self, $carried: u64) -> u64 {
                    let $now = self.0;
                    self.0 = $read;
                    self.0
                }

                fn before($a: Stamp, $b: Stamp) -> bool {
                    $before
                }
            }
        )+

        const CLOCKS: &[Mistake] = &[$(Mistake {
            exercise: "lamport-clock",
            what: $what,
            grade: |fresh| grade("lamport-clock", &lamport_clock::<$name>(), fresh),
        }),+];
    };
}

fn ordered(a: Stamp, b: Stamp) -> bool {
    (a.time, a.node) < (b.time, b.node)
}

clocks! {
    Lower "the lower of both": |own| own + 1, |now, carried| now.min(carried) + 1, |a, b| ordered(a, b);
    Added "both together, and no more": |own| own + 1, |now, carried| now + carried, |a, b| ordered(a, b);
    AsWritten "as the letter says": |own| own + 1, |_now, carried| carried, |a, b| ordered(a, b);
    LaterOfTwo "the later of the next and the letter's": |own| own + 1, |now, carried| (now + 1).max(carried), |a, b| ordered(a, b);
    Backwards "later before earlier": |own| own + 1, |now, carried| now.max(carried) + 1, |a, b| ordered(b, a);
    NotEqual "whatever is not later": |own| own + 1, |now, carried| now.max(carried) + 1, |a, b| a.time <= b.time;
    SomeNodes "equal times in the order of some nodes": |own| own + 1, |now, carried| now.max(carried) + 1,
        |a, b| a.time < b.time || a.time == b.time && a.node == NodeId(0);
}

/// Quorums, by their condition and by the number of members that may fail.
macro_rules! quorums {
    ($($name:ident $what:literal: |$members:ident, $heard:ident| $enough:expr, |$count:ident| $fail:expr;)+) => {
        $(
            struct $name;

            impl Quorum for $name {
                fn is_quorum($members: &[NodeId], heard: &[NodeId]) -> bool {
                    let $heard: BTreeSet<NodeId> = heard.iter().filter(|it| $members.contains(it)).copied().collect();
                    $enough
                }

                fn may_fail($count: usize) -> usize {
                    $fail
                }
            }
        )+

        const QUORUMS: &[Mistake] = &[$(Mistake {
            exercise: "majority",
            what: $what,
            grade: |fresh| grade("majority", &majority::<$name>(), fresh),
        }),+];
    };
}

quorums! {
    OneMore "one more than a majority": |members, heard| heard.len() > members.len() / 2 + 1, |count| (count - 1) / 2;
    RoundedUp "half, rounded up": |members, heard| heard.len() >= members.len().div_ceil(2), |count| count / 2;
    Two "two": |members, heard| heard.len() >= 2.min(members.len()), |count| count.saturating_sub(2);
    TheFirst "whoever includes the first": |members, heard| heard.contains(&members[0]), |_count| 0;
    BarelyHalf "as many as are left": |members, heard| heard.len() > members.len() / 2, |count| count / 2 + 1;
    OneOff "one fewer may fail": |members, heard| heard.len() > members.len() / 2, |count| ((count - 1) / 2).saturating_sub(1);
}

/// Clients, by their decision to retry and by their report.
macro_rules! desks {
    ($($name:ident $what:literal: |$operation:ident, $attempts:ident| $again:expr, |$seen:ident| $report:expr;)+) => {
        $(
            struct $name;

            impl Caller for $name {
                fn asks_again($operation: Operation, $attempts: &[Attempt]) -> bool {
                    $again
                }

                fn report($seen: &[Attempt]) -> Report {
                    $report
                }
            }
        )+

        const DESKS: &[Mistake] = &[$(Mistake {
            exercise: "retry-safely",
            what: $what,
            grade: |fresh| grade("retry-safely", &retry_safely::<$name>(), fresh),
        }),+];
    };
}

fn safe(operation: Operation, attempts: &[Attempt]) -> bool {
    operation == Operation::Set || !attempts.contains(&Attempt::TimedOut)
}

fn honest(attempts: &[Attempt]) -> Report {
    if attempts.contains(&Attempt::Answered) {
        Report::Done
    } else if attempts.contains(&Attempt::TimedOut) {
        Report::Unknown
    } else {
        Report::NotDone
    }
}

desks! {
    FirstOnly "by the first attempt alone": |operation, attempts| operation == Operation::Set || attempts.first() == Some(&Attempt::Refused),
        |seen| honest(seen);
    SetOnly "once, for whoever only sets": |operation, attempts| operation == Operation::Add && safe(operation, attempts), |seen| honest(seen);
    LastReport "what the last attempt says": |operation, attempts| safe(operation, attempts), |seen| honest(&seen[seen.len() - 1..]);
    Sure "a silence is a no": |operation, attempts| safe(operation, attempts), |seen| match honest(seen) {
        Report::Unknown => Report::NotDone,
        report => report,
    };
    Hopeful "a silence is a yes": |operation, attempts| safe(operation, attempts), |seen| match honest(seen) {
        Report::Unknown => Report::Done,
        report => report,
    };
    Shy "nobody knows anything": |operation, attempts| safe(operation, attempts), |_seen| Report::Unknown;
    Refusing "a refusal may yet be done": |operation, attempts| safe(operation, attempts), |seen| match honest(seen) {
        Report::NotDone => Report::Unknown,
        report => report,
    };
}

/// All mistakes of this module.
pub const ALL: &[&[Mistake]] = &[MEMORIES, CLOCKS, QUORUMS, DESKS];
