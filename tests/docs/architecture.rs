//! Tests of `docs/ARCHITECTURE.md`: what it names is declared in the file that the name links to.

use crate::read;

/// Words before the name of an item, in Rust and in JavaScript.
const KEYWORDS: [&str; 10] =
    ["fn", "struct", "enum", "trait", "type", "const", "macro_rules!", "mod", "class", "function"];

/// Whether a text declares an item: a function, a type, or a field (`name:`).
fn declares(text: &str, name: &str) -> bool {
    let is_item = |line: &str| {
        let line = line.trim_start();
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        let is_declared = KEYWORDS
            .iter()
            .any(|keyword| line.split(&format!("{keyword} {name}")).skip(1).any(ends) && !line.starts_with("//"));
        let field = line.strip_prefix("pub ").unwrap_or(line).strip_prefix(name);
        is_declared || field.is_some_and(|rest| rest.starts_with(':'))
    };
    text.lines().any(is_item)
}

/// Links whose text is code, as pairs of that text and the target.
fn named_links(page: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for part in page.split("[`").skip(1) {
        let Some((name, rest)) = part.split_once('`') else { continue };
        // A plural ending may follow: [`Effect`s](…).
        let Some((_, target)) = rest.split_once("](").filter(|(ending, _)| ending.len() <= 1) else { continue };
        links.push((name.to_owned(), target.split(')').next().unwrap_or_default().to_owned()));
    }
    links
}

#[test]
fn what_it_names_is_where_the_link_leads() {
    let page = read("docs/ARCHITECTURE.md");
    let mut missing = Vec::new();
    let mut checked = 0;
    for (name, target) in named_links(&page) {
        let is_path = name.contains(['/', '.', ' ', '-']);
        if is_path || target.starts_with('#') {
            continue;
        }
        checked += 1;
        let text = read(target.strip_prefix("../").expect("sources are outside of docs/"));
        let last = name.rsplit("::").next().unwrap_or(&name);
        if !declares(&text, last) {
            missing.push(format!("{target} does not declare {name}"));
        }
    }
    assert!(checked > 60, "only {checked} names were checked");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_map_has_every_crate() {
    let (page, workspace) = (read("docs/ARCHITECTURE.md"), read("Cargo.toml"));
    let members = workspace.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).expect("a workspace");
    for member in members.split('"').skip(1).step_by(2) {
        assert!(page.contains(&format!("[`{member}")), "{member} is not on the map");
    }
}

#[test]
fn an_item_is_found_by_its_whole_name() {
    assert!(declares("    pub(crate) fn vote(me: Voter) {", "vote"));
    assert!(declares("pub struct Rulebook;", "Rulebook"));
    assert!(declares("    pub why: bool,", "why"));
    assert!(declares("export class Trace {", "Trace"));
    assert!(!declares("fn vote_after_step_down(", "vote"));
    assert!(!declares("// fn vote(", "vote") && !declares("let vote = 1;", "vote"));
}
