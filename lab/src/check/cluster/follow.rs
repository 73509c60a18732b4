//! A schedule under other rules: what would have happened had the nodes gone by another book.

use quorate_protocol::{Invariant, Machine, NodeId};

use super::action::{Action, Stimulus};
use super::state::State;
use super::{Cluster, Shared};
use crate::check::{Model, Path};
use crate::trace::said;

impl<M: Shared, I: Invariant<M> + Sync> Cluster<M, I> {
    /// The schedule of another cluster's path in this one: the same things happen, in the same order, as far as they can.
    ///
    /// Messages are taken for the same if they have the same name, sender and receiver; of several, rather one that says the same.
    /// What is not there to happen is left out: a message that was never sent, a timer that is not armed. The path ends where
    /// something breaks.
    ///
    /// [Reductions](super::Reductions) should be off, or steps that change nothing are left out, too: refusals, for instance.
    pub fn follow(&self, path: &Path<Self>) -> Path<Self> {
        let alike = |state: &State<M, I>| {
            state.hosts.iter().zip(&path.initial.hosts).all(|(one, other)| one.node.clock == other.node.clock)
        };
        let mut states = self.first_states();
        let place = states.iter().position(alike).unwrap_or_default();
        let mut followed: Path<Self> = Path { initial: states.swap_remove(place), steps: Vec::new() };
        let mut theirs = &path.initial;
        for (action, next) in &path.steps {
            if followed.end().broken().is_some() {
                break;
            }
            if let Some(step) = self.counterpart(followed.end(), action, theirs) {
                followed.steps.push(step);
            }
            theirs = next;
        }
        followed
    }

    /// What is to this state what the action is to that one.
    fn counterpart(
        &self,
        ours: &State<M, I>,
        action: &Action<M>,
        theirs: &State<M, I>,
    ) -> Option<(Action<M>, State<M, I>)> {
        let (mut same, mut alike) = (None, None);
        let wanted = self.in_words(theirs, action);
        self.successors(ours, &mut Vec::new(), |candidate, next| {
            if same.is_none() && is_alike(&candidate, ours, action, theirs) {
                let place = if candidate.describe(ours) == wanted { &mut same } else { &mut alike };
                place.get_or_insert((candidate, next));
            }
        });
        same.or(alike)
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

/// What a node is given, without what a message says.
#[derive(PartialEq)]
enum Given<M: Machine> {
    Letter(Option<(NodeId, NodeId, String)>),
    Own(Option<String>),
    Timer(Option<M::Timer>),
    Request(quorate_protocol::Ticket),
}

fn given<M: Machine, I>(state: &State<M, I>, node: NodeId, stimulus: &Stimulus<M>) -> Given<M> {
    let host = state.hosts.get(node.index()).map(|host| &host.node);
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
    let envelope = &state.network.get(position)?.envelope;
    Some((envelope.from, envelope.to, name(&envelope.message)))
}

fn name<T: serde::Serialize>(message: &T) -> String {
    said(message, "Message").name
}
