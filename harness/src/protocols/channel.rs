//! A reliable channel in scenarios: `cluster channel sender=S receiver=R`, `send S hello`, `expect
//! processed R hello`.

use quorate_bugs::channel::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::{World, duration};
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::channel::{Answer, Channel, Checksum, Command, Payload, Rulebook, Safety, Settings};
use quorate_time::rto::Limits;

use crate::protocols::ChannelTarget;
use crate::protocols::lease::cluster::{Members, choice};

/// Timeouts of a network whose round trips take milliseconds.
pub(crate) const LOCAL_NETWORK: Limits = Limits {
    initial: Duration::from_millis(100),
    min: Duration::from_millis(5),
    max: Duration::from_secs(2),
    granularity: Duration::from_millis(1),
};

impl Protocol for ChannelTarget {
    type Machine = Channel;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    /// Facts of messages that are in the trace themselves.
    const HIDDEN_FACTS: &'static [&'static str] = &["Acked", "Acknowledged", "Told"];
    const CLUSTER: Usage = Usage {
        form: "cluster channel sender=S receiver=R [window=8] [room=8] [numbers=4294967296] [work=1ms] [rto=1s] \
               [rto-min=1s] [rto-max=60s] [checksum=internet|crc32] [told=processed|acknowledged] \
               [rules=rtt-from-a-repeat]",
        says: "A reliable, ordered channel over a link that loses, repeats and reorders (RFC 9293, RFC 6298)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "send NODE TEXT [client=c1]", says: "a client has a message sent to the other side" }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "processed NODE TEXT,TEXT|none",
            says: "the receiver's application has processed these, in order",
        },
        Usage { form: "rto NODE SPAN", says: "the sender's retransmission timeout is this long" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let sender = members.one(args, "sender", "the side that sends")?;
        let receiver = members.one(args, "receiver", "the side that receives")?;
        let mut settings = Settings::new(sender, receiver);
        settings.window = args.parsed("window")?.unwrap_or(settings.window);
        settings.room = args.parsed("room")?;
        settings.numbers = args.parsed("numbers")?.unwrap_or(settings.numbers);
        settings.checksum = choice(args, "checksum", CHECKSUMS)?;
        settings.answer = choice(args, "told", ANSWERS)?;
        for (key, span) in [
            ("work", &mut settings.work),
            ("rto", &mut settings.limits.initial),
            ("rto-min", &mut settings.limits.min),
            ("rto-max", &mut settings.limits.max),
        ] {
            if let Some(given) = args.span(key)? {
                *span = given;
            }
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Channel>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let payload = Payload::from(args.text("a message")?);
        Ok(ScenarioRequest { to, command: Command::Send { payload } })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        if name == "rto" {
            let span = args.need("a span of time")?;
            let timeout = duration(span).map_err(|error| ScriptProblem::bad(format_args!("{span}: {error}")))?;
            return Ok(Box::new(TimeoutIs { node, timeout }));
        }
        let messages = match args.text("messages")? {
            "none" => Vec::new(),
            listed => listed.split(',').map(Payload::from).collect(),
        };
        Ok(Box::new(Processed { node, messages }))
    }
}

/// The kinds of checksum, the usual one first.
pub(super) const CHECKSUMS: [(&str, Checksum); 2] = [("internet", Checksum::Internet), ("crc32", Checksum::Crc32)];

/// The moments at which a client is told, the usual one first.
pub(super) const ANSWERS: [(&str, Answer); 2] =
    [("processed", Answer::Processed), ("acknowledged", Answer::Acknowledged)];

/// Assertion on what the receiver's application has processed.
struct Processed {
    node: NodeId,
    messages: Vec<Payload>,
}

fn listed(messages: &[Payload]) -> String {
    match messages {
        [] => "nothing".to_owned(),
        some => some.iter().map(Payload::as_str).collect::<Vec<_>>().join(","),
    }
}

impl Assertion<Channel, Safety> for Processed {
    fn says(&self) -> String {
        format!("{} to have processed {}", self.node, listed(&self.messages))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Channel>) {}

    fn holds(&self, world: &World<Channel, Safety>) -> Result<(), String> {
        // The disk, because a crash undoes nothing that was processed.
        let Some(disk) = world.disk(self.node) else { return Err("it has no disk".to_owned()) };
        if disk.processed == self.messages {
            Ok(())
        } else {
            Err(format!("it has processed {}", listed(&disk.processed)))
        }
    }
}

/// Assertion on the retransmission timeout.
struct TimeoutIs {
    node: NodeId,
    timeout: Duration,
}

impl Assertion<Channel, Safety> for TimeoutIs {
    fn says(&self) -> String {
        format!("the timeout of {} to be {:?}", self.node, self.timeout)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Channel>) {}

    fn holds(&self, world: &World<Channel, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        match machine.timeout() {
            None => Err("it is a receiver".to_owned()),
            Some(timeout) if timeout == self.timeout => Ok(()),
            Some(timeout) => Err(format!("it is {timeout:?}")),
        }
    }
}
