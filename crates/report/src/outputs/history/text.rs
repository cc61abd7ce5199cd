//! A history for reading: by day, a mark for the lane, how long it lasted, wrapped to the width.

use std::collections::BTreeSet;

use esxray_diagnosis::{History, HistoryEntry};
use esxray_knowledge::Tone;
use esxray_model::{HistoryKind, Timestamp};

use super::{source_of, vm_word};
use crate::outputs::text::{TextOptions, Verbosity, section};
use crate::page::{Both, Page, Phrase};
use crate::paint::Style;
use crate::words::{count, duration, span_of_time};

/// Width of the column of the lane.
const LANE: usize = 8;
/// Kinds that are shown only where everything is wanted: they are many and tell little.
const FINE: &[HistoryKind] = &[
    HistoryKind::Setting,
    HistoryKind::CpuReset,
    HistoryKind::ToolsApp,
    HistoryKind::ToolsScript,
    HistoryKind::Message,
    HistoryKind::Usb,
    HistoryKind::Device,
];

/// The history as text. With [`Verbosity::Verbose`] nothing is left out and each entry has its place.
pub fn text(history: &History, options: &TextOptions) -> String {
    let mut page = options.page();
    headline(&mut page, history);
    if options.verbosity == Verbosity::Quiet {
        return page.finish();
    }
    let full = options.verbosity == Verbosity::Verbose;
    let several = history.entries.iter().filter_map(|it| it.vm).collect::<BTreeSet<_>>().len() > 1;
    let is_fine = |it: &HistoryEntry| FINE.contains(&it.kind) && it.tone == Tone::Context;
    let mut day = String::new();
    for entry in history.entries.iter().filter(|it| full || !is_fine(it)) {
        let at = entry.time.or(entry.until);
        let today = at.map(|at| day_of(at).clone()).unwrap_or_default();
        if today != day || (day.is_empty() && today.is_empty()) {
            if today.is_empty() && !day.is_empty() {
                section_of(&mut page, ("Without a time", "Sans heure"));
            } else if !today.is_empty() {
                page.blank();
                section(&mut page, &today);
            }
            day = today;
        }
        line(&mut page, history, entry, several, full);
    }
    let left = history.entries.iter().filter(|it| is_fine(it)).count();
    if !full && left > 0 {
        page.blank();
        let many = count(
            left as u64,
            ("small entry is", "petite entrée n’est"),
            ("small entries are", "petites entrées ne sont"),
        );
        let phrase = page.phrase().styled(Style::Dim, &many).styled(
            Style::Dim,
            (" left out: settings, CPU resets, devices, Tools programs (-v shows all)", " pas montrées : paramètres, réinitialisations de CPU, périphériques, programmes des Tools (-v montre tout)"),
        );
        page.paragraph(0, &phrase);
    }
    rest(&mut page, history);
    page.finish()
}

fn section_of(page: &mut Page, title: Both) {
    page.blank();
    section(page, title);
}

fn headline(page: &mut Page, history: &History) {
    let entries = history.entries.len() as u64;
    let lead = page.phrase().styled(Style::Strong, ("TIMELINE", "CHRONOLOGIE")).say("  ");
    let kinds = history.entries.iter().map(|it| it.kind).collect::<BTreeSet<_>>().len() as u64;
    let mut line = page
        .phrase()
        .say(count(entries, ("entry", "entrée"), ("entries", "entrées")))
        .say((" of ", " de "))
        .say(count(kinds, ("kind", "type"), ("kinds", "types")))
        .say((" from ", " dans "))
        .say(count(history.sources.len() as u64, ("source", "source"), ("sources", "sources")));
    let first = history.entries.iter().filter_map(|it| it.time.or(it.until)).min();
    let last = history.entries.iter().filter_map(|it| it.until.or(it.time)).max();
    if let (Some(first), Some(last)) = (first, last) {
        line = line.say(", ").solid(Style::Plain, span_of_time(first, last));
    }
    page.hang(&lead, &line);
}

fn day_of(at: Timestamp) -> String {
    at.to_string().split('T').next().unwrap_or_default().to_owned()
}

fn time_of(at: Timestamp) -> String {
    at.to_string().split('T').nth(1).unwrap_or_default().trim_end_matches('Z').chars().take(12).collect()
}

fn line(page: &mut Page, history: &History, entry: &HistoryEntry, several: bool, full: bool) {
    let style = match entry.tone {
        Tone::Failure => Style::Failure,
        Tone::Success => Style::Done,
        Tone::Context => Style::Plain,
    };
    // Nothing is said by colour alone.
    let mark = match entry.tone {
        Tone::Failure => "✗",
        Tone::Success => "✓",
        Tone::Context => "·",
    };
    let at = entry.time.or(entry.until).map_or_else(|| "            ".to_owned(), time_of);
    let lead = page
        .phrase()
        .solid(Style::Dim, &at)
        .pad(13)
        .styled(Style::Dim, entry.lane().as_str())
        .pad(13 + LANE)
        .styled(style, mark)
        .say(" ");
    let mut body = page.phrase().styled(style, &entry.title);
    if entry.count > 1 {
        body = body.styled(Style::Dim, format!(" ×{}", entry.count));
    }
    body = lasted(body, entry);
    if let Some(detail) = &entry.detail {
        body = body.say(": ").say(detail);
    }
    if several && let Some(vm) = history.vm(entry) {
        body = body.say("  ").styled(Style::Strong, vm_word(vm));
    }
    if let Some(user) = &entry.user {
        body = body.styled(Style::Dim, ("  by ", "  par ")).say(user);
    }
    if full {
        let place = format!("  {}:{}", source_of(history, entry), entry.place.line);
        body = body.styled(Style::Dim, &place);
        if let Some(op_id) = &entry.op_id {
            body = body.styled(Style::Dim, format!("  {op_id}"));
        }
    }
    page.hang(&lead, &body);
}

/// How long a span lasted, or which end of it is not in the logs.
fn lasted(body: Phrase, entry: &HistoryEntry) -> Phrase {
    match (entry.micros(), entry.open, entry.time) {
        (Some(micros), ..) => body.say(", ").solid(Style::Strong, duration(micros)),
        (None, true, Some(_)) => {
            body.styled(Style::Warning, (" (its end is not in the logs)", " (sa fin n’est pas dans les journaux)"))
        }
        (None, true, None) => {
            body.styled(Style::Warning, (" (its begin is not in the logs)", " (son début n’est pas dans les journaux)"))
        }
        _ => body,
    }
}

fn rest(page: &mut Page, history: &History) {
    if history.thinned > 0 {
        page.blank();
        let more = count(
            history.thinned,
            ("further record stands", "autre enregistrement figure"),
            ("further records stand", "autres enregistrements figurent"),
        );
        let phrase = page
            .phrase()
            .styled(Style::Dim, &more)
            .styled(Style::Dim, (" behind these entries", " derrière ces entrées"));
        page.paragraph(0, &phrase);
    }
    for problem in &history.problems {
        let phrase = page.phrase().styled(Style::Warning, &problem.source).say(": ").say(&problem.problem);
        page.paragraph(0, &phrase);
    }
}

/// The operations of a history, each from begin to end.
pub fn operations(history: &History, options: &TextOptions) -> String {
    let mut page = options.page();
    let operations = history.operations();
    let lead = page.phrase().styled(Style::Strong, ("OPERATIONS", "OPÉRATIONS")).say("  ");
    let line =
        page.phrase().say(count(operations.len() as u64, ("operation", "opération"), ("operations", "opérations")));
    page.hang(&lead, &line);
    if options.verbosity == Verbosity::Quiet {
        return page.finish();
    }
    for operation in &operations {
        page.blank();
        let (style, outcome): (Style, Both) = match (operation.outcome, operation.open) {
            (Tone::Failure, _) => (Style::Failure, ("failed", "échouée")),
            (_, true) => (Style::Warning, ("end not in the logs", "fin absente des journaux")),
            (Tone::Success, _) => (Style::Done, ("went well", "réussie")),
            (Tone::Context, _) => (Style::Plain, ("outcome not told", "issue non indiquée")),
        };
        let mut head = page.phrase().styled(Style::Strong, &operation.title).say("  ").styled(style, outcome);
        if let (Some(began), Some(ended)) = (operation.began, operation.ended)
            && !operation.open
        {
            head = head.say(", ").solid(Style::Plain, duration(ended.micros_since(began)));
        }
        if let Some(vm) = operation.vm.and_then(|vm| history.vms.get(vm)) {
            head = head.say("  ").styled(Style::Strong, vm_word(vm));
        }
        if let Some(user) = &operation.user {
            head = head.styled(Style::Dim, ("  by ", "  par ")).say(user);
        }
        page.paragraph(0, &head);
        page.paragraph(2, &page.phrase().solid(Style::Dim, &operation.op_id));
        for entry in operation.entries.iter().filter_map(|at| history.entries.get(*at)) {
            let at = entry.time.or(entry.until).map(|it| it.to_string()).unwrap_or_default();
            let lead = page.phrase().say("  ").solid(Style::Dim, &at).say("  ");
            let body = lasted(page.phrase().say(&entry.title), entry);
            page.hang(&lead, &body);
        }
    }
    page.finish()
}

/// Where no log speaks.
pub fn gaps(history: &History, options: &TextOptions) -> String {
    let mut page = options.page();
    let lead = page.phrase().styled(Style::Strong, ("GAPS", "TROUS")).say("  ");
    let line = page.phrase().say(count(
        history.gaps.len() as u64,
        ("stretch in which a log says nothing", "période où un journal ne dit rien"),
        ("stretches in which a log says nothing", "périodes où un journal ne dit rien"),
    ));
    page.hang(&lead, &line);
    if options.verbosity == Verbosity::Quiet {
        return page.finish();
    }
    for gap in &history.gaps {
        let lead = page.phrase().say("  ").solid(Style::Strong, duration(gap.to.micros_since(gap.from))).pad(14);
        let mut body = page.phrase().solid(Style::Plain, span_of_time(gap.from, gap.to)).say("  ");
        body = if gap.sources.0 == gap.sources.1 {
            body.say(("within ", "dans ")).say(&gap.sources.0)
        } else {
            body.say(("between ", "entre ")).say(&gap.sources.0).say((" and ", " et ")).say(&gap.sources.1)
        };
        if gap.usual {
            body = body.styled(
                Style::Dim,
                ("  (usual: a VM that is off writes no log)", "  (habituel : une VM éteinte n’écrit pas de journal)"),
            );
        }
        page.hang(&lead, &body);
    }
    page.finish()
}
