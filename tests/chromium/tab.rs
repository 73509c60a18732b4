//! Browser tab, driven over the Chrome DevTools Protocol like a user: keys, clicks, a window size.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::browser::Chromium;

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// Timeout for anything that a page does.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page, and the problems it reported.
pub struct Tab {
    socket: Socket,
    next: u64,
    complaints: Vec<String>,
    folder: PathBuf,
    /// Address of the site that the page may ask: of a file, none.
    site: Option<String>,
}

impl Tab {
    /// Opens a tab with the window size of a desktop, in light mode.
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
        Tab { socket, next: 0, complaints: Vec::new(), folder: folder.to_owned(), site: None }
    }

    /// Calls a method of the protocol, and collects problems that the page reports in the meantime.
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
                let is_ours = self.site.as_deref().is_some_and(|site| url.starts_with(site));
                if !["file:", "about:"].iter().any(|scheme| url.starts_with(scheme)) && !is_ours {
                    self.complaints.push(format!("it asked the network for {url}"));
                }
            }
            _ => {}
        }
    }

    /// Writes a page to a file and opens it. Returns the milliseconds until it was ready.
    pub fn show(&mut self, page: &str, fragment: &str) -> f64 {
        let path = self.folder.join(format!("page-{}.html", self.next));
        fs::write(&path, page).expect("there is room for a page");
        self.go(&format!("file://{}{fragment}", path.display()))
    }

    /// Opens a page of a site, which may ask that site and no other. Returns the milliseconds
    /// until it was ready.
    pub fn visit(&mut self, site: &str, fragment: &str) -> f64 {
        self.site = Some(site.to_owned());
        // A page that differs in its fragment alone would not be loaded anew.
        self.call("Page.navigate", json!({"url": "about:blank"}));
        self.go(&format!("{site}{fragment}"))
    }

    fn go(&mut self, address: &str) -> f64 {
        self.call("Page.navigate", json!({"url": address}));
        self.wait_until("document.body?.dataset.ready === 'true'", "the page is never ready");
        self.run("performance.now()").as_f64().expect("a number")
    }

    /// Waits until an expression of the page is true.
    pub fn wait_until(&mut self, condition: &str, otherwise: &str) {
        let begun = Instant::now();
        while self.run(&format!("Boolean({condition})")) != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "{otherwise}: {:?}", self.complaints);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Evaluates an expression in the page.
    pub fn run(&mut self, script: &str) -> Value {
        let result =
            self.call("Runtime.evaluate", json!({"expression": script, "returnByValue": true, "awaitPromise": true}));
        assert!(result.get("exceptionDetails").is_none(), "{script}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Text of the first element that matches.
    pub fn text(&mut self, selector: &str) -> String {
        let selector = json!(selector);
        self.run(&format!("document.querySelector({selector})?.textContent ?? ''"))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Number of elements that match.
    pub fn count(&mut self, selector: &str) -> u64 {
        let selector = json!(selector);
        self.run(&format!("document.querySelectorAll({selector}).length")).as_u64().unwrap_or_default()
    }

    /// Number of the selected event, from 1.
    pub fn place(&mut self) -> u64 {
        self.run("quorate.page.index + 1").as_u64().expect("a number")
    }

    /// Presses a key; a capital letter means Shift.
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

    /// Types a text into the focused element.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Clicks the middle of the first element that matches, like a mouse: an element on top of it
    /// gets the click.
    pub fn click(&mut self, selector: &str) {
        let quoted = json!(selector);
        let middle = self.run(&format!(
            "(() => {{ const box = document.querySelector({quoted}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        self.click_at(&middle);
    }

    /// Clicks at a point of the window, `[x, y]`.
    pub fn click_at(&mut self, point: &Value) {
        self.mouse("mousePressed", point);
        self.mouse("mouseReleased", point);
    }

    /// Moves the mouse to a point of the window, `[x, y]`.
    pub fn hover_at(&mut self, point: &Value) {
        self.mouse("mouseMoved", point);
    }

    fn mouse(&mut self, what: &str, at: &Value) {
        let event = json!({"type": what, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
        self.call("Input.dispatchMouseEvent", event);
    }

    /// Sets the size of the window.
    pub fn window(&mut self, width: u32, height: u32, mobile: bool) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Sets the preferred colour scheme, `light` or `dark`.
    pub fn scheme(&mut self, scheme: &str) {
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", feature);
    }

    /// Takes a screenshot of the window as a PNG, and saves it in the folder `SCREENSHOTS`.
    pub fn picture(&mut self, name: &str) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let png = STANDARD.decode(shot["data"].as_str().expect("a picture is text")).expect("it is base64");
        if let Some(folder) = std::env::var_os("SCREENSHOTS") {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(PathBuf::from(folder).join(format!("{name}.png")), &png).expect("there is room for a picture");
        }
        png
    }

    /// Takes all problems that the page reported: errors, warnings, violations of its policy,
    /// network requests.
    pub fn complaints(&mut self) -> Vec<String> {
        // Events in transit arrive before the result of this.
        self.run("new Promise((done) => requestAnimationFrame(() => done(1)))");
        std::mem::take(&mut self.complaints)
    }
}
