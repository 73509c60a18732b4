//! Minimising: attempts with ever fewer moves, each played in memory.

use std::collections::BTreeSet;

use quorate_protocol::{Duration, NodeId};

use super::follow::rounded;
use super::listen::number_anew;
use super::pairs::without_pairs;
use super::{Followed, Move, Order, Schedule, Untold, Voices};
use crate::Stop;
use crate::delta::minimise;
use crate::script::protocol::Repertoire;

/// A schedule of which nothing can be left out.
#[derive(Clone, Debug)]
pub struct Minimised {
    /// What is left.
    pub schedule: Schedule,
    /// How many moves there were at first.
    pub before: usize,
    /// How many attempts were made.
    pub attempts: usize,
    /// Whether it came to its end. Otherwise more could perhaps be left out.
    pub complete: bool,
}

/// Up to so many moves pairs are tried, too.
const PAIRS_MAX: usize = 80;

/// Attempts, within a budget.
struct Attempts<'a> {
    schedule: &'a Schedule,
    repertoire: &'a Repertoire,
    made: usize,
    /// Moves that may still be made, in all attempts together.
    moves_left: usize,
    stop: &'a Stop,
}

impl Attempts<'_> {
    /// Plays a part. Returns those of its moves that could be made, if they break the same invariant.
    fn attempt(&mut self, part: &[Move]) -> Option<Vec<Move>> {
        self.moves_left = self.moves_left.saturating_sub(part.len() + 1);
        if self.stop.is_requested() {
            self.moves_left = 0;
        }
        if self.moves_left == 0 {
            return None;
        }
        self.made += 1;
        let followed = self.schedule.follow(part, self.repertoire, false).ok()?;
        let breaks = followed.broken == Some(self.schedule.invariant.as_str());
        breaks.then(|| followed.made.iter().map(|position| part[*position].clone()).collect())
    }
}

impl Schedule {
    /// The schedule without all that the violation can do without, with at most so many moves in all attempts together: a bound on
    /// the time that it takes which does not depend on the machine.
    ///
    /// # Errors
    /// [`Untold::Otherwise`]: the schedule itself does not break the invariant.
    pub fn minimised(&self, repertoire: &Repertoire, moves_max: usize) -> Result<Minimised, Untold> {
        self.minimised_unless(&Stop::new(), repertoire, moves_max)
    }

    /// The same, unless somebody asks for an end: then with what was left out by then.
    ///
    /// # Errors
    /// As [`minimised`](Self::minimised).
    pub fn minimised_unless(
        &self,
        stop: &Stop,
        repertoire: &Repertoire,
        moves_max: usize,
    ) -> Result<Minimised, Untold> {
        let schedule = self.repeated(repertoire)?;
        let mut attempts = Attempts { schedule: &schedule, repertoire, made: 1, moves_left: moves_max, stop };
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
        left.name_clients_less(repertoire);
        Ok(Minimised { schedule: left, before: self.moves.len(), attempts: made, complete })
    }

    /// The schedule in the simplest form in which it breaks its invariant, up to there.
    fn repeated(&self, repertoire: &Repertoire) -> Result<Schedule, Untold> {
        let (mut instead, mut left_out) = (None, None);
        let between_steps = |each: &Move| match each.what {
            Order::Crash(_) => Move { what: Order::Crash(crate::env::CrashMoment::BetweenSteps), ..each.clone() },
            _ => each.clone(),
        };
        for voices in [self.voices, Voices::Clients] {
            let told = Schedule { voices, ..self.clone() };
            let plain = Schedule { moves: told.moves.iter().map(between_steps).collect(), ..told.clone() };
            for schedule in [told, plain] {
                let followed = schedule.follow(&schedule.moves, repertoire, false)?;
                if followed.broken == Some(self.invariant.as_str()) {
                    let moves = followed.made.iter().map(|position| schedule.moves[*position].clone()).collect();
                    return Ok(Schedule { moves, ..schedule });
                }
                instead = instead.or(followed.broken);
                left_out = left_out.or(followed.left_out);
            }
        }
        Err(Untold::Otherwise { invariant: self.invariant.clone(), instead, left_out })
    }

    /// Plays moves on a stage of their own.
    pub(super) fn follow(&self, moves: &[Move], repertoire: &Repertoire, telling: bool) -> Result<Followed, Untold> {
        let mut stage = repertoire.stage(&self.stage(), false).map_err(Untold::Cluster)?;
        Ok(stage.follow(moves, telling))
    }

    /// Clients lose their names if it does not matter who asks, and numbers have no gaps.
    fn name_clients_less(&mut self, repertoire: &Repertoire) {
        let breaks = |schedule: &Schedule| {
            let followed = schedule.follow(&schedule.moves, repertoire, false);
            followed.is_ok_and(|followed| {
                followed.broken == Some(schedule.invariant.as_str()) && followed.made.len() == schedule.moves.len()
            })
        };
        let anonymous = Schedule { voices: Voices::One, ..self.clone() };
        if self.voices == Voices::Clients && !self.named && breaks(&anonymous) {
            *self = anonymous;
        }
        let mut renumbered = self.clone();
        number_anew(&mut renumbered.moves);
        if breaks(&renumbered) {
            *self = renumbered;
        }
    }
}

/// What the last move could know of: it, what happened to its node before, what sent the messages that arrived there, and so on
/// (Lamport 1978). What another node did without being heard is not among it.
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
        if let Order::Deliver { letter, .. } = each.what {
            senders.insert(letter.by);
        }
        past.push(each.clone());
    }
    past.reverse();
    past
}

/// The moves at round times, the rounder the better; time passes in as few pieces as it can.
fn at_round_times(moves: Vec<Move>, mut attempt: impl FnMut(&[Move]) -> Option<Vec<Move>>) -> Vec<Move> {
    let count = moves.len();
    let grains = [100_000, 10_000, 1_000, 100, 10, 1].map(Duration::from_micros);
    let mut rounder = grains.into_iter().filter_map(|grain| {
        let tried = attempt(&rounded(&moves, grain))?;
        (tried.len() == count).then_some(tried)
    });
    rounder.next().unwrap_or(moves)
}
