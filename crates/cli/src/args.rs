//! The one definition of commands and flags: behaviour, help, man page and completions come from it.

mod knowledge;
mod limits;
mod redact;
mod rekey;
mod timeline;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use esxray::model::{Lang, Level};
use esxray::{Grade, Output, Selection, Timestamp, Zone};

pub(crate) use self::knowledge::{Knowledge, KnowledgeList, KnowledgeNew, KnowledgeSchema, ProvedPacks};
pub(crate) use self::limits::{LimitFlags, readers};
pub(crate) use self::redact::{Pack, Redact, Replace};
pub(crate) use self::rekey::{Rekey, RekeyFormat};
pub(crate) use self::timeline::{Timeline, TimelineFormat};

/// Diagnoses VMware vSphere logs, offline.
///
/// Reads vmware.log, hostd.log, vpxd.log, vpxa.log, fdm.log and their kind, loose, in folders or in archives
/// such as a vm-support bundle, and says which VM failed, at which step, why, which lines prove it, what was
/// ruled out and what could not be judged, and what to do first, at what cost. Nothing is ever executed,
/// unpacked or sent anywhere, and no input is ever written to.
///
/// `esxray PATH…` means `esxray diagnose PATH…`.
#[derive(Debug, Parser)]
#[command(
    name = "esxray",
    bin_name = "esxray",
    version,
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    max_term_width = 100,
    after_help = EXAMPLES,
    after_long_help = LONG_EXAMPLES
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) diagnose: Diagnose,
}

const EXAMPLES: &str = "\
Examples:
  esxray esx07-vm-support.tgz                what is wrong, and what to do first
  esxray APP-01/vmware.log hostd.log -v      the same, with everything there is
  pbpaste | esxray -                         two lines out of a ticket
  esxray explain rekey-disk-wrong-key        a cause, without any input";

const LONG_EXAMPLES: &str = "\
Examples:
  esxray esx07-vm-support.tgz                what is wrong, and what to do first
  esxray APP-01/vmware.log hostd.log -v      the same, with everything there is
  pbpaste | esxray -                         two lines out of a ticket
  esxray logs/ --format json -o report.json  for scripts; the schema: esxray schema report
  esxray logs/ --vm APP-01 --since 2023-03-10T15:00:00Z
  esxray rekey bundles/                      a migration of keys: what became of each VM
  esxray records vmware.log | jq .message    the parsers alone
  esxray redact esx07.tgz -o safe.tgz        a copy without names, to hand on
  esxray pack esx07.tgz -o case.tgz          a case file for a ticket
  esxray explain rekey-disk-wrong-key        a cause, without any input
  esxray why-not rekey-disk-wrong-key logs/  why it is not found

A file that bears the name of a command is given as ./NAME.

Exit status:
  0    every input was read and no finding reached --fail-on (other commands: done)
  1    at least one finding reached --fail-on (explain, records: nothing was found; rekey, redact: see their help)
  2    could not run: bad usage, unreadable input, invalid knowledge, output that cannot be written
  3    no finding reached --fail-on, but not everything could be read or judged
  130  interrupted

Environment:
  NO_COLOR  if set and not empty, no colour unless --color always asks for it
  LC_ALL, LC_MESSAGES, LANG  the language of reports, unless --lang names it";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Diagnose(Diagnose),
    Timeline(Timeline),
    Rekey(Rekey),
    Inventory(Inventory),
    Records(Records),
    Redact(Redact),
    Pack(Pack),
    Explain(Explain),
    WhyNot(WhyNot),
    #[command(subcommand)]
    Knowledge(Knowledge),
    #[command(subcommand)]
    Schema(Schema),
    Completions(Completions),
    Man(Man),
}

/// Finds incidents, their root causes, the evidence, and ranked remedies.
///
/// The verdict is `failure` if a finding of severity error or above is at least probable, `attention` if there
/// is another finding, `inconclusive` if nothing was found but something could not be read or judged, else
/// `clean`: which means that nothing known was found, not that all is well.
#[derive(Debug, Args)]
#[command(after_help = DIAGNOSE_EXAMPLES)]
pub(crate) struct Diagnose {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) select: Select,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// The grade from which on a finding makes the exit status 1.
    #[arg(long, value_name = "GRADE", default_value = "probable", value_parser = grade_parser(), help_heading = "Output")]
    pub(crate) fail_on: Grade,
    /// Show how each cause was judged, condition by condition: those of an incident, and those that could stand behind
    /// them but were ruled out or not judged.
    #[arg(long, help_heading = "Output")]
    pub(crate) trace: bool,
    /// The form of the report.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = output_parser(), help_heading = "Output")]
    pub(crate) format: Output,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

const DIAGNOSE_EXAMPLES: &str = "\
Examples:
  esxray diagnose esx07-vm-support.tgz
  esxray diagnose vc-bundle.tgz esx07.tgz --vm APP-01 --since 2023-03-10
  esxray diagnose logs/ --format json -o report.json
  esxray diagnose logs/ --trace
  esxray diagnose logs/ --fail-on confirmed -q && echo 'nothing confirmed'";

/// Lists what is in the input: hosts, VMs, keys, key providers, logs and what they cover.
///
/// Nothing is judged. VMs are listed with every name they go by, keys by their ids alone, hosts with the release
/// that their build is, where it is known, and each kind of collection with the logs that one would expect in it
/// and that are not there. The fields of the JSON are described by `esxray schema inventory`.
#[derive(Debug, Args)]
#[command(after_help = INVENTORY_EXAMPLES)]
pub(crate) struct Inventory {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) select: Select,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// Minutes without a record from which on a source has a gap.
    #[arg(long, value_name = "MINUTES", default_value = "60", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Selection")]
    pub(crate) gap: u32,
    /// The form of the list.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_enum, help_heading = "Output")]
    pub(crate) format: TextOrJson,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

const INVENTORY_EXAMPLES: &str = "\
Examples:
  esxray inventory esx07-vm-support.tgz
  esxray inventory logs/ --gap 15
  esxray inventory esx07.tgz --vm APP-01 --since 2023-03-10
  esxray inventory logs/ --format json | jq '.vms[].names'";

/// Prints every parsed record, one JSON object a line.
///
/// The records stand in the order of the input. Lines that belong to no record are counted, not printed. What
/// could not be read is told on standard error. The fields are described by `esxray schema records`. The entries of
/// files that are evidence and no logs, such as a .vmx, are printed too, without the secrets in them; they have no
/// time, level, writer or operation, and pass no filter that asks for one.
///
/// Filters are combined: a record is printed if it passes all of them. Without a match the exit status is 1.
#[derive(Debug, Args)]
#[command(after_help = RECORDS_EXAMPLES, after_long_help = RECORDS_LONG)]
pub(crate) struct Records {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) filters: Filters,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// One object a line, one array of them, or a table.
    #[arg(long, value_name = "FORMAT", default_value = "jsonl", value_enum, help_heading = "Output")]
    pub(crate) format: RecordsFormat,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) noise: Noise,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

/// Which records to print.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Filters {
    /// Only records of this VM: its name, UUID, vmid, moref, or the path of its .vmx.
    ///
    /// All records of its own vmware.log files; of other logs those that name it (by display name, moref, UUID, a
    /// path in its folder, or its number in the tasks of a host that gave it that number), and those of an operation
    /// that such a record is of, or that came from one, unless they name another VM by more than its display name.
    /// The names are put together as for `esxray diagnose`; the input is read three times.
    #[arg(long, value_name = "NAME|UUID|VMID|PATH")]
    pub(crate) vm: Option<String>,
    #[command(flatten)]
    pub(crate) range: Range,
    /// Only records of this level or a worse one. Records that say no level are left out.
    #[arg(long, value_name = "LEVEL", value_parser = level_parser(), ignore_case = true)]
    pub(crate) level: Option<Level>,
    /// Only records whose thread, subsystem or program is this; `*` stands for any text, case does not matter.
    #[arg(long, value_name = "GLOB")]
    pub(crate) component: Option<String>,
    /// Only records of this operation, and of those that came from it (ID, then `-` and more).
    ///
    /// The id is the one of the record's head, or one that its text names as `opID=ID`.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) op_id: Option<String>,
    /// Only records in which this regular expression matches, anywhere in their lines as they stand in the log.
    ///
    /// Where it has no capital letter, case does not matter; `(?-i)` in front makes it matter. `^` and `$` are the
    /// ends of a line, `.` is any character but the end of a line, and `(?s:.)` that too.
    #[arg(short = 'g', long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) grep: Option<String>,
    /// Case never matters to --grep.
    #[arg(short, long, requires = "grep")]
    pub(crate) ignore_case: bool,
}

impl Filters {
    /// Whether anything is filtered at all.
    pub(crate) fn any(&self) -> bool {
        let texts = [&self.vm, &self.component, &self.op_id, &self.grep];
        texts.into_iter().any(Option::is_some)
            || self.range.since.is_some()
            || self.range.until.is_some()
            || self.level.is_some()
    }
}

const RECORDS_EXAMPLES: &str = "\
Examples:
  esxray records vmware.log
  esxray records esx07.tgz --since 2023-03-10T15:00:00Z --until 2023-03-10T16:00:00Z
  esxray records esx07.tgz --vm APP-01 --level warning
  esxray records logs/ --component 'vcpu-*' --grep 'disk.*key'
  esxray records logs/ --op-id lfgd4abh-18745-auto-egq-h5:70001234-88 --format csv -o operation.csv
  ssh root@esx07 cat /var/run/log/hostd.log | esxray records -";

const RECORDS_LONG: &str = "\
Examples:
  esxray records vmware.log
  esxray records esx07.tgz --since 2023-03-10T15:00:00Z --until 2023-03-10T16:00:00Z
  esxray records esx07.tgz --vm APP-01 --level warning
  esxray records logs/ --component 'vcpu-*' --grep 'disk.*key'
  esxray records logs/ --op-id lfgd4abh-18745-auto-egq-h5:70001234-88 --format csv -o operation.csv
  ssh root@esx07 cat /var/run/log/hostd.log | esxray records -

CSV:
  As in RFC 4180, with a header row; fields of the head beyond the columns stand as JSON in `fields`.
  A cell that a spreadsheet could take for a formula, or that begins with a blank or an apostrophe, has one
  apostrophe in front. Control and invisible characters are written as \\u{9b}, and a backslash as \\\\.
  Taking away one apostrophe at the front, then undoing the backslashes, gives the value back.";

/// Explains a cause, a signature, a remedy or a pasted error, without any input file.
///
/// Takes the id of a cause, signature, event, remedy or prohibition, an alias such as the fault's name, or log
/// text as it was pasted: a line, a block, or `-` for standard input.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(crate) struct Explain {
    /// An id, an alias, or log text; `-` reads the text from standard input.
    #[arg(value_name = "ID|TEXT", allow_hyphen_values = true, value_parser = query)]
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// The form of the answer.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_enum, help_heading = "Output")]
    pub(crate) format: TextOrJson,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  esxray explain rekey-disk-wrong-key
  esxray explain kms.providers.not_found
  esxray explain reload-vmx
  esxray explain 'Cannot decrypt disk because key or password is incorrect'
  grep -A3 'Msg_Post' vmware.log | esxray explain -";

/// Says why a cause holds in the input or does not, condition by condition.
///
/// The cause is judged as by `esxray diagnose`, on each VM and host, in each stretch of time with failures or a re-key.
/// Each condition is met, not met or not evaluable: with the record that shows it, with the record that comes nearest,
/// or with the logs that would show it and what they leave open. Then follow the grade that the cause has or would
/// have, what is missing to the next one, and what holds in its place. The fields of the JSON are described by
/// `esxray schema why-not`.
#[derive(Debug, Args)]
#[command(after_help = WHY_NOT_EXAMPLES)]
pub(crate) struct WhyNot {
    /// The id of a cause, or an alias of it; `esxray knowledge list` lists them.
    pub(crate) cause: String,
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) select: Select,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// VMs and hosts that are shown at most, each in its stretch of time, the nearest to holding first.
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Selection")]
    pub(crate) most: u16,
    /// The form of the answer.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_enum, help_heading = "Output")]
    pub(crate) format: TextOrJson,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

const WHY_NOT_EXAMPLES: &str = "\
Examples:
  esxray why-not ha-vmmon-reset-during-rekey esx07-vm-support.tgz
  esxray why-not kms-provider-not-found-on-host logs/ --vm APP-01 -v
  esxray why-not rekey-disk-wrong-key logs/ --since 2023-03-10T15:00:00Z --until 2023-03-10T16:00:00Z
  esxray why-not rekey-disk-wrong-key logs/ --format json | jq '.candidates[0].conclusion'";

/// Prints the JSON Schema of what a command prints, or of knowledge files.
#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Of `esxray diagnose --format json`.
    Report(Target),
    /// Of `esxray inventory --format json`.
    Inventory(Target),
    /// Of `esxray rekey --format json`.
    Rekey(Target),
    /// Of each line of `esxray timeline --format jsonl`.
    Timeline(Target),
    /// Of each line of `esxray records`.
    Records(Target),
    /// Of `esxray explain --format json`.
    Explain(Target),
    /// Of `esxray why-not --format json`.
    WhyNot(Target),
    /// Of the files of a knowledge pack, for editors that complete and check TOML.
    Knowledge(KnowledgeSchema),
}

/// Prints the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  esxray completions bash > /etc/bash_completion.d/esxray
  esxray completions zsh > ~/.zfunc/_esxray
  esxray completions powershell >> $PROFILE")]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Prints the manual page, in roff.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  esxray man | man -l -
  esxray man diagnose > /usr/share/man/man1/esxray-diagnose.1")]
pub(crate) struct Man {
    /// The page of one command, such as `diagnose` or `knowledge check`.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// What to read, and how.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Log files, folders, archives (.gz .tgz .tar .zip .zst .xz .bz2, nested), or `-` for standard input.
    ///
    /// What a file is gets decided by its content. Folders are read with everything below them, links in them
    /// are not followed.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Zone of stamps that carry none: UTC, an offset such as +02:00, or a name such as Europe/Paris.
    #[arg(long, value_name = "ZONE", default_value = "UTC", hide_default_value = true, value_parser = zone, allow_hyphen_values = true, help_heading = "Input")]
    pub(crate) tz: Zone,
    /// Year of the first stamp that carries none.
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1970..=9999), help_heading = "Input")]
    pub(crate) year: Option<i32>,
    /// Threads to read with; by default as many as there are processors. The answer does not depend on it.
    #[arg(long, value_name = "N", value_parser = threads, help_heading = "Input")]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// What to speak of.
#[derive(Debug, Args)]
pub(crate) struct Select {
    /// Only what concerns this VM: its name, UUID, vmid, moref, or the path of its .vmx.
    #[arg(long, value_name = "NAME|UUID|VMID|PATH", help_heading = "Selection")]
    pub(crate) vm: Option<String>,
    #[command(flatten)]
    pub(crate) range: Range,
}

impl Select {
    /// As the diagnosis takes it.
    pub(crate) fn selection(&self) -> Selection {
        Selection { vm: self.vm.clone(), since: self.range.since, until: self.range.until }
    }
}

/// A range of time.
#[derive(Debug, Args)]
pub(crate) struct Range {
    /// Only from this moment on: 2023-03-10T15:16:00Z, or a date, which means its midnight in UTC.
    #[arg(long, value_name = "TIME", help_heading = "Selection")]
    pub(crate) since: Option<Timestamp>,
    /// Only before this moment.
    #[arg(long, value_name = "TIME", help_heading = "Selection")]
    pub(crate) until: Option<Timestamp>,
}

/// Knowledge beside the built-in.
#[derive(Debug, Args)]
pub(crate) struct Packs {
    /// A folder with signatures, causes and remedies of your own; may be repeated, later ones win.
    #[arg(long = "knowledge", value_name = "DIR", help_heading = "Knowledge")]
    pub(crate) folders: Vec<PathBuf>,
}

/// Where to write.
#[derive(Debug, Default, Args)]
pub(crate) struct Target {
    /// Write to this file instead of standard output; it appears whole or not at all.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the output file if it exists.
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(crate) force: bool,
}

/// How a text looks.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", value_enum, help_heading = "Output")]
    pub(crate) color: Color,
    /// Columns of the text; by default those of the terminal, or 100. Taken as at least 60 and at most 160.
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Output")]
    pub(crate) width: Option<u16>,
    /// Print nothing outside of ASCII.
    #[arg(long, help_heading = "Output")]
    pub(crate) ascii: bool,
    /// Language of what a person reads: en or fr; by default that of the locale. Forms that are read by programs
    /// are in English without it; keys, ids and texts of the input are never translated.
    #[arg(long, value_name = "LANG", value_parser = spoken, help_heading = "Output")]
    pub(crate) lang: Option<Lang>,
    #[command(flatten)]
    pub(crate) noise: Noise,
}

fn spoken(word: &str) -> Result<Lang, String> {
    let known = || Lang::ALL.iter().map(|lang| lang.as_str()).collect::<Vec<_>>().join(", ");
    Lang::ALL.iter().copied().find(|lang| lang.as_str() == word).ok_or_else(|| format!("not one of: {}", known()))
}

/// What is said beside the answer.
#[derive(Debug, Args)]
pub(crate) struct Noise {
    /// No progress, even on a terminal.
    #[arg(long, help_heading = "Output")]
    pub(crate) no_progress: bool,
    /// The answer in short, and no remarks.
    #[arg(short, long, help_heading = "Output", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Everything there is.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// on a terminal, unless `NO_COLOR` is set
    Auto,
    /// always
    Always,
    /// never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// for reading
    Text,
    /// for scripts
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecordsFormat {
    /// one object a line
    Jsonl,
    /// one array
    Json,
    /// a table for a spreadsheet, safe from formulas
    Csv,
}

/// The levels, loud to quiet, with the words that logs have for them.
fn level_parser() -> impl TypedValueParser<Value = Level> {
    const ALSO: [(&str, &[&str]); 7] = [
        ("panic", &["fatal", "critical"]),
        ("error", &[]),
        ("warning", &["warn"]),
        ("notice", &["audit"]),
        ("info", &[]),
        ("verbose", &["debug"]),
        ("trivia", &["trace"]),
    ];
    let values = ALSO.map(|(word, also)| PossibleValue::new(word).aliases(also));
    PossibleValuesParser::new(values).map(|word| Level::from_word(word.as_bytes()).unwrap_or(Level::Info))
}

/// The forms of a report, from their own list.
fn output_parser() -> impl TypedValueParser<Value = Output> {
    let values = Output::ALL.iter().map(|output| PossibleValue::new(output.as_str()).help(output.about()));
    PossibleValuesParser::new(values).map(|word| Output::from_word(&word).unwrap_or(Output::Text))
}

/// The grades, from their own list.
fn grade_parser() -> impl TypedValueParser<Value = Grade> {
    let values = Grade::ALL.iter().map(|grade| {
        PossibleValue::new(grade.as_str()).help(match grade {
            Grade::Possible => "part of the conditions holds",
            Grade::Probable => "the conditions hold",
            Grade::Confirmed => "decisive or corroborated, and nothing speaks against it",
        })
    });
    PossibleValuesParser::new(values).map(|word| Grade::from_word(&word).unwrap_or(Grade::Probable))
}

/// A pasted line may begin with `-->`; anything else that looks like a flag is one that does not exist.
fn query(text: &str) -> Result<String, String> {
    let flag = text.starts_with('-') && text != "-" && !text.starts_with("-->") && !text.contains(char::is_whitespace);
    if flag { Err("no such flag".to_owned()) } else { Ok(text.to_owned()) }
}

fn zone(text: &str) -> Result<Zone, esxray::record::ZoneError> {
    text.parse()
}

/// More threads than this are a slip of the finger.
const MOST_THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= MOST_THREADS);
    number.ok_or_else(|| format!("not a number from 1 to {MOST_THREADS}"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, Command};

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_path_without_a_command_is_diagnosed() {
        let cli = Cli::try_parse_from(["esxray", "--format", "json", "a.log", "-"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.diagnose.input.paths.len(), 2);
    }

    #[test]
    fn an_offset_may_begin_with_a_hyphen_and_a_pasted_line_with_an_arrow() {
        assert!(Cli::try_parse_from(["esxray", "--tz", "-05:00", "a.log"]).is_ok());
        let cli = Cli::try_parse_from(["esxray", "explain", "--> x.fault.y<z>", "--format", "json"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Explain(args)) if args.query == "--> x.fault.y<z>"));
        assert!(Cli::try_parse_from(["esxray", "explain", "--frmat"]).is_err());
    }

    #[test]
    fn numbers_are_held_to_their_ranges() {
        for wrong in ["--threads=0", "--threads=1025", "--threads=x", "--width=0", "--year=12", "--since=yesterday"] {
            assert!(Cli::try_parse_from(["esxray", wrong, "a.log"]).is_err(), "{wrong}");
        }
    }
}
