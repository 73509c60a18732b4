//! Consistency levels of small histories: the examples of the papers, invalid histories, random
//! histories, and the definition of sequential consistency by brute force.

mod brute_force;
mod classics;
mod invalid;
mod random;
mod sessions;

use quorate_lab::consistency::{BadHistory, Judgement, Level, judge};
use quorate_lab::linearizability::models::{Keyed, KeyedOp, Register, RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{CallId, ClientId, History, Limits, Time};

/// Registers by name, initially 0.
type Registers = Keyed<char, Register<u32>>;

fn registers() -> Registers {
    Keyed::new(Register::new(0))
}

/// A history, written call by call.
#[derive(Debug, Default)]
struct Script(History<Registers>);

impl Script {
    fn now(&self) -> Time {
        Time::from_millis(self.0.events().len() as u64)
    }

    fn begin(&mut self, client: u32, key: char, op: RegisterOp<u32>) -> CallId {
        self.0.invoke(ClientId(client), KeyedOp { key: Some(key), op }, self.now()).unwrap()
    }

    fn end(&mut self, call: CallId, returned: RegisterReturn<u32>) {
        self.0.ok(call, returned, self.now()).unwrap();
    }

    fn write(&mut self, client: u32, key: char, value: u32) -> CallId {
        let call = self.begin(client, key, RegisterOp::Write(value));
        self.end(call, RegisterReturn::Done);
        call
    }

    fn read(&mut self, client: u32, key: char, value: u32) -> CallId {
        let call = self.begin(client, key, RegisterOp::Read);
        self.end(call, RegisterReturn::Value(value));
        call
    }

    fn try_judge(&self) -> Result<Judgement, BadHistory> {
        judge(&registers(), &self.0, Limits::default())
    }

    fn judge(&self) -> Judgement {
        self.try_judge().unwrap()
    }
}

/// The levels that a witness breaks.
fn broken(judgement: &Judgement) -> Vec<Level> {
    Level::ALL.into_iter().filter(|level| judgement.witness(*level).is_some()).collect()
}
