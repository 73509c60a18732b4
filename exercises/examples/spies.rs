//! An answer that looks around: files, the network, its environment, other processes.

use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    let here = std::env::current_exe().unwrap_or_default();
    let beside = here.with_extension("found");
    let reached: Vec<&str> = [
        ("/etc/passwd", fs::read("/etc/passwd").is_ok()),
        ("/proc/self/mem", fs::read("/proc/self/mem").is_ok()),
        ("/proc/self/environ", fs::read("/proc/self/environ").is_ok()),
        ("/proc/1/cmdline", fs::read("/proc/1/cmdline").is_ok()),
        ("the folder of temporary files", fs::read_dir("/tmp").is_ok()),
        ("a file in it", fs::write("/tmp/quorate-answer-was-here", "x").is_ok()),
        ("a file beside the program", fs::write(beside, "x").is_ok()),
        ("a port to listen on", TcpListener::bind("127.0.0.1:0").is_ok()),
        ("a port to connect to", TcpStream::connect("127.0.0.1:22").is_ok()),
        ("a datagram", UdpSocket::bind("127.0.0.1:0").is_ok()),
        ("an environment", std::env::vars_os().next().is_some()),
    ]
    .into_iter()
    .filter_map(|(what, is_reached)| is_reached.then_some(what))
    .collect();
    panic!("asked about {asked}, it reached {reached:?}")
}

hand_in!("paxos-promise", Yours { name: "spies", promise: Some(promise), ..Yours::NONE });
