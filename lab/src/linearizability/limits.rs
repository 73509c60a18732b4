//! How much a check may cost, and what it did cost.

use std::num::{NonZeroU64, NonZeroUsize};

/// How much a check may cost. The problem is NP-complete (Gibbons & Korach 1997), so every check needs a limit.
///
/// A limit cannot be zero: a check that may do nothing has nothing to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How often the model may be asked whether an operation fits.
    pub steps: NonZeroU64,
    /// How many configurations of one object may be remembered at once; each takes 8 bytes for its answer and state, 8 for every
    /// 64 calls under way, and about 5 for finding it again.
    pub configurations: NonZeroUsize,
}

impl Default for Limits {
    /// A billion steps (a minute or a few), and sixteen million configurations (some 400 MB).
    fn default() -> Self {
        Limits {
            steps: const { NonZeroU64::new(1_000_000_000).unwrap() },
            configurations: const { NonZeroUsize::new(16_000_000).unwrap() },
        }
    }
}

/// What ended a check before it had a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::configurations`].
    Configurations,
    /// The caller wanted no more: its time was up, say.
    Asked,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Stop::Steps => "the limit on steps",
            Stop::Configurations => "the limit on configurations",
            Stop::Asked => "the end of its time",
        })
    }
}

/// What a check did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Cost {
    /// How often the model was asked whether an operation fits.
    pub steps: u64,
    /// How many configurations were remembered, over all objects.
    pub configurations: u64,
    /// How many objects the history has.
    pub objects: usize,
    /// The most calls on one object that were under way at once. The cost of a check can double with each.
    pub concurrency: usize,
}

/// What is left of the limits.
pub(super) struct Budget<'a> {
    limits: Limits,
    pub cost: Cost,
    stop: &'a mut dyn FnMut() -> bool,
}

/// How many steps pass between two questions whether to stop: well under a millisecond.
const STEPS_BETWEEN: u64 = 1 << 12;

impl<'a> Budget<'a> {
    pub fn new(limits: Limits, stop: &'a mut dyn FnMut() -> bool) -> Self {
        Budget { limits, cost: Cost::default(), stop }
    }

    /// One more step.
    pub fn step(&mut self) -> Result<(), Stop> {
        if self.cost.steps >= self.limits.steps.get() {
            return Err(Stop::Steps);
        }
        if self.cost.steps.is_multiple_of(STEPS_BETWEEN) && (self.stop)() {
            return Err(Stop::Asked);
        }
        self.cost.steps += 1;
        Ok(())
    }

    /// One more configuration, the `held`th of those that are remembered at once.
    pub fn configuration(&mut self, held: usize) -> Result<(), Stop> {
        if held > self.limits.configurations.get() {
            return Err(Stop::Configurations);
        }
        self.cost.configurations += 1;
        Ok(())
    }
}
