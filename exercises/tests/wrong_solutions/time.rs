//! Wrong answers about clocks and channels.

use quorate_exercises::prelude::*;

fn ruled<R>(may: bool, yes: R, no: R) -> Ruling<R> {
    if may { Allow(yes) } else { Refuse(no) }
}

/// Wrong answers about a reliable channel.
pub mod channel {
    use ChannelRule::*;
    use quorate_exercises::channel::*;
    use quorate_exercises::prelude::*;

    use super::ruled;

    mistakes! {
        "time-rto", "no sample counts": rtt_sample = |_| Refuse(Ambiguous);
        "time-rto", "two transmissions count": rtt_sample = |transmissions| ruled(transmissions <= 2, Measure, Ambiguous);
        "time-rto", "only repeats count": rtt_sample = |transmissions| ruled(transmissions > 1, Measure, Ambiguous);
        "time-rto", "twice the mean": timeout = |smoothed, _, granularity| smoothed + smoothed.max(granularity);
        "time-rto", "twice the variation": timeout = |smoothed, variation, granularity| smoothed + granularity.max(variation * 2);
        "time-rto", "no granularity": timeout = |smoothed, variation, _| smoothed + variation * 4;
        "time-rto", "the granularity on top": timeout = |smoothed, variation, granularity| smoothed + variation * 4 + granularity;
        "time-rto", "the margin alone": timeout = |_, variation, granularity| granularity.max(variation * 4);
        "time-rto", "the granularity as a lower limit of all": timeout = |smoothed, variation, granularity| granularity.max(smoothed + variation * 4);

        "time-receive", "takes the next one alone": admits = |next, last, seq| match seq {
            seq if seq < next => Refuse(Duplicate),
            seq if seq > last || seq > next => Refuse(OutOfWindow),
            _ => Allow(InOrder),
        };
        "time-receive", "one too many": admits = |next, last, seq| match seq {
            seq if seq < next => Refuse(Duplicate),
            seq if seq > last + 1 => Refuse(OutOfWindow),
            seq if seq == next => Allow(InOrder),
            _ => Allow(Early),
        };
        "time-receive", "one too few": admits = |next, last, seq| match seq {
            seq if seq < next => Refuse(Duplicate),
            seq if seq >= last => Refuse(OutOfWindow),
            seq if seq == next => Allow(InOrder),
            _ => Allow(Early),
        };
        "time-receive", "takes repeats": admits = |next, last, seq| match seq {
            seq if seq > last => Refuse(OutOfWindow),
            seq if seq <= next => Allow(InOrder),
            _ => Allow(Early),
        };
        "time-receive", "an early one is in order": admits = |next, last, seq| match seq {
            seq if seq < next => Refuse(Duplicate),
            seq if seq > last => Refuse(OutOfWindow),
            _ => Allow(InOrder),
        };
        "time-receive", "acknowledges the largest": acknowledges = |_, seen| seen;
        "time-receive", "acknowledges the next": acknowledges = |held, _| held + 1;
        "time-receive", "always makes room": on_overflow = |_, _| Allow(Early);
        "time-receive", "always ahead": unwrapped = |last, named, numbers| last + (named % numbers + numbers - last % numbers) % numbers;
        "time-receive", "never wraps": unwrapped = |_, named, _| named;
        "time-receive", "begins at 1": begins_after = |_| 1;
        "time-receive", "forgets after a minute": may_forget_peer = |idle| idle > Duration::from_secs(60);

        "time-end-to-end", "always processed": done = |_, _, _, processed| processed;
        "time-end-to-end", "always acknowledged": done = |_, _, acked, _| acked;
        "time-end-to-end", "nothing is ever done": done = |_, _, _, _| 0;
        "time-end-to-end", "one too many": may_send = |sent, processed, window| ruled(sent <= processed + window, SendSegment, Queue);
        "time-end-to-end", "one too few": may_send = |sent, processed, window| ruled(sent + 1 < processed + window, SendSegment, Queue);
        "time-end-to-end", "no window": may_send = |_, _, _| Allow(SendSegment);
        "time-end-to-end", "one at a time": may_send = |sent, processed, _| ruled(sent <= processed, SendSegment, Queue);
        "time-end-to-end", "a plain sum": checksum = |_, bytes| bytes.iter().map(|byte| u32::from(*byte)).sum();
        "time-end-to-end", "no checksum": checksum = |_, _| 0;
        "time-end-to-end", "always the stronger one": checksum = |_, bytes| Checksum::Crc32.of(bytes);
        "time-end-to-end", "a sum without its complement": checksum = |kind, bytes| match kind {
            Checksum::Internet => 0xffff - kind.of(bytes),
            Checksum::Crc32 => kind.of(bytes),
        };
        "time-end-to-end", "everything is intact": intact = |_, _| Allow(InOrder);
        "time-end-to-end", "nothing is intact": intact = |_, _| Refuse(Corrupted);
        "time-end-to-end", "the lower half is compared": intact = |computed, carried| ruled(computed & 0xffff == carried & 0xffff, InOrder, Corrupted);
    }
}

/// Wrong answers about TrueTime.
pub mod true_time {
    use TrueTimeRule::*;
    use quorate_exercises::prelude::*;
    use quorate_exercises::true_time::*;

    use super::ruled;

    mistakes! {
        "time-interval", "half the round trip": on_arrival = |told, round_trip, drift| told.delayed(drift.longest(round_trip) / 2);
        "time-interval", "the round trip without drift": on_arrival = |told, round_trip, _| told.delayed(round_trip);
        "time-interval", "both ends are later": on_arrival = |told, round_trip, drift| told.aged(round_trip, drift);
        "time-interval", "a wider interval in place": aged = |reading, passed, _| Interval::new(reading.earliest, reading.latest + passed);
        "time-interval", "the latest end alone": aged = |reading, passed, drift| Interval::new(reading.earliest + passed, reading.latest + drift.longest(passed));
        "time-interval", "the earliest end alone": aged = |reading, passed, drift| Interval::new(reading.earliest + drift.shortest(passed), reading.latest + passed);
        "time-interval", "to first order": aged = |reading, passed, drift| {
            let part = Duration::from_nanos((passed.as_nanos() * u128::from(drift.get()) / 1_000_000) as u64);
            Interval::new(reading.earliest + passed.saturating_sub(part), reading.latest + passed + part)
        };
        "time-interval", "the same interval": aged = |reading, _, _| reading;
        "time-interval", "the measured one must be within": keeps_bound = |predicted, measured| {
            ruled(predicted.earliest <= measured.earliest && measured.latest <= predicted.latest, Synchronise, LeaveCluster)
        };
        "time-interval", "touching is not meeting": keeps_bound = |predicted, measured| {
            ruled(predicted.earliest < measured.latest && measured.earliest < predicted.latest, Synchronise, LeaveCluster)
        };
        "time-interval", "only slow clocks leave": keeps_bound = |predicted, measured| ruled(predicted.latest >= measured.earliest, Synchronise, LeaveCluster);
        "time-interval", "the limit itself is too much": serves = |error, max_error| ruled(error < max_error, ReadTime, ErrorTooLarge);
        "time-interval", "twice the limit": serves = |error, max_error| ruled(error <= max_error * 2, ReadTime, ErrorTooLarge);
        "time-interval", "it never serves": serves = |_, _| Refuse(ErrorTooLarge);

        "time-masters", "one answer is enough": enough = |answers, _| ruled(answers > 0, Synchronise, AwaitAnswers);
        "time-masters", "twice the liars are enough": enough = |answers, faulty| ruled(answers >= 2 * faulty, Synchronise, AwaitAnswers);
        "time-masters", "three times the liars": enough = |answers, faulty| ruled(answers > 3 * faulty, Synchronise, AwaitAnswers);
        "time-masters", "all agree": agreeing = |answers, _| answers;
        "time-masters", "more than half agree": agreeing = |answers, _| answers / 2 + 1;
        "time-masters", "one more than the liars": agreeing = |_, faulty| faulty + 1;
        "time-masters", "around all of them": trusted = |_, answers, _| {
            let earliest = answers.iter().map(|answer| answer.earliest).min()?;
            Some(Interval::new(earliest, answers.iter().map(|answer| answer.latest).max()?))
        };
        "time-masters", "the narrowest one": trusted = |_, answers, _| answers.iter().copied().min_by_key(|answer| answer.width());
        "time-masters", "the one in the middle": trusted = |_, answers, _| {
            let mut sorted = answers.to_vec();
            sorted.sort_unstable_by_key(|answer| answer.middle());
            sorted.get(answers.len() / 2).copied()
        };
        "time-masters", "no reading": trusted = |_, _, _| None;

        "time-commit-wait", "the middle": stamp = |now, last| now.middle().max(last.map_or(Time::ZERO, |last| last + Duration::from_nanos(1)));
        "time-commit-wait", "earlier stamps are forgotten": stamp = |now, _| now.latest;
        "time-commit-wait", "the same stamp again": stamp = |now, last| now.latest.max(last.unwrap_or_default());
        "time-commit-wait", "the stamp before": stamp = |now, last| last.unwrap_or(now.latest);
        "time-commit-wait", "the stamp is enough": commit_wait = |now, stamp| ruled(now.earliest >= stamp, Commit, CommitWait);
        "time-commit-wait", "the latest time decides": commit_wait = |now, stamp| ruled(now.latest > stamp, Commit, CommitWait);
        "time-commit-wait", "the middle decides": commit_wait = |now, stamp| ruled(now.middle() > stamp, Commit, CommitWait);
        "time-commit-wait", "it never ends": commit_wait = |_, _| Refuse(CommitWait);
        "time-commit-wait", "a second too long": commit_wait = |now, stamp| ruled(now.earliest > stamp + Duration::from_secs(1), Commit, CommitWait);
    }
}

/// Wrong answers about Snowflake ids.
pub mod snowflake {
    use SnowflakeRule::*;
    use quorate_exercises::prelude::*;
    use quorate_exercises::snowflake::*;
    // Snowflake's struct, and not the rule of the same name.
    use quorate_exercises::snowflake::Lease;

    use super::ruled;

    mistakes! {
        "time-ids", "the last sequence is left out": next = |last, tick, last_sequence| BY_THE_BOOK.next(last, tick, last_sequence.saturating_sub(1));
        "time-ids", "one sequence too many": next = |last, tick, last_sequence| BY_THE_BOOK.next(last, tick, last_sequence + 1);
        "time-ids", "it goes on in the last tick": next = |last, tick, last_sequence| {
            BY_THE_BOOK.next(last, last.map_or(tick, |last| tick.max(last.tick)), last_sequence)
        };
        "time-ids", "the sequence is never reset": next = |last, tick, last_sequence| match BY_THE_BOOK.next(last, tick, last_sequence) {
            Next::Take { rule, .. } => {
                let sequence = last.map_or(0, |last| (last.sequence + 1) % (last_sequence + 1));
                Next::Take { slot: Slot { tick, sequence }, rule }
            }
            other => other,
        };
        "time-ids", "the wait never ends": after_wait = |_, _| None;
        "time-ids", "the wait ends in the same tick": after_wait = |full, tick| (tick >= full).then_some(tick);
        "time-ids", "the next tick, whatever the clock says": after_wait = |full, tick| (tick > full).then_some(full + 1);
        "time-ids", "it always waits": on_clock_back = |_, _| Allow(WaitForClock);
        "time-ids", "it never waits": on_clock_back = |_, _| Refuse(ClockBack);
        "time-ids", "the limit is not waited for": on_clock_back = |ticks, backwards| match backwards {
            Backwards::Wait { ticks: most } => ruled(ticks < most, WaitForClock, ClockBack),
            Backwards::Refuse => Refuse(ClockBack),
        };
        "time-ids", "nothing is reserved": reserves = |_, _, _| None;
        "time-ids", "reserved once": reserves = |reserved, tick, ahead| reserved.is_none().then(|| tick + ahead);
        "time-ids", "reserved too late": reserves = |reserved, tick, ahead| reserved.is_none_or(|reserved| tick > reserved + 1).then(|| tick.saturating_add(ahead));
        "time-ids", "written each time": reserves = |_, tick, ahead| Some(tick.saturating_add(ahead));
        "time-ids", "only the tick itself": reserves = |reserved, tick, _| (reserved < Some(tick)).then_some(tick);
        "time-ids", "the last tick again": resumes = |reserved, _| reserved.map(|tick| Slot { tick, sequence: 0 });
        "time-ids", "the tick before": resumes = |reserved, last_sequence| {
            reserved.map(|tick| Slot { tick: tick.saturating_sub(1), sequence: last_sequence })
        };

        "time-worker", "its own node's number": own_lease = |me| Some(Lease { worker: me.0 % 2, above: 0, through: u64::MAX });
        "time-worker", "the end is not covered": covers = |lease, tick| match lease {
            Some(lease) if tick <= lease.above => Refuse(BeforeLease),
            Some(lease) => ruled(tick < lease.through, Hold, NoLease),
            None => Refuse(NoLease),
        };
        "time-worker", "the former end is covered": covers = |lease, tick| match lease {
            Some(lease) if tick < lease.above => Refuse(BeforeLease),
            Some(lease) => ruled(tick <= lease.through, Hold, NoLease),
            None => Refuse(NoLease),
        };
        "time-worker", "no tick is covered": covers = |_, _| Refuse(NoLease);
        "time-worker", "every tick is too early": covers = |_, _| Refuse(BeforeLease);
        "time-worker", "too early looks like too late": covers = |lease, tick| match lease {
            Some(lease) => ruled(lease.above < tick && tick <= lease.through, Hold, NoLease),
            None => Refuse(NoLease),
        };
        "time-worker", "one tick too early": fence = |through| through.saturating_sub(1);
        "time-worker", "half of it": fence = |through| through / 2;
        "time-worker", "a lease is shortened": ends = |_, tick, lasts| tick.saturating_add(lasts);
        "time-worker", "a lease is never extended": ends = |through, tick, lasts| through.unwrap_or(tick.saturating_add(lasts));
        "time-worker", "a lease is as long again": ends = |through, tick, lasts| through.unwrap_or(tick).saturating_add(lasts);
        "time-worker", "a larger number ends the tick": ends_tick = |held, next| next > held;
        "time-worker", "every number ends the tick": ends_tick = |_, _| true;
    }
}
