//! Expansion of a batch of states: they are checked, and their successors are collected, filtered
//! and inserted into the [table](Table).
//!
//! A [single](expand_sequential) thread inserts what it finds at once. [Several](expand_parallel)
//! threads work in two phases, without waiting for each other within a phase: while they collect
//! successors, the table is read-only; then each thread inserts the fingerprints of its own shards.
//! Of several paths to a state the first counts, in the order of the parents and their successors;
//! so the result depends neither on the way of working nor on the number of threads.

use std::ops::Range;

use quorate_protocol::InvariantViolation;

use super::Model;
use super::frontier::Frontier;
use super::predecessors::{Number, Origin, Origins};
use super::table::Table;
use super::worker_pool::WorkerPool;

/// Number of its own latest fingerprints that a thread remembers. A power of two.
const RECENT: usize = 1 << 12;
/// Number of successors that are looked up together, so that their memory accesses overlap.
const TOGETHER: usize = 64;
/// Number of states that are kept, and freed, together.
const CHUNK: usize = 1 << 11;

/// Whether a goal is reached in a state.
pub(super) type Reached<'a, S> = dyn Fn(&S) -> bool + Send + Sync + 'a;

/// The parameters of the expansion of a batch.
pub(super) struct BatchJob<'a, M: Model> {
    pub(super) model: &'a M,
    /// Goals that are not reached yet, by their position.
    pub(super) goals: &'a [(usize, &'a Reached<'a, M::State>)],
    /// Whether to generate successors.
    pub(super) onward: bool,
}

/// Statistics of the states that were checked.
#[derive(Default)]
pub(super) struct BatchStats {
    pub(super) generated: u64,
    pub(super) terminal: u64,
    /// The first violation.
    pub(super) broken: Option<(Number, InvariantViolation)>,
    /// Goals that were reached, each with the first state that reaches it.
    pub(super) reached: Vec<(usize, Number)>,
    /// Whether a state had too many successors to be numbered.
    pub(super) crowded: bool,
}

/// New states, in order.
pub(super) struct NewStates<S> {
    pub(super) origins: Origins,
    /// In chunks, so that their memory can be freed little by little.
    pub(super) states: Vec<Vec<S>>,
}

impl<S> NewStates<S> {
    /// Returns the number of states.
    pub(super) fn len(&self) -> usize {
        self.states.iter().map(Vec::len).sum()
    }
}

/// Checks slices of states, and inserts their successors.
pub(super) fn expand_sequential<'s, M: Model>(
    job: &BatchJob<'_, M>,
    table: &mut Table,
    slices: impl Iterator<Item = (Number, &'s [M::State])>,
    buffer: &mut ExpansionBuffer<M>,
) -> Vec<(BatchStats, NewStates<M::State>)>
where
    M::State: 's,
{
    let stats = buffer.expand(job, table, slices);
    vec![(stats, buffer.finish())]
}

/// Checks the states of a batch, cut into pieces, and inserts their successors. There is one buffer
/// for each piece.
pub(super) fn expand_parallel<M: Model>(
    job: &BatchJob<'_, M>,
    table: &mut Table,
    (level, batch): (&Frontier<M::State>, Range<Number>),
    buffers: &mut [ExpansionBuffer<M>],
    workers: &WorkerPool,
) -> Vec<(BatchStats, NewStates<M::State>)> {
    let size = batch.len().div_ceil(buffers.len()).max(1);
    let pieces = batch.clone().step_by(size).map(|first| first..batch.end.min(first.saturating_add(size as Number)));
    let shares = Table::SHARDS.min(workers.threads().next_power_of_two());
    let stats = workers.map(buffers.iter_mut().zip(pieces), |(buffer, piece)| {
        let stats = buffer.expand(job, &*table, level.slices(piece));
        buffer.partition(shares);
        stats
    });
    let buffers = &mut buffers[..stats.len()];
    insert_all(buffers, table, workers);
    let new_states = workers.map(buffers, |buffer| {
        buffer.keep_new();
        buffer.finish()
    });
    stats.into_iter().zip(new_states).collect()
}

/// Inserts the collected fingerprints, each share of the table's shards by itself. Entries that are
/// not new are removed from the shares.
fn insert_all<M: Model>(buffers: &mut [ExpansionBuffer<M>], table: &mut Table, workers: &WorkerPool) {
    let shares = buffers[0].shares.len();
    let size = Table::SHARDS / shares;
    let mut work: Vec<Vec<_>> = (0..shares).map(|_| Vec::with_capacity(buffers.len())).collect();
    for buffer in buffers {
        for (lists, share) in work.iter_mut().zip(&mut buffer.shares) {
            lists.push((&buffer.successors, share));
        }
    }
    workers.map(work.into_iter().zip(table.shards_mut().chunks_mut(size)).enumerate(), |(index, (lists, shards))| {
        for (successors, share) in lists {
            share.retain(|&place| {
                let fingerprint = successors[place as usize].fingerprint;
                shards[Table::shard_of(fingerprint) - index * size].insert(fingerprint)
            });
        }
    });
}

/// Buffers for the expansion of one piece of a batch. They are reused: freeing and allocating this
/// memory for each batch would cost more than parallel work saves.
pub(super) struct ExpansionBuffer<M: Model> {
    successors: Vec<Successor>,
    states: Vec<M::State>,
    /// Number of successors, from the first, that have been filtered.
    filtered: usize,
    /// Fingerprints of the latest successors. They are in the table, or about to be inserted, and
    /// so need no second look-up.
    recent: Vec<u64>,
    /// For each share of the table's shards, the positions of the successors that belong there.
    shares: Vec<Vec<u32>>,
    /// Marks the successors that are new, once all shares are inserted.
    new: Vec<bool>,
}

/// A successor that may be new.
#[derive(Clone, Copy)]
struct Successor {
    fingerprint: u64,
    origin: Origin,
}

impl<M: Model> ExpansionBuffer<M> {
    /// Empty buffers.
    pub(super) fn new() -> Self {
        ExpansionBuffer {
            successors: Vec::new(),
            states: Vec::new(),
            filtered: 0,
            recent: vec![0; RECENT],
            shares: Vec::new(),
            new: Vec::new(),
        }
    }

    /// Checks states and collects those of their successors that pass the filter.
    fn expand<'s>(
        &mut self,
        job: &BatchJob<'_, M>,
        mut filter: impl SeenFilter,
        slices: impl Iterator<Item = (Number, &'s [M::State])>,
    ) -> BatchStats
    where
        M::State: 's,
    {
        self.successors.clear();
        self.states.clear();
        self.filtered = 0;
        let (mut open, mut stats, mut room) = (job.goals.to_vec(), BatchStats::default(), Vec::new());
        for (number, state) in slices.flat_map(|(first, states)| (first..).zip(states)) {
            open.retain(|(goal, reached)| {
                let hit = reached(state);
                if hit {
                    stats.reached.push((*goal, number));
                }
                !hit
            });
            if let Err(broken) = job.model.check(state) {
                stats.broken.get_or_insert((number, broken));
            } else if job.onward && job.model.within(state) {
                let count = self.push_successors(job.model, (number, state), &mut room);
                stats.generated += count as u64;
                stats.terminal += u64::from(count == 0);
                stats.crowded |= count > usize::from(u16::MAX) + 1;
                if self.successors.len() - self.filtered >= TOGETHER {
                    self.filter(&mut filter);
                }
            }
        }
        self.filter(&mut filter);
        stats
    }

    /// Collects the successors of one state. Returns their number.
    #[inline]
    fn push_successors(&mut self, model: &M, (parent, state): (Number, &M::State), room: &mut Vec<M::Action>) -> usize {
        let mut ordinal = 0_usize;
        model.successors(state, room, |_, next| {
            let fingerprint = model.fingerprint(&next);
            let seen = &mut self.recent[fingerprint as usize % RECENT];
            if *seen != fingerprint {
                let origin = Origin { parent, ordinal: ordinal as u16 };
                self.successors.push(Successor { fingerprint, origin });
                self.states.push(next);
            }
            *seen = fingerprint;
            ordinal += 1;
        });
        ordinal
    }

    /// Keeps the successors that pass the filter, in order.
    fn filter(&mut self, filter: &mut impl SeenFilter) {
        filter.table().prefetch(self.successors[self.filtered..].iter().map(|successor| successor.fingerprint));
        for place in self.filtered..self.successors.len() {
            if filter.keeps(self.successors[place].fingerprint) {
                self.successors.swap(self.filtered, place);
                self.states.swap(self.filtered, place);
                self.filtered += 1;
            }
        }
        self.successors.truncate(self.filtered);
        self.states.truncate(self.filtered);
    }

    /// Partitions the successors by the share of the table into which they are to be inserted.
    fn partition(&mut self, shares: usize) {
        self.shares.resize_with(shares, Vec::new);
        self.shares.iter_mut().for_each(Vec::clear);
        let shift = (Table::SHARDS / shares).trailing_zeros();
        for (place, successor) in (0..).zip(&self.successors) {
            self.shares[Table::shard_of(successor.fingerprint) >> shift].push(place);
        }
    }

    /// Keeps the successors that are still in the shares.
    fn keep_new(&mut self) {
        self.new.clear();
        self.new.resize(self.successors.len(), false);
        self.shares.iter().flatten().for_each(|&place| self.new[place as usize] = true);
        let mut new = self.new.iter();
        self.successors.retain(|_| new.next() == Some(&true));
        let mut new = self.new.iter();
        self.states.retain(|_| new.next() == Some(&true));
    }

    /// Takes the remaining successors out of the buffers.
    fn finish(&mut self) -> NewStates<M::State> {
        let origins = Origins::new(self.successors.iter().map(|successor| successor.origin));
        let mut states = self.states.drain(..);
        let chunks = std::iter::from_fn(|| Some(states.by_ref().take(CHUNK).collect()));
        NewStates { origins, states: chunks.take_while(|chunk: &Vec<_>| !chunk.is_empty()).collect() }
    }
}

/// A filter that drops successors which are already known.
trait SeenFilter {
    /// The table of known states.
    fn table(&self) -> &Table;
    /// Whether a successor with this fingerprint is to be kept.
    fn keeps(&mut self, fingerprint: u64) -> bool;
}

/// For a table that other threads read as well. Of several successors with the same fingerprint,
/// all are kept.
impl SeenFilter for &Table {
    fn table(&self) -> &Table {
        self
    }

    fn keeps(&mut self, fingerprint: u64) -> bool {
        !self.contains(fingerprint)
    }
}

/// Inserts the fingerprints that it keeps.
impl SeenFilter for &mut Table {
    fn table(&self) -> &Table {
        self
    }

    fn keeps(&mut self, fingerprint: u64) -> bool {
        self.insert(fingerprint)
    }
}
