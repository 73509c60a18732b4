//! Symbolic seals: signatures that only their owner can make.

use quorate_protocol::{Context, Machine, NodeId, Permutation, Permute};
use serde::{Deserialize, Serialize};

/// A body, and the key that sealed it.
///
/// A machine makes seals with its own key alone, because the key comes from its [`Context`]: a liar
/// can say anything under its own seal, can send on what others have sealed, and can send claims
/// for others that lack their seal. So a body names its author ([`Claims`]), and a receiver
/// compares author and key. Digital signatures have this property unless they are broken (Castro
/// and Liskov 1999 §2).
///
/// ```
/// use quorate_byzantine::{Claims, Sealed};
/// use quorate_protocol::NodeId;
/// # use quorate_byzantine::pbft::{Pbft, Settings};
/// # use quorate_protocol::Constants;
///
/// #[derive(Debug)]
/// struct Vote { of: NodeId }
///
/// impl Claims for Vote {
///     fn claimed(&self) -> NodeId { self.of }
/// }
///
/// # let config = Settings::new((0..4).map(NodeId), [NodeId(4)]).build().unwrap();
/// # let constants = Constants::<Pbft>::new(config);
/// let liar = constants.of(NodeId(3), ());
/// assert!(Sealed::new(&liar, Vote { of: NodeId(3) }).is_genuine());
/// assert!(!Sealed::new(&liar, Vote { of: NodeId(1) }).is_genuine());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Sealed<T> {
    by: NodeId,
    body: T,
}

impl<T> Sealed<T> {
    /// Seals a body with the key of this node.
    pub fn new<M: Machine>(cx: &Context<'_, M>, body: T) -> Self {
        Sealed { by: cx.me, body }
    }

    /// The node whose key made the seal.
    pub fn by(&self) -> NodeId {
        self.by
    }

    /// The sealed body.
    pub fn body(&self) -> &T {
        &self.body
    }
}

impl<T: Claims> Sealed<T> {
    /// The node that the body claims to come from.
    pub fn claimed(&self) -> NodeId {
        self.body.claimed()
    }

    /// Whether the seal was made with the key of the node that the body claims to come from.
    pub fn is_genuine(&self) -> bool {
        self.by == self.claimed()
    }
}

impl<T: Permute> Permute for Sealed<T> {
    fn permuted(&self, by: &Permutation) -> Self {
        Sealed { by: self.by.permuted(by), body: self.body.permuted(by) }
    }
}

/// A body that names its author.
pub trait Claims {
    /// The node that it claims to come from.
    fn claimed(&self) -> NodeId;
}
