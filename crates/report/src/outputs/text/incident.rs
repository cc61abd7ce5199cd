//! One incident: what happened, why, the proof, what to do first, what not to do.

use std::collections::BTreeSet;

use esxray_diagnosis::{Diagnosis, Incident};
use esxray_model::{IncidentKind, Severity};

use super::{happened, item, proof, remedy, section, why};
use crate::page::Page;
use crate::paint::Style;

/// Writes an incident; with `full`, all that is known of it.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    heading(page, diagnosis, incident);
    happened::write(page, diagnosis, incident, full);
    why::write(page, incident, full);
    proof::write(page, diagnosis, incident, full);
    proof::against(page, diagnosis, incident, full);
    missing(page, incident);
    remedy::write(page, incident, full);
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
