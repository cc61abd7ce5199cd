//! The JSON report: the contract with scripts, field for field.
//!
//! The types here mirror those of the diagnosis, so that either may change
//! without the other. Fields may be added; none is renamed, removed or given
//! another meaning without raising `schema_version`.

mod rekey;

use std::borrow::Cow;
use std::collections::BTreeMap;

use esxray_diagnosis as from;
use esxray_diagnosis::{Diagnosis, Supports};
use esxray_knowledge::{History, RemedyKind, ServiceImpact, Shell};
use esxray_model::{Grade, IncidentKind, Lang, Level, Place, Role, Said, Severity, Verdict};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::clocks::{Clock, clock};
use super::strict;
use super::text::TextOptions;
use super::why_not::{Trace, trace};
use crate::words::Word;

/// What it is good for.
pub const ABOUT: &str = "for scripts, described by `esxray schema report`";

/// The version of the contract that [`json`] keeps.
pub const SCHEMA_VERSION: u32 = 1;

/// The report as JSON, its texts in the language of the options.
pub fn render(diagnosis: &Diagnosis, options: &TextOptions) -> String {
    json(diagnosis, options.lang)
}

/// The report as JSON: indented, keys in the order of the contract, with a line break at the end.
///
/// Nothing that a terminal would obey is in it: such characters are escaped, and come back when it is parsed.
///
/// Keys, ids and the words of closed sets are the same in every language.
pub fn json(diagnosis: &Diagnosis, lang: Lang) -> String {
    strict::pretty(&report(diagnosis, lang))
}

/// The JSON Schema (2020-12) of what [`json`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    schema_of::<Report<'_>>("report", "esxray report")
}

/// The JSON Schema (2020-12) of a form of output, by its name and title. Unknown fields are allowed: a later version
/// may add some.
pub(super) fn schema_of<T: JsonSchema>(name: &str, title: &str) -> String {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("https://github.com/esxray/esxray/schema/{name}-1.json").into());
    schema.insert("title".to_owned(), title.into());
    strict::pretty(&schema)
}

/// A value of a closed set, written as its word.
pub(crate) struct AsWord<T>(pub(crate) T);

impl<T: Word> Serialize for AsWord<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<T: Word> JsonSchema for AsWord<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        std::any::type_name::<T>().into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = T::ALL.iter().map(|value| value.word()).collect();
        json_schema!({ "type": "string", "enum": words })
    }
}

/// A moment, RFC 3339 in UTC.
#[derive(Serialize)]
pub(super) struct Time(String);

impl Time {
    pub(super) fn of(time: Option<esxray_model::Timestamp>) -> Option<Self> {
        time.map(Self::at)
    }

    pub(super) fn at(time: esxray_model::Timestamp) -> Self {
        Self(time.to_string())
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// What one run of `esxray diagnose` found out.
#[derive(Serialize, JsonSchema)]
struct Report<'a> {
    /// Version of this contract.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What was judged with.
    knowledge: Knowledge<'a>,
    /// The answer in one word. `failure`: a finding of severity error or above is at least probable. `attention`: there
    /// is another finding. `inconclusive`: nothing found, but something that could have changed the answer could not be
    /// read or judged. `clean`: nothing known found in all of it.
    verdict: AsWord<Verdict>,
    /// Open incidents first, worst first; recovered ones after them.
    incidents: Vec<Incident<'a>>,
    /// What stands behind the incidents, each once, in the order of its first incident.
    root_causes: Vec<RootCause<'a>>,
    /// Causes that an observation rules out.
    excluded: Vec<Excluded<'a>>,
    /// Causes that could not be judged.
    not_evaluated: Vec<NotEvaluated<'a>>,
    /// Error-shaped records that no signature explains, as templates, the most telling first.
    unexplained: Vec<Unexplained<'a>>,
    /// One row for each source.
    coverage: Vec<Coverage<'a>>,
    /// What could not be read, and every limit that was met.
    problems: Vec<ReadProblem<'a>>,
    /// What is known of the clock of each host, compared with vCenter's: a row for each stretch between two steps.
    clocks: Vec<Clock<'a>>,
}

/// Who wrote a report.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    /// `esxray`.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// This very tool.
pub(super) const TOOL: Tool = Tool { name: "esxray", version: env!("CARGO_PKG_VERSION") };

/// Which knowledge a run used.
#[derive(Serialize, JsonSchema)]
pub(super) struct Knowledge<'a> {
    /// How many causes.
    causes: usize,
    /// How many signatures.
    signatures: usize,
    /// How many remedies.
    remedies: usize,
    /// SHA-256 over all of it, in hexadecimal.
    sha256: &'a str,
    /// `builtin` and the user's packs, in order.
    packs: &'a [String],
}

/// One failure as the user met it.
#[derive(Serialize, JsonSchema)]
struct Incident<'a> {
    /// `I1`, `I2`, … in the order of the report.
    id: &'a str,
    /// What sort of failure.
    kind: AsWord<IncidentKind>,
    /// One sentence.
    title: &'a str,
    /// Whether a later observation closed it.
    recovered: bool,
    /// The record that closed it.
    recovered_by: Option<Evidence<'a>>,
    /// The VM, where one is concerned.
    vm: Option<Vm<'a>>,
    /// The host, where it is known.
    host: Option<Host<'a>>,
    /// Time of the first event.
    started: Option<Time>,
    /// Time of the last event.
    ended: Option<Time>,
    /// The re-key, where one is involved.
    rekey: Option<rekey::Rekey<'a>>,
    /// Root causes first.
    findings: Vec<Finding<'a>>,
    /// In the order in which to try them.
    remedies: Vec<Remedy<'a>>,
    /// Remedies that belong here but must not be used now.
    withheld: Vec<Withheld<'a>>,
    /// What not to do.
    do_not: Vec<DoNot<'a>>,
    /// How its findings and the causes that could stand behind them were judged, condition by condition; only where
    /// that was asked for (`--trace`).
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<Trace<'a>>>,
}

/// Every name that the input gives a VM.
#[derive(Serialize, JsonSchema)]
pub(super) struct Vm<'a> {
    /// Display name.
    name: Option<&'a str>,
    /// Number on its host.
    vmid: Option<&'a str>,
    /// Managed object id in vCenter.
    moref: Option<&'a str>,
    /// BIOS UUID.
    uuid: Option<&'a str>,
    /// Instance UUID.
    instance_uuid: Option<&'a str>,
    /// Path of the `.vmx`.
    vmx_path: Option<&'a str>,
    /// Datastore, as the path names it.
    datastore: Option<&'a str>,
}

/// What the input says of a host.
#[derive(Serialize, JsonSchema)]
pub(super) struct Host<'a> {
    /// Its name.
    name: Option<&'a str>,
    /// Product, such as `VMware ESX`.
    product: Option<&'a str>,
    /// Version, such as `8.0.2`.
    version: Option<&'a str>,
    /// Build number.
    build: Option<&'a str>,
}

/// A record that is cited: a place, and what stands there.
#[derive(Serialize, JsonSchema)]
pub(super) struct Evidence<'a> {
    /// The source; `ARCHIVE!MEMBER` for a file inside an archive.
    source: &'a str,
    /// First line of the record, from 1.
    line: u64,
    /// Last line of the record.
    last_line: u64,
    /// Where the record starts in the decoded bytes of the source, from 0.
    byte_offset: u64,
    /// When it was logged.
    time: Option<Time>,
    /// The record's exact text with its line breaks; bytes that are not UTF-8 became U+FFFD. Cut if very long.
    text: &'a str,
    /// What of `text` was recognised, in bytes of its UTF-8 form.
    span: Option<Span>,
    /// What the record means, in one sentence.
    meaning: &'a str,
    /// Whether it speaks for or against what it is cited for.
    supports: AsWord<Supports>,
}

/// A range of bytes.
#[derive(Serialize, JsonSchema)]
struct Span {
    /// First byte.
    start: usize,
    /// First byte behind it.
    end: usize,
}

/// A cause that holds in an incident.
#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    /// Id of the cause in the knowledge base.
    cause: &'a str,
    /// Its part in the incident.
    role: AsWord<Role>,
    /// How sure; computed from evidence.
    grade: AsWord<Grade>,
    /// How bad.
    severity: AsWord<Severity>,
    /// One sentence, with the captured names in it.
    title: &'a str,
    /// What goes on.
    explanation: &'a str,
    /// What was captured.
    captures: &'a BTreeMap<String, String>,
    /// Causes of this incident that are its consequences.
    explains: &'a [String],
    /// How many records support it.
    count: u64,
    /// First of them.
    first_seen: Option<Time>,
    /// Last of them.
    last_seen: Option<Time>,
    /// A few of them, first and last, and what speaks against it.
    evidence: Vec<Evidence<'a>>,
    /// What would raise the grade.
    missing_evidence: Vec<Missing<'a>>,
    /// How a person confirms it.
    confirm: Vec<&'a str>,
    /// Where it is public.
    sources: &'a [String],
}

/// Evidence that the input lacks.
#[derive(Serialize, JsonSchema)]
struct Missing<'a> {
    /// What is missing.
    what: &'a str,
    /// What it would do.
    would: &'a str,
}

/// A remedy with its commands filled in. Nothing is ever executed by the tool.
#[derive(Serialize, JsonSchema)]
pub(super) struct Remedy<'a> {
    /// Id in the knowledge base.
    id: &'a str,
    /// 1 is the first to try.
    rank: u32,
    /// Imperative, one line.
    title: &'a str,
    /// Why, and why at this rank.
    why: &'a str,
    /// Sort of action.
    kind: AsWord<RemedyKind>,
    /// What to do, in order.
    steps: Vec<RemedyStep<'a>>,
    /// Cost for the service.
    service_impact: AsWord<ServiceImpact>,
    /// Cost for the VM's performance data, events and tasks in vCenter.
    history: AsWord<History>,
    /// Whether it can be undone.
    reversible: bool,
    /// What to check before.
    prechecks: Vec<&'a str>,
    /// How to see that it worked.
    verify: Vec<&'a str>,
    /// What can go wrong.
    risks: Vec<&'a str>,
    /// When it applies.
    applies: &'a str,
    /// Where it is public.
    sources: &'a [String],
}

/// One step of a remedy.
#[derive(Serialize, JsonSchema)]
struct RemedyStep<'a> {
    /// Where to do it.
    #[serde(rename = "where")]
    shell: AsWord<Shell>,
    /// The command, or the click path.
    command: &'a str,
    /// Whether every value is filled in; otherwise a placeholder such as `<vmid>` is left.
    complete: bool,
    /// A remark.
    note: Option<&'a str>,
}

/// A remedy of the incident's causes that the facts forbid.
#[derive(Serialize, JsonSchema)]
struct Withheld<'a> {
    /// Id of the remedy.
    id: &'a str,
    /// Its title.
    title: &'a str,
    /// Why not now.
    because: &'a str,
}

/// Something not to do.
#[derive(Serialize, JsonSchema)]
pub(super) struct DoNot<'a> {
    /// Id in the knowledge base.
    id: &'a str,
    /// What not to do.
    text: &'a str,
    /// Why.
    reason: &'a str,
}

/// One cause behind one or many incidents.
#[derive(Serialize, JsonSchema)]
struct RootCause<'a> {
    /// `R1`, `R2` and so on.
    id: &'a str,
    /// Id of the cause.
    cause: &'a str,
    /// One sentence.
    title: &'a str,
    /// The best grade among the incidents.
    grade: AsWord<Grade>,
    /// The worst severity among the incidents.
    severity: AsWord<Severity>,
    /// Ids of the incidents.
    incidents: &'a [String],
    /// The VMs that it concerns, by the name that is known of each.
    vms: &'a [String],
    /// Hosts that it happened on, as far as they are known.
    hosts: &'a [String],
    /// Hosts of the input whose logs cover the time and show nothing of it.
    hosts_without: &'a [String],
    /// How far it reaches.
    scope: AsWord<from::Scope>,
    /// First.
    first_seen: Option<Time>,
    /// Last.
    last_seen: Option<Time>,
}

/// A cause that is ruled out.
#[derive(Serialize, JsonSchema)]
struct Excluded<'a> {
    /// Id of the cause.
    cause: &'a str,
    /// For which VM; null for all.
    vm: Option<&'a str>,
    /// The observation that rules it out.
    because: &'a str,
    /// Sources that cover the window.
    covered_by: &'a [String],
}

/// A cause that could not be judged.
#[derive(Serialize, JsonSchema)]
struct NotEvaluated<'a> {
    /// Id of the cause.
    cause: &'a str,
    /// What is needed.
    needs: &'a str,
}

/// Error-shaped records without an explanation, as one template.
#[derive(Serialize, JsonSchema)]
struct Unexplained<'a> {
    /// The text with everything variable as `<*>`.
    template: &'a str,
    /// The loudest level seen.
    level: AsWord<Level>,
    /// How many.
    count: u64,
    /// First.
    first_seen: Option<Time>,
    /// Last.
    last_seen: Option<Time>,
    /// Source of the first.
    source: &'a str,
    /// Line of the first.
    line: u64,
}

/// What was read of one source.
#[derive(Serialize, JsonSchema)]
pub(super) struct Coverage<'a> {
    /// Name of the source as given.
    source: &'a str,
    /// Format, such as `hostd` or `vmware-log`.
    format: &'a str,
    /// Dialect; null where none was recognised.
    dialect: Option<&'a str>,
    /// Product from the log's header.
    product: Option<&'a str>,
    /// Version from the log's header.
    version: Option<&'a str>,
    /// Build from the log's header.
    build: Option<&'a str>,
    /// Decoded bytes.
    bytes: u64,
    /// Lines; always `records + continuation_lines + unparsed_lines + blank_lines`.
    lines: u64,
    /// First lines of records.
    records: u64,
    /// Further lines of records.
    continuation_lines: u64,
    /// Lines that belong to no record.
    unparsed_lines: u64,
    /// Lines without a visible character.
    blank_lines: u64,
    /// Earliest stamp.
    first: Option<Time>,
    /// Latest stamp.
    last: Option<Time>,
    /// Long stretches without any record.
    gaps: Vec<Gap>,
    /// SHA-256 of the decoded bytes, in hexadecimal.
    sha256: &'a str,
    /// What is doubtful about it, such as a zone or a year that had to be assumed.
    problems: Vec<&'a str>,
}

/// A stretch of time.
#[derive(Serialize, JsonSchema)]
struct Gap {
    /// The record before it.
    from: Time,
    /// The record after it.
    to: Time,
}

/// Something that could not be read, or a limit that was met.
#[derive(Serialize, JsonSchema)]
pub(super) struct ReadProblem<'a> {
    /// Where.
    source: &'a str,
    /// What.
    problem: &'a str,
    /// Bytes that were not read, where that is known.
    lost_bytes: Option<u64>,
    /// Whether evidence may have been lost.
    incomplete: bool,
}

/// Sentences in one language.
pub(crate) fn texts(all: &[Said], lang: Lang) -> Vec<&str> {
    all.iter().map(|one| one.r#in(lang)).collect()
}

fn report(diagnosis: &Diagnosis, lang: Lang) -> Report<'_> {
    Report {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        knowledge: knowledge(&diagnosis.knowledge),
        verdict: AsWord(diagnosis.verdict),
        incidents: diagnosis.incidents.iter().map(|one| incident(diagnosis, one, lang)).collect(),
        root_causes: diagnosis.root_causes.iter().map(|it| root_cause(it, lang)).collect(),
        excluded: diagnosis.excluded.iter().map(|it| excluded(it, lang)).collect(),
        not_evaluated: diagnosis
            .not_evaluated
            .iter()
            .map(|one| NotEvaluated { cause: &one.cause, needs: one.needs.r#in(lang) })
            .collect(),
        unexplained: diagnosis.unexplained.iter().map(|one| unexplained(diagnosis, one)).collect(),
        coverage: diagnosis.coverage.iter().map(|it| coverage(it, lang)).collect(),
        problems: diagnosis.problems.iter().map(|it| problem(it, lang)).collect(),
        clocks: diagnosis.clocks.iter().map(clock).collect(),
    }
}

pub(super) fn knowledge(one: &from::KnowledgeUsed) -> Knowledge<'_> {
    Knowledge {
        causes: one.causes,
        signatures: one.signatures,
        remedies: one.remedies,
        sha256: &one.sha256,
        packs: &one.packs,
    }
}

fn incident<'a>(diagnosis: &'a Diagnosis, one: &'a from::Incident, lang: Lang) -> Incident<'a> {
    Incident {
        id: &one.id,
        kind: AsWord(one.kind),
        title: one.title.r#in(lang),
        recovered: one.recovered.is_some(),
        recovered_by: one.recovered.as_ref().map(|by| evidence(diagnosis, by, lang)),
        vm: one.vm.as_ref().map(vm),
        host: one.host.as_ref().map(host),
        started: Time::of(one.started),
        ended: Time::of(one.ended),
        rekey: one.rekey.as_ref().map(|of| rekey::rekey(diagnosis, of, lang)),
        findings: one.findings.iter().map(|of| finding(diagnosis, of, lang)).collect(),
        remedies: one.remedies.iter().map(|it| remedy(it, lang)).collect(),
        withheld: one
            .withheld
            .iter()
            .map(|of| Withheld { id: &of.id, title: of.title.r#in(lang), because: of.because.r#in(lang) })
            .collect(),
        do_not: one.do_not.iter().map(|it| do_not(it, lang)).collect(),
        trace: diagnosis
            .traces
            .get(&one.id)
            .map(|of| of.iter().map(|it| trace(&diagnosis.sources, it, lang)).collect()),
    }
}

pub(super) fn do_not(one: &from::DoNot, lang: Lang) -> DoNot<'_> {
    DoNot { id: &one.id, text: one.text.r#in(lang), reason: one.reason.r#in(lang) }
}

pub(super) fn vm(one: &from::VmName) -> Vm<'_> {
    Vm {
        name: one.name.as_deref(),
        vmid: one.vmid.as_deref(),
        moref: one.moref.as_deref(),
        uuid: one.uuid.as_deref(),
        instance_uuid: one.instance_uuid.as_deref(),
        vmx_path: one.vmx_path.as_deref(),
        datastore: one.datastore.as_deref(),
    }
}

pub(super) fn host(one: &from::HostName) -> Host<'_> {
    Host {
        name: one.name.as_deref(),
        product: one.product.as_deref(),
        version: one.version.as_deref(),
        build: one.build.as_deref(),
    }
}

fn source_name(sources: &[String], place: Place) -> &str {
    let index = usize::try_from(place.source.0).ok();
    index.and_then(|index| sources.get(index)).map_or("?", String::as_str)
}

pub(super) fn evidences<'a>(diagnosis: &'a Diagnosis, all: &'a [from::Evidence], lang: Lang) -> Vec<Evidence<'a>> {
    all.iter().map(|one| evidence(diagnosis, one, lang)).collect()
}

fn evidence<'a>(diagnosis: &'a Diagnosis, one: &'a from::Evidence, lang: Lang) -> Evidence<'a> {
    cited(&diagnosis.sources, one, lang)
}

/// A cited record, where there are but the names of the sources.
pub(super) fn cited<'a>(sources: &'a [String], one: &'a from::Evidence, lang: Lang) -> Evidence<'a> {
    Evidence {
        source: source_name(sources, one.place),
        line: one.place.line,
        last_line: one.place.last_line,
        byte_offset: one.place.byte_offset,
        time: Time::of(one.time),
        text: &one.text,
        span: one.span.map(|(start, end)| Span { start, end }),
        meaning: one.meaning.r#in(lang),
        supports: AsWord(one.supports),
    }
}

fn finding<'a>(diagnosis: &'a Diagnosis, one: &'a from::Finding, lang: Lang) -> Finding<'a> {
    Finding {
        cause: &one.cause,
        role: AsWord(one.role),
        grade: AsWord(one.grade),
        severity: AsWord(one.severity),
        title: one.title.r#in(lang),
        explanation: one.explanation.r#in(lang),
        captures: &one.captures,
        explains: &one.explains,
        count: one.count,
        first_seen: Time::of(one.first_seen),
        last_seen: Time::of(one.last_seen),
        evidence: evidences(diagnosis, &one.evidence, lang),
        missing_evidence: one
            .missing_evidence
            .iter()
            .map(|missing| Missing { what: missing.what.r#in(lang), would: missing.would.r#in(lang) })
            .collect(),
        confirm: texts(&one.confirm, lang),
        sources: &one.sources,
    }
}

pub(super) fn remedy(one: &from::Remedy, lang: Lang) -> Remedy<'_> {
    fn step(one: &from::RemedyStep, lang: Lang) -> RemedyStep<'_> {
        RemedyStep {
            shell: AsWord(one.shell),
            command: &one.command,
            complete: one.complete,
            note: one.note.as_ref().map(|note| note.r#in(lang)),
        }
    }
    Remedy {
        id: &one.id,
        rank: one.rank,
        title: one.title.r#in(lang),
        why: one.why.r#in(lang),
        kind: AsWord(one.kind),
        steps: one.steps.iter().map(|it| step(it, lang)).collect(),
        service_impact: AsWord(one.service_impact),
        history: AsWord(one.history),
        reversible: one.reversible,
        prechecks: texts(&one.prechecks, lang),
        verify: texts(&one.verify, lang),
        risks: texts(&one.risks, lang),
        applies: one.applies.r#in(lang),
        sources: &one.sources,
    }
}

fn root_cause(one: &from::RootCause, lang: Lang) -> RootCause<'_> {
    RootCause {
        id: &one.id,
        cause: &one.cause,
        title: one.title.r#in(lang),
        grade: AsWord(one.grade),
        severity: AsWord(one.severity),
        incidents: &one.incidents,
        vms: &one.vms,
        hosts: &one.hosts,
        hosts_without: &one.hosts_without,
        scope: AsWord(one.scope),
        first_seen: Time::of(one.first_seen),
        last_seen: Time::of(one.last_seen),
    }
}

fn excluded(one: &from::Excluded, lang: Lang) -> Excluded<'_> {
    Excluded { cause: &one.cause, vm: one.vm.as_deref(), because: one.because.r#in(lang), covered_by: &one.covered_by }
}

fn unexplained<'a>(diagnosis: &'a Diagnosis, one: &'a from::Unexplained) -> Unexplained<'a> {
    Unexplained {
        template: &one.template,
        level: AsWord(one.level),
        count: one.count,
        first_seen: Time::of(one.first_seen),
        last_seen: Time::of(one.last_seen),
        source: source_name(&diagnosis.sources, one.place),
        line: one.place.line,
    }
}

pub(super) fn coverage(one: &from::Coverage, lang: Lang) -> Coverage<'_> {
    Coverage {
        source: &one.source,
        format: one.format,
        dialect: one.dialect,
        product: one.product.as_deref(),
        version: one.version.as_deref(),
        build: one.build.as_deref(),
        bytes: one.bytes,
        lines: one.lines,
        records: one.records,
        continuation_lines: one.continuation_lines,
        unparsed_lines: one.unparsed_lines,
        blank_lines: one.blank_lines,
        first: Time::of(one.first),
        last: Time::of(one.last),
        gaps: one
            .gaps
            .iter()
            .map(|(from, to)| Gap { from: Time(from.to_string()), to: Time(to.to_string()) })
            .collect(),
        sha256: &one.sha256,
        problems: texts(&one.problems, lang),
    }
}

pub(super) fn problem(one: &from::Problem, lang: Lang) -> ReadProblem<'_> {
    ReadProblem {
        source: &one.source,
        problem: one.problem.r#in(lang),
        lost_bytes: one.lost_bytes,
        incomplete: one.incomplete,
    }
}
