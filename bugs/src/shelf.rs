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
                found: $found:expr,
                instead: $instead:literal,
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
            /// Decisions of somebody's own, where they have made any.
            Yours(&'static Yours),
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

            /// The rulebooks that have them, each with the bug's id.
            pub fn by_id() -> impl Iterator<Item = (&'static str, Self)> {
                Self::BROKEN.iter().filter_map(|book| Some((book.bug()?.id, *book)))
            }

            /// The rulebook with the bug of that id; `None` if there is none.
            pub fn named(id: &str) -> Option<Self> {
                Self::by_id().find(|(known, _)| *known == id).map(|(_, book)| book)
            }

            /// What is wrong with it; `None` of the one to the letter, and of one that the zoo does not know.
            pub const fn bug(self) -> Option<&'static $crate::Bug> {
                match self {
                    Self::ByTheBook | Self::Yours(_) => None,
                    $(Self::$name => Some(&$crate::Bug {
                        id: $id,
                        protocol: $crate::Protocol::$protocol,
                        says: $says,
                        story: $story,
                        source: $source,
                        rule: stringify!($method),
                        breaks: $breaks,
                        needs: $needs,
                        found: $found,
                        instead: $instead,
                    })),+
                }
            }
        }

        /// Puts a question to the rulebook that a value stands for.
        macro_rules! ask {
            ($d me:ident.$d question:ident($d($d argument:expr),*)) => {
                match $d me {
                    $book::ByTheBook => ByTheBook.$d question($d($d argument),*),
                    $book::Yours(yours) => yours.$d question($d($d argument),*),
                    $($book::$name => $name.$d question($d($d argument),*)),+
                }
            };
        }
    };
}

/// What every rulebook is, for one that is known by its name: comparable, printable, and to the letter by default.
macro_rules! known_by_name {
    ($yours:ident) => {
        impl PartialEq for $yours {
            fn eq(&self, other: &Self) -> bool {
                self.name == other.name
            }
        }

        impl Eq for $yours {}

        impl PartialOrd for $yours {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $yours {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.name.cmp(other.name)
            }
        }

        impl std::hash::Hash for $yours {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.name.hash(state);
            }
        }

        impl std::fmt::Debug for $yours {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name)
            }
        }

        impl Default for &'static $yours {
            fn default() -> Self {
                &$yours::NONE
            }
        }
    };
}

/// Declares the decisions of a protocol's rulebook once, and makes from them how `Book` and `Yours` decide.
///
/// A generic decision cannot be a function pointer, nor be passed on by a macro: it is written out by hand, for `Book` and for `Yours`.
macro_rules! decisions {
    (
        $(fn $question:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+
        $(by hand $hand:ident: $handed:ty { $($book:item)* } or { $($yours:item)* })*
    ) => {
        /// A rulebook of somebody's own: the decisions that are there are theirs, the others those of the papers.
        ///
        /// This is how an exercise is tried out, and any idea about what a protocol might do instead. Two of the same name count
        /// as the same.
        #[derive(Clone, Copy)]
        pub struct Yours {
            /// What it is called.
            pub name: &'static str,
            $(
                #[doc = concat!("In place of [`Rulebook::", stringify!($question), "`].")]
                pub $question: Option<fn($($type),*) -> $answer>,
            )+
            $(
                #[doc = concat!("In place of [`Rulebook::", stringify!($hand), "`].")]
                pub $hand: Option<$handed>,
            )*
        }

        impl Yours {
            /// The papers throughout, under a name that is still to be given.
            pub const NONE: Self = Self { name: "yours", $($question: None,)+ $($hand: None,)* };
        }

        impl Rulebook for Book {
            $(
                fn $question(&self $(, $argument: $type)*) -> $answer {
                    ask!(self.$question($($argument),*))
                }
            )+
            $($($book)*)*
        }

        impl Rulebook for &'static Yours {
            $(
                fn $question(&self $(, $argument: $type)*) -> $answer {
                    match self.$question {
                        Some(yours) => yours($($argument),*),
                        None => ByTheBook.$question($($argument),*),
                    }
                }
            )+
            $($($yours)*)*
        }

        known_by_name!(Yours);
    };
}
