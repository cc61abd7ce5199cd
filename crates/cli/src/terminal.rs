//! What the terminal is and shows. This is the only place that asks the environment.

use std::env::var_os;
use std::io::{IsTerminal, stderr, stdout};

use esxray::TextOptions;
use esxray::model::Lang;
use esxray::report::{Charset, Verbosity};

use crate::args::{Color, Look};
use crate::output::Destination;

/// Columns where no terminal says how many it has.
const WIDTH: usize = 100;

/// What the terminal at the other end says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Terminal {
    /// Its columns, where it tells.
    columns: Option<usize>,
    /// Whether colour is welcome.
    color: bool,
    /// Whether it reads UTF-8.
    utf8: bool,
}

impl Terminal {
    /// The terminal that standard output goes to; `None` for a file or a pipe.
    fn at_stdout() -> Option<Self> {
        stdout().is_terminal().then(|| Self {
            columns: terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0)),
            color: takes_color(variable),
            utf8: reads_utf8(variable),
        })
    }
}

fn variable(name: &str) -> Option<String> {
    var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// How a text report looks at its destination.
///
/// Colour, width and character set are asked of the terminal only where the report goes to one: what is written
/// to a file or a pipe is the same on every machine with one locale.
pub(crate) fn text_options(look: &Look, destination: &Destination) -> TextOptions {
    options(look, if destination.is_stdout() { Terminal::at_stdout() } else { None })
}

fn options(look: &Look, terminal: Option<Terminal>) -> TextOptions {
    let width = match look.width {
        Some(width) => usize::from(width),
        None => terminal.and_then(|terminal| terminal.columns).unwrap_or(WIDTH),
    };
    let color = match look.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal.is_some_and(|terminal| terminal.color),
    };
    let unicode = !look.ascii && terminal.is_none_or(|terminal| terminal.utf8);
    let verbosity = match (look.noise.quiet, look.noise.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    TextOptions { width, color, unicode, verbosity, lang: look.lang.unwrap_or_else(|| locale_lang(variable)) }
}

/// The language of a form for programs: what a script reads must not depend on who runs it.
pub(crate) fn machine_lang(look: &Look) -> Lang {
    look.lang.unwrap_or_default()
}

/// The language of the locale, English where that one is not spoken.
fn locale_lang(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    locale.and_then(|locale| Lang::from_locale(&locale)).unwrap_or_default()
}

/// The character set of messages on standard error.
pub(crate) fn message_charset() -> Charset {
    if stderr().is_terminal() && !reads_utf8(variable) { Charset::Ascii } else { Charset::Unicode }
}

fn takes_color(variable: impl Fn(&str) -> Option<String>) -> bool {
    let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = variable("TERM").is_some_and(|value| value == "dumb");
    !no_color && !dumb
}

/// Whether the locale names UTF-8, or no character set.
///
/// On a terminal that reads Latin-1 the bytes of harmless letters are control characters. A locale that names no
/// character set is taken for UTF-8, which is what terminals are now.
fn reads_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let charset = locale.as_deref().and_then(|locale| locale.split_once('.')).map(|(_, charset)| charset);
    charset.is_none_or(|charset| {
        let charset = charset.split('@').next().unwrap_or_default().replace('-', "");
        charset.eq_ignore_ascii_case("utf8")
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use esxray::model::Lang;

    use super::{Terminal, locale_lang, options, reads_utf8, takes_color};
    use crate::args::Cli;

    fn look(flags: &[&str], terminal: Option<Terminal>) -> esxray::TextOptions {
        let args = ["esxray", "x.log"].iter().chain(flags);
        options(&Cli::try_parse_from(args).unwrap().diagnose.look, terminal)
    }

    const WIDE: Terminal = Terminal { columns: Some(133), color: true, utf8: true };

    #[test]
    fn a_terminal_is_asked_and_a_flag_outranks_it() {
        let plain = look(&[], Some(WIDE));
        assert_eq!((plain.width, plain.color, plain.unicode), (133, true, true));
        let flags = look(&["--width", "80", "--color", "never", "--ascii"], Some(WIDE));
        assert_eq!((flags.width, flags.color, flags.unicode), (80, false, false));
        assert!(!look(&[], Some(Terminal { color: false, ..WIDE })).color);
        assert!(look(&["--color", "always"], Some(Terminal { color: false, ..WIDE })).color);
        assert!(!look(&[], Some(Terminal { utf8: false, ..WIDE })).unicode);
    }

    #[test]
    fn a_pipe_gets_the_same_everywhere() {
        let plain = look(&[], None);
        assert_eq!((plain.width, plain.color, plain.unicode), (100, false, true));
    }

    #[test]
    fn the_environment_is_understood() {
        let of = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
        };
        assert!(takes_color(of(&[("TERM", "xterm"), ("NO_COLOR", "")])));
        assert!(!takes_color(of(&[("NO_COLOR", "1")])));
        assert!(!takes_color(of(&[("TERM", "dumb")])));
        assert!(reads_utf8(of(&[])));
        assert!(reads_utf8(of(&[("LANG", "C")])));
        assert_eq!(locale_lang(of(&[("LANG", "fr_CA.UTF-8")])), Lang::Fr);
        assert_eq!(locale_lang(of(&[("LC_ALL", ""), ("LC_MESSAGES", "en_US"), ("LANG", "fr_FR")])), Lang::En);
        assert_eq!(locale_lang(of(&[("LC_ALL", "C"), ("LANG", "fr_FR")])), Lang::En);
        assert!(reads_utf8(of(&[("LANG", "fr_FR.UTF-8")])));
        assert!(reads_utf8(of(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "de_DE.ISO-8859-1")])));
        assert!(!reads_utf8(of(&[("LC_ALL", "de_DE.ISO-8859-15@euro"), ("LANG", "de_DE.UTF-8")])));
    }
}
