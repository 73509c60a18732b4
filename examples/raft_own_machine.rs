//! Custom state machine on Raft: a doctor's waiting list, served in the order of the log.
//!
//! Run with `cargo run --example raft_own_machine`.

use quorate::lab::sim::{FaultPlan, RetryPolicy, Setup};
use quorate::protocol::{ClientId, Duration, Names};
use quorate::raft::{Command, Raft, Reply, Settings, StateMachine, invariants};
use serde::{Deserialize, Serialize};

/// Waiting patients, in order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct WaitingRoom(Vec<String>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Wish {
    TakeASeat(String),
    CallTheNext,
}

#[rustfmt::skip] // Short items stay on one line.
impl StateMachine for WaitingRoom {
    type Command = Wish; // changes the state, through the log
    type Query = (); // reads the waiting list, without the log
    type Reply = String;
    type Piece = String; // a snapshot is sent patient by patient

    fn apply(&mut self, wish: &Wish) -> String {
        match wish {
            Wish::TakeASeat(patient) => {
                self.0.push(patient.clone());
                format!("{patient}, you are number {}", self.0.len())
            }
            Wish::CallTheNext if self.0.is_empty() => "nobody is waiting".to_owned(),
            Wish::CallTheNext => format!("{}, please", self.0.remove(0)),
        }
    }

    fn query(&self, (): &()) -> String { self.0.join(", ") }
    fn pieces(&self) -> Vec<String> { self.0.clone() }
    fn assemble(pieces: impl Iterator<Item = String>) -> Self { WaitingRoom(pieces.collect()) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let retry_policy = RetryPolicy { timeout: Duration::from_millis(100), attempts: 100, rotates: true };
    let names = Names::new(["n1", "n2", "n3"], ["reception"]);
    let setup = Setup::<Raft<WaitingRoom>>::new("raft", names, Settings::nodes(3).build()?).retry_policy(retry_policy);
    let mut world = setup.conditions(FaultPlan::mild().conditions).start_under(invariants());
    let seats = ["Ada", "Bob", "Cid"].map(|name| Command::Apply(Wish::TakeASeat(name.to_owned())));
    for wish in seats.into_iter().chain([Command::Apply(Wish::CallTheNext), Command::Read(())]) {
        world.ask(ClientId(0), None, wish);
    }
    world.run_for(Duration::from_secs(5))?;
    for (_, answer) in world.answers(ClientId(0)) {
        let (Reply::Applied(said) | Reply::Read(said)) = answer else { continue };
        println!("{said}");
    }
    Ok(())
}
