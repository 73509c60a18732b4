//! A tab, driven over the Chrome DevTools Protocol as a person would drive it: keys, clicks, a window of some size.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::chromium::Chromium;

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// How long a page may take for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// One page, and what it complained about.
pub struct Tab {
    socket: Socket,
    next: u64,
    complaints: Vec<String>,
    folder: PathBuf,
}

impl Tab {
    /// A tab with a desktop's window, in light colours.
    pub fn open(browser: &Chromium) -> Tab {
        let mut whole = Tab::connect(&browser.endpoint, browser.folder.path());
        let target = whole.call("Target.createTarget", json!({"url": "about:blank"}));
        let id = target["targetId"].as_str().expect("a target has an id");
        let mut tab = Tab::connect(&format!("{}/devtools/page/{id}", browser.address), browser.folder.path());
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            tab.call(domain, json!({}));
        }
        tab.window(1440, 900, false);
        tab.scheme("light");
        tab
    }

    fn connect(address: &str, folder: &Path) -> Tab {
        let (socket, _) = tungstenite::connect(address).expect("the browser listens");
        Tab { socket, next: 0, complaints: Vec::new(), folder: folder.to_owned() }
    }

    /// Calls a method of the protocol, and collects what the page complains about in the meantime.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let request = json!({"id": self.next, "method": method, "params": parameters}).to_string();
        self.socket.send(Message::text(request)).expect("the browser is there");
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "{method} takes too long");
            let Message::Text(text) = self.socket.read().expect("the browser answers") else { continue };
            let mut answer: Value = serde_json::from_str(&text).expect("it answers in JSON");
            if answer["id"] == self.next {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
            self.notice(&answer);
        }
    }

    fn notice(&mut self, event: &Value) {
        let parameters = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => self.complaints.push(parameters["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if parameters["type"] != "log" => {
                self.complaints.push(parameters["args"].to_string())
            }
            "Log.entryAdded" => self.complaints.push(parameters["entry"].to_string()),
            "Page.javascriptDialogOpening" => self.complaints.push(format!("a dialog: {}", parameters["message"])),
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str().unwrap_or_default();
                if !url.starts_with("file:") {
                    self.complaints.push(format!("it asked the network for {url}"));
                }
            }
            _ => {}
        }
    }

    /// Writes a page to a file and opens it; milliseconds until it was ready.
    pub fn show(&mut self, page: &str, fragment: &str) -> f64 {
        let path = self.folder.join(format!("page-{}.html", self.next));
        fs::write(&path, page).expect("there is room for a page");
        self.call("Page.navigate", json!({"url": format!("file://{}{fragment}", path.display())}));
        let begun = Instant::now();
        while self.run("document.body?.dataset.ready ?? ''") != json!("true") {
            assert!(begun.elapsed() < PATIENCE, "the page is never ready: {:?}", self.complaints);
            std::thread::sleep(Duration::from_millis(20));
        }
        self.run("performance.now()").as_f64().expect("a number")
    }

    /// The value of an expression in the page.
    pub fn run(&mut self, script: &str) -> Value {
        let result =
            self.call("Runtime.evaluate", json!({"expression": script, "returnByValue": true, "awaitPromise": true}));
        assert!(result.get("exceptionDetails").is_none(), "{script}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// The text of the first element that matches.
    pub fn text(&mut self, selector: &str) -> String {
        let selector = json!(selector);
        self.run(&format!("document.querySelector({selector})?.textContent ?? ''"))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// How many elements match.
    pub fn count(&mut self, selector: &str) -> u64 {
        let selector = json!(selector);
        self.run(&format!("document.querySelectorAll({selector}).length")).as_u64().unwrap_or_default()
    }

    /// The event that is chosen, counted from 1.
    pub fn place(&mut self) -> u64 {
        self.run("quorate.page.index + 1").as_u64().expect("a number")
    }

    /// Presses a key, with a capital letter for Shift.
    pub fn press(&mut self, key: &str) {
        let shift = key.len() == 1 && key.chars().all(|char| char.is_ascii_uppercase());
        let text = if key.chars().count() == 1 { json!(key) } else { Value::Null };
        let mut down = json!({"type": "keyDown", "key": key, "modifiers": if shift { 8 } else { 0 }});
        if !text.is_null() {
            down["text"] = text;
        }
        if key == "Tab" {
            down["windowsVirtualKeyCode"] = json!(9);
        }
        if key == "Enter" {
            down["windowsVirtualKeyCode"] = json!(13);
            down["text"] = json!("\r");
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key}));
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Clicks into the middle of the first element that matches, as a mouse does: what covers it gets the click.
    pub fn click(&mut self, selector: &str) {
        let quoted = json!(selector);
        let middle = self.run(&format!(
            "(() => {{ const box = document.querySelector({quoted}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        self.mouse("mousePressed", &middle);
        self.mouse("mouseReleased", &middle);
    }

    fn mouse(&mut self, what: &str, at: &Value) {
        let event = json!({"type": what, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
        self.call("Input.dispatchMouseEvent", event);
    }

    /// Gives the window a size.
    pub fn window(&mut self, width: u32, height: u32, mobile: bool) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Prefers `light` or `dark`.
    pub fn scheme(&mut self, scheme: &str) {
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", feature);
    }

    /// A picture of the window: a PNG, also kept where `SCREENSHOTS` says.
    pub fn picture(&mut self, name: &str) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let png = STANDARD.decode(shot["data"].as_str().expect("a picture is text")).expect("it is base64");
        if let Some(folder) = std::env::var_os("SCREENSHOTS") {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(PathBuf::from(folder).join(format!("{name}.png")), &png).expect("there is room for a picture");
        }
        png
    }

    /// Everything the page complained about: errors, warnings, what its policy refused, what it asked the network for.
    pub fn complaints(&mut self) -> Vec<String> {
        // Whatever is on its way comes before the answer to this.
        self.run("new Promise((done) => requestAnimationFrame(() => done(1)))");
        std::mem::take(&mut self.complaints)
    }
}
