//! Robustness of the scenario language against hostile input (fuzzing): every command with extreme
//! numbers, durations and words. Each scenario is run or rejected within seconds, with a readable
//! error; none of them panics.
//!
//! `QUORATE_HOSTILE=20000` sets their number; each is generated from its number alone.

use std::time::{Duration, Instant};

use quorate_harness::protocols::registry;
use quorate_lab::script::{ASSERTIONS, COMMANDS, RunOptions, TEXT_MAX, VALUE_MAX, WORD_MAX, run_scenario};
use quorate_lab::sim::Rng;

/// Valid cluster lines, at least one for each protocol.
const CLUSTERS: &[&str] = &[
    "cluster paxos nodes=3",
    "cluster paxos nodes=3 pace=1ms",
    "cluster multi-paxos nodes=3",
    "cluster raft nodes=3 clients=c1,c2",
    "cluster lease granter=n1 holders=n2,n3 resource=S term=1s",
    "cluster lease-majority nodes=3 term=1s act-every=50ms",
    "cluster lease-store fronts=n1 replicas=n2,n3,n4",
    "cluster lease-cache server=n1 caches=n2,n3 term=1s",
    "cluster lease-pushed issuer=n1 holders=n2,n3 resource=S term=1s every=50ms skew=10ms ends=version act-every=50ms",
    "cluster lease-raft servers=n1,n2,n3 holders=A,B term=1s",
    "cluster lock recipe=set-nx-px server=n1 holders=n2,n3 resource=S ttl=1s guard=fence act-every=50ms",
    "cluster redlock instances=n1,n2,n3 holders=A,B resource=S ttl=1s guard=currlock work=1ms",
    "cluster zookeeper servers=n1,n2,n3 holders=A,B resource=S session=1s guard=fence work=1ms",
    "cluster etcd servers=n1 holders=A,B session=1s",
    "cluster chubby servers=n1 holders=A,B session=1s grace=1s lock-delay=1s",
    "cluster two-phase coordinator=n1 participants=n2,n3",
    "cluster paxos-commit leaders=n1,n2 participants=n3,n4 acceptors=n5,n6,n7",
    "cluster outbox sender=n1 broker=n2 receiver=n3",
    "cluster three-phase coordinator=n1 participants=n2,n3",
    "cluster saga orchestrator=n1 services=n2,n3 pivot=n2",
    "cluster register replicas=n1,n2,n3 mode=cp",
    "cluster register replicas=n1,n2 apps=A,B mode=ap order=vector session=monotonic",
    "cluster primary-backup nodes=n1,n2 monitor=n3 mode=synchronous",
    "cluster primary-backup nodes=n1,n2 monitor=n3 mode=asynchronous ping=1ms dead-after=50ms",
    "cluster generals nodes=4",
    "cluster generals nodes=5 m=2 deadline=1ms liars=n1:equivocates,n5:silent",
    "cluster broadcast nodes=4 liars=n3:supports-all",
    "cluster channel sender=n1 receiver=n2",
    "cluster channel sender=n1 receiver=n2 window=1 room=1 numbers=3 rto=1ms rto-min=1ms told=acknowledged checksum=crc32",
    "cluster balancer balancer=LB servers=n1,n2 reporters=n3 interval=1ms misses=1 work=1ms room=1 probes=aside keep=1",
    "cluster true-time masters=M1,M2,M3 servers=A drift=100ppm poll=1s max-error=20ms faulty=1 master-error=1ms",
    "cluster ntp sources=S1,S2,S3 hosts=A drift=100ppm poll=1s max-poll=2s step=1ms stepout=1s panic=10s alarm=1ms stratum=2",
    "cluster snowflake registry=R generators=A,B sequence-bits=1 worker-bits=1 lease=100 reserve=2 wait-back=0",
    "cluster pbft replicas=n1,n2,n3,n4 proxies=P liars=n1:replaying checkpoint-every=1 window=2",
];

/// Substitutes for a word, or for the value after `=`.
const VALUES: [&str; 48] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "+1",
    "007",
    "4294967295",
    "4294967296",
    "1000000000000",
    "9223372036854775807",
    "18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
    "1e9",
    "0x10",
    "0ns",
    "1ns",
    "50ms",
    "1s",
    "31536000s",
    "18446744073s",
    "18446744074s",
    "-5s",
    "0%",
    "5%",
    "99.9999%",
    "100%",
    "100.0001%",
    "200ppm",
    "-200ppm",
    "999999ppm",
    "1000000ppm",
    "-999999ppm",
    "-1000000ppm",
    "2147483647ppm",
    "1ns..1ns",
    "1ms..50ms",
    "5ms~1ms",
    "0ns..18446744073s",
    "n1",
    "n1,n2",
    "n1,n1",
    "c1",
    "*",
    "none",
    "off",
    "\u{202e}\u{0}é",
];

/// Generates a scenario from its number.
struct Author(Rng);

impl Author {
    fn below(&mut self, count: usize) -> usize {
        self.0.below(count as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn value(&mut self) -> String {
        match self.below(60) {
            0 => "x".repeat(VALUE_MAX + 1),
            1 => "x".repeat(WORD_MAX + 1),
            2 => "a,".repeat(WORD_MAX / 2),
            _ => VALUES[self.below(VALUES.len())].to_owned(),
        }
    }

    /// Fills in the form of a command, e.g. `hold FROM TO [MESSAGE] [count=N]`.
    fn line(&mut self, form: &str) -> String {
        let mut words = form.split(' ').map(|word| word.trim_matches(['[', ']', '|', '…']));
        let mut line = words.next().unwrap_or_default().split('=').next().unwrap_or_default().to_owned();
        for word in words.filter(|word| !word.is_empty()) {
            let hostile = self.one_in(3);
            let filled = match word.split_once('=') {
                _ if self.one_in(4) => continue,
                Some((key, _)) if hostile => format!("{key}={}", quoted(&self.value())),
                Some((key, usual)) => format!("{key}={}", usual.split('|').next().unwrap_or_default()),
                None if hostile => quoted(&self.value()),
                None if word.chars().all(|sign| sign.is_ascii_uppercase()) => format!("n{}", 1 + self.below(3)),
                None => word.to_owned(),
            };
            line.push(' ');
            line.push_str(&filled);
        }
        line
    }

    fn scenario(&mut self) -> String {
        let registry = registry();
        let entries = registry.entries();
        let cluster = match self.one_in(3) {
            true => {
                let form = entries[self.below(entries.len())].cluster.form;
                self.line(form)
            }
            false => CLUSTERS[self.below(CLUSTERS.len())].to_owned(),
        };
        let name = cluster.split(' ').nth(1).unwrap_or_default();
        let requests = entries.iter().find(|entry| entry.name == name).map_or(&[][..], |entry| entry.requests);
        let mut text = format!("# Hostile\n\n{cluster}\n");
        for _ in 0..8 {
            let form = match self.below(4) {
                0 if !requests.is_empty() => requests[self.below(requests.len())].form,
                1 => ASSERTIONS[self.below(ASSERTIONS.len())].form,
                _ => COMMANDS[self.below(COMMANDS.len())].form,
            };
            let line = self.line(form);
            let claim = ASSERTIONS.iter().any(|claim| claim.form == form);
            text += &if claim { format!("expect {line}\n") } else { format!("{line}\n") };
        }
        text + "expect held=0\n"
    }
}

fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|sign| sign.is_ascii_graphic());
    if plain { word.to_owned() } else { "\"\\u{202e}\\0é\"".to_owned() }
}

#[test]
fn hostile_scenarios_are_run_or_refused_within_seconds() {
    let count = std::env::var("QUORATE_HOSTILE").ok().and_then(|count| count.parse().ok()).unwrap_or(150);
    let (mut performed, mut refused) = (0, 0);
    for number in 0..count {
        let text = Author(Rng::new(number, 0)).scenario();
        // Lines before the first rejected one would hide the others, so each line is also tried
        // alone after the cluster line.
        let lines: Vec<&str> = text.lines().collect();
        let alone = lines[3..].iter().map(|line| format!("{}\n{line}\nexpect held=0\n", lines[2]));
        for text in std::iter::once(text.clone()).chain(alone) {
            let begun = Instant::now();
            let outcome = run_scenario(&text, &registry(), RunOptions::default());
            let took = begun.elapsed();
            assert!(
                took < Duration::from_secs(60),
                "scenario {number} takes {took:?}:\n{}",
                &text[..text.len().min(2_000)]
            );
            match outcome {
                Ok(_) => performed += 1,
                Err(failure) => {
                    let says = failure.to_string();
                    assert!(says.starts_with("line ") && says.len() < 2_500, "scenario {number}: {says}");
                    refused += 1;
                }
            }
        }
    }
    assert!(performed > count / 10 && refused > count, "{performed} performed, {refused} refused");
}

/// Runs a scenario, and returns its error.
fn refusal(text: &str) -> String {
    run_scenario(text, &registry(), RunOptions::default()).expect_err("it is too much").to_string()
}

#[test]
fn texts_and_words_have_bounds_that_the_errors_name() {
    let value = |bytes: usize| format!("cluster paxos nodes=3\npropose n1 {}\nrun\nexpect chosen\n", "x".repeat(bytes));
    assert!(run_scenario(&value(VALUE_MAX), &registry(), RunOptions::default()).is_ok());
    let too_long =
        "line 2: a value (starting with 'xxxxxxxxxxxxxxxxxxxx') is too long: 1025 bytes, the maximum is 1024";
    assert_eq!(refusal(&value(VALUE_MAX + 1)), too_long);
    assert!(refusal(&value(WORD_MAX + 1)).contains("a word (starting with 'xx"), "{}", refusal(&value(WORD_MAX + 1)));
    let begun = Instant::now();
    let says = refusal(&value(50_000_000));
    assert!(says.contains("a scenario is too long: 500000") && says.contains(&TEXT_MAX.to_string()), "{says}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let option = format!("cluster raft nodes=3 clients={}\nexpect no-leader\n", "a,".repeat(WORD_MAX));
    assert!(refusal(&option).contains("an option's value (starting with 'a,a,"), "{}", refusal(&option));
}

#[test]
fn what_is_printed_and_looked_at_has_bounds_too() {
    let again_and_again = |what: &str, times: usize| {
        format!("cluster raft nodes=3\nrun 30s\n{}expect leader\n", format!("{what}\n").repeat(times))
    };
    let says = refusal(&again_and_again("show log", 2_000));
    assert!(says.contains("too long: ") || says.contains("repeatedly examined events are too many"), "{says}");
    let says = refusal(&again_and_again("expect rule=WinElection", 40_000));
    assert!(says.contains("repeatedly examined events are too many; the maximum is 5000000"), "{says}");
}

#[test]
fn numbers_at_their_ends_do_not_wrap() {
    let performed = |lines: &str| run_scenario(lines, &registry(), RunOptions::default()).map(|_| ());
    let highest = "cluster paxos nodes=3 pace=1ms\npropose n1 v ticket=18446744073709551615\nexpect held=0\n";
    let says = refusal(highest);
    assert!(says.contains("18446744073709551615 is out of range; use 0 to 1000000000000"), "{says}");
    let last =
        "cluster paxos nodes=3 pace=1ms\npropose n1 v ticket=1000000000000\npropose n1 w\nexpect nothing-chosen\n";
    assert!(performed(last).is_ok());
    let steps = "cluster paxos nodes=3 catch-up=off\npropose n1 8\nrun\nstep 18446744073709551615\nexpect chosen 8\n";
    // The only pending event is the retry timer of a proposer whose value is chosen: due, and
    // cancelled.
    let says = refusal(steps);
    assert!(says.contains("no event is due after 1 of 18446744073709551615 steps"), "{says}");
    for round in ["18446744073709551615", "18446744073709551614"] {
        let text = format!("cluster paxos nodes=3\npropose n1 v round={round}\npropose n2 w\nrun 5s\nexpect held=0\n");
        assert!(performed(&text).is_ok(), "{round}");
    }
}
