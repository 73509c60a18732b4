//! The work on a batch of states, each of which any number of threads may share, in two halves.
//!
//! First the states are judged, and their successors gathered: the [table](Table) is only read. Then the successors are
//! entered, each thread those of its own shards, and what is new is handed on. Of several ways to a state the first counts, in the
//! order of the parents and their successors; so what comes out does not depend on the number of threads.

use quorate_protocol::Broken;

use super::Model;
use super::ancestry::{Number, Origin};
use super::crew::Crew;
use super::table::Table;

/// How many fingerprints a thread remembers of its own latest finds. A power of two.
const RECENT: usize = 1 << 12;
/// How many successors are looked up together, so that the memory answers for all of them at a time.
const TOGETHER: usize = 64;

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

/// What came of a piece of a batch. Every thread fills its own again and again: memory that is given back after each batch and
/// asked for anew costs more than the work that is shared.
pub(super) struct Harvest<M: Model> {
    finds: Vec<Find>,
    states: Vec<M::State>,
    /// How many of them, from the first, are known to be missing in the table.
    sifted: usize,
    /// For each share of the table's shards, the positions of the finds that belong there. There is at least one for each thread, and
    /// a power of two.
    shares: Vec<Vec<u32>>,
    /// The fingerprints of the latest finds.
    recent: Vec<u64>,
    pub(super) generated: u64,
    pub(super) terminal: u64,
    /// The first state that is not as it should be.
    pub(super) broken: Option<(Number, Broken)>,
    /// The goals that were reached, and the first state that does.
    pub(super) reached: Vec<(usize, Number)>,
    /// Whether a state had too many successors to be numbered.
    pub(super) crowded: bool,
}

/// A successor that may be new.
#[derive(Clone, Copy)]
struct Find {
    fingerprint: u64,
    origin: Origin,
}

/// Judges the states of a batch, numbered from `first`, and gathers what they lead to.
pub(super) fn gather<M: Model>(
    question: &Question<'_, M>,
    table: &Table,
    (first, batch): (Number, &[M::State]),
    harvests: &mut [Harvest<M>],
    crew: &Crew,
) {
    let crew = crew.for_items(batch.len());
    let pieces = if crew.threads() == 1 { 1 } else { harvests.len() };
    let size = batch.len().div_ceil(pieces).max(1);
    harvests.iter_mut().for_each(Harvest::clear);
    let pieces = batch.chunks(size).enumerate().map(|(index, states)| (first + (index * size) as Number, states));
    crew.share(harvests.iter_mut().zip(pieces), |(harvest, piece)| harvest.gather(question, table, piece));
}

impl<M: Model> Harvest<M> {
    /// None yet. So many threads will share in entering it.
    pub(super) fn new(threads: usize) -> Self {
        Harvest {
            finds: Vec::new(),
            states: Vec::new(),
            sifted: 0,
            shares: vec![Vec::new(); threads.next_power_of_two().min(Table::SHARDS)],
            recent: vec![0; RECENT],
            generated: 0,
            terminal: 0,
            broken: None,
            reached: Vec::new(),
            crowded: false,
        }
    }

    /// Makes room for the next piece. What was found recently is in the table by now, so it is still not worth a second look.
    fn clear(&mut self) {
        self.finds.clear();
        self.states.clear();
        self.reached.clear();
        self.shares.iter_mut().for_each(Vec::clear);
        (self.sifted, self.generated, self.terminal) = (0, 0, 0);
        (self.broken, self.crowded) = (None, false);
    }

    /// Judges states and gathers what they lead to.
    fn gather(&mut self, question: &Question<'_, M>, table: &Table, (first, states): (Number, &[M::State])) {
        let mut open = question.goals.to_vec();
        let mut room = Vec::new();
        for (number, state) in (first..).zip(states) {
            open.retain(|(goal, reached)| {
                let hit = reached(state);
                if hit {
                    self.reached.push((*goal, number));
                }
                !hit
            });
            if let Err(broken) = question.model.check(state) {
                self.broken.get_or_insert((number, broken));
            } else if question.onward && question.model.within(state) {
                self.go_on(question.model, (number, state), &mut room);
                if self.finds.len() - self.sifted >= TOGETHER {
                    self.sift(table);
                }
            }
        }
        self.sift(table);
    }

    /// Gathers the successors of one state.
    #[inline]
    fn go_on(&mut self, model: &M, (parent, state): (Number, &M::State), room: &mut Vec<M::Action>) {
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
        self.generated += ordinal as u64;
        self.terminal += u64::from(ordinal == 0);
        self.crowded |= ordinal > usize::from(u16::MAX) + 1;
    }

    /// Keeps the successors that no earlier batch has seen, in order.
    fn sift(&mut self, table: &Table) {
        table.fetch(self.finds[self.sifted..].iter().map(|find| find.fingerprint));
        let share = (Table::SHARDS / self.shares.len()).trailing_zeros();
        for place in self.sifted..self.finds.len() {
            if !table.contains(self.finds[place].fingerprint) {
                self.finds.swap(self.sifted, place);
                self.states.swap(self.sifted, place);
                let shard = Table::shard_of(self.finds[self.sifted].fingerprint);
                self.shares[shard >> share].push(self.sifted as u32);
                self.sifted += 1;
            }
        }
        self.finds.truncate(self.sifted);
        self.states.truncate(self.sifted);
    }

    /// How many successors may be new.
    pub(super) fn len(&self) -> usize {
        self.finds.len()
    }
}

/// Enters what was gathered: each thread has shards of its own. Returns what was new.
pub(super) fn enter<M: Model>(harvests: &[Harvest<M>], table: &mut Table, crew: &Crew) -> Fresh {
    let size = Table::SHARDS / harvests[0].shares.len();
    let crew = crew.for_items(harvests.iter().map(Harvest::len).sum());
    Fresh(crew.share(table.shards_mut().chunks_mut(size).enumerate(), |(owner, shards)| {
        let (mut fresh, mut start) = (Vec::new(), 0);
        for harvest in harvests {
            for &place in &harvest.shares[owner] {
                let fingerprint = harvest.finds[place as usize].fingerprint;
                if shards[Table::shard_of(fingerprint) - owner * size].insert(fingerprint) {
                    fresh.push(start + place);
                }
            }
            start += harvest.finds.len() as u32;
        }
        fresh
    }))
}

/// Which of all finds are new: for each thread that entered some, their positions, ascending.
pub(super) struct Fresh(Vec<Vec<u32>>);

impl Fresh {
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Those of the items that are new, in order. There is an item for each find.
    fn of<T>(&self, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let mut lists: Vec<_> = self.0.iter().map(|list| list.iter().peekable()).collect();
        let new = move |(position, _): &(u32, T)| lists.iter_mut().any(|list| list.next_if_eq(&position).is_some());
        (0..).zip(items).filter(new).map(|(_, item)| item)
    }
}

/// Where what is new came from, and the new states themselves; both in order.
pub(super) fn yields<'h, M: Model>(
    harvests: &'h mut [Harvest<M>],
    fresh: &'h Fresh,
) -> (impl Iterator<Item = Origin> + Send + 'h, impl Iterator<Item = M::State> + Send + 'h) {
    let (finds, states): (Vec<_>, Vec<_>) =
        harvests.iter_mut().map(|harvest| (&harvest.finds, harvest.states.drain(..))).unzip();
    (fresh.of(finds.into_iter().flatten()).map(|find| find.origin), fresh.of(states.into_iter().flatten()))
}
