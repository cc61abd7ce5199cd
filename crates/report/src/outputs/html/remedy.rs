//! What to do first: each remedy with what it costs, its commands ready to copy, and how to see that it worked.

use esxray_diagnosis::{Incident, Remedy, RemedyStep};
use esxray_knowledge::{History, RemedyKind, ServiceImpact, Shell};
use esxray_model::Lang;

use super::chain::{list, sources};
use super::icons::Icon;
use super::markup::Html;
use super::view::View;
use super::words::badge;
use crate::escape::{Charset, Shown};
use crate::words::{is_typed, placeholders};

/// Writes them in their order; the first that changes something is open.
pub(super) fn write(h: &mut Html, view: &View<'_>, incident: &Incident, anchor: &str) {
    if incident.remedies.is_empty() {
        return;
    }
    h.leaf("h3", "", view.pick("Do first, in this order", "À faire d’abord, dans cet ordre"));
    let acting = incident.remedies.iter().find(|remedy| remedy.kind != RemedyKind::Check);
    let spelt_out = acting.or(incident.remedies.first()).map(|remedy| remedy.rank);
    h.el("ol", &[("class", "remedies")], |h| {
        for remedy in &incident.remedies {
            h.el("li", &[("id", &format!("{anchor}-r{}", remedy.rank))], |h| {
                let mut attrs = vec![("class", "remedy")];
                if Some(remedy.rank) == spelt_out {
                    attrs.push(("open", "open"));
                }
                h.el("details", &attrs, |h| one(h, view, incident, remedy));
            });
        }
    });
}

fn one(h: &mut Html, view: &View<'_>, incident: &Incident, remedy: &Remedy) {
    h.el("summary", &[], |h| {
        h.leaf("span", "rank", &remedy.rank.to_string());
        h.el("span", &[("class", "what")], |h| {
            h.leaf("span", "title", remedy.title.r#in(view.lang));
            cost(h, view.lang, remedy);
        });
    });
    h.el("div", &[("class", "inside")], |h| {
        h.prose("p", "", remedy.why.r#in(view.lang));
        if !remedy.applies.is_empty() {
            h.el("p", &[("class", "small muted")], |h| {
                h.leaf("strong", "", view.pick("Applies: ", "S’applique\u{a0}: "));
                h.text(&remedy.applies.r#in(view.lang).split_ascii_whitespace().collect::<Vec<_>>().join(" "));
            });
        }
        list(h, view, ("Before", "Avant"), &remedy.prechecks);
        steps(h, view, &remedy.steps, incident.host.as_ref().and_then(|host| host.name.as_deref()));
        list(h, view, ("Then check", "Vérifier ensuite"), &remedy.verify);
        list(h, view, ("Risks", "Risques"), &remedy.risks);
        sources(h, view, &remedy.sources);
    });
}

/// What it costs, in words and shapes.
fn cost(h: &mut Html, lang: Lang, remedy: &Remedy) {
    h.el("span", &[("class", "cost")], |h| {
        let (class, shape, word) = match remedy.service_impact {
            ServiceImpact::None => ("done", Icon::Done, lang.pick("no impact", "sans impact")),
            ServiceImpact::Degraded => {
                ("warning", Icon::Warning, lang.pick("degraded for a while", "service dégradé un moment"))
            }
            ServiceImpact::Outage => ("warning", Icon::Warning, lang.pick("outage", "interruption de service")),
        };
        badge(h, class, shape, word);
        match remedy.history {
            History::Kept => badge(h, "done", Icon::Done, lang.pick("history kept", "historique conservé")),
            History::Lost => badge(h, "failure", Icon::Failure, lang.pick("history lost", "historique perdu")),
            History::NotConcerned => {}
        }
        if remedy.reversible {
            badge(h, "done", Icon::Done, lang.pick("reversible", "réversible"));
        } else {
            badge(h, "failure", Icon::Failure, lang.pick("not reversible", "irréversible"));
        }
    });
}

/// Steps, each place of execution named once in a row.
fn steps(h: &mut Html, view: &View<'_>, steps: &[RemedyStep], host: Option<&str>) {
    let mut shell = None;
    for step in steps {
        if shell != Some(step.shell) {
            shell = Some(step.shell);
            h.el("p", &[("class", "label")], |h| {
                h.text(shell_name(step.shell, view.lang));
                if let (Shell::EsxiShell, Some(host)) = (step.shell, host) {
                    h.text(view.pick(" on ", " sur "));
                    h.name(host);
                }
            });
        }
        one_step(h, view, step);
    }
}

fn shell_name(shell: Shell, lang: Lang) -> &'static str {
    match (lang, shell) {
        (Lang::Fr, Shell::EsxiShell) => "Shell ESXi",
        (Lang::Fr, Shell::VcenterShell) => "Shell de vCenter",
        (Lang::Fr, Shell::Kms) => "Serveur de clés",
        (_, shell) => crate::words::shell_name(shell).0,
    }
}

fn one_step(h: &mut Html, view: &View<'_>, step: &RemedyStep) {
    let lang = view.lang;
    let typed = is_typed(step.shell);
    let altered = step.command.lines().any(|line| Shown::new(line, Charset::Unicode).altered());
    if let Some(note) = &step.note {
        h.prose("p", "small muted stepnote", note.r#in(lang));
    }
    if !typed {
        return h.prose("p", "click", &step.command);
    }
    h.el("div", &[("class", "command")], |h| {
        h.el("pre", &[], |h| {
            h.el("code", &[], |h| {
                if altered {
                    // Not even its line breaks can be trusted.
                    return h.text(&step.command);
                }
                for (at, line) in step.command.lines().enumerate() {
                    if at > 0 {
                        h.line_break();
                    }
                    h.text(line);
                }
            });
        });
        if !altered {
            let attrs = [
                ("type", "button"),
                ("class", "copy"),
                ("hidden", "hidden"),
                ("data-done", lang.pick("Copied", "Copié")),
            ];
            h.el("button", &attrs, |h| h.text(lang.pick("Copy", "Copier")));
        }
    });
    if !step.complete {
        let names = placeholders(&step.command).join(", ");
        h.el("p", &[("class", "small warn")], |h| {
            h.text(lang.pick("Fill in first: ", "À compléter d’abord\u{a0}: "));
            h.leaf("code", "", if names.is_empty() { lang.pick("what is missing", "ce qui manque") } else { &names });
        });
    }
    if altered {
        let text = lang.pick(
            "Do not paste this: it holds characters that cannot be shown; the JSON report has it whole.",
            "Ne pas coller ceci\u{a0}: des caractères ne peuvent pas être montrés\u{a0}; le rapport JSON le contient en entier.",
        );
        h.leaf("p", "small warn", text);
    }
}
