//! One file for each command.

mod completions;
mod diagnose;
mod draft;
mod explain;
mod inventory;
mod knowledge;
mod man;
mod pack;
mod records;
mod redact;
mod rekey;
mod schema;
mod timeline;
mod why_not;

use crate::args::{Cli, Command, Input, LimitFlags, Range};
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs what the arguments ask for.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        None => diagnose::run(&cli.diagnose),
        Some(Command::Diagnose(args)) => diagnose::run(&args),
        Some(Command::Timeline(args)) => timeline::run(&args),
        Some(Command::Rekey(args)) => rekey::run(&args),
        Some(Command::Inventory(args)) => inventory::run(&args),
        Some(Command::Records(args)) => records::run(&args),
        Some(Command::Redact(args)) => redact::run(&args),
        Some(Command::Pack(args)) => pack::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::WhyNot(args)) => why_not::run(&args),
        Some(Command::Knowledge(args)) => knowledge::run(&args),
        Some(Command::Schema(args)) => schema::run(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man(args)) => man::run(&args),
    }
}

/// How to read a source, as the flags say.
fn read_options(input: &Input, limits: &LimitFlags) -> esxray::record::ReadOptions {
    let read =
        esxray::record::ReadOptions { zone: input.tz, year: input.year, ..esxray::record::ReadOptions::default() };
    limits.of_records(read, input.threads)
}

/// Refuses a range that holds no moment: everything would seem clean.
fn check_range(range: &Range) -> Result<(), Failure> {
    match (range.since, range.until) {
        (Some(since), Some(until)) if since >= until => Err(Failure::EmptyRange { since, until }),
        _ => Ok(()),
    }
}
