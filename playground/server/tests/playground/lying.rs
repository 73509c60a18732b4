//! Tests of liars on the page: a node is made one by a click, and what it sends is marked.

use serde_json::json;

use crate::page::Page;

/// A page with this cluster, after these commands.
fn page_of(cluster: &str, lines: &[&str]) -> Option<Page> {
    let mut page = Page::open()?;
    page.tab.run(&format!("quorate.page.ask({}), 1", json!({"do": "open", "cluster": cluster})));
    page.idle();
    for line in lines {
        page.command(line);
    }
    Some(page)
}

/// Opens what can be done with a node.
fn choose(page: &mut Page, node: &str) {
    page.click(&format!(".member[data-node={node}] .disc .nodename"));
}

#[test]
fn a_node_is_made_a_liar_by_a_click_and_is_marked() {
    let Some(mut page) = page_of("cluster pbft replicas=4 proxies=P", &["add P 5", "run 1500us"]) else { return };
    assert_eq!(page.tab.count(".liarflag, .parcel.lying, .lanehead.liar"), 0);
    choose(&mut page, "P");
    assert_eq!(page.tab.count("#next [data-lie]"), 0, "a proxy must be honest");
    choose(&mut page, "n1");
    page.click("#next [data-lie=equivocating]");
    assert_eq!(page.script()[0], "cluster pbft replicas=4 proxies=P liars=n1:equivocating");
    assert_eq!(page.tab.count(".member[data-node=n1] .liarflag"), 1);
    assert!(page.tab.count(".parcel.lying") > 0, "its proposals are under way");
    assert_eq!(page.message(), "The commands with the liar n1:equivocating: all of them are possible.");
    page.tab.picture("playground-liar");
    page.tab.run("quorate.page.panels.show('lanes'), 1");
    assert_eq!(page.tab.text(".lanehead.liar"), "n1");
    assert!(page.tab.count(".arrow.lying") > 0);
    choose(&mut page, "n1");
    page.click("#next [data-lie=honest]");
    assert_eq!(page.script()[0], "cluster pbft replicas=4 proxies=P");
    assert_eq!(page.tab.count(".liarflag, .parcel.lying, .lanehead.liar"), 0);
    page.is_content();
}

#[test]
fn liars_have_chinese_words() {
    let Some(mut page) = Page::open() else { return };
    page.tab.visit(&page.server.site(), "?lang=zh");
    page.idle();
    page.tab.run(&format!(
        "quorate.page.ask({}), 1",
        json!({"do": "open", "cluster": "generals nodes=C,L1,L2,L3 liars=L3:says-other"})
    ));
    page.idle();
    choose(&mut page, "L3");
    let words = page.tab.text("#next [data-group=liar]");
    assert!(words.contains("让它说谎") && words.contains("恢复诚实") && words.contains("什么也不发"), "{words}");
    assert!(page.tab.text(".member[data-node=L3] title").contains("说谎者：说反话"));
    page.is_content();
}
