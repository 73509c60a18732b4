//! Hybrid logical clocks: close to the time of day, and consistent with happened-before. Read
//! `quorate learn show time-hybrid` first.

use quorate_exercises::hybrid::*;
use quorate_exercises::prelude::*;

/// Your clock.
struct Mine;

impl Hybrid for Mine {
    /// Kulkarni 2014, Figure 5: the stamp of a local event, or of the sending of a message.
    fn event(own: HybridStamp, physical: Time) -> HybridStamp {
        unfinished!(own, physical)
    }

    /// Kulkarni 2014, Figure 5: the stamp of the arrival of a message.
    fn receive(own: HybridStamp, carried: HybridStamp, physical: Time) -> HybridStamp {
        unfinished!(own, carried, physical)
    }
}

hand_in!("time-hybrid", hybrid_clock::<Mine>());
