//! Remote machines: they run in the answer's process, and this side replays their effects.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use quorate_answer::wire::{Boot, Does, Happens, Reason, Step, WireForm, rule};
use quorate_lab::trace::Value;
use quorate_lease::{Lease, SingleRule};
use quorate_locks::{Lock, LockRule};
use quorate_paxos::{Paxos, PaxosRule};
use quorate_protocol::{
    self as protocol, Clock, Context, Data, Disk, Input, LocalTime, Machine, Names, Outbox, Rule, Time,
};
use quorate_raft::{KeyValue, Raft, RaftRule};
use quorate_replication::register::{self, Register, RegisterRule};
use quorate_transactions::two_phase::{self, TwoPhase, TwoPhaseRule};
use serde::ser::SerializeStructVariant;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::link::Link;
use super::state::State;
use super::stop::Termination;
use crate::answer::Answer;
use crate::course::{Exercise, Part};
use crate::grade::build::{ApRegisterSuite, Built, LeaseSuite, PaxosSuite, RaftSuite, RedlockSuite, TwoPhaseSuite};
use crate::grading::{Failed, Grading};

/// Grades the machine of an answer.
///
/// # Errors
/// [`Failed`], if a case failed.
pub(super) fn grade(link: &Arc<Link>, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    debug_assert_eq!(exercise.part, Part::Build, "only machines are built");
    let link = link.clone();
    match exercise.id {
        "build-paxos" => Built::<Remote<SpeaksPaxos>, PaxosSuite>::named(move |config, names| {
            RemoteConfig::new(&link, config, names)
        })
        .grade(exercise, grading),
        "build-lease" => Built::<Remote<SpeaksLeases>, LeaseSuite>::named(move |config, names| {
            RemoteConfig::new(&link, config, names)
        })
        .grade(exercise, grading),
        "build-redlock" => Built::<Remote<SpeaksLocks>, RedlockSuite>::named(move |config, names| {
            RemoteConfig::new(&link, config, names)
        })
        .grade(exercise, grading),
        "build-two-phase" => Built::<Remote<SpeaksTwoPhase>, TwoPhaseSuite>::named(move |config, names| {
            RemoteConfig::new(&link, config, names)
        })
        .grade(exercise, grading),
        "build-ap-register" => Built::<Remote<SpeaksRegister>, ApRegisterSuite>::named(move |config, names| {
            RemoteConfig::new(&link, config, names)
        })
        .grade(exercise, grading),
        _ => {
            Built::<Remote<SpeaksRaft>, RaftSuite>::named(move |config, names| RemoteConfig::new(&link, config, names))
                .grade(exercise, grading)
        }
    }
}

/// Message, command and reply types of a protocol, and its boot configuration.
pub(super) trait Speaks: 'static {
    type Config: WireForm + Clone + fmt::Debug + Send + Sync + 'static;
    type Message: Data;
    type Command: Data;
    type Reply: Data;
    type Fact: Data;
    type Rule: Rule;
    type Clock: Clock + Reading + 'static;

    /// How clients treat an answer.
    fn disposition(reply: &Self::Reply) -> protocol::Disposition;
}

/// Clock reading of a machine, in its wire form.
pub(super) trait Reading {
    fn reading(self) -> (Time, Time);
}

impl Reading for () {
    fn reading(self) -> (Time, Time) {
        (Time::ZERO, Time::ZERO)
    }
}

impl Reading for LocalTime {
    fn reading(self) -> (Time, Time) {
        (self.monotonic, self.wall)
    }
}

macro_rules! speaks {
    ($($name:ident: $krate:ident $(<$state:ty>)?, $rule:ty, $clock:ty, $reference:ty;)+) => {
        $(
            #[derive(Debug)]
            pub(super) enum $name {}

            impl Speaks for $name {
                type Config = $krate::Config;
                type Message = $krate::Message $(<$state>)?;
                type Command = $krate::Command $(<$state>)?;
                type Reply = $krate::Reply $(<$state>)?;
                type Fact = $krate::Fact $(<$state>)?;
                type Rule = $rule;
                type Clock = $clock;

                fn disposition(reply: &Self::Reply) -> protocol::Disposition {
                    <$reference as Machine>::disposition(reply)
                }
            }
        )+
    };
}

speaks! {
    SpeaksPaxos: quorate_paxos, PaxosRule, (), Paxos;
    SpeaksRaft: quorate_raft<KeyValue>, RaftRule, (), Raft<KeyValue>;
    SpeaksLeases: quorate_lease, SingleRule, LocalTime, Lease;
    SpeaksLocks: quorate_locks, LockRule, LocalTime, Lock;
    SpeaksTwoPhase: two_phase, TwoPhaseRule, (), TwoPhase;
    SpeaksRegister: register, RegisterRule, LocalTime, Register;
}

/// Configuration of a remote machine: its boot arguments, and its connection.
pub(super) struct RemoteConfig<P: Speaks> {
    link: Arc<Link>,
    config: P::Config,
    names: Names,
}

impl<P: Speaks> RemoteConfig<P> {
    fn new(link: &Arc<Link>, config: P::Config, names: &Names) -> Self {
        RemoteConfig { link: link.clone(), config, names: names.clone() }
    }
}

impl<P: Speaks> Clone for RemoteConfig<P> {
    fn clone(&self) -> Self {
        RemoteConfig::new(&self.link, self.config.clone(), &self.names)
    }
}

impl<P: Speaks> fmt::Debug for RemoteConfig<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

/// Machine that runs in the answer's process.
pub(super) struct Remote<P> {
    state: State,
    names: Names,
    protocol: PhantomData<fn() -> P>,
}

impl<P> Clone for Remote<P> {
    fn clone(&self) -> Self {
        Remote { state: self.state.clone(), names: self.names.clone(), protocol: PhantomData }
    }
}

impl<P> PartialEq for Remote<P> {
    fn eq(&self, other: &Self) -> bool {
        self.state.number() == other.state.number()
    }
}

impl<P> Eq for Remote<P> {}

impl<P> Hash for Remote<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.state.number().hash(state);
    }
}

impl<P> fmt::Debug for Remote<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({})", self.state.number())
    }
}

impl<P: Speaks> Machine for Remote<P> {
    type Config = RemoteConfig<P>;
    type Rulebook = ();
    type Message = P::Message;
    type Timer = Word;
    type Command = P::Command;
    type Reply = P::Reply;
    type Fact = P::Fact;
    type Rule = P::Rule;
    type Record = Word;
    type Disk = RecordLog;
    type Clock = P::Clock;
    type View = Value;

    fn boot(cx: &Context<Self>, disk: &RecordLog, out: &mut Outbox<Self>) -> Self {
        let Context { me, config: remote_config, now, .. } = *cx;
        let names = remote_config.names.clone();
        let boot = Boot {
            names: (names.nodes().to_vec(), names.clients().to_vec()),
            node: me.0,
            now: now.reading(),
            explaining: out.explains(),
            config: remote_config.config.to_wire(),
            records: disk.0.clone(),
        };
        let mut machine = Remote { state: State::new(remote_config.link.clone()), names, protocol: PhantomData };
        let reasons = machine.names.clone().scope(|| machine.state.change("boot", &boot));
        machine.says(reasons, out);
        machine
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let input: Happens<Self> = match input {
            Input::Deliver { from, message } => Happens::Deliver(from, message),
            Input::Fire(timer) => Happens::Fire(timer),
            Input::Request { ticket, command } => Happens::Request(ticket, command),
        };
        let step = Step { now: cx.now.reading(), explaining: out.explains(), input };
        let reasons = self.names.clone().scope(|| self.state.change("step", &step));
        self.says(reasons, out);
    }

    fn view(&self, _: &Context<Self>) -> Value {
        self.names.scope(|| self.state.ask("view", &()))
    }

    fn disposition(reply: &P::Reply) -> protocol::Disposition {
        P::disposition(reply)
    }
}

impl<P: Speaks> Remote<P> {
    /// Replays the effects of a remote step.
    fn says(&self, reasons: Vec<Reason<Self>>, out: &mut Outbox<Self>) {
        for Reason { rule: id, why, does } in reasons {
            let Some(rule) = rule::<P::Rule>(&id) else {
                self.state.link().fail(Termination::InvalidAnswer(format!("it cites {id:?}, which is not a rule")))
            };
            let mut because = out.because(rule);
            if !why.is_empty() {
                because.why(format_args!("{why}"));
            }
            for each in does {
                match each {
                    Does::Send(to, message) => because.send(to, message),
                    Does::Persist(record) => because.persist(record),
                    Does::Arm(timer, (min, max)) => because.arm(timer, min..max),
                    Does::Disarm(timer) => because.disarm(timer),
                    Does::Learn(fact) => because.emit(fact),
                    Does::Reply(ticket, reply) => because.reply(ticket, reply),
                };
            }
        }
    }
}

/// Disk of an answer: all records written, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct RecordLog(Vec<Word>);

impl Disk for RecordLog {
    type Record = Word;

    fn apply(&mut self, record: &Word) {
        self.0.push(record.clone());
    }
}

/// Opaque value of the answer's, such as a timer or a record.
#[derive(Clone, Debug)]
pub(super) struct Word(Arc<(String, Value)>);

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.0.0 == other.0.0
    }
}

impl Eq for Word {}

impl PartialOrd for Word {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Word {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.0.cmp(&other.0.0)
    }
}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.0.hash(state);
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Word(Arc::new((value.to_string(), value))))
    }
}

impl Serialize for Word {
    /// Serialises the value as an enum variant where it looks like one: renderings use the
    /// variant's name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = &self.0.1;
        let named = match value {
            Value::String(name) => known(name).map(|name| (name, None)),
            Value::Object(fields) if fields.len() == 1 => {
                fields.iter().next().and_then(|(name, body)| known(name).map(|name| (name, Some(body))))
            }
            _ => None,
        };
        match named {
            None => value.serialize(serializer),
            Some((name, None)) => serializer.serialize_unit_variant("", 0, name),
            Some((name, Some(Value::Object(fields)))) if fields.keys().all(|field| known(field).is_some()) => {
                let mut variant = serializer.serialize_struct_variant("", 0, name, fields.len())?;
                for (field, value) in fields {
                    if let Some(field) = known(field) {
                        variant.serialize_field(field, value)?;
                    }
                }
                variant.end()
            }
            Some((name, Some(body))) => serializer.serialize_newtype_variant("", 0, name, body),
        }
    }
}

/// Interns the name of a variant or field for a `'static` lifetime. The number and length of names
/// are limited; beyond that there is `None`.
fn known(name: &str) -> Option<&'static str> {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    const KNOWN_MAX: usize = 1_000;
    const LENGTH_MAX: usize = 64;
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if name.is_empty() || name.len() > LENGTH_MAX || !name.chars().all(is_name) {
        return None;
    }
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(name) {
        return Some(known);
    }
    if all.len() >= KNOWN_MAX {
        return None;
    }
    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    all.insert(name);
    Some(name)
}
