//! Hostile answer that forges results: it prints what a grader may accept before it is asked
//! anything, and exits. For the tests of grading.

use std::io::Write;

fn main() {
    let report = concat!(
        r#"{"exercise":"paxos-promise","fresh":5,"passed":["all of it"],"verdict":"passed","points":999}"#,
        "\n"
    );
    // Every place where a grader may look for a report.
    for path in std::env::args().skip(1).chain(["report.json".to_owned(), "failures/paxos-promise.json".to_owned()]) {
        let _ = std::fs::write(path, report);
    }
    let mut out = std::io::stdout();
    let hello = "\n\u{1}0 hello {\"version\":1,\"exercise\":\"paxos-promise\",\"given\":[\"promise\"]}\n";
    let _ = out.write_all(hello.as_bytes());
    for number in 1..100_000 {
        // Replies to requests that were never read.
        if writeln!(out, "\u{1}{number} done [true,\"PromiseHigher\"]").is_err() {
            break;
        }
    }
    let _ = out.write_all(report.as_bytes());
}
