//! Retry policies: when a client sends its request again, and when it gives up.
//!
//! There are two, because the two kinds of clients have different limits. In virtual time waiting
//! costs nothing, but a run must end: a simulated client has a number of attempts
//! ([`RetryPolicy`]). In real time a caller waits for the reply: a live client has a deadline, and
//! makes as many attempts as fit ([`Timeouts`]).

use quorate_protocol::Duration;

/// Retry policy of a simulated client: a number of attempts, each with a timeout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RetryPolicy {
    /// Timeout of one attempt, after which it sends the request again.
    pub timeout: Duration,
    /// Number of attempts after which a timeout makes it give up; 0 counts as 1.
    pub attempts: u32,
    /// Whether it tries the next node after a timeout; otherwise it tries the same one again.
    pub rotates: bool,
}

impl Default for RetryPolicy {
    /// A timeout of one second, ten attempts, all at the same node.
    fn default() -> Self {
        RetryPolicy { timeout: Duration::from_secs(1), attempts: 10, rotates: false }
    }
}

/// Retry policy of a live client: as many attempts as there is time for, each at the next node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timeouts {
    /// Timeout of one attempt, after which it sends the request to the next node, with the same
    /// ticket.
    pub attempt: Duration,
    /// Pause before the next attempt, if a node replies that none can serve the request now.
    pub pause: Duration,
    /// Total timeout of a request.
    pub deadline: Duration,
}

impl Default for Timeouts {
    /// A timeout of 250 ms for each attempt, a pause of 10 ms, and a deadline of 10 s.
    fn default() -> Self {
        let ms = Duration::from_millis;
        Timeouts { attempt: ms(250), pause: ms(10), deadline: ms(10_000) }
    }
}
