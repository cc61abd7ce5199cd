//! The pages as text.

use std::collections::BTreeSet;

use esxray_knowledge::decode::{Decoded, EventId, decode};
use esxray_knowledge::{Captures, Cause, Condition, Entry, Knowledge, Prohibition, Remedy, Signature, Subject};
use esxray_model::{Lang, Level, Said, say};

use super::{evidence_for, in_order, recognising, said_title, step};
use crate::outputs::text::incident::severity_style;
use crate::outputs::text::remedy::{cost, write_steps};
use crate::outputs::text::{TextOptions, Verbosity, item, section};
use crate::page::{Both, Page, Phrase, Words, quoted_cells};
use crate::paint::Style;
use crate::words::{basis_said, spoken};

/// Width of the labels at the top of a page.
const LABEL: usize = 10;
/// The same in French.
const LABEL_FR: usize = 15;

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
            other => heading(&mut page, ("entry", "entrée"), other.id(), (Style::Plain, ("", ""))),
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
        let note = (
            "The text does not say from which log it is: this is what it would be in a log that may hold it.",
            "Le texte ne dit pas de quel journal il vient\u{a0}: voici ce qu’il serait dans un journal qui peut le contenir.",
        );
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
        heading(&mut page, ("event", "événement"), event.id, (style, spoken(event.level)));
        strong(
            &mut page,
            if event.description.is_empty() {
                ("The registry says nothing of it.", "Le registre n’en dit rien.")
            } else {
                (event.description, event.description)
            },
        );
        page.blank();
        let (level, level_fr) = spoken(event.level);
        let severity = say!(
            en: "{level}, judged by its words: the registry prints none",
            fr: "{level_fr}, jugée d’après ses mots\u{a0}: le registre n’en donne pas",
        );
        label(&mut page, ("Class", "Classe"), event.class);
        label(&mut page, ("Severity", "Gravité"), &severity);
        label(&mut page, ("Source", "Source"), EventId::SOURCE);
        let signatures = recognising(knowledge, event);
        if signatures.is_empty() {
            page.blank();
            let line =
                page.phrase().prose(Style::Plain, ("No signature recognises it.", "Aucune signature ne le reconnaît."));
            page.paragraph(0, &line);
            continue;
        }
        page.blank();
        section(&mut page, ("Recognised by", "Reconnu par"));
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
    section(page, ("Codes", "Codes"));
    for one in decoded {
        let mut line = page.phrase();
        if one.depth > 0 {
            line = line.styled(Style::Dim, ("in it: ", "dedans\u{a0}: "));
        }
        line = line.styled(Style::Strong, &one.code);
        if !one.code.ends_with(&*one.name) {
            line = line.say(" ").say(&one.name);
        }
        line = line.say(": ").say(if one.meaning.is_empty() { &*one.words } else { &*one.meaning });
        if let Some(base) = one.bases.first().filter(|it| !it.starts_with("Method")) {
            line = line.styled(Style::Dim, say!(en: "  one of {base}", fr: "  un cas de {base}"));
        }
        for (name, value) in &one.named {
            line = line.styled(Style::Dim, format!("  {name} ")).say(value);
        }
        let line = line.styled(Style::Dim, format!("  {}; {}", one.kind, one.source));
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
    labelled(page, ("Signature", "Signature"), &page.phrase().say(&signature.id));
    if !log {
        label(page, ("Logs", "Journaux"), logs(signature));
    }
    causes_of(page, knowledge, &signature.event);
}

fn heading(page: &mut Page, kind: Both, id: &str, (style, word): (Style, Both)) {
    let mut line = page.phrase().say(kind).say(" · ").styled(Style::Strong, id);
    if !word.0.is_empty() {
        line = line.say(" · ").styled(style, word);
    }
    page.rule(&line);
}

fn strong(page: &mut Page, text: impl Words) {
    let line = page.phrase().prose(Style::Strong, text);
    page.paragraph(0, &line);
}

fn labelled(page: &mut Page, label: impl Words, body: &Phrase) {
    let width = page.lang().pick(LABEL, LABEL_FR);
    let lead = page.phrase().say("  ").styled(Style::Dim, label).pad(2 + width - 1).say(" ");
    page.hang(&lead, body);
}

fn label(page: &mut Page, label: impl Words, text: impl Words) {
    if !text.words(page.lang()).is_empty() {
        labelled(page, label, &page.phrase().prose(Style::Plain, text));
    }
}

/// A section with one paragraph.
fn prose(page: &mut Page, name: Both, text: &Said) {
    if !text.en().trim().is_empty() {
        page.blank();
        section(page, name);
        page.paragraph(2, &page.phrase().prose(Style::Plain, text));
    }
}

/// A section with a list.
fn list(page: &mut Page, name: Both, texts: &[impl Words]) {
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
fn titled(page: &mut Page, knowledge: &Knowledge, name: Both, ids: &[String]) {
    if ids.is_empty() {
        return;
    }
    page.blank();
    section(page, name);
    for id in ids {
        let mut line = page.phrase().say(id);
        if let Some(cause) = knowledge.cause(id) {
            line = line.styled(Style::Dim, "  ").styled(Style::Dim, said_title(&cause.title));
        }
        item(page, (Style::Dim, "–"), &line);
    }
}

fn cause(page: &mut Page, knowledge: &Knowledge, cause: &Cause, full: bool) {
    let style = severity_style(cause.severity);
    heading(page, ("cause", "cause"), &cause.id, (style, spoken(cause.severity)));
    strong(page, said_title(&cause.title));
    page.blank();
    label(page, ("Also", "Aussi"), cause.aliases.join(", "));
    label(page, ("Affects", "Concerne"), &cause.affected);
    label(page, ("Basis", "Fondement"), basis_said(cause.basis));
    if cause.context {
        label(
            page,
            ("Part", "Rôle"),
            (
                "evidence only: it never becomes a finding of its own",
                "preuve seulement\u{a0}: elle ne devient jamais un constat à elle seule",
            ),
        );
    }
    prose(page, ("What it means", "Ce que cela signifie"), &cause.explanation);
    conditions(page, knowledge, cause, full);
    list(page, ("How to confirm it", "Comment le confirmer"), &cause.confirm);
    let remedies = in_order(knowledge, cause);
    if !remedies.is_empty() {
        page.blank();
        section(page, ("What to do, what costs least first", "Que faire, le moins coûteux d’abord"));
        for (remedy, rank) in remedies.into_iter().zip(1_u32..) {
            let lead = page.phrase().solid(Style::Strong, format!("{rank:3} "));
            let line = page.phrase().styled(Style::Strong, said_title(&remedy.title));
            page.hang(&lead, &line);
            let line = page.phrase().styled(Style::Dim, &remedy.id).say("  ").and(&cost_of(page, remedy));
            page.paragraph(lead.width(), &line);
        }
    }
    let prohibitions: Vec<&Prohibition> = cause.do_not.iter().filter_map(|id| knowledge.prohibition(id)).collect();
    if !prohibitions.is_empty() {
        page.blank();
        let line = page.phrase().styled(Style::Failure, ("What NOT to do", "À NE PAS faire"));
        page.paragraph(0, &line);
        for one in prohibitions {
            let line = page.phrase().styled(Style::Strong, &one.text).say(": ").prose(Style::Plain, &one.reason);
            item(page, (Style::Failure, "✗"), &line);
        }
    }
    titled(page, knowledge, ("It explains", "Explique"), &cause.explains);
    titled(page, knowledge, ("Worth a look", "À voir aussi"), &cause.see_also);
    list(page, ("Sources", "Sources"), &cause.sources);
}

fn cost_of(page: &Page, remedy: &Remedy) -> Phrase {
    let cost = cost(page, remedy.service_impact, remedy.history, remedy.reversible);
    if remedy.data_loss {
        cost.solid(Style::Dim, " · ").solid(Style::Failure, ("can LOSE DATA", "peut PERDRE DES DONNÉES"))
    } else {
        cost
    }
}

fn conditions(page: &mut Page, knowledge: &Knowledge, cause: &Cause, full: bool) {
    page.blank();
    section(page, ("How it is recognised", "Comment on la reconnaît"));
    if let Some(why) = &cause.not_in_logs {
        let line = page
            .phrase()
            .styled(Style::Warning, ("No log shows it. ", "Aucun journal ne la montre. "))
            .prose(Style::Plain, why);
        page.paragraph(2, &line);
    }
    for (key, conditions) in cause.conditions() {
        let words = match key {
            "when" if conditions.len() > 1 => ("all of", "toutes ces conditions"),
            "when" => ("it holds when", "elle est établie quand"),
            "unless" => ("it is ruled out by any of", "elle est exclue par l’une de ces observations"),
            "against" => ("speaks against it", "s’y oppose"),
            "corroborate" => (
                "any of these, from another source, makes it certain",
                "l’une de celles-ci, d’une autre source, la rend certaine",
            ),
            _ => ("it is over when", "elle est close quand"),
        };
        if conditions.is_empty() {
            continue;
        }
        let line = page.phrase().styled(Style::Dim, words);
        page.paragraph(2, &line);
        for one in conditions {
            let mut line = page.phrase().say(&one.what).and(&limits(page, one));
            if let Subject::Fact(fact) = &one.subject {
                line = line.say("  ").solid(Style::Dim, say!(en: "fact {fact}", fr: "fait {fact}"));
            }
            item(page, (Style::Dim, "–"), &line);
            for event in one.events() {
                let samples = if full { usize::MAX } else { usize::from(key == "when") };
                seen_as(page, knowledge, event, samples);
            }
        }
    }
    if !cause.needs.is_empty() {
        let line = page
            .phrase()
            .styled(Style::Dim, ("for certainty the input must hold", "pour une certitude, l’entrée doit contenir"));
        page.paragraph(2, &line);
        for need in &cause.needs {
            let would = page.phrase().styled(Style::Dim, (", to ", ", pour ")).styled(Style::Dim, &need.would);
            item(page, (Style::Dim, "–"), &page.phrase().say(&need.what).and(&would));
        }
    }
}

/// What a condition asks for besides its event.
fn limits(page: &Page, condition: &Condition) -> Phrase {
    let mut limits = Vec::new();
    if condition.decisive {
        limits.push(say!(en: "decisive", fr: "décisive"));
    }
    let count = condition.count;
    match &condition.distinct {
        Some(field) => limits.push(say!(
            en: "at least {count} different {field}",
            fr: "au moins {count} {field} différents",
        )),
        None if count > 1 => limits.push(say!(en: "at least {count} times", fr: "au moins {count} fois")),
        None => {}
    }
    if let Some(field) = &condition.same {
        limits.push(say!(en: "the same {field}", fr: "même {field}"));
    }
    if let Some(seconds) = condition.within {
        limits.push(say!(en: "within {seconds} s", fr: "en moins de {seconds}\u{a0}s"));
    }
    let limits = Said::join(&limits, ", ");
    let limits = limits.map(|limits| if limits.is_empty() { String::new() } else { format!(" ({limits})") });
    page.phrase().styled(Style::Dim, &limits)
}

/// The signatures of an event with so many of their samples.
fn seen_as(page: &mut Page, knowledge: &Knowledge, event: &str, samples: usize) {
    for signature in knowledge.signatures_of(event) {
        let (id, logs) = (&signature.id, logs(signature));
        let in_logs = say!(en: "{id}, in {logs}", fr: "{id}, dans {logs}");
        let line = page.phrase().styled(Style::Dim, &in_logs);
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
    heading(page, ("remedy", "remède"), &remedy.id, (Style::Plain, spoken(remedy.kind)));
    strong(page, said_title(&remedy.title));
    page.blank();
    labelled(page, ("Cost", "Coût"), &cost_of(page, remedy));
    label(page, ("Applies", "Application"), &remedy.applies);
    let facts = |facts: &[esxray_model::Fact]| {
        let names: Vec<&str> = facts.iter().map(|fact| fact.as_str()).collect();
        names.join(", ")
    };
    label(page, ("Only if", "Seulement si"), facts(&remedy.requires));
    label(page, ("Never if", "Jamais si"), facts(&remedy.forbidden));
    label(page, ("Basis", "Fondement"), basis_said(remedy.basis));
    prose(page, ("Why", "Pourquoi"), &remedy.why);
    list(page, ("Before", "Avant"), &remedy.prechecks);
    page.blank();
    section(page, ("What to do", "Que faire"));
    // That a value has to be filled in goes without saying where there is no input to take it from.
    let steps: Vec<_> =
        remedy.steps.iter().map(step).map(|step| esxray_diagnosis::RemedyStep { complete: true, ..step }).collect();
    write_steps(page, 2, &steps, None);
    list(page, ("Then", "Ensuite"), &remedy.verify);
    list(page, ("What can go wrong", "Ce qui peut mal tourner"), &remedy.risks);
    let serves: Vec<String> = knowledge
        .causes
        .iter()
        .filter(|cause| cause.remedies.contains(&remedy.id))
        .map(|cause| cause.id.clone())
        .collect();
    titled(page, knowledge, ("It serves", "Sert pour"), &serves);
    list(page, ("Sources", "Sources"), &remedy.sources);
}

fn prohibition(page: &mut Page, knowledge: &Knowledge, prohibition: &Prohibition) {
    heading(page, ("prohibition", "interdiction"), &prohibition.id, (Style::Plain, ("", "")));
    strong(page, &prohibition.text);
    prose(page, ("Why", "Pourquoi"), &prohibition.reason);
    let holds: Vec<String> = knowledge
        .causes
        .iter()
        .filter(|cause| cause.do_not.contains(&prohibition.id))
        .map(|cause| cause.id.clone())
        .collect();
    titled(
        page,
        knowledge,
        ("It holds while one of these is open", "Elle vaut tant que l’une de celles-ci est ouverte"),
        &holds,
    );
    list(page, ("Sources", "Sources"), &prohibition.sources);
}

fn signature(page: &mut Page, knowledge: &Knowledge, signature: &Signature) {
    heading(page, ("signature", "signature"), &signature.id, (Style::Plain, spoken(signature.tone)));
    strong(page, &signature.title);
    page.blank();
    label(page, ("Event", "Événement"), &signature.event);
    label(page, ("Logs", "Journaux"), logs(signature));
    label(page, ("Place", "Emplacement"), spoken(signature.place));
    let fields: Vec<String> = signature.fields.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
    label(page, ("Captures", "Champs"), fields.join(", "));
    label(page, ("Basis", "Fondement"), basis_said(signature.basis));
    page.blank();
    section(page, ("Recognised", "Reconnus"));
    for sample in &signature.samples {
        quote(page, 2, &sample.text);
        for (name, value) in &sample.fields {
            let line = page.phrase().styled(Style::Dim, name).say(" = ").say(value);
            page.paragraph(4, &line);
        }
    }
    page.blank();
    section(page, ("Left alone", "Ignorés"));
    for not in &signature.nots {
        quote(page, 2, &not.text);
        // The reason is a note for whoever writes signatures, in English alone.
        if page.lang() == Lang::En {
            page.paragraph(4, &page.phrase().prose(Style::Plain, &not.why));
        }
    }
    causes_of(page, knowledge, &signature.event);
    list(page, ("Sources", "Sources"), &signature.sources);
}

fn causes_of(page: &mut Page, knowledge: &Knowledge, event: &str) {
    let causes = evidence_for(knowledge, event);
    if causes.is_empty() {
        return;
    }
    page.blank();
    section(page, ("It counts for", "Compte pour"));
    for (cause, keys) in causes {
        let mut line = page.phrase().styled(Style::Strong, &cause.id).say("  ").say(said_title(&cause.title));
        if keys != ["when"] {
            let words: Vec<Said> = keys.into_iter().map(|key| Said::from(counts_as(key))).collect();
            let words = Said::join(&words, ", ").map(|words| format!("({words})"));
            line = line.say("  ").solid(Style::Dim, &words);
        }
        item(page, (Style::Dim, "–"), &line);
    }
}

/// What an event does that stands under a key of a cause.
fn counts_as(key: &'static str) -> Both {
    match key {
        "when" => ("holds with it", "l’établit"),
        "unless" => ("rules it out", "l’exclut"),
        "against" => ("speaks against it", "s’y oppose"),
        "corroborate" => ("makes it certain", "la rend certaine"),
        "recovered" => ("ends it", "la clôt"),
        other => (other, other),
    }
}
