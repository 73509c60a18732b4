//! Answers to clients, room for more, and the check that the right bytes have arrived.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

/// Saltzer 1984 §2.
fn done(answer: Answer, sent: u64, acked: u64, processed: u64) -> u64 {
    _ = sent;
    match answer {
        Answer::Acknowledged => acked,
        Answer::Processed => processed,
    }
}

/// RFC 9293 §3.8.6.
fn may_send(sent: u64, processed: u64, window: u64) -> Ruling<ChannelRule> {
    if sent.saturating_sub(processed) < window { Allow(ChannelRule::SendSegment) } else { Refuse(ChannelRule::Queue) }
}

/// RFC 1071 §1.
fn checksum(kind: Checksum, bytes: &[u8]) -> u32 {
    match kind {
        Checksum::Internet => {
            let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
            let sum = words.fold(0, |sum: u32, word| (sum + word) % 0x1_0000 + (sum + word) / 0x1_0000);
            0xffff - sum
        }
        Checksum::Crc32 => {
            let mut rest = u32::MAX;
            for byte in bytes {
                rest ^= u32::from(*byte);
                for _ in 0..8 {
                    let is_odd = rest % 2 == 1;
                    rest >>= 1;
                    if is_odd {
                        rest ^= 0xedb8_8320;
                    }
                }
            }
            !rest
        }
    }
}

/// RFC 1071 §1.
fn intact(computed: u32, carried: u32) -> Ruling<ChannelRule> {
    if computed == carried { Allow(ChannelRule::InOrder) } else { Refuse(ChannelRule::Corrupted) }
}

hand_in!("time-end-to-end", Rulebook { done, may_send, checksum, intact });
