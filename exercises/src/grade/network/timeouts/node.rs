//! Machine for [`timeouts`](super): callers, and the server that they call.

use std::collections::BTreeMap;

use quorate_protocol::{Context, Duration, Input, Machine, Never, NodeId, Outbox, RequestId};
use serde::{Deserialize, Serialize};

use super::super::Opaque;
use super::{Attempt, Operation, Report};

quorate_protocol::rules! {
    /// Rules of calls to a server without memory.
    pub(super) enum RpcRule {
        Begin: "Birrell and Nelson 1984, §3.2", "the front end sends a user's call, and waits for a reply until a timeout";
        AskAgain: "Saltzer, Reed and Clark 1984", "only the caller knows whether a call may be made again";
        Tell: "Saltzer, Reed and Clark 1984", "the user gets exactly the known outcome of the call";
        Late: "Birrell and Nelson 1984, §3.2", "a reply to an abandoned attempt is ignored";
        Execute: "Birrell and Nelson 1984, §3.2", "the server executes every request, even if it has executed it before";
        Refuse: "Birrell and Nelson 1984, §3.2", "the server executes one request at a time, and refuses others meanwhile";
        Free: "Birrell and Nelson 1984, §3.2", "the server is free for the next call";
    }
}

/// Maximum number of attempts for a call.
pub(super) const ATTEMPTS_MAX: usize = 4;
/// Timeout of an attempt.
const CALL_TIMEOUT: Duration = Duration::from_millis(100);
/// Duration of a call's execution at the server.
const BUSY: Duration = Duration::from_millis(60);
/// Server node. All others are callers.
const SERVER: NodeId = NodeId(2);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Message {
    Call { call: RequestId, attempt: usize, operation: Operation, amount: u64 },
    Done { call: RequestId, attempt: usize },
    Busy { call: RequestId, attempt: usize },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Timer {
    CallTimeout { call: RequestId },
    Busy,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Command {
    Set { amount: u64 },
    Add { amount: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Fact {
    Executed { call: RequestId, operation: Operation },
    Reported { call: RequestId, operation: Operation, attempts: Vec<Attempt>, report: Report },
}

/// Retry policy, as functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ways {
    pub(super) asks_again: Opaque<fn(Operation, &[Attempt]) -> bool>,
    pub(super) report: Opaque<fn(&[Attempt]) -> Report>,
}

/// Pending call of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Open {
    operation: Operation,
    amount: u64,
    attempts: Vec<Attempt>,
}

/// Caller, or the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RpcNode {
    pub(super) open: BTreeMap<RequestId, Open>,
    total: u64,
    busy: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct View {
    waits_for: Vec<RequestId>,
    total: u64,
    busy: bool,
}

impl RpcNode {
    /// Sends an attempt of a call.
    fn call(&mut self, rule: RpcRule, call: RequestId, out: &mut Outbox<Self>) {
        let Some(Open { operation, amount, attempts }) = self.open.get(&call) else { return };
        let (operation, amount, attempt) = (*operation, *amount, attempts.len() + 1);
        out.because(rule)
            .why(format_args!("attempt {attempt} of {call}"))
            .send(SERVER, Message::Call { call, attempt, operation, amount })
            .arm(Timer::CallTimeout { call }, CALL_TIMEOUT);
    }

    /// Records the outcome of an attempt; retries or reports.
    fn ended(&mut self, cx: &Context<Self>, call: RequestId, seen: Attempt, out: &mut Outbox<Self>) {
        let Some(open) = self.open.get_mut(&call) else { return };
        open.attempts.push(seen);
        let asks = seen != Attempt::Answered
            && open.attempts.len() < ATTEMPTS_MAX
            && (cx.config.asks_again.0)(open.operation, &open.attempts);
        if asks {
            return self.call(RpcRule::AskAgain, call, out);
        }
        let report = (cx.config.report.0)(&open.attempts);
        let (operation, attempts) = (open.operation, open.attempts.clone());
        out.because(RpcRule::Tell)
            .why(format_args!("{call} was attempted {} times: {attempts:?}", attempts.len()))
            .disarm(Timer::CallTimeout { call })
            .emit(Fact::Reported { call, operation, attempts, report })
            .reply(call, report);
        self.open.remove(&call);
    }

    /// Handles a message of the server. It counts only for the current attempt.
    fn on_reply(&mut self, cx: &Context<Self>, call: RequestId, attempt: usize, seen: Attempt, out: &mut Outbox<Self>) {
        match self.open.get(&call) {
            Some(open) if open.attempts.len() + 1 == attempt => self.ended(cx, call, seen, out),
            _ => {
                out.because(RpcRule::Late).why(format_args!("attempt {attempt} of {call} was abandoned"));
            }
        }
    }

    /// Handles a message at the server.
    fn serve(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match message {
            Message::Call { call, attempt, .. } if self.busy => {
                out.because(RpcRule::Refuse)
                    .why(format_args!("{call} has to wait"))
                    .send(from, Message::Busy { call, attempt });
            }
            Message::Call { call, attempt, operation, amount } => {
                self.busy = true;
                self.total = amount + if operation == Operation::Add { self.total } else { 0 };
                out.because(RpcRule::Execute)
                    .why(format_args!("{operation:?} {amount} makes {}", self.total))
                    .emit(Fact::Executed { call, operation })
                    .arm(Timer::Busy, BUSY)
                    .send(from, Message::Done { call, attempt });
            }
            Message::Done { call, attempt } => self.on_reply(cx, call, attempt, Attempt::Answered, out),
            Message::Busy { call, attempt } => self.on_reply(cx, call, attempt, Attempt::Refused, out),
        }
    }
}

impl Machine for RpcNode {
    type Config = Ways;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Report;
    type Fact = Fact;
    type Rule = RpcRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, (): &(), _: &mut Outbox<Self>) -> Self {
        RpcNode { open: BTreeMap::new(), total: 0, busy: false }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => {
                let (operation, amount) = match command {
                    Command::Set { amount } => (Operation::Set, amount),
                    Command::Add { amount } => (Operation::Add, amount),
                };
                self.open.insert(ticket, Open { operation, amount, attempts: Vec::new() });
                self.call(RpcRule::Begin, ticket, out);
            }
            Input::Deliver { from, message } => self.serve(cx, from, message, out),
            Input::Fire(Timer::CallTimeout { call }) => self.ended(cx, call, Attempt::TimedOut, out),
            Input::Fire(Timer::Busy) => {
                self.busy = false;
                out.because(RpcRule::Free);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { waits_for: self.open.keys().copied().collect(), total: self.total, busy: self.busy }
    }
}
