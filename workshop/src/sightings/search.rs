//! Reproduction of a bug in an exhaustive or guided search.

use std::error::Error;

use quorate_bugs::{Book, BookOf};
use quorate_lab::check::{Path, Reductions, Search, SyncMachine};

use super::{Met, instead};
use crate::checks::{Examined, Searched, by_way_of};
use crate::protocols::SearchVisitor;

/// Schedule, with the cluster in which it happens.
pub type Shortest<E> = (Searched<E>, Path<Searched<E>>);

/// Finds the shortest schedule that exposes a rulebook's bug, in the cluster where it shows; in a
/// guided search, the shortest from each waypoint to the next.
///
/// # Errors
/// If nothing breaks, or there is no such cluster.
pub fn shortest<E: Examined>(rules: BookOf<E::Machine>) -> Result<Shortest<E>, Box<dyn Error>> {
    let (budget, stages) = (E::budget(rules), E::stages(rules));
    // Waypoints name nodes, so the nodes are not interchangeable.
    let cluster = if stages.is_empty() { E::cluster(rules, &budget)? } else { E::apart(rules, &budget)? };
    let way = by_way_of::<E>(&cluster, &stages)?;
    let path = match way {
        Some(way) if way.end().broken().is_some() => way,
        way => {
            let search = Search::new(&cluster);
            let search = match &way {
                Some(way) => search.from([way.end().clone()]),
                None => search,
            };
            let report = search.run()?;
            let further = report.counterexample().ok_or_else(|| format!("nothing breaks: {report}"))?.clone();
            match way {
                Some(way) => way.then(further),
                None => further,
            }
        }
    };
    Ok((cluster, path))
}

/// Reproduces the bug of a rulebook.
pub(super) struct Meet<R>(pub(super) Book<R>);

impl<R> SearchVisitor<R> for Meet<R> {
    type Output = Result<Met, Box<dyn Error>>;

    fn visit<E: Examined<Machine: SyncMachine<Rulebook = R>>>(self) -> Self::Output {
        meet::<E>(self.0)
    }
}

fn meet<E: Examined>(rules: BookOf<E::Machine>) -> Result<Met, Box<dyn Error>> {
    let (cluster, path) = shortest::<E>(rules)?;
    let (_, broken) = path.end().broken().ok_or("the path breaks nothing")?;
    let governed = |book| E::governed(rules, book, &E::budget(rules)).map(|all| all.reductions(Reductions::NONE));
    // Sanity check for the comparison below: replaying under the same rules must give the same
    // outcome.
    if governed(rules)?.replay_under(&path).end().broken() != path.end().broken() {
        return Err("the schedule, followed step by step, does not break what it broke".into());
    }
    let book = governed(BookOf::<E::Machine>::default())?;
    let followed = book.replay_under(&path);
    if followed.steps.is_empty() {
        return Err("by the book nothing of the schedule can happen".into());
    }
    Ok(Met {
        broken: broken.invariant.to_owned(),
        detail: broken.to_string(),
        schedule: cluster.describe(&path),
        length: path.steps.len(),
        by_the_book: followed.end().broken().map(|(_, broken)| broken.to_string()),
        instead: instead(&cluster.replay(&path)?.document(), &book.replay(&followed)?.document()),
    })
}
