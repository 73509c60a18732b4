//! Each decision broken once: f liars suffice to break the invariant, and by the book they do not.

use quorate_byzantine::pbft::{BY_THE_BOOK, Lie, Message, PbftRule, Rulebook};
use quorate_lab::sim::{CrashPoint, Delivery, Fault};
use quorate_protocol::NodeId;
use quorate_protocol::Ruling::Allow;

use super::{Cluster, R, broken, cluster, ms, try_ask as ask};

/// Plays a schedule under a broken rulebook and by the book. Returns the broken invariant of each.
fn both(rules: Rulebook, liars: &[(NodeId, Lie)], play: fn(&mut Cluster)) -> [Option<&'static str>; 2] {
    [rules, BY_THE_BOOK].map(|rules| {
        let mut cluster = cluster(rules, liars);
        play(&mut cluster);
        broken(&mut cluster)
    })
}

/// Lets time pass, up to a violation.
fn go(cluster: &mut Cluster, millis: u64) {
    _ = cluster.run_for(ms(millis));
}

/// Two requests, so that a primary has something else to propose.
fn two_requests(cluster: &mut Cluster) {
    ask(cluster, 0, 1);
    go(cluster, 20);
    ask(cluster, 1, 10);
}

/// `quorum-of-2f`: two quorums have a liar alone in common.
#[test]
fn quorum_of_2f() {
    let rules = Rulebook { quorum: |f| 2 * f, ..BY_THE_BOOK };
    assert_eq!(both(rules, &[(R[0], Lie::Equivocating)], two_requests), [Some("OneRequestPerNumber"), None]);
    assert_eq!(both(rules, &[(R[0], Lie::Colluding)], two_requests), [Some("OneRequestPerNumber"), None]);
}

/// One request, of which the honest replicas report later than R3.
fn late_reports(cluster: &mut Cluster) {
    cluster.intercept(|flight| match flight.message {
        Message::Report { .. } if flight.from != R[3] => Delivery::After(ms(5)),
        _ => Delivery::Random,
    });
    ask(cluster, 0, 1);
}

/// `trusts-one-reply`: the client believes the first replica that answers.
#[test]
fn trusts_one_report() {
    let rules = Rulebook { reports: |_| 1, ..BY_THE_BOOK };
    assert_eq!(both(rules, &[(R[3], Lie::Colluding)], late_reports), [Some("TrueAnswers"), None]);
}

/// `view-change-without-proof`: the primary of the new view proposes what it likes.
#[test]
fn view_change_without_proof() {
    let rules = Rulebook { demands_proof: || false, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        ask(cluster, 0, 1);
        ask(cluster, 1, 10);
        go(cluster, 20);
        // The first primary is gone; the next one lies.
        cluster.inject(Fault::Crash { node: R[0], point: CrashPoint::BetweenSteps }).unwrap();
        ask(cluster, 2, 100);
        go(cluster, 400);
        _ = cluster.inject(Fault::Restart(R[0]));
    };
    assert_eq!(both(rules, &[(R[1], Lie::Equivocating)], play), [Some("CommittedSurvives"), None]);
}

/// `seal-not-checked`: votes and requests count for the node that they claim to come from.
#[test]
fn seal_not_checked() {
    let rules = Rulebook { seal_holds: |_, _| true, ..BY_THE_BOOK };
    assert_eq!(both(rules, &[(R[0], Lie::Forging)], two_requests), [Some("AskedAndOnce"), None]);
    // A backup answers for the others, with a false result.
    assert_eq!(both(rules, &[(R[3], Lie::Forging)], late_reports), [Some("TrueAnswers"), None]);
}

/// `counts-any-digest`: a vote counts for whatever has its number.
#[test]
fn counts_any_digest() {
    let rules = Rulebook { matches: |_, _| true, ..BY_THE_BOOK };
    assert_eq!(both(rules, &[(R[0], Lie::Equivocating)], two_requests), [Some("OneRequestPerNumber"), None]);
}

/// `water-mark-ignored`: a primary gives a number anew when the log has forgotten it.
#[test]
fn water_mark_ignored() {
    let rules = Rulebook { in_window: |_, _, _| true, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        for _ in 0..6 {
            ask(cluster, 0, 1);
            go(cluster, 20);
        }
    };
    assert_eq!(both(rules, &[(R[0], Lie::Replaying)], play), [Some("OneRequestPerNumber"), None]);
}

/// `executes-again`: a primary that proposes a request twice has it executed twice.
#[test]
fn executes_again() {
    let rules = Rulebook { executes: |_, _| Allow(PbftRule::Execute), ..BY_THE_BOOK };
    assert_eq!(both(rules, &[(R[0], Lie::Replaying)], two_requests), [Some("AskedAndOnce"), None]);
}

/// `no-commit-phase`: what one replica has prepared is committed.
#[test]
fn no_commit_phase() {
    let rules = Rulebook { committed: |_, _, _| Allow(PbftRule::Committed), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        // The prepares arrive at R3 alone, and the others hear nothing of it.
        cluster.intercept(|flight| match flight.message {
            Message::Prepare { .. } | Message::Commit { .. } if flight.to != R[3] => Delivery::Drop,
            Message::Status { .. } => Delivery::Drop,
            _ => Delivery::Random,
        });
        ask(cluster, 1, 10);
        go(cluster, 10);
        cluster.inject(Fault::Partition(vec![vec![R[3]]])).unwrap();
        ask(cluster, 0, 1);
        go(cluster, 400);
        cluster.intercept_none();
    };
    assert_eq!(both(rules, &[], play), [Some("OneRequestPerNumber"), None]);
}
