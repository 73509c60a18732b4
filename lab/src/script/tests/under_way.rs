//! Tests of `inflight`, and of `rules` for all nodes.

use super::{error, play, play_all, printed};
use crate::trace::{Event, EventKind};

/// The lines of a run's trace that say something of messages.
fn messages(lines: &str) -> String {
    let document = play(lines).unwrap().document;
    let mut text = Vec::new();
    document.write_jsonl(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let kinds = ["\"kind\":\"drop\"", "\"kind\":\"duplicate\"", "\"kind\":\"deliver\""];
    let told = text.lines().filter(|line| kinds.iter().any(|kind| line.contains(kind)));
    told.map(|line| line.split_once("\"at\":").map_or(line, |(_, rest)| rest)).collect::<Vec<_>>().join("\n")
}

#[test]
fn one_message_is_delivered_before_its_time_and_before_all_others() {
    let told = messages("tell A x\ninflight deliver A C Rumour\nexpect state=C word=x\nexpect state=B word=none");
    assert!(told.contains("\n0,\"kind\":\"deliver\",\"node\":\"C\""), "{told}");
    play("tell A x\ninflight deliver A C\nrun\nexpect delivered=Rumour to=C count=1\nexpect state=B word=x").unwrap();
    // A message that is held is under way, too.
    play("hold A B\ntell A x\ninflight deliver A B Rumour\nexpect state=B word=x\nexpect held=0").unwrap();
}

#[test]
fn one_message_is_dropped_and_the_trace_says_so() {
    let told = messages("tell A x\ninflight drop A B\nrun\nexpect lost=Rumour to=B count=1\nexpect state=C word=x");
    assert!(told.contains("\"kind\":\"drop\",\"node\":\"A\"") && told.contains("\"reason\":\"script\""), "{told}");
    play("tell A x\ntell A y\ninflight drop A B word=y\nrun\nexpect state=B word=x\nexpect state=C word=y").unwrap();
    play("tell A x\ntell A y\ninflight drop A B nth=2\nrun\nexpect state=B word=x").unwrap();
    play("hold A B\ntell A x\ninflight drop A B\nexpect held=0\nexpect lost=Rumour").unwrap();
}

#[test]
fn one_message_is_held_until_it_is_released() {
    play("tell A x\ninflight hold A B\nrun\nexpect held=1\nexpect state=B word=none\nrelease\nrun\nexpect state=B word=x")
        .unwrap();
    play("tell A x\ninflight hold A B\nrun\ndeliver A B Rumour\nexpect state=B word=x").unwrap();
    // The older one is found first, although it was held later.
    play("tell A x\ntell A y\ninflight hold A B nth=2\ninflight hold A B\ndeliver A B\nexpect state=B word=x").unwrap();
    assert_eq!(
        error("tell A x\ninflight hold A B\ninflight hold A B"),
        "line 5: this message is held already; remove this line"
    );
}

#[test]
fn one_message_is_delayed_or_duplicated() {
    let told = messages("tell A x\ninflight delay A B later=5ms\nrun\nexpect state=B word=x");
    assert!(told.contains("6000000,\"kind\":\"deliver\",\"node\":\"B\""), "{told}");
    let told = messages("tell A x\ninflight duplicate A B later=5ms\nrun\nexpect delivered=Rumour to=B count=2");
    assert!(told.contains("\n0,\"kind\":\"duplicate\""), "{told}");
    assert!(told.contains("6000000,\"kind\":\"deliver\",\"node\":\"B\""), "{told}");
    let held = "hold A B\ntell A x\ninflight duplicate A B\nrun\nexpect held=1\nexpect delivered=Rumour to=B count=1";
    assert!(messages(held).contains("1000000,\"kind\":\"deliver\",\"node\":\"B\""));
    let held = "hold A B\ntell A x\nrun 2ms\ninflight delay A B later=5ms\nrun\nexpect held=0\nexpect state=B word=x";
    assert!(messages(held).contains("7000000,\"kind\":\"deliver\",\"node\":\"B\""));
}

#[test]
fn requests_and_replies_of_clients_are_under_way_too() {
    let clients = |lines: &str| play_all(&format!("# T\ncluster gossip nodes=A,B clients=c1\n{lines}"));
    clients("tell A x\nstep\ninflight deliver c1 A\nexpect state=A word=x").unwrap();
    clients("tell A x\nstep\ninflight drop c1 A Request\nrun 5ms\nexpect state=A word=none\nexpect held=0").unwrap();
    clients("tell A x\nrun 1ms\ninflight hold A c1 Told\nrun 5ms\nexpect held=1\ndeliver A c1\nexpect held=0").unwrap();
    let twice = clients("tell A x\nrun 1ms\ninflight duplicate A c1 Told\nrun 5ms\nexpect reply=Told").unwrap();
    let late = |event: &&Event| matches!(event.what, EventKind::Deliver { late: true, .. });
    assert_eq!(twice.document.events.iter().filter(late).count(), 1, "the copy comes after the reply");
    let wrong = clients("tell A x\ninflight drop c1 A Told").unwrap_err();
    assert!(wrong.contains("there is no request 'Told'"), "{wrong}");
}

#[test]
fn in_manual_mode_a_delivery_takes_its_time_and_a_delayed_message_comes_by_itself() {
    let by_hand = |lines: &str| play_all(&format!("# T\ncluster gossip nodes=A,B,C pace=1ms\n{lines}"));
    by_hand("tell A x\ninflight deliver A B\nexpect state=B word=x\nexpect state=C word=none").unwrap();
    by_hand("tell A x\ninflight delay A B later=3ms\nrun 5ms\nexpect state=B word=x\nexpect held=2").unwrap();
}

#[test]
fn a_message_that_is_not_under_way_is_refused_with_those_that_are() {
    assert_eq!(error("inflight drop A B"), "line 3: no message from A to B is under way; remove this line");
    assert_eq!(
        error("tell A x\ninflight drop A B word=y"),
        "line 4: no such message is under way; from A to B there are, oldest first: Rumour"
    );
    assert!(error("tell A x\ninflight loose A B").contains("there is no way to treat a message 'loose'"));
    assert!(error("tell A x\ninflight drop A B copy").contains("the word 'copy' is superfluous"));
    assert!(error("tell A x\ncrash B\ninflight deliver A B").contains("B is down; restart it first"));
    assert!(error("inflight").contains("'deliver', 'drop', 'hold', 'delay', 'duplicate' or 'forge' is missing"));
}

#[test]
fn a_violation_by_a_single_delivery_ends_the_run() {
    play("tell A secret\ninflight deliver A B\nexpect violation=Discretion").unwrap();
    let broken = error("tell A secret\ninflight deliver A B\nrun");
    assert!(broken.contains("line 4: ") && broken.contains("Discretion is broken"), "{broken}");
}

#[test]
fn all_nodes_get_a_rulebook_at_once() {
    let told = printed("rules * secretive\ntell A x\nrun\nexpect sent=Rumour count=0");
    assert!(told.contains("All nodes use the rulebook secretive."), "{told}");
    play("rules * secretive\nrules * by-the-book\ntell A x\nrun\nexpect sent=Rumour count=2").unwrap();
    play("tell A x\nrun\nrules * secretive\ntell A y\nexpect sent=Rumour from=A count=2").unwrap();
    assert!(error("rules * secretiv").contains("did you mean 'secretive'?"));
}
