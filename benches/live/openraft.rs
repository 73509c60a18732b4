//! Three nodes of openraft 0.9 in an equivalent setup: in-memory log, in-process calls as network,
//! an addition and a reply for every command. It runs on tokio, as intended, with one worker per
//! core; the client is a task of the same runtime, so that it need not wake another thread.
//! Batching is openraft's own.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::io::Cursor;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ::openraft::error::{InstallSnapshotError, RPCError, RaftError};
use ::openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use ::openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};
use ::openraft::storage::{LogFlushed, RaftLogStorage, RaftStateMachine};
use ::openraft::{
    BasicNode, Config, Entry, EntryPayload, LogId, LogState, Raft, RaftLogReader, RaftSnapshotBuilder, Snapshot,
    SnapshotMeta, SnapshotPolicy, StorageError, StoredMembership, Vote,
};
use tokio::runtime::{Builder, Runtime};

type Id = u64;
type Stored<T> = Result<T, StorageError<Id>>;

::openraft::declare_raft_types!(
    /// Adds eight bytes; the reply is the sum.
    pub(crate) Types: D = u64, R = u64
);

pub(crate) struct OpenRaft {
    runtime: Runtime,
    nodes: Arc<OnceLock<Vec<Raft<Types>>>>,
}

impl OpenRaft {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_multi_thread().enable_time().build().expect("threads");
        let nodes = Arc::new(OnceLock::new());
        runtime.block_on(async {
            let mut all = Vec::new();
            for id in 0..3 {
                let network = Network(Arc::clone(&nodes));
                let node = Raft::new(id, config(), network, LogStore::default(), Sum::default());
                all.push(node.await.expect("a node"));
            }
            let all = nodes.get_or_init(|| all);
            let members = (0..3).map(|id| (id, BasicNode::default()));
            all[0].initialize(members.collect::<std::collections::BTreeMap<_, _>>()).await.expect("three members");
            all[0].wait(Some(Duration::from_secs(10))).current_leader(0, "it leads").await.expect("somebody leads");
        });
        OpenRaft { runtime, nodes }
    }
}

impl super::System for OpenRaft {
    fn commit(&mut self, depth: usize, commits: usize) -> Duration {
        let leader = self.nodes.get().expect("they run")[0].clone();
        let work = async move {
            let begun = Instant::now();
            let mut under_way = VecDeque::with_capacity(depth);
            let mut asked = 0;
            while asked < commits || !under_way.is_empty() {
                while asked < commits && under_way.len() < depth {
                    under_way.push_back(leader.client_write_ff(1).await.expect("it leads"));
                    asked += 1;
                }
                if let Some(answer) = under_way.pop_front() {
                    answer.await.expect("it runs").expect("it leads");
                }
            }
            begun.elapsed()
        };
        self.runtime.block_on(self.runtime.spawn(work)).expect("it does not panic")
    }

    fn end(self: Box<Self>) {
        self.runtime.block_on(async {
            for node in self.nodes.get().expect("they run") {
                node.shutdown().await.expect("it ends");
            }
        });
    }
}

fn config() -> Arc<Config> {
    let config = Config {
        election_timeout_min: 500,
        election_timeout_max: 1_000,
        heartbeat_interval: 50,
        max_payload_entries: 1_024,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(super::SNAPSHOT_EVERY),
        max_in_snapshot_log_to_keep: super::KEPT,
        ..Config::default()
    };
    Arc::new(config.validate().expect("a sound configuration"))
}

/// Network of direct calls between nodes.
#[derive(Clone)]
struct Network(Arc<OnceLock<Vec<Raft<Types>>>>);

struct Link {
    network: Network,
    target: Id,
}

impl Link {
    fn node(&self) -> &Raft<Types> {
        &self.network.0.get().expect("they run before they speak")[self.target as usize]
    }
}

impl RaftNetworkFactory<Types> for Network {
    type Network = Link;

    async fn new_client(&mut self, target: Id, _: &BasicNode) -> Link {
        Link { network: self.clone(), target }
    }
}

/// The receiver's error, as reported to the sender.
type Rpc<E> = RPCError<Id, BasicNode, RaftError<Id, E>>;

fn remote<E: std::error::Error>(target: Id, error: RaftError<Id, E>) -> Rpc<E> {
    RPCError::RemoteError(::openraft::error::RemoteError::new(target, error))
}

impl RaftNetwork<Types> for Link {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        _: RPCOption,
    ) -> Result<AppendEntriesResponse<Id>, RPCError<Id, BasicNode, RaftError<Id>>> {
        self.node().append_entries(request).await.map_err(|error| remote(self.target, error))
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<Types>,
        _: RPCOption,
    ) -> Result<InstallSnapshotResponse<Id>, Rpc<InstallSnapshotError>> {
        self.node().install_snapshot(request).await.map_err(|error| remote(self.target, error))
    }

    async fn vote(
        &mut self,
        request: VoteRequest<Id>,
        _: RPCOption,
    ) -> Result<VoteResponse<Id>, RPCError<Id, BasicNode, RaftError<Id>>> {
        self.node().vote(request).await.map_err(|error| remote(self.target, error))
    }
}

/// In-memory log: an entry's position is its index minus that of the first.
#[derive(Clone, Default)]
struct LogStore(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    vote: Option<Vote<Id>>,
    purged: Option<LogId<Id>>,
    entries: VecDeque<Entry<Types>>,
}

impl Log {
    fn first(&self) -> u64 {
        self.purged.map_or(0, |purged| purged.index + 1)
    }

    /// Number of entries before an index.
    fn before(&self, index: u64) -> usize {
        (index.saturating_sub(self.first()) as usize).min(self.entries.len())
    }
}

impl LogStore {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RaftLogReader<Types> for LogStore {
    async fn try_get_log_entries<B: RangeBounds<u64> + Clone + Debug + Send>(
        &mut self,
        range: B,
    ) -> Stored<Vec<Entry<Types>>> {
        let log = self.log();
        let start = match range.start_bound() {
            Bound::Included(start) => log.before(*start),
            Bound::Excluded(before) => log.before(before + 1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => log.before(last + 1),
            Bound::Excluded(end) => log.before(*end),
            Bound::Unbounded => log.entries.len(),
        };
        Ok(log.entries.range(start..end).cloned().collect())
    }
}

impl RaftLogStorage<Types> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Stored<LogState<Types>> {
        let log = self.log();
        let last_log_id = log.entries.back().map(|entry| entry.log_id).or(log.purged);
        Ok(LogState { last_purged_log_id: log.purged, last_log_id })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<Id>) -> Stored<()> {
        self.log().vote = Some(*vote);
        Ok(())
    }

    async fn read_vote(&mut self) -> Stored<Option<Vote<Id>>> {
        Ok(self.log().vote)
    }

    async fn append<I>(&mut self, entries: I, flushed: LogFlushed<Types>) -> Stored<()>
    where
        I: IntoIterator<Item = Entry<Types>> + Send,
        I::IntoIter: Send,
    {
        self.log().entries.extend(entries);
        flushed.log_io_completed(Ok(()));
        Ok(())
    }

    async fn truncate(&mut self, from: LogId<Id>) -> Stored<()> {
        let mut log = self.log();
        let kept = log.before(from.index);
        log.entries.truncate(kept);
        Ok(())
    }

    async fn purge(&mut self, upto: LogId<Id>) -> Stored<()> {
        let mut log = self.log();
        let gone = log.before(upto.index + 1);
        log.entries.drain(..gone);
        log.purged = Some(upto);
        Ok(())
    }
}

/// The state machine, and the content of its snapshots.
#[derive(Clone, Default)]
struct Sum {
    sum: u64,
    applied: Option<LogId<Id>>,
    membership: StoredMembership<Id, BasicNode>,
}

impl RaftSnapshotBuilder<Types> for Sum {
    async fn build_snapshot(&mut self) -> Stored<Snapshot<Types>> {
        let meta = SnapshotMeta {
            last_log_id: self.applied,
            last_membership: self.membership.clone(),
            snapshot_id: self.applied.map_or(0, |applied| applied.index).to_string(),
        };
        Ok(Snapshot { meta, snapshot: Box::new(Cursor::new(self.sum.to_le_bytes().to_vec())) })
    }
}

impl RaftStateMachine<Types> for Sum {
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Stored<(Option<LogId<Id>>, StoredMembership<Id, BasicNode>)> {
        Ok((self.applied, self.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Stored<Vec<u64>>
    where
        I: IntoIterator<Item = Entry<Types>> + Send,
        I::IntoIter: Send,
    {
        let apply = |entry: Entry<Types>| {
            self.applied = Some(entry.log_id);
            match entry.payload {
                EntryPayload::Blank => {}
                EntryPayload::Normal(amount) => self.sum = self.sum.wrapping_add(amount),
                EntryPayload::Membership(membership) => {
                    self.membership = StoredMembership::new(Some(entry.log_id), membership);
                }
            }
            self.sum
        };
        Ok(entries.into_iter().map(apply).collect())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Stored<Box<Cursor<Vec<u8>>>> {
        Ok(Box::default())
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta<Id, BasicNode>,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Stored<()> {
        let bytes = snapshot.into_inner().try_into().expect("a snapshot has eight bytes");
        self.sum = u64::from_le_bytes(bytes);
        (self.applied, self.membership) = (meta.last_log_id, meta.last_membership.clone());
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Stored<Option<Snapshot<Types>>> {
        if self.applied.is_none() {
            return Ok(None);
        }
        self.build_snapshot().await.map(Some)
    }
}
