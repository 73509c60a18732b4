//! The first page of the site: what it is, and every scenario.

use quorate_session::{Catalogue, Request, ScenarioEntry, Session};

const TEMPLATE: &str = include_str!("../../../site/index.html");

/// Returns the page, with a link to the book if there is one.
///
/// # Errors
/// The session does not know its own scenarios.
pub(super) fn page(policy: &str, has_book: bool) -> Result<String, String> {
    let catalogue = Session::new().perform(Request::Catalogue).catalogue;
    let Catalogue { scenarios, .. } = catalogue.ok_or("the session has no catalogue")?;
    let book = if has_book { "<a href=\"book/index.html\">Read the book</a>" } else { "" };
    let groups: String = scenarios.chunk_by(|a, b| folder(a) == folder(b)).map(group).collect();
    let page = TEMPLATE.replace("POLICY", policy).replace("<!-- book -->", book);
    Ok(page.replace("COUNT", &scenarios.len().to_string()).replace("<!-- scenarios -->", &groups))
}

fn folder(scenario: &ScenarioEntry) -> &str {
    scenario.name.split_once('/').map_or("", |(folder, _)| folder)
}

/// Scenarios of one folder, which follow each other.
fn group(scenarios: &[ScenarioEntry]) -> String {
    let items: String = scenarios.iter().map(item).collect();
    format!("<section>\n<h2>{}</h2>\n<ul>\n{items}</ul>\n</section>\n", scenarios.first().map_or("", folder))
}

fn item(scenario: &ScenarioEntry) -> String {
    let ScenarioEntry { name, title, protocol } = scenario;
    let [title, protocol] = [title, protocol].map(|text| escaped(text));
    format!("<li><a href=\"play/index.html?scenario={name}\">{title}</a><span>{name} · {protocol}</span></li>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
