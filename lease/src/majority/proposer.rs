//! PaxosLease proposer: tries for the lease, renews it, acts under it.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Delay, NodeId, Outbox, RequestId, Time};

use super::node::MajorityLease;
use super::rules::MajorityRule;
use super::{Ballot, Command, Message, Timer};
use crate::id::{LeaseId, Token};
use crate::primary::{Fact, Loss, Reply};
use crate::releases::Releases;
use crate::rules::{CountRule, HolderRule};

/// A lease that this proposer has won.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Won {
    /// The newest ballot that won it, which a release names.
    ballot: Ballot,
    /// Token of the ballot that won it first: a renewal keeps it.
    pub(crate) token: Token,
    pub(crate) until: Time,
}

/// An attempt to win the lease.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Attempt {
    ballot: Ballot,
    /// Start of the current phase: when it prepared, then when it proposed.
    begun: Time,
    proposing: bool,
    /// Acceptors that have answered in the current phase.
    answered: Vec<NodeId>,
    /// Acceptors among them that leave the lease open to this node.
    open: Vec<NodeId>,
    /// Acceptors that have refused in the current phase.
    refused: Vec<NodeId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Proposer {
    life: u64,
    /// The highest round used or seen.
    round: u64,
    attempt: Option<Attempt>,
    pub(crate) won: Option<Won>,
    releases: Releases,
}

type Out = Outbox<MajorityLease>;

impl Proposer {
    pub(crate) fn boot(cx: &Context<MajorityLease>, life: u64, out: &mut Out) -> Self {
        let Context { config, .. } = *cx;
        let releases = Releases::default();
        let proposer = Proposer { life, round: 0, attempt: None, won: None, releases };
        let mut because = out.because(MajorityRule::TryAgain);
        because.arm(Timer::Begin, proposer.retry_delay(cx));
        if let Some(interval) = config.act_every {
            because.arm(Timer::Act, interval);
        }
        proposer
    }

    pub(crate) fn ballot(&self) -> Option<Ballot> {
        self.attempt.as_ref().map(|attempt| attempt.ballot)
    }

    /// Delay until an attempt times out, or until the next attempt. Random, so that one of several
    /// proposers gets ahead.
    fn retry_delay(&self, cx: &Context<MajorityLease>) -> Delay {
        let shortest = cx.config.terms.renew_every();
        (shortest..shortest.saturating_mul(2)).into()
    }

    /// Tries for the lease under a new ballot: the first time, again, or to renew it.
    pub(crate) fn begin(&mut self, cx: &Context<MajorityLease>, now: Time, out: &mut Out) {
        self.round += 1;
        let ballot = Ballot { round: self.round, life: self.life, node: cx.me };
        debug_assert!(self.ballot() < Some(ballot), "no ballot is used twice");
        let (answered, open, refused) = (Vec::new(), Vec::new(), Vec::new());
        self.attempt = Some(Attempt { ballot, begun: now, proposing: false, answered, open, refused });
        let mut because = out.because(MajorityRule::Prepare);
        because.why(format_args!("{ballot}, begun at {now}")).arm(Timer::Begin, self.retry_delay(cx));
        for &acceptor in &cx.config.acceptors {
            because.send(acceptor, Message::Prepare { ballot });
        }
    }

    /// Counts an answer of the current phase. `None` if it does not count.
    fn count(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        proposing: bool,
        out: &mut Out,
    ) -> Option<&mut Attempt> {
        let attempt = self.attempt.as_mut();
        let current = attempt.as_ref().is_some_and(|open| open.ballot == ballot && open.proposing == proposing);
        let answered_before = attempt.as_ref().is_some_and(|open| open.answered.contains(&from));
        match (cx.rules.counts(current, answered_before), attempt) {
            (Allow(_), Some(attempt)) => {
                attempt.answered.push(from);
                Some(attempt)
            }
            // Includes answers that a faulty rulebook counts although nothing was asked.
            (Allow(rule) | Refuse(rule), _) => {
                out.because(rule).why(format_args!("{from} answers {ballot}"));
                None
            }
        }
    }

    pub(crate) fn promised(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        owner: Option<NodeId>,
        now: Time,
        out: &mut Out,
    ) {
        let (rules, me, all) = (cx.rules, cx.me, cx.config.acceptors.len());
        let Some(attempt) = self.count(cx, from, ballot, false, out) else { return };
        if rules.leaves_open(owner, me) {
            attempt.open.push(from);
        }
        debug_assert!(attempt.open.iter().all(|acceptor| attempt.answered.contains(acceptor)));
        let (open, answered, refused) = (attempt.open.len(), attempt.answered.len(), attempt.refused.len());
        if rules.majority(open, all) {
            (attempt.proposing, attempt.begun) = (true, now);
            attempt.answered.clear();
            attempt.open.clear();
            attempt.refused.clear();
            let mut because = out.because(MajorityRule::Propose);
            because.why(format_args!("{open} of {all} acceptors leave it open"));
            for &acceptor in &cx.config.acceptors {
                because.send(acceptor, Message::Propose { ballot });
            }
        } else if rules.majority(open + all.saturating_sub(answered + refused), all) {
            out.because(CountRule::CountPromise).why(format_args!("{open} of {all} acceptors leave it open so far"));
        } else {
            self.attempt = None;
            out.because(MajorityRule::LeaseTaken)
                .why(format_args!("{} of {all} acceptors report another's, {refused} refuse", answered - open))
                .arm(Timer::Begin, self.retry_delay(cx));
        }
    }

    pub(crate) fn accepted(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        now: Time,
        out: &mut Out,
    ) {
        let (rules, all) = (cx.rules, cx.config.acceptors.len());
        let Some(attempt) = self.count(cx, from, ballot, true, out) else { return };
        let (answered, begun) = (attempt.answered.len(), attempt.begun);
        if !rules.majority(answered, all) {
            out.because(CountRule::CountPromise).why(format_args!("{answered} of {all} acceptors have accepted"));
            return;
        }
        self.attempt = None;
        let until = rules.counts_from(begun, now) + rules.holder_term(&cx.config.terms);
        if !rules.may_act(until, now).allows() {
            out.because(MajorityRule::WonTooLate)
                .why(format_args!("proposed at {begun}, worthless since {until}"))
                .arm(Timer::Begin, self.retry_delay(cx));
            return;
        }
        let running = self.won.filter(|won| rules.may_act(won.until, now).allows());
        let token = running.map_or_else(|| ballot.token(cx.config), |won| won.token);
        self.won = Some(Won { ballot, token, until });
        out.because(MajorityRule::Win)
            .why(format_args!("{answered} of {all} acceptors, for {:?} from now", until.since(now)))
            .emit(Fact::LeaseHeld { lease: LeaseId::Primary, token, until })
            .arm(Timer::Lapse, until.since(now))
            .arm(Timer::Begin, cx.config.terms.renew_every());
    }

    /// Handles a refusal. A single acceptor may be behind or ahead of all others, so the attempt
    /// goes on as long as a majority is possible.
    pub(crate) fn refused(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        promised: Ballot,
        out: &mut Out,
    ) {
        self.round = self.round.max(promised.round.min(Ballot::ROUND_LIMIT));
        let (rules, all) = (cx.rules, cx.config.acceptors.len());
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.ballot == ballot) else {
            out.because(CountRule::StaleAnswer).why(format_args!("{from} refuses {ballot}, which is over"));
            return;
        };
        if !attempt.refused.contains(&from) {
            attempt.refused.push(from);
        }
        let refused = attempt.refused.len();
        if rules.majority(all.saturating_sub(refused), all) {
            out.because(MajorityRule::CountRefusal).why(format_args!("{refused} of {all} acceptors refuse {ballot}"));
            return;
        }
        self.attempt = None;
        out.because(MajorityRule::TryAgain)
            .why(format_args!("{refused} of {all} acceptors refuse {ballot}"))
            .arm(Timer::Begin, self.retry_delay(cx));
    }

    pub(crate) fn expire(&mut self, cx: &Context<MajorityLease>, now: Time, out: &mut Out) {
        match self.won {
            Some(won) if cx.rules.may_act(won.until, now).allows() => {
                out.because(HolderRule::HoldOn).arm(Timer::Lapse, won.until.since(now));
            }
            Some(_) => self.lose(Loss::Expired, HolderRule::Lapse, out),
            None => {
                out.because(HolderRule::Lapse).why(format_args!("it is over already"));
            }
        }
    }

    fn lose(&mut self, reason: Loss, rule: HolderRule, out: &mut Out) {
        let mut because = out.because(rule);
        if let Some(Won { token, until, .. }) = self.won.take() {
            because.why(format_args!("{token}, won until {until}")).emit(Fact::LeaseLost {
                lease: LeaseId::Primary,
                token,
                reason,
            });
        }
    }

    /// Checks the lease and acts in one step. Without a ticket the node acts by itself, and
    /// periodically.
    pub(crate) fn act(&mut self, cx: &Context<MajorityLease>, ticket: Option<RequestId>, now: Time, out: &mut Out) {
        let lease = LeaseId::Primary;
        let reply = match self.won.map(|won| (won, cx.rules.may_act(won.until, now))) {
            Some((Won { token, until, .. }, Allow(rule))) => {
                out.because(rule).why(format_args!("won until {until}")).emit(Fact::Acted { lease, token });
                Reply::Acted { token }
            }
            _ => {
                self.lose(Loss::Expired, HolderRule::LeaseOver, out);
                Reply::NotHeld { lease }
            }
        };
        if let Some(ticket) = ticket {
            out.because(HolderRule::AnswerWriter).reply(ticket, reply);
        } else if let Some(interval) = cx.config.act_every {
            out.because(MajorityRule::TryAgain).why(format_args!("the next act")).arm(Timer::Act, interval);
        }
    }

    pub(crate) fn request(
        &mut self,
        cx: &Context<MajorityLease>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        match command {
            Command::Act => self.act(cx, Some(ticket), now, out),
            Command::Release => self.give_back(cx, ticket, out),
        }
    }

    fn give_back(&mut self, cx: &Context<MajorityLease>, ticket: RequestId, out: &mut Out) {
        if let Some((rule, reply)) = self.releases.repeated(cx.rules, ticket) {
            let mut because = out.because(rule);
            if let Some(reply) = reply {
                because.reply(ticket, reply);
            }
            return;
        }
        self.releases.note(ticket, self.won.map(|won| won.token));
        match self.won {
            None => {
                let lease = LeaseId::Primary;
                out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease });
            }
            Some(Won { ballot, token, .. }) => {
                self.attempt = None;
                self.lose(Loss::Released, HolderRule::GiveBack, out);
                let mut because = out.because(HolderRule::GiveBack);
                because.reply(ticket, Reply::Released { token }).disarm(Timer::Lapse);
                because.arm(Timer::Begin, cx.config.terms.granter());
                for &acceptor in &cx.config.acceptors {
                    because.send(acceptor, Message::Release { ballot });
                }
            }
        }
    }
}
