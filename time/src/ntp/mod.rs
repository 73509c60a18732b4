//! NTP (Mills and others, *Network Time Protocol Version 4*, RFC 5905, 2010): wall clocks that
//! follow time servers.
//!
//! **Sources** have a reference of their own, such as a GPS receiver: their wall clock. **Hosts**
//! ask them at intervals. Four timestamps give the offset of the host's clock and the delay of the
//! round trip; half the delay is an error that no host can measure. Of the last eight samples of a
//! source the best one counts, and of the sources those that a majority agrees with: the others are
//! *falsetickers*.
//!
//! A host does not show its clock, but a **disciplined** one: its clock plus a correction. A small
//! offset is *slewed*: the correction changes by at most 500 microseconds in a second, so that the
//! disciplined clock never goes back. An offset above 128 ms that stays is *stepped*, and one of
//! more than 1000 s is a *panic*: the host stops and leaves the decision to people.
//!
//! A host without an answer goes on with its last correction, and nobody notices: only the bound of
//! its error grows, by its drift. A client that asks for the time hears of the bound as well.
//!
//! Beside the time of day a host measures durations and waits. Both belong on the monotonic clock,
//! which is never set.
//!
//! # Simplified
//!
//! The offset alone is corrected, not the frequency of the clock (§11.3 has both). The offset taken
//! is that of the most exact sample among the sources that agree (§11.2.2 and §11.2.3 have the
//! cluster and combine algorithms, which take a mean).
//! The interval of polls doubles after four steady polls, and is the shortest again after an
//! unsteady one (§13 has a counter). There is one stratum of sources, and hosts do not serve each
//! other. The leap indicator is left out.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`BoundContainsTruth`] | the true time is within the error that a synchronised host states |
//! | [`SynchronisedMeansExact`] | a host that counts itself synchronised states an error within the limit |
//! | [`OnlyStepsGoBack`] | a disciplined clock goes back by a step that the host tells, or not at all |
//! | [`StepsStayBelowPanic`] | no step is larger than the panic threshold |
//! | [`DurationsAreReal`] | no measured duration is negative, or longer than the one that passed |
//! | [`WaitsEnd`] | no wait goes on after its span has passed |

mod config;
mod discipline;
mod display;
mod host;
mod invariants;
mod message;
mod node;
mod offset;
mod rulebook;
mod rules;
mod select;
mod source;
mod stopwatch;

pub use config::{Config, ConfigError, Settings};
pub use discipline::{Correction, Thresholds};
pub use display::NodeView;
pub use invariants::{
    BoundContainsTruth, DurationsAreReal, OnlyStepsGoBack, Safety, StepsStayBelowPanic, SynchronisedMeansExact,
    WaitsEnd, safety,
};
pub use message::{Command, Fact, Message, Reply, Timer};
pub use node::Ntp;
pub use offset::Offset;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::NtpRule;
pub use stopwatch::Readings;
