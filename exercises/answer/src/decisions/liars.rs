//! Wire forms of the arguments and results of the decisions about liars, which a learner's process
//! answers and the grader's process asks for. Each protocol has a rulebook of its own.

use quorate_byzantine::generals::Order;
use quorate_byzantine::pbft::Digest;

use crate::wire::is_wire_form;

is_wire_form!(Digest, Order);

/// Rulebook of oral messages.
pub mod generals {
    use quorate_byzantine::generals::{GeneralsRule, Order};
    use quorate_protocol::{NodeId, Ruling};

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::generals_decisions!(declare);
}

/// Rulebook of reliable broadcast.
pub mod broadcast {
    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::broadcast_decisions!(declare);
}

/// Rulebook of PBFT.
pub mod pbft {
    use quorate_byzantine::pbft::{Digest, PbftRule};
    use quorate_protocol::{NodeId, Ruling};

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::pbft_decisions!(declare);
}

#[cfg(test)]
mod tests {
    use quorate_byzantine::pbft::Request;
    use quorate_protocol::{ClientId, NodeId, RequestId};

    use super::*;
    use crate::wire::WireForm;

    /// The null request is written as nothing, which is not the same as no proposal.
    #[test]
    fn a_digest_of_the_null_request_is_there_all_the_same() {
        let ticket = RequestId { client: ClientId(1), number: 3 };
        let request = Digest(Some(Request { ticket, amount: -7, proxy: NodeId(4) }));
        for digest in [None, Some(Digest(None)), Some(request)] {
            let json = serde_json::to_string(&digest.to_wire()).unwrap();
            let form = serde_json::from_str(&json).unwrap();
            assert_eq!(Option::<Digest>::from_wire(form), Some(digest), "{json}");
        }
    }
}
