//! Silent steps: an input was handled and no rule was cited.

use std::fmt::{self, Debug};

use crate::{Input, InvariantViolation, Machine, NodeId, Outbox};

/// Error of a machine: a step that has cited no rule.
///
/// An effect without a reason does not compile, because [`Outbox::because`] is the only way to one.
/// A step without an effect needs a reason as well, and every driver checks that after the step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SilentStep {
    /// Type of the machine.
    pub machine: &'static str,
    /// The node.
    pub node: NodeId,
    /// The input, such as `a message from n1` or `Fire(Election)`.
    pub input: String,
}

impl SilentStep {
    /// Name of this error where drivers report it as a broken invariant.
    pub const INVARIANT: &'static str = "EveryStepCitesARule";

    /// The error for a step of this machine.
    pub fn new<M: Machine>(node: NodeId, input: impl fmt::Display) -> Self {
        SilentStep { machine: short_name::<M>(), node, input: input.to_string() }
    }
}

impl fmt::Display for SilentStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SilentStep { machine, node, input } = self;
        write!(
            f,
            "{machine} on {node} has handled {input} and cited no rule: \
             call `out.because(rule)` in every branch of `step`, also to ignore an input"
        )
    }
}

impl std::error::Error for SilentStep {}

impl From<SilentStep> for InvariantViolation {
    fn from(silent: SilentStep) -> Self {
        InvariantViolation::new(SilentStep::INVARIANT, silent.to_string())
    }
}

/// Name of a type without the path of its module.
fn short_name<M>() -> &'static str {
    let name = std::any::type_name::<M>();
    let end = name.find('<').unwrap_or(name.len());
    name[..end].rsplit_once("::").map_or(name, |(path, _)| &name[path.len() + 2..])
}

/// The kind of an input, for errors: known after the step has consumed the input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum InputKind {
    /// A message from this node.
    Message(NodeId),
    /// A timer that fired.
    Timer,
    /// A request of a client.
    Request(crate::RequestId),
}

impl<M: Machine> Input<M> {
    /// The kind of the input.
    pub fn kind(&self) -> InputKind {
        match self {
            Input::Deliver { from, .. } => InputKind::Message(*from),
            Input::Fire(_) => InputKind::Timer,
            Input::Request { ticket, .. } => InputKind::Request(*ticket),
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputKind::Message(from) => write!(f, "a message from {from}"),
            InputKind::Timer => write!(f, "a timer"),
            InputKind::Request(ticket) => write!(f, "the request {ticket}"),
        }
    }
}

impl<M: Machine> Outbox<M> {
    /// Checks, after a step of this node, that it has cited a rule.
    ///
    /// # Errors
    /// [`SilentStep`], with the machine, the node and the input.
    pub fn check_reasons(&self, node: NodeId, input: impl fmt::Display) -> Result<(), SilentStep> {
        if self.is_silent() { Err(SilentStep::new::<M>(node, input)) } else { Ok(()) }
    }

    /// The same for tests that step a machine by hand: panics at the line of the caller.
    ///
    /// # Panics
    /// If the step has cited no rule.
    #[track_caller]
    pub fn assert_reasons(&self, node: NodeId, input: impl fmt::Display) {
        if let Err(silent) = self.check_reasons(node, input) {
            panic!("{silent}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};
    use std::{panic, thread};

    use super::*;
    use crate::{ClientId, Constants, Context, Never, RequestId};

    crate::rules! { enum Manners { Answer: "house rules §1", "say something"; } }

    /// A machine that is silent when asked for 0.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Guest;

    impl Machine for Guest {
        type Config = ();
        type Rulebook = ();
        type Message = Never;
        type Timer = Never;
        type Command = u32;
        type Reply = Never;
        type Fact = Never;
        type Rule = Manners;
        type Record = Never;
        type Disk = ();
        type Clock = ();
        type View = ();

        fn boot(_: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self {
            Guest
        }

        fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
            match input {
                Input::Request { command: 0, .. } => {}
                Input::Request { .. } => {
                    out.because(Manners::Answer);
                }
                Input::Deliver { message: never, .. } | Input::Fire(never) => match never {},
            }
        }

        fn view(&self, _: &Context<Self>) {}
    }

    fn asked(command: u32) -> (Outbox<Guest>, InputKind) {
        let (mut out, node) = (Outbox::new(), NodeId(0));
        let ticket = RequestId { client: ClientId(0), number: 3 };
        let input = Input::Request { ticket, command };
        let kind = input.kind();
        Guest.step(&Constants::new(()).of(node, ()), input, &mut out);
        (out, kind)
    }

    #[test]
    fn a_silent_step_is_told_with_machine_node_and_input() {
        let (out, kind) = asked(1);
        assert_eq!(out.check_reasons(NodeId(0), kind), Ok(()));
        let (out, kind) = asked(0);
        let silent = out.check_reasons(NodeId(0), kind).unwrap_err();
        assert_eq!(silent, SilentStep { machine: "Guest", node: NodeId(0), input: "the request c1 #3".to_owned() });
        assert!(silent.to_string().starts_with("Guest on n1 has handled the request c1 #3 and cited no rule: call"));
    }

    #[test]
    fn a_test_that_steps_by_hand_fails_at_its_own_line() {
        let (out, kind) = asked(0);
        let place = Arc::new(OnceLock::new());
        let (told, thread, before) = (place.clone(), thread::current().id(), panic::take_hook());
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == thread {
                let at = info.location().expect("panics have a place");
                _ = told.set((at.file().to_owned(), at.line()));
            }
        }));
        let expected = line!() + 1;
        let failed = panic::catch_unwind(panic::AssertUnwindSafe(|| out.assert_reasons(NodeId(0), kind)));
        panic::set_hook(before);
        assert!(failed.is_err());
        assert_eq!(place.get(), Some(&(file!().to_owned(), expected)));
    }
}
