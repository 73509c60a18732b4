//! Wrong answers about replicated registers.

use RegisterRule::*;
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

fn ruled(may: bool, yes: RegisterRule, no: RegisterRule) -> Ruling<RegisterRule> {
    if may { Allow(yes) } else { Refuse(no) }
}

mistakes! {
    "register-quorum", "half is enough": quorum = |replicas| replicas.div_ceil(2);
    "register-quorum", "one is enough": quorum = |_| 1;
    "register-quorum", "two are enough": quorum = |replicas| replicas.min(2);
    "register-quorum", "all are needed": quorum = |replicas| replicas;
    "register-quorum", "one more than needed": quorum = |replicas| replicas / 2 + 2;
    "register-quorum", "every answer counts": counts = |_| Allow(CountAnswer);
    "register-quorum", "no answer counts": counts = |_| Refuse(CountedBefore);
    "register-quorum", "two of each": counts = |before| ruled(before < 2, CountAnswer, CountedBefore);
    "register-quorum", "never writes back": write_back = |_, _| Refuse(OnMajority);
    "register-quorum", "always writes back": write_back = |_, _| Allow(WriteBack);
    "register-quorum", "writes back what is everywhere": write_back = |holding, quorum| ruled(holding >= quorum, WriteBack, OnMajority);
    "register-quorum", "one replica short of a majority will do": write_back = |holding, quorum| ruled(holding + 1 < quorum, WriteBack, OnMajority);
    "register-quorum", "writes back a majority, too": write_back = |holding, quorum| ruled(holding <= quorum, WriteBack, OnMajority);
    "register-quorum", "in memory alone": writes_before_ack = || false;

    "register-order", "asks nobody": write_asks_first = || false;
    "register-order", "the newest again": next_tag = |newest, last| newest.max(last);
    "register-order", "above the newest alone": next_tag = |newest, _| newest.next();
    "register-order", "above its own alone": next_tag = |_, last| last.next();
    "register-order", "above the lower one": next_tag = |newest, last| newest.min(last).next();
    "register-order", "ties by arrival": newer = |one, other| one.tick >= other.tick;
    "register-order", "ties stay": newer = |one, other| one.tick > other.tick;
    "register-order", "nodes before ticks": newer = |one, other| (one.node, one.tick) > (other.node, other.tick);
    "register-order", "the lower one": newer = |one, other| one < other;
    "register-order", "as new as itself": newer = |one, other| one >= other;
    "register-order", "counts alone": newer = |one, other| (one.tick.count, one.node) > (other.tick.count, other.node);

    "register-clock", "the wall clock alone": stamp = |_, _, wall| Tick::wall(wall);
    "register-clock", "stands still": stamp = |order, clock, wall| match order {
        Order::Wall => Tick::wall(wall.max(clock.wall)),
        _ => BY_THE_BOOK.stamp(order, clock, wall),
    };
    "register-clock", "always counts": stamp = |_, clock, _| clock.next();
    "register-clock", "keeps the count": stamp = |order, clock, wall| match order {
        Order::Hybrid if wall > clock.wall => Tick { wall, count: clock.count },
        _ => BY_THE_BOOK.stamp(order, clock, wall),
    };
    "register-clock", "counts from the beginning": stamp = |order, clock, wall| match order {
        Order::Hybrid if wall == clock.wall => Tick { wall, count: 1 },
        _ => BY_THE_BOOK.stamp(order, clock, wall),
    };
    "register-clock", "goes back with the wall clock": stamp = |order, clock, wall| match order {
        Order::Hybrid if wall != clock.wall => Tick::wall(wall),
        _ => BY_THE_BOOK.stamp(order, clock, wall),
    };
    "register-clock", "learns nothing": on_receive = |_, clock, _| clock;
    "register-clock", "takes every stamp": on_receive = |_, _, theirs| theirs;
    "register-clock", "all orders learn": on_receive = |_, clock, theirs| clock.max(theirs);
    "register-clock", "only Lamport clocks learn": on_receive = |order, clock, theirs| match order {
        Order::Lamport => clock.max(theirs),
        _ => clock,
    };
    "register-clock", "walls alone are learnt": on_receive = |order, clock, theirs| match order {
        Order::Hybrid if theirs.wall <= clock.wall => clock,
        _ => BY_THE_BOOK.on_receive(order, clock, theirs),
    };
    "register-clock", "accepts everything": accepts_stamp = |_, _, _, _| Allow(LastWriterWins);
    "register-clock", "accepts nothing": accepts_stamp = |_, _, _, _| Refuse(FutureStamp);
    "register-clock", "without the allowance": accepts_stamp = |order, wall, theirs, _| BY_THE_BOOK.accepts_stamp(order, wall, theirs, Duration::ZERO);
    "register-clock", "at the allowance it is too late": accepts_stamp = |order, wall, theirs, ahead| match order {
        Order::Wall | Order::Hybrid => ruled(theirs.wall < wall + ahead, LastWriterWins, FutureStamp),
        _ => Allow(LastWriterWins),
    };
    "register-clock", "the past is refused": accepts_stamp = |order, wall, theirs, ahead| match order {
        Order::Wall | Order::Hybrid => ruled(theirs.wall <= wall + ahead && theirs.wall >= wall, LastWriterWins, FutureStamp),
        _ => Allow(LastWriterWins),
    };

    "register-siblings", "has read nothing": context = |_, _| Seen::default();
    "register-siblings", "what the replica holds": context = |_, held| held.clone();
    "register-siblings", "gaps do not matter": follows = |_, _| true;
    "register-siblings", "nothing follows": follows = |_, _| false;
    "register-siblings", "one may be missing": follows = |known, dot| dot - known <= 2;
    "register-siblings", "nothing is replaced": replaces = |_, _, _, _| false;
    "register-siblings", "everything is replaced": replaces = |_, _, _, _| true;
    "register-siblings", "the higher stamp": replaces = |_, _, one, other| one.stamp > other.stamp;
    "register-siblings", "what was read, in every order": replaces = |_, _, one, other| one.seen.covers(other.stamp);
    "register-siblings", "the other way round": replaces = |rules, order, one, other| BY_THE_BOOK.replaces(order, other, one) && rules.pushes();

    "register-session", "every write begins": begins = |_, _| Allow(WriteHere);
    "register-session", "no write begins": begins = |_, _| Refuse(RepeatedRequest);
    "register-session", "another one begins": begins = |last, number| ruled(last != Some(number), WriteHere, RepeatedRequest);
    "register-session", "the same begins": begins = |last, number| ruled(last.is_none_or(|last| last <= number), WriteHere, Overtaken);
    "register-session", "only the next one begins": begins = |last, number| ruled(last.is_none_or(|last| last.checked_add(1) == Some(number)), WriteHere, Overtaken);
    "register-session", "demands nothing": demands = |_, _| false;
    "register-session", "demands everything": demands = |_, _| true;
    "register-session", "writes for reads": demands = |session, wrote| BY_THE_BOOK.demands(session, !wrote);
    "register-session", "both guarantees": demands = |session, _| session != Session::Off;
    "register-session", "everything is shown": covers = |_, _, _, _| true;
    "register-session", "only that write": covers = |_, _, held, token| held.iter().any(|version| version.stamp == token);
    "register-session", "stamps alone": covers = |_, _, held, token| held.iter().any(|version| version.stamp >= token);
    "register-session", "all of them": covers = |rules, order, held, token| held.iter().all(|version| BY_THE_BOOK.covers(order, std::slice::from_ref(version), token)) && rules.pushes();
    "register-session", "always answers": may_answer = |_| Allow(ReadHere);
    "register-session", "never answers": may_answer = |_| Refuse(WaitForSession);
    "register-session", "answers those who are behind": may_answer = |covered| ruled(!covered, ReadHere, WaitForSession);
}
