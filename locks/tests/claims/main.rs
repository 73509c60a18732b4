//! Claims about distributed locks, each as a test on a whole cluster in the simulator.

mod common;
mod config;
mod extension;
mod guards;
mod one_server;
mod redlock;
mod replicated;
