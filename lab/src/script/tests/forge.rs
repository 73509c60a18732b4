//! Tests of `forge` and `inflight forge`: what travels, what the trace says of it, and refusals.

use super::{error, play, play_all};
use crate::trace::{Document, EventKind, Forgery, render};

/// The lies in a run, each as `NAME field old new`.
fn lies(document: &Document) -> Vec<String> {
    let told = |Forgery { field, old, new, payload, .. }: &Forgery| format!("{} {field} {old} {new}", payload.name);
    let lies = document.events.iter().filter_map(|event| match &event.what {
        EventKind::Forge(forgery) => Some(told(forgery)),
        _ => None,
    });
    lies.collect()
}

#[test]
fn the_next_message_says_something_else_and_no_other() {
    let run = play("forge A B Rumour word=z\ntell A x\nrun\nexpect state=B word=z\nexpect state=C word=x").unwrap();
    assert_eq!(lies(&run.document), [r#"Rumour word "x" "z""#]);
    play("forge A B Rumour word=z\ntell A x\ntell A y\nrun\nexpect delivered=Rumour to=B word=y count=1").unwrap();
    play("forge A * Rumour word=z count=2\ntell A x\nrun\nexpect state=B word=z\nexpect state=C word=z").unwrap();
    play("forge A B Rumour word=z\npass A B\ntell A x\nrun\nexpect state=B word=x").unwrap();
    // The newest command decides, and the older one is still to come.
    play("forge A B Rumour word=y\nforge A B Rumour word=z\ntell A x\nrun\nexpect state=B word=z").unwrap();
}

#[test]
fn what_was_sent_and_what_arrives_are_told_apart() {
    let counts = "expect sent=Rumour word=x count=2\nexpect sent=Rumour word=z count=0";
    play(&format!("forge A B Rumour word=z\ntell A x\nrun\n{counts}\nexpect delivered=Rumour word=z to=B count=1"))
        .unwrap();
    play("forge A B Rumour word=z\ntell A x\nrun\nexpect delivered=Rumour word=x count=1").unwrap();
    play("forge A B Rumour word=z\ndrop A B\ntell A x\nrun\nexpect lost=Rumour word=z to=B count=1").unwrap();
}

#[test]
fn a_lie_can_be_held_repeated_and_told_by_hand() {
    play("forge A B Rumour word=z\nhold A B\ntell A x\nexpect held=1\ndeliver A B word=z\nexpect state=B word=z")
        .unwrap();
    play("forge A B Rumour word=z\nduplicate A B\ntell A x\nrun\nexpect delivered=Rumour word=z to=B count=2").unwrap();
    let by_hand = "# T\ncluster gossip nodes=A,B pace=1ms\nforge A B Rumour word=z\ntell A x\ndeliver A B\n";
    play_all(&format!("{by_hand}expect state=B word=z")).unwrap();
}

const NO_CONTENT: &str = "line 5: Thanks cannot be sent as 'Rumour' (invalid type: unit variant, expected struct \
    variant); 'forge B A Thanks as=Rumour' asks for it";

#[test]
fn a_message_is_sent_as_another() {
    let run = play("forge B A Thanks as=Rumour\ntell A x\nrun\nexpect held=0").unwrap_err();
    assert_eq!(run, NO_CONTENT);
    let run =
        play("forge A B Rumour as=Thanks\ntell A x\nrun\nexpect state=B word=none\nexpect state=B thanks=1").unwrap();
    assert_eq!(lies(&run.document), [r#"Thanks as "Rumour" "Thanks""#]);
    assert!(
        render::log(&run.document, render::Options::default()).contains("forges Rumour to B: as Thanks, was Rumour")
    );
}

#[test]
fn the_trace_says_who_lies_and_is_read_back() {
    let run = play("forge A B Rumour word=z\nduplicate A B\ntell A x\nrun\nexpect state=B word=z").unwrap();
    let mut written = Vec::new();
    run.document.write_jsonl(&mut written).unwrap();
    let text = String::from_utf8(written).unwrap();
    let lie = r#""kind":"forge","node":"A","cause":9,"msg":2,"to":"B","name":"Rumour","body":{"word":"z"},"field":"word","old":"x","new":"z"}"#;
    assert!(text.contains(lie), "{text}");
    assert_eq!(Document::read_jsonl(text.as_bytes()).unwrap(), run.document);
    let log = render::log(&run.document, render::Options::default());
    assert!(log.contains("A       forges Rumour to B: word z, was x"), "{log}");
    assert!(
        log.contains("word z  (forged)") && log.contains("word z  (a copy; forged; slow, sent at 0.0 ms)"),
        "{log}"
    );
    let refused =
        |from: &str, to: &str| Document::read_jsonl(text.replace(from, to).as_bytes()).unwrap_err().to_string();
    for (from, to) in [
        (r#""old":"x""#, r#""old":"w""#),
        (r#""new":"z""#, r#""new":"w""#),
        (r#""field":"word""#, r#""field":"wrod""#),
        (r#""body":{"word":"z"},"field""#, r#""body":{"word":"z","more":1},"field""#),
    ] {
        assert!(refused(from, to).contains("of message 2 was not `old`"), "{}", refused(from, to));
    }
    assert!(
        refused(
            r#""msg":2,"to":"B","name":"Rumour","body":{"word":"z"},"field""#,
            r#""msg":99,"to":"B","name":"Rumour","field""#
        )
        .contains("message 99 was never sent")
    );
}

#[test]
fn a_message_under_way_is_forged() {
    let run =
        play("tell A x\ninflight forge A B Rumour word=z\nrun\nexpect state=B word=z\nexpect state=C word=x").unwrap();
    assert_eq!(lies(&run.document), [r#"Rumour word "x" "z""#]);
    play(
        "tell A x\ntell A y\ninflight forge A B Rumour word=z nth=2\nrun\nexpect delivered=Rumour word=x to=B count=1",
    )
    .unwrap();
    play("hold A B\ntell A x\ninflight forge A B word=z\nexpect held=1\nrelease\nrun\nexpect state=B word=z").unwrap();
    // One lie upon another: the second begins with the first.
    let twice = "tell A x\ninflight forge A B Rumour word=y\ninflight forge A B word=z\nrun\nexpect state=B word=z";
    assert_eq!(lies(&play(twice).unwrap().document), [r#"Rumour word "x" "y""#, r#"Rumour word "y" "z""#]);
}

#[test]
fn clients_are_lied_to_and_lie_as_far_as_their_messages_have_fields() {
    let clients = |lines: &str| play_all(&format!("# T\ncluster gossip nodes=A,B clients=c1\n{lines}"));
    let no_field = clients("forge c1 A Request word=z\ntell A x\nrun 5ms\nexpect held=0").unwrap_err();
    assert_eq!(no_field, "line 5: Request has no field 'word'; it has none; 'forge c1 A Request word=z' asks for it");
    let name = clients("forge A c1 Told as=Lied\ntell A x\nrun 5ms\nexpect held=0").unwrap_err();
    let refused = "line 5: Told cannot be sent as 'Lied' (unknown variant `Lied`, expected `Told`)";
    assert_eq!(name, format!("{refused}; 'forge A c1 Told as=Lied' asks for it"));
    assert!(error("forge client A Request word=z").contains("pass no network; name clients on the cluster line"));
}

#[test]
fn what_cannot_be_forged_is_refused_with_line_and_message() {
    for (lines, message) in [
        ("forge A B Rumour wrod=z", "line 3: Rumour has no field 'wrod'; did you mean 'word'?"),
        ("forge A B Rumour text=z", "line 3: Rumour has no field 'text'; its fields: word"),
        ("forge A B Thanks word=z", "line 3: Thanks has no field 'word'; it has none"),
        ("forge A B Rumuor word=z", "line 3: there is no message 'Rumuor'; did you mean 'Rumour'?"),
        ("tell A x\nforge A B Rumour word.0=z\ntell A y", "line 4: Rumour has no field 'word.0'; did you mean 'word'?"),
        ("forge A B Rumour as=Thanks word=z", "line 3: Thanks has no field 'word'; it has none"),
        ("forge A B", "line 3: the message is missing; use: forge FROM TO MESSAGE [as=NAME] [FIELD=VALUE …] [count=N]"),
        (
            "forge A B Rumour",
            "line 3: a field of the message is missing; use: forge FROM TO MESSAGE [as=NAME] [FIELD=VALUE …] [count=N]",
        ),
        ("forge A B Rumour word=z count=0", "line 3: count=0 selects no message; omit the option for the next one"),
        ("tell A x\ninflight forge A B Rumour wrod=z", "line 4: Rumour has no field 'wrod'; did you mean 'word'?"),
        ("inflight forge A B Rumour word=z", "line 3: no message from A to B is under way; remove this line"),
    ] {
        assert_eq!(error(lines), message, "{lines}");
    }
    // A text may be anything, also what looks like a number or a list.
    play("forge A B Rumour word=[9]\ntell A x\nrun\nexpect delivered=Rumour word=[9] to=B count=1").unwrap();
}
