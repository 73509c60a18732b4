//! Files of the page, all inside the binary: its own, and the modules of the trace page, unchanged.

use quorate_lab::trace::html;

/// A file as it is sent.
pub(crate) struct File {
    pub text: &'static str,
    pub kind: &'static str,
}

macro_rules! page {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../page/", $name)))),+]
    };
}

/// Files of the playground alone.
const PAGE: &[(&str, &str)] = page! {
    "index.html"
    "icon.svg"
    "playground.css"
    "actions.js"
    "arrange.js"
    "beside.js"
    "breaking.js"
    "cluster.js"
    "commands.js"
    "comparison.js"
    "controls.js"
    "exchange.js"
    "forms.js"
    "geometry.js"
    "goal.js"
    "markdown.js"
    "moment.js"
    "opening.js"
    "panels.js"
    "paneltexts.js"
    "playback.js"
    "playground.js"
    "sentencetexts.js"
    "session.js"
    "sharing.js"
    "start.js"
    "statetable.js"
    "texts.js"
    "transport.js"
    "tree.js"
    "wiring.js"
    "worker.js"
};

/// All files, by their names.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let shared = html::modules().iter().filter(|(name, _)| *name != "app.js");
    PAGE.iter().chain(shared).copied().chain([("style.css", html::style())])
}

/// The file at a path below the token; that of the empty path is the page.
pub(crate) fn find(path: &str) -> Option<File> {
    let name = if path.is_empty() { "index.html" } else { path };
    let kind = match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    all().find(|(known, _)| *known == name).map(|(_, text)| File { text, kind })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_module_imports_what_is_served_and_exported() {
        for (name, text) in all().filter(|(name, _)| name.ends_with(".js")) {
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let (wanted, from) = line.split_once(" from \"./").expect("imports stand on one line");
                let from = from.trim_end_matches("\";");
                let Some(file) = find(from) else { panic!("{name} imports {from}, which is not served") };
                for wanted in wanted.trim_start_matches("import {").trim_end_matches('}').split(',') {
                    let wanted = wanted.trim();
                    let declared = ["function", "async function", "class", "const"]
                        .iter()
                        .any(|kind| file.text.contains(&format!("export {kind} {wanted}")));
                    assert!(declared, "{name} imports {wanted} from {from}");
                }
            }
        }
    }

    #[test]
    fn no_file_of_the_page_hides_a_module_of_the_trace_page() {
        let ours: BTreeSet<&str> = PAGE.iter().map(|(name, _)| *name).collect();
        let shared: BTreeSet<&str> = html::modules().iter().map(|(name, _)| *name).collect();
        assert_eq!(ours.intersection(&shared).count(), 0);
        assert!(find("app.js").is_none() && find("../Cargo.toml").is_none() && find("").is_some());
    }

    #[test]
    fn no_module_makes_markup_or_code_from_text() {
        for (name, text) in PAGE {
            for way in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"]
            {
                assert!(!text.contains(way), "{name} uses {way}");
            }
            assert!(
                ["transport.js", "worker.js"].contains(name) || !text.contains("fetch("),
                "{name} talks to the network"
            );
        }
    }

    #[test]
    fn every_text_that_the_page_names_is_there_in_both_languages() {
        let texts = find("texts.js").expect("it is there").text;
        let has = |key: &str| texts.contains(&format!("\n  {key}: [\""));
        let mut named = 0;
        for (file, text) in PAGE {
            for before in ["t(\"", "data-t=\"", "data-tip=\"", "data-label=\"", "data-hint=\""] {
                for (at, _) in text.match_indices(before) {
                    let is_call = !text[..at].ends_with(|char: char| char.is_alphanumeric());
                    let key = text[at + before.len()..].split('"').next().unwrap_or_default();
                    named += usize::from(is_call);
                    assert!(!is_call || has(key), "{file} names the text {key}");
                }
            }
        }
        assert!(named > 100);
        for line in texts.lines().filter(|line| line.starts_with("  ") && line.ends_with("\"],")) {
            let chinese = line.rsplit_once("\", \"").map_or(line, |(_, chinese)| chinese);
            let is_a_sign = ["otherLanguage", "languageTip", "whereIs"].iter().any(|key| line.contains(key));
            assert!(is_a_sign || !chinese.is_ascii(), "{line}");
        }
    }

    /// Texts that a module words by `worded("…")`, or by one of several.
    fn worded(module: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for (at, call) in module.match_indices("worded(") {
            let mut parts = module[at + call.len()..].split('"');
            let mut before = parts.next().unwrap_or_default();
            // A text ends the choice if a comma or a parenthesis follows.
            while let Some(text) = parts.next().filter(|_| !before.contains([',', ')', '{'])) {
                if !before.ends_with("=== ") && !text.is_empty() {
                    found.push(text);
                }
                before = parts.next().unwrap_or_default();
            }
        }
        found
    }

    #[test]
    fn every_text_of_the_shared_panels_and_sentences_is_there_in_chinese() {
        let tables = ["paneltexts.js", "sentencetexts.js"].map(|table| find(table).expect("it is there").text);
        let chinese = tables.concat();
        let mut named = 0;
        for (file, text) in html::modules().iter().filter(|(name, _)| *name != "wording.js") {
            for text in worded(text) {
                named += 1;
                assert!(chinese.contains(&format!("\n  [\"{text}\", \"")), "{file} words '{text}'");
            }
        }
        assert!(named > 90, "{named}");
        let sentences = find("sentences.js").expect("it is there").text;
        let (_, frames) = sentences.split_once("const FRAMES = {").expect("sentences have frames");
        for frame in frames.lines().take_while(|line| *line != "};").flat_map(|line| line.split("[\"").skip(1)) {
            let before = frame.split('"').next().unwrap_or_default();
            assert!(before.is_empty() || chinese.contains(&format!("\n  [\"{before}\", \"")), "'{before}'");
        }
        for line in chinese.lines().filter(|line| line.starts_with("  [")) {
            let (_, chinese) = line.split_once("\", \"").expect("a pair stands on one line");
            assert!(!chinese.is_ascii() || line.contains("{nodes}"), "{line}");
        }
    }

    #[test]
    fn every_protocol_has_a_table_of_its_own() {
        let tables = find("statetable.js").expect("it is there").text;
        for entry in quorate_harness::protocols::registry().entries() {
            let name = entry.name;
            let named = [format!(" {name}: "), format!("\"{name}\": ")];
            assert!(named.iter().any(|named| tables.contains(named)), "{name}");
        }
    }

    #[test]
    fn the_page_has_nothing_inline() {
        let page = find("index.html").expect("it is there").text;
        assert!(!page.contains("style=") && !page.contains("<style") && !page.contains(" onclick"));
        assert!(
            page.matches("<script").all(|_| page.contains("<script type=\"module\" src=\"playground.js\"></script>"))
        );
    }
}
