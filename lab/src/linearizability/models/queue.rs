//! A FIFO queue: the object of Herlihy & Wing's first example (§1.1).

use std::fmt::{Debug, Display};
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::linearizability::Model;

/// A FIFO queue, initially empty, with items of type `V`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queue<V> {
    items: std::marker::PhantomData<V>,
}

/// An operation on a [`Queue`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueOp<V> {
    /// Append this at the end.
    Enqueue(V),
    /// Take the first item.
    Dequeue,
}

/// A result of a [`Queue`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueReturn<V> {
    /// To an enqueue.
    Done,
    /// To a dequeue: the first item.
    Item(V),
    /// To a dequeue: the queue was empty.
    Empty,
}

impl<V> Queue<V> {
    /// An empty queue.
    pub fn new() -> Self {
        Queue { items: std::marker::PhantomData }
    }
}

impl<V> Default for Queue<V> {
    fn default() -> Self {
        Queue::new()
    }
}

impl<V: Clone + Eq + Hash + Debug + Display> Model for Queue<V> {
    const NAME: &'static str = "queue";
    type Op = QueueOp<V>;
    type Return = QueueReturn<V>;
    type State = Vec<V>;
    type Key = ();

    fn key(&self, _: &QueueOp<V>) {}

    fn initial(&self, _: &()) -> Vec<V> {
        Vec::new()
    }

    fn apply(&self, queue: &Vec<V>, op: &QueueOp<V>, returned: Option<&QueueReturn<V>>) -> Option<Vec<V>> {
        match (op, returned) {
            (QueueOp::Enqueue(item), None | Some(QueueReturn::Done)) => {
                Some(queue.iter().chain([item]).cloned().collect())
            }
            (QueueOp::Dequeue, None) => Some(queue.iter().skip(1).cloned().collect()),
            (QueueOp::Dequeue, Some(QueueReturn::Empty)) if queue.is_empty() => Some(Vec::new()),
            (QueueOp::Dequeue, Some(QueueReturn::Item(item))) if queue.first() == Some(item) => {
                Some(queue[1..].to_vec())
            }
            _ => None,
        }
    }

    fn only_reads(&self, op: &QueueOp<V>, returned: Option<&QueueReturn<V>>) -> bool {
        matches!((op, returned), (QueueOp::Dequeue, Some(QueueReturn::Empty)))
    }

    fn words(&self, op: &QueueOp<V>, returned: Option<&QueueReturn<V>>) -> String {
        let op = match op {
            QueueOp::Enqueue(item) => format!("enqueue {item}"),
            QueueOp::Dequeue => "dequeue".to_owned(),
        };
        match returned {
            None | Some(QueueReturn::Done) => op,
            Some(QueueReturn::Item(item)) => format!("{op} → {item}"),
            Some(QueueReturn::Empty) => format!("{op} → empty"),
        }
    }

    fn show(&self, queue: &Vec<V>) -> String {
        let items: Vec<_> = queue.iter().map(V::to_string).collect();
        format!("[{}]", items.join(" "))
    }
}
