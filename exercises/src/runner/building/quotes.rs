//! Files that a compiler might quote. An answer that does not compile is told why, with lines of
//! the files that it was to be made of: in a class whose folders lie side by side, they must be its
//! own.

use std::fs;
use std::io;
use std::path::Path;

/// Words that make the compiler read a file, if the name of one follows.
const READERS: [&str; 4] = ["include", "include_str", "include_bytes", "path"];

/// Whether an answer in this folder names files other than by plain names within it. A computed
/// name counts as such: it could be any.
pub(super) fn reach_outside(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
        let reaches = match path.extension() {
            _ if kind.is_dir() => reach_outside(&path)?,
            Some(ending) if ending == "rs" => names_others(&String::from_utf8_lossy(&fs::read(&path)?)),
            _ => false,
        };
        if reaches {
            return Ok(true);
        }
    }
    Ok(false)
}

fn names_others(text: &str) -> bool {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let is_part_of_word = |char: char| char.is_alphanumeric() || char == '_';
    let mut rest = code.as_str();
    while let Some(start) = rest.find(is_part_of_word) {
        let is_attribute = rest[..start].trim_end().ends_with(['[', ',', '(']);
        let end = rest[start..].find(|char: char| !is_part_of_word(char)).map_or(rest.len(), |length| start + length);
        let (word, after) = (&rest[start..end], rest[end..].trim_start());
        rest = &rest[end..];
        // `std::path` and variables of that name read nothing.
        let reads = word != "path" || is_attribute && after.starts_with('=');
        if READERS.contains(&word) && reads && !is_plain(after) {
            return true;
        }
    }
    false
}

/// Whether a plain file name follows, as in `!("beside.rs")` or `= "beside.rs"`.
fn is_plain(after: &str) -> bool {
    let after = after.trim_start_matches(['!', '=', '(', ' ']);
    let name = after.strip_prefix('"').and_then(|name| name.split_once('"')).map(|(name, _)| name);
    name.is_some_and(|name| !name.starts_with('/') && !name.contains("..") && !name.contains(['\\', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_within_the_folder_and_all_others_may_be_anywhere() {
        let plain = [
            "use std::path::PathBuf; let path = PathBuf::new();",
            "#[path = \"beside.rs\"] mod beside; const TEXT: &str = include_str!(\"parts/text.txt\");",
            "// include everybody\nfn includes() {}",
        ];
        let others = [
            "include!(\"/home/ada/majority.rs\");",
            "#[path = \"../ada/majority.rs\"] mod ada;",
            "compile_error!(include_str!(concat!(\"/\", \"home\")));",
            "use std::include_bytes as bytes;",
            "const TEXT: &str = include_str!(\"C:\\\\ada.rs\");",
        ];
        for text in plain {
            assert!(!names_others(text), "{text}");
        }
        for text in others {
            assert!(names_others(text), "{text}");
        }
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::create_dir(folder.path().join("parts")).expect("the folder is writable");
        fs::write(folder.path().join("a.rs"), plain[1]).expect("the folder is writable");
        assert!(!reach_outside(folder.path()).expect("it is readable"));
        fs::write(folder.path().join("parts").join("b.rs"), others[0]).expect("the folder is writable");
        assert!(reach_outside(folder.path()).expect("it is readable"));
    }
}
