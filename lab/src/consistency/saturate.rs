//! Precedences that follow from the answers: which write a read saw says which writes came before
//! others.

use super::level::{Pattern, Witness};
use super::operations::Operations;
use super::order::Order;
use crate::linearizability::ClientId;

/// The form of a contradiction between a write and a read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    /// The read precedes the write that it saw.
    Future,
    /// The write precedes the read, which saw the initial value.
    Initial,
    /// The write precedes the read, and must precede the given write, which the read saw; but it
    /// also follows that.
    Overwritten(usize),
    /// The read must precede the write, which overwrites what it saw; but it also follows it.
    Late,
}

/// A write and a read that no order has both in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contradiction {
    pub write: usize,
    pub read: usize,
    pub reason: Reason,
}

impl Contradiction {
    /// Puts it in words; `within` names the orders that there are not.
    pub fn witness(&self, operations: &Operations, pattern: Pattern, within: &str) -> Witness {
        let words = |operation: usize| &operations.list[operation].words;
        let (write, read) = (words(self.write), words(self.read));
        let why = match self.reason {
            Reason::Future => format!("{within}, {read} comes before {write}, whose value it returns"),
            Reason::Initial => format!("{within}, {write} comes before {read}, which returns the initial value"),
            Reason::Overwritten(seen) => {
                format!(
                    "{within}, {write} comes after {} and before {read}, which returns the older value",
                    words(seen)
                )
            }
            Reason::Late => format!("{within}, {read} comes after {write}, which overwrites the value that it returns"),
        };
        operations.witness(self.write, self.read, pattern, why)
    }
}

/// Adds the precedences that answers imply, until no more follow or two contradict each other.
///
/// For one client, those of its reads among the writes: a write before a read precedes the write
/// that the read saw (the relation `hb` of Bouajjani et al. 2017). For all, also: a read precedes
/// the writes that overwrite what it saw (Gibbons & Korach 1997). They hold in every order that
/// explains the answers.
pub(super) fn saturate(operations: &Operations, order: &mut Order, client: Option<ClientId>) -> Option<Contradiction> {
    let future = |(read, source): (usize, Option<usize>)| {
        let write = source.filter(|write| order.has(read, *write))?;
        Some(Contradiction { write, read, reason: Reason::Future })
    };
    if let Some(contradiction) = operations.reads().find_map(future) {
        return Some(contradiction);
    }
    loop {
        let mut grows = false;
        for (read, source) in operations.reads() {
            if client.is_some_and(|client| operations.list[read].client != client) {
                continue;
            }
            for write in operations.writes_beside(read).filter(|write| Some(*write) != source) {
                match imply(order, (read, source), write, client.is_none()) {
                    Ok(added) => grows |= added,
                    Err(reason) => return Some(Contradiction { write, read, reason }),
                }
            }
        }
        if !grows {
            return None;
        }
    }
}

/// Adds what a read and another write to its register imply; returns whether that is new.
fn imply(
    order: &mut Order,
    (read, source): (usize, Option<usize>),
    write: usize,
    overwriting: bool,
) -> Result<bool, Reason> {
    let mut grows = false;
    if order.has(write, read) {
        let seen = source.ok_or(Reason::Initial)?;
        if order.has(seen, write) {
            return Err(Reason::Overwritten(seen));
        }
        grows |= order.add(write, seen);
    }
    if overwriting && source.is_none_or(|seen| order.has(seen, write)) {
        if order.has(write, read) {
            return Err(Reason::Late);
        }
        grows |= order.add(read, write);
    }
    Ok(grows)
}
