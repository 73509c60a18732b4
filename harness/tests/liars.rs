//! The option `liars=` of cluster lines: read, refused with a reason, and written again.

use quorate_byzantine::pbft::{Lie, Pbft, Settings};
use quorate_harness::protocols::{PbftTarget, ToScenario, registry};
use quorate_lab::script::{RunOptions, run_scenario};
use quorate_protocol::{Constants, Names, NodeId};

/// Plays a request in a cluster with these liars, and says what is wrong.
fn play(liars: &str) -> Result<(), String> {
    let text = format!("# T\n\ncluster pbft replicas=4 proxies=P liars={liars}\nadd P 5\nrun\nexpect total n2 5\n");
    run_scenario(&text, &registry(), RunOptions::default()).map(|_| ()).map_err(|failure| failure.to_string())
}

#[test]
fn every_kind_of_lie_has_its_word() {
    for lie in Lie::ALL {
        assert_eq!(play(&format!("n4:{lie}")), Ok(()));
    }
    let two = play("n1:silent,n4:silent").unwrap_err();
    assert!(two.contains("expected the total of n2 to be 5, but it is 0"), "{two}");
}

#[test]
fn what_is_no_liar_is_refused() {
    for (liars, says) in [
        ("n4", "liars=n4: name a node and its lie, such as n4:silent"),
        ("n9:silent", "no node 'n9'"),
        ("n4:silend", "did you mean 'silent'?"),
        ("n4:silent,n4:forging", "liars=: n4 is named twice; give a liar one lie"),
        ("P:silent", "liars=: P is a proxy, and proxies are honest; name replicas"),
    ] {
        let failure = play(liars).unwrap_err();
        assert!(failure.starts_with("line 3: ") && failure.contains(says), "{liars}: {failure}");
    }
}

#[test]
fn liars_are_written_as_they_are_read() {
    let names = Names::new(["n1", "n2", "n3", "n4", "P"], ["c1"]);
    let config = Settings::new((0..4).map(NodeId), [NodeId(4)]).build().expect("four replicas bear a liar");
    let mut constants = Constants::<Pbft>::new(config.clone());
    let line = |constants: &Constants<Pbft>| {
        names.scope(|| PbftTarget::own_options(PbftTarget::line(&names, &config), &names, constants).to_string())
    };
    assert_eq!(line(&constants), "cluster pbft replicas=4 proxies=P");
    constants.configure(NodeId(3), config.lying(Lie::Forging));
    constants.configure(NodeId(0), config.lying(Lie::Silent));
    assert_eq!(line(&constants), "cluster pbft replicas=4 proxies=P liars=n1:silent,n4:forging");
}
