//! Tests of the commands.

use super::{play, printed, toy};
use crate::env::{CrashPoint, Fault};
use crate::script::{COMMANDS, RunOptions, RunResult, run_scenario, story, title};
use quorate_protocol::{Names, NodeId};

#[test]
fn a_block_prints_what_happened_in_it() {
    let run_result = play("tell A hello\nstep\n---\n\nrun\nexpect known hello\n").unwrap();
    let lines: Vec<&str> = run_result.text.lines().collect();
    assert_eq!(
        lines,
        [
            "# A test",
            "cluster gossip nodes=A,B,C",
            "tell A hello",
            "step",
            "---",
            "    0.0 ms  client ──Request─────────▶ A       hello",
            "    0.0 ms  A ───────Told────────────▶ client",
            "    1.0 ms  A ───────Rumour──────────▶ B       word hello",
            "            B       fact Heard: word hello",
            "",
            "run",
            "expect known hello",
            "---",
            "    1.0 ms  A ───────Rumour──────────▶ C       word hello",
            "            C       fact Heard: word hello",
            "    2.0 ms  B ───────Thanks──────────▶ A",
            "    2.0 ms  C ───────Thanks──────────▶ A",
        ]
    );
}

#[test]
fn the_story_and_its_title_are_the_first_prose() {
    let text = "# Gossip\n#\n# Two paragraphs\n# of it.\n\ncluster gossip nodes=2 # not this\n# nor this\n";
    assert_eq!(title(text), "Gossip");
    assert_eq!(story(text), "Gossip\n\nTwo paragraphs\nof it.");
}

#[test]
fn a_story_may_begin_with_something_on_disk() {
    play("disk A old\ndisk B new\nexpect state=A word=old\nexpect state=B word=new\nexpect state=C word=none").unwrap();
    let told = play("disk A old\nrun 1ms\n---\n\ntell A x\nrun\nexpect known x").unwrap().text;
    assert!(told.contains("expect known x\n---\n    1.0 ms  client"), "{told}");
}

#[test]
fn one_node_may_go_by_a_rulebook_of_its_own_from_the_beginning_or_later() {
    // With the secretive rulebook a node sends nothing: the others hear nothing from it, and
    // messages from others still arrive.
    let text = "rules A secretive\ntell A x\nrun 10ms\nexpect state=B word=none\ntell B y\nrun 10ms\nexpect known y";
    let told = play(text).unwrap().text;
    assert!(told.contains("A uses the rulebook secretive.\n"), "{told}");
    play("tell A x\nrun 10ms\nexpect known x\nrules A secretive\ntell A y\nrun 10ms\nexpect state=B word=x").unwrap();
    play("rules A secretive\nrules A by-the-book\ntell A x\nrun 10ms\nexpect known x").unwrap();
    // In the repetition, all nodes follow the normal rules.
    play("rules A secretive\ntell A x\nrun 10ms\nexpect state=B word=none\nagain\nexpect known x").unwrap();
}

#[test]
fn a_cluster_line_may_name_a_rulebook_and_the_caller_another() {
    let stage = |rules: &str, staging| {
        let text = format!("cluster gossip nodes=A,B{rules}\ntell A x\nrun\nexpect known x");
        run_scenario(&text, &toy::registry(), staging).map(|_| ()).map_err(|failure| failure.to_string())
    };
    let script = RunOptions::default();
    assert_eq!(stage("", script), Ok(()));
    assert!(stage(" rules=secretive", script).unwrap_err().starts_with("line 4: expected"));
    let unknown = "line 1: there is no rulebook 'secretiv'; did you mean 'secretive'?";
    assert_eq!(stage(" rules=secretiv", script), Err(unknown.to_owned()));
    let caller = |rules| RunOptions { rules: Some(rules), ..script };
    assert!(stage("", caller("secretive")).unwrap_err().starts_with("line 4: expected"));
    assert!(stage("", caller("chatty")).unwrap_err().starts_with("line 1: there is no rulebook 'chatty'"));
}

#[test]
fn held_messages_wait_until_they_are_released() {
    play("hold A B Rumour\ntell A x\nrun\nexpect held=1\nexpect state=B word=none\nrelease A B\nrun\nexpect known x")
        .unwrap();
    // A narrower release leaves the hold in force.
    play("hold A *\ntell A x\nrelease A B\nexpect held=1\nexpect sent=Rumour count=2\ntell A y\nexpect held=3")
        .unwrap();
    play("hold * *\ntell A x\nrelease\ntell A y\nexpect held=0\nrun\nexpect known y").unwrap();
}

#[test]
fn orders_decide_about_messages_as_often_as_they_say() {
    play("drop A B count=1\ntell A x\nrun\nexpect lost=Rumour to=B count=1\ntell A y\nrun\nexpect known y").unwrap();
    play("drop A *\ntell A x\nrun\nexpect lost=Rumour count=2\npass A *\ntell A y\nrun\nexpect known y").unwrap();
    play("delay A B 20ms Rumour\ntell A x\nrun 19ms\nexpect state=B word=none\nrun 1ms\nexpect state=B word=x")
        .unwrap();
    play("duplicate A B after=3ms\ntell A x\nrun\nexpect delivered=Rumour to=B word=x count=2\nexpect rule=Doubt node=B count=1").unwrap();
}

/// Plays a script in a cluster with a named client that asks again after 10 ms.
fn with_client(commands: &str) -> Result<RunResult, String> {
    let text = format!("# T\ncluster gossip nodes=A,B clients=ann patience=10ms\n{commands}");
    run_scenario(&text, &toy::registry(), RunOptions::default()).map_err(|failure| failure.to_string())
}

#[test]
fn requests_and_replies_of_clients_are_filtered_like_messages() {
    // The request is lost once, and asked again.
    with_client("drop ann A count=1\ntell A x\nrun 9ms\nexpect state=A word=none\nrun 4ms\nexpect state=A word=x")
        .unwrap();
    // A lost reply: the node knows the word, the client asks again.
    with_client("drop A ann Told count=1\ntell A x\nrun 9ms\nexpect state=A word=x\nexpect reply=Told count=1\nrun 9ms\nexpect reply=Told count=2").unwrap();
    with_client(
        "delay * ann 5ms Told\ntell A x\nrun 1ms\nexpect state=A word=x\nrun 5ms\nexpect reply=Told client=ann count=1",
    )
    .unwrap();
    let twice = with_client("duplicate ann A after=3ms\ntell A x\nrun 8ms\nexpect reply=Told count=2").unwrap();
    assert_eq!(twice.document.events.iter().filter(|event| event.what.kind() == "duplicate").count(), 1);
    // A wildcard stands for nodes: the client's messages pass.
    with_client("drop * *\ntell A x\nrun 5ms\nexpect state=A word=x\nexpect reply=Told client=ann").unwrap();
}

#[test]
fn requests_and_replies_of_clients_are_held_delivered_and_released() {
    with_client("hold ann A\ntell A x\nrun 2ms\nexpect held=1\nexpect state=A word=none\nrelease ann A\nrun 1ms\nexpect state=A word=x").unwrap();
    with_client("hold A ann Told\ntell A x\nrun 5ms\nexpect held=1\ndeliver A ann Told\nexpect held=0").unwrap();
    with_client("hold ann A Request\ntell A x\nrun 1ms\ndeliver ann A Request copy\nexpect held=1\nexpect state=A word=x\nrelease\nexpect held=0").unwrap();
    with_client("drop ann *\npass ann\ntell A x\nrun 2ms\nexpect state=A word=x").unwrap();
}

#[test]
fn a_filter_names_ends_and_messages_that_there_are() {
    let error = |commands: &str| with_client(commands).unwrap_err();
    assert_eq!(error("drop amn A"), "line 3: there is no node or client 'amn'; did you mean 'ann'?");
    assert_eq!(error("drop ann ann"), "line 3: clients send each other nothing; name a node at one of the ends");
    assert_eq!(error("drop A ann Rumour"), "line 3: there is no reply 'Rumour'; the only one is Told");
    assert_eq!(error("drop ann A Told"), "line 3: there is no request 'Told'; the only one is Request");
    let unnamed = play("drop client A\ntell A x").unwrap_err().to_string();
    assert_eq!(unnamed, "line 3: requests of 'client' pass no network; name clients on the cluster line: clients=c1");
}

#[test]
fn time_passes_as_far_as_it_is_told() {
    play("tell A x\nstep\nexpect fact=Heard count=1\nstep 1\nexpect fact=Heard count=2").unwrap();
    play("tell A x\nuntil fact=Heard node=C\nexpect fired=Repeat count=0").unwrap();
    play("tell A x\nfire A Repeat\nexpect fired=Repeat node=A count=1\nexpect fact=Heard count=0\nrun 1ms\nexpect fact=Heard count=2").unwrap();
    play("tell A x\nrun 51ms\nexpect fired=Repeat count=1\nuntil fired=Repeat count=3\nexpect fired=Repeat count=3")
        .unwrap();
}

#[test]
fn nodes_crash_at_the_moment_asked_for_and_come_back_with_what_they_kept() {
    play("tell A x\nrun\ncrash B\nexpect down=B\nrestart B\nexpect up=B\nexpect state=B word=x thanks=0").unwrap();
    play("crash A before-persist\ntell A x\nexpect down=A\nrestart A\nexpect state=A word=none").unwrap();
    play("crash A after-persist\ntell A x\nrun\nrestart A\nexpect state=A word=x\nexpect sent=Rumour count=0").unwrap();
    play("crash A after-sends=1\ntell A x\nrun\nexpect sent=Rumour count=1\nexpect lost=Thanks count=1").unwrap();
    play("tell A x\nrun\nwipe B\nrestart B\nexpect state=B word=none").unwrap();
    play("pause B\ntell A x\nrun\nexpect state=B word=none\nresume B\nrun\nexpect known x").unwrap();
    play("drift A 1000000ppm\ntell A x\nrun 26ms\nexpect fired=Repeat count=1\njump A -5s\njump B 5s").unwrap();
}

#[test]
fn the_network_falls_apart_and_is_mended() {
    play("partition A B,C\ntell A x\nrun\nexpect lost=Rumour count=2\nheal\ntell A y\nrun\nexpect known y").unwrap();
    play("cut A B\ntell A x\nrun\nexpect lost=Rumour to=B count=1\ntell B z\nrun\nexpect known z").unwrap();
    play("cut A B\njoin A B\ntell A x\nrun\nexpect known x").unwrap();
    play("network loss=100%\ntell A x\nrun\nexpect lost=Rumour count=2\nnetwork loss=0% latency=7ms\ntell A y\nrun 6ms\nexpect fact=Heard count=0\nrun 1ms\nexpect known y").unwrap();
}

#[test]
fn clients_are_prompted_unless_they_are_named() {
    let prompted = play("tell A x\nexpect reply=Told node=A client=client\nrun\nexpect known x").unwrap();
    assert_eq!(prompted.document.header.clients, ["client"]);
    let named = "# T\ncluster gossip nodes=A,B clients=ann,bob latency=2ms\ntell A x client=bob\nrun 1ms\nexpect state=A word=none\nrun 1ms\nexpect state=A word=x\nrun\nexpect reply=Told client=bob count=1\n";
    let named = run_scenario(named, &toy::registry(), RunOptions::default()).unwrap();
    assert_eq!(named.document.header.clients, ["ann", "bob"]);
}

#[test]
fn a_run_goes_on_after_a_violation_that_is_expected() {
    let broken = "tell A secret\nrun\n";
    let gone_on = play(&format!(
        "{broken}expect violation=Discretion\ncontinue\nrun\nexpect known secret\ntell B secret\nrun\nexpect known secret"
    ));
    // The violation is in the trace once, and in the result.
    let gone_on = gone_on.unwrap();
    assert_eq!(gone_on.document.events.iter().filter(|event| event.what.kind() == "violation").count(), 1);
    assert_eq!(gone_on.violation.unwrap().broken.invariant, "Discretion");
    let error = |script: &str| play(script).unwrap_err().to_string();
    let again = format!("{broken}expect violation=Discretion\ncontinue\nrun\nexpect known y");
    assert!(error(&again).starts_with("line 8: expected everybody to know y"), "{}", error(&again));
    let first = "line 5: say first what is broken, and then continue: expect violation=Discretion";
    assert_eq!(error(&format!("{broken}continue\nrun\nexpect known secret")), first);
    let unmet = error(&format!("{broken}expect known y"));
    assert!(unmet.starts_with("line 4: at 1.0 ms on B: Discretion is broken"), "{unmet}");
    let unknown = format!("{broken}expect violation=Discretion\ncontinue Discreet\nrun\nexpect known secret");
    assert_eq!(error(&unknown), "line 6: there is no invariant 'Discreet'; did you mean 'Discretion'?");
    let none = "line 4: no invariant is broken, so the run goes on; remove this line";
    assert_eq!(error("tell A x\ncontinue\nrun\nexpect known x"), none);
    assert!(error(&format!("{broken}expect violation=Discretion\nrun")).contains("Discretion is broken"));
}

#[test]
fn output_is_chosen_and_shown() {
    assert_eq!(printed("tell A x\nrun\nprint off\nexpect known x"), "ok\n");
    let late = printed("print off\ntell A x\nrun\nprint log\ncrash B\nexpect known x");
    assert_eq!(late, "    2.0 ms  B       crashes\n", "what happened while printing was off is not printed later");
    let state = printed("print off\ntell A x\nrun\nexpect known x\nshow state A\ncrash B\nshow state");
    assert_eq!(state, "A  word x, thanks 2\nA  word x, thanks 2\nB  is down\nC  word x, thanks 0\n");
    let facts = printed("print off\ntell A x\nrun\nexpect known x\nshow facts");
    assert_eq!(facts, "    1.0 ms  B  Heard  word x\n    1.0 ms  C  Heard  word x\n");
    let error = printed("!crash Q\nexpect up=A");
    assert_eq!(error, "Error: there is no node 'Q'; did you mean 'A'?\n");
    let lanes = printed("print off\ntell A x\nrun\nexpect known x\nshow lanes");
    assert!(lanes.lines().next().is_some_and(|heads| heads.contains('A') && heads.contains('C')), "{lanes}");
}

#[test]
fn fresh_output_replaces_the_stored_and_the_first_difference_is_named() {
    let fresh = play("tell A x\nrun\nexpect known x\n").unwrap();
    assert_eq!((fresh.has_output, &fresh.difference), (false, &None));
    let again = super::play_all(&fresh.text).unwrap();
    assert_eq!((again.has_output, again.difference, &again.text), (true, None, &fresh.text));

    let stale = fresh.text.replacen("word x", "word y", 1);
    let line = stale.lines().position(|line| line.contains("word y")).unwrap() + 1;
    let stale = super::play_all(&stale).unwrap();
    let difference = stale.difference.unwrap();
    assert_eq!((difference.line, stale.text), (line, fresh.text));
    assert!(difference.to_string().contains("word x"), "{difference}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_may_be_asked_for() {
    let rough = "# T\ncluster gossip nodes=5 seed=3 latency=1ms..9ms loss=20% duplicate=10%\ntell n1 x\nrun 200ms\nexpect fact=Heard\n";
    let of = |seed| run_scenario(rough, &toy::registry(), RunOptions { seed, ..RunOptions::default() }).unwrap();
    let (once, twice, other) = (of(None), of(None), of(Some(4)));
    assert_eq!((&once.text, &once.document), (&twice.text, &twice.document));
    assert_eq!((once.document.header.seed, other.document.header.seed), (Some(3), Some(4)));
    assert_ne!(once.document, other.document);
    assert_eq!(of(Some(3)).document, once.document);
}

#[test]
fn coverage_counts_every_rule() {
    let run_result = play("tell A x\nrun\nexpect known x").unwrap();
    assert_eq!(run_result.coverage, [("Tell", 2), ("Believe", 2), ("Doubt", 0), ("Count", 2)]);
    assert_eq!(run_result.expectations, 1);
}

#[test]
fn faults_are_written_as_the_language_reads_them() {
    let names = Names::new(["A", "B", "C"], [""; 0]);
    let node = NodeId(0);
    let faults = [
        Fault::Crash { node, point: CrashPoint::BetweenSteps },
        Fault::Restart(node),
        Fault::Crash { node, point: CrashPoint::BeforePersist { kept: 2 } },
        Fault::Crash { node, point: CrashPoint::AfterPersist },
        Fault::Crash { node, point: CrashPoint::AfterSends { sent: 1 } },
        Fault::Pause(node),
        Fault::Resume(node),
        Fault::Suspend(node),
        Fault::Resume(node),
        Fault::Drift { node, ppm: -200 },
        Fault::Jump { node, nanos: -1_500_000 },
        Fault::Partition(vec![vec![node], vec![NodeId(1), NodeId(2)]]),
        Fault::Link { from: node, to: NodeId(1), up: false },
        Fault::Link { from: node, to: NodeId(1), up: true },
        Fault::Heal,
        Fault::Wipe(node),
    ];
    let lines: Vec<String> = names.scope(|| faults.iter().map(Fault::to_string).collect());
    play(&format!("{}\nexpect down=A", lines.join("\n"))).unwrap();
}

#[test]
fn every_command_of_the_reference_exists() {
    for usage in COMMANDS.iter().filter(|usage| usage.name() != "cluster") {
        let message = play(usage.name()).map_or_else(|error| error, |_| String::new());
        assert!(!message.contains("no command"), "{}: {message}", usage.form);
    }
}

#[test]
fn links_have_queues_and_nodes_work() {
    let told = play("link A B each=4ms queue=0\nservice C 8ms\ntell A x\nrun\nexpect known x").unwrap().text;
    assert!(told.contains("5.0 ms  A ───────Rumour──────────▶ B"), "{told}");
    assert!(told.contains("9.0 ms  A ───────Rumour──────────▶ C"), "{told}");
    let off = "link each=4ms\nlink off\nlink to=B each=9ms\nlink to=B off\nservice C 8ms\nservice C 0ms\ntell A x\nrun\nexpect known x";
    let told = play(off).unwrap().text;
    assert!(told.contains("1.0 ms  A ───────Rumour──────────▶ B"), "{told}");
    assert!(told.contains("1.0 ms  A ───────Rumour──────────▶ C"), "{told}");
}
