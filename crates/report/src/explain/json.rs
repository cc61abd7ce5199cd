//! The pages as JSON.

use std::collections::BTreeSet;

use esxray_knowledge::decode::{Decoded, EventId};
use esxray_knowledge::{
    About, Basis, Cause, Condition, Entry, FieldKind, History, Knowledge, Prohibition, Remedy, RemedyKind,
    ServiceImpact, Shell, Signature, Subject, TextPlace, Tone,
};
use esxray_model::{Fact, FormatName, IncidentKind, Lang, Level, Severity};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{evidence_for, in_order, recognising, step, title};
use crate::outputs::json::{AsWord, SCHEMA_VERSION, texts};
use crate::outputs::strict;

/// The pages as JSON: indented, with a line break at the end.
///
/// `decoded` are the numbers and names of the text that was asked for, `events` the events of vCenter that it names.
pub fn json(
    knowledge: &Knowledge,
    entries: &[Entry<'_>],
    decoded: &[Decoded],
    events: &[EventId],
    lang: Lang,
) -> String {
    let pages = entries.iter().filter_map(|entry| page(knowledge, entry, lang)).collect();
    let codes = decoded.iter().map(code).collect();
    let events = events.iter().map(|event| event_page(knowledge, event)).collect();
    strict::pretty(&Explanation { schema_version: SCHEMA_VERSION, knowledge: &knowledge.sha256, pages, codes, events })
}

fn code(one: &Decoded) -> Number<'_> {
    Number {
        code: &one.code,
        kind: one.kind,
        name: &one.name,
        words: &one.words,
        meaning: &one.meaning,
        bases: &one.bases,
        named: one.named.iter().map(|(name, value)| NamedPage { name, value }).collect(),
        depth: one.depth,
        source: one.source,
        basis: AsWord(one.basis),
    }
}

fn event_page<'a>(knowledge: &'a Knowledge, event: &EventId) -> EventPage<'a> {
    let signatures = recognising(knowledge, event);
    let causes: BTreeSet<&str> = signatures
        .iter()
        .flat_map(|it| evidence_for(knowledge, &it.event).into_iter().map(|(cause, _)| cause.id.as_str()))
        .collect();
    EventPage {
        id: event.id,
        class: Some(event.class).filter(|it| !it.is_empty()),
        severity: AsWord(event.level),
        basis: AsWord(Basis::Inferred),
        description: event.description,
        source: EventId::SOURCE,
        signatures: signatures.iter().map(|it| it.id.as_str()).collect(),
        causes: causes.into_iter().collect(),
    }
}

/// The JSON Schema (2020-12) of what [`json`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Explanation<'_>>();
    schema.insert("$id".to_owned(), "https://github.com/esxray/esxray/schema/explain-1.json".into());
    schema.insert("title".to_owned(), "esxray explanation".into());
    strict::pretty(&schema)
}

/// What the knowledge base says of something.
#[derive(Serialize, JsonSchema)]
struct Explanation<'a> {
    /// Version of this contract.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// SHA-256 over the knowledge, in hexadecimal.
    knowledge: &'a str,
    /// One page for each thing that was asked for.
    pages: Vec<EntryPage<'a>>,
    /// What numbers and names in the text mean.
    codes: Vec<Number<'a>>,
    /// The events of vCenter that the text names.
    events: Vec<EventPage<'a>>,
}

/// What a number or a name means.
#[derive(Serialize, JsonSchema)]
struct Number<'a> {
    /// As the text prints it: `H:0x2`, `vim.fault.NoPermission`.
    code: &'a str,
    /// What sort of thing it is: `host status`.
    kind: &'a str,
    /// Its name.
    name: &'a str,
    /// The words that the name is made of; empty where it is no compound.
    words: &'a str,
    /// What it means; empty where nothing is known beyond the words.
    meaning: &'a str,
    /// Of a fault: the kinds of fault that it is one of, the nearest first.
    bases: &'a [&'static str],
    /// What it names.
    named: Vec<NamedPage<'a>>,
    /// Of a fault in another one: how deep.
    depth: usize,
    /// Where that is public.
    source: &'a str,
    /// How well founded it is.
    basis: AsWord<Basis>,
}

/// Something that a fault names.
#[derive(Serialize, JsonSchema)]
struct NamedPage<'a> {
    /// What it is: `privilegeId`.
    name: &'a str,
    /// As the text prints it.
    value: &'a str,
}

/// An event of vCenter.
#[derive(Serialize, JsonSchema)]
struct EventPage<'a> {
    /// Its id.
    id: &'a str,
    /// The class of the API that carries it; null where that is not noted.
    class: Option<&'a str>,
    /// How loud it is.
    severity: AsWord<Level>,
    /// How well founded the severity is: the registry prints none.
    basis: AsWord<Basis>,
    /// What the registry says of it.
    description: &'a str,
    /// Where id and description are public.
    source: &'a str,
    /// Signatures that recognise it.
    signatures: Vec<&'a str>,
    /// Causes that it is evidence for or against.
    causes: Vec<&'a str>,
}

/// One page.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum EntryPage<'a> {
    /// What can be wrong.
    Cause(CausePage<'a>),
    /// What can be done.
    Remedy(RemedyPage<'a>),
    /// What must not be done.
    Prohibition(ProhibitionPage<'a>),
    /// How a record is recognised.
    Signature(SignaturePage<'a>),
}

/// What can be wrong.
#[derive(Serialize, JsonSchema)]
struct CausePage<'a> {
    /// Its id.
    id: &'a str,
    /// Other ids that mean the same.
    aliases: &'a [String],
    /// One sentence; `<name>` stands for a captured field.
    title: String,
    /// The catalogue's category.
    category: &'a str,
    /// The kind of incident.
    kind: AsWord<IncidentKind>,
    /// How bad it is.
    severity: AsWord<Severity>,
    /// What an incident is about.
    about: AsWord<About>,
    /// What goes on.
    explanation: &'a str,
    /// How well founded it is.
    basis: AsWord<Basis>,
    /// Releases and builds it is known for.
    affected: &'a str,
    /// Whether it is evidence only and never a finding.
    context: bool,
    /// Where no log shows it: why, and what to compare by hand.
    not_in_logs: Option<&'a str>,
    /// What must hold: all of them.
    when: Vec<ConditionPage<'a>>,
    /// Observations of which any one excludes it.
    unless: Vec<ConditionPage<'a>>,
    /// Observations that speak against it.
    against: Vec<ConditionPage<'a>>,
    /// Observations of which any one, from another source, confirms it.
    corroborate: Vec<ConditionPage<'a>>,
    /// Observations that close the incident.
    recovered: Vec<ConditionPage<'a>>,
    /// Logs that have to cover the incident before it can be confirmed.
    needs: Vec<NeedPage<'a>>,
    /// Causes that are its consequences.
    explains: &'a [String],
    /// How a person confirms it.
    confirm: Vec<&'a str>,
    /// Remedies, what costs least first.
    remedies: Vec<&'a str>,
    /// Prohibitions that hold while it is open.
    do_not: &'a [String],
    /// Causes worth a look beside it.
    see_also: &'a [String],
    /// Where it is public.
    sources: &'a [String],
}

/// One condition of a cause: events or a fact.
#[derive(Serialize, JsonSchema)]
struct ConditionPage<'a> {
    /// What it says.
    what: &'a str,
    /// Events of which any one will do; empty for a fact.
    events: &'a [String],
    /// The fact; null for events.
    fact: Option<AsWord<Fact>>,
    /// Whether it settles the matter alone.
    decisive: bool,
    /// At least so many occurrences.
    count: u32,
    /// The field of which different values are counted instead of occurrences.
    distinct: Option<&'a str>,
    /// The field that must be the same as in the first condition's event.
    same: Option<&'a str>,
    /// At most so many seconds from the first condition's event.
    within: Option<u32>,
}

/// Logs that have to cover the incident.
#[derive(Serialize, JsonSchema)]
struct NeedPage<'a> {
    /// Formats of which any one will do.
    logs: Vec<AsWord<FormatName>>,
    /// Their name for a person.
    what: &'a str,
    /// What they would confirm or exclude.
    would: &'a str,
}

/// What can be done.
#[derive(Serialize, JsonSchema)]
struct RemedyPage<'a> {
    /// Its id.
    id: &'a str,
    /// Imperative, one line.
    title: String,
    /// Why it helps.
    why: &'a str,
    /// Sort of action.
    kind: AsWord<RemedyKind>,
    /// Cost for the service.
    service_impact: AsWord<ServiceImpact>,
    /// Cost for the VM's history in vCenter.
    history: AsWord<History>,
    /// Whether it can be undone.
    reversible: bool,
    /// Whether data can be lost by it.
    data_loss: bool,
    /// Facts of which each must hold or be unknown.
    requires: Vec<AsWord<Fact>>,
    /// Facts of which none may hold.
    forbidden: Vec<AsWord<Fact>>,
    /// When it applies.
    applies: &'a str,
    /// What to do, in order.
    steps: Vec<StepPage>,
    /// What to check before.
    prechecks: Vec<&'a str>,
    /// How to see that it worked.
    verify: Vec<&'a str>,
    /// What can go wrong.
    risks: Vec<&'a str>,
    /// How well founded it is.
    basis: AsWord<Basis>,
    /// Causes that it serves.
    serves: Vec<&'a str>,
    /// Where it is public.
    sources: &'a [String],
}

/// One step of a remedy.
#[derive(Serialize, JsonSchema)]
struct StepPage {
    /// Where to do it.
    #[serde(rename = "where")]
    shell: AsWord<Shell>,
    /// The command or the click path; `<name>` stands for a value.
    command: String,
    /// Whether no value is left to fill in.
    complete: bool,
    /// A remark.
    note: Option<String>,
}

/// What must not be done.
#[derive(Serialize, JsonSchema)]
struct ProhibitionPage<'a> {
    /// Its id.
    id: &'a str,
    /// What not to do.
    text: &'a str,
    /// Why.
    reason: &'a str,
    /// Facts of which each must hold or be unknown.
    requires: Vec<AsWord<Fact>>,
    /// Causes while which are open it holds.
    holds_for: Vec<&'a str>,
    /// Where it is public.
    sources: &'a [String],
}

/// How a record is recognised.
#[derive(Serialize, JsonSchema)]
struct SignaturePage<'a> {
    /// Its id.
    id: &'a str,
    /// Name of the event.
    event: &'a str,
    /// What it means that the record is there.
    title: &'a str,
    /// The formats that may hold it.
    logs: Vec<AsWord<FormatName>>,
    /// Where in the record the text stands.
    place: AsWord<TextPlace>,
    /// The regular expression.
    regex: &'a str,
    /// What is captured, in the order of names.
    fields: Vec<FieldPage<'a>>,
    /// What the record says.
    tone: AsWord<Tone>,
    /// How well founded it is.
    basis: AsWord<Basis>,
    /// Records that it recognises.
    samples: Vec<&'a str>,
    /// Records that it leaves alone.
    nots: Vec<NotPage<'a>>,
    /// Causes that it is evidence for or against.
    counts_for: Vec<&'a str>,
    /// Where it is public.
    sources: &'a [String],
}

/// A captured field.
#[derive(Serialize, JsonSchema)]
struct FieldPage<'a> {
    /// Its name.
    name: &'a str,
    /// What it means.
    kind: AsWord<FieldKind>,
}

/// A record that is left alone.
#[derive(Serialize, JsonSchema)]
struct NotPage<'a> {
    /// The record.
    text: &'a str,
    /// Why it is something else.
    why: &'a str,
}

fn page<'a>(knowledge: &'a Knowledge, entry: &Entry<'a>, lang: Lang) -> Option<EntryPage<'a>> {
    Some(match entry {
        Entry::Cause(of) => EntryPage::Cause(cause(knowledge, of, lang)),
        Entry::Remedy(of) => EntryPage::Remedy(remedy(knowledge, of, lang)),
        Entry::Prohibition(of) => EntryPage::Prohibition(prohibition(knowledge, of, lang)),
        Entry::Signature(of) => EntryPage::Signature(signature(knowledge, of, lang)),
        _ => return None,
    })
}

fn cause<'a>(knowledge: &'a Knowledge, of: &'a Cause, lang: Lang) -> CausePage<'a> {
    let conditions = |all: &'a [Condition]| all.iter().map(|it| condition(it, lang)).collect::<Vec<_>>();
    CausePage {
        id: &of.id,
        aliases: &of.aliases,
        title: title(of.title.r#in(lang)),
        category: &of.category,
        kind: AsWord(of.kind),
        severity: AsWord(of.severity),
        about: AsWord(of.about),
        explanation: of.explanation.r#in(lang),
        basis: AsWord(of.basis),
        affected: of.affected.r#in(lang),
        context: of.context,
        not_in_logs: of.not_in_logs.as_ref().map(|it| it.r#in(lang)),
        when: conditions(&of.when),
        unless: conditions(&of.unless),
        against: conditions(&of.against),
        corroborate: conditions(&of.corroborate),
        recovered: conditions(&of.recovered),
        needs: of
            .needs
            .iter()
            .map(|need| NeedPage { logs: words(&need.logs), what: need.what.r#in(lang), would: need.would.r#in(lang) })
            .collect(),
        explains: &of.explains,
        confirm: texts(&of.confirm, lang),
        remedies: in_order(knowledge, of).into_iter().map(|remedy| remedy.id.as_str()).collect(),
        do_not: &of.do_not,
        see_also: &of.see_also,
        sources: &of.sources,
    }
}

fn words<T: Copy>(values: &[T]) -> Vec<AsWord<T>> {
    values.iter().copied().map(AsWord).collect()
}

fn condition(of: &Condition, lang: Lang) -> ConditionPage<'_> {
    ConditionPage {
        what: of.what.r#in(lang),
        events: of.events(),
        fact: match of.subject {
            Subject::Fact(fact) => Some(AsWord(fact)),
            Subject::Events(_) => None,
        },
        decisive: of.decisive,
        count: of.count,
        distinct: of.distinct.as_deref(),
        same: of.same.as_deref(),
        within: of.within,
    }
}

fn remedy<'a>(knowledge: &'a Knowledge, of: &'a Remedy, lang: Lang) -> RemedyPage<'a> {
    let steps = of.steps.iter().map(step).map(|step| StepPage {
        shell: AsWord(step.shell),
        command: step.command,
        complete: step.complete,
        note: step.note.map(|it| it.r#in(lang).to_owned()),
    });
    RemedyPage {
        id: &of.id,
        title: title(of.title.r#in(lang)),
        why: of.why.r#in(lang),
        kind: AsWord(of.kind),
        service_impact: AsWord(of.service_impact),
        history: AsWord(of.history),
        reversible: of.reversible,
        data_loss: of.data_loss,
        requires: words(&of.requires),
        forbidden: words(&of.forbidden),
        applies: of.applies.r#in(lang),
        steps: steps.collect(),
        prechecks: texts(&of.prechecks, lang),
        verify: texts(&of.verify, lang),
        risks: texts(&of.risks, lang),
        basis: AsWord(of.basis),
        serves: causes_with(knowledge, |cause| &cause.remedies, &of.id),
        sources: &of.sources,
    }
}

fn prohibition<'a>(knowledge: &'a Knowledge, of: &'a Prohibition, lang: Lang) -> ProhibitionPage<'a> {
    ProhibitionPage {
        id: &of.id,
        text: of.text.r#in(lang),
        reason: of.reason.r#in(lang),
        requires: words(&of.requires),
        holds_for: causes_with(knowledge, |cause| &cause.do_not, &of.id),
        sources: &of.sources,
    }
}

fn causes_with<'a>(knowledge: &'a Knowledge, list: fn(&Cause) -> &[String], id: &str) -> Vec<&'a str> {
    let with = |cause: &&Cause| list(cause).iter().any(|known| known == id);
    knowledge.causes.iter().filter(with).map(|cause| cause.id.as_str()).collect()
}

fn signature<'a>(knowledge: &'a Knowledge, of: &'a Signature, lang: Lang) -> SignaturePage<'a> {
    SignaturePage {
        id: &of.id,
        event: &of.event,
        title: of.title.r#in(lang),
        logs: words(&of.logs),
        place: AsWord(of.place),
        regex: of.regex(),
        fields: of.fields.iter().map(|(name, kind)| FieldPage { name, kind: AsWord(*kind) }).collect(),
        tone: AsWord(of.tone),
        basis: AsWord(of.basis),
        samples: of.samples.iter().map(|sample| sample.text.as_str()).collect(),
        nots: of.nots.iter().map(|not| NotPage { text: &not.text, why: &not.why }).collect(),
        counts_for: evidence_for(knowledge, &of.event).into_iter().map(|(cause, _)| cause.id.as_str()).collect(),
        sources: &of.sources,
    }
}
