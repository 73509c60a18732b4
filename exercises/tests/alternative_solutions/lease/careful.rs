//! Alternative leases with conservative durations: holders count half of their term and ask twice
//! as often as necessary, the granter waits longer than necessary, and a released lease ends only
//! when its term ends. Clients get the reply to a release at that time, and not before.

use std::collections::BTreeMap;

use quorate_exercises::build::*;
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// State of a node of any role.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Careful {
    me: NodeId,
    cluster: Config,
    stable: Stable,
    /// Granter: end of the time in which nothing is granted.
    closed_until: Time,
    /// Granter: the grant's holder, token, end, and the newest request it answers.
    granted: Option<(NodeId, Token, Time, Time)>,
    /// Holder: token and end of its lease.
    held: Option<(Token, Time)>,
    /// Holder: replies to requests before this time are ignored.
    since: Time,
    /// Holder: the grant being released, and the clients that wait for the release.
    returning: Option<(Token, Vec<RequestId>)>,
    work: BTreeMap<Attempt, (Token, Option<Value>)>,
}

type Out = Outbox<Careful>;

const PRIMARY: LeaseId = LeaseId::Primary;

impl Careful {
    fn running(&self, now: Time) -> Option<Token> {
        self.held.filter(|(_, until)| now < *until).map(|(token, _)| token)
    }

    fn heartbeat(&self, now: Time, out: &mut Out) {
        let mut because = out.because(RenewalRule::Ask);
        match &self.returning {
            Some((token, _)) => because.send(self.cluster.granter, Message::Release { token: *token, sent: now, successor: None }),
            None => because.send(self.cluster.granter, Message::Heartbeat { sent: now }),
        };
        because.arm(Timer::Heartbeat, self.cluster.terms.renew_every() / 2);
    }

    fn grant(&mut self, from: NodeId, sent: Time, now: Time, out: &mut Out) {
        let mut because = out.because(SingleRule::GrantPrimary);
        let runs = self.granted.filter(|(_, _, until, _)| now <= *until);
        let is_anothers = runs.is_some_and(|(holder, ..)| holder != from);
        if now <= self.closed_until || is_anothers {
            because.send(from, Message::Denied { sent, holder: runs.map(|(holder, ..)| holder) });
            return;
        }
        // A fifth more than necessary.
        let until = now + self.cluster.terms.granter() * 6 / 5;
        let token = match runs {
            Some((_, token, _, asked)) => {
                self.granted = Some((from, token, until, asked.max(sent)));
                token
            }
            None => {
                let grants = self.stable.grants + 10;
                let record = Record::Granted { grants, lease: PRIMARY, holder: from, token: Token(grants) };
                self.stable.apply(&record);
                self.granted = Some((from, Token(grants), until, sent));
                because.persist(record);
                because.emit(Fact::LeaseGranted { lease: PRIMARY, holder: from, token: Token(grants), expires: until });
                Token(grants)
            }
        };
        because.send(from, Message::Granted { lease: PRIMARY, token, sent });
    }

    /// Handles a release. The lease is freed only by its end; a release repeated after that is
    /// acknowledged.
    fn take_back(&mut self, from: NodeId, token: Token, now: Time, out: &mut Out) {
        let mut because = out.because(SingleRule::RefuseRelease);
        if !self.granted.is_some_and(|(_, running, until, _)| running == token && now <= until) {
            because.send(from, Message::Released { token });
        }
    }

    fn granted(&mut self, token: Token, sent: Time, now: Time, out: &mut Out) {
        let mut because = out.because(RenewalRule::Hold);
        let until = sent + self.cluster.terms.holder() / 2;
        if sent >= self.since && now < until && self.held.is_none_or(|(_, before)| before < until) {
            self.held = Some((token, until));
            because.emit(Fact::LeaseHeld { lease: PRIMARY, token, until });
        }
    }

    fn act(&self, ticket: Option<RequestId>, now: Time, out: &mut Out) {
        let mut because = out.because(HolderRule::ActInLease);
        let running = self.running(now);
        if let Some(token) = running {
            because.emit(Fact::Acted { lease: PRIMARY, token });
        }
        if let Some(ticket) = ticket {
            because.reply(ticket, running.map_or(Reply::NotHeld { lease: PRIMARY }, |token| Reply::Acted { token }));
        }
    }

    fn serve(&mut self, ticket: RequestId, command: Command, now: Time, out: &mut Out) {
        let Some(token) = self.running(now) else {
            out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease: PRIMARY });
            return;
        };
        let attempt = Attempt { ticket, begun: now };
        match command {
            Command::Act => self.act(Some(ticket), now, out),
            Command::WorkAndAct => self.begin(attempt, token, None, out),
            Command::Write { value } => self.begin(attempt, token, Some(value), out),
            Command::Release { .. } => {
                self.returning = Some((token, vec![ticket]));
                (self.held, self.since) = (None, now + Duration::from_nanos(1));
                out.because(HolderRule::GiveBack).emit(Fact::LeaseLost { lease: PRIMARY, token, reason: Loss::Released });
                self.heartbeat(now, out);
            }
            Command::Serve | Command::WriteShared { .. } => _ = out.because(InputRule::NotMyRole),
        }
    }

    fn begin(&mut self, attempt: Attempt, token: Token, value: Option<Value>, out: &mut Out) {
        self.work.insert(attempt, (token, value));
        out.because(SingleRule::BeginWork).arm(Timer::Work(attempt), self.cluster.work);
    }

    fn finish(&mut self, attempt: Attempt, now: Time, out: &mut Out) {
        let Some((token, value)) = self.work.get(&attempt).cloned() else { return };
        match (value, self.cluster.resource) {
            (Some(value), Some(resource)) => {
                let sequencer = Sequencer { lease: PRIMARY, mode: Mode::Exclusive, token };
                out.because(SingleRule::SendFenced).send(resource, Message::Write { sequencer, value, attempt });
            }
            _ => {
                self.work.remove(&attempt);
                self.act(Some(attempt.ticket), now, out);
            }
        }
    }

    fn write(&mut self, from: NodeId, token: Token, value: Value, attempt: Attempt, out: &mut Out) {
        let highest = self.stable.written.as_ref().map(|(token, _)| *token);
        let mut because = out.because(SingleRule::AcceptWrite);
        if highest > Some(token) {
            because.emit(Fact::WriteRefused { token, highest }).send(from, Message::WriteRefused { attempt, highest });
            return;
        }
        let record = Record::Written { token, value: value.clone(), ticket: attempt.ticket };
        self.stable.apply(&record);
        because
            .persist(record)
            .emit(Fact::WriteAccepted { token, value })
            .send(from, Message::Written { attempt, token });
    }

    fn hear(&mut self, from: NodeId, message: Message, now: Time, out: &mut Out) {
        match message {
            Message::Heartbeat { sent } => self.grant(from, sent, now, out),
            Message::Release { token, .. } => self.take_back(from, token, now, out),
            Message::Granted { token, sent, .. } => self.granted(token, sent, now, out),
            Message::Released { token } => {
                if let Some((_, tickets)) = self.returning.take_if(|(returned, _)| *returned == token) {
                    let mut because = out.because(RenewalRule::ReleaseHeard);
                    tickets.into_iter().for_each(|ticket| _ = because.reply(ticket, Reply::Released { token }));
                }
            }
            Message::Write { sequencer, value, attempt } => self.write(from, sequencer.token, value, attempt, out),
            Message::Written { attempt, .. } => {
                if let Some((token, _)) = self.work.remove(&attempt) {
                    out.because(HolderRule::AnswerWriter).reply(attempt.ticket, Reply::Written { token });
                }
            }
            Message::WriteRefused { attempt, highest } => {
                self.work.remove(&attempt).into_iter().for_each(|_| {
                    out.because(HolderRule::AnswerWriter).reply(attempt.ticket, Reply::WriteRefused { highest });
                });
            }
            _ => {}
        }
    }
}

impl Machine for Careful {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SingleRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        let now = cx.now.monotonic;
        let is_holder = me != config.granter && config.resource != Some(me);
        let node = Careful {
            me,
            cluster: config.clone(),
            stable: disk.clone(),
            // Waits even at the first start, which it does not distinguish from a restart.
            closed_until: now + config.terms.quarantine() * 6 / 5,
            granted: None,
            held: None,
            since: now,
            returning: None,
            work: BTreeMap::new(),
        };
        if is_holder {
            // It may have forgotten a release that the granter has not heard of: that lease must
            // end first.
            out.because(SingleRule::WaitOut).arm(Timer::Heartbeat, config.terms.granter() * 3 / 2);
            config.act_every.into_iter().for_each(|pause| _ = out.because(RenewalRule::Ask).arm(Timer::Act, pause));
        }
        node
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        let now = cx.now.monotonic;
        out.because(SingleRule::KeepWatch).why(format_args!("it is {now}"));
        match input {
            Input::Request { ticket, .. } if self.me == self.cluster.granter || self.cluster.resource == Some(self.me) => {
                out.because(InputRule::NotMyRole).reply(ticket, Reply::NotAHolder);
            }
            Input::Request { ticket, command } => self.serve(ticket, command, now, out),
            Input::Deliver { from, message } => self.hear(from, message, now, out),
            Input::Fire(Timer::Heartbeat) => self.heartbeat(now, out),
            Input::Fire(Timer::Work(attempt)) => self.finish(attempt, now, out),
            Input::Fire(Timer::Act) => {
                self.act(None, now, out);
                let again = self.cluster.act_every;
                again.into_iter().for_each(|pause| _ = out.because(HolderRule::ActInLease).arm(Timer::Act, pause));
            }
            Input::Fire(Timer::Review | Timer::Lapse(_)) => {}
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let (token, acts_until) = self.held.unzip();
        View::Holder { serves_until: None, acts_until, token }
    }
}

hand_in!("build-lease", BuiltLease::<Careful>::new());
