//! A custom protocol added to the list: one line gives it everything that the others have.

mod backup;
mod target;

use std::error::Error;

use quorate_bugs::{NamedRulebook, NamedRulebookOf};
use quorate_harness::checks::SearchTarget;
use quorate_harness::experiments::{RunParameters, SimTarget};
use quorate_harness::export::{ExportSim, Origin};
use quorate_harness::live::{LiveTarget, Turn};
use quorate_harness::protocols::{self, List, Protocols, SearchVisitor, Target, Visitor};
use quorate_lab::Stop;
use quorate_lab::check::{Search, SearchVerdict, SyncMachine};
use quorate_lab::live;
use quorate_lab::script::{Protocol, RunOptions, ScenarioRequest, run_scenario};
use quorate_lab::sim;
use quorate_protocol::Duration;

use target::Tenth;

/// Adds the protocol to the list.
fn list() -> Protocols<impl List> {
    protocols::all().with::<Tenth>()
}

type Outcome<T> = Result<T, Box<dyn Error>>;

#[test]
fn it_stands_in_the_list_behind_the_others() {
    let names = list().names();
    assert_eq!(names[..names.len() - 1], protocols::all().names());
    assert_eq!(names.last(), Some(&"backup"));
    assert_eq!(list().with::<Tenth>().names(), names, "one of the same name is replaced");
}

#[test]
fn it_plays_scenarios() {
    let scenario = "# Backups\n\ncluster backup nodes=3\nkeep n1 7\nrun\nexpect copies 3 7\n";
    let run_result =
        run_scenario(scenario, &list().registry(), RunOptions::default()).expect("it is played to its end");
    assert_eq!((run_result.expectations, run_result.violation.is_none()), (1, true));
    let unmet = run_scenario(&scenario.replace("3 7\n", "2 7\n"), &list().registry(), RunOptions::default());
    assert!(unmet.unwrap_err().to_string().contains("there are 3"));
}

/// Makes random runs. Returns the number that reached their goal, and the first violation: its
/// invariant, and the exported scenario.
struct Simulate {
    rules: Option<&'static str>,
    seeds: u64,
}

impl Visitor for Simulate {
    type Output = Outcome<(u64, Option<(&'static str, String)>)>;

    fn visit<P: Target>(self) -> Self::Output {
        let rules = match self.rules {
            Some(id) => P::book(id).ok_or("there is no such rulebook")?,
            None => NamedRulebookOf::<<P as SimTarget>::Machine>::default(),
        };
        let mut reached = 0;
        for seed in 0..self.seeds {
            let run =
                RunParameters { nodes: 3, seed, fault_plan: sim::FaultPlan::harsh(), span: Duration::from_secs(2) };
            let mut experiment = P::plan(rules, &run)?;
            // This rulebook is not in the zoo, so the run does not have its name yet.
            experiment.setup.constants.rule_all(self.rules.unwrap_or_default(), rules.rules);
            match experiment.run(P::reached).verdict {
                sim::RunVerdict::Reached { .. } => reached += 1,
                sim::RunVerdict::Missed => {}
                sim::RunVerdict::Broke(violation) => {
                    let schedule = <P as ExportSim>::schedule(&experiment)?;
                    let origin = Origin { command: run.command::<P>(), bug: None };
                    let found = origin.export_unless(&Stop::new(), &list().registry(), &schedule)?;
                    return Ok((reached, Some((violation.broken.invariant, found.text))));
                }
            }
        }
        Ok((reached, None))
    }
}

#[test]
fn it_is_simulated() {
    let by_the_book = list().visit("backup", Simulate { rules: None, seeds: 20 }).expect("it is in the list");
    assert_eq!(by_the_book.expect("it can be simulated"), (20, None));
}

#[test]
fn violations_of_its_random_runs_are_exported_as_scenarios() {
    let broken = list().visit("backup", Simulate { rules: Some("at-once"), seeds: 20 }).expect("it is in the list");
    let (_, broken) = broken.expect("it can be simulated");
    let (invariant, text) = broken.expect("it breaks something");
    assert_eq!(invariant, "AnsweredIsKept");
    assert!(text.contains("cluster backup nodes=3") && text.contains("expect violation=AnsweredIsKept"), "{text}");
    run_scenario(&text, &list().registry(), RunOptions::default()).expect("the scenario holds");
}

/// Runs the protocol on threads. Returns the numbers of answered requests and of trace events.
struct RunLive {
    requests: u64,
}

impl Visitor for RunLive {
    type Output = Outcome<(u64, usize)>;

    fn visit<P: Target>(self) -> Self::Output {
        let (names, config) = <P as LiveTarget>::cluster(3)?;
        let cluster =
            live::Setup::<<P as LiveTarget>::Machine>::new(<P as Protocol>::NAME, names, config).traced().start()?;
        let mut client = cluster.client();
        for count in 1..=self.requests {
            let ScenarioRequest { command, .. } =
                <P as LiveTarget>::request(Turn { nodes: 3, run: 1, client: 0, count });
            client.ask(command)?;
        }
        let report = cluster.shutdown()?;
        Ok((client.stats().answered, report.recording.map_or(0, |recording| recording.document().events.len())))
    }
}

#[test]
fn it_runs_on_threads() {
    let ran = list().visit("backup", RunLive { requests: 10 }).expect("it is in the list");
    let (answered, events) = ran.expect("it can run");
    assert!(answered == 10 && events > 100, "{answered} answers, {events} events");
}

/// Searches the protocol. Returns the broken invariant, and whether every goal was reached.
struct SearchAll(Option<&'static str>);

impl Visitor for SearchAll {
    type Output = Outcome<(Option<&'static str>, bool)>;

    fn visit<P: Target>(self) -> Self::Output {
        let rules = match self.0 {
            Some(id) => P::book(id).ok_or("there is no such rulebook")?,
            None => NamedRulebook::default(),
        };
        P::search(rules, Under(rules)).ok_or("no search is declared")?
    }
}

struct Under<R>(NamedRulebook<R>);

impl<R> SearchVisitor<R> for Under<R> {
    type Output = Outcome<(Option<&'static str>, bool)>;

    fn visit<E: SearchTarget<Machine: SyncMachine<Rulebook = R>>>(self) -> Self::Output {
        search::<E>(self.0)
    }
}

fn search<E: SearchTarget>(rules: NamedRulebookOf<E::Machine>) -> Outcome<(Option<&'static str>, bool)> {
    let budget = E::budget(rules);
    let cluster = E::cluster(rules, &budget)?;
    let mut search = Search::new(&cluster);
    for (name, reached) in E::goals(&budget) {
        search = search.goal(name, reached);
    }
    let report = search.run()?;
    let broken = match &report.verdict {
        SearchVerdict::Broken { broken, .. } => Some(broken.invariant),
        _ => None,
    };
    Ok((broken, report.passed()))
}

#[test]
fn it_is_searched() {
    let search = |rules| list().visit("backup", SearchAll(rules)).expect("it is in the list").expect("it is searched");
    assert_eq!(search(None), (None, true));
    assert_eq!(search(Some("at-once")), (Some("AnsweredIsKept"), false));
}
