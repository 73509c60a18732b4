//! Liars of every kind: a client is answered although one replica lies.

use quorate_byzantine::pbft::{BY_THE_BOOK, Lie};

use super::{R, ask, cluster, ms, replies, total};

#[test]
fn one_liar_of_any_kind_at_any_place_neither_breaks_nor_stops_it() {
    for lie in Lie::ALL {
        for liar in R {
            let mut cluster = cluster(BY_THE_BOOK, &[(liar, lie)]);
            for sum in 1..=20 {
                ask(&mut cluster, 0, 1);
                cluster.run_for(ms(1000)).unwrap();
                assert_eq!(replies(&cluster, 0).last(), Some(&total(sum)), "{liar} is {lie}");
            }
        }
    }
}

#[test]
fn two_silent_replicas_of_four_stop_it() {
    let mut cluster = cluster(BY_THE_BOOK, &[(R[2], Lie::Silent), (R[3], Lie::Silent)]);
    ask(&mut cluster, 0, 1);
    cluster.run_for(ms(60_000)).unwrap();
    assert_eq!(replies(&cluster, 0), []);
}

/// A primary and a backup that collude tell each of the others that all follow it.
#[test]
fn two_colluders_of_four_make_the_others_commit_different_requests() {
    let mut cluster = cluster(BY_THE_BOOK, &[(R[0], Lie::Colluding), (R[3], Lie::Colluding)]);
    cluster.intercept(|flight| match flight.message {
        // The client is not deceived at once: it hears nothing.
        quorate_byzantine::pbft::Message::Report { .. } => quorate_lab::sim::Delivery::Drop,
        _ => quorate_lab::sim::Delivery::Random,
    });
    ask(&mut cluster, 0, 1);
    cluster.run_for(ms(20)).unwrap();
    ask(&mut cluster, 1, 10);
    let violation = cluster.run_for(ms(20)).unwrap_err();
    assert_eq!(violation.broken.invariant, "OneRequestPerNumber");
}

/// Two that report the same false result are f+1.
#[test]
fn two_colluders_of_four_deceive_a_client() {
    let mut cluster = cluster(BY_THE_BOOK, &[(R[0], Lie::Colluding), (R[1], Lie::Colluding)]);
    ask(&mut cluster, 0, 1);
    let violation = cluster.run_for(ms(20)).unwrap_err();
    assert_eq!(violation.broken.invariant, "TrueAnswers");
}
