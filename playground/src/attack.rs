//! Attack: random plays from here; the shortest violation, after shrinking, becomes a branch.

use quorate_lab::minimise;

use crate::chance::{Player, checked_rate, merged, play};
use crate::error::SessionError;
use crate::limits::{FORKS_MAX, STEPS_IN_ALL_MAX};
use crate::live::Live;
use crate::requests::requests_of;
use crate::session::{Done, Session};
use crate::tree::{Line, has_room_for, too_many};

/// Rate of faults, if the request has none.
const RATE: f64 = 0.3;
/// Maximum number of attempts to shrink a violation.
const ATTEMPTS_MAX: usize = 600;
/// Maximum number of commands of the script, over all plays.
const REPLAYED_MAX: usize = 200_000;

/// Commands that broke an invariant, after those of the script.
struct Found {
    lines: Vec<String>,
    invariant: &'static str,
}

impl Session {
    /// Plays many times from here, and keeps the shortest violation.
    pub(crate) fn attack(
        &mut self,
        forks: usize,
        steps: usize,
        seed: u64,
        rate: Option<f64>,
    ) -> Result<Done, SessionError> {
        too_many("forks", forks, FORKS_MAX)?;
        too_many("steps of all forks", forks.saturating_mul(steps), STEPS_IN_ALL_MAX)?;
        let rate = checked_rate(rate.unwrap_or(RATE))?;
        let live = self.settled()?;
        if let Some((invariant, _)) = live.broken() {
            return Ok(Done::saying(format!(
                "The run has broken {invariant} already; go back before that and try again."
            )));
        }
        let base = live.lines.clone();
        too_many("replayed commands", forks.saturating_mul(base.len()), REPLAYED_MAX)?;
        let protocol = live.run.header().protocol;
        let requests = requests_of(&self.registry, &protocol);
        let mut shortest: Option<Found> = None;
        for fork in 0..forks as u64 {
            let mut player = Player::new(seed.wrapping_add(fork), rate, requests);
            let Ok(mut live) = Live::after(&self.registry, "", None, &base) else { break };
            let lines = play(&mut live, &mut player, steps);
            if let Some((invariant, _)) = live.broken().filter(|_| !live.run.is_spoilt())
                && shortest.as_ref().is_none_or(|shortest| lines.len() < shortest.lines.len())
            {
                shortest = Some(Found { lines, invariant });
            }
        }
        let Some(Found { lines, invariant }) = shortest else {
            return Ok(Done::saying(format!("No violation was found in {forks} plays of {steps} commands.")));
        };
        let found = lines.len();
        let shrunk = merged(&self.shrunk(&base, lines, invariant));
        let count = shrunk.len();
        let mut tree = self.forkable()?;
        let mut lines = tree.branch().lines_up_to(tree.place);
        has_room_for(lines.len() + count)?;
        lines.extend(shrunk.iter().map(|line| Line::new(line)));
        tree.fork("attack", lines);
        self.go_to(tree)?;
        Ok(Done::saying(format!("{invariant} breaks after {count} more commands, shrunk from a play of {found}.")))
    }

    /// The commands without those that the violation does not need.
    fn shrunk(&self, base: &[String], lines: Vec<String>, invariant: &str) -> Vec<String> {
        let mut attempts = 0;
        minimise(lines, |part| {
            attempts += 1;
            if attempts > ATTEMPTS_MAX {
                return None;
            }
            let mut live = Live::after(&self.registry, "", None, base).ok()?;
            for line in part {
                drop(live.perform(line));
                if live.run.is_spoilt() {
                    return None;
                }
                if live.broken().is_some() {
                    break;
                }
            }
            let (broken, _) = live.broken()?;
            (broken == invariant).then(|| live.lines[base.len()..].to_vec())
        })
    }
}
