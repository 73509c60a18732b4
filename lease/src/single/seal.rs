//! The granter's seal on a grant: a symbolic signature, so that a resource believes no token which
//! a holder has made up.
//!
//! A fence orders the writes of honest holders by numbers that they write themselves. A seal says
//! whose numbers they are: it names the node whose key made it, which is the node that makes it.
//! (Chubby §2.4: a sequencer is an opaque byte-string, so that its holder cannot make one.)

use std::fmt;

use quorate_protocol::{Context, Machine, NodeId};
use serde::{Deserialize, Serialize};

use crate::id::{LeaseId, Sequencer, Token};

/// A grant, and the node whose key has sealed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SealedGrant {
    by: NodeId,
    body: GrantBody,
}

/// The part of a grant that is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GrantBody {
    /// The lease.
    pub lease: LeaseId,
    /// The node that holds it.
    pub holder: NodeId,
    /// The grant.
    pub token: Token,
}

/// The reason why a write is not covered by its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Unsealed,
    SealedBy { by: NodeId, granter: NodeId },
    SealsOther(GrantBody),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Unsealed => f.write_str("the write carries no seal"),
            Flaw::SealedBy { by, granter } => write!(f, "the seal is that of {by}, not of {granter}"),
            Flaw::SealsOther(GrantBody { lease, holder, token }) => {
                write!(f, "the granter has sealed {token} of the lease {lease} for {holder}")
            }
        }
    }
}

impl SealedGrant {
    /// Seals a grant with the key of this node.
    pub fn new<M: Machine>(cx: &Context<'_, M>, body: GrantBody) -> Self {
        SealedGrant { by: cx.me, body }
    }

    /// The node whose key made the seal.
    pub fn by(&self) -> NodeId {
        self.by
    }

    /// The sealed grant.
    pub fn body(&self) -> &GrantBody {
        &self.body
    }

    /// The reason why a write with this seal, or without one, is not covered by a grant.
    pub(super) fn flaw(
        seal: Option<SealedGrant>,
        granter: NodeId,
        writer: NodeId,
        sequencer: Sequencer,
    ) -> Option<Flaw> {
        let Some(SealedGrant { by, body }) = seal else { return Some(Flaw::Unsealed) };
        let Sequencer { lease, token, .. } = sequencer;
        if by != granter {
            return Some(Flaw::SealedBy { by, granter });
        }
        (body != GrantBody { lease, holder: writer, token }).then_some(Flaw::SealsOther(body))
    }
}
