//! The server: one thread for each request, one for all sessions, and an orderly end on Ctrl-C.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tiny_http::{Header, Method, Request, Response, ResponseBox, Server};

use crate::arguments::Arguments;
use crate::desk::{Answer, Desk};
use crate::goal::Goal;
use crate::guard::Guard;
use crate::limits::{ANNOUNCED_MAX, CONCURRENT_MAX, REQUEST_MAX};
use crate::{files, start};

/// Nothing from elsewhere, nothing inline, no way to make markup or code from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// A signal is noticed within this time.
const SIGNAL_POLL: Duration = Duration::from_millis(100);

/// Headers of every answer.
const HEADERS: [(&str, &str); 6] = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
];

/// State that all requests share.
struct Shared {
    guard: Guard,
    desk: Desk,
    start: String,
    /// Goal of the exercise that is played, if one is.
    goal: Option<Goal>,
    sessions: u16,
    concurrent: AtomicUsize,
}

/// An answer before it is sent: status, media type, text.
struct Reply(u16, &'static str, String);

/// Serves until a signal.
///
/// # Errors
/// The scenario does not exist, the goal is none, or the port is taken.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), String> {
    let goal = arguments.goal.as_deref().map(Goal::read).transpose()?;
    let start = match &goal {
        Some(goal) => start::request_of(goal),
        None => start::request(arguments.scenario.as_deref())?,
    };
    let port = arguments.port;
    let server = Server::http((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}; --port 0 picks a free port"))?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let guard = Guard::new(port)?;
    let address = guard.address() + &goal.as_ref().map(Goal::query).unwrap_or_default();
    let ended = end_on_signals()?;
    say(&format!("The playground is at {address}\nCtrl-C ends it."));
    if !arguments.no_open
        && let Err(error) = open::that_detached(&address)
    {
        say(&format!("No browser could be opened ({error}): open the address yourself."));
    }
    let desk = Desk::open(usize::from(arguments.sessions));
    let (start, sessions, concurrent) = (start.to_string(), arguments.sessions, AtomicUsize::new(0));
    let shared = Arc::new(Shared { guard, desk, start, goal, sessions, concurrent });
    while !ended.load(Ordering::Relaxed) {
        match server.recv_timeout(SIGNAL_POLL) {
            Ok(Some(request)) => {
                let shared = Arc::clone(&shared);
                thread::spawn(move || answer(&shared, request));
            }
            // Of connections that arrive together, `tiny_http` can leave one without a thread until
            // another arrives. A browser opens six, and would wait for ever.
            Ok(None) => drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port))),
            // A connection that broke before its request was read.
            Err(_) => {}
        }
    }
    say("The playground has ended.");
    Ok(())
}

/// Prints a line. A terminal that is gone is no reason to end.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// A flag that the first signal sets; the second ends the process at once.
fn end_on_signals() -> Result<Arc<AtomicBool>, String> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&ended))
            .and_then(|_| flag::register(signal, Arc::clone(&ended)))
            .map_err(|error| format!("cannot install a handler for signals: {error}"))?;
    }
    Ok(ended)
}

fn answer(shared: &Shared, mut request: Request) {
    if request.body_length().is_some_and(|length| length > ANNOUNCED_MAX) {
        // Dropped, it would allocate as many bytes as it announces, which ends the process.
        std::mem::forget(request);
        return;
    }
    let most = shared.concurrent.fetch_add(1, Ordering::Relaxed) >= CONCURRENT_MAX;
    let reply = if most { Reply(503, "text/plain", String::new()) } else { reply(shared, &mut request) };
    let Reply(status, kind, text) = reply;
    let mut response = Response::from_string(text).with_status_code(status).with_chunked_threshold(usize::MAX).boxed();
    let kind = [("Content-Type", kind)];
    for (name, value) in HEADERS.iter().chain(&kind) {
        if let Ok(header) = Header::from_bytes(*name, *value) {
            response.add_header(header);
        }
    }
    // The asker may be gone.
    let _ = send(request, response);
    shared.concurrent.fetch_sub(1, Ordering::Relaxed);
}

/// Sends a response in one piece. Of two, a head and then a body, the system holds the second back
/// until the browser has acknowledged the first, which takes some 40 ms.
fn send(request: Request, response: ResponseBox) -> io::Result<()> {
    let mut bytes = Vec::new();
    let is_head = *request.method() == Method::Head;
    response.raw_print(&mut bytes, request.http_version().clone(), request.headers(), is_head, None)?;
    let mut writer = request.into_writer();
    writer.write_all(&bytes)?;
    writer.flush()
}

fn reply(shared: &Shared, request: &mut Request) -> Reply {
    let Some(path) = shared.guard.admitted(request).map(str::to_owned) else {
        return Reply(403, "text/plain", String::new());
    };
    match request.method() {
        Method::Get if path == "start.json" => Reply(200, "application/json", shared.start.clone()),
        Method::Get => match files::find(&path) {
            Some(file) => Reply(200, file.kind, file.text.to_owned()),
            None => Reply(404, "text/plain", format!("there is no page at {path}")),
        },
        Method::Post if path == "sessions" => opened(&shared.desk),
        Method::Post if path == "answer" => answered(shared.goal.as_ref(), request),
        Method::Post => match path.strip_prefix("sessions/").and_then(|id| id.parse().ok()) {
            Some(session) => performed(shared, session, request),
            None => refusal(404, "there is no such session"),
        },
        method => refusal(405, &format!("{method} does nothing here; use GET or POST")),
    }
}

fn opened(desk: &Desk) -> Reply {
    match desk.begin() {
        Answer::Opened(id) => Reply(200, "application/json", json!({"ok": true, "session": id}).to_string()),
        _ => refusal(500, "the sessions have ended by an error of the server; start it again"),
    }
}

fn performed(shared: &Shared, session: u64, request: &mut Request) -> Reply {
    let body = match body(request) {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    match shared.desk.ask(session, body) {
        Answer::Response(response) => Reply(200, "application/json", response),
        _ => refusal(
            410,
            &format!("session {session} has ended: at most {} are kept, and others were used since", shared.sessions),
        ),
    }
}

/// Saves a schedule as the answer of the exercise, if it reaches the goal.
fn answered(goal: Option<&Goal>, request: &mut Request) -> Reply {
    let Some(goal) = goal else { return refusal(404, "no exercise is played here") };
    match body(request) {
        Ok(schedule) => Reply(200, "application/json", goal.answer(&schedule).to_string()),
        Err(reply) => reply,
    }
}

/// The body of a request, unless it is too large.
fn body(request: &mut Request) -> Result<String, Reply> {
    let too_large = || refusal(413, &format!("a request has at most {REQUEST_MAX} bytes; this one has more"));
    if request.body_length().is_some_and(|length| length > REQUEST_MAX) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let read = request.as_reader().take(REQUEST_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| refusal(400, &format!("the request broke off: {error}")))?;
    if bytes.len() > REQUEST_MAX {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|_| refusal(400, "the request is not UTF-8"))
}

fn refusal(status: u16, says: &str) -> Reply {
    Reply(status, "application/json", json!({"ok": false, "error": {"says": says, "line": null}}).to_string())
}
