//! Graders, by kind of exercise.
//!
//! | kind | how |
//! |---|---|
//! | small machines ([network and time](network), [sealed tokens](seals), [hybrid clocks](hybrid)) | in machines of their own, under the same random faults |
//! | [a failure detector](suspicion) | with drawn heartbeats, beside the one of the leases |
//! | decisions ([rules], [liars], [time]) | in the machines of the reference: without faults, under the schedules that expose its bugs, under random faults, and last as unit cases |
//! | [attacks](attack) | schedules, run against a broken system and against the papers' rules |
//! | [whole machines](build) | in a suite of named and random faults, graded by their externally visible behaviour |
//! | [tests](mod@test) | watchers, in correct runs and in those of broken systems |

pub mod attack;
pub mod build;
pub mod hybrid;
mod known_schedules;
pub mod liars;
mod liveness;
pub mod network;
mod random_runs;
pub mod rules;
mod run_to_goal;
pub mod seals;
pub mod suspicion;
pub mod test;
pub mod time;
mod unit_cases;

pub use random_runs::{RunSet, random_runs};
