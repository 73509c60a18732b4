//! Server of replicated leases: Raft with a lease table. It counts the terms of leases, and its
//! leader reads locally.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{ClientId, Context, Delay, Duration, Effect, Input, Machine, NodeId, Outbox, RequestId, Time};
use quorate_raft::{self as raft, Payload, Raft};

use super::leader_lease::{Leadership, Promise};
use super::node::RaftLease;
use super::rules::ReplicatedRule;
use super::table::{LeaseTable, Row, TableCommand, TableQuery};
use super::{Command, Disk, Fact, Message, Reply, Timer};
use crate::id::Token;
use crate::name::Name;
use crate::rules::InputRule;

type Out = Outbox<RaftLease>;

/// Holders and servers are clients of Raft as well, under ids that no client of a driver has.
const HOLDERS: u32 = 1 << 30;
const SERVERS: u32 = 1 << 31;

/// Start of a lease's term, as counted by this server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Counted {
    token: Token,
    renewals: u64,
    since: Time,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    pub(crate) raft: Raft<LeaseTable>,
    promise: Promise,
    pub(crate) leadership: Option<Leadership>,
    counted: BTreeMap<Name, Counted>,
    /// Newest request number of its own commands.
    number: u64,
}

impl Server {
    pub(crate) fn boot(cx: &Context<RaftLease>, disk: &Disk, now: Time, out: &mut Out) -> Self {
        let mut inner = inner_outbox(out);
        let raft = Raft::boot(&inside(cx), disk, &mut inner);
        let is_new = *disk == Disk::default();
        let promise = Promise::boot(cx, is_new, now);
        let mut server = Server { raft, promise, leadership: None, counted: BTreeMap::new(), number: 0 };
        server.pass_on(cx, &inner, now, out);
        server
    }

    /// The other servers.
    fn others<'a>(cx: &'a Context<'_, RaftLease>) -> impl Iterator<Item = NodeId> + use<'a> {
        cx.config.servers.voters.iter().copied().filter(|&server| server != cx.me)
    }

    /// Steps Raft and passes on its effects.
    fn drive(&mut self, cx: &Context<RaftLease>, input: Input<Raft<LeaseTable>>, now: Time, out: &mut Out) {
        let mut inner = inner_outbox(out);
        self.raft.step(&inside(cx), input, &mut inner);
        self.pass_on(cx, &inner, now, out);
        self.follow_leadership(cx, now, out);
    }

    /// Emits Raft's effects as the server's, each under Raft's own rule, and counts the terms of
    /// applied commands.
    fn pass_on(&mut self, cx: &Context<RaftLease>, inner: &Outbox<Raft<LeaseTable>>, now: Time, out: &mut Out) {
        for reason in inner.reasons() {
            let mut because = out.because(reason.rule);
            because.why(format_args!("{}", reason.why));
            for effect in reason.effects {
                match effect.clone() {
                    Effect::Send { to, message } => because.send(to, Message::Raft(message)),
                    Effect::Persist(record) => because.persist(record),
                    Effect::Arm { timer, after } => because.arm(Timer::Raft(timer), after),
                    Effect::Disarm(timer) => because.disarm(Timer::Raft(timer)),
                    Effect::Emit(fact) => because.emit(Fact::Raft(fact)),
                    Effect::Reply { ticket, reply } => match addressee(ticket) {
                        Addressee::Client => because.reply(ticket, translate(reply)),
                        Addressee::Holder(holder) => {
                            if let raft::Reply::Applied(reply) = &reply {
                                because.emit(Fact::TableAnswered { changes: reply.changes });
                            }
                            because.send(holder, Message::Answer { number: ticket.number, reply })
                        }
                        Addressee::Server => &mut because,
                    },
                };
            }
        }
        for fact in inner.facts() {
            if let raft::Fact::Applied { command: Payload::Apply { command, .. }, .. } = fact {
                self.applied(cx, command.lease(), now, out);
            }
        }
    }

    /// Handles an applied command about a lease: a grant or a renewal restarts its term, and
    /// watchers are notified of a new grant or of its end.
    fn applied(&mut self, cx: &Context<RaftLease>, lease: &Name, now: Time, out: &mut Out) {
        let row = self.raft.state().row(lease);
        let before = self.counted.get(lease).copied();
        let same = |row: Row| before.is_some_and(|old| (old.token, old.renewals) == (row.token, row.renewals));
        match row {
            Some(row) if same(row) => return,
            Some(Row { token, renewals, .. }) => {
                self.counted.insert(lease.clone(), Counted { token, renewals, since: now });
            }
            None => {
                self.counted.remove(lease);
            }
        }
        if !self.raft.is_leader() {
            return;
        }
        if let Some(Row { holder, token, .. }) = row {
            let expires = now + cx.config.terms.granter();
            out.because(ReplicatedRule::CountDown)
                .why(format_args!("{lease} binds until {expires}"))
                .emit(Fact::LeaseGranted { lease: lease.clone(), holder, token, expires });
        }
        if before.map(|old| old.token) != row.map(|row| row.token) {
            let holder = row.map(|row| row.holder);
            let mut watchers = self.raft.state().watchers(lease).peekable();
            if watchers.peek().is_some() {
                let mut because = out.because(ReplicatedRule::WatchChange);
                watchers.for_each(|watcher| {
                    because.send(watcher, Message::Changed { lease: lease.clone(), holder });
                });
            }
        }
    }

    /// Starts or ends the leader's duties when Raft's leadership changes.
    fn follow_leadership(&mut self, cx: &Context<RaftLease>, now: Time, out: &mut Out) {
        let leads = self.raft.is_leader().then(|| self.raft.term());
        if leads == self.leadership.as_ref().map(|lead| lead.term) {
            return;
        }
        self.leadership = leads.map(|term| Leadership::begin(term, now));
        let Some(term) = leads else {
            out.because(ReplicatedRule::PassOn)
                .why(format_args!("another leader counts from now on"))
                .disarm(Timer::AskTrust)
                .disarm(Timer::Review);
            return;
        };
        // Leases that came with a snapshot were not seen being applied one by one.
        let table = self.raft.state();
        self.counted.retain(|lease, _| table.row(lease).is_some());
        for (lease, row) in table.rows() {
            let Row { token, renewals, .. } = *row;
            let known = self.counted.get(lease).filter(|old| (old.token, old.renewals) == (token, renewals));
            if known.is_none() {
                self.counted.insert(lease.clone(), Counted { token, renewals, since: now });
            }
        }
        let span = cx.config.terms.granter();
        out.because(ReplicatedRule::CountDown)
            .why(format_args!("{} leases are extended by {span:?}", self.counted.len()))
            .emit(Fact::LeaderElected { term })
            .arm(Timer::Review, span.saturating_add(Duration::from_nanos(1)));
        self.ask_trust(cx, now, out);
    }

    pub(crate) fn deliver(
        &mut self,
        cx: &Context<RaftLease>,
        from: NodeId,
        message: Message,
        now: Time,
        out: &mut Out,
    ) {
        match message {
            Message::Raft(message) => {
                if let raft::Message::RequestVote(asked) | raft::Message::RequestPreVote(asked) = &message
                    && let Some(until) = self.promise.withholds(cx, asked.transfer, now)
                {
                    out.because(ReplicatedRule::WithholdVote).why(format_args!("{from} may ask again after {until}"));
                    return;
                }
                self.drive(cx, Input::Deliver { from, message }, now, out);
            }
            Message::AskTrust { term, sent } => self.trust(cx, from, term, sent, now, out),
            Message::Trusted { term, sent } => self.trusted(cx, from, term, sent, now, out),
            Message::Ask { number, command } => {
                let ticket = RequestId { client: ClientId(HOLDERS.saturating_add(from.0)), number };
                out.because(ReplicatedRule::ServerApplies).why(format_args!("asked by {from}"));
                self.drive(cx, Input::Request { ticket, command: raft::Command::Apply(command) }, now, out);
            }
            Message::Answer { .. } | Message::Changed { .. } => {
                out.because(InputRule::NotMyRole).why(format_args!("this node is a server"));
            }
        }
    }

    /// Handles a leader's request for trust.
    fn trust(&mut self, cx: &Context<RaftLease>, from: NodeId, term: raft::Term, sent: Time, now: Time, out: &mut Out) {
        if term != self.raft.term() {
            let mine = self.raft.term();
            out.because(ReplicatedRule::RefuseTrust).why(format_args!("term {term}, and here it is {mine}"));
            return;
        }
        let span = self.promise.give(cx, now);
        out.because(ReplicatedRule::Trust)
            .why(format_args!("no other candidate for {span:?}"))
            .send(from, Message::Trusted { term, sent });
    }

    /// Handles a follower's promise of trust.
    fn trusted(
        &mut self,
        cx: &Context<RaftLease>,
        from: NodeId,
        term: raft::Term,
        sent: Time,
        now: Time,
        out: &mut Out,
    ) {
        let servers = cx.config.servers.voters.len();
        match self.leadership.as_mut().filter(|lead| lead.term == term) {
            Some(lead) => {
                let (rule, count) = lead.take(cx.rules, (from, sent), (servers, &cx.config.trust), now);
                out.because(rule).why(format_args!("trusted by {count} of {servers}"));
            }
            None => {
                out.because(ReplicatedRule::StaleTrust).why(format_args!("term {term} is over"));
            }
        }
    }

    /// The leader asks all followers for trust, and trusts itself.
    fn ask_trust(&mut self, cx: &Context<RaftLease>, now: Time, out: &mut Out) {
        let Some(lead) = self.leadership.as_mut().filter(|lead| !lead.laid_down) else {
            out.because(ReplicatedRule::LayDownLease).why(format_args!("no more trust in this term"));
            return;
        };
        lead.ask(cx.me, now);
        let term = lead.term;
        self.promise.give(cx, now);
        let mut because = out.because(ReplicatedRule::AskTrust);
        because.why(format_args!("asked at {now}")).arm(Timer::AskTrust, cx.config.trust.renew_every());
        for server in Self::others(cx) {
            because.send(server, Message::AskTrust { term, sent: now });
        }
    }

    pub(crate) fn fire(&mut self, cx: &Context<RaftLease>, timer: Timer, now: Time, out: &mut Out) {
        match timer {
            Timer::Raft(raft::Timer::Election) if self.promise.withholds(cx, false, now).is_some() => {
                out.because(ReplicatedRule::WithholdCandidacy)
                    .why(format_args!("the leader may still read alone"))
                    .arm(Timer::Raft(raft::Timer::Election), Delay::from(cx.config.servers.election.clone()));
            }
            Timer::Raft(timer) => self.drive(cx, Input::Fire(timer), now, out),
            Timer::AskTrust => self.ask_trust(cx, now, out),
            Timer::Review => self.review(cx, now, out),
            Timer::Renew(_) | Timer::Lapse(_) | Timer::Act => {
                out.because(InputRule::NotMyRole).why(format_args!("this node is a server"));
            }
        }
    }

    /// Expires, through the log, the leases whose terms are over by this leader's count.
    fn review(&mut self, cx: &Context<RaftLease>, now: Time, out: &mut Out) {
        self.assert_leadership();
        let Some(since) = self.leadership.as_ref().map(|lead| lead.since) else {
            out.because(ReplicatedRule::PassOn).why(format_args!("this node does not lead"));
            return;
        };
        let term = cx.config.terms.granter();
        let due: Vec<(Name, Counted)> = self
            .counted
            .iter()
            .filter(|(_, counted)| {
                let from = cx.rules.leader_counts_from(since, counted.since);
                cx.rules.has_ended(from + term, now)
            })
            .map(|(lease, counted)| (lease.clone(), *counted))
            .collect();
        out.because(ReplicatedRule::CountDown)
            .why(format_args!("{} of {} leases are over", due.len(), self.counted.len()))
            .arm(Timer::Review, self.next_review(cx, since, now));
        for (lease, Counted { token, renewals, .. }) in due {
            self.number = self.number.saturating_add(1).max(now.as_nanos());
            let ticket = RequestId { client: ClientId(SERVERS.saturating_add(cx.me.0)), number: self.number };
            out.because(ReplicatedRule::ProposeExpiry).why(format_args!("{lease}, {token}"));
            let command = TableCommand::Expire { lease, token, renewals };
            self.drive(cx, Input::Request { ticket, command: raft::Command::Apply(command) }, now, out);
        }
    }

    /// Delay until the end of the next running term, or until the next regular review if that is
    /// sooner.
    fn next_review(&self, cx: &Context<RaftLease>, since: Time, now: Time) -> Duration {
        let (rules, term) = (cx.rules, cx.config.terms.granter());
        let ends = self.counted.values().map(|counted| rules.leader_counts_from(since, counted.since) + term);
        let upcoming = ends.filter(|&end| !rules.has_ended(end, now));
        let soonest = upcoming.map(|end| end.since(now).saturating_add(Duration::from_nanos(1))).min();
        soonest.unwrap_or(Duration::MAX).min(cx.config.terms.renew_every())
    }

    pub(crate) fn request(
        &mut self,
        cx: &Context<RaftLease>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        match command {
            Command::Query { lease } => self.read(cx, ticket, lease, now, out),
            Command::TransferLeadership { to } => {
                if let Some(lead) = self.leadership.as_mut().filter(|_| cx.rules.lays_down_for_transfer()) {
                    lead.lay_down();
                    out.because(ReplicatedRule::LayDownLease).why(format_args!("before {to} is told"));
                }
                self.drive(cx, Input::Request { ticket, command: raft::Command::TransferLeadership(to) }, now, out);
            }
            _ => {
                out.because(InputRule::NotMyRole)
                    .why(format_args!("this node is a server"))
                    .reply(ticket, Reply::NotMyRole);
            }
        }
    }

    /// Whether this server would answer a read locally now.
    pub(crate) fn reads_alone(&self, cx: &Context<RaftLease>, now: Time) -> bool {
        self.leadership.as_ref().is_some_and(|lead| self.may_read(cx, lead, now).allows())
    }

    /// Asserts that this server acts as leader exactly while Raft leads, in the same term.
    fn assert_leadership(&self) {
        let leads = self.raft.is_leader().then(|| self.raft.term());
        debug_assert_eq!(self.leadership.as_ref().map(|lead| lead.term), leads);
    }

    fn may_read(&self, cx: &Context<RaftLease>, lead: &Leadership, now: Time) -> Ruling<ReplicatedRule> {
        debug_assert!(!lead.laid_down || lead.until.is_none(), "a lease that was laid down is over");
        let runs = lead.until.is_some_and(|until| cx.rules.may_act(until, now).allows());
        let own = self.raft.log().term_at(self.raft.applied()) == Some(lead.term);
        cx.rules.reads_alone(runs, own)
    }

    /// Answers a read locally under the leader's lease, otherwise through Raft.
    fn read(&mut self, cx: &Context<RaftLease>, ticket: RequestId, lease: Name, now: Time, out: &mut Out) {
        self.assert_leadership();
        let ruling = self.leadership.as_ref().map(|lead| self.may_read(cx, lead, now));
        match ruling {
            Some(Allow(rule)) => {
                let (row, changes) = (self.raft.state().row(&lease), self.raft.state().changes());
                out.because(rule)
                    .why(format_args!("{lease} as of {changes} changes"))
                    .emit(Fact::LocalRead { changes })
                    .reply(ticket, Reply::Row { row });
                return;
            }
            Some(Refuse(rule)) => {
                out.because(rule).why(format_args!("the leader's lease does not run"));
            }
            None => {
                out.because(ReplicatedRule::PassOn).why(format_args!("this node does not lead"));
            }
        }
        self.drive(cx, Input::Request { ticket, command: raft::Command::Read(TableQuery { lease }) }, now, out);
    }
}

/// Context of the inner Raft machine. Its rulebook is always correct, even if that of the leases is
/// not.
pub(super) fn inside<'a>(cx: &Context<'a, RaftLease>) -> Context<'a, Raft<LeaseTable>> {
    cx.narrow(cx.config.raft(), &raft::BY_THE_BOOK, ())
}

/// Outbox for the inner Raft machine, which records explanations if the outer one does.
fn inner_outbox(out: &Out) -> Outbox<Raft<LeaseTable>> {
    if out.explains() { Outbox::explaining() } else { Outbox::new() }
}

/// Recipient of a reply of Raft.
enum Addressee {
    Client,
    Holder(NodeId),
    /// A server's own command, whose reply nobody waits for.
    Server,
}

fn addressee(ticket: RequestId) -> Addressee {
    match ticket.client.0 {
        SERVERS.. => Addressee::Server,
        holder @ HOLDERS.. => Addressee::Holder(NodeId(holder - HOLDERS)),
        _ => Addressee::Client,
    }
}

fn translate(reply: raft::Reply<LeaseTable>) -> Reply {
    match reply {
        raft::Reply::Read(reply) => Reply::Row { row: reply.row },
        reply => Reply::Raft(reply),
    }
}
