//! Layering of the modules in the protocol crates: data at the bottom, mechanisms above it, no
//! import cycles, and every import from the defining module.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of a crate by path, such as `log/batch`, with their code without comments and tests.
fn modules(name: &str) -> BTreeMap<String, String> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }

    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let module = |file: PathBuf| {
        let path = file.strip_prefix(&source).unwrap().with_extension("");
        let path = path.to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap()).collect();
        (path.trim_end_matches("/mod").to_owned(), lines.join("\n"))
    };
    found.into_iter().map(module).filter(|(path, _)| path != "lib").collect()
}

/// Imports of each module within its crate.
fn imports(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let modules = modules(name);
    let named = |module: &str, code: &str| -> BTreeSet<String> {
        let parent = module.rsplit_once('/').map_or("", |(parent, _)| parent);
        let parent = if modules.keys().any(|other| other.starts_with(&format!("{module}/"))) { module } else { parent };
        [("crate::", ""), ("super::", parent), ("self::", module)]
            .into_iter()
            .flat_map(|(word, base)| code.split(word).skip(1).map(move |rest| (base, rest)))
            .filter_map(|(base, rest)| {
                let end =
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
                let path = format!("{base}/{}", rest[..end].replace("::", "/"));
                let path = path.trim_start_matches('/');
                let known = modules.keys().filter(|known| path == *known || path.starts_with(&format!("{known}/")));
                known.max_by_key(|known| known.len()).cloned()
            })
            .filter(|other| other != module)
            .collect()
    };
    modules.iter().map(|(module, code)| (module.clone(), named(module, code))).collect()
}

/// Modules that are in an import cycle, or import one that is.
fn in_circles(mut imports: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let open: BTreeSet<String> = imports.keys().cloned().collect();
        let before = imports.len();
        imports.retain(|_, named| named.iter().any(|other| open.contains(other)));
        if imports.len() == before {
            return imports.into_keys().collect();
        }
    }
}

#[test]
fn the_modules_of_raft_are_in_an_order_and_data_is_its_ground() {
    let imports = imports("raft");
    assert!(imports["consistency"].contains("log") && imports["log"].contains("log/store"), "imports are found");
    assert_eq!(in_circles(imports.clone()), Vec::<String>::new());
    let is_data = |module: &str| {
        let module = module.split('/').next().unwrap();
        [
            "client",
            "config",
            "disk",
            "entry",
            "fact",
            "log",
            "membership",
            "message",
            "position",
            "rulebook",
            "rules",
            "session",
            "snapshot",
            "state_machine",
        ]
        .contains(&module)
    };
    assert!(imports.keys().any(|module| is_data(module)));
    for (module, named) in imports.iter().filter(|(module, _)| is_data(module)) {
        assert!(named.iter().all(|other| is_data(other)), "{module} is data, and imports of {named:?}");
    }
}

#[test]
fn basic_paxos_and_multi_paxos_stand_side_by_side_on_common_ground() {
    let imports = imports("paxos");
    let part =
        |module: &str| module.split('/').next().filter(|part| ["basic", "multi"].contains(part)).map(str::to_owned);
    assert!(
        imports["multi/leader"].contains("phase_1") && imports["basic/node"].contains("basic/disk"),
        "imports are found"
    );
    for (module, named) in &imports {
        for other in named.iter().filter(|other| part(other).is_some()) {
            assert_eq!(part(other), part(module), "{module} imports {other}");
        }
    }
    let ground = imports.into_iter().filter(|(module, _)| part(module).is_none());
    assert_eq!(in_circles(ground.collect()), Vec::<String>::new());
}

#[test]
fn imports_name_the_module_where_a_thing_is_defined() {
    for name in ["paxos", "raft"] {
        for (module, code) in modules(name) {
            for rest in code.split("use crate::").skip(1) {
                let first = rest.chars().next().unwrap();
                assert!(
                    first.is_ascii_lowercase(),
                    "{name}/{module} imports {} from the root",
                    rest.lines().next().unwrap()
                );
            }
        }
    }
}
