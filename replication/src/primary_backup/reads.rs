//! Reads at the primary: they show nothing that a fail-over could take back.

use quorate_protocol::NodeId;
use quorate_protocol::RequestId;
use quorate_protocol::Ruling::{Allow, Refuse};

use super::disk::Held;
use super::message::{Fact, Message, Reply, Timer, View};
use super::rules::PrimaryBackupRule;
use super::server::{Cx, Out, Server};
use crate::Key;

/// A read that waits for the backup.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Read {
    /// Findings so far, to be shown.
    pub(crate) found: Option<Held>,
    /// The number of writes before it.
    pub(crate) number: u64,
    /// Whether the backup has confirmed the view since.
    pub(crate) probed: bool,
}

impl Server {
    pub(crate) fn read(&mut self, cx: &Cx<'_>, ticket: RequestId, key: &Key, out: &mut Out) {
        let found = self.state.values.get(key).cloned();
        self.reads.insert(ticket, Read { found, number: self.state.number, probed: false });
        out.because(PrimaryBackupRule::AskBackup).arm(Timer::Late { ticket }, cx.config.dead_after);
        self.probe(cx, ticket, out);
        self.review(cx, out);
    }

    pub(crate) fn probe(&self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let Some(View { number: view, backup: Some(backup), .. }) = self.office(cx) else { return };
        if !cx.rules.visible_when(cx.config.mode, true, false, false).allows() {
            out.because(PrimaryBackupRule::AskBackup).send(backup, Message::Probe { view, ticket });
        }
    }

    /// Answers a probe, as the backup.
    pub(crate) fn probed_by(&self, cx: &Cx<'_>, from: NodeId, view: u64, ticket: RequestId, out: &mut Out) {
        if !self.is_backup(cx, from, view, out) {
            return;
        }
        if self.synced {
            let answer = Message::Probed { view, ticket, number: self.state.number };
            out.because(PrimaryBackupRule::ConfirmView).send(from, answer);
        } else {
            out.because(PrimaryBackupRule::Gap).why(format_args!("the state of view {view} is missing"));
        }
    }

    /// Counts the answer to a probe.
    pub(crate) fn probed(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        (view, number): (u64, u64),
        ticket: RequestId,
        out: &mut Out,
    ) {
        let before = self.view;
        if let Some(read) = self.reads.get_mut(&ticket)
            && before.is_some_and(|office| office.number == view && office.backup == Some(from))
        {
            read.probed = true;
        }
        self.count(cx, from, view, number, out);
    }

    pub(crate) fn answer_reads(&mut self, cx: &Cx<'_>, view: View, out: &mut Out) {
        for (ticket, read) in self.reads.clone() {
            let confirmed = read.probed && self.confirmed.is_some_and(|confirmed| confirmed >= read.number);
            match cx.rules.visible_when(cx.config.mode, view.backup.is_some(), confirmed, self.gave_up) {
                Refuse(rule) => {
                    out.because(rule).why(format_args!("{ticket} shows {} writes", read.number));
                }
                Allow(rule) => {
                    self.reads.remove(&ticket);
                    let writer = read.found.as_ref().map(|held| held.writer);
                    let values = read.found.into_iter().map(|held| held.value).collect();
                    out.because(rule)
                        .disarm(Timer::Late { ticket })
                        .emit(Fact::Returned { ticket, view: view.number, writer })
                        .reply(ticket, Reply::Values { values });
                }
            }
        }
    }
}
