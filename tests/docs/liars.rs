//! The table of `docs/LIARS.md`: for each protocol one lie of one node, and the invariant that it
//! breaks. Every row runs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use quorate::lab::script::{RunOptions, ScriptProblem, run_scenario};
use quorate::lab::trace::EventKind;
use quorate::protocols::registry;

use crate::{between, is_update, read, root};

const PAGE: &str = "docs/LIARS.md";

/// A schedule with one liar.
struct Row {
    protocol: &'static str,
    /// The commands, with those that lie.
    text: &'static str,
    /// The lie in words.
    lie: &'static str,
    /// The invariant that breaks, or none.
    breaks: Option<&'static str>,
    /// The reason in words.
    why: &'static str,
}

macro_rules! rows {
    ($($protocol:literal $text:literal $lie:literal $(breaks $breaks:literal)? $(holds all)? $why:literal;)+) => {
        &[$(Row {
            protocol: $protocol,
            text: $text,
            lie: $lie,
            breaks: [$($breaks)?].first().copied(),
            why: $why,
        }),+]
    };
}

const ROWS: &[Row] = rows! {
    "paxos" "
cluster paxos proposers=A,B acceptors=X,Y,Z learners=none
drop A Z
propose A 8
run 10ms
drop B X
forge Y B Promise accepted=none
propose B 5
run 10ms
"
        "an acceptor forgets in its promise what it has accepted" breaks "AtMostOneChosen"
        "the next proposer believes that it is free";

    "multi-paxos" "
cluster multi-paxos proposers=A,B acceptors=X,Y,Z heartbeat=20ms election=60ms..100ms
propose A x
run
cut A Z
cut A B
cut X B
drop Y B Accepted count=1
propose A y
run 10ms
crash A
forge Y B Promise accepted=[]
until leader B
propose B z
run 50ms
"
        "the same, for the slots of a log" breaks "AtMostOneChosen"
        "the new leader proposes its own command in a slot that is decided";

    "raft" "
cluster raft nodes=3
hold n1 n3
fire n1 Election
run 10ms
forge n2 n3 VoteRefused as=VoteGranted
fire n3 Election
run 10ms
"
        "a voter sends a grant where it has refused" breaks "ElectionSafety"
        "two majorities of three share one voter, and it is the liar";

    "lease" "
cluster lease granter=Q holders=A,B resource=S term=10s renew=9s work=20ms
run
forge A S Write sequencer.token=99
write A x
run 30ms
"
        "a holder writes a token into its message that it never had" breaks "TokensNeverDecrease"
        "the fence orders tokens, and cannot tell whose they are";

    "lease-majority" "
cluster lease-majority proposers=A,B acceptors=X,Y,Z term=10s renew=8s seed=4
run 10001ms
cut A Z
fire A Begin
run 10ms
cut B X
forge Y B Promise owner=none
forge Y B Refused as=Accepted
fire B Begin
run 10ms
act A
"
        "an acceptor denies its owner, and accepts where it has refused" breaks "AtMostOnePrimary"
        "as in Paxos, the majorities share the liar";

    "lease-store" "
cluster lease-store fronts=A,B replicas=X,Y,Z retry=50ms
open A 1
run
cut A Z
write A late
run 20ms
cut B X
forge Y B Marked newest=none
open B 2
run 20ms
"
        "a replica denies the newest version" breaks "NoLostWrite"
        "the next holder continues from what it is shown";

    "lease-cache" "
cluster lease-cache server=S caches=A,B term=10s
run 10001ms
forge S A Lent sent=15000000000
read A colour
run
cut S A
write S colour red
run 11s
read A colour
run
"
        "the server dates a loan five seconds into the future" breaks "NoStaleRead"
        "the cache counts its term from a time at which it asked nothing";

    "lease-raft" "
cluster lease-raft servers=3 holders=A,B term=3s renew=1200ms heartbeat=1500ms election=3s..6s trust=3s
fire n1 Raft(Election)
run
acquire A jobs
run
forge n1 B Answer reply.Applied.row.holder=B reply.Applied.row.token=2
acquire B jobs
run
act A jobs
"
        "a server tells a client that it holds the lease" breaks "AtMostOnePrimary"
        "the log is right; a client has one server's word for it";

    "lock" r#"
cluster lock recipe=set-nx-px server=R holders=A,B ttl=10s seed=3
lock A
run
forge R B Told answer={"Set":{"token":2}}
try-lock B
run 10ms
act A
"#
        "the server says that the key was not there" breaks "AtMostOneHolder"
        "there is one server, and nobody to ask besides";

    "redlock" r#"
cluster redlock instances=P,Q,R holders=A,B ttl=10s
cut A R
lock A
run 60ms
forge Q B Told answer={"Set":{"token":2}}
try-lock B
run 10ms
act A
"#
        "an instance says that the key was not there" breaks "AtMostOneHolder"
        "three instances bear one that is down, not one that lies";

    "zookeeper" r#"
cluster zookeeper servers=Z holders=A,B session=6s drift=10000ppm election=2000s..3000s heartbeat=1000s
fire Z Raft(Election)
run
lock A
run
lock B
until delivered=Answer to=B count=2
forge Z B Answer reply.Applied.answer.Children=[{"path":"/lock/write-0000000001","sequence":1,"created":4}]
run 20ms
act A
"#
        "a server leaves the holder's node out of the list of children" breaks "AtMostOneHolder"
        "the lowest number that it is shown is its own";

    "etcd" r#"
cluster etcd servers=Z holders=A,B session=6s drift=10000ppm election=2000s..3000s heartbeat=1000s
fire Z Raft(Election)
run
lock A
run
lock B
until delivered=Answer to=B count=2
forge Z B Answer reply.Applied.answer.Children=[{"path":"/lock/3","sequence":null,"created":4}]
run 20ms
act A
"#
        "a server leaves the holder's key out of the list" breaks "AtMostOneHolder"
        "as with ZooKeeper: one server answers";

    "chubby" r#"
cluster chubby servers=Z holders=A,B session=6s drift=10000ppm election=2000s..3000s heartbeat=1000s
fire Z Raft(Election)
run
lock A
run
lock B
until delivered=Answer to=B count=1
forge Z B Answer reply.Applied.answer='{"Locked":{"acquired":5,"sequencer":"/lock exclusive 2"}}'
run 20ms
act A
"#
        "a server says that the lock is acquired" breaks "AtMostOneHolder"
        "as with ZooKeeper: one server answers";

    "two-phase" "
cluster two-phase coordinator=T participants=order,stock
forge T stock Commit as=Abort
transact T order.orders+1 stock.apples-3
run 20ms
"
        "the coordinator commits, and tells one participant the opposite" breaks "SameOutcome"
        "the outcome has one source";

    "three-phase" "
cluster three-phase coordinator=T participants=order,stock
forge T stock Commit as=Abort
transact T order.orders+1 stock.apples-3
run 20ms
"
        "the same" breaks "SameOutcome"
        "a third phase is about silence, not about lies";

    "paxos-commit" "
cluster paxos-commit leaders=T,U participants=order,stock acceptors=X,Y,Z
forge T stock Commit as=Abort
transact T order.orders+1 stock.apples-3
run 20ms
"
        "the same, by a leader" breaks "SameOutcome"
        "the acceptors know the votes; a participant asks them nothing";

    "outbox" "
cluster outbox sender=shop broker=B receiver=stock
forge B stock Deliver id=9
place shop apples 3
run 50ms
"
        "the broker delivers a message that nobody has sent" breaks "NothingInvented"
        "the stock has the broker's word alone";

    "outbox" "
cluster outbox sender=shop broker=B receiver=stock
forge B stock Deliver units=5
place shop apples 3
run 50ms
"
        "the broker delivers five units for three" holds all
        "no invariant compares units: a message is known by its number, and the stock ships five";

    "saga" "
cluster saga orchestrator=O services=order,stock
forge stock O Refused as=Done
transact O order.orders+1 stock.apples-99
run 30ms
"
        "a service says that it has done what it refused" breaks "AllOrCompensated"
        "nobody checks a step but the service that makes it";

    "register" "
cluster register replicas=n1,n2,n3 mode=cp clients=w,r
cut n1 n3
write n1 x new client=w
run 20ms
forge n2 n3 Held versions=[]
cut n3 n1
read n3 x client=r
run 20ms
"
        "a replica denies what it stores" breaks "NoOlderRead"
        "a majority of two, one of which lies, knows no more than one";

    "primary-backup" r#"
cluster primary-backup nodes=P,B monitor=M mode=synchronous ping=50ms clients=ann,bob
run 60ms
forge P B Ship ticket="bob #1"
write P x 1 client=ann
run 10ms
crash P
run 200ms
"#
        "the primary ships a write under another client's number" breaks "NoLostWrite"
        "the backup acknowledges, and has another write";
};

/// The commands of a row that lie.
fn lies(row: &Row) -> impl Iterator<Item = &'static str> {
    row.text.lines().filter(|line| line.starts_with("forge "))
}

fn table() -> String {
    let mut table =
        String::from("| protocol | the lie | as a command | the invariant | why |\n|---|---|---|---|---|\n");
    for row in ROWS {
        let Row { protocol, lie, breaks, why, .. } = row;
        let commands = lies(row).map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ");
        let breaks = breaks.map_or("all hold".to_owned(), |name| format!("`{name}` breaks"));
        writeln!(table, "| {protocol} | {lie} | {commands} | {breaks} | {why} |").unwrap();
    }
    table
}

#[test]
fn the_table_of_liars_is_that_of_the_list() {
    let before = read(PAGE);
    let after = between(&before, "liars", &table());
    if is_update() {
        fs::write(root().join(PAGE), after).unwrap();
    } else {
        assert!(after == before, "{PAGE} is stale: UPDATE_GOLDENFILES=1 cargo test --test docs");
    }
}

/// The invariant that breaks in a schedule.
fn broken(row: &Row, text: &str) -> Option<&'static str> {
    // It expects nothing, so it fails in any case: by that, or by the invariant.
    let failure = run_scenario(text, &registry(), RunOptions::default()).expect_err("it expects nothing");
    match failure.error.problem {
        ScriptProblem::Broken { invariant, .. } => Some(invariant),
        ScriptProblem::Vacuous => None,
        problem => panic!("{}: {problem}", row.protocol),
    }
}

#[test]
fn each_lie_breaks_its_invariant_and_without_it_all_hold() {
    for row in ROWS {
        assert!(lies(row).count() > 0, "{} has no liar", row.protocol);
        let text = format!("# A liar\n\n{}\n", row.text.trim());
        assert_eq!(broken(row, &text), row.breaks, "{}: {}", row.protocol, row.lie);
        let honest: Vec<&str> = text.lines().filter(|line| !line.starts_with("forge ")).collect();
        assert_eq!(broken(row, &honest.join("\n")), None, "{} without the lie", row.protocol);
    }
}

/// One liar: every lie of a schedule has the same sender, and the trace shows each that is told.
#[test]
fn each_schedule_has_one_liar() {
    for row in ROWS {
        let liars: BTreeSet<&str> = lies(row).filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(liars.len(), 1, "{}: {liars:?}", row.protocol);
        let text = format!("# A liar\n\n{}\n", row.text.trim());
        let failure = run_scenario(&text, &registry(), RunOptions::default()).expect_err("it expects nothing");
        let document = failure.document.expect("it ran");
        let told = document.events.iter().filter(|event| matches!(event.what, EventKind::Forge(_)));
        let lanes: BTreeSet<String> =
            told.filter_map(|event| event.lane).map(|lane| document.header.name(lane).into_owned()).collect();
        assert_eq!(lanes.iter().map(String::as_str).collect::<BTreeSet<_>>(), liars, "{}", row.protocol);
    }
}

#[test]
fn the_rows_are_of_known_protocols() {
    let known: BTreeSet<&str> = registry().entries().iter().map(|entry| entry.name).collect();
    let unknown: Vec<&str> = ROWS.iter().map(|row| row.protocol).filter(|name| !known.contains(name)).collect();
    assert_eq!(unknown, [""; 0]);
}
