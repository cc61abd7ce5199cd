//! What the terminal is and shows. This is the only place that asks the environment.

use std::env::var_os;
use std::io::{IsTerminal, stderr, stdout};

use esxray::TextOptions;
use esxray::report::{Charset, Verbosity};

use crate::args::{Color, Look};
use crate::output::Destination;

/// Columns where no terminal says how many it has.
const WIDTH: usize = 100;

/// How a text report looks at its destination.
///
/// Colour, width and character set are asked of the terminal only where the report goes to one: what is written
/// to a file or a pipe is the same on every machine.
pub(crate) fn text_options(look: &Look, destination: &Destination) -> TextOptions {
    let terminal = destination.is_stdout() && stdout().is_terminal();
    let width = match look.width {
        Some(width) => usize::from(width),
        None if terminal => terminal_size::terminal_size().map_or(WIDTH, |(columns, _)| usize::from(columns.0)),
        None => WIDTH,
    };
    let color = match look.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && takes_color(),
    };
    let unicode = !(look.ascii || (terminal && is_not_utf8()));
    let verbosity = match (look.noise.quiet, look.noise.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    TextOptions { width, color, unicode, verbosity }
}

/// The character set of messages on standard error.
pub(crate) fn message_charset() -> Charset {
    if stderr().is_terminal() && is_not_utf8() { Charset::Ascii } else { Charset::Unicode }
}

fn takes_color() -> bool {
    let no_color = var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = var_os("TERM").is_some_and(|value| value == "dumb");
    !no_color && !dumb
}

/// Whether the locale names a character set, and another one than UTF-8.
///
/// On a terminal that reads Latin-1 the bytes of harmless letters are control characters. A locale that says
/// nothing is taken for UTF-8, which is what terminals are now.
fn is_not_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(var_os).find(|value| !value.is_empty());
    let charset = locale.as_ref().and_then(|value| value.to_str()?.split_once('.')).map(|(_, charset)| charset);
    charset.is_some_and(|charset| {
        let charset = charset.split('@').next().unwrap_or_default().replace('-', "");
        !charset.eq_ignore_ascii_case("utf8")
    })
}
