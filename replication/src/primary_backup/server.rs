//! A server: primary, backup, or spare. Views, writes and state transfer.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox, RequestId};

use super::disk::{Disk, Record, State};
use super::message::{Command, Fact, Message, Reply, Timer, View};
use super::node::PrimaryBackup;
use super::reads::Read;
use super::rules::PrimaryBackupRule;
use crate::{Key, Value};

pub(crate) type Cx<'a> = Context<'a, PrimaryBackup>;
pub(crate) type Out = Outbox<PrimaryBackup>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    pub(crate) view: Option<View>,
    pub(crate) state: State,
    /// At a backup: whether it has received the state in this view.
    pub(crate) synced: bool,
    /// At a primary: the number of writes that its backup has stored, if it has the state at all.
    pub(crate) confirmed: Option<u64>,
    /// At a primary: writes that wait for the backup, with their numbers.
    pub(crate) writes: BTreeMap<RequestId, u64>,
    /// At a primary: reads that wait for the backup.
    pub(crate) reads: BTreeMap<RequestId, Read>,
    /// At a primary: intervals since the backup was heard of.
    pub(crate) silent: u32,
    /// At a primary: whether it has given up waiting for a write that the backup may lack.
    pub(crate) gave_up: bool,
}

impl Server {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let mut server = Server {
            view: disk.view,
            state: disk.state.clone(),
            synced: disk.synced,
            confirmed: None,
            writes: BTreeMap::new(),
            reads: BTreeMap::new(),
            silent: 0,
            gave_up: false,
        };
        match cx.rules.boot_as_primary(disk.view.is_some()) {
            Refuse(rule) => {
                out.because(rule);
            }
            Allow(rule) => {
                let view = *server.view.get_or_insert(cx.config.first_view());
                let mut because = out.because(rule);
                because.why(format_args!("view {}, {} writes", view.number, server.state.number));
                if view.primary == cx.me {
                    because.emit(Fact::TookOffice { view: view.number });
                    server.confirmed = cx.rules.recover(server.state.number);
                    server.send_state(cx, out);
                }
            }
        }
        server.ping(cx, out);
        server
    }

    /// The number of the view that this server knows.
    pub(crate) fn number(&self) -> u64 {
        self.view.map_or(0, |view| view.number)
    }

    /// The view in which this server is the primary.
    pub(crate) fn office(&self, cx: &Cx<'_>) -> Option<View> {
        self.view.filter(|view| view.primary == cx.me)
    }

    fn ping(&self, cx: &Cx<'_>, out: &mut Out) {
        let synced = self.office(cx).is_some_and(|view| view.backup.is_none() || self.confirmed.is_some());
        let ping = Message::Ping { view: self.number(), synced };
        out.because(PrimaryBackupRule::SendPing).send(cx.config.monitor, ping).arm(Timer::Tick, cx.config.ping);
    }

    /// Pings, and repeats what the backup has not answered.
    pub(crate) fn tick(&mut self, cx: &Cx<'_>, out: &mut Out) {
        self.silent = self.silent.saturating_add(1);
        self.ping(cx, out);
        if let Some(View { backup: Some(_), .. }) = self.office(cx) {
            if self.confirmed.is_none_or(|confirmed| confirmed < self.state.number) {
                self.send_state(cx, out);
            }
            for ticket in self.reads.keys() {
                self.probe(cx, *ticket, out);
            }
            self.review(cx, out);
        }
    }

    /// Follows a view that the monitor has named.
    pub(crate) fn named(&mut self, cx: &Cx<'_>, view: View, out: &mut Out) {
        match cx.rules.admits_view(self.number(), view.number) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("view {} is known", self.number()));
                return;
            }
            Allow(rule) => {
                let mut because = out.because(rule);
                because.persist(Record::Adopted { view });
                if view.primary == cx.me {
                    because.emit(Fact::TookOffice { view: view.number });
                }
            }
        }
        let had_office = self.office(cx).is_some();
        self.view = Some(view);
        (self.synced, self.confirmed, self.silent) = (false, None, 0);
        if self.office(cx).is_some() {
            self.send_state(cx, out);
            for ticket in self.reads.keys() {
                self.probe(cx, *ticket, out);
            }
            self.review(cx, out);
        } else if had_office {
            self.leave_office(view, out);
        }
        self.ping(cx, out);
    }

    /// Refuses all that waits: another server is the primary now.
    fn leave_office(&mut self, view: View, out: &mut Out) {
        let writes = std::mem::take(&mut self.writes).into_keys();
        for ticket in writes.chain(std::mem::take(&mut self.reads).into_keys()) {
            out.because(PrimaryBackupRule::LeaveOffice)
                .why(format_args!("{} is the primary of view {}", view.primary, view.number))
                .disarm(Timer::Late { ticket })
                .reply(ticket, Reply::NotPrimary { primary: Some(view.primary) });
        }
    }

    fn send_state(&self, cx: &Cx<'_>, out: &mut Out) {
        let Some(View { number: view, backup: Some(backup), .. }) = self.office(cx) else { return };
        out.because(PrimaryBackupRule::SendState).send(backup, Message::Transfer { view, state: self.state.clone() });
    }

    /// Handles a request of a client.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, command: Command, out: &mut Out) {
        let Some(view) = self.office(cx) else {
            let primary = self.view.map(|view| view.primary);
            out.because(PrimaryBackupRule::SendAway).reply(ticket, Reply::NotPrimary { primary });
            return;
        };
        match command {
            Command::Read { key } => self.read(cx, ticket, &key, out),
            Command::Write { key, value } => self.write(cx, view, ticket, key, value, out),
        }
    }

    /// Carries out a write, and sends it to the backup.
    fn write(&mut self, cx: &Cx<'_>, view: View, ticket: RequestId, key: Key, value: Value, out: &mut Out) {
        match cx.rules.begins(self.state.done.get(&ticket.client).copied(), ticket.number) {
            Refuse(rule @ PrimaryBackupRule::Overtaken) => {
                out.because(rule).reply(ticket, Reply::Overtaken);
                return;
            }
            Refuse(rule) => {
                out.because(rule).why(format_args!("{ticket} comes again"));
            }
            Allow(rule) => {
                let number = self.state.number + 1;
                self.state.apply(number, ticket, key.clone(), value.clone());
                let record = Record::Applied { number, ticket, key: key.clone(), value: value.clone() };
                let mut because = out.because(rule);
                because.persist(record);
                if let Some(backup) = view.backup {
                    because.send(backup, Message::Ship { view: view.number, number, ticket, key, value });
                }
            }
        }
        self.writes.insert(ticket, self.state.number);
        out.because(PrimaryBackupRule::Apply).arm(Timer::Late { ticket }, cx.config.dead_after);
        self.review(cx, out);
    }

    /// Acknowledges the writes that may be.
    fn acknowledge(&mut self, cx: &Cx<'_>, view: View, out: &mut Out) {
        let suspects = cx.config.is_dead(self.silent);
        for (ticket, number) in self.writes.clone() {
            let confirmed = self.confirmed.is_some_and(|confirmed| confirmed >= number);
            match cx.rules.may_ack(cx.config.mode, view.backup.is_some(), confirmed, suspects) {
                Refuse(rule) => {
                    out.because(rule).why(format_args!("write {number} of {ticket}"));
                }
                Allow(rule) => {
                    debug_assert!(self.state.has(ticket), "{ticket} is acknowledged, and was not carried out");
                    self.writes.remove(&ticket);
                    out.because(rule)
                        .disarm(Timer::Late { ticket })
                        .emit(Fact::Acknowledged { ticket, view: view.number })
                        .reply(ticket, Reply::Written);
                }
            }
        }
    }

    /// Answers what may be answered.
    pub(crate) fn review(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Some(view) = self.office(cx) else { return };
        self.acknowledge(cx, view, out);
        self.answer_reads(cx, view, out);
    }

    /// Takes the state of the primary, as its backup.
    pub(crate) fn transfer(&mut self, cx: &Cx<'_>, from: NodeId, view: u64, state: State, out: &mut Out) {
        if self.is_backup(cx, from, view, out) {
            match cx.rules.takes_state(self.synced, self.state.number, state.number) {
                Refuse(rule) => {
                    out.because(rule).why(format_args!("{} writes, not {}", self.state.number, state.number));
                }
                Allow(rule) => {
                    (self.state, self.synced) = (state.clone(), true);
                    out.because(rule)
                        .persist(Record::Received { state })
                        .emit(Fact::Copied { view, number: self.state.number });
                }
            }
        }
        self.stored(from, PrimaryBackupRule::TakeState, out);
    }

    /// Stores the next write of the primary, as its backup.
    #[expect(clippy::too_many_arguments, reason = "the fields of one message")]
    pub(crate) fn ship(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        (view, number): (u64, u64),
        ticket: RequestId,
        key: Key,
        value: Value,
        out: &mut Out,
    ) {
        if self.is_backup(cx, from, view, out) {
            match cx.rules.stores(self.synced, self.state.number, number) {
                Refuse(rule @ PrimaryBackupRule::Gap) => {
                    out.because(rule).why(format_args!("write {number} comes after {}", self.state.number));
                    return;
                }
                Refuse(rule) => {
                    out.because(rule).why(format_args!("write {number}"));
                }
                Allow(rule) => {
                    self.state.apply(number, ticket, key.clone(), value.clone());
                    out.because(rule)
                        .persist(Record::Applied { number, ticket, key, value })
                        .emit(Fact::Copied { view, number });
                }
            }
        }
        self.stored(from, PrimaryBackupRule::Store, out);
    }

    /// Whether this server is the backup of the sender in a view.
    pub(crate) fn is_backup(&self, cx: &Cx<'_>, from: NodeId, view: u64, out: &mut Out) -> bool {
        let is_backup = self.view == Some(View { number: view, primary: from, backup: Some(cx.me) });
        if !is_backup {
            out.because(PrimaryBackupRule::OtherView)
                .why(format_args!("{from} is in view {view}, and this is view {}", self.number()));
        }
        is_backup
    }

    fn stored(&self, to: NodeId, rule: PrimaryBackupRule, out: &mut Out) {
        // A backup without the state has nothing to say, and sends nothing that could be counted.
        if self.synced || self.view.is_some_and(|view| view.primary != to) {
            out.because(rule).send(to, Message::Stored { view: self.number(), number: self.state.number });
        }
    }

    /// Counts what the backup has stored.
    pub(crate) fn count(&mut self, cx: &Cx<'_>, from: NodeId, view: u64, number: u64, out: &mut Out) {
        let Some(office) = self.office(cx).filter(|office| office.backup == Some(from)) else {
            out.because(PrimaryBackupRule::OtherView).why(format_args!("{from} is not the backup of this primary"));
            return;
        };
        match cx.rules.counts(office.number, view) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{from} is in view {view}, and this is view {}", office.number));
                return;
            }
            Allow(rule) => {
                out.because(rule).why(format_args!("{from} has {number} writes"));
            }
        }
        self.silent = 0;
        self.confirmed = self.confirmed.max(Some(number));
        self.gave_up &= number < self.state.number;
        self.review(cx, out);
    }

    /// Refuses a request that has waited for too long.
    pub(crate) fn late(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let is_write = self.writes.remove(&ticket).is_some();
        self.gave_up |= is_write;
        if is_write || self.reads.remove(&ticket).is_some() {
            out.because(PrimaryBackupRule::GiveUp).reply(ticket, Reply::Unavailable);
            self.review(cx, out);
        } else {
            out.because(PrimaryBackupRule::GiveUp).why(format_args!("{ticket} is over"));
        }
    }
}
