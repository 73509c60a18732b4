//! The playground as a site of files: the same page, with the session as WebAssembly in a worker.
//!
//! ```text
//! index.html site.css   what it is, and every scenario
//! play/                 the page, its modules, worker.js, the session, and what it knows (catalogue.json)
//! book/                 a book, if there is one
//! ```
//!
//! All addresses are relative, so a site can be anywhere below a host.

mod build;
mod index;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use quorate_session::Session;

use crate::arguments::SiteArguments;
use crate::files;

/// Files at the top of the site.
const STYLE: &str = include_str!("../../../site/site.css");

/// The script of the worker, which no module imports.
const WORKER: &str = "worker.js";

/// The session with the protocols that a page begins with, which is all that it waits for.
const FIRST: &str = "first.wasm";

/// The session with all protocols, which is loaded while the first is used.
const ALL: &str = "quorate.wasm";

/// The response to a request for the catalogue, of all protocols.
const CATALOGUE: &str = "catalogue.json";

/// The request for it.
const CATALOGUE_REQUEST: &str = r#"{"do":"catalogue"}"#;

/// Policy of the playground in the site: as the server's, but for two things that the worker needs.
/// Its module is compiled, and its address is no text of the page (`playground/page/transport.js`).
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
                      img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      require-trusted-types-for 'script'; trusted-types quorate-worker";

/// Writes the site, and says where it is.
///
/// # Errors
/// The module cannot be built or read, or the folder is another's or cannot be written to.
pub(crate) fn write(arguments: &SiteArguments) -> Result<(), String> {
    let SiteArguments { out, wasm, book } = arguments;
    take(out)?;
    let book = book.as_deref().map(checked_book).transpose()?;
    let [first, all] = [FIRST, ALL].map(|name| match wasm {
        Some(folder) => given(&folder.join(name)),
        None => build::module(name == ALL),
    });
    let (first, all) = (first?, all?);
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";
    put(out, "index.html", index::page(policy, book.is_some())?.as_bytes())?;
    put(out, "site.css", STYLE.as_bytes())?;
    let modules = modules();
    put(out, "play/index.html", playground(&modules)?.as_bytes())?;
    for (name, text) in files::all().filter(|(name, _)| *name != "index.html") {
        if !name.ends_with(".js") || modules.contains(name) || name == WORKER {
            put(&out.join("play"), name, text.as_bytes())?;
        }
    }
    let play = out.join("play");
    put(&play, FIRST, &first)?;
    put(&play, ALL, &all)?;
    put(&play, CATALOGUE, Session::new().handle(CATALOGUE_REQUEST).as_bytes())?;
    if let Some(book) = book {
        copy(book, &out.join("book"))?;
    }
    say(&format!(
        "The site is in {}: {} kB, of which the session {} kB, of which a page waits for {} kB. Any web server can serve it, such as\n\
         `python3 -m http.server --directory {}`.",
        out.display(),
        size(out)? / 1000,
        (first.len() + all.len()) / 1000,
        first.len() / 1000,
        out.display()
    ));
    Ok(())
}

/// A module that was built before.
fn given(file: &Path) -> Result<Vec<u8>, String> {
    let module = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    if module.starts_with(b"\0asm") {
        return Ok(module);
    }
    Err(format!("{} is no WebAssembly module; leave out --wasm, and it is built", file.display()))
}

/// Prints a line. A terminal that is gone is no reason to end.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Makes sure that the folder is free, or was a site, of which the playground is removed.
fn take(out: &Path) -> Result<(), String> {
    let is_free = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if is_free {
        return Ok(());
    }
    if !out.join("play").join(ALL).is_file() {
        return Err(format!("{} has other files in it; --out must be a new folder, or one with a site", out.display()));
    }
    for folder in ["play", "book"].map(|name| out.join(name)).iter().filter(|folder| folder.is_dir()) {
        fs::remove_dir_all(folder).map_err(|error| format!("cannot replace {}: {error}", folder.display()))?;
    }
    Ok(())
}

/// Modules that the page imports, directly or not.
fn modules() -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut next = vec!["playground.js"];
    while let Some(name) = next.pop() {
        if !found.insert(name) {
            continue;
        }
        let text = files::find(name).map_or("", |file| file.text);
        let imports = text.lines().filter(|line| line.starts_with("import "));
        next.extend(imports.filter_map(|line| line.split_once("from \"./")?.1.strip_suffix("\";")));
    }
    found
}

/// The page of the playground, with its policy and the session in a worker. Its modules are named
/// at the top, so that a browser asks for all of them at once.
fn playground(modules: &BTreeSet<&str>) -> Result<String, String> {
    let mut page = files::find("").map_or("", |file| file.text).to_owned();
    let modules: String =
        modules.iter().map(|name| format!("<link rel=\"modulepreload\" href=\"{name}\">\n")).collect();
    let policy = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n");
    for (place, text) in [
        ("<html lang=\"en\"", " data-session=\"worker\""),
        ("<meta charset=\"utf-8\">\n", policy.as_str()),
        ("<link rel=\"stylesheet\" href=\"playground.css\">\n", modules.as_str()),
    ] {
        let at = page.find(place).ok_or_else(|| format!("the page of the playground has no {place}"))? + place.len();
        page.insert_str(at, text);
    }
    Ok(page)
}

/// The folder of a book, which has a first page.
fn checked_book(book: &Path) -> Result<&Path, String> {
    if book.join("index.html").is_file() {
        return Ok(book);
    }
    Err(format!("{} has no index.html, with which a book begins", book.display()))
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let path = folder.join(name);
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(&path, bytes)).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    for path in entries(from)? {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            let bytes = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            put(to, &name.to_string_lossy(), &bytes)?;
        }
    }
    Ok(())
}

/// Number of bytes of all files in a folder.
fn size(folder: &Path) -> Result<u64, String> {
    let sizes = entries(folder)?
        .into_iter()
        .map(|path| if path.is_dir() { size(&path) } else { Ok(fs::metadata(&path).map_or(0, |file| file.len())) });
    sizes.sum()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    Ok(entries)
}
