//! The decisions of a primary with a backup.

use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::config::Mode;
use super::rules::PrimaryBackupRule;

quorate_protocol::rulebook! {
    /// Rulebook of a primary with a backup. [`BY_THE_BOOK`] is the protocol.
    pub struct Rulebook;

    /// Alsberg and Day 1976 §3: whether the primary may acknowledge a write. It has `confirmed`
    /// that its backup stored it, or `suspects` the backup, by its own clock, to be dead.
    fn may_ack(mode: Mode, has_backup: bool, confirmed: bool, suspects: bool) -> Ruling<PrimaryBackupRule> {
        _ = suspects;
        match mode {
            Mode::Asynchronous => Allow(PrimaryBackupRule::AckAtOnce),
            Mode::Synchronous if !has_backup => Allow(PrimaryBackupRule::AckAlone),
            Mode::Synchronous if confirmed => Allow(PrimaryBackupRule::AckStored),
            Mode::Synchronous => Refuse(PrimaryBackupRule::WaitForBackup),
        }
    }

    /// Budhiraja 1993 §8.2: whether a read may show what it found: the backup has `confirmed` the
    /// view and all that is shown. Or the primary `gave_up` waiting for a write.
    fn visible_when(mode: Mode, has_backup: bool, confirmed: bool, gave_up: bool) -> Ruling<PrimaryBackupRule> {
        _ = gave_up;
        match mode {
            Mode::Asynchronous => Allow(PrimaryBackupRule::ReadHere),
            Mode::Synchronous if !has_backup => Allow(PrimaryBackupRule::ReadAlone),
            Mode::Synchronous if confirmed => Allow(PrimaryBackupRule::ReadConfirmed),
            Mode::Synchronous => Refuse(PrimaryBackupRule::ReadWaits),
        }
    }

    /// DSLabs §2: whether an answer counts that was given in another server's view.
    fn counts(view: u64, answered_in: u64) -> Ruling<PrimaryBackupRule> {
        if answered_in == view { Allow(PrimaryBackupRule::CountStored) } else { Refuse(PrimaryBackupRule::OtherView) }
    }

    /// Alsberg and Day 1976 §3: the number of writes that a primary takes for stored by its backup
    /// when it restarts with `number` writes on its own disk.
    fn recover(number: u64) -> Option<u64> {
        _ = number;
        None
    }

    /// DSLabs §2: whether a server that boots goes on in its office. Without data it `knows` no
    /// view.
    fn boot_as_primary(knows: bool) -> Ruling<PrimaryBackupRule> {
        if knows { Allow(PrimaryBackupRule::Resume) } else { Refuse(PrimaryBackupRule::NoData) }
    }

    /// DSLabs §2: whether a server follows a view.
    fn admits_view(known: u64, named: u64) -> Ruling<PrimaryBackupRule> {
        if named > known { Allow(PrimaryBackupRule::AdoptView) } else { Refuse(PrimaryBackupRule::OldView) }
    }

    /// Alsberg and Day 1976 §3: whether a backup takes a state of `offered` writes.
    fn takes_state(synced: bool, held: u64, offered: u64) -> Ruling<PrimaryBackupRule> {
        if synced && offered < held {
            Refuse(PrimaryBackupRule::OlderState)
        } else {
            Allow(PrimaryBackupRule::TakeState)
        }
    }

    /// Budhiraja 1993 §8.2: whether a backup with `held` writes stores the one of a number.
    fn stores(synced: bool, held: u64, number: u64) -> Ruling<PrimaryBackupRule> {
        if !synced || number > held + 1 {
            Refuse(PrimaryBackupRule::Gap)
        } else if number <= held {
            Refuse(PrimaryBackupRule::HasWrite)
        } else {
            Allow(PrimaryBackupRule::Store)
        }
    }

    /// RIFL §3: whether a write is carried out, given the newest one of its client.
    fn begins(newest: Option<u64>, number: u64) -> Ruling<PrimaryBackupRule> {
        match newest {
            Some(newest) if newest == number => Refuse(PrimaryBackupRule::Repeated),
            Some(newest) if newest > number => Refuse(PrimaryBackupRule::Overtaken),
            _ => Allow(PrimaryBackupRule::Apply),
        }
    }

    /// DSLabs §2: whether the monitor may name a view after this one.
    fn may_name(heard: bool) -> Ruling<PrimaryBackupRule> {
        if heard { Allow(PrimaryBackupRule::NameView) } else { Refuse(PrimaryBackupRule::ViewNotHeard) }
    }

    /// Budhiraja 1993 §8.2: whether the monitor may promote the backup of this view: the primary
    /// has `heard` of the view, and said that the backup is `synced`.
    fn may_promote(heard: bool, synced: bool) -> Ruling<PrimaryBackupRule> {
        if heard && synced { Allow(PrimaryBackupRule::Promote) } else { Refuse(PrimaryBackupRule::NotSynced) }
    }
}
