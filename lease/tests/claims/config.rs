//! Invalid configurations are refused before they run, by a typed error that names the inequality
//! and its numbers.

use quorate_lease::{
    ConfigError, DetectorConfig, Drift, LONGEST, Settings, TermError, Terms, majority, replicated, store,
};
use quorate_protocol::{Duration, NodeId};
use quorate_raft as raft;

use crate::common::{ms, settings};

fn terms() -> Terms {
    settings().terms
}

#[test]
fn terms_that_do_not_fit_are_refused_with_the_inequality_that_fails() {
    let drift = Drift::from_ppm(200).unwrap();
    let refused = |granter, holder, renew| Terms::new(granter, holder, renew, drift).unwrap_err();

    let longer = refused(ms(300), ms(301), ms(50));
    assert!(matches!(&longer, TermError::HolderTooLong { safe, .. } if *safe == Duration::from_nanos(299_880_023)));
    assert_eq!(
        longer.to_string(),
        "the holder's term is too long: 301ms <= 300ms * (1 - 0.0002) / (1 + 0.0002) is false, \
         choose at most 299.880023ms for the holder"
    );
    // The suggested longest term is accepted, and one a nanosecond longer is not.
    let safe = Duration::from_nanos(299_880_023);
    assert!(Terms::new(ms(300), safe, ms(50), drift).is_ok());
    assert!(matches!(refused(ms(300), safe + Duration::from_nanos(1), ms(50)), TermError::HolderTooLong { .. }));

    let late = refused(ms(300), ms(200), ms(200));
    assert_eq!(late, TermError::RenewalTooLate { renew_every: ms(200), holder: ms(200) });
    assert!(late.to_string().contains("200ms < 200ms is false"), "{late}");

    let nothing = refused(Duration::ZERO, ms(1), ms(1));
    assert_eq!(nothing, TermError::Zero { what: "the granter's term" });

    let wild = Drift::from_ppm(1_500_000).unwrap_err();
    assert_eq!(wild, TermError::DriftNotBelowOne { ppm: 1_500_000 });
    assert!(wild.to_string().contains("1500000 < 1000000 is false"), "{wild}");

    let eternal = refused(Duration::MAX, ms(9), ms(1));
    assert!(matches!(eternal, TermError::TooLong { span: Duration::MAX, .. }) && eternal.to_string().contains("<="));
}

#[test]
fn a_year_is_the_longest_term_and_a_nanosecond_more_is_refused() {
    let terms = |granter| Terms::new(granter, ms(9), ms(1), Drift::NONE);
    assert_eq!(LONGEST, Duration::from_secs(31_536_000));
    assert_eq!(terms(LONGEST).map(|terms| terms.granter()), Ok(LONGEST));
    let span = LONGEST + Duration::from_nanos(1);
    assert_eq!(terms(span), Err(TermError::TooLong { what: "the granter's term", span }));
}

/// A holder that renews every third of its term may lose one renewal and has time for another.
#[test]
fn the_longest_terms_are_renewed_every_third() {
    let third = Terms::new(ms(300), ms(300), ms(100), Drift::NONE);
    assert_eq!(Terms::longest(ms(300), Drift::NONE), third);
    let half = Drift::from_ppm(500_000).unwrap();
    assert_eq!(Terms::longest(ms(900), half), Terms::new(ms(900), ms(300), ms(100), half), "of the holder's term");
}

#[test]
fn each_kind_of_cluster_refuses_members_that_make_no_sense() {
    let nodes = |ids: &[u32]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
    let twice = ConfigError::NamedTwice { node: NodeId(1) };

    let single = Settings { holders: nodes(&[1, 2, 1]), ..settings() };
    assert_eq!(single.build().unwrap_err(), twice);

    let majority = |acceptors: &[u32], act_every| {
        let usual = majority::Settings::symmetric(3, terms());
        majority::Settings { acceptors: nodes(acceptors), act_every, ..usual }.build().unwrap_err()
    };
    assert_eq!(majority(&[], None), ConfigError::NoMembers { what: "acceptors" });
    assert_eq!(majority(&[0, 1, 1], None), twice);
    let never = majority(&[0], Some(Duration::ZERO));
    assert_eq!(never, ConfigError::Terms(TermError::Zero { what: "the interval between acts" }));

    let store = |replicas: &[u32], fronts: &[u32], retry| {
        store::Settings { replicas: nodes(replicas), fronts: nodes(fronts), retry }.build().unwrap_err()
    };
    assert_eq!(store(&[], &[1], ms(1)), ConfigError::NoMembers { what: "replicas" });
    assert_eq!(store(&[1], &[], ms(1)), ConfigError::NoMembers { what: "fronts" });
    assert_eq!(store(&[1, 1], &[2], ms(1)), twice);
    let zero = store(&[1], &[2], Duration::ZERO);
    assert!(zero.to_string().starts_with("the retry interval is zero"), "{zero}");
}

#[test]
fn a_table_on_raft_refuses_a_node_that_is_server_and_holder_and_servers_that_raft_refuses() {
    let refused = |servers, holders: &[u32]| {
        let holders = holders.iter().copied().map(NodeId).collect();
        let settings = replicated::Settings { servers, holders, terms: terms(), trust: terms(), act_every: None };
        settings.build().unwrap_err()
    };
    let both = refused(raft::Settings::nodes(3), &[2, 3]);
    assert_eq!(both, replicated::ReplicatedError::Lease(ConfigError::NamedTwice { node: NodeId(2) }));
    assert!(both.to_string().starts_with("n3 is named twice"), "{both}");
    let hasty = raft::Settings { heartbeat: ms(150), ..raft::Settings::nodes(3) };
    let hasty = refused(hasty, &[3]);
    assert!(matches!(hasty, replicated::ReplicatedError::Raft(_)) && hasty.to_string().contains("150 ms"), "{hasty}");
}

#[test]
fn a_detector_without_a_window_is_refused() {
    let watch =
        DetectorConfig::PhiAccrual { threshold_milli: 8000, window: 0, first_interval: ms(50), least_deviation: ms(5) };
    let error = Settings { watch, ..settings() }.build().unwrap_err();
    assert_eq!(error, ConfigError::Terms(TermError::Zero { what: "the detector's window" }));
}
