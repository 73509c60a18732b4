//! The receiver of a reliable channel.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

/// RFC 9293 §3.4.
fn unwrapped(last: u64, named: u64, numbers: u64) -> u64 {
    let ahead = (named % numbers + numbers - last % numbers) % numbers;
    if ahead < numbers / 2 { last + ahead } else { last.saturating_sub(numbers - ahead) }
}

/// RFC 9293 §3.10.7.4.
fn admits(next: u64, last: u64, seq: u64) -> Ruling<ChannelRule> {
    match seq {
        seq if seq < next => Refuse(ChannelRule::Duplicate),
        seq if seq > last => Refuse(ChannelRule::OutOfWindow),
        seq if seq == next => Allow(ChannelRule::InOrder),
        _ => Allow(ChannelRule::Early),
    }
}

/// RFC 9293 §3.10.7.4.
fn on_overflow(next: u64, seq: u64) -> Ruling<ChannelRule> {
    _ = (next, seq);
    Refuse(ChannelRule::OutOfWindow)
}

/// RFC 9293 §3.4.
fn acknowledges(held: u64, seen: u64) -> u64 {
    _ = seen;
    held
}

/// RFC 9293 §3.4.1.
fn begins_after(former: u64) -> u64 {
    _ = former;
    0
}

/// RFC 9293 §3.8.4.
fn may_forget_peer(idle: Duration) -> bool {
    _ = idle;
    false
}

hand_in!("time-receive", Rulebook { unwrapped, admits, on_overflow, acknowledges, begins_after, may_forget_peer });
