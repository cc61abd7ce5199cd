//! What happened: when, to which VM, on which host, and how far the re-key went.

use esxray_diagnosis::{
    Diagnosis, Evidence, HostName, Incident, ObjectKind, Rekey, RekeyObject, RekeyStepSeen, VmName,
};
use esxray_model::{KeyState, RekeyOutcome, StepBasis, StepState};

use super::{place, section};
use crate::page::{Page, Phrase};
use crate::paint::Style;
use crate::words::{duration, interruption_name, span_of_time, step_does, step_name};

/// Width of the labels.
const LABEL: usize = 8;

/// Column in which the objects on a key are named: behind the label and `unknown`.
const KEYS: usize = 2 + LABEL + 9;

/// Writes the section; with `full`, every name and every path.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    section(page, "What happened");
    let known = incident.vm.is_some() || incident.host.is_some() || incident.rekey.is_some();
    if !known && incident.started.or(incident.ended).is_none() {
        let line = page.phrase().say("When it happened, to which VM and on which host is not in the input.");
        page.paragraph(2, &line);
    }
    if let Some(from) = incident.started.or(incident.ended) {
        let to = incident.ended.unwrap_or(from);
        let mut when = page.phrase().solid(Style::Plain, &span_of_time(from, to));
        if to > from {
            when = when.solid(Style::Dim, &format!("  ({})", duration(to.micros_since(from))));
        }
        labelled(page, "When", &when);
    }
    if let Some(vm) = &incident.vm {
        labelled(page, "VM", &vm_line(page, vm));
        if let Some(path) = &vm.vmx_path {
            let path = page.phrase().styled(Style::Dim, path);
            if full || vm.name.is_none() || 2 + LABEL + path.width() <= page.width() {
                labelled(page, "", &path);
            }
        }
        if full {
            vm_ids(page, vm);
        }
    }
    if let Some(host) = &incident.host {
        labelled(page, "Host", &host_line(page, host));
    }
    if let Some(rekey) = &incident.rekey {
        rekey_lines(page, diagnosis, incident, rekey, full);
    }
    if let Some(closed) = &incident.recovered {
        let line = page
            .phrase()
            .styled(Style::Done, &closed.meaning)
            .say("  ")
            .styled(Style::Dim, &place(diagnosis, closed.place));
        labelled(page, "Closed", &line);
    }
}

fn labelled(page: &mut Page, label: &str, body: &Phrase) {
    let lead = page.phrase().say("  ").say(label).pad(2 + LABEL);
    page.hang(&lead, body);
}

fn vm_line(page: &Page, vm: &VmName) -> Phrase {
    let mut line = page.phrase().styled(Style::Strong, vm.name.as_deref().unwrap_or("(name not in the logs)"));
    if let Some(vmid) = &vm.vmid {
        line = line.solid(Style::Plain, "  vmid ").solid(Style::Plain, vmid);
    }
    if let Some(moref) = &vm.moref {
        line = line.say("  ").solid(Style::Plain, moref);
    }
    line
}

fn vm_ids(page: &mut Page, vm: &VmName) {
    let ids = [("UUID", &vm.uuid), ("instance UUID", &vm.instance_uuid), ("datastore", &vm.datastore)];
    for (name, value) in ids {
        if let Some(value) = value {
            labelled(page, "", &page.phrase().styled(Style::Dim, name).say(" ").say(value));
        }
    }
}

fn host_line(page: &Page, host: &HostName) -> Phrase {
    let mut line = page.phrase().styled(Style::Strong, host.name.as_deref().unwrap_or("(name not in the logs)"));
    let product = [&host.product, &host.version].into_iter().flatten().map(String::as_str);
    let mut about: Vec<String> = product.map(str::to_owned).collect();
    if let Some(build) = &host.build {
        about.push(format!("build {build}"));
    }
    if !about.is_empty() {
        line = line.say("  ").say(&about.join(" "));
    }
    line
}

fn rekey_lines(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, rekey: &Rekey, full: bool) {
    let nothing =
        [&rekey.from_provider, &rekey.to_provider, &rekey.op_id, &rekey.task].iter().all(|name| name.is_none());
    if nothing && rekey.outcome == RekeyOutcome::Unknown {
        labelled(page, "Re-key", &page.phrase().styled(Style::Warning, "not in the logs"));
        steps(page, diagnosis, rekey, full);
        return objects(page, diagnosis, incident, rekey, full);
    }
    let known = |name: &Option<String>| name.clone().unwrap_or_else(|| "(unknown)".to_owned());
    let style = match rekey.outcome {
        RekeyOutcome::Completed => Style::Done,
        RekeyOutcome::Unknown => Style::Warning,
        RekeyOutcome::Failed | RekeyOutcome::Interrupted | RekeyOutcome::Partial => Style::Failure,
    };
    let outcome = match rekey.outcome {
        RekeyOutcome::Unknown => "its end is not in the logs",
        outcome => outcome.as_str(),
    };
    let mut line = page
        .phrase()
        .styled(Style::Dim, "key provider ")
        .styled(Style::Strong, &known(&rekey.from_provider))
        .say(" → ")
        .styled(Style::Strong, &known(&rekey.to_provider))
        .say("; ")
        .styled(style, outcome);
    if let Some(cut) = &rekey.interrupted_by {
        line = line.say(" by ").say(interruption_name(cut.by));
    } else if rekey.refused_by.is_some() {
        line = line.say(", refused before its first step");
    }
    labelled(page, "Re-key", &line);
    asked(page, rekey, full);
    for (name, value) in [("opID", &rekey.op_id), ("task", &rekey.task)] {
        if let Some(value) = value.as_ref().filter(|_| full) {
            labelled(page, "", &page.phrase().styled(Style::Dim, name).say(" ").styled(Style::Dim, value));
        }
    }
    steps(page, diagnosis, rekey, full);
    objects(page, diagnosis, incident, rekey, full);
}

/// Who asked, and what was tried before.
fn asked(page: &mut Page, rekey: &Rekey, full: bool) {
    let by: Vec<&str> =
        [&rekey.asked_by.user, &rekey.asked_by.client].into_iter().flatten().map(String::as_str).collect();
    let scope = rekey.scope.map(|scope| if scope == "shallow" { "shallow (no data is rewritten)" } else { scope });
    if !by.is_empty() || scope.is_some() {
        let mut line = page.phrase().say(scope.unwrap_or_default());
        if !by.is_empty() {
            let lead = if scope.is_some() { ", asked by " } else { "asked by " };
            line = line.styled(Style::Dim, lead).say(&by.join(", "));
        }
        if let Some(session) = rekey.asked_by.session.as_ref().filter(|_| full) {
            line = line.say("  ").styled(Style::Dim, "session").say(" ").styled(Style::Dim, session);
        }
        labelled(page, "", &line);
    }
    let before = rekey.attempts.len();
    if before > 0 {
        let text =
            if before == 1 { "after 1 earlier attempt".to_owned() } else { format!("after {before} earlier attempts") };
        let mut line = page.phrase().say(&text);
        for (number, earlier) in rekey.attempts.iter().enumerate().filter(|it| full || it.0 + 1 == before) {
            line = line.say(if full && number > 0 { "; " } else { ": " });
            let how = earlier.failed_step.map(|step| format!(" at {}", step.as_str())).unwrap_or_default();
            line = line.say(&format!("{}{how}", earlier.outcome.as_str()));
            if let Some(at) = earlier.ended.or(earlier.started) {
                line = line.say(" ").solid(Style::Dim, &at.to_string());
            }
        }
        labelled(page, "", &line);
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
    let strip = if 2 + LABEL + arrows.width() <= page.width() { arrows } else { strip(" ") };
    labelled(page, "Steps", &strip);
    if let Some(step) = rekey.failed_step {
        let line = page.phrase().say("could not ").styled(Style::Failure, step_does(step));
        labelled(page, "", &line);
    }
    let deduced = |seen: &RekeyStepSeen| seen.state == StepState::Done && seen.basis == Some(StepBasis::Model);
    let unknown = |seen: &RekeyStepSeen| seen.state == StepState::NotEvidenced;
    let notes = [
        rekey.steps.iter().any(deduced).then_some("✓ follows from the order of the steps, no record shows it"),
        rekey.steps.iter().any(unknown).then_some("? is not in the logs"),
    ];
    let notes: Vec<&str> = notes.into_iter().flatten().collect();
    if !notes.is_empty() {
        labelled(page, "", &page.phrase().styled(Style::Dim, &notes.join("; ")));
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
            let mut line = page.phrase().say(&names.join(", "));
            if let Some(time) = seen.time {
                line = line.say(" ").solid(Style::Plain, &time.to_string());
            }
            if seen.basis == Some(StepBasis::Model) {
                line = line.say(" ").styled(Style::Dim, "(follows from the order of the steps)");
            }
            labelled(page, "", &with_places(page, diagnosis, line, &seen.evidence));
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
        line = line.and(&page.phrase().say("  ").styled(Style::Dim, &place(diagnosis, evidence.place)));
    }
    line
}

/// One line for each key on which objects of the VM are, so that a mix is seen at once.
fn objects(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, rekey: &Rekey, full: bool) {
    let mut label = "On key";
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
        let lead = page.phrase().say("  ").say(label).pad(2 + LABEL).styled(style, state.as_str()).pad(KEYS);
        label = "";
        if full {
            let indent = page.phrase().pad(KEYS);
            for (index, object) in of_state.into_iter().enumerate() {
                let mut line = page.phrase().say(&object_name(object, true));
                for (name, value) in [("provider", &object.provider), ("key", &object.key_id)] {
                    if let Some(value) = value {
                        line = line.say("  ").styled(Style::Dim, name).say(" ").say(value);
                    }
                }
                let line = with_places(page, diagnosis, line, &object.evidence);
                page.hang(if index == 0 { &lead } else { &indent }, &line);
            }
        } else {
            let names: Vec<String> = of_state.iter().map(|object| object_name(object, false)).collect();
            let mut line = page.phrase().say(&names.join(", "));
            if let Some(remedy) = compare.filter(|_| state == KeyState::Unknown) {
                line = line.styled(Style::Dim, &format!("; action {} below shows which", remedy.rank));
            }
            page.hang(&lead, &line);
        }
    }
}

/// The file's name is enough where the VM's folder is known.
fn object_name(object: &RekeyObject, whole_path: bool) -> String {
    let path = object.path.as_deref();
    let path = if whole_path { path } else { path.map(|path| path.rsplit('/').next().unwrap_or(path)) };
    match (object.label.as_deref(), path) {
        // The number of a device says nothing to a person who knows the file.
        (Some(label), Some(path)) if !whole_path && label.starts_with("device ") => path.to_owned(),
        (Some(label), Some(path)) => format!("{label} ({path})"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) if object.kind == ObjectKind::VmHome => "VM home".to_owned(),
        (None, None) => object.kind.as_str().to_owned(),
    }
}
