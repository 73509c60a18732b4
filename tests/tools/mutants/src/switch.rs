//! The switch that the mutated tree gets: it goes to the end of `protocol/src/lib.rs`.

/// One build holds all mutants. `QUORATE_MUTANT` chooses the one that a process runs, and with
/// `QUORATE_REACHED` each that is come by leaves an empty file of its number in that folder.
pub const MODULE: &str = r#"
#[allow(missing_docs, unused, clippy::all)]
pub mod mutants {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    static CHOSEN: OnceLock<u32> = OnceLock::new();
    static FOLDER: OnceLock<Option<std::path::PathBuf>> = OnceLock::new();
    static REACHED: [AtomicBool; 4096] = [const { AtomicBool::new(false) }; 4096];

    pub fn on(number: u32) -> bool {
        if let Some(folder) = FOLDER.get_or_init(|| std::env::var_os("QUORATE_REACHED").map(Into::into))
            && REACHED.get(number as usize).is_some_and(|reached| !reached.swap(true, Ordering::Relaxed))
        {
            let _ = std::fs::write(folder.join(number.to_string()), "");
        }
        number == *CHOSEN.get_or_init(|| std::env::var("QUORATE_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    pub fn less<T: PartialOrd + ?Sized>(number: u32, a: &T, b: &T) -> bool {
        if on(number) { a <= b } else { a < b }
    }

    pub fn at_most<T: PartialOrd + ?Sized>(number: u32, a: &T, b: &T) -> bool {
        if on(number) { a < b } else { a <= b }
    }

    pub fn greater<T: PartialOrd + ?Sized>(number: u32, a: &T, b: &T) -> bool {
        if on(number) { a >= b } else { a > b }
    }

    pub fn at_least<T: PartialOrd + ?Sized>(number: u32, a: &T, b: &T) -> bool {
        if on(number) { a > b } else { a >= b }
    }

    pub fn max<T: Ord>(number: u32, a: T, b: T) -> T {
        if on(number) { a.min(b) } else { a.max(b) }
    }

    pub fn min<T: Ord>(number: u32, a: T, b: T) -> T {
        if on(number) { a.max(b) } else { a.min(b) }
    }

    pub fn all<I: Iterator>(number: u32, mut each: I, holds: impl FnMut(I::Item) -> bool) -> bool {
        if on(number) { each.any(holds) } else { each.all(holds) }
    }

    pub fn any<I: Iterator>(number: u32, mut each: I, holds: impl FnMut(I::Item) -> bool) -> bool {
        if on(number) { each.all(holds) } else { each.any(holds) }
    }

    pub fn flip<R>(number: u32, ruling: crate::Ruling<R>) -> crate::Ruling<R> {
        match (on(number), ruling) {
            (true, crate::Ruling::Allow(rule)) => crate::Ruling::Refuse(rule),
            (true, crate::Ruling::Refuse(rule)) => crate::Ruling::Allow(rule),
            (false, ruling) => ruling,
        }
    }
}
"#;
