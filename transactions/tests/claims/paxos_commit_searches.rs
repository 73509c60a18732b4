//! Every schedule of Paxos Commit within small bounds: the invariants hold by the book, and each
//! decision of the rulebook is needed.

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_paxos::Ballot;
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::paxos_commit::{BY_THE_BOOK, PaxosCommit, PaxosCommitRule, Rulebook, Safety, Settings, Vote};
use quorate_transactions::two_phase::{Command, Outcome};

use crate::common::change;

type Shop = Cluster<PaxosCommit, Safety>;

const T: NodeId = NodeId(0);

/// A transaction that takes six from each participant.
fn take(participants: u32) -> Command {
    Command::Transact { changes: (4..4 + participants).map(|node| (NodeId(node), change("x", -6))).collect() }
}

/// One leader, three acceptors, and participants, each of which loses six of ten.
fn cluster(rules: Rulebook, participants: u32, bounds: Bounds<PaxosCommit>) -> Shop {
    let acceptors = [1, 2, 3].map(NodeId);
    let command = take(participants);
    let participants: Vec<NodeId> = (4..4 + participants).map(NodeId).collect();
    let config = Settings::new([T], participants.clone(), acceptors).build().unwrap();
    let names = Names::new(["T", "X", "Y", "Z", "P", "Q"].into_iter().take(4 + participants.len()), ["c1", "c2"]);
    let bounds = Bounds { crash_points: CrashPoints::NONE, ..bounds };
    let bounds = bounds.request(ClientId(0), Some(T), command);
    let setup = Deployment::<PaxosCommit>::new("paxos-commit", names, config).under(rules);
    let groups = [participants, acceptors.to_vec()];
    Cluster::new(setup, Safety::default(), bounds).unwrap().symmetric(&groups).unwrap()
}

fn search(cluster: &Shop) -> SearchReport<Shop> {
    let commits = |node: &PaxosCommit| node.outcomes().any(|(_, outcome)| outcome == Outcome::Commit);
    let search = Search::new(cluster).threads(1);
    search
        .goal("all commit", move |state| state.machines().skip(4).all(|node| node.is_some_and(commits)))
        .run()
        .unwrap()
}

fn timers(firings: u32) -> Bounds<PaxosCommit> {
    Bounds { firings, ..Bounds::default() }
}

#[test]
fn every_schedule_of_one_participant_and_one_timer_is_safe() {
    let report = search(&cluster(BY_THE_BOOK, 1, timers(1)));
    assert!(report.passed(), "{report}");
}

#[test]
fn every_schedule_of_two_participants_is_safe() {
    let report = search(&cluster(BY_THE_BOOK, 2, timers(0)));
    assert!(report.passed(), "{report}");
}

/// Asserts that a broken rulebook violates the invariant.
fn breaks(rules: Rulebook, invariant: &str, participants: u32, bounds: Bounds<PaxosCommit>) {
    let report = search(&cluster(rules, participants, bounds));
    let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
    assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
}

#[test]
fn each_decision_is_needed() {
    let all = BY_THE_BOOK;
    let early = Rulebook { commits: |prepared, all| BY_THE_BOOK.commits(prepared + 1, all), ..all };
    breaks(early, "CommitNeedsEveryYes", 2, timers(0));
    breaks(Rulebook { chosen: |accepted, _| accepted >= 1, ..all }, "OneVoteChosen", 1, timers(0));
    breaks(Rulebook { bound: |_| None, ..all }, "OneVoteChosen", 1, timers(1));
    breaks(Rulebook { prepared: |promises, _| promises >= 1, ..all }, "OneVoteChosen", 1, timers(1));
    breaks(Rulebook { next_ballot: |me, _, _| Ballot::new(0, me), ..all }, "OneVoteChosen", 1, timers(1));
    let open = Rulebook { accepts: |_, _, _| Allow(PaxosCommitRule::AcceptVote), ..all };
    breaks(open, "OneVoteChosen", 1, timers(1));
    breaks(Rulebook { free: || Vote::Prepared, ..all }, "CommitNeedsEveryYes", 1, timers(1));
    breaks(Rulebook { on_silence: || Allow(PaxosCommitRule::AbortPart), ..all }, "SameOutcome", 1, timers(1));
    let crash = Bounds { crashes: 1, restarts: 1, ..timers(1) };
    breaks(Rulebook { writes_accepted: || false, ..all }, "OneVoteChosen", 1, crash);
    let again = Bounds { crashes: 1, restarts: 1, ..timers(0) }.request(ClientId(1), Some(T), take(1));
    breaks(Rulebook { next_life: |_| 1, ..all }, "CommitNeedsEveryYes", 1, again);
}
