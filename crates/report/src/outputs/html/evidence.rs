//! The proof: every record that the incident cites, with its place, its exact text, and what cites it.

use esxray_diagnosis::{Around, Evidence, Supports};
use esxray_knowledge::Basis;
use esxray_knowledge::decode::decode;

use super::icons::Icon;
use super::markup::Html;
use super::view::{Proofs, Record, View};
use super::words::{badge, count, moment};

/// Lines of a record up to which all of it stands open.
const LINES: usize = 12;

/// Writes them in the order of time.
pub(super) fn write(h: &mut Html, view: &View<'_>, proofs: &Proofs<'_>) {
    if proofs.records.is_empty() {
        return;
    }
    h.leaf("h3", "", view.pick("Evidence", "Preuves"));
    h.el("div", &[("class", "evidence")], |h| {
        for (at, record) in proofs.records.iter().enumerate() {
            one(h, view, &format!("{}-e{}", proofs.anchor, at + 1), at + 1, record);
        }
    });
}

fn one(h: &mut Html, view: &View<'_>, anchor: &str, number: usize, record: &Record<'_>) {
    let evidence = record.evidence;
    h.el("figure", &[("id", anchor), ("class", "record")], |h| {
        h.el("figcaption", &[], |h| {
            h.link(anchor, "ref", &format!("E{number}"));
            h.leaf("strong", "", evidence.meaning.r#in(view.lang));
            if evidence.supports == Supports::Against {
                badge(h, "warning", Icon::Warning, view.pick("speaks against", "s’y oppose"));
            }
        });
        h.el("p", &[("class", "meta small")], |h| {
            h.leaf("code", "place", &view.place(evidence.place));
            if let Some(at) = evidence.time {
                h.el("span", &[("class", "muted")], |h| moment(h, at, true));
            }
        });
        text(h, view, evidence);
        codes(h, view, evidence);
        h.el("p", &[("class", "small muted cited")], |h| {
            h.text(view.pick("cited by ", "cité par "));
            for (at, by) in record.cited_by.iter().enumerate() {
                h.text(if at > 0 { ", " } else { "" });
                h.link(&by.anchor, "", &by.name);
            }
        });
    });
}

/// The text of the record, with what was recognised marked, between the lines around it; the middle of a long one is
/// folded.
fn text(h: &mut Html, view: &View<'_>, evidence: &Evidence) {
    let lines = lines(evidence);
    let around = view.diagnosis.around.get(&evidence.place);
    if lines.len() <= LINES {
        return quote(h, evidence, &lines, around);
    }
    let hit = lines.iter().position(Line::recognised).unwrap_or(0);
    let near: Vec<Line<'_>> =
        lines.iter().enumerate().filter(|(at, _)| *at < 2 || hit.abs_diff(*at) <= 2).map(|(_, line)| *line).collect();
    quote(h, evidence, &near, None);
    h.el("details", &[("class", "quiet")], |h| {
        let all = count(lines.len() as u64, view.lang, ["line", "lines"], ["ligne", "lignes"]);
        h.leaf(
            "summary",
            "",
            &view.lang.pick(format!("The whole record: {all}"), format!("L’enregistrement entier\u{a0}: {all}")),
        );
        quote(h, evidence, &lines, around);
    });
}

/// A line of a record: its number in the source, where that is sure, and what stands before, in and behind what was recognised.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// Its place in the text, from 0.
    at: u64,
    number: Option<u64>,
    parts: [&'a str; 3],
}

impl Line<'_> {
    fn recognised(&self) -> bool {
        self.parts.get(1).is_some_and(|part| !part.is_empty())
    }
}

fn lines(evidence: &Evidence) -> Vec<Line<'_>> {
    let (from, to) = evidence.span.unwrap_or((0, 0));
    // A very long record is kept without its middle: then only the first line's number is sure.
    let place = evidence.place;
    let whole = evidence.text.lines().count() as u64 == place.last_line.saturating_sub(place.line) + 1;
    let mut start = 0;
    let mut lines = Vec::new();
    for (at, text) in (0..).zip(evidence.text.split_inclusive('\n')) {
        let shown = text.strip_suffix('\n').unwrap_or(text);
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        let cut = |at: usize| at.saturating_sub(start).min(shown.len());
        let parts = [shown.get(..cut(from)), shown.get(cut(from)..cut(to)), shown.get(cut(to)..)];
        let parts =
            if parts.iter().all(Option::is_some) { parts.map(Option::unwrap_or_default) } else { [shown, "", ""] };
        lines.push(Line { at, number: (whole || at == 0).then_some(place.line + at), parts });
        start += text.len();
    }
    lines
}

fn quote(h: &mut Html, evidence: &Evidence, lines: &[Line<'_>], around: Option<&Around>) {
    let place = evidence.place;
    let beside = |h: &mut Html, first: u64, lines: &[String]| {
        for (number, line) in (first..).zip(lines) {
            h.el("span", &[("class", "l near"), ("data-n", &number.to_string())], |h| h.text(line));
        }
    };
    h.el("pre", &[("class", "log")], |h| {
        if let Some(around) = around {
            beside(h, place.line.saturating_sub(around.before.len() as u64), &around.before);
        }
        let mut next = lines.first().map_or(0, |line| line.at);
        for line in lines {
            if next != line.at {
                h.leaf("span", "gap", "⋮");
            }
            next = line.at + 1;
            let number = line.number.map(|number| number.to_string()).unwrap_or_default();
            h.el("span", &[("class", "l"), ("data-n", &number)], |h| {
                let [before, hit, behind] = line.parts;
                h.text(before);
                if !hit.is_empty() {
                    h.leaf("mark", "", hit);
                }
                h.text(behind);
            });
        }
        if let Some(around) = around {
            beside(h, place.last_line + 1, &around.behind);
        }
    });
}

/// What the numbers and names of a record mean.
fn codes(h: &mut Html, view: &View<'_>, evidence: &Evidence) {
    let known: Vec<_> = decode(&evidence.text)
        .into_iter()
        .filter(|one| !one.meaning.is_empty() && one.kind != "vAPI error" && !matches!(&*one.name, "OK" | "GOOD"))
        .collect();
    if known.is_empty() {
        return;
    }
    h.el("dl", &[("class", "facts codes small")], |h| {
        for one in known {
            h.el("dt", &[], |h| h.leaf("code", "", &one.name));
            h.el("dd", &[], |h| {
                h.text(&one.meaning);
                if one.basis == Basis::FromMemory {
                    h.leaf("span", "muted", view.pick(" (from memory)", " (de mémoire)"));
                }
            });
        }
    });
}
