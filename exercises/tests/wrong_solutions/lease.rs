//! Wrong answers about granters and holders of leases.

use CacheRule::{Lend, TellOnly, WaitForForgotten, WaitForHolders, Write};
use CountRule::{CountPromise, StaleAnswer};
use HolderRule::{ActInLease, LeaseOver};
use MajorityRule::{AcceptorReleases, IgnoreRelease};
use ReplicatedRule::{ReadByRound, ReadUnderLease};
use SingleRule::*;
use StoreRule::{RefusePut, StoreValue};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

fn ruled<R>(may: bool, yes: R, no: R) -> Ruling<R> {
    if may { Allow(yes) } else { Refuse(no) }
}

/// A duration multiplied by `of / by`.
fn scaled(span: Duration, of: u64, by: u64) -> Duration {
    Duration::from_nanos((span.as_nanos() * u128::from(of) / u128::from(by)) as u64)
}

const ONE: u64 = 1_000_000;

fn rho(terms: &Terms) -> u64 {
    u64::from(terms.drift().ppm())
}

mistakes! {
    "lease-deadline", "the wall clock": clock = |now| now.wall;
    "lease-deadline", "whichever is earlier": clock = |now| now.wall.min(now.monotonic);
    "lease-deadline", "from the answer": counts_from = |_, received| received;
    "lease-deadline", "from the middle": counts_from = |sent, received| sent + received.since(sent) / 2;
    "lease-deadline", "from the later": counts_from = |sent, received| sent.max(received);
    "lease-deadline", "from the beginning": counts_from = |_, _| Time::ZERO;
    "lease-deadline", "always acts": may_act = |_, _| Allow(ActInLease);
    "lease-deadline", "at the end, too": may_act = |until, now| ruled(now <= until, ActInLease, LeaseOver);
    "lease-deadline", "a little longer": may_act = |until, now| ruled(now < until + Duration::from_millis(20), ActInLease, LeaseOver);
    "lease-deadline", "never acts": may_act = |_, _| Refuse(LeaseOver);

    "lease-drift", "as long as the granter": holder_term = |terms| terms.granter();
    "lease-drift", "its own clock is right": holder_term = |terms| scaled(terms.granter(), ONE, ONE + rho(terms));
    "lease-drift", "the granter's clock is right": holder_term = |terms| scaled(terms.granter(), ONE - rho(terms), ONE);
    "lease-drift", "the wrong way round": holder_term = |terms| scaled(terms.granter(), ONE + rho(terms), ONE - rho(terms));
    "lease-drift", "rounded up": holder_term = |terms| {
        let (one, rho) = (u128::from(ONE), u128::from(rho(terms)));
        Duration::from_nanos((terms.granter().as_nanos() * (one - rho)).div_ceil(one + rho) as u64)
    };
    "lease-drift", "no time at all": holder_term = |_| Duration::ZERO;
    "lease-drift", "a fixed margin": holder_term = |terms| terms.granter().saturating_sub(Duration::from_micros(10));

    "lease-denial", "a term more": until_after_denial = |_, now, terms| now + terms.holder();
    "lease-denial", "a granter's term more": until_after_denial = |_, now, terms| now + terms.granter();
    "lease-denial", "one renewal more": until_after_denial = |until, _, terms| until + terms.renew_every();
    "lease-denial", "a term more than before": until_after_denial = |until, _, terms| until + terms.holder();

    "lease-grant", "from the time in the request": granted_at = |written, _| written;
    "lease-grant", "from the later time": granted_at = |written, read| written.max(read);
    "lease-grant", "for its own term": binds_for = |_, own| own;
    "lease-grant", "for the shorter term": binds_for = |granted, own| granted.min(own);
    "lease-grant", "over at the end": has_ended = |expires, now| now >= expires;
    "lease-grant", "always over": has_ended = |_, _| true;
    "lease-grant", "never over": has_ended = |_, _| false;
    "lease-grant", "over before the end": has_ended = |expires, now| now < expires;
    "lease-grant", "over a little before": has_ended = |expires, now| now + Duration::from_millis(10) > expires;
    "lease-grant", "no delay": lock_delay = |_| Duration::ZERO;
    "lease-grant", "half the delay": lock_delay = |configured| configured / 2;
    "lease-grant", "always yes": grants = |_, _| Allow(GrantPrimary);
    "lease-grant", "always no": grants = |_, _| Refuse(HeldByOther);
    "lease-grant", "in quarantine as well": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { quarantined: false, ..standing }, asks);
    "lease-grant", "although it runs": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { ended: true, ..standing }, asks);
    "lease-grant", "not although it is over": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { ended: false, ..standing }, asks);
    "lease-grant", "without regard to the delay": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { delayed: false, ..standing }, asks);
    "lease-grant", "whoever is suspected has lost it": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { ended: standing.ended || standing.suspected, ..standing }, asks);
    "lease-grant", "nobody is renewed": grants = |standing, asks| match BY_THE_BOOK.grants(standing, asks) {
        Allow(RenewPrimary) => Refuse(HeldByOther),
        ruling => ruling,
    };
    "lease-grant", "only its holder": grants = |standing, asks| ruled(standing.holder == Some(asks), RenewPrimary, HeldByOther);
    "lease-grant", "only whoever has it not": grants = |standing, asks| match standing.holder == Some(asks) {
        true => Refuse(HeldByOther),
        false => BY_THE_BOOK.grants(standing, asks),
    };
    "lease-grant", "whoever asks first": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { turn: Some(asks), ..standing }, asks);
    "lease-grant", "nobody in turn": grants = |standing, asks| BY_THE_BOOK.grants(LeaseState { turn: None, ..standing }, asks);

    "lease-restart", "no time at all": quarantine = |_| Duration::ZERO;
    "lease-restart", "the holder's term": quarantine = |terms| terms.holder();
    "lease-restart", "half the holder's term": quarantine = |terms| terms.holder() / 2;
    "lease-restart", "a renewal": quarantine = |terms| terms.renew_every();
    "lease-restart", "rounded down": quarantine = |terms| {
        let (one, rho) = (u128::from(ONE), u128::from(rho(terms)));
        Duration::from_nanos((terms.holder().as_nanos() * (one + rho) / (one - rho)) as u64)
    };
    "lease-restart", "its own clock is right": quarantine = |terms| scaled(terms.holder(), ONE, ONE - rho(terms));
    "lease-restart", "the wrong way round": quarantine = |terms| scaled(terms.holder(), ONE - rho(terms), ONE + rho(terms));
    "lease-restart", "for ever": quarantine = |_| Duration::from_secs(1_000_000);

    "lease-release", "always": releases = |_, _, _, _| Allow(TakeRelease);
    "lease-release", "never": releases = |_, _, _, _| Refuse(RefuseRelease);
    "lease-release", "of this grant, whenever": releases = |granted, _, named, _| ruled(granted == named, TakeRelease, RefuseRelease);
    "lease-release", "after the renewal, of whichever grant": releases = |_, renewed, _, sent| ruled(sent > renewed, TakeRelease, RefuseRelease);
    "lease-release", "of this grant or an earlier one": releases = |granted, renewed, named, sent| ruled(named <= granted && sent > renewed, TakeRelease, RefuseRelease);
    "lease-release", "of another grant": releases = |granted, renewed, named, sent| ruled(named != granted && sent > renewed, TakeRelease, RefuseRelease);
    "lease-release", "at the tick of the renewal, too": releases = |granted, renewed, named, sent| ruled(named == granted && sent >= renewed, TakeRelease, RefuseRelease);
    "lease-release", "before the renewal": releases = |granted, renewed, named, sent| ruled(named == granted && sent < renewed, TakeRelease, RefuseRelease);
    "lease-release", "either": releases = |granted, renewed, named, sent| ruled(named == granted || sent > renewed, TakeRelease, RefuseRelease);

    "lease-act", "no": checks_again = || false;

    "lease-fence", "one for all": token = |_| Token(1);
    "lease-fence", "downwards": token = |grants| Token(u64::MAX - grants);
    "lease-fence", "one for two": token = |grants| Token(grants.div_ceil(2));
    "lease-fence", "one digit": token = |grants| Token(grants % 10);
    "lease-fence", "always yes": admits = |_, _| Allow(AcceptWrite);
    "lease-fence", "always no": admits = |_, _| Refuse(RefuseLowerToken);
    "lease-fence", "only higher ones": admits = |highest, shown| match highest < Some(shown.token) {
        true => BY_THE_BOOK.admits(highest, shown),
        false => Refuse(RefuseLowerToken),
    };
    "lease-fence", "only the same": admits = |highest, shown| match highest.is_none_or(|it| it == shown.token) {
        true => BY_THE_BOOK.admits(highest, shown),
        false => Refuse(RefuseLowerToken),
    };
    "lease-fence", "only lower ones": admits = |highest, shown| ruled(highest.is_none_or(|it| it >= shown.token), AcceptWrite, RefuseLowerToken);
    "lease-fence", "shared ones as well": admits = |highest, shown| BY_THE_BOOK.admits(highest, Sequencer { mode: Mode::Exclusive, ..shown });
    "lease-fence", "shared ones alone": admits = |_, shown| match shown.mode {
        Mode::Shared => Allow(AcceptWrite),
        Mode::Exclusive => Refuse(RefuseShared),
    };
    "lease-fence", "whatever the token": admits = |_, shown| BY_THE_BOOK.admits(None, shown);
    "lease-fence", "the first writer alone": admits = |highest, shown| match highest {
        Some(_) => Refuse(RefuseLowerToken),
        None => BY_THE_BOOK.admits(None, shown),
    };

    "lease-fenced-store", "serves at once": marks_first = || false;
    "lease-fenced-store", "always": stores = |_, _| Allow(StoreValue);
    "lease-fenced-store", "never": stores = |_, _| Refuse(RefusePut);
    "lease-fenced-store", "above the mark": stores = |mark, token| ruled(mark < Some(token), StoreValue, RefusePut);
    "lease-fenced-store", "below the mark": stores = |mark, token| ruled(mark > Some(token), StoreValue, RefusePut);
    "lease-fenced-store", "at the mark or below": stores = |mark, token| ruled(mark >= Some(token), StoreValue, RefusePut);
    "lease-fenced-store", "at the mark alone": stores = |mark, token| ruled(mark == Some(token), StoreValue, RefusePut);
    "lease-fenced-store", "where it is not marked": stores = |mark, _| ruled(mark.is_none(), StoreValue, RefusePut);
    "lease-fenced-store", "where it is marked": stores = |mark, _| ruled(mark.is_some(), StoreValue, RefusePut);

    "lease-majority", "half": majority = |count, of| count * 2 >= of;
    "lease-majority", "anybody": majority = |count, _| count > 0;
    "lease-majority", "everybody": majority = |count, of| count == of;
    "lease-majority", "two": majority = |count, _| count >= 2;
    "lease-majority", "less than half": majority = |count, of| count * 2 < of;
    "lease-majority", "every answer counts": counts = |_, _| Allow(CountPromise);
    "lease-majority", "no answer counts": counts = |_, _| Refuse(StaleAnswer);
    "lease-majority", "of this ballot, and again": counts = |current, _| ruled(current, CountPromise, StaleAnswer);
    "lease-majority", "of whichever ballot, once": counts = |_, before| ruled(!before, CountPromise, StaleAnswer);
    "lease-majority", "only again": counts = |current, before| ruled(current && before, CountPromise, StaleAnswer);
    "lease-majority", "always open": leaves_open = |_, _| true;
    "lease-majority", "never open": leaves_open = |_, _| false;
    "lease-majority", "open if it has none": leaves_open = |reported, _| reported.is_none();
    "lease-majority", "open to its owner alone": leaves_open = |reported, me| reported == Some(me);
    "lease-majority", "open to all but its owner": leaves_open = |reported, me| reported != Some(me);
    "lease-majority", "every release frees": release_frees = |_| Allow(AcceptorReleases);
    "lease-majority", "no release frees": release_frees = |_| Refuse(IgnoreRelease);
    "lease-majority", "other releases free": release_frees = |same| ruled(!same, AcceptorReleases, IgnoreRelease);

    "lease-cache", "at once": may_write = |_, _| Allow(Write);
    "lease-cache", "never": may_write = |_, _| Refuse(WaitForHolders);
    "lease-cache", "after a restart at once": may_write = |left, _| ruled(left == 0, Write, WaitForHolders);
    "lease-cache", "whoever has it, if nothing is forgotten": may_write = |_, quarantined| ruled(!quarantined, Write, WaitForForgotten);
    "lease-cache", "when one is left": may_write = |left, quarantined| ruled(left <= 1 && !quarantined, Write, WaitForHolders);
    "lease-cache", "while some are left": may_write = |left, quarantined| ruled(left > 0 && !quarantined, Write, WaitForHolders);
    "lease-cache", "only in quarantine": may_write = |left, quarantined| ruled(left == 0 && quarantined, Write, WaitForHolders);
    "lease-cache", "either": may_write = |left, quarantined| ruled(left == 0 || !quarantined, Write, WaitForHolders);
    "lease-cache", "always lends": lends = |_| Allow(Lend);
    "lease-cache", "never lends": lends = |_| Refuse(TellOnly);
    "lease-cache", "lends while a write waits": lends = |waits| ruled(waits, Lend, TellOnly);

    "lease-failover", "the earlier": leader_counts_from = |began, applied| began.min(applied);
    "lease-failover", "when it was applied": leader_counts_from = |_, applied| applied;
    "lease-failover", "when it began": leader_counts_from = |began, _| began;
    "lease-failover", "the beginning": leader_counts_from = |_, _| Time::ZERO;
    "lease-failover", "the middle": leader_counts_from = |began, applied| began.min(applied) + began.max(applied).since(began.min(applied)) / 2;

    "lease-reads", "votes for everybody": withholds_vote = |_, _| false;
    "lease-reads", "votes for nobody": withholds_vote = |_, _| true;
    "lease-reads", "not even for those who were sent": withholds_vote = |trusting, _| trusting;
    "lease-reads", "not for those who were sent": withholds_vote = |trusting, sent| trusting && sent;
    "lease-reads", "only if it trusts": withholds_vote = |trusting, sent| !trusting && !sent;
    "lease-reads", "no distrust": distrust_after_restart = |_| Duration::ZERO;
    "lease-reads", "half the distrust": distrust_after_restart = |trust| trust / 2;
    "lease-reads", "keeps its lease": lays_down_for_transfer = || false;
    "lease-reads", "reads always": reads_alone = |_, _| Allow(ReadUnderLease);
    "lease-reads", "reads if the lease runs": reads_alone = |runs, _| ruled(runs, ReadUnderLease, ReadByRound);
    "lease-reads", "reads if it has applied": reads_alone = |_, applied| ruled(applied, ReadUnderLease, ReadByRound);
    "lease-reads", "reads if either": reads_alone = |runs, applied| ruled(runs || applied, ReadUnderLease, ReadByRound);
    "lease-reads", "reads if its lease is over": reads_alone = |runs, applied| ruled(!runs && applied, ReadUnderLease, ReadByRound);
}
