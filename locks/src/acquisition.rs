//! One attempt to take the lock, as a step function over the answers of the servers.
//!
//! It knows nothing of messages, so a client of real servers can drive it as well: send
//! [`Acquisition::request`] to every instance, hand in what each answers and when, and do what the
//! [`Progress`] says.

use std::collections::BTreeMap;

use quorate_lease::Token;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::Time;

use crate::config::{Config, Recipe};
use crate::id::AttemptId;
use crate::rulebook::Rulebook;
use crate::rules::LockRule;
use crate::service::{Answer, Request};

/// An attempt to take the lock by the configured recipe.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Acquisition {
    id: AttemptId,
    /// Time noted before the first request (Redlock, step 1).
    begun: Time,
    /// Whether the key is set and its expiry is the next command.
    expiring: bool,
    token: Option<Token>,
    /// By instance, whether it did as it was asked.
    answers: BTreeMap<usize, bool>,
}

/// Outcome of an attempt so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Progress {
    /// The answer does not count.
    Ignored,
    /// More answers are needed.
    Waits,
    /// Send [`Acquisition::request`] to every instance again: it has changed.
    Goes(LockRule),
    /// The lock is held.
    Holds {
        /// End of its validity on the client's clock; `None` if it does not end by itself.
        until: Option<Time>,
        /// The fencing token, if the recipe has one.
        token: Option<Token>,
    },
    /// The attempt has failed: clear the instances that [`Acquisition::to_clear`] names.
    Fails(LockRule),
}

impl Acquisition {
    /// Begins an attempt (Redlock, step 1).
    pub fn begin(id: AttemptId, now: Time) -> Self {
        Acquisition { id, begun: now, expiring: false, token: None, answers: BTreeMap::new() }
    }

    /// The attempt.
    pub fn id(&self) -> AttemptId {
        self.id
    }

    /// Time noted before the first request.
    pub fn begun(&self) -> Time {
        self.begun
    }

    /// Number of instances that have done as they were asked.
    pub fn granted(&self) -> usize {
        self.answers.values().filter(|done| **done).count()
    }

    /// The request that every instance is to be sent now.
    pub fn request(&self, rules: &Rulebook, config: &Config) -> Request {
        let key = config.key.clone();
        let value = rules.value(config.recipe, self.id);
        match (config.recipe, config.ttl) {
            (_, Some(ttl)) if self.expiring => Request::Expire { key, ttl },
            (Recipe::UniqueIndex, _) => Request::Insert { key, value },
            (Recipe::SetNx | Recipe::SetNxExpire, _) => Request::SetIfAbsent { key, value, ttl: None },
            (Recipe::SetNxPx | Recipe::Redlock, ttl) => Request::SetIfAbsent { key, value, ttl },
        }
    }

    /// Takes in an instance's answer (Redlock, steps 2 and 3).
    pub fn answered(
        &mut self,
        rules: &Rulebook,
        config: &Config,
        instance: usize,
        (of, answer): (AttemptId, &Answer),
        now: Time,
    ) -> Progress {
        if !rules.counts_answer(self.id, of) || self.answers.contains_key(&instance) {
            return Progress::Ignored;
        }
        let done = match (self.expiring, answer) {
            (false, Answer::Set { token }) => {
                self.token = Some(*token).filter(|_| config.recipe != Recipe::Redlock);
                true
            }
            (false, Answer::Exists) => false,
            (true, Answer::Expiring { exists }) => *exists,
            _ => return Progress::Ignored,
        };
        self.answers.insert(instance, done);
        self.counted(rules, config, now)
    }

    fn counted(&mut self, rules: &Rulebook, config: &Config, now: Time) -> Progress {
        let (instances, granted) = (config.servers.len(), self.granted());
        let quorum = rules.quorum(instances);
        if granted >= quorum {
            if config.recipe == Recipe::SetNxExpire && !self.expiring {
                self.expiring = true;
                self.answers.clear();
                return Progress::Goes(LockRule::AskForExpiry);
            }
            let until = config.ttl.map(|ttl| rules.counts_from(self.begun, now) + ttl.saturating_sub(config.allowance));
            return match rules.takes(until, now) {
                Allow(_) => Progress::Holds { until, token: self.token },
                Refuse(rule) => Progress::Fails(rule),
            };
        }
        let refused = self.answers.len() - granted;
        if refused + quorum > instances { Progress::Fails(LockRule::NoMajority) } else { Progress::Waits }
    }

    /// The instances on which a failed attempt may have left its key, and the request that clears
    /// them (Redlock, step 5); no instance where that might delete another's key.
    pub fn to_clear(&self, rules: &Rulebook, config: &Config) -> (Vec<usize>, Request) {
        let clears = |instance: &usize| rules.clears(config.recipe, self.answers.get(instance).copied());
        let request = Request::DeleteIfEqual { key: config.key.clone(), value: rules.value(config.recipe, self.id) };
        ((0..config.servers.len()).filter(clears).collect(), request)
    }
}

/// The request that unlocks what an attempt has locked.
pub fn unlock(rules: &Rulebook, config: &Config, id: AttemptId) -> Request {
    let key = config.key.clone();
    if rules.unlocks_by_value(config.recipe) {
        Request::DeleteIfEqual { key, value: rules.value(config.recipe, id) }
    } else {
        Request::Delete { key }
    }
}
