//! Cluster manifest: a file beside the nodes' logs that names their cluster and its number of runs.
//!
//! ```text
//! quorate-cluster 1
//! 5c3f21aa {"cluster":"0b6e…","protocol":"raft","nodes":3,"run":7}
//! ```
//!
//! It makes a missing log detectable. It is rewritten when a run begins, once all logs have
//! recorded that run and before any node sends a message: so a log that records fewer runs is not
//! the one that this node left.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use quorate_protocol::Names;
use serde::{Deserialize, Serialize};

use super::admission::Known;
use super::identity::{ClusterId, RunId};
use super::storage_error::{Belonging, StorageError};
use super::wal::frame::{self, Line};

const NAME: &str = "cluster.manifest";
const MAGIC: &str = "quorate-cluster ";
const FORMAT: u32 = 1;

/// The manifest of a directory.
#[derive(Debug)]
pub(super) struct Manifest {
    path: PathBuf,
    content: Option<Content>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Content {
    cluster: ClusterId,
    protocol: String,
    nodes: u32,
    run: u64,
}

impl Manifest {
    /// Reads the manifest of a directory, which may have none yet.
    pub(super) fn read(directory: &Path, protocol: &str, nodes: u32) -> Result<Self, StorageError> {
        let path = directory.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Manifest { path, content: None });
            }
            Err(error) => return Err(StorageError::io("read", &path, error)),
        };
        let content = decode(&bytes, &path)?;
        let misplaced = |what, found: String, expected: String| {
            Err(StorageError::Misplaced { path: path.clone(), what, found, expected })
        };
        if content.protocol != protocol {
            return misplaced(Belonging::Protocol, content.protocol, protocol.to_owned());
        }
        if content.nodes != nodes {
            return misplaced(Belonging::Nodes, content.nodes.to_string(), nodes.to_string());
        }
        Ok(Manifest { path, content: Some(content) })
    }

    /// The cluster, if it has run.
    pub(super) fn cluster(&self) -> Option<ClusterId> {
        self.content.as_ref().map(|content| content.cluster)
    }

    /// The newest run that all logs have recorded, if there was one.
    pub(super) fn known(&self) -> Option<Known> {
        let run = self.content.as_ref()?.run;
        Some(Known { run, evidence: format!("{} records run {run} of this node", self.path.display()) })
    }

    /// Makes durable that all logs have recorded this run. Replaces the file atomically.
    pub(super) fn write(&self, run: &RunId, protocol: &str, nodes: u32) -> Result<(), StorageError> {
        let content = Content { cluster: run.cluster, protocol: protocol.to_owned(), nodes, run: run.number };
        let mut bytes = format!("{MAGIC}{FORMAT}\n").into_bytes();
        let encoded = Names::default().scope(|| frame::encode(&content, &mut bytes));
        encoded.map_err(|error| StorageError::Inexpressible { path: self.path.clone(), detail: error.to_string() })?;
        let written = self.replace(&bytes);
        written.map_err(|error| StorageError::io("write", &self.path, error))
    }

    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let mut beside = tempfile::Builder::new().prefix(".manifest-").tempfile_in(directory)?;
        beside.write_all(bytes)?;
        beside.as_file().sync_all()?;
        beside.persist(&self.path)?;
        File::open(directory)?.sync_all()
    }
}

fn decode(bytes: &[u8], path: &Path) -> Result<Content, StorageError> {
    let spoilt = |offset| StorageError::BadManifest { path: path.to_owned(), offset };
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
    let (first, rest) = bytes.split_at(end);
    let format = std::str::from_utf8(first).ok().and_then(|first| first.strip_prefix(MAGIC));
    let Some(format) = format.and_then(|format| format.strip_suffix('\n')) else { return Err(spoilt(0)) };
    if format != FORMAT.to_string() {
        return Err(StorageError::OtherFormat { path: path.to_owned(), found: format.to_owned(), expected: FORMAT });
    }
    match frame::decode(rest, end as u64) {
        Line::Whole(content) => Ok(content),
        Line::Torn | Line::Spoilt | Line::Unknown(_) => Err(spoilt(end as u64)),
    }
}
