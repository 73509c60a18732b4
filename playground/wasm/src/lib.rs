//! The session of the playground as a WebAssembly module, for a page without a server.
//!
//! Requests and responses are bytes in the module's own memory, so no binding tool is needed:
//! [`begin`] once; then for each request [`room`], write it there, [`handle`], and read
//! [`answer_length`] bytes at [`answer`]. `playground/page/worker.js` does that.
//!
//! A panic ends the instance, as any trap does. The answer is then what the panic said, and the
//! worker begins a new instance.
//!
//! This is the only crate of the workspace in which `unsafe` is not forbidden: a fixed name for an
//! export is an attribute that Rust calls unsafe, because two functions could have the same. There
//! is no block of `unsafe` here.

use std::cell::RefCell;
use std::panic;

use quorate_harness::protocols::{self, List, Protocols};
use quorate_session::Session;

/// Protocols of the module. A page begins with the smaller one, and loads the other while it is
/// used.
fn protocols() -> Protocols<impl List> {
    #[cfg(feature = "all")]
    return protocols::all();
    #[cfg(not(feature = "all"))]
    return protocols::consensus();
}

thread_local! {
    static SESSION: RefCell<Session> = RefCell::new(Session::with(protocols().registry()));
    static REQUEST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// Apart from the session, which is borrowed when a panic ends the instance.
    static ANSWER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Prepares the instance. Called once, before everything else.
#[expect(unsafe_code, reason = "the name of an export")]
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    panic::set_hook(Box::new(|panic| ANSWER.set(panic.to_string())));
}

/// Makes room for a request of so many bytes. Returns where it must be written.
///
/// # Panics
/// There is no memory for so many.
#[expect(unsafe_code, reason = "the name of an export")]
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    REQUEST.with_borrow_mut(|request| {
        request.clear();
        request.resize(length, 0);
        request.as_mut_ptr()
    })
}

/// Performs the request that was written.
#[expect(unsafe_code, reason = "the name of an export")]
#[unsafe(no_mangle)]
pub extern "C" fn handle() {
    let request = REQUEST.take();
    let request = String::from_utf8_lossy(&request);
    ANSWER.set(SESSION.with_borrow_mut(|session| session.handle(&request)));
}

/// Returns where the answer is.
#[expect(unsafe_code, reason = "the name of an export")]
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    ANSWER.with_borrow(|answer| answer.as_ptr())
}

/// Returns the number of bytes of the answer.
#[expect(unsafe_code, reason = "the name of an export")]
#[unsafe(no_mangle)]
pub extern "C" fn answer_length() -> usize {
    ANSWER.with_borrow(String::len)
}
