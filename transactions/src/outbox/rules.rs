//! Rules of the local message table, by the name that traces cite.
//!
//! The sources, by the names used here:
//! * *Gray 1978*, Jim Gray, *Notes on Data Base Operating Systems*: §5, recoverable messages.
//! * *Pritchett 2008*, Dan Pritchett, *BASE: An Acid Alternative*: the message table beside the
//!   business data, and the table of updates that were applied.
//! * *Helland 2007*, Pat Helland, *Life beyond Distributed Transactions*: §5, at-least-once
//!   messages and idempotent receivers.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of the local message table.
    pub enum OutboxRule {
        Place: "Pritchett 2008 §2; Gray 1978 §5", "business row and message are written in one local transaction";
        AnswerFromRecord: "RIFL §3", "a request that was carried out is answered again, from the row that it wrote";
        Overtaken: "RIFL §3", "a client that asks for more is done with what it asked for before, so nothing older is carried out";
        Forward: "Pritchett 2008 §2", "what is in the message table is forwarded, again and again, until the broker confirms it";
        Delete: "Pritchett 2008 §2", "a confirmed message leaves the table";
        LateConfirmation: "Helland 2007 §5", "a confirmation that comes again changes nothing";
        Enqueue: "Gray 1978 §5", "the broker writes a message to disk, and then confirms it";
        QueuedAlready: "Helland 2007 §5", "a message that is in the queue is confirmed again, and not queued again";
        DeliverAgain: "Helland 2007 §5", "what is not acknowledged is delivered again: at least once";
        Remove: "Helland 2007 §5", "an acknowledged message leaves the queue";
        LateAck: "Helland 2007 §5", "an acknowledgement that comes again changes nothing";
        Receive: "Helland 2007 §5", "a message is worked on first and acknowledged afterwards";
        AtWork: "Helland 2007 §5", "a message that is being worked on is not begun again";
        Handle: "Pritchett 2008 §2; Helland 2007 §5", "the change and the message's id are written in one local transaction";
        KnownId: "Helland 2007 §5", "a message whose id is known was handled: it is acknowledged, and not handled again";
        Recall: "Gray 1978 §5", "after a restart a node goes on with what is in its tables";
        NotMyRole: "Pritchett 2008 §2", "sender, broker and receiver are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = OutboxRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), OutboxRule::ALL.len());
        for rule in OutboxRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
