//! The rulebook: a protocol's decisions as one value, to be compared with the paper and replaced
//! one by one.

/// Declares a protocol's decisions, each a pure function whose body follows the paper.
///
/// It generates a struct `Rulebook` of function pointers, a constant `BY_THE_BOOK` with the bodies
/// given here, and a method for each decision, so that code reads `rules.promise(before, asked)`. A
/// decision that uses another takes `rules: &Rulebook` first and calls the other through it, so
/// that replacing the one changes the other as well; its method passes the rulebook on by itself.
///
/// A rulebook can be copied, but has no name and no equality. Its owner must know which one it is.
///
/// ```
/// quorate_protocol::rulebook! {
///     /// The decisions of a doorkeeper.
///     pub struct Rulebook;
///
///     /// House rules §1: nobody below the age comes in.
///     fn admits(rules: &Rulebook, age: u32) -> bool {
///         age >= rules.least()
///     }
///
///     /// House rules §2: the age.
///     fn least() -> u32 {
///         18
///     }
/// }
///
/// assert!(!BY_THE_BOOK.admits(17));
/// // Depart from the book in one decision, and the others follow.
/// let lenient = Rulebook { least: || 16, ..BY_THE_BOOK };
/// assert!(lenient.admits(17));
/// ```
#[macro_export]
macro_rules! rulebook {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct Rulebook;
        $($decisions:tt)+
    ) => {
        $crate::rulebook! { @sort [$(#[$attribute])* $visibility] [] $($decisions)+ }
    };

    // A decision that uses others.
    (
        @sort [$($head:tt)*] [$($sorted:tt)*]
        $(#[$attribute:meta])*
        fn $name:ident$(<$lifetime:lifetime>)?($rules:ident: &Rulebook $(, $argument:ident: $type:ty)* $(,)?) -> $answer:ty $body:block
        $($rest:tt)*
    ) => {
        $crate::rulebook! {
            @sort [$($head)*]
            [$($sorted)* { [$(#[$attribute])*] $name [$(<$lifetime>)?] [$rules: &Rulebook,] ($($argument: $type),*) ($answer) $body }]
            $($rest)*
        }
    };

    // A decision of its arguments alone.
    (
        @sort [$($head:tt)*] [$($sorted:tt)*]
        $(#[$attribute:meta])*
        fn $name:ident$(<$lifetime:lifetime>)?($($argument:ident: $type:ty),* $(,)?) -> $answer:ty $body:block
        $($rest:tt)*
    ) => {
        $crate::rulebook! {
            @sort [$($head)*]
            [$($sorted)* { [$(#[$attribute])*] $name [$(<$lifetime>)?] [] ($($argument: $type),*) ($answer) $body }]
            $($rest)*
        }
    };

    (
        @sort [$(#[$attribute:meta])* $visibility:vis]
        [$({
            [$(#[$about:meta])*] $name:ident [$(<$lifetime:lifetime>)?] [$($rules:ident: &Rulebook,)?]
            ($($argument:ident: $type:ty),*) ($answer:ty) $body:block
        })+]
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        $visibility struct Rulebook {
            $(
                $(#[$about])*
                pub $name: $(for<$lifetime>)? fn($($crate::rulebook!(@first $rules),)? $($type),*) -> $answer,
            )+
        }

        /// The decisions exactly as the papers prescribe them.
        $visibility const BY_THE_BOOK: Rulebook = Rulebook {
            $(
                $name: {
                    fn $name$(<$lifetime>)?($($rules: &Rulebook,)? $($argument: $type),*) -> $answer $body
                    $name
                },
            )+
        };

        impl Default for Rulebook {
            /// [`BY_THE_BOOK`].
            fn default() -> Self {
                BY_THE_BOOK
            }
        }

        #[allow(clippy::too_many_arguments, reason = "a decision sees all that it depends on")]
        impl Rulebook {
            $(
                $(#[$about])*
                pub fn $name$(<$lifetime>)?(&self, $($argument: $type),*) -> $answer {
                    (self.$name)($($crate::rulebook!(@own self $rules),)? $($argument),*)
                }
            )+
        }
    };

    (@first $rules:ident) => { &Rulebook };
    (@own $own:tt $rules:ident) => { $own };
}

#[cfg(test)]
mod tests {
    use crate::Ruling::{self, Allow, Refuse};

    crate::rules! {
        pub(crate) enum Game {
            Take: "house rules §1", "take what is left";
            Leave: "house rules §2", "leave what is another's";
        }
    }

    rulebook! {
        /// A game.
        pub(crate) struct Rulebook;

        /// House rules §1.
        fn take(rules: &Rulebook, heap: &[u32], wanted: u32) -> Ruling<Game> {
            if rules.largest(heap).is_some_and(|&largest| largest >= wanted) { Allow(Game::Take) } else { Refuse(Game::Leave) }
        }

        /// House rules §2.
        fn largest<'a>(heap: &'a [u32]) -> Option<&'a u32> {
            heap.iter().max()
        }

        /// House rules §3.
        fn over(rules: &Rulebook) -> bool {
            !rules.take(&[], 1).allows()
        }
    }

    #[test]
    fn a_decision_that_uses_another_sees_it_replaced() {
        let heap = [1, 3, 2];
        assert_eq!(BY_THE_BOOK.take(&heap, 3), Allow(Game::Take));
        let first = Rulebook { largest: |heap| heap.first(), ..BY_THE_BOOK };
        assert_eq!(first.take(&heap, 3), Refuse(Game::Leave));
        assert!(first.over() && Rulebook::default().over());
        let stubborn = Rulebook { take: |_, _, _| Allow(Game::Take), ..first };
        assert!(!stubborn.over());
    }
}
