//! Mutants of the protocols: each is one small change of a decision, a quorum, what is durable, a
//! membership or a snapshot, and a test should notice it.
//!
//! All mutants are compiled into one copy of the repository, each behind its number; a process of
//! the tests runs one of them. So a mutant costs no compilation, and is judged by the tests that
//! come by it alone.
//!
//! - `files`: the files with mutants, and how many each has.
//! - `prepare`: makes the copy, compiles it, and runs every test once without a mutant.
//! - `test [TEXT]`: tests the mutants whose name contains the text, and goes on where it was
//!   interrupted. Fails if a mutant survives that `docs/MUTANTS.md` does not list.

mod edit;
mod find;
mod test_runs;
mod switch;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::find::Mutant;
use crate::test_runs::{Test, Verdict};
use crate::tree::Tree;

/// What `prepare` leaves for `test`.
#[derive(Serialize, Deserialize)]
struct Prepared {
    digest: String,
    tests: Vec<Test>,
    /// The mutants that do not compile.
    dropped: BTreeSet<u32>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["files"] => files(),
        ["prepare"] => prepare(),
        ["test"] => test_all(""),
        ["test", text] => test_all(text),
        _ => Err("usage: quorate-mutants files | prepare | test [TEXT]".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

type Done = Result<bool, Box<dyn Error>>;

fn tree() -> Result<Tree, Box<dyn Error>> {
    let repository = std::env::current_dir()?;
    let folder = std::env::var_os("QUORATE_MUTANTS").map_or_else(|| repository.join("target/mutants"), PathBuf::from);
    Ok(Tree { repository, folder })
}

fn files() -> Done {
    for (file, found) in tree()?.mutated()? {
        println!("{} {file}", found.mutants.len());
    }
    Ok(true)
}

fn prepare() -> Done {
    let tree = tree()?;
    let digest = tree.copy()?;
    let notes = tree.folder.join("prepared.json");
    if prepared(&notes).is_ok_and(|prepared| prepared.digest == digest) {
        return Ok(true);
    }
    let files = tree.mutated()?;
    let count: usize = files.values().map(|found| found.mutants.len()).sum();
    let began = Instant::now();
    let (suites, dropped) = tree.build(&files)?;
    eprintln!("{count} mutants, of which {} do not compile; built in {} s", dropped.len(), began.elapsed().as_secs());
    for mutant in files.values().flat_map(|found| &found.mutants).filter(|mutant| dropped.contains(&mutant.number)) {
        eprintln!("does not compile: {}", mutant.id);
    }
    let began = Instant::now();
    let tests = test_runs::baseline(&suites, &tree.folder)?;
    eprintln!("{} tests hold without a mutant, in {} s", tests.len(), began.elapsed().as_secs());
    fs::write(notes, serde_json::to_string(&Prepared { digest, tests, dropped })?)?;
    Ok(true)
}

fn prepared(notes: &Path) -> Result<Prepared, Box<dyn Error>> {
    Ok(serde_json::from_str(&fs::read_to_string(notes)?)?)
}

fn test_all(text: &str) -> Done {
    let tree = tree()?;
    let Prepared { digest, tests, dropped } =
        prepared(&tree.folder.join("prepared.json")).map_err(|_| "nothing is prepared: run `prepare` first")?;
    if tree.copy()? != digest {
        return Err("the repository is not what was prepared: run `prepare` again".into());
    }
    let files = tree.mutated()?;
    let listed = listed(&fs::read_to_string(tree.repository.join("docs/MUTANTS.md"))?);
    let notes = tree.folder.join("verdicts").join(digest);
    fs::create_dir_all(notes.parent().unwrap_or(&notes))?;
    let known = known(&notes);
    let mut log = OpenOptions::new().create(true).append(true).open(&notes)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let all = files.values().flat_map(|found| &found.mutants);
    for mutant in all.filter(|mutant| mutant.id.contains(text)) {
        let Mutant { number, id } = mutant;
        if dropped.contains(number) {
            *counts.entry("do not compile").or_default() += 1;
            continue;
        }
        let verdict = match known.get(id) {
            Some(verdict) => verdict.clone(),
            None => {
                let began = Instant::now();
                let verdict = said(&test_runs::test(mutant, &tests)?);
                writeln!(log, "{id}\t{verdict}\t{}", began.elapsed().as_millis())?;
                verdict
            }
        };
        let survives = verdict == SURVIVED || verdict == NOT_REACHED;
        let outcome = match (survives, listed.contains(id)) {
            (false, false) => "killed",
            (true, true) => "listed as equivalent",
            (true, false) => "survived",
            (false, true) => "listed as equivalent, but killed",
        };
        *counts.entry(outcome).or_default() += 1;
        if outcome.starts_with("survived") || outcome.ends_with("but killed") {
            println!("{id}: {verdict}{}", if survives { "" } else { ", although docs/MUTANTS.md lists it" });
        }
    }
    let summary: Vec<String> = counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    println!("{}", summary.join(", "));
    Ok(!counts.contains_key("survived") && !counts.contains_key("listed as equivalent, but killed"))
}

const SURVIVED: &str = "no test fails";
const NOT_REACHED: &str = "no test comes by";

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Killed(test) => format!("killed by {test}"),
        Verdict::Endless => "killed by a test that did not end".to_owned(),
        Verdict::Survived => SURVIVED.to_owned(),
        Verdict::NotReached => NOT_REACHED.to_owned(),
    }
}

/// The verdicts of an earlier run on the same tree.
fn known(notes: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(notes).unwrap_or_default();
    let line = |line: &str| {
        let (id, rest) = line.split_once('\t')?;
        Some((id.to_owned(), rest.split_once('\t')?.0.to_owned()))
    };
    text.lines().filter_map(line).collect()
}

/// The mutants that the document lists: each begins its line, between backticks.
fn listed(document: &str) -> BTreeSet<String> {
    let names = document.lines().filter_map(|line| line.strip_prefix("- `")?.split_once('`'));
    names.map(|(name, _)| name.to_owned()).collect()
}
