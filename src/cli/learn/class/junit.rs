//! JUnit XML: a suite for each student, a test case for each exercise.
//!
//! Written by hand: it is four kinds of elements, while the libraries for it bring clocks and
//! random identifiers, and a grading of the same seed must give the same bytes.

use std::fmt::Write as _;

use super::{Mark, StudentGrades};

/// The grades of a class.
pub(super) fn text(class: &[StudentGrades]) -> String {
    let total = |mark: Mark| class.iter().map(|student| student.marked(mark).count()).sum::<usize>();
    let tests: usize = class.iter().map(|student| student.grades.len()).sum();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"quorate\" {}>", counts(tests, total));
    for student in class {
        suite(student, &mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(student: &StudentGrades, text: &mut String) {
    let name = escaped(&student.student);
    let counts = counts(student.grades.len(), |mark| student.marked(mark).count());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  <testsuite name=\"{name}\" {counts}>");
    for grade in &student.grades {
        let case = format!("    <testcase classname=\"{name}\" name=\"{}\"", grade.exercise.id);
        let first = escaped(grade.message.lines().next().unwrap_or_default());
        let (element, kind) = match grade.mark {
            Mark::Passed => {
                let _ = writeln!(text, "{case}/>");
                continue;
            }
            Mark::NotHandedIn => {
                let _ = writeln!(text, "{case}><skipped message=\"{first}\"/></testcase>");
                continue;
            }
            Mark::NotGraded => ("error", grade.mark.word()),
            Mark::Failed | Mark::DoesNotBuild | Mark::Stopped => ("failure", grade.mark.word()),
        };
        let all = escaped(&grade.message);
        let _ = writeln!(text, "{case}><{element} message=\"{first}\" type=\"{kind}\">{all}</{element}></testcase>");
    }
    text.push_str("  </testsuite>\n");
}

/// Attributes with the numbers of test cases by result.
fn counts(tests: usize, marked: impl Fn(Mark) -> usize) -> String {
    let failures: usize = [Mark::Failed, Mark::DoesNotBuild, Mark::Stopped].into_iter().map(&marked).sum();
    let (errors, skipped) = (marked(Mark::NotGraded), marked(Mark::NotHandedIn));
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

/// Escapes a text for elements and attributes. Characters that XML cannot hold are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use quorate::exercises::course::COURSE;
    use roxmltree::{Document, Node};

    use super::*;
    use crate::cli::learn::class::Grade;

    fn children<'a>(node: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
        node.children().filter(|child| child.has_tag_name(name)).collect()
    }

    #[test]
    fn a_parser_reads_back_what_was_written_whatever_the_names_and_messages() {
        let message = "it's <b> & \"c\" ]]>\nsecond\tline \u{1b}[31m \u{0} 用";
        let graded = |(exercise, mark)| Grade::without_points(exercise, mark, message);
        let grades: Vec<Grade> = COURSE.iter().zip(Mark::ALL).map(graded).collect();
        let student = "O'Brien <&\"> 李\u{7}";
        let class = [StudentGrades { student: student.to_owned(), grades, remarks: Vec::new() }];
        let text = text(&class);
        let document = Document::parse(&text).expect("it is XML");
        let suite = children(document.root_element(), "testsuite")[0];
        assert_eq!(suite.attribute("name"), Some("O'Brien <&\"> 李\u{fffd}"));
        let numbers = ["tests", "failures", "errors", "skipped"].map(|name| suite.attribute(name).unwrap_or_default());
        assert_eq!(numbers, ["6", "3", "1", "1"]);
        let cases = children(suite, "testcase");
        for (case, exercise) in cases.iter().zip(COURSE) {
            assert_eq!(case.attribute("name"), Some(exercise.id));
        }
        let failure = children(cases[1], "failure")[0];
        assert_eq!(failure.attribute("message"), Some("it's <b> & \"c\" ]]>"));
        assert_eq!(failure.text(), Some("it's <b> & \"c\" ]]>\nsecond\tline \u{fffd}[31m \u{fffd} 用"));
        let elements: Vec<_> =
            cases.iter().map(|case| case.first_element_child().map_or("", |child| child.tag_name().name())).collect();
        assert_eq!(elements, ["", "failure", "failure", "failure", "skipped", "error"]);
    }
}
