//! Basic Paxos, searched: proposers A, B, C … each asked once for a value of its own, and acceptors X, Y, Z.

use std::error::Error;

use quorate_bugs::paxos::Book;
use quorate_lab::check::{Bounds, Cluster, Moments};
use quorate_lab::sim::Setup;
use quorate_paxos::invariants::{Safety, invariants};
use quorate_paxos::{Command, Config, Paxos, Value};
use quorate_protocol::{ClientId, Names, NodeId, Ruled};

use super::{Budget, Examined, Goal, Searched};

/// Basic Paxos. Nobody learns: what is chosen shows in the votes.
#[derive(Clone, Copy, Debug)]
pub struct Ballots;

/// The names of the proposers, and how many there can be.
const PROPOSERS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
const ACCEPTORS: [&str; 7] = ["X", "Y", "Z", "W", "V", "U", "T"];

impl Examined for Ballots {
    type Machine = Paxos<Book>;
    type Invariants = Safety;
    type Rules = Book;

    const NAME: &'static str = "paxos";

    fn budget(rules: Book) -> Budget {
        let two =
            Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules {
            Book::SmallQuorum => Budget { nodes: 4, ..two },
            Book::DuplicatePromise => Budget { duplicates: 1, ..two },
            Book::BallotReuse | Book::ForgetPromise | Book::ForgetAccepted => Budget { crashes: 1, restarts: 1, ..two },
            Book::AnyReported
            | Book::LowestReported
            | Book::AcceptNoRaise
            | Book::ReportsPromised
            | Book::PrepareCarriesValue => Budget { requests: 3, ..two },
            Book::MixedPromises => Budget { firings: 1, ..two },
            _ => two,
        }
    }

    fn cluster(rules: Book, budget: &Budget) -> Result<Searched<Self>, Box<dyn Error>> {
        let proposers = usize::try_from(budget.requests)?.min(PROPOSERS.len());
        let acceptors = usize::try_from(budget.nodes)?.min(ACCEPTORS.len());
        // A bug of one proposer shows when that one is asked twice.
        let proposers = if rules == Book::BallotReuse { 1 } else { proposers };
        let nodes = |first: usize, count: usize| (first..first + count).map(|node| NodeId(node as u32));
        let config = Config::builder(nodes(0, proposers), nodes(proposers, acceptors), []).catch_up(None).build()?;
        let names = PROPOSERS[..proposers].iter().chain(&ACCEPTORS[..acceptors]);
        let clients = (1..=budget.requests).map(|number| format!("c{number}"));
        let setup =
            Setup::new(Self::NAME, Names::new(names.copied(), clients), Ruled { config: config.clone(), rules });
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_moments: Moments::NONE,
            ..Bounds::default()
        };
        for request in 0..budget.requests {
            let value = Value::from(format!("v{}", request + 1));
            let of = NodeId(request % proposers as u32);
            bounds = bounds.request(ClientId(request), Some(of), Command::Propose { value, round: None });
        }
        Ok(Cluster::new(setup.title("Every schedule of Basic Paxos"), invariants(&config), bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![
            ("v1 is chosen", |state| state.invariants().0.chosen().values().any(|(_, value)| value.as_str() == "v1")),
            ("v2 is chosen", |state| state.invariants().0.chosen().values().any(|(_, value)| value.as_str() == "v2")),
        ]
    }
}
