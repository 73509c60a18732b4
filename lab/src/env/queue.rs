//! Queues of the network and of nodes: messages that come while another is served wait.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::{Duration, NodeId};

use super::setting::{BadCondition, duration};

/// A queue with one server: it serves one message at a time, first in, first out.
///
/// Of a link, the service time is what a message occupies it for, the reciprocal of its bandwidth;
/// of a node, the work that it has with one. The delay grows with the load, and more messages than
/// have room are dropped.
///
/// Written as `2ms`, or `2ms/8` with room for eight that wait.
///
/// ```
/// use quorate_lab::env::Queue;
///
/// let queue: Queue = "2ms/8".parse().unwrap();
/// assert_eq!((queue.capacity(), queue.to_string()), (Some(8), "2ms/8".to_owned()));
/// assert!("0ms".parse::<Queue>().unwrap_err().to_string().contains("'0ms'"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Queue {
    service_time: Duration,
    capacity: Option<u32>,
}

impl Queue {
    /// Creates a queue with that service time, and with room for that many messages that wait,
    /// without the one that is served; `None` is room for all. `None` without a service time: no
    /// message would ever wait.
    pub fn new(service_time: Duration, capacity: Option<u32>) -> Option<Self> {
        (service_time > Duration::ZERO).then_some(Queue { service_time, capacity })
    }

    /// Time for which one message is served.
    pub const fn service_time(&self) -> Duration {
        self.service_time
    }

    /// Maximum number of messages that wait; `None` is without a limit.
    pub const fn capacity(&self) -> Option<u32> {
        self.capacity
    }

    /// Whether one more message has room beside `waiting` others.
    pub(crate) fn has_room(&self, waiting: usize) -> bool {
        self.capacity.is_none_or(|capacity| waiting < capacity as usize)
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.service_time)?;
        self.capacity.map_or(Ok(()), |capacity| write!(f, "/{capacity}"))
    }
}

impl FromStr for Queue {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Self, BadCondition> {
        let bad =
            || BadCondition::new(text, "a time above 0 and a number of messages that may wait, such as 2ms or 2ms/8");
        let (time, capacity) = match text.split_once('/') {
            Some((time, capacity)) => (time, Some(capacity.parse().map_err(|_| bad())?)),
            None => (text, None),
        };
        Queue::new(duration(time)?, capacity).ok_or_else(bad)
    }
}

/// The links that share one setting.
///
/// A message passes one queue: that of its own two ends if there is one, or else that of its
/// receiver's port, or else that of every link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum QueueOf {
    /// Every link, in each direction, has a queue of its own; those to and from clients, too.
    All,
    /// The link from one node to another.
    Between {
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
    },
    /// The port of a switch to which this node is connected: all messages and requests to the node
    /// share one queue.
    Into(NodeId),
}

impl fmt::Display for QueueOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueOf::All => f.write_str("link"),
            QueueOf::Between { from, to } => write!(f, "link {from} {to}"),
            QueueOf::Into(node) => write!(f, "link to={node}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_read_back_as_it_is_written() {
        for text in ["2ms", "2ms/8", "1.5s/0"] {
            assert_eq!(text.parse::<Queue>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, named) in [("", "''"), ("0ms", "'0ms'"), ("2ms/", "'2ms/'"), ("2ms/-1", "'2ms/-1'"), ("2", "'2'")] {
            let error = text.parse::<Queue>().unwrap_err().to_string();
            assert!(error.starts_with(named), "{text}: {error}");
        }
    }
}
