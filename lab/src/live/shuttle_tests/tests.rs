//! Properties that must hold in every schedule.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use quorate_protocol::{Duration, Names, NodeId, RequestId, Time};

use super::links::{LinkView, SharedLinks};
use super::register::{Book, Register};
use super::{AskError, Client, Cluster, Identity, Memory, Past, RunId, Setup, Storage, StorageError, threads};
use crate::env::{Conditions, CrashPoint, Fault, Rng, Status, Timeouts};

/// Number of schedules that each test explores.
const SCHEDULES: usize = 300;

const REGISTERS: [NodeId; 2] = [NodeId(0), NodeId(1)];

fn explore(test: impl Fn() + Send + Sync + 'static) {
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 17;
    config.failure_persistence = shuttle::FailurePersistence::None;
    config.silence_warnings = true;
    let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(7, SCHEDULES);
    shuttle::Runner::new(scheduler, config).run(test);
}

/// A disk that the test inspects afterwards, and that may be full.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<(Memory<Book>, bool)>>);

impl Shown {
    fn holds(&self, ticket: RequestId) -> bool {
        self.0.lock().unwrap().0.disk().0.contains(&ticket)
    }

    fn fill(&self) {
        self.0.lock().unwrap().1 = true;
    }
}

impl Storage<Book> for Shown {
    fn open(&mut self, identity: &Identity) -> Result<Option<Past>, StorageError> {
        self.0.lock().unwrap().0.open(identity)
    }

    fn place(&self) -> PathBuf {
        self.0.lock().unwrap().0.place()
    }

    fn begin(&mut self, run: &RunId) -> Result<(), StorageError> {
        self.0.lock().unwrap().0.begin(run)
    }

    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError> {
        self.0.lock().unwrap().0.reserve_clock(until)
    }

    fn load(&mut self) -> Result<Book, StorageError> {
        self.0.lock().unwrap().0.load()
    }

    fn write(&mut self, records: &[RequestId]) -> Result<(), StorageError> {
        let mut disk = self.0.lock().unwrap();
        if disk.1 {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(StorageError::io("append to", std::path::Path::new("book"), full));
        }
        disk.0.write(records)
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.0.lock().unwrap().0.wipe()
    }
}

/// Two nodes and their disks. Clients have unlimited time.
fn registers() -> (Setup<Register>, [Shown; 2]) {
    let disks = [Shown::default(), Shown::default()];
    let shared = disks.clone();
    let (attempt, pause) = (Duration::from_millis(100), Duration::from_millis(1));
    let timeouts = Timeouts { attempt, pause, deadline: Duration::from_secs(1 << 30) };
    let setup = Setup::<Register>::new("tills", Names::new(["first", "second"], ["ann"]), ());
    (setup.timeouts(timeouts).disks(move |node| Box::new(shared[node.index()].clone())), disks)
}

/// Sends this many requests, all in flight at once. Returns the answers.
fn pay(client: &mut Client<Register>, times: usize) -> Vec<Result<RequestId, AskError>> {
    (0..times).for_each(|_| _ = client.submit(()));
    std::iter::from_fn(|| client.wait()).map(|answer| answer.map(|(ticket, _)| ticket)).collect()
}

/// Runs a client concurrently with `meanwhile`. Every payment is answered, and is on both disks.
fn paid_meanwhile(traced: bool, meanwhile: impl Fn(&mut Cluster<Register>) + Send + Sync + 'static) {
    explore(move || {
        let (setup, disks) = registers();
        let mut cluster = if traced { setup.traced() } else { setup }.start().unwrap();
        let mut client = cluster.client();
        let paying = threads::Builder::new().spawn(move || pay(&mut client, 2)).unwrap();
        meanwhile(&mut cluster);
        let responses = paying.join().unwrap();
        assert_eq!(responses.len(), 2);
        for ticket in responses.into_iter().map(Result::unwrap) {
            assert!(disks.iter().all(|disk| disk.holds(ticket)), "{ticket} was acknowledged");
        }
        assert_eq!(REGISTERS.map(|register| cluster.status(register)), [Some(Status::Up); 2]);
        let report = cluster.shutdown().unwrap();
        for event in report.recording.iter().flat_map(|recording| recording.document().events) {
            assert!(event.cause.is_none_or(|cause| cause < event.id), "{event:?}");
        }
    });
}

#[test]
fn a_till_that_crashes_and_restarts_loses_and_doubles_nothing() {
    for node in REGISTERS {
        paid_meanwhile(false, move |cluster| {
            cluster.inject(&Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
            cluster.inject(&Fault::Restart(node)).unwrap();
        });
    }
}

#[test]
fn a_crash_that_waits_for_its_moment_is_met_or_called_off() {
    for moment in [CrashPoint::BeforePersist { kept: 0 }, CrashPoint::AfterPersist, CrashPoint::AfterSends { sent: 0 }]
    {
        paid_meanwhile(true, move |cluster| {
            cluster.inject(&Fault::Crash { node: REGISTERS[1], point: moment }).unwrap();
            cluster.heal_everything().unwrap();
        });
    }
}

#[test]
fn a_pause_and_a_look_get_along() {
    paid_meanwhile(true, |cluster| {
        cluster.inject(&Fault::Pause(REGISTERS[1])).unwrap();
        assert!(cluster.view(REGISTERS[1]).is_some());
        cluster.trace(|recording| recording.len());
        cluster.inject(&Fault::Resume(REGISTERS[1])).unwrap();
    });
}

#[test]
fn a_partition_that_heals_leaves_nothing_hanging() {
    paid_meanwhile(false, |cluster| {
        cluster.inject(&Fault::Partition(vec![vec![REGISTERS[0]], vec![REGISTERS[1]]])).unwrap();
        cluster.inject(&Fault::Heal).unwrap();
    });
}

#[test]
fn faults_by_plan_end_with_the_cluster() {
    explore(|| {
        let (setup, _) = registers();
        let plan = [Fault::Pause(REGISTERS[0]), Fault::Resume(REGISTERS[0])];
        let plan = plan.into_iter().enumerate().map(|(at, fault)| (Time::from_millis(at as u64), fault)).collect();
        setup.faults(plan).start().unwrap().shutdown().unwrap();
    });
}

#[test]
fn whoever_asks_while_the_cluster_ends_is_answered_or_told_so() {
    explore(|| {
        let (setup, disks) = registers();
        let cluster = setup.start().unwrap();
        let mut client = cluster.client();
        let paying = threads::Builder::new().spawn(move || pay(&mut client, 2)).unwrap();
        cluster.shutdown().unwrap();
        for answer in paying.join().unwrap() {
            match answer {
                Ok(ticket) => assert!(disks.iter().all(|disk| disk.holds(ticket))),
                Err(error) => assert!(matches!(error, AskError::ShutDown { .. }), "{error}"),
            }
        }
    });
}

#[test]
fn when_every_disk_is_full_the_client_is_told_and_nothing_was_acknowledged() {
    explore(|| {
        let (setup, disks) = registers();
        let cluster = setup.start().unwrap();
        let mut client = cluster.client();
        let filling = disks.clone();
        let paying = threads::Builder::new().spawn(move || pay(&mut client, 2)).unwrap();
        filling.iter().for_each(Shown::fill);
        cluster.inject(&Fault::Crash { node: REGISTERS[0], point: CrashPoint::BetweenSteps }).unwrap();
        cluster.inject(&Fault::Restart(REGISTERS[0])).unwrap();
        // A failed node stays down; the others are stopped here.
        let ended = cluster.shutdown();
        for answer in paying.join().unwrap() {
            match answer {
                Ok(ticket) => assert!(disks.iter().all(|disk| disk.holds(ticket))),
                Err(AskError::ShutDown { .. }) => {}
                Err(AskError::AllFailed { failures, .. }) => assert!(ended.is_err() && !failures.is_empty()),
                Err(other) => panic!("{other}"),
            }
        }
    });
}

#[test]
fn a_change_of_the_weather_is_seen_by_whoever_looks_after_it() {
    explore(|| {
        let links = Arc::new(SharedLinks::new(4, Conditions::steady(Duration::ZERO)));
        let changed = Arc::new(threads::AtomicU32::new(0));
        let (board, count) = (Arc::clone(&links), Arc::clone(&changed));
        let changing = threads::Builder::new().spawn(move || {
            for other in 1..=3 {
                board.change(|links| links.set_link(NodeId(0), NodeId(other), false));
                count.store(other, threads::Ordering::SeqCst);
            }
        });
        let mut link_view = LinkView::new(&links, Rng::new(1, 0));
        let sees = |link_view: &LinkView, upto| (1..=upto).all(|other| link_view.is_cut(NodeId(0), NodeId(other)));
        for _ in 0..4 {
            let before = changed.load(threads::Ordering::SeqCst);
            link_view.refresh(&links);
            assert!(sees(&link_view, before));
        }
        changing.unwrap().join().unwrap();
        link_view.refresh(&links);
        assert!(sees(&link_view, 3));
    });
}
