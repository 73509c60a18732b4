//! Bugs of leases that are pushed one way.

use quorate_lease::pushed::{BY_THE_BOOK, PushedRule, Rulebook};
use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, Time};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search};

bugs! {
    /// Rulebook of pushed leases: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    PERIOD_FROM_RECEIPT = "period-from-receipt" of PushedLease {
        summary: "The holder of a pushed lease counts its term from the receipt.",
        story: "Q pushes a lease to A, and the push is slow. Q does not know when it arrives, waits for the end that it wrote, and names B. To A the term has only begun. B acts, and so does A.",
        source: "Gray and Cheriton, Leases §5",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a slow push",
        discovery: Search { steps: 11 },
        correct_rule: "EndHasPassed",
        fn holder_end(_: Time, received: Time, term: Duration) -> Time {
            received + term
        }
    }

    NO_SKEW_MARGIN = "no-skew-margin" of PushedLease {
        summary: "Holder and issuer read the end of a pushed lease as if their wall clocks were exact.",
        story: "The wall clock of A is a little behind that of Q, both within the bound. The end comes first at Q, which names B. B acts, and so does A, whose clock has not reached the end.",
        source: "Gray and Cheriton, Leases §5",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "wall clocks that differ within the bound",
        discovery: Scenario { scenario: "lease/pushed-clocks-at-the-bound", commands: 7 },
        correct_rule: "WaitForEnd",
        fn stops_at(end: Time, _: Duration) -> Time {
            end
        }
        fn may_name(end: Time, now: Time, _: Duration) -> Ruling<PushedRule> {
            if now > end { Allow(PushedRule::NameHolder) } else { Refuse(PushedRule::WaitForEnd) }
        }
    }

    FORGETS_END_ON_RESTART = "forgets-end-on-restart" of PushedLease {
        summary: "A restarted issuer names the next holder without regard to the end on its disk.",
        story: "Q has pushed a lease to A, and restarts. A client appoints B, and Q names it at once. B acts, and so does A, whose end has not come.",
        source: "Gray and Cheriton, Leases §5",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the issuer within a term",
        discovery: Search { steps: 9 },
        correct_rule: "RecallLease",
        fn end_after_restart(_: Time) -> Time {
            Time::ZERO
        }
    }

    REVOKES_ONE_WAY = "revokes-one-way" of PushedLease {
        summary: "The issuer ends a pushed lease when it appoints another holder.",
        story: "Q has pushed a lease to A. A client appoints B, and Q takes its own lease for over: but A has not heard of that, and need not be able to. B acts, and so does A.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "an appointment within a term",
        discovery: Search { steps: 7 },
        correct_rule: "WaitForEnd",
        fn end_after_appointment(end: Time, now: Time) -> Time {
            end.min(now)
        }
    }
}
