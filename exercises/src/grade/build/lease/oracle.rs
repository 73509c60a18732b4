//! Invariants over the messages, facts and replies of lease machines, on true time, which no node
//! knows.
//!
//! The oracle sees requests, grants, acts and releases, with their times. That is enough to detect
//! two primaries at one instant; and also, long before that happens, a holder that counts too long
//! or a granter that counts too short: whatever the clocks, there is an instant by which a holder
//! must have stopped, and before which a granter must not grant the lease to another.

use std::collections::BTreeMap;

use quorate_lease::{Config, Fact, LeaseId, Loss, Message, Mode, Reply, Token};
use quorate_protocol::{Duration, Effect, Invariant, InvariantViolation, NodeId, StepView, Time, nanos};

use super::LeaseMachine;

/// Public record of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    granter: NodeId,
    /// Minimum true duration of a granter's term, on the fastest clock within the bound.
    shortest: Duration,
    /// True time of each holder's request, by holder and its clock reading in the request.
    asked: BTreeMap<(NodeId, Time), Time>,
    grants: BTreeMap<Token, Grant>,
    /// Latest primary: its token, its node, and the time since when.
    latest_primary: Option<(Token, NodeId, Time)>,
    highest: Option<Token>,
    /// Times of the latest act and of the latest accepted write.
    acted: Option<Time>,
    written: Option<Time>,
    messages: u64,
    messages_max: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Grant {
    holder: NodeId,
    /// True time of the grant or of its latest renewal.
    at: Time,
    /// True time of the holder's request for the latest renewal.
    asked: Option<Time>,
    /// True time of the release, if the lease has not been granted again on a later request since.
    over: Option<Time>,
    /// Whether it was renewed.
    renewed: bool,
}

impl Oracle {
    pub(super) fn new(config: &Config, messages_max: u64) -> Self {
        let fastest = 1_000_000 + u128::from(config.terms.drift().ppm());
        let shortest = u128::from(nanos(config.terms.granter())) * 1_000_000 / fastest;
        Oracle {
            granter: config.granter,
            shortest: Duration::from_nanos(u64::try_from(shortest).unwrap_or(u64::MAX)),
            asked: BTreeMap::new(),
            grants: BTreeMap::new(),
            latest_primary: None,
            highest: None,
            acted: None,
            written: None,
            messages: 0,
            messages_max,
        }
    }

    /// Whether a node has acted since that time, the latest grant was renewed, and a write has been
    /// accepted at some time.
    pub(super) fn is_alive(&self, since: Time) -> bool {
        let renewed =
            self.latest_primary.is_some_and(|(token, ..)| self.grants.get(&token).is_some_and(|grant| grant.renewed));
        renewed && self.acted > Some(since) && self.written.is_some()
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    pub(super) fn message(
        &mut self,
        node: NodeId,
        at: Time,
        to: NodeId,
        message: &Message,
    ) -> Result<(), InvariantViolation> {
        self.messages += 1;
        if self.messages > self.messages_max {
            let (sent, max) = (self.messages, self.messages_max);
            let detail = format!("{sent} messages were sent in this run, and the maximum is {max}");
            return Err(InvariantViolation::new("TooManyMessages", detail));
        }
        match message {
            Message::Heartbeat { sent } => {
                self.asked.entry((node, *sent)).or_insert(at);
                Ok(())
            }
            Message::Granted { lease: LeaseId::Primary, token, sent } => {
                self.granted(node, at, to, *token)?;
                let asked = self.asked.get(&(to, *sent)).copied();
                if let Some(grant) = self.grants.get_mut(token) {
                    grant.asked = grant.asked.max(asked);
                    // A holder whose release is still in flight may ask again, and get the same
                    // grant.
                    grant.over = grant.over.filter(|&over| asked <= Some(over));
                }
                Ok(())
            }
            Message::Release { token, .. } => {
                self.ends(node, at, *token);
                Ok(())
            }
            Message::Write { sequencer, .. } if sequencer.mode == Mode::Exclusive => {
                self.holds_grant(node, sequencer.token, "writes")
            }
            _ => Ok(()),
        }
    }

    fn granted(&mut self, node: NodeId, at: Time, holder: NodeId, token: Token) -> Result<(), InvariantViolation> {
        if node != self.granter {
            return Err(InvariantViolation::new(
                "GrantsAreInOrder",
                format!("{node} grants {token}, but it is not a granter"),
            ));
        }
        if let Some(grant) = self.grants.get_mut(&token) {
            if grant.holder != holder {
                let detail = format!("{token} was granted to {}, and now to {holder}, too", grant.holder);
                return Err(InvariantViolation::new("GrantsAreInOrder", detail));
            }
            grant.renewed |= at > grant.at;
            grant.at = at;
            return Ok(());
        }
        if let Some((last, grant)) = self.grants.last_key_value() {
            if token < *last {
                let detail = format!("{token} is granted to {holder} after {last}, but tokens must increase");
                return Err(InvariantViolation::new("GrantsAreInOrder", detail));
            }
            if grant.holder != holder && grant.over.is_none() && at.since(grant.at) + ROUNDING < self.shortest {
                let (other, before) = (grant.holder, at.since(grant.at));
                let detail = format!(
                    "{node} grants {token} to {holder}, although it granted or renewed {last} to {other} only {before:?} ago"
                );
                return Err(InvariantViolation::new("GrantsBindTheirGranter", detail));
            }
        }
        self.grants.insert(token, Grant { holder, at, asked: None, over: None, renewed: false });
        Ok(())
    }

    fn ends(&mut self, node: NodeId, at: Time, token: Token) {
        if let Some(grant) = self.grants.get_mut(&token).filter(|grant| grant.holder == node) {
            grant.over = Some(at);
        }
    }

    fn holds_grant(&self, node: NodeId, token: Token, verb: &str) -> Result<(), InvariantViolation> {
        if self.grants.get(&token).is_some_and(|grant| grant.holder == node) {
            return Ok(());
        }
        Err(InvariantViolation::new(
            "ActsUnderAGrant",
            format!("{node} {verb} under {token}, which was never granted to it"),
        ))
    }

    /// Checks that a node that behaves as primary is within its term, and that no other node is
    /// primary under a later grant.
    pub(super) fn check_primary(
        &mut self,
        node: NodeId,
        at: Time,
        token: Token,
        verb: &str,
    ) -> Result<(), InvariantViolation> {
        self.holds_grant(node, token, verb)?;
        let grant = &self.grants[&token];
        if grant.over.is_some() {
            let detail = format!("{node} {verb} under {token}, which it has released");
            return Err(InvariantViolation::new("AtMostOnePrimary", detail));
        }
        if let Some((newest, other, since)) =
            self.latest_primary.filter(|(newest, other, _)| *newest > token && *other != node)
        {
            let detail =
                format!("{node} {verb} under {token}, but {other} has been primary under {newest} since {since}");
            return Err(InvariantViolation::new("AtMostOnePrimary", detail));
        }
        // Upper bound of the true time of its request.
        let counted = at.since(grant.asked.unwrap_or(grant.at));
        if counted > self.shortest + ROUNDING {
            let detail = format!(
                "{node} {verb} under {token}, {counted:?} after the request of its latest grant, which is too late"
            );
            return Err(InvariantViolation::new("TermsEndInTime", detail));
        }
        if self.latest_primary.is_none_or(|(newest, ..)| newest < token) {
            self.latest_primary = Some((token, node, at));
        }
        Ok(())
    }

    fn fact(&mut self, node: NodeId, at: Time, fact: &Fact) -> Result<(), InvariantViolation> {
        match fact {
            Fact::LeaseHeld { lease: LeaseId::Primary, token, .. } => {
                self.check_primary(node, at, *token, "takes the lease")
            }
            Fact::Acted { lease: LeaseId::Primary, token } => {
                self.check_primary(node, at, *token, "acts")?;
                self.acted = Some(at);
                Ok(())
            }
            Fact::LeaseLost { lease: LeaseId::Primary, token, reason: Loss::Released } => {
                self.ends(node, at, *token);
                Ok(())
            }
            Fact::WriteAccepted { token, .. } => self.accepts(node, at, *token),
            _ => Ok(()),
        }
    }

    fn accepts(&mut self, node: NodeId, at: Time, token: Token) -> Result<(), InvariantViolation> {
        if !self.grants.contains_key(&token) {
            let detail = format!("{node} accepted a write under {token}, which was never granted");
            return Err(InvariantViolation::new("TokensNeverDecrease", detail));
        }
        if let Some(highest) = self.highest.filter(|highest| *highest > token) {
            let detail = format!("{node} accepted a write under {token} after one under {highest}");
            return Err(InvariantViolation::new("TokensNeverDecrease", detail));
        }
        (self.highest, self.written) = (Some(token), Some(at));
        Ok(())
    }

    fn reply(&mut self, node: NodeId, at: Time, reply: &Reply) -> Result<(), InvariantViolation> {
        match reply {
            Reply::Acted { token } => self.check_primary(node, at, *token, "reports that it acts"),
            Reply::Written { token } if self.highest < Some(*token) => {
                let detail = format!("{node} reports a write under {token}, but no resource accepted it");
                Err(InvariantViolation::new("AnswersAreTrue", detail))
            }
            _ => Ok(()),
        }
    }
}

/// Tolerance for the rounding of clocks and terms.
const ROUNDING: Duration = Duration::from_micros(1);

impl<M: LeaseMachine> Invariant<M> for Oracle {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let (node, at) = (seen.node, seen.at);
        for effect in seen.out.effects() {
            match effect {
                Effect::Emit(fact) => self.fact(node, at, fact)?,
                Effect::Send { to, message } => self.message(node, at, *to, message)?,
                Effect::Reply { reply, .. } => self.reply(node, at, reply)?,
                Effect::Persist(_) | Effect::Arm { .. } | Effect::Disarm(_) => {}
            }
        }
        Ok(())
    }
}
