//! Settings that make no sense are refused, with the value.

use quorate_protocol::{Duration, NodeId};
use quorate_replication::register::{Available, ConfigError, Mode, Settings};

#[test]
fn settings_that_make_no_sense_are_refused() {
    let [n1, n2] = [0, 1].map(NodeId);
    let ap = |anti_entropy| Mode::Available(Available { anti_entropy, ..Available::default() });
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new([], Mode::Consistent)), ConfigError::NoReplicas);
    assert_eq!(refused(Settings::new([n1, n1], Mode::Consistent)), ConfigError::NamedTwice { node: n1 });
    let both = Settings { apps: vec![n2], ..Settings::new([n1, n2], Mode::Consistent) };
    assert_eq!(refused(both).to_string(), "n2 is named twice: give each node one place");
    let hasty = Settings { timeout: Duration::ZERO, ..Settings::new([n1], Mode::Consistent) };
    assert_eq!(refused(hasty), ConfigError::NoTime { what: "timeout" });
    let busy = refused(Settings::new([n1], ap(Duration::ZERO)));
    assert_eq!(busy.to_string(), "the anti-entropy interval is zero: choose at least a nanosecond");
    assert!(Settings::new([n1], ap(Duration::from_nanos(1))).build().is_ok());
}
