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

/// Says what is wrong with a lie about a message that is under way in a cluster that has one
/// client's request.
fn forge(after: &str, lie: &str) -> Result<(), String> {
    let text = format!(
        "# T\n\ncluster pbft replicas=4 proxies=P\nadd P 5\nrun {after}\ninflight forge {lie}\nrun 1ms\nexpect held=0\n"
    );
    run_scenario(&text, &registry(), RunOptions::default()).map(|_| ()).map_err(|failure| failure.to_string())
}

#[test]
fn a_liar_forges_its_own_seal_and_no_other() {
    assert_eq!(forge("1500us", "n1 n3 PrePrepare proposal.pre_prepare.body.number=2"), Ok(()));
    assert_eq!(forge("1500us", "n1 n3 PrePrepare proposal.request.by=n1 proposal.request.body.amount=6"), Ok(()));
    let refused = forge("1500us", "n1 n3 PrePrepare proposal.request.body.amount=6").unwrap_err();
    assert_eq!(
        refused,
        "line 6: PrePrepare would bear the seal of P on what P has not sealed, and n1 has its own key alone; say n1 in \
         the field 'by' of that seal"
    );
    let refused = forge("1500us", "n1 n3 PrePrepare proposal.pre_prepare.body.nubmer=2").unwrap_err();
    assert!(refused.contains("has no field 'proposal.pre_prepare.body.nubmer'"), "{refused}");
}

#[test]
fn a_field_that_no_such_message_has_is_refused_before_one_is_sent() {
    for (field, instead) in [
        ("vote.body.nubmer", "did you mean 'vote.body.number'?"),
        ("vote.boy.number", "its fields: vote.by, vote.body"),
        ("vote.by.name", "its fields: vote.by, vote.body"),
        ("vot", "did you mean 'vote'?"),
    ] {
        let text = format!("# T\n\ncluster pbft replicas=4 proxies=P\nforge n2 n1 Prepare {field}=7\nadd P 5\nrun\n");
        let failure = run_scenario(&text, &registry(), RunOptions::default()).map(|_| ()).unwrap_err().to_string();
        assert_eq!(failure, format!("line 4: Prepare has no field '{field}'; {instead}"));
    }
}
