//! Chromium's tabs, by the Chrome DevTools Protocol.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::driver::{Driver, Notice, Pointer};
use crate::socket::Socket;

/// A tab of Chromium.
pub(crate) struct DevTools {
    socket: Socket,
}

impl DevTools {
    pub(crate) fn open(browser: &Browser) -> DevTools {
        let target = Socket::connect(&browser.endpoint).call("Target.createTarget", json!({"url": "about:blank"}));
        let id = target["targetId"].as_str().expect("a target has an id");
        let address = browser.endpoint.split("/devtools").next().expect("a split has a first part");
        let mut socket = Socket::connect(&format!("{address}/devtools/page/{id}"));
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            socket.call(domain, json!({}));
        }
        DevTools { socket }
    }

    fn mouse(&mut self, what: &str, x: f64, y: f64) {
        let event = json!({"type": what, "x": x, "y": y, "button": "left", "clickCount": 1});
        self.socket.call("Input.dispatchMouseEvent", event);
    }
}

impl Driver for DevTools {
    fn navigate(&mut self, address: &str) {
        self.socket.call("Page.navigate", json!({"url": address}));
    }

    fn evaluate(&mut self, script: &str) -> Value {
        let request = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let result = self.socket.call("Runtime.evaluate", request);
        assert!(result.get("exceptionDetails").is_none(), "{script}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    fn press(&mut self, key: &str) {
        let shift = key.len() == 1 && key.chars().all(|char| char.is_ascii_uppercase());
        let mut down = json!({"type": "keyDown", "key": key, "modifiers": if shift { 8 } else { 0 }});
        if key.chars().count() == 1 {
            down["text"] = json!(key);
        }
        if key == "Tab" {
            down["windowsVirtualKeyCode"] = json!(9);
        }
        if key == "Enter" {
            down["windowsVirtualKeyCode"] = json!(13);
            down["text"] = json!("\r");
        }
        self.socket.call("Input.dispatchKeyEvent", down);
        self.socket.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key}));
    }

    fn write(&mut self, text: &str) {
        self.socket.call("Input.insertText", json!({"text": text}));
    }

    fn point(&mut self, action: Pointer, x: f64, y: f64) {
        match action {
            Pointer::Move => self.mouse("mouseMoved", x, y),
            Pointer::Click => {
                self.mouse("mousePressed", x, y);
                self.mouse("mouseReleased", x, y);
            }
            Pointer::Tap => {
                let touch = json!({"type": "touchStart", "touchPoints": [{"x": x, "y": y}]});
                self.socket.call("Input.dispatchTouchEvent", touch);
                self.socket.call("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []}));
            }
        }
    }

    fn touchscreen(&mut self) {
        self.socket.call("Emulation.setTouchEmulationEnabled", json!({"enabled": true}));
    }

    fn window(&mut self, width: u32, height: u32, is_mobile: bool) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_mobile});
        self.socket.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    fn media(&mut self, scheme: &str, is_still: bool) {
        let motion = if is_still { "reduce" } else { "no-preference" };
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}
        ]);
        self.socket.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    fn offline(&mut self, is_offline: bool) {
        let conditions = json!({"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.socket.call("Network.emulateNetworkConditions", conditions);
    }

    fn picture(&mut self) -> String {
        let shot = self.socket.call("Page.captureScreenshot", json!({"format": "png"}));
        shot["data"].as_str().expect("a picture is text").to_owned()
    }

    fn print(&mut self) -> String {
        let options = json!({"preferCSSPageSize": true, "printBackground": true});
        let pdf = self.socket.call("Page.printToPDF", options);
        pdf["data"].as_str().expect("a document is text").to_owned()
    }

    fn notices(&mut self) -> Vec<Notice> {
        self.socket.events().iter().filter_map(notice).collect()
    }
}

fn notice(event: &Value) -> Option<Notice> {
    let parameters = &event["params"];
    Some(match event["method"].as_str().unwrap_or_default() {
        "Runtime.exceptionThrown" => Notice::Complaint(parameters["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" if parameters["type"] != "log" => Notice::Complaint(parameters["args"].to_string()),
        "Log.entryAdded" => Notice::Complaint(parameters["entry"].to_string()),
        "Page.javascriptDialogOpening" => Notice::Complaint(format!("a dialog: {}", parameters["message"])),
        "Network.requestWillBeSent" => {
            Notice::Request(parameters["request"]["url"].as_str().unwrap_or_default().to_owned())
        }
        _ => return None,
    })
}
