//! Lists of the knowledge base, or of a part of it, for `esxray knowledge list`.

use std::collections::BTreeSet;

use esxray_knowledge::{Cause, Knowledge, Narrowed, Release, Signature};
use esxray_model::{FormatName, Lang, Said, say};
use serde_json::{Value, json};

use crate::explain::said_title;
use crate::outputs::strict;
use crate::outputs::text::incident::severity_style;
use crate::outputs::text::{TextOptions, Verbosity, section};
use crate::page::{Both, Page, Phrase, Words};
use crate::paint::Style;
use crate::words::{count, spoken};

/// The list as text: ids in one column, what each says beside it; `esxray explain ID` tells the rest.
///
/// With [`Verbosity::Verbose`] logs, releases and aliases too, with [`Verbosity::Quiet`] the ids alone, one a line.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::{Knowledge, Narrow};
/// use esxray_report::{TextOptions, listing};
///
/// let knowledge = Knowledge::builtin()?;
/// let wanted = Narrow { categories: vec!["rekey".to_owned()], ..Narrow::default() };
/// let text = listing::text(&knowledge, &knowledge.narrowed(&wanted), &TextOptions::default());
/// assert!(text.contains("\n  rekey-disk-wrong-key "));
/// assert!(!text.contains("ha-vm-monitoring-reset "));
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
pub fn text(knowledge: &Knowledge, of: &Narrowed<'_>, options: &TextOptions) -> String {
    let mut page = options.page();
    if options.verbosity == Verbosity::Quiet {
        for id in ids(of) {
            page.whole(0, &page.phrase().say(id));
        }
        return page.finish();
    }
    let full = options.verbosity == Verbosity::Verbose;
    let column = ids(of).map(str::len).max().unwrap_or(0) + 4;
    heading(&mut page, of.causes.len(), ("cause", "cause"), ("causes", "causes"));
    let mut causes = of.causes.clone();
    causes.sort_by_key(|it| (&it.category, &it.id));
    let mut category = "";
    for cause in causes {
        if cause.category != category {
            category = &cause.category;
            let line = page.phrase().say(" ").styled(Style::Dim, category);
            page.paragraph(0, &line);
        }
        let column_of = page.lang().pick(SEVERITY, SEVERITY_FR);
        let severity = page.phrase().styled(severity_style(cause.severity), spoken(cause.severity)).pad(column_of);
        row(&mut page, column, &cause.id, &severity, said_title(&cause.title));
        if full {
            detail(&mut page, column, &of_cause(knowledge, cause));
        }
    }
    heading(&mut page, of.remedies.len(), ("remedy", "remède"), ("remedies", "remèdes"));
    for it in &of.remedies {
        row(&mut page, column, &it.id, &Phrase::default(), said_title(&it.title));
        if full {
            let nothing = || say!(en: "costs nothing that cannot be had back", fr: "ne coûte rien d’irrécupérable");
            detail(&mut page, column, &[Said::from(spoken(it.kind)), it.costs().unwrap_or_else(nothing)]);
        }
    }
    heading(&mut page, of.prohibitions.len(), ("prohibition", "interdiction"), ("prohibitions", "interdictions"));
    for it in &of.prohibitions {
        row(&mut page, column, &it.id, &Phrase::default(), &it.text);
    }
    heading(&mut page, of.signatures.len(), ("signature", "signature"), ("signatures", "signatures"));
    for it in &of.signatures {
        row(&mut page, column, &it.id, &Phrase::default(), &it.title);
        if full {
            detail(&mut page, column, &of_signature(it));
        }
    }
    page.blank();
    let packs = page.phrase().say(("packs: ", "paquets\u{a0}: ")).say(knowledge.packs.join(", "));
    page.paragraph(0, &packs);
    let sha256 = page.phrase().say("sha256: ").say(&knowledge.sha256);
    page.whole(0, &sha256);
    page.finish()
}

/// Columns of the severities.
const SEVERITY: usize = 10;
/// The same in French.
const SEVERITY_FR: usize = 15;

fn ids<'k>(of: &Narrowed<'k>) -> impl Iterator<Item = &'k str> {
    let causes: Vec<&'k str> = of.causes.iter().map(|it| it.id.as_str()).collect();
    let remedies: Vec<&'k str> = of.remedies.iter().map(|it| it.id.as_str()).collect();
    let prohibitions: Vec<&'k str> = of.prohibitions.iter().map(|it| it.id.as_str()).collect();
    let signatures: Vec<&'k str> = of.signatures.iter().map(|it| it.id.as_str()).collect();
    [causes, remedies, prohibitions, signatures].into_iter().flatten()
}

fn heading(page: &mut Page, found: usize, one: Both, many: Both) {
    page.blank();
    section(page, count(found as u64, one, many));
}

/// One entry: its id, a word, and behind them what it says; a long id stands on a line of its own.
fn row(page: &mut Page, column: usize, id: &str, word: &Phrase, says: impl Words) {
    let column = column.min(page.width() / 2);
    let says = page.phrase().say(says);
    let mut lead = page.phrase().say("  ").solid(Style::Strong, id);
    if lead.width() + 2 > column {
        page.paragraph(0, &lead);
        lead = page.phrase();
    }
    page.hang(&lead.pad(column).and(word), &says);
}

fn detail(page: &mut Page, column: usize, parts: &[Said]) {
    let line = page.phrase().styled(Style::Dim, Said::join(parts, " · "));
    page.paragraph(column.min(page.width() / 2), &line);
}

fn of_cause(knowledge: &Knowledge, cause: &Cause) -> Vec<Said> {
    let logs: Vec<&str> = logs_of(knowledge, cause).into_iter().map(FormatName::as_str).collect();
    let mut parts = Vec::new();
    if !logs.is_empty() {
        let logs = logs.join(", ");
        parts.push(say!(en: "seen in {logs}", fr: "visible dans {logs}"));
    } else if cause.not_in_logs.is_some() {
        parts.push(say!(en: "no log shows it", fr: "aucun journal ne la montre"));
    }
    let affected = &cause.affected;
    parts.push(say!(en: "affects: {affected}"; fr: "concerne\u{a0}: {}", affected.fr()));
    if !cause.aliases.is_empty() {
        let aliases = cause.aliases.join(", ");
        parts.push(say!(en: "also: {aliases}", fr: "aussi\u{a0}: {aliases}"));
    }
    parts
}

fn of_signature(signature: &Signature) -> Vec<Said> {
    let logs: Vec<&str> = signature.logs.iter().map(|log| log.as_str()).collect();
    let mut parts = vec![Said::name(logs.join(", "))];
    if !signature.component.is_empty() {
        let components: Vec<String> = signature.component.iter().map(ToString::to_string).collect();
        parts.push(Said::name(components.join(", ")));
    }
    parts.push(Said::from(spoken(signature.tone)));
    parts
}

/// The logs that show a cause.
fn logs_of(knowledge: &Knowledge, cause: &Cause) -> BTreeSet<FormatName> {
    knowledge.shown_by(cause).into_iter().flat_map(|it| &it.logs).copied().collect()
}

/// The list as JSON: indented, with a line break at the end.
pub fn json(knowledge: &Knowledge, of: &Narrowed<'_>, lang: Lang) -> String {
    let words = |logs: &mut dyn Iterator<Item = FormatName>| logs.map(FormatName::as_str).collect::<Vec<_>>();
    let causes = of.causes.iter().map(|it| {
        let shown_by = knowledge.shown_by(it);
        let components: BTreeSet<&str> =
            shown_by.iter().flat_map(|it| &it.component).map(esxray_knowledge::Glob::as_str).collect();
        json!({
            "id": it.id, "aliases": it.aliases, "title": it.title.r#in(lang), "category": it.category,
            "kind": it.kind.as_str(), "severity": it.severity.as_str(), "about": it.about.as_str(),
            "basis": it.basis.as_str(), "affected": it.affected.r#in(lang),
            "since": it.since.map(|it: Release| it.to_string()), "before": it.before.map(|it| it.to_string()),
            "context": it.context, "in_logs": it.not_in_logs.is_none(),
            "logs": words(&mut logs_of(knowledge, it).into_iter()), "components": components,
            "signatures": shown_by.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(),
            "remedies": it.remedies, "do_not": it.do_not, "explains": it.explains, "see_also": it.see_also,
            "sources": it.sources,
        })
    });
    let remedies = of.remedies.iter().map(|it| {
        json!({
            "id": it.id, "title": it.title.r#in(lang), "kind": it.kind.as_str(), "basis": it.basis.as_str(),
            "service_impact": it.service_impact.as_str(), "history": it.history.as_str(),
            "reversible": it.reversible, "data_loss": it.data_loss, "applies": it.applies.r#in(lang), "sources": it.sources,
        })
    });
    let prohibitions = of.prohibitions.iter().map(
        |it| json!({ "id": it.id, "text": it.text.r#in(lang), "reason": it.reason.r#in(lang), "sources": it.sources }),
    );
    let signatures = of.signatures.iter().map(|it| {
        let fields: Vec<&str> = it.fields.iter().map(|(name, _)| name.as_str()).collect();
        let components: Vec<&str> = it.component.iter().map(esxray_knowledge::Glob::as_str).collect();
        json!({
            "id": it.id, "event": it.event, "title": it.title.r#in(lang), "area": it.area,
            "logs": words(&mut it.logs.iter().copied()), "components": components, "fields": fields,
            "tone": it.tone.as_str(), "basis": it.basis.as_str(), "sources": it.sources,
        })
    });
    strict::pretty(&json!({
        "packs": knowledge.packs,
        "sha256": knowledge.sha256,
        "causes": causes.collect::<Value>(),
        "remedies": remedies.collect::<Value>(),
        "prohibitions": prohibitions.collect::<Value>(),
        "signatures": signatures.collect::<Value>(),
    }))
}
