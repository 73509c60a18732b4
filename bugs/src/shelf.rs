//! Declaration of bugs: one entry for each, from which its rulebook, name and description are
//! generated.

/// Declares the bugs of a protocol: a constant for each, the correct rulebook with one decision
/// replaced (and others that the bug depends on), and a list of all of them.
macro_rules! shelf {
    (
        $(#[$attribute:meta])*
        pub type Book = $rulebook:ident;
        $(
            $name:ident = $id:literal of $protocol:ident {
                says: $says:literal,
                story: $story:literal,
                source: $source:literal,
                breaks: $breaks:expr,
                needs: $needs:literal,
                found: $found:expr,
                instead: $instead:literal,
                fn $decision:ident($($given:tt)*) -> $answer:ty $body:block
                $(fn $also:ident($($also_given:tt)*) -> $also_answer:ty $also_body:block)*
            }
        )+
    ) => {
        $(#[$attribute])*
        pub type Book = $crate::Book<$rulebook>;

        $(
            #[doc = $says]
            pub const $name: Book = Book {
                bug: Some(&$crate::Bug {
                    id: $id,
                    protocol: $crate::Protocol::$protocol,
                    says: $says,
                    story: $story,
                    source: $source,
                    rule: stringify!($decision),
                    breaks: $breaks,
                    needs: $needs,
                    found: $found,
                    instead: $instead,
                }),
                rules: $rulebook {
                    $decision: {
                        fn $decision($($given)*) -> $answer $body
                        $decision
                    },
                    $($also: {
                        fn $also($($also_given)*) -> $also_answer $also_body
                        $also
                    },)*
                    ..BY_THE_BOOK
                },
            };
        )+

        impl $crate::Shelf for $rulebook {
            const BROKEN: &'static [Book] = &[$($name),+];
        }
    };
}
