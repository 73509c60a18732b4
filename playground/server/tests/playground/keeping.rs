//! Tests of what outlives the page: files, links, a reload.

use quorate_harness::protocols::registry;
use quorate_lab::script::{RunOptions, run_scenario};
use serde_json::json;

use crate::page::Page;

/// A run with a crash, a second leader, and a request.
const RUN: [&str; 4] = ["put n1 x 1", "run 20ms", "crash n1", "until leader within=5s"];

#[test]
fn a_saved_session_runs_as_a_scenario_with_the_same_events() {
    let Some(mut page) = Page::open() else { return };
    for line in RUN {
        page.command(line);
    }
    let events = page.events();
    page.tab.run("globalThis.files = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { files.push(blob); return make(blob); }; 1");
    page.click("#file > summary");
    page.click("#save-file");
    let text = page.tab.run("files[0].text()");
    let text = text.as_str().expect("a file is text");
    let run = run_scenario(text, &registry(), RunOptions::default()).expect("it performs");
    let mut lines = Vec::new();
    run.document.write_jsonl(&mut lines).expect("names differ");
    let lines = String::from_utf8(lines).expect("it is text");
    assert_eq!(lines.lines().skip(1).collect::<Vec<_>>(), events);
    page.is_content();
}

#[test]
fn a_link_opens_the_same_session_in_another_tab() {
    let Some(mut page) = Page::open() else { return };
    for line in RUN {
        page.command(line);
    }
    let (events, script) = (page.events(), page.script());
    page.click("#file > summary");
    page.click("#share");
    page.tab.wait_until("document.getElementById('link').value !== ''", "there is no link");
    let link = page.tab.run("document.getElementById('link').value").as_str().expect("it is text").to_owned();
    let fragment = link.strip_prefix(&page.server.site()).expect("it leads to this server").to_owned();
    page.tab.run("sessionStorage.clear()");
    page.tab.visit(&page.server.site(), &fragment);
    page.idle();
    assert_eq!((page.events(), page.script()), (events, script));
    assert_eq!(page.tab.run("location.hash"), json!(""), "what is done from here is kept over a reload");
    page.is_content();
}

#[test]
fn a_broken_link_is_said_and_loses_nothing() {
    let Some(mut page) = Page::with(&[], true, "#s=brokenbrokenbroken") else { return };
    assert!(page.message().contains("The link holds no session"), "{}", page.message());
    assert_eq!(page.leaders().len(), 1);
    // Deflated JSON, which is no session.
    page.tab.visit(&page.server.site(), "#s=q1ZKVrIyqgUA");
    page.idle();
    assert_eq!(page.tab.count("#message.error"), 1);
    page.is_content();
}

#[test]
fn a_session_too_long_for_a_link_is_refused_with_a_word() {
    let Some(mut page) = Page::open() else { return };
    // Letters at random, which cannot be compressed.
    page.tab.run("(async () => { for (let i = 0; i < 12; i += 1) { const text = [...crypto.getRandomValues(new Uint8Array(3000))].map((byte) => byte.toString(16).padStart(2, '0')).join(''); await quorate.page.perform(`note ${text.slice(0, 6000)}`); } })().then(() => 1)");
    page.click("#file > summary");
    page.click("#share");
    page.tab.wait_until("document.getElementById('message').textContent !== ''", "nothing is said");
    assert!(page.message().contains("too long for a link"), "{}", page.message());
    assert_eq!(page.tab.run("document.getElementById('link').value"), json!(""));
    page.is_content();
}

#[test]
fn a_session_is_kept_over_a_reload_and_over_its_end_at_the_server() {
    let Some(mut page) = Page::with(&["--sessions", "1"], true, "") else { return };
    for line in RUN {
        page.command(line);
    }
    let events = page.events();
    page.tab.wait_until("sessionStorage.length === 1 && quorate.session.saved !== undefined", "nothing is kept");
    // Longer than the pause after which a session is stored.
    std::thread::sleep(std::time::Duration::from_millis(800));
    page.tab.visit(&page.server.site(), "");
    page.idle();
    assert_eq!(page.events(), events);
    // Another tab takes the only place.
    let Some((_browser, mut other)) = quorate_browsers::tab() else { return };
    other.visit(&page.server.site(), "");
    page.command("run 1ms");
    assert!(page.message().contains("opened again"), "{}", page.message());
    assert_eq!(page.events()[..events.len()], events);
}
