//! Tests of the zoo: every bug is found as described in its entry, and the correct rulebook is safe
//! under the same schedule.
//!
//! No entry can be omitted: one without a way to find the bug does not compile, and the tests here
//! iterate over all of them.

use assert_cmd::Command;
use predicates::str::contains;
use quorate::bugs::{self, Breaks, Bug, Discovery, NamedRulebookOf, ProtocolId};
use quorate::checks::{CarelessRaftSearch, SearchTarget};
use quorate::lab::check::{Reductions, Search, SyncMachine};
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::trace::render::{self, Options};
use quorate::protocols::{self, LeaseTarget, PaxosTarget};
use quorate::reproduce::{reproduce, shortest};

/// Describes the problem with an entry, if there is one.
fn amiss(bug: &Bug) -> Option<String> {
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
    (!right).then(|| format!("{}, {:?}, by the book {}: {reproduction:?}", bug.id, bug.discovery, bug.correct_rule))
}

/// Asserts that every bug of some protocols is reproduced, and their number.
fn are_met(count: usize, of: impl Fn(ProtocolId) -> bool) {
    let bugs: Vec<&Bug> = bugs::all().filter(|bug| of(bug.protocol)).collect();
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
    are_met(19, is_paxos);
}

#[test]
fn bugs_of_raft_are_found() {
    are_met(25, |protocol| protocol == ProtocolId::Raft);
}

#[test]
fn bugs_of_leases_are_found() {
    are_met(21, |protocol| {
        !is_paxos(protocol)
            && protocol != ProtocolId::Raft
            && !is_lock(protocol)
            && !is_transaction(protocol)
            && !is_replication(protocol)
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
