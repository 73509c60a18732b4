//! What can be checked: anything that has states, actions, and for each action of a state the state it leads to.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::FixedState;
use quorate_protocol::Broken;

/// A model: where it may begin, what may happen in a state, and what comes of it.
///
/// Only [`initial`](Self::initial), [`actions`](Self::actions) and [`next`](Self::next) must be written. All of them must be
/// pure: the same answer for the same arguments, in the same order. A counterexample is found by number and rebuilt by
/// doing it again.
///
/// ```
/// use quorate_lab::check::{Model, Search, Verdict};
/// use quorate_protocol::Broken;
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
///     fn check(&self, jugs: &[u8; 2]) -> Result<(), Broken> {
///         if jugs[1] == 4 { Err(Broken::new("NeverFour", "the large jug holds 4 litres")) } else { Ok(()) }
///     }
/// }
///
/// let report = Search::new(&Jugs).run()?;
/// let Verdict::Broken { path, .. } = report.verdict else { panic!("it is known to be possible") };
/// assert_eq!(path.steps.len(), 6);
/// # Ok::<(), quorate_lab::check::CheckError>(())
/// ```
pub trait Model: Sync {
    /// All that tells one moment from another. What its `Hash` leaves out, the search does not see.
    type State: Clone + Hash + Send + Sync;
    /// Something that may happen.
    type Action;

    /// The states in which a run may begin.
    fn initial(&self) -> Vec<Self::State>;

    /// Adds what may happen in a state.
    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// What an action leads to; `None` if it cannot happen after all.
    fn next(&self, state: &Self::State, action: &Self::Action) -> Option<Self::State>;

    /// Judges a state.
    ///
    /// # Errors
    /// [`Broken`], with the values that contradict each other.
    fn check(&self, state: &Self::State) -> Result<(), Broken> {
        let _ = state;
        Ok(())
    }

    /// Whether the search goes on from a state. One outside is counted and judged all the same.
    fn within(&self, state: &Self::State) -> bool {
        let _ = state;
        true
    }

    /// The state as one in which a search begins, without what it may carry of how it was reached.
    fn begun(&self, state: &Self::State) -> Self::State {
        state.clone()
    }

    /// What the search tells states apart by. Where states differ in names alone, all of them may have the same.
    fn fingerprint(&self, state: &Self::State) -> u64 {
        fingerprint(state)
    }

    /// How many bytes a waiting state takes, with what it owns elsewhere: for the memory limit.
    fn bytes(&self, state: &Self::State) -> usize {
        size_of_val(state)
    }

    /// Every action that can happen in a state, with what it leads to, in a fixed order. `room` is empty, and kept between calls.
    ///
    /// Worth overriding where actions are found by doing them.
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

/// The fingerprint of a value: 64 bits, the same in every run.
///
/// Among `n` different states two have the same one with a probability below n² / 2⁶⁵; see
/// [`Report::odds_of_omission`](super::Report::odds_of_omission).
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
