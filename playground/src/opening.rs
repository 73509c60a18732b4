//! Requests that begin anew: from a scenario, a file, a cluster line, or an exported session.

use quorate_harness::catalogue;
use quorate_lab::script::ScenarioLines;

use crate::error::SessionError;
use crate::request::{At, End, Open};
use crate::saving::Saved;
use crate::session::{Done, Session};
use crate::tree::{Branch, Line, Place, Tree, has_room_for};

/// Name of the first branch.
const MAIN: &str = "main";

impl Session {
    /// Begins anew. The whole script is performed before the session goes to the wanted place, so
    /// that its last line is known to be right.
    pub(crate) fn open(&mut self, open: Open) -> Result<Done, SessionError> {
        let Open { scenario, text, cluster, saved, at } = open;
        let (tree, usual) = match (scenario, text, cluster, saved) {
            (Some(name), None, None, None) => (from_scenario(&name)?, None),
            (None, Some(text), None, None) => (from_text(&text)?, None),
            (None, None, Some(line), None) => (from_cluster(&line), None),
            (None, None, None, Some(saved)) => {
                let tree = Saved::tree(*saved)?;
                let place = tree.place;
                (tree, Some(place))
            }
            _ => return Err(SessionError::OneOf { fields: "scenario, text, cluster and saved" }),
        };
        let end = tree.branch().end();
        let place = match at {
            None => usual.unwrap_or(end),
            Some(At::End(End::End)) => end,
            Some(At::End(End::Start)) => Place::after(1),
            Some(At::Commands(number)) if (1..=end.commands).contains(&number) => Place::after(number),
            Some(At::Commands(number)) => {
                return Err(SessionError::NoSuchPlace { what: "commands", number, min: 1, max: end.commands });
            }
        };
        self.replaced(tree, place)?;
        Ok(Done::moved())
    }

    /// Goes to the end of a tree, and then to the place. After an error the session is what it was.
    fn replaced(&mut self, tree: Tree, place: Place) -> Result<(), SessionError> {
        let before = self.tree.take();
        let end = tree.branch().end();
        let gone = self.go_to(Tree { place: end, ..tree });
        let gone = gone.and_then(|()| match self.tree.take() {
            Some(tree) if place != end => self.go_to(Tree { place, ..tree }),
            tree => {
                self.tree = tree;
                Ok(())
            }
        });
        if gone.is_err() {
            self.tree = before;
        }
        gone
    }
}

fn from_scenario(name: &str) -> Result<Tree, SessionError> {
    let unknown = |error: catalogue::UnknownScenario| SessionError::UnknownScenario { says: error.to_string() };
    from_text(catalogue::find(name).map_err(unknown)?.text())
}

fn from_text(text: &str) -> Result<Tree, SessionError> {
    let ScenarioLines { lines, after } = ScenarioLines::read(text)?;
    has_room_for(lines.len())?;
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    if lines.is_empty() {
        let problem = quorate_lab::script::ScriptProblem::NoCluster { command: "the scenario".to_owned() };
        return Err(SessionError::Line { line: 1, problem });
    }
    Ok(single(Branch { after, ..Branch::new(MAIN, lines) }))
}

fn from_cluster(line: &str) -> Tree {
    let line = line.trim();
    let line = if line.starts_with("cluster ") { line.to_owned() } else { format!("cluster {line}") };
    let protocol = line.split_whitespace().nth(1).unwrap_or_default().replace(char::is_control, "");
    let prose = format!("# A session with {protocol}\n\n");
    single(Branch::new(MAIN, vec![Line { prose, ..Line::new(&line) }]))
}

fn single(branch: Branch) -> Tree {
    Tree { place: branch.end(), branches: vec![branch], current: 0 }
}
