//! The audit as JSON.

use esxray_diagnosis as from;
use esxray_diagnosis::{Audit, Diagnosis, ListState, ObjectKind, Safety, VmOutcome, Weight};
use esxray_model::{Grade, KeyState, Lang, RekeyOutcome, RekeyStep, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use crate::outputs::json::{
    AsWord, Coverage, DoNot, Evidence, Knowledge, ReadProblem, Remedy, SCHEMA_VERSION, TOOL, Time, Tool, Vm, coverage,
    do_not, evidences, knowledge, problem, remedy, schema_of, texts, vm,
};
use crate::outputs::strict;

/// The audit as JSON: indented, with a line break at the end. Nothing that a terminal would obey is in it.
///
/// Its texts are in the language that is asked for; keys, ids and the words of closed sets are the same in every one.
pub fn json(audit: &Audit, lang: Lang) -> String {
    let diagnosis = &audit.diagnosis;
    strict::pretty(&Root {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        knowledge: knowledge(&diagnosis.knowledge),
        selection: Selected {
            vm: audit.select.vm.as_deref(),
            since: Time::of(audit.select.since),
            until: Time::of(audit.select.until),
        },
        rows: audit.rows.iter().map(|it| row(diagnosis, it, lang)).collect(),
        beside: audit
            .beside
            .iter()
            .map(|it| Beside { incident: &it.incident, host: it.host.as_deref(), cause: cause(&it.cause, lang) })
            .collect(),
        without_row: audit.without_row,
        totals: totals(&audit.totals, lang),
        list: audit.list.as_ref().map(list),
        retire: audit.retire.as_ref().map(|it| retire(diagnosis, it, lang)),
        preflight: audit.preflight.as_ref().map(|it| preflight(diagnosis, it, lang)),
        coverage: diagnosis.coverage.iter().map(|it| coverage(it, lang)).collect(),
        problems: diagnosis.problems.iter().map(|it| problem(it, lang)).collect(),
    })
}

/// The JSON Schema (2020-12) of what [`json`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    schema_of::<Root<'_>>("rekey", "esxray rekey")
}

/// The re-key audit of a fleet.
#[derive(Serialize, JsonSchema)]
struct Root<'a> {
    /// Version of this contract.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What was judged with.
    knowledge: Knowledge<'a>,
    /// What was asked for.
    selection: Selected<'a>,
    /// Every VM that is encrypted, was re-keyed, or was asked for: failures first, then by name.
    rows: Vec<Row<'a>>,
    /// Open incidents about keys that are no VM's, as far as the input says.
    beside: Vec<Beside<'a>>,
    /// VMs of the input without a row: nothing of it shows that they are encrypted or were re-keyed.
    without_row: usize,
    /// The rows, counted.
    totals: Totals<'a>,
    /// With `--list`: what became of each VM of the list.
    list: Option<List<'a>>,
    /// With `--retire`: whether the key provider may be retired.
    retire: Option<Retire<'a>>,
    /// With `--preflight`: what stands against a migration to come.
    preflight: Option<Preflight<'a>>,
    /// One row for each source, as in the report of a diagnosis.
    coverage: Vec<Coverage<'a>>,
    /// What could not be read, and every limit that was met.
    problems: Vec<ReadProblem<'a>>,
}

/// What was asked for.
#[derive(Serialize, JsonSchema)]
struct Selected<'a> {
    /// A name of a VM.
    vm: Option<&'a str>,
    /// Attempts from this moment on.
    since: Option<Time>,
    /// Attempts before this moment.
    until: Option<Time>,
}

/// One VM.
#[derive(Serialize, JsonSchema)]
struct Row<'a> {
    /// Every name.
    vm: Vm<'a>,
    /// The host whose logs spoke of it last; null where its name is not known.
    host: Option<&'a str>,
    /// Whether the input shows that it is encrypted. `false`: nothing shows it, which proves nothing.
    encrypted: bool,
    /// Whether it was asked for, by `--vm` or by the list.
    asked_for: bool,
    /// How the last attempt ended.
    outcome: AsWord<VmOutcome>,
    /// Whether its incident was closed by a later observation, though no later re-key completed.
    recovered: bool,
    /// The step that the last attempt failed at.
    failed_step: Option<AsWord<RekeyStep>>,
    /// Provider of the keys before the last attempt.
    from_provider: Option<&'a str>,
    /// Provider of the keys that it was to bring.
    to_provider: Option<&'a str>,
    /// All attempts, in order.
    attempts: Vec<Attempt<'a>>,
    /// Its home, its disks and the links of their snapshots.
    objects: Vec<KeyHolder<'a>>,
    /// Id of its open incident in `esxray diagnose` on the same input with the same selection.
    incident: Option<&'a str>,
    /// The root cause of that incident.
    cause: Option<Cause<'a>>,
    /// What to do first: the first remedy that changes something, or else the first check.
    remedy: Option<Remedy<'a>>,
    /// What not to do while that incident is open.
    do_not: Vec<DoNot<'a>>,
    /// What the input cannot vouch for; empty where it is whole.
    not_vouched_for: Vec<&'a str>,
}

/// An open incident about keys that is no VM's.
#[derive(Serialize, JsonSchema)]
struct Beside<'a> {
    /// Its id in `esxray diagnose`.
    incident: &'a str,
    /// The host, where it is known.
    host: Option<&'a str>,
    /// Its root cause.
    cause: Cause<'a>,
}

/// One attempt.
#[derive(Serialize, JsonSchema)]
struct Attempt<'a> {
    /// Operation id.
    op_id: Option<&'a str>,
    /// Task.
    task: Option<&'a str>,
    /// When it began.
    began: Option<Time>,
    /// When its task ended.
    ended: Option<Time>,
    /// How.
    outcome: AsWord<RekeyOutcome>,
    /// The step that failed.
    failed_step: Option<AsWord<RekeyStep>>,
}

/// One object that has a key.
#[derive(Serialize, JsonSchema)]
struct KeyHolder<'a> {
    /// VM home or disk.
    object: AsWord<ObjectKind>,
    /// Path, where the input gives one.
    path: Option<&'a str>,
    /// Such as `device 2000`.
    label: Option<&'a str>,
    /// For the link of a snapshot: the name of the disk below it.
    link_of: Option<&'a str>,
    /// Whether its own descriptor names no key: it is not encrypted.
    plain: bool,
    /// On which key it is after the last attempt; null where no attempt concerns it.
    key_state: Option<AsWord<KeyState>>,
    /// Id of that key. Key material is never in it.
    key_id: Option<&'a str>,
    /// Provider of that key.
    provider: Option<&'a str>,
    /// The records that show it.
    evidence: Vec<Evidence<'a>>,
}

/// A root cause.
#[derive(Serialize, JsonSchema)]
struct Cause<'a> {
    /// Id in the knowledge base.
    id: &'a str,
    /// One sentence.
    title: &'a str,
    /// How sure.
    grade: AsWord<Grade>,
    /// How bad.
    severity: AsWord<Severity>,
}

/// The rows, counted.
#[derive(Serialize, JsonSchema)]
struct Totals<'a> {
    /// All rows.
    vms: usize,
    /// Rows that the input cannot vouch for.
    not_vouched_for: usize,
    /// For each outcome that occurs.
    outcomes: Vec<Outcomes>,
    /// For each root cause, the most frequent first.
    causes: Vec<CauseTotal<'a>>,
    /// For each host.
    hosts: Vec<Place<'a>>,
    /// For each datastore.
    datastores: Vec<Place<'a>>,
    /// For each key provider that an object's key is of.
    providers: Vec<KeySource<'a>>,
}

/// How many VMs have an outcome.
#[derive(Serialize, JsonSchema)]
struct Outcomes {
    /// The outcome.
    outcome: AsWord<VmOutcome>,
    /// How many.
    vms: usize,
}

/// How many VMs have a root cause.
#[derive(Serialize, JsonSchema)]
struct CauseTotal<'a> {
    /// Its id.
    cause: &'a str,
    /// Its title, without the names of one VM.
    title: &'a str,
    /// The surest grade among them.
    grade: AsWord<Grade>,
    /// How many.
    vms: usize,
    /// On which hosts.
    hosts: Vec<&'a str>,
}

/// How many VMs are on a host or a datastore.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    /// Its name; null for VMs of which the input does not say it.
    name: Option<&'a str>,
    /// For each outcome that occurs.
    outcomes: Vec<Outcomes>,
}

/// How many objects have a key of a provider.
#[derive(Serialize, JsonSchema)]
struct KeySource<'a> {
    /// Its name; null for objects of which the input does not say it.
    provider: Option<&'a str>,
    /// How many objects.
    objects: usize,
    /// Of how many VMs.
    vms: usize,
}

/// What became of the VMs of a list.
#[derive(Serialize, JsonSchema)]
struct List<'a> {
    /// How the list was read.
    form: &'a str,
    /// One for each VM of the list, in its order.
    vms: Vec<Listed<'a>>,
    /// VMs that were re-keyed and are not on the list.
    beyond: Vec<Vm<'a>>,
}

/// What became of one VM of a list.
#[derive(Serialize, JsonSchema)]
struct Listed<'a> {
    /// The line of the list.
    line: usize,
    /// As the list names it.
    wanted: &'a str,
    /// What became of it.
    state: AsWord<ListState>,
    /// The VMs that go by that name.
    vms: Vec<Vm<'a>>,
}

/// Whether a key provider may be retired.
#[derive(Serialize, JsonSchema)]
struct Retire<'a> {
    /// The provider, as it was asked for.
    provider: &'a str,
    /// The answer, for the VMs of this input.
    answer: AsWord<Safety>,
    /// Why, in one sentence.
    because: &'a str,
    /// The objects whose last known key is of it.
    naming: Vec<Naming<'a>>,
    /// VMs that the input cannot vouch for.
    not_vouched_for: Vec<Unvouched<'a>>,
    /// How many VMs it vouches for.
    vouched_for: usize,
    /// How many VMs are known by an id alone, and cannot be vouched for either.
    nameless: usize,
    /// The first records beside those of VMs that name it.
    elsewhere: Vec<Evidence<'a>>,
    /// How many there are of them.
    elsewhere_count: u64,
    /// Providers of the input whose names differ in case or blanks alone.
    alike: &'a [String],
    /// What no log tells, and a person has to look at.
    check_by_hand: Vec<&'a str>,
}

/// An object whose last known key is of the provider.
#[derive(Serialize, JsonSchema)]
struct Naming<'a> {
    /// Its VM.
    vm: Vm<'a>,
    /// The object.
    object: KeyHolder<'a>,
}

/// A VM that the input cannot vouch for.
#[derive(Serialize, JsonSchema)]
struct Unvouched<'a> {
    /// The VM.
    vm: Vm<'a>,
    /// Why.
    because: Vec<&'a str>,
}

/// What stands against a migration to come.
#[derive(Serialize, JsonSchema)]
struct Preflight<'a> {
    /// What concerns hosts, providers or all VMs, the heaviest first.
    fleet: Vec<Risk<'a>>,
    /// Every VM that is encrypted, or may be, those at risk first.
    vms: Vec<Ready<'a>>,
    /// VMs whose configuration says that they are not encrypted.
    not_encrypted: usize,
    /// VMs that are known by an id alone.
    nameless: usize,
    /// What no log of the input could have shown, for all VMs.
    not_visible: Vec<&'a str>,
}

/// What is known of one VM before its re-key.
#[derive(Serialize, JsonSchema)]
struct Ready<'a> {
    /// The VM.
    vm: Vm<'a>,
    /// The host whose logs spoke of it last.
    host: Option<&'a str>,
    /// Whether the input shows that it is encrypted.
    encrypted: bool,
    /// The heaviest first; empty where nothing is known to stand against it.
    risks: Vec<Risk<'a>>,
    /// What was not visible of it.
    not_visible: Vec<&'a str>,
}

/// One thing that stands against a re-key.
#[derive(Serialize, JsonSchema)]
struct Risk<'a> {
    /// Which.
    id: &'a str,
    /// `stop`: something has to be done first. `care`: more re-keys of such VMs fail.
    weight: AsWord<Weight>,
    /// What is the case, in one sentence.
    what: &'a str,
    /// What to do about it before the re-key.
    first: &'a str,
    /// How many records show it; 0 where it is no matter of records.
    count: u64,
    /// Last of them.
    last_seen: Option<Time>,
    /// A few of them.
    evidence: Vec<Evidence<'a>>,
}

fn row<'a>(diagnosis: &'a Diagnosis, one: &'a from::VmRow, lang: Lang) -> Row<'a> {
    Row {
        vm: vm(&one.vm),
        host: one.host.as_deref(),
        encrypted: one.encrypted,
        asked_for: one.asked,
        outcome: AsWord(one.outcome),
        recovered: one.recovered,
        failed_step: one.failed_step.map(AsWord),
        from_provider: one.from_provider.as_deref(),
        to_provider: one.to_provider.as_deref(),
        attempts: one
            .attempts
            .iter()
            .map(|it| Attempt {
                op_id: it.op_id.as_deref(),
                task: it.task.as_deref(),
                began: Time::of(it.began),
                ended: Time::of(it.ended),
                outcome: AsWord(it.outcome),
                failed_step: it.failed_step.map(AsWord),
            })
            .collect(),
        objects: one.objects.iter().map(|it| object(diagnosis, it, lang)).collect(),
        incident: one.incident.as_deref(),
        cause: one.cause.as_ref().map(|it| cause(it, lang)),
        remedy: one.remedy.as_ref().map(|it| remedy(it, lang)),
        do_not: one.do_not.iter().map(|it| do_not(it, lang)).collect(),
        not_vouched_for: texts(&one.doubts, lang),
    }
}

fn cause(one: &from::RowCause, lang: Lang) -> Cause<'_> {
    Cause { id: &one.id, title: one.title.r#in(lang), grade: AsWord(one.grade), severity: AsWord(one.severity) }
}

fn object<'a>(diagnosis: &'a Diagnosis, one: &'a from::KeyedObject, lang: Lang) -> KeyHolder<'a> {
    KeyHolder {
        object: AsWord(one.kind),
        path: one.path.as_deref(),
        label: one.label.as_deref(),
        link_of: one.link_of.as_deref(),
        plain: one.plain,
        key_state: one.key_state.map(AsWord),
        key_id: one.key_id.as_deref(),
        provider: one.provider.as_deref(),
        evidence: evidences(diagnosis, &one.evidence, lang),
    }
}

fn outcomes(all: &[from::OutcomeCount]) -> Vec<Outcomes> {
    all.iter().map(|it| Outcomes { outcome: AsWord(it.outcome), vms: it.vms }).collect()
}

fn totals(all: &from::Totals, lang: Lang) -> Totals<'_> {
    fn place(one: &from::PlaceTotal) -> Place<'_> {
        Place { name: one.name.as_deref(), outcomes: outcomes(&one.outcomes) }
    }
    Totals {
        vms: all.vms,
        not_vouched_for: all.doubtful,
        outcomes: outcomes(&all.outcomes),
        causes: all
            .causes
            .iter()
            .map(|it| CauseTotal {
                cause: &it.cause,
                title: it.title.r#in(lang),
                grade: AsWord(it.grade),
                vms: it.vms,
                hosts: it.hosts.iter().map(String::as_str).collect(),
            })
            .collect(),
        hosts: all.hosts.iter().map(place).collect(),
        datastores: all.datastores.iter().map(place).collect(),
        providers: all
            .providers
            .iter()
            .map(|it| KeySource { provider: it.provider.as_deref(), objects: it.objects, vms: it.vms })
            .collect(),
    }
}

fn list(one: &from::ListAnswer) -> List<'_> {
    List {
        form: one.form,
        vms: one
            .vms
            .iter()
            .map(|it| Listed {
                line: it.line,
                wanted: &it.wanted,
                state: AsWord(it.state),
                vms: it.vms.iter().map(vm).collect(),
            })
            .collect(),
        beyond: one.beyond.iter().map(vm).collect(),
    }
}

fn retire<'a>(diagnosis: &'a Diagnosis, one: &'a from::Retirement, lang: Lang) -> Retire<'a> {
    Retire {
        provider: &one.provider,
        answer: AsWord(one.safety),
        because: one.because.r#in(lang),
        naming: one
            .naming
            .iter()
            .map(|it| Naming { vm: vm(&it.vm), object: object(diagnosis, &it.object, lang) })
            .collect(),
        not_vouched_for: one
            .unvouched
            .iter()
            .map(|it| Unvouched { vm: vm(&it.vm), because: texts(&it.because, lang) })
            .collect(),
        vouched_for: one.vouched,
        nameless: one.nameless,
        elsewhere: evidences(diagnosis, &one.elsewhere, lang),
        elsewhere_count: one.elsewhere_count,
        alike: &one.alike,
        check_by_hand: texts(&one.by_hand, lang),
    }
}

fn preflight<'a>(diagnosis: &'a Diagnosis, one: &'a from::Preflight, lang: Lang) -> Preflight<'a> {
    let risk = |it: &'a from::Risk| Risk {
        id: it.id,
        weight: AsWord(it.weight),
        what: it.what.r#in(lang),
        first: it.first.r#in(lang),
        count: it.count,
        last_seen: Time::of(it.last_seen),
        evidence: evidences(diagnosis, &it.evidence, lang),
    };
    Preflight {
        fleet: one.fleet.iter().map(risk).collect(),
        vms: one
            .vms
            .iter()
            .map(|it| Ready {
                vm: vm(&it.vm),
                host: it.host.as_deref(),
                encrypted: it.encrypted,
                risks: it.risks.iter().map(risk).collect(),
                not_visible: texts(&it.not_visible, lang),
            })
            .collect(),
        not_encrypted: one.not_encrypted,
        nameless: one.nameless,
        not_visible: texts(&one.not_visible, lang),
    }
}
