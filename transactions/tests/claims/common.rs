//! A shop: coordinator T, and the participants order, stock and payment.

use std::collections::BTreeMap;

use quorate_lab::sim::{CrashPoint, Delivery, Fault, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, RequestId};
use quorate_transactions::two_phase::{Change, Command, Message, Outcome, Reply, Rulebook, Safety, Settings, TwoPhase};
use quorate_transactions::{Row, Txn};

pub(crate) const T: NodeId = NodeId(0);
pub(crate) const ORDER: NodeId = NodeId(1);
pub(crate) const STOCK: NodeId = NodeId(2);
pub(crate) const PAYMENT: NodeId = NodeId(3);

pub(crate) type Shop = World<TwoPhase, Safety>;

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn settings() -> Settings {
    Settings::new(T, [ORDER, STOCK, PAYMENT])
}

pub(crate) fn shop(settings: Settings, rules: Rulebook) -> Shop {
    let names = Names::new(["T", "order", "stock", "payment"], ["c1", "c2"]);
    let config = settings.build().unwrap();
    Setup::<TwoPhase>::new("two-phase", names, config).under(rules).start_under(Safety::default())
}

pub(crate) fn txn(life: u64, number: u64) -> Txn {
    Txn { life, number }
}

pub(crate) fn change(row: &str, by: i64) -> Change {
    Change { row: Row::from(row), by }
}

/// Sends the request with that number of the first client, bypassing the network.
pub(crate) fn ask(shop: &mut Shop, number: u64, changes: impl IntoIterator<Item = (NodeId, Change)>) {
    let command = Command::Transact { changes: BTreeMap::from_iter(changes) };
    shop.inject_request_as(RequestId { client: ClientId(0), number }, T, command).unwrap();
}

/// One more order, that many apples fewer.
pub(crate) fn buy(apples: i64) -> [(NodeId, Change); 2] {
    [(ORDER, change("orders", 1)), (STOCK, change("apples", -apples))]
}

/// Committed amounts of the order and of the apples.
pub(crate) fn amounts(shop: &Shop) -> [Option<i64>; 2] {
    let amount = |node: NodeId, row: &str| shop.machine(node)?.amount(&Row::from(row), 10);
    [amount(ORDER, "orders"), amount(STOCK, "apples")]
}

pub(crate) fn holder(shop: &Shop, node: NodeId, row: &str) -> Option<Txn> {
    shop.machine(node).and_then(|machine| machine.holder(&Row::from(row)))
}

pub(crate) fn in_doubt(shop: &Shop, node: NodeId) -> Vec<Txn> {
    shop.machine(node).map(|machine| machine.in_doubt().collect()).unwrap_or_default()
}

pub(crate) fn outcome(shop: &Shop, node: NodeId, txn: Txn) -> Option<Outcome> {
    shop.machine(node).and_then(|machine| machine.outcome(txn))
}

/// Replies to the first client, in order.
pub(crate) fn replies(shop: &Shop) -> Vec<Reply> {
    shop.answers(ClientId(0)).iter().map(|(_, reply)| reply.clone()).collect()
}

pub(crate) fn crash(shop: &mut Shop, node: NodeId, point: CrashPoint) {
    shop.inject(Fault::Crash { node, point }).unwrap();
}

pub(crate) fn restart(shop: &mut Shop, node: NodeId) {
    shop.inject(Fault::Restart(node)).unwrap();
}

/// Holds the messages of that kind on their way to a node.
pub(crate) fn hold(shop: &mut Shop, to: NodeId, which: fn(&Message) -> bool) {
    shop.intercept(
        move |flight| {
            if flight.to == to && which(flight.message) { Delivery::Hold } else { Delivery::Random }
        },
    );
}

/// Lets everything that is held arrive.
pub(crate) fn release(shop: &mut Shop) {
    shop.intercept_none();
    shop.release(|_| true);
}
