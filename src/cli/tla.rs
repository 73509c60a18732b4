//! `--tla FOLDER`: the steps of a run with the specification that checks them, ready for TLC.

use std::fs;
use std::path::Path;

use quorate::lab::trace::Document;
use quorate::lab::trace::export::{self, Specification};

use super::failure::Failure;

/// Files that TLC needs for a specification, by their names in `docs/specs`.
fn files(specification: Specification) -> &'static [(&'static str, &'static str)] {
    macro_rules! specs {
        ($($name:literal)*) => { &[$(($name, include_str!(concat!("../../docs/specs/", $name)))),*] };
    }
    match specification {
        Specification::Paxos => specs!["Paxos.tla" "PaxosTrace.tla" "PaxosTrace.cfg"],
        Specification::Raft => specs!["Raft.tla" "RaftTrace.tla" "RaftTrace.cfg"],
        Specification::Lease => specs!["Lease.tla" "LeaseTrace.tla" "LeaseTrace.cfg" "Nanoseconds.tla"],
    }
}

/// Writes the module `Run` and the other files for TLC. Returns lines that say so, with the command
/// to run it.
pub(super) fn save(document: &Document, folder: &Path) -> Result<[String; 2], Failure> {
    let specification = Specification::of(&document.header.protocol).map_err(Failure::unusable)?;
    let run = export::tla(document).map_err(Failure::unusable)?;
    let at = |name: &str| folder.join(name);
    let unwritable = |path: &Path, error| Failure::unusable(format_args!("{}: {error}", path.display()));
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for (name, text) in files(specification).iter().copied().chain([("Run.tla", run.as_str())]) {
        fs::write(at(name), text).map_err(|error| unwritable(&at(name), error))?;
    }
    let module = specification.module();
    Ok([
        format!("Saved {}. To check the run with TLC, run in that folder:", folder.display()),
        format!("  java -cp tla2tools.jar tlc2.TLC -config {module}Trace.cfg Run"),
    ])
}
