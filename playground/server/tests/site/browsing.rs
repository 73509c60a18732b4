//! The page of a site in a browser, with the session in a worker.

use quorate_browsers::{Browser, Tab};
use quorate_harness::protocols::registry;
use quorate_lab::script::{RunOptions, run_scenario};
use quorate_session::{Request, Session};
use serde_json::{Value, json};

use crate::host::{Change, Host, built};
use crate::shared_speed::{BUSY, clicks, pictures};

/// A site with its server, and a tab of a browser.
struct Visit {
    tab: Tab,
    _browser: Browser,
    host: Host,
}

impl Visit {
    /// Opens the playground of the site, if there is a site and a browser.
    fn of(query: &str, change: Option<Change>) -> Option<Visit> {
        let host = Host::of(built()?, change);
        let (browser, mut tab) = quorate_browsers::tab()?;
        tab.media("light", true);
        tab.visit(&host.site(), &format!("play/index.html{query}"));
        let mut visit = Visit { tab, _browser: browser, host };
        visit.idle();
        Some(visit)
    }

    fn idle(&mut self) {
        self.tab.wait_until("quorate.page.isIdle", "the page never comes to rest");
    }

    fn click(&mut self, selector: &str) {
        self.tab.click(selector);
        self.idle();
    }

    /// Performs a command that is typed into the command line.
    fn command(&mut self, line: &str) {
        self.tab.run("document.activeElement?.blur()");
        self.tab.press("/");
        self.tab.write(line);
        self.tab.press("Enter");
        self.idle();
    }

    /// A remark or an error, above the cluster.
    fn message(&mut self) -> String {
        self.tab.text("#message:not([hidden])")
    }

    fn leaders(&mut self) -> Vec<String> {
        texts(self.tab.run("[...document.querySelectorAll('.member.up.s2')].map((node) => node.dataset.node)"))
    }

    fn events(&mut self) -> Vec<String> {
        texts(self.tab.run("quorate.session.lines"))
    }

    /// The text of the response to a request, as the session in the worker wrote it.
    fn send(&mut self, request: &Value) -> String {
        let text = self.tab.run(&format!("quorate.page.transport.send({request})"));
        text.as_str().expect("a response is text").to_owned()
    }

    /// Asserts that nothing was reported, and nothing asked for outside of the site.
    fn is_content(&mut self) {
        assert_eq!(self.tab.complaints(), Vec::<String>::new());
        assert_eq!(self.host.strays(), Vec::<String>::new());
    }
}

fn texts(value: Value) -> Vec<String> {
    serde_json::from_value(value).expect("it is a list of texts")
}

#[test]
fn a_loaded_page_needs_no_network_to_elect_crash_undo_and_save() {
    let Some(mut visit) = Visit::of("", None) else { return };
    visit.tab.offline(true);
    let first = visit.leaders();
    assert_eq!(first.len(), 1, "{}", visit.message());
    visit.click(&format!(".member[data-node={}] .disc", first[0]));
    visit.click(&format!("#next [data-line='crash {}']", first[0]));
    assert_eq!(visit.leaders(), Vec::<String>::new());
    visit.command("until leader within=5s");
    let second = visit.leaders();
    assert!(second.len() == 1 && second != first, "{first:?}, then {second:?}");
    visit.click("#undo");
    visit.click("#undo");
    assert_eq!(visit.leaders(), first);
    visit.click("#redo");
    visit.click("#redo");
    assert_eq!(visit.leaders(), second);
    visit.tab.run("globalThis.files = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { files.push(blob); return make(blob); }; 1");
    visit.click("#file > summary");
    visit.click("#save-file");
    let text = visit.tab.run("files[0].text()");
    let text = text.as_str().expect("a file is text").to_owned();
    let run = run_scenario(&text, &registry(), RunOptions::default()).expect("it performs");
    let mut lines = Vec::new();
    run.document.write_jsonl(&mut lines).expect("names differ");
    let lines = String::from_utf8(lines).expect("it is text");
    assert_eq!(lines.lines().skip(1).collect::<Vec<_>>(), visit.events());
    visit.is_content();
}

/// Requests of every kind for one protocol, right and wrong.
fn requests(cluster: &str) -> Vec<Value> {
    vec![
        json!({"do": "open", "cluster": cluster}),
        json!({"do": "perform", "line": "step 5"}),
        json!({"do": "auto", "steps": 40, "rate": 0.3, "seed": 7}),
        json!({"do": "undo"}),
        json!({"do": "redo"}),
        json!({"do": "go", "event": 3}),
        json!({"do": "perform", "line": "no such command"}),
        json!({"do": "attack", "forks": 2, "steps": 40, "seed": 1}),
        json!({"do": "by-the-book"}),
        json!({"do": "seed", "seed": 3}),
        json!({"do": "save"}),
        json!({"do": "export"}),
        json!({"do": "look"}),
        json!({"do": "juggle"}),
    ]
}

#[test]
fn the_same_requests_get_the_same_bytes_in_the_browser_and_natively() {
    let Some(mut visit) = Visit::of("", None) else { return };
    let mut native = Session::new();
    // The page has asked for these already.
    for request in [
        json!({"do": "catalogue"}),
        json!({"do": "open", "cluster": "raft nodes=3"}),
        json!({"do": "perform", "line": "until leader within=5s"}),
    ] {
        native.handle(&request.to_string());
    }
    let catalogue = Session::new().perform(Request::Catalogue).catalogue.expect("there is one");
    let clusters = catalogue.protocols.iter().map(|protocol| protocol.example.as_str());
    let mut requests: Vec<Value> = clusters.flat_map(requests).collect();
    requests.push(json!({"do": "catalogue"}));
    requests.push(json!({"do": "open", "scenario": "raft/figure-8"}));
    for request in requests {
        assert_eq!(visit.send(&request), native.handle(&request.to_string()), "{request}");
    }
    visit.is_content();
}

#[test]
fn the_index_leads_to_each_scenario_which_is_kept_over_a_reload() {
    let Some(mut visit) = Visit::of("", None) else { return };
    visit.tab.run("location.assign('../index.html')");
    let link = "a[href='play/index.html?scenario=raft/figure-8']";
    visit.tab.wait_until(&format!("document.querySelector(\"{link}\") !== null"), "the index has no such link");
    visit.tab.picture("site-index");
    visit.tab.run(&format!("document.querySelector(\"{link}\").scrollIntoView()"));
    visit.tab.click(link);
    visit.tab.wait_until("document.body?.dataset.ready === 'true'", "the page is never ready");
    visit.idle();
    assert_eq!(visit.tab.run("quorate.session.state.at"), json!(1));
    let title = visit.tab.text("#title");
    assert!(title.contains("Figure 8"), "{title}");
    assert_eq!(visit.tab.run("location.search"), json!(""));
    visit.command("step");
    let events = visit.events();
    // A session is stored after a pause; the one before it was stored, too.
    visit.tab.wait_until(
        "JSON.parse(sessionStorage.getItem('quorate.session') ?? '{}').branches?.some(({ lines }) => lines.at(-1).text === 'step')",
        "nothing is kept",
    );
    visit.tab.visit(&visit.host.site(), "play/index.html");
    visit.idle();
    assert_eq!((visit.tab.text("#title"), visit.events()), (title, events));
    visit.is_content();
}

#[test]
fn a_scenario_that_does_not_exist_is_said_and_loses_nothing() {
    let Some(mut visit) = Visit::of("?scenario=raft/figure-88", None) else { return };
    assert!(visit.message().contains("raft/figure-88"), "{}", visit.message());
    assert_eq!(visit.leaders().len(), 1);
    visit.is_content();
}

#[test]
fn a_panic_of_the_session_is_said_and_loses_nothing() {
    // A request of a certain name asks for more room than there can be, which panics.
    let change =
        ("play/worker.js", "to.room(bytes.length)", "to.room(request.line === 'panic' ? 0xffffffff : bytes.length)");
    let Some(mut visit) = Visit::of("", Some(change)) else { return };
    visit.command("crash n1");
    let events = visit.events();
    visit.command("panic");
    let message = visit.message();
    assert!(message.contains("opened again as it was before") && message.contains("capacity overflow"), "{message}");
    assert_eq!(visit.events(), events);
    visit.command("restart n1");
    assert_eq!(visit.message(), "");
    assert_eq!(visit.events()[..events.len()], events);
    visit.is_content();
}

#[test]
fn the_first_click_waits_for_the_first_protocols_alone() {
    let change = ("play/worker.js", "load(\"quorate.wasm\"", "load(\"elsewhere.wasm\"");
    let Some(mut visit) = Visit::of("", Some(change)) else { return };
    let leader = visit.leaders().remove(0);
    visit.click(&format!(".member[data-node={leader}] .disc"));
    visit.click(&format!("#next [data-line='crash {leader}']"));
    let events = visit.events();
    let refused = visit.send(&json!({"do": "open", "cluster": "lock nodes=A,B"}));
    assert!(refused.contains("the session with the other protocols is missing"), "{refused}");
    assert!(refused.contains("elsewhere.wasm could not be loaded: the site answers 404"), "{refused}");
    visit.command("until leader within=5s");
    assert_eq!(visit.events()[..events.len()], events, "nothing is lost");
}

#[test]
fn a_session_that_cannot_be_loaded_is_said() {
    let change = ("play/worker.js", "load(\"first.wasm\"", "load(\"elsewhere.wasm\"");
    let Some(site) = built() else { return };
    let host = Host::of(site, Some(change));
    let Some((_browser, mut tab)) = quorate_browsers::tab() else { return };
    tab.navigate(&format!("{}play/index.html", host.site()));
    tab.wait_until("document.getElementById('message')?.textContent.includes('404')", "nothing is said");
}

#[test]
fn speed_of_a_click() {
    let Some(mut visit) = Visit::of("", None) else { return };
    clicks(&mut visit.tab, "WebAssembly");
}

#[test]
fn speed_of_pictures() {
    let Some(mut visit) = Visit::of("", None) else { return };
    visit.tab.press("g");
    visit.tab.run(&format!("document.getElementById('cluster-line').value = '{BUSY}'"));
    visit.click("#opening form button[type=submit]");
    visit.command("until leader within=20s");
    visit.command("run 600ms");
    pictures(&mut visit.tab, "WebAssembly");
}
