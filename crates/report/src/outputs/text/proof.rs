//! The proof: the records that speak for the findings, and those that speak against them.

use std::collections::BTreeSet;

use esxray_diagnosis::{Diagnosis, Evidence, Finding, Incident, Supports};
use esxray_model::Role;

use super::{quote, section};
use crate::page::Page;
use crate::paint::Style;

/// Records shown where not all are wanted.
const PROOF: usize = 3;

/// Records shown at least, where there are so many.
const LEAST: usize = 2;

/// Writes the records for; with `full`, all of them.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
    let chosen = if full { proof(incident) } else { telling(proof(incident)) };
    if chosen.is_empty() {
        return;
    }
    page.blank();
    section(page, ("Proof", "Preuves"));
    for (finding, evidence) in chosen {
        if full {
            let line = page.phrase().styled(Style::Dim, ("for ", "pour ")).say(&finding.cause);
            page.paragraph(2, &line);
        }
        quote::write(page, &diagnosis.sources, evidence, full);
    }
}

/// Records that speak for the findings, the most telling first: those of root causes, each finding's first record
/// before any second one.
fn proof(incident: &Incident) -> Vec<(&Finding, &Evidence)> {
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
    let mut proof = Vec::new();
    loop {
        let round: Vec<_> =
            findings.iter().zip(&mut records).map(|(finding, records)| (*finding, records.next())).collect();
        if round.iter().all(|(_, evidence)| evidence.is_none()) {
            return proof;
        }
        let round = round.into_iter().filter_map(|(finding, evidence)| Some((finding, evidence?)));
        proof.extend(round.filter(|(_, evidence)| seen.insert(evidence.place)));
    }
}

/// A few of them, in the order of time, because that is how they are read.
///
/// A record that means the same as another one adds nothing, but that it was no single line.
fn telling<'a>(proof: Vec<(&'a Finding, &'a Evidence)>) -> Vec<(&'a Finding, &'a Evidence)> {
    let mut meanings = BTreeSet::new();
    let (mut chosen, again): (Vec<_>, Vec<_>) =
        proof.into_iter().partition(|(_, evidence)| meanings.insert(&evidence.meaning));
    chosen.truncate(PROOF);
    let few = LEAST.saturating_sub(chosen.len());
    chosen.extend(again.into_iter().take(few));
    // What a file says carries no time: it comes after what happened.
    chosen.sort_by_key(|(_, evidence)| (evidence.time.is_none(), evidence.time, evidence.place));
    chosen
}

/// Writes the records against; with `full`, all of them.
pub(super) fn against(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident, full: bool) {
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
    section(page, ("Against", "Contre"));
    for (finding, evidence) in records {
        let line = page.phrase().say(("speaks against ", "s’oppose à ")).styled(Style::Warning, &finding.cause);
        page.paragraph(2, &line);
        quote::write(page, &diagnosis.sources, evidence, full);
    }
}
