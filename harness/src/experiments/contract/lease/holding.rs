//! Client contract of a primary lease: grants follow one another.

use std::collections::BTreeSet;

use quorate_lab::linearizability::Model;
use quorate_lease::majority::{self, MajorityLease};
use quorate_lease::{Command, Lease, Reply, Token};
use quorate_protocol::Variant;

use crate::experiments::contract::Contract;

/// Contract of a single granter: each act is under the newest grant, and no write is under a token
/// below that of an earlier write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseAnswers;

impl<M: Variant<Reference = Lease>> Contract<M> for LeaseAnswers {
    type Object = Holding;

    fn object() -> Holding {
        Holding { ordered: true }
    }

    fn operation(command: &Command) -> Option<HoldingOp> {
        match command {
            Command::Act | Command::WorkAndAct => Some(HoldingOp::Act),
            Command::Release { .. } => Some(HoldingOp::Release),
            Command::Write { .. } => Some(HoldingOp::Write),
            // Any number of nodes may serve under a shared lease, and no one writes under it.
            Command::Serve | Command::WriteShared { .. } => None,
        }
    }

    fn returned(_: &Command, reply: &Reply) -> Option<Outcome> {
        outcome(reply)
    }

    /// A write takes effect once. A refusal concerns only the attempt that it answers: another
    /// attempt may have been made under another grant and may yet be written, or may have been
    /// written while the refusal was in flight. But a resource that has accepted a later grant
    /// since remembers what it has written.
    fn may_differ(op: &HoldingOp, before: &Outcome, returned: &Outcome) -> bool {
        let late = |token: &Token| matches!(returned, Outcome::Refused(highest) if *highest <= Some(*token));
        match before {
            _ if *op != HoldingOp::Write => true,
            Outcome::Refused(_) => true,
            Outcome::Under(token) => late(token),
        }
    }
}

/// Contract of a majority of acceptors: acts are under one grant after another. Ballot numbers do
/// not give the order of grants, since restarted acceptors have forgotten all ballots.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MajorityAnswers;

impl Contract<MajorityLease> for MajorityAnswers {
    type Object = Holding;

    fn object() -> Holding {
        Holding { ordered: false }
    }

    fn operation(command: &majority::Command) -> Option<HoldingOp> {
        Some(match command {
            majority::Command::Act => HoldingOp::Act,
            majority::Command::Release => HoldingOp::Release,
        })
    }

    fn returned(_: &majority::Command, reply: &Reply) -> Option<Outcome> {
        outcome(reply)
    }

    fn may_differ(_: &HoldingOp, _: &Outcome, _: &Outcome) -> bool {
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

/// Model: a primary lease, and a resource written by its holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holding {
    /// Whether a later grant has a higher token. If so, a released grant may come back: a holder
    /// that restarts has forgotten its release, and a granter that has not received it renews the
    /// same grant. A majority makes a new grant.
    pub ordered: bool,
}

/// Operation on a holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HoldingOp {
    /// Act as primary.
    Act,
    /// Release the lease.
    Release,
    /// Write to the resource.
    Write,
}

/// Result of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Done, under this grant.
    Under(Token),
    /// Refused by the resource, which has accepted this grant.
    Refused(Option<Token>),
}

/// Key of the model. Two objects, because a grant acts at one time and its write arrives at
/// another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Object {
    /// Lease.
    Primary,
    /// Resource.
    Resource,
}

/// Grants seen so far.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct GrantHistory {
    /// Newest grant seen; for the resource, the highest.
    newest: Option<Token>,
    /// Whether the newest grant was released.
    over: bool,
    /// Earlier grants, where tokens do not order them.
    past: BTreeSet<Token>,
}

impl Holding {
    fn under(self, grants: &GrantHistory, token: Token, over: bool) -> Option<GrantHistory> {
        let GrantHistory { newest, over: was_over, past } = grants;
        if *newest == Some(token) {
            return (self.ordered || !was_over).then(|| GrantHistory { over, ..grants.clone() });
        }
        let follows = if self.ordered { Some(token) > *newest } else { !past.contains(&token) };
        let past = || past.iter().copied().chain(newest.filter(|_| !self.ordered)).collect();
        follows.then(|| GrantHistory { newest: Some(token), over, past: past() })
    }
}

impl Model for Holding {
    const NAME: &'static str = "lease";
    type Op = HoldingOp;
    type Return = Outcome;
    type State = GrantHistory;
    type Key = Object;

    fn key(&self, op: &HoldingOp) -> Object {
        match op {
            HoldingOp::Act | HoldingOp::Release => Object::Primary,
            HoldingOp::Write => Object::Resource,
        }
    }

    fn initial(&self, _: &Object) -> GrantHistory {
        GrantHistory::default()
    }

    fn apply(&self, grants: &GrantHistory, op: &HoldingOp, returned: Option<&Outcome>) -> Option<GrantHistory> {
        let highest = |highest: Option<Token>| {
            (highest >= grants.newest).then(|| GrantHistory { newest: highest, ..GrantHistory::default() })
        };
        match (op, returned) {
            (_, None) => Some(grants.clone()),
            (HoldingOp::Act, Some(Outcome::Under(token))) => self.under(grants, *token, false),
            (HoldingOp::Release, Some(Outcome::Under(token))) => self.under(grants, *token, true),
            (HoldingOp::Write, Some(Outcome::Under(token))) => highest(Some(*token)),
            (HoldingOp::Write, Some(Outcome::Refused(accepted))) => highest(*accepted),
            (HoldingOp::Act | HoldingOp::Release, Some(Outcome::Refused(_))) => None,
        }
    }

    /// An operation whose grant is unknown does not constrain the others.
    fn only_reads(&self, _: &HoldingOp, returned: Option<&Outcome>) -> bool {
        returned.is_none()
    }

    fn words(&self, op: &HoldingOp, returned: Option<&Outcome>) -> String {
        let op = match op {
            HoldingOp::Act => "act",
            HoldingOp::Release => "release",
            HoldingOp::Write => "write",
        };
        match returned {
            Some(Outcome::Under(token)) => format!("{op} → done under {token}"),
            Some(Outcome::Refused(Some(token))) => format!("{op} → refused for {token}"),
            Some(Outcome::Refused(None)) => format!("{op} → refused"),
            None => op.to_owned(),
        }
    }

    fn show(&self, grants: &GrantHistory) -> String {
        match (grants.newest, grants.over) {
            (Some(token), false) => token.to_string(),
            (Some(token), true) => format!("{token}, released"),
            (None, _) => "no grant".to_owned(),
        }
    }
}
