//! Claims about TCP and the end-to-end argument by hand.

use quorate_lab::sim::{Conditions, Delivery, Fault, Latency, Ppm, Setup};
use quorate_protocol::{Constants, Duration, Input, Invariant, InvariantViolation, Machine, Names, NodeId, Outbox};
use quorate_protocol::{LocalTime, RequestId, StepView};
use quorate_time::channel::{
    Answer, BY_THE_BOOK, Channel, ChannelRule, Checksum, ConfigError, Connection, Disk, Fact, Message, Payload, Reply,
    Rulebook, Segment, Settings,
};
use quorate_time::rto::Limits;

use super::{ANN, QUICK, R, S, cluster, ms, processed, restart, send, send_all, seq, settings};

/// SEEDS 2: retransmit, drop repeats, restore order.
#[test]
fn loss_repetition_and_disorder_are_hidden() {
    let mut world = cluster(BY_THE_BOOK, settings(Answer::Processed));
    let mut count = 0;
    world.intercept(move |flying| {
        count += 1;
        match (seq(flying.message), count) {
            (Some(1), 1) => Delivery::Drop,
            (Some(2), _) => Delivery::After(ms(30)),
            (Some(3), _) => Delivery::Duplicate(ms(3)),
            _ => Delivery::Random,
        }
    });
    send_all(&mut world, &["a", "b", "c", "d"]);
    world.run_for(ms(500)).unwrap();
    assert_eq!(processed(&world), ["a", "b", "c", "d"]);
    assert!(world.answers(ANN).iter().all(|(_, reply)| *reply == Reply::Processed));
    assert_eq!(world.answers(ANN).len(), 4);
}

/// SEEDS 2: it cannot remove delay. A lost segment holds up all after it by a timeout.
#[test]
fn a_loss_is_turned_into_delay_for_all_that_follows() {
    let mut world = cluster(BY_THE_BOOK, settings(Answer::Processed));
    let mut lost = false;
    world.intercept(move |flying| {
        let is_first = seq(flying.message) == Some(1) && !std::mem::replace(&mut lost, true);
        if is_first { Delivery::Drop } else { Delivery::Random }
    });
    send_all(&mut world, &["a", "b", "c"]);
    world.run_for(ms(99)).unwrap();
    assert_eq!(processed(&world), [""; 0], "b and c have arrived, and are held back");
    assert_eq!(world.machine(R).unwrap().pending(), 2);
    world.run_for(ms(10)).unwrap();
    assert_eq!(processed(&world), ["a", "b", "c"]);
}

/// SEEDS 12: an acknowledgement of the network is none of the application.
#[test]
fn acknowledged_is_not_processed() {
    let slow = Settings { work: ms(50), ..settings(Answer::Acknowledged) };
    let mut world = cluster(BY_THE_BOOK, slow);
    send_all(&mut world, &["pay"]);
    world.run_for(ms(10)).unwrap();
    assert!(matches!(world.answers(ANN), [(_, Reply::Acknowledged)]));
    restart(&mut world, R);
    world.run_for(ms(1000)).unwrap();
    assert_eq!(processed(&world), [""; 0], "acknowledged, and never processed");

    // Told by the application alone, the client learns that it does not know.
    let mut world = cluster(BY_THE_BOOK, Settings { work: ms(50), ..settings(Answer::Processed) });
    send_all(&mut world, &["pay"]);
    world.run_for(ms(10)).unwrap();
    assert!(world.answers(ANN).is_empty());
    restart(&mut world, R);
    world.run_for(ms(1000)).unwrap();
    assert!(matches!(world.answers(ANN), [(_, Reply::InDoubt)]));
}

/// The end-to-end argument: at most once in a connection is not at most once for a request.
#[test]
fn a_request_that_is_repeated_in_a_new_connection_is_processed_twice() {
    let mut world = cluster(BY_THE_BOOK, settings(Answer::Processed));
    send_all(&mut world, &["pay"]);
    // It is processed, and the sender crashes while the answer is on its way.
    world.run_for(Duration::from_micros(2500)).unwrap();
    assert_eq!(processed(&world), ["pay"]);
    restart(&mut world, S);
    let ticket = RequestId { client: ANN, number: 1 };
    world.inject_request_as(ticket, S, send("pay")).unwrap();
    world.run_for(ms(200)).unwrap();
    assert_eq!(processed(&world), ["pay", "pay"]);
    assert_eq!(world.answers(ANN), [(ticket, Reply::Processed)]);
}

#[test]
fn a_segment_of_a_former_life_is_refused() {
    let mut world = cluster(BY_THE_BOOK, settings(Answer::Processed));
    world.intercept(|flying| if seq(flying.message) == Some(1) { Delivery::Hold } else { Delivery::Random });
    send_all(&mut world, &["old"]);
    world.run_for(ms(1)).unwrap();
    restart(&mut world, S);
    world.intercept_none();
    world.run_for(ms(5)).unwrap();
    assert_eq!(world.machine(R).unwrap().connection(), Some(Connection { sender: 2, receiver: 1 }));
    world.release(|_| true);
    world.run_for(ms(5)).unwrap();
    send_all(&mut world, &["new"]);
    world.run_for(ms(20)).unwrap();
    assert_eq!(processed(&world), ["new"]);
}

/// Steps a receiver by hand. Returns the rules that it cites for a segment.
fn receives(kind: Checksum, segment: Segment) -> Vec<ChannelRule> {
    let config = Settings { checksum: kind, ..settings(Answer::Processed) }.build().unwrap();
    let constants = Constants::<Channel>::new(config);
    let cx = constants.of(R, LocalTime::default());
    let mut out = Outbox::new();
    let mut receiver = Channel::boot(&cx, &Disk::default(), &mut out);
    receiver.step(&cx, Input::Deliver { from: S, message: Message::Open { life: 1 } }, &mut out);
    out.clear();
    receiver.step(&cx, Input::Deliver { from: S, message: Message::Data(segment) }, &mut out);
    out.rules().collect()
}

/// RFC 1071 finds a single bit, and misses words that change places. A stronger sum finds them.
#[test]
fn corruption_is_found_by_a_checksum_and_more_of_it_by_a_stronger_one() {
    let sent = |kind: Checksum, arrives: &str| {
        let checksum = kind.of(&Segment::bytes(1, &Payload::from("pay 10 to 99")));
        let connection = Connection { sender: 1, receiver: 1 };
        receives(kind, Segment { connection, seq: 1, payload: Payload::from(arrives), checksum })[0]
    };
    for kind in [Checksum::Internet, Checksum::Crc32] {
        assert_eq!(sent(kind, "pay 10 to 99"), ChannelRule::InOrder);
        assert_eq!(sent(kind, "pay 10 to 98"), ChannelRule::Corrupted);
    }
    assert_eq!(sent(Checksum::Internet, "pay 99 to 10"), ChannelRule::InOrder, "the amount and the account");
    assert_eq!(sent(Checksum::Crc32, "pay 99 to 10"), ChannelRule::Corrupted);
}

/// A segment beyond the window, from a sender that does not keep to it.
#[test]
fn a_segment_beyond_the_window_is_not_taken() {
    let payload = Payload::from("x");
    let connection = Connection { sender: 1, receiver: 1 };
    let segment = |seq| {
        let checksum = Checksum::Crc32.of(&Segment::bytes(seq, &payload));
        receives(Checksum::Crc32, Segment { connection, seq, payload: payload.clone(), checksum })[0]
    };
    assert_eq!(
        (segment(4), segment(5), segment(0)),
        (ChannelRule::Early, ChannelRule::OutOfWindow, ChannelRule::Duplicate)
    );
}

/// Counts the segments that are sent again, and of those the ones that were not lost.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Resent {
    stored: std::collections::BTreeSet<(Connection, u64)>,
    all: u32,
    spurious: u32,
}

impl Invariant<Channel> for Resent {
    fn check(&mut self, seen: &StepView<'_, Channel>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Stored { connection, seq } => {
                    self.stored.insert((*connection, *seq));
                }
                Fact::Resent { connection, seq } => {
                    self.all += 1;
                    self.spurious += u32::from(self.stored.contains(&(*connection, *seq)));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The segments that are sent again in 400 messages, one after the other, over links whose delay
/// varies between 1 and 40 ms: in all, and those that had arrived already.
fn resent(rules: Rulebook, limits: Limits, loss: Ppm) -> (u32, u32) {
    let conditions =
        Conditions { loss, latency: Latency::Uniform { min: ms(1), max: ms(40) }, ..Conditions::steady(ms(1)) };
    let config = Settings { limits, ..settings(Answer::Processed) }.build().unwrap();
    let setup = Setup::<Channel>::new("channel", Names::new(["S", "R"], ["ann"]), config)
        .under(rules)
        .conditions(conditions)
        .seed(1);
    let mut world = setup.start_under(Resent::default());
    for number in 0..400 {
        world.ask(ANN, Some(S), send(&number.to_string()));
    }
    world.run_for(Duration::from_secs(600)).unwrap();
    assert_eq!(world.answers(ANN).len(), 400);
    (world.invariants().all, world.invariants().spurious)
}

/// Jacobson and Karels 1988: the mean alone is a timeout that half of the round trips miss.
#[test]
fn without_the_variation_segments_are_sent_again_in_vain() {
    let mean_alone = Rulebook { timeout: |smoothed, _, _| smoothed, ..BY_THE_BOOK };
    let lossy = Ppm::percent(10);
    let counts = [(BY_THE_BOOK, Ppm::ZERO), (mean_alone, Ppm::ZERO), (BY_THE_BOOK, lossy), (mean_alone, lossy)];
    let counts = counts.map(|(rules, loss)| resent(rules, QUICK, loss));
    // Where nothing is lost, each is in vain: those that have arrived, and those on their way.
    assert_eq!(counts, [(4, 4), (170, 103), (45, 5), (183, 84)]);
    // A second at least, as the RFC has it: one in vain, for an acknowledgement that was lost.
    assert_eq!(resent(BY_THE_BOOK, Limits::RFC_6298, lossy), (45, 1));
}

/// Without Karn's algorithm the round trip of a repeated segment includes the timeout before it, so
/// each loss lengthens the next timeout. Of twenty messages every other one is lost once.
#[test]
fn without_karn_the_timeout_grows_with_each_loss() {
    let timeout_after = |rules: Rulebook| {
        let config = settings(Answer::Processed).build().unwrap();
        let setup = Setup::<Channel>::new("channel", Names::new(["S", "R"], ["ann"]), config).under(rules);
        let mut world = setup.start();
        let mut lost = std::collections::BTreeSet::new();
        world.intercept(move |flying| match seq(flying.message) {
            Some(seq) if seq % 2 == 1 && lost.insert(seq) => Delivery::Drop,
            _ => Delivery::Random,
        });
        for number in 0..20 {
            world.ask(ANN, Some(S), send(&number.to_string()));
        }
        world.run_for(Duration::from_secs(60)).unwrap();
        assert_eq!(world.answers(ANN).len(), 20);
        world.machine(S).unwrap().timeout().unwrap()
    };
    let no_karn = Rulebook { rtt_sample: |_| quorate_protocol::Ruling::Allow(ChannelRule::Measure), ..BY_THE_BOOK };
    assert_eq!(timeout_after(BY_THE_BOOK), ms(5));
    assert!(timeout_after(no_karn) > ms(100), "{:?}", timeout_after(no_karn));
}

#[test]
fn cut_links_back_off_and_recover() {
    let mut world = cluster(BY_THE_BOOK, settings(Answer::Processed));
    world.inject(Fault::Partition(vec![vec![S], vec![R]])).unwrap();
    send_all(&mut world, &["a"]);
    world.run_for(Duration::from_secs(30)).unwrap();
    assert_eq!(world.machine(S).unwrap().timeout(), Some(QUICK.max));
    world.inject(Fault::Heal).unwrap();
    world.run_for(Duration::from_secs(3)).unwrap();
    assert_eq!(processed(&world), ["a"]);
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_value() {
    let usual = Settings::new(S, R);
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings { window: 0, ..usual.clone() }), ConfigError::NoWindow);
    assert_eq!(refused(Settings { room: Some(0), ..usual.clone() }), ConfigError::NoWindow);
    let few = refused(Settings { numbers: 16, ..usual.clone() });
    assert_eq!(few, ConfigError::FewNumbers { window: 8, numbers: 16 });
    assert!(few.to_string().starts_with("with 16 sequence numbers and a window of 8 an old segment looks new"));
    assert!(Settings { numbers: 17, ..usual.clone() }.build().is_ok());
    assert_eq!(refused(Settings::new(S, S)), ConfigError::OneNode { node: NodeId(0) });
    let limits = Limits { min: ms(10), max: ms(1), ..QUICK };
    let error = refused(Settings { limits, ..usual }).to_string();
    assert_eq!(error, "timeouts between 10ms and 1ms are impossible: none is zero, and the longest is larger");
}

/// A sender keeps one answer for each client, however many it has given. A request from before it
/// is not sent again.
#[test]
fn the_last_answer_of_a_client_is_kept_and_older_requests_are_overtaken() {
    let mut world = cluster(BY_THE_BOOK, settings(Answer::Processed));
    let ask = |world: &mut super::Cluster, number| {
        let ticket = RequestId { client: ANN, number };
        world.inject_request_as(ticket, S, send(&number.to_string())).unwrap();
        world.run_for(ms(20)).unwrap();
        world.answers(ANN).last().map(|(_, reply)| *reply)
    };
    assert_eq!(
        [1, 2, 2, 1].map(|number| ask(&mut world, number)),
        [Some(Reply::Processed), Some(Reply::Processed), Some(Reply::Processed), Some(Reply::Overtaken),]
    );
    assert_eq!(processed(&world), ["1", "2"]);
}
