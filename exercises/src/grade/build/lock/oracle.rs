//! Invariants over the messages, facts and replies of Redlock's machines, on true time, which no
//! node knows.
//!
//! The oracle sees what clients ask, what instances answer, and who acts. That is enough to detect
//! two holders at one instant; and also, long before that happens, an instance that gives away a
//! key that must still be there, or a client that counts too long or an answer too many.

use std::collections::{BTreeMap, BTreeSet};

use quorate_lease::Name;
use quorate_locks::{Answer, AttemptId, Config, Fact, LockValue, Loss, Message, Reply, Request};
use quorate_protocol::{Duration, Effect, Invariant, InvariantViolation, NodeId, StepKind, StepView, Time, nanos};

use super::LockMachine;
use super::cases::DRIFT;

/// Public record of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    instances: Vec<NodeId>,
    key: Name,
    ttl: Duration,
    /// Minimum true duration of a time to live, on the fastest clock within the bound.
    shortest: Duration,
    attempts: BTreeMap<AttemptId, Attempt>,
    /// Latest attempt of each client.
    latest: BTreeMap<NodeId, AttemptId>,
    /// By instance, the attempt for which it has set the key last, and when.
    keys: BTreeMap<NodeId, (AttemptId, Time)>,
    /// Number of starts of each node.
    lives: BTreeMap<NodeId, u64>,
    /// Attempt that has taken the lock last, and when.
    newest: Option<(AttemptId, Time)>,
    acted: Option<Time>,
    successes: u64,
    messages: u64,
    messages_max: u64,
}

/// An attempt, as its messages show it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Attempt {
    /// True time of its first request.
    begun: Time,
    /// Start of the client in which it was begun.
    life: u64,
    /// Instances that have set the key for it.
    set: BTreeSet<NodeId>,
    /// Instances that have refused.
    refused: BTreeSet<NodeId>,
    /// Instances that were asked to delete its key.
    cleared: BTreeSet<NodeId>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum State {
    Asking,
    Held,
    Lapsed,
    Released,
}

/// Tolerance for the rounding of clocks and spans.
const ROUNDING: Duration = Duration::from_micros(1);

type Verdict = Result<(), InvariantViolation>;

impl Oracle {
    pub(super) fn new(config: &Config, messages_max: u64) -> Self {
        let ttl = config.ttl.unwrap_or(Duration::ZERO);
        let shortest = u128::from(nanos(ttl)) * 1_000_000 / (1_000_000 + u128::from(DRIFT));
        Oracle {
            instances: config.servers.clone(),
            key: config.key.clone(),
            ttl,
            shortest: Duration::from_nanos(u64::try_from(shortest).unwrap_or(u64::MAX)),
            attempts: BTreeMap::new(),
            latest: BTreeMap::new(),
            keys: BTreeMap::new(),
            lives: BTreeMap::new(),
            newest: None,
            acted: None,
            successes: 0,
            messages: 0,
            messages_max,
        }
    }

    /// Whether a client has acted since that time.
    pub(super) fn is_alive(&self, since: Time) -> bool {
        self.acted > Some(since)
    }

    /// Number of replies that report success.
    pub(super) fn successes(&self) -> u64 {
        self.successes
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    pub(super) fn message(&mut self, node: NodeId, at: Time, to: NodeId, message: &Message) -> Verdict {
        self.messages += 1;
        if self.messages > self.messages_max {
            let (sent, max) = (self.messages, self.messages_max);
            let detail = format!("{sent} messages were sent in this run, and the maximum is {max}");
            return Err(InvariantViolation::new("TooManyMessages", detail));
        }
        match message {
            Message::Ask { attempt, request } => self.asked(node, at, to, *attempt, request),
            Message::Told { attempt, answer } => self.told(node, at, *attempt, answer),
            _ => Ok(()),
        }
    }

    fn asked(&mut self, node: NodeId, at: Time, to: NodeId, attempt: AttemptId, request: &Request) -> Verdict {
        match request {
            Request::SetIfAbsent { key, value, ttl } => {
                if (key, *ttl) != (&self.key, Some(self.ttl)) {
                    let detail = format!("{node} asks for {key} with the time to live {ttl:?}, not {:?}", self.ttl);
                    return Err(InvariantViolation::new("KeysExpire", detail));
                }
                self.is_own(node, attempt, *value)?;
                self.begins(node, at, attempt)
            }
            Request::DeleteIfEqual { value, .. } => {
                self.is_own(node, attempt, *value)?;
                if let Some(known) = self.attempts.get_mut(&attempt) {
                    known.cleared.insert(to);
                }
                Ok(())
            }
            Request::Get { .. } => Ok(()),
            other => {
                let detail = format!("{node} asks for {other:?}, which may hit the key of another client");
                Err(InvariantViolation::new("OwnLockOnly", detail))
            }
        }
    }

    fn is_own(&self, node: NodeId, attempt: AttemptId, value: LockValue) -> Verdict {
        if attempt.owner == node && value == LockValue::Unique(attempt) {
            return Ok(());
        }
        let detail = format!("{node} asks on behalf of {attempt} with the value {value}, which is not its own");
        Err(InvariantViolation::new("ValuesAreUnique", detail))
    }

    fn begins(&mut self, node: NodeId, at: Time, attempt: AttemptId) -> Verdict {
        let life = self.lives.get(&node).copied().unwrap_or(0);
        if let Some(known) = self.attempts.get(&attempt) {
            if known.life == life && known.state == State::Asking && known.cleared.is_empty() {
                return Ok(());
            }
            let detail = format!("{node} begins an attempt under {attempt}, which was the value of an earlier one");
            return Err(InvariantViolation::new("ValuesAreUnique", detail));
        }
        if let Some(before) = self.latest.insert(node, attempt) {
            self.is_cleared(node, life, before)?;
        }
        let (set, refused, cleared) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        self.attempts.insert(attempt, Attempt { begun: at, life, set, refused, cleared, state: State::Asking });
        Ok(())
    }

    /// Checks that an attempt that failed, or was unlocked, was cleared wherever its key may be.
    fn is_cleared(&self, node: NodeId, life: u64, before: AttemptId) -> Verdict {
        let Some(known) = self.attempts.get(&before).filter(|known| known.life == life) else { return Ok(()) };
        if matches!(known.state, State::Held | State::Lapsed) {
            return Ok(());
        }
        let is_left = |instance: &&NodeId| !known.cleared.contains(instance) && !known.refused.contains(instance);
        match self.instances.iter().find(is_left) {
            None => Ok(()),
            Some(left) => {
                let detail = format!("{node} begins another attempt, and {left} may still have the key of {before}");
                Err(InvariantViolation::new("ClearsEverywhere", detail))
            }
        }
    }

    fn told(&mut self, node: NodeId, at: Time, attempt: AttemptId, answer: &Answer) -> Verdict {
        match answer {
            Answer::Set { .. } => {
                self.sets(node, at, attempt)?;
                // A repeated answer says nothing about the end of the key.
                let since = self.keys.get(&node).filter(|(key, _)| *key == attempt).map_or(at, |(_, since)| *since);
                self.keys.insert(node, (attempt, since));
                if let Some(known) = self.attempts.get_mut(&attempt) {
                    known.set.insert(node);
                }
            }
            Answer::Exists => {
                if let Some(known) = self.attempts.get_mut(&attempt) {
                    known.refused.insert(node);
                }
            }
            Answer::Deleted { deleted: true } => {
                if let Some((key, _)) = self.binding(node, at).filter(|(key, _)| *key != attempt) {
                    let detail = format!("{node} has deleted for {attempt} the key that {key} had set");
                    return Err(InvariantViolation::new("OwnLockOnly", detail));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The key that this instance must still have: its owner has not asked for its deletion, and it
    /// cannot have expired on the fastest clock.
    fn binding(&self, instance: NodeId, at: Time) -> Option<(AttemptId, Time)> {
        let (attempt, since) = *self.keys.get(&instance)?;
        let is_cleared = self.attempts.get(&attempt).is_some_and(|known| known.cleared.contains(&instance));
        (!is_cleared && at.since(since) + ROUNDING < self.shortest).then_some((attempt, since))
    }

    fn sets(&self, node: NodeId, at: Time, attempt: AttemptId) -> Verdict {
        match self.binding(node, at).filter(|(key, _)| *key != attempt) {
            None => Ok(()),
            Some((key, since)) => {
                let before = at.since(since);
                let detail = format!("{node} sets the key for {attempt}, and has set it for {key} only {before:?} ago");
                Err(InvariantViolation::new("KeysLastTheirTime", detail))
            }
        }
    }

    fn fact(&mut self, node: NodeId, at: Time, fact: &Fact) -> Verdict {
        match *fact {
            Fact::LockHeld { attempt, .. } => self.takes(node, at, attempt),
            Fact::Acted { attempt } => {
                self.acts(node, at, attempt)?;
                self.acted = Some(at);
                Ok(())
            }
            Fact::LockLost { attempt, reason } => {
                if let Some(known) = self.attempts.get_mut(&attempt).filter(|_| attempt.owner == node) {
                    known.state = if reason == Loss::Released { State::Released } else { State::Lapsed };
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn takes(&mut self, node: NodeId, at: Time, attempt: AttemptId) -> Verdict {
        let quorum = self.instances.len() / 2 + 1;
        match self.attempts.get_mut(&attempt).filter(|_| attempt.owner == node) {
            Some(known) if known.set.len() >= quorum => known.state = State::Held,
            other => {
                let count = other.map_or(0, |known| known.set.len());
                let detail =
                    format!("{node} takes the lock by {attempt}, which {count} instances have set, not {quorum}");
                return Err(InvariantViolation::new("MajorityFirst", detail));
            }
        }
        self.in_time(node, at, attempt, "takes the lock")?;
        self.newest = Some((attempt, at));
        Ok(())
    }

    pub(super) fn acts(&self, node: NodeId, at: Time, attempt: AttemptId) -> Verdict {
        let state = self.attempts.get(&attempt).filter(|_| attempt.owner == node).map(|known| known.state);
        if state != Some(State::Held) {
            let detail = format!("{node} acts under {attempt}, which it does not hold");
            return Err(InvariantViolation::new("AtMostOneHolder", detail));
        }
        if let Some((newest, since)) = self.newest.filter(|(newest, _)| newest.owner != node) {
            let detail = format!("{node} acts under {attempt}, but {newest} has had the lock since {since}");
            return Err(InvariantViolation::new("AtMostOneHolder", detail));
        }
        self.in_time(node, at, attempt, "acts")
    }

    fn in_time(&self, node: NodeId, at: Time, attempt: AttemptId, verb: &str) -> Verdict {
        let counted = self.attempts.get(&attempt).map_or(Duration::ZERO, |known| at.since(known.begun));
        if counted <= self.shortest + ROUNDING {
            return Ok(());
        }
        let detail = format!("{node} {verb} by {attempt}, {counted:?} after its first request, which is too late");
        Err(InvariantViolation::new("ValidityEndsInTime", detail))
    }

    fn reply(&mut self, node: NodeId, at: Time, reply: &Reply) -> Verdict {
        let untrue = |detail: String| Err(InvariantViolation::new("AnswersAreTrue", detail));
        let latest = self.latest.get(&node).and_then(|attempt| Some((*attempt, self.attempts.get(attempt)?.state)));
        match reply {
            Reply::Acquired { attempt, .. }
                if self.attempts.get(attempt).is_none_or(|it| it.state == State::Asking) =>
            {
                untrue(format!("{node} reports the lock by {attempt}, and has not said that it holds it"))
            }
            Reply::Acted if self.acted != Some(at) => untrue(format!("{node} reports an act, and nobody has acted")),
            Reply::Released if latest.is_some_and(|(_, state)| state == State::Held) => {
                untrue(format!("{node} reports that it has unlocked, and still holds the lock"))
            }
            Reply::Acquired { .. } | Reply::Acted | Reply::Released => {
                self.successes += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl<M: LockMachine> Invariant<M> for Oracle {
    fn check(&mut self, seen: &StepView<'_, M>) -> Verdict {
        let (node, at) = (seen.node, seen.at);
        if seen.kind == StepKind::Boot {
            *self.lives.entry(node).or_default() += 1;
        }
        // Facts first: the order of effects within a step says nothing about their order in time.
        for fact in seen.facts() {
            self.fact(node, at, fact)?;
        }
        for effect in seen.out.effects() {
            match effect {
                Effect::Send { to, message } => self.message(node, at, *to, message)?,
                Effect::Reply { reply, .. } => self.reply(node, at, reply)?,
                Effect::Emit(_) | Effect::Persist(_) | Effect::Arm { .. } | Effect::Disarm(_) => {}
            }
        }
        Ok(())
    }
}
