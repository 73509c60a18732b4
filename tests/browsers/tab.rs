//! Browser tab, driven like a user: keys, clicks, a window size.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::bidi::BiDi;
use crate::browser::{Browser, Kind};
use crate::devtools::DevTools;
use crate::driver::{Driver, Notice, Pointer};

/// Timeout for anything that a page does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A page, and the problems it reported.
pub struct Tab {
    driver: Box<dyn Driver>,
    /// Number of pages that were written for it.
    pages: u64,
    complaints: Vec<String>,
    folder: PathBuf,
    /// Address of the site that the page may ask: of a file, none.
    site: Option<String>,
}

impl Tab {
    /// Opens a tab with the window size of a desktop, in light mode.
    pub fn open(browser: &Browser) -> Tab {
        let driver: Box<dyn Driver> = match browser.kind {
            Kind::Chromium => Box::new(DevTools::open(browser)),
            Kind::Firefox => Box::new(BiDi::open(browser)),
        };
        let folder = browser.folder.path().to_owned();
        let mut tab = Tab { driver, pages: 0, complaints: Vec::new(), folder, site: None };
        tab.window(1440, 900, false);
        tab.media("light", false);
        tab
    }

    /// Writes a page to a file and opens it. Returns the milliseconds until it was ready.
    pub fn show(&mut self, page: &str, fragment: &str) -> f64 {
        self.pages += 1;
        let path = self.folder.join(format!("page-{}.html", self.pages));
        fs::write(&path, page).expect("there is room for a page");
        self.go(&format!("file://{}{fragment}", path.display()))
    }

    /// Opens a page of a site, which may ask that site and no other. Returns the milliseconds
    /// until it was ready.
    pub fn visit(&mut self, site: &str, fragment: &str) -> f64 {
        self.site = Some(site.to_owned());
        // A page that differs in its fragment alone would not be loaded anew. Requests of the page
        // that is left fail with it: Firefox reports them, and they are no complaint of the next.
        self.listen();
        self.driver.navigate("about:blank");
        drop(self.driver.notices());
        self.go(&format!("{site}{fragment}"))
    }

    /// Opens an address, without waiting for its page.
    pub fn navigate(&mut self, address: &str) {
        self.driver.navigate(address);
        self.listen();
    }

    fn go(&mut self, address: &str) -> f64 {
        self.navigate(address);
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
        let value = self.driver.evaluate(script);
        self.listen();
        value
    }

    /// Keeps the problems that the page has reported.
    fn listen(&mut self) {
        for notice in self.driver.notices() {
            match notice {
                Notice::Complaint(complaint) => self.complaints.push(complaint),
                Notice::Request(url) => {
                    let is_ours = self.site.as_deref().is_some_and(|site| url.starts_with(site));
                    if !is_ours && !["file:", "about:"].iter().any(|scheme| url.starts_with(scheme)) {
                        self.complaints.push(format!("it asked the network for {url}"));
                    }
                }
            }
        }
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
        self.driver.press(key);
    }

    /// Types a text into the focused element.
    pub fn write(&mut self, text: &str) {
        self.driver.write(text);
    }

    /// Clicks the middle of the first element that matches, like a mouse: an element on top of it
    /// gets the click.
    pub fn click(&mut self, selector: &str) {
        let middle = self.middle(selector);
        self.click_at(&middle);
    }

    /// Touches the middle of the first element that matches with a finger.
    pub fn tap(&mut self, selector: &str) {
        let middle = self.middle(selector);
        self.point(Pointer::Tap, &middle);
    }

    fn middle(&mut self, selector: &str) -> Value {
        let quoted = json!(selector);
        self.run(&format!(
            "(() => {{ const box = document.querySelector({quoted}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ))
    }

    /// Clicks at a point of the window, `[x, y]`.
    pub fn click_at(&mut self, point: &Value) {
        self.point(Pointer::Click, point);
    }

    /// Moves the mouse to a point of the window, `[x, y]`.
    pub fn hover_at(&mut self, point: &Value) {
        self.point(Pointer::Move, point);
    }

    fn point(&mut self, action: Pointer, at: &Value) {
        let [x, y] = [&at[0], &at[1]].map(|number| number.as_f64().expect("a point is two numbers"));
        self.driver.point(action, x, y);
    }

    /// Gives the window a touchscreen, for pages that are opened after it.
    pub fn touchscreen(&mut self) {
        self.driver.touchscreen();
    }

    /// Sets the size of the window.
    pub fn window(&mut self, width: u32, height: u32, is_mobile: bool) {
        self.driver.window(width, height, is_mobile);
    }

    /// Sets the preferred colour scheme, `light` or `dark`, and whether movement is unwanted.
    /// Firefox is always light and without movement.
    pub fn media(&mut self, scheme: &str, is_still: bool) {
        self.driver.media(scheme, is_still);
    }

    /// Cuts the page from the network, or connects it again.
    pub fn offline(&mut self, is_offline: bool) {
        self.driver.offline(is_offline);
    }

    /// Takes a screenshot of the window as a PNG, and saves it in the folder `SCREENSHOTS`.
    pub fn picture(&mut self, name: &str) -> Vec<u8> {
        let png = STANDARD.decode(self.driver.picture()).expect("it is base64");
        if let Some(folder) = std::env::var_os("SCREENSHOTS") {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(PathBuf::from(folder).join(format!("{name}.png")), &png).expect("there is room for a picture");
        }
        png
    }

    /// Prints the page on paper of its own size, as a PDF.
    pub fn print(&mut self) -> Vec<u8> {
        STANDARD.decode(self.driver.print()).expect("it is base64")
    }

    /// Takes all problems that the page reported: errors, warnings, violations of its policy,
    /// network requests.
    pub fn complaints(&mut self) -> Vec<String> {
        // Events in transit arrive before the result of this.
        self.run("new Promise((done) => requestAnimationFrame(() => done(1)))");
        std::mem::take(&mut self.complaints)
    }
}
