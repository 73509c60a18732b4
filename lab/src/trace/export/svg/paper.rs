//! SVG writer: the only code that writes tags, so all text from a trace is escaped here.

use std::fmt::Write as _;

/// Fonts and colours for the light and the dark mode. Colours of ballots and terms follow Okabe and
/// Ito, as on the page.
const STYLE: &str = include_str!("paper.css");

/// The elements so far, in layers: later layers cover earlier ones.
#[derive(Debug, Default)]
pub(super) struct Paper {
    lines: String,
    bands: String,
    arrows: String,
    shapes: String,
    names: String,
}

impl Paper {
    /// Draws a piece of a lifeline. A pause is drawn on top of an epoch band, where it matters
    /// most.
    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let (x1, y1, x2, y2) = (n(x1), n(y1), n(x2), n(y2));
        let layer = if class.ends_with("paused") { &mut self.arrows } else { &mut self.lines };
        let _ = writeln!(layer, r#"<path class="{class}" d="M{x1} {y1}L{x2} {y2}"/>"#);
    }

    pub(super) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), round: f64) {
        let (x, y, width, height, round) = (n(x), n(y), n(width), n(height), n(round));
        let layer = if class.starts_with('h') || class.starts_with("ban") { &mut self.names } else { &mut self.bands };
        let _ = writeln!(
            layer,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}"/>"#
        );
    }

    /// Draws a path of an arrow.
    pub(super) fn stroke(&mut self, class: &str, path: &str) {
        let _ = writeln!(self.arrows, r#"<path class="{class}" d="{path}"/>"#);
    }

    /// Draws a shape at a position.
    pub(super) fn shape(&mut self, class: &str, (x, y): (f64, f64), path: &str) {
        let (x, y) = (n(x), n(y));
        let _ = writeln!(self.shapes, r#"<path class="{class}" transform="translate({x} {y})" d="{path}"/>"#);
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let (x, y, text) = (n(x), n(y), escaped(text));
        let _ = writeln!(self.names, r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#);
    }

    /// Draws a vertical text, from top to bottom.
    pub(super) fn turned(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let (x, y, text) = (n(x), n(y), escaped(text));
        let _ =
            writeln!(self.names, r#"<text class="{class}" transform="translate({x} {y}) rotate(90)">{text}</text>"#);
    }

    /// Draws text of several classes on one line.
    pub(super) fn spans(&mut self, (x, y): (f64, f64), parts: &[(&str, String)]) {
        let (x, y) = (n(x), n(y));
        let _ = write!(self.names, r#"<text class="l" x="{x}" y="{y}">"#);
        for (index, (class, text)) in parts.iter().enumerate() {
            let gap = if index == 0 { "" } else { r#" dx="7""# };
            let _ = write!(self.names, r#"<tspan class="{class}"{gap}>{}</tspan>"#, escaped(text));
        }
        let _ = writeln!(self.names, "</text>");
    }

    /// Returns the complete file.
    pub(super) fn finish(self, title: &str, (width, height): (f64, f64)) -> String {
        let (width, height, title) = (n(width), n(height), escaped(title));
        let Paper { lines, bands, arrows, shapes, names } = self;
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
<title>{title}</title>
<style>
{STYLE}</style>
<rect class="paper" width="{width}" height="{height}" rx="10"/>
{lines}{bands}{arrows}{shapes}{names}</svg>
"#
        )
    }
}

/// Formats a number with at most one decimal.
pub(super) fn n(number: f64) -> String {
    let tenths = (number * 10.0).round() / 10.0;
    format!("{tenths}")
}

/// Escapes text for XML; characters that XML does not allow become `�`.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}
