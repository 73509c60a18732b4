//! Client contract of PBFT: an account.

use quorate_byzantine::pbft::{Command, Pbft, Reply};
use quorate_lab::linearizability::Model;

use super::Contract;

/// Contract of PBFT.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PbftAnswers;

impl Contract<Pbft> for PbftAnswers {
    type Object = Account;

    fn object() -> Account {
        Account
    }

    fn operation(command: &Command) -> Option<i64> {
        let Command::Add { amount } = command;
        Some(*amount)
    }

    fn returned(_: &Command, reply: &Reply) -> Option<i64> {
        match reply {
            Reply::Total { total } => Some(*total),
            Reply::Overtaken | Reply::AskProxy { .. } => None,
        }
    }
}

/// Model: an account that begins with zero. Each operation adds to it, and returns the amount
/// afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Account;

impl Model for Account {
    const NAME: &'static str = "account";
    /// The amount to add.
    type Op = i64;
    /// The amount of the account afterwards.
    type Return = i64;
    type State = i64;
    type Key = ();

    fn key(&self, _: &i64) {}

    fn initial(&self, (): &()) -> i64 {
        0
    }

    fn apply(&self, total: &i64, amount: &i64, returned: Option<&i64>) -> Option<i64> {
        let next = total.saturating_add(*amount);
        returned.is_none_or(|returned| *returned == next).then_some(next)
    }

    fn words(&self, amount: &i64, returned: Option<&i64>) -> String {
        match returned {
            Some(total) => format!("add {amount} → {total}"),
            None => format!("add {amount}"),
        }
    }
}
