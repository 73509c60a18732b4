//! Three nodes of `quorate-raft` on threads, and one client with a number of outstanding additions.

use std::path::Path;
use std::time::{Duration, Instant};

use quorate_lab::env::Timeouts;
use quorate_lab::live::{Client, Cluster, Setup};
use quorate_protocol::Names;
use quorate_raft::{Add, Command, Counter, Raft, Settings, Snapshots};

type Node = Raft<Counter>;

pub(crate) struct Quorate {
    cluster: Cluster<Node>,
    client: Client<Node>,
}

impl Quorate {
    /// Starts a cluster in memory, or with logs in files of that directory.
    pub(crate) fn start(directory: Option<&Path>) -> Self {
        let settings = Settings {
            election: Duration::from_millis(500)..Duration::from_millis(1_000),
            heartbeat: Duration::from_millis(50),
            batch: 1_024,
            window: 2,
            session_replies: 4_096,
            snapshots: Some(Snapshots { every: super::SNAPSHOT_EVERY, keep: super::KEPT, chunk: 256 }),
            ..Settings::nodes(3)
        };
        let names = Names::new(["n1", "n2", "n3"], ["client"]);
        let setup = Setup::<Node>::new("raft", names, settings.build().expect("sound settings"));
        let setup = setup.timeouts(Timeouts { attempt: Duration::from_secs(5), ..Timeouts::default() });
        let setup = match directory {
            Some(directory) => setup.in_directory(directory),
            None => setup,
        };
        let cluster = setup.start().expect("it starts");
        let mut client = cluster.client();
        client.ask(Command::Apply(Add(0))).expect("somebody leads");
        Quorate { cluster, client }
    }

    /// Ends every thread. Returns the highest number of syncs of a node.
    pub(crate) fn syncs(self) -> u64 {
        drop(self.client);
        let report = self.cluster.shutdown().expect("nobody failed");
        report.nodes.iter().map(|node| node.syncs).max().unwrap_or_default()
    }
}

impl super::System for Quorate {
    fn commit(&mut self, depth: usize, commits: usize) -> Duration {
        let begun = Instant::now();
        let (mut asked, mut answered) = (0, 0);
        while answered < commits {
            while asked < commits && asked - answered < depth {
                self.client.submit(Command::Apply(Add(1)));
                asked += 1;
            }
            self.client.wait().expect("something is under way").expect("it is answered");
            answered += 1;
        }
        begun.elapsed()
    }

    fn end(self: Box<Self>) {
        self.syncs();
    }
}
