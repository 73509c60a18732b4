//! Leases from a single granter, complete: the granter, a holder, or the resource, depending on the
//! configuration.

use std::collections::BTreeMap;

use quorate_exercises::build::*;
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// A node, which has exactly one role.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyLease {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Granter { grants: u64, silent_until: Option<Time>, primary: Option<Grant> },
    Holder { held: Option<Held>, not_before: Time, given: Option<Token>, jobs: BTreeMap<Attempt, Job> },
    Resource { written: Option<(Token, Value)> },
}

/// A grant: the granter's promise to grant the lease to no other node before its clock is past
/// `until`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Grant {
    to: NodeId,
    token: Token,
    until: Time,
    asked: Time,
}

/// A held lease: the right to act while the holder's clock is before `until`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Held {
    token: Token,
    until: Time,
}

/// A client's job in progress: an act, or a write of this value.
type Job = (Token, Option<Value>);
type Out = Outbox<MyLease>;

const PRIMARY: LeaseId = LeaseId::Primary;

impl MyLease {
    // The granter.

    fn asked(&mut self, cx: &Context<Self>, from: NodeId, sent: Time, out: &mut Out) {
        let now = cx.now.monotonic;
        let Role::Granter { grants, silent_until, primary } = &mut self.role else { return not_mine(out) };
        if silent_until.is_some_and(|end| now <= end) {
            out.because(SingleRule::WaitOut).send(from, Message::Denied { sent, holder: None });
            return;
        }
        let until = now + cx.config.terms.granter();
        match primary {
            Some(grant) if now <= grant.until && grant.to != from => {
                out.because(SingleRule::HeldByOther).send(from, Message::Denied { sent, holder: Some(grant.to) });
            }
            Some(grant) if now <= grant.until => {
                (grant.until, grant.asked) = (until, grant.asked.max(sent));
                let token = grant.token;
                out.because(SingleRule::RenewPrimary).send(from, Message::Granted { lease: PRIMARY, token, sent });
            }
            _ => {
                *grants += 1;
                let token = Token(*grants);
                *primary = Some(Grant { to: from, token, until, asked: sent });
                out.because(SingleRule::GrantPrimary)
                    .persist(Record::Granted { grants: *grants, lease: PRIMARY, holder: from, token })
                    .emit(Fact::LeaseGranted { lease: PRIMARY, holder: from, token, expires: until })
                    .send(from, Message::Granted { lease: PRIMARY, token, sent });
            }
        }
    }

    fn given_back(&mut self, from: NodeId, token: Token, sent: Time, out: &mut Out) {
        let Role::Granter { primary, .. } = &mut self.role else { return not_mine(out) };
        match primary {
            // The holder asked again after this release: it may be primary once more.
            Some(grant) if grant.token == token && sent <= grant.asked => {
                out.because(SingleRule::RefuseRelease);
            }
            Some(grant) if grant.token == token => {
                *primary = None;
                out.because(SingleRule::TakeRelease).send(from, Message::Released { token });
            }
            _ => {
                out.because(SingleRule::RefuseRelease).send(from, Message::Released { token });
            }
        }
    }

    // The holder.

    fn ask(&self, cx: &Context<Self>, out: &mut Out) {
        let now = cx.now.monotonic;
        let Role::Holder { given, .. } = &self.role else { return not_mine(out) };
        let message = match *given {
            Some(token) => Message::Release { token, sent: now, successor: None },
            None => Message::Heartbeat { sent: now },
        };
        let again = cx.config.terms.renew_every();
        out.because(RenewalRule::Ask).send(cx.config.granter, message).arm(Timer::Heartbeat, again);
    }

    fn granted(&mut self, cx: &Context<Self>, token: Token, sent: Time, out: &mut Out) {
        let now = cx.now.monotonic;
        let Role::Holder { held, not_before, .. } = &mut self.role else { return not_mine(out) };
        let until = sent + cx.config.terms.holder();
        if sent < *not_before {
            out.because(StaleGrantRule::GrantOfAnotherLife);
        } else if until <= now || held.is_some_and(|held| held.until >= until) {
            out.because(RenewalRule::GrantTooLate);
        } else {
            *held = Some(Held { token, until });
            out.because(RenewalRule::Hold).emit(Fact::LeaseHeld { lease: PRIMARY, token, until });
        }
    }

    /// The grant under which the node may act now, if any.
    fn running(&self, cx: &Context<Self>) -> Option<Token> {
        let now = cx.now.monotonic;
        let Role::Holder { held, .. } = &self.role else { return None };
        held.filter(|held| now < held.until).map(|held| held.token)
    }

    fn act(&self, cx: &Context<Self>, ticket: Option<RequestId>, out: &mut Out) {
        let (mut because, reply) = match self.running(cx) {
            Some(token) => {
                let mut because = out.because(HolderRule::ActInLease);
                because.emit(Fact::Acted { lease: PRIMARY, token });
                (because, Reply::Acted { token })
            }
            None => (out.because(HolderRule::LeaseOver), Reply::NotHeld { lease: PRIMARY }),
        };
        match (ticket, cx.config.act_every) {
            (Some(ticket), _) => because.reply(ticket, reply),
            (None, Some(pause)) => because.arm(Timer::Act, pause),
            (None, None) => &mut because,
        };
    }

    fn begin(&mut self, cx: &Context<Self>, ticket: RequestId, value: Option<Value>, out: &mut Out) {
        let now = cx.now.monotonic;
        let running = self.running(cx);
        let Role::Holder { jobs, .. } = &mut self.role else { return not_mine(out) };
        let Some(token) = running else {
            out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease: PRIMARY });
            return;
        };
        let attempt = Attempt { ticket, begun: now };
        jobs.insert(attempt, (token, value));
        out.because(SingleRule::BeginWork).arm(Timer::Work(attempt), cx.config.work);
    }

    fn finish(&mut self, cx: &Context<Self>, attempt: Attempt, out: &mut Out) {
        let Role::Holder { jobs, .. } = &mut self.role else { return not_mine(out) };
        match (jobs.get(&attempt).cloned(), cx.config.resource) {
            (Some((token, Some(value))), Some(resource)) => {
                let sequencer = Sequencer { lease: PRIMARY, mode: Mode::Exclusive, token };
                out.because(SingleRule::SendFenced).send(resource, Message::Write { sequencer, value, attempt });
            }
            // The lease was valid when the work began: check that it still is.
            (Some(_), _) => {
                jobs.remove(&attempt);
                self.act(cx, Some(attempt.ticket), out);
            }
            (None, _) => not_mine(out),
        }
    }

    fn answered(&mut self, attempt: Attempt, refused: Option<Option<Token>>, out: &mut Out) {
        let Role::Holder { jobs, .. } = &mut self.role else { return not_mine(out) };
        let mut because = out.because(HolderRule::AnswerWriter);
        if let Some((token, _)) = jobs.remove(&attempt) {
            let reply = refused.map_or(Reply::Written { token }, |highest| Reply::WriteRefused { highest });
            because.reply(attempt.ticket, reply);
        }
    }

    fn give_back(&mut self, cx: &Context<Self>, ticket: RequestId, out: &mut Out) {
        let now = cx.now.monotonic;
        let running = self.running(cx);
        let Role::Holder { held, not_before, given, .. } = &mut self.role else { return not_mine(out) };
        let Some(token) = running else {
            out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease: PRIMARY });
            return;
        };
        // From now on it does not act, even if a reply to an older request grants the lease.
        (*held, *given, *not_before) = (None, Some(token), now + Duration::from_nanos(1));
        out.because(HolderRule::GiveBack)
            .emit(Fact::LeaseLost { lease: PRIMARY, token, reason: Loss::Released })
            .reply(ticket, Reply::Released { token });
        self.ask(cx, out);
    }

    // The resource.

    fn write(&mut self, from: NodeId, sequencer: Sequencer, value: Value, attempt: Attempt, out: &mut Out) {
        let Role::Resource { written } = &mut self.role else { return not_mine(out) };
        let (token, highest) = (sequencer.token, written.as_ref().map(|(token, _)| *token));
        if sequencer.mode == Mode::Shared || highest > Some(token) {
            out.because(SingleRule::RefuseLowerToken)
                .emit(Fact::WriteRefused { token, highest })
                .send(from, Message::WriteRefused { attempt, highest });
            return;
        }
        *written = Some((token, value.clone()));
        out.because(SingleRule::AcceptWrite)
            .persist(Record::Written { token, value: value.clone(), ticket: attempt.ticket })
            .emit(Fact::WriteAccepted { token, value })
            .send(from, Message::Written { attempt, token });
    }
}

fn not_mine(out: &mut Out) {
    out.because(InputRule::NotMyRole);
}

impl Machine for MyLease {
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
        let now = cx.now.monotonic;
        let role = if cx.me == cx.config.granter {
            let silent_until = (disk.grants > 0).then(|| now + cx.config.terms.quarantine());
            Role::Granter { grants: disk.grants, silent_until, primary: None }
        } else if cx.config.resource == Some(cx.me) {
            Role::Resource { written: disk.written.clone() }
        } else {
            Role::Holder { held: None, not_before: now, given: None, jobs: BTreeMap::new() }
        };
        let node = MyLease { role };
        if matches!(node.role, Role::Holder { .. }) {
            node.ask(cx, out);
            node.act(cx, None, out);
        }
        node
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Fire(Timer::Heartbeat) => self.ask(cx, out),
            Input::Fire(Timer::Act) => self.act(cx, None, out),
            Input::Fire(Timer::Work(attempt)) => self.finish(cx, attempt, out),
            Input::Fire(Timer::Review | Timer::Lapse(_)) => not_mine(out),
            Input::Request { ticket, command } => match command {
                _ if !matches!(self.role, Role::Holder { .. }) => {
                    out.because(InputRule::NotMyRole).reply(ticket, Reply::NotAHolder);
                }
                Command::Act => self.act(cx, Some(ticket), out),
                Command::WorkAndAct => self.begin(cx, ticket, None, out),
                Command::Write { value } => self.begin(cx, ticket, Some(value), out),
                Command::Release { .. } => self.give_back(cx, ticket, out),
                Command::Serve | Command::WriteShared { .. } => {
                    let lease = LeaseId::Node(cx.me);
                    out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease });
                }
            },
            Input::Deliver { from, message } => match message {
                Message::Heartbeat { sent } => self.asked(cx, from, sent, out),
                Message::Release { token, sent, .. } => self.given_back(from, token, sent, out),
                Message::Granted { lease: LeaseId::Primary, token, sent } => self.granted(cx, token, sent, out),
                Message::Released { token } => {
                    if let Role::Holder { given, .. } = &mut self.role {
                        *given = given.filter(|mine| *mine != token);
                    }
                    out.because(RenewalRule::ReleaseHeard);
                }
                Message::Write { sequencer, value, attempt } => self.write(from, sequencer, value, attempt, out),
                Message::Written { attempt, .. } => self.answered(attempt, None, out),
                Message::WriteRefused { attempt, highest } => self.answered(attempt, Some(highest), out),
                Message::Denied { .. } => {
                    out.because(RenewalRule::TakeDenial);
                }
                _ => not_mine(out),
            },
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        match &self.role {
            Role::Granter { silent_until, primary, .. } => View::Granter {
                primary: primary.as_ref().map(|grant| grant.to),
                token: primary.as_ref().map(|grant| grant.token),
                expires: primary.as_ref().map(|grant| grant.until),
                silent_until: *silent_until,
            },
            Role::Holder { held, .. } => View::Holder {
                serves_until: None,
                acts_until: held.map(|held| held.until),
                token: held.map(|held| held.token),
            },
            Role::Resource { written } => View::Resource {
                highest: written.as_ref().map(|(token, _)| *token),
                value: written.as_ref().map(|(_, value)| value.clone()),
            },
        }
    }
}

hand_in!("build-lease", BuiltLease::<MyLease>::new());
