//! Consecutive runs on the same disks: requests of a new run are executed, and not mistaken for
//! those of an earlier one.

use std::path::{Path, PathBuf};

use quorate_lab::env::Timeouts;
use quorate_lab::live::{
    AskError, Client, Cluster, Identity, Memory, Past, REQUESTS_PER_RUN, RunId, Setup, Storage, StorageError, Wal,
};
use quorate_lease::cache::{self, Cache};
use quorate_lease::replicated::{self, RaftLease};
use quorate_lease::{Drift, Name, Terms};
use quorate_paxos::multi::{self, MultiPaxos};
use quorate_protocol::{
    ClientId, Context, Disk, Disposition, Input, LocalTime, Machine, Names, Never, NodeId, Outbox, RequestId, Time,
    rules,
};
use quorate_raft::{Command, Counter, KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply, Raft, Reply};

use super::{Node, add, counters, ms, settings, sum};

type Store = Raft<KeyValue>;

fn stores(nodes: u32) -> Setup<Store> {
    let names = Names::new((1..=nodes).map(|node| format!("n{node}")), [""; 0]);
    Setup::new("raft", names, settings(nodes).build().unwrap())
}

fn put(client: &mut Client<Store>, value: &str) {
    let command = KeyValueCommand::Put { key: "x".to_owned(), value: value.to_owned() };
    assert!(matches!(client.ask(Command::Apply(command)).unwrap(), Reply::Applied(_)));
}

fn get(client: &mut Client<Store>) -> Option<String> {
    match client.ask(Command::Read(KeyValueQuery::Get { key: "x".to_owned() })).unwrap() {
        Reply::Read(KeyValueReply::Value(value)) => value,
        other => panic!("{other:?}"),
    }
}

fn writes_of_every_run_are_done(setup: impl Fn() -> Setup<Store>) {
    for (run, value) in (1..).zip(["first", "second", "third"]) {
        let cluster = setup().start().unwrap();
        assert_eq!(cluster.run(), run);
        let mut client = cluster.client();
        put(&mut client, value);
        assert_eq!(get(&mut client).as_deref(), Some(value), "run {run}");
    }
}

#[test]
fn raft_in_a_directory_does_what_a_second_run_asks_for() {
    let directory = tempfile::tempdir().unwrap();
    writes_of_every_run_are_done(|| stores(3).in_directory(directory.path()));
}

#[test]
fn raft_on_logs_of_ones_own_does_what_a_second_run_asks_for() {
    let directory = tempfile::tempdir().unwrap();
    let log = |directory: &Path, node: NodeId| directory.join(format!("{}.wal", node.0));
    writes_of_every_run_are_done(|| {
        let directory = directory.path().to_owned();
        stores(2).disks(move |node| Box::new(Wal::new(log(&directory, node))))
    });
}

#[test]
fn a_client_of_an_earlier_run_asks_again_and_is_answered_as_before() {
    let directory = tempfile::tempdir().unwrap();
    let start = || -> Cluster<Node> { counters(1).in_directory(directory.path()).start().unwrap() };
    let first = start();
    let mut ann = first.client();
    assert_eq!((sum(&ann.ask(add(5)).unwrap()), sum(&ann.ask(add(6)).unwrap())), (5, 11));
    assert!(first.resume(ann.id(), 1).is_none(), "that run is not over");
    drop(first);

    let second = start();
    let mut bob = second.client();
    assert_eq!(sum(&bob.ask(add(100)).unwrap()), 111);
    assert_eq!(bob.submit(add(0)), RequestId { client: ClientId(0), number: REQUESTS_PER_RUN + 2 });
    assert!(second.resume(bob.id(), 1).is_none(), "bob has that id");
    drop(second);

    let third = start();
    let mut ann = third.resume(ClientId(0), 1).unwrap();
    assert_eq!((sum(&ann.ask(add(5)).unwrap()), sum(&ann.ask(add(6)).unwrap())), (5, 11), "it was done in run 1");
    assert_eq!(third.client().id(), ClientId(1), "nobody else is given that id");
}

#[test]
fn multi_paxos_gives_a_second_run_slots_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let mut slots = Vec::new();
    for run in 0..3 {
        let roles = quorate_paxos::Config::symmetric(3).unwrap();
        let config = multi::Config::new(roles, multi::Rhythm::default()).unwrap();
        let setup = Setup::<MultiPaxos>::new("multi-paxos", Names::new(["n1", "n2", "n3"], [""; 0]), config);
        let cluster = setup.in_directory(directory.path()).start().unwrap();
        let mut client = cluster.client();
        for request in 0..3 {
            let asked = quorate_paxos::Value::from(format!("{run}.{request}"));
            match client.ask(multi::Command::Propose { value: asked.clone() }).unwrap() {
                multi::Reply::Chosen { slot, value } => {
                    assert_eq!(value, asked, "run {run} is answered about its own request");
                    slots.push(slot);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(slots.is_sorted_by(|one, next| one < next), "{slots:?}");
}

fn terms() -> Terms {
    Terms::new(ms(300), ms(250), ms(60), Drift::from_ppm(50_000).unwrap()).unwrap()
}

#[test]
fn a_cache_server_writes_what_a_second_run_asks_for() {
    let directory = tempfile::tempdir().unwrap();
    for run in 1..=3 {
        let config = cache::Settings { server: NodeId(0), terms: terms() }.build().unwrap();
        let setup = Setup::<Cache>::new("lease-cache", Names::new(["S", "A"], [""; 0]), config);
        let cluster = setup.in_directory(directory.path()).start().unwrap();
        let mut client = cluster.client();
        let value = quorate_lease::Value::from(format!("{run}").as_str());
        let written = client.ask(cache::Command::Write { key: Name::from("x"), value }).unwrap();
        assert!(matches!(written, cache::Reply::Written { version } if version == run), "run {run}: {written:?}");
    }
}

/// Holders number their requests to the servers by their clocks: after a restart a clock must not
/// show a time that it has shown before.
#[test]
fn holders_of_leases_on_raft_are_answered_in_a_second_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut tokens = Vec::new();
    for run in 1..=2 {
        let settings = replicated::Settings {
            servers: quorate_raft::Settings { session_replies: 2, ..settings(3) },
            holders: vec![NodeId(3)],
            terms: terms(),
            trust: terms(),
            act_every: None,
        };
        let names = Names::new(["n1", "n2", "n3", "A"], [""; 0]);
        let setup = Setup::<RaftLease>::new("lease-raft", names, settings.build().unwrap());
        let cluster = setup.in_directory(directory.path()).start().unwrap();
        let mut client = cluster.client();
        client.turn_to(NodeId(3));
        client.set_timeouts(Timeouts { attempt: ms(10_000), pause: ms(5), deadline: ms(10_000) });
        let (lease, begun) = (Name::from("x"), cluster.now());
        assert_eq!(
            client.ask(replicated::Command::Acquire { lease: lease.clone() }).unwrap(),
            replicated::Reply::Trying
        );
        let held = loop {
            match client.ask(replicated::Command::Act { lease: lease.clone() }).unwrap() {
                replicated::Reply::Acted { token } => break token,
                _ => std::thread::sleep(ms(10)),
            }
            assert!(cluster.now().since(begun) < ms(20_000), "nothing was granted in run {run}");
        };
        tokens.push(held);
        // Long enough for more renewals than the session remembers.
        std::thread::sleep(ms(400));
    }
    assert!(tokens[0] <= tokens[1], "{tokens:?}");
}

rules! {
    /// The rules of a machine that returns the time on its clock.
    enum ClockRule { Show: "no paper", "show the clock"; }
}

/// A machine that replies with the time on its clock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Dial;

/// An empty disk.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Nothing;

impl Disk for Nothing {
    type Record = Never;

    fn apply(&mut self, record: &Never) {
        match *record {}
    }
}

impl Machine for Dial {
    type Config = ();
    type Rulebook = ();
    type Message = Never;
    type Timer = Never;
    type Command = ();
    type Reply = u64;
    type Fact = Never;
    type Rule = ClockRule;
    type Record = Never;
    type Disk = Nothing;
    type Clock = LocalTime;
    type View = ();

    fn boot(_: &Context<Self>, _: &Nothing, _: &mut Outbox<Self>) -> Self {
        Dial
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let Input::Request { ticket, .. } = input;
        out.because(ClockRule::Show).reply(ticket, cx.now.monotonic.as_nanos());
    }

    fn view(&self, _: &Context<Self>) {}

    fn disposition(_: &u64) -> Disposition {
        Disposition::Final
    }
}

#[test]
fn the_clock_of_a_second_run_goes_on_above_that_of_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let mut shown = Vec::new();
    for _ in 0..3 {
        let setup = Setup::<Dial>::new("dial", Names::new(["n1"], [""; 0]), ());
        let cluster = setup.in_directory(directory.path()).start().unwrap();
        let fast = quorate_lab::env::Fault::Drift { node: NodeId(0), ppm: 1_000_000 };
        cluster.inject(&fast).unwrap();
        let mut client = cluster.client();
        for _ in 0..3 {
            std::thread::sleep(ms(20));
            shown.push(client.ask(()).unwrap());
        }
    }
    assert!(shown.is_sorted_by(|one, next| one < next), "{shown:?}");
}

/// A disk with an extremely high number of runs.
#[derive(Default)]
struct Ancient(Memory<quorate_raft::Disk<Counter>>);

impl Storage<quorate_raft::Disk<Counter>> for Ancient {
    fn open(&mut self, _: &Identity) -> Result<Option<Past>, StorageError> {
        let cluster = quorate_lab::live::ClusterId::random();
        Ok(Some(Past { cluster, run: u64::MAX - 1, clock: Time::ZERO, written: false }))
    }

    fn place(&self) -> PathBuf {
        self.0.place()
    }

    fn begin(&mut self, run: &RunId) -> Result<(), StorageError> {
        self.0.begin(run)
    }

    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError> {
        self.0.reserve_clock(until)
    }

    fn load(&mut self) -> Result<quorate_raft::Disk<Counter>, StorageError> {
        self.0.load()
    }

    fn write(&mut self, records: &[quorate_raft::Record<Counter>]) -> Result<(), StorageError> {
        self.0.write(records)
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.0.wipe()
    }
}

#[test]
fn a_request_without_a_number_of_its_own_is_refused() {
    let cluster = counters(1).disks(|_| Box::new(Ancient::default())).start().unwrap();
    let error = cluster.client().ask(add(1)).unwrap_err();
    assert!(matches!(error, AskError::OutOfNumbers { .. }), "{error}");
    assert!(error.to_string().contains("was not sent"), "{error}");
}
