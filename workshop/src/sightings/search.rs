//! A bug met in a search of every schedule, or in stages.

use std::error::Error;

use quorate_lab::check::{Reductions, Search, Shared};

use super::{Met, instead};
use crate::checks::{Examined, by_way_of};

pub(super) fn meet<E: Examined<Machine: Shared, Invariants: Sync>>(rules: E::Rules) -> Result<Met, Box<dyn Error>> {
    let (budget, stages) = (E::budget(rules), E::stages(rules));
    // Stages name nodes, so that these are not alike.
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
    let book = E::governed(rules, E::Rules::default(), &budget)?.reductions(Reductions::NONE);
    let followed = book.follow(&path);
    if followed.steps.is_empty() {
        return Err("by the book nothing of the schedule can happen".into());
    }
    let (_, broken) = path.end().broken().ok_or("the path breaks nothing")?;
    Ok(Met {
        broken: broken.invariant.to_owned(),
        length: path.steps.len(),
        by_the_book: followed.end().broken().map(|(_, broken)| broken.to_string()),
        instead: instead(&cluster.replay(&path)?.document(), &book.replay(&followed)?.document()),
    })
}
