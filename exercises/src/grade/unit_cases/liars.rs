//! Unit cases for the decisions about liars.

use quorate_byzantine::broadcast::Rulebook as BroadcastRulebook;
use quorate_byzantine::generals::{Order, Rulebook as GeneralsRulebook};
use quorate_byzantine::pbft::{Digest, PbftRule, Request, Rulebook as PbftRulebook};
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, NodeId, RequestId};

use super::{LAST, UnitCases, ask};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about oral messages.
pub(in crate::grade) fn generals(
    rules: GeneralsRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask = (exercise.id == "liar-orders").then_some(move |cases: &mut UnitCases| orders(rules, cases));
    UnitCases::put(grading, LAST, ask)
}

/// Tests the decisions of an exercise about reliable broadcast.
pub(in crate::grade) fn broadcast(
    rules: BroadcastRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask = (exercise.id == "liar-broadcast").then_some(move |cases: &mut UnitCases| thresholds(rules, cases));
    UnitCases::put(grading, LAST, ask)
}

/// Tests the decisions of an exercise about PBFT.
pub(in crate::grade) fn pbft(rules: PbftRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(PbftRulebook, &mut UnitCases)> = match exercise.id {
        "liar-quorum" => Some(quorums),
        "liar-proposal" => Some(proposals),
        "liar-view" => Some(views),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Orders by the bits of a number.
fn by_bits(count: u64, bits: u64) -> Vec<Order> {
    let order = |place: u64| if bits >> (place % 64) & 1 == 1 { Order::Attack } else { Order::Retreat };
    (0..count).map(order).collect()
}

fn orders(rules: GeneralsRulebook, cases: &mut UnitCases) {
    for m in 0..=4 {
        for senders in 1..=6 {
            ask!(
                cases,
                rules.relays(senders, m),
                |ruling| ruling.allows() == (senders <= m),
                "after its commander an order is sent on m times"
            );
        }
    }
    for (from, last) in (0..5).flat_map(|from| (0..5).map(move |last| (NodeId(from), NodeId(last)))) {
        ask!(cases, rules.knows_sender(from, last), |knows| knows == (from == last), "nobody speaks for another");
    }
    ask!(cases, rules.absent(), |order| order == Order::Retreat, "silence is the order to retreat");
    let few = (1..=8_u64).flat_map(|count| (0..1 << count).map(move |bits| by_bits(count, bits)));
    let many: Vec<Vec<Order>> = cases.drawn(u64::MAX).into_iter().map(|bits| by_bits(2 + bits % 90, bits)).collect();
    for got in few.chain(many) {
        let attacks = got.iter().filter(|order| **order == Order::Attack).count();
        let right = if attacks > got.len() - attacks { Order::Attack } else { Order::Retreat };
        let got = &got[..];
        ask!(cases, rules.majority(got), |order| order == right, "the majority counts, and without one the retreat");
    }
}

/// Numbers of liars: small ones, and some of all sizes.
fn faults(cases: &mut UnitCases) -> Vec<usize> {
    let many = cases.drawn(1_000_000).into_iter().filter_map(|f| usize::try_from(f).ok());
    (1..=5).chain(many).collect()
}

/// A number, and its neighbours.
fn about(number: usize) -> [usize; 3] {
    [number - 1, number, number + 1]
}

fn thresholds(rules: BroadcastRulebook, cases: &mut UnitCases) {
    for f in faults(cases) {
        for n in 3 * f + 1..=3 * f + 3 {
            let near = [f, f + 1, 2 * f].into_iter().chain(about((n + f) / 2)).chain([n - f, n]);
            for echoes in near {
                ask!(
                    cases,
                    rules.enough_echoes(n, f, echoes),
                    |enough| enough == (echoes > (n + f) / 2),
                    "two sets of more than (n+f)/2 nodes have an honest node in common, and smaller ones need not"
                );
            }
        }
        for readies in about(f).into_iter().chain(about(2 * f + 1)) {
            ask!(
                cases,
                rules.follows(f, readies),
                |follows| follows == (readies > f),
                "of f+1 nodes one is honest, and of fewer perhaps none"
            );
            ask!(
                cases,
                rules.accepts(f, readies),
                |accepts| accepts == (readies > 2 * f),
                "of 2f+1 nodes f+1 are honest, and of fewer perhaps not"
            );
        }
    }
}

/// A request of a client.
fn request(number: u64, amount: i64) -> Digest {
    let ticket = RequestId { client: ClientId(0), number };
    Digest(Some(Request { ticket, amount, proxy: NodeId(4) }))
}

/// Digests that differ in one thing each.
fn digests() -> [Digest; 4] {
    [Digest(None), request(1, 5), request(2, 5), request(1, 6)]
}

fn quorums(rules: PbftRulebook, cases: &mut UnitCases) {
    for f in faults(cases) {
        ask!(
            cases,
            rules.quorum(f),
            |quorum| quorum == 2 * f + 1,
            "of 3f+1 replicas 2f+1 answer without the silent ones, and two such sets share an honest replica"
        );
        ask!(cases, rules.reports(f), |reports| reports == f + 1, "of f+1 replicas one is honest");
        for commits in about(f + 1).into_iter().chain(about(2 * f + 1)) {
            ask!(
                cases,
                rules.committed(f, commits),
                |ruling| ruling.allows() == (commits > 2 * f),
                "a request is committed with 2f+1 commits"
            );
        }
    }
    for accepted in &digests() {
        for voted in &digests() {
            ask!(
                cases,
                rules.matches(accepted, voted),
                |matches| matches == (accepted == voted),
                "a vote counts for the request that it names"
            );
        }
    }
}

fn proposals(rules: PbftRulebook, cases: &mut UnitCases) {
    for (by, claimed) in (0..5).flat_map(|by| (0..5).map(move |claimed| (NodeId(by), NodeId(claimed)))) {
        ask!(cases, rules.seal_holds(by, claimed), |holds| holds == (by == claimed), "everybody has his own key alone");
    }
    for proposed in &digests() {
        let accepted = None;
        ask!(
            cases,
            rules.accepts(accepted, proposed),
            |ruling| ruling == Allow(PbftRule::Prepare),
            "the first proposal for a number is accepted"
        );
        for accepted in &digests() {
            let rule = if accepted == proposed { PbftRule::RepeatedProposal } else { PbftRule::OneDigestPerNumber };
            let accepted = Some(accepted);
            ask!(
                cases,
                rules.accepts(accepted, proposed),
                |ruling| ruling == Refuse(rule),
                "a number has one proposal, and the refusal says whether this is another"
            );
        }
    }
    for scale in cases.scales_to_the_end() {
        for (low, high) in (1..=3).map(|small| (scale.at(small), scale.at(small + 8))) {
            for number in (1..=14).map(|small| scale.at(small)) {
                ask!(
                    cases,
                    rules.in_window(low, high, number),
                    |within| within == (low < number && number <= high),
                    "numbers lie above the low mark, and at most at the high one"
                );
            }
        }
        for number in (1..=5).map(|small| scale.at(small)) {
            let last = None;
            ask!(cases, rules.executes(last, number), |ruling| ruling.allows(), "a client's first request is executed");
            for last in (1..=5).map(|small| scale.at(small)) {
                let right = match number.cmp(&last) {
                    std::cmp::Ordering::Greater => Allow(PbftRule::Execute),
                    std::cmp::Ordering::Equal => Refuse(PbftRule::AnswerFromRecord),
                    std::cmp::Ordering::Less => Refuse(PbftRule::Overtaken),
                };
                let last = Some(last);
                ask!(
                    cases,
                    rules.executes(last, number),
                    |ruling| ruling == right,
                    "newer requests are executed, the last one is answered again, and older ones are overtaken"
                );
            }
        }
    }
}

fn views(rules: PbftRulebook, cases: &mut UnitCases) {
    for f in faults(cases) {
        for others in about(f).into_iter().chain(about(2 * f + 1)) {
            ask!(
                cases,
                rules.joins(f, others),
                |ruling| ruling.allows() == (others > f),
                "of f+1 replicas one is honest, and of fewer perhaps none"
            );
        }
    }
    ask!(cases, rules.demands_proof(), |demands| demands, "a claim without its proof is no more than a word");
    for scale in cases.scales_to_the_end() {
        let views = || (0..=4).map(|small| scale.at(small));
        // Two certificates of one view are of one request, so either will do.
        for (view, other) in views().flat_map(|view| views().map(move |other| (view, other))) {
            if view != other {
                ask!(
                    cases,
                    rules.prefers(view, other),
                    |prefers| prefers == (view > other),
                    "of two requests for a number the one of the later view is proposed again"
                );
            }
        }
    }
}
