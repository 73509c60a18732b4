//! The exercise on sealed tokens: the trait that the learner implements, and the loop that answers
//! the grader's questions about it.

use std::marker::PhantomData;

pub use quorate_byzantine::{Claims, Sealed};
use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::network::{given, told};
use crate::serve::Answers;
use crate::wire::Question;

/// Body of a sealed token: what it says of itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// Lock server that it claims to come from.
    pub server: NodeId,
    /// Resource that may be written to.
    pub resource: NodeId,
    /// Token: later grants have higher ones.
    pub token: u64,
}

impl Claims for Grant {
    fn claimed(&self) -> NodeId {
        self.server
    }
}

/// Fence of a resource that does not trust its writers.
pub trait Fence: 'static {
    /// Whether `resource` admits a write that shows this token. It trusts `server` alone; `highest`
    /// is the highest token that it has admitted.
    fn admits(server: NodeId, resource: NodeId, highest: Option<u64>, shown: &Sealed<Grant>) -> bool;
}

/// Hands in resources with this fence.
pub fn sealed_token<T: Fence>() -> impl Answers {
    SealedToken::<T>(PhantomData)
}

struct SealedToken<T>(PhantomData<T>);

impl<T: Fence> Answers for SealedToken<T> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        if question.what != "admits" {
            return None;
        }
        let (server, resource, highest, shown): (NodeId, NodeId, Option<u64>, Sealed<Grant>) = given(question)?;
        told(&T::admits(server, resource, highest, &shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Trusting;

    impl Fence for Trusting {
        fn admits(server: NodeId, resource: NodeId, highest: Option<u64>, shown: &Sealed<Grant>) -> bool {
            shown.by() == server && shown.body().resource == resource && highest < Some(shown.body().token)
        }
    }

    #[test]
    fn a_question_about_a_token_is_answered_and_another_one_is_not() {
        let mut answers = sealed_token::<Trusting>();
        let mut ask = |what: &str, seal: u32| {
            let given = format!(r#"[0,1,4,{{"by":{seal},"body":{{"server":0,"resource":1,"token":5}}}}]"#);
            answers.answer(&Question { number: 1, state: 0, from: None, gone: "-", what, given: &given })
        };
        assert_eq!(ask("admits", 0).as_deref(), Some("true"));
        assert_eq!(ask("admits", 3).as_deref(), Some("false"));
        assert_eq!(ask("refuses", 0), None);
    }
}
