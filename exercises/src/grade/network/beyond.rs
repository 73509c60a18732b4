//! Values that no run reaches: calls and times of all sizes, and clusters of many members, drawn
//! from the seed of the grading.

use std::collections::BTreeSet;

use quorate_answer::network::{Call, Clock, Memory, Quorum};
use quorate_lab::sim::Rng;
use quorate_protocol::{ClientId, NodeId, RequestId};

use crate::grade::unit_cases::values;
use crate::grading::{CaseFailure, Failed, Grading};

/// Random stream number, unique within a grading.
const STREAM: u64 = 0xBE_7046;

/// Description of what was tried, with the seed.
fn tried(count: u64, what: &str, grading: &Grading) -> String {
    format!("{count} {what}, some of them random, from seed {}", grading.fresh())
}

fn wrong(what: &str, detail: String, grading: &Grading) -> CaseFailure {
    CaseFailure::new(what, detail).in_seed(grading.fresh())
}

/// Tests a server's memory with calls and answers of all sizes.
pub(super) fn calls<T: Memory>(grading: &mut Grading) -> Result<(), Failed> {
    grading.case("calls with other request numbers", |grading| {
        let mut rng = Rng::new(grading.fresh(), STREAM);
        let mut count = 0;
        for scale in values::scales(&mut rng) {
            let client = ClientId(rng.below(1 << 32) as u32);
            let mut memory = T::default();
            let mut answered: Vec<(RequestId, u64)> = Vec::new();
            for number in (scale.base()..=scale.base() + 3).filter(|number| *number > 0) {
                let ticket = RequestId { client, number };
                // It was not told of earlier calls, as if they were executed before a restart long
                // ago.
                if !answered.is_empty() && memory.arrived(ticket) != Call::Execute {
                    let detail = format!("{ticket} was never executed, and is not executed now either");
                    return Err(wrong("AtMostOnce", detail, grading));
                }
                let answer = values::any_size(&mut rng, u64::MAX);
                memory.executed(ticket, answer);
                answered.push((ticket, answer));
                for (place, (ticket, answer)) in answered.iter().rev().enumerate() {
                    let call = memory.arrived(*ticket);
                    // A client that has received the answer to the next call does not wait for this
                    // one.
                    let is_right = call == Call::Repeat(*answer) || place > 0 && call == Call::Ignore;
                    if !is_right {
                        let detail =
                            format!("{ticket} was executed with the reply {answer}; when it is retried: {call:?}");
                        return Err(wrong(
                            if call == Call::Execute { "AtMostOnce" } else { "OneAnswer" },
                            detail,
                            grading,
                        ));
                    }
                    count += 1;
                }
            }
        }
        Ok(tried(count, "calls", grading))
    })
}

/// Tests a clock with received times of all sizes.
pub(super) fn clocks<T: Clock>(grading: &mut Grading) -> Result<(), Failed> {
    grading.case("messages with much later timestamps", |grading| {
        let mut rng = Rng::new(grading.fresh(), STREAM);
        let mut count = 0;
        for scale in values::scales(&mut rng) {
            for carried in (1..=4).map(|small| scale.at(small)) {
                let mut clock = T::default();
                let received = clock.receive(carried);
                let next = clock.tick();
                if received <= carried || next <= received {
                    let detail = format!("a message with timestamp {carried} arrives at time {received}, and the next event has time {next}");
                    return Err(wrong("ClockCondition", detail, grading));
                }
                count += 1;
            }
        }
        Ok(tried(count, "times", grading))
    })
}

/// Tests quorums of many members, with arbitrary ids.
pub(super) fn quorums<T: Quorum>(grading: &mut Grading) -> Result<(), Failed> {
    grading.case("with many members", |grading| {
        let mut rng = Rng::new(grading.fresh(), STREAM);
        let mut count = 0;
        for round in 0..60 {
            let size = if round < 40 { 1 + round } else { rng.within(41, 200) };
            let members: BTreeSet<NodeId> = (0..size).map(|_| NodeId(rng.below(1 << 32) as u32)).collect();
            let mut members: Vec<NodeId> = members.into_iter().collect();
            shuffle(&mut members, &mut rng);
            let enough = members.len() / 2 + 1;
            let (most, least) = (&members[..enough], &members[enough..]);
            let stranger = NodeId(
                members
                    .iter()
                    .map(|member| member.0 ^ 1)
                    .find(|id| !members.contains(&NodeId(*id)))
                    .unwrap_or(u32::MAX),
            );
            let mut repeated: Vec<NodeId> = least.iter().chain(least).chain(least).copied().collect();
            repeated.extend([stranger; 3]);
            let of = members.len();
            let said = |what: &str| wrong("QuorumsMeet", format!("of {of} members, {what}"), grading);
            if !T::is_quorum(&members, most) {
                return Err(wrong("Progress", format!("of {of} members, {enough} are not a quorum"), grading));
            }
            if T::is_quorum(&members, least) || T::is_quorum(&members, &repeated) {
                return Err(said(&format!("{} are a quorum, and so are the other {enough}", least.len())));
            }
            let bears = T::may_fail(of);
            if bears != (of - 1) / 2 {
                let detail = format!("of {of} members {} may be down, but your answer is {bears}", (of - 1) / 2);
                return Err(wrong("CrashesBorne", detail, grading));
            }
            count += 1;
        }
        Ok(tried(count, "clusters", grading))
    })
}

fn shuffle(members: &mut [NodeId], rng: &mut Rng) {
    for last in (1..members.len()).rev() {
        let place = rng.below(last as u64 + 1) as usize;
        members.swap(last, place);
    }
}
