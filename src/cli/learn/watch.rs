//! `quorate learn watch`: grades an exercise whenever its file is saved.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher};
use quorate::exercises::Exercise;
use quorate::exercises::desk::Desk;

use super::grade::{mark_fresh, tell};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;

/// Grades an exercise, and again whenever its file is saved. Without a given exercise it continues
/// with the next one when one is solved.
pub(super) fn watch(only: Option<&'static Exercise>, desk: &Desk, screen: &mut Screen) -> Result<(), Failure> {
    let (said, changes) = channel();
    let blind = |error: notify::Error| Failure::unusable(format_args!("{}: {error}", desk.root().display()));
    let mut watcher = notify::recommended_watcher(said).map_err(blind)?;
    watcher.watch(desk.root(), RecursiveMode::NonRecursive).map_err(blind)?;
    loop {
        let Some(exercise) = only.or(desk.progress()?.next()) else { return super::finished(screen) };
        let marked = mark_fresh(exercise, desk)?;
        tell(exercise, &marked, desk, screen)?;
        if marked.outcome.is_passed() {
            screen.line("")?;
            screen.line(super::bar(&desk.progress()?))?;
            if only.is_some() {
                return Ok(());
            }
            let Some(next) = desk.progress()?.next() else { return super::finished(screen) };
            screen.line("")?;
            super::show(next, desk, screen)?;
        }
        let Some(waited) = only.or(desk.progress()?.next()) else { return super::finished(screen) };
        screen.line("")?;
        screen.line(format_args!("Watching {}; Ctrl-C ends it.", desk.file(waited).display()))?;
        screen.flush()?;
        if !saved(&desk.file(waited), &changes) {
            return Err(Failure::unusable(format_args!("{} can no longer be watched", desk.root().display())));
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
