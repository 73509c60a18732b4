//! Client interaction (Raft §8 and dissertation ch. 6).

use quorate_protocol::{ClientId, Disposition, Machine, RequestId};
use quorate_raft::{Add, Command, Counter, KeyValue, KeyValueCommand, Raft, RaftRule, Refusal, Reply, Settings, Timer};

use crate::cluster::{Cluster, node};

type Nodes = Cluster<Counter>;

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

/// §8: a server that does not lead redirects to the leader, if it knows it.
#[test]
fn a_request_elsewhere_is_redirected_to_the_leader() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    let early = nodes.ask(1, add(1));
    assert_eq!(nodes.reply_to(early), Some(&Reply::Redirect { leader: None }));
    nodes.elect(0);
    let ticket = nodes.ask(1, add(1));
    let redirect = Reply::Redirect { leader: Some(node(0)) };
    assert_eq!(nodes.reply_to(ticket), Some(&redirect));
    assert_eq!(Raft::<Counter>::disposition(&redirect), Disposition::Redirect(node(0)));
    assert_eq!(Raft::<Counter>::disposition(&Reply::Redirect { leader: None }), Disposition::Retry);
    assert_eq!(Raft::<Counter>::disposition(&Reply::Applied(1)), Disposition::Final);
}

/// A refusal for a temporary reason is worth a retry with the same ticket; any other is final.
#[test]
fn a_refusal_says_whether_to_try_again() {
    let handing_over = Reply::Refused(Refusal::HandingOver { to: node(1) });
    let too_large = Reply::Refused(Refusal::CommandTooLarge { size: 2, limit: 1 });
    assert_eq!(Raft::<Counter>::disposition(&handing_over), Disposition::Retry);
    assert_eq!(Raft::<Counter>::disposition(&too_large), Disposition::Final);
}

/// §8: a command repeated to the same leader is applied once, and both replies are equal.
#[test]
fn a_repeated_request_is_answered_from_the_session() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    let ticket = nodes.ask(0, add(5));
    nodes.settle();
    nodes.retry(0, ticket, add(5));
    nodes.settle();
    assert_eq!(nodes.replies, [(ticket, Reply::Applied(5)), (ticket, Reply::Applied(5))]);
    assert_eq!(nodes.raft(0).state(), &Counter(5));
    assert!(nodes.has_fired(RaftRule::RepeatAnswer));
}

/// §8: nor is it applied twice if the first copy is still in progress, or if the leader crashed
/// before it answered.
#[test]
fn a_repeated_request_is_applied_once_across_leaders() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    let ticket = nodes.ask(0, add(5));
    nodes.retry(0, ticket, add(5));
    let flying = nodes.take_messages();
    flying.into_iter().filter(|(_, to, _)| *to == node(1)).for_each(|(from, to, m)| nodes.deliver(from.0, to.0, m));
    nodes.take_messages();
    nodes.crash(0);
    nodes.elect(1);
    nodes.retry(1, ticket, add(5));
    nodes.settle();
    assert_eq!(nodes.raft(1).log().last_index().0, 4, "two copies in the log, and two no-ops");
    assert_eq!(nodes.raft(1).state(), &Counter(5));
    assert!(nodes.has_fired(RaftRule::SkipDuplicate));
    assert!(nodes.replies.iter().all(|reply| reply == &(ticket, Reply::Applied(5))), "{:?}", nodes.replies);
}

/// Dissertation §6.3: a request that its session has forgotten is refused, because it may have been
/// applied.
#[test]
fn a_request_older_than_its_session_is_refused() {
    let mut nodes = Nodes::new(1, Settings { session_replies: 2, ..Settings::nodes(1) });
    nodes.elect(0);
    let first = nodes.ask(0, add(1));
    (0..2).for_each(|_| {
        nodes.ask(0, add(1));
    });
    nodes.retry(0, first, add(1));
    let refusal = Reply::Refused(Refusal::Forgotten { number: first.number });
    assert_eq!(nodes.replies.last(), Some(&(first, refusal)));
    assert_eq!(nodes.raft(0).state(), &Counter(3));
    let other = RequestId { client: ClientId(1), number: 1 };
    nodes.retry(0, other, add(1));
    assert_eq!(nodes.replies.last(), Some(&(other, Reply::Applied(4))), "another client's count is its own");
}

/// A command above the limit is refused with its size, and nothing enters the log.
#[test]
fn a_command_too_large_is_refused() {
    let mut nodes = Cluster::<KeyValue>::new(1, Settings { command_limit: 10, ..Settings::nodes(1) });
    nodes.elect(0);
    let put = |value: &str| Command::Apply(KeyValueCommand::Put { key: "k".into(), value: value.into() });
    let fits = nodes.ask(0, put("123456789"));
    let large = nodes.ask(0, put("1234567890"));
    assert!(matches!(nodes.reply_to(fits), Some(Reply::Applied(_))));
    let refusal = Refusal::CommandTooLarge { size: 11, limit: 10 };
    assert_eq!(nodes.reply_to(large), Some(&Reply::Refused(refusal.clone())));
    assert_eq!(refusal.to_string(), "the command has 11 bytes and the limit is 10: split it, or raise command_limit");
    assert_eq!(nodes.raft(0).log().last_index().0, 2);
}

/// Concurrent requests all complete, in some order, each applied once.
#[test]
fn concurrent_requests() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    let tickets: Vec<RequestId> = (0..20).map(|client| RequestId { client: ClientId(client), number: 1 }).collect();
    tickets.iter().for_each(|ticket| nodes.retry(0, *ticket, add(1)));
    nodes.settle();
    let mut answers: Vec<i64> = tickets
        .iter()
        .map(|ticket| match nodes.reply_to(*ticket) {
            Some(Reply::Applied(sum)) => *sum,
            other => panic!("{ticket}: {other:?}"),
        })
        .collect();
    answers.sort_unstable();
    assert_eq!(answers, (1..=20).collect::<Vec<_>>());
}

/// A request sent while no leader is known gets a redirect that names none, and a later retry
/// succeeds.
#[test]
fn a_request_without_a_leader_can_be_repeated() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.fire(1, Timer::Election);
    let ticket = nodes.ask(1, add(1));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Redirect { leader: None }));
    nodes.settle();
    let leader = nodes.leader().expect("there is a leader");
    nodes.retry(leader, ticket, add(1));
    nodes.settle();
    assert_eq!(nodes.replies.last(), Some(&(ticket, Reply::Applied(1))));
}
