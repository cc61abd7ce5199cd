//! Why: root causes with their grade, and what they explain.

use std::collections::BTreeSet;

use esxray_diagnosis::{Finding, Incident};
use esxray_model::{Grade, Role, say};

use super::remedy::listed;
use super::section;
use crate::page::{Both, Page};
use crate::paint::Style;
use crate::words::{counted, grade_means, grade_says, span_of_time, spoken};

/// Writes the section; with `full`, what was captured, how to confirm it, and where it is public.
///
/// Without `explained`, the reader has met the explanation of these causes already.
pub(super) fn write(page: &mut Page, incident: &Incident, full: bool, explained: bool) {
    page.blank();
    section(page, ("Why", "Pourquoi"));
    let (roots, others): (Vec<_>, Vec<_>) =
        incident.findings.iter().partition(|finding| finding.role == Role::RootCause);
    if roots.is_empty() {
        let line = page.phrase().say(("The root cause is not known.", "La cause racine n’est pas connue."));
        page.paragraph(2, &line);
    }
    let mut shown = BTreeSet::new();
    for root in &roots {
        cause(page, incident, root, full, explained);
        let effects = others.iter().filter(|other| root.explains.contains(&other.cause));
        for effect in effects.filter(|effect| shown.insert(effect.cause.as_str())) {
            consequence(page, "→", ("and so:", "d’où\u{a0}:"), effect, full);
            if full {
                details(page, 6, effect);
            }
        }
    }
    for other in others.iter().filter(|other| !shown.contains(other.cause.as_str())) {
        if full {
            cause(page, incident, other, full, explained);
        } else {
            let word = if other.role == Role::Contributing {
                ("contributing:", "contribue\u{a0}:")
            } else {
                ("also seen:", "vu aussi\u{a0}:")
            };
            consequence(page, "+", word, other, full);
        }
    }
}

fn cause(page: &mut Page, incident: &Incident, finding: &Finding, full: bool, explained: bool) {
    let style = match finding.grade {
        Grade::Confirmed => Style::Failure,
        Grade::Probable | Grade::Possible => Style::Warning,
    };
    let lead = page.phrase().say("  ").styled(style, spoken(finding.grade)).say((": ", "\u{a0}: "));
    // The title of the incident is often that of its cause, and stands above already.
    let title = if finding.title == incident.title && !full {
        page.phrase().say(grade_says(finding.grade))
    } else {
        page.phrase().styled(Style::Strong, &finding.title)
    };
    let indent = page.phrase().pad(4);
    page.hang_under(&lead, &indent, &title);
    let explanation = finding.explanation.r#in(page.lang());
    let explanation = if full { explanation } else { first_sentences(explanation) };
    let explanation = page.phrase().prose(Style::Plain, explanation);
    if explained && !explanation.is_empty() {
        page.paragraph(4, &explanation);
    }
    let (id, records) = (&finding.cause, counted(finding.count, "record"));
    let about = say!(en: "cause {id} · seen in {records}"; fr: "cause {id} · vue dans {}", records.fr());
    let mut about = page.phrase().styled(Style::Dim, &about);
    if let Some(first) = finding.first_seen.filter(|_| full) {
        let last = finding.last_seen.unwrap_or(first);
        about = about.styled(Style::Dim, " · ").solid(Style::Dim, span_of_time(first, last));
    }
    page.paragraph(4, &about);
    if full {
        details(page, 4, finding);
    }
}

/// Sentences of an explanation that are enough to act on.
const SENTENCES: usize = 3;

/// The beginning of a text, up to the end of a sentence.
fn first_sentences(text: &str) -> &str {
    let ends = text.match_indices(". ").map(|it| it.0 + 1);
    ends.take(SENTENCES).last().and_then(|end| text.get(..end)).unwrap_or(text)
}

fn details(page: &mut Page, indent: usize, finding: &Finding) {
    let (grade, means) = (spoken(finding.grade), grade_means(finding.grade));
    let meaning = say!(en: "{}: {}", grade.0, means.0; fr: "{}\u{a0}: {}", grade.1, means.1);
    page.paragraph(indent, &page.phrase().styled(Style::Dim, &meaning));
    for (name, value) in &finding.captures {
        let line = page.phrase().styled(Style::Dim, name).say(" = ").say(value);
        page.paragraph(indent, &line);
    }
    listed(page, indent, ("confirm by: ", "à confirmer\u{a0}: "), &finding.confirm, true);
    listed(page, indent, ("source: ", "source\u{a0}: "), &finding.sources, true);
}

fn consequence(page: &mut Page, mark: &str, word: Both, finding: &Finding, full: bool) {
    let mut line = page.phrase().styled(Style::Dim, word).say(" ").say(&finding.title);
    if full {
        line = line.styled(
            Style::Dim,
            counted(finding.count, "record").map(|records| format!("  {} · {records}", finding.cause)),
        );
    }
    let lead = page.phrase().say("    ").styled(Style::Dim, mark).say(" ");
    page.hang(&lead, &line);
}
