//! Property tests: no input makes the language panic.

use proptest::prelude::*;

use super::{play_all, toy};
use crate::script::{RunOptions, run_scenario};

const STORY: &str = "# A story
#
# with all kinds of commands in it.

cluster gossip nodes=A,B,C seed=7 latency=1ms..3ms
hold A B Rumour count=2   # a comment
(tell A x)
step 2
---
ok

release A B
duplicate A * after=2ms
delay B C 5ms Thanks
forge A C Rumour word=yy
forge B A Thanks as=Thanks count=2
!crash nobody
run
print log why=on width=80
---
ok

partition A B,C
crash C before-persist kept=1
tell B \"zebra crossing\"
run 20ms
heal
restart C
network loss=5% straggling=1% straggle=1ms~5ms
drift A 200ppm
jump B -5s
pause A
resume A
fire B Repeat
until fact=Heard node=C within=200ms
note 'and then'
show state A
expect rule=Tell
expect state=B word=\"zebra crossing\"
show lanes
---
ok
";

#[test]
fn the_story_itself_is_sound() {
    let run_result = play_all(STORY).unwrap();
    assert_eq!(run_result.expectations, 2);
    assert_eq!(play_all(&run_result.text).unwrap().difference, None);
}

/// One random mutation of a text.
#[derive(Clone, Debug)]
enum Slip {
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    Flip(usize, char),
    Remove(usize),
    Number(usize, u64),
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![
        any::<usize>().prop_map(Slip::DropLine),
        any::<usize>().prop_map(Slip::RepeatLine),
        any::<(usize, usize)>().prop_map(|(one, other)| Slip::SwapLines(one, other)),
        (any::<usize>(), any::<char>()).prop_map(|(at, sign)| Slip::Flip(at, sign)),
        (any::<usize>(), prop::sample::select(" =\"'\\()!#*,-\r\n".chars().collect::<Vec<_>>()))
            .prop_map(|(at, sign)| Slip::Flip(at, sign)),
        any::<usize>().prop_map(Slip::Remove),
        (any::<usize>(), any::<u64>()).prop_map(|(at, number)| Slip::Number(at, number)),
    ]
}

fn apply(text: &str, slip: &Slip) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut signs: Vec<char> = text.chars().collect();
    let (count, length) = (lines.len().max(1), signs.len().max(1));
    match *slip {
        Slip::DropLine(at) if !lines.is_empty() => {
            lines.remove(at % count);
        }
        Slip::RepeatLine(at) if !lines.is_empty() => lines.insert(at % count, lines[at % count]),
        Slip::SwapLines(one, other) if !lines.is_empty() => lines.swap(one % count, other % count),
        Slip::Flip(at, sign) if !signs.is_empty() => {
            signs[at % length] = sign;
            return signs.into_iter().collect();
        }
        Slip::Remove(at) if !signs.is_empty() => {
            signs.remove(at % length);
            return signs.into_iter().collect();
        }
        Slip::Number(at, number) => return with_number(text, at, number),
        _ => {}
    }
    lines.join("\n")
}

/// Replaces one of the text's numbers.
fn with_number(text: &str, at: usize, number: u64) -> String {
    let starts: Vec<usize> = text
        .char_indices()
        .filter(|(index, sign)| sign.is_ascii_digit() && !text[..*index].ends_with(|sign: char| sign.is_ascii_digit()))
        .map(|(index, _)| index)
        .collect();
    let Some(&start) = starts.get(at % starts.len().max(1)) else { return text.to_owned() };
    let end = text[start..].find(|sign: char| !sign.is_ascii_digit()).map_or(text.len(), |end| start + end);
    format!("{}{number}{}", &text[..start], &text[end..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_performed_or_refused(text in ".{0,200}") {
        let _ = run_scenario(&text, &toy::registry(), RunOptions::default());
    }

    #[test]
    fn any_bytes_are_performed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = run_scenario(&String::from_utf8_lossy(&bytes), &toy::registry(), RunOptions::default());
    }

    #[test]
    fn any_arguments_are_performed_or_refused(
        lines in prop::collection::vec(("(run|step|until|fire|hold|drop|delay|duplicate|release|pass|cut|partition|network|crash|jump|drift|tell|show|print|note|expect)",
            "( [A-C*]| [a-z]{1,6}=[A-Z0-9a-z.,%]{0,6}| [0-9]{1,20}(ms|s|ppm|%)?| Rumour| state| lanes| \"[^\"]{0,5}\"| '){0,4}"), 0..8)
    ) {
        let script: String = lines.iter().map(|(command, arguments)| format!("{command}{arguments}\n")).collect();
        let _ = play_all(&format!("cluster gossip nodes=A,B,C\n{script}expect up=A\n"));
    }

    #[test]
    fn a_damaged_story_is_performed_or_refused(slips in prop::collection::vec(slip(), 1..6)) {
        let text = slips.iter().fold(STORY.to_owned(), |text, slip| apply(&text, slip));
        match run_scenario(&text, &toy::registry(), RunOptions::default()) {
            // A scenario that ran can be run again, and then reproduces its output.
            Ok(run_result) => {
                let again = run_scenario(&run_result.text, &toy::registry(), RunOptions::default());
                let again = again.map_err(|failure| TestCaseError::fail(failure.to_string()))?;
                prop_assert_eq!(again.difference, None);
                prop_assert_eq!(again.text, run_result.text);
            }
            Err(failure) => {
                prop_assert!(failure.error.line >= 1 && failure.error.line <= text.lines().count().max(1));
                prop_assert!(!failure.to_string().contains("cannot read this"), "{}", failure);
            }
        }
    }
}
