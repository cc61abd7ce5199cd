//! One incident: what happened, why, the proof, what to do first, what not to do.

use std::collections::BTreeSet;

use esxray_diagnosis::{Diagnosis, Incident, Withheld};
use esxray_model::{IncidentKind, Role, Said, Severity, say};

use super::{happened, item, proof, remedy, section, title_of, why};
use crate::outputs::why_not::{conclusion, conditions};
use crate::page::{Both, Page};
use crate::paint::Style;
use crate::words::spoken;

/// Writes an incident; with `full`, all that is known of it.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    heading(page, diagnosis, incident);
    happened::write(page, diagnosis, incident, full);
    let twin = if full { None } else { earlier_twin(diagnosis, incident) };
    why::write(page, incident, full, twin.is_none());
    proof::write(page, diagnosis, incident, full);
    proof::against(page, diagnosis, incident, full);
    missing(page, incident);
    traces(page, diagnosis, incident, full);
    if let Some(twin) = twin {
        page.blank();
        section(page, ("Do first", "À faire d’abord"));
        let same = say!(
            en: "as for {}: what to do, and what not to do (-v prints it with the names of this incident)", twin.id;
            fr: "comme pour {}\u{a0}: que faire et que ne pas faire (-v l’affiche avec les noms de cet incident)", twin.id
        );
        page.paragraph(2, &page.phrase().say(&same));
    } else {
        remedy::write(page, incident, full);
        withheld(page, incident);
        do_not(page, incident, full);
    }
}

/// How its causes and those that could stand behind them were judged, where that was asked for.
fn traces(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    for trace in diagnosis.traces.get(&incident.id).into_iter().flatten() {
        page.blank();
        section(page, say!(en: "Trace of {}", trace.cause; fr: "Trace de {}", trace.cause));
        conclusion(page, 2, trace);
        conditions(page, &diagnosis.sources, trace, full);
    }
}

/// An incident further up with the same causes and the same advice: fifty VMs can fail in the same way.
pub(crate) fn earlier_twin<'a>(diagnosis: &'a Diagnosis, incident: &Incident) -> Option<&'a Incident> {
    fn advice(incident: &Incident) -> [Vec<&str>; 4] {
        let causes = incident.findings.iter().filter(|finding| finding.role == Role::RootCause);
        [
            causes.map(|finding| finding.cause.as_str()).collect(),
            incident.remedies.iter().map(|remedy| remedy.id.as_str()).collect(),
            incident.withheld.iter().map(|remedy| remedy.id.as_str()).collect(),
            incident.do_not.iter().map(|one| one.id.as_str()).collect(),
        ]
    }
    let earlier = diagnosis.incidents.iter().take_while(|earlier| earlier.id != incident.id);
    earlier.filter(|earlier| earlier.recovered.is_none()).find(|earlier| advice(earlier) == advice(incident))
}

fn heading(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident) {
    let worst = incident.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info);
    let mut title =
        page.phrase().styled(Style::Strong, &incident.id).say(" · ").say(kind_name(incident.kind)).say(" · ");
    title = if incident.recovered.is_some() {
        title.styled(Style::Done, ("recovered", "rétabli"))
    } else {
        title.styled(severity_style(worst), spoken(worst))
    };
    page.rule(&title);
    // The only incident's title is the verdict line, which stands right above.
    if diagnosis.incidents.len() > 1 {
        let title = page.phrase().styled(Style::Strong, title_of(incident));
        page.paragraph(0, &title);
        page.blank();
    }
}

const fn kind_name(kind: IncidentKind) -> Both {
    match kind {
        IncidentKind::Rekey => ("re-key", "changement de clé"),
        IncidentKind::VmLocked => ("locked VM", "VM verrouillée"),
        IncidentKind::PowerOn => ("power-on", "mise sous tension"),
        IncidentKind::Disk => ("disk", "disque"),
        IncidentKind::Storage => ("storage", "stockage"),
        IncidentKind::Host => ("host", "hôte"),
        IncidentKind::Ha => ("vSphere HA", "vSphere HA"),
        IncidentKind::Forensic => ("traces", "traces"),
        IncidentKind::Other => ("other", "autre"),
    }
}

pub(crate) const fn severity_style(severity: Severity) -> Style {
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
    section(page, ("Missing from the input", "Absent de l’entrée"));
    for one in missing {
        let line =
            page.phrase().styled(Style::Strong, &one.what).say((" would ", " permettrait de\u{a0}: ")).say(&one.would);
        item(page, (Style::Warning, "?"), &line);
    }
}

fn withheld(page: &mut Page, incident: &Incident) {
    if incident.withheld.is_empty() {
        return;
    }
    page.blank();
    section(page, ("Not now", "Pas maintenant"));
    // One fact often holds several of them back.
    let mut reasons: Vec<(&Said, Vec<&Withheld>)> = Vec::new();
    for one in &incident.withheld {
        match reasons.iter_mut().find(|(because, _)| **because == one.because) {
            Some((_, held)) => held.push(one),
            None => reasons.push((&one.because, vec![one])),
        }
    }
    for (because, held) in reasons {
        for one in held {
            item(page, (Style::Warning, "–"), &page.phrase().styled(Style::Strong, &one.title));
        }
        let lead = page.phrase().pad(4).styled(Style::Dim, ("because ", "car "));
        page.hang_under(&lead, &page.phrase().pad(4), &page.phrase().prose(Style::Plain, because));
    }
}

fn do_not(page: &mut Page, incident: &Incident, full: bool) {
    if incident.do_not.is_empty() {
        return;
    }
    page.blank();
    let title = page.phrase().styled(Style::Failure, ("Do NOT", "À NE PAS faire"));
    page.paragraph(0, &title);
    for one in &incident.do_not {
        let mut line = page.phrase().styled(Style::Strong, &one.text);
        if full {
            let between = if one.text.en().ends_with(['.', '!']) { (" ", " ") } else { (": ", "\u{a0}: ") };
            line = line.say(between).prose(Style::Plain, &one.reason);
        }
        item(page, (Style::Failure, "✗"), &line);
    }
}
