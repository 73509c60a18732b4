//! Reproduction of a bug in an exhaustive or guided search.

use quorate_bugs::{NamedRulebook, NamedRulebookOf};
use quorate_lab::check::{Path, Reductions, Search, SyncMachine};

use super::{Reproduction, instead};
use crate::TargetError;
use crate::checks::{SearchTarget, Searched, guided};
use crate::protocols::SearchVisitor;

/// Schedule, with the cluster in which it happens.
pub type Shortest<E> = (Searched<E>, Path<Searched<E>>);

/// Finds the shortest schedule that exposes a rulebook's bug, in the cluster where it shows; in a
/// guided search, the shortest from each waypoint to the next.
///
/// # Errors
/// If nothing breaks, or there is no such cluster.
pub fn shortest<E: SearchTarget>(rules: NamedRulebookOf<E::Machine>) -> Result<Shortest<E>, TargetError> {
    let (budget, waypoints) = (E::budget(rules), E::waypoints(rules));
    // Waypoints name nodes, so the nodes are not interchangeable.
    let cluster = if waypoints.is_empty() { E::cluster(rules, &budget)? } else { E::without_symmetry(rules, &budget)? };
    let way = guided::<E>(&cluster, &waypoints)?;
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
pub(super) struct Reproduce<R>(pub(super) NamedRulebook<R>);

impl<R> SearchVisitor<R> for Reproduce<R> {
    type Output = Result<Reproduction, TargetError>;

    fn visit<E: SearchTarget<Machine: SyncMachine<Rulebook = R>>>(self) -> Self::Output {
        reproduce::<E>(self.0)
    }
}

fn reproduce<E: SearchTarget>(rules: NamedRulebookOf<E::Machine>) -> Result<Reproduction, TargetError> {
    let (cluster, path) = shortest::<E>(rules)?;
    let (_, broken) = path.end().broken().ok_or("the path breaks nothing")?;
    let under_rules = |book| E::under_rules(rules, book, &E::budget(rules)).map(|all| all.reductions(Reductions::NONE));
    // Sanity check for the comparison below: replaying under the same rules must give the same
    // outcome.
    if under_rules(rules)?.replay_under(&path).end().broken() != path.end().broken() {
        return Err("the schedule, replayed step by step, does not break the same invariant".into());
    }
    let book = under_rules(NamedRulebookOf::<E::Machine>::default())?;
    let followed = book.replay_under(&path);
    if followed.steps.is_empty() {
        return Err("under the correct rulebook no step of the schedule is possible".into());
    }
    Ok(Reproduction {
        broken: broken.invariant.to_owned(),
        detail: broken.to_string(),
        schedule: cluster.describe(&path),
        length: path.steps.len(),
        by_the_book: followed.end().broken().map(|(_, broken)| broken.to_string()),
        instead: instead(&cluster.replay(&path)?.document(), &book.replay(&followed)?.document()),
    })
}
