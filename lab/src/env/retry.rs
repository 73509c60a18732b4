//! Retry policies: when a client asks again, and when it gives up.
//!
//! There are two, because the two kinds of clients run out of different things. In virtual time
//! waiting costs nothing, but a run must come to an end: a simulated client counts its attempts
//! ([`Patience`]). In real time a caller waits for the answer: a live client has a deadline, and asks
//! as often as fits ([`Timeouts`]).

use quorate_protocol::Duration;

/// The retry policy of a simulated client: so many attempts, each for so long.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Patience {
    /// How long it waits for an answer before it asks again.
    pub timeout: Duration,
    /// How often it asks in all before it gives up; 0 is taken for 1.
    pub attempts: u32,
    /// Whether it asks the next node when one does not answer; otherwise it asks the same again.
    pub roams: bool,
}

impl Default for Patience {
    /// Waits a second, asks ten times, and stays with its node.
    fn default() -> Self {
        Patience { timeout: Duration::from_secs(1), attempts: 10, roams: false }
    }
}

/// The retry policy of a live client: as many attempts as there is time for, each at the next node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timeouts {
    /// How long it waits for an answer before it asks the next node the same, with the same ticket.
    pub attempt: Duration,
    /// How long it waits before it asks again when it is told that nobody can help just now.
    pub pause: Duration,
    /// How long it waits in all.
    pub deadline: Duration,
}

impl Default for Timeouts {
    /// Asks the next node after 250 ms without an answer, or after 10 ms if told so, and gives up
    /// after 10 s.
    fn default() -> Self {
        let ms = Duration::from_millis;
        Timeouts { attempt: ms(250), pause: ms(10), deadline: ms(10_000) }
    }
}
