//! Bugs of reliable broadcast: one threshold is too low, or missing. Each needs one liar among four
//! nodes, which the broadcast bears.

use quorate_byzantine::broadcast::{BY_THE_BOOK, Rulebook};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Scenario, Search};

bugs! {
    /// Rulebook of reliable broadcast: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    ACCEPTS_ONE_READY = "accepts-one-ready" of Broadcast {
        summary: "A node accepts a value as soon as one other is ready for it.",
        story: "The sender lies: it sends two values, and tells each node that it is ready for what the node has got. Each node trusts this one report, and they accept different values.",
        source: "Bracha 1987 §3, step 3: 2f+1 are ready, so that f+1 of them are honest",
        breaks: Invariant("SameValue"),
        needs: "4 nodes, of which the sender lies",
        discovery: Search { steps: 10 },
        correct_rule: "CountReady",
        fn accepts(_: usize, readies: usize) -> bool {
            readies >= 1
        }
    }

    FOLLOWS_ONE_READY = "follows-one-ready" of Broadcast {
        summary: "A node is ready for what one other is ready for.",
        story: "The sender is honest, and another node lies: it says that it is ready for another value. One honest node follows it, a second one too, and now all accept what nobody has sent.",
        source: "Bracha 1987 §3, step 2: f+1 are ready, so that one of them is honest",
        breaks: Invariant("SendersValue"),
        needs: "4 nodes, of which one that is not the sender lies",
        discovery: Search { steps: 12 },
        correct_rule: "CountReady",
        fn follows(f: usize, readies: usize) -> bool {
            readies >= f
        }
    }

    READY_AFTER_TWO_F = "ready-after-two-f" of Broadcast {
        summary: "A node is ready for a value after 2f echoes, which are no majority of the honest nodes.",
        story: "S, the sender, lies: it sends one value to A and C, and another one to B, and confirms to each what it has got. With its own echo and that of the liar B is ready for its value, and nobody else will be.",
        source: "Bracha 1987 §3, step 2: more than (n+f)/2 echoes, so that no other value can have as many",
        breaks: Progress("an honest node accepts, and another never does"),
        needs: "4 nodes, of which the sender lies, and slow messages",
        discovery: Scenario { scenario: "broadcast-two-values", commands: 4 },
        correct_rule: "CountEcho",
        fn enough_echoes(_: usize, f: usize, echoes: usize) -> bool {
            echoes >= 2 * f
        }
    }

    FOLLOWS_NOBODY = "follows-nobody" of Broadcast {
        summary: "A node is ready only by what it has counted itself.",
        story: "S, the sender, lies: it sends one value to two nodes, and another one to the third. With the help of the liar the two accept. The third sees that two are ready, has too few echoes of their value, and waits for ever.",
        source: "Bracha 1987 §3, step 2: a node that has not enough echoes follows f+1 that are ready",
        breaks: Progress("an honest node accepts, and another never does"),
        needs: "4 nodes, of which the sender lies",
        discovery: Scenario { scenario: "broadcast-everyone-or-no-one", commands: 2 },
        correct_rule: "ReadyWithOthers",
        fn follows(_: usize, _: usize) -> bool {
            false
        }
    }
}
