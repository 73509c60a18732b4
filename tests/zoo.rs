//! Tests of the zoo: every bug is found as described in its entry, and the correct rulebook is safe
//! under the same schedule.
//!
//! No entry can be omitted: one without a way to find the bug does not compile, and the tests here
//! iterate over all of them.

use std::collections::BTreeSet;

use assert_cmd::Command;
use predicates::str::contains;
use quorate::bugs::{self, Breaks, Bug, Discovery, NamedRulebookOf, ProtocolId};
use quorate::checks::{CarelessRaftSearch, SearchTarget};
use quorate::lab::check::{Reductions, Search, SyncMachine};
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::trace::render::{self, Options};
use quorate::protocols::{self, LeaseTarget, PaxosTarget};
use quorate::reproduce::{reproduce, shortest};

/// Parts of a story, each with the step of the schedule that it tells, both in order.
type Told = (&'static str, &'static [(&'static str, &'static str)]);

/// Stories that are told step by step.
const TOLD: [Told; 20] = [
    (
        "figure-8",
        &[
            ("n1 leads term 1", "fire Election on n1"),
            ("n2 leads term 2", "fire Election on n2"),
            ("n1 leads term 3", "fire Election on n1"),
            ("sends its old entry to n3", "deliver AppendEntries(term 3, previous 0@0, entries [no-op@1]"),
            ("counts it as committed", "deliver Appended(term 3, matched 1) from n3 to n1"),
            ("n2, whose last entry is of term 2, is elected for term 4", "fire Election on n2"),
            ("the vote of n3", "deliver VoteGranted(term 4) from n3 to n2"),
        ],
    ),
    (
        "heartbeat-only",
        &[
            ("the link between A and Q is cut", "cut A Q"),
            ("The news to A is slow", "delay Q A 50ms Denied"),
            ("B acts", "act B"),
            ("so does A", "act A"),
        ],
    ),
    (
        "wall-clock",
        &[
            ("A's clock jumps back by an hour", "jump A -3600s"),
            ("A is partitioned", "partition A Q,B"),
            ("B acts", "act B"),
            ("so does A", "act A"),
        ],
    ),
    (
        "token-not-checked",
        &[
            ("A checks its lease, begins to write", "write A old"),
            ("is paused", "pause A"),
            ("B becomes primary and writes", "write B new"),
            ("A resumes", "resume A"),
        ],
    ),
    (
        "no-lock-delay",
        &[
            ("A writes", "write A old"),
            ("is delayed on the way to S", "delay A S 12s Write"),
            ("A crashes", "crash A"),
            ("B becomes primary at once and writes", "write B new"),
            ("A's late write arrives", "run 1s"),
        ],
    ),
    (
        "check-then-act",
        &[("A checks its lease and works", "work A"), ("is paused", "pause A"), ("A resumes", "resume A")],
    ),
    (
        "transfer-keeps-lease",
        &[
            ("n2 transfers its leadership to n1", "transfer n2 n1"),
            ("is partitioned", "cut n1 n2"),
            ("A acquires a lock", "acquire A jobs"),
            ("n2 still answers a query", "query n2 jobs"),
        ],
    ),
    (
        "votes-while-trusting",
        &[
            ("n2 leads", "fire n2 Raft(Election)"),
            ("is partitioned", "partition n2 n1,n3,A"),
            ("n3 is elected", "fire n3 Raft(Election)"),
            ("A acquires a lock", "acquire A jobs"),
            ("n2 answers the next query", "query n2 jobs"),
        ],
    ),
    (
        "write-at-once",
        &[
            ("A and B have cached", "read B colour"),
            ("B cannot be reached", "cut S B"),
            ("A client writes at S", "write S colour red"),
            ("the next read at B", "read B colour"),
        ],
    ),
    (
        "fence-ignores-token",
        &[
            ("A holds the lock", "lock A"),
            ("prepares a write", "write A old"),
            ("is paused", "pause A"),
            ("B holds it", "lock B"),
            ("and writes", "write B new"),
            ("A resumes", "resume A"),
        ],
    ),
    (
        "answered-by-index",
        &[
            ("n1 is partitioned", "partition n1 n2,n3"),
            ("n2 is elected", "fire n2 Election"),
            ("c2's command", "put n2 x theirs client=c2"),
            ("n1 receives it", "heal"),
        ],
    ),
    (
        "refused-vote-restarts-timeout",
        &[("n1 lacks an entry", "disk n2 log=1,1 term=1"), ("refuse it their votes", "fire n1 Election")],
    ),
    (
        "learner-refuses-vote",
        &[("made n3 a voter", "add-voter n1 n3"), ("n1 crashes", "crash n1"), ("n2 needs", "fire n2 Election")],
    ),
    (
        "stale-timeout-now",
        &[
            ("the message is slow", "hold n1 n2 TimeoutNow"),
            ("n3 has been elected", "fire n3 Election"),
            ("when it arrives", "deliver n1 n2 TimeoutNow"),
        ],
    ),
    (
        "joint-left-early",
        &[
            ("n2 and n3 are partitioned", "partition n1,n4,n5 n2,n3"),
            ("n1 appends the joint configuration", "replace-voters n1 n1,n4,n5"),
            ("elect n2", "fire n2 Election"),
        ],
    ),
    (
        "config-at-commit",
        &[
            ("n3 is cut off", "partition n1,n2 n3"),
            ("n1 removes it", "remove-member n1 n3"),
            ("and then n2", "remove-member n1 n2"),
            ("crashes", "crash n2"),
            ("n1, which has no other member left, has committed more", "put n1 x 1"),
            ("n3 elects n2", "fire n2 Election"),
        ],
    ),
    (
        "log-kept-under-snapshot",
        &[
            ("n3 led term 1", "disk n3 log=1,1,1,1,1,1,1,1 term=1 vote=n3"),
            ("n1 leads term 2", "fire n1 Election"),
            ("sends n3 its snapshot", "fire n1 Heartbeat"),
            ("refuses every entry", "put n1 d 4"),
        ],
    ),
    (
        "reported-is-chosen",
        &[
            ("messages to Y and Z are lost", "drop A Z Accept"),
            ("B cannot reach Y", "drop B Y"),
            ("tells its client and A", "propose B 5"),
        ],
    ),
    ("own-lease-length", &[("is cut off from Q", "partition A Q,B"), ("B acts", "act B"), ("so does A", "act A")]),
    (
        "stamp-of-another-clock",
        &[("The wall clock of Q is a minute ahead", "jump Q 60s"), ("B acts", "act B"), ("so does A", "act A")],
    ),
];

/// The first of some parts that does not come after those before it.
fn out_of_order<'p>(text: &str, parts: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    let mut rest = text;
    for part in parts {
        let Some(at) = rest.find(part) else { return Some(part) };
        rest = &rest[at + part.len()..];
    }
    None
}

/// The nodes and clients that a story names: `n1`, `c2`, `S5`, or one capital letter. An `A` that
/// begins a sentence is an article, or will be named again.
fn named(story: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut begins = true;
    for raw in story.split(' ') {
        let word = raw.trim_matches(|sign: char| !sign.is_alphanumeric());
        let owner = word.strip_suffix("'s");
        let word = owner.unwrap_or(word);
        let mut letters = word.chars();
        let first = letters.next().unwrap_or_default();
        let number = letters.as_str();
        let is_numbered =
            "ncS".contains(first) && number.len() == 1 && number.chars().all(|sign| sign.is_ascii_digit());
        let is_letter = number.is_empty() && first.is_ascii_uppercase() && !(begins && first == 'A' && owner.is_none());
        if is_numbered || is_letter {
            names.insert(word);
        }
        begins = raw.ends_with(['.', '?']);
    }
    names
}

/// The part of a bug's story that its schedule does not show.
fn untold(bug: &Bug, schedule: &[String]) -> Option<String> {
    let schedule = schedule.join("\n");
    let words: BTreeSet<&str> = schedule.split(|sign: char| !sign.is_alphanumeric()).collect();
    if let Some(name) = named(bug.story).into_iter().find(|name| !words.contains(name)) {
        return Some(format!("the story names {name}"));
    }
    let (_, steps) = TOLD.iter().find(|(id, _)| *id == bug.id)?;
    let said = out_of_order(bug.story, steps.iter().map(|(said, _)| *said));
    let shown = out_of_order(&schedule, steps.iter().map(|(_, step)| *step));
    said.or(shown).map(|part| format!("'{part}' is not where the story tells it"))
}

#[test]
fn a_story_that_differs_from_its_schedule_is_noticed() {
    assert_eq!(
        named("A vote for n1 is late. A's write, and B's, reach S: A resumes, as does S5."),
        BTreeSet::from(["A", "B", "S", "S5", "n1"])
    );
    assert_eq!(out_of_order("cut A Q, act B", ["act B", "cut A Q"].into_iter()), Some("cut A Q"));
    let bug = bugs::find("heartbeat-only").expect("it is in the zoo");
    let schedule = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
    assert_eq!(untold(bug, &schedule(&["cut A Q"])).as_deref(), Some("the story names B"));
    let swapped = ["cut A Q", "delay Q A 50ms Denied", "act A", "act B"];
    assert_eq!(untold(bug, &schedule(&swapped)).as_deref(), Some("'act A' is not where the story tells it"));
    assert!(TOLD.iter().all(|(id, _)| bugs::find(id).is_some()));
}

/// Describes the problem with an entry, if there is one.
fn amiss(bug: &'static Bug) -> Option<String> {
    let reproduction = match reproduce(bug) {
        Ok(reproduction) => reproduction,
        Err(error) => return Some(format!("{}: {error}", bug.id)),
    };
    let expected = match bug.breaks {
        Breaks::Invariant(name) => Some(name),
        Breaks::Progress(_) => None,
    };
    let right = reproduction.length == bug.discovery.length()
        && expected.is_none_or(|name| reproduction.broken == name)
        && reproduction.by_the_book.is_none()
        && reproduction.instead == bug.correct_rule;
    if let Some(untold) = untold(bug, &reproduction.schedule) {
        return Some(format!("{}: {untold}: {:#?}", bug.id, reproduction.schedule));
    }
    (!right).then(|| format!("{}, {:?}, by the book {}: {reproduction:?}", bug.id, bug.discovery, bug.correct_rule))
}

/// Asserts that every bug of some protocols is reproduced, and their number.
fn are_met(count: usize, of: impl Fn(ProtocolId) -> bool) {
    let bugs: Vec<&'static Bug> = bugs::all().filter(|bug| of(bug.protocol)).collect();
    let amiss: Vec<String> = bugs.iter().filter_map(|bug| amiss(bug)).collect();
    assert!(amiss.is_empty(), "{} of {} entries are wrong:\n{}", amiss.len(), bugs.len(), amiss.join("\n"));
    assert_eq!(bugs.len(), count);
}

fn is_paxos(protocol: ProtocolId) -> bool {
    matches!(protocol, ProtocolId::Paxos | ProtocolId::MultiPaxos)
}

fn is_lock(protocol: ProtocolId) -> bool {
    is_service_lock(protocol) || matches!(protocol, ProtocolId::Lock | ProtocolId::Redlock)
}

fn is_service_lock(protocol: ProtocolId) -> bool {
    matches!(protocol, ProtocolId::ZooKeeper | ProtocolId::Etcd | ProtocolId::Chubby)
}

#[test]
fn bugs_of_paxos_are_found() {
    are_met(20, is_paxos);
}

#[test]
fn bugs_of_raft_are_found() {
    are_met(32, |protocol| protocol == ProtocolId::Raft);
}

#[test]
fn bugs_of_leases_are_found() {
    are_met(28, |protocol| {
        !is_paxos(protocol)
            && protocol != ProtocolId::Raft
            && !is_lock(protocol)
            && !is_transaction(protocol)
            && !is_replication(protocol)
            && !is_byzantine(protocol)
            && protocol != ProtocolId::Channel
            && protocol != ProtocolId::Balancer
            && !is_of_clocks(protocol)
    });
}

#[test]
fn bugs_of_locks_are_found() {
    are_met(14, |protocol| is_lock(protocol) && !is_service_lock(protocol));
}

#[test]
fn bugs_of_locks_on_zookeeper_etcd_and_chubby_are_found() {
    are_met(14, is_service_lock);
}

#[test]
fn bugs_of_transactions_are_found() {
    are_met(57, is_transaction);
}

#[test]
fn bugs_of_replication_are_found() {
    are_met(24, is_replication);
}

#[test]
fn bugs_of_protocols_that_bear_liars_are_found() {
    are_met(15, is_byzantine);
}

#[test]
fn bugs_of_protocols_that_read_clocks_are_found() {
    are_met(25, is_of_clocks);
}

fn is_of_clocks(protocol: ProtocolId) -> bool {
    matches!(protocol, ProtocolId::TrueTime | ProtocolId::Ntp | ProtocolId::Snowflake)
}

fn is_byzantine(protocol: ProtocolId) -> bool {
    matches!(protocol, ProtocolId::Generals | ProtocolId::Broadcast | ProtocolId::Pbft)
}

#[test]
fn bugs_of_channels_are_found() {
    are_met(7, |protocol| protocol == ProtocolId::Channel);
}

#[test]
fn bugs_of_balancers_are_found() {
    are_met(5, |protocol| protocol == ProtocolId::Balancer);
}

fn is_replication(protocol: ProtocolId) -> bool {
    matches!(protocol, ProtocolId::Register | ProtocolId::PrimaryBackup)
}

fn is_transaction(protocol: ProtocolId) -> bool {
    matches!(
        protocol,
        ProtocolId::TwoPhase | ProtocolId::ThreePhase | ProtocolId::PaxosCommit | ProtocolId::Outbox | ProtocolId::Saga
    )
}

/// Following a schedule step by step under its own rules leads to the same state, even with two
/// messages of the same name in flight between the same nodes: here two Accepts with one ballot.
#[test]
fn a_ballot_used_twice_breaks_when_its_schedule_is_followed() {
    let rules = bugs::paxos::NamedRulebook::named("ballot-reuse").expect("the bug is in the zoo");
    let (_, path) = shortest::<PaxosTarget>(rules).expect("something breaks");
    let every_step = PaxosTarget::without_symmetry(rules, &PaxosTarget::budget(rules)).expect("such a cluster can be");
    let followed = every_step.reductions(Reductions::NONE).replay_under(&path);
    assert_eq!((followed.steps.len(), path.steps.len()), (16, 16));
    assert_eq!(followed.end().broken(), path.end().broken());
    assert!(followed.end().broken().is_some());
}

/// Asserts that a shortest counterexample can be rendered, with the violation at its end.
fn is_drawn<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    rules: Option<NamedRulebookOf<E::Machine>>,
    invariant: &str,
) {
    let rules = rules.expect("the bug is in the zoo");
    let cluster = E::cluster(rules, &E::budget(rules)).expect("such a cluster can be").reductions(Reductions::ALL);
    let report = Search::new(&cluster).run().expect("the search makes sense");
    let path = report.counterexample().expect("it breaks something");
    let document = cluster.replay(path).expect("machines are pure").document();
    assert!(render::log(&document, Options::default()).contains(&format!("BROKEN: {invariant}")));
}

#[test]
fn a_counterexample_can_be_drawn() {
    is_drawn::<PaxosTarget>(bugs::paxos::NamedRulebook::named("skip-phase-1"), "AtMostOneChosen");
    is_drawn::<CarelessRaftSearch>(bugs::raft::careless::NamedRulebook::named("vote-not-durable"), "OneVotePerTerm");
    is_drawn::<LeaseTarget>(bugs::lease::NamedRulebook::named("wall-clock"), "AtMostOnePrimary");
}

fn quorate() -> Command {
    Command::cargo_bin("quorate").expect("the binary is built")
}

/// Asserts that the command printed by `quorate bugs ID` finds the bug: one of each kind.
#[test]
fn the_command_that_an_entry_names_finds_its_bug() {
    for (id, message) in [
        ("skip-phase-1", "AtMostOneChosen is broken"),
        ("deposed-read", "FreshReads is broken"),
        ("unlock-others", "AtMostOnePrimary is broken"),
        ("leader-grants-prevote", "expected n1 to lead term 1, but n3 leads term 2"),
    ] {
        let bug = bugs::find(id).expect("it is in the zoo");
        let command = bug.discovery.command(bug);
        quorate().args(["bugs", id]).assert().success().stdout(contains(&command)).stdout(contains(bug.correct_rule));
        let output = quorate().args(command.split(' ')).assert().code(1).get_output().clone();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(said.contains(message), "{command}: {said}");
    }
}

/// Under a bug every scenario goes on to its end, whatever becomes impossible on the way.
#[test]
fn a_scenario_goes_on_to_its_end_under_a_bug() {
    for bug in bugs::all() {
        let Discovery::Scenario { scenario, .. } = bug.discovery else { continue };
        let scenario = quorate::catalogue::find(scenario).expect("it is shipped");
        let options = RunOptions { rules: Some(bug.id), goes_on: true, ..RunOptions::default() };
        let run_result = run_scenario(scenario.text(), &protocols::registry(), options);
        let run_result = run_result.unwrap_or_else(|failure| panic!("{} under {}: {failure}", scenario.path(), bug.id));
        assert!(!run_result.unmet.is_empty(), "{} shows no harm of {}", scenario.path(), bug.id);
    }
}
