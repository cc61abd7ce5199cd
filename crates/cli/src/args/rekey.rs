//! The flags of `esxray rekey`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use esxray::Grade;

use super::{Input, LimitFlags, Look, Packs, Select, Target, grade_parser};

/// Audits the re-keys of a whole fleet: one row a VM, one entry an object that has a key.
///
/// Every VM of the input that is encrypted or was re-keyed, or that was asked for, has a row: how its last attempt
/// ended and at which step, on which key its home and each of its disks are, why, and what to do first. What the input
/// does not show of a VM is said: a VM of which nothing is known is not one that was re-keyed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = LONG)]
pub(crate) struct Rekey {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) audit: AuditFlags,
    #[command(flatten)]
    pub(crate) select: Select,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// The grade from which on a finding about the keys of a VM makes the exit status 1.
    #[arg(long, value_name = "GRADE", default_value = "probable", value_parser = grade_parser(), help_heading = "Output")]
    pub(crate) fail_on: Grade,
    /// The form of the audit.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_enum, help_heading = "Output")]
    pub(crate) format: RekeyFormat,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

/// What is asked beside the rows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(crate) struct AuditFlags {
    /// A file with the VMs that were to be re-keyed; says which were never tried, failed, or are not in the input.
    ///
    /// CSV with a column Name, VM, MoRef, Id, UUID or Path; or one VM a line; or what PowerCLI prints through
    /// Export-Csv, Format-Table or Format-List. UTF-8 or UTF-16. `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "vm")]
    pub(crate) list: Option<PathBuf>,
    /// Whether this key provider may be retired: safe, not safe, or cannot say.
    ///
    /// Names every object that is still on its keys and every VM that the input cannot vouch for. The answer is about
    /// the whole input, and never more than about the input.
    #[arg(long, value_name = "PROVIDER", conflicts_with_all = ["vm", "since", "until"])]
    pub(crate) retire: Option<String>,
    /// Before a migration: which VMs are at risk and why, and what to do first.
    ///
    /// A VM that was asked for and shows no attempt does not count then.
    #[arg(long)]
    pub(crate) preflight: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RekeyFormat {
    /// for reading
    Text,
    /// for scripts, described by `esxray schema rekey`
    Json,
    /// a table for a spreadsheet, safe from formulas
    Csv,
    #[value(help = "JUnit XML, for a build server")]
    Junit,
}

const EXAMPLES: &str = "\
Examples:
  esxray rekey vc-bundle.tgz esx07.tgz esx08.tgz
  esxray rekey bundles/ --list planned.csv --format csv -o audit.csv
  esxray rekey bundles/ --retire NKP-1
  esxray rekey bundles/ --preflight
  esxray rekey esx07.tgz --vm APP-01 -q && echo 'next VM'";

const LONG: &str = "\
Examples:
  esxray rekey vc-bundle.tgz esx07.tgz esx08.tgz
  esxray rekey bundles/ --list planned.csv --format csv -o audit.csv
  esxray rekey bundles/ --retire NKP-1
  esxray rekey bundles/ --preflight
  esxray rekey esx07.tgz --vm APP-01 -q && echo 'next VM'

Exit status:
  0    nothing that was asked speaks against going on
  1    a re-key failed, was cut short or left objects on both keys; a finding about keys reached --fail-on; a VM that
       was asked for (--vm, --list) was never tried; --retire: not safe; --preflight: something has to be done first
  2    could not run: bad usage, unreadable input, a list that cannot be read for certain
  3    none of these, but something could not be read or vouched for; a VM that the input does not name;
       --retire: cannot say; --preflight: not everything was visible

CSV:
  A row a VM, a column an object. Cells are kept from being formulas as `esxray records --help` tells.";
