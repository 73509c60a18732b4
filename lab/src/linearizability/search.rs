//! Depth-first search for a linearization: Wing & Gong 1993, §4, with Lowe's improvements (2017,
//! §3).
//!
//! Take any call that began before every unexplained answer, and test whether the object could have
//! executed it first. If so, remove it and continue; where nothing fits, restore the last one and
//! try the next. Lowe's improvements: configurations that were visited before are not searched
//! again, and calls are removed and restored in constant time. One more is added here: a call that
//! changes nothing ([`Model::only_reads`]) is placed as soon as it fits. That loses no order,
//! because in any order that places it later it can be moved to here: none of the remaining calls
//! had to precede it, and moving it changes no state.

use super::limits::{Budget, StopReason};
use super::line::{Happening, Line, Place};
use super::memo::{Seen, States};
use super::plan::{Span, slots};
use super::{CallId, History, Model};

/// Search for an order of the calls on one object.
pub(super) struct Search<'a, M: Model> {
    model: &'a M,
    tasks: Vec<Task<'a, M>>,
    line: Line,
    states: States<M::State>,
    seen: Seen,
    state: u32,
    /// Number of answered calls that are not placed yet.
    missing: usize,
    placed: Vec<Placed>,
    /// Position of the first unexplained answer at the last arrival.
    front: usize,
    farthest: Farthest,
    /// Scratch buffer: the calls before the first unexplained answer that are not placed.
    unplaced: Vec<u64>,
}

/// A call to be placed.
struct Task<'a, M: Model> {
    span: Span,
    op: &'a M::Op,
    returned: Option<&'a M::Return>,
    only_reads: bool,
    slot: u32,
    places: (Place, Place),
}

/// A placed call, with the data to undo it.
#[derive(Clone, Copy)]
struct Placed {
    task: u32,
    /// The state before.
    state: u32,
    /// Whether another call might have been placed instead (a choice point).
    choice: bool,
}

/// The configuration that explains the longest prefix of the history.
#[derive(Clone, Default)]
pub(super) struct Farthest {
    /// Every answer before this event is explained.
    pub event: usize,
    /// The order that explains them.
    pub order: Vec<CallId>,
}

/// Result of arriving in a configuration.
enum Arrival {
    Fresh,
    SeenBefore,
}

impl<'a, M: Model> Search<'a, M> {
    pub fn new(model: &'a M, history: &'a History<M>, key: &M::Key, spans: &[Span]) -> Self {
        let (slots, concurrency) = slots(spans);
        let line = Line::new(happenings(spans));
        let tasks = spans.iter().zip(slots).zip(line.places(spans.len())).map(|((span, slot), places)| {
            let call = history.call(span.call);
            let returned = span.answered.and_then(|_| call.returned());
            let only_reads = model.only_reads(&call.op, returned);
            Task { span: *span, op: &call.op, returned, only_reads, slot, places }
        });
        let seen = Seen::new(concurrency);
        Search {
            model,
            tasks: tasks.collect(),
            line,
            states: States::starting_with(model.initial(key)),
            unplaced: seen.no_slots(),
            seen,
            state: 0,
            missing: spans.iter().filter(|span| span.answered.is_some()).count(),
            placed: Vec::new(),
            front: 0,
            farthest: Farthest::default(),
        }
    }

    /// Runs the search; returns whether there is an order.
    pub fn run(&mut self, budget: &mut Budget<'_>) -> Result<bool, StopReason> {
        self.arrive(budget)?;
        let mut from = self.line.first();
        while self.missing > 0 {
            let fresh = self.place_from(from, budget)? && matches!(self.arrive(budget)?, Arrival::Fresh);
            from = match fresh {
                true => self.line.first(),
                false => match self.back() {
                    Some(next) => next,
                    None => return Ok(false),
                },
            };
        }
        Ok(true)
    }

    /// The order that was found.
    pub fn order(&self) -> Vec<CallId> {
        self.placed.iter().map(|placed| self.tasks[placed.task as usize].span.call).collect()
    }

    /// The farthest point that the search reached.
    pub fn farthest(self) -> Farthest {
        self.farthest
    }

    /// Places the reads that fit, then tests whether this configuration was visited before.
    fn arrive(&mut self, budget: &mut Budget<'_>) -> Result<Arrival, StopReason> {
        self.unplaced.fill(0);
        let mut place = self.line.first();
        let front = loop {
            match self.line.what(place) {
                Happening::Call(number) => {
                    let task = &self.tasks[number as usize];
                    if task.only_reads && self.fits(number, budget)?.is_some() {
                        self.put(Placed { task: number, state: self.state, choice: false });
                    } else {
                        self.unplaced[task.slot as usize / 64] |= 1 << (task.slot % 64);
                    }
                    place = self.line.after(place);
                }
                Happening::Answer(number) => break number,
                Happening::End => return Ok(Arrival::Fresh),
            }
        };
        self.front = self.tasks[front as usize].span.answered.unwrap_or(0);
        if !self.seen.insert(front, self.state, &self.unplaced) {
            return Ok(Arrival::SeenBefore);
        }
        budget.configuration(self.seen.len())?;
        Ok(Arrival::Fresh)
    }

    /// Places the first call from here on that fits and changes something; returns whether there is
    /// one.
    fn place_from(&mut self, mut place: Place, budget: &mut Budget<'_>) -> Result<bool, StopReason> {
        while let Happening::Call(number) = self.line.what(place) {
            if !self.tasks[number as usize].only_reads
                && let Some(next) = self.fits(number, budget)?
            {
                let before = self.state;
                let next = self.states.number(next);
                // An unanswered call need not be placed; where it changes nothing, it is better
                // left for later.
                if next != before || self.tasks[number as usize].span.answered.is_some() {
                    self.state = next;
                    self.put(Placed { task: number, state: before, choice: true });
                    return Ok(true);
                }
            }
            place = self.line.after(place);
        }
        Ok(false)
    }

    /// The state after a task, if it fits.
    fn fits(&self, task: u32, budget: &mut Budget<'_>) -> Result<Option<M::State>, StopReason> {
        budget.step()?;
        let task = &self.tasks[task as usize];
        let state = self.states.get(self.state);
        let next = self.model.apply(state, task.op, task.returned);
        debug_assert!(
            !task.only_reads || next.as_ref().is_none_or(|next| next == state),
            "{}: only_reads holds for {:?} returning {:?}, but it changed {state:?}",
            M::NAME,
            task.op,
            task.returned,
        );
        Ok(next)
    }

    fn put(&mut self, placed: Placed) {
        let Task { places: (call, answer), .. } = self.tasks[placed.task as usize];
        // The answer first: whatever then follows the call's place is still in the list.
        if answer != Place::END {
            self.line.take_out(answer);
            self.missing -= 1;
        }
        self.line.take_out(call);
        self.placed.push(placed);
    }

    /// Undoes everything up to the last choice point. Returns where to continue; `None` if none is
    /// left.
    fn back(&mut self) -> Option<Place> {
        // Copied only here: an order is long, and a search that never backtracks need not copy any.
        if self.front > self.farthest.event {
            self.farthest = Farthest { event: self.front, order: self.order() };
        }
        while let Some(placed) = self.placed.pop() {
            let Task { places: (call, answer), .. } = self.tasks[placed.task as usize];
            self.line.put_back(call);
            if answer != Place::END {
                self.line.put_back(answer);
                self.missing += 1;
            }
            self.state = placed.state;
            if placed.choice {
                return Some(self.line.after(call));
            }
        }
        None
    }
}

/// The invocation and answer events of some calls, in order. The calls are known by their index.
fn happenings(spans: &[Span]) -> impl Iterator<Item = Happening> {
    let mut events: Vec<(usize, Happening)> = Vec::with_capacity(2 * spans.len());
    for (number, span) in spans.iter().enumerate() {
        events.push((span.invoked, Happening::Call(number as u32)));
        events.extend(span.answered.map(|answered| (answered, Happening::Answer(number as u32))));
    }
    events.sort_unstable_by_key(|(position, _)| *position);
    events.into_iter().map(|(_, happening)| happening)
}
