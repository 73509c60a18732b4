//! The decisions of a reliable channel.

use quorate_protocol::Duration;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::checksum::Checksum;
use super::message::Connection;
use super::rules::ChannelRule;
use crate::rto;

quorate_protocol::rulebook! {
    /// Rulebook of a reliable channel. [`BY_THE_BOOK`] is the RFCs.
    pub struct Rulebook;

    /// RFC 1071 §1: whether the bytes of a segment are those that were sent.
    fn intact(kind: Checksum, bytes: &[u8], checksum: u32) -> Ruling<ChannelRule> {
        if kind.of(bytes) == checksum { Allow(ChannelRule::InOrder) } else { Refuse(ChannelRule::Corrupted) }
    }

    /// RFC 9293 §3.5.2: whether a message belongs to the connection that is open.
    fn belongs(open: Option<Connection>, named: Connection) -> Ruling<ChannelRule> {
        if open == Some(named) { Allow(ChannelRule::Establish) } else { Refuse(ChannelRule::OtherConnection) }
    }

    /// RFC 9293 §3.10.7.4: the place of a segment. `next` is the number that is missing, `last` the
    /// last number for which there is room.
    fn admits(next: u64, last: u64, seq: u64) -> Ruling<ChannelRule> {
        if seq < next {
            Refuse(ChannelRule::Duplicate)
        } else if seq > last {
            Refuse(ChannelRule::OutOfWindow)
        } else if seq == next {
            Allow(ChannelRule::InOrder)
        } else {
            Allow(ChannelRule::Early)
        }
    }

    /// RFC 9293 §3.8.6: whether another segment may be sent, after `sent` of which the receiver has
    /// processed so many.
    fn may_send(sent: u64, processed: u64, window: u64) -> Ruling<ChannelRule> {
        let has_room = sent < processed.saturating_add(window);
        if has_room { Allow(ChannelRule::SendSegment) } else { Refuse(ChannelRule::Queue) }
    }

    /// RFC 9293 §3.4: the number up to which the receiver acknowledges: all `held` without a gap,
    /// or `seen`, the largest number that has arrived.
    fn acknowledges(held: u64, seen: u64) -> u64 {
        _ = seen;
        held
    }

    /// RFC 6298 §3 (Karn and Partridge 1987): whether the round trip of a segment that was sent so
    /// often is a sample.
    fn rtt_sample(transmissions: u32) -> Ruling<ChannelRule> {
        if transmissions == 1 { Allow(ChannelRule::Measure) } else { Refuse(ChannelRule::Ambiguous) }
    }

    /// RFC 6298 §2.3 (Jacobson and Karels 1988): the timeout for round trips of this mean and
    /// variation.
    fn timeout(smoothed: Duration, variation: Duration, granularity: Duration) -> Duration {
        rto::timeout(smoothed, variation, granularity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_next_early_repeated_or_beyond() {
        let place = |seq| BY_THE_BOOK.admits(5, 8, seq);
        assert_eq!(place(4), Refuse(ChannelRule::Duplicate));
        assert_eq!(place(5), Allow(ChannelRule::InOrder));
        assert_eq!((place(6), place(8)), (Allow(ChannelRule::Early), Allow(ChannelRule::Early)));
        assert_eq!(place(9), Refuse(ChannelRule::OutOfWindow));
        assert_eq!(BY_THE_BOOK.acknowledges(4, 7), 4);
        assert!(BY_THE_BOOK.may_send(7, 4, 4).allows() && !BY_THE_BOOK.may_send(8, 4, 4).allows());
    }

    #[test]
    fn segments_of_other_connections_and_broken_ones_are_refused() {
        let (one, two) = (Connection { sender: 1, receiver: 1 }, Connection { sender: 2, receiver: 1 });
        assert!(BY_THE_BOOK.belongs(Some(one), one).allows() && !BY_THE_BOOK.belongs(Some(two), one).allows());
        assert!(!BY_THE_BOOK.belongs(None, one).allows());
        assert!(BY_THE_BOOK.intact(Checksum::Crc32, b"123456789", 0xcbf4_3926).allows());
        assert_eq!(BY_THE_BOOK.intact(Checksum::Crc32, b"123456780", 0xcbf4_3926), Refuse(ChannelRule::Corrupted));
    }

    #[test]
    fn only_segments_that_were_sent_once_are_measured() {
        assert!(BY_THE_BOOK.rtt_sample(1).allows() && !BY_THE_BOOK.rtt_sample(2).allows());
    }
}
