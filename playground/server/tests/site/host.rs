//! A web server of files, somewhere below a host, as those of static sites are.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tiny_http::{Header, Request, Response, Server};

/// The site is not at the top of its host.
const BELOW: &str = "/courses/2026/quorate/";

/// How long the server waits for a request before it looks whether it should end.
const POLL: Duration = Duration::from_millis(50);

/// A change of one file on its way: its name, a text in it, and what stands there instead.
pub type Change = (&'static str, &'static str, &'static str);

/// A server of the files in a folder; it ends with the test.
pub struct Host {
    port: u16,
    paths: Arc<Mutex<Vec<String>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Folder of the site that was built before, if there is one; says so if not.
pub fn built() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("SITE") else {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        // Not `eprintln!`, which is shown only for tests that fail.
        writeln!(std::io::stderr(), "skipped {test}: there is no site; tests/tools/site builds one")
            .expect("standard error can be written to");
        return None;
    };
    Some(PathBuf::from(folder))
}

impl Host {
    /// Serves the files of a folder, one of them changed.
    pub fn of(folder: PathBuf, change: Option<Change>) -> Host {
        let server = Server::http("127.0.0.1:0").expect("there is a free port");
        let port = server.server_addr().to_ip().expect("it listens on an address").port();
        let (paths, ends) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (asked, ended) = (Arc::clone(&paths), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                match server.recv_timeout(POLL) {
                    Ok(Some(request)) => {
                        asked.lock().expect("no test panics with it").push(request.url().to_owned());
                        answer(&folder, change, request);
                    }
                    // As in the playground's own server: a connection may be left without a thread.
                    Ok(None) => drop(TcpStream::connect(("127.0.0.1", port))),
                    Err(_) => {}
                }
            }
        });
        Host { port, paths, ends, thread: Some(thread) }
    }

    /// Address of the site.
    pub fn site(&self) -> String {
        format!("http://127.0.0.1:{}{BELOW}", self.port)
    }

    /// Paths that were asked for and lie outside of the site.
    pub fn strays(&self) -> Vec<String> {
        let paths = self.paths.lock().expect("no test panics with it");
        paths.iter().filter(|path| !path.starts_with(BELOW)).cloned().collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // It ends within one poll; if it has panicked, the test has failed already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn answer(folder: &Path, change: Option<Change>, request: Request) {
    let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
    let name = path.strip_prefix(BELOW).unwrap_or("none");
    let Ok(mut bytes) = fs::read(folder.join(name)) else {
        let _ = request.respond(Response::from_string("there is no such file").with_status_code(404));
        return;
    };
    if let Some((changed, from, to)) = change
        && changed == name
    {
        let text = String::from_utf8(bytes).expect("it is text");
        assert!(text.contains(from), "{name} has no {from}");
        bytes = text.replace(from, to).into_bytes();
    }
    let kind = match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => "text/html",
        "css" => "text/css",
        "js" => "text/javascript",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    };
    let kind = Header::from_bytes("Content-Type", kind).expect("it is a header");
    // The browser may be gone.
    let _ = request.respond(Response::from_data(bytes).with_header(kind));
}
