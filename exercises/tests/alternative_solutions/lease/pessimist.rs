//! Alternative reaction to a denial: the holder stops at once. The lease would have run for a while
//! longer, but to stop early is safe.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

hand_in!("lease-denial", Rulebook { until_after_denial: |until, now, _| until.min(now) });
