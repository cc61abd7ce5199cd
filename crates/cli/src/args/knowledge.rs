//! The flags of `esxray knowledge` and of the schema of its files.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use esxray::knowledge::{FileKind, Release, schema};
use esxray::model::{FormatName, Severity};

use super::{Look, Packs, Target, TextOrJson};

/// Lists and checks the knowledge base and the user's own packs.
#[derive(Debug, Subcommand)]
pub(crate) enum Knowledge {
    List(KnowledgeList),
    /// Loads the knowledge base with packs over it, and tries every signature on its samples.
    ///
    /// Whatever is wrong is told with its file and line, and the exit status is 2.
    #[command(after_help = "\
Examples:
  esxray knowledge check
  esxray knowledge check our-pack/")]
    Check(ProvedPacks),
    /// Proves the knowledge base, with packs over it: every sample, and every cause on cases made from the samples.
    ///
    /// Each cause has to hold on all that it asks for, with every event that may stand for a condition, and no longer
    /// or less surely without any one of them; `unless` has to exclude it, `recovered` to close it. Whatever is wrong
    /// is told with its file and condition, and the exit status is 2. A condition that no case can reach is told as
    /// untested.
    #[command(after_help = "\
Examples:
  esxray knowledge test
  esxray knowledge test our-pack/")]
    Test(ProvedPacks),
    New(KnowledgeNew),
}

/// Lists causes, remedies, prohibitions and signatures.
///
/// A filter that is given twice takes either; different filters all have to fit. With a filter for causes, remedies,
/// prohibitions and signatures are those that belong to the causes which are left.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  esxray knowledge list --category rekey
  esxray knowledge list --severity critical --log hostd -v
  esxray knowledge list --applies-to 7.0U3 --format json")]
pub(crate) struct KnowledgeList {
    /// Causes of this category, such as `rekey`, `ha` or `vsan`.
    #[arg(long, value_name = "CATEGORY", help_heading = "Filters")]
    pub(crate) category: Vec<String>,
    /// Causes of this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), help_heading = "Filters")]
    pub(crate) severity: Vec<Severity>,
    /// What this component writes: a thread or subsystem such as `vcpu-0` or `Vimsvc.TaskManager`, or a program such
    /// as `hostd`.
    #[arg(long, value_name = "COMPONENT", help_heading = "Filters")]
    pub(crate) component: Vec<String>,
    /// What shows in this log: `vmware-log`, `hostd`, `vmkernel`, …
    #[arg(long, value_name = "LOG", value_parser = log_parser(), hide_possible_values = true, help_heading = "Filters")]
    pub(crate) log: Vec<FormatName>,
    /// Causes that this release of vSphere can have: `8.0`, `7.0U3`. Those that are tied to no release are among them.
    #[arg(long, value_name = "VERSION", help_heading = "Filters")]
    pub(crate) applies_to: Option<Release>,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// The form of the list.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_enum, help_heading = "Output")]
    pub(crate) format: TextOrJson,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
}

/// The base with packs over it, to be proved.
#[derive(Debug, Args)]
pub(crate) struct ProvedPacks {
    /// Folders of packs, later ones over earlier ones; the built-in base is always proved with them.
    #[arg(value_name = "DIR")]
    pub(crate) named: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// Print nothing where all is well.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// Drafts a signature from one log line: anchor, regex, fields, a sample and a counter-sample.
///
/// The draft passes `knowledge check` as it is; its title, the names of its fields and the counter-sample are yours to
/// better. It belongs into a pack as `signatures/AREA/ID.toml`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mkdir -p our-pack/signatures/backup
  esxray knowledge new --from-line \"$(grep -m1 'Backup agent' hostd.log)\" --id backup-failed \\
    -o our-pack/signatures/backup/backup-failed.toml
  esxray knowledge test our-pack")]
pub(crate) struct KnowledgeNew {
    /// The line, whole, with its stamp; `-` reads it from standard input.
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    pub(crate) from_line: String,
    /// Id of the signature; by default the first words of its text.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// The log that the line is from, where its head does not say it: `hostd`, `vmware-log`, …
    #[arg(long, value_name = "LOG")]
    pub(crate) log: Option<String>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Which files of a pack.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  esxray schema knowledge signature -o signature.schema.json
  esxray schema knowledge -o knowledge.schema.json")]
pub(crate) struct KnowledgeSchema {
    /// The kind of file; without it the schema takes a file of any kind.
    #[arg(value_name = "KIND", value_parser = file_kind_parser())]
    pub(crate) kind: Option<FileKind>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// The kinds of knowledge files, from their own list.
fn file_kind_parser() -> impl TypedValueParser<Value = FileKind> {
    let values = FileKind::ALL.iter().map(|kind| PossibleValue::new(kind.as_str()).help(format!("{}/", kind.folder())));
    PossibleValuesParser::new(values)
        .map(|word| FileKind::ALL.iter().copied().find(|kind| kind.as_str() == word).unwrap_or(FileKind::Signature))
}

/// The severities, from their own list.
fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    let words = PossibleValuesParser::new(Severity::ALL.iter().map(|it| it.as_str()));
    words.map(|word| Severity::ALL.iter().copied().find(|it| it.as_str() == word).unwrap_or(Severity::Info))
}

/// The logs that signatures may name.
fn log_parser() -> impl TypedValueParser<Value = FormatName> {
    let words = PossibleValuesParser::new(schema::logs().iter().map(|it| it.as_str()));
    words.map(|word| FormatName::ALL.iter().copied().find(|it| it.as_str() == word).unwrap_or(FormatName::Unknown))
}
