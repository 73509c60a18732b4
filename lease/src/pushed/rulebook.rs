//! The decisions about pushed leases.

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, Time};

use super::rules::PushedRule;
use crate::id::Token;
use crate::rules::HolderRule;

quorate_protocol::rulebook! {
    /// Rulebook of pushed leases. [`BY_THE_BOOK`] compares wall clocks, and never more exactly than
    /// they are known.
    pub struct Rulebook;

    /// End of a lease, as its holder reads it: the fixed `end` in the push. A period counted from
    /// the receipt would begin the later, the longer the push was on its way, and its issuer does
    /// not know (Leases §5).
    fn holder_end(end: Time, received: Time, term: Duration) -> Time {
        let _ = (received, term);
        end
    }

    /// Time at which a holder stops, on its own wall clock: before the end by the bound on the
    /// clock's error (Leases §5).
    fn stops_at(end: Time, skew: Duration) -> Time {
        Time::from_nanos(end.as_nanos().saturating_sub(quorate_protocol::nanos(skew)))
    }

    /// A holder may act before it stops, but not at that time.
    fn may_act(stops: Time, now: Time) -> Ruling<HolderRule> {
        if now < stops { Allow(HolderRule::ActInLease) } else { Refuse(HolderRule::LeaseOver) }
    }

    /// Whether the issuer may name another holder: when its own wall clock is past the last end by
    /// more than the bound on the clock's error (Leases §5).
    fn may_name(end: Time, now: Time, skew: Duration) -> Ruling<PushedRule> {
        if now > end + skew { Allow(PushedRule::NameHolder) } else { Refuse(PushedRule::WaitForEnd) }
    }

    /// End that binds the issuer when another holder is appointed: unchanged. A lease that
    /// has been pushed cannot be taken back one way (Leases §2).
    fn end_after_appointment(end: Time, now: Time) -> Time {
        let _ = now;
        end
    }

    /// End that binds the issuer after a restart: the one on its disk. It is a time of day, so it
    /// has kept its meaning (Leases §5).
    fn end_after_restart(on_disk: Time) -> Time {
        on_disk
    }

    /// Whether a holder takes a push: not that of an earlier grant than one it has seen, nor one
    /// that ends no later than the lease it holds.
    fn takes(held: Option<(Token, Time)>, token: Token, end: Time) -> Ruling<PushedRule> {
        match held {
            Some((newest, _)) if token < newest => Refuse(PushedRule::OlderLease),
            Some((newest, until)) if token == newest && end <= until => Refuse(PushedRule::SameLeaseAgain),
            _ => Allow(PushedRule::TakeLease),
        }
    }

    /// Whether the resource writes: under a token no lower than the highest accepted.
    fn admits(highest: Option<Token>, token: Token) -> Ruling<PushedRule> {
        if highest > Some(token) { Refuse(PushedRule::RefuseLowerToken) } else { Allow(PushedRule::AcceptWrite) }
    }
}
