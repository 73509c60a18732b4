//! How the zoo is written down: once for each bug, from which its rulebook, its name and its story are made.

/// Declares the bugs of a protocol.
///
/// Each becomes a rulebook of its own, a unit struct that overrides one method, for those who know at compile time which they
/// want. Together they become an enum, [`Book`](crate::paxos::Book) for Paxos, one type for whoever is told at run time. The
/// macro also declares `ask!`, which puts a question to the rulebook that an enum value stands for.
macro_rules! shelf {
    (
        $d:tt
        $(#[$attribute:meta])*
        pub enum $book:ident;
        $(
            $name:ident = $id:literal of $protocol:ident {
                says: $says:literal,
                story: $story:literal,
                source: $source:literal,
                breaks: $breaks:expr,
                needs: $needs:literal,
                fn $method:ident $($body:tt)*
            }
        )+
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub enum $book {
            /// The papers, to the letter.
            #[default]
            ByTheBook,
            $(#[doc = $says] $name),+
        }

        $(
            #[doc = $says]
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
            pub struct $name;

            impl Rulebook for $name {
                fn $method $($body)*
            }
        )+

        impl $book {
            /// All rulebooks that depart from the papers, in the order of the zoo.
            pub const BROKEN: &'static [Self] = &[$(Self::$name),+];

            /// The bugs, in the order of the zoo.
            pub fn bugs() -> impl Iterator<Item = &'static $crate::Bug> {
                Self::BROKEN.iter().filter_map(|book| book.bug())
            }

            /// Their ids.
            pub fn ids() -> impl Iterator<Item = &'static str> {
                Self::bugs().map(|bug| bug.id)
            }

            /// The rulebook with the bug of that id; `None` if there is none.
            pub fn named(id: &str) -> Option<Self> {
                Self::BROKEN.iter().copied().find(|book| book.bug().is_some_and(|bug| bug.id == id))
            }

            /// What is wrong with it; `None` of the one to the letter.
            pub const fn bug(self) -> Option<&'static $crate::Bug> {
                match self {
                    Self::ByTheBook => None,
                    $(Self::$name => Some(&$crate::Bug {
                        id: $id,
                        protocol: $crate::Protocol::$protocol,
                        says: $says,
                        story: $story,
                        source: $source,
                        rule: stringify!($method),
                        breaks: $breaks,
                        needs: $needs,
                    })),+
                }
            }
        }

        /// Puts a question to the rulebook that a value stands for.
        macro_rules! ask {
            ($d me:ident.$d question:ident($d($d argument:expr),*)) => {
                match $d me {
                    $book::ByTheBook => ByTheBook.$d question($d($d argument),*),
                    $($book::$name => $name.$d question($d($d argument),*)),+
                }
            };
        }
    };
}
