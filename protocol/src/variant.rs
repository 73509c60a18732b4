//! Variants: a reference machine, or a machine that contains one and departs from it.

use crate::{Context, Machine};

/// A machine that shows a reference machine: itself, or the one that it contains.
///
/// A variant takes the same configuration, commands and timers as its reference, and tells the same
/// facts, replies, rules and records by the same names. It may send more messages, and its rulebook
/// may have more decisions. So whatever is written for `M: Variant<Reference = R>`, such as the
/// invariants of `R`, judges the reference and its variants alike, without a copy.
pub trait Variant:
    Machine<
        Config = <<Self as Variant>::Reference as Machine>::Config,
        Timer = <<Self as Variant>::Reference as Machine>::Timer,
        Command = <<Self as Variant>::Reference as Machine>::Command,
        Reply = <<Self as Variant>::Reference as Machine>::Reply,
        Fact = <<Self as Variant>::Reference as Machine>::Fact,
        Rule = <<Self as Variant>::Reference as Machine>::Rule,
        Record = <<Self as Variant>::Reference as Machine>::Record,
        Disk = <<Self as Variant>::Reference as Machine>::Disk,
        Clock = <<Self as Variant>::Reference as Machine>::Clock,
        View = <<Self as Variant>::Reference as Machine>::View,
    >
{
    /// The reference machine.
    type Reference: Machine;

    /// The reference machine as it stands.
    fn reference(&self) -> &Self::Reference;

    /// The message as the reference knows it; `None` of a message that only the variant has.
    fn known(message: &Self::Message) -> Option<&<Self::Reference as Machine>::Message>;

    /// A rulebook of the reference, with the variant's own decisions as the papers have them.
    fn rulebook(rules: <Self::Reference as Machine>::Rulebook) -> Self::Rulebook;

    /// The decisions of the reference in a rulebook.
    fn rules(rules: &Self::Rulebook) -> &<Self::Reference as Machine>::Rulebook;

    /// The context of the reference, on the same node.
    fn context<'a>(cx: &Context<'a, Self>) -> Context<'a, Self::Reference> {
        cx.narrow(cx.config, Self::rules(cx.rules), cx.now)
    }
}

/// Declares that machines are their own reference.
///
/// ```
/// # use quorate_protocol::{Context, Input, Machine, Never, Outbox};
/// # quorate_protocol::rules! { enum Silence { Ignore: "house rules §1", "say nothing"; } }
/// #[derive(Clone, PartialEq, Eq, Hash, Debug)]
/// struct Mute;
///
/// impl Machine for Mute {
///     // …
/// #   type Config = (); type Rulebook = (); type Message = Never; type Timer = Never; type Command = (); type Reply = Never;
/// #   type Fact = Never; type Rule = Silence; type Record = Never; type Disk = (); type Clock = (); type View = ();
/// #   fn boot(_: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self { Mute }
/// #   fn step(&mut self, _: &Context<Self>, _: Input<Self>, out: &mut Outbox<Self>) { out.because(Silence::Ignore); }
/// #   fn view(&self, _: &Context<Self>) {}
/// }
///
/// quorate_protocol::reference!(impl for Mute);
/// ```
#[macro_export]
macro_rules! reference {
    (impl $(<$parameter:ident: $bound:path>)? for $machine:ty) => {
        impl $(<$parameter: $bound>)? $crate::Variant for $machine {
            type Reference = Self;

            fn reference(&self) -> &Self {
                self
            }

            fn known(message: &<Self as $crate::Machine>::Message) -> Option<&<Self as $crate::Machine>::Message> {
                Some(message)
            }

            fn rulebook(rules: <Self as $crate::Machine>::Rulebook) -> <Self as $crate::Machine>::Rulebook {
                rules
            }

            fn rules(rules: &<Self as $crate::Machine>::Rulebook) -> &<Self as $crate::Machine>::Rulebook {
                rules
            }
        }
    };
}
