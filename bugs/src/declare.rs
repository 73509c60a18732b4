//! Declaration of bugs: one entry for each, from which its rulebook, name and description are
//! generated.

/// Declares the bugs of a protocol: a constant for each, the correct rulebook with one decision
/// replaced (and others that the bug depends on), and a list of all of them.
macro_rules! bugs {
    (
        $(#[$attribute:meta])*
        pub type NamedRulebook = $rulebook:ident;
        $(
            $name:ident = $id:literal of $protocol:ident $(, $other:ident)* {
                summary: $summary:literal,
                story: $story:literal,
                source: $source:literal,
                breaks: $breaks:expr,
                needs: $needs:literal,
                discovery: $discovery:expr,
                correct_rule: $correct_rule:literal,
                fn $decision:ident($($given:tt)*) -> $answer:ty $body:block
                $(fn $also:ident($($also_given:tt)*) -> $also_answer:ty $also_body:block)*
            }
        )+
    ) => {
        $(#[$attribute])*
        pub type NamedRulebook = $crate::NamedRulebook<$rulebook>;

        $(
            #[doc = $summary]
            pub const $name: NamedRulebook = NamedRulebook {
                bug: Some(&$crate::Bug {
                    id: $id,
                    protocol: $crate::ProtocolId::$protocol,
                    also: &[$($crate::ProtocolId::$other),*],
                    summary: $summary,
                    story: $story,
                    source: $source,
                    rule: stringify!($decision),
                    breaks: $breaks,
                    needs: $needs,
                    discovery: $discovery,
                    correct_rule: $correct_rule,
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

        impl $crate::HasBugs for $rulebook {
            const BUGGY: &'static [NamedRulebook] = &[$($name),+];
        }
    };
}
