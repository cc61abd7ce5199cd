//! `esxray man`: the manual pages.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

use crate::args::{Cli, Man, Target};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Destination;

pub(crate) fn run(args: &Man) -> Result<Exit, Failure> {
    let command = find(&args.command)?;
    let after = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let page = Page::new(command.after_help(None::<&str>).after_long_help(None::<&str>));
    let mut roff = Vec::new();
    // A vector takes every byte: nothing can fail.
    let _ = page.source(concat!("esxray ", env!("CARGO_PKG_VERSION"))).render(&mut roff);
    let text = String::from_utf8_lossy(&roff).into_owned() + &sections(after.as_deref().unwrap_or_default());
    Destination::check(&Target::default(), &[])?.write(&text)?;
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

/// What stands at the end of the help, as sections: `Heading:` and lines that keep their form.
fn sections(text: &str) -> String {
    let mut roff = Roff::new();
    for block in text.split("\n\n").filter(|block| !block.is_empty()) {
        let (heading, lines) = match block.split_once(":\n") {
            Some((heading, lines)) if !heading.contains('\n') => (heading, lines),
            _ => ("Notes", block),
        };
        roff.control("SH", [heading.to_uppercase().as_str()]);
        roff.control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
    roff.to_roff()
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn the_end_of_the_help_becomes_sections() {
        let text = "Examples:\n  esxray a.log   one\n  .hidden\n\nA remark.\n\nExit status:\n  0  done";
        assert_eq!(
            sections(text),
            ".SH EXAMPLES\n.nf\nesxray a.log   one\n\\&.hidden\n.fi\n.SH NOTES\n.nf\nA remark.\n.fi\n.SH \"EXIT STATUS\"\n.nf\n0  done\n.fi\n"
        );
        assert_eq!(sections(""), "");
    }
}
