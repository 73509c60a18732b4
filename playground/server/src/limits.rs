//! Limits on what a page can ask of the server. Those of a session itself are `quorate-session`'s.

/// Default of the largest number of sessions at a time.
pub(crate) const SESSIONS_MAX: u16 = 16;

/// Largest body of a request, in bytes: a saved session with all its branches.
pub(crate) const REQUEST_MAX: usize = 4 * 1024 * 1024;

/// A request that announces more bytes than this is not even refused: no page of ours makes one.
pub(crate) const ANNOUNCED_MAX: usize = 4 * REQUEST_MAX;

/// Requests that are handled at the same time. A page makes one after the other.
pub(crate) const CONCURRENT_MAX: usize = 64;
