//! What an object *should* do: a sequential specification, by which a concurrent history is judged.

use std::fmt::Debug;
use std::hash::Hash;

/// The sequential specification of an object (Herlihy & Wing 1990, §2.2): what each operation does and returns when
/// operations come one at a time.
///
/// It is deterministic: in a given state an operation that returned a given value leads to one next state. An object
/// that may go several ways is specified by the *set* of states it may be in.
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
    /// What a history file calls it.
    const NAME: &'static str;
    /// What a client asks for, arguments included.
    type Op: Clone + Debug;
    /// What it gets back.
    type Return: Clone + Debug;
    /// What the object remembers. It is copied once for every operation that is tried: keep it small.
    type State: Clone + Eq + Hash + Debug;
    /// Names one of several independent objects in a history: `()` if there is but one.
    type Key: Clone + Ord + Debug;

    /// The object that an operation is for. Objects are checked one by one, which is exact because linearizability is
    /// a *local* property (Herlihy & Wing 1990, Theorem 1), and far quicker.
    fn key(&self, op: &Self::Op) -> Self::Key;

    /// The state in which an object starts.
    fn initial(&self, key: &Self::Key) -> Self::State;

    /// The state after an operation, or `None` if in this state it would have returned something else.
    ///
    /// `returned` is `None` for an operation of which no answer is known: then whatever it returns will do.
    fn apply(&self, state: &Self::State, op: &Self::Op, returned: Option<&Self::Return>) -> Option<Self::State>;

    /// Whether an operation that returned this leaves **every** state as it is, wherever [`apply`](Self::apply) allows it.
    ///
    /// `false` is always right. `true` saves work: such an operation is placed as soon as it fits, and never tried
    /// anywhere else; one that never returned is left out. To say `true` of an operation that changes a state is a
    /// mistake in the model, and makes verdicts wrong.
    fn only_reads(&self, op: &Self::Op, returned: Option<&Self::Return>) -> bool {
        let _ = (op, returned);
        false
    }

    /// A call as the picture shows it, such as `read → 3`.
    fn words(&self, op: &Self::Op, returned: Option<&Self::Return>) -> String {
        match returned {
            Some(returned) => format!("{op:?} → {returned:?}"),
            None => format!("{op:?}"),
        }
    }

    /// A state as the picture shows it.
    fn show(&self, state: &Self::State) -> String {
        format!("{state:?}")
    }

    /// An object's name as the picture shows it; `None` where there is but one.
    fn called(&self, key: &Self::Key) -> Option<String> {
        let text = format!("{key:?}");
        (text != "()").then_some(text)
    }
}
