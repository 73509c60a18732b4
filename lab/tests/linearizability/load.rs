//! Histories of a real register under load: linearizable as recorded, and not after one return
//! value is falsified.

use quorate_lab::linearizability::models::{Register, RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{CallId, CallOutcome, ClientId, History, Time};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

type Op = RegisterOp<u8>;
type Return = RegisterReturn<u8>;

/// Written values are below this; a read that returns it returns a value that was never written.
const VALUES: u64 = 5;

/// State of a client.
enum Doing {
    Nothing,
    /// Its request is in flight.
    Asking(CallId, Op),
    /// The register has executed it; the response is in flight.
    Hearing(CallId, Return),
}

/// Generates a history of busy clients. A step of a random client is an invocation, its effect or
/// its response: at any time about two thirds of the clients wait. Half of the calls read, a
/// quarter write, a quarter swap.
pub fn linearizable(calls: usize, clients: u32, seed: u64) -> History<Register<u8>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut roll = |sides: u64| rng.next_u64() % sides;
    let mut doing: Vec<Doing> = (0..clients).map(|_| Doing::Nothing).collect();
    let mut history = History::new();
    let mut holds = 0_u8;
    let mut at = 0;
    while history.calls().len() < calls || doing.iter().any(|doing| !matches!(doing, Doing::Nothing)) {
        at += 1;
        let now = Time::from_nanos(at);
        let client = roll(u64::from(clients)) as usize;
        doing[client] = match std::mem::replace(&mut doing[client], Doing::Nothing) {
            Doing::Nothing if history.calls().len() == calls => Doing::Nothing,
            Doing::Nothing => {
                let op = match roll(4) {
                    0 => RegisterOp::Write(roll(VALUES) as u8),
                    1 => RegisterOp::Cas(roll(VALUES) as u8, roll(VALUES) as u8),
                    _ => RegisterOp::Read,
                };
                let id = history.invoke(ClientId(client as u32), op.clone(), now).expect("the client is idle");
                Doing::Asking(id, op)
            }
            Doing::Asking(id, op) => Doing::Hearing(id, perform(&mut holds, &op)),
            Doing::Hearing(id, returned) => {
                history.ok(id, returned, now).expect("the client waits");
                Doing::Nothing
            }
        };
    }
    history
}

fn perform(holds: &mut u8, op: &Op) -> Return {
    match op {
        RegisterOp::Read => RegisterReturn::Value(*holds),
        RegisterOp::Write(value) => {
            *holds = *value;
            RegisterReturn::Done
        }
        RegisterOp::Cas(old, new) => {
            let swapped = holds == old;
            if swapped {
                *holds = *new;
            }
            RegisterReturn::Swapped(swapped)
        }
    }
}

/// The same history, but its last read returns a value that was never written: the search of
/// everything before it is in vain.
pub fn falsified(history: &History<Register<u8>>) -> History<Register<u8>> {
    let reads = history.calls().iter().rposition(|call| call.op == RegisterOp::Read);
    let last = CallId(reads.expect("half of the calls read") as u32);
    let mut falsified = History::new();
    let mut ids = Vec::new();
    for (position, id) in history.events().iter().enumerate() {
        let call = history.call(*id);
        if call.invoked.position == position {
            ids.push(falsified.invoke(call.client, call.op.clone(), call.invoked.at).expect("as before"));
            continue;
        }
        let CallOutcome::Ok(returned) = call.outcome.clone() else { unreachable!("every call of the load returns") };
        let returned = if *id == last { RegisterReturn::Value(VALUES as u8) } else { returned };
        let at = call.answered.map_or(Time::MAX, |event| event.at);
        falsified.ok(ids[id.index()], returned, at).expect("as before");
    }
    falsified
}
