//! A primary lease as those see it who ask its holders: one grant after the other.

use std::collections::BTreeSet;

use quorate_lab::linearizability::Model;
use quorate_lease::majority::{self, MajorityLease};
use quorate_lease::{Command, Lease, Reply, Token};
use quorate_protocol::Variant;

use crate::experiments::contract::Contract;

/// One granter: who acts, acts under the newest grant; who writes, writes under one that is not
/// below any that has written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseAnswers;

impl<M: Variant<Reference = Lease>> Contract<M> for LeaseAnswers {
    type Object = Holding;

    fn object() -> Holding {
        Holding { ordered: true }
    }

    fn operation(command: &Command) -> Option<Deed> {
        match command {
            Command::Act | Command::WorkAndAct => Some(Deed::Act),
            Command::Release { .. } => Some(Deed::Release),
            Command::Write { .. } => Some(Deed::Write),
            // Any number of nodes may serve, and under such a lease nobody writes.
            Command::Serve | Command::WriteShared { .. } => None,
        }
    }

    fn returned(_: &Command, reply: &Reply) -> Option<Outcome> {
        outcome(reply)
    }

    /// What was written is written once. A refusal is about the attempt that it answers: another may have been made under
    /// another grant, and be written yet, or have been written while the refusal was on its way. But a resource that has accepted
    /// a later grant since remembers what it has written.
    fn may_differ(deed: &Deed, before: &Outcome, returned: &Outcome) -> bool {
        let late = |token: &Token| matches!(returned, Outcome::Refused(highest) if *highest <= Some(*token));
        match before {
            _ if *deed != Deed::Write => true,
            Outcome::Refused(_) => true,
            Outcome::Under(token) => late(token),
        }
    }
}

/// A majority of acceptors: who acts, acts under one grant after the other. Which ballot comes next
/// is not told by its number, since acceptors that restart have forgotten all ballots.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MajorityAnswers;

impl Contract<MajorityLease> for MajorityAnswers {
    type Object = Holding;

    fn object() -> Holding {
        Holding { ordered: false }
    }

    fn operation(command: &majority::Command) -> Option<Deed> {
        Some(match command {
            majority::Command::Act => Deed::Act,
            majority::Command::Release => Deed::Release,
        })
    }

    fn returned(_: &majority::Command, reply: &Reply) -> Option<Outcome> {
        outcome(reply)
    }

    fn may_differ(_: &Deed, _: &Outcome, _: &Outcome) -> bool {
        true
    }
}

fn outcome(reply: &Reply) -> Option<Outcome> {
    match reply {
        Reply::Acted { token } | Reply::Written { token } | Reply::Released { token } => Some(Outcome::Under(*token)),
        Reply::WriteRefused { highest } => Some(Outcome::Refused(*highest)),
        Reply::Served | Reply::NotHeld { .. } | Reply::NoResource | Reply::NotAHolder => None,
    }
}

/// A primary lease, and a resource that is written to by its holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holding {
    /// Whether a later grant has a higher token. Then one that was given back may come back: a holder that restarts has forgotten
    /// its release, and a granter that has not heard of it renews the same grant. A majority makes a new one.
    pub ordered: bool,
}

/// What a holder is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// To act.
    Act,
    /// To give the lease back.
    Release,
    /// To write to the resource.
    Write,
}

/// What it says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Done, under this grant.
    Under(Token),
    /// The resource has refused it, and has accepted this grant.
    Refused(Option<Token>),
}

/// Two objects: grants act at one time, and their writes arrive at another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Object {
    /// The lease.
    Primary,
    /// The resource.
    Resource,
}

/// The grants so far.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Reigns {
    /// The newest that was seen; at the resource, the highest.
    newest: Option<Token>,
    /// Whether it was given back.
    over: bool,
    /// Those before it, where their numbers do not tell.
    past: BTreeSet<Token>,
}

impl Holding {
    fn under(self, reigns: &Reigns, token: Token, over: bool) -> Option<Reigns> {
        let Reigns { newest, over: was_over, past } = reigns;
        if *newest == Some(token) {
            return (self.ordered || !was_over).then(|| Reigns { over, ..reigns.clone() });
        }
        let follows = if self.ordered { Some(token) > *newest } else { !past.contains(&token) };
        let past = || past.iter().copied().chain(newest.filter(|_| !self.ordered)).collect();
        follows.then(|| Reigns { newest: Some(token), over, past: past() })
    }
}

impl Model for Holding {
    const NAME: &'static str = "lease";
    type Op = Deed;
    type Return = Outcome;
    type State = Reigns;
    type Key = Object;

    fn key(&self, deed: &Deed) -> Object {
        match deed {
            Deed::Act | Deed::Release => Object::Primary,
            Deed::Write => Object::Resource,
        }
    }

    fn initial(&self, _: &Object) -> Reigns {
        Reigns::default()
    }

    fn apply(&self, reigns: &Reigns, deed: &Deed, told: Option<&Outcome>) -> Option<Reigns> {
        let highest = |highest: Option<Token>| {
            (highest >= reigns.newest).then(|| Reigns { newest: highest, ..Reigns::default() })
        };
        match (deed, told) {
            (_, None) => Some(reigns.clone()),
            (Deed::Act, Some(Outcome::Under(token))) => self.under(reigns, *token, false),
            (Deed::Release, Some(Outcome::Under(token))) => self.under(reigns, *token, true),
            (Deed::Write, Some(Outcome::Under(token))) => highest(Some(*token)),
            (Deed::Write, Some(Outcome::Refused(accepted))) => highest(*accepted),
            (Deed::Act | Deed::Release, Some(Outcome::Refused(_))) => None,
        }
    }

    /// A deed of which nobody knows under which grant it was done says nothing of the others.
    fn only_reads(&self, _: &Deed, told: Option<&Outcome>) -> bool {
        told.is_none()
    }

    fn words(&self, deed: &Deed, told: Option<&Outcome>) -> String {
        let deed = match deed {
            Deed::Act => "act",
            Deed::Release => "release",
            Deed::Write => "write",
        };
        match told {
            Some(Outcome::Under(token)) => format!("{deed} → done under {token}"),
            Some(Outcome::Refused(Some(token))) => format!("{deed} → refused for {token}"),
            Some(Outcome::Refused(None)) => format!("{deed} → refused"),
            None => deed.to_owned(),
        }
    }

    fn show(&self, reigns: &Reigns) -> String {
        match (reigns.newest, reigns.over) {
            (Some(token), false) => token.to_string(),
            (Some(token), true) => format!("{token}, given back"),
            (None, _) => "no grant".to_owned(),
        }
    }
}
