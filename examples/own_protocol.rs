//! Custom protocol: two-phase commit with its rules. Run with `cargo run --example own_protocol`.

use quorate::lab::sim::{CrashPoint, Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Context, Duration, Input, Machine, Names, Never, NodeId, Outbox, RequestId, rules};
use serde::{Deserialize, Serialize};

#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Message { CanYouCommit, Yes, Commit }

rules! {
    enum CommitRule {
        Ask: "Gray 1978, phase 1", "ask every participant whether it can commit";
        Vote: "Gray 1978, phase 1", "a participant that can commit promises to";
        Wait: "Gray 1978, phase 1", "a single missing vote keeps everybody waiting";
        Decide: "Gray 1978, phase 2", "commit once all have voted yes";
        Obey: "Gray 1978, phase 2", "commit when told to";
    }
}

/// Node 0 is the coordinator. It remembers the participants, the pending request and the votes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Party(Vec<NodeId>, Option<RequestId>, Vec<NodeId>);

#[rustfmt::skip] // The parts of a protocol, two per line.
impl Machine for Party {
    type Config = u32; type Rulebook = (); // number of nodes; no replaceable decisions
    type Message = Message;
    type Timer = Never; type Command = (); // it waits forever, and commits every request
    type Reply = String; type Fact = Never;
    type Rule = CommitRule; type Record = Never; // nothing is kept across a crash
    type Disk = (); type Clock = (); type View = usize;

    fn boot(cx: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self {
        Party((1..*cx.config).map(NodeId).collect(), None, Vec::new())
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let Party(participants, client, votes) = self;
        match input {
            Input::Request { ticket, command: () } => {
                (*client, *votes) = (Some(ticket), Vec::new());
                let mut ask = out.because(CommitRule::Ask);
                participants.iter().for_each(|node| { ask.send(*node, Message::CanYouCommit); });
            }
            Input::Deliver { from, message: Message::CanYouCommit } => {
                out.because(CommitRule::Vote).send(from, Message::Yes);
            }
            Input::Deliver { from, message: Message::Yes } => {
                votes.push(from);
                let Some(ticket) = client.take_if(|_| votes.len() == participants.len()) else {
                    out.because(CommitRule::Wait).why(format_args!("{} of {} have voted", votes.len(), participants.len()));
                    return;
                };
                let mut decide = out.because(CommitRule::Decide);
                participants.iter().for_each(|node| { decide.send(*node, Message::Commit); });
                decide.reply(ticket, "committed".to_owned());
            }
            Input::Deliver { message: Message::Commit, .. } => { out.because(CommitRule::Obey); }
            Input::Fire(never) => match never {},
        }
    }

    fn view(&self, _: &Context<Self>) -> usize { self.2.len() }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names = Names::new(["boss", "ann", "bob"], ["client"]);
    let mut world = Setup::<Party>::new("two-phase commit", names, 3u32).traced().start();
    world.ask(ClientId(0), None, ());
    world.run_for(Duration::from_millis(10))?;
    world.note("Again, but bob is down: nobody may commit, and ann, who has promised to, waits for ever.");
    world.inject(Fault::Crash { node: NodeId(2), point: CrashPoint::BetweenSteps })?;
    world.ask(ClientId(0), None, ());
    world.run_for(Duration::from_millis(10))?;
    let trace = world.recording().expect("the run is traced").document();
    print!("{}", render::log(&trace, Options { why: true, ..Options::default() }));
    Ok(())
}
