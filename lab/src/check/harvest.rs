//! The work on a batch of states: they are judged, and what they lead to is gathered, sieved and entered into the [table](Table).
//!
//! One thread [alone](reap_alone) enters what it finds at once. Several threads [together](reap_together) do so in two halves, and
//! so never wait for each other in between: while they gather, the table is only read; then each thread enters what belongs to its own
//! shards. Of several ways to a state the first counts, in the order of the parents and their successors; so what comes out
//! depends neither on the way of working nor on the number of threads.

use std::ops::Range;

use quorate_protocol::Broken;

use super::Model;
use super::ancestry::{Number, Origin, Origins};
use super::crew::Crew;
use super::queue::Queue;
use super::table::Table;

/// How many fingerprints a thread remembers of its own latest finds. A power of two.
const RECENT: usize = 1 << 12;
/// How many successors are looked up together, so that the memory answers for all of them at a time.
const TOGETHER: usize = 64;
/// How many states are kept together until all of them were judged.
const CHUNK: usize = 1 << 11;

/// Whether a goal is reached in a state.
pub(super) type Reached<'a, S> = dyn Fn(&S) -> bool + Send + Sync + 'a;

/// What a batch of states is to be asked.
pub(super) struct Question<'a, M: Model> {
    pub(super) model: &'a M,
    /// The goals still to be reached, by their position.
    pub(super) goals: &'a [(usize, &'a Reached<'a, M::State>)],
    /// Whether successors are wanted.
    pub(super) onward: bool,
}

/// What there is to say about states that were judged.
#[derive(Default)]
pub(super) struct Remarks {
    pub(super) generated: u64,
    pub(super) terminal: u64,
    /// The first state that is not as it should be.
    pub(super) broken: Option<(Number, Broken)>,
    /// The goals that were reached, and the first state that does.
    pub(super) reached: Vec<(usize, Number)>,
    /// Whether a state had too many successors to be numbered.
    pub(super) crowded: bool,
}

/// New states, in order.
pub(super) struct News<S> {
    pub(super) origins: Origins,
    /// In chunks, so that their memory can be given back little by little.
    pub(super) states: Vec<Vec<S>>,
}

impl<S> News<S> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.states.iter().map(Vec::len).sum()
    }
}

/// Judges slices of states, and enters what they lead to.
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

/// Judges the states of a batch, cut in pieces, and enters what they lead to. There is a harvest for each piece.
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

/// Enters what was gathered, each share of the table's shards by itself. Whatever is not new loses its place in the shares.
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

/// What came of a piece of a batch. Every thread fills its own again and again: memory that is given back after each batch and
/// asked for anew costs more than the work that is shared.
pub(super) struct Harvest<M: Model> {
    finds: Vec<Find>,
    states: Vec<M::State>,
    /// How many of them, from the first, went through the sieve.
    sifted: usize,
    /// The fingerprints of the latest finds. They are in the table, or about to be entered, and so not worth a second look.
    recent: Vec<u64>,
    /// For each share of the table's shards, the positions of the finds that belong there.
    shares: Vec<Vec<u32>>,
    /// Which finds are new, once all shares are entered.
    new: Vec<bool>,
}

/// A successor that may be new.
#[derive(Clone, Copy)]
struct Find {
    fingerprint: u64,
    origin: Origin,
}

impl<M: Model> Harvest<M> {
    /// None yet.
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

    /// Judges states and gathers what they lead to, as far as the sieve keeps it.
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

    /// Gathers the successors of one state. Returns how many there are.
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

    /// Keeps the successors that the sieve does, in order.
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

    /// Sorts the finds by the share of the table in which they are to be entered.
    fn deal(&mut self, shares: usize) {
        self.shares.resize_with(shares, Vec::new);
        self.shares.iter_mut().for_each(Vec::clear);
        let shift = (Table::SHARDS / shares).trailing_zeros();
        for (place, find) in (0..).zip(&self.finds) {
            self.shares[Table::shard_of(find.fingerprint) >> shift].push(place);
        }
    }

    /// Keeps the finds that still have a place in the shares.
    fn keep_new(&mut self) {
        self.new.clear();
        self.new.resize(self.finds.len(), false);
        self.shares.iter().flatten().for_each(|&place| self.new[place as usize] = true);
        let mut new = self.new.iter();
        self.finds.retain(|_| new.next() == Some(&true));
        let mut new = self.new.iter();
        self.states.retain(|_| new.next() == Some(&true));
    }

    /// Hands on what is left.
    fn hand_on(&mut self) -> News<M::State> {
        let origins = Origins::new(self.finds.iter().map(|find| find.origin));
        let mut states = self.states.drain(..);
        let chunks = std::iter::from_fn(|| Some(states.by_ref().take(CHUNK).collect()));
        News { origins, states: chunks.take_while(|chunk: &Vec<_>| !chunk.is_empty()).collect() }
    }
}

/// What tells news from what is known.
trait Sieve {
    /// The table that knows.
    fn table(&self) -> &Table;
    /// Whether it is worth keeping a successor with this fingerprint.
    fn keeps(&mut self, fingerprint: u64) -> bool;
}

/// Others may look as well. Of several finds with one fingerprint, all are kept.
impl Sieve for &Table {
    fn table(&self) -> &Table {
        self
    }

    fn keeps(&mut self, fingerprint: u64) -> bool {
        !self.contains(fingerprint)
    }
}

/// Enters what it keeps.
impl Sieve for &mut Table {
    fn table(&self) -> &Table {
        self
    }

    fn keeps(&mut self, fingerprint: u64) -> bool {
        self.insert(fingerprint)
    }
}
