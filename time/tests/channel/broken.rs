//! Each decision broken once: the schedule violates the invariant under the broken decision, and
//! none by the book.

use quorate_lab::sim::{Delivery, World};
use quorate_protocol::Ruling::Allow;
use quorate_time::channel::{Answer, BY_THE_BOOK, Channel, ChannelRule, Rulebook, Safety, Settings};

use super::{Cluster, R, S, cluster, ms, restart, send_all, seq, settings};

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
