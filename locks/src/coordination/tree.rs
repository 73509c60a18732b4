//! The tree: the Raft state machine of the coordination service. It contains no time: that a
//! session has expired is a command like any other.
//!
//! Nodes have no data, because no recipe needs any. Watches are part of the state, so that they
//! survive a change of leader; in ZooKeeper they are kept by the server that a client is connected
//! to, and set again when it connects elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use quorate_lease::Name;
use quorate_protocol::NodeId;
use quorate_raft::StateMachine;
use serde::{Deserialize, Serialize};

use super::file_lock::FileLock;
use super::request::{
    Change, Child, CreateMode, Expiry, Sequence, SessionId, TreeAnswer, TreeRequest, WatchEvent, Zxid, parent,
};
use crate::id::AttemptId;
use crate::sequencer::{LockMode, Sequencer};

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Znode {
    /// The change that created it.
    pub created: Zxid,
    /// The session that it ends with; `None` for a persistent node.
    pub owner: Option<SessionId>,
    /// The number in its name, if it is sequential.
    pub sequence: Option<Sequence>,
    /// Number for its next sequential child.
    pub next: Sequence,
    /// Its lock, for a service that has locks of files.
    #[serde(default, skip_serializing_if = "FileLock::is_unused")]
    pub lock: FileLock,
}

impl Znode {
    fn new(created: Zxid, owner: Option<SessionId>, sequence: Option<Sequence>) -> Self {
        Znode { created, owner, sequence, next: 0, lock: FileLock::default() }
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Session {
    /// The client.
    pub client: NodeId,
    /// Number of heartbeats: an expiry names the one that it counts from.
    pub touches: u64,
    /// Whether it has expired, and its nodes wait for the end of the lock-delay.
    pub expired: bool,
    /// Events that the client has not confirmed.
    pub events: Vec<WatchEvent>,
}

/// Target of a watch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Watched {
    /// The creation and the deletion of a node.
    Node(Name),
    /// Those of its children.
    Children(Name),
}

/// The tree, with its sessions and watches.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tree {
    nodes: BTreeMap<Name, Znode>,
    sessions: BTreeMap<SessionId, Session>,
    watches: BTreeMap<Watched, BTreeSet<SessionId>>,
    zxid: Zxid,
}

/// A query of the tree: whether a lock is held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TreeQuery {
    /// The lock.
    pub attempt: AttemptId,
    /// Its sequencer, as Chubby's `CheckSequencer` asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<Sequencer>,
}

/// Reply of the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TreeReply {
    /// Number of changes up to and including this request.
    pub zxid: Zxid,
    /// The answer.
    pub answer: TreeAnswer,
}

impl Tree {
    /// Number of changes so far.
    pub fn zxid(&self) -> Zxid {
        self.zxid
    }

    /// The node of that path.
    pub fn node(&self, path: &Name) -> Option<&Znode> {
        self.nodes.get(path)
    }

    /// All nodes, by path.
    pub fn nodes(&self) -> impl Iterator<Item = (&Name, &Znode)> {
        self.nodes.iter()
    }

    /// The session of that identifier.
    pub fn session(&self, session: SessionId) -> Option<&Session> {
        self.sessions.get(&session)
    }

    /// All sessions.
    pub fn sessions(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.sessions.iter().map(|(session, state)| (*session, state))
    }

    /// Events after a change that their clients have not confirmed.
    pub fn events_since(&self, zxid: Zxid) -> impl Iterator<Item = (NodeId, &WatchEvent)> {
        let all = self.sessions.values().flat_map(|session| session.events.iter().map(|event| (session.client, event)));
        all.filter(move |(_, event)| event.zxid > zxid)
    }

    /// Whether the node of that lock exists, and its session is alive.
    fn holds(&self, attempt: AttemptId) -> bool {
        let made_it = |node: &Znode| {
            let session = node.owner.and_then(|owner| self.sessions.get(&owner));
            node.created.0 == attempt.number
                && session.is_some_and(|session| session.client == attempt.owner && !session.expired)
        };
        self.nodes.values().any(made_it)
    }

    /// Whether the lock of that sequencer is still held, in that mode and generation, by a session
    /// that is alive.
    fn is_valid(&self, sequencer: &Sequencer) -> bool {
        let Some(Znode { lock, .. }) = self.nodes.get(&sequencer.name) else { return false };
        let is_alive = |session| self.sessions.get(&session).is_some_and(|state| !state.expired);
        lock.sequencer(sequencer.name.clone()) == *sequencer && lock.holders().any(|(session, _)| is_alive(session))
    }

    fn change(&mut self) -> Zxid {
        self.zxid.0 = self.zxid.0.saturating_add(1);
        self.zxid
    }

    fn child(&self, path: &Name) -> Option<Child> {
        let node = self.nodes.get(path)?;
        Some(Child { path: path.clone(), sequence: node.sequence, created: node.created })
    }

    fn open(&mut self, client: NodeId) -> TreeAnswer {
        let session = SessionId(self.change().0);
        self.sessions.insert(session, Session { client, touches: 0, expired: false, events: Vec::new() });
        TreeAnswer::Opened { session }
    }

    fn touch(&mut self, session: SessionId, seen: Zxid) -> TreeAnswer {
        let Some(state) = self.sessions.get_mut(&session) else { return TreeAnswer::SessionExpired };
        state.touches = state.touches.saturating_add(1);
        state.events.retain(|event| event.zxid > seen);
        TreeAnswer::Alive { events: state.events.clone() }
    }

    /// Creates a node, and its parent if it has none.
    fn create(&mut self, session: SessionId, path: &Name, mode: CreateMode) -> TreeAnswer {
        let owner = (mode != CreateMode::Persistent).then_some(session);
        let mut path = path.clone();
        let mut sequence = None;
        if let (CreateMode::EphemeralSequential, Some(parent)) = (mode, parent(&path)) {
            let zxid = self.zxid;
            let parent = self.nodes.entry(parent).or_insert(Znode::new(zxid, None, None));
            sequence = Some(parent.next);
            path = Name::from(format!("{path}{:010}", parent.next).as_str());
            parent.next = parent.next.saturating_add(1);
        }
        if self.nodes.contains_key(&path) {
            return TreeAnswer::NodeExists;
        }
        let created = self.change();
        self.nodes.insert(path.clone(), Znode::new(created, owner, sequence));
        self.fire(&path, Change::Created);
        TreeAnswer::Created(Child { path, sequence, created })
    }

    /// Deletes the node of that path, if the change that is named has created it.
    fn delete(&mut self, session: SessionId, path: &Name, created: Zxid) -> TreeAnswer {
        let Some(node) = self.nodes.get(path).filter(|node| node.created == created) else {
            return TreeAnswer::NoNode;
        };
        let owner = self.sessions.get(&node.owner.unwrap_or(session)).map(|session| session.client);
        self.remove(path);
        let owner = owner.unwrap_or(NodeId(u32::MAX));
        TreeAnswer::Deleted { attempt: AttemptId { owner, number: created.0 } }
    }

    fn remove(&mut self, path: &Name) {
        self.change();
        self.nodes.remove(path);
        self.fire(path, Change::Deleted);
    }

    /// Acquires the lock of a file, or has the session wait for it.
    fn acquire(&mut self, session: SessionId, path: &Name, mode: LockMode, watch: bool) -> TreeAnswer {
        if !self.nodes.contains_key(path) {
            let created = self.change();
            self.nodes.insert(path.clone(), Znode::new(created, None, None));
            self.fire(path, Change::Created);
        }
        let next = Zxid(self.zxid.0.saturating_add(1));
        let Some(Znode { lock, .. }) = self.nodes.get_mut(path) else { return TreeAnswer::NoNode };
        let Some(acquired) = lock.acquire(session, mode, next) else {
            if watch {
                self.watch(session, Watched::Node(path.clone()));
            }
            return TreeAnswer::LockTaken;
        };
        let sequencer = lock.sequencer(path.clone());
        if acquired == next {
            self.change();
        }
        TreeAnswer::Locked { acquired, sequencer }
    }

    /// Releases the lock of a file, if the session holds it since the change that is named.
    fn release(&mut self, session: SessionId, path: &Name, acquired: Zxid) -> TreeAnswer {
        let held_since = self.nodes.get(path).and_then(|node| node.lock.held_since(session));
        let Some(Session { client: owner, .. }) = self.sessions.get(&session).filter(|_| held_since == Some(acquired))
        else {
            return TreeAnswer::NoNode;
        };
        let attempt = AttemptId { owner: *owner, number: acquired.0 };
        self.unlock(session, path);
        TreeAnswer::Released { attempt }
    }

    fn unlock(&mut self, session: SessionId, path: &Name) {
        self.change();
        if self.nodes.get_mut(path).is_some_and(|node| node.lock.release(session)) {
            self.fire(path, Change::Freed);
        }
    }

    /// Fires the watches on a node that is created or deleted, and on the children of its parent.
    fn fire(&mut self, path: &Name, change: Change) {
        let of_parent = parent(path).map(|parent| (Watched::Children(parent), Change::Children));
        for (watched, change) in [(Watched::Node(path.clone()), change)].into_iter().chain(of_parent) {
            let watchers = self.watches.remove(&watched).unwrap_or_default();
            let (Watched::Node(path) | Watched::Children(path)) = watched;
            for watcher in watchers {
                let event = WatchEvent { zxid: self.zxid, path: path.clone(), change };
                self.sessions.entry(watcher).and_modify(|session| session.events.push(event));
            }
        }
    }

    /// Sets a watch for a session.
    fn watch(&mut self, session: SessionId, watched: Watched) {
        self.watches.entry(watched).or_default().insert(session);
    }

    fn children(&self, path: &Name) -> Vec<Child> {
        let is_child = |other: &&Name| parent(other).as_ref() == Some(path);
        self.nodes.keys().filter(is_child).filter_map(|path| self.child(path)).collect()
    }

    fn expire(&mut self, session: SessionId, Expiry { touches, frees }: Expiry) -> TreeAnswer {
        match self.sessions.get_mut(&session) {
            Some(state) if !state.expired && touches.is_none_or(|touches| state.touches == touches) => {
                if frees {
                    return self.end(session);
                }
                self.change();
                self.sessions.entry(session).and_modify(|state| state.expired = true);
                TreeAnswer::Done
            }
            _ => TreeAnswer::NoNode,
        }
    }

    /// Ends a session, with its watches and its ephemeral nodes.
    fn end(&mut self, session: SessionId) -> TreeAnswer {
        if self.sessions.remove(&session).is_none() {
            return TreeAnswer::NoNode;
        }
        self.change();
        self.watches.retain(|_, watchers| {
            watchers.remove(&session);
            !watchers.is_empty()
        });
        let owned = |(_, node): &(&Name, &Znode)| node.owner == Some(session);
        let paths: Vec<Name> = self.nodes.iter().filter(owned).map(|(path, _)| path.clone()).collect();
        paths.iter().for_each(|path| self.remove(path));
        let held = |(_, node): &(&Name, &Znode)| node.lock.held_since(session).is_some();
        let paths: Vec<Name> = self.nodes.iter().filter(held).map(|(path, _)| path.clone()).collect();
        paths.iter().for_each(|path| self.unlock(session, path));
        TreeAnswer::Done
    }

    fn carry_out(&mut self, request: &TreeRequest) -> TreeAnswer {
        let is_alive = |session: SessionId| self.sessions.get(&session).is_some_and(|state| !state.expired);
        match request {
            TreeRequest::Open { client } => self.open(*client),
            TreeRequest::Expire { session, expiry } => self.expire(*session, *expiry),
            TreeRequest::Free { session } => self.end(*session),
            other if !other.session().is_some_and(is_alive) => TreeAnswer::SessionExpired,
            TreeRequest::Close { session } => self.end(*session),
            TreeRequest::Touch { session, seen } => self.touch(*session, *seen),
            TreeRequest::Create { session, path, mode } => self.create(*session, path, *mode),
            TreeRequest::Delete { session, path, created } => self.delete(*session, path, *created),
            TreeRequest::Acquire { session, path, mode, watch } => self.acquire(*session, path, *mode, *watch),
            TreeRequest::Release { session, path, acquired } => self.release(*session, path, *acquired),
            TreeRequest::Children { session, path, watch } => {
                if *watch {
                    self.watch(*session, Watched::Children(path.clone()));
                }
                TreeAnswer::Children(self.children(path))
            }
            TreeRequest::Exists { session, path, watch } => {
                if *watch {
                    self.watch(*session, Watched::Node(path.clone()));
                }
                self.nodes.get(path).map_or(TreeAnswer::NoNode, |node| TreeAnswer::Exists { created: node.created })
            }
        }
    }
}

/// A chunk of the tree, small so that a snapshot travels in small messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Piece {
    /// Number of changes.
    Zxid(Zxid),
    /// A node.
    Node(Name, Znode),
    /// A session.
    Session(SessionId, Session),
    /// A watch of a session.
    Watch(Watched, SessionId),
}

impl StateMachine for Tree {
    type Command = TreeRequest;
    type Query = TreeQuery;
    type Reply = TreeReply;
    type Piece = Piece;

    fn apply(&mut self, request: &TreeRequest) -> TreeReply {
        let answer = self.carry_out(request);
        TreeReply { zxid: self.zxid, answer }
    }

    fn query(&self, TreeQuery { attempt, sequencer }: &TreeQuery) -> TreeReply {
        let valid = sequencer.as_ref().map_or_else(|| self.holds(*attempt), |sequencer| self.is_valid(sequencer));
        let answer = TreeAnswer::Sequencer { attempt: *attempt, valid };
        TreeReply { zxid: self.zxid, answer }
    }

    fn pieces(&self) -> Vec<Piece> {
        let nodes = self.nodes.iter().map(|(path, node)| Piece::Node(path.clone(), node.clone()));
        let sessions = self.sessions.iter().map(|(session, state)| Piece::Session(*session, state.clone()));
        let watches = self.watches.iter().flat_map(|(watched, watchers)| {
            watchers.iter().map(move |session| Piece::Watch(watched.clone(), *session))
        });
        [Piece::Zxid(self.zxid)].into_iter().chain(nodes).chain(sessions).chain(watches).collect()
    }

    fn assemble(pieces: impl Iterator<Item = Piece>) -> Self {
        let mut tree = Tree::default();
        for piece in pieces {
            match piece {
                Piece::Zxid(zxid) => tree.zxid = zxid,
                Piece::Node(path, node) => {
                    tree.nodes.insert(path, node);
                }
                Piece::Session(session, state) => {
                    tree.sessions.insert(session, state);
                }
                Piece::Watch(watched, session) => tree.watch(session, watched),
            }
        }
        tree
    }

    fn size(request: &TreeRequest) -> usize {
        let path = match request {
            TreeRequest::Create { path, .. }
            | TreeRequest::Delete { path, .. }
            | TreeRequest::Acquire { path, .. }
            | TreeRequest::Release { path, .. }
            | TreeRequest::Children { path, .. }
            | TreeRequest::Exists { path, .. } => path.as_str().len(),
            _ => 0,
        };
        size_of::<TreeRequest>() + path
    }

    fn summary(&self) -> String {
        format!("{} nodes, {} sessions, {}", self.nodes.len(), self.sessions.len(), self.zxid)
    }
}

#[cfg(test)]
mod tests;
