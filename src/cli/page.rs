//! Pages of the course in the terminal: Markdown with its paragraphs and tables at the width of the
//! terminal.

use textwrap::core::display_width;

use super::wrap::{is_wide, wrap};

/// Room between the columns of a table.
const GAP: usize = 2;

/// A page of headings, paragraphs, lists, tables, and indented text, at most so wide.
pub(crate) fn page(markdown: &str, width: usize) -> String {
    let blocks = markdown.trim_end().split("\n\n").map(|block| {
        let lines: Vec<&str> = block.trim_matches('\n').lines().collect();
        match lines.first() {
            Some(first) if first.starts_with('|') => table(&lines, width),
            Some(first) if first.starts_with("    ") || first.starts_with("```") => lines.join("\n"),
            _ => paragraphs(&lines, width),
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// Joins lines that belong together, and wraps each; headings and items of a list begin anew.
fn paragraphs(lines: &[&str], width: usize) -> String {
    let mut joined: Vec<String> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some(before) if marker(line) == 0 && !before.starts_with('#') => {
                // Chinese is written without spaces, also where the source begins a new line.
                if !(before.ends_with(is_wide) || line.trim().starts_with(is_wide)) {
                    before.push(' ');
                }
                before.push_str(line.trim());
            }
            _ => joined.push((*line).to_owned()),
        }
    }
    let wrapped = joined.iter().flat_map(|text| wrap(text, width, "", &" ".repeat(marker(text))));
    wrapped.collect::<Vec<_>>().join("\n")
}

/// Length of what begins an item of a list: `* `, `- `, `3. `. 0 for other lines.
fn marker(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let item = &line[indent..];
    let digits = item.len() - item.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    match item.get(digits..digits + 2) {
        Some(". ") if digits > 0 => indent + digits + 2,
        Some("* " | "- ") if digits == 0 => indent + 2,
        _ => 0,
    }
}

/// Aligns the columns of a table, and wraps its last one.
fn table(lines: &[&str], width: usize) -> String {
    let is_rule = |line: &&&str| line.chars().all(|char| "|-: ".contains(char));
    let cells = |line: &&str| -> Vec<String> {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
        inner.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
    };
    let rows: Vec<Vec<String>> = lines.iter().filter(|line| !is_rule(line)).map(cells).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max();
    let widths: Vec<usize> = (0..columns.saturating_sub(1)).map(|column| widest(column).unwrap_or_default()).collect();
    let indent = " ".repeat(widths.iter().map(|width| width + GAP).sum::<usize>().min(width / 2));
    let drawn = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).flat_map(|row| {
        let Some((last, others)) = row.split_last() else { return Vec::new() };
        let first: String = others
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(display_width(cell)) + GAP)))
            .collect();
        if display_width(&first) <= indent.len() {
            return wrap(last, width, &first, &indent);
        }
        let mut lines = wrap(first.trim_end(), width, "", "  ");
        lines.extend(wrap(last, width, &indent, &indent));
        lines
    });
    drawn.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined_and_wrapped_and_tables_are_aligned() {
        let markdown = "# Title\n\nA paragraph on two\nlines that is wrapped.\n\n| argument | means |\n|---|---|\n| `commit` | how far it has committed |\n| `a\\|b` | or |\n\n    code  stays as it is, however wide it may be\n\n* an item that is wrapped\n* another";
        let expected = "# Title\n\nA paragraph on two lines that\nis wrapped.\n\nargument  means\n`commit`  how far it has\n          committed\n`a|b`     or\n\n    code  stays as it is, however wide it may be\n\n* an item that is wrapped\n* another";
        assert_eq!(page(markdown, 30), expected);
    }
}
