//! The playground in the browser: a server on the loopback, which serves the page and performs the
//! requests of its sessions; or the same page as [files](site) for any web server.
//!
//! Only the page whose address the server printed drives it: the address has a random token, and
//! requests with a foreign `Host` or `Origin` get nothing. See [`guard`].

mod arguments;
mod desk;
mod files;
mod goal;
mod guard;
mod limits;
mod server;
mod site;
mod start;

use std::process::ExitCode;

use arguments::{Arguments, Task};
use clap::Parser;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match &arguments.task {
        Some(Task::Site(site)) => site::write(site),
        None => server::serve(&arguments),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
