//! A lease table on Raft as its clients see it: rows that only go on.

use quorate_lab::linearizability::Model;
use quorate_lease::replicated::{Command, RaftLease, Reply, Row};
use quorate_lease::{Name, Token};

use crate::experiments::contract::Contract;

/// The table: who asks is told a row that is no older than any that was told before; who gives
/// back, gives a grant back once.
///
/// Clients see holders, which ask the table for grants and renewals of their own accord, as does
/// the leader for expiries. So between two answers a row may have gone on by itself, but never
/// back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TableAnswers;

impl Contract<RaftLease> for TableAnswers {
    type Object = Rows;

    fn object() -> Rows {
        Rows
    }

    fn operation(command: &Command) -> Option<TableOp> {
        match command {
            Command::Query { lease } => Some(TableOp::Query(lease.clone())),
            Command::Act { lease } => Some(TableOp::Act(lease.clone())),
            Command::Release { lease } => Some(TableOp::Release(lease.clone())),
            // A wish and an order: nothing is promised of when they come true.
            Command::Acquire { .. } | Command::Watch { .. } | Command::TransferLeadership { .. } => None,
        }
    }

    fn returned(_: &Command, reply: &Reply) -> Option<Found> {
        match reply {
            Reply::Row { row } => Some(Found::Row(*row)),
            Reply::Acted { token } | Reply::Released { token } => Some(Found::Grant(*token)),
            Reply::Trying | Reply::NotHeld | Reply::NotMyRole | Reply::Raft(_) => None,
        }
    }

    fn may_differ(op: &TableOp, _: &Found, _: &Found) -> bool {
        !matches!(op, TableOp::Release(_))
    }
}

/// Rows of a lease table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rows;

/// What is asked about a lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableOp {
    /// Of a server: its row.
    Query(Name),
    /// Of a holder: to act.
    Act(Name),
    /// Of a holder: to give it back.
    Release(Name),
}

/// What is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// The row of the table; `None` if nobody holds the lease.
    Row(Option<Row>),
    /// The grant of the holder.
    Grant(Token),
}

/// What was seen of a lease last.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Glance {
    token: Token,
    renewals: u64,
    /// Whether that grant is over.
    over: bool,
}

impl Glance {
    /// The same grant, not renewed less often and not after its end, or a later one.
    fn then(self, token: Token, renewals: u64, over: bool) -> Option<Glance> {
        let goes_on = token == self.token && renewals >= self.renewals && !self.over;
        (token > self.token || goes_on).then_some(Glance { token, renewals, over })
    }
}

impl Model for Rows {
    const NAME: &'static str = "lease table";
    type Op = TableOp;
    type Return = Found;
    type State = Glance;
    /// A lease, as the servers tell of it or as its holders do: what these do reaches the table
    /// later.
    type Key = (Name, bool);

    fn key(&self, op: &TableOp) -> (Name, bool) {
        match op {
            TableOp::Query(lease) => (lease.clone(), true),
            TableOp::Act(lease) | TableOp::Release(lease) => (lease.clone(), false),
        }
    }

    fn initial(&self, _: &(Name, bool)) -> Glance {
        Glance { over: true, ..Glance::default() }
    }

    fn apply(&self, seen: &Glance, op: &TableOp, told: Option<&Found>) -> Option<Glance> {
        match (op, told) {
            (_, None) => Some(*seen),
            (_, Some(Found::Row(None))) => Some(Glance { over: true, ..*seen }),
            (_, Some(Found::Row(Some(row)))) => seen.then(row.token, row.renewals, false),
            (_, Some(Found::Grant(token))) => seen.then(*token, 0, matches!(op, TableOp::Release(_))),
        }
    }

    fn only_reads(&self, _: &TableOp, told: Option<&Found>) -> bool {
        told.is_none()
    }

    fn words(&self, op: &TableOp, told: Option<&Found>) -> String {
        let words = match op {
            TableOp::Query(lease) => format!("who holds {lease}"),
            TableOp::Act(lease) => format!("act under {lease}"),
            TableOp::Release(lease) => format!("give {lease} back"),
        };
        match told {
            Some(Found::Row(Some(row))) => format!("{words} → {}, renewed {} times", row.token, row.renewals),
            Some(Found::Grant(token)) => format!("{words} → done under {token}"),
            Some(Found::Row(None)) => format!("{words} → nobody"),
            None => words,
        }
    }

    fn show(&self, seen: &Glance) -> String {
        let Glance { token, renewals, over } = seen;
        format!("{token}, renewed {renewals} times{}", if *over { ", and over" } else { "" })
    }

    fn called(&self, (lease, _): &(Name, bool)) -> Option<String> {
        Some(lease.to_string())
    }
}
