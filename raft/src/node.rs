//! The node: its state (Raft Figure 2), and the way of each input to its role.

use std::fmt;
use std::sync::Arc;

use quorate_protocol::{Answer, Because, Context, Input, Machine, NodeId, Outbox, Ticket};

use crate::client::{Command, Refusal, Reply};
use crate::config::Config;
use crate::disk::{Disk, DiskError, Record};
use crate::entry::Payload;
use crate::fact::Fact;
use crate::log::Log;
use crate::membership::{History, Membership};
use crate::message::{LogIndex, Message, Term, Timer};
use crate::role::{Role, RoleName};
use crate::rule::RaftRule;
use crate::rules::{Ballot, Poll, Rulebook, Write};
use crate::session::Sessions;
use crate::snapshot::{Incoming, Snapshot};
use crate::state_machine::StateMachine;
use crate::view::View;

/// What a Raft node says what it does to.
pub(crate) type Out<S> = Outbox<Raft<S>>;

/// What a Raft node is told with every step.
pub(crate) type Cx<'a, S> = Context<'a, Raft<S>>;

/// A Raft node that replicates `S`.
///
/// A cluster of one, stepped by hand:
///
/// ```
/// use quorate_protocol::{ClientId, Constants, Effect, Input, Machine, NodeId, Outbox, Ticket};
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
/// assert!(node.leads());
///
/// out.clear();
/// let ticket = Ticket { client: ClientId(0), number: 1 };
/// node.step(&cx, Input::Request { ticket, command: Command::Apply(Add(5)) }, &mut out);
/// assert!(out.effects().contains(&Effect::Reply { ticket, reply: Reply::Applied(5) }));
/// # Ok::<(), quorate_raft::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Raft<S: StateMachine> {
    // Durable, Raft Figure 2: currentTerm, votedFor, log; §7: the snapshot.
    pub(crate) term: Term,
    pub(crate) vote: Option<NodeId>,
    pub(crate) log: Log<S>,
    pub(crate) snapshot: Option<Arc<Snapshot<S>>>,

    // Volatile, Raft Figure 2: commitIndex, lastApplied, and what follows from the log.
    pub(crate) commit: LogIndex,
    pub(crate) applied: LogIndex,
    pub(crate) state: S,
    pub(crate) sessions: Sessions<S>,
    pub(crate) memberships: History,

    pub(crate) role: Role<S>,
    pub(crate) leader: Option<NodeId>,
    /// Whether the leader was heard within the minimum election timeout (Raft §6).
    pub(crate) hears_leader: bool,
    pub(crate) incoming: Option<Incoming<S>>,
    /// Writes that the rulebook lets wait until after the answer; always empty by the book.
    pub(crate) unwritten: Vec<(RaftRule, Record<S>)>,
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
    pub fn role(&self) -> RoleName {
        self.role.name()
    }

    /// Whether the node leads its term, as far as it knows.
    pub fn leads(&self) -> bool {
        matches!(self.role, Role::Leader(_))
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

    /// The sessions of the clients, as of [`applied`](Self::applied).
    pub fn sessions(&self) -> &Sessions<S> {
        &self.sessions
    }

    /// The configuration in force: the newest in the log (Raft §6).
    pub fn membership(&self) -> &Membership {
        self.memberships.newest().1
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Option<&Snapshot<S>> {
        self.snapshot.as_deref()
    }

    /// Why the node takes no part, if its disk is damaged.
    pub fn damage(&self) -> Option<&DiskError> {
        self.damage.as_ref()
    }

    /// A durable write, before the answer or, if the rulebook is careless, in a later step; a snapshot never before what it replaces.
    pub(crate) fn persist(
        &mut self,
        cx: &Cx<S>,
        because: &mut Because<'_, Self>,
        rule: RaftRule,
        write: Write,
        record: Record<S>,
    ) {
        let in_order = write != Write::Snapshot || self.unwritten.is_empty();
        if in_order && cx.rules.durable_before_answer(write) {
            because.persist(record);
        } else {
            self.unwritten.push((rule, record));
        }
    }

    /// Gives up the present role and follows, in this term or a later one (Raft §5.1).
    pub(crate) fn step_down(
        &mut self,
        cx: &Cx<S>,
        rule: RaftRule,
        term: Term,
        why: fmt::Arguments<'_>,
        out: &mut Out<S>,
    ) {
        let led = self.term;
        let vote = cx.rules.vote_after_step_down(led, term, self.vote);
        let changed = (term, vote) != (self.term, self.vote);
        (self.term, self.vote, self.leader) = (term, vote, None);
        let role = std::mem::replace(&mut self.role, Role::Follower);
        let mut because = out.because(rule);
        because.why(why);
        if changed {
            self.persist(cx, &mut because, rule, Write::Term, Record::Term { term });
            if let Some(candidate) = vote {
                self.persist(cx, &mut because, rule, Write::Vote, Record::Vote { candidate });
            }
        }
        if let Role::Leader(leadership) = role {
            self.lay_down(cx, *leadership, led, &mut because);
        }
    }

    /// Takes over a higher term (Raft §5.1).
    pub(crate) fn adopt_term(&mut self, cx: &Cx<S>, term: Term, out: &mut Out<S>) {
        let mine = self.term;
        self.step_down(cx, RaftRule::AdoptHigherTerm, term, format_args!("term {term} is above {mine}"), out);
    }

    /// Takes a command, or says who can.
    fn request(&mut self, cx: &Cx<S>, ticket: Ticket, command: Command<S>, out: &mut Out<S>) {
        let Role::Leader(lead) = &self.role else {
            let leader = self.leader;
            let mut because = out.because(RaftRule::RedirectToLeader);
            match leader {
                Some(leader) => because.why(format_args!("the leader is {leader}")),
                None => because.why(format_args!("no leader is known")),
            }
            .reply(ticket, Reply::Redirect { leader });
            return;
        };
        if let Some(transfer) = lead.transfer {
            out.because(RaftRule::RefuseInTransfer)
                .why(format_args!("handing over to {}", transfer.to))
                .reply(ticket, Reply::Refused(Refusal::HandingOver { to: transfer.to }));
            return;
        }
        match command {
            Command::Apply(command) => self.on_command(cx, ticket, command, out),
            Command::Read(query) => self.on_read(cx, ticket, query, out),
            Command::ChangeMembership(change) => self.on_change(cx, ticket, &change, out),
            Command::TransferLeadership(to) => self.on_transfer(cx, ticket, to, out),
        }
    }

    fn deliver(&mut self, cx: &Cx<S>, from: NodeId, message: Message<S>, out: &mut Out<S>) {
        let vote = |term| Ballot { poll: Poll::Vote, term };
        let pre_vote = |term| Ballot { poll: Poll::PreVote, term };
        match message {
            Message::AppendEntries(append) => self.on_append_entries(cx, from, &append, out),
            Message::Appended(ack) => self.on_appended(cx, from, ack, out),
            Message::AppendRefused(refusal) => self.on_append_refused(cx, from, refusal, out),
            Message::RequestVote(asked) => self.on_request_vote(cx, from, asked, out),
            Message::VoteGranted { term } => self.on_vote_granted(cx, from, vote(term), out),
            Message::VoteRefused { term } | Message::PreVoteRefused { term } => {
                self.on_vote_refused(cx, from, term, out)
            }
            Message::RequestPreVote(asked) => self.on_request_pre_vote(cx, from, asked, out),
            Message::PreVoteGranted { term } => self.on_vote_granted(cx, from, pre_vote(term), out),
            Message::InstallSnapshot(install) => self.on_install_snapshot(cx, from, *install, out),
            Message::ChunkStored(stored) => self.on_chunk_stored(cx, from, stored, out),
            Message::TimeoutNow { term } => self.on_timeout_now(cx, from, term, out),
        }
    }

    fn fire(&mut self, cx: &Cx<S>, timer: Timer, out: &mut Out<S>) {
        match (timer, &self.role) {
            (Timer::Heartbeat, Role::Leader(_)) => self.on_heartbeat(cx, out),
            (Timer::CheckQuorum, Role::Leader(_)) => self.on_check_quorum(cx, out),
            (Timer::Transfer, Role::Leader(_)) => self.on_transfer_timeout(out),
            (Timer::Election, Role::Follower | Role::PreCandidate(_) | Role::Candidate(_)) => {
                self.on_election_timeout(cx, out);
            }
            (Timer::LeaderSilence, _) => self.on_leader_silence(cx, out),
            (Timer::Heartbeat | Timer::CheckQuorum | Timer::Transfer | Timer::Election, _) => {
                out.because(RaftRule::IgnoreStale).why(format_args!("{timer:?} belongs to an earlier role"));
            }
        }
    }

    /// A node with a damaged disk answers clients, and nobody else (dissertation §3.8).
    fn stay_out(&self, error: &DiskError, input: &Input<Self>, out: &mut Out<S>) {
        let mut because = out.because(RaftRule::StayOutDamaged);
        because.why(format_args!("{error}"));
        if let Input::Request { ticket, .. } = input {
            because.reply(*ticket, Reply::Refused(Refusal::Damaged(error.clone())));
        }
    }

    fn restore(&mut self, snapshot: &Snapshot<S>) {
        (self.state, self.sessions) = snapshot.unpack();
        (self.commit, self.applied) = (snapshot.last.index, snapshot.last.index);
        self.memberships = History::new(snapshot.last.index, snapshot.membership.clone());
        self.snapshot = Some(Arc::new(snapshot.clone()));
    }

    /// Finds the configurations in the log; a boot may read it all.
    fn recall_memberships(&mut self) {
        let first = self.log.base().index.0 + 1;
        for (index, entry) in (first..).zip(self.log.entries()) {
            if let Payload::Configure(configuration) = &entry.payload
                && LogIndex(index) > self.applied
            {
                self.memberships.push(LogIndex(index), configuration.membership.clone());
            }
        }
    }
}

impl<S: StateMachine> Machine for Raft<S> {
    const FAMILY: &'static str = "raft";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message<S>;
    type Timer = Timer;
    type Command = Command<S>;
    type Reply = Reply<S>;
    type Fact = Fact<S>;
    type Rule = RaftRule;
    type Record = Record<S>;
    type Disk = Disk<S>;
    type Clock = ();
    type View = View<S>;

    /// Starts as a follower with what is on disk (Raft §5.2); a node whose disk is damaged stays out.
    fn boot(cx: &Context<Self>, disk: &Disk<S>, out: &mut Out<S>) -> Self {
        let mut raft = Raft {
            term: disk.term,
            vote: disk.vote,
            log: disk.log.clone(),
            snapshot: None,
            commit: LogIndex(0),
            applied: LogIndex(0),
            state: S::default(),
            sessions: Sessions::default(),
            memberships: History::new(LogIndex(0), cx.config.first_membership()),
            role: Role::Follower,
            leader: None,
            hears_leader: false,
            incoming: None,
            unwritten: Vec::new(),
            damage: disk.check().err(),
        };
        if let Some(snapshot) = &disk.snapshot {
            raft.restore(snapshot);
        }
        raft.recall_memberships();
        if raft.damage.is_none() {
            out.because(RaftRule::HearLeader)
                .why(format_args!("a node starts as a follower"))
                .arm(Timer::Election, cx.config.election.clone());
        }
        raft
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out<S>) {
        for (rule, record) in self.unwritten.drain(..) {
            out.because(rule).why(format_args!("written after the answer")).persist(record);
        }
        if let Some(error) = &self.damage {
            return self.stay_out(error, &input, out);
        }
        match input {
            Input::Deliver { from, message } => self.deliver(cx, from, message, out),
            Input::Fire(timer) => self.fire(cx, timer, out),
            Input::Request { ticket, command } => self.request(cx, ticket, command, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View<S> {
        View::of(self)
    }

    fn answer(reply: &Reply<S>) -> Answer {
        reply.advice()
    }
}
