//! State on disk: attempts of a client, keys of a server, contents of the resource.

use std::collections::BTreeMap;

use quorate_lease::{Name, Token, Value};

use crate::id::AttemptId;
use crate::message::{Entry, Record};

/// State that survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// Client: number of attempts begun.
    pub attempts: u64,
    /// Server: whether it has been started before.
    pub started: bool,
    /// Server: the keys.
    pub keys: BTreeMap<Name, Entry>,
    /// Server: number of keys set so far, from which tokens are made.
    pub count: u64,
    /// Resource: the highest token seen.
    pub highest: Option<Token>,
    /// Resource: `currlock`.
    pub currlock: Option<AttemptId>,
    /// Resource: the value written last.
    pub value: Option<Value>,
    /// Resource: token and lock under which it was written, for guards that read first.
    pub author: Option<(Token, AttemptId)>,
    /// Resource: the value that was whole last, for the guard that takes writes back.
    pub committed: Option<Value>,
    /// Resource: files by token, for the guard that puts the token into the name.
    pub files: BTreeMap<Token, Value>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Began { number } => self.attempts = *number,
            Record::Stored { key, entry } => {
                self.keys.insert(key.clone(), *entry);
            }
            Record::Counted { count } => self.count = *count,
            Record::Deleted { key } => {
                self.keys.remove(key);
            }
            Record::Started => self.started = true,
            Record::Seen { token } => self.highest = Some(*token),
            Record::CurrLock { attempt } => self.currlock = Some(*attempt),
            Record::Wrote { value } => self.value = Some(value.clone()),
            Record::Author { token, attempt } => self.author = Some((*token, *attempt)),
            Record::File { token, value } => {
                self.files.insert(*token, value.clone());
            }
            Record::Committed => self.committed.clone_from(&self.value),
            Record::Undone => self.value.clone_from(&self.committed),
        }
    }
}
