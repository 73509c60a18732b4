//! `quorate learn watch`: grades an exercise whenever its file is saved.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher};
use quorate::exercises::workspace::Workspace;
use quorate::exercises::{Exercise, Language};

use super::grade::{Reader, grade_fresh, tell};
use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// Grades an exercise, and again whenever its file is saved. Without a given exercise it continues
/// with the next one when one is solved.
pub(super) fn watch(
    only: Option<&'static Exercise>,
    language: Language,
    workspace: &Workspace,
    output: &mut Output,
) -> Result<(), Failure> {
    let (said, changes) = channel();
    let blind = |error: notify::Error| Failure::unusable(format_args!("{}: {error}", workspace.root().display()));
    let mut watcher = notify::recommended_watcher(said).map_err(blind)?;
    watcher.watch(workspace.root(), RecursiveMode::NonRecursive).map_err(blind)?;
    loop {
        let Some(exercise) = only.or(workspace.progress()?.next()) else { return super::finished(output) };
        let graded = grade_fresh(exercise, workspace)?;
        tell(exercise, &graded, Reader { language, workspace, is_report: false }, output)?;
        if graded.outcome.is_passed() {
            output.line("")?;
            output.line(super::bar(&workspace.progress()?))?;
            if only.is_some() {
                return Ok(());
            }
            let Some(next) = workspace.progress()?.next() else { return super::finished(output) };
            output.line("")?;
            super::show(next, language, workspace, output)?;
        }
        let Some(waited) = only.or(workspace.progress()?.next()) else { return super::finished(output) };
        output.line("")?;
        output.line(format_args!("Watching {}; press Ctrl-C to stop.", workspace.file(waited).display()))?;
        output.flush()?;
        if !saved(&workspace.file(waited), &changes) {
            return Err(Failure::unusable(format_args!("{} can no longer be watched", workspace.root().display())));
        }
    }
}

/// Waits until the file is written and the editor has finished. Returns false if the watcher has
/// ended.
fn saved(file: &Path, changes: &Receiver<notify::Result<Event>>) -> bool {
    let name = file.file_name();
    loop {
        let Ok(change) = changes.recv() else { return false };
        let written = change
            .is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(|path| path.file_name() == name));
        if written {
            // Editors save a file in several steps.
            while changes.recv_timeout(Duration::from_millis(100)).is_ok() {}
            return true;
        }
    }
}
