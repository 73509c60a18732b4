//! Tests of manual mode and of `again`.

use super::play_all;
use crate::script::RunResult;

fn by_hand(lines: &str) -> Result<RunResult, String> {
    play_all(&format!("# A test\ncluster gossip nodes=A,B,C pace=1ms\n{lines}"))
}

fn refused(lines: &str) -> String {
    by_hand(lines).expect_err("this should fail")
}

#[test]
fn messages_wait_for_their_delivery_and_timers_for_their_fire() {
    by_hand("tell A x\nrun 10s\nexpect held=2\nexpect fired=Repeat count=0\nexpect fact=Heard count=0").unwrap();
    by_hand("tell A x\ndeliver A B Rumour\nexpect state=B word=x\nexpect state=C word=none\nexpect held=2").unwrap();
    by_hand("tell A x\nfire A Repeat\nexpect fired=Repeat count=1\nexpect sent=Rumour count=4").unwrap();
    let told = by_hand("tell A x\ndeliver A C\nexpect fact=Heard node=C").unwrap().text;
    assert!(told.contains("    2.0 ms  A ───────Rumour──────────▶ C"), "each takes its pace: {told}");
}

#[test]
fn a_message_is_found_by_what_it_says_or_by_its_place() {
    let two = "tell A x\ntell A y\n";
    by_hand(&format!("{two}deliver A B Rumour\nexpect state=B word=x")).unwrap();
    by_hand(&format!("{two}deliver A B Rumour word=y\nexpect state=B word=y")).unwrap();
    by_hand(&format!("{two}deliver A B nth=2\nexpect state=B word=y")).unwrap();
    by_hand("tell A x\ndeliver A B Rumour copy\ndeliver A B Rumour\nexpect delivered=Rumour to=B count=2").unwrap();
    // Held messages can be delivered one by one in other scenarios, too.
    super::play("hold * *\ntell A x\ndeliver A B Rumour\nexpect state=B word=x\nexpect held=2").unwrap();
}

#[test]
fn a_message_that_is_not_there_is_refused_with_those_that_are() {
    let none = "line 3: no message from A to B is held; hold one first, or set the cluster up with pace=1ms";
    assert_eq!(refused("deliver A B Rumour"), none);
    let others = "line 4: no such message is held; from A to B there are, oldest first: Rumour";
    assert_eq!(refused("tell A x\ndeliver A B Rumour word=y"), others);
    assert_eq!(refused("tell A x\ndeliver A B Thanks"), others);
    assert_eq!(refused("deliver A B Rumor"), "line 3: there is no message 'Rumor'; did you mean 'Rumour'?");
    assert_eq!(refused("deliver A B nth=0"), "line 3: nth=0 is not a position; the oldest message is nth=1");
    assert_eq!(refused("tell A x\ncrash B\ndeliver A B Rumour"), "line 5: B is down; restart it first");
    assert!(refused("deliver A B Rumour copy twice").contains("the word 'twice' is superfluous"));
    assert!(refused("tell A x ticket=first").contains("'first' is not the request number"));
}

#[test]
fn a_ticket_makes_a_request_the_same_once_more() {
    let run_result = by_hand("tell A x ticket=3\ntell A x ticket=3\nexpect reply=Told count=2").unwrap();
    let tickets: Vec<u64> = run_result
        .document
        .events
        .iter()
        .filter_map(|event| match event.what {
            crate::trace::EventKind::Request { ticket, .. } => Some(ticket),
            _ => None,
        })
        .collect();
    assert_eq!(tickets, [3, 3]);
}

#[test]
fn a_story_is_played_again_by_the_book() {
    let story = "# T\ncluster gossip nodes=A,B,C rules=secretive pace=1ms\ntell A x\nexpect held=0\n";
    let again = format!("{story}---\n\nagain\ndeliver A B Rumour\nexpect state=B word=x\nexpect held=2\n");
    let run_result = play_all(&again).unwrap();
    assert!(
        run_result.text.contains(
            "again\ndeliver A B Rumour\nexpect state=B word=x\nexpect held=2\n---\n1 of 1 commands are possible\n"
        ),
        "{}",
        run_result.text
    );
    assert_eq!(run_result.expectations, 3);
    let events = |document: &crate::trace::Document| document.events.len();
    assert!(events(&run_result.document) < run_result.again.as_ref().map(events).unwrap());
    // Under a rulebook by name, and only once.
    assert_eq!(play_all(&format!("{story}again rules=secretive\nexpect held=0\n")).unwrap().expectations, 2);
    let twice = play_all(&format!("{story}again\nagain\n")).unwrap_err();
    assert_eq!(twice, "line 6: the run was already repeated; a scenario can use 'again' only once");
    assert!(play_all("again").unwrap_err().contains("needs a cluster"));
    assert!(play_all(&format!("{story}again rules=none\n")).unwrap_err().contains("there is no rulebook 'none'"));
}

#[test]
fn what_cannot_be_done_again_is_left_out_and_what_breaks_there_fails() {
    let story = "# T\ncluster gossip nodes=A,B,C pace=1ms\ntell A x\ndeliver A B Rumour\nexpect state=B word=x\n";
    let text = play_all(&format!("{story}---\n\nagain rules=secretive\nexpect state=B word=none\n")).unwrap().text;
    assert!(text.ends_with("1 of 2 commands are possible; the first impossible one: deliver A B Rumour\n"), "{text}");
    let secret = "# T\ncluster gossip nodes=A,B,C rules=secretive\ntell A secret\nrun\nexpect held=0\nagain\n";
    let broken = play_all(secret).unwrap_err();
    assert!(broken.starts_with("line 6: ") && broken.contains("Discretion is broken"), "{broken}");
}
