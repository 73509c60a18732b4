//! Messages, timers, commands, replies and facts.

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

quorate_protocol::short_string! {
    /// Content of a request: any string. Cloning it does not copy the string.
    pub Key
}

/// A server's word on itself. Of two, that of the later life holds, and in one life that of the
/// later turn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The count of its starts.
    pub life: u64,
    /// The count of its announcements in this life.
    pub turn: u64,
    /// Whether it is about to be absent.
    pub leaves: bool,
}

/// A reporter's knowledge about a server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Cause {
    /// Its operating system says that the process is gone.
    Process {
        /// The life that has ended.
        life: u64,
    },
    /// Its switch says that the link is down.
    Link,
}

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Balancer to server: are you alive?
    Probe {
        /// The count of the balancer's starts.
        life: u64,
        /// The count of its rounds of probes since.
        round: u64,
    },
    /// Server to balancer: yes.
    Alive {
        /// The balancer's life in the probe.
        life: u64,
        /// The round of the probe.
        round: u64,
        /// The server's word on itself.
        standing: Standing,
    },
    /// Balancer to server: a request.
    Work {
        /// The request.
        ticket: RequestId,
        /// Its content.
        key: Key,
    },
    /// Server to balancer: it is done.
    Done {
        /// The request.
        ticket: RequestId,
    },
    /// Server to balancer: it is not done, and will not be in this life of the server.
    Refused {
        /// The request.
        ticket: RequestId,
    },
    /// Server to balancer: it is about to be absent, or back.
    Announce {
        /// The server's word on itself.
        standing: Standing,
    },
    /// Balancer to server: all that was sent is answered, and no more will come.
    Release {
        /// The announcement that is answered.
        standing: Standing,
    },
    /// Server to reporter: a process has started.
    Started {
        /// The count of its starts.
        life: u64,
    },
    /// Reporter to balancer: a server is down.
    Report {
        /// The server.
        server: NodeId,
        /// The knowledge about it.
        cause: Cause,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// At a balancer: the next round of probes.
    Probe,
    /// At a server: the request that it works on is done.
    Work,
    /// At a server: its announcement was not answered.
    Announce,
}

/// A client's command.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// To a balancer: have this done.
    Ask {
        /// The content.
        key: Key,
        /// Whether it may be done twice.
        repeatable: bool,
    },
    /// To a reporter: it has noticed that a process is gone.
    Died {
        /// The server.
        server: NodeId,
    },
    /// To a reporter: it has noticed that a link is down.
    Unplugged {
        /// The server.
        server: NodeId,
    },
    /// To a server: prepare to be absent.
    Drain,
    /// To a server: the absence is over.
    Return,
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// A server has done it.
    Done {
        /// The server.
        server: NodeId,
    },
    /// It may have been done, or not.
    InDoubt,
    /// Every server that was asked has refused: nothing was done.
    Overloaded,
    /// There is no server to send to: nothing was done.
    NoServer,
    /// A later request of this client is answered, so this one is not sent.
    Overtaken,
    /// The report is sent.
    Reported,
    /// The reporter does not know that process.
    Unknown,
    /// The server has nothing left, and will get nothing.
    Drained,
    /// The server is in service.
    InService,
    /// Another node does this.
    WrongNode,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The balancer takes a server for dead, because it does not answer.
    TakenForDead {
        /// The server.
        server: NodeId,
        /// Probes in a row without an answer.
        missed: u32,
    },
    /// A server that was taken for dead has answered.
    AliveAgain {
        /// The server.
        server: NodeId,
    },
    /// The balancer believes a report that a server is down.
    ReportedDown {
        /// The server.
        server: NodeId,
        /// The report.
        cause: Cause,
        /// The life of the server that the balancer knows of; 0 for none.
        known: u64,
    },
    /// The balancer lets a server leave.
    MayLeave {
        /// The server.
        server: NodeId,
        /// Other servers that are in service.
        others: usize,
    },
    /// The balancer sends a request to a server.
    Sent {
        /// The request.
        ticket: RequestId,
        /// The server.
        server: NodeId,
        /// Whether it may be done twice.
        repeatable: bool,
        /// The life of the balancer.
        life: u64,
    },
    /// A server has refused a request.
    Shed {
        /// The request.
        ticket: RequestId,
        /// The server.
        server: NodeId,
    },
    /// A server has done a request.
    Worked {
        /// The request.
        ticket: RequestId,
    },
    /// The balancer tells a client that its request is done.
    Told {
        /// The request.
        ticket: RequestId,
    },
    /// The balancer tells a client that every server has refused, and that nothing was done.
    Declined {
        /// The request.
        ticket: RequestId,
        /// The life of the balancer.
        life: u64,
    },
    /// The balancer has no server for a request.
    Nobody {
        /// The request.
        ticket: RequestId,
        /// Servers that it was not told of as absent.
        candidates: usize,
    },
    /// A server is about to be absent, and says that it has nothing left.
    Drained {
        /// Requests that are in its queue.
        queued: usize,
    },
}
