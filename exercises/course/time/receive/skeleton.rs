//! The receiver of a reliable channel. Read
//! `quorate learn show time-receive` first.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

/// RFC 9293 §3.4: the number that is meant by one of so many `numbers`, which begin at 0 again.
fn unwrapped(last: u64, named: u64, numbers: u64) -> u64 {
    unfinished!(last, named, numbers)
}

/// RFC 9293 §3.10.7.4: whether a segment is taken.
fn admits(next: u64, last: u64, seq: u64) -> Ruling<ChannelRule> {
    unfinished!(next, last, seq)
}

/// RFC 9293 §3.10.7.4: whether a segment without room takes the place of the oldest one.
fn on_overflow(next: u64, seq: u64) -> Ruling<ChannelRule> {
    unfinished!(next, seq)
}

/// RFC 9293 §3.4: the number up to which all is acknowledged.
fn acknowledges(held: u64, seen: u64) -> u64 {
    unfinished!(held, seen)
}

/// RFC 9293 §3.4.1: the last number that counts as received when a connection begins.
fn begins_after(former: u64) -> u64 {
    unfinished!(former)
}

/// RFC 9293 §3.8.4: whether the receiver may forget how far it is after so much silence.
fn may_forget_peer(idle: Duration) -> bool {
    unfinished!(idle)
}

hand_in!("time-receive", Rulebook { unwrapped, admits, on_overflow, acknowledges, begins_after, may_forget_peer });
