//! Consistency levels of a history file: which hold, and the two operations that break each of the
//! others.
//!
//! `cargo run -p quorate-lab --example consistency_levels FILE` judges the history of registers
//! that Jepsen or Knossos wrote; without a file, Dekker's algorithm on two registers that answer
//! before they hear from each other.
#![allow(clippy::disallowed_types, reason = "it opens a file")]

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use quorate_lab::consistency::{Judgement, judge};
use quorate_lab::linearizability::file::JepsenRegister;
use quorate_lab::linearizability::{History, Limits};

const DEKKER: &str = "
    {:process 0, :type :invoke, :f :write, :value [:x 1]} {:process 0, :type :ok, :f :write, :value [:x 1]}
    {:process 1, :type :invoke, :f :write, :value [:y 1]} {:process 1, :type :ok, :f :write, :value [:y 1]}
    {:process 0, :type :invoke, :f :read, :value [:y nil]} {:process 0, :type :ok, :f :read, :value [:y nil]}
    {:process 1, :type :invoke, :f :read, :value [:x nil]} {:process 1, :type :ok, :f :read, :value [:x nil]}";

fn main() -> ExitCode {
    match judged(std::env::args().nth(1)) {
        Ok(judgement) => {
            print!("{judgement}");
            let strongest = judgement.strongest().map_or("none of linearizable to causal", |level| level.name());
            println!("\nThe strongest level: {strongest}.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn judged(path: Option<String>) -> Result<Judgement, Box<dyn Error>> {
    let history = match path {
        None => History::read_jepsen(DEKKER.as_bytes())?,
        Some(path) => History::read_jepsen(BufReader::new(File::open(path)?))?,
    };
    Ok(judge(&JepsenRegister::default(), &history, Limits::default())?)
}
