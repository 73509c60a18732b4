//! Wrong answers about locks on Redis, by Redlock, and about the resource behind them.

use LockRule::*;
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

fn ruled<R>(may: bool, yes: R, no: R) -> Ruling<R> {
    if may { Allow(yes) } else { Refuse(no) }
}

fn later(time: Time) -> Time {
    time + Duration::from_millis(20)
}

mistakes! {
    "lock-set", "always": sets = |_| Allow(SetIfAbsent);
    "lock-set", "never": sets = |_| Refuse(KeyExists);
    "lock-set", "over a key that exists": sets = |stored| ruled(stored.is_some(), SetIfAbsent, KeyExists);
    "lock-set", "over a fixed value": sets = |stored| ruled(stored.is_none_or(|value| value == LockValue::Fixed), SetIfAbsent, KeyExists);
    "lock-set", "over a value of some attempt": sets = |stored| ruled(stored != Some(LockValue::Fixed), SetIfAbsent, KeyExists);
    "lock-set", "keys never expire": is_expired = |_, _| false;
    "lock-set", "keys are always gone": is_expired = |_, _| true;
    "lock-set", "gone when there is no end": is_expired = |expires, now| expires.is_none_or(|end| now >= end);
    "lock-set", "only past the end": is_expired = |expires, now| expires.is_some_and(|end| now > end);
    "lock-set", "gone before the end": is_expired = |expires, now| expires.is_some_and(|end| now < end);
    "lock-set", "gone a little early": is_expired = |expires, now| expires.is_some_and(|end| later(now) >= end);

    "lock-delete", "one value for all": value = |_, _| LockValue::Fixed;
    "lock-delete", "one value for each client": value = |recipe, attempt| BY_THE_BOOK.value(recipe, AttemptId { number: 1, ..attempt });
    "lock-delete", "one value for each number": value = |recipe, attempt| BY_THE_BOOK.value(recipe, AttemptId { owner: NodeId(0), ..attempt });
    "lock-delete", "a value for every recipe": value = |_, attempt| LockValue::Unique(attempt);
    "lock-delete", "for Redlock alone": value = |recipe, attempt| match recipe {
        Recipe::Redlock => LockValue::Unique(attempt),
        _ => LockValue::Fixed,
    };
    "lock-delete", "never by value": unlocks_by_value = |_| false;
    "lock-delete", "always by value": unlocks_by_value = |_| true;
    "lock-delete", "by value if it expires": unlocks_by_value = |recipe| recipe.expires();
    "lock-delete", "whatever the value": deletes = |_, _| Allow(CompareAndDelete);
    "lock-delete", "nothing": deletes = |_, _| Refuse(KeepOthersKey);
    "lock-delete", "others' keys": deletes = |stored, asked| ruled(stored != asked, CompareAndDelete, KeepOthersKey);
    "lock-delete", "of the same client": deletes = |stored, asked| match (stored, asked) {
        (LockValue::Unique(stored), LockValue::Unique(asked)) => ruled(stored.owner == asked.owner, CompareAndDelete, KeepOthersKey),
        _ => BY_THE_BOOK.deletes(stored, asked),
    };
    "lock-delete", "of the same number": deletes = |stored, asked| match (stored, asked) {
        (LockValue::Unique(stored), LockValue::Unique(asked)) => ruled(stored.number == asked.number, CompareAndDelete, KeepOthersKey),
        _ => BY_THE_BOOK.deletes(stored, asked),
    };
    "lock-delete", "earlier attempts' keys": deletes = |stored, asked| ruled(stored <= asked, CompareAndDelete, KeepOthersKey);

    "lock-extend", "by its name": extends_by_value = || false;
    "lock-extend", "whatever the value": extends = |_, _| Allow(CompareAndExtend);
    "lock-extend", "nothing": extends = |_, _| Refuse(KeepOthersExpiry);
    "lock-extend", "others' keys": extends = |stored, asked| ruled(stored != asked, CompareAndExtend, KeepOthersExpiry);
    "lock-extend", "of the same client": extends = |stored, asked| match (stored, asked) {
        (LockValue::Unique(stored), LockValue::Unique(asked)) => ruled(stored.owner == asked.owner, CompareAndExtend, KeepOthersExpiry),
        _ => BY_THE_BOOK.extends(stored, asked),
    };
    "lock-extend", "always lasts": prolongs = |_, _, _| Allow(ExtendLock);
    "lock-extend", "never lasts": prolongs = |_, _, _| Refuse(NotExtended);
    "lock-extend", "although it was over": prolongs = |_, until, now| ruled(now < until, ExtendLock, NotExtended);
    "lock-extend", "although nothing is left": prolongs = |old, _, now| ruled(old.is_none_or(|old| now < old), ExtendLock, NotExtended);
    "lock-extend", "at the old end": prolongs = |old, until, now| ruled(old.is_none_or(|old| now <= old) && now < until, ExtendLock, NotExtended);
    "lock-extend", "at the new end": prolongs = |old, until, now| ruled(old.is_none_or(|old| now < old) && now <= until, ExtendLock, NotExtended);
    "lock-extend", "only what ends": prolongs = |old, until, now| ruled(old.is_some_and(|old| now < old) && now < until, ExtendLock, NotExtended);

    "lock-validity", "from the answer": counts_from = |_, answered| answered;
    "lock-validity", "from the middle": counts_from = |begun, answered| begun + answered.since(begun) / 2;
    "lock-validity", "from the later": counts_from = |begun, answered| begun.max(answered);
    "lock-validity", "from the beginning": counts_from = |_, _| Time::ZERO;
    "lock-validity", "always takes": takes = |_, _| Allow(TakeLock);
    "lock-validity", "never takes": takes = |_, _| Refuse(TooLate);
    "lock-validity", "takes at the end": takes = |until, now| ruled(until.is_none_or(|until| now <= until), TakeLock, TooLate);
    "lock-validity", "takes only what ends": takes = |until, now| ruled(until.is_some_and(|until| now < until), TakeLock, TooLate);
    "lock-validity", "takes what is over": takes = |until, now| ruled(until.is_none_or(|until| now >= until), TakeLock, TooLate);
    "lock-validity", "always acts": may_act = |_, _| Allow(ActInTime);
    "lock-validity", "never acts": may_act = |_, _| Refuse(LockOver);
    "lock-validity", "acts at the end": may_act = |until, now| ruled(until.is_none_or(|until| now <= until), ActInTime, LockOver);
    "lock-validity", "acts a little longer": may_act = |until, now| ruled(until.is_none_or(|until| now < later(until)), ActInTime, LockOver);
    "lock-validity", "acts only if it ends": may_act = |until, now| ruled(until.is_some_and(|until| now < until), ActInTime, LockOver);

    "lock-majority", "half": quorum = |instances| instances / 2;
    "lock-majority", "half, rounded up": quorum = |instances| instances.div_ceil(2);
    "lock-majority", "one": quorum = |_| 1;
    "lock-majority", "two": quorum = |_| 2;
    "lock-majority", "three of any number": quorum = |_| 3;
    "lock-majority", "all": quorum = |instances| instances;
    "lock-majority", "one more than needed": quorum = |instances| instances / 2 + 2;
    "lock-majority", "every answer counts": counts_answer = |_, _| true;
    "lock-majority", "no answer counts": counts_answer = |_, _| false;
    "lock-majority", "answers to others count": counts_answer = |current, of| current != of;
    "lock-majority", "of this client": counts_answer = |current, of| current.owner == of.owner;
    "lock-majority", "of this number": counts_answer = |current, of| current.number == of.number;
    "lock-majority", "of this attempt or an earlier one": counts_answer = |current, of| of <= current;
    "lock-majority", "clears nothing": clears = |_, _| false;
    "lock-majority", "clears everything, by every recipe": clears = |_, _| true;
    "lock-majority", "clears where it was set": clears = |recipe, answered| BY_THE_BOOK.clears(recipe, answered) && answered == Some(true);
    "lock-majority", "clears where it was answered": clears = |recipe, answered| BY_THE_BOOK.clears(recipe, answered) && answered.is_some();
    "lock-majority", "clears where it was not set": clears = |recipe, answered| BY_THE_BOOK.clears(recipe, answered) && answered == Some(false);
    "lock-majority", "clears the silent ones alone": clears = |recipe, answered| BY_THE_BOOK.clears(recipe, answered) && answered.is_none();

    "lock-memory", "keeps nothing": keeps_keys = |_| false;
    "lock-memory", "keeps everything": keeps_keys = |_| true;
    "lock-memory", "keeps what it need not": keeps_keys = |persistence| persistence == Persistence::Never;
    "lock-memory", "takes part at once": away_until = |started, _| started;
    "lock-memory", "half the delay": away_until = |started, delay| started + delay / 2;
    "lock-memory", "twice the delay": away_until = |started, delay| started + delay * 2;
    "lock-memory", "counted from the beginning": away_until = |_, delay| Time::ZERO + delay;
    "lock-memory", "a little less": away_until = |started, delay| started + delay.saturating_sub(Duration::from_nanos(1));
    "lock-memory", "always the wall clock": expiry_clock = |_, now| now.wall;
    "lock-memory", "always the monotonic clock": expiry_clock = |_, now| now.monotonic;
    "lock-memory", "the other clock": expiry_clock = |setting, now| match setting {
        ExpiryClock::Wall => now.monotonic,
        ExpiryClock::Monotonic => now.wall,
    };
    "lock-memory", "whichever is later": expiry_clock = |_, now| now.wall.max(now.monotonic);

    "lock-guard", "always yes": admits = |_, _| Allow(AdmitToken);
    "lock-guard", "always no": admits = |_, _| Refuse(RefuseToken);
    "lock-guard", "only higher ones": admits = |highest, shown| ruled(shown > highest, AdmitToken, RefuseToken);
    "lock-guard", "only lower ones": admits = |highest, shown| ruled(shown <= highest, AdmitToken, RefuseToken);
    "lock-guard", "without a token": admits = |highest, shown| ruled(shown.is_none() || shown >= highest, AdmitToken, RefuseToken);
    "lock-guard", "any token": admits = |_, shown| ruled(shown.is_some(), AdmitToken, RefuseToken);
    "lock-guard", "never without a token": admits = |highest, shown| ruled(shown.is_some() && shown >= highest, AdmitToken, RefuseToken);
    "lock-guard", "the first writer alone": admits = |highest, shown| ruled(highest.is_none_or(|highest| shown == Some(highest)), AdmitToken, RefuseToken);
    "lock-guard", "in memory alone": keeps_highest = || false;
    "lock-guard", "whatever currlock is": is_current = |_, _| Allow(WriteIfCurrLock);
    "lock-guard", "never current": is_current = |_, _| Refuse(CurrLockMoved);
    "lock-guard", "if it was never set": is_current = |currlock, writer| ruled(currlock.is_none_or(|it| it == writer), WriteIfCurrLock, CurrLockMoved);
    "lock-guard", "of the same client": is_current = |currlock, writer| ruled(currlock.is_some_and(|it| it.owner == writer.owner), WriteIfCurrLock, CurrLockMoved);
    "lock-guard", "if it was another's": is_current = |currlock, writer| ruled(currlock != Some(writer), WriteIfCurrLock, CurrLockMoved);
}
