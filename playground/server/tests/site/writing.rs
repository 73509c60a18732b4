//! Tests of the files of a site; the session in it is no module that runs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use quorate_scenarios::ALL;
use quorate_session::Session;

/// The beginning of every WebAssembly module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn site(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate-playground"));
    command.arg("site").args(arguments).current_dir(folder).output().expect("the binary runs")
}

/// A folder with a folder of modules in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let modules = folder.path().join("modules");
    fs::create_dir(&modules).expect("there is room for a folder");
    for name in ["first.wasm", "quorate.wasm"] {
        fs::write(modules.join(name), MODULE).expect("there is room for a module");
    }
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_scenario_has_a_link_and_no_address_leaves_the_site() {
    let folder = folder();
    let written = site(folder.path(), &["--out", "site", "--wasm", "modules"]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let index = read(folder.path(), "site/index.html");
    for scenario in ALL {
        let link = format!("\"play/index.html?scenario={}\"", scenario.path());
        assert_eq!(index.matches(&link).count(), 1, "{link}");
    }
    let page = read(folder.path(), "site/play/index.html");
    for (text, below) in [(&index, "site"), (&page, "site/play")] {
        for attribute in ["href=\"", "src=\""] {
            for address in text.split(attribute).skip(1).filter_map(|rest| rest.split(['"', '?']).next()) {
                assert!(folder.path().join(below).join(address).is_file(), "{address} in {below}");
            }
        }
    }
    for name in ["first.wasm", "quorate.wasm"] {
        assert_eq!(fs::read(folder.path().join("site/play").join(name)).expect("it is there"), MODULE);
    }
    let catalogue = Session::new().handle(r#"{"do":"catalogue"}"#);
    assert_eq!(read(folder.path(), "site/play/catalogue.json"), catalogue);
}

#[test]
fn the_policy_of_the_playground_allows_a_compiled_module_and_nothing_wider() {
    let folder = folder();
    site(folder.path(), &["--out", "site", "--wasm", "modules"]);
    let page = read(folder.path(), "site/play/index.html");
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).and_then(|rest| rest.split('"').next());
    let policy = policy.expect("it has one");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "));
    assert_eq!(policy.matches("unsafe").count(), 1, "{policy}");
    assert!(!["http", "data:", "blob:", "*"].iter().any(|wide| policy.contains(wide)), "{policy}");
    assert!(page.find("Content-Security-Policy") < page.find("<script"), "it comes before what it is about");
    assert!(page.contains("<html lang=\"en\" data-session=\"worker\">"));
}

#[test]
fn a_site_replaces_an_earlier_one_and_nothing_else() {
    let folder = folder();
    let arguments = ["--out", "site", "--wasm", "modules"];
    site(folder.path(), &arguments);
    let old = folder.path().join("site/play/old.js");
    fs::write(&old, "").expect("there is room");
    assert!(site(folder.path(), &arguments).status.success());
    assert!(!old.exists());
    let refused = site(folder.path(), &["--out", ".", "--wasm", "modules"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--out must be a new folder"));
    assert!(folder.path().join("modules").is_dir() && !folder.path().join("index.html").exists());
}

#[test]
fn a_book_becomes_a_part_of_the_site() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("pages/one")).expect("there is room");
    let wrong = site(folder.path(), &["--out", "site", "--wasm", "modules", "--book", "pages"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("pages has no index.html"));
    for page in ["index.html", "one/index.html"] {
        fs::write(folder.path().join("pages").join(page), "a page").expect("there is room");
    }
    assert!(site(folder.path(), &["--out", "site", "--wasm", "modules", "--book", "pages"]).status.success());
    assert_eq!(read(folder.path(), "site/book/one/index.html"), "a page");
    assert!(read(folder.path(), "site/index.html").contains("<a href=\"book/index.html\">"));
}

#[test]
fn what_is_no_module_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("modules/quorate.wasm"), "a text").expect("there is room");
    for (modules, why) in
        [("modules", "modules/quorate.wasm is no WebAssembly module"), ("missing", "cannot read missing/first.wasm")]
    {
        let refused = site(folder.path(), &["--out", "site", "--wasm", modules]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why), "{modules}");
        assert!(!folder.path().join("site").exists(), "nothing is written");
    }
}
