//! The examples of `docs/SCENARIOS.md`: one scenario for each command, with what its trace must
//! show.

/// A scenario that demonstrates a command.
pub struct Example {
    /// The command.
    pub command: &'static str,
    /// The scenario.
    pub text: &'static str,
    /// Parts of events, as the trace file writes them; each must be in the trace.
    pub shows: &'static [&'static str],
    /// Parts of events that must not be in the trace.
    pub hides: &'static [&'static str],
    /// Parts of the output.
    pub prints: &'static [&'static str],
}

macro_rules! examples {
    ($($command:literal $text:literal $(shows $($shown:literal)+)? $(hides $($hidden:literal)+)? $(prints $($printed:literal)+)?;)+) => {
        &[$(Example {
            command: $command,
            text: $text,
            shows: &[$($($shown),+)?],
            hides: &[$($($hidden),+)?],
            prints: &[$($($printed),+)?],
        }),+]
    };
}

/// The examples, in the order of the table of commands.
#[rustfmt::skip]
pub const EXAMPLES: &[Example] = examples! {
    "cluster" r#"
cluster paxos proposers=A acceptors=X,Y,Z clients=c1 latency=1ms..5ms seed=7
propose A blue
run
expect reply=Chosen client=c1
"# shows r#""kind":"boot","node":"Z","incarnation":1"# r#""kind":"deliver","node":"c1""#;

    "disk" r#"
cluster raft nodes=3
disk n1 log=1,1:x=8 term=2
fire n1 Election
run
expect leader n1 term=3
expect log n1 1,1,3
expect value x 8 node=n1
"# shows r#""name":"Term","body":{"term":3}"#;

    "rules" r#"
cluster paxos proposers=A,B acceptors=X,Y,Z learners=none
rules X no-promise-check
hold A X Accept
propose A blue round=1
run
propose B green round=2
run
release
run
expect rule=Accept node=X count=2
"# shows r#""text":"X uses the rulebook no-promise-check.""#;

    "run" r#"
cluster paxos nodes=3
propose n1 blue
run 2ms
expect nothing-chosen
run
expect chosen blue
"# shows r#""name":"Chosen""#;

    "step" r#"
cluster paxos proposers=A acceptors=X,Y,Z
propose A blue
step 2
expect delivered=Prepare count=2
"# shows r#""kind":"deliver","node":"Y""# hides r#""kind":"deliver","node":"Z""#;

    "until" r#"
cluster raft nodes=3
until leader within=2s
expect fact=LeaderElected
"# shows r#""name":"LeaderElected""#;

    "fire" r#"
cluster raft nodes=3
fire n2 Election
run
expect leader n2
"# shows r#""at":0,"kind":"fire","node":"n2""#;

    "hold" r#"
cluster paxos proposers=A acceptors=X
hold A X Prepare
propose A blue
run
expect held=1
"# shows r#""name":"Prepare""# hides r#""kind":"deliver""#;

    "release" r#"
cluster paxos proposers=A acceptors=X
hold A X
propose A blue
run
release A X Prepare
run
expect delivered=Prepare
"# shows r#""kind":"deliver","node":"X""#;

    "deliver" r#"
cluster paxos proposers=A acceptors=X pace=1ms
propose A blue round=1
deliver A X Prepare ballot=1.A copy
deliver A X Prepare
expect rule=PromiseAgain node=X
"# shows r#""kind":"duplicate""# r#""kind":"deliver","node":"X""#;

    "drop" r#"
cluster paxos proposers=A acceptors=X
drop A X Prepare count=1
propose A blue
run
expect lost=Prepare from=A to=X count=1
"# shows r#""kind":"drop","# r#""reason":"script""#;

    "delay" r#"
cluster paxos proposers=A acceptors=X,Y,Z
delay A X 20ms Prepare
propose A blue
run
expect chosen blue
"# shows r#""at":20000000,"kind":"deliver","node":"X""#;

    "duplicate" r#"
cluster paxos proposers=A acceptors=X,Y,Z
duplicate A X Prepare after=5ms
propose A blue
run
expect delivered=Prepare to=X count=2
"# shows r#""kind":"duplicate""# r#""at":6000000,"kind":"deliver","node":"X""#;

    "forge" r#"
cluster paxos proposers=A acceptors=X,Y,Z
forge A X Prepare ballot=2.A
propose A blue
run
expect delivered=Prepare to=X ballot=2.A count=1
expect sent=Prepare to=X ballot=1.A count=1
expect chosen blue
"# shows r#""kind":"forge","node":"A""# r#""field":"ballot","old":"1.A","new":"2.A""#;

    "inflight" r#"
cluster paxos proposers=A acceptors=X,Y,Z
propose A blue
inflight drop A X Prepare
inflight duplicate A Y Prepare later=5ms
inflight hold A Z Prepare
inflight forge A Y Prepare ballot=2.A
run
expect lost=Prepare to=X count=1
expect delivered=Prepare to=Y count=2
expect held=1
"# shows r#""reason":"script""# r#""kind":"duplicate""# r#""at":6000000,"kind":"deliver","node":"Y""#
    hides r#""kind":"deliver","node":"Z""#;

    "pass" r#"
cluster paxos proposers=A acceptors=X
drop A X
pass A X
propose A blue
run
expect delivered=Prepare
"# shows r#""kind":"deliver","node":"X""# hides r#""kind":"drop""#;

    "cut" r#"
cluster paxos proposers=A acceptors=X
cut A X
propose A blue
run
expect lost=Prepare
"# shows r#""link":{"from":"A","to":"X","up":false}"# r#""reason":"partition""#;

    "join" r#"
cluster paxos proposers=A acceptors=X
cut A X
join A X
propose A blue
run
expect chosen blue
"# shows r#""link":{"from":"A","to":"X","up":true}"#;

    "partition" r#"
cluster paxos proposers=A acceptors=X,Y,Z
partition A,X Y,Z
propose A blue
run
expect nothing-chosen
"# shows r#""partition":[["A","X"],["Y","Z"]]"# r#""reason":"partition""#;

    "heal" r#"
cluster paxos proposers=A acceptors=X,Y,Z
partition A,X Y,Z
heal
propose A blue
run
expect chosen blue
"# shows r#""heal":true"# hides r#""kind":"drop""#;

    "network" r#"
cluster paxos proposers=A acceptors=X,Y,Z
network latency=1ms..5ms loss=100%
propose A blue
run
expect lost=Prepare count=3
"# shows r#""reason":"loss""#;

    "link" r#"
cluster paxos proposers=A,B acceptors=X
link to=X each=5ms queue=0
propose A blue
propose B green
run
expect lost=Prepare from=B count=1
"# shows r#""reason":"overflow""# r#""at":6000000,"kind":"deliver","node":"X""#;

    "service" r#"
cluster paxos proposers=A,B acceptors=X
service X 5ms
propose A blue
propose B green
run 7ms
expect delivered=Prepare count=1
"# shows r#"Prepare waits: X is busy, and 1 before it"# r#""at":6000000,"kind":"deliver","node":"X""#;

    "crash" r#"
cluster paxos proposers=A acceptors=X,Y,Z
crash X after-persist
propose A blue
run
expect down=X
expect persisted=Promised node=X
expect sent=Promise from=X count=0
"# shows r#""kind":"crash","node":"X""# r#""kind":"persist","node":"X""# r#""reason":"crashed""#;

    "restart" r#"
cluster paxos proposers=A acceptors=X,Y,Z
crash X
restart X
propose A blue
run
expect up=X
expect rule=PromiseHigher node=X
"# shows r#""kind":"boot","node":"X","incarnation":2"#;

    "wipe" r#"
cluster paxos proposers=A acceptors=X,Y,Z
propose A blue
run
wipe X
restart X
expect violation=PromisesNeverDecrease
"# shows r#""wiped":true"#;

    "backup" r#"
cluster paxos proposers=A acceptors=X,Y,Z
backup X
propose A blue
run
restore X
restart X
expect violation=PromisesNeverDecrease
"# shows r#""text":"The disk of X is backed up.""# r#""restored":"#;

    "restore" r#"
cluster paxos proposers=A acceptors=X,Y,Z
propose A blue
run
backup X
restore X
restart X
propose A blue round=2
run
expect up=X
expect state=X acceptor.accepted.value=blue
"# shows r#""kind":"crash","node":"X","lost":0,"restored":"# r#""kind":"boot","node":"X","incarnation":2"#;

    "pause" r#"
cluster paxos proposers=A acceptors=X
pause X
propose A blue
run
expect rule=PromiseHigher count=0
"# shows r#""kind":"pause","node":"X""# hides r#""kind":"deliver","node":"X""#;

    "suspend" r#"
cluster lease granter=Q holders=A,B term=10s
until primary A within=1s
suspend A
run 12s
resume A
act A
expect reply=Acted node=A
expect violation=AtMostOnePrimary
"# shows r#""kind":"pause","node":"A","suspended":true"# r#""kind":"violation""#;

    "resume" r#"
cluster paxos proposers=A acceptors=X
pause X
propose A blue
run
resume X
run
expect chosen blue
"# shows r#""kind":"resume","node":"X""# r#""kind":"deliver","node":"X""#;

    "drift" r#"
cluster lease granter=Q holders=A,B term=10s drift=200ppm
drift A 200ppm
until primary A within=1s
run 10s
expect primary A
"# shows r#""kind":"clock","node":"A","drift_ppm":200"#;

    "jump" r#"
cluster lease granter=Q holders=A,B term=10s
until primary A within=1s
jump A 5s
run 1s
expect primary A
"# shows r#""kind":"clock","node":"A","jump_ns":5000000000"#;

    "clock" r#"
cluster register replicas=n1,n2,n3 mode=ap order=wall date=2026-03-01
clock n1 set 12:00:42.004
clock n2 set 12:00:42
write n1 x 1
run 10ms
expect fact=Wrote stamp=2026-03-01T12:00:42.004@n1
clock n1 jump -2h
write n1 x 2
run 10ms
expect fact=Wrote stamp=2026-03-01T12:00:42.004000001@n1
"# shows r#""kind":"clock","node":"n1","jump_ns":-7200000000000"#;

    "continue" r#"
cluster raft nodes=3
fire n1 Election
run
wipe n2
restart n2
expect violation=MonotoneTerm
continue
run 1s
expect leader n1
"# shows r#""kind":"violation""# r#""wiped":true"#;

    "again" r#"
cluster paxos proposers=A,B acceptors=X,Y,Z learners=none rules=own-value
propose A blue round=1
run
propose B green round=2
run
expect violation=AtMostOneChosen
again
expect chosen blue
"# shows r#""invariant":"AtMostOneChosen""# prints "4 of 4 commands are possible";

    "note" r#"
cluster paxos nodes=3
note "n1 wants blue."
propose n1 blue
run
expect chosen blue
"# shows r#""kind":"note","text":"n1 wants blue.""#;

    "print" r#"
cluster paxos proposers=A acceptors=X
print log why=on
propose A blue
run 1ms
expect rule=PromiseHigher
"# prints "because PromiseHigher";

    "show" r#"
cluster paxos proposers=A acceptors=X
print off
propose A blue
run
expect chosen blue
show state X
show lanes width=80
"# prints "X  acceptor" "X fact Promised";

    "expect" r#"
cluster paxos nodes=3
propose n1 blue
run
expect chosen blue
expect fact=Chosen value=blue node=n1
expect rule=RefusePrepare count=0
"# shows r#""name":"Chosen","body":{"ballot":"1.n1","value":"blue"}"#;
};

/// One scenario with every assertion that all protocols have.
pub const ASSERTIONS: &str = r#"
cluster paxos proposers=A,B acceptors=X,Y,Z learners=A rules=own-value clients=c1
drop A Z Prepare
hold A Z Accept
propose A blue round=1
until reply=Chosen client=c1 within=1s
expect rule=PromiseHigher node=X count=1
expect fact=Chosen value=blue node=A
expect sent=Accept ballot=1.A from=A count=3
expect delivered=Accept from=A to=X
expect lost=Prepare to=Z
expect persisted=Accepted node=Y
expect reply=Chosen node=A
expect state=X acceptor.promised=1.A
expect held=1
crash X
expect down=X
expect up=Y
restart X
propose B green round=9
until fired=Retry node=B within=2s
expect violation=AtMostOneChosen
"#;
