//! Guided search: shortest path to a goal and on from there, for states too deep for one
//! breadth-first search.
//!
//! Each stage is a breadth-first search within the budget that the stages before it have left, so
//! the result is one run of the same cluster. The path from each goal to the next is shortest; the
//! whole path need not be.

use std::error::Error;
use std::fmt;

use quorate_lab::check::{Limit, Path, Search, SearchVerdict};

use super::{Goal, SearchTarget, Searched};

/// Error: no schedule within the budget reaches a waypoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreached {
    /// Name of the goal.
    pub goal: &'static str,
    /// Progress of the search, in words.
    pub report: String,
    /// Limit that ended the search; `None` if every schedule was tried.
    pub limit: Option<Limit>,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unreached { goal, report, limit } = self;
        match limit {
            None => write!(f, "no schedule within these bounds reaches the goal '{goal}': {report}"),
            Some(_) => write!(f, "the search for the goal '{goal}' was stopped before it reached it: {report}"),
        }
    }
}

impl Error for Unreached {}

/// Searches from the initial state to the last goal by way of the others. The path ends early at a
/// violation; without goals it ends in the initial state, if there is only one.
///
/// # Errors
/// [`Unreached`] if some goal is not reached.
pub fn guided<E: SearchTarget>(
    cluster: &Searched<E>,
    goals: &[Goal<E>],
) -> Result<Option<Path<Searched<E>>>, Unreached> {
    guided_within::<E>(cluster, goals, |search| search)
}

/// As [`guided`], with limits for each search.
///
/// # Errors
/// [`Unreached`] if some goal is not reached.
pub fn guided_within<E: SearchTarget>(
    cluster: &Searched<E>,
    goals: &[Goal<E>],
    limited: impl for<'s> Fn(Search<'s, Searched<E>>) -> Search<'s, Searched<E>>,
) -> Result<Option<Path<Searched<E>>>, Unreached> {
    let mut way: Option<Path<Searched<E>>> = None;
    for &(goal, reached) in goals {
        let unreached = |report: &dyn fmt::Display, limit| Unreached { goal, report: report.to_string(), limit };
        let search = limited(Search::new(cluster)).goal(goal, reached).until_reached();
        let search = match &way {
            Some(way) => search.from([way.end().clone()]),
            None => search,
        };
        let report = search.run().map_err(|error| unreached(&error, None))?;
        let next = report.counterexample().or_else(|| report.goals.first()?.path.as_ref());
        let limit = match &report.verdict {
            SearchVerdict::Stopped(limit) => Some(*limit),
            _ => None,
        };
        let next = next.ok_or_else(|| unreached(&report, limit))?.clone();
        let further = match way {
            Some(way) => way.then(next),
            None => next,
        };
        if further.end().broken().is_some() {
            return Ok(Some(further));
        }
        way = Some(further);
    }
    Ok(way)
}
