//! The pessimist stops at the first no. The lease would have run on for a while; nobody is harmed by that.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

hand_in!("lease-denial", Rulebook { until_after_denial: |until, now, _| until.min(now) });
