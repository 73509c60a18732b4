//! Lease table: the Raft state machine of replicated leases. It contains no time: expiry is a
//! command like any other.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::NodeId;
use quorate_raft::StateMachine;
use serde::{Deserialize, Serialize};

use crate::id::Token;
use crate::name::Name;

/// A lease that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Row {
    /// The holder.
    pub holder: NodeId,
    /// The grant.
    pub token: Token,
    /// Number of renewals: an expiry names the renewal that it is about.
    pub renewals: u64,
}

/// All leases, their watchers, and the number of grants so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LeaseTable {
    rows: BTreeMap<Name, Row>,
    watchers: BTreeMap<Name, BTreeSet<NodeId>>,
    grants: u64,
    changes: u64,
}

/// Commands that change the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TableCommand {
    /// Grant a lease, if no other node holds it. Its current holder gets it under a new token, as
    /// it must have lost the old one.
    Acquire {
        /// The lease.
        lease: Name,
        /// The node that requests it.
        holder: NodeId,
    },
    /// Renew a grant.
    Renew {
        /// The lease.
        lease: Name,
        /// The grant.
        token: Token,
    },
    /// Release a grant.
    Release {
        /// The lease.
        lease: Name,
        /// The grant.
        token: Token,
    },
    /// Expire a lease: the leader has counted a full term without another renewal.
    Expire {
        /// The lease.
        lease: Name,
        /// The grant.
        token: Token,
        /// The renewal from which the leader counted.
        renewals: u64,
    },
    /// Notify a node when the lease changes hands.
    Watch {
        /// The lease.
        lease: Name,
        /// The node to notify.
        watcher: NodeId,
    },
}

impl TableCommand {
    /// The lease that the command is about.
    pub fn lease(&self) -> &Name {
        match self {
            TableCommand::Acquire { lease, .. }
            | TableCommand::Renew { lease, .. }
            | TableCommand::Release { lease, .. }
            | TableCommand::Expire { lease, .. }
            | TableCommand::Watch { lease, .. } => lease,
        }
    }
}

/// A query of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableQuery {
    /// The lease whose holder is asked for.
    pub lease: Name,
}

/// Reply of the table: the row after the command, which shows whether it took effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableReply {
    /// Current holder and grant of the lease.
    pub row: Option<Row>,
    /// Number of changes of the table up to and including this one.
    pub changes: u64,
}

impl LeaseTable {
    /// Current holder and grant of a lease.
    pub fn row(&self, lease: &Name) -> Option<Row> {
        self.rows.get(lease).copied()
    }

    /// All leases that are held.
    pub fn rows(&self) -> impl Iterator<Item = (&Name, &Row)> {
        self.rows.iter()
    }

    /// The watchers of a lease.
    pub fn watchers(&self, lease: &Name) -> impl Iterator<Item = NodeId> + '_ {
        self.watchers.get(lease).into_iter().flatten().copied()
    }

    /// Number of commands that have changed the table.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Executes a command. Returns whether it took effect.
    fn carry_out(&mut self, command: &TableCommand) -> bool {
        match command {
            TableCommand::Acquire { lease, holder } => {
                let free = self.rows.get(lease).is_none_or(|row| row.holder == *holder);
                if free {
                    self.grants = self.grants.saturating_add(1);
                    let row = Row { holder: *holder, token: Token(self.grants), renewals: 0 };
                    self.rows.insert(lease.clone(), row);
                }
                free
            }
            TableCommand::Renew { lease, token } => match self.rows.get_mut(lease) {
                Some(row) if row.token == *token => {
                    row.renewals = row.renewals.saturating_add(1);
                    true
                }
                _ => false,
            },
            TableCommand::Release { lease, token } => self.remove_if(lease, |row| row.token == *token),
            TableCommand::Expire { lease, token, renewals } => {
                self.remove_if(lease, |row| row.token == *token && row.renewals == *renewals)
            }
            TableCommand::Watch { lease, watcher } => self.watchers.entry(lease.clone()).or_default().insert(*watcher),
        }
    }

    fn remove_if(&mut self, lease: &Name, is_meant: impl Fn(&Row) -> bool) -> bool {
        let meant = self.rows.get(lease).is_some_and(is_meant);
        meant && self.rows.remove(lease).is_some()
    }
}

/// A chunk of the table, small so that a snapshot travels in small messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Piece {
    /// Number of grants and number of changes.
    Counts(u64, u64),
    /// A lease that is held.
    Row(Name, Row),
    /// A watcher of a lease.
    Watcher(Name, NodeId),
}

impl StateMachine for LeaseTable {
    type Command = TableCommand;
    type Query = TableQuery;
    type Reply = TableReply;
    type Piece = Piece;

    fn apply(&mut self, command: &TableCommand) -> TableReply {
        self.changes = self.changes.saturating_add(u64::from(self.carry_out(command)));
        TableReply { row: self.row(command.lease()), changes: self.changes }
    }

    fn query(&self, query: &TableQuery) -> TableReply {
        TableReply { row: self.row(&query.lease), changes: self.changes }
    }

    fn pieces(&self) -> Vec<Piece> {
        let rows = self.rows.iter().map(|(lease, row)| Piece::Row(lease.clone(), *row));
        let watchers = self
            .watchers
            .iter()
            .flat_map(|(lease, nodes)| nodes.iter().map(move |&node| Piece::Watcher(lease.clone(), node)));
        [Piece::Counts(self.grants, self.changes)].into_iter().chain(rows).chain(watchers).collect()
    }

    fn assemble(pieces: impl Iterator<Item = Piece>) -> Self {
        let mut table = LeaseTable::default();
        for piece in pieces {
            match piece {
                Piece::Counts(grants, changes) => (table.grants, table.changes) = (grants, changes),
                Piece::Row(lease, row) => {
                    table.rows.insert(lease, row);
                }
                Piece::Watcher(lease, node) => {
                    table.watchers.entry(lease).or_default().insert(node);
                }
            }
        }
        table
    }

    fn size(command: &TableCommand) -> usize {
        size_of::<TableCommand>() + command.lease().as_str().len()
    }

    fn summary(&self) -> String {
        format!("{} leases held, {} grants", self.rows.len(), self.grants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acquire(holder: u32) -> TableCommand {
        TableCommand::Acquire { lease: Name::from("x"), holder: NodeId(holder) }
    }

    #[test]
    fn only_the_named_grant_is_renewed_released_or_expired() {
        let mut table = LeaseTable::default();
        let lease = Name::from("x");
        let first = table.apply(&acquire(1)).row.unwrap();
        assert_eq!(table.apply(&acquire(2)).row, Some(first), "somebody else holds it");
        let renewed = table.apply(&TableCommand::Renew { lease: lease.clone(), token: first.token }).row.unwrap();
        assert_eq!((renewed.token, renewed.renewals), (first.token, 1));
        let stale = TableCommand::Expire { lease: lease.clone(), token: first.token, renewals: 0 };
        assert_eq!(table.apply(&stale).row, Some(renewed), "it was renewed since");
        let theirs = TableCommand::Release { lease: lease.clone(), token: Token(9) };
        assert_eq!(table.apply(&theirs).row, Some(renewed), "it is another's token");
        let due = TableCommand::Expire { lease: lease.clone(), token: first.token, renewals: 1 };
        assert_eq!(table.apply(&due).row, None);
        let second = table.apply(&acquire(2)).row.unwrap();
        assert!(second.token > first.token);
        let late = TableCommand::Release { lease, token: first.token };
        assert_eq!(table.apply(&late).row, Some(second));
    }

    #[test]
    fn it_comes_back_from_its_pieces() {
        let mut table = LeaseTable::default();
        table.apply(&acquire(1));
        table.apply(&TableCommand::Watch { lease: Name::from("x"), watcher: NodeId(7) });
        assert_eq!(LeaseTable::assemble(table.pieces().into_iter()), table);
        assert_eq!((table.changes(), table.summary().as_str()), (2, "1 leases held, 1 grants"));
    }

    #[test]
    fn a_snapshot_may_hold_any_number() {
        let row = Row { holder: NodeId(1), token: Token(u64::MAX), renewals: u64::MAX };
        let lease = Name::from("x");
        let pieces = [Piece::Counts(u64::MAX, u64::MAX), Piece::Row(lease.clone(), row)];
        let mut table = LeaseTable::assemble(pieces.into_iter());
        assert_eq!(table.apply(&acquire(1)).row, Some(Row { renewals: 0, ..row }));
        let mut table = LeaseTable::assemble([Piece::Row(lease.clone(), row)].into_iter());
        assert_eq!(table.apply(&TableCommand::Renew { lease, token: row.token }).row, Some(row));
    }
}
