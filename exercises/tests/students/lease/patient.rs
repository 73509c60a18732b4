//! The patient one does not calculate: the granter's own term is longer than any holder can count.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

hand_in!("lease-restart", Rulebook { quarantine: |terms| terms.granter() });
