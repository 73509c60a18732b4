//! Each decision broken once: the schedule violates the invariant under the broken decision, and
//! none by the book.

use quorate_lab::sim::{Delivery, World};
use quorate_protocol::Ruling::Allow;
use quorate_time::channel::{Answer, BY_THE_BOOK, Channel, ChannelRule, Rulebook, Safety, Settings};

use super::{ANN, Cluster, R, S, cluster, ms, processed, restart, send, send_all, seq, settings};

/// Plays a schedule under a broken rulebook and by the book. Returns the broken invariant of each.
fn both(rules: Rulebook, settings: &Settings, play: fn(&mut Cluster)) -> [Option<&'static str>; 2] {
    [rules, BY_THE_BOOK].map(|rules| {
        let mut world: World<Channel, Safety> = cluster(rules, settings.clone());
        play(&mut world);
        world.run_for(ms(5000)).err().map(|violation| violation.broken.invariant)
    })
}

fn breaks(rules: Rulebook, play: fn(&mut Cluster), invariant: &str) {
    assert_eq!(both(rules, &settings(Answer::Processed), play), [Some(invariant), None]);
}

/// The first transmission of the first segment is lost.
fn lose_first(world: &mut Cluster) {
    let mut lost = false;
    world.intercept(move |flying| {
        let is_first = seq(flying.message) == Some(1) && !std::mem::replace(&mut lost, true);
        if is_first { Delivery::Drop } else { Delivery::Random }
    });
}

#[test]
fn acks_before_storing() {
    let rules = Rulebook { acknowledges: |_, seen| seen, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        lose_first(world);
        send_all(world, &["a", "b"]);
    };
    breaks(rules, play, "AckedIsStored");
}

/// yrpp-spawner #75; nuttx #15118, #19011.
#[test]
fn rtt_from_a_repeat() {
    let rules = Rulebook { rtt_sample: |_| Allow(ChannelRule::Measure), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        lose_first(world);
        send_all(world, &["a"]);
    };
    breaks(rules, play, "UnambiguousSamples");
}

#[test]
fn accepts_any_sequence() {
    let rules = Rulebook {
        admits: |next, _, seq| if seq == next { Allow(ChannelRule::InOrder) } else { Allow(ChannelRule::Early) },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| {
        world.intercept(|flying| match seq(flying.message) {
            Some(_) => Delivery::Duplicate(ms(10)),
            None => Delivery::Random,
        });
        send_all(world, &["a", "b"]);
    };
    breaks(rules, play, "AtMostOnce");
}

#[test]
fn delivers_as_it_arrives() {
    let rules = Rulebook {
        admits: |next, last, seq| match BY_THE_BOOK.admits(next, last, seq) {
            Allow(_) => Allow(ChannelRule::InOrder),
            refused => refused,
        },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |world| {
        lose_first(world);
        send_all(world, &["a", "b"]);
    };
    breaks(rules, play, "AckedIsStored");
}

/// The sender ignores the window, and a receiver without one runs out of room. With its window the
/// receiver protects itself.
#[test]
fn no_window() {
    let greedy = Rulebook { may_send: |_, _, _| Allow(ChannelRule::SendSegment), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| send_all(world, &["a", "b", "c", "d", "e", "f"]);
    let slow = Settings { work: ms(20), ..settings(Answer::Processed) };
    assert_eq!(both(greedy, &slow, play), [None, None]);
    let boundless = Rulebook { admits: |next, _, seq| BY_THE_BOOK.admits(next, u64::MAX, seq), ..greedy };
    assert_eq!(both(boundless, &slow, play), [Some("BufferWithinWindow"), None]);
}

#[test]
fn old_epoch_accepted() {
    let rules = Rulebook { belongs: |_, _| Allow(ChannelRule::Establish), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.intercept(|flying| if seq(flying.message) == Some(1) { Delivery::Hold } else { Delivery::Random });
        send_all(world, &["old"]);
        world.run_for(ms(1)).unwrap();
        restart(world, S);
        world.intercept_none();
        world.run_for(ms(5)).unwrap();
        assert!(world.machine(R).unwrap().connection().is_some_and(|open| open.sender == 2));
        world.release(|_| true);
    };
    breaks(rules, play, "DeliveredIsPrefix");
}

/// A sender of a new life counts from 1, and is told that the receiver has that already.
#[test]
fn one_counter_for_all_connections() {
    let rules = Rulebook { begins_after: |former| former, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        send_all(world, &["a"]);
        world.run_for(ms(20)).unwrap();
        restart(world, S);
        world.run_for(ms(20)).unwrap();
        send_all(world, &["b"]);
    };
    breaks(rules, play, "AckedIsStored");
}

#[test]
fn sent_is_delivered() {
    let rules = Rulebook { done: |_, sent, _, _| sent, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| world.ask(ANN, Some(S), send("a"));
    breaks(rules, play, "TrueAnswers");
}

/// The receiver has less room than the sender thinks. By the book a segment too many is lost, and
/// sent again.
#[test]
fn evicts_and_acks() {
    let rules = Rulebook { on_overflow: |next, seq| BY_THE_BOOK.admits(next, seq, seq), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| send_all(world, &["a", "b", "c"]);
    let tight = Settings { room: Some(2), work: ms(20), ..settings(Answer::Processed) };
    assert_eq!(both(rules, &tight, play), [Some("DeliveredIsPrefix"), None]);
    let mut world = cluster(BY_THE_BOOK, tight);
    play(&mut world);
    world.run_for(ms(1000)).unwrap();
    assert_eq!(processed(&world), ["a", "b", "c"]);
}

/// akka #23130: after a silence the next segment is one that nobody can bring nearer.
#[test]
fn forgets_what_it_received() {
    let after_silence = |rules: Rulebook| {
        let mut world = cluster(rules, settings(Answer::Processed));
        send_all(&mut world, &["a"]);
        world.run_for(ms(2000)).unwrap();
        send_all(&mut world, &["b"]);
        world.run_for(ms(60_000)).unwrap();
        processed(&world)
    };
    let rules = Rulebook { may_forget_peer: |idle| idle > ms(1000), ..BY_THE_BOOK };
    assert_eq!((after_silence(rules), after_silence(BY_THE_BOOK)), (vec!["a".into()], vec!["a".into(), "b".into()]));
}

/// NintendoClients #14: the number after the largest one looks like one that was received.
#[test]
fn wrap_looks_old() {
    let of_ten = |rules: Rulebook| {
        let few = Settings { window: 3, numbers: 8, ..settings(Answer::Processed) };
        let mut world = cluster(rules, few);
        send_all(&mut world, &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
        world.run_for(ms(60_000)).unwrap();
        assert_eq!(world.answers(ANN).len(), processed(&world).len());
        processed(&world).len()
    };
    let rules = Rulebook { unwrapped: |last, named, numbers| last - last % numbers + named, ..BY_THE_BOOK };
    assert_eq!((of_ten(rules), of_ten(BY_THE_BOOK)), (7, 10));
}
