//! The acceptor: promises ballots and accepts votes, for all instances of a transaction.

use std::collections::BTreeMap;

use quorate_paxos::Ballot;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox};

use super::disk::{Accepts, Disk, Record};
use super::message::{Fact, Message, Vote, Votes};
use super::node::PaxosCommit;
use crate::id::Txn;

type Cx<'a> = Context<'a, PaxosCommit>;
type Out = Outbox<PaxosCommit>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Acceptor {
    pub(crate) accepts: BTreeMap<Txn, Accepts>,
}

impl Acceptor {
    pub(crate) fn boot(disk: &Disk) -> Self {
        Acceptor { accepts: disk.accepts.clone() }
    }

    /// Phase 2b of ballot 0: handles the vote of a participant, in its own instance.
    pub(crate) fn vote(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, vote: Vote, out: &mut Out) {
        let ballot = Ballot::new(0, from);
        self.accept(cx, cx.config.first_leader(), txn, ballot, Votes::from([(from, vote)]), out);
    }

    /// Phase 1b: handles a new ballot.
    pub(crate) fn new_ballot(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, ballot: Ballot, out: &mut Out) {
        let accepts = self.accepts.entry(txn).or_default();
        match (cx.rules.promises(accepts.promised, ballot), accepts.promised) {
            (Allow(rule), before) => {
                let mut because = out.because(rule);
                because.why(format_args!("{ballot} is asked for, {} votes are accepted", accepts.votes.len()));
                if before != Some(ballot) {
                    accepts.promised = Some(ballot);
                    because.persist(Record::Promised { txn, ballot });
                }
                because.send(from, Message::Promise { txn, ballot, accepted: accepts.votes.clone() });
            }
            (Refuse(rule), Some(promised)) => {
                out.because(rule)
                    .why(format_args!("{promised} is promised, which is above {ballot}"))
                    .send(from, Message::Refused { txn, ballot, promised });
            }
            (Refuse(rule), None) => {
                out.because(rule).why(format_args!("{ballot} is refused"));
            }
        }
    }

    /// Phase 2b: accepts votes in a ballot, and reports them.
    pub(crate) fn accept(
        &mut self,
        cx: &Cx<'_>,
        report_to: NodeId,
        txn: Txn,
        ballot: Ballot,
        votes: Votes,
        out: &mut Out,
    ) {
        let accepts = self.accepts.entry(txn).or_default();
        let is_accepted = |node| accepts.votes.get(node).is_some_and(|vote| vote.ballot == ballot);
        let accepted = votes.keys().all(is_accepted).then_some(ballot);
        match cx.rules.accepts(accepts.promised, accepted, ballot) {
            Allow(rule) => {
                let mut because = out.because(rule);
                because.why(format_args!("{} votes in {ballot}", votes.len()));
                if accepted.is_none() {
                    accepts.accept(ballot, &votes);
                    if cx.rules.writes_accepted() {
                        because.persist(Record::Accepted { txn, ballot, votes: votes.clone() });
                    }
                }
                because
                    .emit(Fact::Accepted { txn, ballot, votes: votes.clone() })
                    .send(report_to, Message::Accepted { txn, ballot, votes });
            }
            Refuse(rule) => {
                let mut because = out.because(rule);
                // A participant learns of it when it asks for the outcome.
                if let Some(promised) = accepts.promised {
                    because.why(format_args!("{promised} is promised, which is above {ballot}"));
                    if ballot.round > 0 {
                        because.send(report_to, Message::Refused { txn, ballot, promised });
                    }
                }
            }
        }
    }
}
