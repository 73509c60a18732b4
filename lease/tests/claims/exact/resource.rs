//! Fenced resource: which tokens it accepts, and that it remembers them (*Distributed locking*;
//! Chubby §2.4).

use quorate_lease::{
    Attempt, Config, FenceCheck, GrantBody, Lease, LeaseId, Message, Mode, SealedGrant, Sequencer, Settings, Token,
    Value,
};
use quorate_protocol::NodeId;

use super::{Hand, terms, ticket};
use crate::common::{A, B, C, Q, S, at};

type Resource = Hand<Lease>;

fn config(check: FenceCheck) -> Config {
    Settings { resource: Some(S), check, ..Settings::new(Q, [A, B, C], terms()) }.build().unwrap()
}

fn resource(check: FenceCheck) -> Resource {
    Hand::boot(S, config(check), at(0))
}

fn sequencer(token: u64) -> Sequencer {
    Sequencer { lease: LeaseId::Primary, mode: Mode::Exclusive, token: Token(token) }
}

/// A different request of the same client for each number.
fn attempt(number: u64) -> Attempt {
    Attempt { ticket: ticket(number), begun: at(0) }
}

/// Whether a write under a token is executed.
fn writes(resource: &mut Resource, number: u64, token: u64, value: &str) -> bool {
    let (value, attempt) = (Value::from(value), attempt(number));
    resource.deliver(at(1), A, Message::Write { sequencer: sequencer(token), value: value.clone(), attempt });
    let written = matches!(resource.sent()[..], [Message::Written { .. }]);
    assert_eq!(written, resource.machine.value() == Some(&value));
    written
}

/// A primary may write any number of times under one grant: an equal token is accepted.
#[test]
fn the_fence_lets_the_equal_token_pass_and_no_lower_one() {
    let mut resource = resource(FenceCheck::NewestSeen);
    assert!(writes(&mut resource, 1, 5, "first"));
    assert!(writes(&mut resource, 2, 5, "second"), "the same grant");
    assert!(!writes(&mut resource, 3, 4, "late"));
    assert!(writes(&mut resource, 4, 6, "third"));
    assert!(!writes(&mut resource, 5, 5, "late as well"));
}

#[test]
fn the_fence_remembers_the_highest_token_over_a_restart() {
    let mut resource = resource(FenceCheck::NewestSeen);
    assert!(writes(&mut resource, 6, 5, "first"));
    resource.restart(at(2));
    assert_eq!(resource.machine.value(), Some(&Value::from("first")));
    assert!(!writes(&mut resource, 7, 4, "late"));
    assert!(writes(&mut resource, 8, 5, "second"));
}

/// The granter's answer is outdated when it arrives, so tokens are compared all the same.
#[test]
fn the_granters_word_replaces_no_comparison() {
    let mut resource = resource(FenceCheck::AskGranter);
    let value = || Value::from("w");
    let mut checked = |number, valid, token| {
        let (sequencer, attempt) = (sequencer(token), attempt(number));
        let write = Message::Write { sequencer, value: value(), attempt };
        resource.deliver(at(1), A, write);
        assert!(matches!(resource.sent()[..], [Message::Check { .. }]), "the granter is asked first");
        resource.deliver(at(2), Q, Message::Checked { valid, sequencer, writer: A, value: value(), attempt });
        matches!(resource.sent()[..], [Message::Written { .. }])
    };
    assert!(!checked(1, false, 5), "the granter no longer stands by it");
    assert!(checked(2, true, 5));
    assert!(!checked(3, true, 4), "it did when it was asked");
}

/// A seal of the granter's, as it arrives at a holder, or one of another node's making.
fn sealed(by: NodeId, holder: NodeId, token: u64) -> SealedGrant {
    let maker: Hand<Lease> = Hand::boot(by, config(FenceCheck::GrantersSeal), at(0));
    SealedGrant::new(&maker.context(at(0)), GrantBody { lease: LeaseId::Primary, holder, token: Token(token) })
}

/// A holder can write any number into its message, and seal with its own key alone.
#[test]
fn the_seal_says_whose_numbers_they_are() {
    let mut resource = resource(FenceCheck::GrantersSeal);
    let mut writes = |number, token, grant| {
        let (value, attempt) = (Value::from("w"), attempt(number));
        let sequencer = sequencer(token);
        let write = match grant {
            Some(grant) => Message::WriteUnderSeal { sequencer, value, attempt, grant },
            None => Message::Write { sequencer, value, attempt },
        };
        resource.deliver(at(1), A, write);
        matches!(resource.sent()[..], [Message::Written { .. }])
    };
    assert!(writes(1, 5, Some(sealed(Q, A, 5))));
    assert!(!writes(2, 99, Some(sealed(Q, A, 5))), "the seal is that of another grant");
    assert!(!writes(3, 99, Some(sealed(A, A, 99))), "the seal is the writer's own");
    assert!(!writes(4, 6, Some(sealed(Q, B, 6))), "the grant is another holder's");
    assert!(!writes(5, 6, None));
    assert!(writes(6, 6, Some(sealed(Q, A, 6))));
    assert!(!writes(7, 5, Some(sealed(Q, A, 5))), "a seal makes no old grant a new one");
}
