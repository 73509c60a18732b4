//! Requests about branches: name, switch, remove, compare.

use quorate_lab::trace::export::reigns;
use quorate_lab::trace::first_divergence;

use crate::error::SessionError;
use crate::live::Live;
use crate::response::{Comparison, Response, TracePatch};
use crate::session::{Done, Session};
use crate::tree::{Tree, named};

impl Session {
    /// Names the current branch.
    pub(crate) fn name_branch(&mut self, name: &str) -> Result<Done, SessionError> {
        let name = named(name)?.to_owned();
        let mut tree = self.tree_or_none()?.clone();
        if tree.find(&name).is_ok_and(|index| index != tree.current) {
            return Err(SessionError::NameTaken { name });
        }
        let old = std::mem::replace(&mut tree.branch_mut().name, name.clone());
        for branch in &mut tree.branches {
            if branch.parent.as_ref() == Some(&old) {
                branch.parent = Some(name.clone());
            }
        }
        self.tree = Some(tree);
        Ok(Done::moved())
    }

    /// Goes to the end of a branch.
    pub(crate) fn switch(&mut self, name: &str) -> Result<Done, SessionError> {
        let tree = self.tree_or_none()?;
        let current = tree.find(name)?;
        let place = tree.branches[current].end();
        self.go_to(Tree { current, place, ..tree.clone() })?;
        Ok(Done::moved())
    }

    /// Forgets a branch. Its children become those of its parent.
    pub(crate) fn remove(&mut self, name: &str) -> Result<Done, SessionError> {
        let mut tree = self.tree_or_none()?.clone();
        let index = tree.find(name)?;
        if index == tree.current {
            return Err(SessionError::IsCurrent { name: name.to_owned() });
        }
        let gone = tree.branches.remove(index);
        tree.current -= usize::from(index < tree.current);
        for branch in &mut tree.branches {
            if branch.parent.as_ref() == Some(&gone.name) {
                branch.parent.clone_from(&gone.parent);
                branch.at = branch.at.min(gone.at);
            }
        }
        self.tree = Some(tree);
        Ok(Done::moved())
    }

    /// Compares the run with the whole of another branch.
    pub(crate) fn compare(&mut self, name: &str) -> Result<Done, SessionError> {
        let tree = self.tree_or_none()?;
        let branch = &tree.branches[tree.find(name)?];
        let texts = branch.texts(branch.end());
        let other = Live::after(&self.registry, &branch.title(), None, &texts);
        let refused = |index: usize| branch.lines.get(index).and_then(|line| line.number).unwrap_or(index + 1);
        let mut other =
            other.map_err(|stopped| SessionError::Line { line: refused(stopped.index), problem: stopped.problem })?;
        let name = branch.name.clone();
        self.settled()?.collect();
        other.collect();
        let compare = self.live.as_ref().map(|live| comparison(live, name, &other));
        Ok(Done { response: Response { compare, ..Response::default() }, has_state: true })
    }
}

/// Where a run, on the left, and another one part.
pub(crate) fn comparison(ours: &Live, branch: String, theirs: &Live) -> Comparison {
    let divergence = first_divergence(&ours.document, &theirs.document);
    let reigns = reigns(&theirs.document);
    let trace = TracePatch { keep: 0, header: Some(theirs.header.clone()), lines: theirs.jsonl.clone() };
    Comparison {
        branch,
        trace,
        reigns,
        at: divergence.as_ref().map(|divergence| divergence.at),
        at_right: divergence.as_ref().map(|divergence| divergence.at_right),
        says: divergence.map_or("The traces are the same, event for event.".to_owned(), |divergence| divergence.says),
    }
}
