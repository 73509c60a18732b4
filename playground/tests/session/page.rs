//! A page: it asks, and keeps the trace as responses say.

use quorate_harness::protocols;
use quorate_lab::script::{RunOptions, RunResult, run_scenario};
use quorate_lab::trace::Document;
use quorate_session::Session;
use serde_json::{Value, json};

/// A page with a session.
pub(crate) struct Page {
    session: Session,
    header: String,
    lines: Vec<String>,
    /// The last state.
    pub(crate) state: Value,
}

impl Page {
    pub(crate) fn new() -> Self {
        Page { session: Session::new(), header: String::new(), lines: Vec::new(), state: Value::Null }
    }

    /// A page after a cluster line.
    pub(crate) fn of(cluster: &str) -> Self {
        let mut page = Page::new();
        page.ask(json!({"do": "open", "cluster": cluster}));
        page
    }

    /// A page after a cluster line and these commands.
    pub(crate) fn after(cluster: &str, lines: &[&str]) -> Self {
        let mut page = Page::of(cluster);
        page.perform(lines);
        page
    }

    pub(crate) fn perform(&mut self, lines: &[&str]) {
        for line in lines {
            self.ask(json!({"do": "perform", "line": line}));
        }
    }

    /// Asks for something that is possible.
    pub(crate) fn ask(&mut self, request: Value) -> Value {
        let response = self.try_to(request.clone());
        assert_eq!(response["ok"], true, "{request}: {}", response["error"]);
        response
    }

    /// Asks for something that is refused. Returns the reason.
    pub(crate) fn refused(&mut self, request: Value) -> String {
        let before = self.whole();
        let response = self.try_to(request.clone());
        assert_eq!(response["ok"], false, "{request} should be refused");
        assert_eq!(self.whole(), before, "{request} is refused, and changes something all the same");
        response["error"]["says"].as_str().expect("an error says why").to_owned()
    }

    /// Asks, and keeps the trace.
    pub(crate) fn try_to(&mut self, request: Value) -> Value {
        let response: Value =
            serde_json::from_str(&self.session.handle(&request.to_string())).expect("a response is JSON");
        if let Some(header) = response["trace"]["header"].as_str() {
            self.header = header.to_owned();
        }
        if let Some(keep) = response["trace"]["keep"].as_u64() {
            assert!(keep as usize <= self.lines.len());
            self.lines.truncate(keep as usize);
            let lines = response["trace"]["lines"].as_array().expect("lines");
            self.lines.extend(lines.iter().map(|line| line.as_str().expect("a line").to_owned()));
        }
        if response["state"].is_object() {
            self.state = response["state"].clone();
        }
        response
    }

    /// The state and the trace, asked for as a whole.
    fn whole(&mut self) -> Value {
        let mut whole = self.try_to(json!({"do": "look"}));
        // Knowledge of later commands is no change.
        whole["state"]["commands"] = Value::Null;
        whole
    }

    /// The events of the trace, a line each.
    pub(crate) fn events(&self) -> &[String] {
        &self.lines
    }

    /// The trace, read back.
    pub(crate) fn document(&self) -> Document {
        let text = format!("{}\n{}\n", self.header, self.lines.join("\n"));
        Document::read_jsonl(text.as_bytes()).expect("the trace is one")
    }

    /// The saved file.
    pub(crate) fn saved(&mut self) -> String {
        self.ask(json!({"do": "save"}))["text"].as_str().expect("a text").to_owned()
    }

    /// Saves, runs the file, and checks that it has the same events.
    pub(crate) fn saves_itself(&mut self) -> RunResult {
        let text = self.saved();
        let result = run_scenario(&text, &protocols::registry(), RunOptions::default());
        let result = result.unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        let document = result.again.as_ref().unwrap_or(&result.document);
        assert_eq!(self.events(), lines_of(document), "{text}");
        result
    }

    /// The commands of the branch.
    pub(crate) fn commands(&self) -> Vec<String> {
        let commands = self.state["commands"].as_array().expect("commands");
        commands.iter().map(|command| command["line"].as_str().expect("a line").to_owned()).collect()
    }

    pub(crate) fn count(&self, key: &str) -> usize {
        self.state[key].as_u64().expect("a number") as usize
    }

    pub(crate) fn branch(&self) -> &str {
        self.state["branch"].as_str().expect("a name")
    }
}

/// The events of a document as lines.
pub(crate) fn lines_of(document: &Document) -> Vec<String> {
    let mut text = Vec::new();
    document.write_jsonl(&mut text).expect("a document can be written");
    let text = String::from_utf8(text).expect("it is text");
    text.lines().skip(1).map(str::to_owned).collect()
}
