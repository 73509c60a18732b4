//! Searches in stages: to a goal by the shortest way, and on from there, for what lies deeper than breadth can reach.
//!
//! Each stage is searched breadth first within what the stages before it have left of the budget. So the whole is one run of the
//! same cluster, and shortest from each goal to the next; as a whole it need not be.

use std::error::Error;
use std::fmt;

use quorate_lab::check::{Limit, Path, Search, Verdict};

use super::{Examined, Goal, Searched};

/// A goal on the way that no schedule within the budget reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreached {
    /// The goal.
    pub goal: &'static str,
    /// How far the search came, in words.
    pub report: String,
    /// What ended the search, unless every schedule was tried.
    pub limit: Option<Limit>,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unreached { goal, report, limit } = self;
        match limit {
            None => write!(f, "no schedule within these bounds gets to where '{goal}': {report}"),
            Some(_) => write!(f, "the search for where '{goal}' was ended before it got there: {report}"),
        }
    }
}

impl Error for Unreached {}

/// From the beginning to the last of some goals, by way of the others. The path ends early where something breaks; without any
/// goal it ends where it begins, if there is but one beginning.
///
/// # Errors
/// [`Unreached`], if a goal is.
pub fn by_way_of<E: Examined>(
    cluster: &Searched<E>,
    goals: &[Goal<E>],
) -> Result<Option<Path<Searched<E>>>, Unreached> {
    by_way_of_within::<E>(cluster, goals, |search| search)
}

/// The same, where each search is given limits.
///
/// # Errors
/// [`Unreached`], if a goal is.
pub fn by_way_of_within<E: Examined>(
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
            Verdict::Stopped(limit) => Some(*limit),
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
