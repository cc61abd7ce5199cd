//! The chain from cause to effect: root causes, each with what it explains below it.

use esxray_diagnosis::{Finding, Incident, Supports};
use esxray_model::{Role, Said};

use super::markup::Html;
use super::view::{Proofs, View};
use super::words::{count, grade_badge, moment, role, severity_badge};

/// Writes it.
pub(super) fn write(h: &mut Html, view: &View<'_>, incident: &Incident, proofs: &Proofs<'_>) {
    h.leaf("h3", "", view.pick("From cause to effect", "De la cause à l’effet"));
    let findings = || incident.findings.iter().enumerate();
    if findings().all(|(_, one)| one.role != Role::RootCause) {
        h.leaf("p", "", view.pick("The root cause is not known.", "La cause racine n’est pas connue."));
    }
    let mut told: Vec<usize> = Vec::new();
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for (root, _) in findings().filter(|(_, one)| one.role == Role::RootCause) {
        let mut chain = vec![root];
        told.push(root);
        // A consequence may have consequences of its own, so the chain goes on until there are no more.
        let mut next = 0;
        while let Some(explained) = chain.get(next).and_then(|at| incident.findings.get(*at)) {
            let effects = findings().filter(|(at, one)| explained.explains.contains(&one.cause) && !told.contains(at));
            let effects: Vec<usize> = effects.map(|(at, _)| at).collect();
            told.extend(&effects);
            chain.extend(effects);
            next += 1;
        }
        chains.push(chain);
    }
    chains.extend(findings().filter(|(at, _)| !told.contains(at)).map(|(at, _)| vec![at]));
    for chain in chains {
        h.el("ol", &[("class", "chain")], |h| {
            for at in chain {
                if let Some(finding) = incident.findings.get(at) {
                    link(h, view, finding, &format!("{}-f{at}", proofs.anchor), proofs);
                }
            }
        });
    }
}

/// One link of the chain.
fn link(h: &mut Html, view: &View<'_>, finding: &Finding, anchor: &str, proofs: &Proofs<'_>) {
    let class = match finding.role {
        Role::RootCause => "link root",
        Role::Contributing => "link beside",
        Role::Consequence => "link effect",
    };
    h.el("li", &[("class", class), ("id", anchor)], |h| {
        h.el("p", &[("class", "meta")], |h| {
            h.leaf("span", "role", role(finding.role, view.lang));
            grade_badge(h, finding.grade, view.lang);
            severity_badge(h, finding.severity, view.lang);
        });
        h.leaf("p", "title", finding.title.r#in(view.lang));
        if finding.role == Role::RootCause {
            h.prose("p", "", finding.explanation.r#in(view.lang));
        }
        h.el("p", &[("class", "meta small")], |h| {
            h.leaf("code", "", &finding.cause);
            let records = ["enregistrement", "enregistrements"];
            h.leaf("span", "muted", &count(finding.count, view.lang, ["record", "records"], records));
            if let Some(first) = finding.first_seen {
                h.el("span", &[("class", "muted")], |h| {
                    moment(h, first, true);
                    if let Some(last) = finding.last_seen.filter(|last| *last > first) {
                        h.text(" → ");
                        moment(h, last, last.as_micros() / DAY != first.as_micros() / DAY);
                    }
                });
            }
            proofs.links(h, &finding.evidence);
        });
        against(h, view, finding, proofs);
        more(h, view, finding);
    });
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

fn against(h: &mut Html, view: &View<'_>, finding: &Finding, proofs: &Proofs<'_>) {
    let against: Vec<_> = finding.evidence.iter().filter(|one| one.supports == Supports::Against).cloned().collect();
    if against.is_empty() {
        return;
    }
    h.el("p", &[("class", "small against")], |h| {
        h.leaf("strong", "", view.pick("Against it: ", "Ce qui s’y oppose\u{a0}: "));
        proofs.links(h, &against);
    });
}

/// What was captured, how a person confirms it, where it is public.
fn more(h: &mut Html, view: &View<'_>, finding: &Finding) {
    let explanation = finding.role != Role::RootCause && !finding.explanation.is_empty();
    if !explanation && finding.captures.is_empty() && finding.confirm.is_empty() && finding.sources.is_empty() {
        return;
    }
    h.el("details", &[("class", "quiet")], |h| {
        h.leaf("summary", "", view.pick("Details, and how to confirm it", "Détails, et comment le confirmer"));
        if explanation {
            h.prose("p", "", finding.explanation.r#in(view.lang));
        }
        if !finding.captures.is_empty() {
            h.el("dl", &[("class", "facts")], |h| {
                for (name, value) in &finding.captures {
                    h.leaf("dt", "", name);
                    h.el("dd", &[], |h| h.leaf("code", "", value));
                }
            });
        }
        list(h, view, ("Confirm by", "Pour confirmer"), &finding.confirm);
        sources(h, view, &finding.sources);
    });
}

/// A heading with its list, where there is anything in it.
pub(super) fn list(h: &mut Html, view: &View<'_>, heading: (&str, &str), texts: &[Said]) {
    if texts.is_empty() {
        return;
    }
    h.leaf("p", "label", view.pick(heading.0, heading.1));
    h.el("ul", &[], |h| texts.iter().for_each(|text| h.prose("li", "", text.r#in(view.lang))));
}

/// Where something is public. Only an `https` address becomes a link, and only when a person follows it.
pub(super) fn sources(h: &mut Html, view: &View<'_>, sources: &[String]) {
    if sources.is_empty() {
        return;
    }
    h.leaf("p", "label", view.pick("Public sources", "Sources publiques"));
    h.el("ul", &[("class", "sources")], |h| {
        for source in sources {
            h.el("li", &[], |h| {
                if source.starts_with("https://") && source.chars().all(|c| c.is_ascii_graphic()) {
                    let attrs = [("href", source.as_str()), ("rel", "noopener noreferrer")];
                    h.el("a", &attrs, |h| h.text(source));
                } else {
                    h.text(source);
                }
            });
        }
    });
}
