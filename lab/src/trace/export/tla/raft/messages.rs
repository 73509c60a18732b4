//! Message table of a Raft run: the position of each message, and its last delivery.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;

use super::{Translator, position};
use crate::trace::export::tla::TlaError;
use crate::trace::export::tla::reading::node;
use crate::trace::export::tla::text::Expr;
use crate::trace::{EventId, Payload};

/// Number of dead messages at which they are forgotten together.
const FORGOTTEN_AT_ONCE: usize = 16;

#[derive(Default)]
pub(super) struct Messages {
    places: BTreeMap<Expr, u64>,
    table: Vec<Expr>,
    /// Event of the last delivery of each message.
    last_arrivals: BTreeMap<Expr, usize>,
    /// Messages that were sent and not forgotten, with the event of their last use.
    standing: BTreeMap<u64, usize>,
}

impl Messages {
    pub(super) fn arrives(&mut self, content: Expr, index: usize) {
        self.last_arrivals.insert(content, index);
    }

    /// Returns the position of a message in the table, from 1.
    pub(super) fn place(&mut self, content: Expr) -> u64 {
        let next = self.table.len() as u64 + 1;
        *self.places.entry(content).or_insert_with_key(|content| {
            self.table.push(content.clone());
            next
        })
    }

    /// Records a send.
    pub(super) fn leaves(&mut self, content: Expr, index: usize) -> u64 {
        let last = self.last_arrivals.get(&content).copied().unwrap_or(0).max(index);
        let place = self.place(content);
        self.standing.insert(place, last);
        place
    }

    /// Takes the messages that will not be delivered after an event, once there are enough of them.
    pub(super) fn take_dead(&mut self, index: usize) -> Vec<u64> {
        let dead: Vec<u64> = self.standing.iter().filter(|(_, last)| **last < index).map(|(place, _)| *place).collect();
        if dead.len() < FORGOTTEN_AT_ONCE {
            return Vec::new();
        }
        self.standing.retain(|_, last| *last >= index);
        dead
    }

    pub(super) fn into_table(self) -> Vec<Expr> {
        self.table
    }
}

impl Translator<'_> {
    /// Content of a message in the specification; `None` if it has none there, as for a pre-vote.
    pub(super) fn content(
        &mut self,
        event: EventId,
        from: NodeId,
        to: NodeId,
        payload: &Payload,
    ) -> Result<Option<Expr>, TlaError> {
        let place = self.reading.at(event);
        let body = &payload.body;
        let kind = match payload.name.as_str() {
            "RequestVote" => "RequestVote",
            "VoteGranted" => "Vote",
            "AppendEntries" => "Append",
            "Appended" => "Ack",
            "InstallSnapshot" => "Snapshot",
            "VoteRefused" | "PreVoteRefused" | "AppendRefused" | "ChunkStored" | "TimeoutNow" => "Word",
            "RequestPreVote" | "PreVoteGranted" => return Ok(None),
            _ => return Err(place.unreadable("a message of Raft")),
        };
        let mut fields = vec![("type", Expr::Text(kind))];
        if kind != "Word" {
            fields.push(("from", node(from)));
        }
        if matches!(kind, "Vote" | "Ack") {
            fields.push(("to", node(to)));
        }
        fields.push(("term", Expr::Number(place.number(body, "term")?)));
        match kind {
            "RequestVote" => fields.push(("last", position(place, &body["last_log"])?)),
            "Append" => {
                fields.push(("previous", position(place, &body["previous"])?));
                let commit = Expr::Number(place.number(body, "commit")?);
                fields.push(("entries", Expr::Tuple(self.entries(event, &body["entries"])?)));
                fields.push(("commit", commit));
            }
            "Ack" => fields.push(("matched", Expr::Number(place.number(body, "matched")?))),
            "Snapshot" => fields.push(("last", position(place, &body["last"])?)),
            _ => {}
        }
        Ok(Some(Expr::Record(fields)))
    }
}
