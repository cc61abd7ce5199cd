//! `esxray man`: the manual pages.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man as Page;

use crate::args::{Cli, Man, Target};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;

pub(crate) fn run(args: &Man) -> Result<Exit, Failure> {
    let page = Page::new(find(&args.command)?).source(concat!("esxray ", env!("CARGO_PKG_VERSION")));
    let mut roff = Vec::new();
    // A vector takes every byte: nothing can fail.
    let _ = page.render(&mut roff);
    Destination::check(&Target::default(), &[])?.write(&String::from_utf8_lossy(&roff))?;
    Ok(Exit::Done)
}

/// The command at the end of a path of names, under its full name.
fn find(names: &[String]) -> Result<Command, Failure> {
    let mut command = Cli::command();
    // Fills in the full names of all commands below.
    command.build();
    for name in names {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| Failure::NoCommand { name: names.join(" ") })?;
    }
    Ok(command)
}
