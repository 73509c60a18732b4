//! Random runs with harsh faults: synchronous, every history is linearizable; asynchronous, many
//! are not.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU64, NonZeroUsize};

use quorate_lab::linearizability::{History, Limits, Model, Verdict, check};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, RetryPolicy, Rng, RunVerdict, Setup};
use quorate_protocol::{
    ClientEvent, ClientEventKind, ClientId, Duration, Invariant, InvariantViolation, Names, NodeId, Rule, StepView,
    Time, Unexplained,
};
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, PrimaryBackupRule, Reply, Safety, Settings};
use quorate_replication::{Key, Value};

const SERVERS: u32 = 3;
const SPAN: Duration = Duration::from_secs(2);

/// Registers by name. A write is `Some`.
#[derive(Clone, Debug)]
struct Registers;

impl Model for Registers {
    const NAME: &'static str = "registers";
    type Op = (Key, Option<Value>);
    type Return = Option<Value>;
    type State = Option<Value>;
    type Key = Key;

    fn key(&self, op: &Self::Op) -> Key {
        op.0.clone()
    }

    fn initial(&self, _: &Key) -> Option<Value> {
        None
    }

    fn apply(
        &self,
        state: &Self::State,
        (_, write): &Self::Op,
        returned: Option<&Self::Return>,
    ) -> Option<Self::State> {
        let next = write.clone().or_else(|| state.clone());
        returned.is_none_or(|returned| *returned == next).then_some(next)
    }

    fn only_reads(&self, (_, write): &Self::Op, _: Option<&Self::Return>) -> bool {
        write.is_none()
    }
}

/// Verdict on the history of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Judge {
    answered: u64,
    linearizable: Option<bool>,
}

impl Invariant<PrimaryBackup> for Judge {
    fn check(&mut self, _: &StepView<'_, PrimaryBackup>) -> Result<(), InvariantViolation> {
        Ok(())
    }

    /// Each request is a client of its own, as it may be answered after its client gave up.
    fn conclude(&mut self, events: &[ClientEvent<PrimaryBackup>]) -> Result<(), Unexplained> {
        let mut history: History<Registers> = History::new();
        let mut calls = BTreeMap::new();
        for ClientEvent { at, ticket, kind } in events {
            match kind {
                ClientEventKind::Invocation(command) => {
                    let op = match command.clone() {
                        Command::Read { key } => (key, None),
                        Command::Write { key, value } => (key, Some(value)),
                    };
                    let call = history.invoke(ClientId(calls.len() as u32), op.clone(), *at).expect("a new client");
                    calls.insert(*ticket, (call, op, false));
                }
                ClientEventKind::Response { reply, .. } => {
                    let Some((call, op, is_answered)) = calls.get_mut(ticket) else { continue };
                    let returned = match reply {
                        Reply::Written => op.1.clone(),
                        Reply::Values { values } => values.first().cloned(),
                        _ => continue,
                    };
                    if !std::mem::replace(is_answered, true) {
                        history.ok(*call, returned, *at).expect("it was open");
                        self.answered += 1;
                    }
                }
            }
        }
        let limits = Limits {
            steps: NonZeroU64::new(2_000_000).expect("not zero"),
            configurations: NonZeroUsize::new(500_000).expect("not zero"),
        };
        self.linearizable = match check(&Registers, &history, limits).verdict {
            Verdict::Linearizable { .. } => Some(true),
            Verdict::NotLinearizable(_) => Some(false),
            Verdict::Unknown { .. } => None,
        };
        Ok(())
    }
}

fn requests(seed: u64) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..40)
        .map(|number| {
            let key = Key::from(if rng.below(3) == 0 { "y" } else { "x" });
            let value = Value::from(format!("w{number}").as_str());
            let command = if rng.below(2) == 0 { Command::Write { key, value } } else { Command::Read { key } };
            let at = Time::from_nanos(rng.below(2_000_000_000));
            let of = Some(NodeId(rng.below(u64::from(SERVERS)) as u32));
            ClientRequest { at, client: ClientId(rng.below(3) as u32), of, command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let command = Command::Write { key: Key::from("x"), value: Value::from("last") };
    let at = Time::ZERO + SPAN + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: ClientId(3), of: Some(NodeId(0)), command });
    requests
}

/// Runs seeds. Returns the numbers of answers and of histories that are not linearizable, and the
/// rules that fired.
fn harsh(mode: Mode, seeds: u64) -> (u64, u64, BTreeSet<PrimaryBackupRule>) {
    let (mut answers, mut wrong, mut fired) = (0, 0, BTreeSet::new());
    for seed in 0..seeds {
        let config = Settings::new((0..SERVERS).map(NodeId), NodeId(SERVERS), mode).build().unwrap();
        let names = Names::new(["P", "B", "C", "M"], ["c1", "c2", "c3", "latecomer"]);
        let plan = FaultPlan::harsh();
        let experiment = Experiment {
            setup: Setup::new("primary-backup", names, config)
                .seed(seed)
                .conditions(plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 20, rotates: true }),
            invariants: (Safety::default(), Judge::default(), Coverage::default()),
            requests: requests(seed),
            faults: plan.schedule(seed, SERVERS + 1, SPAN),
            message_faults: None,
            fault_window: SPAN,
            recovery_window: Duration::from_secs(10),
        };
        let outcome = experiment.run(|world| !world.answers(ClientId(3)).is_empty() && world.clients_are_idle());
        match outcome.verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => panic!("{mode:?}, seed {seed}: no answer after the faults"),
            RunVerdict::Broke(violation) => panic!("{mode:?}, seed {seed}: {violation}"),
        }
        let (_, judge, coverage) = outcome.world.invariants();
        fired.extend(PrimaryBackupRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0));
        answers += judge.answered;
        wrong += u64::from(!judge.linearizable.expect("decided within the limits"));
    }
    (answers, wrong, fired)
}

#[test]
fn synchronous_histories_are_linearizable() {
    let (answers, wrong, _) = harsh(Mode::Synchronous, 1000);
    assert_eq!(wrong, 0);
    assert!(answers > 1000 * 20, "{answers}");
}

#[test]
fn asynchronous_histories_often_are_not() {
    let (answers, wrong, _) = harsh(Mode::Asynchronous, 300);
    assert_eq!((answers, wrong), (12_300, 34));
}

/// Every rule fires in random runs, but that of a message to the wrong role. No disk is lost in
/// them: a first ping that is delayed looks the same.
#[test]
fn every_rule_fires_in_random_runs() {
    let mut fired = harsh(Mode::Synchronous, 200).2;
    fired.extend(harsh(Mode::Asynchronous, 200).2);
    let never: Vec<_> = PrimaryBackupRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    assert_eq!(never, [&PrimaryBackupRule::NotMyRole]);
}
