//! A Raft node: its state (Raft Figure 2), and the operations common to all roles.

use std::fmt;
use std::sync::Arc;

use quorate_protocol::{Context, Leads, NodeId, Outbox};

use crate::disk::{DiskError, Record};
use crate::log::Log;
use crate::membership::{History, Membership};
use crate::position::{LogIndex, Term};
use crate::role::{Role, RoleState};
use crate::rules::RaftRule;
use crate::session::Sessions;
use crate::snapshot::{Incoming, Snapshot};
use crate::state_machine::StateMachine;

/// The outbox of a Raft node.
pub(crate) type Out<S> = Outbox<Raft<S>>;

/// The context that a Raft node gets with every step.
pub(crate) type Cx<'a, S> = Context<'a, Raft<S>>;

/// A Raft node that replicates `S`.
///
/// A cluster of one, stepped by hand:
///
/// ```
/// use quorate_protocol::{ClientId, Constants, Effect, Input, Machine, NodeId, Outbox, RequestId};
/// use quorate_raft::{Add, Command, Counter, Disk, Raft, Reply, Settings, Timer};
///
/// type Node = Raft<Counter>;
/// let constants = Constants::new(Settings::nodes(1).build()?);
/// let cx = constants.of(NodeId(0), ());
/// let mut out = Outbox::new();
/// let mut node = Node::boot(&cx, &Disk::default(), &mut out);
///
/// out.clear();
/// node.step(&cx, Input::Fire(Timer::Election), &mut out);
/// assert!(node.is_leader());
///
/// out.clear();
/// let ticket = RequestId { client: ClientId(0), number: 1 };
/// node.step(&cx, Input::Request { ticket, command: Command::Apply(Add(5)) }, &mut out);
/// assert!(out.effects().contains(&Effect::Reply { ticket, reply: Reply::Applied(5) }));
/// # Ok::<(), quorate_raft::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Raft<S: StateMachine> {
    // Persistent state, Raft Figure 2: currentTerm, votedFor, log; §7: the snapshot.
    pub(crate) term: Term,
    pub(crate) vote: Option<NodeId>,
    pub(crate) log: Log<S>,
    pub(crate) snapshot: Option<Arc<Snapshot<S>>>,

    // Volatile state, Raft Figure 2: commitIndex, lastApplied, and what is derived from the log.
    pub(crate) commit: LogIndex,
    pub(crate) applied: LogIndex,
    pub(crate) state: S,
    pub(crate) sessions: Sessions<S>,
    pub(crate) memberships: History,

    pub(crate) role: RoleState<S>,
    pub(crate) leader: Option<NodeId>,
    /// Whether the leader was heard within the minimum election timeout (Raft §6).
    pub(crate) hears_leader: bool,
    pub(crate) incoming: Option<Incoming<S>>,
    pub(crate) damage: Option<DiskError>,
}

impl<S: StateMachine> Raft<S> {
    /// The current term.
    pub fn term(&self) -> Term {
        self.term
    }

    /// The vote in the current term.
    pub fn vote(&self) -> Option<NodeId> {
        self.vote
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role.name()
    }

    /// Whether the node leads its term, as far as it knows.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, RoleState::Leader(_))
    }

    /// The leader of the current term, as far as the node knows.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// The log.
    pub fn log(&self) -> &Log<S> {
        &self.log
    }

    /// The last entry known to be committed.
    pub fn commit(&self) -> LogIndex {
        self.commit
    }

    /// The last entry applied.
    pub fn applied(&self) -> LogIndex {
        self.applied
    }

    /// The state machine, as of [`applied`](Self::applied).
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The client sessions, as of [`applied`](Self::applied).
    pub fn sessions(&self) -> &Sessions<S> {
        &self.sessions
    }

    /// The configuration in force: the newest in the log (Raft §6).
    pub fn membership(&self) -> &Membership {
        self.memberships.newest().1
    }

    /// The last entry whose configuration is in force here, as the rulebook decides.
    pub(crate) fn configured_up_to(&self, cx: &Cx<S>) -> LogIndex {
        cx.rules.configured_up_to(self.log.last_index(), self.commit)
    }

    /// The configuration whose majorities count here, as the rulebook decides.
    pub(crate) fn in_force(&self, cx: &Cx<S>) -> &Membership {
        self.memberships.at(self.configured_up_to(cx))
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Option<&Snapshot<S>> {
        self.snapshot.as_deref()
    }

    /// The reason the node takes no part, if its disk is damaged.
    pub fn disk_error(&self) -> Option<&DiskError> {
        self.damage.as_ref()
    }

    /// Becomes a follower, in this term or a later one (Raft §5.1).
    pub(crate) fn step_down(
        &mut self,
        cx: &Cx<S>,
        rule: RaftRule,
        term: Term,
        why: fmt::Arguments<'_>,
        out: &mut Out<S>,
    ) {
        debug_assert!(term >= self.term, "terms never go back");
        let led = self.term;
        let vote = cx.rules.vote_after_step_down(led, term, self.vote);
        let changed = (term, vote) != (self.term, self.vote);
        (self.term, self.vote, self.leader) = (term, vote, None);
        let role = std::mem::replace(&mut self.role, RoleState::Follower);
        let mut because = out.because(rule);
        because.why(why);
        if changed {
            because.persist(Record::Term { term });
            if let Some(candidate) = vote {
                because.persist(Record::Vote { candidate });
            }
        }
        if let RoleState::Leader(leadership) = role {
            self.end_leadership(cx, *leadership, led, &mut because);
        }
    }

    /// Adopts a higher term and becomes a follower (Raft §5.1).
    pub(crate) fn adopt_term(&mut self, cx: &Cx<S>, term: Term, out: &mut Out<S>) {
        let mine = self.term;
        self.step_down(cx, RaftRule::AdoptHigherTerm, term, format_args!("term {term} is above {mine}"), out);
    }
}

impl<S: StateMachine> Leads for Raft<S> {
    type Epoch = Term;

    fn leads(&self, _: &Cx<S>) -> Option<Term> {
        self.is_leader().then_some(self.term)
    }
}
