//! The guard: only the page that this server sent, in the browser of the one who started it, is
//! answered.
//!
//! Three checks, since each alone has a gap. The token in the address keeps out other users of the
//! machine and other programs. `Host` keeps out pages whose name was made to resolve to the
//! loopback (DNS rebinding). `Origin` keeps out other pages that learn the address.

use std::fmt::Write as _;

use tiny_http::{Header, Request};

/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 16;

/// Conditions under which a request is answered.
pub(crate) struct Guard {
    token: String,
    hosts: [String; 2],
}

impl Guard {
    /// A guard with a fresh token, for the server on this port.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(crate) fn new(port: u16) -> Result<Guard, String> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no randomness for a token: {error}"))?;
        let token = bytes.iter().fold(String::new(), |mut token, byte| {
            // Writing to a string never fails.
            let _ = write!(token, "{byte:02x}");
            token
        });
        Ok(Guard { token, hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")] })
    }

    /// Address of the page.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/{}/", self.hosts[0], self.token)
    }

    /// The path behind the token, or `None` if the request must get nothing.
    pub(crate) fn admitted<'a>(&self, request: &'a Request) -> Option<&'a str> {
        let host = one(request.headers(), "Host")?;
        if !self.hosts.iter().any(|ours| ours == host) {
            return None;
        }
        let origins: Vec<&str> = values(request.headers(), "Origin").collect();
        let is_ours = |origin: &str| self.hosts.iter().any(|ours| origin.strip_prefix("http://") == Some(ours));
        if !origins.iter().all(|origin| is_ours(origin)) {
            return None;
        }
        let path = request.url().split(['?', '#']).next()?;
        path.strip_prefix('/')?.strip_prefix(self.token.as_str())?.strip_prefix('/')
    }
}

/// The value of a header that must occur exactly once.
fn one<'a>(headers: &'a [Header], name: &'static str) -> Option<&'a str> {
    let mut all = values(headers, name);
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn values<'a>(headers: &'a [Header], name: &'static str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |header| header.field.equiv(name)).map(|header| header.value.as_str())
}
