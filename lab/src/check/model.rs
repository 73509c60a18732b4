//! Models: initial states, the actions of each state, and the state that each action leads to.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::FixedState;
use quorate_protocol::InvariantViolation;

/// A model: initial states, possible actions, and their outcomes.
///
/// Only [`initial`](Self::initial), [`actions`](Self::actions) and [`next`](Self::next) are
/// required. All methods must be pure: the same result for the same arguments, in the same order.
/// Counterexamples are stored as indices of successors, and rebuilt by replaying them.
///
/// ```
/// use quorate_lab::check::{Model, Search, SearchVerdict};
/// use quorate_protocol::InvariantViolation;
///
/// /// Two jugs of 3 and 5 litres: can one measure 4?
/// struct Jugs;
///
/// #[derive(Clone, Copy, Debug)]
/// enum Pour { Fill(usize), Empty(usize), Over(usize) }
///
/// impl Model for Jugs {
///     type State = [u8; 2];
///     type Action = Pour;
///
///     fn initial(&self) -> Vec<[u8; 2]> { vec![[0, 0]] }
///
///     fn actions(&self, _: &[u8; 2], actions: &mut Vec<Pour>) {
///         actions.extend([0, 1].into_iter().flat_map(|jug| [Pour::Fill(jug), Pour::Empty(jug), Pour::Over(jug)]));
///     }
///
///     fn next(&self, jugs: &[u8; 2], action: &Pour) -> Option<[u8; 2]> {
///         let (size, mut next) = ([3, 5], *jugs);
///         match *action {
///             Pour::Fill(jug) => next[jug] = size[jug],
///             Pour::Empty(jug) => next[jug] = 0,
///             Pour::Over(jug) => {
///                 let poured = jugs[jug].min(size[1 - jug] - jugs[1 - jug]);
///                 next[jug] -= poured;
///                 next[1 - jug] += poured;
///             }
///         }
///         Some(next)
///     }
///
///     fn check(&self, jugs: &[u8; 2]) -> Result<(), InvariantViolation> {
///         if jugs[1] == 4 { Err(InvariantViolation::new("NeverFour", "the large jug holds 4
///         litres")) } else { Ok(()) }
///     }
/// }
///
/// let report = Search::new(&Jugs).run()?;
/// let SearchVerdict::Broken { path, .. } = report.verdict else {
///     panic!("it is known to be possible")
/// };
/// assert_eq!(path.steps.len(), 6);
/// # Ok::<(), quorate_lab::check::CheckError>(())
/// ```
pub trait Model: Sync {
    /// A state. The search does not see what its `Hash` leaves out.
    type State: Clone + Hash + Send + Sync;
    /// An action.
    type Action;

    /// Returns the initial states.
    fn initial(&self) -> Vec<Self::State>;

    /// Appends the actions that are possible in a state.
    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// Returns the state that an action leads to; `None` if it is not possible after all.
    fn next(&self, state: &Self::State, action: &Self::Action) -> Option<Self::State>;

    /// Checks a state.
    ///
    /// # Errors
    /// [`InvariantViolation`], with the values that contradict each other.
    fn check(&self, state: &Self::State) -> Result<(), InvariantViolation> {
        let _ = state;
        Ok(())
    }

    /// Whether to expand a state. A state outside is counted and checked all the same.
    fn within(&self, state: &Self::State) -> bool {
        let _ = state;
        true
    }

    /// Returns the state as an initial state of a search, without data about how it was reached.
    fn begun(&self, state: &Self::State) -> Self::State {
        state.clone()
    }

    /// Returns the fingerprint by which the search identifies states. Symmetric states may share
    /// one.
    fn fingerprint(&self, state: &Self::State) -> u64 {
        fingerprint(state)
    }

    /// Returns the memory that a queued state takes, in bytes, with what it owns on the heap: for
    /// the memory limit.
    fn bytes(&self, state: &Self::State) -> usize {
        size_of_val(state)
    }

    /// Calls back with every possible action of a state and the state that it leads to, in a fixed
    /// order. `room` is empty, and its memory is reused between calls.
    ///
    /// Worth overriding where actions are found by taking them.
    fn successors(
        &self,
        state: &Self::State,
        room: &mut Vec<Self::Action>,
        mut found: impl FnMut(Self::Action, Self::State),
    ) {
        self.actions(state, room);
        for action in room.drain(..) {
            if let Some(next) = self.next(state, &action) {
                found(action, next);
            }
        }
    }
}

/// Returns the fingerprint of a value: 64 bits, the same in every run.
///
/// Among `n` different states two have the same one with a probability below n² / 2⁶⁵; see
/// [`SearchReport::odds_of_omission`](super::SearchReport::odds_of_omission).
#[inline]
#[expect(
    clippy::manual_hash_one,
    reason = "a compiler may keep it apart: inlined, a small state is hashed in a third of the time"
)]
pub fn fingerprint<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = FixedState::with_seed(0x5155_4f52_4154_4531).build_hasher();
    value.hash(&mut hasher);
    hasher.finish()
}
