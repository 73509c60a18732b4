//! Answers to clients, room for more, and the check that the right bytes have arrived. Read
//! `quorate learn show time-end-to-end` first.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

/// Saltzer 1984 §2: the last message whose client may be told.
fn done(answer: Answer, sent: u64, acked: u64, processed: u64) -> u64 {
    unfinished!(answer, sent, acked, processed)
}

/// RFC 9293 §3.8.6: whether another segment may be sent.
fn may_send(sent: u64, processed: u64, window: u64) -> Ruling<ChannelRule> {
    unfinished!(sent, processed, window)
}

/// RFC 1071 §1: the checksum of these bytes.
fn checksum(kind: Checksum, bytes: &[u8]) -> u32 {
    unfinished!(kind, bytes)
}

/// RFC 1071 §1: whether the bytes are those that were sent.
fn intact(computed: u32, carried: u32) -> Ruling<ChannelRule> {
    unfinished!(computed, carried)
}

hand_in!("time-end-to-end", Rulebook { done, may_send, checksum, intact });
