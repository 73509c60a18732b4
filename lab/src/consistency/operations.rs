//! The reads and writes of a history, each read with the write it saw.

use std::collections::BTreeMap;

use super::level::{Pattern, Witness};
use super::order::Order;
use super::{Access, BadHistory, OPERATIONS_MAX, ReadWrite};
use crate::linearizability::{Call, CallId, CallOutcome, ClientId, History};

/// A read that returned, or a write that took effect.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub call: CallId,
    pub client: ClientId,
    /// The register, by a number.
    pub key: usize,
    /// For a read, the write of the value that it returned; `None` for the initial value.
    pub reads: Option<Option<usize>>,
    /// Position of the invocation.
    pub invoked: usize,
    /// Position of the response; `None` if the outcome was unknown to the client.
    pub answered: Option<usize>,
    /// The operation in words, such as `client 0's write of 1 to x`.
    pub words: String,
}

impl Operation {
    pub fn writes(&self) -> bool {
        self.reads.is_none()
    }
}

/// The operations of a history, in the order of their invocations.
///
/// Left out: calls that failed, reads without an answer, and writes without one whose value nobody
/// read, because such a write may never have taken effect.
#[derive(Clone, Debug)]
pub(super) struct Operations {
    pub list: Vec<Operation>,
    /// Whether a register has a write of unknown outcome, which may take effect at any time.
    pub unsettled: Vec<bool>,
}

/// Where each value of each register was written.
struct Writes<'h, M: ReadWrite> {
    model: &'h M,
    keys: Vec<M::Key>,
    /// Call, register and value of each write that may have taken effect.
    writes: Vec<(CallId, usize, M::State)>,
}

impl Operations {
    /// # Errors
    /// [`BadHistory`].
    pub fn of<M: ReadWrite>(model: &M, history: &History<M>) -> Result<Self, BadHistory> {
        if history.calls().len() > OPERATIONS_MAX {
            return Err(BadHistory::TooLong { calls: history.calls().len(), max: OPERATIONS_MAX });
        }
        let writes = Writes::of(model, history)?;
        let mut unsettled = vec![false; writes.keys.len()];
        let mut sources = BTreeMap::new();
        for (index, call) in history.calls().iter().enumerate() {
            if let Some(source) = writes.source_of(CallId(index as u32), call)? {
                sources.insert(CallId(index as u32), source);
            }
        }
        let seen = |id: CallId| sources.values().any(|source| *source == Some(id));
        let mut numbers = BTreeMap::new();
        let mut list = Vec::new();
        for (index, call) in history.calls().iter().enumerate() {
            let id = CallId(index as u32);
            let write = writes.writes.iter().find(|(write, ..)| *write == id);
            let answered = call.returned().and(call.answered).map(|event| event.position);
            if let (Some((_, key, _)), None) = (write, answered) {
                unsettled[*key] = true;
            }
            let kept = sources.contains_key(&id) || write.is_some() && (answered.is_some() || seen(id));
            if kept {
                numbers.insert(id, list.len());
                list.push(writes.operation(id, call, answered));
            }
        }
        for operation in &mut list {
            operation.reads = sources.get(&operation.call).map(|source| source.map(|write| numbers[&write]));
        }
        Ok(Operations { list, unsettled })
    }

    /// Numbers of the operations.
    pub fn all(&self) -> std::ops::Range<usize> {
        0..self.list.len()
    }

    /// Numbers of the writes to the register of an operation, without that operation.
    pub fn writes_beside(&self, operation: usize) -> impl Iterator<Item = usize> + '_ {
        let key = self.list[operation].key;
        self.all().filter(move |&other| other != operation && self.list[other].writes() && self.list[other].key == key)
    }

    /// Numbers of the reads, each with the write that it saw.
    pub fn reads(&self) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
        self.all().filter_map(|read| self.list[read].reads.map(|source| (read, source)))
    }

    /// Whether two operations are of one session, in this order. A write of unknown outcome has no
    /// successors: it may take effect after them.
    pub fn in_session(&self, before: usize, after: usize) -> bool {
        let (a, b) = (&self.list[before], &self.list[after]);
        before < after && a.client == b.client && a.answered.is_some()
    }

    /// The causal order (Ahamad et al. 1995): the order of sessions, and from each write to the
    /// reads that saw it. It may have cycles.
    pub fn causal(&self) -> Order {
        let mut order = Order::new(self.list.len());
        for after in self.all() {
            if let Some(before) = (0..after).rev().find(|&before| self.in_session(before, after)) {
                order.add(before, after);
            }
        }
        self.add_sources(&mut order);
        order
    }

    /// The order in real time, and from each write to the reads that saw it.
    pub fn real_time(&self) -> Order {
        let mut order = Order::new(self.list.len());
        for after in self.all() {
            let ended = |&before: &usize| self.list[before].answered.is_some_and(|at| at < self.list[after].invoked);
            (0..after).rev().filter(ended).for_each(|before| {
                order.add(before, after);
            });
        }
        self.add_sources(&mut order);
        order
    }

    /// A witness of two operations.
    pub fn witness(&self, first: usize, second: usize, pattern: Pattern, why: String) -> Witness {
        Witness { first: self.list[first].call, second: self.list[second].call, pattern, why }
    }

    fn add_sources(&self, order: &mut Order) {
        for (read, source) in self.reads() {
            if let Some(write) = source {
                order.add(write, read);
            }
        }
    }
}

impl<'h, M: ReadWrite> Writes<'h, M> {
    fn of(model: &'h M, history: &History<M>) -> Result<Self, BadHistory> {
        let mut keys: Vec<M::Key> = history.calls().iter().map(|call| model.key(&call.op)).collect();
        keys.sort();
        keys.dedup();
        let mut all = Writes { model, keys, writes: Vec::new() };
        for (index, call) in history.calls().iter().enumerate() {
            let id = CallId(index as u32);
            let Access::Write(value) = all.access(id, call)? else { continue };
            if matches!(call.outcome, CallOutcome::Fail) {
                continue;
            }
            let key = all.key(call);
            if value == model.initial(&all.keys[key]) {
                return Err(BadHistory::WritesInitial { call: id, value: model.show(&value) });
            }
            if let Some((first, ..)) = all.writes.iter().find(|write| write.1 == key && write.2 == value) {
                return Err(BadHistory::WrittenTwice { first: *first, second: id, value: model.show(&value) });
            }
            all.writes.push((id, key, value));
        }
        Ok(all)
    }

    fn access(&self, id: CallId, call: &Call<M>) -> Result<Access<M::State>, BadHistory> {
        let words = || self.model.words(&call.op, call.returned());
        self.model
            .access(&call.op, call.returned())
            .ok_or_else(|| BadHistory::NotReadOrWrite { call: id, words: words() })
    }

    fn key(&self, call: &Call<M>) -> usize {
        let key = self.model.key(&call.op);
        self.keys.partition_point(|other| *other < key)
    }

    /// The write that a read saw; `None` for a write, and for a read that did not return.
    fn source_of(&self, id: CallId, call: &Call<M>) -> Result<Option<Option<CallId>>, BadHistory> {
        let Access::Read(Some(value)) = self.access(id, call)? else { return Ok(None) };
        let key = self.key(call);
        if value == self.model.initial(&self.keys[key]) {
            return Ok(Some(None));
        }
        let source = self.writes.iter().find(|write| write.1 == key && write.2 == value);
        let never = || BadHistory::NeverWritten { call: id, value: self.model.show(&value) };
        source.map(|write| Some(Some(write.0))).ok_or_else(never)
    }

    fn operation(&self, id: CallId, call: &Call<M>, answered: Option<usize>) -> Operation {
        let key = self.key(call);
        let (verb, value, to) = match self.model.access(&call.op, call.returned()) {
            Some(Access::Write(value)) => ("write", Some(value), "to"),
            Some(Access::Read(value)) => ("read", value, "from"),
            None => ("call", None, "of"),
        };
        let value = value.map_or(String::new(), |value| format!(" of {}", self.model.show(&value)));
        let place = self.model.called(&self.keys[key]).map_or(String::new(), |key| format!(" {to} {key}"));
        let words = format!("client {}'s {verb}{value}{place}", call.client.0);
        Operation { call: id, client: call.client, key, reads: None, invoked: call.invoked.position, answered, words }
    }
}
