//! Alternative quarantine without a calculation: the granter's own term, which is longer than any
//! holder can count.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

hand_in!("lease-restart", Rulebook { quarantine: |terms| terms.granter() });
