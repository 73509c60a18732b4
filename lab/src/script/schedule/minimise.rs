//! Minimisation of schedules: replays with ever fewer moves, in memory.

use std::collections::BTreeSet;

use quorate_protocol::{Duration, NodeId};

use super::follow::rounded;
use super::listen::number_anew;
use super::pairs::without_pairs;
use super::{Action, ClientMode, ExportError, Followed, Move, Schedule};
use crate::Stop;
use crate::delta::minimise;
use crate::script::protocol::Registry;

/// A schedule from which nothing can be left out.
#[derive(Clone, Debug)]
pub struct Minimised {
    /// The minimised schedule.
    pub schedule: Schedule,
    /// Number of moves before.
    pub before: usize,
    /// Number of replays.
    pub attempts: usize,
    /// Whether minimisation was completed. Otherwise more could perhaps be left out.
    pub complete: bool,
}

/// Maximum number of moves for which pairs are tried as well.
const PAIRS_MAX: usize = 80;

/// Replay attempts within a budget.
struct Attempts<'a> {
    schedule: &'a Schedule,
    registry: &'a Registry,
    made: usize,
    /// Number of moves that may still be made, in all attempts together.
    moves_left: usize,
    stop: &'a Stop,
}

impl Attempts<'_> {
    /// Replays a part. Returns the moves that could be made, if they break the same invariant.
    fn attempt(&mut self, part: &[Move]) -> Option<Vec<Move>> {
        self.moves_left = self.moves_left.saturating_sub(part.len() + 1);
        if self.stop.is_requested() {
            self.moves_left = 0;
        }
        if self.moves_left == 0 {
            return None;
        }
        self.made += 1;
        let followed = self.schedule.follow(part, self.registry, false).ok()?;
        let breaks = followed.broken == Some(self.schedule.invariant.as_str());
        breaks.then(|| followed.made.iter().map(|position| part[*position].clone()).collect())
    }
}

impl Schedule {
    /// Minimises the schedule to the moves that the violation needs, with at most `moves_max` moves
    /// in all attempts together: a bound on the running time that does not depend on the machine.
    ///
    /// # Errors
    /// [`ExportError::Otherwise`]: the schedule itself does not break the invariant.
    pub fn minimised(&self, registry: &Registry, moves_max: usize) -> Result<Minimised, ExportError> {
        self.minimised_unless(&Stop::new(), registry, moves_max)
    }

    /// [`minimised`](Self::minimised) with cancellation: a requested stop ends it with the moves
    /// left by then.
    ///
    /// # Errors
    /// As [`minimised`](Self::minimised).
    pub fn minimised_unless(
        &self,
        stop: &Stop,
        registry: &Registry,
        moves_max: usize,
    ) -> Result<Minimised, ExportError> {
        let schedule = self.repeated(registry)?;
        let mut attempts = Attempts { schedule: &schedule, registry, made: 1, moves_left: moves_max, stop };
        let past = causal_past(&schedule.moves);
        let mut moves = attempts.attempt(&past).unwrap_or_else(|| schedule.moves.clone());
        moves = minimise(moves, |part| attempts.attempt(part));
        if moves.len() <= PAIRS_MAX {
            moves = without_pairs(moves, |part| attempts.attempt(part));
            moves = minimise(moves, |part| attempts.attempt(part));
        }
        if schedule.timed {
            moves = at_round_times(moves, |part| attempts.attempt(part));
        }
        let (made, complete) = (attempts.made, attempts.moves_left > 0);
        let mut left = Schedule { moves, ..schedule.clone() };
        left.name_clients_less(registry);
        Ok(Minimised { schedule: left, before: self.moves.len(), attempts: made, complete })
    }

    /// The simplest form of the schedule that breaks its invariant, up to the violation.
    fn repeated(&self, registry: &Registry) -> Result<Schedule, ExportError> {
        let (mut instead, mut left_out) = (None, None);
        let between_steps = |each: &Move| match each.what {
            Action::Crash(_) => Move { what: Action::Crash(crate::env::CrashPoint::BetweenSteps), ..each.clone() },
            _ => each.clone(),
        };
        for voices in [self.voices, ClientMode::Clients] {
            let told = Schedule { voices, ..self.clone() };
            let plain = Schedule { moves: told.moves.iter().map(between_steps).collect(), ..told.clone() };
            for schedule in [told, plain] {
                let followed = schedule.follow(&schedule.moves, registry, false)?;
                if followed.broken == Some(self.invariant.as_str()) {
                    let moves = followed.made.iter().map(|position| schedule.moves[*position].clone()).collect();
                    return Ok(Schedule { moves, ..schedule });
                }
                instead = instead.or(followed.broken);
                left_out = left_out.or(followed.left_out);
            }
        }
        Err(ExportError::Otherwise { invariant: self.invariant.clone(), instead, left_out })
    }

    /// Replays moves in a new run.
    pub(super) fn follow(&self, moves: &[Move], registry: &Registry, telling: bool) -> Result<Followed, ExportError> {
        let mut run = registry.start(&self.run(), false).map_err(ExportError::Cluster)?;
        Ok(run.follow(moves, telling))
    }

    /// Removes the clients' names if it does not matter who asks, and gaps in request numbers.
    fn name_clients_less(&mut self, registry: &Registry) {
        let breaks = |schedule: &Schedule| {
            let followed = schedule.follow(&schedule.moves, registry, false);
            followed.is_ok_and(|followed| {
                followed.broken == Some(schedule.invariant.as_str()) && followed.made.len() == schedule.moves.len()
            })
        };
        let anonymous = Schedule { voices: ClientMode::One, ..self.clone() };
        if self.voices == ClientMode::Clients && !self.named && breaks(&anonymous) {
            *self = anonymous;
        }
        let mut renumbered = self.clone();
        number_anew(&mut renumbered.moves);
        if breaks(&renumbered) {
            *self = renumbered;
        }
    }
}

/// The causal past of the last move (Lamport 1978): the move itself, earlier moves of its node, the
/// moves that sent the messages delivered there, and so on. Moves of other nodes that had no effect
/// on it are not included.
fn causal_past(moves: &[Move]) -> Vec<Move> {
    let mut nodes: BTreeSet<NodeId> = moves.last().map(|last| last.node).into_iter().collect();
    let mut senders: BTreeSet<u32> = BTreeSet::new();
    let mut past = Vec::new();
    for each in moves.iter().rev() {
        if senders.remove(&each.id) {
            nodes.insert(each.node);
        }
        if !nodes.contains(&each.node) {
            continue;
        }
        if let Action::Deliver { message, .. } = each.what {
            senders.insert(message.by);
        }
        past.push(each.clone());
    }
    past.reverse();
    past
}

/// Moves the times to the roundest values possible, so that time passes in as few pieces as
/// possible.
fn at_round_times(moves: Vec<Move>, mut attempt: impl FnMut(&[Move]) -> Option<Vec<Move>>) -> Vec<Move> {
    let count = moves.len();
    let grains = [100_000, 10_000, 1_000, 100, 10, 1].map(Duration::from_micros);
    let mut rounder = grains.into_iter().filter_map(|grain| {
        let tried = attempt(&rounded(&moves, grain))?;
        (tried.len() == count).then_some(tried)
    });
    rounder.next().unwrap_or(moves)
}
