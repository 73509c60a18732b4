//! The rules of a reliable channel, with their sources.
//!
//! * *RFC 9293*, Wesley Eddy (editor), *Transmission Control Protocol*, 2022.
//! * *RFC 6298*, Vern Paxson and others, *Computing TCP's Retransmission Timer*, 2011, after Van
//!   Jacobson and Michael Karels, *Congestion Avoidance and Control*, 1988.
//! * *Karn and Partridge 1987*, *Improving Round-Trip Time Estimates in Reliable Transport
//!   Protocols*; RFC 6298 §3 is their algorithm.
//! * *RFC 1071*, Robert Braden and others, *Computing the Internet Checksum*, 1988.
//! * *Saltzer 1984*, Jerome Saltzer, David Reed and David Clark, *End-to-End Arguments in System
//!   Design*.
//! * *Birrell and Nelson 1984*, Andrew Birrell and Bruce Jay Nelson, *Implementing Remote Procedure
//!   Calls*.

quorate_protocol::rules! {
    /// The rules of a reliable channel.
    pub enum ChannelRule {
        NewLife: "RFC 9293 §3.4.1", "a start is counted on disk, so that its connections have new names";
        Open: "RFC 9293 §3.5", "the sender asks for a connection until it is open";
        Accept: "RFC 9293 §3.5", "the receiver opens a connection for a sender whose life is new";
        AcceptAgain: "RFC 9293 §3.5", "a repeated request for the connection that is open is answered again";
        OldLife: "RFC 9293 §3.5", "a request of a former life, or an answer to one, opens nothing";
        Establish: "RFC 9293 §3.5", "both sides know each other's lives: segments may be sent";
        Queue: "RFC 9293 §3.8.6", "no more than a window is under way: the rest waits";
        SendSegment: "RFC 9293 §3.4", "each segment has the next number, and is kept until it is acknowledged";
        KnownRequest: "RFC 9293 §3.4", "a request that was handed over before is not sent as a new segment";
        Overtaken: "Birrell and Nelson 1984 §3.2", "a request older than one of its client that is answered is not sent: nobody waits for it";
        Resend: "RFC 6298 §5.4", "the timeout has passed: the earliest segment without an acknowledgement is sent again";
        BackOff: "RFC 6298 §5.5", "after a timeout the next one is twice as long";
        Corrupted: "RFC 1071 §1", "a segment whose checksum is wrong is dropped";
        OtherConnection: "RFC 9293 §3.5.2", "a segment of another connection is refused, and its sender told";
        InOrder: "RFC 9293 §3.4", "the segment is the next one";
        Early: "RFC 9293 §3.10.7.4", "the segment is within the window: it is held back until the gap before it is filled";
        Duplicate: "RFC 9293 §3.10.7.4", "the segment was received before: it is dropped, and acknowledged again";
        OutOfWindow: "RFC 9293 §3.10.7.4", "the segment is beyond the window: there is no room for it";
        AckCumulative: "RFC 9293 §3.4", "an acknowledgement covers all that is held without a gap";
        Process: "Saltzer 1984 §2", "the application takes the next segment, and only now it is processed";
        AckProcessed: "Saltzer 1984 §2", "the application's own answer says that it is processed";
        Probe: "Saltzer 1984 §2", "all is acknowledged, and not all is processed: ask";
        CountAck: "RFC 9293 §3.4", "what is acknowledged is not sent again";
        OldAck: "RFC 9293 §3.10.7.4", "an acknowledgement that says nothing new, or of another connection";
        Measure: "RFC 6298 §2", "a segment that was sent once is acknowledged: its round trip is a sample";
        Ambiguous: "RFC 6298 §3", "a segment that was sent again is acknowledged: nobody knows which one, so it is no sample";
        ConnectionLost: "RFC 9293 §3.5.2", "the receiver does not know the connection: what was under way is in doubt";
        TellClient: "Saltzer 1984 §2", "the client hears what the channel knows";
        WrongRole: "RFC 9293 §3.4", "one side sends, and the other receives";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = ChannelRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), ChannelRule::ALL.len());
        for rule in ChannelRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
