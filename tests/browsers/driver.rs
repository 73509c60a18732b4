//! Protocol-independent view of a tab.

use serde_json::Value;

/// A report of the page.
pub(crate) enum Notice {
    /// An error, a warning, a violation of its policy, a dialog.
    Complaint(String),
    /// It asks for an address.
    Request(String),
}

/// Action of a pointer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pointer {
    Move,
    Click,
    Tap,
}

/// Commands of a browser to a tab.
pub(crate) trait Driver {
    /// Opens an address.
    fn navigate(&mut self, address: &str);

    /// Evaluates an expression in the page.
    fn evaluate(&mut self, script: &str) -> Value;

    /// Presses a key by its name; a capital letter means Shift.
    fn press(&mut self, key: &str);

    /// Types a text into the focused element.
    fn write(&mut self, text: &str);

    /// Moves or uses a pointer at a point of the window, in CSS pixels.
    fn point(&mut self, action: Pointer, x: f64, y: f64);

    /// Gives the window a touchscreen, for pages that are opened after it.
    fn touchscreen(&mut self);

    /// Sets the size of the window, in CSS pixels.
    fn window(&mut self, width: u32, height: u32, is_mobile: bool);

    /// Sets the preferred colour scheme, `light` or `dark`, and whether movement is wanted.
    fn media(&mut self, scheme: &str, is_still: bool);

    /// Cuts the page from the network, or connects it again.
    fn offline(&mut self, is_offline: bool);

    /// Takes a picture of the window: a PNG in base64.
    fn picture(&mut self) -> String;

    /// Prints the page on paper of its own size: a PDF in base64.
    fn print(&mut self) -> String;

    /// Takes what the page has reported since the last call.
    fn notices(&mut self) -> Vec<Notice>;
}
