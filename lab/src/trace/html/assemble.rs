//! Assembly of the page from template, style sheet, modules and data.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Divergence, PageInfo};
use crate::trace::export::reigns;
use crate::trace::{Document, Value};

const TEMPLATE: &str = include_str!("template.html");
pub(super) const STYLE: &str = include_str!("style.css");

/// JavaScript modules, in dependency order.
pub(super) static MODULES: [(&str, &str); 36] = [
    ("dom.js", include_str!("dom.js")),
    ("words.js", include_str!("words.js")),
    ("wording.js", include_str!("wording.js")),
    ("stances.js", include_str!("stances.js")),
    ("views.js", include_str!("views.js")),
    ("trace.js", include_str!("trace.js")),
    ("sentences.js", include_str!("sentences.js")),
    ("glyphs.js", include_str!("glyphs.js")),
    ("causes.js", include_str!("causes.js")),
    ("cone.js", include_str!("cone.js")),
    ("rows.js", include_str!("rows.js")),
    ("reigns.js", include_str!("reigns.js")),
    ("labels.js", include_str!("labels.js")),
    ("draw.js", include_str!("draw.js")),
    ("ledger.js", include_str!("ledger.js")),
    ("diagram.js", include_str!("diagram.js")),
    ("logtable.js", include_str!("logtable.js")),
    ("crashed.js", include_str!("crashed.js")),
    ("nodes.js", include_str!("nodes.js")),
    ("why.js", include_str!("why.js")),
    ("chapters.js", include_str!("chapters.js")),
    ("presentation.js", include_str!("presentation.js")),
    ("requests.js", include_str!("requests.js")),
    ("history.js", include_str!("history.js")),
    ("invariants.js", include_str!("invariants.js")),
    ("saving.js", include_str!("saving.js")),
    ("savemenu.js", include_str!("savemenu.js")),
    ("printing.js", include_str!("printing.js")),
    ("verdict.js", include_str!("verdict.js")),
    ("scrubber.js", include_str!("scrubber.js")),
    ("filters.js", include_str!("filters.js")),
    ("keys.js", include_str!("keys.js")),
    ("player.js", include_str!("player.js")),
    ("address.js", include_str!("address.js")),
    ("navigation.js", include_str!("navigation.js")),
    ("app.js", include_str!("app.js")),
];

/// Data of one trace in the page: the trace itself, its epochs of leadership, and what the run says
/// beside its trace.
pub(super) struct Data {
    trace: String,
    epochs: String,
    info: String,
}

impl Data {
    pub(super) fn of(document: &Document, info: &PageInfo) -> io::Result<Data> {
        let mut trace = Vec::new();
        document.write_jsonl(&mut trace)?;
        let trace = String::from_utf8(trace).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let info = serde_json::to_string(info)?;
        Ok(Data { trace: harmless(&trace), epochs: harmless(&reigns(document).to_string()), info: harmless(&info) })
    }
}

/// Escapes JSON so that it keeps its meaning and cannot end the element that contains it.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// Assembles the whole page.
pub(super) fn assemble(title: &str, data: &[Data], divergence: Option<&Divergence>) -> String {
    let script = script();
    let mut blocks = String::new();
    for Data { trace, epochs, info } in data {
        blocks.push_str(&block("trace", trace));
        blocks.push_str(&block("reigns", epochs));
        blocks.push_str(&block("page-info", info));
    }
    if let Some(Divergence { at, at_right, says }) = divergence {
        let at = Value::from(vec![*at, *at_right]);
        let data = Value::from([("at", at), ("says", says.as_str().into())]);
        blocks.push_str(&block("divergence", &harmless(&data.to_string())));
    }
    let title = if title.is_empty() { "A trace" } else { title };
    let short: String = title.chars().take(200).collect();
    let style = format!("\n{STYLE}");
    let parts = [
        ("policy", policy(&script, &style)),
        ("title", escaped(&short)),
        ("style", style),
        ("data", blocks),
        ("script", script),
    ];
    // Each placeholder is searched for after the previous one, never in inserted text: a trace may
    // contain anything.
    let (mut page, mut rest) = (String::new(), TEMPLATE);
    for (name, content) in parts {
        if let Some((before, after)) = rest.split_once(&format!("{{{{{name}}}}}")) {
            page.push_str(before);
            page.push_str(&content);
            rest = after;
        }
    }
    page + rest
}

fn block(class: &str, json: &str) -> String {
    format!("<script type=\"application/json\" class=\"{class}\">\n{}\n</script>\n", json.trim_end())
}

/// All modules as one script.
pub(super) fn script() -> String {
    let mut script = String::from("\n");
    for (name, source) in MODULES {
        script.push_str(&format!("// ---- {name}\n"));
        for line in source.lines().filter(|line| !line.starts_with("import ")) {
            script.push_str(line.strip_prefix("export ").unwrap_or(line));
            script.push('\n');
        }
    }
    script
}

/// Content security policy: exactly this script and this style, and nothing from elsewhere.
fn policy(script: &str, style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(script),
        hash(style)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
