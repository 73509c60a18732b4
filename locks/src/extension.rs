//! Extension of a lock while it is held: the watchdog of clients whose work may take longer than a
//! time to live.
//!
//! (*Distributed Locks with Redis*, §Making the algorithm more reliable: Extending the lock.) A
//! round has an id of its own, so that an answer to an earlier one does not count for a later one,
//! whose time to live would end sooner than the client believes.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Outbox, Time};

use crate::client::{Client, Held, ask_all};
use crate::id::AttemptId;
use crate::message::{Fact, Record, Timer};
use crate::node::Lock;
use crate::rules::LockRule;
use crate::service::{Answer, Request};

type Out = Outbox<Lock>;

/// One round of requests to extend the lock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Extension {
    id: AttemptId,
    /// Time noted before the first request.
    begun: Time,
    /// By instance, whether it has extended the key.
    answers: BTreeMap<usize, bool>,
}

impl Extension {
    pub(crate) fn is(&self, round: AttemptId) -> bool {
        self.id == round
    }
}

impl Client {
    /// Asks every instance to extend the lock.
    pub(crate) fn extend(&mut self, cx: &Context<Lock>, now: Time, out: &mut Out) {
        let valid = self.held.as_mut().filter(|held| cx.rules.may_act(held.until, now).allows());
        let (Some(held), Some(interval), Some(ttl)) = (valid, cx.config.extend_every, cx.config.ttl) else {
            out.because(LockRule::LockOver).why(format_args!("no lock is held"));
            return;
        };
        if held.extensions >= cx.config.extensions {
            out.because(LockRule::EnoughExtensions).why(format_args!("{}", held.extensions));
            return;
        }
        held.extensions += 1;
        self.attempts += 1;
        let id = AttemptId { owner: cx.me, number: self.attempts };
        let (key, value) = (cx.config.key.clone(), cx.rules.value(cx.config.recipe, held.attempt));
        let request = if cx.rules.extends_by_value() {
            Request::ExpireIfEqual { key, value, ttl }
        } else {
            Request::Expire { key, ttl }
        };
        let mut because = out.because(LockRule::AskToExtend);
        because.why(format_args!("of {}, at {now}", held.attempt)).persist(Record::Began { number: id.number });
        ask_all(&mut because, cx, id, &request);
        because.arm(Timer::Extend, interval);
        self.extension = Some(Extension { id, begun: now, answers: BTreeMap::new() });
    }

    /// Handles an instance's answer to the current round.
    pub(crate) fn extended(&mut self, cx: &Context<Lock>, instance: usize, answer: &Answer, now: Time, out: &mut Out) {
        let (Some(round), Some(held), Answer::Expiring { exists }, Some(ttl)) =
            (&mut self.extension, &mut self.held, answer, cx.config.ttl)
        else {
            out.because(LockRule::LateAnswer).why(format_args!("no extension is under way"));
            return;
        };
        round.answers.insert(instance, *exists);
        let (instances, granted) = (cx.config.servers.len(), round.answers.values().filter(|done| **done).count());
        let quorum = cx.rules.quorum(instances);
        let refused = round.answers.len() - granted;
        if granted < quorum && refused + quorum <= instances {
            out.because(LockRule::CountExtension).why(format_args!("{granted} of {quorum}"));
            return;
        }
        let until = cx.rules.counts_from(round.begun, now) + ttl.saturating_sub(cx.config.allowance);
        self.extension = None;
        let ruling =
            if granted < quorum { Refuse(LockRule::NotExtended) } else { cx.rules.prolongs(held.until, until, now) };
        match ruling {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{granted} of {quorum}"));
            }
            Allow(rule) => {
                let Held { attempt, .. } = *held;
                held.until = held.until.max(Some(until));
                out.because(rule)
                    .why(format_args!("valid for {:?} from now", until.since(now)))
                    .emit(Fact::LockExtended { attempt, until })
                    .arm(Timer::Lapse, until.since(now));
            }
        }
    }
}
