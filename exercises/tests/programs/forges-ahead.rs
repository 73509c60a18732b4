//! An answer that answers nothing: it says what a grader may like to hear, and ends. For the tests of marking.

use std::io::Write;

fn main() {
    let report = concat!(
        r#"{"exercise":"paxos-promise","fresh":5,"passed":["all of it"],"verdict":"passed","points":999}"#,
        "\n"
    );
    // Wherever it may be looked for.
    for path in std::env::args().skip(1).chain(["report.json".to_owned(), "failures/paxos-promise.json".to_owned()]) {
        let _ = std::fs::write(path, report);
    }
    let mut out = std::io::stdout();
    let hello = "\n\u{1}0 hello {\"version\":1,\"exercise\":\"paxos-promise\",\"given\":[\"promise\"]}\n";
    let _ = out.write_all(hello.as_bytes());
    for number in 1..100_000 {
        // To questions that were never read.
        if writeln!(out, "\u{1}{number} done [true,\"PromiseHigher\"]").is_err() {
            break;
        }
    }
    let _ = out.write_all(report.as_bytes());
}
