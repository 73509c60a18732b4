//! Counterfactual replay: the same schedule under another rulebook.

use quorate_protocol::{Invariant, Machine, NodeId};

use super::action::{Action, Stimulus};
use super::state::{Envelope, State};
use super::{Cluster, SyncMachine};
use crate::check::{Model, Path};
use crate::trace::payload;

impl<M: SyncMachine, I: Invariant<M> + Sync> Cluster<M, I> {
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
    pub fn replay_under(&self, path: &Path<Self>) -> Path<Self> {
        let alike = |state: &State<M, I>| {
            state.hosts.iter().zip(&path.initial.hosts).all(|(one, other)| one.clock == other.clock)
        };
        let mut states = self.first_states();
        let place = states.iter().position(alike).unwrap_or_default();
        let mut replayed: Path<Self> = Path { initial: states.swap_remove(place), steps: Vec::new() };
        let mut theirs = &path.initial;
        let (mut our_sent_at, mut their_sent_at) = (SentAt::of(&replayed.initial), SentAt::of(theirs));
        for (number, (action, next)) in path.steps.iter().enumerate() {
            if replayed.end().broken().is_some() {
                break;
            }
            let ours = replayed.end();
            let step = self.counterpart((ours, &our_sent_at), action, (theirs, &their_sent_at));
            their_sent_at = their_sent_at.after(theirs, next, number + 1);
            theirs = next;
            if let Some(step) = step {
                our_sent_at = our_sent_at.after(ours, &step.1, number + 1);
                replayed.steps.push(step);
            }
        }
        replayed
    }

    /// Returns the action of this state that corresponds best to the action of that one.
    fn counterpart(
        &self,
        (ours, our_sent_at): (&State<M, I>, &SentAt),
        action: &Action<M>,
        (theirs, their_sent_at): (&State<M, I>, &SentAt),
    ) -> Option<(Action<M>, State<M, I>)> {
        let (wanted, sent) = (self.in_words(theirs, action), their_sent_at.sent(action));
        let mut best = None;
        self.successors(ours, &mut Vec::new(), |candidate, next| {
            if corresponds(&candidate, ours, action, theirs) {
                let likeness = (our_sent_at.sent(&candidate) == sent, candidate.describe(ours) == wanted);
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
struct SentAt(Vec<usize>);

impl SentAt {
    fn of<M: Machine, I>(state: &State<M, I>) -> Self {
        SentAt(vec![0; state.network.len()])
    }

    /// The same after the step of that number. Both networks are sorted, so a merge finds the
    /// messages that are in both.
    fn after<M: Machine, I>(&self, before: &State<M, I>, after: &State<M, I>, number: usize) -> Self {
        let mut known = before.network.iter().zip(&self.0).peekable();
        let sent = after.network.iter().map(|flight| {
            while known.next_if(|(old, _)| *old < flight).is_some() {}
            known.next_if(|(old, _)| *old == flight).map_or(number, |(_, sent)| *sent)
        });
        SentAt(sent.collect())
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

fn corresponds<M: Machine, I>(one: &Action<M>, here: &State<M, I>, other: &Action<M>, there: &State<M, I>) -> bool {
    match (one, other) {
        (
            Action::Step { node, stimulus, crash },
            Action::Step { node: other_node, stimulus: other_stimulus, crash: other_crash },
        ) => {
            let input_key = |state, stimulus| input_key(state, *node, stimulus);
            (node, crash) == (other_node, other_crash) && input_key(here, stimulus) == input_key(there, other_stimulus)
        }
        (Action::Drop(one), Action::Drop(other)) | (Action::Duplicate(one), Action::Duplicate(other)) => {
            message_key(here, *one) == message_key(there, *other)
        }
        _ => one == other,
    }
}

/// An input without the content of its message, for comparison.
#[derive(PartialEq)]
enum InputKey<M: Machine> {
    Message(Option<(NodeId, NodeId, String)>),
    Own(Option<String>),
    Timer(Option<M::Timer>),
    Request(quorate_protocol::RequestId),
}

fn input_key<M: Machine, I>(state: &State<M, I>, node: NodeId, stimulus: &Stimulus<M>) -> InputKey<M> {
    let host = state.hosts.get(node.index()).map(|host| &***host);
    match stimulus {
        Stimulus::Message(position) => InputKey::Message(message_key(state, *position)),
        Stimulus::Own => InputKey::Own(host.and_then(|host| host.inbox.first()).map(name)),
        Stimulus::Timer(position) => {
            InputKey::Timer(host.and_then(|host| host.timers.get(*position)).map(|armed| armed.timer.clone()))
        }
        Stimulus::Request { ticket, .. } => InputKey::Request(*ticket),
    }
}

fn message_key<M: Machine, I>(state: &State<M, I>, position: usize) -> Option<(NodeId, NodeId, String)> {
    let Envelope { to, from, message } = &***state.network.get(position)?;
    Some((*from, *to, name(message)))
}

fn name<T: serde::Serialize>(message: &T) -> String {
    payload(message, "Message").name
}
