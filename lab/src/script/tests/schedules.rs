//! Tests of schedules: from a failing run to the shortest scenario that fails alike.

use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::toy::{Discretion, Gossiper, registry};
use crate::env::{Conditions, CrashPoint, Fault};
use crate::script::{CommandLine, ExportError, RunOptions, ScenarioHeader, Schedule, run_scenario};
use crate::sim::{Setup, World};

type Gossip = World<Gossiper, Discretion>;

fn world() -> Gossip {
    let names = Names::new(["A", "B", "C"], ["ann", "bob"]);
    let rough = Conditions { latency: "1ms..9ms".parse().unwrap(), ..Conditions::steady(Duration::from_millis(1)) };
    Setup::new("gossip", names, 3_u32).conditions(rough).seed(5).traced().start_under(Discretion)
}

fn told(world: &Gossip) -> Result<Schedule, ExportError> {
    let cluster = CommandLine::new("cluster").word("gossip").option("nodes", "A,B,C");
    Schedule::transcribe(world.recording().unwrap(), cluster, &registry(), |to, word| {
        Ok(CommandLine::new("tell").word(to).word(word))
    })
}

/// A long run in which a node finally hears the secret.
fn indiscretion() -> Gossip {
    let mut world = world();
    for (index, word) in ["m", "n", "o p", "q"].iter().enumerate() {
        world.ask(ClientId(index as u32 % 2), Some(NodeId(index as u32 % 3)), (*word).to_owned());
        world.run_for(Duration::from_millis(70)).unwrap();
    }
    world.inject(Fault::Crash { node: NodeId(2), point: CrashPoint::AfterSends { sent: 0 } }).unwrap();
    world.ask(ClientId(0), Some(NodeId(0)), "r".to_owned());
    world.run_for(Duration::from_millis(30)).unwrap();
    world.ask(ClientId(1), Some(NodeId(0)), "secret".to_owned());
    world.run_for(Duration::from_millis(500)).unwrap_err();
    world
}

fn header(commands: usize) -> ScenarioHeader {
    let title = format!("A secret gets out in {commands} commands");
    ScenarioHeader { title, paragraphs: vec!["Nobody is discreet (§1).".to_owned()], contrast: false }
}

#[test]
fn a_failing_run_becomes_the_shortest_schedule_that_fails_alike() {
    let schedule = told(&indiscretion()).unwrap();
    assert!(schedule.len() > 20, "{}", schedule.len());
    assert_eq!((schedule.invariant(), schedule.protocol()), ("Discretion", "gossip"));
    let minimised = schedule.minimised(&registry(), 1_000_000).unwrap();
    assert!(minimised.complete && minimised.before == schedule.len());
    let transcript = minimised.scenario(&registry(), header).unwrap();
    assert_eq!(transcript.commands, 2);
    let run_result = run_scenario(&transcript.text, &registry(), RunOptions::default()).unwrap();
    assert_eq!((run_result.difference, &run_result.text), (None, &transcript.text));
    assert_eq!(run_result.violation.unwrap().broken.invariant, "Discretion");
    let commands = transcript.text.split("---").next().unwrap().split("\n\n").last().unwrap();
    let [cluster, tell, deliver] = commands.lines().collect::<Vec<_>>()[..] else { panic!("{commands}") };
    assert_eq!(cluster, "cluster gossip nodes=A,B,C pace=1ms");
    assert!(
        tell.ends_with(" secret") && deliver.starts_with("deliver A ") && deliver.ends_with(" Rumour"),
        "{commands}"
    );
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let texts = [(), ()].map(|()| {
        let minimised = told(&indiscretion()).unwrap().minimised(&registry(), 1_000_000).unwrap();
        (minimised.attempts, minimised.scenario(&registry(), header).unwrap().text)
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_small_budget_ends_it_honestly() {
    let minimised = told(&indiscretion()).unwrap().minimised(&registry(), 60).unwrap();
    assert!(!minimised.complete && minimised.schedule.len() > 2);
    assert!(minimised.scenario(&registry(), header).is_ok());
}

#[test]
fn what_cannot_be_told_says_why() {
    let unbroken = told(&world()).unwrap_err();
    assert!(unbroken.to_string().contains("broke no invariant"), "{unbroken}");
    let world = indiscretion();
    let transcribe = |line: &str, phrase: fn() -> Result<CommandLine, String>| {
        let cluster = CommandLine::new("cluster").word("gossip").option("nodes", line);
        let schedule = Schedule::transcribe(world.recording().unwrap(), cluster, &registry(), |_, _| phrase());
        schedule.and_then(|schedule| schedule.minimised(&registry(), 1_000)).unwrap_err()
    };
    let mute = || Err("there are no words for it".to_owned());
    let other = || Ok(CommandLine::new("tell").word("A").word("x"));
    assert_eq!(transcribe("A,B,C", mute), ExportError::Unsaid { what: "there are no words for it".to_owned() });
    assert!(matches!(transcribe("", other), ExportError::Cluster(_)));
    assert!(
        transcribe("A,B", other)
            .to_string()
            .contains("node C takes part in the run, but the cluster line does not name it")
    );
    let otherwise = transcribe("A,B,C", other);
    assert!(matches!(&otherwise, ExportError::Otherwise { invariant, instead: None, .. } if invariant == "Discretion"));
}
