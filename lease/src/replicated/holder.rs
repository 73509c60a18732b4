//! Holder of replicated leases: requests leases from the servers, renews them, acts under them.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId, Time};
use quorate_raft as raft;

use super::node::RaftLease;
use super::rules::ReplicatedRule;
use super::table::{LeaseTable, Row, TableCommand};
use super::{Command, Fact, Message, Reply, Timer};
use crate::id::Token;
use crate::name::Name;
use crate::primary::Loss;
use crate::rules::{HolderRule, InputRule, RenewalRule};

type Out = Outbox<RaftLease>;

/// A lease that is held.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Held {
    pub(crate) token: Token,
    pub(crate) until: Time,
}

/// A request to the servers that has not been answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Question {
    number: u64,
    sent: Time,
    command: TableCommand,
}

/// State of a lease that this node wants or has wanted.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Wish {
    wanted: bool,
    held: Option<Held>,
    /// The grant released last.
    given: Option<Token>,
    asked: Option<Question>,
}

impl Wish {
    /// Handles the table's reply to a command of this node.
    fn heed(
        &mut self,
        cx: &Context<RaftLease>,
        lease: &Name,
        question: &Question,
        row: Option<Row>,
        now: Time,
        out: &mut Out,
    ) {
        let (rules, me) = (cx.rules, cx.me);
        let until = rules.counts_from(question.sent, now) + rules.holder_term(&cx.config.terms);
        let grants = matches!(question.command, TableCommand::Acquire { .. } | TableCommand::Renew { .. });
        // A renewal that found another token has renewed nothing: the leader has counted that
        // token's term from an unknown earlier time.
        let named = |row: &Row| match &question.command {
            TableCommand::Renew { token, .. } => row.token == *token,
            _ => true,
        };
        let mine = row.filter(|row| row.holder == me && grants && named(row));
        let next = cx.config.terms.renew_every();
        match mine {
            None if grants => {
                if let Some(held) = &mut self.held {
                    held.until = rules.until_after_denial(held.until, now, &cx.config.terms);
                }
                out.because(RenewalRule::TakeDenial).why(format_args!("{lease} is another's, or under another token"));
            }
            None => {
                let mut because = out.because(RenewalRule::ReleaseHeard);
                because.why(format_args!("{lease} is as it was asked for"));
                if self.wanted {
                    because.arm(Timer::Renew(lease.clone()), next);
                }
            }
            Some(row) if self.given == Some(row.token) || !self.wanted => {
                out.because(RenewalRule::GrantAfterRelease).why(format_args!("{} was given back", row.token));
            }
            Some(Row { token, .. }) if rules.may_act(until, now).allows() => {
                self.held = Some(Held { token, until });
                out.because(RenewalRule::Hold)
                    .why(format_args!("{lease}, {token}, for {:?} from now", until.since(now)))
                    .emit(Fact::LeaseHeld { lease: lease.clone(), token, until })
                    .arm(Timer::Lapse(lease.clone()), until.since(now))
                    .arm(Timer::Renew(lease.clone()), next);
            }
            Some(_) => {
                out.because(RenewalRule::GrantTooLate).why(format_args!("worthless since {until}"));
            }
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Holder {
    wishes: BTreeMap<Name, Wish>,
    /// The newest request of each client, to ignore late duplicates of earlier ones.
    newest_requests: BTreeMap<ClientId, u64>,
    /// Index of the server believed to be the leader.
    server: usize,
    number: u64,
}

impl Holder {
    pub(crate) fn boot(cx: &Context<RaftLease>, now: Time, out: &mut Out) -> Self {
        let Context { config, .. } = *cx;
        if let Some(interval) = config.act_every {
            out.because(HolderRule::LeaseOver).why(format_args!("nothing is held yet")).arm(Timer::Act, interval);
        }
        // Request numbers must increase across restarts, so they start from the clock.
        let number = now.as_nanos();
        let (wishes, newest_requests) = (BTreeMap::new(), BTreeMap::new());
        Holder { wishes, newest_requests, server: 0, number }
    }

    pub(crate) fn held(&self) -> impl Iterator<Item = (&Name, Held)> {
        self.wishes.iter().filter_map(|(lease, wish)| Some((lease, wish.held?)))
    }

    fn leader(&self, cx: &Context<RaftLease>) -> NodeId {
        let servers = &cx.config.servers.voters;
        servers[self.server % servers.len()]
    }

    pub(crate) fn request(
        &mut self,
        cx: &Context<RaftLease>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        let newest = self.newest_requests.entry(ticket.client).or_default();
        if ticket.number < *newest {
            out.because(InputRule::RepeatedRequest).why(format_args!("{} has asked for more since", ticket.client));
            return;
        }
        *newest = ticket.number;
        match command {
            Command::Acquire { lease } => {
                let wish = self.wishes.entry(lease.clone()).or_default();
                let new = !wish.wanted;
                wish.wanted = true;
                out.because(ReplicatedRule::AskServers)
                    .why(format_args!("{lease} is wanted"))
                    .reply(ticket, Reply::Trying);
                if new {
                    self.renew(cx, lease, now, out);
                }
            }
            Command::Release { lease } => self.give_back(cx, ticket, lease, now, out),
            Command::Act { lease } => {
                let reply = self.act(cx, &lease, now, out);
                out.because(HolderRule::AnswerWriter).reply(ticket, reply);
            }
            Command::Watch { lease } => {
                let command = TableCommand::Watch { lease: lease.clone(), watcher: cx.me };
                self.wishes.entry(lease.clone()).or_default();
                out.because(ReplicatedRule::AskServers).reply(ticket, Reply::Trying);
                self.ask(cx, &lease, command, now, out);
            }
            Command::Query { .. } | Command::TransferLeadership { .. } => {
                out.because(InputRule::NotMyRole)
                    .why(format_args!("this node is a holder"))
                    .reply(ticket, Reply::NotMyRole);
            }
        }
    }

    /// Sends a command to the server believed to be the leader.
    fn ask(&mut self, cx: &Context<RaftLease>, lease: &Name, command: TableCommand, now: Time, out: &mut Out) {
        self.number = self.number.saturating_add(1).max(now.as_nanos());
        let (number, leader) = (self.number, self.leader(cx));
        let Some(wish) = self.wishes.get_mut(lease) else {
            debug_assert!(false, "only what was wished for is asked for");
            return;
        };
        wish.asked = Some(Question { number, sent: now, command: command.clone() });
        out.because(RenewalRule::Ask)
            .why(format_args!("about {lease}, at {now}"))
            .send(leader, Message::Ask { number, command })
            .arm(Timer::Renew(lease.clone()), cx.config.terms.renew_every());
    }

    /// Requests a lease, or renews it. If the last request went unanswered, the next server is
    /// tried.
    pub(crate) fn renew(&mut self, cx: &Context<RaftLease>, lease: Name, now: Time, out: &mut Out) {
        let (rules, me) = (cx.rules, cx.me);
        let Some(wish) = self.wishes.get(&lease) else {
            out.because(InputRule::RepeatedRequest).why(format_args!("{lease} was never wanted"));
            return;
        };
        let runs = wish.held.filter(|held| rules.may_act(held.until, now).allows());
        let command = match (&wish.asked, runs) {
            // A release or a watch is repeated until it is answered.
            (
                Some(Question { command: again @ (TableCommand::Release { .. } | TableCommand::Watch { .. }), .. }),
                _,
            ) => again.clone(),
            (_, Some(held)) if wish.wanted => TableCommand::Renew { lease: lease.clone(), token: held.token },
            (_, None) if wish.wanted => TableCommand::Acquire { lease: lease.clone(), holder: me },
            _ => {
                out.because(HolderRule::LeaseOver).why(format_args!("{lease} is not wanted any more"));
                return;
            }
        };
        if wish.asked.is_some() {
            self.server = self.server.wrapping_add(1);
        }
        self.ask(cx, &lease, command, now, out);
    }

    /// Handles a server's reply.
    pub(crate) fn answer(
        &mut self,
        cx: &Context<RaftLease>,
        number: u64,
        reply: raft::Reply<LeaseTable>,
        now: Time,
        out: &mut Out,
    ) {
        let asks = |wish: &Wish| wish.asked.as_ref().is_some_and(|asked| asked.number == number);
        let Some((lease, wish)) = self.wishes.iter_mut().find(|(_, wish)| asks(wish)) else {
            out.because(ReplicatedRule::StaleAnswer).why(format_args!("nobody waits for answer {number}"));
            return;
        };
        let lease = lease.clone();
        match reply {
            raft::Reply::Applied(reply) => {
                if let Some(question) = wish.asked.take() {
                    wish.heed(cx, &lease, &question, reply.row, now, out);
                }
            }
            raft::Reply::Redirect { leader: Some(leader) } => self.turn_to(cx, leader, &lease, out),
            _ => {
                out.because(ReplicatedRule::Redirected).why(format_args!("nobody knows a leader: later, elsewhere"));
            }
        }
    }

    /// Turns to the leader named by a server. The request is repeated unchanged: its reply counts
    /// from when it was first sent.
    fn turn_to(&mut self, cx: &Context<RaftLease>, leader: NodeId, lease: &Name, out: &mut Out) {
        let place = cx.config.servers.voters.iter().position(|&server| server == leader);
        self.server = place.unwrap_or(self.server);
        let mut because = out.because(ReplicatedRule::Redirected);
        because.why(format_args!("{leader} leads"));
        if let Some(Question { number, command, .. }) = self.wishes.get(lease).and_then(|wish| wish.asked.as_ref()) {
            because.send(leader, Message::Ask { number: *number, command: command.clone() });
        }
    }

    pub(crate) fn expire(&mut self, cx: &Context<RaftLease>, lease: Name, now: Time, out: &mut Out) {
        let held = self.wishes.get_mut(&lease).map(|wish| &mut wish.held);
        match held {
            Some(Some(Held { until, .. })) if cx.rules.may_act(*until, now).allows() => {
                out.because(HolderRule::HoldOn).arm(Timer::Lapse(lease), until.since(now));
            }
            Some(held @ Some(_)) => {
                let mut because = out.because(HolderRule::Lapse);
                if let Some(Held { token, .. }) = held.take() {
                    because.emit(Fact::LeaseLost { lease, token, reason: Loss::Expired });
                }
            }
            _ => {
                out.because(HolderRule::Lapse).why(format_args!("it is over already"));
            }
        }
    }

    /// Checks the lease and acts in one step.
    fn act(&mut self, cx: &Context<RaftLease>, lease: &Name, now: Time, out: &mut Out) -> Reply {
        let held = self.wishes.get(lease).and_then(|wish| wish.held);
        match held.map(|held| (held, cx.rules.may_act(held.until, now))) {
            Some((Held { token, until }, Allow(rule))) => {
                out.because(rule)
                    .why(format_args!("held until {until}"))
                    .emit(Fact::Acted { lease: lease.clone(), token });
                Reply::Acted { token }
            }
            _ => {
                out.because(HolderRule::LeaseOver).why(format_args!("{lease} is not held"));
                Reply::NotHeld
            }
        }
    }

    /// Acts under every lease held, and arms the timer for the next time.
    pub(crate) fn act_again(&mut self, cx: &Context<RaftLease>, now: Time, out: &mut Out) {
        let held: Vec<Name> = self.held().map(|(lease, _)| lease.clone()).collect();
        for lease in held {
            self.act(cx, &lease, now, out);
        }
        if let Some(interval) = cx.config.act_every {
            out.because(HolderRule::HoldOn).why(format_args!("the next act")).arm(Timer::Act, interval);
        }
    }

    /// Stops acting, then releases the lease.
    fn give_back(&mut self, cx: &Context<RaftLease>, ticket: RequestId, lease: Name, now: Time, out: &mut Out) {
        let held = self.wishes.get_mut(&lease).and_then(|wish| {
            wish.wanted = false;
            wish.given = wish.held.map(|held| held.token).or(wish.given);
            wish.held.take()
        });
        let Some(Held { token, .. }) = held else {
            out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld);
            return;
        };
        out.because(HolderRule::GiveBack)
            .why(format_args!("no more acts under {token}"))
            .emit(Fact::LeaseLost { lease: lease.clone(), token, reason: Loss::Released })
            .disarm(Timer::Lapse(lease.clone()))
            .reply(ticket, Reply::Released { token });
        let command = TableCommand::Release { lease: lease.clone(), token };
        self.ask(cx, &lease, command, now, out);
    }
}
