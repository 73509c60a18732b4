//! Admission of storages at the start of a run: identity, run number, and detection of lost logs.

use std::path::Path;

use quorate_protocol::{Disk, NodeId, Time};

use super::error::{FailureCause, NodeFailure};
use super::identity::{ClusterId, Identity, Past, RunId};
use super::manifest::Manifest;
use super::storage::Storage;
use super::storage_error::{LogLoss, StorageError, other_cluster};
use crate::trace::RunInfo;

/// The storages of a cluster, each verified to belong to its node.
pub(super) struct Admitted<D> {
    /// In node order, each with the time from which the node's clock continues.
    pub(super) storages: Vec<(Box<dyn Storage<D>>, Time)>,
    pub(super) run: u64,
}

/// Opens all storages and begins a run on them. If any belongs elsewhere, or lacks records that its
/// node is known to have had, none is loaded.
pub(super) fn admit<D: Disk>(
    about: &RunInfo,
    directory: Option<&Path>,
    mut storages: Vec<Box<dyn Storage<D>>>,
) -> Result<Admitted<D>, NodeFailure> {
    let nodes = storages.len() as u32;
    let failed = |node: u32, cause| {
        let node = NodeId(node);
        NodeFailure { node, name: about.names.scope(|| node.to_string()), cause }
    };
    let of_node = |node: u32| move |error| failed(node, FailureCause::Storage(error));
    let of_all = |error| failed(0, FailureCause::Manifest(error));

    let mut pasts = Vec::new();
    for (storage, node) in storages.iter_mut().zip(0..) {
        let identity = Identity { protocol: about.protocol.clone(), nodes, node: NodeId(node) };
        pasts.push(storage.open(&identity).map_err(of_node(node))?);
    }
    // Read only now: once all logs are open, no other process uses the directory.
    let manifest = directory.map(|directory| Manifest::read(directory, &about.protocol, nodes));
    let manifest = manifest.transpose().map_err(of_all)?;
    let (run, known) = next_run(about, manifest.as_ref(), &pasts);
    for ((storage, past), node) in storages.iter().zip(&pasts).zip(0..) {
        check(past.as_ref(), &run, known.as_ref(), &storage.place()).map_err(of_node(node))?;
    }
    for (storage, node) in storages.iter_mut().zip(0..) {
        storage.begin(&run).map_err(of_node(node))?;
    }
    if let Some(manifest) = manifest {
        manifest.write(&run, &about.protocol, nodes).map_err(of_all)?;
    }
    let clocks = pasts.into_iter().map(|past| past.map_or(Time::ZERO, |past| past.clock));
    Ok(Admitted { storages: storages.into_iter().zip(clocks).collect(), run: run.number })
}

/// An earlier run that every node is known to have taken part in: a node whose log does not mention
/// it has lost its log.
pub(super) struct Known {
    pub(super) run: u64,
    /// The evidence for it.
    pub(super) evidence: String,
}

/// The number after the newest run in any log or the manifest, and the run that all logs must know.
fn next_run(about: &RunInfo, manifest: Option<&Manifest>, pasts: &[Option<Past>]) -> (RunId, Option<Known>) {
    let remembered = || pasts.iter().flatten();
    let cluster = manifest.and_then(Manifest::cluster);
    let cluster = cluster.or_else(|| remembered().next().map(|past| past.cluster));
    let known = manifest.and_then(Manifest::known).or_else(|| witness(about, pasts));
    let newest = remembered().map(|past| past.run).chain(known.iter().map(|known| known.run)).max();
    let number = newest.unwrap_or(0).saturating_add(1);
    (RunId { cluster: cluster.unwrap_or_else(ClusterId::random), number }, known)
}

/// Evidence without a manifest: a node that has written records has sent messages, so all nodes had
/// begun their first run.
fn witness(about: &RunInfo, pasts: &[Option<Past>]) -> Option<Known> {
    let (node, _) = (0..).map(NodeId).zip(pasts).find(|(_, past)| past.is_some_and(|past| past.written))?;
    let evidence = about.names.scope(|| format!("node {node} remembers that this cluster has run"));
    Some(Known { run: 1, evidence })
}

/// Checks that a node's log belongs to this cluster and knows the runs that it must know.
fn check(past: Option<&Past>, run: &RunId, known: Option<&Known>, place: &Path) -> Result<(), StorageError> {
    let lost = |loss, known: &Known| {
        let (path, evidence) = (place.to_owned(), known.evidence.clone());
        Err(StorageError::LostMemory { path, loss, evidence })
    };
    match (past, known) {
        (Some(past), _) if past.cluster != run.cluster => Err(other_cluster(place, past.cluster, run.cluster)),
        (Some(past), Some(known)) if past.run < known.run => {
            lost(LogLoss::Stale { found: past.run, known: known.run }, known)
        }
        (None, Some(known)) => lost(if place.exists() { LogLoss::Empty } else { LogLoss::Missing }, known),
        _ => Ok(()),
    }
}
