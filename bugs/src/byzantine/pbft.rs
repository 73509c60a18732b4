//! Bugs of PBFT. With each of them as many liars as the cluster should bear suffice to break it.

use quorate_byzantine::pbft::{BY_THE_BOOK, Digest, PbftRule, Rulebook};
use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow};

use crate::Breaks::Invariant;
use crate::Discovery::Scenario;

bugs! {
    /// Rulebook of PBFT: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    QUORUM_OF_2F = "quorum-of-2f" of Pbft {
        summary: "Two of four replicas are a quorum.",
        story: "The primary lies: it proposes one request to one of the backups, and another to the others. Two quorums of 2f among 3f+1 may have a liar alone in common, and here they do. Both requests are committed under one number.",
        source: "Castro and Liskov 1999 §4.5.1",
        breaks: Invariant("OneRequestPerNumber"),
        needs: "2 requests and a primary that lies",
        discovery: Scenario { scenario: "pbft-two-proposals", commands: 5 },
        correct_rule: "Prepare",
        fn quorum(f: usize) -> usize {
            2 * f
        }
    }

    COUNTS_ANY_DIGEST = "counts-any-digest" of Pbft {
        summary: "A vote counts for whatever has its number.",
        story: "The primary proposes one request to one of the backups, and another to the others. Each of them votes for what it was told. The votes for the one are counted as votes for the other, and two backups commit different requests under one number.",
        source: "Castro and Liskov 1999 §4.2",
        breaks: Invariant("OneRequestPerNumber"),
        needs: "2 requests and a primary that lies",
        discovery: Scenario { scenario: "pbft-two-proposals", commands: 5 },
        correct_rule: "CountCommit",
        fn matches(_: &Digest, _: &Digest) -> bool {
            true
        }
    }

    TRUSTS_ONE_REPLY = "trusts-one-reply" of Pbft {
        summary: "The client believes the first replica that answers.",
        story: "One replica lies, and is the quickest. It executes what all execute, and reports another result.",
        source: "Castro and Liskov 1999 §4.1",
        breaks: Invariant("TrueAnswers"),
        needs: "1 request and a replica that lies",
        discovery: Scenario { scenario: "pbft-two-equal-reports", commands: 5 },
        correct_rule: "CountReply",
        fn reports(_: usize) -> usize {
            1
        }
    }

    VIEW_CHANGE_WITHOUT_PROOF = "view-change-without-proof" of Pbft {
        summary: "View changes and new views are believed without their certificates.",
        story: "Two requests are executed everywhere when the primary n1 crashes. The next primary lies: it begins its view with another request under a number that is taken, and the others prepare that.",
        source: "Castro and Liskov 1999 §4.4",
        breaks: Invariant("CommittedSurvives"),
        needs: "3 requests, a crash and a replica that lies",
        discovery: Scenario { scenario: "pbft-new-view-is-proved", commands: 6 },
        correct_rule: "RefuseNewView",
        fn demands_proof() -> bool {
            false
        }
    }

    SEAL_NOT_CHECKED = "seal-not-checked" of Pbft {
        summary: "A message counts for the node that it claims to come from, whoever has sealed it.",
        story: "The primary invents a request of the client, and speaks for all others besides. Its forgeries lack the seals of those that they name, and nobody looks. An honest replica executes what no client has asked for.",
        source: "Castro and Liskov 1999 §2",
        breaks: Invariant("AskedAndOnce"),
        needs: "1 request and a primary that lies",
        discovery: Scenario { scenario: "pbft-forged-certificates", commands: 2 },
        correct_rule: "WrongDigest",
        fn seal_holds(_: NodeId, _: NodeId) -> bool {
            true
        }
    }

    WATER_MARK_IGNORED = "water-mark-ignored" of Pbft {
        summary: "A backup accepts a number below its checkpoint.",
        story: "A checkpoint has freed the log, so no one remembers what number 1 was. The primary lies, and gives it to another request.",
        source: "Castro and Liskov 1999 §4.3",
        breaks: Invariant("OneRequestPerNumber"),
        needs: "2 requests and a primary that lies",
        discovery: Scenario { scenario: "pbft-number-below-the-checkpoint", commands: 4 },
        correct_rule: "OutsideWindow",
        fn in_window(_: u64, _: u64, _: u64) -> bool {
            true
        }
    }

    EXECUTES_AGAIN = "executes-again" of Pbft {
        summary: "A request that has a second number is executed a second time.",
        story: "The primary lies: it proposes a request again under a new number. The seal on the request is genuine, and all agree about the number. The client's amount is added twice.",
        source: "Castro and Liskov 1999 §4.1",
        breaks: Invariant("AskedAndOnce"),
        needs: "2 requests and a primary that lies",
        discovery: Scenario { scenario: "pbft-replayed-request", commands: 4 },
        correct_rule: "AnswerFromRecord",
        fn executes(_: Option<u64>, _: u64) -> Ruling<PbftRule> {
            Allow(PbftRule::Execute)
        }
    }

    NO_COMMIT_PHASE = "no-commit-phase" of Pbft {
        summary: "A replica executes what it has prepared, without waiting for commits.",
        story: "The prepares arrive at n4 alone, which executes the request and is cut off. The other replicas change the view. None of their view changes shows the request, so its number goes to another one.",
        source: "Castro and Liskov 1999 §4.2 and §4.5.1",
        breaks: Invariant("OneRequestPerNumber"),
        needs: "2 requests, lost messages and a partition; no replica lies",
        discovery: Scenario { scenario: "pbft-why-commit", commands: 10 },
        correct_rule: "CountPrepare",
        fn committed(_: &Rulebook, _: usize, _: usize) -> Ruling<PbftRule> {
            Allow(PbftRule::Committed)
        }
    }
}
