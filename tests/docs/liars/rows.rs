//! Rows of `docs/LIARS.md`.

use super::Row;

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

pub(super) const ROWS: &[Row] = rows! {
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

    "lease-pushed" "
cluster lease-pushed issuer=Q holders=A,B term=10s every=1s skew=100ms
forge Q A Push expires=90000000000
run 1500ms
appoint Q B
cut Q A
(run 15s)
act A
"
        "the issuer pushes an end that it has not written to its disk" breaks "AtMostOnePrimary"
        "the holder believes what it is told, and the issuer waits for another end";

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

    "generals" "
cluster generals nodes=C,L1,L2 m=1
forge L2 L1 Say order=Retreat
order C attack
run 100ms
"
        "one of two lieutenants says that he was told to retreat" breaks "LoyalAgree"
        "three cannot: L1 has one word against the other";

    "generals" "
cluster generals nodes=C,L1,L2,L3 m=1
forge L2 L1 Say order=Retreat
order C attack
run 100ms
"
        "the same, of three lieutenants" holds all
        "four can: of the three orders that L1 compares, two are true";

    "broadcast" "
cluster broadcast nodes=S,A,B,C
forge S B Initial value=7
broadcast S 6
run
"
        "the sender tells one node another value" holds all
        "B hears from three others that they were told 6, and follows";

    "pbft" "
cluster pbft replicas=4 proxies=P
forge n1 n3 PrePrepare proposal.pre_prepare.body.number=2
add P 5
run 20ms
"
        "the primary tells one backup another number" holds all
        "nothing has a number that only one of them was told";

    "pbft" "
cluster pbft replicas=4 proxies=P
forge n4 P Report report.body.total=99
add P 5
run 20ms
"
        "a replica reports another result, under its own seal" holds all
        "a client believes what two report: one of them is honest";

    "channel" "
cluster channel sender=S receiver=R work=20ms
run 5ms
forge R S Ack processed=1
send S a
run 10ms
"
        "the receiver says that a message is processed which its application has not seen" breaks "TrueAnswers"
        "nobody but the receiver knows what its application does";

    "balancer" r#"
cluster balancer balancer=LB servers=S1
run 5ms
forge S1 LB Done ticket="client #2"
ask LB a
ask LB b
run 110ms
"#
        "a server says that the second request is done, and has done the first" breaks "TrueAnswers"
        "nobody but the server knows what it has done";

    "balancer" "
cluster balancer balancer=LB servers=S1
run 5ms
forge S1 LB Done as=Refused
ask LB a
run 110ms
"
        "a server says that it has refused a request, and has done it" breaks "TrueAnswers"
        "nobody but the server knows what it has done";

    "balancer" "
cluster balancer balancer=LB servers=S1,S2 reporters=OS
run 5ms
forge OS LB Report server=S2
died OS S1
run 10ms
ask LB a
run 200ms
"
        "an operating system reports the death of a server that lives" holds all
        "a report says where not to send, and the answer to a later probe ends it";

    "true-time" "
cluster true-time masters=M1 servers=A attempts=1
forge M1 A Tell reading.earliest=5000000000 reading.latest=5002000000
run 5ms
now A
run 5ms
"
        "the only master is five seconds ahead" breaks "IntervalContainsTruth"
        "a server that asks one clock has no other to compare it with";

    "true-time" "
cluster true-time masters=M1,M2,M3 servers=A attempts=1
forge M1 A Tell reading.earliest=5000000000 reading.latest=5002000000
run 5ms
now A
run 5ms
"
        "one of three masters is five seconds ahead" holds all
        "the time is where two of three intervals meet";

    "ntp" "
cluster ntp sources=S1 hosts=A
forge S1 A Response receive_timestamp=5000000000 transmit_timestamp=5000000000
run 5ms
time A
"
        "the only source is five seconds ahead" breaks "BoundContainsTruth"
        "a host that asks one source has no other to compare it with";

    "ntp" "
cluster ntp sources=S1,S2,S3 hosts=A
forge S1 A Response receive_timestamp=5000000000 transmit_timestamp=5000000000
run 5ms
time A
"
        "one of three sources is five seconds ahead" holds all
        "the others agree, and it is a falseticker";

    "snowflake" "
cluster snowflake registry=R generators=A,B
forge R B Grant lease.worker=0
run 5ms
next A
next B
"
        "the registry gives one worker number to two generators" breaks "UniqueIds"
        "the numbers have one source, and generators do not speak with each other";
};
