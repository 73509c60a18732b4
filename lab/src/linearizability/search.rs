//! The search for an order: Wing & Gong 1993, §4, with Lowe's improvements (2017, §3).
//!
//! Take any call that began before every answer that is still to be explained, and see whether the object could have
//! done it first. If so, take it out and go on; where nothing fits, put the last one back and try the next. To that
//! come, from Lowe: configurations that were met before are not searched again, and calls are taken out and put back
//! in constant time. And one more: a call that changes nothing ([`Model::only_reads`]) is placed as soon as it fits.
//! That loses no order, because in any order that places it later it can be moved to here: nothing that is left had to
//! precede it, and moving it changes no state.

use super::limits::{Budget, Stop};
use super::line::{Happening, Line, Place};
use super::memo::{Seen, States};
use super::plan::{Span, slots};
use super::{CallId, History, Model};

/// A search among the calls on one object.
pub(super) struct Search<'a, M: Model> {
    model: &'a M,
    tasks: Vec<Task<'a, M>>,
    line: Line,
    states: States<M::State>,
    seen: Seen,
    state: u32,
    /// How many answered calls are not placed yet.
    missing: usize,
    placed: Vec<Placed>,
    /// The first answer that was still to be explained on the last arrival: its event.
    front: usize,
    farthest: Farthest,
    /// Scratch: the calls before the first answer that are not placed.
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

/// A call that was placed, and how to undo it.
#[derive(Clone, Copy)]
struct Placed {
    task: u32,
    /// The state before.
    state: u32,
    /// Whether something else might have been placed instead.
    choice: bool,
}

/// The configuration that explains the longest part of the history.
#[derive(Clone, Default)]
pub(super) struct Farthest {
    /// Every answer before this event is explained.
    pub event: usize,
    /// The order that explains them.
    pub order: Vec<CallId>,
}

/// Where arriving in a configuration led.
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

    /// Whether there is an order.
    pub fn run(&mut self, budget: &mut Budget<'_>) -> Result<bool, Stop> {
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

    /// How far the search came.
    pub fn farthest(self) -> Farthest {
        self.farthest
    }

    /// Places what only reads and fits; then looks whether the search was here before.
    fn arrive(&mut self, budget: &mut Budget<'_>) -> Result<Arrival, Stop> {
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

    /// Places the first call from here on that fits and changes something; whether there is one.
    fn place_from(&mut self, mut place: Place, budget: &mut Budget<'_>) -> Result<bool, Stop> {
        while let Happening::Call(number) = self.line.what(place) {
            if !self.tasks[number as usize].only_reads
                && let Some(next) = self.fits(number, budget)?
            {
                let before = self.state;
                let next = self.states.number(next);
                // What was never answered need not be placed; where it does nothing, it is better left for later.
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
    fn fits(&self, task: u32, budget: &mut Budget<'_>) -> Result<Option<M::State>, Stop> {
        budget.step()?;
        let task = &self.tasks[task as usize];
        let state = self.states.get(self.state);
        let next = self.model.apply(state, task.op, task.returned);
        debug_assert!(
            !task.only_reads || next.as_ref().is_none_or(|next| next == state),
            "{}: only_reads of {:?} returning {:?}, which changed {state:?}",
            M::NAME,
            task.op,
            task.returned,
        );
        Ok(next)
    }

    fn put(&mut self, placed: Placed) {
        let Task { places: (call, answer), .. } = self.tasks[placed.task as usize];
        // The answer first: what follows the call's place is then what is left in the list.
        if answer != Place::END {
            self.line.take_out(answer);
            self.missing -= 1;
        }
        self.line.take_out(call);
        self.placed.push(placed);
    }

    /// Undoes everything up to the last choice. What to try instead; `None` if nothing is left.
    fn back(&mut self) -> Option<Place> {
        // Only now: an order is long, and a search that never goes back need not copy any.
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

/// The events of some calls, in their order. The calls are known by their index.
fn happenings(spans: &[Span]) -> impl Iterator<Item = Happening> {
    let mut events: Vec<(usize, Happening)> = Vec::with_capacity(2 * spans.len());
    for (number, span) in spans.iter().enumerate() {
        events.push((span.invoked, Happening::Call(number as u32)));
        events.extend(span.answered.map(|answered| (answered, Happening::Answer(number as u32))));
    }
    events.sort_unstable_by_key(|(position, _)| *position);
    events.into_iter().map(|(_, happening)| happening)
}
