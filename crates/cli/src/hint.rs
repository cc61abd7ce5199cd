//! What to do about each failure, and with which status the program ends.

use std::error::Error as _;
use std::io;

use clap::CommandFactory as _;
use clap::error::ErrorKind;
use esxray::report::{Charset, Shown};

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::OutputError;
use crate::packs::PackError;

/// The status that a failure ends with.
pub(crate) fn exit(failure: &Failure) -> Exit {
    match failure {
        Failure::ClosedPipe => Exit::Done,
        Failure::NothingKnown { .. } | Failure::NoRecords { .. } | Failure::NoVm { .. } => Exit::NothingFound,
        _ => Exit::CannotRun,
    }
}

/// Advice for the user, where there is any to give.
fn hint(failure: &Failure) -> Option<String> {
    Some(match failure {
        Failure::Bundle(error) | Failure::Diagnosis(esxray::diagnosis::Error::Bundle(error)) => return input(error),
        Failure::Diagnosis(esxray::diagnosis::Error::Threads { .. }) => {
            "give a smaller number with --threads".to_owned()
        }
        Failure::Knowledge(esxray::knowledge::Error::Invalid { .. }) | Failure::KnowledgeFails { .. } => {
            "correct the files, then try them with `esxray knowledge check DIR`".to_owned()
        }
        Failure::Knowledge(_) => {
            "a pack is a folder of a few hundred small TOML files; is this the right folder?".to_owned()
        }
        Failure::Pack(error) => pack(error),
        Failure::Output(error) => return output(error),
        Failure::TextTooLong { .. } => "give a whole log to `esxray diagnose`".to_owned(),
        Failure::NothingKnown { near, .. } if near.is_empty() => {
            "`esxray knowledge list` lists every id; log text is best pasted as whole lines".to_owned()
        }
        Failure::NoCause { near, .. } if near.is_empty() => "`esxray knowledge list` lists every cause".to_owned(),
        Failure::NothingKnown { near, .. } | Failure::NoCause { near, .. } => format!("near it: {}", near.join(", ")),
        Failure::NoRecords { filtered: true } => "without a filter all of them are printed".to_owned(),
        Failure::NoVm { near, .. } if near.is_empty() => "no record of the input names a VM".to_owned(),
        Failure::NoVm { near, .. } => {
            format!("the input names {}; `esxray inventory` lists all with every name", near.join(", "))
        }
        Failure::ListUnreadable { .. } => "--list takes a file with the VMs that were to be re-keyed".to_owned(),
        Failure::List { .. } => {
            "CSV with a column Name, or one VM a line: `Get-VM | Select-Object Name | Export-Csv list.csv`".to_owned()
        }
        Failure::TwoStreams => "save one of them to a file, and give its name".to_owned(),
        Failure::NotEmpty { .. } => "name a folder that does not exist yet, or a .tgz".to_owned(),
        Failure::MapInside { .. } => "write the map to a place that is not handed on".to_owned(),
        Failure::VmOfStream | Failure::RedactStream => "save it to a file, and give its name".to_owned(),
        Failure::Regex { .. } => {
            "the characters \\ ^ $ . | ? * + ( ) [ ] { } have a meaning; \\ before one takes it as it stands".to_owned()
        }
        Failure::NoRecords { filtered: false } => {
            "`esxray diagnose PATH --format json` tells in `coverage` and `problems` what the input is".to_owned()
        }
        Failure::AlreadyKnown { id } => format!("`esxray explain {id}` tells what it means"),
        Failure::NoSuchWord { known, .. } => format!("there are {}", known.join(", ")),
        Failure::NoFormat { .. } => {
            let names: Vec<&str> = esxray::model::FormatName::ALL.iter().map(|it| it.as_str()).collect();
            format!("there are {}", names.join(", "))
        }
        Failure::NothingStays => "give the whole line, with the words of its message".to_owned(),
        Failure::NoCommand { .. } => "`esxray --help` lists the commands".to_owned(),
        Failure::EmptyRange { .. } => "--since is the earlier of the two".to_owned(),
        _ => return None,
    })
}

fn input(error: &esxray::bundle::Error) -> Option<String> {
    match error {
        esxray::bundle::Error::Read { path, source } if source.kind() == io::ErrorKind::NotFound => {
            Some(match near_command(path) {
                Some(command) => format!("did you mean the command `esxray {command}`?"),
                None => "check the path; `-` reads standard input".to_owned(),
            })
        }
        esxray::bundle::Error::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            Some("run as a user who may read it, or copy it to where you may".to_owned())
        }
        esxray::bundle::Error::NotAFile { .. } => Some("to read a stream, pipe it in and give `-`".to_owned()),
        _ => None,
    }
}

/// A command whose name is one slip away from a path that does not exist.
fn near_command(path: &str) -> Option<String> {
    if path.contains(['/', '.', '\\']) {
        return None;
    }
    let command = Cli::command();
    let near = command.get_subcommands().map(clap::Command::get_name).find(|name| is_near(path, name));
    near.map(str::to_owned)
}

/// Whether a word becomes the other one by leaving out, adding or changing one letter, or by swapping two.
fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let (one, other) = (one.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    let rest = |of: &[u8], skip: usize| of.get(skip..).map(<[u8]>::to_ascii_lowercase);
    let same = |skip_one: usize, skip_other: usize| match (rest(one, skip_one), rest(other, skip_other)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    let swapped = matches!((one, other), ([a, b, ..], [c, d, ..]) if a == d && b == c) && same(2, 2);
    same(0, 0) || same(1, 0) || same(0, 1) || same(1, 1) || swapped
}

fn pack(error: &PackError) -> String {
    match error {
        PackError::NotAFolder { .. } | PackError::Empty { .. } => {
            "--knowledge takes a folder that holds `signatures/`, `causes/` or `remedies/`".to_owned()
        }
        PackError::Link { .. } => "no link is followed: put the file itself there".to_owned(),
        PackError::Special { .. } => "a pack holds TOML files and folders".to_owned(),
        PackError::TooDeep { .. } | PackError::TooMuch { .. } => {
            "a pack is a folder of a few hundred small TOML files; is this the right folder?".to_owned()
        }
        PackError::NotText { .. } => "save it as UTF-8".to_owned(),
        PackError::Read { .. } => "check the path and who may read it".to_owned(),
    }
}

fn output(error: &OutputError) -> Option<String> {
    match error {
        OutputError::Exists { .. } => Some("--force overwrites it".to_owned()),
        OutputError::IsInput { .. } => Some("write to a place outside of what is read".to_owned()),
        OutputError::NotAFile { .. } => Some("name a file".to_owned()),
        OutputError::Write { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Some("the folder has to exist".to_owned())
        }
        OutputError::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
            Some("make room, or write elsewhere".to_owned())
        }
        OutputError::Write { .. } => None,
    }
}

/// The failure as the user reads it: `error: …`, further lines, `  hint: …`; empty where there is nothing to say.
///
/// File names and log text are shown, never printed as they are.
pub(crate) fn message(failure: &Failure, charset: Charset) -> String {
    if matches!(failure, Failure::ClosedPipe) {
        return String::new();
    }
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    // Only the knowledge's list of problems has lines of its own; elsewhere a line break stands in a name.
    let lists = matches!(failure, Failure::Knowledge(_) | Failure::KnowledgeFails { .. });
    let lines: Vec<&str> = if lists { text.split('\n').collect() } else { vec![&text] };
    let mut message = String::new();
    for (index, line) in lines.into_iter().enumerate() {
        message.push_str(if index == 0 { "error: " } else { "  " });
        message.push_str(Shown::new(line, charset).as_str());
        message.push('\n');
    }
    if let Some(hint) = hint(failure) {
        message.push_str("  hint: ");
        message.push_str(Shown::new(&hint, charset).as_str());
        message.push('\n');
    }
    message
}

/// What clap has to say about wrong arguments, in the same form; arguments too are shown, never printed as they are.
pub(crate) fn usage(error: &clap::Error, charset: Charset) -> String {
    let text = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // The help, in which nobody's words stand but ours.
        return text;
    }
    let lines = text.trim_end().lines().filter(|line| !line.is_empty()).map(|line| {
        let line = line.replacen("  tip: ", "  hint: ", 1);
        let line = line.replacen("For more information, try '", "  hint: for more information, try '", 1);
        Shown::new(&line, charset).to_string() + "\n"
    });
    let mut message: String = lines.collect();
    if error.kind() == ErrorKind::UnknownArgument && message.contains("Usage: esxray explain ") {
        message.push_str("  hint: a text of several words stands in quotes\n");
    }
    message
}

#[cfg(test)]
mod tests {
    use std::io;

    use clap::Parser as _;
    use esxray::report::Charset;

    use super::{exit, is_near, message, usage};
    use crate::args::Cli;
    use crate::exit::Exit;
    use crate::failure::Failure;
    use crate::output::OutputError;

    #[test]
    fn a_failure_is_one_line_and_a_hint() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        let failure = Failure::Bundle(esxray::bundle::Error::Read { path: "a\u{1b}[2J\nerror: b".to_owned(), source });
        assert_eq!(
            message(&failure, Charset::Unicode),
            "error: cannot read a<U+001B>[2J<U+000A>error: b: entity not found\n  hint: check the path; `-` reads standard input\n"
        );
        assert_eq!(exit(&failure), Exit::CannotRun);
    }

    #[test]
    fn wrong_arguments_are_told_in_the_same_form() {
        let told = |args: &[&str]| usage(&Cli::try_parse_from(args).unwrap_err(), Charset::Unicode);
        let text = told(&["esxray", "diagnose", "--frmat", "json", "x"]);
        assert!(text.starts_with("error: unexpected argument '--frmat' found\n  hint: a similar argument"), "{text}");
        let text = told(&["esxray", "--vm=x", "--\u{9b}2J\u{202e}x"]);
        assert!(text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}')), "{text:?}");
        assert!(told(&["esxray", "explain", "two", "words"]).contains("stands in quotes"));
        assert!(told(&["esxray", "knowledge"]).contains("\n\nCommands:\n"));
    }

    #[test]
    fn a_mistyped_command_is_recognised() {
        for word in ["diagnos", "diagnosee", "diangose", "dia-nose", "Diagnose"] {
            assert!(is_near(word, "diagnose"), "{word}");
        }
        for word in ["vmware", "diag", "", "diagnosing"] {
            assert!(!is_near(word, "diagnose"), "{word}");
        }
        let source = io::Error::from(io::ErrorKind::NotFound);
        let failure = Failure::Bundle(esxray::bundle::Error::Read { path: "recrods".to_owned(), source });
        assert!(message(&failure, Charset::Unicode).contains("did you mean the command `esxray records`?"));
    }

    #[test]
    fn a_closed_pipe_is_success_without_a_word() {
        assert_eq!(exit(&Failure::ClosedPipe), Exit::Done);
        assert_eq!(message(&Failure::ClosedPipe, Charset::Unicode), "");
    }

    #[test]
    fn nothing_found_is_not_a_failure_to_run() {
        let failure = Failure::NothingKnown { query: "reload-vmy".to_owned(), near: vec!["reload-vmx".to_owned()] };
        assert_eq!(exit(&failure), Exit::NothingFound);
        let text = message(&failure, Charset::Unicode);
        assert_eq!(text, "error: nothing is known of `reload-vmy`\n  hint: near it: reload-vmx\n");
        let full = Failure::Output(OutputError::Exists { path: "x".to_owned() });
        assert_eq!(exit(&full), Exit::CannotRun);
    }
}
