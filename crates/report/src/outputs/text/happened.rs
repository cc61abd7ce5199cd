//! What happened: when, to which VM, on which host, and how far the re-key went.

use esxray_diagnosis::{
    Diagnosis, Evidence, HostName, Incident, ObjectKind, Rekey, RekeyObject, RekeyStepSeen, VmName,
};
use esxray_model::{KeyState, RekeyOutcome, Said, StepBasis, StepState, say};

use super::{place, section};
use crate::page::{Both, Page, Phrase};
use crate::paint::Style;
use crate::words::{device, duration, interruption_name, span_of_time, spoken, step_does, step_name};

/// Width of the labels.
const LABEL: usize = 8;

/// The same in French.
const LABEL_FR: usize = 11;

/// Column in which the objects on a key are named: behind the label and `unknown`.
const KEYS: usize = 9;

/// Writes the section; with `full`, every name and every path.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    section(page, ("What happened", "Ce qui s’est passé"));
    let known = incident.vm.is_some() || incident.host.is_some() || incident.rekey.is_some();
    if !known && incident.started.or(incident.ended).is_none() {
        let line = page.phrase().say((
            "When it happened, to which VM and on which host is not in the input.",
            "Quand, à quelle VM et sur quel hôte n’est pas dans l’entrée.",
        ));
        page.paragraph(2, &line);
    }
    if let Some(from) = incident.started.or(incident.ended) {
        let to = incident.ended.unwrap_or(from);
        let mut when = page.phrase().solid(Style::Plain, span_of_time(from, to));
        if to > from {
            when = when.solid(Style::Dim, format!("  ({})", duration(to.micros_since(from))));
        }
        labelled(page, ("When", "Quand"), &when);
    }
    if let Some(vm) = &incident.vm {
        labelled(page, ("VM", "VM"), &vm_line(page, vm));
        if let Some(path) = &vm.vmx_path {
            let path = page.phrase().styled(Style::Dim, path);
            if full || vm.name.is_none() || labels(page) + path.width() <= page.width() {
                labelled(page, ("", ""), &path);
            }
        }
        if full {
            vm_ids(page, vm);
        }
    }
    if let Some(host) = &incident.host {
        labelled(page, ("Host", "Hôte"), &host_line(page, host));
    }
    if let Some(rekey) = &incident.rekey {
        rekey_lines(page, diagnosis, incident, rekey, full);
    }
    if let Some(closed) = &incident.recovered {
        let line = page
            .phrase()
            .styled(Style::Done, &closed.meaning)
            .say("  ")
            .styled(Style::Dim, place(diagnosis, closed.place));
        labelled(page, ("Closed", "Clos"), &line);
    }
}

/// Width of the labels in the language of a page, with the indent before them.
fn labels(page: &Page) -> usize {
    2 + page.lang().pick(LABEL, LABEL_FR)
}

fn labelled(page: &mut Page, label: Both, body: &Phrase) {
    let lead = page.phrase().say("  ").say(label).pad(labels(page));
    page.hang(&lead, body);
}

/// A name, or that there is none.
fn named(name: Option<&str>) -> Said {
    name.map_or_else(|| say!(en: "(name not in the logs)", fr: "(nom absent des journaux)"), Said::name)
}

fn vm_line(page: &Page, vm: &VmName) -> Phrase {
    let mut line = page.phrase().styled(Style::Strong, named(vm.name.as_deref()));
    if let Some(vmid) = &vm.vmid {
        line = line.solid(Style::Plain, "  vmid ").solid(Style::Plain, vmid);
    }
    if let Some(moref) = &vm.moref {
        line = line.say("  ").solid(Style::Plain, moref);
    }
    line
}

fn vm_ids(page: &mut Page, vm: &VmName) {
    let ids = [
        (("UUID", "UUID"), &vm.uuid),
        (("instance UUID", "UUID d’instance"), &vm.instance_uuid),
        (("datastore", "datastore"), &vm.datastore),
    ];
    for (name, value) in ids {
        if let Some(value) = value {
            labelled(page, ("", ""), &page.phrase().styled(Style::Dim, name).say(" ").say(value));
        }
    }
}

fn host_line(page: &Page, host: &HostName) -> Phrase {
    let mut line = page.phrase().styled(Style::Strong, named(host.name.as_deref()));
    let product = [&host.product, &host.version].into_iter().flatten().map(String::as_str);
    let mut about: Vec<String> = product.map(str::to_owned).collect();
    if let Some(build) = &host.build {
        about.push(format!("build {build}"));
    }
    if !about.is_empty() {
        line = line.say("  ").say(about.join(" "));
    }
    line
}

fn rekey_lines(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, rekey: &Rekey, full: bool) {
    let nothing =
        [&rekey.from_provider, &rekey.to_provider, &rekey.op_id, &rekey.task].iter().all(|name| name.is_none());
    if nothing && rekey.outcome == RekeyOutcome::Unknown {
        labelled(
            page,
            ("Re-key", "Clé"),
            &page.phrase().styled(Style::Warning, ("not in the logs", "absent des journaux")),
        );
        steps(page, diagnosis, rekey, full);
        return objects(page, diagnosis, incident, rekey, full);
    }
    let known =
        |name: &Option<String>| name.as_ref().map_or_else(|| say!(en: "(unknown)", fr: "(inconnu)"), Said::name);
    let style = match rekey.outcome {
        RekeyOutcome::Completed => Style::Done,
        RekeyOutcome::Unknown => Style::Warning,
        RekeyOutcome::Failed | RekeyOutcome::Interrupted | RekeyOutcome::Partial => Style::Failure,
    };
    let outcome = match rekey.outcome {
        RekeyOutcome::Unknown => ("its end is not in the logs", "sa fin n’est pas dans les journaux"),
        outcome => spoken(outcome),
    };
    let mut line = page
        .phrase()
        .styled(Style::Dim, ("key provider ", "fournisseur de clés "))
        .styled(Style::Strong, known(&rekey.from_provider))
        .say(" → ")
        .styled(Style::Strong, known(&rekey.to_provider))
        .say(("; ", "\u{a0}; "))
        .styled(style, outcome);
    if let Some(cut) = &rekey.interrupted_by {
        line = line.say((" by ", " par ")).say(interruption_name(cut.by));
    } else if rekey.refused_by.is_some() {
        line = line.say((", refused before its first step", ", refusé avant sa première étape"));
    }
    labelled(page, ("Re-key", "Clé"), &line);
    asked(page, rekey, full);
    for (name, value) in [(("opID", "opID"), &rekey.op_id), (("task", "tâche"), &rekey.task)] {
        if let Some(value) = value.as_ref().filter(|_| full) {
            labelled(page, ("", ""), &page.phrase().styled(Style::Dim, name).say(" ").styled(Style::Dim, value));
        }
    }
    steps(page, diagnosis, rekey, full);
    objects(page, diagnosis, incident, rekey, full);
}

/// Who asked, and what was tried before.
fn asked(page: &mut Page, rekey: &Rekey, full: bool) {
    let by: Vec<&str> =
        [&rekey.asked_by.user, &rekey.asked_by.client].into_iter().flatten().map(String::as_str).collect();
    let scope = rekey.scope.map(|scope| {
        if scope == "shallow" {
            ("shallow (no data is rewritten)", "superficiel (shallow, aucune donnée réécrite)")
        } else {
            (scope, "complet (deep)")
        }
    });
    if !by.is_empty() || scope.is_some() {
        let mut line = page.phrase().say(scope.unwrap_or(("", "")));
        if !by.is_empty() {
            let lead =
                if scope.is_some() { (", asked by ", ", demandé par ") } else { ("asked by ", "demandé par ") };
            line = line.styled(Style::Dim, lead).say(by.join(", "));
        }
        if let Some(session) = rekey.asked_by.session.as_ref().filter(|_| full) {
            line = line.say("  ").styled(Style::Dim, ("session", "session")).say(" ").styled(Style::Dim, session);
        }
        labelled(page, ("", ""), &line);
    }
    let before = rekey.attempts.len();
    if before > 0 {
        let text = if before == 1 {
            say!(en: "after 1 earlier attempt", fr: "après 1 tentative antérieure")
        } else {
            say!(en: "after {before} earlier attempts", fr: "après {before} tentatives antérieures")
        };
        let mut line = page.phrase().say(&text);
        for (number, earlier) in rekey.attempts.iter().enumerate().filter(|it| full || it.0 + 1 == before) {
            line = line.say(if full && number > 0 { ("; ", "\u{a0}; ") } else { (": ", "\u{a0}: ") });
            line = line.say(spoken(earlier.outcome));
            if let Some(step) = earlier.failed_step {
                line = line.say((" at ", " à ")).say(step.as_str());
            }
            if let Some(at) = earlier.ended.or(earlier.started) {
                line = line.say(" ").solid(Style::Dim, at.to_string());
            }
        }
        labelled(page, ("", ""), &line);
    }
}

fn steps(page: &mut Page, diagnosis: &Diagnosis, rekey: &Rekey, full: bool) {
    if rekey.steps.iter().all(|seen| seen.state == StepState::NotEvidenced) {
        return;
    }
    let strip = |between: &str| {
        let mut strip = page.phrase();
        for seen in &rekey.steps {
            let (style, mark) = step_mark(seen.state);
            if !strip.is_empty() {
                strip = strip.styled(Style::Dim, between);
            }
            let name = if seen.state == StepState::Failed { style } else { Style::Plain };
            strip = strip.solid(name, step_name(seen.step)).solid(Style::Plain, " ").solid(style, mark);
        }
        strip
    };
    let arrows = strip(" → ");
    let strip = if labels(page) + arrows.width() <= page.width() { arrows } else { strip(" ") };
    labelled(page, ("Steps", "Étapes"), &strip);
    if let Some(step) = rekey.failed_step {
        let line = page.phrase().say(("could not ", "n’a pas pu ")).styled(Style::Failure, step_does(step));
        labelled(page, ("", ""), &line);
    }
    let deduced = |seen: &RekeyStepSeen| seen.state == StepState::Done && seen.basis == Some(StepBasis::Model);
    let unknown = |seen: &RekeyStepSeen| seen.state == StepState::NotEvidenced;
    let notes = [
        rekey.steps.iter().any(deduced).then_some((
            "✓ follows from the order of the steps, no record shows it",
            "✓ découle de l’ordre des étapes, aucun enregistrement ne le montre",
        )),
        rekey.steps.iter().any(unknown).then_some(("? is not in the logs", "? absent des journaux")),
    ];
    let notes: Vec<Said> = notes.into_iter().flatten().map(Said::from).collect();
    if !notes.is_empty() {
        labelled(page, ("", ""), &page.phrase().styled(Style::Dim, Said::join(&notes, "; ")));
    }
    if full {
        let shown = rekey.steps.iter().filter(|seen| !seen.evidence.is_empty() || seen.time.is_some());
        let mut alike: Vec<(Vec<&str>, &RekeyStepSeen)> = Vec::new();
        for seen in shown {
            let places = |of: &RekeyStepSeen| of.evidence.iter().map(|it| it.place).collect::<Vec<_>>();
            match alike.last_mut() {
                Some((names, last))
                    if (last.time, last.basis) == (seen.time, seen.basis) && places(last) == places(seen) =>
                {
                    names.push(seen.step.as_str());
                }
                _ => alike.push((vec![seen.step.as_str()], seen)),
            }
        }
        for (names, seen) in alike {
            let mut line = page.phrase().say(names.join(", "));
            if let Some(time) = seen.time {
                line = line.say(" ").solid(Style::Plain, time.to_string());
            }
            if seen.basis == Some(StepBasis::Model) {
                line = line
                    .say(" ")
                    .styled(Style::Dim, ("(follows from the order of the steps)", "(découle de l’ordre des étapes)"));
            }
            labelled(page, ("", ""), &with_places(page, diagnosis, line, &seen.evidence));
        }
    }
}

const fn step_mark(state: StepState) -> (Style, &'static str) {
    match state {
        StepState::Done => (Style::Done, "✓"),
        StepState::Failed => (Style::Failure, "✗"),
        StepState::NotReached => (Style::Dim, "–"),
        StepState::NotEvidenced => (Style::Dim, "?"),
    }
}

fn with_places(page: &Page, diagnosis: &Diagnosis, line: Phrase, evidence: &[Evidence]) -> Phrase {
    let mut line = line;
    for evidence in evidence {
        line = line.and(&page.phrase().say("  ").styled(Style::Dim, place(diagnosis, evidence.place)));
    }
    line
}

/// One line for each key on which objects of the VM are, so that a mix is seen at once.
fn objects(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, rekey: &Rekey, full: bool) {
    let mut label = ("On key", "Sur la clé");
    let compare = incident.remedies.iter().find(|remedy| remedy.id == "compare-keys");
    for state in [KeyState::New, KeyState::Old, KeyState::Unknown] {
        let of_state: Vec<&RekeyObject> = rekey.objects.iter().filter(|object| object.key_state == state).collect();
        if of_state.is_empty() {
            continue;
        }
        let style = match state {
            KeyState::New => Style::Done,
            KeyState::Old => Style::Warning,
            KeyState::Unknown => Style::Dim,
        };
        let lead =
            page.phrase().say("  ").say(label).pad(labels(page)).styled(style, spoken(state)).pad(labels(page) + KEYS);
        label = ("", "");
        if full {
            let indent = page.phrase().pad(labels(page) + KEYS);
            for (index, object) in of_state.into_iter().enumerate() {
                let mut line = page.phrase().say(object_name(object, true));
                for (name, value) in [(("provider", "fournisseur"), &object.provider), (("key", "clé"), &object.key_id)]
                {
                    if let Some(value) = value {
                        line = line.say("  ").styled(Style::Dim, name).say(" ").say(value);
                    }
                }
                let line = with_places(page, diagnosis, line, &object.evidence);
                page.hang(if index == 0 { &lead } else { &indent }, &line);
            }
        } else {
            let names: Vec<Said> = of_state.iter().map(|object| object_name(object, false)).collect();
            let mut line = page.phrase().say(Said::join(&names, ", "));
            if let Some(remedy) = compare.filter(|_| state == KeyState::Unknown) {
                line = line.styled(
                    Style::Dim,
                    say!(
                        en: "; action {} below shows which", remedy.rank;
                        fr: "\u{a0}; l’action {} ci-dessous le montre", remedy.rank
                    ),
                );
            }
            page.hang(&lead, &line);
        }
    }
}

/// The file's name is enough where the VM's folder is known.
fn object_name(object: &RekeyObject, whole_path: bool) -> Said {
    let path = object.path.as_deref();
    let path = if whole_path { path } else { path.map(|path| path.rsplit('/').next().unwrap_or(path)) };
    match (object.label.as_deref(), path) {
        // The number of a device says nothing to a person who knows the file.
        (Some(label), Some(path)) if !whole_path && label.starts_with("device ") => Said::name(path),
        (Some(label), Some(path)) => device(label).map(|label| format!("{label} ({path})")),
        (Some(label), None) => device(label),
        (None, Some(path)) => Said::name(path),
        (None, None) if object.kind == ObjectKind::VmHome => say!(en: "VM home", fr: "VM Home"),
        (None, None) => say!(en: "disk", fr: "disque"),
    }
}
