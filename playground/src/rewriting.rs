//! The same commands in another cluster: under another seed, with a liar, or by the book.

use crate::branching::comparison;
use crate::error::SessionError;
use crate::live::Live;
use crate::session::{Done, Session};
use crate::tree::{Line, Tree, named};

/// Commands that state what a broken run shows, or repeat it.
const OF_BROKEN_RUNS: [&str; 3] = ["again", "continue", "rules"];
/// Maximum number of replays because of commands that fail and change something.
const REPLAYS_MAX: usize = 200;

/// The commands that were possible, and the others.
struct Rewritten {
    lines: Vec<Line>,
    left_out: Vec<String>,
}

impl Session {
    /// The same commands under another seed, as a new branch.
    pub(crate) fn reseed(&mut self, seed: u64) -> Result<Done, SessionError> {
        let mut lines = self.lines_here()?;
        with_option(&mut lines[0], "seed", Some(&seed.to_string()));
        let Rewritten { lines, left_out } = self.possible(lines)?;
        let mut tree = self.forkable()?;
        tree.fork(&format!("seed {seed}"), lines);
        self.go_to(tree)?;
        Ok(Done::saying(remark(&format!("The commands under seed {seed}"), &left_out)))
    }

    /// The same commands with this lie of a node, or without its lie, as a new branch. That the
    /// cluster has the node, and the node the lie, is checked by the cluster line.
    pub(crate) fn liar(&mut self, node: &str, lie: Option<&str>) -> Result<Done, SessionError> {
        let look = self.settled()?.run.snapshot();
        let nodes = look.map(|look| look.nodes).unwrap_or_default();
        if nodes.iter().all(|each| each.lies.is_empty()) {
            let protocol = self.settled()?.run.header().protocol;
            return Err(SessionError::NobodyLies { protocol });
        }
        let known: Vec<String> = nodes.into_iter().filter(|each| each.lie.is_some()).map(|each| each.name).collect();
        if lie.is_none() && !known.iter().any(|liar| liar == node) {
            return Err(SessionError::NoLiar { node: node.to_owned(), known });
        }
        let mut lines = self.lines_here()?;
        let liars = liars(option(&lines[0], "liars").unwrap_or_default(), node, lie);
        with_option(&mut lines[0], "liars", liars.as_deref());
        let Rewritten { lines, left_out } = self.possible(lines)?;
        let mut tree = self.forkable()?;
        // A long name of a node would make a name that no branch can have.
        tree.fork(named(&format!("{node} {}", lie.unwrap_or("honest"))).unwrap_or("liar"), lines);
        self.go_to(tree)?;
        let what = match lie {
            Some(lie) => format!("The commands with the liar {node}:{lie}"),
            None => format!("The commands with an honest {node}"),
        };
        Ok(Done::saying(remark(&what, &left_out)))
    }

    /// The same commands without the rules of the zoo, as a new branch, compared with this one.
    pub(crate) fn by_the_book(&mut self) -> Result<Done, SessionError> {
        let mut lines = self.lines_here()?;
        let had_rules = with_option(&mut lines[0], "rules", None);
        let gives_rules = lines.iter().any(|line| line.command() == "rules");
        lines.retain(|line| !OF_BROKEN_RUNS.contains(&line.command()) && !line.text.contains("violation="));
        if !had_rules && !gives_rules {
            return Err(SessionError::ByTheBookAlready);
        }
        let Rewritten { lines, left_out } = self.possible(lines)?;
        let mut tree = self.forkable()?;
        self.settled()?.collect();
        let ours = self.live.take();
        tree.fork("by the book", lines);
        let name = tree.branch().name.clone();
        self.go_to(tree)?;
        let mut done = Done::saying(remark("The commands by the book", &left_out));
        if let (Some(ours), Some(theirs)) = (ours, &mut self.live) {
            theirs.collect();
            done.response.compare = Some(comparison(&ours, name, theirs));
        }
        Ok(done)
    }

    /// The commands up to the place.
    fn lines_here(&self) -> Result<Vec<Line>, SessionError> {
        let tree = self.tree_or_none()?;
        Ok(tree.branch().lines_up_to(tree.place))
    }

    /// The tree, if there is room for another branch.
    pub(crate) fn forkable(&self) -> Result<Tree, SessionError> {
        let tree = self.tree_or_none()?;
        tree.has_room()?;
        Ok(tree.clone())
    }

    /// The commands that are possible, one after the other; the first must be.
    fn possible(&self, lines: Vec<Line>) -> Result<Rewritten, SessionError> {
        let registry = &self.registry;
        let asked: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
        let mut live = Live::new(registry, "", asked.iter().map(String::as_str));
        let mut rewritten = Rewritten { lines: Vec::new(), left_out: Vec::new() };
        let mut replays = 0;
        for (index, line) in lines.into_iter().enumerate() {
            if replays > REPLAYS_MAX {
                rewritten.left_out.push(line.text);
                continue;
            }
            match live.perform(&line.text) {
                Ok(()) => rewritten.lines.push(line),
                Err(problem) if index == 0 => return Err(SessionError::Line { line: 1, problem }),
                Err(_) => rewritten.left_out.push(line.text),
            }
            if live.run.is_spoilt() {
                replays += 1;
                let performed = live.lines.clone();
                let again = Live::after(registry, "", None, &performed);
                live = again
                    .map_err(|stopped| SessionError::Line { line: stopped.index + 1, problem: stopped.problem })?;
            }
        }
        Ok(rewritten)
    }
}

/// The value of the option `liars=` in which this node has this lie, or none; `None` if nobody
/// lies.
fn liars(before: &str, node: &str, lie: Option<&str>) -> Option<String> {
    let is_other = |liar: &&str| !liar.is_empty() && liar.split(':').next() != Some(node);
    let others = before.split(',').filter(is_other).map(str::to_owned);
    let liars: Vec<String> = others.chain(lie.map(|lie| format!("{node}:{lie}"))).collect();
    Some(liars.join(",")).filter(|text| !text.is_empty())
}

/// The words of a cluster line; a comment ends it.
fn words(cluster: &Line) -> impl Iterator<Item = &str> {
    let text = cluster.text.trim().trim_start_matches('(').trim_end_matches(')');
    text.split_whitespace().take_while(|word| !word.starts_with('#') && !word.starts_with("//"))
}

/// The value of an option of a cluster line.
fn option<'a>(cluster: &'a Line, key: &str) -> Option<&'a str> {
    words(cluster).find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

/// Sets or removes an option of a cluster line. Returns whether it was there.
fn with_option(cluster: &mut Line, key: &str, value: Option<&str>) -> bool {
    let prefix = format!("{key}=");
    let words: Vec<&str> = words(cluster).collect();
    let kept: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with(&prefix)).collect();
    let had = kept.len() < words.len();
    let mut text = kept.join(" ");
    if let Some(value) = value {
        text.push_str(&format!(" {prefix}{value}"));
    }
    cluster.text = text;
    had
}

fn remark(what: &str, left_out: &[String]) -> String {
    match left_out {
        [] => format!("{what}: all of them are possible."),
        [first, ..] => {
            let are = if left_out.len() == 1 { "is" } else { "are" };
            format!("{what}: {} {are} impossible and left out; the first is '{first}'.", left_out.len())
        }
    }
}
