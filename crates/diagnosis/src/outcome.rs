//! What a diagnosis is: plain values that `report` turns into text and JSON.

use std::collections::{BTreeMap, BTreeSet};

use crate::around::Around;
use crate::clocks::ClockSeen;
use crate::roots::RootCause;
use crate::trace::Trace;
use esxray_knowledge::{History, RemedyKind, ServiceImpact, Shell};
use esxray_model::{
    Grade, IncidentKind, Interruption, KeyState, Level, Place, RekeyOutcome, RekeyStep, Role, Said, Severity,
    StepBasis, StepState, Timestamp, Verdict,
};

/// The whole answer to one run.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The answer in one word.
    pub verdict: Verdict,
    /// Names of the sources as given, indexed by `SourceId`.
    pub sources: Vec<String>,
    /// Open incidents first, worst first; recovered ones after them.
    pub incidents: Vec<Incident>,
    /// What stands behind the incidents, each once: worst first, as the incidents are.
    pub root_causes: Vec<RootCause>,
    /// Causes that an observation rules out.
    pub excluded: Vec<Excluded>,
    /// Causes that could not be judged.
    pub not_evaluated: Vec<NotEvaluated>,
    /// Error-shaped records that no signature explains, as templates, the most telling first.
    pub unexplained: Vec<Unexplained>,
    /// What is known of the clock of each host, compared with vCenter's.
    pub clocks: Vec<ClockSeen>,
    /// One row for each source.
    pub coverage: Vec<Coverage>,
    /// What could not be read, and every limit that was met.
    pub problems: Vec<Problem>,
    /// What was judged with.
    pub knowledge: KnowledgeUsed,
    /// By the id of an incident, how its causes and their rivals were judged; empty unless asked for.
    pub traces: BTreeMap<String, Vec<Trace>>,
    /// The lines around cited records; empty unless they were looked up with [`around`](crate::around()).
    pub around: BTreeMap<Place, Around>,
}

/// Which knowledge a run used.
#[derive(Debug, Clone)]
pub struct KnowledgeUsed {
    /// How many causes.
    pub causes: usize,
    /// How many signatures.
    pub signatures: usize,
    /// How many remedies.
    pub remedies: usize,
    /// SHA-256 over all files, in hexadecimal.
    pub sha256: String,
    /// `builtin` and the user's folders, in order.
    pub packs: Vec<String>,
}

/// One failure as the user met it.
#[derive(Debug, Clone)]
pub struct Incident {
    /// `I1`, `I2`, … in the order of the report.
    pub id: String,
    /// What sort of failure.
    pub kind: IncidentKind,
    /// One sentence.
    pub title: Said,
    /// Set when a later observation closed it.
    pub recovered: Option<Evidence>,
    /// The VM, where one is concerned.
    pub vm: Option<VmName>,
    /// The host, where it is known.
    pub host: Option<HostName>,
    /// Time of the first event.
    pub started: Option<Timestamp>,
    /// Time of the last event.
    pub ended: Option<Timestamp>,
    /// The re-key, where one is involved.
    pub rekey: Option<Rekey>,
    /// Root causes first.
    pub findings: Vec<Finding>,
    /// In the order in which to try them.
    pub remedies: Vec<Remedy>,
    /// Remedies that belong here but must not be used now.
    pub withheld: Vec<Withheld>,
    /// What not to do.
    pub do_not: Vec<DoNot>,
}

/// A remedy of the incident's causes that the facts forbid.
#[derive(Debug, Clone)]
pub struct Withheld {
    /// Id of the remedy.
    pub id: String,
    /// Its title.
    pub title: Said,
    /// Why not now.
    pub because: Said,
}

/// Every name that the input gives a VM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VmName {
    /// Display name.
    pub name: Option<String>,
    /// Number on its host.
    pub vmid: Option<String>,
    /// Managed object id in vCenter.
    pub moref: Option<String>,
    /// BIOS UUID.
    pub uuid: Option<String>,
    /// Instance UUID.
    pub instance_uuid: Option<String>,
    /// Path of the `.vmx`.
    pub vmx_path: Option<String>,
    /// Datastore, as the path names it.
    pub datastore: Option<String>,
    /// Every other name that it goes or went by: a display name before it was renamed, its number on another host.
    pub also: BTreeSet<String>,
}

/// What the input says of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostName {
    /// Its name.
    pub name: Option<String>,
    /// Product, such as `VMware ESX`.
    pub product: Option<String>,
    /// Version, such as `8.0.2`.
    pub version: Option<String>,
    /// Build number.
    pub build: Option<String>,
}

/// One attempt to change the keys of a VM.
#[derive(Debug, Clone)]
pub struct Rekey {
    /// Operation id that the log lines share.
    pub op_id: Option<String>,
    /// Task that asked for it.
    pub task: Option<String>,
    /// `shallow`, `deep`; `None` when the input does not show it.
    pub scope: Option<&'static str>,
    /// Provider of the keys before.
    pub from_provider: Option<String>,
    /// Provider of the keys to be.
    pub to_provider: Option<String>,
    /// How it ended.
    pub outcome: RekeyOutcome,
    /// The step that failed.
    pub failed_step: Option<RekeyStep>,
    /// All five steps, in order.
    pub steps: Vec<RekeyStepSeen>,
    /// Every object of the VM that the input shows.
    pub objects: Vec<RekeyObject>,
    /// When it began, where the input shows its begin.
    pub started: Option<Timestamp>,
    /// When its task ended, where the input shows that.
    pub ended: Option<Timestamp>,
    /// Who asked for it.
    pub asked_by: AskedBy,
    /// What cut it short.
    pub interrupted_by: Option<Cut>,
    /// The record by which it was refused before its first step.
    pub refused_by: Option<Evidence>,
    /// Earlier attempts of the same incident, in order.
    pub attempts: Vec<EarlierAttempt>,
}

/// Who asked for a re-key, as far as the logs name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedBy {
    /// Such as `VSPHERE.LOCAL\Administrator`.
    pub user: Option<String>,
    /// Such as `PowerCLI/13.2.1.22851661`.
    pub client: Option<String>,
    /// Id of the session, or the beginning of it that the log prints.
    pub session: Option<String>,
}

/// What cut a re-key short.
#[derive(Debug, Clone)]
pub struct Cut {
    /// What.
    pub by: Interruption,
    /// When.
    pub time: Option<Timestamp>,
    /// The records that show it.
    pub evidence: Vec<Evidence>,
}

/// An earlier attempt, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierAttempt {
    /// Operation id that its log lines share.
    pub op_id: Option<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When its task ended.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub outcome: RekeyOutcome,
    /// The step that failed.
    pub failed_step: Option<RekeyStep>,
}

/// The name of a key: never the key itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyName {
    /// Its id. A key of a native key provider may have none.
    pub key_id: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
}

/// One step and what the input shows of it.
#[derive(Debug, Clone)]
pub struct RekeyStepSeen {
    /// The step.
    pub step: RekeyStep,
    /// What the input shows.
    pub state: StepState,
    /// What that stands on; `None` where the input does not show it.
    pub basis: Option<StepBasis>,
    /// When.
    pub time: Option<Timestamp>,
    /// The records that show it.
    pub evidence: Vec<Evidence>,
}

/// What an encrypted object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// The `.vmx` and what belongs to it.
    VmHome,
    /// A virtual disk.
    Disk,
}

impl ObjectKind {
    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VmHome => "vm-home",
            Self::Disk => "disk",
        }
    }
}

/// One encrypted object of the VM after the attempt.
#[derive(Debug, Clone)]
pub struct RekeyObject {
    /// VM home or disk.
    pub kind: ObjectKind,
    /// Path, where the input gives one.
    pub path: Option<String>,
    /// Such as `Hard disk 2`, or `device 2000` where only the number is known.
    pub label: Option<String>,
    /// Number of the device in the VM's configuration; a link of a snapshot chain has that of its disk.
    pub device_key: Option<String>,
    /// On which key it is.
    pub key_state: KeyState,
    /// Id of that key.
    pub key_id: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
    /// The key that it was on before the attempt, where that is known.
    pub key_before: Option<KeyName>,
    /// The key that the attempt was to bring, where that is known.
    pub key_asked: Option<KeyName>,
    /// The key that it is on after the attempt, where that is known.
    pub key_after: Option<KeyName>,
    /// The records that show it.
    pub evidence: Vec<Evidence>,
}

/// Whether a record speaks for or against what it is cited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Supports {
    /// For.
    For,
    /// Against.
    Against,
}

impl Supports {
    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::For => "for",
            Self::Against => "against",
        }
    }
}

/// A record that is cited: a place, and what stands there.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// When it was logged.
    pub time: Option<Timestamp>,
    /// The record's exact text, decoded lossily, with its line breaks; cut if it is very long.
    pub text: String,
    /// Byte range within `text` of what the signature recognised.
    pub span: Option<(usize, usize)>,
    /// Byte ranges within `span` of the values that it captured, in order.
    pub captured: Vec<(usize, usize)>,
    /// What it means, in one sentence: the title of its signature.
    pub meaning: Said,
    /// For or against.
    pub supports: Supports,
}

/// A cause that holds in an incident.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Id of the cause.
    pub cause: String,
    /// Its part.
    pub role: Role,
    /// How sure.
    pub grade: Grade,
    /// How bad.
    pub severity: Severity,
    /// One sentence, with the captured names in it.
    pub title: Said,
    /// What goes on.
    pub explanation: Said,
    /// What was captured.
    pub captures: BTreeMap<String, String>,
    /// Causes of this incident that are its consequences.
    pub explains: Vec<String>,
    /// How many records support it.
    pub count: u64,
    /// First of them.
    pub first_seen: Option<Timestamp>,
    /// Last of them.
    pub last_seen: Option<Timestamp>,
    /// A few of them, first and last, and what speaks against it.
    pub evidence: Vec<Evidence>,
    /// What would raise the grade.
    pub missing_evidence: Vec<Missing>,
    /// How a person confirms it.
    pub confirm: Vec<Said>,
    /// Where it is public.
    pub sources: Vec<String>,
}

/// Evidence that the input lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What is missing.
    pub what: Said,
    /// What it would do.
    pub would: Said,
}

/// A remedy with its commands filled in.
#[derive(Debug, Clone)]
pub struct Remedy {
    /// Id.
    pub id: String,
    /// 1 is the first to try.
    pub rank: u32,
    /// Imperative, one line.
    pub title: Said,
    /// Why, and why at this rank.
    pub why: Said,
    /// Sort of action.
    pub kind: RemedyKind,
    /// What to do.
    pub steps: Vec<RemedyStep>,
    /// Cost for the service.
    pub service_impact: ServiceImpact,
    /// Cost for the history.
    pub history: History,
    /// Whether it can be undone.
    pub reversible: bool,
    /// What to check before.
    pub prechecks: Vec<Said>,
    /// How to see that it worked.
    pub verify: Vec<Said>,
    /// What can go wrong.
    pub risks: Vec<Said>,
    /// When it applies.
    pub applies: Said,
    /// Where it is public.
    pub sources: Vec<String>,
}

/// One step of a remedy.
#[derive(Debug, Clone)]
pub struct RemedyStep {
    /// Where to do it.
    pub shell: Shell,
    /// The command, or the click path.
    pub command: String,
    /// Whether every value is filled in.
    pub complete: bool,
    /// A remark.
    pub note: Option<Said>,
}

/// Something not to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DoNot {
    /// Id.
    pub id: String,
    /// What not to do.
    pub text: Said,
    /// Why.
    pub reason: Said,
}

/// A cause that is ruled out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excluded {
    /// Id of the cause.
    pub cause: String,
    /// For which VM; `None` for all.
    pub vm: Option<String>,
    /// The observation.
    pub because: Said,
    /// Sources that cover the window.
    pub covered_by: Vec<String>,
}

/// A cause that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotEvaluated {
    /// Id of the cause.
    pub cause: String,
    /// What is needed.
    pub needs: Said,
}

/// Error-shaped records without an explanation, as one template.
#[derive(Debug, Clone)]
pub struct Unexplained {
    /// The text with everything variable as `<*>`.
    pub template: String,
    /// The loudest level seen.
    pub level: Level,
    /// How many.
    pub count: u64,
    /// First.
    pub first_seen: Option<Timestamp>,
    /// Last.
    pub last_seen: Option<Timestamp>,
    /// Place of the first.
    pub place: Place,
}

/// What was read of one source.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// Name of the source as given.
    pub source: String,
    /// Format: a word of `FormatName`.
    pub format: &'static str,
    /// Dialect; `None` where none was recognised.
    pub dialect: Option<&'static str>,
    /// Product from the log's header.
    pub product: Option<String>,
    /// Version from the log's header.
    pub version: Option<String>,
    /// Build from the log's header.
    pub build: Option<String>,
    /// Decoded bytes.
    pub bytes: u64,
    /// Lines: `records + continuation_lines + unparsed_lines + blank_lines`.
    pub lines: u64,
    /// First lines of records.
    pub records: u64,
    /// Further lines of records.
    pub continuation_lines: u64,
    /// Lines that belong to no record.
    pub unparsed_lines: u64,
    /// Lines without a visible character.
    pub blank_lines: u64,
    /// Earliest stamp.
    pub first: Option<Timestamp>,
    /// Latest stamp.
    pub last: Option<Timestamp>,
    /// Stretches without any record, longer than the threshold.
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// SHA-256 of the decoded bytes, in hexadecimal.
    pub sha256: String,
    /// What is doubtful about it.
    pub problems: Vec<Said>,
}

/// Something that could not be read, or a limit that was met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub source: String,
    /// What.
    pub problem: Said,
    /// Bytes that were not read, where that is known.
    pub lost_bytes: Option<u64>,
    /// Whether evidence may have been lost, so that "clean" would be a lie.
    pub incomplete: bool,
}
