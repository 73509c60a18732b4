//! A load balancer with health checks (Kleppmann 2017, chapter 8; the SRE book; Envoy).
//!
//! A **balancer** sends each request to one of its **servers**, and must not send to those that are
//! dead. It probes every server; one that leaves so many probes in a row unanswered is **taken for
//! dead**. That is a guess: a server whose probes wait behind work in its queue looks the same.
//! Its load moves to the others, which are slower from then on, and may be taken for dead in turn:
//! a cascade, at whose end nobody is sent to although nearly all live. Two things stop it. When
//! fewer than half of the servers look healthy the checks are not believed any more, and all are
//! sent to (**fail open**, Envoy's panic threshold). And a server whose queue is full refuses at
//! once (**load shedding**).
//!
//! # Told, not guessed
//!
//! A **reporter** knows: the operating system of a server that its process has died, a switch that
//! the link is down. The balancer then sends nothing there, without waiting for probes. A report
//! of a dead process names its **life**, the count of its starts: a late one says nothing about a
//! process that was started since. A report can be lost; probes find what reports do not tell. And
//! it can be false, or over: a server that answers a probe that was sent after the report is alive,
//! and is sent to again. So a report spares the wait, and does not replace the probes.
//!
//! # Planned absence
//!
//! A server that is about to collect garbage, or to restart, says so before. The balancer stops
//! sending, unless too few others are left; it releases the server when all that it had sent is
//! answered. Then the server has nothing left, and its pause delays nobody.
//!
//! # Repetition
//!
//! A request whose server is dead is in doubt: it may have been processed. The balancer sends it
//! to another server only if the client has said that it is safe to repeat. A balancer that
//! restarts has forgotten its requests, and a server that restarts has forgotten what it has done
//! and refused, so all of this is promised for one life of each: a late copy of a message that
//! arrives after a restart is taken for a new request.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`NothingToAbsent`] | nothing is sent to a server that this life of the balancer knows as down, or as about to leave |
//! | [`DrainedIsEmpty`] | a server that says that it is drained has no work left |
//! | [`EnoughRemain`] | no server may leave unless enough others are in service |
//! | [`NeverNobody`] | no request is refused for want of servers while most of them may be alive for all that was told, unless `panic` is 0 |
//! | [`RepeatedIfSafe`] | a request that is not safe to repeat is at one server at most in a life of the balancer, refusals aside |
//! | [`OnlyNewReports`] | a report of a former life takes no server down |
//! | [`TrueAnswers`] | a request that is told as done was done by a server, and one that is told as refused was refused by every server that this life of the balancer had sent it to |

mod config;
mod disk;
mod front;
mod invariants;
mod message;
mod node;
mod reporter;
mod rulebook;
mod rules;
mod server;

pub use config::{Config, ConfigError, Probes, Settings};
pub use disk::{Disk, Record};
pub use front::Health;
pub use invariants::{
    DrainedIsEmpty, EnoughRemain, NeverNobody, NothingToAbsent, OnlyNewReports, RepeatedIfSafe, Safety, TrueAnswers,
};
pub use message::{Cause, Command, Fact, Key, Message, Reply, Standing, Timer};
pub use node::{Balancer, NodeView};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::BalancerRule;
