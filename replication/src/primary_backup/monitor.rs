//! The monitor: who is alive, and who has which role.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use super::disk::{Disk, Record};
use super::message::{Fact, Message, Timer, View};
use super::rules::PrimaryBackupRule;
use super::server::{Cx, Out};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Monitor {
    pub(crate) view: View,
    /// Whether the primary has pinged with the number of this view.
    pub(crate) heard: bool,
    /// Whether the primary has said that its backup has the state, or that it has no backup.
    pub(crate) synced: bool,
    /// Intervals of silence of each server.
    pub(crate) silent: BTreeMap<NodeId, u32>,
    /// The newest view that each server was known to know.
    pub(crate) known: BTreeMap<NodeId, u64>,
    /// Servers with a role that seem to have lost their data. A delayed first ping looks the same,
    /// until the next one.
    pub(crate) lost: BTreeSet<NodeId>,
}

impl Monitor {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let view = disk.named.unwrap_or(cx.config.first_view());
        let mut because = out.because(PrimaryBackupRule::NameView);
        because.arm(Timer::Tick, cx.config.ping);
        if disk.named.is_none() {
            because.persist(Record::Named { view }).emit(Fact::Named { view });
        }
        Monitor {
            view,
            heard: false,
            synced: false,
            silent: cx.config.servers.iter().map(|server| (*server, 0)).collect(),
            known: BTreeMap::new(),
            lost: BTreeSet::new(),
        }
    }

    pub(crate) fn ping(&mut self, cx: &Cx<'_>, from: NodeId, view: u64, synced: bool, out: &mut Out) {
        self.silent.insert(from, 0);
        let known = self.known.insert(from, view).unwrap_or_default();
        if view == 0 && known > 0 && self.view.has(from) {
            out.because(PrimaryBackupRule::LostData).why(format_args!("{from} knew view {known}"));
            self.lost.insert(from);
        } else if view > 0 {
            self.lost.remove(&from);
        }
        if from == self.view.primary && view == self.view.number {
            out.because(PrimaryBackupRule::HearPing).why(format_args!("{from} knows view {view}"));
            self.heard = true;
            self.synced = synced;
        }
        self.advance(cx, out);
        if !self.lost.contains(&from) {
            out.because(PrimaryBackupRule::TellView).send(from, Message::Name { view: self.view });
        }
    }

    pub(crate) fn tick(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let mut because = out.because(PrimaryBackupRule::CountSilence);
        because.arm(Timer::Tick, cx.config.ping);
        for silent in self.silent.values_mut() {
            *silent = silent.saturating_add(1);
        }
        self.advance(cx, out);
    }

    fn is_alive(&self, cx: &Cx<'_>, server: NodeId) -> bool {
        let silent = self.silent.get(&server).copied().unwrap_or_default();
        !self.lost.contains(&server) && !cx.config.is_dead(silent)
    }

    /// A server without a role, to be the next backup.
    fn spare(&self, cx: &Cx<'_>) -> Option<NodeId> {
        let mut spares = cx.config.servers.iter().copied();
        spares.find(|server| !self.view.has(*server) && self.is_alive(cx, *server))
    }

    /// Names the next view, if there is a reason to and it may.
    fn advance(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let View { number, primary, backup } = self.view;
        let (living, spare) = (backup.filter(|backup| self.is_alive(cx, *backup)), self.spare(cx));
        if !self.is_alive(cx, primary) {
            let Some(living) = living else {
                out.because(PrimaryBackupRule::NoBackup).why(format_args!("{primary} is silent"));
                return;
            };
            match cx.rules.may_promote(self.heard, self.synced) {
                Refuse(rule) => {
                    out.because(rule).why(format_args!("{primary} is silent, and {living} is not to follow it"));
                }
                Allow(rule) => self.name(View { number: number + 1, primary: living, backup: spare }, rule, out),
            }
        } else if living.is_none() && (backup.is_some() || spare.is_some()) {
            match cx.rules.may_name(self.heard) {
                Refuse(rule) => {
                    out.because(rule).why(format_args!("{primary} does not know view {number}"));
                }
                Allow(rule) => self.name(View { number: number + 1, primary, backup: spare }, rule, out),
            }
        }
    }

    fn name(&mut self, view: View, rule: PrimaryBackupRule, out: &mut Out) {
        debug_assert!(view.backup != Some(view.primary), "{view:?} has one server in two roles");
        self.view = view;
        (self.heard, self.synced) = (false, false);
        self.lost.retain(|server| view.has(*server));
        let mut because = out.because(rule);
        because.persist(Record::Named { view }).emit(Fact::Named { view });
        for server in [Some(view.primary), view.backup].into_iter().flatten() {
            because.send(server, Message::Name { view });
        }
    }
}
