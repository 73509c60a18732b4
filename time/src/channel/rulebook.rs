//! The decisions of a reliable channel.

use quorate_protocol::Duration;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::checksum::Checksum;
use super::config::Answer;
use super::message::Connection;
use super::rules::ChannelRule;
use crate::rto;

quorate_protocol::rulebook! {
    /// Rulebook of a reliable channel. [`BY_THE_BOOK`] is the RFCs.
    pub struct Rulebook;

    /// RFC 1071 §1: the checksum of a segment, which both sides compute.
    fn checksum(kind: Checksum, bytes: &[u8]) -> u32 {
        kind.of(bytes)
    }

    /// RFC 1071 §1: whether the bytes of a segment are those that were sent.
    fn intact(computed: u32, carried: u32) -> Ruling<ChannelRule> {
        if computed == carried { Allow(ChannelRule::InOrder) } else { Refuse(ChannelRule::Corrupted) }
    }

    /// RFC 9293 §3.5.2: whether a message belongs to the connection that is open.
    fn belongs(open: Option<Connection>, named: Connection) -> Ruling<ChannelRule> {
        if open == Some(named) { Allow(ChannelRule::Establish) } else { Refuse(ChannelRule::OtherConnection) }
    }

    /// RFC 9293 §3.4.1: the last number that counts as received when a connection begins, if
    /// `former` was that of the one before.
    fn begins_after(former: u64) -> u64 {
        _ = former;
        0
    }

    /// RFC 9293 §3.8.4: whether the receiver may forget how far it is, because nothing has arrived
    /// for so long. Silence ends no connection.
    fn may_forget_peer(idle: Duration) -> bool {
        _ = idle;
        false
    }

    /// RFC 9293 §3.4: the number that is meant by `named`, which begins at 0 again after so many
    /// `numbers`. It is the nearest one to the `last` that is known.
    fn unwrapped(last: u64, named: u64, numbers: u64) -> u64 {
        let (base, named) = (last % numbers, named % numbers);
        let ahead = if named >= base { named - base } else { numbers - (base - named) };
        if ahead <= (numbers - 1) / 2 { last.saturating_add(ahead) } else { last.saturating_sub(numbers - ahead) }
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

    /// RFC 9293 §3.10.7.4: whether a segment for which there is no room takes the place of the
    /// oldest one that the application has not taken.
    fn on_overflow(next: u64, seq: u64) -> Ruling<ChannelRule> {
        _ = (next, seq);
        Refuse(ChannelRule::OutOfWindow)
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

    /// Saltzer 1984 §2: the last segment whose client can be told, of those that are sent, that are
    /// acknowledged, and that the application has processed.
    fn done(answer: Answer, sent: u64, acked: u64, processed: u64) -> u64 {
        _ = sent;
        match answer {
            Answer::Acknowledged => acked,
            Answer::Processed => processed,
        }
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
        assert_eq!(BY_THE_BOOK.checksum(Checksum::Crc32, b"123456789"), 0xcbf4_3926);
        assert!(BY_THE_BOOK.intact(7, 7).allows());
        assert_eq!(BY_THE_BOOK.intact(7, 8), Refuse(ChannelRule::Corrupted));
    }

    #[test]
    fn numbers_that_begin_again_mean_the_nearest_one() {
        let unwrapped = |last, named| BY_THE_BOOK.unwrapped(last, named, 8);
        assert_eq!([0, 1, 7].map(|named| unwrapped(7, named)), [8, 9, 7], "beyond the wrap");
        assert_eq!([7, 6, 4].map(|named| unwrapped(8, named)), [7, 6, 4], "before it, by no more than half");
        assert_eq!(unwrapped(8, 3), 11);
        assert_eq!(unwrapped(0, 7), 0, "there is none before the first");
        assert_eq!(BY_THE_BOOK.unwrapped(7, 3, 7), 10, "the last segment of a window of three, of seven numbers");
        assert_eq!(BY_THE_BOOK.unwrapped(7, 4, 7), 4, "the first of the window before it");
        assert_eq!(unwrapped(u64::MAX, 1), u64::MAX);
        assert_eq!(BY_THE_BOOK.unwrapped(3, 9, u64::MAX), 9);
    }

    #[test]
    fn clients_are_told_of_the_part_that_they_asked_for() {
        assert_eq!(BY_THE_BOOK.done(Answer::Acknowledged, 3, 2, 1), 2);
        assert_eq!(BY_THE_BOOK.done(Answer::Processed, 3, 2, 1), 1);
    }

    #[test]
    fn silence_and_a_new_connection_leave_nothing_behind() {
        assert!(!BY_THE_BOOK.may_forget_peer(Duration::MAX));
        assert_eq!(BY_THE_BOOK.begins_after(7), 0);
        assert_eq!(BY_THE_BOOK.on_overflow(7, 7), Refuse(ChannelRule::OutOfWindow));
    }

    #[test]
    fn only_segments_that_were_sent_once_are_measured() {
        assert!(BY_THE_BOOK.rtt_sample(1).allows() && !BY_THE_BOOK.rtt_sample(2).allows());
    }
}
