//! The flags of `esxray redact` and `esxray pack`.

use std::path::PathBuf;

use clap::Args;

use super::{Input, LimitFlags, Look, Packs, Select};

/// Copies logs with stable pseudonyms in place of names, addresses and ids.
///
/// Replaced are the names of VMs, hosts, domains, datastores, folders, files, networks, clusters, key providers and
/// accounts, addresses of IP and Ethernet, UUIDs in every spelling, ids of keys, sessions and devices, serial numbers,
/// numbers of tickets and notes, in texts as well as in the names of files and folders. Wrapped keys and passwords are
/// blotted out. Times, versions, builds, numbers of objects (vm-1012, vmid 62) and operation ids stay. The same thing
/// has the same pseudonym in all files of one run. Members of archives stay in archives. What is no text is left out,
/// and named.
///
/// A name that is also an ordinary word, such as a VM called `disk`, is replaced only where nothing but a name can
/// stand. Where such a word is left, that is told, and the exit status is 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Redact {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) replace: Replace,
    /// Prove that the diagnosis of the copy is the same but for the names, and that no original is left in it.
    #[arg(long, help_heading = "Redaction")]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// A folder that does not exist or is empty, or a .tgz.
    #[arg(short, long, required = true, value_name = "DIR|FILE.tgz", help_heading = "Output")]
    pub(crate) output: PathBuf,
    /// Overwrite the output file and the map if they exist.
    #[arg(long, help_heading = "Output")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

/// What to replace beside what is found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Redaction")]
pub(crate) struct Replace {
    /// Replace this word too, wherever it stands; may be repeated.
    #[arg(long, value_name = "WORD")]
    pub(crate) also: Vec<String>,
    /// Leave this name as it is; may be repeated.
    #[arg(long, value_name = "WORD")]
    pub(crate) keep: Vec<String>,
    /// Write here what stands for what, as JSON that only its owner may read. Keep it: nothing else undoes a redaction.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  esxray redact esx07-vm-support.tgz -o redacted.tgz --map ../map.json --verify
  esxray redact logs/ hostd.log -o redacted/
  esxray redact logs/ -o redacted/ --also 'Project Falcon' --keep VMware

Exit status:
  0    done; with --verify: and proven
  1    a name that is also an ordinary word was left somewhere (--keep or --also decides), or the proof failed:
       the copy is there, and should not be handed on as it is
  2    could not run";

/// Makes a case file for a ticket: the report, the lines that it cites, hashes, and what was read.
///
/// The archive holds the report in every form, each cited record with lines before and after it as excerpts that
/// `esxray` can read again, their places in INDEX.tsv, what was read in coverage.tsv, the SHA-256 of each file and
/// member that was read in SOURCES.sha256, that of each file of the case in SHA256SUMS, and a MANIFEST. The same input gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = PACK_EXAMPLES)]
pub(crate) struct Pack {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) select: Select,
    #[command(flatten)]
    pub(crate) packs: Packs,
    /// Lines before and after each cited record.
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(..=100_000), help_heading = "Case")]
    pub(crate) context: u32,
    /// Make it from a redacted copy of the input, as `esxray redact` makes it.
    #[arg(long, help_heading = "Redaction")]
    pub(crate) redact: bool,
    #[command(flatten)]
    pub(crate) replace: Replace,
    /// The archive, a .tgz.
    #[arg(short, long, required = true, value_name = "FILE.tgz", help_heading = "Output")]
    pub(crate) output: PathBuf,
    /// Overwrite the archive and the map if they exist.
    #[arg(long, help_heading = "Output")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

const PACK_EXAMPLES: &str = "\
Examples:
  esxray pack esx07-vm-support.tgz -o case.tgz
  esxray pack logs/ -o case.tgz --vm APP-01 --context 50
  esxray pack logs/ -o case.tgz --redact --map map.json
  tar xzf case.tgz && esxray case/excerpts";
