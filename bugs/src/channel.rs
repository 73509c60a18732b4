//! Bugs of a reliable channel: a sender or a receiver that takes less than the truth for it.

use quorate_protocol::Duration;
use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_time::channel::{Answer, BY_THE_BOOK, ChannelRule, Checksum, Rulebook, internet};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Scenario, Search};

bugs! {
    /// Rulebook of a reliable channel: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    FORGETS_WHAT_IT_RECEIVED = "forgets-what-it-received" of Channel {
        summary: "The receiver drops what it knows of a connection on which nothing has arrived for a second.",
        story: "One message is processed, and the link is silent for a while. The next message has the number 2, and the receiver waits for 1, which the sender has discarded long ago. The channel is dead, although nothing was lost.",
        source: "akka #23130",
        breaks: Progress("a message after a silence is processed"),
        needs: "2 messages and a silence between them",
        discovery: Scenario { scenario: "silence-ends-nothing", commands: 5 },
        correct_rule: "InOrder",
        fn may_forget_peer(idle: Duration) -> bool {
            idle > Duration::from_secs(1)
        }
    }

    ONE_COUNTER_FOR_ALL = "one-counter-for-all" of Channel {
        summary: "The receiver counts on from one connection to the next.",
        story: "The sender has sent one message when it restarts. It begins at 1 again, as it must, for it does not know how far it was. The receiver has a message 1 already, throws the new one away, and acknowledges it.",
        source: "akka #20792",
        breaks: Invariant("AckedIsStored"),
        needs: "2 messages and a restart of the sender",
        discovery: Search { steps: 10 },
        correct_rule: "InOrder",
        fn begins_after(former: u64) -> u64 {
            former
        }
    }

    WRAP_LOOKS_OLD = "wrap-looks-old" of Channel {
        summary: "Sequence numbers are compared as whole numbers, although they begin at 0 again.",
        story: "After the largest number comes 0, and 0 is less than all that was received. The receiver takes the message for an old one, drops it, and acknowledges what it has. From then on it drops everything.",
        source: "NintendoClients #14, xrp-wpilib-firmware #42",
        breaks: Progress("the message after the largest number is processed"),
        needs: "as many messages as there are numbers",
        discovery: Scenario { scenario: "numbers-begin-again", commands: 12 },
        correct_rule: "Early",
        fn unwrapped(last: u64, named: u64, numbers: u64) -> u64 {
            last - last % numbers + named % numbers
        }
    }

    SENT_IS_DELIVERED = "sent-is-delivered" of Channel {
        summary: "A message counts as processed when it is sent.",
        story: "The sender hands a message to the network, and tells the client that it is done. The receiver restarts, or the message is lost, and nobody knows that it was never processed.",
        source: "rsyslog #3929, srslog #30",
        breaks: Invariant("TrueAnswers"),
        needs: "1 message",
        discovery: Search { steps: 3 },
        correct_rule: "SendSegment",
        fn done(_: Answer, sent: u64, _: u64, _: u64) -> u64 {
            sent
        }
    }

    EVICTS_AND_ACKS = "evicts-and-acks" of Channel {
        summary: "A receiver without room throws its oldest message away for the new one, and acknowledges both.",
        story: "The receiver has room for one message, and its application is slow. The second message takes the place of the first, which is acknowledged, so the sender never sends it again.",
        source: "Cotal #807",
        breaks: Invariant("DeliveredIsPrefix"),
        needs: "2 messages and a receiver with room for one",
        discovery: Search { steps: 7 },
        correct_rule: "OutOfWindow",
        fn on_overflow(next: u64, seq: u64) -> Ruling<ChannelRule> {
            if seq == next { Allow(ChannelRule::InOrder) } else { Refuse(ChannelRule::OutOfWindow) }
        }
    }

    RTT_FROM_A_REPEAT = "rtt-from-a-repeat" of Channel {
        summary: "The round trip of a segment that was sent twice is measured from the first time.",
        story: "A segment is lost, and sent again after the timeout. Its acknowledgement answers the second one, but the round trip that is measured has the whole timeout in it. The next timeout is longer, and with each loss it grows.",
        source: "yrpp-spawner #75; nuttx #15118, #19011",
        breaks: Invariant("UnambiguousSamples"),
        needs: "1 message and a loss",
        discovery: Search { steps: 6 },
        correct_rule: "Ambiguous",
        fn rtt_sample(_: u32) -> Ruling<ChannelRule> {
            Allow(ChannelRule::Measure)
        }
    }

    WEAK_CHECKSUM = "weak-checksum" of Channel {
        summary: "Both sides add 16-bit words where a cyclic redundancy check is configured.",
        story: "A sum is the same in whatever order its words are added. On the wire the amount and the account number change places, both sums agree, and the application pays 20 to account 10.",
        source: "Stone and Partridge 2000, When the CRC and TCP checksum disagree",
        breaks: Invariant("DeliveredIsPrefix"),
        needs: "1 message, in which two words change places",
        discovery: Scenario { scenario: "corruption-a-stronger-sum", commands: 4 },
        correct_rule: "Corrupted",
        fn checksum(_: Checksum, bytes: &[u8]) -> u32 {
            u32::from(internet(bytes))
        }
    }
}
