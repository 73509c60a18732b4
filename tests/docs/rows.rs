//! Tables of the pages that say where the documents of the project's origin are shown: row of the
//! audit, what it says, and the scenario. The pages contain them between marks, and every scenario
//! of a table runs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use quorate::catalogue;

use crate::{between, is_update, read, root};

/// Rows of the audit, the item, and the scenario that shows it.
type Row = (&'static [u32], &'static str, &'static str);

/// A page with tables of rows.
struct Page {
    file: &'static str,
    /// Folder of `scenarios`, all of which the page names.
    folder: &'static str,
    /// Tables, by the name of their marks.
    tables: &'static [(&'static str, &'static [Row])],
    /// First and last rows of the audit that the page covers.
    audited: &'static [(u32, u32)],
}

const PAGES: [Page; 1] = [Page {
    file: "docs/LOCKS.md",
    folder: "locks",
    tables: &[("locks", LOCKS), ("leases", LEASES)],
    audited: &[(65, 65), (70, 108), (131, 142)],
}];

#[rustfmt::skip]
const LOCKS: &[Row] = &[
    (&[131, 132, 133], "a lock as the existence of a datum; unique index: insert is lock, delete is unlock; an owner that dies keeps it", "unique-index-dead-owner"),
    (&[134], "unique index: it fails at once and does not wait", "unique-index-fails-at-once"),
    (&[135], "unique index: it is not re-entrant", "unique-index-not-reentrant"),
    (&[136], "SETNX, and what it cannot tell", "owner-waits-for-itself"),
    (&[137], "EXPIRE, as a second command", "dies-between-setnx-and-expire"),
    (&[137], "EXPIRE says whether there was a key", "expire-finds-no-key"),
    (&[71], "DEL by name deletes another's lock", "deletes-anothers-lock"),
    (&[71], "SET NX PX with a random value; compare and delete", "value-of-its-own"),
    (&[71, 72], "Redlock's five steps; two of five instances down, three of five down", "redlock-two-of-five-down"),
    (&[139], "Redlock releases on every instance after a failure", "redlock-releases-everywhere"),
    (&[76, 77, 106], "a clock jumps on one instance; both sides of the argument about clocks", "redlock-clock-jump"),
    (&[79], "an editor in Raft's log: is it like a clock that is set?", "raft-log-edited"),
    (&[77, 78], "a clock that is slewed; five seconds counted as 4.5 or 5.5", "redlock-slewed-clock"),
    (&[107, 106, 78], "how wrong real clocks are: five instances with the figures of the debate", "redlock-real-clocks"),
    (&[71], "an instance crashes and forgets", "redlock-forgetful-instance"),
    (&[71], "delayed restarts", "redlock-delayed-restart"),
    (&[73], "a pause between step 1 and step 3 is caught", "redlock-pause-before-step-3"),
    (&[73], "slow answers are caught", "redlock-slow-answers"),
    (&[71], "a watchdog extends the lock for longer work", "watchdog-keeps-lock"),
    (&[71], "an extension that is late leaves another's lock alone", "watchdog-comes-too-late"),
    (&[71], "an extension finds no key", "watchdog-learns-of-lost-key"),
    (&[91], "a pause after step 3 is not, by any lock that expires", "pause-after-step-3"),
    (&[82], "the fencing token: one message", "fence-refuses-late-holder"),
    (&[105], "the resource asks the lock service (CheckSequencer)", "service-is-asked"),
    (&[105], "and is fooled by an answer that is late", "service-answers-late"),
    (&[80, 81], "antirez's currlock, taken for viraptor's eight steps", "currlock-eight-steps"),
    (&[80, 82], "currlock as it was meant: compare and write in one step, two messages", "currlock-in-one-step"),
    (&[83], "a random token keeps no order: the late one wins, exclusively", "currlock-late-one-wins"),
    (&[84], "\"add a name\", T0 to T3", "add-a-name"),
    (&[86], "two late writes in order, checked in a step of its own: both at once", "late-writes-in-order"),
    (&[86, 87], "the same, checked and written in one step: both succeed", "late-writes-one-step"),
    (&[65], "a resource that cannot check: the token in the file name", "token-in-file-name"),
    (&[85], "dwenzek: undo what an interrupted client has done", "undo-takes-half-back"),
    (&[85], "dwenzek: a distributed resource, a fence on each replica", "replica-fence-loses-write"),
    (&[85], "Junqueira: mark the replicas first", "replica-marked-first"),
    (&[65, 82, 83, 105], "three guards and five others: one late write against each", "three-guards"),
    (&[98], "why lock at all: to wait instead of colliding", "waits-instead-of-colliding"),
    (&[108], "efficiency or correctness: one fault, two costs", "efficiency-or-correctness"),
    (&[88], "ZooKeeper: create /lock, others fail, delete it to unlock", "zookeeper-plain-lock"),
    (&[89, 90], "the ephemeral node goes with its session, kept by heartbeats", "zookeeper-ephemeral-goes"),
    (&[91], "a pause in five steps, and two believers", "zookeeper-pause-two-holders"),
    (&[91], "the zxid as fencing token", "zookeeper-zxid-fences"),
    (&[91], "a client that is cut off is told when it is back", "zookeeper-told-too-late"),
    (&[92], "a watch instead of polling: wait as for a local lock", "zookeeper-watch-blocks"),
    (&[94], "the herd effect, counted", "zookeeper-herd"),
    (&[140, 141, 142], "the sequential recipe wakes one", "zookeeper-sequence"),
    (&[142], "the node is gone before the watch is set", "zookeeper-gone-before-the-watch"),
    (&[142], "a notification says that something has changed, and not what", "zookeeper-wake-looks-again"),
    (&[142], "who gives up leaves the queue", "zookeeper-gives-up"),
    (&[90], "only the leader counts sessions", "zookeeper-follower-cut-off"),
    (&[90, 93], "a failover keeps sessions and watches", "zookeeper-failover-keeps-sessions"),
    (&[101], "shared and exclusive mode, as a recipe", "zookeeper-shared-locks"),
    (&[93, 106], "etcd: a client counts its lease by its own clock", "etcd-lease-by-own-clock"),
    (&[90], "a heartbeat arrives as the session runs out", "chubby-renewed-in-time"),
    (&[82], "etcd: the revision as fencing token", "etcd-revision-fences"),
    (&[104], "Chubby's lock-delay of a minute", "chubby-lock-delay-a-minute"),
    (&[104], "Chubby's jeopardy and grace period", "chubby-grace-period"),
    (&[102, 105], "one late write, the sequencer checked by asking the service: refused", "chubby-sequencer-asked"),
    (&[103, 105], "the same write, compared with the newest seen: fooled, and in order", "chubby-sequencer-newest"),
    (&[104, 105], "the same write, no check: the lock-delay has to do", "chubby-sequencer-unchecked"),
    (&[100, 101], "shared and exclusive mode of a lock; a sequencer is name, mode and generation", "chubby-shared-lock"),
];

#[rustfmt::skip]
const LEASES: &[Row] = &[
    (&[70], "a lock that expires by itself needs a fence", "fence-refuses-late-write"),
    (&[74, 99], "a delay after the lock is granted hurts every lock; Chubby's request of a dead holder that arrives after the next one", "pause-then-write"),
    (&[75], "a delay between client and lock service is harmless", "lost-grant-resent"),
    (&[95, 96], "mark before anything else: an epoch on a majority, as Paxos prepares", "replicated-fence-marks-first"),
    (&[97], "random tokens cannot mark: old and new look alike", "random-token-cannot-order"),
    (&[100], "a sequencer: name, mode, generation", "fence-asks-granter"),
    (&[138], "several instances against a single point of failure", "majority-lease"),
];

fn rows(page: &Page) -> impl Iterator<Item = &Row> {
    page.tables.iter().flat_map(|(_, rows)| *rows)
}

fn table(rows: &[Row]) -> String {
    let mut table = String::from("| row | what | command |\n|---|---|---|\n");
    for (rows, what, scenario) in rows {
        let rows = rows.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        writeln!(table, "| {rows} | {what} | `quorate run {scenario}` |").unwrap();
    }
    table
}

#[test]
fn the_tables_are_those_of_the_list() {
    for page in &PAGES {
        let before = read(page.file);
        let after = page.tables.iter().fold(before.clone(), |text, (name, rows)| between(&text, name, &table(rows)));
        if is_update() {
            fs::write(root().join(page.file), after).unwrap();
        } else {
            assert!(after == before, "{} is stale: UPDATE_GOLDENFILES=1 cargo test --test docs", page.file);
        }
    }
}

#[test]
fn every_row_of_the_audit_has_a_scenario_and_every_scenario_a_row() {
    for page in &PAGES {
        let covered: BTreeSet<u32> = rows(page).flat_map(|(rows, ..)| rows.iter().copied()).collect();
        let audited: BTreeSet<u32> = page.audited.iter().flat_map(|(first, last)| *first..=*last).collect();
        assert_eq!(covered, audited, "rows of {}", page.file);
        let named: BTreeSet<&str> = rows(page).map(|(.., scenario)| *scenario).collect();
        let all = catalogue::all().iter().filter(|scenario| scenario.folder() == page.folder);
        let missing: Vec<&str> = all.map(|scenario| scenario.name()).filter(|name| !named.contains(name)).collect();
        assert_eq!(missing, [""; 0], "scenarios that {} lacks", page.file);
    }
}

#[test]
fn every_command_of_the_tables_runs_and_shows_its_scenario() {
    for (.., name) in PAGES.iter().flat_map(rows) {
        let run = Command::new(env!("CARGO_BIN_EXE_quorate")).args(["run", name, "--view", "log"]).output().unwrap();
        let (shown, error) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success(), "'quorate run {name}' fails:\n{shown}\n{error}");
        let scenario = catalogue::find(name).expect("it ran");
        let title = scenario.text().lines().next().and_then(|line| line.strip_prefix("# ")).expect("it has a title");
        assert!(shown.contains(title), "'quorate run {name}' shows no such title:\n{shown}");
    }
}
