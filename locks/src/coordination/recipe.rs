//! One attempt to take the lock, as a step function over the answers of the service.
//!
//! It knows nothing of messages, so a client of a real service can drive it as well: send
//! [`Contender::begin`], hand in each answer and each notification, and do what [`Next`] says.

use quorate_lease::{Name, Token};

use super::config::{Config, Recipe};
use super::request::{Child, CreateMode, SessionId, TreeAnswer, TreeRequest, WatchEvent, Zxid};
use super::rulebook::{Rulebook, first_in_line};
use super::rules::CoordinationRule;
use crate::sequencer::{LockMode, Sequencer};

impl LockMode {
    /// Name of the sequential nodes of this mode.
    const fn prefix(self) -> &'static str {
        match self {
            LockMode::Exclusive => "write-",
            LockMode::Shared => "read-",
        }
    }

    /// Mode that the name of a contender's node says; `None` if it is none.
    pub fn of(child: &Child) -> Option<LockMode> {
        let (_, name) = child.path.as_str().rsplit_once('/')?;
        let mode = [LockMode::Exclusive, LockMode::Shared].into_iter().find(|mode| name.starts_with(mode.prefix()));
        mode.filter(|_| child.sequence.is_some())
    }
}

/// Place in the queue: the smallest holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place(pub u64);

/// Meaning of a notification.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OnWake {
    /// Something has changed: look again.
    LookAgain,
    /// The lock is free.
    Hold,
}

/// That by which a client holds the lock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Holding {
    /// A node that it has created.
    Node(Child),
    /// The lock of a file.
    FileLock {
        /// The change by which it was acquired.
        acquired: Zxid,
        /// The sequencer.
        sequencer: Sequencer,
    },
}

impl Holding {
    /// The change of the tree by which the lock was taken.
    pub fn taken_by(&self) -> Zxid {
        match self {
            Holding::Node(node) => node.created,
            Holding::FileLock { acquired, .. } => *acquired,
        }
    }

    /// The fencing token: Chubby's is the lock's generation.
    pub fn token(&self, rules: &Rulebook) -> Token {
        match self {
            Holding::Node(node) => rules.token(node.created),
            Holding::FileLock { sequencer, .. } => Token(sequencer.generation),
        }
    }

    /// The path of the node, or of the file.
    pub fn path(&self) -> &Name {
        match self {
            Holding::Node(node) => &node.path,
            Holding::FileLock { sequencer, .. } => &sequencer.name,
        }
    }

    /// The sequencer, if the service knows such.
    pub fn sequencer(&self) -> Option<&Sequencer> {
        match self {
            Holding::Node(_) => None,
            Holding::FileLock { sequencer, .. } => Some(sequencer),
        }
    }
}

/// An attempt to take the lock by the configured recipe, in a session.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Contender {
    session: SessionId,
    mode: LockMode,
    /// Whether it waits for the lock, or takes it only if it is free.
    waits: bool,
    /// The node that it has created.
    node: Option<Child>,
    stage: Stage,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Stage {
    /// The node is to be created.
    Creating,
    /// The children are to be listed, and perhaps watched.
    Listing { watch: bool },
    /// A watch is to be set on that path.
    Watching(Name),
    /// A watch is set on that path.
    Waiting(Name),
}

/// Next action of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Ask the service.
    Ask(CoordinationRule, TreeRequest),
    /// Wait for a notification about this path.
    Wait(Name),
    /// The lock is held, by this.
    Hold(CoordinationRule, Holding),
    /// The lock is taken, and the attempt was not to wait: clean up by that request, if any.
    GiveUp(Option<TreeRequest>),
    /// The attempt's own node is gone: begin a new attempt.
    StartOver,
    /// Nothing: the answer or the notification is about something else.
    Ignore,
}

impl Contender {
    /// Begins an attempt.
    pub fn new(session: SessionId, mode: LockMode, waits: bool) -> Self {
        Contender { session, mode, waits, node: None, stage: Stage::Creating }
    }

    /// The mode asked for.
    pub fn mode(&self) -> LockMode {
        self.mode
    }

    /// The first request.
    pub fn begin(&self, config: &Config) -> (CoordinationRule, TreeRequest) {
        let (session, directory) = (self.session, &config.directory);
        let (rule, path, mode) = match config.recipe {
            Recipe::Plain => (CoordinationRule::CreateNode, directory.clone(), CreateMode::Ephemeral),
            Recipe::Sequential => {
                let path = Name::from(format!("{directory}/{}", self.mode.prefix()).as_str());
                (CoordinationRule::CreateSequential, path, CreateMode::EphemeralSequential)
            }
            Recipe::CreateRevision => {
                let path = Name::from(format!("{directory}/{:x}", session.0).as_str());
                (CoordinationRule::CreateKey, path, CreateMode::Ephemeral)
            }
            Recipe::FileLock => {
                let (path, mode, watch) = (directory.clone(), self.mode, self.waits);
                return (CoordinationRule::AcquireLock, TreeRequest::Acquire { session, path, mode, watch });
            }
        };
        (rule, TreeRequest::Create { session, path, mode })
    }

    /// Takes in the service's answer to the request asked last.
    pub fn answered(&mut self, rules: &Rulebook, config: &Config, answer: &TreeAnswer) -> Next {
        match (&self.stage, answer) {
            (Stage::Creating, TreeAnswer::Created(node)) => {
                self.node = Some(node.clone());
                match config.recipe {
                    Recipe::Sequential | Recipe::CreateRevision => self.list(config, false),
                    Recipe::Plain | Recipe::FileLock => {
                        Next::Hold(CoordinationRule::CreateNode, Holding::Node(node.clone()))
                    }
                }
            }
            (Stage::Creating, TreeAnswer::Locked { acquired, sequencer }) => {
                let holding = Holding::FileLock { acquired: *acquired, sequencer: sequencer.clone() };
                Next::Hold(CoordinationRule::AcquireLock, holding)
            }
            (Stage::Creating, TreeAnswer::LockTaken) if self.waits => self.wait(config.directory.clone()),
            (Stage::Creating, TreeAnswer::LockTaken) => Next::GiveUp(None),
            // The node of one's own session is there already: an earlier attempt has left it.
            (Stage::Creating, TreeAnswer::NodeExists) if config.recipe == Recipe::CreateRevision => {
                self.list(config, false)
            }
            (Stage::Creating, TreeAnswer::NodeExists) if self.waits => {
                self.watch(CoordinationRule::WatchLock, config.directory.clone())
            }
            (Stage::Creating, TreeAnswer::NodeExists) => Next::GiveUp(None),
            (Stage::Listing { watch }, TreeAnswer::Children(children)) => {
                let is_watched = *watch;
                self.decide(rules, config, children, is_watched)
            }
            (Stage::Watching(path), TreeAnswer::Exists { .. }) => self.wait(path.clone()),
            (Stage::Watching(_), TreeAnswer::NoNode) if rules.checks_again() => {
                self.look(config, CoordinationRule::CheckAgain)
            }
            (Stage::Watching(path), TreeAnswer::NoNode) => self.wait(path.clone()),
            _ => Next::Ignore,
        }
    }

    /// Takes in a notification.
    pub fn notified(&mut self, rules: &Rulebook, config: &Config, event: &WatchEvent) -> Next {
        match &self.stage {
            Stage::Watching(path) | Stage::Waiting(path) if *path == event.path => {
                match (rules.on_wake(), &self.node) {
                    (OnWake::Hold, Some(node)) => Next::Hold(CoordinationRule::WakeUp, Holding::Node(node.clone())),
                    _ => self.look(config, CoordinationRule::WakeUp),
                }
            }
            _ => Next::Ignore,
        }
    }

    /// Looks again: by creating the node, by acquiring the lock, or by listing the children.
    fn look(&mut self, config: &Config, rule: CoordinationRule) -> Next {
        let next = match config.recipe {
            Recipe::Plain | Recipe::FileLock => {
                self.stage = Stage::Creating;
                self.begin(config).1
            }
            Recipe::Sequential | Recipe::CreateRevision => match self.list(config, false) {
                Next::Ask(_, request) => request,
                other => return other,
            },
        };
        Next::Ask(rule, next)
    }

    fn list(&mut self, config: &Config, watch: bool) -> Next {
        self.stage = Stage::Listing { watch };
        let (session, path) = (self.session, config.directory.clone());
        Next::Ask(CoordinationRule::ListChildren, TreeRequest::Children { session, path, watch })
    }

    fn watch(&mut self, rule: CoordinationRule, path: Name) -> Next {
        self.stage = Stage::Watching(path.clone());
        Next::Ask(rule, TreeRequest::Exists { session: self.session, path, watch: true })
    }

    fn wait(&mut self, path: Name) -> Next {
        self.stage = Stage::Waiting(path.clone());
        Next::Wait(path)
    }

    /// Decides from the list of children who has the lock, or whom to wait for.
    fn decide(&mut self, rules: &Rulebook, config: &Config, children: &[Child], is_watched: bool) -> Next {
        let (_, own) = self.begin(config);
        let made_it = |child: &&Child| match (&self.node, &own) {
            (Some(node), _) => child.path == node.path,
            (None, TreeRequest::Create { path, .. }) => child.path == *path,
            (None, _) => false,
        };
        let Some(mine) = children.iter().find(made_it) else { return Next::StartOver };
        self.node = Some(mine.clone());
        let place = |child: &Child| rules.place(config.recipe, child);
        let is_ahead = |child: &&Child| {
            rules.contends(config.recipe, child)
                && child.path != mine.path
                && place(child) < place(mine)
                && rules.blocks(self.mode, LockMode::of(child).unwrap_or_default())
        };
        let Some(ahead) = children.iter().filter(is_ahead).max_by_key(|child| place(child)) else {
            return Next::Hold(first_in_line(self.mode), Holding::Node(mine.clone()));
        };
        if !self.waits {
            return Next::GiveUp(self.leave(rules));
        }
        if is_watched {
            return self.wait(config.directory.clone());
        }
        if rules.watches_all(config.recipe) {
            return self.list(config, true);
        }
        let rule = match self.mode {
            LockMode::Exclusive => CoordinationRule::WatchPredecessor,
            LockMode::Shared => CoordinationRule::WatchWriter,
        };
        self.watch(rule, ahead.path.clone())
    }

    /// The request by which an attempt that is given up leaves the queue.
    pub fn leave(&self, rules: &Rulebook) -> Option<TreeRequest> {
        let node = self.node.as_ref().filter(|_| rules.leaves_queue())?;
        Some(delete(self.session, node))
    }
}

/// The request that gives the lock up.
pub fn unlock(session: SessionId, holding: &Holding) -> TreeRequest {
    match holding {
        Holding::Node(node) => delete(session, node),
        Holding::FileLock { acquired, sequencer } => {
            TreeRequest::Release { session, path: sequencer.name.clone(), acquired: *acquired }
        }
    }
}

fn delete(session: SessionId, node: &Child) -> TreeRequest {
    TreeRequest::Delete { session, path: node.path.clone(), created: node.created }
}
