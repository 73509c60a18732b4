//! The replicated state machine: deterministic, driven by the log (Raft §2, §5.3).

use quorate_protocol::Data;

/// A state machine that Raft replicates. Every node applies the same commands to its own copy in
/// the same order.
///
/// It must be deterministic: [`apply`](Self::apply) may depend only on the state and the command.
///
/// ```
/// use quorate_raft::StateMachine;
/// use serde::{Deserialize, Serialize};
///
/// /// A list that people sign.
/// #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
/// struct GuestBook(Vec<String>);
///
/// impl StateMachine for GuestBook {
///     type Command = String;   // a guest signs
///     type Query = ();         // how many have?
///     type Reply = usize;
///     type Piece = String;     // a snapshot is sent name by name
///
///     fn apply(&mut self, guest: &String) -> usize {
///         self.0.push(guest.clone());
///         self.0.len()
///     }
///     fn query(&self, _: &()) -> usize { self.0.len() }
///     fn pieces(&self) -> Vec<String> { self.0.clone() }
///     fn assemble(pieces: impl Iterator<Item = String>) -> Self { GuestBook(pieces.collect()) }
/// }
///
/// let mut book = GuestBook::default();
/// book.apply(&"Ada".to_owned());
/// assert_eq!(GuestBook::assemble(book.pieces().into_iter()), book);
/// ```
pub trait StateMachine: Data + Default {
    /// A command that changes the state. Goes through the log.
    type Command: Data + Sync;
    /// A read-only query. Does not go through the log (dissertation §6.4).
    type Query: Data + Sync;
    /// The reply to a client.
    type Reply: Data + Sync;
    /// The unit in which a snapshot is sent, small enough for a message (Raft §7: a chunk is one or
    /// more of them).
    type Piece: Data + Sync;

    /// Applies a committed command.
    fn apply(&mut self, command: &Self::Command) -> Self::Reply;

    /// Answers a query about the state.
    fn query(&self, query: &Self::Query) -> Self::Reply;

    /// The whole state as pieces, for a snapshot.
    fn pieces(&self) -> Vec<Self::Piece>;

    /// Rebuilds the state from the pieces of a snapshot.
    fn assemble(pieces: impl Iterator<Item = Self::Piece>) -> Self;

    /// The size of a command in bytes, as
    /// [`Settings::command_limit`](crate::Settings::command_limit) counts it. By default the size
    /// of its type.
    fn size(command: &Self::Command) -> usize {
        size_of_val(command)
    }

    /// A short summary of the state, for a state panel. Its cost must not grow with the state.
    fn summary(&self) -> String {
        String::new()
    }
}
