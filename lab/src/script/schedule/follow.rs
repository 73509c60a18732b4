//! Replay of moves: each is made if it is possible, until an invariant breaks.

use std::collections::BTreeMap;

use quorate_protocol::{Duration, Machine, NodeId, Time};
use serde_json::Value;

use super::{Followed, Letter, Move, Order};
use crate::env::Fault;
use crate::script::claim::{at_path, read_out, timer_name};
use crate::script::phrase::Phrase;
use crate::script::play::Play;
use crate::script::problem::Problem;
use crate::script::protocol::Protocol;
use crate::script::words::Words;
use crate::trace::{MessageId, said, variant};

/// The held messages, by what sent them.
struct Post {
    letters: BTreeMap<Letter, MessageId>,
    /// The last message that was registered.
    last: MessageId,
}

impl<P: Protocol> Play<P> {
    /// Makes these moves, as far as possible.
    pub(in crate::script) fn make(&mut self, moves: &[Move], telling: bool) -> Followed {
        let names = self.names();
        names.scope(|| {
            let mut post = Post { letters: BTreeMap::new(), last: MessageId(0) };
            let mut followed = Followed { made: Vec::new(), broken: None, told: Vec::new(), left_out: None };
            self.sort(&mut post, 0);
            for (position, each) in moves.iter().enumerate() {
                if !self.is_unbroken() {
                    break;
                }
                let told = telling.then(|| self.tell_move(each, &post));
                match self.make_one(each, &post) {
                    Ok(()) => {
                        followed.made.push(position);
                        followed.told.extend(told.into_iter().flatten());
                    }
                    Err(problem) if followed.left_out.is_none() => {
                        let commands = self.tell_move(each, &post).join(", ");
                        followed.left_out = Some(format!("{commands} ({problem})"));
                    }
                    Err(_) => {}
                }
                self.sort(&mut post, each.id);
            }
            followed.broken = self.broken();
            followed
        })
    }

    /// Registers the messages that a move led to.
    fn sort(&self, post: &mut Post, by: u32) {
        let mut counts: BTreeMap<(NodeId, NodeId), u32> = BTreeMap::new();
        for held in self.world.held_since(post.last) {
            let (from, to) = (held.from, held.to);
            let nth = counts.entry((from, to)).or_default();
            post.letters.insert(Letter { by, from, to, nth: *nth }, held.msg);
            *nth += 1;
            post.last = held.msg;
        }
    }

    fn make_one(&mut self, each: &Move, post: &Post) -> Result<(), Problem> {
        let node = each.node;
        if Self::SEES_TIME && each.at > self.world.now() {
            self.pass_until(each.at)?;
        }
        let fault = match &each.what {
            Order::Deliver { letter, name, again } => {
                let msg = self.letter(letter, *name, post).ok_or_else(|| Problem::refused("it was never sent"))?;
                return self.hand_over(msg, node, *again);
            }
            Order::Fire { timer } => {
                let armed = self.timer(node, timer).ok_or_else(|| Problem::refused("it is not armed"))?;
                return self.strike(node, &armed);
            }
            Order::Ask { request, .. } => {
                let arguments = self.asked(each, request).arguments();
                return self.request(request.name(), Words::new("a request", &arguments)?);
            }
            Order::Crash(moment) => Fault::Crash { node, point: *moment },
            Order::Restart => Fault::Restart(node),
            Order::Wipe => Fault::Wipe(node),
            Order::Drift(ppm) => Fault::Drift { node, ppm: *ppm },
            Order::Jump(nanos) => Fault::Jump { node, nanos: *nanos },
        };
        let injected = self.world.inject(fault);
        self.note_violation(injected)?;
        self.finish_instant()
    }

    /// Finds the held message: the same one, or the oldest of its name on the same link.
    fn letter(&self, letter: &Letter, name: Option<&str>, post: &Post) -> Option<MessageId> {
        let is_held =
            |msg: &&MessageId| self.world.held_since(MessageId(msg.0 - 1)).next().is_some_and(|held| held.msg == **msg);
        let very = post.letters.get(letter).filter(is_held).copied();
        very.or_else(|| {
            let mut on_the_way =
                self.world.held_messages().filter(|held| (held.from, held.to) == (letter.from, letter.to));
            on_the_way.find(|held| variant(held.message) == name).map(|held| held.msg)
        })
    }

    /// Finds the armed timer: the same one, or the first of its kind, because names may contain the
    /// number of a request.
    fn timer(&self, node: NodeId, name: &str) -> Option<<P::Machine as Machine>::Timer> {
        let kind = |name: &str| name.split('(').next().unwrap_or_default().to_owned();
        let armed = || self.world.armed(node).map(|(armed, _)| armed);
        let very = armed().find(|armed| timer_name(*armed) == name);
        very.or_else(|| armed().find(|armed| kind(&timer_name(*armed)) == kind(name))).cloned()
    }

    /// A request, with its client and number where they matter.
    fn asked(&self, each: &Move, request: &Phrase) -> Phrase {
        match each.what {
            Order::Ask { client, number, .. } if self.has_clients() => {
                request.clone().option("client", client).option("ticket", number)
            }
            _ => request.clone(),
        }
    }

    /// A move as commands, computed before it is made.
    fn tell_move(&self, each: &Move, post: &Post) -> Vec<String> {
        let node = each.node;
        let mut lines = Vec::new();
        if Self::SEES_TIME && each.at > self.world.now() {
            lines.push(format!("run {:?}", each.at.since(self.world.now())));
        }
        lines.push(match &each.what {
            Order::Deliver { letter, name, again } => {
                let msg = self.letter(letter, *name, post);
                let phrase = msg.map_or_else(|| Phrase::new("deliver"), |msg| self.tell_letter(msg));
                if *again { phrase.word("copy").to_string() } else { phrase.to_string() }
            }
            Order::Fire { timer } => {
                let armed = self.timer(node, timer).map(|armed| timer_name(&armed));
                Phrase::new("fire").word(node).word(armed.as_ref().unwrap_or(timer)).to_string()
            }
            Order::Ask { request, .. } => self.asked(each, request).to_string(),
            Order::Crash(moment) => format!("crash {node}{moment}"),
            Order::Restart => format!("restart {node}"),
            Order::Wipe => format!("wipe {node}"),
            Order::Drift(ppm) => format!("drift {node} {ppm}ppm"),
            Order::Jump(nanos) => Fault::Jump { node, nanos: *nanos }.to_string(),
        });
        lines
    }

    /// A `deliver` command for a held message: by its name, if it is the oldest of that name on its
    /// link, else by a distinguishing field, else by its position.
    fn tell_letter(&self, msg: MessageId) -> Phrase {
        let Some(meant) = self.world.held_since(MessageId(msg.0 - 1)).next() else { return Phrase::new("deliver") };
        let name = said(meant.message, "Message");
        let phrase = Phrase::new("deliver").word(meant.from).word(meant.to).word(&name.name);
        let on_the_way = self.world.held_messages().filter(|held| (held.from, held.to) == (meant.from, meant.to));
        let older = on_the_way.take_while(|held| held.msg < msg).map(|held| said(held.message, "Message"));
        let older: Vec<Value> = older.filter(|older| older.name == name.name).map(|older| older.body).collect();
        if older.is_empty() {
            return phrase;
        }
        let tells_apart = |path: &str, text: &str| {
            older.iter().all(|body| at_path(body, path).is_none_or(|value| read_out(value) != text))
        };
        let fields = name.body.as_object().into_iter().flatten();
        let said = fields.filter(|(path, value)| is_plain(path, value)).map(|(path, value)| (path, read_out(value)));
        match said.into_iter().find(|(path, text)| tells_apart(path, text)) {
            Some((path, text)) => phrase.option(path, text),
            None => phrase.option("nth", older.len() + 1),
        }
    }
}

/// Whether a field of a message can be written as an option.
fn is_plain(path: &str, value: &Value) -> bool {
    path != "nth"
        && matches!(value, Value::Number(_) | Value::String(_) | Value::Bool(_))
        && !read_out(value).contains(' ')
}

/// Rounds the times of the moves down to multiples of `grain`.
pub(super) fn rounded(moves: &[Move], grain: Duration) -> Vec<Move> {
    let grain = grain.as_nanos().max(1) as u64;
    let round = |at: Time| Time::from_nanos(at.as_nanos() / grain * grain);
    moves.iter().map(|each| Move { at: round(each.at), ..each.clone() }).collect()
}
