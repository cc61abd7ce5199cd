//! One page for a browser: self-contained, for a ticket, offline.
//!
//! The verdict comes first, then the picture of what happened, each incident from its cause to its proof, and what
//! the answer rests on. All of it is there without a script: the script of the page only moves the picture, copies
//! commands and filters. Nothing is fetched, and the policy in the page's head lets a browser run nothing but the one
//! script and the one style that the page was written with.

mod chain;
mod evidence;
mod icons;
mod incident;
mod lock;
mod markup;
mod rekey;
mod remedy;
mod rest;
mod timeline;
mod verdict;
mod view;
mod words;

use esxray_diagnosis::{Diagnosis, History};
use esxray_model::Lang;

use super::text::TextOptions;
use markup::Html;
use view::View;

/// What it is good for.
pub const ABOUT: &str = "one page for a browser or a ticket, self-contained";

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The report as a page; of the options it takes the language. Its timeline shows what the incidents cite.
pub fn render(diagnosis: &Diagnosis, options: &TextOptions) -> String {
    page(diagnosis, None, options)
}

/// The report as a page whose timeline shows all that is known of what happened.
pub fn with_history(diagnosis: &Diagnosis, history: &History, options: &TextOptions) -> String {
    page(diagnosis, Some(history), options)
}

/// A history as a page: the timeline, and what it rests on.
pub fn history(history: &History, options: &TextOptions) -> String {
    let lang = options.lang;
    let marks = timeline::of_history(history, lang, |_| None);
    document(lang, lang.pick("esxray – timeline", "esxray – chronologie"), |h| {
        h.el("div", &[("class", "page alone")], |h| {
            h.el("main", &[("id", "top")], |h| {
                if marks.is_empty() {
                    h.leaf("h1", "", lang.pick("Nothing that carries a time", "Rien qui porte une date"));
                }
                timeline::write(h, lang, &marks);
                rest::not_read(h, lang, &history.problems);
                rest::coverage(h, lang, &history.coverage);
            });
        });
    })
}

fn page(diagnosis: &Diagnosis, history: Option<&History>, options: &TextOptions) -> String {
    let view = View::new(diagnosis, options.lang);
    let marks = timeline::of_diagnosis(&view, history);
    let title = match diagnosis.incidents.first() {
        Some(first) => format!("esxray – {}", verdict::title_of(first, view.lang)),
        None => "esxray".to_owned(),
    };
    document(view.lang, &title, |h| {
        h.el("div", &[("class", "page")], |h| {
            contents(h, &view, !marks.is_empty());
            h.el("main", &[("id", "top")], |h| {
                verdict::write(h, &view);
                verdict::shared_causes(h, &view);
                timeline::write(h, view.lang, &marks);
                for (one, proofs) in diagnosis.incidents.iter().zip(&view.proofs) {
                    incident::write(h, &view, one, proofs);
                }
                rest::write(h, &view);
                footer(h, &view);
            });
        });
    })
}

/// A whole document around its body.
fn document(lang: Lang, title: &str, body: impl FnOnce(&mut Html)) -> String {
    let mut h = Html::default();
    h.el("html", &[("lang", lang.as_str()), ("dir", "ltr")], |h| {
        h.el("head", &[], |h| {
            h.void("meta", &[("charset", "utf-8")]);
            // Before anything that it is to guard.
            let policy = lock::policy(STYLE, SCRIPT);
            h.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
            h.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            h.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
            h.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
            h.void("meta", &[("name", "generator"), ("content", concat!("esxray ", env!("CARGO_PKG_VERSION")))]);
            h.leaf("title", "", title);
            h.asset("style", STYLE);
        });
        h.el("body", &[], |h| {
            h.link("top", "jump", lang.pick("Skip to the report", "Aller au rapport"));
            scheme(h, lang);
            body(h);
            h.asset("script", SCRIPT);
        });
    });
    h.finish()
}

/// The switch between light and dark: three radio buttons that the style reads, so it works without a script.
fn scheme(h: &mut Html, lang: Lang) {
    h.el("fieldset", &[("class", "scheme")], |h| {
        h.leaf("legend", "", lang.pick("Colours", "Couleurs"));
        let ways = [
            ("auto", lang.pick("Auto", "Auto")),
            ("light", lang.pick("Light", "Clair")),
            ("dark", lang.pick("Dark", "Sombre")),
        ];
        for (id, name) in ways {
            h.el("label", &[], |h| {
                let id = format!("scheme-{id}");
                let mut attrs = vec![("type", "radio"), ("name", "scheme"), ("id", id.as_str())];
                if id == "scheme-auto" {
                    attrs.push(("checked", "checked"));
                }
                h.void("input", &attrs);
                h.leaf("span", "", name);
            });
        }
    });
}

/// The table of contents.
fn contents(h: &mut Html, view: &View<'_>, timeline: bool) {
    let diagnosis = view.diagnosis;
    h.el("nav", &[("aria-label", view.pick("Contents", "Sommaire"))], |h| {
        h.leaf("p", "brand", "esxray");
        h.el("ul", &[], |h| {
            let mut entry = |there: bool, anchor: &str, class: &str, text: &str| {
                if there {
                    h.el("li", &[], |h| h.link(anchor, class, text));
                }
            };
            entry(true, "verdict", "", view.pick("Verdict", "Verdict"));
            entry(timeline, "timeline", "", view.pick("Timeline", "Chronologie"));
            for incident in diagnosis.incidents.iter().take(ENTRIES) {
                let name = incident.vm.as_ref().and_then(|vm| vm.name.as_deref()).unwrap_or_default();
                let class = if incident.recovered.is_some() { "inner done" } else { "inner" };
                entry(true, &incident.id.to_lowercase(), class, &format!("{} {name}", incident.id));
            }
            let not_read = view.pick("Not read, or doubtful", "Non lu, ou douteux");
            entry(!diagnosis.problems.is_empty(), "not-read", "", not_read);
            entry(!diagnosis.excluded.is_empty(), "ruled-out", "", view.pick("Ruled out", "Écarté"));
            entry(!diagnosis.not_evaluated.is_empty(), "not-judged", "", view.pick("Not judged", "Non jugé"));
            let unexplained = view.pick("Unexplained errors", "Erreurs inexpliquées");
            entry(!diagnosis.unexplained.is_empty(), "unexplained", "", unexplained);
            entry(!diagnosis.clocks.is_empty(), "clocks", "", view.pick("Clocks", "Horloges"));
            entry(true, "coverage", "", view.pick("What was read", "Ce qui a été lu"));
        });
    });
}

/// Incidents that the table of contents names.
const ENTRIES: usize = 20;

/// What it was judged with. No clock: the same input gives the same bytes.
fn footer(h: &mut Html, view: &View<'_>) {
    let used = &view.diagnosis.knowledge;
    h.el("footer", &[("class", "small muted")], |h| {
        let counted = |count: usize| words::number(count as u64, view.lang);
        let (causes, signatures, remedies) = (counted(used.causes), counted(used.signatures), counted(used.remedies));
        let packs = used.packs.join(", ");
        h.el("p", &[], |h| {
            h.text(&view.lang.pick(
                format!(
                    "Written by esxray {}. Judged with {causes} causes, {signatures} signatures and {remedies} remedies from {packs}.",
                    env!("CARGO_PKG_VERSION")
                ),
                format!(
                    "Écrit par esxray {}. Jugé avec {causes} causes, {signatures} signatures et {remedies} remèdes de {packs}.",
                    env!("CARGO_PKG_VERSION")
                ),
            ));
        });
        h.el("p", &[("class", "hash")], |h| {
            h.text("sha256 ");
            h.leaf("code", "", &used.sha256);
        });
        h.leaf(
            "p",
            "",
            view.pick(
                "All times are UTC, as logged. The texts of records are the customer’s: handle this file like the logs.",
                "Toutes les heures sont en UTC, telles que journalisées. Les textes des enregistrements sont ceux du client\u{a0}: \
                 traiter ce fichier comme les journaux.",
            ),
        );
    });
}
