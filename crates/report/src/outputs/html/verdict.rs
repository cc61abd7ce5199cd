//! The top of the page: the answer in one word, in one sentence, and what it rests on.

use esxray_diagnosis::{Diagnosis, Incident, RootCause};
use esxray_model::{Lang, Verdict};

use super::icons::{Icon, icon};
use super::markup::Html;
use super::view::View;
use super::words::{count, grade_badge, number, when};

/// Writes it.
pub(super) fn write(h: &mut Html, view: &View<'_>) {
    let diagnosis = view.diagnosis;
    let (class, shape, word) = match diagnosis.verdict {
        Verdict::Failure => ("failure", Icon::Failure, view.pick("Failure", "Panne")),
        Verdict::Attention => ("warning", Icon::Warning, view.pick("Attention", "Attention")),
        // Not green: it means that nothing known was found, not that all is well.
        Verdict::Clean => ("plain", Icon::Plain, view.pick("Clean: nothing known", "Rien de connu")),
        Verdict::Inconclusive => ("warning", Icon::Unknown, view.pick("Inconclusive", "Non concluant")),
    };
    h.el("header", &[("class", &format!("hero {class}")), ("id", "verdict")], |h| {
        h.el("p", &[("class", "stamp")], |h| {
            icon(h, shape);
            h.text(word);
        });
        h.leaf("h1", "", &sentence(view));
        if diagnosis.verdict == Verdict::Inconclusive && diagnosis.incidents.is_empty() {
            let text = view.pick(
                "That is no all-clear: not everything could be read and judged.",
                "Ce n’est pas un feu vert\u{a0}: tout n’a pas pu être lu et jugé.",
            );
            h.leaf("p", "lede", text);
        }
        incomplete(h, view);
        glance(h, view);
        facts(h, view);
    });
}

/// The sentence to remember: the worst incident's title, or what a run without any means.
fn sentence(view: &View<'_>) -> String {
    let mut all = view.diagnosis.incidents.iter();
    match all.next() {
        Some(first) if first.recovered.is_none() => title_of(first, view.lang),
        Some(first) => {
            let title = title_of(first, view.lang);
            view.lang.pick(format!("Recovered: {title}"), format!("Rétabli\u{a0}: {title}"))
        }
        None => {
            let records: u64 = view.diagnosis.coverage.iter().map(|row| row.records).sum();
            let records = number(records, view.lang);
            view.lang.pick(
                format!("Nothing known was found in {records} records"),
                format!("Rien de connu n’a été trouvé dans {records} enregistrements"),
            )
        }
    }
}

/// The title, with the VM's name in front where the title does not say it.
pub(super) fn title_of(incident: &Incident, lang: Lang) -> String {
    let title = incident.title.r#in(lang);
    match incident.vm.as_ref().and_then(|vm| vm.name.as_ref()) {
        Some(name) if !title.contains(name.as_str()) => format!("{name}{}{title}", lang.pick(": ", "\u{a0}: ")),
        _ => title.to_owned(),
    }
}

/// What to do first and what not, of the worst incident: for a reader who reads no further.
fn glance(h: &mut Html, view: &View<'_>) {
    let Some(first) = view.diagnosis.incidents.first().filter(|first| first.recovered.is_none()) else { return };
    if first.remedies.is_empty() && first.do_not.is_empty() {
        return;
    }
    let anchor = first.id.to_lowercase();
    h.el("div", &[("class", "glance")], |h| {
        if !first.remedies.is_empty() {
            h.el("div", &[], |h| {
                h.leaf("p", "label", view.pick("Do first", "À faire d’abord"));
                h.el("ol", &[], |h| {
                    for remedy in first.remedies.iter().take(GLANCE) {
                        h.el("li", &[], |h| {
                            h.link(&format!("{anchor}-r{}", remedy.rank), "", remedy.title.r#in(view.lang));
                        });
                    }
                });
            });
        }
        if !first.do_not.is_empty() {
            h.el("div", &[], |h| {
                h.leaf("p", "label", view.pick("Do not", "À ne pas faire"));
                h.el("ul", &[("class", "marked")], |h| {
                    for one in first.do_not.iter().take(GLANCE) {
                        h.el("li", &[], |h| {
                            icon(h, Icon::Failure);
                            h.leaf("div", "", one.text.r#in(view.lang));
                        });
                    }
                });
            });
        }
    });
}

/// Items of a list at the top; all of them stand with the incident.
const GLANCE: usize = 3;

/// What was looked at, in numbers.
fn facts(h: &mut Html, view: &View<'_>) {
    let (diagnosis, lang) = (view.diagnosis, view.lang);
    let recovered = diagnosis.incidents.iter().filter(|one| one.recovered.is_some()).count();
    let open = diagnosis.incidents.len() - recovered;
    let sum = |of: fn(&esxray_diagnosis::Coverage) -> u64| diagnosis.coverage.iter().map(of).sum::<u64>();
    let unexplained: u64 = diagnosis.unexplained.iter().map(|one| one.count).sum();
    h.el("dl", &[("class", "figures")], |h| {
        let mut figure = |name: &str, value: &str, more: &str| {
            h.el("div", &[], |h| {
                h.leaf("dt", "", name);
                h.el("dd", &[], |h| {
                    h.text(value);
                    if !more.is_empty() {
                        h.text(" ");
                        h.leaf("small", "", more);
                    }
                });
            });
        };
        let also = if recovered == 0 {
            String::new()
        } else {
            count(recovered as u64, lang, ["recovered", "recovered"], ["rétabli", "rétablis"])
        };
        figure(lang.pick("Open incidents", "Incidents ouverts"), &number(open as u64, lang), &also);
        let records = count(sum(|row| row.records), lang, ["record", "records"], ["enregistrement", "enregistrements"]);
        let sources = number(diagnosis.coverage.len() as u64, lang);
        figure(lang.pick("Sources read", "Sources lues"), &sources, &records);
        let errors = lang.pick("Errors that nothing explains", "Erreurs que rien n’explique");
        figure(errors, &number(unexplained, lang), "");
        figure(lang.pick("Bytes not read", "Octets non lus"), &unread(diagnosis, lang), "");
    });
    let first = diagnosis.coverage.iter().filter_map(|row| row.first).min();
    let last = diagnosis.coverage.iter().filter_map(|row| row.last).max();
    h.el("p", &[("class", "covered")], |h| {
        h.text(lang.pick("Covered: ", "Couverture\u{a0}: "));
        match (first, last) {
            (Some(first), Some(last)) => when(h, first, Some(last)),
            _ => h.text(lang.pick("nothing that carries a time", "rien qui porte une date")),
        }
    });
}

/// How many bytes could not be read, as far as it is known.
fn unread(diagnosis: &Diagnosis, lang: Lang) -> String {
    let known: u64 = diagnosis.problems.iter().filter_map(|problem| problem.lost_bytes).sum();
    let unknown = diagnosis.problems.iter().any(|problem| problem.incomplete && problem.lost_bytes.is_none());
    match (known, unknown) {
        (0, true) => lang.pick("not known", "inconnu").to_owned(),
        (_, true) => format!("{} {}", lang.pick("more than", "plus de"), number(known, lang)),
        (_, false) => number(known, lang),
    }
}

/// What the answer does not rest on: what was not read cannot have been judged.
///
/// No name of the input stands here: a reader trusts these lines, and whoever made the input may have chosen it.
fn incomplete(h: &mut Html, view: &View<'_>) {
    let mut lost: Vec<&str> =
        view.diagnosis.problems.iter().filter(|one| one.incomplete).map(|one| one.source.as_str()).collect();
    lost.sort_unstable();
    lost.dedup();
    if lost.is_empty() {
        return;
    }
    h.el("p", &[("class", "note warning")], |h| {
        icon(h, Icon::Warning);
        h.leaf("strong", "", view.pick("Incomplete. ", "Incomplet. "));
        let lost = count(lost.len() as u64, view.lang, ["place", "places"], ["endroit", "endroits"]);
        h.text(&view.lang.pick(
            format!("{lost} of the input could not be read or understood in full: "),
            format!("{lost} de l’entrée n’ont pas pu être lus ou compris en entier\u{a0}: "),
        ));
        h.link("not-read", "", view.pick("what is missing", "ce qui manque"));
        h.text(".");
    });
}

/// Which incidents have one cause; nothing where each has its own.
pub(super) fn shared_causes(h: &mut Html, view: &View<'_>) {
    let open = |root: &&RootCause| {
        let told = |it: &Incident| it.recovered.is_none() && root.incidents.contains(&it.id);
        root.incidents.len() > 1 && view.diagnosis.incidents.iter().any(told)
    };
    let shared: Vec<&RootCause> = view.diagnosis.root_causes.iter().filter(open).collect();
    if shared.is_empty() {
        return;
    }
    h.el("section", &[("id", "causes")], |h| {
        h.leaf("h2", "", view.pick("One cause, several incidents", "Une cause, plusieurs incidents"));
        for root in shared {
            h.el("div", &[("class", "card")], |h| {
                h.el("p", &[("class", "meta")], |h| {
                    h.leaf("span", "id", &root.id);
                    grade_badge(h, root.grade, view.lang);
                    h.leaf("code", "", &root.cause);
                });
                h.leaf("p", "title", root.title.r#in(view.lang));
                reach(h, view, root);
                h.el("p", &[("class", "refs")], |h| {
                    for id in &root.incidents {
                        h.link(&id.to_lowercase(), "ref", id);
                    }
                });
            });
        }
    });
}

/// How far a cause reaches, and where it does not: both are evidence.
fn reach(h: &mut Html, view: &View<'_>, root: &RootCause) {
    let lists = [
        (view.pick("VMs", "VM"), &root.vms),
        (view.pick("On the hosts", "Sur les hôtes"), &root.hosts),
        (
            view.pick("Not on, though their logs cover the time", "Pas sur, bien que leurs journaux couvrent ce temps"),
            &root.hosts_without,
        ),
    ];
    h.el("dl", &[("class", "facts")], |h| {
        for (name, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
            h.leaf("dt", "", name);
            h.el("dd", &[], |h| {
                for (at, value) in values.iter().enumerate() {
                    h.text(if at > 0 { ", " } else { "" });
                    h.name(value);
                }
            });
        }
    });
}
