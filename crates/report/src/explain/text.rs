//! The pages as text.

use std::collections::BTreeSet;

use esxray_knowledge::decode::{Decoded, EventId, decode};
use esxray_knowledge::{Captures, Cause, Condition, Entry, Knowledge, Prohibition, Remedy, Signature, Subject};
use esxray_model::Level;

use super::{evidence_for, in_order, recognising, step, title};
use crate::outputs::text::incident::severity_style;
use crate::outputs::text::remedy::{cost, write_steps};
use crate::outputs::text::{TextOptions, Verbosity, item, section};
use crate::page::{Page, Phrase, quoted_cells};
use crate::paint::Style;
use crate::words::basis_means;

/// Width of the labels at the top of a page.
const LABEL: usize = 10;

/// The pages one below the other; with [`Verbosity::Verbose`], every signature with every sample.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::Knowledge;
/// use esxray_report::{TextOptions, explain};
///
/// let knowledge = Knowledge::builtin()?;
/// let page = explain::text(&knowledge, &knowledge.find("reload-vmx"), &TextOptions::default());
/// assert!(page.starts_with("── remedy · reload-vmx · workaround ──"));
/// assert!(page.contains("vim-cmd vmsvc/reload <vmid>"));
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
pub fn text(knowledge: &Knowledge, entries: &[Entry<'_>], options: &TextOptions) -> String {
    let mut page = options.page();
    let full = options.verbosity == Verbosity::Verbose;
    for entry in entries {
        page.blank();
        match entry {
            Entry::Cause(of) => cause(&mut page, knowledge, of, full),
            Entry::Remedy(of) => remedy(&mut page, knowledge, of),
            Entry::Prohibition(of) => prohibition(&mut page, knowledge, of),
            Entry::Signature(of) => signature(&mut page, knowledge, of),
            // The knowledge may learn another kind; its id is better than silence.
            other => heading(&mut page, "entry", other.id(), (Style::Plain, "")),
        }
    }
    page.finish()
}

/// What a pasted record is, and for which causes it is evidence.
///
/// `message` is the text that `found` was found in, as [`Knowledge::claims`] takes it: without a header. `log` says
/// whether the text itself tells from which log it is.
pub fn recognised(
    knowledge: &Knowledge,
    message: &str,
    log: bool,
    found: &[(&Signature, Captures<'_>)],
    options: &TextOptions,
) -> String {
    let mut page = options.page();
    quote(&mut page, 0, message);
    codes(&mut page, &decode(message));
    if !log {
        page.blank();
        let note = "The text does not say from which log it is: this is what it would be in a log that may hold it.";
        let line = page.phrase().styled(Style::Warning, note);
        page.paragraph(0, &line);
    }
    for (signature, captures) in found {
        page.blank();
        claim(&mut page, knowledge, message, log, (signature, captures));
    }
    page.finish()
}

/// What the numbers and names of a text mean; the text itself only where it is given.
pub fn decoded(text: Option<&str>, decoded: &[Decoded], options: &TextOptions) -> String {
    let mut page = options.page();
    if let Some(text) = text {
        quote(&mut page, 0, text);
    }
    codes(&mut page, decoded);
    page.finish()
}

/// What events of vCenter mean, how loud they are, and what recognises them.
pub fn events(knowledge: &Knowledge, events: &[EventId], options: &TextOptions) -> String {
    let mut page = options.page();
    for event in events {
        page.blank();
        let style = match event.level {
            Level::Error => Style::Failure,
            Level::Warning => Style::Warning,
            _ => Style::Plain,
        };
        heading(&mut page, "event", event.id, (style, event.level.as_str()));
        strong(
            &mut page,
            if event.description.is_empty() { "The registry says nothing of it." } else { event.description },
        );
        page.blank();
        label(&mut page, "Class", event.class);
        label(&mut page, "Severity", &format!("{}, judged by its words: the registry prints none", event.level));
        label(&mut page, "Source", EventId::SOURCE);
        let signatures = recognising(knowledge, event);
        if signatures.is_empty() {
            page.blank();
            let line = page.phrase().prose(Style::Plain, "No signature recognises it.");
            page.paragraph(0, &line);
            continue;
        }
        page.blank();
        section(&mut page, "Recognised by");
        for signature in &signatures {
            let line = page.phrase().say(&signature.id).styled(Style::Dim, "  ").styled(Style::Dim, &signature.title);
            item(&mut page, (Style::Dim, "–"), &line);
        }
        let names: BTreeSet<&str> = signatures.iter().map(|it| it.event.as_str()).collect();
        for name in names {
            causes_of(&mut page, knowledge, name);
        }
    }
    page.finish()
}

/// What numbers and names mean, each with where that is public.
fn codes(page: &mut Page, decoded: &[Decoded]) {
    if decoded.is_empty() {
        return;
    }
    page.blank();
    section(page, "Codes");
    for one in decoded {
        let mut line = page.phrase();
        if one.depth > 0 {
            line = line.styled(Style::Dim, "in it: ");
        }
        line = line.styled(Style::Strong, &one.code);
        if !one.code.ends_with(&*one.name) {
            line = line.say(" ").say(&one.name);
        }
        line = line.say(": ").say(if one.meaning.is_empty() { &one.words } else { &one.meaning });
        if let Some(base) = one.bases.first().filter(|it| !it.starts_with("Method")) {
            line = line.styled(Style::Dim, &format!("  one of {base}"));
        }
        for (name, value) in &one.named {
            line = line.styled(Style::Dim, &format!("  {name} ")).say(value);
        }
        let line = line.styled(Style::Dim, &format!("  {}; {}", one.kind, one.source));
        item(page, (Style::Dim, "·"), &line);
    }
}

fn claim(
    page: &mut Page,
    knowledge: &Knowledge,
    message: &str,
    log: bool,
    (signature, captures): (&Signature, &Captures<'_>),
) {
    strong(page, &signature.title);
    for field in &captures.fields {
        let value = message.as_bytes().get(field.span.clone()).map(String::from_utf8_lossy).unwrap_or_default();
        labelled(page, field.name, &page.phrase().styled(Style::Strong, &value));
    }
    labelled(page, "Signature", &page.phrase().say(&signature.id));
    if !log {
        label(page, "Logs", &logs(signature));
    }
    causes_of(page, knowledge, &signature.event);
}

fn heading(page: &mut Page, kind: &str, id: &str, (style, word): (Style, &str)) {
    let mut line = page.phrase().say(kind).say(" · ").styled(Style::Strong, id);
    if !word.is_empty() {
        line = line.say(" · ").styled(style, word);
    }
    page.rule(&line);
}

fn strong(page: &mut Page, text: &str) {
    let line = page.phrase().prose(Style::Strong, text);
    page.paragraph(0, &line);
}

fn labelled(page: &mut Page, label: &str, body: &Phrase) {
    let lead = page.phrase().say("  ").styled(Style::Dim, label).pad(2 + LABEL - 1).say(" ");
    page.hang(&lead, body);
}

fn label(page: &mut Page, label: &str, text: &str) {
    if !text.is_empty() {
        labelled(page, label, &page.phrase().prose(Style::Plain, text));
    }
}

/// A section with one paragraph.
fn prose(page: &mut Page, name: &str, text: &str) {
    if !text.trim().is_empty() {
        page.blank();
        section(page, name);
        page.paragraph(2, &page.phrase().prose(Style::Plain, text));
    }
}

/// A section with a list.
fn list(page: &mut Page, name: &str, texts: &[String]) {
    if !texts.is_empty() {
        page.blank();
        section(page, name);
        for text in texts {
            item(page, (Style::Dim, "–"), &page.phrase().prose(Style::Plain, text));
        }
    }
}

/// Text as it stands in a log, behind a bar.
fn quote(page: &mut Page, indent: usize, text: &str) {
    let bar = page.phrase().pad(indent).styled(Style::Dim, "│ ");
    for line in text.lines() {
        let mut cells = Vec::new();
        quoted_cells(line, page.charset(), |_, cell| cells.push(cell));
        page.hang_under(&bar, &bar, &page.phrase().cells(cells));
    }
}

/// Ids with the titles that belong to them.
fn titled(page: &mut Page, knowledge: &Knowledge, name: &str, ids: &[String]) {
    if ids.is_empty() {
        return;
    }
    page.blank();
    section(page, name);
    for id in ids {
        let mut line = page.phrase().say(id);
        if let Some(cause) = knowledge.cause(id) {
            line = line.styled(Style::Dim, "  ").styled(Style::Dim, &title(&cause.title));
        }
        item(page, (Style::Dim, "–"), &line);
    }
}

fn cause(page: &mut Page, knowledge: &Knowledge, cause: &Cause, full: bool) {
    let style = severity_style(cause.severity);
    heading(page, "cause", &cause.id, (style, cause.severity.as_str()));
    strong(page, &title(&cause.title));
    page.blank();
    label(page, "Also", &cause.aliases.join(", "));
    label(page, "Affects", &cause.affected);
    label(page, "Basis", basis_means(cause.basis));
    if cause.context {
        label(page, "Part", "evidence only: it never becomes a finding of its own");
    }
    prose(page, "What it means", &cause.explanation);
    conditions(page, knowledge, cause, full);
    list(page, "How to confirm it", &cause.confirm);
    let remedies = in_order(knowledge, cause);
    if !remedies.is_empty() {
        page.blank();
        section(page, "What to do, what costs least first");
        for (remedy, rank) in remedies.into_iter().zip(1_u32..) {
            let lead = page.phrase().solid(Style::Strong, &format!("{rank:3} "));
            let line = page.phrase().styled(Style::Strong, &title(&remedy.title));
            page.hang(&lead, &line);
            let line = page.phrase().styled(Style::Dim, &remedy.id).say("  ").and(&cost_of(page, remedy));
            page.paragraph(lead.width(), &line);
        }
    }
    let prohibitions: Vec<&Prohibition> = cause.do_not.iter().filter_map(|id| knowledge.prohibition(id)).collect();
    if !prohibitions.is_empty() {
        page.blank();
        let line = page.phrase().styled(Style::Failure, "What NOT to do");
        page.paragraph(0, &line);
        for one in prohibitions {
            let line = page.phrase().styled(Style::Strong, &one.text).say(": ").prose(Style::Plain, &one.reason);
            item(page, (Style::Failure, "✗"), &line);
        }
    }
    titled(page, knowledge, "It explains", &cause.explains);
    titled(page, knowledge, "Worth a look", &cause.see_also);
    list(page, "Sources", &cause.sources);
}

fn cost_of(page: &Page, remedy: &Remedy) -> Phrase {
    let cost = cost(page, remedy.service_impact, remedy.history, remedy.reversible);
    if remedy.data_loss { cost.solid(Style::Dim, " · ").solid(Style::Failure, "can LOSE DATA") } else { cost }
}

fn conditions(page: &mut Page, knowledge: &Knowledge, cause: &Cause, full: bool) {
    page.blank();
    section(page, "How it is recognised");
    if let Some(why) = &cause.not_in_logs {
        let line = page.phrase().styled(Style::Warning, "No log shows it. ").prose(Style::Plain, why);
        page.paragraph(2, &line);
    }
    for (key, conditions) in cause.conditions() {
        let words = match key {
            "when" if conditions.len() > 1 => "all of",
            "when" => "it holds when",
            "unless" => "it is ruled out by any of",
            "against" => "speaks against it",
            "corroborate" => "any of these, from another source, makes it certain",
            _ => "it is over when",
        };
        if conditions.is_empty() {
            continue;
        }
        let line = page.phrase().styled(Style::Dim, words);
        page.paragraph(2, &line);
        for one in conditions {
            let mut line = page.phrase().say(&one.what).and(&limits(page, one));
            if let Subject::Fact(fact) = &one.subject {
                line = line.say("  ").solid(Style::Dim, &format!("fact {fact}"));
            }
            item(page, (Style::Dim, "–"), &line);
            for event in one.events() {
                let samples = if full { usize::MAX } else { usize::from(key == "when") };
                seen_as(page, knowledge, event, samples);
            }
        }
    }
    if !cause.needs.is_empty() {
        let line = page.phrase().styled(Style::Dim, "for certainty the input must hold");
        page.paragraph(2, &line);
        for need in &cause.needs {
            let would = page.phrase().styled(Style::Dim, ", to ").styled(Style::Dim, &need.would);
            item(page, (Style::Dim, "–"), &page.phrase().say(&need.what).and(&would));
        }
    }
}

/// What a condition asks for besides its event.
fn limits(page: &Page, condition: &Condition) -> Phrase {
    let mut limits = Vec::new();
    if condition.decisive {
        limits.push("decisive".to_owned());
    }
    match &condition.distinct {
        Some(field) => limits.push(format!("at least {} different {field}", condition.count)),
        None if condition.count > 1 => limits.push(format!("at least {} times", condition.count)),
        None => {}
    }
    if let Some(field) = &condition.same {
        limits.push(format!("the same {field}"));
    }
    if let Some(seconds) = condition.within {
        limits.push(format!("within {seconds} s"));
    }
    let limits = limits.join(", ");
    if limits.is_empty() { page.phrase() } else { page.phrase().styled(Style::Dim, &format!(" ({limits})")) }
}

/// The signatures of an event with so many of their samples.
fn seen_as(page: &mut Page, knowledge: &Knowledge, event: &str, samples: usize) {
    for signature in knowledge.signatures_of(event) {
        let line = page.phrase().styled(Style::Dim, &format!("{}, in {}", signature.id, logs(signature)));
        page.paragraph(4, &line);
        for sample in signature.samples.iter().take(samples) {
            quote(page, 4, &sample.text);
        }
    }
}

fn logs(signature: &Signature) -> String {
    let names: Vec<&str> = signature.logs.iter().map(|log| log.as_str()).collect();
    names.join(", ")
}

fn remedy(page: &mut Page, knowledge: &Knowledge, remedy: &Remedy) {
    heading(page, "remedy", &remedy.id, (Style::Plain, remedy.kind.as_str()));
    strong(page, &title(&remedy.title));
    page.blank();
    labelled(page, "Cost", &cost_of(page, remedy));
    label(page, "Applies", &remedy.applies);
    let facts = |facts: &[esxray_model::Fact]| {
        let names: Vec<&str> = facts.iter().map(|fact| fact.as_str()).collect();
        names.join(", ")
    };
    label(page, "Only if", &facts(&remedy.requires));
    label(page, "Never if", &facts(&remedy.forbidden));
    label(page, "Basis", basis_means(remedy.basis));
    prose(page, "Why", &remedy.why);
    list(page, "Before", &remedy.prechecks);
    page.blank();
    section(page, "What to do");
    // That a value has to be filled in goes without saying where there is no input to take it from.
    let steps: Vec<_> =
        remedy.steps.iter().map(step).map(|step| esxray_diagnosis::RemedyStep { complete: true, ..step }).collect();
    write_steps(page, 2, &steps, None);
    list(page, "Then", &remedy.verify);
    list(page, "What can go wrong", &remedy.risks);
    let serves: Vec<String> = knowledge
        .causes
        .iter()
        .filter(|cause| cause.remedies.contains(&remedy.id))
        .map(|cause| cause.id.clone())
        .collect();
    titled(page, knowledge, "It serves", &serves);
    list(page, "Sources", &remedy.sources);
}

fn prohibition(page: &mut Page, knowledge: &Knowledge, prohibition: &Prohibition) {
    heading(page, "prohibition", &prohibition.id, (Style::Plain, ""));
    strong(page, &prohibition.text);
    prose(page, "Why", &prohibition.reason);
    let holds: Vec<String> = knowledge
        .causes
        .iter()
        .filter(|cause| cause.do_not.contains(&prohibition.id))
        .map(|cause| cause.id.clone())
        .collect();
    titled(page, knowledge, "It holds while one of these is open", &holds);
    list(page, "Sources", &prohibition.sources);
}

fn signature(page: &mut Page, knowledge: &Knowledge, signature: &Signature) {
    heading(page, "signature", &signature.id, (Style::Plain, signature.tone.as_str()));
    strong(page, &signature.title);
    page.blank();
    label(page, "Event", &signature.event);
    label(page, "Logs", &logs(signature));
    label(page, "Place", signature.place.as_str());
    let fields: Vec<String> = signature.fields.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
    label(page, "Captures", &fields.join(", "));
    label(page, "Basis", basis_means(signature.basis));
    page.blank();
    section(page, "Recognised");
    for sample in &signature.samples {
        quote(page, 2, &sample.text);
        for (name, value) in &sample.fields {
            let line = page.phrase().styled(Style::Dim, name).say(" = ").say(value);
            page.paragraph(4, &line);
        }
    }
    page.blank();
    section(page, "Left alone");
    for not in &signature.nots {
        quote(page, 2, &not.text);
        page.paragraph(4, &page.phrase().prose(Style::Plain, &not.why));
    }
    causes_of(page, knowledge, &signature.event);
    list(page, "Sources", &signature.sources);
}

fn causes_of(page: &mut Page, knowledge: &Knowledge, event: &str) {
    let causes = evidence_for(knowledge, event);
    if causes.is_empty() {
        return;
    }
    page.blank();
    section(page, "It counts for");
    for (cause, keys) in causes {
        let mut line = page.phrase().styled(Style::Strong, &cause.id).say("  ").say(&title(&cause.title));
        if keys != ["when"] {
            let words: Vec<&str> = keys.into_iter().map(counts_as).collect();
            line = line.say("  ").solid(Style::Dim, &format!("({})", words.join(", ")));
        }
        item(page, (Style::Dim, "–"), &line);
    }
}

/// What an event does that stands under a key of a cause.
fn counts_as(key: &'static str) -> &'static str {
    match key {
        "when" => "holds with it",
        "unless" => "rules it out",
        "against" => "speaks against it",
        "corroborate" => "makes it certain",
        "recovered" => "ends it",
        other => other,
    }
}
