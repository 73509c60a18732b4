//! A bug met in a single step: a follower gets an append that its cluster's leader would not send, and the paper's leader may.
//!
//! The leader of the paper sends heartbeats without entries, also while it looks for the place where a follower's log parts from its
//! own. So one may name an entry that the follower has, while behind it there is a tail that the leader knows nothing of.

use std::error::Error;

use quorate_bugs::raft::Book;
use quorate_protocol::{ClientId, Effect, Input, Machine, NodeId, Outbox, Rule, Ruled, Ticket};
use quorate_raft::{
    Add, AppendEntries, Command, Counter, Disk, LogIndex, Message, Position, Raft, Settings, Term, Timer,
};

use super::Met;

type Node = Raft<Counter, Book>;

/// What the follower makes of the heartbeat.
struct Answer {
    commit: LogIndex,
    acknowledged: Option<LogIndex>,
    rule: &'static str,
}

/// The heartbeat names this entry, which both have.
const NAMED: LogIndex = LogIndex(1);

pub(super) fn meet(rules: Book) -> Result<Met, Box<dyn Error>> {
    let (bug, book) = (answer(rules)?, answer(Book::ByTheBook)?);
    let (commit, acknowledged) = (bug.commit, bug.acknowledged.unwrap_or_default());
    let beyond = |answer: &Answer| answer.commit > NAMED || answer.acknowledged > Some(NAMED);
    if !beyond(&bug) {
        return Err("the follower neither commits nor acknowledges more than the append covers".into());
    }
    Ok(Met {
        broken: format!("the append covers entry {NAMED}; {commit} is committed, and {acknowledged} acknowledged"),
        length: 1,
        by_the_book: beyond(&book).then(|| format!("{} is committed", book.commit)),
        instead: book.rule.to_owned(),
    })
}

/// A follower has two entries of term 1. The leader of term 2 has the first of them, and has committed another in place of the second.
fn answer(rules: Book) -> Result<Answer, Box<dyn Error>> {
    let (leader, follower) = (NodeId(0), NodeId(1));
    let config = Ruled { config: Settings::nodes(3).build().map_err(|error| error.to_string())?, rules };
    let mut out = Outbox::new();
    let mut boot = |node| Node::boot(node, &config, &Disk::default(), (), &mut out);
    let (mut one, mut two) = (boot(leader), boot(follower));
    let granted = Message::VoteGranted { term: Term(1) };
    let ticket = Ticket { client: ClientId(0), number: 1 };
    for input in [
        Input::Fire(Timer::Election),
        Input::Deliver { from: follower, message: granted },
        Input::Request { ticket, command: Command::Apply(Add(1)) },
        // It has not heard from the follower: what it sent is lost, and this is all of it.
        Input::Fire(Timer::Heartbeat),
    ] {
        out.clear();
        one.step((), input, &mut out);
    }
    let append = sent(&out, follower).ok_or("the leader of term 1 sends nothing")?;
    out.clear();
    two.step((), Input::Deliver { from: leader, message: append }, &mut out);

    let previous = Position { index: NAMED, term: Term(1) };
    let heartbeat =
        AppendEntries { term: Term(2), previous, entries: Default::default(), commit: LogIndex(2), round: 0 };
    out.clear();
    two.step((), Input::Deliver { from: NodeId(2), message: Message::AppendEntries(heartbeat) }, &mut out);
    let acknowledged = match sent(&out, NodeId(2)) {
        Some(Message::Appended(ack)) => Some(ack.matched),
        _ => None,
    };
    let rule = out.rules().last().map(|rule| rule.id()).unwrap_or_default();
    Ok(Answer { commit: two.commit(), acknowledged, rule })
}

fn sent(out: &Outbox<Node>, node: NodeId) -> Option<Message<Counter>> {
    out.effects().iter().find_map(|effect| match effect {
        Effect::Send { to, message } if *to == node => Some(message.clone()),
        _ => None,
    })
}
