//! The node as a [`Machine`] (Raft Figure 2, Rules for Servers): boot, and the dispatch of each
//! input by role.

use std::sync::Arc;

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, RequestId};

use crate::client::{Command, Refusal, Reply};
use crate::config::Config;
use crate::disk::{Disk, DiskError, Record};
use crate::entry::Payload;
use crate::fact::Fact;
use crate::membership::History;
use crate::message::{Message, Timer};
use crate::node::{Cx, Out, Raft};
use crate::position::LogIndex;
use crate::role::RoleState;
use crate::rulebook::{Election, ElectionKind, Rulebook};
use crate::rules::RaftRule;
use crate::session::Sessions;
use crate::snapshot::Snapshot;
use crate::state_machine::StateMachine;
use crate::view::View;

impl<S: StateMachine> Raft<S> {
    /// Handles a client request, or redirects it to the leader.
    fn request(&mut self, cx: &Cx<S>, ticket: RequestId, command: Command<S>, out: &mut Out<S>) {
        let RoleState::Leader(lead) = &self.role else {
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
        let vote = |term| Election { kind: ElectionKind::Vote, term };
        let pre_vote = |term| Election { kind: ElectionKind::PreVote, term };
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
            (Timer::Heartbeat, RoleState::Leader(_)) => self.on_heartbeat(cx, out),
            (Timer::CheckQuorum, RoleState::Leader(_)) => self.on_check_quorum(cx, out),
            (Timer::Transfer, RoleState::Leader(_)) => self.on_transfer_timeout(out),
            (Timer::Election, RoleState::Follower | RoleState::PreCandidate(_) | RoleState::Candidate(_)) => {
                self.on_election_timeout(cx, out);
            }
            (Timer::LeaderSilence, _) => self.on_leader_silence(cx, out),
            (Timer::Heartbeat | Timer::CheckQuorum | Timer::Transfer | Timer::Election, _) => {
                out.because(RaftRule::IgnoreStale).why(format_args!("{timer:?} belongs to an earlier role"));
            }
        }
    }

    /// Answers clients with an error and ignores everything else, because the disk is damaged
    /// (dissertation §3.8).
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

    /// Reads the configurations from the log; boot may read the whole log.
    fn recall_memberships(&mut self) {
        for (index, entry) in self.log.numbered(LogIndex(0), self.log.last_index()) {
            if let Payload::Configure(configuration) = &entry.payload
                && index > self.applied
            {
                self.memberships.push(index, configuration.membership.clone());
            }
        }
    }
}

quorate_protocol::reference!(impl<S: StateMachine> for Raft<S>);

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

    /// Starts as a follower with the state on disk (Raft §5.2); a node whose disk is damaged takes
    /// no part.
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
            role: RoleState::Follower,
            leader: None,
            hears_leader: false,
            incoming: None,
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
        if let Some(error) = &self.damage {
            return self.stay_out(error, &input, out);
        }
        match input {
            Input::Deliver { from, message } => self.deliver(cx, from, message, out),
            Input::Fire(timer) => self.fire(cx, timer, out),
            Input::Request { ticket, command } => self.request(cx, ticket, command, out),
        }
    }

    fn view(&self, cx: &Context<Self>) -> View<S> {
        View::of(cx, self)
    }

    fn disposition(reply: &Reply<S>) -> Disposition {
        reply.disposition()
    }
}
