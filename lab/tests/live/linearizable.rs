//! Histories of clients on real threads, under faults and restarts, are checked for
//! linearizability.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use quorate_lab::env::{Fault, FaultPlan, Rng, Timeouts};
use quorate_lab::linearizability::models::{KeyValue as Model, KvOp, KvReturn};
use quorate_lab::linearizability::{History, Limits, Time, Verdict, check, render};
use quorate_lab::live::{Client, Cluster, Setup};
use quorate_protocol::{Machine, Names};
use quorate_raft::{
    BY_THE_BOOK, Command, KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply, Raft, Reply, Rulebook, Settings,
    Snapshots,
};

use super::{leader, ms, settings};

pub(super) type Store = Raft<KeyValue>;

const CLIENTS: u32 = 4;

/// Duration of the faults in milliseconds.
const FAULT_WINDOW: u64 = 3_000;

/// Minimum number of replies of a useful history. A busy machine may not reach it during the
/// faults; then more calls follow afterwards.
const ENOUGH: usize = 150;

/// A recorder shared by threads. It reads the clock while it holds the lock, so that events are in
/// order of time.
struct Recorder<'a> {
    history: Mutex<History<Model>>,
    cluster: &'a Cluster<Store>,
}

impl Recorder<'_> {
    fn with<T>(&self, note: impl FnOnce(&mut History<Model>, Time) -> T) -> T {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut history, self.cluster.now())
    }

    fn answers(&self) -> usize {
        self.with(|history, _| history.calls().iter().filter(|call| call.returned().is_some()).count())
    }

    fn call(&self, client: &mut Client<Store>, op: KvOp) {
        let call = self.with(|history, now| history.invoke(client.id(), op.clone(), now)).unwrap();
        match client.ask(command(&op)) {
            Ok(reply) => self.with(|history, now| history.ok(call, returned(&op, reply), now)).unwrap(),
            Err(_) => self.with(|history, now| history.info(call, now)).unwrap(),
        }
    }
}

/// A key that was never written has an empty value in the model, and no value in the store.
fn held(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn command(op: &KvOp) -> <Store as Machine>::Command {
    match op.clone() {
        KvOp::Get { key } => Command::Read(KeyValueQuery::Get { key }),
        KvOp::Put { key, value } => Command::Apply(KeyValueCommand::Put { key, value }),
        KvOp::Append { key, value } => Command::Apply(KeyValueCommand::Append { key, value }),
        KvOp::Cas { key, old, new } => {
            Command::Apply(KeyValueCommand::CompareAndSet { key, expected: held(&old), value: held(&new) })
        }
    }
}

pub(super) fn returned(op: &KvOp, reply: Reply<KeyValue>) -> KvReturn {
    match (op, reply) {
        (KvOp::Get { .. }, Reply::Read(KeyValueReply::Value(value))) => KvReturn::Value(value.unwrap_or_default()),
        (KvOp::Put { .. } | KvOp::Append { .. }, Reply::Applied(KeyValueReply::Value(_))) => KvReturn::Done,
        (KvOp::Cas { .. }, Reply::Applied(KeyValueReply::Swapped)) => KvReturn::Swapped(true),
        (KvOp::Cas { .. }, Reply::Applied(KeyValueReply::Kept(_))) => KvReturn::Swapped(false),
        (op, reply) => panic!("{op:?} was answered by {reply:?}"),
    }
}

fn random_op(rng: &mut Rng, client: u32, round: u32) -> KvOp {
    let key = format!("k{}", rng.below(3));
    let value = format!("{client}.{round}");
    match rng.below(6) {
        0 | 1 => KvOp::Put { key, value },
        2 => KvOp::Append { key, value: format!("+{value}") },
        3 => KvOp::Cas { key, old: String::new(), new: value },
        _ => KvOp::Get { key },
    }
}

/// A client with its random numbers and its number of calls.
type User = (Client<Store>, Rng, u32);

/// Lets the users make calls until `enough` holds.
fn work(users: &mut [User], recorder: &Recorder<'_>, enough: impl Fn() -> bool + Sync) {
    std::thread::scope(|scope| {
        for (client, rng, round) in users {
            let enough = &enough;
            scope.spawn(move || {
                while !enough() {
                    *round += 1;
                    recorder.call(client, random_op(rng, client.id().0, *round));
                    std::thread::sleep(ms(rng.below(8)));
                }
            });
        }
    });
}

/// Runs clients against a cluster under faults; returns the history and the number of boots.
fn run(setup: Setup<Store>, seed: u64) -> (History<Model>, u32) {
    let mut cluster = setup.start().unwrap();
    let user = |number| (cluster.client(), Rng::new(seed, 1_000 + u64::from(number)), 0);
    let mut users: Vec<User> = (0..CLIENTS).map(user).collect();
    let recorder = Recorder { history: Mutex::default(), cluster: &cluster };
    work(&mut users, &recorder, || recorder.cluster.now() > Time::from_millis(FAULT_WINDOW));
    let history = recorder.history;
    cluster.heal_everything().unwrap();
    // After the faults the cluster serves requests again.
    let recorder = Recorder { history, cluster: &cluster };
    let (before, begun) = (recorder.answers(), Instant::now());
    work(&mut users, &recorder, || {
        recorder.answers() >= ENOUGH.max(before + 1) || begun.elapsed() > std::time::Duration::from_secs(60)
    });
    assert!(recorder.answers() > before, "nobody is answered when all is well again");
    let history = recorder.history.into_inner().unwrap();
    let report = cluster.shutdown().unwrap();
    (history, report.nodes.iter().map(|node| node.boots).sum())
}

fn check_history(history: &History<Model>) {
    let answered = history.calls().iter().filter(|call| call.returned().is_some()).count();
    assert!(answered >= ENOUGH, "only {answered} calls were answered: too few to check");
    let report = check(&Model, history, Limits::default());
    assert!(matches!(report.verdict, Verdict::Linearizable { .. }), "{}", render(&Model, history, &report, 120));
}

fn stores() -> Setup<Store> {
    let settings = Settings {
        pre_vote: true,
        check_quorum: true,
        snapshots: Some(Snapshots { every: 50, keep: 10, chunk: 4 }),
        ..settings(3)
    };
    let names = Names::new(["n1", "n2", "n3"], [""; 0]);
    let timeouts = Timeouts { attempt: ms(150), pause: ms(5), deadline: ms(1_000) };
    Setup::new("raft", names, settings.build().unwrap()).timeouts(timeouts)
}

#[test]
fn histories_under_loss_partitions_pauses_and_crashes_are_linearizable() {
    let fault_plan: FaultPlan =
        "loss=2%,duplicate=5%,latency=0ms..2ms,crashes=6,partitions=3,cuts=3,pauses=3,outage=150ms".parse().unwrap();
    let (history, boots) = run(stores().seed(11).fault_plan(&fault_plan, ms(FAULT_WINDOW)), 11);
    assert!(boots > 3, "nobody was restarted");
    check_history(&history);
}

#[test]
fn histories_of_nodes_that_restart_from_files_are_linearizable() {
    let directory = tempfile::tempdir().unwrap();
    let fault_plan: FaultPlan = "latency=0ms..1ms,crashes=10,outage=100ms".parse().unwrap();
    let (history, boots) =
        run(stores().seed(5).fault_plan(&fault_plan, ms(FAULT_WINDOW)).in_directory(directory.path()), 5);
    assert!(boots > 3, "nobody was restarted");
    check_history(&history);
}

/// Writes a value, isolates the leader, lets another one be elected and write, and then reads from
/// the first. Returns whether it replies, and the verdict on the history.
fn asked_when_deposed(rules: Rulebook) -> (bool, Verdict) {
    // The quorum check would end its leadership before the read.
    let settings = Settings { check_quorum: false, ..settings(3) };
    let names = Names::new(["n1", "n2", "n3"], [""; 0]);
    let timeouts = Timeouts { attempt: ms(150), pause: ms(5), deadline: ms(20_000) };
    let setup = Setup::<Store>::new("raft", names, settings.build().unwrap()).under(rules).timeouts(timeouts);
    let cluster = setup.start().unwrap();
    let (mut writer, mut reader) = (cluster.client(), cluster.client());
    let recorder = Recorder { history: Mutex::default(), cluster: &cluster };
    let put = |value: &str| KvOp::Put { key: "k".into(), value: value.into() };
    recorder.call(&mut writer, put("old"));
    let old = leader(&cluster, |_| true);
    cluster.inject(&Fault::Partition(vec![vec![old]])).unwrap();
    writer.turn_to(leader(&cluster, |node| node != old));
    recorder.call(&mut writer, put("new"));
    reader.turn_to(old);
    reader.set_timeouts(Timeouts { deadline: ms(150), ..timeouts });
    let before = recorder.answers();
    recorder.call(&mut reader, KvOp::Get { key: "k".into() });
    let answers = recorder.answers() > before;
    let history = recorder.history.into_inner().unwrap();
    (answers, check(&Model, &history, Limits::default()).verdict)
}

/// Dissertation §6.4: without a round of heartbeats a deposed leader replies with a value that was
/// overwritten long ago, and the checker finds it.
#[test]
fn a_leader_that_reads_without_a_round_is_found_out() {
    let alone = Rulebook { serves_read: |_, applied, index| applied >= index, ..BY_THE_BOOK };
    let (answers, verdict) = asked_when_deposed(alone);
    assert!(answers && matches!(verdict, Verdict::NotLinearizable(_)), "{answers}, {verdict:?}");
    let (answers, verdict) = asked_when_deposed(BY_THE_BOOK);
    assert!(!answers && matches!(verdict, Verdict::Linearizable { .. }), "{answers}, {verdict:?}");
}
