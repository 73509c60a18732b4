//! Shrinking: from a random run that fails to the few things that make it fail.

use std::collections::BTreeSet;
use std::fmt;

use quorate_protocol::{Invariant, Machine, Names, Time};

use super::experiment::{Asking, Experiment, Verdict};
use super::halt::Violation;
use super::network::Mishap;
use crate::Stop;
use crate::delta::minimise;
use crate::env::{Fault, Latency};

/// A failing run from which nothing can be left out without it ceasing to fail in the same way.
#[derive(Clone, Debug)]
pub struct Shrunk<M: Machine, I> {
    /// What is left of the run.
    pub experiment: Experiment<M, I>,
    /// How it fails.
    pub violation: Violation,
    /// How many faults, requests and mishaps there were at first.
    pub before: usize,
    /// How many runs it took.
    pub runs: usize,
    /// Whether nothing more can be left out. Otherwise the runs were used up, or somebody asked for an end.
    pub complete: bool,
}

/// One thing that can be left out of a run.
#[derive(Clone, PartialEq, Debug)]
enum Ingredient<C> {
    Fault(Time, Fault),
    Asking(Asking<C>),
    Mishap(Mishap),
}

impl<M: Machine, I: Invariant<M>> Experiment<M, I> {
    /// Cuts a failing run down to a minimal one that breaks the same invariant, with at most so many runs. `None` if it does not fail.
    ///
    /// Faults, requests, and the losses, repetitions and delays that chance brought to messages are left out by delta debugging
    /// (Zeller and Hildebrandt 2002): halves first, then ever smaller parts, until no single thing can go. Whatever is left out
    /// changes what happens by chance afterwards, so where it begins matters: it is done from the end and from the beginning, and the
    /// shorter outcome counts.
    pub fn shrink(&self, runs_max: usize) -> Option<Shrunk<M, I>> {
        self.shrink_unless(&Stop::new(), runs_max)
    }

    /// The same, unless somebody asks for an end: then it is cut down as far as it was by then. `None` also if that came before
    /// the first violation.
    pub fn shrink_unless(&self, stop: &Stop, runs_max: usize) -> Option<Shrunk<M, I>> {
        // The goal plays no role: what fails here is an invariant, and it may fail long after everything is healed.
        let (first, mishaps) = self.breaks_noting(stop)?;
        // No run needs to go on for longer than the first one did.
        let calm = first.at.since(Time::ZERO + self.storm);
        let base = Experiment { calm, ..self.clone() };
        let (base, mishaps) = base.steadied(&first, mishaps, stop);

        let ingredients = base.ingredients(mishaps);
        let before = ingredients.len();
        let (mut runs, mut complete) = (2, true);
        let mut attempt = |part: &[usize]| {
            if runs >= runs_max || stop.is_requested() {
                complete = false;
                return None;
            }
            runs += 1;
            base.with(&ingredients, part).breaks(first.broken.invariant, stop).map(|_| part.to_vec())
        };
        let from_the_end = minimise((0..before).collect(), &mut attempt);
        let from_the_beginning = minimise((0..before).rev().collect(), &mut attempt);
        let shorter = if from_the_beginning.len() < from_the_end.len() { from_the_beginning } else { from_the_end };
        let experiment = base.with(&ingredients, &shorter);
        let violation = experiment.breaks(first.broken.invariant, &Stop::new())?;
        Some(Shrunk { experiment, violation, before, runs, complete: complete && !stop.is_requested() })
    }

    /// The same run with every message taking its shortest time, if it fails then, too: its picture is easier to read.
    fn steadied(self, first: &Violation, mishaps: BTreeSet<Mishap>, stop: &Stop) -> (Self, BTreeSet<Mishap>) {
        let mut steady = self.clone();
        let conditions = &mut steady.setup.conditions;
        conditions.latency = Latency::Exactly(conditions.latency.min());
        match steady.breaks_noting(stop) {
            Some((violation, steady_mishaps)) if violation.broken.invariant == first.broken.invariant => {
                (steady, steady_mishaps)
            }
            _ => (self, mishaps),
        }
    }

    fn ingredients(&self, mishaps: BTreeSet<Mishap>) -> Vec<Ingredient<M::Command>> {
        let faults = self.faults.iter().map(|(at, fault)| Ingredient::Fault(*at, fault.clone()));
        let askings = self.askings.iter().cloned().map(Ingredient::Asking);
        faults.chain(askings).chain(mishaps.into_iter().map(Ingredient::Mishap)).collect()
    }

    /// The same run with the ingredients at these positions alone.
    fn with(&self, ingredients: &[Ingredient<M::Command>], positions: &[usize]) -> Self {
        let mut part = Experiment {
            setup: self.setup.clone(),
            invariants: self.invariants.clone(),
            faults: Vec::new(),
            askings: Vec::new(),
            mishaps: None,
            storm: self.storm,
            calm: self.calm,
        };
        let mut mishaps = BTreeSet::new();
        let mut positions = positions.to_vec();
        positions.sort_unstable();
        for position in positions {
            match ingredients[position].clone() {
                Ingredient::Fault(at, fault) => part.faults.push((at, fault)),
                Ingredient::Asking(asking) => part.askings.push(asking),
                Ingredient::Mishap(mishap) => {
                    mishaps.insert(mishap);
                }
            }
        }
        part.mishaps = Some(mishaps);
        part
    }

    fn breaks(&self, invariant: &str, stop: &Stop) -> Option<Violation> {
        match self.run_unless(stop, |_| false).ok()?.verdict {
            Verdict::Broke(violation) if violation.broken.invariant == invariant => Some(violation),
            _ => None,
        }
    }
}

impl<M: Machine, I> Shrunk<M, I> {
    /// The minimal schedule as text, a line for each thing that must happen, with these names.
    pub fn schedule(&self, names: &Names) -> String {
        names.scope(|| self.to_string())
    }

    /// The things that must happen, in words: first what is asked and what goes wrong, in the order of time, then what happens to messages.
    pub fn ingredients(&self, names: &Names) -> Vec<String> {
        names.scope(|| self.in_words().collect())
    }

    fn in_words(&self) -> impl Iterator<Item = String> {
        let Experiment { askings, faults, mishaps, .. } = &self.experiment;
        let mut timed: Vec<(Time, String)> = faults.iter().map(|(at, fault)| (*at, fault.to_string())).collect();
        for Asking { at, client, of, command } in askings {
            let of = of.map_or_else(|| "its node".to_owned(), |node| node.to_string());
            timed.push((*at, format!("{client} asks {of} for {command:?}")));
        }
        timed.sort();
        let mishaps = mishaps.iter().flatten().map(|mishap| format!("{:15}  {mishap}", ""));
        timed.into_iter().map(|(at, line)| format!("at {at:>12}  {line}")).chain(mishaps)
    }
}

impl<M: Machine, I> fmt::Display for Shrunk<M, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setup = &self.experiment.setup;
        writeln!(f, "seed {}, latency {}", setup.seed, setup.conditions.latency)?;
        self.in_words().try_for_each(|line| writeln!(f, "{line}"))?;
        write!(f, "{}", self.violation)
    }
}
