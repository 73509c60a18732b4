//! Counts of a client's requests.

/// Counts of the requests of one client, in virtual or real time.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ClientStats {
    /// Requests started.
    pub asked: u64,
    /// Requests with a final reply.
    pub answered: u64,
    /// Requests given up without a final reply.
    pub given_up: u64,
    /// Times that a request was sent again: after a timeout, or to another node.
    pub retries: u64,
    /// Replies to requests that were already complete or given up.
    pub late: u64,
}
