//! Sequential specifications, against which concurrent histories are checked.

use std::fmt::Debug;
use std::hash::Hash;

/// The sequential specification of an object (Herlihy & Wing 1990, §2.2): the effect and result of
/// each operation when operations come one at a time.
///
/// It is deterministic: in a given state, an operation with a given result leads to one next state.
/// A nondeterministic object is specified by the *set* of states it may be in.
///
/// # Example: a counter
///
/// ```
/// use quorate_lab::linearizability::{ClientId, History, Limits, Model, Time, Verdict, check};
///
/// /// Adds, and returns the sum.
/// #[derive(Clone, Debug)]
/// struct Counter;
///
/// impl Model for Counter {
///     const NAME: &'static str = "counter";
///     type Op = u64;
///     type Return = u64;
///     type State = u64;
///     type Key = ();
///
///     fn key(&self, _: &u64) {}
///     fn initial(&self, _: &()) -> u64 { 0 }
///     fn apply(&self, sum: &u64, add: &u64, returned: Option<&u64>) -> Option<u64> {
///         let next = sum + add;
///         returned.is_none_or(|returned| *returned == next).then_some(next)
///     }
/// }
///
/// let mut history = History::<Counter>::new();
/// let ann = history.invoke(ClientId(0), 1, Time::from_millis(0))?;
/// let bob = history.invoke(ClientId(1), 1, Time::from_millis(1))?;
/// history.ok(ann, 2, Time::from_millis(2))?;
/// history.ok(bob, 1, Time::from_millis(3))?;
/// assert_eq!(check(&Counter, &history, Limits::default()).verdict, Verdict::Linearizable { order: vec![bob, ann] });
/// # Ok::<(), quorate_lab::linearizability::Misuse>(())
/// ```
pub trait Model: Clone + Debug {
    /// The model's name in history files.
    const NAME: &'static str;
    /// An operation, arguments included.
    type Op: Clone + Debug;
    /// The result of an operation.
    type Return: Clone + Debug;
    /// The object's state. It is copied once for every operation that is tried: keep it small.
    type State: Clone + Eq + Hash + Debug;
    /// The key of one of several independent objects in a history: `()` if there is only one.
    type Key: Clone + Ord + Debug;

    /// The object that an operation is for. Objects are checked one by one, which is exact because
    /// linearizability is a *local* property (Herlihy & Wing 1990, Theorem 1), and far quicker.
    fn key(&self, op: &Self::Op) -> Self::Key;

    /// The initial state of an object.
    fn initial(&self, key: &Self::Key) -> Self::State;

    /// The state after an operation, or `None` if in this state it would have returned something
    /// else.
    ///
    /// `returned` is `None` for an operation without a known answer: then any result is allowed.
    fn apply(&self, state: &Self::State, op: &Self::Op, returned: Option<&Self::Return>) -> Option<Self::State>;

    /// Whether an operation with this result leaves **every** state unchanged, wherever
    /// [`apply`](Self::apply) allows it.
    ///
    /// `false` is always right. `true` saves work: such an operation is placed as soon as it fits,
    /// and never tried anywhere else; one that never returned is left out. Returning `true` for an
    /// operation that changes a state is a mistake in the model and makes verdicts wrong.
    fn only_reads(&self, op: &Self::Op, returned: Option<&Self::Return>) -> bool {
        let _ = (op, returned);
        false
    }

    /// A call's label in the diagram, such as `read → 3`.
    fn words(&self, op: &Self::Op, returned: Option<&Self::Return>) -> String {
        match returned {
            Some(returned) => format!("{op:?} → {returned:?}"),
            None => format!("{op:?}"),
        }
    }

    /// A state's label in the diagram.
    fn show(&self, state: &Self::State) -> String {
        format!("{state:?}")
    }

    /// An object's label in the diagram; `None` where there is only one.
    fn called(&self, key: &Self::Key) -> Option<String> {
        let text = format!("{key:?}");
        (text != "()").then_some(text)
    }
}
