//! A server, as the balancer knows it.

use serde::Serialize;

use super::super::message::{Cause, Standing};

/// A balancer's opinion of a server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Health {
    /// It is sent to.
    Healthy,
    /// It does not answer: a guess.
    TakenForDead,
    /// It was reported down: knowledge.
    ReportedDown,
    /// It has announced its absence, and nothing more is sent.
    Leaving,
}

/// State of a server, as the balancer knows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Peer {
    pub(super) standing: Standing,
    pub(super) missed: u32,
    /// Whether the last probe is answered.
    pub(super) answered: bool,
    /// Whether it is taken for dead.
    pub(super) is_dead: bool,
    /// A report that it is down, with the round of probes in which it came.
    pub(super) down: Option<(Cause, u64)>,
    /// Whether its absence is granted.
    pub(super) may_leave: bool,
}

impl Peer {
    pub(super) fn health(&self) -> Health {
        match self {
            Peer { down: Some(_), .. } => Health::ReportedDown,
            Peer { may_leave: true, .. } => Health::Leaving,
            Peer { is_dead: true, .. } => Health::TakenForDead,
            _ => Health::Healthy,
        }
    }
}
