//! The re-key: who asked for it, how far it came, and on which key each object is.

use esxray_diagnosis::{KeyName, Rekey, RekeyObject};
use esxray_model::{KeyState, Lang, RekeyStep, StepBasis, StepState};

use super::icons::icon;
use super::incident::{fact, named};
use super::markup::Html;
use super::view::{Proofs, View, object_name};
use super::words::{badge, key_state, moment, outcome, step_state};

/// The rows of the incident's facts that speak of the re-key.
pub(super) fn facts(h: &mut Html, view: &View<'_>, rekey: &Rekey) {
    let lang = view.lang;
    let provider = |h: &mut Html, name: &Option<String>| match name {
        Some(name) => h.el("strong", &[], |h| h.name(name)),
        None => h.leaf("span", "muted", lang.pick("(unknown)", "(inconnu)")),
    };
    fact(h, lang.pick("Re-key", "Changement de clé"), |h| {
        provider(h, &rekey.from_provider);
        h.text(" → ");
        provider(h, &rekey.to_provider);
        h.text(" ");
        if let Some(scope) = rekey.scope {
            let word = match scope {
                "shallow" => lang.pick("shallow", "superficiel (shallow)"),
                "deep" => lang.pick("deep", "complet (deep)"),
                other => other,
            };
            h.leaf("span", "badge", word);
            h.text(" ");
        }
        let (class, shape, word) = outcome(rekey.outcome, lang);
        badge(h, class, shape, word);
    });
    let by = [&rekey.asked_by.user, &rekey.asked_by.client];
    if by.iter().any(|it| it.is_some()) {
        fact(h, lang.pick("Asked by", "Demandé par"), |h| {
            h.el("span", &[("class", "names")], |h| {
                by.into_iter().flatten().for_each(|name| h.name(name));
                named(h, &[("session", &rekey.asked_by.session)]);
            });
        });
    }
    if rekey.op_id.is_some() || rekey.task.is_some() {
        fact(h, lang.pick("Operation", "Opération"), |h| {
            h.el("span", &[("class", "names")], |h| {
                named(h, &[("opID", &rekey.op_id), (lang.pick("task", "tâche"), &rekey.task)]);
            });
        });
    }
}

/// The five steps, from left to right.
pub(super) fn steps(h: &mut Html, view: &View<'_>, rekey: &Rekey, proofs: &Proofs<'_>) {
    if rekey.steps.iter().all(|seen| seen.state == StepState::NotEvidenced) {
        return;
    }
    let lang = view.lang;
    h.leaf("h3", "", view.pick("The five steps", "Les cinq étapes"));
    h.el("ol", &[("class", "steps"), ("id", &format!("{}-steps", proofs.anchor))], |h| {
        for seen in &rekey.steps {
            let (class, shape, word) = step_state(seen.state, lang);
            h.el("li", &[("class", &format!("step {class}"))], |h| {
                h.el("p", &[("class", "state")], |h| {
                    icon(h, shape);
                    h.text(word);
                });
                h.el("p", &[("class", "name")], |h| h.leaf("code", "", seen.step.as_str()));
                h.leaf("p", "does", step_does(seen.step, lang));
                h.el("p", &[("class", "small muted")], |h| {
                    if let Some(at) = seen.time {
                        moment(h, at, false);
                    }
                    if seen.basis == Some(StepBasis::Model) {
                        h.text(" ");
                        h.text(lang.pick("follows from the order of the steps", "découle de l’ordre des étapes"));
                    }
                });
                proofs.links(h, &seen.evidence);
            });
        }
    });
}

fn step_does(step: RekeyStep, lang: Lang) -> &'static str {
    let (en, fr) = crate::words::step_does(step);
    lang.pick(en, fr)
}

/// The matrix of keys: a row for each object, a column for each attempt.
///
/// The input shows the keys of an object around the last attempt; of an earlier one it shows how it ended, and its
/// cells say that no more is known.
pub(super) fn keys(h: &mut Html, view: &View<'_>, rekey: &Rekey, proofs: &Proofs<'_>) {
    if rekey.objects.is_empty() {
        return;
    }
    let lang = view.lang;
    h.leaf("h3", "", view.pick("Keys, object by object", "Les clés, objet par objet"));
    mix(h, lang, &rekey.objects);
    let names = KeyNames::of(&rekey.objects);
    let last = rekey.attempts.len() + 1;
    let attempt = |number: usize| lang.pick(format!("Attempt {number}"), format!("Tentative {number}"));
    let scrolls =
        [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", lang.pick("Keys", "Clés"))];
    h.el("div", &scrolls, |h| {
        h.el("table", &[("class", "matrix"), ("id", &format!("{}-keys", proofs.anchor))], |h| {
            h.el("thead", &[], |h| {
                h.el("tr", &[], |h| {
                    column(h, lang.pick("Object", "Objet"));
                    column(h, lang.pick("Key before", "Clé avant"));
                    for (at, earlier) in rekey.attempts.iter().enumerate() {
                        h.el("th", &[("scope", "col")], |h| {
                            h.text(&attempt(at + 1));
                            ended(h, lang, earlier.outcome, earlier.failed_step, earlier.ended.or(earlier.started));
                        });
                    }
                    h.el("th", &[("scope", "col")], |h| {
                        h.text(&attempt(last));
                        ended(h, lang, rekey.outcome, rekey.failed_step, rekey.ended.or(rekey.started));
                    });
                    column(h, lang.pick("Key asked for", "Clé demandée"));
                });
            });
            h.el("tbody", &[], |h| {
                for object in &rekey.objects {
                    h.el("tr", &[], |h| row(h, lang, object, rekey.attempts.len(), &names, proofs));
                }
            });
        });
    });
    names.write(h);
}

/// Short names for keys, whose ids can be long: the same key has the same name, so that a mix is seen at once.
struct KeyNames<'a>(Vec<&'a str>);

impl<'a> KeyNames<'a> {
    fn of(objects: &'a [RekeyObject]) -> Self {
        let mut ids: Vec<&str> = Vec::new();
        // The keys of before have the first names, then those that are there now, then those that were asked for.
        let before = objects.iter().filter_map(|object| object.key_before.as_ref()?.key_id.as_deref());
        let now = objects.iter().filter_map(|object| match &object.key_after {
            Some(key) => key.key_id.as_deref(),
            None => object.key_id.as_deref(),
        });
        let asked = objects.iter().filter_map(|object| object.key_asked.as_ref()?.key_id.as_deref());
        for id in before.chain(now).chain(asked) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Self(ids)
    }

    fn short(&self, id: &str) -> String {
        self.0.iter().position(|one| *one == id).map_or_else(|| id.to_owned(), |at| format!("K{}", at + 1))
    }

    fn write(&self, h: &mut Html) {
        h.el("ul", &[("class", "keynames")], |h| {
            for id in &self.0 {
                h.el("li", &[], |h| {
                    h.leaf("span", "ref", &self.short(id));
                    h.leaf("code", "", id);
                });
            }
        });
    }
}

fn column(h: &mut Html, name: &str) {
    h.el("th", &[("scope", "col")], |h| h.text(name));
}

/// How an attempt ended, at which step, and when.
fn ended(
    h: &mut Html,
    lang: Lang,
    how: esxray_model::RekeyOutcome,
    step: Option<RekeyStep>,
    at: Option<esxray_model::Timestamp>,
) {
    h.el("span", &[("class", "how")], |h| {
        let (_, shape, word) = outcome(how, lang);
        icon(h, shape);
        h.text(word);
        if let Some(step) = step {
            h.text(lang.pick(" at ", " à "));
            h.leaf("code", "", step.as_str());
        }
        if let Some(at) = at {
            h.text(" ");
            moment(h, at, true);
        }
    });
}

/// Says at once whether the objects of the VM are on one key or on two.
fn mix(h: &mut Html, lang: Lang, objects: &[RekeyObject]) {
    let on = |state: KeyState| objects.iter().filter(|object| object.key_state == state).count();
    h.el("p", &[("class", "meta")], |h| {
        for state in [KeyState::New, KeyState::Old, KeyState::Unknown] {
            let (class, shape, word) = key_state(state, lang);
            if on(state) > 0 {
                badge(h, class, shape, &format!("{} × {word}", on(state)));
            }
        }
        if on(KeyState::New) > 0 && on(KeyState::Old) > 0 {
            let text = lang.pick(
                "The VM’s objects are on two keys: it needs both.",
                "Les objets de la VM sont sur deux clés\u{a0}: elle a besoin des deux.",
            );
            h.leaf("strong", "", text);
        }
    });
}

fn row(h: &mut Html, lang: Lang, object: &RekeyObject, earlier: usize, names: &KeyNames<'_>, proofs: &Proofs<'_>) {
    h.el("th", &[("scope", "row")], |h| {
        h.name(&object_name(object, lang));
        if let Some(path) = object.path.as_deref().filter(|path| path.contains('/')) {
            h.leaf("span", "line path", path);
        }
    });
    h.el("td", &[], |h| key(h, lang, object.key_before.as_ref(), names));
    for _ in 0..earlier {
        h.el("td", &[], |h| h.leaf("span", "muted", lang.pick("not shown", "non montré")));
    }
    let (class, shape, word) = key_state(object.key_state, lang);
    h.el("td", &[("class", &format!("cell {class}"))], |h| {
        badge(h, class, shape, word);
        let now = KeyName { key_id: object.key_id.clone(), provider: object.provider.clone() };
        let now = object.key_after.as_ref().unwrap_or(&now);
        if now.key_id.is_some() || now.provider.is_some() {
            key(h, lang, Some(now), names);
        }
        proofs.links(h, &object.evidence);
    });
    h.el("td", &[], |h| key(h, lang, object.key_asked.as_ref(), names));
}

/// The name of a key and of its provider.
fn key(h: &mut Html, lang: Lang, key: Option<&KeyName>, names: &KeyNames<'_>) {
    let Some(key) = key.filter(|key| key.key_id.is_some() || key.provider.is_some()) else {
        return h.leaf("span", "muted", lang.pick("not in the logs", "absente des journaux"));
    };
    h.el("span", &[("class", "key")], |h| {
        if let Some(id) = &key.key_id {
            h.leaf("span", "ref", &names.short(id));
        }
        if let Some(provider) = &key.provider {
            h.name(provider);
        }
    });
}
