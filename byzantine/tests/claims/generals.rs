//! Oral messages, Lamport, Shostak and Pease 1982: three generals cannot, four can, seven bear two.

use std::collections::BTreeMap;

use quorate_byzantine::generals::{
    BY_THE_BOOK, Command, ConfigError, Fact, General, GeneralsRule, Lie, Message, Order, Rulebook, Safety, Settings,
};
use quorate_lab::check::{Bounds, Cluster, Search};
use quorate_lab::sim::{Rng, Setup, World};
use quorate_protocol::{ClientId, Constants, Duration, Input, Machine, Names, NodeId, Outbox};

use crate::seeds;

const ORDERS: [Order; 2] = [Order::Retreat, Order::Attack];

fn setup(generals: u32, m: usize, rules: Rulebook, traitors: &[(u32, Lie)]) -> Setup<General> {
    let config = Settings::new((0..generals).map(NodeId), m).build().unwrap();
    let names = Names::new((0..generals).map(|general| format!("G{general}")), ["king"]);
    let setup = Setup::new("generals", names, config.clone()).under(rules);
    traitors.iter().fold(setup, |setup, (node, lie)| setup.configure(NodeId(*node), config.lying(*lie)))
}

/// Gives the order, and waits for all to decide. Returns the condition that is broken.
fn broken(setup: Setup<General>, order: Order) -> Option<&'static str> {
    let generals = setup.names.nodes().len();
    let mut world: World<General, Safety> = setup.start_under(Safety::default());
    world.inject_request(ClientId(0), NodeId(0), Command::Give { order }).unwrap();
    let ran = world.run_for(Duration::from_millis(200));
    if ran.is_ok() {
        let decided = world.machines().iter().flatten().filter(|general| general.order().is_some()).count();
        assert_eq!(decided, generals);
    }
    ran.err().map(|violation| violation.broken.invariant)
}

/// Runs, and those that broke each condition.
#[derive(PartialEq, Debug, Default)]
struct Count {
    runs: u64,
    broke: BTreeMap<&'static str, u64>,
}

impl Count {
    fn run(&mut self, generals: u32, m: usize, traitors: &[(u32, Lie)]) {
        for order in ORDERS {
            self.runs += 1;
            if let Some(condition) = broken(setup(generals, m, BY_THE_BOOK, traitors), order) {
                *self.broke.entry(condition).or_default() += 1;
            }
        }
    }

    fn of(runs: u64, broke: impl IntoIterator<Item = (&'static str, u64)>) -> Self {
        Count { runs, broke: broke.into_iter().collect() }
    }
}

/// All lies of a traitor in OM(1): a commander sends a message to each lieutenant, a lieutenant one
/// to each other lieutenant.
fn lists(generals: u32, traitor: u32) -> impl Iterator<Item = Lie> + Clone {
    let messages = if traitor == 0 { generals - 1 } else { generals - 2 };
    (0..1 << messages).map(|attacks| Lie::ByList { attacks })
}

fn every_lie_of_one(generals: u32) -> Count {
    let mut count = Count::default();
    for traitor in 0..generals {
        for lie in lists(generals, traitor).chain(Lie::NAMED) {
            count.run(generals, 1, &[(traitor, lie)]);
        }
    }
    count
}

#[test]
fn three_cannot() {
    assert_eq!(every_lie_of_one(3), Count::of(40, [("LoyalObey", 7)]));
}

#[test]
fn four_can() {
    assert_eq!(every_lie_of_one(4), Count::of(72, []));
}

#[test]
fn four_do_not_bear_two() {
    let mut count = Count::default();
    for (one, other) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        for lie in lists(4, one) {
            for second in lists(4, other) {
                count.run(4, 1, &[(one, lie), (other, second)]);
            }
        }
    }
    assert_eq!(count, Count::of(288, [("LoyalAgree", 48), ("LoyalObey", 24)]));
}

/// Lies of two traitors in OM(2): 2^25 lists for each lieutenant are too many, so they are drawn.
fn drawn_lies_of_two(generals: u32, draws: u64) -> Count {
    let (mut count, mut rng) = (Count::default(), Rng::new(1982, 0));
    for one in 0..generals {
        for other in one + 1..generals {
            for lie in Lie::NAMED {
                for second in Lie::NAMED {
                    count.run(generals, 2, &[(one, lie), (other, second)]);
                }
            }
            for _ in 0..draws {
                let [first, second] = [(); 2].map(|()| Lie::ByList { attacks: rng.bits() });
                count.run(generals, 2, &[(one, first), (other, second)]);
            }
        }
    }
    count
}

#[test]
fn seven_bear_two() {
    let draws = seeds(500) / 10;
    assert_eq!(drawn_lies_of_two(7, draws), Count::of(21 * 2 * (16 + draws), []));
}

#[test]
fn six_do_not_bear_two() {
    assert_eq!(drawn_lies_of_two(6, 50), Count::of(1980, [("LoyalAgree", 157), ("LoyalObey", 175)]));
}

/// A commander that tells one lieutenant something else.
#[test]
fn a_lieutenant_that_trusts_one_report_disagrees() {
    let first = |got: &[Order]| got.first().copied().unwrap_or(Order::Retreat);
    let trusts_one = Rulebook { majority: first, ..BY_THE_BOOK };
    let traitor = [(0, Lie::Equivocates)];
    assert_eq!(broken(setup(4, 1, trusts_one, &traitor), Order::Attack), Some("LoyalAgree"));
    assert_eq!(broken(setup(4, 1, BY_THE_BOOK, &traitor), Order::Attack), None);
    // OM(0) is the same.
    assert_eq!(broken(setup(4, 0, BY_THE_BOOK, &traitor), Order::Attack), Some("LoyalAgree"));
}

/// §3, OM(1): half of the reports is no majority, and the default is the same for all.
#[test]
fn half_is_no_majority() {
    let at_least_half = |got: &[Order]| {
        let attacks = got.iter().filter(|order| **order == Order::Attack).count();
        if 2 * attacks >= got.len() { Order::Attack } else { Order::Retreat }
    };
    let half = Rulebook { majority: at_least_half, ..BY_THE_BOOK };
    // Five generals: four reports, two of them of traitors. By the book they are too many, too.
    let traitors = [(3, Lie::ClaimsReceipt), (4, Lie::ClaimsReceipt)];
    assert_eq!(broken(setup(5, 1, half, &traitors), Order::Retreat), Some("LoyalObey"));
    assert_eq!(broken(setup(5, 1, BY_THE_BOOK, &traitors), Order::Retreat), None);
}

/// Every order of deliveries among four generals, with a traitor of any kind at any place.
#[test]
fn every_schedule_of_four_with_a_traitor_is_consistent() {
    let mut counts = BTreeMap::new();
    for (lie, traitor) in Lie::NAMED.into_iter().flat_map(|lie| [(lie, 0), (lie, 3)]) {
        let command = Command::Give { order: Order::Attack };
        let bounds = Bounds { firings: 3, ..Bounds::default() }.request(ClientId(0), Some(NodeId(0)), command);
        let cluster = Cluster::new(setup(4, 1, BY_THE_BOOK, &[(traitor, lie)]), Safety::default(), bounds).unwrap();
        let cluster = cluster.timely(|generals, _, _| generals[0].as_ref().is_some_and(|king| king.order().is_some()));
        let loyal = move |node: &u32| *node != traitor;
        let report = Search::new(&cluster)
            .threads(1)
            .goal("all decide", move |state| {
                let decided = |node: u32| state.machine(NodeId(node)).is_some_and(|one| one.order().is_some());
                (1..4).filter(loyal).all(decided)
            })
            .run()
            .unwrap();
        assert!(report.passed(), "{lie} at {traitor}: {report}");
        counts.insert((lie.to_string(), traitor), report.progress.unique);
    }
    let of = |traitor: u32| Lie::NAMED.map(|lie| counts[&(lie.to_string(), traitor)]);
    assert_eq!((of(0), of(3)), ([9, 126, 126, 126], [54, 126, 126, 126]));
}

/// A2: nobody speaks for another; and an order takes only paths of the algorithm.
#[test]
fn a_general_knows_who_speaks() {
    let constants = Constants::<General>::new(Settings::new((0..4).map(NodeId), 1).build().unwrap());
    let (cx, mut out) = (constants.of(NodeId(1), ()), Outbox::new());
    let mut general = General::boot(&cx, &(), &mut out);
    let mut say = |from: u32, path: &[u32]| {
        out.clear();
        let message = Message::Say { path: path.iter().copied().map(NodeId).collect(), order: Order::Attack };
        general.step(&cx, Input::Deliver { from: NodeId(from), message }, &mut out);
        out.rules().next().unwrap()
    };
    assert_eq!(say(2, &[0]), GeneralsRule::WrongSender);
    for path in [&[][..], &[2], &[0, 1], &[0, 2, 3], &[0, 0], &[0, 9]] {
        assert_eq!(say(path.last().copied().unwrap_or(0), path), GeneralsRule::NoSuchPath, "{path:?}");
    }
    assert_eq!(say(0, &[0]), GeneralsRule::Relay);
    assert_eq!(say(0, &[0]), GeneralsRule::RepeatedOrder);
    assert_eq!(say(2, &[0, 2]), GeneralsRule::KeepOrder);
    assert_eq!(say(3, &[0, 3]), GeneralsRule::KeepOrder);
    assert_eq!(out.facts().collect::<Vec<_>>(), [&Fact::Obeys { order: Order::Attack }]);
}

#[test]
fn an_army_without_meaning_is_refused() {
    let refused = |generals: &[u32], m| Settings::new(generals.iter().copied().map(NodeId), m).build().unwrap_err();
    assert_eq!(refused(&[0], 0), ConfigError::TooFew { generals: 1 });
    assert_eq!(refused(&[0, 1, 1], 1), ConfigError::NamedTwice { node: NodeId(1) });
    assert_eq!(refused(&[0, 1, 2], 2), ConfigError::TooManyRelays { m: 2, most: 1 });
    let now = Settings { deadline: Duration::ZERO, ..Settings::new([NodeId(0), NodeId(1)], 0) };
    assert_eq!(now.build().unwrap_err(), ConfigError::NoTime);
}
