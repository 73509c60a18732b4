//! Proofs: what a view change must show, and what follows from 2f+1 of them (§4.4).

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Context;

use super::message::{Certificate, Checkpoint, NewView, PrePrepare, Proposal, ViewChange, Vote};
use super::node::Pbft;
use super::request::{Digest, Request};
use crate::sealed::{Claims, Sealed};

type Cx<'a> = Context<'a, Pbft>;

/// Whether a replica of this cluster has sealed it.
pub(crate) fn is_replicas<T: Claims>(cx: &Cx<'_>, sealed: &Sealed<T>) -> bool {
    cx.config.replicas.contains(&sealed.claimed()) && cx.rules.seal_holds(sealed.by(), sealed.claimed())
}

/// Whether a proxy of this cluster has sealed the request.
pub(crate) fn is_clients(cx: &Cx<'_>, request: &Sealed<Request>) -> bool {
    cx.config.proxies.contains(&request.claimed()) && cx.rules.seal_holds(request.by(), request.claimed())
}

/// Whether a proposal comes from the primary of its view, and its request is the one of its digest
/// and a client's.
pub(crate) fn is_proposal(cx: &Cx<'_>, proposal: &Proposal) -> bool {
    let Proposal { pre_prepare, request } = proposal;
    is_replicas(cx, pre_prepare)
        && pre_prepare.claimed() == cx.config.primary(pre_prepare.body().view)
        && pre_prepare.body().digest == Digest::of(request.as_ref())
        && request.as_ref().is_none_or(|request| is_clients(cx, request))
}

/// The prepares that match a proposal, one of each backup.
pub(crate) fn matching<'a>(
    cx: &Cx<'_>,
    proposal: &PrePrepare,
    votes: impl Iterator<Item = &'a Sealed<Vote>>,
) -> BTreeSet<Sealed<Vote>> {
    let (view, number) = (proposal.view, proposal.number);
    let matches =
        |vote: &Vote| (vote.view, vote.number) == (view, number) && cx.rules.matches(&proposal.digest, &vote.digest);
    votes.filter(|vote| matches(vote.body())).cloned().collect()
}

/// Whether a certificate proves that its proposal was prepared.
fn is_certificate(cx: &Cx<'_>, number: u64, certificate: &Certificate) -> bool {
    let proposal = certificate.proposal.pre_prepare.body();
    let backups: BTreeSet<_> = matching(cx, proposal, certificate.prepares.iter())
        .into_iter()
        .filter(|vote| is_replicas(cx, vote) && vote.claimed() != proposal.replica)
        .map(|vote| vote.claimed())
        .collect();
    proposal.number == number
        && is_proposal(cx, &certificate.proposal)
        && cx.rules.prepared(cx.config.faults(), backups.len()).allows()
}

/// Whether reports prove a checkpoint. Number 0 needs no proof.
pub(crate) fn is_stable(cx: &Cx<'_>, number: u64, proof: &BTreeSet<Sealed<Checkpoint>>) -> bool {
    let Some(first) = proof.first() else { return number == 0 };
    let same = |report: &&Sealed<Checkpoint>| {
        report.body().number == number && report.body().state == first.body().state && is_replicas(cx, report)
    };
    let replicas: BTreeSet<_> = proof.iter().filter(same).map(Sealed::claimed).collect();
    replicas.len() == proof.len() && cx.rules.stable(cx.config.faults(), replicas.len()).allows()
}

/// Whether a view change proves its claims.
pub(crate) fn proves(cx: &Cx<'_>, change: &ViewChange) -> bool {
    !cx.rules.demands_proof()
        || is_stable(cx, change.stable, &change.proof)
            && change.prepared.iter().all(|(number, certificate)| {
                certificate.view() < change.view
                    && *number > change.stable
                    && *number - change.stable <= cx.config.window
                    && is_certificate(cx, *number, certificate)
            })
}

/// The beginning of a view.
pub(crate) struct Beginning<'a> {
    /// The number of the latest stable checkpoint.
    pub(crate) stable: u64,
    /// Its proof.
    pub(crate) proof: Option<&'a BTreeSet<Sealed<Checkpoint>>>,
    /// The requests above it, by number: of those prepared for it the one of the latest view, or
    /// the null request.
    pub(crate) requests: BTreeMap<u64, Option<Sealed<Request>>>,
}

/// Returns the beginning that follows from view changes: min-s, max-s and O in the paper.
pub(crate) fn follows<'a>(cx: &Cx<'_>, changes: impl Iterator<Item = &'a Sealed<ViewChange>> + Clone) -> Beginning<'a> {
    let newest = changes.clone().map(Sealed::body).max_by_key(|change| change.stable);
    let (stable, proof) = (newest.map_or(0, |change| change.stable), newest.map(|change| &change.proof));
    let mut best: BTreeMap<u64, &Certificate> = BTreeMap::new();
    for (number, certificate) in changes.flat_map(|change| &change.body().prepared) {
        let held = best.entry(*number).or_insert(certificate);
        if cx.rules.prefers(certificate.view(), held.view()) {
            *held = certificate;
        }
    }
    let last = best.keys().copied().max().unwrap_or(0).min(stable.saturating_add(cx.config.window));
    let request = |number| best.get(&number).and_then(|certificate| certificate.proposal.request.clone());
    let requests = (stable.saturating_add(1)..=last).map(|number| (number, request(number))).collect();
    Beginning { stable, proof, requests }
}

/// Whether a new view holds what its view changes prove.
pub(crate) fn is_new_view(cx: &Cx<'_>, new_view: &NewView) -> bool {
    let NewView { view, view_changes, proposals, replica } = new_view;
    let of_view = |number: &u64, proposal: &Proposal| {
        let body = proposal.pre_prepare.body();
        (body.view, body.number, body.replica) == (*view, *number, *replica) && is_proposal(cx, proposal)
    };
    if !proposals.iter().all(|(number, proposal)| of_view(number, proposal)) {
        return false;
    }
    if !cx.rules.demands_proof() {
        return true;
    }
    let holds = |change: &&Sealed<ViewChange>| {
        change.body().view == *view && is_replicas(cx, change) && proves(cx, change.body())
    };
    let authors: BTreeSet<_> = view_changes.iter().filter(holds).map(Sealed::claimed).collect();
    let expected = follows(cx, view_changes.iter()).requests;
    let digests = |(number, request): (&u64, &Option<Sealed<Request>>)| (*number, Digest::of(request.as_ref()));
    authors.len() == view_changes.len()
        && cx.rules.begins(cx.config.faults(), authors.len()).allows()
        && expected
            .iter()
            .map(digests)
            .eq(proposals.iter().map(|(number, proposal)| digests((number, &proposal.request))))
}
