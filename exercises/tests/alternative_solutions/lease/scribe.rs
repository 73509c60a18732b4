//! Alternative leases with a single periodic timer and an append-only log on disk. Each tick looks
//! up the actions that are due; grants are looked up in the log. Requests are identified by their
//! time, and a list of them is kept.

use std::collections::BTreeMap;

use quorate_exercises::build::*;
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Entry {
    Granted { to: NodeId },
    GaveBack { token: Token },
    Wrote { token: Token, value: Value },
}

/// Append-only log on disk. Grants are numbered by their position in it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Diary(Vec<Entry>);

impl Diary {
    /// The grant released last. The granter is asked again whether it knows of the release.
    fn given_back(&self) -> Option<Token> {
        self.0.iter().rev().find_map(|entry| if let Entry::GaveBack { token } = entry { Some(*token) } else { None })
    }
}

impl Disk for Diary {
    type Record = Entry;

    fn apply(&mut self, entry: &Entry) {
        self.0.push(entry.clone());
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
struct Tick;

/// Scheduled actions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Due {
    Ask,
    Act,
    ActFor(RequestId),
    Send(Attempt, Token, Value),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Scribe {
    me: NodeId,
    cluster: Config,
    diary: Diary,
    agenda: Vec<(Time, Due)>,
    /// Granter: end of its quarantine; holder, end and newest request of the lease.
    quiet: Time,
    tenant: Option<(NodeId, Time, Time)>,
    /// Holder: token and end of its lease, the time from which requests count, the grant being
    /// released, and the writes in progress.
    seal: Option<(Token, Time)>,
    fresh: Time,
    returned: Option<Token>,
    writers: BTreeMap<Attempt, Token>,
}

type Out = Outbox<Scribe>;

const PRIMARY: LeaseId = LeaseId::Primary;
const TICK: Duration = Duration::from_millis(4);

impl Scribe {
    fn grants(&self) -> u64 {
        self.diary.0.iter().filter(|entry| matches!(entry, Entry::Granted { .. })).count() as u64
    }

    fn highest(&self) -> Option<Token> {
        self.diary.0.iter().filter_map(|entry| if let Entry::Wrote { token, .. } = entry { Some(*token) } else { None }).max()
    }

    fn note(&mut self, entry: Entry, because: &mut Because<'_, Self>) {
        self.diary.apply(&entry);
        because.persist(entry);
    }

    fn is_holder(&self) -> bool {
        self.me != self.cluster.granter && self.cluster.resource != Some(self.me)
    }

    fn sealed(&self, now: Time) -> Option<Token> {
        self.seal.and_then(|(token, until)| (until > now).then_some(token))
    }

    fn tick(&mut self, now: Time, out: &mut Out) {
        out.because(SingleRule::KeepWatch).arm(Tick, TICK);
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.agenda).into_iter().partition(|(at, _)| *at <= now);
        self.agenda = later;
        for (_, what) in due {
            self.attend(what, now, out);
        }
    }

    fn attend(&mut self, what: Due, now: Time, out: &mut Out) {
        let mut because = out.because(HolderRule::ActInLease);
        match what {
            Due::Ask => {
                let letter = match self.returned {
                    Some(token) => Message::Release { token, sent: now, successor: None },
                    None => Message::Heartbeat { sent: now },
                };
                because.send(self.cluster.granter, letter);
                self.agenda.push((now + self.cluster.terms.renew_every(), Due::Ask));
            }
            Due::Act => {
                self.sealed(now).into_iter().for_each(|token| _ = because.emit(Fact::Acted { lease: PRIMARY, token }));
                self.cluster.act_every.into_iter().for_each(|pause| self.agenda.push((now + pause, Due::Act)));
            }
            Due::ActFor(ticket) => match self.sealed(now) {
                Some(token) => _ = because.emit(Fact::Acted { lease: PRIMARY, token }).reply(ticket, Reply::Acted { token }),
                None => _ = because.reply(ticket, Reply::NotHeld { lease: PRIMARY }),
            },
            Due::Send(attempt, token, value) => {
                let sequencer = Sequencer { lease: PRIMARY, mode: Mode::Exclusive, token };
                self.writers.insert(attempt, token);
                let resource = self.cluster.resource;
                resource.into_iter().for_each(|to| _ = because.send(to, Message::Write { sequencer, value: value.clone(), attempt }));
            }
        }
    }

    fn request(&mut self, ticket: RequestId, command: Command, now: Time, out: &mut Out) {
        let mut because = out.because(SingleRule::BeginWork);
        if !self.is_holder() {
            because.reply(ticket, Reply::NotAHolder);
            return;
        }
        let Some(token) = self.sealed(now) else {
            because.reply(ticket, Reply::NotHeld { lease: PRIMARY });
            return;
        };
        let done = now + self.cluster.work;
        match command {
            Command::Act => self.agenda.push((now, Due::ActFor(ticket))),
            Command::WorkAndAct => self.agenda.push((done, Due::ActFor(ticket))),
            Command::Write { value } => self.agenda.push((done, Due::Send(Attempt { ticket, begun: now }, token, value))),
            Command::Release { .. } => {
                (self.seal, self.returned, self.fresh) = (None, Some(token), now + TICK);
                because.emit(Fact::LeaseLost { lease: PRIMARY, token, reason: Loss::Released });
                because.reply(ticket, Reply::Released { token });
                // Persisted, so that it continues the release after a crash.
                self.note(Entry::GaveBack { token }, &mut because);
            }
            Command::Serve | Command::WriteShared { .. } => {}
        }
    }

    fn asked(&mut self, from: NodeId, sent: Time, now: Time, out: &mut Out) {
        let mut because = out.because(SingleRule::GrantPrimary);
        let until = now + self.cluster.terms.granter();
        match &mut self.tenant {
            _ if now <= self.quiet => _ = because.send(from, Message::Denied { sent, holder: None }),
            Some((tenant, end, asked)) if now <= *end => {
                if *tenant != from {
                    because.send(from, Message::Denied { sent, holder: Some(*tenant) });
                    return;
                }
                (*end, *asked) = (until, sent.max(*asked));
                because.send(from, Message::Granted { lease: PRIMARY, token: Token(self.grants()), sent });
            }
            _ => {
                self.tenant = Some((from, until, sent));
                self.note(Entry::Granted { to: from }, &mut because);
                because.send(from, Message::Granted { lease: PRIMARY, token: Token(self.grants()), sent });
            }
        }
    }

    fn hear(&mut self, from: NodeId, message: Message, now: Time, out: &mut Out) {
        let mut because = out.because(RenewalRule::Hold);
        match message {
            Message::Heartbeat { sent } => self.asked(from, sent, now, out),
            Message::Release { token, sent, .. } => {
                let is_mine = token == Token(self.grants());
                let overtaken = self.tenant.is_some_and(|(_, _, asked)| sent <= asked);
                if is_mine && overtaken {
                    return;
                }
                if is_mine {
                    self.tenant = None;
                }
                because.send(from, Message::Released { token });
            }
            Message::Granted { token, sent, .. } => {
                let until = sent + self.cluster.terms.holder();
                if sent >= self.fresh && self.returned.is_none() && self.seal.is_none_or(|(_, end)| end < until) {
                    self.seal = Some((token, until));
                }
            }
            Message::Released { token } => self.returned = self.returned.filter(|mine| *mine != token),
            Message::Write { sequencer: Sequencer { token, .. }, value, attempt } => match self.highest() {
                Some(highest) if highest > token => {
                    because.send(from, Message::WriteRefused { attempt, highest: Some(highest) });
                }
                _ => {
                    self.note(Entry::Wrote { token, value: value.clone() }, &mut because);
                    because.emit(Fact::WriteAccepted { token, value }).send(from, Message::Written { attempt, token });
                }
            },
            Message::Written { attempt, .. } => {
                if let Some(token) = self.writers.remove(&attempt) {
                    because.reply(attempt.ticket, Reply::Written { token });
                }
            }
            Message::WriteRefused { attempt, highest } => {
                self.writers.remove(&attempt).into_iter().for_each(|_| {
                    because.reply(attempt.ticket, Reply::WriteRefused { highest });
                });
            }
            _ => {}
        }
    }
}

impl Machine for Scribe {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Tick;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SingleRule;
    type Record = Entry;
    type Disk = Diary;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Diary, out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        let now = cx.now.monotonic;
        let mut scribe = Scribe {
            me,
            cluster: config.clone(),
            diary: disk.clone(),
            agenda: Vec::new(),
            quiet: now + config.terms.quarantine(),
            tenant: None,
            seal: None,
            fresh: now,
            returned: disk.given_back(),
            writers: BTreeMap::new(),
        };
        if scribe.is_holder() {
            scribe.agenda = vec![(now, Due::Ask), (now, Due::Act)];
            out.because(SingleRule::KeepWatch).arm(Tick, TICK);
        }
        scribe
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        let now = cx.now.monotonic;
        match input {
            Input::Fire(Tick) => self.tick(now, out),
            Input::Request { ticket, command } => self.request(ticket, command, now, out),
            Input::Deliver { from, message } => self.hear(from, message, now, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let (token, acts_until) = self.seal.unzip();
        View::Holder { serves_until: None, acts_until, token }
    }
}

hand_in!("build-lease", BuiltLease::<Scribe>::new());
