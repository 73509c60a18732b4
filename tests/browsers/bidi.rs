//! Firefox's tabs, by WebDriver BiDi (W3C).

use serde_json::{Map, Value, json};

use crate::browser::Browser;
use crate::driver::{Driver, Notice, Pointer};
use crate::socket::Socket;

/// A tab of Firefox, which has one session: one tab per browser.
pub(crate) struct BiDi {
    socket: Socket,
    /// Identifier of the tab.
    context: Value,
}

impl BiDi {
    pub(crate) fn open(browser: &Browser) -> BiDi {
        let mut socket = Socket::connect(&format!("{}/session", browser.endpoint));
        socket.call("session.new", json!({"capabilities": {}}));
        let events = ["log.entryAdded", "network.beforeRequestSent", "browsingContext.userPromptOpened"];
        socket.call("session.subscribe", json!({"events": events}));
        let context = socket.call("browsingContext.create", json!({"type": "tab"}))["context"].take();
        BiDi { socket, context }
    }

    fn perform(&mut self, source: Value) {
        self.socket.call("input.performActions", json!({"context": self.context, "actions": [source]}));
    }

    fn keys(&mut self, actions: &[Value]) {
        self.perform(json!({"type": "key", "id": "keyboard", "actions": actions}));
    }
}

impl Driver for BiDi {
    fn navigate(&mut self, address: &str) {
        let request = json!({"context": self.context, "url": address, "wait": "complete"});
        self.socket.call("browsingContext.navigate", request);
    }

    fn evaluate(&mut self, script: &str) -> Value {
        let target = json!({"context": self.context});
        let request = json!({"expression": script, "target": target, "awaitPromise": true, "resultOwnership": "none"});
        let result = self.socket.call("script.evaluate", request);
        assert_eq!(result["type"], "success", "{script}: {}", result["exceptionDetails"]);
        plain(&result["result"])
    }

    fn press(&mut self, key: &str) {
        let is_capital = key.len() == 1 && key.chars().all(|char| char.is_ascii_uppercase());
        let value = code(key);
        let mut actions = vec![json!({"type": "keyDown", "value": value}), json!({"type": "keyUp", "value": value})];
        if is_capital {
            actions.insert(0, json!({"type": "keyDown", "value": SHIFT}));
            actions.push(json!({"type": "keyUp", "value": SHIFT}));
        }
        self.keys(&actions);
    }

    fn write(&mut self, text: &str) {
        let strokes =
            text.chars().flat_map(|char| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": char})));
        self.keys(&strokes.collect::<Vec<Value>>());
    }

    fn point(&mut self, action: Pointer, x: f64, y: f64) {
        let mut actions = vec![json!({"type": "pointerMove", "x": x.round() as i64, "y": y.round() as i64})];
        if action != Pointer::Move {
            actions.extend(["pointerDown", "pointerUp"].map(|kind| json!({"type": kind, "button": 0})));
        }
        let (id, kind) = if action == Pointer::Tap { ("finger", "touch") } else { ("mouse", "mouse") };
        self.perform(json!({"type": "pointer", "id": id, "parameters": {"pointerType": kind}, "actions": actions}));
    }

    fn touchscreen(&mut self) {}

    fn window(&mut self, width: u32, height: u32, _is_mobile: bool) {
        let viewport = json!({"width": width, "height": height});
        let request = json!({"context": self.context, "viewport": viewport, "devicePixelRatio": 1});
        self.socket.call("browsingContext.setViewport", request);
    }

    fn media(&mut self, scheme: &str, _is_still: bool) {
        assert_eq!(scheme, "light", "colours and movement of Firefox are those of its profile: light and still");
    }

    fn offline(&mut self, is_offline: bool) {
        let conditions = if is_offline { json!({"type": "offline"}) } else { Value::Null };
        let request = json!({"networkConditions": conditions, "contexts": [self.context]});
        self.socket.call("emulation.setNetworkConditions", request);
    }

    fn picture(&mut self) -> String {
        let shot = self.socket.call("browsingContext.captureScreenshot", json!({"context": self.context}));
        shot["data"].as_str().expect("a picture is text").to_owned()
    }

    fn print(&mut self) -> String {
        let pdf = self.socket.call("browsingContext.print", json!({"context": self.context, "background": true}));
        pdf["data"].as_str().expect("a document is text").to_owned()
    }

    fn notices(&mut self) -> Vec<Notice> {
        self.socket.events().iter().filter_map(notice).collect()
    }
}

const SHIFT: char = '\u{e008}';

/// Value of a key (WebDriver, section 17.4.2).
fn code(key: &str) -> &str {
    match key {
        "Backspace" => "\u{e003}",
        "Tab" => "\u{e004}",
        "Enter" => "\u{e007}",
        "Escape" => "\u{e00c}",
        "PageUp" => "\u{e00e}",
        "PageDown" => "\u{e00f}",
        "End" => "\u{e010}",
        "Home" => "\u{e011}",
        "ArrowLeft" => "\u{e012}",
        "ArrowUp" => "\u{e013}",
        "ArrowRight" => "\u{e014}",
        "ArrowDown" => "\u{e015}",
        "Delete" => "\u{e017}",
        other => other,
    }
}

/// A value of the page as JSON; values that JSON lacks are null.
fn plain(remote: &Value) -> Value {
    let members = || remote["value"].as_array().into_iter().flatten();
    match remote["type"].as_str().unwrap_or_default() {
        "string" | "number" | "boolean" => remote["value"].clone(),
        "array" => members().map(plain).collect(),
        "object" => {
            let named = |pair: &Value| (pair[0].as_str().unwrap_or_default().to_owned(), plain(&pair[1]));
            Value::Object(members().map(named).collect::<Map<String, Value>>())
        }
        _ => Value::Null,
    }
}

fn notice(event: &Value) -> Option<Notice> {
    let parameters = &event["params"];
    Some(match event["method"].as_str().unwrap_or_default() {
        "log.entryAdded" if matches!(parameters["level"].as_str(), Some("warn" | "error")) => {
            Notice::Complaint(parameters["text"].to_string())
        }
        "browsingContext.userPromptOpened" => Notice::Complaint(format!("a dialog: {}", parameters["message"])),
        "network.beforeRequestSent" => {
            Notice::Request(parameters["request"]["url"].as_str().unwrap_or_default().to_owned())
        }
        _ => return None,
    })
}
