//! Deduplication of release requests: a late duplicate must not release a later grant (RIFL).

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, RequestId};

use crate::id::{LeaseId, Token};
use crate::primary::Reply;
use crate::rulebook::{RequestLookup, Rulebook};
use crate::rules::RecordRule;

/// The newest release of each client since the start, with the grant that was released, if any.
///
/// It is kept in memory only. After a restart a late duplicate releases a later grant, which ends a
/// lease early, as the end of its term does anyway.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Releases(BTreeMap<ClientId, (u64, Option<Token>)>);

impl Releases {
    /// Rule and reply for a request that was seen before; `None` for a new one.
    pub(crate) fn repeated(&self, rules: &Rulebook, ticket: RequestId) -> Option<(RecordRule, Option<Reply>)> {
        let (number, given) = self.0.get(&ticket.client).copied().unzip();
        match rules.known(number, ticket.number) {
            RequestLookup::New => None,
            RequestLookup::Done => {
                let not_held = Reply::NotHeld { lease: LeaseId::Primary };
                let reply = given.flatten().map_or(not_held, |token| Reply::Released { token });
                Some((RecordRule::AnswerFromRecord, Some(reply)))
            }
            RequestLookup::Overtaken => Some((RecordRule::Overtaken, None)),
        }
    }

    /// Records the result of a request.
    pub(crate) fn note(&mut self, ticket: RequestId, given: Option<Token>) {
        self.0.insert(ticket.client, (ticket.number, given));
    }
}
