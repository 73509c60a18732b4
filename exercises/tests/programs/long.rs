//! Hostile answer that floods the grader: a machine whose every step sends more messages than any
//! buffer holds.

use quorate_answer::build::*;
use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Flood;

impl Machine for Flood {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, _: &Stable, _: &mut Outbox<Self>) -> Self {
        Flood
    }

    fn step(&mut self, cx: &Context<Self>, _: Input<Self>, out: &mut Outbox<Self>) {
        let mut because = out.because(PaxosRule::Prepare);
        for round in 1..200_000 {
            because.send(cx.me, Message::Prepare { ballot: Ballot::new(round, cx.me) });
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { proposer: None, acceptor: None, learner: None }
    }
}

hand_in!("build-paxos", BuiltPaxos::<Flood>::new());
