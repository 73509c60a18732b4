//! Variants: a reference machine, or a wrapper that contains one and modifies it.

use crate::{Context, Machine};

/// A machine that gives access to a reference machine: itself, or the one that it contains.
///
/// A variant has the same configuration, commands and timers as its reference, and the same facts,
/// replies, rules and records. It may send more messages, and its rulebook may have more decisions.
/// Code for `M: Variant<Reference = R>`, such as the invariants of `R`, therefore applies to the
/// reference and its variants alike, without a copy.
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

    /// The current state of the reference machine.
    fn reference(&self) -> &Self::Reference;

    /// The message as the reference knows it; `None` for a message that only the variant has.
    fn known(message: &Self::Message) -> Option<&<Self::Reference as Machine>::Message>;

    /// A rulebook of the variant, made of the reference's with the correct values of the variant's
    /// own decisions.
    fn rulebook(rules: <Self::Reference as Machine>::Rulebook) -> Self::Rulebook;

    /// The reference's decisions in a rulebook.
    fn rules(rules: &Self::Rulebook) -> &<Self::Reference as Machine>::Rulebook;

    /// The context for the reference, on the same node.
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
