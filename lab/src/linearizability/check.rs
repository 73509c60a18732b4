//! Linearizability check of a whole history: object by object, then merged into one order.

use super::limits::{Budget, Limits, StopReason};
use super::plan::{Part, parts, slots};
use super::search::{Farthest, Search};
use super::{CallId, History, Model, Refutation, Report, Verdict};

/// Checks whether a history is linearizable: whether every call can be assigned one moment between
/// its invocation and its answer at which it takes effect, such that the object behaves as the
/// model says (Herlihy & Wing 1990).
///
/// A call without an answer, or with an `info`, may have taken effect at any moment after its
/// invocation, or never. The same history and limits give the same report. See [`Model`] and
/// [`models`](super::models) for examples.
pub fn check<M: Model>(model: &M, history: &History<M>, limits: Limits) -> Report {
    check_until(model, history, limits, || false)
}

/// [`check`] with a callback for cancellation: it also ends, with [`Verdict::Unknown`], soon after
/// `stop` returns true. This library reads no clock: to limit the time, let `stop` compare one.
///
/// ```
/// use quorate_lab::linearizability::{History, Limits, Verdict, check_until};
/// use quorate_lab::linearizability::models::Register;
///
/// let begun = std::time::Instant::now();
/// let history = History::new();
/// let report = check_until(&Register::new(0), &history, Limits::default(), || begun.elapsed().as_secs() >= 10);
/// assert_eq!(report.verdict, Verdict::Linearizable { order: vec![] });
/// ```
pub fn check_until<M: Model>(
    model: &M,
    history: &History<M>,
    limits: Limits,
    mut stop: impl FnMut() -> bool,
) -> Report {
    let mut budget = Budget::new(limits, &mut stop);
    let parts = parts(model, history);
    budget.cost.objects = parts.len();
    budget.cost.concurrency = parts.iter().map(|part| slots(&part.spans).1).max().unwrap_or(0);
    let verdict = Check { model, history, budget: &mut budget }.verdict(&parts);
    Report { verdict, cost: budget.cost }
}

struct Check<'a, 'b, M: Model> {
    model: &'a M,
    history: &'a History<M>,
    budget: &'a mut Budget<'b>,
}

/// An object whose calls have no valid order.
struct Broken<'p, K> {
    part: &'p Part<K>,
    farthest: Farthest,
    exact: bool,
}

/// Either an order, or the farthest point that the search reached.
type Tried = Result<Vec<CallId>, Farthest>;

impl<M: Model> Check<'_, '_, M> {
    fn verdict(&mut self, parts: &[Part<M::Key>]) -> Verdict {
        let mut orders = Vec::with_capacity(parts.len());
        let mut broken: Option<Broken<'_, M::Key>> = None;
        let mut stopped = None;
        for part in parts {
            // Once an object is refuted, the others matter only if they fail earlier.
            let end = broken.as_ref().map_or(self.history.events().len(), |broken| broken.farthest.event);
            match self.order(part, end) {
                Ok(Ok(order)) => orders.push(order),
                Ok(Err(farthest)) => broken = Some(self.narrow(part, farthest, end)),
                Err(stop) => {
                    stopped = Some(stop);
                    break;
                }
            }
        }
        match (broken, stopped) {
            (Some(broken), stopped) => Verdict::NotLinearizable(self.refutation(broken, stopped.is_none())),
            (None, Some(stop)) => Verdict::Unknown { stop, explained: orders.len() },
            (None, None) => Verdict::Linearizable { order: self.merged(orders) },
        }
    }

    /// Searches for an order of the calls on one object, as of just before the event at `end`.
    fn order(&mut self, part: &Part<M::Key>, end: usize) -> Result<Tried, StopReason> {
        let spans = part.before(end);
        let mut search = Search::new(self.model, self.history, &part.key, &spans);
        Ok(if search.run(self.budget)? { Ok(search.order()) } else { Err(search.farthest()) })
    }

    /// Finds the exact event at which an object's history stops being linearizable, given that its
    /// calls before `end` have no order.
    ///
    /// The search used answers that come *later*, so it may have stopped before the history itself
    /// fails. This therefore looks for a prefix that has an order and that loses it with the next
    /// event.
    fn narrow<'p>(&mut self, part: &'p Part<M::Key>, reached: Farthest, mut end: usize) -> Broken<'p, M::Key> {
        let mut best = reached.clone();
        // Nearly always the very next event refutes it: try that first, then bisect.
        let mut middle = best.event + 1;
        while best.event + 1 < end {
            match self.order(part, middle) {
                Ok(Ok(order)) => best = Farthest { event: middle, order },
                Ok(Err(reached)) => {
                    end = middle;
                    // Of two orders for one prefix, the one from the longer search leaves out the
                    // call that refutes it.
                    if reached.event >= best.event {
                        best = reached;
                    }
                }
                Err(_) => return Broken { part, farthest: reached, exact: false },
            }
            middle = best.event.midpoint(end);
        }
        Broken { part, farthest: best, exact: true }
    }

    fn refutation(&self, broken: Broken<'_, M::Key>, others_checked: bool) -> Refutation {
        let Farthest { event, order } = broken.farthest;
        let culprit = self.history.events()[event];
        let waiting =
            broken.part.before(event).into_iter().filter(|span| span.answered.is_none()).map(|span| span.call);
        let others = waiting.filter(|call| *call != culprit && !order.contains(call));
        let unplaced = [culprit].into_iter().chain(others).collect();
        Refutation { prefix: event, order, unplaced, exact: broken.exact && others_checked }
    }

    /// Merges the orders of all objects into one order of all calls.
    ///
    /// Each call gets the earliest moment consistent with its object's order: the last invocation
    /// among the calls up to it. That is before its answer, because otherwise the call with that
    /// invocation would have begun after the answer and could not precede it. So sorting by these
    /// moments respects the real-time order, as Herlihy & Wing's Theorem 1 promises is possible.
    fn merged(&self, orders: Vec<Vec<CallId>>) -> Vec<CallId> {
        let mut moments = Vec::new();
        for order in orders {
            let mut moment = 0;
            for call in order {
                moment = moment.max(self.history.call(call).invoked.position);
                moments.push((moment, call));
            }
        }
        // Only calls on the same object share a moment, and a stable sort keeps those in order.
        moments.sort_by_key(|(moment, _)| *moment);
        moments.into_iter().map(|(_, call)| call).collect()
    }
}
