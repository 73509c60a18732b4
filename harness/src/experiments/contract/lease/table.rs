//! Client contract of a lease table on Raft: rows that only move forward.

use quorate_lab::linearizability::Model;
use quorate_lease::replicated::{Command, RaftLease, Reply, Row};
use quorate_lease::{Name, Token};

use crate::experiments::contract::Contract;

/// Contract of the table: a query returns a row no older than any returned before, and a grant is
/// released once.
///
/// Holders request grants and renewals on their own, and the leader expires leases on its own;
/// clients see only the holders. So between two answers a row may move forward by itself, but never
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
            // Background orders: the contract says nothing about when they take effect.
            Command::Acquire { .. } | Command::Watch { .. } | Command::TransferLeadership { .. } => None,
        }
    }

    fn returned(_: &Command, reply: &Reply) -> Option<TableReturn> {
        match reply {
            Reply::Row { row } => Some(TableReturn::Row(*row)),
            Reply::Acted { token } | Reply::Released { token } => Some(TableReturn::Grant(*token)),
            Reply::Trying | Reply::NotHeld | Reply::NotMyRole | Reply::Raft(_) => None,
        }
    }

    fn may_differ(op: &TableOp, _: &TableReturn, _: &TableReturn) -> bool {
        !matches!(op, TableOp::Release(_))
    }
}

/// Model: rows of a lease table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rows;

/// Operation on a lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableOp {
    /// Query a server for the row.
    Query(Name),
    /// Ask a holder to act.
    Act(Name),
    /// Ask a holder to release the lease.
    Release(Name),
}

/// Result of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableReturn {
    /// Row of the table; `None` if the lease is not held.
    Row(Option<Row>),
    /// Grant of the holder.
    Grant(Token),
}

/// Latest observation of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Glance {
    token: Token,
    renewals: u64,
    /// Whether that grant is over.
    over: bool,
}

impl Glance {
    /// Accepts the same grant with no fewer renewals and not after its end, or a later grant.
    fn then(self, token: Token, renewals: u64, over: bool) -> Option<Glance> {
        let goes_on = token == self.token && renewals >= self.renewals && !self.over;
        (token > self.token || goes_on).then_some(Glance { token, renewals, over })
    }
}

impl Model for Rows {
    const NAME: &'static str = "lease table";
    type Op = TableOp;
    type Return = TableReturn;
    type State = Glance;
    /// A lease, as reported by servers (`true`) or by holders: a holder's changes reach the table
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

    fn apply(&self, seen: &Glance, op: &TableOp, returned: Option<&TableReturn>) -> Option<Glance> {
        match (op, returned) {
            (_, None) => Some(*seen),
            (_, Some(TableReturn::Row(None))) => Some(Glance { over: true, ..*seen }),
            (_, Some(TableReturn::Row(Some(row)))) => seen.then(row.token, row.renewals, false),
            (_, Some(TableReturn::Grant(token))) => seen.then(*token, 0, matches!(op, TableOp::Release(_))),
        }
    }

    fn only_reads(&self, _: &TableOp, returned: Option<&TableReturn>) -> bool {
        returned.is_none()
    }

    fn words(&self, op: &TableOp, returned: Option<&TableReturn>) -> String {
        let words = match op {
            TableOp::Query(lease) => format!("query the holder of {lease}"),
            TableOp::Act(lease) => format!("act under {lease}"),
            TableOp::Release(lease) => format!("release {lease}"),
        };
        match returned {
            Some(TableReturn::Row(Some(row))) => format!("{words} → {}, renewed {} times", row.token, row.renewals),
            Some(TableReturn::Grant(token)) => format!("{words} → done under {token}"),
            Some(TableReturn::Row(None)) => format!("{words} → none"),
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
