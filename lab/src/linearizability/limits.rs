//! Cost limits of a check, and its actual cost.

use std::num::{NonZeroU64, NonZeroUsize};

/// Cost limits of a check. The problem is NP-complete (Gibbons & Korach 1997), so every check needs
/// a limit.
///
/// A limit cannot be zero: such a check could not have any result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Maximum number of times that the model is asked whether an operation fits.
    pub steps: NonZeroU64,
    /// Maximum number of configurations of one object that are remembered at once; each takes 8
    /// bytes for its answer and state, 8 for every 64 calls under way, and about 5 for the index.
    pub configurations: NonZeroUsize,
}

impl Default for Limits {
    /// A billion steps (one to a few minutes), and sixteen million configurations (some 400 MB).
    fn default() -> Self {
        Limits {
            steps: const { NonZeroU64::new(1_000_000_000).unwrap() },
            configurations: const { NonZeroUsize::new(16_000_000).unwrap() },
        }
    }
}

/// The reason why a check ended without a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::configurations`].
    Configurations,
    /// The caller cancelled it, for example because its time was up.
    Asked,
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            StopReason::Steps => "the step limit",
            StopReason::Configurations => "the configuration limit",
            StopReason::Asked => "the time limit",
        })
    }
}

/// The cost of a check.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Cost {
    /// Number of times that the model was asked whether an operation fits.
    pub steps: u64,
    /// Number of configurations that were remembered, over all objects.
    pub configurations: u64,
    /// Number of objects in the history.
    pub objects: usize,
    /// Maximum number of calls on one object that were under way at once. The cost of a check can
    /// double with each.
    pub concurrency: usize,
}

/// Remaining part of the limits.
pub(super) struct Budget<'a> {
    limits: Limits,
    pub cost: Cost,
    stop: &'a mut dyn FnMut() -> bool,
}

/// Number of steps between two polls of the stop callback: well under a millisecond.
const STEPS_BETWEEN: u64 = 1 << 12;

impl<'a> Budget<'a> {
    pub fn new(limits: Limits, stop: &'a mut dyn FnMut() -> bool) -> Self {
        Budget { limits, cost: Cost::default(), stop }
    }

    /// Counts one step.
    pub fn step(&mut self) -> Result<(), StopReason> {
        if self.cost.steps >= self.limits.steps.get() {
            return Err(StopReason::Steps);
        }
        if self.cost.steps.is_multiple_of(STEPS_BETWEEN) && (self.stop)() {
            return Err(StopReason::Asked);
        }
        self.cost.steps += 1;
        Ok(())
    }

    /// Counts one configuration, the `held`th of those that are remembered at once.
    pub fn configuration(&mut self, held: usize) -> Result<(), StopReason> {
        if held > self.limits.configurations.get() {
            return Err(StopReason::Configurations);
        }
        self.cost.configurations += 1;
        Ok(())
    }
}
