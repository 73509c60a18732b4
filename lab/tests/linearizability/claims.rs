//! Claims of the papers, one test for each.

use std::num::{NonZeroU64, NonZeroUsize};

use quorate_lab::linearizability::models::{KeyValue, KvOp, KvReturn, Queue, QueueOp, QueueReturn, Register};
use quorate_lab::linearizability::models::{RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{
    CallId, CallOutcome, ClientId, History, Limits, Misuse, Model, Refutation, StopReason, Time, Verdict, check,
    check_until, render,
};

use super::load;

/// A history, written event by event: `ask` and `hear` in the order in which they are called.
struct Script<M: Model> {
    history: History<M>,
}

impl<M: Model> Script<M> {
    fn new() -> Self {
        Script { history: History::new() }
    }

    fn now(&self) -> Time {
        Time::from_millis(self.history.events().len() as u64)
    }

    fn ask(&mut self, client: u32, op: M::Op) -> CallId {
        self.history.invoke(ClientId(client), op, self.now()).unwrap()
    }

    fn hear(&mut self, call: CallId, returned: M::Return) {
        self.history.ok(call, returned, self.now()).unwrap();
    }

    fn at_once(&mut self, client: u32, op: M::Op, returned: M::Return) -> CallId {
        let call = self.ask(client, op);
        self.hear(call, returned);
        call
    }
}

fn verdict<M: Model>(model: &M, script: &Script<M>) -> Verdict {
    check(model, &script.history, Limits::default()).verdict
}

fn refutation<M: Model>(model: &M, script: &Script<M>) -> Refutation {
    match verdict(model, script) {
        Verdict::NotLinearizable(refutation) => refutation,
        other => panic!("{other:?}"),
    }
}

/// Herlihy & Wing 1990, Figure 1 (a): two enqueues overlap, so the queue may execute them in either
/// order.
#[test]
fn overlapping_enqueues_take_either_order() {
    let mut script = Script::<Queue<char>>::new();
    let x = script.ask(0, QueueOp::Enqueue('x'));
    let y = script.ask(1, QueueOp::Enqueue('y'));
    script.hear(y, QueueReturn::Done);
    script.hear(x, QueueReturn::Done);
    let takes_y = script.at_once(1, QueueOp::Dequeue, QueueReturn::Item('y'));
    let takes_x = script.at_once(0, QueueOp::Dequeue, QueueReturn::Item('x'));
    assert_eq!(verdict(&Queue::new(), &script), Verdict::Linearizable { order: vec![y, x, takes_y, takes_x] });
}

/// Herlihy & Wing 1990, Figure 1 (b): x was enqueued before y, so y cannot be dequeued first.
#[test]
fn what_was_enqueued_before_comes_out_before() {
    let mut script = Script::<Queue<char>>::new();
    let x = script.at_once(0, QueueOp::Enqueue('x'), QueueReturn::Done);
    let y = script.at_once(1, QueueOp::Enqueue('y'), QueueReturn::Done);
    let takes_y = script.at_once(0, QueueOp::Dequeue, QueueReturn::Item('y'));
    let found = refutation(&Queue::new(), &script);
    assert_eq!(found, Refutation { prefix: 5, order: vec![x, y], unplaced: vec![takes_y], exact: true });
}

/// Herlihy & Wing 1990, Figure 1 (d): an item that was enqueued once is dequeued once.
#[test]
fn one_item_is_not_taken_twice() {
    let mut script = Script::<Queue<char>>::new();
    let x = script.ask(0, QueueOp::Enqueue('x'));
    let first = script.ask(1, QueueOp::Dequeue);
    let second = script.ask(2, QueueOp::Dequeue);
    script.hear(x, QueueReturn::Done);
    script.hear(first, QueueReturn::Item('x'));
    script.hear(second, QueueReturn::Item('x'));
    assert_eq!(refutation(&Queue::new(), &script).unplaced, [second]);
}

/// Herlihy & Wing 1990, §2.3: an invocation without a response may have taken effect, and a later
/// call may prove that it did.
#[test]
fn a_call_without_an_answer_may_have_taken_effect() {
    for seen in [0, 1] {
        let mut script = Script::<Register<u8>>::new();
        let write = script.ask(0, RegisterOp::Write(1));
        let read = script.at_once(1, RegisterOp::Read, RegisterReturn::Value(seen));
        let expected = if seen == 1 { vec![write, read] } else { vec![read] };
        assert_eq!(verdict(&Register::new(0), &script), Verdict::Linearizable { order: expected });
    }
}

/// A client that gives up and continues does not end its call: it may take effect at any later
/// time, but only once.
#[test]
fn an_info_may_take_effect_late_but_once() {
    let reads = |values: &[u8]| {
        let mut script = Script::<Register<u8>>::new();
        let write = script.ask(0, RegisterOp::Write(1));
        let now = script.now();
        script.history.info(write, now).unwrap();
        for value in values {
            script.at_once(0, RegisterOp::Read, RegisterReturn::Value(*value));
        }
        verdict(&Register::new(0), &script)
    };
    assert!(matches!(reads(&[0, 0, 1, 1]), Verdict::Linearizable { order } if order.len() == 5));
    assert!(matches!(reads(&[0, 1, 0]), Verdict::NotLinearizable(_)));
}

/// A call that returns `fail` took no effect: another call must not see it.
#[test]
fn a_failed_call_took_no_effect() {
    let mut script = Script::<Register<u8>>::new();
    let write = script.ask(0, RegisterOp::Write(1));
    let now = script.now();
    script.history.fail(write, now).unwrap();
    let read = script.at_once(1, RegisterOp::Read, RegisterReturn::Value(1));
    assert_eq!(refutation(&Register::new(0), &script).unplaced, [read]);
}

/// A compare-and-swap that reports failure must have found another value.
#[test]
fn a_swap_that_failed_found_something_else() {
    for (swapped, holds) in [(true, 2), (false, 1)] {
        for held in [1, 3] {
            let mut script = Script::<Register<u8>>::new();
            script.at_once(0, RegisterOp::Write(held), RegisterReturn::Done);
            script.at_once(0, RegisterOp::Cas(held.min(1), 2), RegisterReturn::Swapped(swapped));
            script.at_once(0, RegisterOp::Read, RegisterReturn::Value(if held == 1 { holds } else { held }));
            let fits = swapped == (held == 1);
            assert_eq!(
                matches!(verdict(&Register::new(0), &script), Verdict::Linearizable { .. }),
                fits,
                "{swapped} {held}"
            );
        }
    }
}

fn put(key: &str, value: &str) -> KvOp {
    KvOp::Put { key: key.to_owned(), value: value.to_owned() }
}

fn get(key: &str) -> KvOp {
    KvOp::Get { key: key.to_owned() }
}

/// Herlihy & Wing 1990, Theorem 1 (locality): a fault on one key is found on that key; of several,
/// the earliest is reported.
#[test]
fn objects_are_judged_one_by_one() {
    let mut script = Script::<KeyValue>::new();
    let value = |text: &str| KvReturn::Value(text.to_owned());
    script.at_once(0, put("x", "1"), KvReturn::Done);
    script.at_once(0, put("y", "1"), KvReturn::Done);
    for _ in 0..3 {
        script.at_once(1, get("x"), value("1"));
    }
    let early = script.at_once(1, get("x"), value("2"));
    let late = script.at_once(1, get("y"), value("2"));
    let report = check(&KeyValue, &script.history, Limits::default());
    let Verdict::NotLinearizable(found) = &report.verdict else { panic!("{report:?}") };
    assert_eq!((&found.unplaced[..], report.cost.objects), (&[early][..], 2));
    assert_ne!(early, late);
    let picture = render(&KeyValue, &script.history, &report, 60);
    assert!(picture.contains("about \"x\"") && !picture.contains("\"y\""), "{picture}");
}

/// The longest prefix is that of the history cut off there: return values of pending calls are not
/// known yet.
#[test]
fn a_prefix_does_not_know_what_comes_later() {
    let mut script = Script::<Register<u8>>::new();
    let swap = script.ask(0, RegisterOp::Cas(0, 1));
    let read = script.at_once(1, RegisterOp::Read, RegisterReturn::Value(1));
    script.hear(swap, RegisterReturn::Swapped(false));
    let found = refutation(&Register::new(0), &script);
    assert_eq!(found, Refutation { prefix: 3, order: vec![swap, read], unplaced: vec![swap], exact: true });
}

/// A thousand calls by eight clients take thousands of steps, not millions, whether linearizable or
/// not.
#[test]
fn a_thousand_calls_are_cheap_either_way() {
    for seed in 0..20 {
        let good = load::linearizable(1_000, 8, seed);
        let bad = load::falsified(&good);
        let [good_report, bad_report] =
            [&good, &bad].map(|history| check(&Register::new(0), history, Limits::default()));
        assert!(matches!(&good_report.verdict, Verdict::Linearizable { order } if order.len() == 1_000));
        let Verdict::NotLinearizable(found) = &bad_report.verdict else { panic!("a read of what nobody wrote") };
        assert_eq!(bad.call(found.unplaced[0]).op, RegisterOp::Read);
        assert_eq!(bad.call(found.unplaced[0]).outcome, CallOutcome::Ok(RegisterReturn::Value(5)));
        assert!(good_report.cost.steps < 50_000, "seed {seed}: {:?}", good_report.cost);
        assert!(bad_report.cost.steps < 200_000, "seed {seed}: {:?}", bad_report.cost);
        assert_eq!((good_report.cost.concurrency, good_report.cost.objects), (8, 1));
    }
}

/// A limit leads to an undecided verdict: eighteen concurrent writes have 2^18 subsets, and no call
/// reads any of them.
#[test]
fn limits_end_in_an_honest_unknown() {
    let mut script = Script::<Register<u8>>::new();
    let writes: Vec<_> = (0..18).map(|client| script.ask(client, RegisterOp::Write(client as u8))).collect();
    for write in writes {
        script.hear(write, RegisterReturn::Done);
    }
    script.at_once(0, RegisterOp::Read, RegisterReturn::Value(99));
    let (register, history) = (Register::new(0), &script.history);
    let few = Limits { steps: NonZeroU64::new(10_000).unwrap(), ..Limits::default() };
    let report = check(&register, history, few);
    assert_eq!(report.verdict, Verdict::Unknown { stop: StopReason::Steps, explained: 0 });
    assert_eq!(report.cost.steps, 10_000);
    let small = Limits { configurations: NonZeroUsize::new(1_000).unwrap(), ..Limits::default() };
    let report = check(&register, history, small);
    assert_eq!(report.verdict, Verdict::Unknown { stop: StopReason::Configurations, explained: 0 });
    assert_eq!(report.cost.configurations, 1_000);
    let mut questions = 0;
    let report = check_until(&register, history, Limits::default(), || {
        questions += 1;
        questions > 3
    });
    assert_eq!(report.verdict, Verdict::Unknown { stop: StopReason::Asked, explained: 0 });
    assert_eq!(
        render(&register, history, &report, 80).lines().next(),
        Some("undecided: the time limit was reached before a verdict; 0 of 1 objects are linearizable")
    );
}

/// A refutation stays valid if a limit ends the search for an earlier fault on another key; the
/// report says which case it is.
#[test]
fn a_refutation_says_whether_its_prefix_is_the_longest() {
    let mut script = Script::<KeyValue>::new();
    let puts: Vec<_> = (0..12).map(|client| script.ask(client, put("y", &client.to_string()))).collect();
    puts.into_iter().for_each(|put| script.hear(put, KvReturn::Done));
    let unseen = script.at_once(0, get("y"), KvReturn::Value("never put".to_owned()));
    script.at_once(0, put("x", "1"), KvReturn::Done);
    let stale = script.at_once(0, get("x"), KvReturn::Value("0".to_owned()));
    let found = |limits| match check(&KeyValue, &script.history, limits).verdict {
        Verdict::NotLinearizable(found) => found,
        other => panic!("{other:?}"),
    };
    let few = found(Limits { steps: NonZeroU64::new(10_000).unwrap(), ..Limits::default() });
    assert_eq!((few.unplaced[0], few.prefix, few.exact), (stale, 29, false));
    let enough = found(Limits::default());
    assert_eq!((enough.unplaced[0], enough.prefix, enough.exact), (unseen, 25, true));
}

/// More pending calls than a machine word has bits.
#[test]
fn a_hundred_clients_may_wait_at_once() {
    let mut script = Script::<Register<u8>>::new();
    for client in 0..100 {
        script.ask(client, RegisterOp::Write(7));
    }
    let read = script.at_once(100, RegisterOp::Read, RegisterReturn::Value(7));
    assert!(
        matches!(verdict(&Register::new(0), &script), Verdict::Linearizable { order } if order.len() == 2 && order[1] == read)
    );
    script.at_once(100, RegisterOp::Read, RegisterReturn::Value(8));
    assert!(matches!(verdict(&Register::new(0), &script), Verdict::NotLinearizable(_)));
}

/// A recorder refuses impossible events, and its state does not change.
#[test]
fn a_recorder_refuses_what_cannot_be() {
    let mut history = History::<Register<u8>>::new();
    let (ann, bob) = (ClientId(0), ClientId(1));
    assert_eq!(history.waiting(bob), Err(Misuse::NeverInvoked { client: bob }));
    let read = history.invoke(ann, RegisterOp::Read, Time::from_millis(5)).unwrap();
    let early = Misuse::TimeGoesBackwards { at: Time::from_millis(4), before: Time::from_millis(5) };
    assert_eq!(history.invoke(bob, RegisterOp::Read, Time::from_millis(4)), Err(early));
    assert_eq!(history.fail(CallId(1), Time::from_millis(6)), Err(Misuse::NoSuchCall { call: CallId(1) }));
    history.ok(read, RegisterReturn::Value(0), Time::from_millis(6)).unwrap();
    let again = Misuse::AnsweredAlready { client: ann, since: 1 };
    assert_eq!(history.info(read, Time::from_millis(7)), Err(again));
    assert_eq!(history.call(read).outcome, CallOutcome::Ok(RegisterReturn::Value(0)));
    assert_eq!(
        again.to_string(),
        "client 0 has a second response, the first is event 1; remove one of them, or put an invocation between them"
    );
    assert_eq!((history.events().len(), history.calls().len()), (2, 1));
}

/// Long histories are rendered by their end, and without terminal control characters.
#[test]
fn a_picture_shows_the_end_and_is_safe_to_show() {
    let mut script = Script::<KeyValue>::new();
    for round in 0..100 {
        script.at_once(round % 3, put("k", &format!("{round}\u{1b}[2J")), KvReturn::Done);
    }
    script.at_once(4, get("k"), KvReturn::Value("98".to_owned()));
    let report = check(&KeyValue, &script.history, Limits::default());
    let picture = render(&KeyValue, &script.history, &report, 80);
    assert!(picture.contains("the first 201 of 202 events") && picture.contains("(88 earlier calls)"), "{picture}");
    assert!(picture.contains("c5") && picture.contains("get → \"98\" ┤!"), "{picture}");
    assert!(!picture.contains('\u{1b}') && picture.lines().all(|line| line.chars().count() <= 82), "{picture}");
}
