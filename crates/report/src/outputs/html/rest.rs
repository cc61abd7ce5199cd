//! What stands below the incidents: what was not read, ruled out, not judged or not explained, and what was read.

use std::collections::BTreeMap;

use esxray_diagnosis::{ClockState, Coverage, NotEvaluated, Problem};
use esxray_model::{Lang, Said};

use super::icons::{Icon, icon};
use super::markup::Html;
use super::view::View;
use super::words::{badge, count, moment, number, when};
use crate::outputs::clocks;

/// Rows of a list that stand open; the others are folded.
const ROWS: usize = 12;

/// Writes all of it.
pub(super) fn write(h: &mut Html, view: &View<'_>) {
    not_read(h, view.lang, &view.diagnosis.problems);
    excluded(h, view);
    not_judged(h, view);
    unexplained(h, view);
    clock_rows(h, view);
    coverage(h, view.lang, &view.diagnosis.coverage);
}

fn section(h: &mut Html, id: &str, title: &str, inside: impl FnOnce(&mut Html)) {
    h.el("section", &[("id", id)], |h| {
        h.leaf("h2", "", title);
        inside(h);
    });
}

/// A list with its first rows open and the others folded, so that a long one hides nothing and buries nothing.
fn folded<T>(h: &mut Html, lang: Lang, rows: &[T], mut row: impl FnMut(&mut Html, &T)) {
    let (shown, hidden) = rows.split_at_checked(ROWS).unwrap_or((rows, &[]));
    h.el("ul", &[("class", "marked")], |h| shown.iter().for_each(|one| row(h, one)));
    if hidden.is_empty() {
        return;
    }
    h.el("details", &[("class", "quiet")], |h| {
        let more = number(hidden.len() as u64, lang);
        h.leaf("summary", "", &lang.pick(format!("{more} more"), format!("{more} de plus")));
        h.el("ul", &[("class", "marked")], |h| hidden.iter().for_each(|one| row(h, one)));
    });
}

fn item(h: &mut Html, shape: Icon, inside: impl FnOnce(&mut Html)) {
    h.el("li", &[], |h| {
        icon(h, shape);
        h.el("div", &[], inside);
    });
}

/// The losses of evidence first.
pub(super) fn not_read(h: &mut Html, lang: Lang, problems: &[Problem]) {
    let mut problems: Vec<&Problem> = problems.iter().collect();
    if problems.is_empty() {
        return;
    }
    problems.sort_by_key(|one| !one.incomplete);
    section(h, "not-read", lang.pick("Not read, or doubtful", "Non lu, ou douteux"), |h| {
        folded(h, lang, &problems, |h, one| {
            item(h, if one.incomplete { Icon::Warning } else { Icon::Plain }, |h| {
                h.leaf("code", "place", &one.source);
                h.text(" ");
                h.text(one.problem.r#in(lang));
                if let Some(bytes) = one.lost_bytes {
                    let lost = count(bytes, lang, ["byte lost", "bytes lost"], ["octet perdu", "octets perdus"]);
                    h.leaf("span", "muted", &format!(" ({lost})"));
                }
            });
        });
    });
}

fn excluded(h: &mut Html, view: &View<'_>) {
    let excluded = &view.diagnosis.excluded;
    if excluded.is_empty() {
        return;
    }
    section(h, "ruled-out", view.pick("Ruled out", "Écarté"), |h| {
        h.leaf(
            "p",
            "muted",
            view.pick(
                "Each by an observation: a log that would show it covers the time, and does not.",
                "À chaque fois par une observation\u{a0}: un journal qui le montrerait couvre ce temps, et ne le montre pas.",
            ),
        );
        folded(h, view.lang, excluded, |h, one| {
            item(h, Icon::Skipped, |h| {
                h.leaf("code", "", &one.cause);
                if let Some(vm) = &one.vm {
                    h.text(view.pick(" for ", " pour "));
                    h.name(vm);
                }
                h.text(view.pick(": ", "\u{a0}: "));
                h.text(one.because.r#in(view.lang));
                if !one.covered_by.is_empty() {
                    h.el("p", &[("class", "small muted")], |h| {
                        h.text(view.pick("covered by ", "couvert par "));
                        for (at, source) in one.covered_by.iter().enumerate() {
                            h.text(if at > 0 { ", " } else { "" });
                            h.leaf("code", "place", source);
                        }
                    });
                }
            });
        });
    });
}

/// Grouped by what is needed, because one further log often decides many causes.
fn not_judged(h: &mut Html, view: &View<'_>) {
    let mut by_need: BTreeMap<&Said, Vec<&NotEvaluated>> = BTreeMap::new();
    for one in &view.diagnosis.not_evaluated {
        by_need.entry(&one.needs).or_default().push(one);
    }
    if by_need.is_empty() {
        return;
    }
    let mut needs: Vec<_> = by_need.into_iter().collect();
    needs.sort_by_key(|(need, causes)| (std::cmp::Reverse(causes.len()), *need));
    section(h, "not-judged", view.pick("Not judged", "Non jugé"), |h| {
        h.leaf(
            "p",
            "muted",
            view.pick(
                "What is not in the input can neither be found nor be ruled out.",
                "Ce qui n’est pas dans l’entrée ne peut être ni trouvé ni écarté.",
            ),
        );
        folded(h, view.lang, &needs, |h, (need, causes)| {
            item(h, Icon::Unknown, |h| {
                h.leaf("span", "muted", view.pick("needs ", "nécessite "));
                h.text(need.r#in(view.lang));
                h.el("p", &[("class", "small ids")], |h| causes.iter().for_each(|one| h.leaf("code", "", &one.cause)));
            });
        });
    });
}

fn unexplained(h: &mut Html, view: &View<'_>) {
    let unexplained = &view.diagnosis.unexplained;
    if unexplained.is_empty() {
        return;
    }
    let title = view.pick("Errors that nothing explains", "Erreurs que rien n’explique");
    section(h, "unexplained", title, |h| {
        folded(h, view.lang, unexplained, |h, one| {
            item(h, Icon::Plain, |h| {
                h.leaf("strong", "", &format!("{}×", number(one.count, view.lang)));
                h.text(" ");
                h.leaf("code", "template", &one.template);
                h.el("p", &[("class", "small muted")], |h| {
                    h.leaf("code", "place", &view.place(one.place));
                    h.text(" ");
                    if let Some(first) = one.first_seen {
                        when(h, first, one.last_seen);
                    }
                });
            });
        });
    });
}

fn clock_rows(h: &mut Html, view: &View<'_>) {
    let clocks = &view.diagnosis.clocks;
    if clocks.is_empty() {
        return;
    }
    section(h, "clocks", view.pick("Clocks", "Horloges"), |h| {
        folded(h, view.lang, clocks, |h, one| {
            let shape = match one.state {
                ClockState::Agrees => Icon::Done,
                ClockState::Differs | ClockState::Contradictory => Icon::Warning,
                ClockState::TooFew => Icon::Unknown,
            };
            item(h, shape, |h| {
                h.el("strong", &[], |h| h.name(&one.host));
                h.text(view.pick(": ", "\u{a0}: "));
                h.text(clocks::judged(one).r#in(view.lang));
            });
        });
    });
}

/// What was read, a row for each source.
pub(super) fn coverage(h: &mut Html, lang: Lang, rows: &[Coverage]) {
    section(h, "coverage", lang.pick("What was read", "Ce qui a été lu"), |h| {
        let table = |h: &mut Html, rows: &[Coverage]| {
            let scrolls = [
                ("class", "scroll"),
                ("tabindex", "0"),
                ("role", "region"),
                ("aria-label", lang.pick("Sources", "Sources")),
            ];
            h.el("div", &scrolls, |h| {
                h.el("table", &[("class", "coverage")], |h| {
                    let names = [
                        lang.pick("Source", "Source"),
                        lang.pick("Form", "Format"),
                        lang.pick("Covers (UTC)", "Couvre (UTC)"),
                        lang.pick("Records", "Enregistrements"),
                        lang.pick("Lines", "Lignes"),
                        lang.pick("Not parsed", "Non analysées"),
                    ];
                    h.el("thead", &[], |h| {
                        h.el("tr", &[], |h| {
                            for (at, name) in names.into_iter().enumerate() {
                                let class = if at > 2 { "number" } else { "" };
                                h.el("th", &[("scope", "col"), ("class", class)], |h| h.text(name));
                            }
                        });
                    });
                    h.el("tbody", &[], |h| rows.iter().for_each(|one| source(h, lang, one)));
                });
            });
        };
        let (shown, hidden) = rows.split_at_checked(ROWS).unwrap_or((rows, &[]));
        table(h, shown);
        if !hidden.is_empty() {
            h.el("details", &[("class", "quiet")], |h| {
                let more = number(hidden.len() as u64, lang);
                h.leaf("summary", "", &lang.pick(format!("{more} more sources"), format!("{more} autres sources")));
                table(h, hidden);
            });
        }
    });
}

fn source(h: &mut Html, lang: Lang, one: &Coverage) {
    h.el("tr", &[], |h| {
        h.el("th", &[("scope", "row")], |h| {
            h.leaf("code", "place", &one.source);
            let product: Vec<&str> =
                [&one.product, &one.version, &one.build].into_iter().flatten().map(String::as_str).collect();
            if !product.is_empty() {
                h.leaf("span", "line small muted", &product.join(" "));
            }
            for problem in &one.problems {
                h.el("span", &[("class", "line small")], |h| {
                    badge(h, "warning", Icon::Warning, lang.pick("doubt", "doute"));
                    h.text(" ");
                    h.text(problem.r#in(lang));
                });
            }
            for (from, to) in &one.gaps {
                h.el("span", &[("class", "line small")], |h| {
                    badge(h, "warning", Icon::Skipped, lang.pick("gap", "trou"));
                    h.text(" ");
                    when(h, *from, Some(*to));
                });
            }
            h.el("span", &[("class", "line small muted hash")], |h| {
                h.text("sha256 ");
                h.leaf("code", "", &one.sha256);
            });
        });
        h.el("td", &[], |h| h.leaf("code", "", one.dialect.unwrap_or(one.format)));
        h.el("td", &[], |h| {
            if one.first.or(one.last).is_none() {
                h.leaf("span", "muted", lang.pick("no time", "aucune date"));
            }
            for at in [one.first, one.last].into_iter().flatten() {
                h.el("span", &[("class", "line")], |h| moment(h, at, true));
            }
        });
        for value in [one.records, one.lines, one.unparsed_lines] {
            h.leaf("td", "number", &number(value, lang));
        }
    });
}
