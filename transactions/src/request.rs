//! Requests of clients: which of them begin a transaction, at whatever node takes them, and what is
//! remembered of those that are decided.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{ClientId, Machine, NodeId, Outbox, RequestId};

use crate::command::{Change, Outcome, Reply};
use crate::id::Txn;

/// Newest decided request of a client, with its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Decided {
    /// The client's number of the request.
    pub number: u64,
    /// The transaction.
    pub txn: Txn,
    /// Its outcome.
    pub outcome: Outcome,
}

/// Remembers the decision on a request, unless a newer one of the same client is decided.
pub(crate) fn remember(decided: &mut BTreeMap<ClientId, Decided>, ticket: RequestId, txn: Txn, outcome: Outcome) {
    let RequestId { client, number } = ticket;
    if decided.get(&client).is_none_or(|newest| newest.number <= number) {
        decided.insert(client, Decided { number, txn, outcome });
    }
}

/// A request, with what its node knows about it.
pub(crate) struct Request<'a> {
    pub(crate) ticket: RequestId,
    pub(crate) changes: &'a BTreeMap<NodeId, Change>,
    /// The nodes with rows, and what they are called.
    pub(crate) places: (&'a [NodeId], &'static str),
    /// The transaction that was begun for this request and is under way, and what it is called.
    pub(crate) under_way: (Option<Txn>, &'static str),
    /// The newest decided request of the same client.
    pub(crate) last: Option<Decided>,
}

impl Request<'_> {
    /// Returns the rule by which the request begins a transaction; or refuses or answers it, and
    /// returns `None`.
    pub(crate) fn admit<M: Machine<Reply = Reply>>(
        self,
        begins: Ruling<M::Rule>,
        invalid: M::Rule,
        repeated: M::Rule,
        out: &mut Outbox<M>,
    ) -> Option<M::Rule> {
        let Request { ticket, changes, places: (places, place), under_way: (under_way, called), last } = self;
        let stranger = changes.keys().find(|node| !places.contains(node));
        if stranger.is_some() || changes.is_empty() {
            let mut because = out.because(invalid);
            match stranger {
                Some(node) => because.why(format_args!("{node} is no {place}")),
                None => because.why(format_args!("there is no change")),
            };
            because.reply(ticket, Reply::Invalid);
            return None;
        }
        if let Some(txn) = under_way {
            out.because(repeated).why(format_args!("{ticket} is {called} {txn}"));
            return None;
        }
        match (begins, last) {
            (Refuse(rule), Some(Decided { number, txn, outcome })) if number == ticket.number => {
                out.because(rule).why(format_args!("{txn} was {outcome}")).reply(ticket, Reply::of(outcome, txn));
                None
            }
            (Refuse(rule), _) => {
                out.because(rule).why(format_args!("{ticket} comes too late")).reply(ticket, Reply::Overtaken);
                None
            }
            (Allow(rule), _) => Some(rule),
        }
    }
}
