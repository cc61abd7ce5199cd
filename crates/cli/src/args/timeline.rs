//! The flags of `esxray timeline`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use esxray::model::HistoryKind;

use super::{Input, LimitFlags, Look, Packs, Select, Target};

/// Prints one history of VMs and hosts, merged from every source.
///
/// What lasts is a span with its duration: the time that a VM was on, a reconfiguration, a stun. Where the logs do not
/// show the begin or the end of a span, it says so. Nothing is judged. The lines of `--format jsonl` are described by
/// `esxray schema timeline`. Without any entry the exit status is 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Timeline {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) select: Select,
    /// Only entries of this kind, such as power-on or snapshot; may be repeated.
    #[arg(long, value_name = "KIND", value_parser = kinds(), hide_possible_values = true, help_heading = "Selection")]
    pub(crate) kind: Vec<HistoryKind>,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// Show operations from begin to end, with their duration and outcome.
    #[arg(long, conflicts_with = "gaps", help_heading = "Output")]
    pub(crate) ops: bool,
    /// Show the stretches in which a log says nothing.
    #[arg(long, help_heading = "Output")]
    pub(crate) gaps: bool,
    /// The form of the history.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_enum, help_heading = "Output")]
    pub(crate) format: TimelineFormat,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

const EXAMPLES: &str = "\
Examples:
  esxray timeline APP-01/
  esxray timeline logs/ --vm APP-01 --since 2023-03-10 --until 2023-03-11
  esxray timeline APP-01/ --kind power-on --kind snapshot
  esxray timeline vc-bundle.tgz --ops
  esxray timeline logs/ --format timesketch -o history.jsonl";

/// The forms of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimelineFormat {
    /// for reading
    Text,
    /// one object a line
    Jsonl,
    /// a table for a spreadsheet, safe from formulas
    Csv,
    /// the JSON lines that Timesketch imports
    Timesketch,
    /// one page for a browser, self-contained
    Html,
}

fn kinds() -> impl TypedValueParser<Value = HistoryKind> {
    let words = HistoryKind::ALL.iter().map(|it| it.as_str());
    PossibleValuesParser::new(words).map(|word| HistoryKind::from_word(&word).unwrap_or(HistoryKind::Other))
}
