//! History files: JSON Lines, and the formats of Jepsen and Knossos.
//!
//! # JSON Lines
//!
//! The first line is `{"quorate_history":1,"model":"register"}`: the version, and the
//! [`Model::NAME`] of the object that is called. Every further line is an event, in the order of
//! occurrence:
//!
//! | field | |
//! |---|---|
//! | `client` | the client, a number from 0 |
//! | `event` | `invoke`, `ok`, `fail` or `info`, as in [`History`] |
//! | `at` | time in nanoseconds from any origin; never less than on the line before. May be absent: then as on the line before |
//! | `op` | with `invoke`: the operation, as its type is serialised; for a register `"read"`, `{"write":3}` or `{"cas":[3,4]}` |
//! | `returned` | with `ok`: the result, likewise; `{"value":3}`, `"done"` or `{"swapped":true}` |
//!
//! Blank lines, and fields that are not in the table, are ignored.
//!
//! # Jepsen
//!
//! A history in EDN, with a map for each operation:
//! `{:process 0, :type :invoke, :f :write, :value 3}`, one after the other or in a vector, with or
//! without a record's tag (`#jepsen.history.Op{…}`); or the log in which older Jepsen and Knossos
//! print them, `INFO  jepsen.util - 0 :invoke :write 3`. `:f` is `:read`, `:write` or `:cas`; the
//! value of an operation on one of several keys is `[key value]`. Operations without a process
//! number (the nemesis) and other lines of a log are ignored.

mod edn;
mod error;
mod jepsen;
mod jsonl;
mod lines;

pub use edn::{Edn, EdnError};
pub use error::{HistoryError, HistoryProblem};
pub use jepsen::JepsenRegister;

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{History, Model};

impl<M: Model> History<M> {
    /// Reads a history from JSON Lines.
    ///
    /// # Errors
    /// [`HistoryError`]: the line, what was expected there, and what to do.
    ///
    /// ```
    /// use quorate_lab::linearizability::{History, Limits, Verdict, check};
    /// use quorate_lab::linearizability::models::Register;
    ///
    /// let file = r#"{"quorate_history":1,"model":"register"}
    /// {"client":0,"event":"invoke","op":{"write":3}}
    /// {"client":1,"event":"invoke","op":"read"}
    /// {"client":1,"event":"ok","returned":{"value":3}}
    /// {"client":0,"event":"info"}"#;
    /// let history = History::<Register<u64>>::read_jsonl(file.as_bytes())?;
    /// let report = check(&Register::new(0), &history, Limits::default());
    /// assert!(matches!(report.verdict, Verdict::Linearizable { order } if order.len() == 2));
    ///
    /// let twice = format!("{file}\n{}", r#"{"client":1,"event":"ok","returned":{"value":3}}"#);
    /// let error = History::<Register<u64>>::read_jsonl(twice.as_bytes()).unwrap_err();
    /// assert_eq!(error.to_string(), "line 6: client 1 has a second response, the first is line 4; \
    ///     remove one of them, or put an invocation between them");
    /// # Ok::<(), quorate_lab::linearizability::file::ReadError>(())
    /// ```
    pub fn read_jsonl(input: impl io::BufRead) -> Result<Self, HistoryError>
    where
        M::Op: DeserializeOwned,
        M::Return: DeserializeOwned,
    {
        jsonl::read(input)
    }

    /// Writes the history as JSON Lines, which [`read_jsonl`](Self::read_jsonl) reads back.
    ///
    /// # Errors
    /// Those of `out`, and [`io::ErrorKind::InvalidData`] if an operation cannot be serialised as
    /// JSON.
    pub fn write_jsonl(&self, out: impl io::Write) -> io::Result<()>
    where
        M::Op: Serialize,
        M::Return: Serialize,
    {
        jsonl::write(self, out)
    }
}

impl History<JepsenRegister> {
    /// Reads a history of registers as Jepsen writes it, in EDN or as a log.
    ///
    /// # Errors
    /// [`HistoryError`]: the line, what was expected there, and what to do.
    ///
    /// ```
    /// use quorate_lab::linearizability::{History, Limits, Verdict, check};
    /// use quorate_lab::linearizability::file::JepsenRegister;
    ///
    /// let edn = "{:process 0, :type :invoke, :f :write, :value 3}
    ///            {:process 1, :type :invoke, :f :read, :value nil}
    ///            {:process 1, :type :ok, :f :read, :value 4}";
    /// let log = "INFO  jepsen.util - 0\t:invoke\t:write\t3
    ///            INFO  jepsen.util - 1\t:invoke\t:read\tnil
    ///            INFO  jepsen.util - 1\t:ok\t:read\t4";
    /// for file in [edn, log] {
    ///     let history = History::read_jepsen(file.as_bytes())?;
    ///     let report = check(&JepsenRegister::default(), &history, Limits::default());
    ///     assert!(matches!(report.verdict, Verdict::NotLinearizable(_)));
    /// }
    /// # Ok::<(), quorate_lab::linearizability::file::ReadError>(())
    /// ```
    pub fn read_jepsen(input: impl io::BufRead) -> Result<Self, HistoryError> {
        jepsen::read(input)
    }
}
