//! The `esxray` command line: arguments in, an answer and an exit status out.
//!
//! It knows no log, judges nothing and words no report: everything of that kind is the library's. Here live the
//! clock-less rest of the world: files written, the terminal asked, advice given.

mod archive;
mod args;
mod commands;
mod exit;
mod failure;
mod hint;
mod interrupt;
mod output;
mod packs;
mod progress;
mod terminal;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_panic));
    interrupt::listen();
    match Cli::try_parse() {
        Ok(cli) => commands::run(cli).unwrap_or_else(|failure| tell(&failure)).into(),
        Err(error) => usage(&error).into(),
    }
}

/// Tells why a command ended early.
fn tell(failure: &Failure) -> Exit {
    say(&hint::message(failure, terminal::message_charset()));
    hint::exit(failure)
}

/// Prints help and version where they belong, and what is wrong with the arguments.
fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        say(&hint::usage(error, terminal::message_charset()));
        return Exit::CannotRun;
    }
    match error.print().and_then(|()| std::io::stdout().flush()) {
        Ok(()) => Exit::Done,
        Err(error) => tell(&output::stdout_failure(error)),
    }
}

/// Writes to standard error; where nobody listens there is nobody to tell.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// One line instead of the usual several, and no byte in it that a terminal would obey.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let what = panic.payload_as_str().unwrap_or("no message");
    let text = esxray::report::Shown::new(&format!("{place}: {what}"), terminal::message_charset()).to_string();
    say(&format!("error: esxray has a bug: {text}\n  hint: please report it with the command line\n"));
}
