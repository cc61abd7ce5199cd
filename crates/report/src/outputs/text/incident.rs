//! One incident: what happened, why, the proof, what to do first, what not to do.

use std::collections::BTreeSet;

use esxray_diagnosis::{
    Diagnosis, Evidence, Finding, HostName, Incident, Rekey, RekeyObject, Remedy, RemedyStep, Supports, VmName,
};
use esxray_knowledge::{History, ServiceImpact, Shell};
use esxray_model::{Grade, IncidentKind, KeyState, RekeyOutcome, Role, Severity, StepState};

use super::{item, place, quote, section};
use crate::page::{Page, Phrase};
use crate::paint::Style;
use crate::words::{Word, counted, duration, grade_means, is_typed, shell_name, span_of_time, step_does};

/// Records shown as proof where not all are wanted.
const PROOF: usize = 4;

/// Remedies shown with their commands where not all are wanted.
const REMEDIES: usize = 3;

/// Width of the labels under "What happened".
const LABEL: usize = 8;

/// Column in which the objects on a key are named: behind the label and `unknown`.
const KEYS: usize = 2 + LABEL + 9;

/// Writes an incident; with `full`, all that is known of it.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    heading(page, diagnosis, incident);
    happened(page, diagnosis, incident, full);
    why(page, incident, full);
    proof(page, diagnosis, incident, full);
    against(page, diagnosis, incident, full);
    missing(page, incident);
    remedies(page, incident, full);
    withheld(page, incident);
    do_not(page, incident);
}

fn heading(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident) {
    let worst = incident.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info);
    let mut title =
        page.phrase().styled(Style::Strong, &incident.id).say(" · ").say(kind_name(incident.kind)).say(" · ");
    title = if incident.recovered.is_some() {
        title.styled(Style::Done, "recovered")
    } else {
        title.styled(severity_style(worst), worst.as_str())
    };
    page.rule(&title);
    // The only incident's title is the verdict line, which stands right above.
    if diagnosis.incidents.len() > 1 {
        let title = page.phrase().styled(Style::Strong, &incident.title);
        page.paragraph(0, &title);
        page.blank();
    }
}

const fn kind_name(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Rekey => "re-key",
        IncidentKind::VmLocked => "locked VM",
        IncidentKind::PowerOn => "power-on",
        IncidentKind::Disk => "disk",
        IncidentKind::Storage => "storage",
        IncidentKind::Host => "host",
        IncidentKind::Ha => "vSphere HA",
        IncidentKind::Forensic => "traces",
        IncidentKind::Other => "other",
    }
}

const fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::Error => Style::Failure,
        Severity::Warning => Style::Warning,
        Severity::Info => Style::Plain,
    }
}

fn happened(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    section(page, "What happened");
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
        rekey_lines(page, diagnosis, rekey, full);
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

fn rekey_lines(page: &mut Page, diagnosis: &Diagnosis, rekey: &Rekey, full: bool) {
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
        .styled(Style::Strong, &known(&rekey.from_provider))
        .say(" → ")
        .styled(Style::Strong, &known(&rekey.to_provider))
        .say("  ");
    if let Some(scope) = rekey.scope {
        line = line.say(scope).say(", ");
    }
    line = line.styled(style, outcome);
    labelled(page, "Re-key", &line);
    for (name, value) in [("opID", &rekey.op_id), ("task", if full { &rekey.task } else { &None })] {
        if let Some(value) = value {
            labelled(page, "", &page.phrase().styled(Style::Dim, name).say(" ").styled(Style::Dim, value));
        }
    }
    steps(page, diagnosis, rekey, full);
    objects(page, diagnosis, rekey, full);
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
            strip = strip.solid(name, seen.step.as_str()).solid(Style::Plain, " ").solid(style, mark);
        }
        strip
    };
    let arrows = strip(" → ");
    let strip = if 2 + LABEL + arrows.width() <= page.width() { arrows } else { strip(" ") };
    labelled(page, "Steps", &strip);
    if let Some(step) = rekey.failed_step {
        let line = page.phrase().say("stopped at: ").styled(Style::Failure, step_does(step));
        labelled(page, "", &line);
    }
    if full {
        for seen in rekey.steps.iter().filter(|seen| !seen.evidence.is_empty() || seen.time.is_some()) {
            let mut line = page.phrase().say(seen.step.as_str());
            if let Some(time) = seen.time {
                line = line.say(" ").solid(Style::Plain, &time.to_string());
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
fn objects(page: &mut Page, diagnosis: &Diagnosis, rekey: &Rekey, full: bool) {
    let mut label = "Keys";
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
            page.hang(&lead, &page.phrase().say(&names.join(", ")));
        }
    }
}

/// The file's name is enough where the VM's folder is known.
fn object_name(object: &RekeyObject, whole_path: bool) -> String {
    let path = object.path.as_deref();
    let path = if whole_path { path } else { path.map(|path| path.rsplit('/').next().unwrap_or(path)) };
    match (object.label.as_deref(), path) {
        (Some(label), Some(path)) => format!("{label} ({path})"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => object.kind.as_str().to_owned(),
    }
}

fn why(page: &mut Page, incident: &Incident, full: bool) {
    page.blank();
    section(page, "Why");
    let (roots, others): (Vec<_>, Vec<_>) =
        incident.findings.iter().partition(|finding| finding.role == Role::RootCause);
    let explained: BTreeSet<&str> = roots.iter().flat_map(|root| &root.explains).map(String::as_str).collect();
    if roots.is_empty() {
        let line = page.phrase().say("The root cause is not known.");
        page.paragraph(2, &line);
    }
    for root in &roots {
        cause(page, root, full);
        for effect in others.iter().filter(|other| root.explains.contains(&other.cause)) {
            consequence(page, "→", "explains:", effect, full);
            if full {
                details(page, 6, effect);
            }
        }
    }
    for other in others.iter().filter(|other| !explained.contains(other.cause.as_str())) {
        if full {
            cause(page, other, full);
        } else {
            let word = if other.role == Role::Contributing { "contributing:" } else { "also seen:" };
            consequence(page, "+", word, other, full);
        }
    }
}

fn cause(page: &mut Page, finding: &Finding, full: bool) {
    let style = match finding.grade {
        Grade::Confirmed => Style::Failure,
        Grade::Probable | Grade::Possible => Style::Warning,
    };
    let lead = page.phrase().say("  ").styled(style, finding.grade.as_str()).say(": ");
    let title = page.phrase().styled(Style::Strong, &finding.title);
    let indent = page.phrase().pad(4);
    page.hang_under(&lead, &indent, &title);
    let explanation = page.phrase().prose(Style::Plain, &finding.explanation);
    if !explanation.is_empty() {
        page.paragraph(4, &explanation);
    }
    let about = format!("{} · {}", finding.cause, counted(finding.count, "record"));
    let mut about = page.phrase().styled(Style::Dim, &about);
    if let Some(first) = finding.first_seen.filter(|_| full) {
        let last = finding.last_seen.unwrap_or(first);
        about = about.styled(Style::Dim, " · ").solid(Style::Dim, &span_of_time(first, last));
    }
    page.paragraph(4, &about);
    if full {
        details(page, 4, finding);
    }
}

fn details(page: &mut Page, indent: usize, finding: &Finding) {
    let meaning = format!("{}: {}", finding.grade, grade_means(finding.grade));
    page.paragraph(indent, &page.phrase().styled(Style::Dim, &meaning));
    for (name, value) in &finding.captures {
        let line = page.phrase().styled(Style::Dim, name).say(" = ").say(value);
        page.paragraph(indent, &line);
    }
    for (word, texts) in [("confirm by: ", &finding.confirm), ("source: ", &finding.sources)] {
        for text in texts {
            let lead = page.phrase().pad(indent).styled(Style::Dim, word);
            page.hang(&lead, &page.phrase().prose(Style::Plain, text));
        }
    }
}

fn consequence(page: &mut Page, mark: &str, word: &str, finding: &Finding, full: bool) {
    let mut line = page.phrase().styled(Style::Dim, word).say(" ").say(&finding.title);
    if full {
        line = line.styled(Style::Dim, &format!("  {} · {}", finding.cause, counted(finding.count, "record")));
    }
    let lead = page.phrase().say("    ").styled(Style::Dim, mark).say(" ");
    page.hang(&lead, &line);
}

fn proof(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    let chosen = chosen_proof(incident, if full { usize::MAX } else { PROOF });
    if chosen.is_empty() {
        return;
    }
    page.blank();
    section(page, "Proof");
    for (finding, evidence) in chosen {
        if full {
            let line = page.phrase().styled(Style::Dim, "for ").say(&finding.cause);
            page.paragraph(2, &line);
        }
        quote::write(page, diagnosis, evidence, full);
    }
}

/// Records that speak for the findings: those of root causes first, each finding's first record before any second one.
///
/// They are then put in the order of time, because that is how they are read.
fn chosen_proof(incident: &Incident, most: usize) -> Vec<(&Finding, &Evidence)> {
    let mut findings: Vec<&Finding> = incident.findings.iter().collect();
    findings.sort_by_key(|finding| match finding.role {
        Role::RootCause => 0,
        Role::Consequence => 1,
        Role::Contributing => 2,
    });
    let mut records: Vec<_> = findings
        .iter()
        .map(|finding| finding.evidence.iter().filter(|evidence| evidence.supports == Supports::For))
        .collect();
    let mut seen = BTreeSet::new();
    let mut chosen = Vec::new();
    loop {
        let round: Vec<_> =
            findings.iter().zip(&mut records).map(|(finding, records)| (*finding, records.next())).collect();
        if round.iter().all(|(_, evidence)| evidence.is_none()) {
            break;
        }
        let round = round.into_iter().filter_map(|(finding, evidence)| Some((finding, evidence?)));
        chosen.extend(round.filter(|(_, evidence)| seen.insert(evidence.place)));
    }
    chosen.truncate(most);
    chosen.sort_by_key(|(_, evidence)| (evidence.time, evidence.place));
    chosen
}

fn against(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    let mut seen = BTreeSet::new();
    let records: Vec<(&Finding, &Evidence)> = incident
        .findings
        .iter()
        .flat_map(|finding| finding.evidence.iter().map(move |evidence| (finding, evidence)))
        .filter(|(_, evidence)| evidence.supports == Supports::Against && seen.insert(evidence.place))
        .take(if full { usize::MAX } else { PROOF / 2 })
        .collect();
    if records.is_empty() {
        return;
    }
    page.blank();
    section(page, "Against");
    for (finding, evidence) in records {
        let line = page.phrase().say("speaks against ").styled(Style::Warning, &finding.cause);
        page.paragraph(2, &line);
        quote::write(page, diagnosis, evidence, full);
    }
}

fn missing(page: &mut Page, incident: &Incident) {
    let missing: BTreeSet<_> = incident.findings.iter().flat_map(|finding| &finding.missing_evidence).collect();
    if missing.is_empty() {
        return;
    }
    page.blank();
    section(page, "Missing");
    for one in missing {
        let line = page.phrase().styled(Style::Strong, &one.what).say(" would ").say(&one.would);
        item(page, (Style::Warning, "?"), &line);
    }
}

fn remedies(page: &mut Page, incident: &Incident, full: bool) {
    if incident.remedies.is_empty() {
        return;
    }
    page.blank();
    section(page, "Do first");
    for (index, remedy) in incident.remedies.iter().enumerate() {
        if index >= REMEDIES && !full {
            let lead = page.phrase().say(&format!("  {} ", remedy.rank));
            let line = page.phrase().say(&remedy.title).say("  ").and(&cost(page, remedy));
            page.hang(&lead, &line);
        } else {
            write_remedy(page, incident, remedy, full);
        }
    }
}

fn write_remedy(page: &mut Page, incident: &Incident, remedy: &Remedy, full: bool) {
    let lead = page.phrase().say("  ").styled(Style::Strong, &format!("{} ", remedy.rank));
    let indent = lead.width();
    let title = page.phrase().styled(Style::Strong, &remedy.title);
    let cost = cost(page, remedy);
    if indent + title.width() + 2 + cost.width() <= page.width() {
        page.hang(&lead, &title.say("  ").and(&cost));
    } else {
        page.hang(&lead, &title);
        page.paragraph(indent, &cost);
    }
    if full {
        let paragraphs = [("kind: ", remedy.kind.word()), ("why: ", &remedy.why), ("applies: ", &remedy.applies)];
        for (word, text) in paragraphs {
            noted(page, indent, word, text);
        }
    }
    let careful = remedy.service_impact != ServiceImpact::None || remedy.history == History::Lost || !remedy.reversible;
    listed(page, indent, "before: ", &remedy.prechecks, full || careful);
    let mut shell = None;
    for step in &remedy.steps {
        if shell != Some(step.shell) {
            shell = Some(step.shell);
            let mut line = page.phrase().styled(Style::Dim, shell_name(step.shell));
            let host = incident.host.as_ref().and_then(|host| host.name.as_ref());
            if let (Shell::EsxiShell, Some(host)) = (step.shell, host) {
                line = line.styled(Style::Dim, " on ").styled(Style::Dim, host);
            }
            page.paragraph(indent, &line);
        }
        write_step(page, indent + 2, step);
    }
    listed(page, indent, "then: ", &remedy.verify, full);
    if full {
        for (word, texts) in [("risk: ", &remedy.risks), ("source: ", &remedy.sources)] {
            for text in texts {
                noted(page, indent, word, text);
            }
        }
    }
}

/// `no impact · history kept · reversible`, loud where it is none of these.
fn cost(page: &Page, remedy: &Remedy) -> Phrase {
    let impact = match remedy.service_impact {
        ServiceImpact::None => (Style::Done, "no impact"),
        ServiceImpact::Degraded => (Style::Warning, "degraded for a while"),
        ServiceImpact::Outage => (Style::Warning, "outage"),
    };
    let history = match remedy.history {
        History::Kept => Some((Style::Done, "history kept")),
        History::Lost => Some((Style::Warning, "history LOST")),
        History::NotConcerned => None,
    };
    let undo = if remedy.reversible { (Style::Done, "reversible") } else { (Style::Warning, "NOT reversible") };
    let mut cost = page.phrase();
    for (style, word) in [Some(impact), history, Some(undo)].into_iter().flatten() {
        if !cost.is_empty() {
            cost = cost.solid(Style::Dim, " · ");
        }
        cost = cost.solid(style, word);
    }
    cost
}

fn write_step(page: &mut Page, indent: usize, step: &RemedyStep) {
    if let Some(note) = &step.note {
        let note = page.phrase().prose(Style::Dim, note);
        page.paragraph(indent, &note);
    }
    let lines: Vec<Phrase> = step.command.lines().map(|line| page.phrase().exact(Style::Command, line)).collect();
    let altered = lines.iter().any(Phrase::altered);
    if altered {
        // Not even its line breaks can be trusted.
        page.paragraph(indent, &page.phrase().styled(Style::Command, &step.command));
    } else if is_typed(step.shell) {
        for line in &lines {
            page.whole(indent, line);
        }
    } else {
        page.paragraph(indent, &page.phrase().prose(Style::Command, &step.command));
    }
    let mut warn = |text: &str| {
        let line = page.phrase().styled(Style::Warning, text);
        page.paragraph(indent, &line);
    };
    if !step.complete {
        let names = placeholders(&step.command);
        let names = if names.is_empty() { "what is missing".to_owned() } else { names.join(", ") };
        warn(&format!("fill in first: {names}"));
    }
    if altered {
        warn("do not paste this: it holds characters that cannot be shown; the JSON report has it whole");
    }
}

/// What is left to fill in, such as `<vmid>`.
fn placeholders(command: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (start, _) in command.match_indices('<') {
        let rest = command.get(start..).unwrap_or_default();
        let Some(end) = rest.find('>') else { continue };
        let name = rest.get(..=end).unwrap_or_default();
        let inside = name.trim_matches(['<', '>']);
        let is_name = !inside.is_empty() && inside.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
        if is_name && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn noted(page: &mut Page, indent: usize, word: &str, text: &str) {
    let lead = page.phrase().pad(indent).styled(Style::Dim, word);
    let body = page.phrase().prose(Style::Plain, text);
    if !body.is_empty() {
        page.hang(&lead, &body);
    }
}

/// All of the texts, or the first and how many more there are.
fn listed(page: &mut Page, indent: usize, word: &str, texts: &[String], all: bool) {
    for text in texts.iter().take(if all { usize::MAX } else { 1 }) {
        noted(page, indent, word, text);
    }
}

fn withheld(page: &mut Page, incident: &Incident) {
    if incident.withheld.is_empty() {
        return;
    }
    page.blank();
    section(page, "Not now");
    for one in &incident.withheld {
        let line = page.phrase().styled(Style::Strong, &one.title).say(": ").prose(Style::Plain, &one.because);
        item(page, (Style::Warning, "–"), &line);
    }
}

fn do_not(page: &mut Page, incident: &Incident) {
    if incident.do_not.is_empty() {
        return;
    }
    page.blank();
    let title = page.phrase().styled(Style::Failure, "Do NOT");
    page.paragraph(0, &title);
    for one in &incident.do_not {
        let between = if one.text.ends_with(['.', '!']) { " " } else { ": " };
        let line = page.phrase().styled(Style::Strong, &one.text).say(between).prose(Style::Plain, &one.reason);
        item(page, (Style::Failure, "✗"), &line);
    }
}
