//! Header of a log: its owner, the number of runs, and how much of it is durable.
//!
//! ```text
//! quorate-log 2
//! 03fe7710 {"run":                   7,"clock":                   0,"durable":                1234}
//! 4d2a91c0 {"cluster":"0b6e…","protocol":"raft","nodes":3,"node":"n1"}
//! ```
//!
//! The second line is the only part of a log that is overwritten in place. Its length is constant
//! and it lies in the first sector, which a disk writes as a whole or not at all.

use std::io::{BufRead, Read};
use std::path::Path;

use quorate_protocol::{Names, NodeId, Time};
use serde::{Deserialize, Serialize};

use super::super::identity::{ClusterId, Identity};
use super::super::storage_error::{Belonging, StorageError};
use super::frame::{self, Line};

const MAGIC: &str = "quorate-log ";
const FORMAT: u32 = 2;

/// Offset of the line that is overwritten in place.
pub(super) const PROGRESS_AT: u64 = 14;

/// Maximum length of a header line in bytes. Anything longer is not a header.
const LONGEST: u64 = 1 << 16;

/// The owner of a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) cluster: ClusterId,
    protocol: String,
    nodes: u32,
    node: NodeId,
}

/// The progress of the node.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
pub(super) struct Progress {
    /// The newest run.
    pub(super) run: u64,
    /// Upper bound of the readings of the node's clock, in nanoseconds.
    pub(super) clock: u64,
    /// Offset up to which every byte of the file was durable when this was written. More may be.
    pub(super) durable: u64,
}

/// The header of a log, with its length in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) owner: Owner,
    pub(super) progress: Progress,
    pub(super) length: u64,
}

impl Owner {
    pub(super) fn new(cluster: ClusterId, identity: &Identity) -> Self {
        let Identity { protocol, nodes, node } = identity;
        Owner { cluster, protocol: protocol.clone(), nodes: *nodes, node: *node }
    }

    /// Checks that the log belongs to that node.
    pub(super) fn check(&self, identity: &Identity, path: &Path) -> Result<(), StorageError> {
        let misplaced = |what, found: String, expected: String| {
            Err(StorageError::Misplaced { path: path.to_owned(), what, found, expected })
        };
        if self.protocol != identity.protocol {
            misplaced(Belonging::Protocol, self.protocol.clone(), identity.protocol.clone())
        } else if self.nodes != identity.nodes {
            misplaced(Belonging::Nodes, self.nodes.to_string(), identity.nodes.to_string())
        } else if self.node != identity.node {
            let name = |node: NodeId| Names::default().scope(|| node.to_string());
            misplaced(Belonging::Node, name(self.node), name(identity.node))
        } else {
            Ok(())
        }
    }
}

impl Progress {
    pub(super) fn clock(&self) -> Time {
        Time::from_nanos(self.clock)
    }

    /// Encodes its line: always of the same length.
    pub(super) fn encode(&self, buffer: &mut Vec<u8>) {
        let Progress { run, clock, durable } = self;
        frame::encode_json(&format!(r#"{{"run":{run:>20},"clock":{clock:>20},"durable":{durable:>20}}}"#), buffer);
    }
}

/// Encodes the header of a log into an empty buffer, and sets `durable` to the header's own length.
pub(super) fn encode(owner: &Owner, progress: &mut Progress, buffer: &mut Vec<u8>) -> serde_json::Result<()> {
    for _ in 0..2 {
        buffer.clear();
        buffer.extend_from_slice(format!("{MAGIC}{FORMAT}\n").as_bytes());
        debug_assert_eq!(buffer.len() as u64, PROGRESS_AT);
        progress.encode(buffer);
        Names::default().scope(|| frame::encode(owner, buffer))?;
        progress.durable = buffer.len() as u64;
    }
    Ok(())
}

/// Reads the header of a log. `None` if the file is empty, or too short to ever have had a whole
/// header.
pub(super) fn read(mut file: impl BufRead, path: &Path) -> Result<Option<Header>, StorageError> {
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        let read = Read::take(&mut file, LONGEST).read_until(b'\n', line);
        read.map_err(|error| StorageError::io("read", path, error))
    };
    next(&mut line)?;
    let first = format!("{MAGIC}{FORMAT}\n");
    if first.len() > line.len() && first.as_bytes().starts_with(&line) {
        return Ok(None);
    }
    let format = line.strip_prefix(MAGIC.as_bytes()).and_then(|format| format.strip_suffix(b"\n"));
    let Some(format) = format else { return Err(StorageError::NotALog { path: path.to_owned() }) };
    if line != first.as_bytes() {
        let found = String::from_utf8_lossy(format).into_owned();
        return Err(StorageError::OtherFormat { path: path.to_owned(), found, expected: FORMAT });
    }
    next(&mut line)?;
    let progress = content(&line, PROGRESS_AT, path)?;
    let offset = PROGRESS_AT + line.len() as u64;
    next(&mut line)?;
    let owner = Names::default().scope(|| content(&line, offset, path))?;
    Ok(Some(Header { owner, progress, length: offset + line.len() as u64 }))
}

fn content<T: serde::de::DeserializeOwned>(line: &[u8], offset: u64, path: &Path) -> Result<T, StorageError> {
    match frame::decode(line, offset) {
        Line::Whole(content) => Ok(content),
        Line::Torn | Line::Spoilt | Line::Unknown(_) => Err(StorageError::Corrupt { path: path.to_owned(), offset }),
    }
}
