//! The page in a browser, with its server.

use quorate_browsers::{Browser, Tab};
use serde_json::json;

use crate::running::Running;

/// A server, a browser, and a tab with the page. Fields are dropped in this order.
pub struct Page {
    pub tab: Tab,
    _browser: Browser,
    pub server: Running,
}

impl Page {
    /// Opens the page of a fresh cluster without movement, if there is a browser.
    pub fn open() -> Option<Page> {
        Page::with(&[], true, "")
    }

    /// Opens the page of a server with these arguments.
    pub fn with(arguments: &[&str], is_still: bool, fragment: &str) -> Option<Page> {
        let (browser, mut tab) = quorate_browsers::tab()?;
        let server = Running::start(arguments);
        if is_still {
            tab.media("light", true);
        }
        tab.visit(&server.site(), fragment);
        let mut page = Page { tab, _browser: browser, server };
        page.idle();
        Some(page)
    }

    /// Waits until nothing is asked and nothing moves.
    pub fn idle(&mut self) {
        self.tab.wait_until("quorate.page.isIdle", "the page never comes to rest");
    }

    /// Clicks the first element that matches, which is scrolled into view, and waits.
    pub fn click(&mut self, selector: &str) {
        let quoted = json!(selector);
        let found = self.tab.run(&format!("document.querySelector({quoted})?.scrollIntoView({{ block: 'nearest' }}), document.querySelector({quoted}) !== null"));
        assert_eq!(found, json!(true), "there is no {selector}");
        self.tab.click(selector);
        self.idle();
    }

    /// Performs a command that is typed into the command line.
    pub fn command(&mut self, line: &str) {
        self.tab.run("document.activeElement?.blur()");
        self.tab.press("/");
        self.tab.write(line);
        self.tab.press("Enter");
        self.idle();
    }

    /// Presses a key of the page.
    pub fn press(&mut self, key: &str) {
        self.tab.press(key);
        self.idle();
    }

    /// A remark or an error, above the cluster.
    pub fn message(&mut self) -> String {
        self.tab.text("#message:not([hidden])")
    }

    /// Lines of the current branch, up to where the session is.
    pub fn script(&mut self) -> Vec<String> {
        let lines =
            self.tab.run("quorate.session.state.commands.slice(0, quorate.session.state.at).map(({ line }) => line)");
        serde_json::from_value(lines).expect("lines are texts")
    }

    /// Names of the nodes that lead.
    pub fn leaders(&mut self) -> Vec<String> {
        let names = self.tab.run("[...document.querySelectorAll('.member.up.s2')].map((node) => node.dataset.node)");
        serde_json::from_value(names).expect("names are texts")
    }

    /// Text of the run's trace, from the header to the last event.
    pub fn events(&mut self) -> Vec<String> {
        serde_json::from_value(self.tab.run("quorate.session.lines")).expect("lines are texts")
    }

    /// Asserts that the page reported nothing: no error, no warning, no request elsewhere.
    pub fn is_content(&mut self) {
        assert_eq!(self.tab.complaints(), Vec::<String>::new());
    }
}
