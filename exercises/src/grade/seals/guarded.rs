//! Machine for [`seals`](super): a lock server, resources, and writers, one of which lies on demand.

use std::collections::{BTreeMap, BTreeSet};

use quorate_answer::seal::Grant;
use quorate_byzantine::Sealed;
use quorate_protocol::{
    Context, Duration, Input, Invariant, InvariantViolation, Machine, Never, NodeId, Outbox, RequestId, StepView,
};
use serde::{Deserialize, Serialize};

use super::super::network::Opaque;

quorate_protocol::rules! {
    /// Rules of sealed tokens.
    pub(super) enum SealRule {
        Ask: "Burrows 2006, §2.4", "a writer asks the lock server for a token";
        Grant: "Burrows 2006, §2.4", "each grant has a higher token, and names its resource; the server seals it";
        Show: "Burrows 2006, §2.4", "a writer shows its token with each write";
        Admit: "Kleppmann 2016, fencing tokens", "the resource admits the write, and remembers its token";
        Reject: "Kleppmann 2016, fencing tokens", "the resource rejects the write";
        Written: "Kleppmann 2016, fencing tokens", "the write is done";
        AskAgain: "Kleppmann 2016, fencing tokens", "a writer whose token is too low asks for another one";
        Repeat: "Burrows 2006, §2.4", "messages can be lost, so this one is sent again";
        Late: "Burrows 2006, §2.4", "an answer that nothing waits for changes nothing";
        Lie: "Castro and Liskov 1999, §2", "a liar shows what it has not been granted for this";
    }
}

/// The lock server.
pub(super) const SERVER: NodeId = NodeId(0);
/// The resources.
pub(super) const RESOURCES: [NodeId; 2] = [NodeId(1), NodeId(2)];
/// The honest writer.
pub(super) const HONEST: NodeId = NodeId(3);
/// The writer that lies.
pub(super) const LIAR: NodeId = NodeId(4);
/// Interval between retransmissions.
const PATIENCE: Duration = Duration::from_millis(200);
/// Token that a liar writes into its own message: higher than any that is granted in a run.
const INVENTED: u64 = 99;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Message {
    Ask { ticket: RequestId, resource: NodeId },
    Granted { ticket: RequestId, grant: Sealed<Grant> },
    Write { ticket: RequestId, grant: Sealed<Grant> },
    Answered { ticket: RequestId, token: u64, admitted: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Timer {
    Again { ticket: RequestId },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Command {
    Write {
        resource: NodeId,
    },
    /// Show a token in the server's name, without its seal.
    Invent {
        resource: NodeId,
    },
    /// Show a token in the writer's own name.
    SealItself {
        resource: NodeId,
    },
    /// Show a token of the other resource.
    ShowElsewhere {
        resource: NodeId,
    },
    /// Show all tokens again that the resource was ever shown by this writer.
    ShowAgain {
        resource: NodeId,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Reply {
    Written,
    Sent,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Fact {
    Granted { resource: NodeId, token: u64 },
    Admitted { key: NodeId, resource: NodeId, token: u64 },
}

/// Fence: a function of the trusted server, the resource, its highest token, and the shown one.
pub(super) type Admits = fn(NodeId, NodeId, Option<u64>, &Sealed<Grant>) -> bool;

/// Configuration: the fence of the resources.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) admits: Opaque<Admits>,
}

/// A write that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    resource: NodeId,
    /// Whether the resource is shown a token of the other one, and its answer does not matter.
    is_lie: bool,
    grant: Option<Sealed<Grant>>,
}

/// Lock server, resource or writer, by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Guarded {
    /// At the server: the last token.
    granted: u64,
    /// At a resource: the highest token that it has admitted.
    highest: Option<u64>,
    /// At a writer: writes under way.
    pending: BTreeMap<RequestId, Pending>,
    /// At a writer: requests that were answered.
    done: BTreeSet<RequestId>,
    /// At a writer: all that it was ever granted.
    grants: Vec<Sealed<Grant>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct View {
    granted: u64,
    highest: Option<u64>,
    pending: usize,
}

type Cx<'a> = Context<'a, Guarded>;
type Out = Outbox<Guarded>;

fn other(resource: NodeId) -> NodeId {
    if resource == RESOURCES[0] { RESOURCES[1] } else { RESOURCES[0] }
}

impl Guarded {
    fn request(&mut self, cx: &Cx<'_>, ticket: RequestId, command: &Command, out: &mut Out) {
        let own = |server, resource| Sealed::new(cx, Grant { server, resource, token: INVENTED });
        match *command {
            Command::Write { .. } if self.done.contains(&ticket) => {
                out.because(SealRule::Written).reply(ticket, Reply::Written);
            }
            Command::Write { resource } => self.begin(ticket, Pending { resource, is_lie: false, grant: None }, out),
            Command::Invent { resource } => lie(ticket, resource, &[own(SERVER, resource)], out),
            Command::SealItself { resource } => lie(ticket, resource, &[own(cx.me, resource)], out),
            Command::ShowAgain { resource } => {
                let before = self.grants.iter().filter(|grant| grant.body().resource == resource);
                lie(ticket, resource, &before.cloned().collect::<Vec<_>>(), out);
            }
            Command::ShowElsewhere { resource } => {
                if self.done.insert(ticket) {
                    self.begin(ticket, Pending { resource, is_lie: true, grant: None }, out);
                }
                out.because(SealRule::Lie).reply(ticket, Reply::Sent);
            }
        }
    }

    fn begin(&mut self, ticket: RequestId, pending: Pending, out: &mut Out) {
        if self.pending.contains_key(&ticket) {
            out.because(SealRule::Repeat).why(format_args!("{ticket} is under way"));
            return;
        }
        self.pending.insert(ticket, pending);
        self.go_on(SealRule::Ask, ticket, out);
    }

    /// Sends what comes next for a write: the question for a token, or the write.
    fn go_on(&self, rule: SealRule, ticket: RequestId, out: &mut Out) {
        let Some(pending) = self.pending.get(&ticket) else { return };
        let Pending { resource, is_lie, .. } = *pending;
        let mut because = out.because(rule);
        because.arm(Timer::Again { ticket }, PATIENCE);
        match &pending.grant {
            None => {
                let resource = if is_lie { other(resource) } else { resource };
                because.send(SERVER, Message::Ask { ticket, resource });
            }
            Some(grant) => _ = because.send(resource, Message::Write { ticket, grant: grant.clone() }),
        }
    }

    fn granted(&mut self, ticket: RequestId, grant: Sealed<Grant>, out: &mut Out) {
        match self.pending.get_mut(&ticket) {
            Some(pending) if pending.grant.is_none() => {
                pending.grant = Some(grant.clone());
                let rule = if pending.is_lie { SealRule::Lie } else { SealRule::Show };
                self.grants.push(grant);
                self.go_on(rule, ticket, out);
            }
            _ => _ = out.because(SealRule::Late).why(format_args!("{ticket} needs no token")),
        }
    }

    fn check(&mut self, cx: &Cx<'_>, from: NodeId, ticket: RequestId, grant: &Sealed<Grant>, out: &mut Out) {
        let Grant { resource, token, .. } = *grant.body();
        let admitted = (cx.config.admits.0)(SERVER, cx.me, self.highest, grant);
        let mut because = out.because(if admitted { SealRule::Admit } else { SealRule::Reject });
        because.why(format_args!("{} has sealed token {token} for {resource}", grant.by()));
        if admitted {
            self.highest = self.highest.max(Some(token));
            because.emit(Fact::Admitted { key: grant.by(), resource, token });
        }
        because.send(from, Message::Answered { ticket, token, admitted });
    }

    fn answered(&mut self, ticket: RequestId, token: u64, admitted: bool, out: &mut Out) {
        let shown = self.pending.get_mut(&ticket);
        let Some(pending) = shown.filter(|pending| pending.grant.as_ref().is_some_and(|it| it.body().token == token))
        else {
            out.because(SealRule::Late).why(format_args!("{ticket} waits for no answer about {token}"));
            return;
        };
        if admitted || pending.is_lie {
            let is_lie = pending.is_lie;
            self.pending.remove(&ticket);
            let mut because = out.because(SealRule::Written);
            because.disarm(Timer::Again { ticket });
            if !is_lie {
                because.reply(ticket, Reply::Written);
                self.done.insert(ticket);
            }
        } else {
            // The timer asks: without it a fence that admits nothing would keep all busy.
            pending.grant = None;
            out.because(SealRule::AskAgain).why(format_args!("token {token} was too low"));
        }
    }
}

/// Shows a resource what it should not admit.
fn lie(ticket: RequestId, resource: NodeId, grants: &[Sealed<Grant>], out: &mut Out) {
    let mut because = out.because(SealRule::Lie);
    because.reply(ticket, Reply::Sent);
    for grant in grants {
        because.send(resource, Message::Write { ticket, grant: grant.clone() });
    }
}

impl Machine for Guarded {
    type Config = Place;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SealRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, (): &(), _: &mut Outbox<Self>) -> Self {
        Guarded::default()
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => self.request(cx, ticket, &command, out),
            Input::Deliver { from, message: Message::Ask { ticket, resource } } => {
                self.granted += 1;
                let token = self.granted;
                let grant = Sealed::new(cx, Grant { server: cx.me, resource, token });
                out.because(SealRule::Grant)
                    .emit(Fact::Granted { resource, token })
                    .send(from, Message::Granted { ticket, grant });
            }
            Input::Deliver { message: Message::Granted { ticket, grant }, .. } => self.granted(ticket, grant, out),
            Input::Deliver { from, message: Message::Write { ticket, grant } } => {
                self.check(cx, from, ticket, &grant, out);
            }
            Input::Deliver { message: Message::Answered { ticket, token, admitted }, .. } => {
                self.answered(ticket, token, admitted, out);
            }
            Input::Fire(Timer::Again { ticket }) => self.go_on(SealRule::Repeat, ticket, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { granted: self.granted, highest: self.highest, pending: self.pending.len() }
    }
}

/// Invariants of the resources: see the table of [`seals`](super).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tokens {
    highest: BTreeMap<NodeId, u64>,
}

impl Invariant<Guarded> for Tokens {
    fn check(&mut self, seen: &StepView<'_, Guarded>) -> Result<(), InvariantViolation> {
        let node = seen.node;
        for fact in seen.facts() {
            let Fact::Admitted { key, resource, token } = *fact else { continue };
            if key != SERVER {
                let detail = format!("{node} admits token {token}, and {key} has sealed it");
                return Err(InvariantViolation::new("SealOfServer", detail));
            }
            if resource != node {
                let detail = format!("{node} admits token {token}, which was granted for {resource}");
                return Err(InvariantViolation::new("TokenForResource", detail));
            }
            let highest = self.highest.entry(node).or_insert(token);
            if token < *highest {
                let detail = format!("{node} admits token {token} after {highest}");
                return Err(InvariantViolation::new("TokensNeverDecrease", detail));
            }
            *highest = token;
        }
        Ok(())
    }
}
