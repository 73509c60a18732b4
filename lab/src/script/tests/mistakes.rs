//! Tests of errors: each has a line, the expected syntax, and a suggestion.

use super::{error, play_all};

#[test]
fn what_is_mistyped_gets_a_suggestion() {
    for (lines, message) in [
        ("ruun", "line 3: there is no command 'ruun'; did you mean 'run'?"),
        ("tlel A x", "line 3: there is no command 'tlel'; did you mean 'tell'?"),
        ("crash Q", "line 3: there is no node 'Q'; did you mean 'A'?"),
        ("crash nowhere", "line 3: there is no node 'nowhere'; known: A, B, C"),
        ("hold A B Rumor", "line 3: there is no message 'Rumor'; did you mean 'Rumour'?"),
        ("tell A x\nfire A Repeta", "line 4: there is no armed timer on that node 'Repeta'; did you mean 'Repeat'?"),
        ("fire A Repeat", "line 3: there is no armed timer on that node 'Repeat'; there are none"),
        (
            "network lose=5%",
            "line 3: there is no option 'lose='; did you mean 'loss='? Use: network [latency=1ms..5ms] \
            [loss=5%] [duplicate=1%] [straggling=1%] [straggle=50ms]",
        ),
        ("expect rule=Beleive", "line 3: there is no rule 'Beleive'; did you mean 'Believe'?"),
        ("expect fact=Herd", "line 3: there is no fact 'Herd'; did you mean 'Heard'?"),
        ("expect knwon x", "line 3: there is no assertion 'knwon'; did you mean 'known'?"),
        ("show lane", "line 3: there is no view 'lane'; did you mean 'lanes'?"),
        ("crash A after-presist", "line 3: there is no crash point 'after-presist'; did you mean 'after-persist'?"),
        ("tell A x client=c1", "line 3: there is no client 'c1'; the only one is client"),
    ] {
        assert_eq!(error(lines), message, "{lines}");
    }
}

#[test]
fn what_is_missing_or_too_much_is_said_with_the_right_form() {
    for (lines, message) in [
        (
            "crash",
            "line 3: a node is missing; use: crash NODE [before-persist [kept=N] | after-persist | after-sends=N]",
        ),
        ("heal now", "line 3: the word 'now' is superfluous; use: heal"),
        ("run loss=3 loss=4", "line 3: 'loss=' is given twice; remove one of them"),
        ("expect", "line 3: an assertion is missing; use: expect ASSERTION…"),
        ("expect known", "line 3: a word is missing; use: known WORD"),
        ("expect state=A", "line 3: a field of the state is missing; use: expect state=NODE PATH=VALUE …"),
        ("cluster gossip nodes=2", "line 3: there is already a cluster; a scenario has exactly one"),
    ] {
        assert_eq!(error(lines), message, "{lines}");
    }
    assert_eq!(
        play_all("run").unwrap_err(),
        "line 1: 'run' needs a cluster; start with a line such as 'cluster paxos nodes=3'"
    );
    assert_eq!(play_all("cluster gosip").unwrap_err(), "line 1: there is no protocol 'gosip'; did you mean 'gossip'?");
}

#[test]
fn values_that_cannot_be_read_are_named() {
    for (lines, message) in [
        (
            "link A B each=2ms queue=x",
            "line 3: 'x' is not a number of messages that may wait; use a whole number such as 3",
        ),
        ("link each=0ms", "line 3: each=0ns: a link without a time has no queue; use off to remove one"),
        ("link A Q each=2ms", "line 3: there is no node 'Q'; did you mean 'A'?"),
        ("link to=Q off", "line 3: there is no node 'Q'; did you mean 'A'?"),
        ("link A A each=2ms", "line 3: A has no link to itself; name two different nodes"),
        ("service Q 2ms", "line 3: there is no node 'Q'; did you mean 'A'?"),
        (
            "service A 2ms queue=-1",
            "line 3: '-1' is not a number of messages that may wait; use a whole number such as 3",
        ),
        (
            "service A soon",
            "line 3: 'soon' is not a duration with a unit, such as 150ms, 2s, 5m, 1h or 500ns, of at most 584 years",
        ),
        (
            "run 5",
            "line 3: '5' is not a duration with a unit, such as 150ms, 2s, 5m, 1h or 500ns, of at most 584 years",
        ),
        ("step x", "line 3: 'x' is not a number of steps; use a whole number such as 3"),
        (
            "network loss=120%",
            "line 3: loss=120%: '120%' is not a probability such as 2%, 0.5% or 500ppm, at most 100%",
        ),
        ("drift A 5%", "line 3: '5%' is not a rate such as 200ppm or -200ppm"),
        ("drift A -1000000ppm", "line 3: a drift of -1000000 ppm is out of range; use -999999 to 1000000"),
        (
            "jump A 500000000000s",
            "line 3: '500000000000s' is not a duration with a unit, such as 150ms, 2s, 5m, 1h or 500ns, of at most 584 years",
        ),
        ("jump A -15000000000s", "line 3: '-15000000000s' is too long; a clock is set by at most 292 years"),
        ("partition A,B B,C", "line 3: B is named twice; a node belongs to one group of a partition"),
        ("print log width=3", "line 3: width=3 is out of range; use 60 to 240 columns"),
        ("print log why=maybe", "line 3: why=maybe: use on or off"),
        (
            "drop A B count=0",
            "line 3: count=0 selects no message; omit the option for all messages, or remove the line",
        ),
    ] {
        assert_eq!(error(lines), message, "{lines}");
    }
}

#[test]
fn a_cluster_is_small_and_everybody_in_it_has_a_name() {
    for (cluster, message) in [
        ("nodes=65", "line 1: 65 nodes and clients are too many; the maximum is 64"),
        ("nodes=10000", "line 1: 10000 nodes and clients are too many; the maximum is 64"),
        (
            "nodes=99999999999999999999",
            "line 1: '99999999999999999999' is neither a number of nodes, such as 3, nor names, such as A,B,C",
        ),
        ("nodes=0", "line 1: the cluster has no nodes; name at least one"),
        ("nodes=A,A", "line 1: 'A' is used twice; give each node and client a unique name"),
        ("nodes=A,B clients=A", "line 1: 'A' is used twice; give each node and client a unique name"),
        ("nodes=A,,B", "line 1: '' is not a valid name; use 1 to 16 letters, digits, '-' or '_'"),
        ("nodes=A,*", "line 1: '*' is not a valid name; use 1 to 16 letters, digits, '-' or '_'"),
        ("nodes=A patience=0s", "line 1: patience= is zero; a client waits at least 1ns for a reply"),
    ] {
        assert_eq!(play_all(&format!("cluster gossip {cluster}")).unwrap_err(), message, "{cluster}");
    }
}

#[test]
fn what_makes_no_sense_now_is_refused() {
    for (lines, message) in [
        ("crash A\ncrash A", "line 4: A is down; restart it first"),
        ("partition A,B,C", "line 3: all nodes in one group are no partition; name the nodes of two groups"),
        ("restart A", "line 3: A is up"),
        ("release", "line 3: no such message is held; remove this line, or hold a message first"),
        ("pass A B", "line 3: there is no such drop, delay, duplicate or forge rule; remove this line"),
        ("crash A\ntell A x", "line 4: A is down; restart it first"),
        (
            "run 1ms\ndisk A x",
            "line 4: 'disk' is too late, the run has started; put it directly after the cluster line",
        ),
        ("disk A", "line 3: a word is missing; use: disk NODE WORD"),
        ("rules A", "line 3: a rulebook is missing; use: rules NODE|* ID"),
        ("rules A secretiv", "line 3: there is no rulebook 'secretiv'; did you mean 'secretive'?"),
        ("disk D x", "line 3: there is no node 'D'; did you mean 'A'?"),
        ("step 3", "line 3: no event is due after 0 of 3 steps; use fewer steps, or cause an event first"),
    ] {
        assert_eq!(error(lines), message, "{lines}");
    }
}

#[test]
fn a_run_without_end_is_stopped() {
    let endless = "tell A x\nrun 999999999s";
    assert_eq!(
        error(endless),
        "line 4: stopped after 20000 events without reaching an end; use a shorter duration, or let the nodes wait longer between attempts"
    );
    assert_eq!(
        error("delay * * 584y\n"),
        "line 3: '584y' is not a duration with a unit, such as 150ms, 2s, 5m, 1h or 500ns, of at most 584 years"
    );
    assert_eq!(
        error("drop A *\ndelay A B 500000s count=1\ntell A x\nrun"),
        "line 6: messages are still in flight after 60s (1); give 'run' a duration, such as 'run 50ms'",
    );
}

#[test]
fn expectations_that_are_not_met_say_what_is_so() {
    for (lines, message) in [
        ("tell A x\nexpect known x", "line 4: expected everybody to know x, but B knows nothing"),
        (
            "expect fact=Heard word=x",
            "line 3: expected the fact Heard with word x to be emitted at least once, but it was emitted never",
        ),
        (
            "tell A x\nrun\nexpect sent=Rumour from=A count=1",
            "line 5: expected the message Rumour from A to be sent once, but it was sent 2 times",
        ),
        (
            "tell A x\nrun\nexpect fact=Heard wrod=x count=0",
            "line 5: expected the fact Heard with wrod x to be emitted never, but no Heard has a field 'wrod'",
        ),
        ("expect rule=Tell client=client", "line 3: there is no option 'client='; use: expect ASSERTION…"),
        ("expect up=A\ncrash A\nexpect up=A", "line 5: expected A to be up, but it is down"),
        ("expect state=A word=x", "line 3: expected the state of A to have word x, but its word is none"),
        ("expect held=1", "line 3: expected 1 held message, but 0 are held"),
        ("until known y within=30ms", "line 3: expected everybody to know y within 30ms, but A knows nothing"),
        ("expect violation=Discretion", "line 3: expected Discretion to be broken, but every invariant holds"),
        ("!run", "line 3: expected 'run' to fail, but it succeeded"),
    ] {
        assert_eq!(error(lines), message, "{lines}");
    }
}

#[test]
fn a_scenario_that_cannot_fail_does() {
    let vacuous = "the scenario has no expectation, so it cannot fail; add an 'expect' line";
    assert_eq!(error("tell A x\nrun"), format!("line 4: {vacuous}"));
    assert_eq!(play_all("").unwrap_err(), format!("line 1: {vacuous}"));
    assert_eq!(play_all("# Only prose\n").unwrap_err(), format!("line 1: {vacuous}"));
}

#[test]
fn a_broken_invariant_is_an_error_where_it_broke_unless_it_was_foretold() {
    let broken = "at 1.0 ms on B: Discretion is broken: B heard the secret";
    let advice = "If the scenario is meant to show this, add 'expect violation=Discretion'";
    let lines = "tell A secret\nrun\nexpect state=A word=secret";
    assert_eq!(error(lines), format!("line 4: {broken}. {advice}"));
    assert_eq!(error(&format!("{lines}\nrun")), format!("line 4: {broken}. {advice}"));
    assert_eq!(
        error(&format!("{lines}\nexpect violation=Discretion\nrun")),
        format!("line 7: the run has ended: {broken}. Only show, note and expect are possible after that")
    );

    let foretold = super::play(&format!("{lines}\nexpect violation=Discretion\nshow facts")).unwrap();
    assert_eq!(foretold.violation.map(|violation| violation.broken.invariant), Some("Discretion"));
    assert!(
        error(&format!("{lines}\nexpect violation=Tact")).ends_with("expected Tact to be broken, but Discretion is")
    );
}

#[test]
fn what_is_hostile_in_a_script_does_not_reach_the_terminal() {
    let message = error("tell A \"\\u{1b}[31m\"\nexpect known \"\\u{1b}[2J\"\n");
    assert!(!message.contains('\u{1b}'), "{message:?}");
    assert!(error("crash \"\\u{1b}[2J\"").contains("\\u{1b}[2J"));
}
