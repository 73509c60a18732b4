//! Claims about the local message table: Pritchett §2, Helland §5, RIFL §3.

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_lab::sim::{CrashPoint, Delivery, Fault, Setup, World};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names, NodeId, RequestId};
use quorate_transactions::Row;
use quorate_transactions::outbox::{
    BY_THE_BOOK, Command, ConfigError, Message, MessageTable, OutboxRule, Reply, Rulebook, Safety, Settings,
};

use crate::common::ms;

const SHOP: NodeId = NodeId(0);
const BROKER: NodeId = NodeId(1);
const STOCK: NodeId = NodeId(2);

type Tables = World<MessageTable, Safety>;

fn settings() -> Settings {
    Settings::new(SHOP, BROKER, STOCK)
}

fn tables() -> Tables {
    let names = Names::new(["shop", "broker", "stock"], ["c1"]);
    Setup::<MessageTable>::new("outbox", names, settings().build().unwrap()).start_under(Safety::default())
}

fn order(units: u64) -> Command {
    Command::Place { item: Row::from("apples"), units }
}

fn place(tables: &mut Tables, number: u64, units: u64) {
    tables.inject_request_as(RequestId { client: ClientId(0), number }, SHOP, order(units)).unwrap();
}

fn crash(tables: &mut Tables, node: NodeId) {
    tables.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
}

fn restart(tables: &mut Tables, node: NodeId) {
    tables.inject(Fault::Restart(node)).unwrap();
}

fn pending(tables: &Tables, node: NodeId) -> Vec<u64> {
    tables.machine(node).map(|machine| machine.messages().collect()).unwrap_or_default()
}

fn shipped(tables: &Tables) -> Option<u64> {
    tables.machine(STOCK).map(|machine| machine.shipped(&Row::from("apples")))
}

#[test]
fn an_order_is_answered_at_once_and_shipped_in_the_end() {
    let mut tables = tables();
    place(&mut tables, 1, 3);
    assert_eq!(tables.answers(ClientId(0))[0].1, Reply::Placed { id: 1 });
    assert_eq!((pending(&tables, SHOP), shipped(&tables)), (vec![1], Some(0)));
    tables.run_for(ms(20)).unwrap();
    assert_eq!((pending(&tables, SHOP), pending(&tables, BROKER), shipped(&tables)), (vec![], vec![], Some(3)));
}

#[test]
fn nodes_that_are_down_delay_and_lose_nothing() {
    let mut tables = tables();
    crash(&mut tables, BROKER);
    place(&mut tables, 1, 1);
    crash(&mut tables, SHOP);
    restart(&mut tables, SHOP);
    tables.run_for(ms(100)).unwrap();
    assert_eq!(pending(&tables, SHOP), [1]);
    restart(&mut tables, BROKER);
    crash(&mut tables, STOCK);
    tables.run_for(ms(100)).unwrap();
    assert_eq!((pending(&tables, SHOP), pending(&tables, BROKER)), (vec![], vec![1]));
    crash(&mut tables, BROKER);
    restart(&mut tables, BROKER);
    restart(&mut tables, STOCK);
    tables.run_for(ms(100)).unwrap();
    assert_eq!((pending(&tables, BROKER), shipped(&tables)), (vec![], Some(1)));
}

#[test]
fn what_is_delivered_again_is_not_handled_again_also_after_a_restart() {
    let mut tables = tables();
    tables.intercept(|flight| match flight.message {
        Message::Ack { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
    place(&mut tables, 1, 3);
    tables.run_for(ms(200)).unwrap();
    crash(&mut tables, STOCK);
    restart(&mut tables, STOCK);
    tables.run_for(ms(200)).unwrap();
    assert_eq!((pending(&tables, BROKER), shipped(&tables)), (vec![1], Some(3)));
    tables.intercept_none();
    tables.run_for(ms(100)).unwrap();
    assert_eq!((pending(&tables, BROKER), shipped(&tables)), (vec![], Some(3)));
}

#[test]
fn a_crash_during_the_work_repeats_it() {
    let mut tables = tables();
    place(&mut tables, 1, 3);
    tables.run_for(ms(4)).unwrap();
    crash(&mut tables, STOCK);
    restart(&mut tables, STOCK);
    assert_eq!(shipped(&tables), Some(0));
    tables.run_for(ms(100)).unwrap();
    assert_eq!(shipped(&tables), Some(3));
}

#[test]
fn a_repeated_request_is_one_order() {
    let mut tables = tables();
    place(&mut tables, 2, 3);
    crash(&mut tables, SHOP);
    restart(&mut tables, SHOP);
    place(&mut tables, 2, 3);
    place(&mut tables, 1, 3);
    tables.run_for(ms(100)).unwrap();
    let replies: Vec<Reply> = tables.answers(ClientId(0)).iter().map(|(_, reply)| reply.clone()).collect();
    assert_eq!(replies, [Reply::Placed { id: 1 }, Reply::Placed { id: 1 }, Reply::Overtaken]);
    assert_eq!(shipped(&tables), Some(3));
}

#[test]
fn a_configuration_without_meaning_is_refused() {
    assert_eq!(Settings::new(SHOP, BROKER, SHOP).build().unwrap_err(), ConfigError::NamedTwice { node: SHOP });
    assert_eq!(Settings { retry: ms(0), ..settings() }.build().unwrap_err(), ConfigError::NoRetry);
}

type Search3 = Cluster<MessageTable, Safety>;

fn cluster(rules: Rulebook, requests: u32, bounds: Bounds<MessageTable>) -> Search3 {
    let names = Names::new(["shop", "broker", "stock"], ["c1", "c2"]);
    let crash_points = CrashPoints { before_persist: true, ..CrashPoints::NONE };
    let mut bounds = Bounds { crash_points, ..bounds };
    for client in 0..requests {
        bounds = bounds.request(ClientId(client), Some(SHOP), order(u64::from(client) + 1));
    }
    let setup = Deployment::<MessageTable>::new("outbox", names, settings().build().unwrap()).under(rules);
    Cluster::new(setup, Safety::default(), bounds).unwrap()
}

fn search(cluster: &Search3) -> SearchReport<Search3> {
    let search = Search::new(cluster).threads(1);
    search.goal("shipped", |state| state.machine(STOCK).is_some_and(|it| it.shipped_in_all() > 0)).run().unwrap()
}

#[test]
fn every_schedule_of_one_order_with_a_crash_and_a_copy_is_safe() {
    let bounds = Bounds { firings: 3, duplicates: 1, crashes: 1, restarts: 1, ..Bounds::default() };
    let report = search(&cluster(BY_THE_BOOK, 1, bounds));
    assert!(report.passed(), "{report}");
}

fn breaks(rules: Rulebook, invariant: &str, requests: u32, bounds: Bounds<MessageTable>) {
    let report = search(&cluster(rules, requests, bounds));
    let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
    assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
}

#[test]
fn each_decision_is_needed() {
    let timers = |firings| Bounds { firings, ..Bounds::default() };
    let crash = || Bounds { firings: 2, crashes: 1, restarts: 1, ..Bounds::default() };
    let all = BY_THE_BOOK;
    breaks(Rulebook { places: |order, message| vec![vec![order], vec![message]], ..all }, "NothingLost", 1, crash());
    breaks(Rulebook { places: |order, note| vec![vec![note], vec![order]], ..all }, "NothingInvented", 1, crash());
    breaks(Rulebook { deletes_unconfirmed: || true, ..all }, "NothingLost", 1, timers(0));
    breaks(Rulebook { deletes: |_, table| table.to_vec(), ..all }, "NothingLost", 2, timers(0));
    breaks(Rulebook { writes_queue: || false, ..all }, "NothingLost", 1, crash());
    breaks(Rulebook { removes_unacknowledged: || true, ..all }, "NothingLost", 1, timers(0));
    breaks(Rulebook { acknowledges_unhandled: || true, ..all }, "NothingLost", 1, timers(0));
    breaks(Rulebook { handles: |_| Allow(OutboxRule::Handle), ..all }, "HandledOnce", 1, timers(3));
    breaks(Rulebook { books: |change, id| vec![vec![change], vec![id]], ..all }, "HandledOnce", 1, crash());
    breaks(Rulebook { keeps_id: |newer| newer == 0, ..all }, "HandledOnce", 2, timers(4));
}
