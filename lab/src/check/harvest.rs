//! Expansion of a batch of states: they are checked, and their successors are collected, filtered
//! and inserted into the [table](Table).
//!
//! A [single](reap_alone) thread inserts what it finds at once. [Several](reap_together) threads
//! work in two phases, without waiting for each other within a phase: while they collect
//! successors, the table is read-only; then each thread inserts the fingerprints of its own shards.
//! Of several paths to a state the first counts, in the order of the parents and their successors;
//! so the result depends neither on the way of working nor on the number of threads.

use std::ops::Range;

use quorate_protocol::Broken;

use super::Model;
use super::ancestry::{Number, Origin, Origins};
use super::crew::Crew;
use super::queue::Queue;
use super::table::Table;

/// Number of its own latest fingerprints that a thread remembers. A power of two.
const RECENT: usize = 1 << 12;
/// Number of successors that are looked up together, so that their memory accesses overlap.
const TOGETHER: usize = 64;
/// Number of states that are kept, and freed, together.
const CHUNK: usize = 1 << 11;

/// Whether a goal is reached in a state.
pub(super) type Reached<'a, S> = dyn Fn(&S) -> bool + Send + Sync + 'a;

/// The parameters of the expansion of a batch.
pub(super) struct Question<'a, M: Model> {
    pub(super) model: &'a M,
    /// Goals that are not reached yet, by their position.
    pub(super) goals: &'a [(usize, &'a Reached<'a, M::State>)],
    /// Whether to generate successors.
    pub(super) onward: bool,
}

/// Statistics of the states that were checked.
#[derive(Default)]
pub(super) struct Remarks {
    pub(super) generated: u64,
    pub(super) terminal: u64,
    /// The first violation.
    pub(super) broken: Option<(Number, Broken)>,
    /// Goals that were reached, each with the first state that reaches it.
    pub(super) reached: Vec<(usize, Number)>,
    /// Whether a state had too many successors to be numbered.
    pub(super) crowded: bool,
}

/// New states, in order.
pub(super) struct News<S> {
    pub(super) origins: Origins,
    /// In chunks, so that their memory can be freed little by little.
    pub(super) states: Vec<Vec<S>>,
}

impl<S> News<S> {
    /// Returns the number of states.
    pub(super) fn len(&self) -> usize {
        self.states.iter().map(Vec::len).sum()
    }
}

/// Checks slices of states, and inserts their successors.
pub(super) fn reap_alone<'s, M: Model>(
    question: &Question<'_, M>,
    table: &mut Table,
    slices: impl Iterator<Item = (Number, &'s [M::State])>,
    harvest: &mut Harvest<M>,
) -> Vec<(Remarks, News<M::State>)>
where
    M::State: 's,
{
    let remarks = harvest.gather(question, table, slices);
    vec![(remarks, harvest.hand_on())]
}

/// Checks the states of a batch, cut into pieces, and inserts their successors. There is one buffer
/// for each piece.
pub(super) fn reap_together<M: Model>(
    question: &Question<'_, M>,
    table: &mut Table,
    (level, batch): (&Queue<M::State>, Range<Number>),
    harvests: &mut [Harvest<M>],
    crew: &Crew,
) -> Vec<(Remarks, News<M::State>)> {
    let size = batch.len().div_ceil(harvests.len()).max(1);
    let pieces = batch.clone().step_by(size).map(|first| first..batch.end.min(first.saturating_add(size as Number)));
    let shares = Table::SHARDS.min(crew.threads().next_power_of_two());
    let remarks = crew.share(harvests.iter_mut().zip(pieces), |(harvest, piece)| {
        let remarks = harvest.gather(question, &*table, level.slices(piece));
        harvest.deal(shares);
        remarks
    });
    let harvests = &mut harvests[..remarks.len()];
    enter(harvests, table, crew);
    let news = crew.share(harvests, |harvest| {
        harvest.keep_new();
        harvest.hand_on()
    });
    remarks.into_iter().zip(news).collect()
}

/// Inserts the collected fingerprints, each share of the table's shards by itself. Entries that are
/// not new are removed from the shares.
fn enter<M: Model>(harvests: &mut [Harvest<M>], table: &mut Table, crew: &Crew) {
    let shares = harvests[0].shares.len();
    let size = Table::SHARDS / shares;
    let mut work: Vec<Vec<_>> = (0..shares).map(|_| Vec::with_capacity(harvests.len())).collect();
    for harvest in harvests {
        for (lists, share) in work.iter_mut().zip(&mut harvest.shares) {
            lists.push((&harvest.finds, share));
        }
    }
    crew.share(work.into_iter().zip(table.shards_mut().chunks_mut(size)).enumerate(), |(index, (lists, shards))| {
        for (finds, share) in lists {
            share.retain(|&place| {
                let fingerprint = finds[place as usize].fingerprint;
                shards[Table::shard_of(fingerprint) - index * size].insert(fingerprint)
            });
        }
    });
}

/// Buffers for the expansion of one piece of a batch. They are reused: freeing and allocating this
/// memory for each batch would cost more than parallel work saves.
pub(super) struct Harvest<M: Model> {
    finds: Vec<Find>,
    states: Vec<M::State>,
    /// Number of successors, from the first, that have been filtered.
    sifted: usize,
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
struct Find {
    fingerprint: u64,
    origin: Origin,
}

impl<M: Model> Harvest<M> {
    /// Empty buffers.
    pub(super) fn new() -> Self {
        Harvest {
            finds: Vec::new(),
            states: Vec::new(),
            sifted: 0,
            recent: vec![0; RECENT],
            shares: Vec::new(),
            new: Vec::new(),
        }
    }

    /// Checks states and collects those of their successors that pass the filter.
    fn gather<'s>(
        &mut self,
        question: &Question<'_, M>,
        mut sieve: impl Sieve,
        slices: impl Iterator<Item = (Number, &'s [M::State])>,
    ) -> Remarks
    where
        M::State: 's,
    {
        self.finds.clear();
        self.states.clear();
        self.sifted = 0;
        let (mut open, mut remarks, mut room) = (question.goals.to_vec(), Remarks::default(), Vec::new());
        for (number, state) in slices.flat_map(|(first, states)| (first..).zip(states)) {
            open.retain(|(goal, reached)| {
                let hit = reached(state);
                if hit {
                    remarks.reached.push((*goal, number));
                }
                !hit
            });
            if let Err(broken) = question.model.check(state) {
                remarks.broken.get_or_insert((number, broken));
            } else if question.onward && question.model.within(state) {
                let count = self.go_on(question.model, (number, state), &mut room);
                remarks.generated += count as u64;
                remarks.terminal += u64::from(count == 0);
                remarks.crowded |= count > usize::from(u16::MAX) + 1;
                if self.finds.len() - self.sifted >= TOGETHER {
                    self.sift(&mut sieve);
                }
            }
        }
        self.sift(&mut sieve);
        remarks
    }

    /// Collects the successors of one state. Returns their number.
    #[inline]
    fn go_on(&mut self, model: &M, (parent, state): (Number, &M::State), room: &mut Vec<M::Action>) -> usize {
        let mut ordinal = 0_usize;
        model.successors(state, room, |_, next| {
            let fingerprint = model.fingerprint(&next);
            let seen = &mut self.recent[fingerprint as usize % RECENT];
            if *seen != fingerprint {
                let origin = Origin { parent, ordinal: ordinal as u16 };
                self.finds.push(Find { fingerprint, origin });
                self.states.push(next);
            }
            *seen = fingerprint;
            ordinal += 1;
        });
        ordinal
    }

    /// Keeps the successors that pass the filter, in order.
    fn sift(&mut self, sieve: &mut impl Sieve) {
        sieve.table().fetch(self.finds[self.sifted..].iter().map(|find| find.fingerprint));
        for place in self.sifted..self.finds.len() {
            if sieve.keeps(self.finds[place].fingerprint) {
                self.finds.swap(self.sifted, place);
                self.states.swap(self.sifted, place);
                self.sifted += 1;
            }
        }
        self.finds.truncate(self.sifted);
        self.states.truncate(self.sifted);
    }

    /// Partitions the successors by the share of the table into which they are to be inserted.
    fn deal(&mut self, shares: usize) {
        self.shares.resize_with(shares, Vec::new);
        self.shares.iter_mut().for_each(Vec::clear);
        let shift = (Table::SHARDS / shares).trailing_zeros();
        for (place, find) in (0..).zip(&self.finds) {
            self.shares[Table::shard_of(find.fingerprint) >> shift].push(place);
        }
    }

    /// Keeps the successors that are still in the shares.
    fn keep_new(&mut self) {
        self.new.clear();
        self.new.resize(self.finds.len(), false);
        self.shares.iter().flatten().for_each(|&place| self.new[place as usize] = true);
        let mut new = self.new.iter();
        self.finds.retain(|_| new.next() == Some(&true));
        let mut new = self.new.iter();
        self.states.retain(|_| new.next() == Some(&true));
    }

    /// Takes the remaining successors out of the buffers.
    fn hand_on(&mut self) -> News<M::State> {
        let origins = Origins::new(self.finds.iter().map(|find| find.origin));
        let mut states = self.states.drain(..);
        let chunks = std::iter::from_fn(|| Some(states.by_ref().take(CHUNK).collect()));
        News { origins, states: chunks.take_while(|chunk: &Vec<_>| !chunk.is_empty()).collect() }
    }
}

/// A filter that drops successors which are already known.
trait Sieve {
    /// The table of known states.
    fn table(&self) -> &Table;
    /// Whether a successor with this fingerprint is to be kept.
    fn keeps(&mut self, fingerprint: u64) -> bool;
}

/// For a table that other threads read as well. Of several successors with the same fingerprint,
/// all are kept.
impl Sieve for &Table {
    fn table(&self) -> &Table {
        self
    }

    fn keeps(&mut self, fingerprint: u64) -> bool {
        !self.contains(fingerprint)
    }
}

/// Inserts the fingerprints that it keeps.
impl Sieve for &mut Table {
    fn table(&self) -> &Table {
        self
    }

    fn keeps(&mut self, fingerprint: u64) -> bool {
        self.insert(fingerprint)
    }
}
