//! Speed of the page that the server serves.

use crate::page::Page;
use crate::shared_speed::{BUSY, clicks, pictures};

#[test]
fn a_click_is_drawn_at_once() {
    let Some(mut page) = Page::open() else { return };
    clicks(&mut page.tab, "server");
}

#[test]
fn two_hundred_messages_move_smoothly() {
    let Some(mut page) = Page::open() else { return };
    page.press("g");
    page.tab.run(&format!("document.getElementById('cluster-line').value = '{BUSY}'"));
    page.click("#opening form button[type=submit]");
    page.command("until leader within=20s");
    page.command("run 600ms");
    pictures(&mut page.tab, "server");
}
