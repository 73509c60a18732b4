//! Wrong answers about liars: the generals, broadcast, PBFT, and sealed tokens.

use quorate_exercises::prelude::*;

fn ruled<R>(may: bool, yes: R, no: R) -> Ruling<R> {
    if may { Allow(yes) } else { Refuse(no) }
}

/// Wrong answers about oral messages.
pub mod generals {
    use GeneralsRule::{KeepOrder, Relay};
    use quorate_exercises::generals::*;
    use quorate_exercises::prelude::*;

    use super::ruled;

    fn attacks(got: &[Order]) -> usize {
        got.iter().filter(|order| **order == Order::Attack).count()
    }

    fn attack_if(may: bool) -> Order {
        if may { Order::Attack } else { Order::Retreat }
    }

    mistakes! {
        "liar-orders", "nothing is sent on": relays = |_, _| Refuse(KeepOrder);
        "liar-orders", "everything is sent on": relays = |_, _| Allow(Relay);
        "liar-orders", "sent on once too often": relays = |senders, m| ruled(senders <= m + 1, Relay, KeepOrder);
        "liar-orders", "sent on once, whatever m is": relays = |senders, _| ruled(senders <= 1, Relay, KeepOrder);
        "liar-orders", "anybody speaks for anybody": knows_sender = |_, _| true;
        "liar-orders", "nobody is believed": knows_sender = |_, _| false;
        "liar-orders", "only the commander is believed": knows_sender = |from, last| from == last && from == NodeId(0);
        "liar-orders", "silence is an attack": absent = || Order::Attack;
        "liar-orders", "half is enough": majority = |got| attack_if(2 * attacks(got) >= got.len());
        "liar-orders", "one attack is enough": majority = |got| attack_if(attacks(got) >= 1);
        "liar-orders", "all must say attack": majority = |got| attack_if(attacks(got) == got.len());
        "liar-orders", "the last report": majority = |got| got.last().copied().unwrap_or(Order::Retreat);
        "liar-orders", "two are a majority": majority = |got| attack_if(attacks(got) >= 2);
        "liar-orders", "the minority": majority = |got| attack_if(2 * attacks(got) <= got.len());
        "liar-orders", "never attack": majority = |_| Order::Retreat;
    }
}

/// Wrong answers about reliable broadcast.
pub mod broadcast {
    use quorate_exercises::broadcast::*;

    mistakes! {
        "liar-broadcast", "one echo is enough": enough_echoes = |_, _, echoes| echoes >= 1;
        "liar-broadcast", "a majority of all": enough_echoes = |n, _, echoes| 2 * echoes > n;
        "liar-broadcast", "half of n+f": enough_echoes = |n, f, echoes| 2 * echoes >= n + f;
        "liar-broadcast", "2f+1, however many there are": enough_echoes = |_, f, echoes| echoes > 2 * f;
        "liar-broadcast", "n-f echoes": enough_echoes = |n, f, echoes| echoes >= n - f;
        "liar-broadcast", "all must echo": enough_echoes = |n, _, echoes| echoes >= n;
        "liar-broadcast", "f echoes more": enough_echoes = |n, f, echoes| 2 * echoes > n + 2 * f;
        "liar-broadcast", "follows without being asked": follows = |_, _| true;
        "liar-broadcast", "follows 2f+1 alone": follows = |f, readies| readies > 2 * f;
        "liar-broadcast", "follows two": follows = |_, readies| readies >= 2;
        "liar-broadcast", "accepts with f+1": accepts = |f, readies| readies > f;
        "liar-broadcast", "accepts with 2f": accepts = |f, readies| readies >= 2 * f;
        "liar-broadcast", "accepts with three": accepts = |_, readies| readies >= 3;
        "liar-broadcast", "accepts with all": accepts = |f, readies| readies > 3 * f;
        "liar-broadcast", "never accepts": accepts = |_, _| false;
    }
}

/// Wrong answers about PBFT.
pub mod pbft {
    use PbftRule::*;
    use quorate_exercises::pbft::*;
    use quorate_exercises::prelude::*;

    use super::ruled;

    mistakes! {
        "liar-quorum", "f+1 are a quorum": quorum = |f| f + 1;
        "liar-quorum", "all are a quorum": quorum = |f| 3 * f + 1;
        "liar-quorum", "three are a quorum": quorum = |_| 3;
        "liar-quorum", "a client believes f": reports = |f| f;
        "liar-quorum", "a client wants a quorum": reports = |f| 2 * f + 1;
        "liar-quorum", "two reports, whatever f is": reports = |_| 2;
        "liar-quorum", "no vote counts": matches = |_, _| false;
        "liar-quorum", "votes for the same client count": matches = |accepted, voted| {
            accepted.0.map(|request| request.ticket.client) == voted.0.map(|request| request.ticket.client)
        };
        "liar-quorum", "votes for the same ticket count": matches = |accepted, voted| {
            accepted.0.map(|request| request.ticket) == voted.0.map(|request| request.ticket)
        };
        "liar-quorum", "committed with f+1": committed = |_, f, commits| ruled(commits > f, Committed, CountCommit);
        "liar-quorum", "committed with 2f": committed = |_, f, commits| ruled(commits >= 2 * f, Committed, CountCommit);
        "liar-quorum", "committed with all": committed = |_, f, commits| ruled(commits > 3 * f, Committed, CountCommit);
        "liar-quorum", "never committed": committed = |_, _, _| Refuse(CountCommit);

        "liar-proposal", "no seal holds": seal_holds = |_, _| false;
        "liar-proposal", "seals of replicas are not looked at": seal_holds = |by, claimed| by == claimed || claimed < NodeId(4);
        "liar-proposal", "every proposal is accepted": accepts = |_, _| Allow(Prepare);
        "liar-proposal", "no proposal is accepted": accepts = |_, _| Refuse(OneDigestPerNumber);
        "liar-proposal", "the latest proposal is accepted": accepts = |accepted, proposed| ruled(accepted != Some(proposed), Prepare, RepeatedProposal);
        "liar-proposal", "each refusal is a repetition": accepts = |accepted, _| ruled(accepted.is_none(), Prepare, RepeatedProposal);
        "liar-proposal", "each refusal is a lie": accepts = |accepted, _| ruled(accepted.is_none(), Prepare, OneDigestPerNumber);
        "liar-proposal", "the low mark is free": in_window = |low, high, number| low <= number && number <= high;
        "liar-proposal", "the high mark is not": in_window = |low, high, number| low < number && number < high;
        "liar-proposal", "there is no high mark": in_window = |low, _, number| low < number;
        "liar-proposal", "there is no low mark": in_window = |_, high, number| number <= high;
        "liar-proposal", "only the next number is free": in_window = |low, _, number| low.checked_add(1) == Some(number);
        "liar-proposal", "the last request again": executes = |last, number| ruled(last.is_none_or(|last| number >= last), Execute, Overtaken);
        "liar-proposal", "any other request": executes = |last, number| ruled(last != Some(number), Execute, AnswerFromRecord);
        "liar-proposal", "only the next one": executes = |last, number| ruled(last.is_none_or(|last| last.checked_add(1) == Some(number)), Execute, Overtaken);
        "liar-proposal", "the last one is overtaken, too": executes = |last, number| ruled(last.is_none_or(|last| number > last), Execute, Overtaken);
        "liar-proposal", "old ones are answered": executes = |last, number| ruled(last.is_none_or(|last| number > last), Execute, AnswerFromRecord);
        "liar-proposal", "nothing is executed": executes = |_, _| Refuse(Overtaken);

        "liar-view", "joins one": joins = |_, others| ruled(others >= 1, JoinViewChange, CountViewChange);
        "liar-view", "joins f": joins = |f, others| ruled(others >= f, JoinViewChange, CountViewChange);
        "liar-view", "joins two, whatever f is": joins = |_, others| ruled(others >= 2, JoinViewChange, CountViewChange);
        "liar-view", "joins a quorum alone": joins = |f, others| ruled(others > 2 * f, JoinViewChange, CountViewChange);
        "liar-view", "joins nobody": joins = |_, _| Refuse(CountViewChange);
        "liar-view", "joins always": joins = |_, _| Allow(JoinViewChange);
        "liar-view", "the earlier view": prefers = |view, other| view < other;
        "liar-view", "whichever comes last": prefers = |_, _| true;
        "liar-view", "whichever comes first": prefers = |_, _| false;
        "liar-view", "the next view alone": prefers = |view, other| other.checked_add(1) == Some(view);
    }
}

/// Wrong answers about sealed tokens.
pub mod seal {
    use quorate_exercises::prelude::*;
    use quorate_exercises::seal::*;

    use crate::mistake::{Mistake, grade};

    /// What a fence is asked: the trusted server, its resource, its highest token, and the token.
    struct Asked<'a> {
        server: NodeId,
        resource: NodeId,
        highest: Option<u64>,
        shown: &'a Sealed<Grant>,
    }

    impl Asked<'_> {
        fn is_here(&self) -> bool {
            self.shown.body().resource == self.resource
        }

        fn is_newest(&self) -> bool {
            self.highest <= Some(self.shown.body().token)
        }
    }

    /// Fences, each as a function of the question.
    macro_rules! fences {
        ($($name:ident $what:literal: |$asked:ident| $admits:expr;)+) => {
            $(
                struct $name;

                impl Fence for $name {
                    fn admits(
                        server: NodeId,
                        resource: NodeId,
                        highest: Option<u64>,
                        shown: &Sealed<Grant>,
                    ) -> bool {
                        let $asked = Asked { server, resource, highest, shown };
                        $admits
                    }
                }
            )+

            /// All mistakes of this list.
            pub const ALL: &[Mistake] = &[$(Mistake {
                exercise: "sealed-token",
                what: $what,
                grade: |fresh| grade("sealed-token", &sealed_token::<$name>(), fresh),
            }),+];
        };
    }

    fences! {
        Unsealed "the number alone": |asked| asked.is_here() && asked.is_newest();
        Named "the name in the body": |asked| asked.shown.claimed() == asked.server && asked.is_here() && asked.is_newest();
        Genuine "every genuine seal": |asked| asked.shown.is_genuine() && asked.is_here() && asked.is_newest();
        Keyed "the key alone": |asked| asked.shown.by() == asked.server && asked.is_here() && asked.is_newest();
        Either "the key or the name": |asked| {
            (asked.shown.by() == asked.server || asked.shown.claimed() == asked.server) && asked.is_here() && asked.is_newest()
        };
        Anywhere "for any resource": |asked| asked.shown.is_genuine() && asked.shown.by() == asked.server && asked.is_newest();
        Ageless "of any age": |asked| asked.shown.is_genuine() && asked.shown.by() == asked.server && asked.is_here();
        Once "each token once": |asked| {
            asked.shown.is_genuine() && asked.shown.by() == asked.server && asked.is_here()
                && asked.highest < Some(asked.shown.body().token)
        };
        Backwards "only older ones": |asked| {
            asked.shown.is_genuine() && asked.shown.by() == asked.server && asked.is_here()
                && asked.highest.is_none_or(|highest| highest >= asked.shown.body().token)
        };
        Gapless "the next token alone": |asked| {
            let next = asked.highest.map_or(Some(1), |highest| highest.checked_add(1));
            asked.shown.is_genuine() && asked.shown.by() == asked.server && asked.is_here()
                && (asked.highest == Some(asked.shown.body().token) || next == Some(asked.shown.body().token))
        };
    }
}
