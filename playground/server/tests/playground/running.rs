//! A running server, asked over plain TCP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Timeout, longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server as a process; it is killed at the end of a test.
pub struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

/// An answer of HTTP, taken apart.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate-playground"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Running {
    /// Starts a server on a free port, and waits for its address.
    pub fn start(arguments: &[&str]) -> Running {
        let mut child = command(arguments).arg("--no-open").spawn().expect("the binary runs");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it prints its address");
        let address = line.trim().strip_prefix("The playground is at http://").expect("it says where it is").to_owned();
        Running { child, output, address }
    }

    /// Runs a server that must end by itself: its status and its errors.
    pub fn fail(arguments: &[&str]) -> (Option<i32>, String) {
        let output = command(arguments).output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        self.address.split_once('/').expect("it has a path").0
    }

    /// The path with the token, from slash to slash.
    pub fn path(&self) -> &str {
        &self.address[self.host().len()..]
    }

    /// Address of the page.
    pub fn site(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Gets a file of the page.
    pub fn get(&self, path: &str) -> Answer {
        let (host, path) = (self.host(), format!("{}{path}", self.path()));
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    /// Sends a body to a place of the server.
    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.send(&self.posted(path, body))
    }

    /// The text of such a request.
    pub fn posted(&self, path: &str, body: &str) -> String {
        let (host, path) = (self.host(), format!("{}{path}", self.path()));
        let length = body.len();
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    }

    /// Sends a request as it is.
    pub fn send(&self, request: &str) -> Answer {
        self.ask(request, false)
    }

    /// Sends a request, and nothing after it, whatever it has announced.
    pub fn send_and_close(&self, request: &str) -> Answer {
        self.ask(request, true)
    }

    /// Sends a request, and waits for no answer.
    pub fn say(&self, request: &str) {
        let mut stream = TcpStream::connect(self.host()).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
    }

    fn ask(&self, request: &str, closes: bool) -> Answer {
        let mut stream = TcpStream::connect(self.host()).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.write_all(request.as_bytes()).expect("it reads");
        if closes {
            stream.shutdown(Shutdown::Write).expect("one side can be closed");
        }
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("it answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Sends a signal: its status, and what it printed since.
    pub fn end_by(&mut self, signal: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a kill").success());
        let status = self.child.wait().expect("it ends");
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("it printed text");
        (status.code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
