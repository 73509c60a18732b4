//! Client contract of a primary lease: grants follow one another.

use std::collections::BTreeSet;

use quorate_lab::linearizability::Model;
use quorate_lease::majority::{self, MajorityLease};
use quorate_lease::pushed::{self, Pushed};
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

    fn returned(_: &Command, reply: &Reply) -> Option<HoldingReturn> {
        outcome(reply)
    }

    fn may_differ(op: &HoldingOp, before: &HoldingReturn, returned: &HoldingReturn) -> bool {
        another_attempt_may_differ(op, before, returned)
    }
}

/// Contract of leases that are pushed one way: the grants of its issuer follow one another, and so
/// do the writes of the resource.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PushedAnswers;

impl Contract<Pushed> for PushedAnswers {
    type Object = Holding;

    fn object() -> Holding {
        Holding { ordered: true }
    }

    fn operation(command: &pushed::Command) -> Option<HoldingOp> {
        match command {
            pushed::Command::Act => Some(HoldingOp::Act),
            pushed::Command::Write { .. } => Some(HoldingOp::Write),
            // The answer says that the order is recorded, and nothing of a lease.
            pushed::Command::Appoint { .. } => None,
        }
    }

    fn returned(_: &pushed::Command, reply: &pushed::Reply) -> Option<HoldingReturn> {
        match reply {
            pushed::Reply::Acted { token } | pushed::Reply::Written { token } => Some(HoldingReturn::Under(*token)),
            pushed::Reply::WriteRefused { highest } => Some(HoldingReturn::Refused(*highest)),
            pushed::Reply::Appointed { .. }
            | pushed::Reply::Unknown { .. }
            | pushed::Reply::NotHeld
            | pushed::Reply::NoResource
            | pushed::Reply::NotMyRole => None,
        }
    }

    fn may_differ(op: &HoldingOp, before: &HoldingReturn, returned: &HoldingReturn) -> bool {
        another_attempt_may_differ(op, before, returned)
    }
}

/// A write takes effect once. A refusal concerns only the attempt that it answers: another attempt
/// may have been made under another grant and may yet be written, or may have been written while
/// the refusal was in flight. But a resource that has accepted a later grant since remembers what
/// it has written.
fn another_attempt_may_differ(op: &HoldingOp, before: &HoldingReturn, returned: &HoldingReturn) -> bool {
    let late = |token: &Token| matches!(returned, HoldingReturn::Refused(highest) if *highest <= Some(*token));
    match before {
        _ if *op != HoldingOp::Write => true,
        HoldingReturn::Refused(_) => true,
        HoldingReturn::Under(token) => late(token),
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

    fn returned(_: &majority::Command, reply: &Reply) -> Option<HoldingReturn> {
        outcome(reply)
    }

    fn may_differ(_: &HoldingOp, _: &HoldingReturn, _: &HoldingReturn) -> bool {
        true
    }
}

fn outcome(reply: &Reply) -> Option<HoldingReturn> {
    match reply {
        Reply::Acted { token } | Reply::Written { token } | Reply::Released { token } => {
            Some(HoldingReturn::Under(*token))
        }
        Reply::WriteRefused { highest } => Some(HoldingReturn::Refused(*highest)),
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
pub enum HoldingReturn {
    /// Done, under this grant.
    Under(Token),
    /// Refused by the resource, which has accepted this grant.
    Refused(Option<Token>),
}

/// Key of the model. Two objects, because a grant acts at one time and its write arrives at
/// another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HoldingObject {
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
    type Return = HoldingReturn;
    type State = GrantHistory;
    type Key = HoldingObject;

    fn key(&self, op: &HoldingOp) -> HoldingObject {
        match op {
            HoldingOp::Act | HoldingOp::Release => HoldingObject::Primary,
            HoldingOp::Write => HoldingObject::Resource,
        }
    }

    fn initial(&self, _: &HoldingObject) -> GrantHistory {
        GrantHistory::default()
    }

    fn apply(&self, grants: &GrantHistory, op: &HoldingOp, returned: Option<&HoldingReturn>) -> Option<GrantHistory> {
        let highest = |highest: Option<Token>| {
            (highest >= grants.newest).then(|| GrantHistory { newest: highest, ..GrantHistory::default() })
        };
        match (op, returned) {
            (_, None) => Some(grants.clone()),
            (HoldingOp::Act, Some(HoldingReturn::Under(token))) => self.under(grants, *token, false),
            (HoldingOp::Release, Some(HoldingReturn::Under(token))) => self.under(grants, *token, true),
            (HoldingOp::Write, Some(HoldingReturn::Under(token))) => highest(Some(*token)),
            (HoldingOp::Write, Some(HoldingReturn::Refused(accepted))) => highest(*accepted),
            (HoldingOp::Act | HoldingOp::Release, Some(HoldingReturn::Refused(_))) => None,
        }
    }

    /// An operation whose grant is unknown does not constrain the others.
    fn only_reads(&self, _: &HoldingOp, returned: Option<&HoldingReturn>) -> bool {
        returned.is_none()
    }

    fn words(&self, op: &HoldingOp, returned: Option<&HoldingReturn>) -> String {
        let op = match op {
            HoldingOp::Act => "act",
            HoldingOp::Release => "release",
            HoldingOp::Write => "write",
        };
        match returned {
            Some(HoldingReturn::Under(token)) => format!("{op} → done under {token}"),
            Some(HoldingReturn::Refused(Some(token))) => format!("{op} → refused for {token}"),
            Some(HoldingReturn::Refused(None)) => format!("{op} → refused"),
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
