//! The session: dispatch of requests, and the response to each.

use std::rc::Rc;

use quorate_lab::script::Registry;
use quorate_lab::trace::export::reigns;

use crate::catalogue::Catalogue;
use crate::error::SessionError;
use crate::limits::REQUEST_MAX;
use crate::live::Live;
use crate::request::Request;
use crate::response::{Chapter, Response, TracePatch};
use crate::tree::{Branch, Tree};

/// A session: a tree of scripts, and a place in it.
pub struct Session {
    pub(crate) registry: Rc<Registry>,
    pub(crate) tree: Option<Tree>,
    /// The run of the place, or one on the way there.
    pub(crate) live: Option<Live>,
    /// The trace that the last response left.
    shown: TracePatch,
}

/// The part of a response that its request decides.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) response: Response,
    /// Whether the state is a part of the response.
    pub(crate) has_state: bool,
}

impl Done {
    /// A response with the state.
    pub(crate) fn moved() -> Self {
        Done { has_state: true, ..Done::default() }
    }

    /// A response with the state and a remark.
    pub(crate) fn saying(says: impl Into<String>) -> Self {
        let response = Response { says: Some(says.into()), ..Response::default() };
        Done { response, has_state: true }
    }
}

impl Session {
    /// A session without a run, with all protocols.
    pub fn new() -> Self {
        Session::with(quorate_harness::protocols::registry())
    }

    /// A session without a run, with these protocols.
    pub fn with(registry: Registry) -> Self {
        Session { registry: Rc::new(registry), tree: None, live: None, shown: TracePatch::default() }
    }

    /// Reads a request, carries it out, and writes the response. Never panics.
    pub fn handle(&mut self, request: &str) -> String {
        let response = match read(request) {
            Ok(request) => self.perform(request),
            Err(error) => Response::refusal(&error),
        };
        serde_json::to_string(&response).unwrap_or_else(|error| {
            let says = format!("the response cannot be written: {error}");
            format!(r#"{{"ok":false,"error":{{"says":{}}}}}"#, serde_json::Value::from(says))
        })
    }

    /// Carries out a request. After an error nothing has changed.
    pub fn perform(&mut self, request: Request) -> Response {
        if request == Request::Look {
            self.shown = TracePatch::default();
        }
        match self.carry_out(request) {
            Ok(done) => self.respond(done),
            Err(error) => Response::refusal(&error),
        }
    }

    fn carry_out(&mut self, request: Request) -> Result<Done, SessionError> {
        match request {
            Request::Catalogue => {
                let catalogue = Some(Catalogue::of(&self.registry));
                Ok(Done { response: Response { catalogue, ..Response::default() }, has_state: false })
            }
            Request::Open(open) => self.open(open),
            Request::Perform { line } => self.perform_line(&line),
            Request::Undo => self.undo(),
            Request::Redo => self.redo(),
            Request::Go(go) => self.go(go),
            Request::Branch { name } => self.name_branch(&name),
            Request::Switch { branch } => self.switch(&branch),
            Request::Remove { branch } => self.remove(&branch),
            Request::Compare { branch } => self.compare(&branch),
            Request::Seed { seed } => self.reseed(seed),
            Request::Liar { node, lie } => self.liar(&node, lie.as_deref()),
            Request::Auto { steps, rate, seed } => self.auto(steps, rate, seed),
            Request::Attack { forks, steps, seed, rate } => self.attack(forks, steps, seed, rate),
            Request::ByTheBook => self.by_the_book(),
            Request::Save => self.save(),
            Request::Export => self.export(),
            Request::Look => self.tree_or_none().map(|_| Done::moved()),
        }
    }

    /// The tree, if a run is open.
    pub(crate) fn tree_or_none(&self) -> Result<&Tree, SessionError> {
        self.tree.as_ref().ok_or(SessionError::NotOpen)
    }

    /// Goes to the place of a tree, which becomes the session's. After an error nothing has
    /// changed.
    pub(crate) fn go_to(&mut self, mut tree: Tree) -> Result<(), SessionError> {
        let branch = tree.branch();
        match Live::after(&self.registry, &branch.title(), self.live.take(), &branch.texts(tree.place)) {
            Ok(live) => {
                let (place, at_end) = (tree.place, tree.place == branch.end());
                let branch = tree.branch_mut();
                remember(branch, &live.events[..place.commands]);
                if at_end {
                    branch.violation = live.broken().map(|(invariant, _)| invariant.to_owned());
                }
                self.live = Some(live);
                self.tree = Some(tree);
                Ok(())
            }
            Err(stopped) => {
                let line = branch.lines.get(stopped.index).and_then(|line| line.number);
                self.live = stopped.live;
                Err(SessionError::Line { line: line.unwrap_or(stopped.index + 1), problem: stopped.problem })
            }
        }
    }

    /// The run at the session's place.
    pub(crate) fn settled(&mut self) -> Result<&mut Live, SessionError> {
        let tree = self.tree_or_none()?;
        let (title, texts) = (tree.branch().title(), tree.branch().texts(tree.place));
        let is_there = self.live.as_ref().is_some_and(|live| live.is_after(&title, &texts));
        if !is_there {
            let tree = tree.clone();
            self.go_to(tree)?;
        }
        self.live.as_mut().ok_or(SessionError::NotOpen)
    }

    fn respond(&mut self, done: Done) -> Response {
        let mut response = Response { ok: true, ..done.response };
        if !done.has_state {
            return response;
        }
        if let Err(error) = self.settled() {
            return Response::refusal(&error);
        }
        let (Some(tree), Some(live)) = (&self.tree, &mut self.live) else { return response };
        live.collect();
        response.trace = Some(change(&mut self.shown, live));
        response.reigns = Some(reigns(&live.document));
        response.chapters = Some(chapters(tree, live));
        response.invariants = Some(live.run.invariants());
        response.state = crate::state::state_of(&self.registry, tree, live).map(Box::new);
        response
    }
}

impl Default for Session {
    fn default() -> Self {
        Session::new()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("tree", &self.tree).finish_non_exhaustive()
    }
}

fn read(request: &str) -> Result<Request, SessionError> {
    crate::tree::too_many("bytes of a request", request.len(), REQUEST_MAX)?;
    serde_json::from_str(request).map_err(|error| SessionError::Unreadable { reason: error.to_string() })
}

/// Notes the numbers of events after the first commands of a branch.
fn remember(branch: &mut Branch, events: &[usize]) {
    let known = branch.events.len().min(events.len());
    branch.events[..known].copy_from_slice(&events[..known]);
    branch.events.extend_from_slice(&events[known..]);
}

/// The change from the trace that was shown last; it is the one shown from now on.
fn change(shown: &mut TracePatch, live: &Live) -> TracePatch {
    let keep = shown.lines.iter().zip(&live.jsonl).take_while(|(shown, line)| shown == line).count();
    shown.lines.truncate(keep);
    shown.lines.extend_from_slice(&live.jsonl[keep..]);
    let is_new = shown.header.as_ref() != Some(&live.header);
    shown.header = Some(live.header.clone());
    let header = is_new.then(|| live.header.clone());
    TracePatch { keep, header, lines: live.jsonl[keep..].to_vec() }
}

/// The prose of the script as chapters. Prose before the first command is the story; its first
/// paragraph is the title. A later remark begins with the last event before it.
fn chapters(tree: &Tree, live: &Live) -> Vec<Chapter> {
    let branch = tree.branch();
    let last = live.document.events.len().saturating_sub(1);
    let mut chapters = Vec::new();
    for (index, line) in branch.lines.iter().enumerate().take(tree.place.commands) {
        let remarks = Branch::remarks(line);
        if let Some(before) = index.checked_sub(1) {
            let at = live.events.get(before).map_or(last, |events| events.saturating_sub(1)).min(last);
            chapters.extend(remarks.into_iter().map(|text| Chapter { at, text }));
        } else {
            let story = remarks.join("\n\n");
            let (_, story) = story.split_once("\n\n").unwrap_or_default();
            let text = story.trim().to_owned();
            chapters.extend((!text.is_empty()).then_some(Chapter { at: 0, text }));
        }
    }
    if tree.place == branch.end() {
        let after = quorate_lab::script::ScenarioLines::remarks(&branch.after);
        chapters.extend(after.into_iter().map(|text| Chapter { at: last, text }));
    }
    chapters
}
