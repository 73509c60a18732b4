//! Waiting does not use processor time.

#[cfg(target_os = "linux")]
use std::io::{BufRead, BufReader};
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use super::child;
use super::{add, counters};
use quorate_raft::Settings;

/// Five nodes with the paper's timeouts, a leader, and nothing to do.
pub(super) fn child() {
    let names = quorate_protocol::Names::new((1..=5).map(|node| format!("n{node}")), ["ann"]);
    let config = Settings::nodes(5).build().unwrap();
    let cluster = quorate_lab::live::Setup::<super::Node>::new("raft", names, config).start().unwrap();
    cluster.client().ask(add(1)).unwrap();
    println!("\nidle");
    // Until the parent has finished measuring.
    _ = std::io::stdin().read_line(&mut String::new());
    cluster.shutdown().unwrap();
}

/// Returns the processor time of a process in hundredths of a second: Linux reports clock ticks, of
/// which user space always sees a hundred per second.
#[cfg(target_os = "linux")]
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name is in parentheses and may contain anything; the third field and all others come
    // after it.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn an_idle_cluster_of_five_uses_under_two_hundredths_of_a_core() {
    let mut child = child::Killed(child::command("idle").spawn().unwrap());
    let process = child.0.id();
    let idle = BufReader::new(child.0.stdout.take().unwrap()).lines().any(|line| line.unwrap() == "idle");
    assert!(idle, "the child has ended early");
    let (begun, before) = (Instant::now(), ticks(process));
    std::thread::sleep(Duration::from_secs(5));
    let used = ticks(process) - before;
    let hundredths = begun.elapsed().as_secs_f64() * 100.0;
    let share = used as f64 / hundredths;
    assert!(share < 0.02, "{:.1} % of a core", share * 100.0);
}

#[test]
fn a_cluster_that_was_idle_answers_at_once() {
    let cluster = counters(3).start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    std::thread::sleep(super::ms(300));
    assert_eq!(super::sum(&client.ask(add(1)).unwrap()), 2);
}
