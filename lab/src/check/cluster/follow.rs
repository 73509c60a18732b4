//! Counterfactual replay: the same schedule under another rulebook.

use quorate_protocol::{Invariant, Machine, NodeId};

use super::action::{Action, Stimulus};
use super::state::{Envelope, State};
use super::{Cluster, Shared};
use crate::check::{Model, Path};
use crate::trace::said;

impl<M: Shared, I: Invariant<M> + Sync> Cluster<M, I> {
    /// Replays the schedule of another cluster's path in this one: the same actions in the same
    /// order, as far as possible.
    ///
    /// Messages correspond if they have the same name, sender and receiver; among several
    /// candidates, one that was sent in the same step is preferred, then one with the same content.
    /// Actions without a counterpart are skipped: those on a message that was never sent, or a
    /// timer that is not armed. The path ends where an invariant is violated.
    ///
    /// [Reductions](super::Reductions) should be off; otherwise steps that change nothing, such as
    /// refusals, are skipped as well.
    pub fn follow(&self, path: &Path<Self>) -> Path<Self> {
        let alike = |state: &State<M, I>| {
            state.hosts.iter().zip(&path.initial.hosts).all(|(one, other)| one.clock == other.clock)
        };
        let mut states = self.first_states();
        let place = states.iter().position(alike).unwrap_or_default();
        let mut followed: Path<Self> = Path { initial: states.swap_remove(place), steps: Vec::new() };
        let mut theirs = &path.initial;
        let (mut our_post, mut their_post) = (Post::of(&followed.initial), Post::of(theirs));
        for (number, (action, next)) in path.steps.iter().enumerate() {
            if followed.end().broken().is_some() {
                break;
            }
            let ours = followed.end();
            let step = self.counterpart((ours, &our_post), action, (theirs, &their_post));
            their_post = their_post.after(theirs, next, number + 1);
            theirs = next;
            if let Some(step) = step {
                our_post = our_post.after(ours, &step.1, number + 1);
                followed.steps.push(step);
            }
        }
        followed
    }

    /// Returns the action of this state that corresponds best to the action of that one.
    fn counterpart(
        &self,
        (ours, our_post): (&State<M, I>, &Post),
        action: &Action<M>,
        (theirs, their_post): (&State<M, I>, &Post),
    ) -> Option<(Action<M>, State<M, I>)> {
        let (wanted, sent) = (self.in_words(theirs, action), their_post.sent(action));
        let mut best = None;
        self.successors(ours, &mut Vec::new(), |candidate, next| {
            if is_alike(&candidate, ours, action, theirs) {
                let likeness = (our_post.sent(&candidate) == sent, candidate.describe(ours) == wanted);
                if best.as_ref().is_none_or(|(other, _)| likeness > *other) {
                    best = Some((likeness, (candidate, next)));
                }
            }
        });
        best.map(|(_, step)| step)
    }
}

/// For each message in a state's network, the number of the step that sent it; 0 for initial
/// messages.
struct Post(Vec<usize>);

impl Post {
    fn of<M: Machine, I>(state: &State<M, I>) -> Self {
        Post(vec![0; state.network.len()])
    }

    /// The same after the step of that number. Both networks are sorted, so a merge finds the
    /// messages that are in both.
    fn after<M: Machine, I>(&self, before: &State<M, I>, after: &State<M, I>, number: usize) -> Self {
        let mut known = before.network.iter().zip(&self.0).peekable();
        let sent = after.network.iter().map(|flight| {
            while known.next_if(|(old, _)| *old < flight).is_some() {}
            known.next_if(|(old, _)| *old == flight).map_or(number, |(_, sent)| *sent)
        });
        Post(sent.collect())
    }

    /// Returns the step that sent the message that an action refers to.
    fn sent<M: Machine>(&self, action: &Action<M>) -> Option<usize> {
        match action {
            Action::Step { stimulus: Stimulus::Message(position), .. }
            | Action::Drop(position)
            | Action::Duplicate(position) => self.0.get(*position).copied(),
            _ => None,
        }
    }
}

fn is_alike<M: Machine, I>(one: &Action<M>, here: &State<M, I>, other: &Action<M>, there: &State<M, I>) -> bool {
    match (one, other) {
        (
            Action::Step { node, stimulus, crash },
            Action::Step { node: other_node, stimulus: other_stimulus, crash: other_crash },
        ) => {
            let given = |state, stimulus| given(state, *node, stimulus);
            (node, crash) == (other_node, other_crash) && given(here, stimulus) == given(there, other_stimulus)
        }
        (Action::Drop(one), Action::Drop(other)) | (Action::Duplicate(one), Action::Duplicate(other)) => {
            letter(here, *one) == letter(there, *other)
        }
        _ => one == other,
    }
}

/// An input without the content of its message, for comparison.
#[derive(PartialEq)]
enum Given<M: Machine> {
    Letter(Option<(NodeId, NodeId, String)>),
    Own(Option<String>),
    Timer(Option<M::Timer>),
    Request(quorate_protocol::Ticket),
}

fn given<M: Machine, I>(state: &State<M, I>, node: NodeId, stimulus: &Stimulus<M>) -> Given<M> {
    let host = state.hosts.get(node.index()).map(|host| &***host);
    match stimulus {
        Stimulus::Message(position) => Given::Letter(letter(state, *position)),
        Stimulus::Own => Given::Own(host.and_then(|host| host.inbox.first()).map(name)),
        Stimulus::Timer(position) => {
            Given::Timer(host.and_then(|host| host.timers.get(*position)).map(|armed| armed.timer.clone()))
        }
        Stimulus::Request { ticket, .. } => Given::Request(*ticket),
    }
}

fn letter<M: Machine, I>(state: &State<M, I>, position: usize) -> Option<(NodeId, NodeId, String)> {
    let Envelope { to, from, message } = &***state.network.get(position)?;
    Some((*from, *to, name(message)))
}

fn name<T: serde::Serialize>(message: &T) -> String {
    said(message, "Message").name
}
