//! The recorder, used by real threads around a real register.
#![expect(clippy::disallowed_types, reason = "the simulator may not lock; threads that share a recorder must")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use quorate_lab::linearizability::models::{Register, RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{ClientId, History, Limits, Time, Verdict, check};

const THREADS: u32 = 4;
const CALLS: u32 = 250;

/// Hardware guarantees that an atomic byte is linearizable (Herlihy & Wing, §1).
#[test]
fn an_atomic_byte_is_a_register() {
    let (byte, recorder) = (AtomicU8::new(0), Mutex::new(History::<Register<u8>>::new()));
    std::thread::scope(|scope| {
        for client in (0..THREADS).map(ClientId) {
            let (byte, recorder) = (&byte, &recorder);
            scope.spawn(move || (0..CALLS).for_each(|round| call(byte, recorder, client, round)));
        }
    });
    let history = recorder.into_inner().unwrap();
    assert_eq!(history.calls().len(), (THREADS * CALLS) as usize);
    let report = check(&Register::new(0), &history, Limits::default());
    assert!(matches!(report.verdict, Verdict::Linearizable { order } if order.len() == history.calls().len()));
}

fn call(byte: &AtomicU8, recorder: &Mutex<History<Register<u8>>>, client: ClientId, round: u32) {
    let value = ((client.0 + round) % 5) as u8;
    let op = match round % 3 {
        0 => RegisterOp::Write(value),
        1 => RegisterOp::Cas(value, value + 1),
        _ => RegisterOp::Read,
    };
    let id = recorder.lock().unwrap().invoke(client, op.clone(), Time::ZERO).unwrap();
    let returned = match op {
        RegisterOp::Write(value) => {
            byte.store(value, Ordering::SeqCst);
            RegisterReturn::Done
        }
        RegisterOp::Cas(old, new) => {
            RegisterReturn::Swapped(byte.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst).is_ok())
        }
        RegisterOp::Read => RegisterReturn::Value(byte.load(Ordering::SeqCst)),
    };
    recorder.lock().unwrap().ok(id, returned, Time::ZERO).unwrap();
}
