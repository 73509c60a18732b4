//! Shrinking: reduces a failing random run to a minimal one.

use std::collections::BTreeSet;
use std::fmt;

use quorate_protocol::{Invariant, Machine, Names, Time};

use super::experiment::{ClientRequest, Experiment, RunVerdict};
use super::message_fault::MessageFault;
use super::run_error::Violation;
use crate::Stop;
use crate::delta::minimise;
use crate::env::{Fault, Latency};

/// A failing run from which nothing can be removed without losing the failure.
#[derive(Clone, Debug)]
pub struct Shrunk<M: Machine, I> {
    /// The minimal run.
    pub experiment: Experiment<M, I>,
    /// Its violation.
    pub violation: Violation,
    /// Number of faults, requests and message faults before shrinking.
    pub before: usize,
    /// Number of runs that shrinking took.
    pub runs: usize,
    /// Whether the run is minimal. Otherwise the limit of runs was reached, or a stop was
    /// requested.
    pub complete: bool,
}

/// A part of a run that can be removed.
#[derive(Clone, PartialEq, Debug)]
enum Ingredient<C> {
    Fault(Time, Fault),
    ClientRequest(ClientRequest<C>),
    MessageFault(MessageFault),
}

impl<M: Machine, I: Invariant<M>> Experiment<M, I> {
    /// Shrinks a failing run to a minimal one that violates the same invariant, with at most
    /// `runs_max` runs. `None` if it does not fail.
    ///
    /// Faults, requests, and random losses, duplications and delays of messages are removed by
    /// delta debugging (Zeller and Hildebrandt 2002): halves first, then ever smaller parts, until
    /// no single one can be removed. Every removal changes the random events that follow, so the
    /// direction matters: both are tried, from the end and from the beginning, and the shorter
    /// result counts.
    pub fn shrink(&self, runs_max: usize) -> Option<Shrunk<M, I>> {
        self.shrink_unless(&Stop::new(), runs_max)
    }

    /// Like [`shrink`](Self::shrink), until a stop is requested: then it returns the smallest run
    /// found by then. `None` also if the stop came before the first violation.
    pub fn shrink_unless(&self, stop: &Stop, runs_max: usize) -> Option<Shrunk<M, I>> {
        // The goal does not matter: the failure is a violation, possibly long after everything is
        // healed.
        let (first, message_faults) = self.find_violation(stop)?;
        // No run needs to take longer than the first one.
        let recovery_window = first.at.since(Time::ZERO + self.fault_window);
        let base = Experiment { recovery_window, ..self.clone() };
        let (base, message_faults) = base.steadied(&first, message_faults, stop);

        let ingredients = base.ingredients(message_faults);
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

    /// The same run with the minimum latency for every message, if it still fails: its diagram is
    /// easier to read.
    fn steadied(
        self,
        first: &Violation,
        message_faults: BTreeSet<MessageFault>,
        stop: &Stop,
    ) -> (Self, BTreeSet<MessageFault>) {
        let mut steady = self.clone();
        let conditions = &mut steady.setup.conditions;
        conditions.latency = Latency::Exactly(conditions.latency.min());
        match steady.find_violation(stop) {
            Some((violation, steady_mishaps)) if violation.broken.invariant == first.broken.invariant => {
                (steady, steady_mishaps)
            }
            _ => (self, message_faults),
        }
    }

    fn ingredients(&self, message_faults: BTreeSet<MessageFault>) -> Vec<Ingredient<M::Command>> {
        let faults = self.faults.iter().map(|(at, fault)| Ingredient::Fault(*at, fault.clone()));
        let requests = self.requests.iter().cloned().map(Ingredient::ClientRequest);
        faults.chain(requests).chain(message_faults.into_iter().map(Ingredient::MessageFault)).collect()
    }

    /// The same run with only the ingredients at these positions.
    fn with(&self, ingredients: &[Ingredient<M::Command>], positions: &[usize]) -> Self {
        let mut part = Experiment {
            setup: self.setup.clone(),
            invariants: self.invariants.clone(),
            faults: Vec::new(),
            requests: Vec::new(),
            message_faults: None,
            fault_window: self.fault_window,
            recovery_window: self.recovery_window,
        };
        let mut message_faults = BTreeSet::new();
        let mut positions = positions.to_vec();
        positions.sort_unstable();
        for position in positions {
            match ingredients[position].clone() {
                Ingredient::Fault(at, fault) => part.faults.push((at, fault)),
                Ingredient::ClientRequest(request) => part.requests.push(request),
                Ingredient::MessageFault(message_fault) => {
                    message_faults.insert(message_fault);
                }
            }
        }
        part.message_faults = Some(message_faults);
        part
    }

    fn breaks(&self, invariant: &str, stop: &Stop) -> Option<Violation> {
        match self.run_unless(stop, |_| false).ok()?.verdict {
            RunVerdict::Broke(violation) if violation.broken.invariant == invariant => Some(violation),
            _ => None,
        }
    }
}

impl<M: Machine, I> Shrunk<M, I> {
    /// Formats the minimal schedule, one line for each ingredient, with these names.
    pub fn schedule(&self, names: &Names) -> String {
        names.scope(|| self.to_string())
    }

    /// Describes the ingredients: first requests and faults, in order of time, then message faults.
    pub fn ingredients(&self, names: &Names) -> Vec<String> {
        names.scope(|| self.in_words().collect())
    }

    fn in_words(&self) -> impl Iterator<Item = String> {
        let Experiment { requests, faults, message_faults, .. } = &self.experiment;
        let mut timed: Vec<(Time, String)> = faults.iter().map(|(at, fault)| (*at, fault.to_string())).collect();
        for ClientRequest { at, client, of, command } in requests {
            let of = of.map_or_else(|| "its node".to_owned(), |node| node.to_string());
            timed.push((*at, format!("{client} asks {of} for {command:?}")));
        }
        timed.sort();
        let message_faults = message_faults.iter().flatten().map(|message_fault| format!("{:15}  {message_fault}", ""));
        timed.into_iter().map(|(at, line)| format!("at {at:>12}  {line}")).chain(message_faults)
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
