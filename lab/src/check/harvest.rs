//! The two halves of the work on a batch of states, each of which any number of threads may share.
//!
//! First the states are judged, and their successors gathered: the [table](Table) is only read. Then the successors are
//! entered: each thread has shards of its own. Of several ways to a state the first counts, in the order of the parents
//! and their successors; so what comes out does not depend on the number of threads.

use quorate_protocol::Broken;

use super::Model;
use super::ancestry::{Number, Origin};
use super::crew::share;
use super::table::Table;

/// A batch smaller than this is not worth a second thread.
const WORTH_SHARING: usize = 512;
/// How many fingerprints a thread remembers of its own latest finds. A power of two.
const RECENT: usize = 1 << 12;
/// How many successors are looked up together, so that the memory answers for all of them at a time.
const TOGETHER: usize = 64;

/// Whether a goal is reached in a state.
pub(super) type Reached<'a, S> = dyn Fn(&S) -> bool + Sync + 'a;

/// What a batch of states is to be asked.
pub(super) struct Question<'a, M: Model> {
    pub(super) model: &'a M,
    /// The goals still to be reached, by their position.
    pub(super) goals: &'a [(usize, &'a Reached<'a, M::State>)],
    /// Whether successors are wanted.
    pub(super) onward: bool,
}

/// What came of a piece of a batch.
pub(super) struct Harvest<M: Model> {
    finds: Vec<Find>,
    states: Vec<M::State>,
    /// How many of them, from the first, are known to be missing in the table.
    sifted: usize,
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
    threads: usize,
) -> Vec<Harvest<M>> {
    let threads = if batch.len() < WORTH_SHARING { 1 } else { threads };
    let size = batch.len().div_ceil(threads).max(1);
    let pieces = batch.chunks(size).enumerate().map(|(index, states)| (first + (index * size) as Number, states));
    share(pieces, |piece| gather_piece(question, table, piece))
}

fn gather_piece<M: Model>(
    question: &Question<'_, M>,
    table: &Table,
    (first, states): (Number, &[M::State]),
) -> Harvest<M> {
    let mut harvest = Harvest {
        finds: Vec::new(),
        states: Vec::new(),
        sifted: 0,
        generated: 0,
        terminal: 0,
        broken: None,
        reached: Vec::new(),
        crowded: false,
    };
    let mut open = question.goals.to_vec();
    let mut recent = vec![0; RECENT];
    let mut room = Vec::new();
    for (number, state) in (first..).zip(states) {
        open.retain(|(goal, reached)| {
            let hit = reached(state);
            if hit {
                harvest.reached.push((*goal, number));
            }
            !hit
        });
        if let Err(broken) = question.model.check(state) {
            harvest.broken.get_or_insert((number, broken));
        } else if question.onward && question.model.within(state) {
            harvest.go_on(question.model, (number, state), &mut recent, &mut room);
            if harvest.finds.len() - harvest.sifted >= TOGETHER {
                harvest.sift(table);
            }
        }
    }
    harvest.sift(table);
    harvest
}

impl<M: Model> Harvest<M> {
    /// Gathers the successors of one state.
    #[inline]
    fn go_on(
        &mut self,
        model: &M,
        (parent, state): (Number, &M::State),
        recent: &mut [u64],
        room: &mut Vec<M::Action>,
    ) {
        let mut ordinal = 0_usize;
        model.successors(state, room, |_, next| {
            let fingerprint = model.fingerprint(&next);
            let seen = &mut recent[fingerprint as usize % RECENT];
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
        for place in self.sifted..self.finds.len() {
            if !table.contains(self.finds[place].fingerprint) {
                self.finds.swap(self.sifted, place);
                self.states.swap(self.sifted, place);
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

/// Enters what was gathered, and hands over what is new, in order.
pub(super) fn enter<M: Model>(
    harvests: Vec<Harvest<M>>,
    table: &mut Table,
    threads: usize,
    mut new: impl FnMut(Origin, M::State),
) {
    let total: usize = harvests.iter().map(Harvest::len).sum();
    let threads = if total < WORTH_SHARING { 1 } else { threads };
    let size = table.shards_mut().len().div_ceil(threads);
    let shares = table.shards_mut().chunks_mut(size).enumerate().map(|(index, shards)| (index * size, shards));
    let lists = share(shares, |(first, shards)| {
        let mut fresh = Vec::new();
        for (position, find) in (0_u32..).zip(harvests.iter().flat_map(|harvest| &harvest.finds)) {
            let shard = Table::shard_of(find.fingerprint).wrapping_sub(first);
            if shards.get_mut(shard).is_some_and(|shard| shard.insert(find.fingerprint)) {
                fresh.push(position);
            }
        }
        fresh
    });
    let mut fresh = Positions::new(lists);
    let finds = harvests.into_iter().flat_map(|harvest| harvest.finds.into_iter().zip(harvest.states));
    for (position, (find, state)) in (0_u32..).zip(finds) {
        if fresh.has(position) {
            new(find.origin, state);
        }
    }
}

/// Several ascending lists of positions, read side by side.
struct Positions(Vec<std::iter::Peekable<std::vec::IntoIter<u32>>>);

impl Positions {
    fn new(lists: Vec<Vec<u32>>) -> Self {
        Positions(lists.into_iter().map(|list| list.into_iter().peekable()).collect())
    }

    /// Whether one of the lists has the position. To be asked in ascending order.
    #[inline]
    fn has(&mut self, position: u32) -> bool {
        self.0.iter_mut().any(|list| list.next_if_eq(&position).is_some())
    }
}
