//! Messages, facts, records and views as traces write them: JSON that is read back.

use std::collections::BTreeSet;

use quorate_byzantine::pbft::{BY_THE_BOOK, Command, Fact, Lie, Message, Pbft, Record, Safety};
use quorate_protocol::{ClientId, Effect, Invariant, InvariantViolation, Machine, StepView};

use crate::pbft::{P, R, ms, settings, setup};

/// Writes each message, fact and record of a run, and each view, and reads back all but the views.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct RoundTrip {
    messages: BTreeSet<String>,
}

fn round_trip<T: quorate_protocol::Data>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
    text
}

impl Invariant<Pbft> for RoundTrip {
    fn check(&mut self, seen: &StepView<'_, Pbft>) -> Result<(), InvariantViolation> {
        for effect in seen.out.effects() {
            if let Effect::Send { message, .. } = effect {
                let text = round_trip::<Message>(message);
                self.messages.extend(text.split('"').nth(1).map(str::to_owned));
            }
        }
        seen.facts().for_each(|fact| _ = round_trip::<Fact>(fact));
        seen.out.records().for_each(|record| _ = round_trip::<Record>(record));
        let cx = seen.constants.of(seen.node, ());
        if let Some(machine) = seen.machine() {
            serde_json::to_string(&Machine::view(machine, &cx)).unwrap();
        }
        Ok(())
    }
}

#[test]
fn every_message_of_pbft_is_read_back_as_it_is_written() {
    let setup = setup(settings(), BY_THE_BOOK, &[(R[0], Lie::Equivocating)]);
    let mut cluster = setup.start_under((Safety::default(), RoundTrip::default()));
    for _ in 0..12 {
        for client in 0..3 {
            cluster.inject_request(ClientId(client), P, Command::Add { amount: 1 }).unwrap();
        }
        cluster.run_for(ms(500)).unwrap();
    }
    let names: Vec<_> = cluster.invariants().1.messages.iter().map(String::as_str).collect();
    let all = ["Checkpoint", "Commit", "NewView", "PrePrepare", "Prepare", "Report", "Request", "Status", "ViewChange"];
    assert!(all.iter().all(|name| names.contains(name)), "{names:?}");
}
