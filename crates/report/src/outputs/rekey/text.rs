//! The audit for reading: failures first, successes counted, totals below.

mod extras;

use std::collections::BTreeMap;

use esxray_diagnosis::{Audit, KeyedObject, OutcomeCount, PlaceTotal, VmOutcome, VmRow};
use esxray_model::{KeyState, Lang, Said, say};

use super::{name_of, object_name, state_of};
use crate::outputs::text::remedy::{cost, write_steps};
use crate::outputs::text::{TextOptions, Verbosity, incomplete, item, section};
use crate::page::{Both, Page, Phrase, Words};
use crate::paint::Style;
use crate::words::{Word, counted, grouped, grouped_in, spoken, step_does};

/// VMs of one failure that are shown one by one, where not all are wanted.
const FAILED: usize = 30;
/// VMs of one failure up to which each is shown with its objects.
const IN_FULL: usize = 5;
/// Names that are listed, where not all are wanted.
const NAMES: usize = 60;
/// Rows of each other list, where not all are wanted.
const ROWS: usize = 15;

/// The audit as text; with [`Verbosity::Verbose`], without leaving anything out.
pub fn text(audit: &Audit, options: &TextOptions) -> String {
    let mut page = options.page();
    headline(&mut page, audit);
    extras::headlines(&mut page, audit);
    incomplete(&mut page, &audit.diagnosis);
    if options.verbosity > Verbosity::Quiet {
        let full = options.verbosity == Verbosity::Verbose;
        extras::retire(&mut page, audit, full);
        extras::preflight(&mut page, audit, full);
        failures(&mut page, audit, full);
        beside(&mut page, audit, full);
        extras::list(&mut page, audit, full);
        quiet(&mut page, audit, full);
        doubts(&mut page, audit, full);
        totals(&mut page, audit, full);
    }
    page.finish()
}

fn headline(page: &mut Page, audit: &Audit) {
    let lead = page.phrase().styled(Style::Strong, ("RE-KEY", "CHANGEMENT DE CLÉ")).say("  ");
    let without = audit.without_row as u64;
    let mut line = match audit.rows.len() as u64 {
        0 => page.phrase().say((
            "no VM of the input shows a re-key or a sign of encryption",
            "aucune VM de l’entrée ne montre de changement de clé ni de signe de chiffrement",
        )),
        count => outcomes(page.phrase().say(counted(count, "VM")).say((": ", "\u{a0}: ")), &audit.totals.outcomes),
    };
    if without > 0 {
        let what = if audit.rows.is_empty() {
            (" named, and nothing more", " nommées, sans plus")
        } else {
            (" without a sign of encryption", " sans signe de chiffrement")
        };
        let vms = counted(without, "VM");
        line = line.styled(Style::Dim, ("; ", "\u{a0}; ")).styled(Style::Dim, vms).styled(Style::Dim, what);
    }
    page.hang(&lead, &line);
    let asked = [
        audit.select.vm.as_ref().map(|vm| say!(en: "the VM {vm}", fr: "la VM {vm}")),
        audit.select.since.map(|since| say!(en: "attempts since {since}", fr: "tentatives depuis {since}")),
        audit.select.until.map(|until| say!(en: "attempts until {until}", fr: "tentatives jusqu’à {until}")),
    ];
    let asked: Vec<Said> = asked.into_iter().flatten().collect();
    if !asked.is_empty() {
        page.paragraph(
            2,
            &page.phrase().styled(Style::Dim, ("narrowed to ", "limité à ")).say(Said::join(&asked, ", ")),
        );
    }
}

const fn style(outcome: VmOutcome) -> Style {
    match outcome {
        VmOutcome::Partial | VmOutcome::Interrupted | VmOutcome::Failed => Style::Failure,
        VmOutcome::Unknown => Style::Warning,
        VmOutcome::Completed => Style::Done,
        VmOutcome::NotAttempted => Style::Plain,
    }
}

fn words(outcome: VmOutcome) -> Said {
    match outcome {
        VmOutcome::Unknown => say!(en: "not seen to its end", fr: "fin non observée"),
        VmOutcome::NotAttempted => say!(en: "not attempted", fr: "non tenté"),
        outcome => outcome.said(),
    }
}

/// `3 failed, 30 completed`.
fn outcomes(mut line: Phrase, counts: &[OutcomeCount]) -> Phrase {
    for (index, one) in counts.iter().enumerate() {
        line = line.say(if index > 0 { ", " } else { "" });
        let vms = grouped(one.vms as u64);
        line = line.styled(style(one.outcome), words(one.outcome).map(|words| format!("{vms} {words}")));
    }
    line
}

/// A heading that reaches over the page, with a number behind it.
fn heading(page: &mut Page, title: impl Words, count: usize) {
    page.blank();
    let title = page.phrase().styled(Style::Strong, title).say(" · ").say(counted(count as u64, "VM"));
    page.rule(&title);
}

fn more(page: &mut Page, indent: usize, all: usize, shown: usize) {
    if all > shown {
        let line = say!(
            en: "… and {} more (-v shows all)", grouped((all - shown) as u64);
            fr: "… et {} de plus (-v montre tout)", grouped_in(Lang::Fr, (all - shown) as u64)
        );
        page.paragraph(indent, &page.phrase().styled(Style::Dim, &line));
    }
}

/// Names of VMs as a paragraph, as many as are wanted.
fn names<'n>(page: &mut Page, indent: usize, all: impl ExactSizeIterator<Item = &'n str>, full: bool) {
    let count = all.len();
    let shown = if full { count } else { NAMES };
    let mut line = page.phrase();
    for (index, name) in all.take(shown).enumerate() {
        line = line.say(if index > 0 { "  " } else { "" }).solid(Style::Plain, name);
    }
    page.paragraph(indent, &line);
    more(page, indent, count, shown);
}

/// Whether a row belongs to the failures: its re-key went wrong, or something about its keys is open.
fn is_open(row: &VmRow) -> bool {
    row.outcome.is_failure() || row.incident.is_some()
}

/// A root cause with the first remedy, and the rows that have them.
type Alike<'a> = (Option<(&'a str, &'a str)>, Vec<&'a VmRow>);

/// The failures, those of one root cause and one remedy together.
fn failures(page: &mut Page, audit: &Audit, full: bool) {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for row in audit.rows.iter().filter(|it| is_open(it)) {
        let remedy = row.remedy.as_ref().map_or("", |it| it.id.as_str());
        let key = row.cause.as_ref().map(|it| (it.id.as_str(), remedy));
        match groups.iter_mut().find(|it| it.0 == key) {
            Some(group) => group.1.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    if groups.is_empty() {
        return;
    }
    heading(
        page,
        ("Failed, cut short or open", "Échoué, interrompu ou en suspens"),
        groups.iter().map(|it| it.1.len()).sum(),
    );
    for (at, (_, rows)) in groups.iter().enumerate() {
        if at > 0 {
            page.blank();
        }
        group(page, rows, full);
    }
    page.blank();
    let ids = (
        "I1, I2, … are the incidents of `esxray diagnose` on the same input: the proof, and what else to do.",
        "I1, I2, … sont les incidents de `esxray diagnose` sur la même entrée\u{a0}: les preuves, et que faire d’autre.",
    );
    page.paragraph(0, &page.phrase().styled(Style::Dim, ids));
    let mut said: Vec<&str> = Vec::new();
    for one in groups.iter().flat_map(|it| &it.1).flat_map(|it| &it.do_not) {
        if said.is_empty() {
            page.blank();
            let title = page
                .phrase()
                .styled(Style::Failure, ("Do NOT", "À NE PAS faire"))
                .say((", with these VMs, before they are done", ", avec ces VM, avant la fin du changement"));
            page.paragraph(0, &title);
        }
        if !said.contains(&one.id.as_str()) {
            said.push(&one.id);
            item(page, (Style::Failure, "✗"), &page.phrase().styled(Style::Strong, &one.text));
        }
    }
}

/// Incidents about keys that are no VM's.
fn beside(page: &mut Page, audit: &Audit, full: bool) {
    if audit.beside.is_empty() {
        return;
    }
    page.blank();
    page.rule(&page.phrase().styled(
        Style::Strong,
        ("About keys, and no VM's as far as the input says", "Concerne des clés, mais d’aucune VM d’après l’entrée"),
    ));
    let shown = if full { audit.beside.len() } else { ROWS };
    for one in audit.beside.iter().take(shown) {
        let mut line = page.phrase().say(&one.cause.title);
        if let Some(host) = &one.host {
            line = line.say("  ").styled(Style::Strong, host);
        }
        let grade = Said::from(spoken(one.cause.grade));
        let what = grade.map(|grade| format!("  {grade} · {} · {}", one.cause.id, one.incident));
        item(page, (Style::Failure, "✗"), &line.styled(Style::Dim, &what));
    }
    more(page, 4, audit.beside.len(), shown);
}

fn group(page: &mut Page, rows: &[&VmRow], full: bool) {
    let Some(first) = rows.first() else { return };
    let hosts: Vec<&str> = distinct(rows.iter().filter_map(|it| it.host.as_deref()));
    let place = match hosts.as_slice() {
        [] => Said::default(),
        [one] => say!(en: " on {one}", fr: " sur {one}"),
        several => {
            let hosts = counted(several.len() as u64, "host");
            say!(en: " on {hosts}"; fr: " sur {}", hosts.fr())
        }
    };
    let title = match &first.cause {
        Some(cause) if rows.iter().all(|it| it.cause.as_ref().is_some_and(|it| it.title == cause.title)) => {
            page.phrase().styled(Style::Strong, &cause.title)
        }
        Some(cause) => page.phrase().styled(Style::Strong, &cause.of_many),
        None if first.recovered => {
            page.phrase().styled(Style::Strong, ("Recovered, but not re-keyed", "Rétabli, mais clé inchangée"))
        }
        None => page.phrase().styled(Style::Strong, ("No known cause", "Aucune cause connue")),
    };
    page.paragraph(0, &title);
    let what = Said::join([&counted(rows.len() as u64, "VM"), &place], "");
    let mut line = page.phrase().styled(Style::Dim, &what);
    if let Some(cause) = &first.cause {
        line =
            line.styled(Style::Dim, Said::from(spoken(cause.grade)).map(|grade| format!(" · {grade} · {}", cause.id)));
    }
    page.paragraph(2, &line);
    if let Some(step) = first.failed_step.filter(|step| rows.iter().all(|it| it.failed_step == Some(*step))) {
        let lead = page.phrase().say("  ").styled(Style::Dim, ("stopped at: ", "arrêté à\u{a0}: "));
        page.hang(&lead, &page.phrase().say(step_does(step)));
    }
    let same = |row: &&&VmRow| steps(row) == steps(first);
    let shared = rows.iter().filter(same).count() == rows.len();
    if let Some(remedy) = &first.remedy {
        let lead = page.phrase().say("  ").styled(Style::Strong, ("first ", "d’abord "));
        let cost = cost(page, remedy.service_impact, remedy.history, remedy.reversible);
        let line = page.phrase().styled(Style::Strong, &remedy.title).say("  ").and(&cost);
        page.hang(&lead, &line);
        if let Some(check) = remedy.prechecks.first() {
            let lead = page.phrase().say("        ").styled(Style::Dim, ("before: ", "avant\u{a0}: "));
            page.hang(&lead, &page.phrase().prose(Style::Plain, check));
        }
        if shared {
            write_steps(page, 8, &remedy.steps, hosts.first().copied().filter(|_| hosts.len() == 1));
        }
    } else if first.cause.is_some() {
        page.paragraph(
            2,
            &page.phrase().styled(
                Style::Warning,
                ("no remedy can be offered: see the incident", "aucun remède à proposer\u{a0}: voir l’incident"),
            ),
        );
    }
    let shown = if full { rows.len() } else { FAILED };
    let compact = !full && rows.len() > IN_FULL;
    for row in rows.iter().take(shown) {
        if compact {
            failed_in_short(page, row);
        } else {
            failed(page, row, full, !shared);
        }
    }
    if compact {
        let more = match rows.len().saturating_sub(shown) {
            0 => Said::default(),
            more => say!(
                en: "… and {}; ", grouped(more as u64);
                fr: "… et {}\u{a0}; ", grouped_in(Lang::Fr, more as u64)
            ),
        };
        let what = if shared {
            ("-v shows the objects of each", "-v montre les objets de chacune")
        } else {
            ("-v shows the objects of each, and its commands", "-v montre les objets de chacune et ses commandes")
        };
        page.paragraph(2, &page.phrase().styled(Style::Dim, more).styled(Style::Dim, what));
    } else {
        more(page, 2, rows.len(), shown);
    }
}

fn steps(row: &VmRow) -> Vec<&str> {
    row.remedy.iter().flat_map(|it| &it.steps).map(|it| it.command.as_str()).collect()
}

fn distinct<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let all: std::collections::BTreeSet<&str> = names.collect();
    all.into_iter().collect()
}

/// One line: `✗ APP-05  failed at get-new-key  2 old, 1 unknown  vmid 105  I1`.
fn failed_in_short(page: &mut Page, row: &VmRow) {
    let mut line = how(page, row);
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for object in &row.objects {
        *counts.entry(state_of(object)).or_default() += 1;
    }
    let counted =
        |(word, count): (&'static str, u64)| Said::from(state_words(word)).map(|word| format!("{count} {word}"));
    let counts: Vec<Said> = counts.into_iter().map(counted).collect();
    line = line.say("  ").solid(Style::Plain, Said::join(&counts, ", "));
    let ids = [row.host.clone(), row.vm.vmid.as_ref().map(|it| format!("vmid {it}")), row.incident.clone()];
    for id in ids.into_iter().flatten() {
        line = line.say("  ").solid(Style::Dim, &id);
    }
    item(page, (Style::Failure, "✗"), &line);
}

/// On which key an object is, for a reader.
fn state_words(word: &'static str) -> Both {
    let french = match word {
        "plain" => "non chiffré",
        "old" => "ancienne",
        "new" => "nouvelle",
        "known" => "connue",
        "unknown" => "inconnue",
        other => other,
    };
    (word, french)
}

/// `APP-05  failed at get-new-key`.
fn how(page: &Page, row: &VmRow) -> Phrase {
    let line = page.phrase().styled(Style::Strong, name_of(&row.vm)).say("  ");
    let line = line.styled(style(row.outcome), words(row.outcome));
    match row.failed_step {
        Some(step) => line.say((" at ", " à ")).say(step.word()),
        None => line,
    }
}

fn failed(page: &mut Page, row: &VmRow, full: bool, own_steps: bool) {
    let mark = page.phrase().say("  ").styled(Style::Failure, "✗").say(" ");
    let mut line = how(page, row);
    if row.attempts.len() > 1 {
        line = line.say((", attempt ", ", tentative ")).say(row.attempts.len().to_string());
    }
    if row.from_provider.is_some() || row.to_provider.is_some() {
        let known = |name: &Option<String>| name.clone().unwrap_or_else(|| "?".to_owned());
        line = line.say("  ").solid(Style::Plain, known(&row.from_provider)).say(" → ");
        line = line.solid(Style::Plain, known(&row.to_provider));
    }
    if let Some(incident) = &row.incident {
        line = line.styled(Style::Dim, format!("  {incident}"));
    }
    page.hang(&mark, &line);
    let began = row.attempts.last().and_then(|it| it.began).map(|it| it.to_string());
    let ids = [
        began,
        row.host.clone(),
        row.vm.vmid.as_ref().map(|it| format!("vmid {it}")),
        row.vm.moref.clone(),
        row.vm.datastore.clone().filter(|_| full),
    ];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    if !ids.is_empty() {
        page.paragraph(4, &page.phrase().styled(Style::Dim, ids.join("  ")));
    }
    objects(page, &row.objects, full);
    if own_steps && let Some(remedy) = &row.remedy {
        write_steps(page, 4, &remedy.steps, row.host.as_deref());
    }
}

/// Objects by the provider of their key.
type ByProvider<'o> = BTreeMap<Option<&'o str>, Vec<&'o KeyedObject>>;

/// What each object is on: `old  VM home, device 2000 (…)`; every object by itself where all is wanted.
fn objects(page: &mut Page, objects: &[KeyedObject], full: bool) {
    let tint = |word: &str| match word {
        "new" => Style::Done,
        "old" => Style::Warning,
        _ => Style::Dim,
    };
    let mut groups: BTreeMap<(u8, &'static str), ByProvider<'_>> = BTreeMap::new();
    for object in objects {
        let order = match object.key_state {
            Some(KeyState::New) => 2,
            Some(KeyState::Old) => 0,
            _ => 1,
        };
        let providers = groups.entry((order, state_of(object))).or_default();
        providers.entry(object.provider.as_deref()).or_default().push(object);
    }
    for ((_, word), providers) in groups {
        let lead = page.phrase().say("    ").styled(tint(word), state_words(word)).pad(12);
        let mut line = page.phrase();
        for (provider, objects) in providers {
            let between = if line.is_empty() { "" } else { "; " };
            line = line.say(between);
            for (index, object) in objects.iter().enumerate() {
                line = line.say(if index > 0 { ", " } else { "" }).say(object_name(object));
                if full && let Some(key) = &object.key_id {
                    line = line.styled(Style::Dim, say!(en: " key {key}", fr: " clé {key}"));
                }
            }
            if let Some(provider) = provider {
                line = line.styled(Style::Dim, (" of ", " de ")).styled(Style::Dim, provider);
            }
        }
        page.hang(&lead, &line);
    }
}

/// What needs no reading: not seen to the end, never tried, done.
fn quiet(page: &mut Page, audit: &Audit, full: bool) {
    let parts = [
        (VmOutcome::Unknown, "Not seen to its end"),
        (VmOutcome::NotAttempted, "No attempt seen"),
        (VmOutcome::Completed, "Completed"),
    ];
    for (outcome, title) in parts {
        let rows: Vec<&VmRow> = audit.rows.iter().filter(|it| it.outcome == outcome && !is_open(it)).collect();
        if rows.is_empty() {
            continue;
        }
        heading(page, title, rows.len());
        if full {
            for row in rows {
                done(page, row);
            }
        } else {
            names(page, 2, rows.iter().map(|it| name_of(&it.vm)), full);
        }
    }
}

fn done(page: &mut Page, row: &VmRow) {
    let line = page.phrase().styled(Style::Strong, name_of(&row.vm)).say("  ");
    let mut line = line.styled(style(row.outcome), words(row.outcome));
    if let Some(last) = row.attempts.last().and_then(|it| it.ended.or(it.began)) {
        line = line.say("  ").solid(Style::Dim, last.to_string());
    }
    if row.attempts.len() > 1 {
        line = line.say(format!("  after {}", counted(row.attempts.len() as u64, "attempt")));
    }
    if let Some(host) = &row.host {
        line = line.styled(Style::Dim, "  ").styled(Style::Dim, host);
    }
    let mark = if row.outcome == VmOutcome::Completed { (Style::Done, "✓") } else { (Style::Dim, "·") };
    item(page, mark, &line);
    objects(page, &row.objects, true);
}

/// What the input does not show of VMs; of failures it stands with them.
fn doubts(page: &mut Page, audit: &Audit, full: bool) {
    let rows = audit.rows.iter().filter(|it| !it.doubts.is_empty() && (full || !is_open(it)));
    let rows: Vec<(&str, &[Said])> = rows.map(|it| (name_of(&it.vm), it.doubts.as_slice())).collect();
    if !rows.is_empty() {
        heading(page, ("Not vouched for", "Non garanti"), rows.len());
        reasons(page, &rows, full);
    }
}

/// VMs with the same reasons together.
fn reasons(page: &mut Page, rows: &[(&str, &[Said])], full: bool) {
    let mut groups: Vec<(&[Said], Vec<&str>)> = Vec::new();
    for (name, reasons) in rows {
        match groups.iter_mut().find(|it| it.0 == *reasons) {
            Some(group) => group.1.push(name),
            None => groups.push((reasons, vec![name])),
        }
    }
    let shown = if full { groups.len() } else { ROWS };
    for (reasons, vms) in groups.iter().take(shown) {
        item(page, (Style::Warning, "?"), &page.phrase().say(Said::join(*reasons, "; ")));
        names(page, 4, vms.iter().copied(), full);
    }
    more(page, 4, groups.len(), shown);
}

fn totals(page: &mut Page, audit: &Audit, full: bool) {
    let all = &audit.totals;
    if audit.rows.is_empty() {
        return;
    }
    page.blank();
    page.rule(&page.phrase().styled(Style::Strong, ("Totals", "Totaux")));
    if !all.causes.is_empty() {
        section(page, ("Root causes", "Causes racines"));
        let shown = if full { all.causes.len() } else { ROWS };
        for one in all.causes.iter().take(shown) {
            let hosts = match one.hosts.len() {
                0 => Said::default(),
                count => counted(count as u64, "host").map(|hosts| format!(", {hosts}")),
            };
            let line = page.phrase().say(&one.cause);
            item(page, (Style::Dim, "·"), &line.say("  ").say(counted(one.vms as u64, "VM")).say(&hosts));
        }
        more(page, 4, all.causes.len(), shown);
    }
    places(page, ("Hosts", "Hôtes"), &all.hosts, full);
    places(page, ("Datastores", "Datastores"), &all.datastores, full);
    if all.providers.iter().any(|it| it.provider.is_some()) {
        section(
            page,
            ("Key providers of the objects, as last seen", "Fournisseurs de clés des objets, dernier état vu"),
        );
        for one in &all.providers {
            let name = match &one.provider {
                Some(provider) => page.phrase().styled(Style::Strong, provider),
                None => page.phrase().styled(Style::Dim, ("(not in the input)", "(absent de l’entrée)")),
            };
            let objects = counted(one.objects as u64, "object");
            item(
                page,
                (Style::Dim, "·"),
                &name.say("  ").say(objects).say((" of ", " de ")).say(counted(one.vms as u64, "VM")),
            );
        }
    }
}

fn places(page: &mut Page, title: Both, all: &[PlaceTotal], full: bool) {
    if all.iter().all(|it| it.name.is_none()) {
        return;
    }
    section(page, title);
    let shown = if full { all.len() } else { ROWS };
    for one in all.iter().take(shown) {
        let name = match &one.name {
            Some(name) => page.phrase().styled(Style::Strong, name),
            None => page.phrase().styled(Style::Dim, ("(not in the input)", "(absent de l’entrée)")),
        };
        item(page, (Style::Dim, "·"), &outcomes(name.say("  "), &one.outcomes));
    }
    more(page, 4, all.len(), shown);
}
