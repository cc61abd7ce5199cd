//! `esxray completions`: the completions of a shell.

use clap::CommandFactory as _;

use crate::args::{Cli, Completions, Target};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;

pub(crate) fn run(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "esxray", &mut script);
    Destination::check(&Target::default(), &[])?.write(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
