//! One incident: what happened, from cause to effect, the keys, what to do first and what not, and the proof.

use std::collections::BTreeSet;

use esxray_diagnosis::{HostName, Incident, VmName, Withheld};
use esxray_model::{Lang, Said, Severity};

use super::icons::{Icon, icon};
use super::markup::Html;
use super::verdict::title_of;
use super::view::{Proofs, View};
use super::words::{badge, kind, severity_badge, when};
use super::{chain, evidence, rekey, remedy};
use crate::outputs::text::incident::earlier_twin;
use crate::words::interruption_name;

/// Writes it.
pub(super) fn write(h: &mut Html, view: &View<'_>, incident: &Incident, proofs: &Proofs<'_>) {
    let anchor = &proofs.anchor;
    h.el("article", &[("id", anchor), ("class", "incident")], |h| {
        heading(h, view, incident);
        facts(h, view, incident, proofs);
        chain::write(h, view, incident, proofs);
        if let Some(found) = &incident.rekey {
            rekey::steps(h, view, found, proofs);
            rekey::keys(h, view, found, proofs);
        }
        if let Some(twin) = earlier_twin(view.diagnosis, incident) {
            h.leaf("h3", "", view.pick("Do first", "À faire d’abord"));
            h.el("p", &[], |h| {
                h.text(view.pick(
                    "What to do, and what not to do, is the same as for ",
                    "Ce qu’il faut faire et ne pas faire est identique à l’incident ",
                ));
                h.link(&twin.id.to_lowercase(), "", &twin.id);
                h.text(".");
            });
        } else {
            remedy::write(h, view, incident, anchor);
            withheld(h, view, incident);
            do_not(h, view, incident);
        }
        evidence::write(h, view, proofs);
        missing(h, view, incident);
    });
}

fn heading(h: &mut Html, view: &View<'_>, incident: &Incident) {
    let worst = incident.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info);
    h.el("p", &[("class", "meta")], |h| {
        h.leaf("span", "id", &incident.id);
        h.leaf("span", "kind", kind(incident.kind, view.lang));
        if incident.recovered.is_some() {
            badge(h, "done", Icon::Done, view.pick("recovered", "rétabli"));
        } else {
            severity_badge(h, worst, view.lang);
        }
    });
    // The only incident's title is the headline of the page.
    match view.diagnosis.incidents.len() {
        1 => h.leaf("h2", "", view.pick("What happened", "Ce qui s’est passé")),
        _ => h.leaf("h2", "", &title_of(incident, view.lang)),
    }
}

fn facts(h: &mut Html, view: &View<'_>, incident: &Incident, proofs: &Proofs<'_>) {
    let lang = view.lang;
    h.el("dl", &[("class", "facts"), ("id", &format!("{}-facts", proofs.anchor))], |h| {
        if let Some(from) = incident.started.or(incident.ended) {
            fact(h, lang.pick("When", "Quand"), |h| when(h, from, incident.ended));
        }
        if let Some(vm) = &incident.vm {
            fact(h, "VM", |h| vm_names(h, vm, lang));
        }
        if let Some(host) = &incident.host {
            fact(h, lang.pick("Host", "Hôte"), |h| host_names(h, host, lang));
        }
        if let Some(found) = &incident.rekey {
            rekey::facts(h, view, found);
        }
        if let Some(cut) = incident.rekey.as_ref().and_then(|found| found.interrupted_by.as_ref()) {
            fact(h, lang.pick("Interrupted by", "Interrompu par"), |h| {
                let (en, fr) = interruption_name(cut.by);
                h.text(lang.pick(en, fr));
                if let Some(at) = cut.time {
                    h.text(" ");
                    super::words::moment(h, at, false);
                }
                proofs.links(h, &cut.evidence);
            });
        }
        if let Some(refused) = incident.rekey.as_ref().and_then(|found| found.refused_by.as_ref()) {
            fact(h, lang.pick("Refused by", "Refusé par"), |h| {
                h.text(refused.meaning.r#in(lang));
                proofs.links(h, std::slice::from_ref(refused));
            });
        }
        if let Some(closed) = &incident.recovered {
            fact(h, lang.pick("Closed by", "Clos par"), |h| {
                h.text(closed.meaning.r#in(lang));
                proofs.links(h, std::slice::from_ref(closed));
            });
        }
    });
}

/// A row of a list of facts.
pub(super) fn fact(h: &mut Html, name: &str, value: impl FnOnce(&mut Html)) {
    h.leaf("dt", "", name);
    h.el("dd", &[], value);
}

fn vm_names(h: &mut Html, vm: &VmName, lang: Lang) {
    let ids = [
        ("vmid", &vm.vmid),
        ("moref", &vm.moref),
        ("UUID", &vm.uuid),
        (lang.pick("instance UUID", "UUID d’instance"), &vm.instance_uuid),
        ("datastore", &vm.datastore),
    ];
    h.el("span", &[("class", "names")], |h| {
        known_name(h, vm.name.as_deref(), lang);
        named(h, &ids);
    });
    if let Some(path) = &vm.vmx_path {
        h.el("span", &[("class", "line")], |h| h.leaf("code", "", path));
    }
    if !vm.also.is_empty() {
        h.el("span", &[("class", "line")], |h| {
            h.leaf("span", "muted", lang.pick("also known as ", "aussi connue sous le nom de "));
            for (at, name) in vm.also.iter().enumerate() {
                h.text(if at > 0 { ", " } else { "" });
                h.name(name);
            }
        });
    }
}

fn host_names(h: &mut Html, host: &HostName, lang: Lang) {
    h.el("span", &[("class", "names")], |h| {
        known_name(h, host.name.as_deref(), lang);
        let product: Vec<&str> = [&host.product, &host.version].into_iter().flatten().map(String::as_str).collect();
        if !product.is_empty() {
            h.name(&product.join(" "));
        }
        named(h, &[("build", &host.build)]);
    });
}

fn known_name(h: &mut Html, name: Option<&str>, lang: Lang) {
    h.el("strong", &[], |h| match name {
        Some(name) => h.name(name),
        None => h.text(lang.pick("(name not in the logs)", "(nom absent des journaux)")),
    });
}

/// Values behind their names, where they are known.
pub(super) fn named(h: &mut Html, ids: &[(&str, &Option<String>)]) {
    for (name, value) in ids {
        if let Some(value) = value {
            h.el("span", &[("class", "named")], |h| {
                h.leaf("span", "muted", name);
                h.text(" ");
                h.leaf("code", "", value);
            });
        }
    }
}

/// What must not be used now, under the fact that holds it back: one fact often holds several.
fn withheld(h: &mut Html, view: &View<'_>, incident: &Incident) {
    let mut reasons: Vec<(&Said, Vec<&Withheld>)> = Vec::new();
    for one in &incident.withheld {
        match reasons.iter_mut().find(|(because, _)| **because == one.because) {
            Some((_, held)) => held.push(one),
            None => reasons.push((&one.because, vec![one])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    h.leaf("h3", "", view.pick("Not now", "Pas maintenant"));
    for (because, held) in reasons {
        h.el("div", &[("class", "note warning")], |h| {
            icon(h, Icon::Warning);
            h.el("div", &[], |h| {
                h.prose("p", "", because.r#in(view.lang));
                h.el("ul", &[], |h| held.iter().for_each(|one| h.leaf("li", "", one.title.r#in(view.lang))));
            });
        });
    }
}

fn do_not(h: &mut Html, view: &View<'_>, incident: &Incident) {
    if incident.do_not.is_empty() {
        return;
    }
    h.leaf("h3", "", view.pick("Do not", "À ne pas faire"));
    h.el("ul", &[("class", "never")], |h| {
        for one in &incident.do_not {
            h.el("li", &[], |h| {
                icon(h, Icon::Failure);
                h.el("div", &[], |h| {
                    h.leaf("strong", "", one.text.r#in(view.lang));
                    h.prose("p", "muted", one.reason.r#in(view.lang));
                });
            });
        }
    });
}

fn missing(h: &mut Html, view: &View<'_>, incident: &Incident) {
    let missing: BTreeSet<_> = incident.findings.iter().flat_map(|finding| &finding.missing_evidence).collect();
    if missing.is_empty() {
        return;
    }
    h.leaf("h3", "", view.pick("What would settle it", "Ce qui trancherait"));
    h.el("ul", &[("class", "marked")], |h| {
        for one in missing {
            h.el("li", &[], |h| {
                icon(h, Icon::Unknown);
                h.el("div", &[], |h| {
                    h.leaf("strong", "", one.what.r#in(view.lang));
                    h.text(view.pick(" would ", "\u{a0}: "));
                    h.text(one.would.r#in(view.lang));
                });
            });
        }
    });
}
