//! Tests of playing: clicks, keys and commands change the cluster, and become lines of the script.

use serde_json::json;

use crate::page::Page;

#[test]
fn a_leader_is_elected_and_crashed_by_clicks_and_another_follows() {
    let Some(mut page) = Page::open() else { return };
    let leaders = page.leaders();
    assert_eq!(leaders.len(), 1, "it opens with a cluster that has just elected a leader");
    page.click(&format!(".member[data-node={}] .disc", leaders[0]));
    page.click(&format!("#next [data-line='crash {}']", leaders[0]));
    assert_eq!(page.tab.count(".member.down"), 1);
    page.tab.run("document.getElementById('span').value = '2s'");
    page.click("#run");
    let after = page.leaders();
    assert!(after.len() == 1 && after != leaders, "{after:?} follows {leaders:?}");
    let script = page.script();
    assert_eq!(script[2..], [format!("crash {}", leaders[0]), "run 2s".to_owned()]);
    page.is_content();
}

#[test]
fn a_partition_is_made_and_taken_back() {
    let Some(mut page) = Page::open() else { return };
    page.click("#next [data-key=network] > summary");
    page.click("#next [data-key=network] form:first-of-type button[type=submit]");
    assert_eq!(page.tab.count(".link.cut"), 2, "one of three nodes is cut off from two");
    assert!(page.script().last().is_some_and(|line| line.starts_with("partition ")));
    page.click("#undo");
    assert_eq!(page.tab.count(".link.cut"), 0);
    page.press("y");
    assert_eq!(page.tab.count(".link.cut"), 2);
    page.click("#next [data-line=heal]");
    assert_eq!(page.tab.count(".link.cut"), 0);
    page.is_content();
}

#[test]
fn a_message_is_lost_by_a_click_on_it() {
    let Some(mut page) = Page::open() else { return };
    assert!(page.tab.count(".parcel") > 0, "the new leader's first messages are under way");
    let before = page.tab.count(".parcel");
    page.tab.run("document.querySelector('.parcel').dispatchEvent(new MouseEvent('click', { bubbles: true }))");
    page.click("#next [data-line^='inflight drop ']");
    assert_eq!(page.tab.count(".parcel"), before - 1);
    assert!(page.script().last().is_some_and(|line| line.starts_with("inflight drop ")));
    page.is_content();
}

#[test]
fn a_client_asks_through_a_form() {
    let Some(mut page) = Page::open() else { return };
    let leader = page.leaders().remove(0);
    page.click(&format!(".member[data-node={leader}] .disc"));
    page.click("#next [data-group=requests] form:first-of-type button[type=submit]");
    let asked = page.script().pop().expect("a request");
    let value = asked.strip_prefix(&format!("put {leader} x ")).expect("a value of its own").to_owned();
    page.command("run 20ms");
    page.click("#tab-tables");
    assert!(page.tab.text("#tables .logtable").contains(&format!("x={value}")), "{}", page.tab.text("#tables"));
    assert_eq!(
        page.tab.count("#tables .statetable [data-member=matched] td:not(:empty)"),
        2,
        "what a leader knows of two"
    );
    page.is_content();
}

#[test]
fn what_is_done_after_going_back_is_a_branch_with_a_name() {
    let Some(mut page) = Page::open() else { return };
    page.command("run 20ms");
    page.command("run 30ms");
    // By the page itself: the list of known commands may lie over it and take a click for itself.
    page.tab.run("document.getElementById('tab-script').click()");
    page.tab.run("document.querySelector('#script li:nth-child(2) button').click()");
    page.idle();
    assert_eq!(page.tab.count("#script li.current:nth-child(2)"), 1);
    page.command("crash n1");
    assert_eq!(page.script().last(), Some(&"crash n1".to_owned()));
    page.tab.run("document.getElementById('tab-tree').click()");
    assert_eq!(page.tab.count("#tree .branches li"), 2);
    page.tab.run("document.getElementById('branch-name').value = 'crashed'");
    page.click("#tree form button[type=submit]");
    assert_eq!(page.tab.count("#tree li.current[data-branch=crashed]"), 1);
    page.click("#tree [data-branch=main] [data-do=compare]");
    assert!(page.tab.text("#divergence").contains("agree on"), "{}", page.tab.text("#divergence"));
    assert_eq!(page.tab.count("#lanes .diagram:not([hidden]) .scroller"), 2);
    page.click("#tab-tree");
    page.click("#tree [data-branch=main] [data-do=switch]");
    assert_eq!(page.script().len(), 4);
    page.click("#tree [data-branch=crashed] [data-do=remove]");
    assert_eq!(page.tab.count("#tree .branches li"), 1);
    page.is_content();
}

#[test]
fn a_place_in_the_past_is_looked_at_and_gone_on_from() {
    let Some(mut page) = Page::open() else { return };
    page.press("ArrowLeft");
    page.press("ArrowLeft");
    assert!(page.tab.text("#next").contains("You look at event"));
    let looked = page.tab.run("quorate.page.after").as_u64().expect("a number");
    page.click("#go-here");
    let count = page.tab.run("quorate.session.trace.count").as_u64().expect("a number");
    assert_eq!(count, looked + 1);
    page.command("run 1ms");
    assert!(page.script().iter().any(|line| line.starts_with("step")), "{:?}", page.script());
    page.is_content();
}

#[test]
fn a_broken_rule_breaks_an_invariant_and_the_book_does_not() {
    let Some(mut page) = Page::open() else { return };
    page.press("g");
    page.tab.run("document.getElementById('cluster-line').value = 'paxos proposers=A,B acceptors=X,Y,Z learners=none'");
    page.click("#opening form button[type=submit]");
    for line in ["rules * own-value", "propose A blue round=1", "run", "propose B green round=2", "run"] {
        page.command(line);
    }
    assert_eq!(page.tab.text("#verdict"), "▲ AtMostOneChosen broke");
    assert!(page.tab.count(".rulesflag") > 0, "nodes say under which rules they are");
    page.tab.run("document.activeElement?.blur()");
    page.press("v");
    assert!(page.tab.text("#invariants .broken").contains("AtMostOneChosen"));
    page.press("b");
    assert!(page.tab.text("#divergence").contains("agree on"), "{}", page.message());
    assert_eq!(page.tab.text("#verdict"), "✓ all invariants hold");
    page.is_content();
}

#[test]
fn an_attack_finds_the_bug_and_becomes_a_branch() {
    let Some(mut page) = Page::open() else { return };
    page.press("g");
    page.tab.run("document.getElementById('cluster-line').value = 'paxos proposers=A,B acceptors=X,Y,Z learners=none rules=own-value'");
    page.click("#opening form button[type=submit]");
    page.click("#break > summary");
    page.click("#attack");
    assert!(page.tab.text("#verdict").contains("broke"), "{}", page.message());
    page.click("#tab-tree");
    assert_eq!(page.tab.count("#tree .branches li"), 2);
    page.is_content();
}

#[test]
fn a_scenario_is_a_story_that_goes_on_by_a_key() {
    let Some(mut page) = Page::with(&["two-proposers"], true, "") else { return };
    assert!(page.tab.text("#next").contains("Next in the script"));
    let whole = page.tab.run("quorate.session.state.commands.length").as_u64().expect("a number");
    page.press("ArrowRight");
    assert_eq!(page.script().len(), 2);
    page.click("#play-all");
    assert_eq!(page.script().len() as u64, whole);
    page.click("#tab-story");
    assert!(page.tab.text("#story").contains("chapter"));
    page.is_content();
}

#[test]
fn errors_are_said_and_change_nothing() {
    let Some(mut page) = Page::open() else { return };
    let before = page.events();
    for (line, says) in [("crsh n1", "did you mean 'crash'?"), ("crash n9", "n9"), ("run 5", "5")] {
        page.command(line);
        assert!(page.message().contains(says), "{line}: {}", page.message());
        assert_eq!(page.tab.count("#message.error"), 1);
        assert_eq!(page.tab.run("document.getElementById('line').value"), json!(line), "it stays to be mended");
        page.tab.run("document.getElementById('line').value = ''");
    }
    assert_eq!(page.events(), before);
    page.is_content();
}

#[test]
fn messages_move_and_the_end_is_the_same_as_without_movement() {
    let Some(mut page) = Page::with(&[], false, "") else { return };
    page.tab.run("globalThis.places = new Set(); const watch = () => { for (const shape of document.querySelectorAll('.parcel > g')) places.add(shape.getAttribute('transform')); requestAnimationFrame(watch); }; watch(); 1");
    page.command("run 5ms");
    assert!(page.tab.run("places.size").as_u64() > Some(20), "{}", page.tab.run("places.size"));
    let moved = page.tab.run("[quorate.page.index, document.querySelector('#cluster').textContent]");
    let Some(mut still) = Page::open() else { return };
    still.command("run 5ms");
    assert_eq!(still.tab.run("[quorate.page.index, document.querySelector('#cluster').textContent]"), moved);
    page.is_content();
}

#[test]
fn the_keyboard_reaches_a_node_and_what_can_be_done_with_it() {
    let Some(mut page) = Page::open() else { return };
    let mut reached = String::new();
    for _ in 0..60 {
        page.tab.press("Tab");
        reached = page.tab.run("document.activeElement?.dataset.key ?? ''").as_str().unwrap_or_default().to_owned();
        if reached == "node n2" {
            break;
        }
    }
    assert_eq!(reached, "node n2");
    page.press("Enter");
    for _ in 0..60 {
        page.tab.press("Tab");
        if page.tab.run("document.activeElement?.dataset.line ?? ''") == json!("crash n2") {
            break;
        }
    }
    page.press("Enter");
    assert_eq!(page.script().last().map(String::as_str), Some("crash n2"));
    page.is_content();
}

/// Touches an element, which is scrolled into view, and waits.
fn tap(page: &mut Page, selector: &str) {
    page.tab.run(&format!("document.querySelector({}).scrollIntoView({{ block: 'nearest' }})", json!(selector)));
    page.tab.tap(selector);
    page.idle();
}

#[test]
fn a_finger_does_what_a_click_does() {
    let Some(mut page) = Page::open() else { return };
    page.tab.window(390, 844, true);
    page.tab.touchscreen();
    page.tab.visit(&page.server.site(), "");
    page.idle();
    let leader = page.leaders().remove(0);
    tap(&mut page, &format!(".member[data-node={leader}] .disc .nodename"));
    page.tab.wait_until("document.querySelector('#next .thing') !== null", "the tap chooses nothing");
    let crash = format!("crash {leader}");
    tap(&mut page, &format!("#next [data-line='{crash}']"));
    page.tab.wait_until("document.querySelector('.member.down') !== null", "the tap crashes nothing");
    assert_eq!(page.script().last(), Some(&crash));
    tap(&mut page, "#undo");
    page.tab.wait_until("document.querySelector('.member.down') === null", "the tap takes nothing back");
    page.is_content();
}
