//! Play at random: the next command by chance, an event, a request or a fault.

use quorate_lab::env::{Rng, Status};
use quorate_lab::script::{CommandLine, InteractiveRun, MessageUnderWay, Snapshot, Usage};

use crate::error::SessionError;
use crate::limits::STEPS_MAX;
use crate::live::Live;
use crate::requests::{requests_of, requests_to};
use crate::session::{Done, Session};
use crate::tree::{Line, has_room_for, too_many};

/// One in a million, the unit of rates here.
const MILLION: u64 = 1_000_000;
/// The stream of random numbers of a player.
const STREAM: u64 = 77;
/// Attempts to find a command that is possible.
const ATTEMPTS: usize = 8;

/// A player that chooses commands by chance.
pub(crate) struct Player {
    rng: Rng,
    faults: u64,
    requests: &'static [Usage],
    asked: usize,
}

impl Player {
    /// A player of a protocol that chooses faults at this rate.
    pub(crate) fn new(seed: u64, rate: f64, requests: &'static [Usage]) -> Self {
        let faults = (rate * MILLION as f64) as u64;
        Player { rng: Rng::new(seed, STREAM), faults, requests, asked: 0 }
    }

    /// The next command.
    pub(crate) fn choose(&mut self, run: &InteractiveRun, look: &Snapshot) -> String {
        if self.rng.below(MILLION) < self.faults {
            let fault = (0..ATTEMPTS).find_map(|_| self.fault(look));
            if let Some(fault) = fault {
                return fault;
            }
        }
        let progress = (0..ATTEMPTS).find_map(|_| self.progress(run, look));
        progress.unwrap_or_else(|| "run 10ms".to_owned())
    }

    fn progress(&mut self, run: &InteractiveRun, look: &Snapshot) -> Option<String> {
        match self.rng.below(100) {
            0..15 => self.request(run, look),
            15..20 => self.timer(look),
            20..45 if look.manual => self.timer(look),
            45.. if look.manual => self.message(look).map(|select| format!("inflight deliver {select}")),
            20..28 => Some("run 5ms".to_owned()),
            _ => look.has_next.then(|| "step".to_owned()),
        }
    }

    fn request(&mut self, run: &InteractiveRun, look: &Snapshot) -> Option<String> {
        let node = self.any(look.nodes.len())?;
        if look.nodes[node].status != Status::Up {
            return None;
        }
        self.asked += 1;
        let lines = requests_to(run, look, self.requests, node, self.asked);
        let chosen = self.any(lines.len())?;
        Some(lines.into_iter().nth(chosen)?.0)
    }

    fn timer(&mut self, look: &Snapshot) -> Option<String> {
        let chosen = self.any(look.timers.len())?;
        let timer = &look.timers[chosen];
        let command = CommandLine::new("fire").word(&timer.node).word(&timer.name);
        look.can_fire(timer).then(|| command.to_string())
    }

    /// The words that select a message under way whose receiver is up.
    fn message(&mut self, look: &Snapshot) -> Option<String> {
        let open: Vec<&MessageUnderWay> = look.under_way.iter().filter(|message| look.can_deliver(message)).collect();
        let chosen = self.any(open.len())?;
        open[chosen].select.clone()
    }

    fn fault(&mut self, look: &Snapshot) -> Option<String> {
        let node = &look.nodes[self.any(look.nodes.len())?];
        let other = &look.nodes[self.any(look.nodes.len())?];
        let (name, to) = (&node.name, &other.name);
        let kind = self.rng.below(100);
        match (kind, node.status) {
            (0..25, Status::Up) => Some(format!("crash {name}{}", self.moment())),
            (0..40, Status::Down) => Some(format!("restart {name}")),
            (25..32, Status::Up) => Some(format!("pause {name}")),
            (0..45, Status::Paused) => Some(format!("resume {name}")),
            (45..55, _) if name != to => {
                let is_cut = look.cuts.iter().any(|cut| (&cut.0, &cut.1) == (name, to));
                Some(format!("{} {name} {to}", if is_cut { "join" } else { "cut" }))
            }
            (55..60, _) if look.nodes.len() > 1 => Some(format!("partition {name}")),
            (60..66, _) if !look.cuts.is_empty() => Some("heal".to_owned()),
            (66..96, _) => self.message_fault(look),
            (96..98, _) => Some(format!("drift {name} {}ppm", self.rng.within(0, 200) as i64 - 100)),
            (98.., _) => Some(format!("jump {name} {}ms", self.rng.within(1, 1_000))),
            _ => None,
        }
    }

    /// The moment of a crash.
    fn moment(&mut self) -> &'static str {
        match self.rng.below(6) {
            0 => " before-persist",
            1 => " after-persist",
            2 => " after-sends=1",
            _ => "",
        }
    }

    fn message_fault(&mut self, look: &Snapshot) -> Option<String> {
        let chosen = self.any(look.under_way.len())?;
        let message = &look.under_way[chosen];
        let select = message.select.as_ref()?;
        match (self.rng.below(5), message.due) {
            (0, _) => Some(format!("inflight drop {select}")),
            (1, _) => Some(format!("inflight duplicate {select} later={}ms", self.rng.within(1, 20))),
            (2, Some(_)) => Some(format!("inflight delay {select} later={}ms", self.rng.within(1, 50))),
            (3, Some(_)) => Some(format!("inflight hold {select}")),
            (_, None) => self.message(look).map(|select| format!("inflight deliver {select}")),
            _ => None,
        }
    }

    fn any(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| self.rng.below(count as u64) as usize)
    }
}

/// Plays by chance until so many commands were possible, or an invariant breaks. Returns the
/// commands after those that the run has performed already.
pub(crate) fn play(live: &mut Live, player: &mut Player, steps: usize) -> Vec<String> {
    let begun = live.lines.len();
    for _ in 0..steps {
        let Some(look) = live.run.snapshot().filter(|look| look.violation.is_none()) else { break };
        let line = player.choose(&live.run, &look);
        drop(live.perform(&line));
        if live.run.is_spoilt() {
            break;
        }
    }
    live.lines[begun..].to_vec()
}

/// The same commands, with every sequence of `step`s as one.
pub(crate) fn merged(lines: &[String]) -> Vec<String> {
    let mut merged: Vec<String> = Vec::new();
    let mut steps = 0;
    for line in lines.iter().map(Some).chain([None]) {
        if line.is_some_and(|line| line == "step") {
            steps += 1;
            continue;
        }
        match steps {
            0 => {}
            1 => merged.push("step".to_owned()),
            count => merged.push(format!("step {count}")),
        }
        steps = 0;
        merged.extend(line.cloned());
    }
    merged
}

/// Checks a rate of faults.
pub(crate) fn checked_rate(rate: f64) -> Result<f64, SessionError> {
    if (0.0..=1.0).contains(&rate) { Ok(rate) } else { Err(SessionError::BadRate { rate }) }
}

impl Session {
    /// Plays by itself from here.
    pub(crate) fn auto(&mut self, steps: usize, rate: f64, seed: u64) -> Result<Done, SessionError> {
        too_many("steps", steps, STEPS_MAX)?;
        let rate = checked_rate(rate)?;
        let registry = std::rc::Rc::clone(&self.registry);
        let live = self.settled()?;
        let protocol = live.run.header().protocol;
        let mut player = Player::new(seed, rate, requests_of(&registry, &protocol));
        let played = merged(&play(live, &mut player, steps));
        let mut tree = self.tree_or_none()?.clone();
        let mut lines = tree.branch().lines_up_to(tree.place);
        has_room_for(lines.len() + played.len())?;
        let count = played.len();
        let played = played.iter().map(|line| Line::new(line));
        if tree.place == tree.branch().end() {
            tree.branch_mut().lines.extend(played);
            tree.place = tree.branch().end();
        } else {
            tree.has_room()?;
            lines.extend(played);
            tree.fork("played", lines);
        }
        self.go_to(tree)?;
        let is_broken = self.live.as_ref().is_some_and(|live| live.broken().is_some());
        let ended = if is_broken { "; an invariant broke" } else { "" };
        Ok(Done::saying(format!("{count} commands were played{ended}.")))
    }
}
