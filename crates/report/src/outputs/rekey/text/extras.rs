//! What was asked beside the rows: a list, a provider to retire, a migration to come.

use esxray_diagnosis::{Audit, KeyedObject, ListState, Preflight, Readiness, Retirement, Risk, Safety, VmName, Weight};

use esxray_model::{Said, say};

use super::{NAMES, ROWS, heading, more, name_of, names, reasons};
use crate::outputs::rekey::object_name;
use crate::outputs::text::{item, place, section};
use crate::page::{Both, Page};
use crate::paint::Style;
use crate::words::{counted, grouped, spoken};

/// One line each, right below the headline.
pub(super) fn headlines(page: &mut Page, audit: &Audit) {
    if let Some(retire) = &audit.retire {
        let (style, word) = answer(retire.safety);
        let lead = page.phrase().styled(Style::Strong, ("RETIRE", "RETRAIT")).say("  ");
        let line = page.phrase().styled(Style::Strong, &retire.provider).say(": ").styled(style, word);
        page.hang(&lead, &line.say(": ").say(&retire.because));
    }
    if let Some(list) = &audit.list {
        let lead = page.phrase().styled(Style::Strong, ("LIST", "LISTE")).say("    ");
        let (form, form_fr) = (list.form, form_in_french(list.form));
        let read = say!(en: " (read as {form}): ", fr: " (lue comme {form_fr})\u{a0}: ");
        let mut line = page.phrase().say(counted(list.vms.len() as u64, "VM")).styled(Style::Dim, &read);
        let mut first = true;
        for state in ListState::ALL {
            let count = list.vms.iter().filter(|it| it.state == *state).count();
            if count > 0 {
                line = line.say(if first { "" } else { ", " });
                let count = grouped(count as u64);
                let said = Said::from(state_words(*state)).map(|words| format!("{count} {words}"));
                line = line.styled(state_style(*state), said);
                first = false;
            }
        }
        page.hang(&lead, &line);
    }
    if let Some(preflight) = &audit.preflight {
        let lead = page.phrase().styled(Style::Strong, ("PREFLIGHT", "CONTRÔLE")).say("  ");
        let of = |weight| {
            preflight.vms.iter().filter(|it| it.risks.first().is_some_and(|it| it.weight == weight)).count() as u64
        };
        let (stop, care) = (of(Weight::Stop), of(Weight::Care));
        let rest = preflight.vms.len() as u64 - stop - care;
        let fleet = preflight.fleet.iter().filter(|it| it.weight == Weight::Stop).count() as u64;
        let (vms, care, rest) = (counted(stop, "VM"), grouped(care), grouped(rest));
        let line = page
            .phrase()
            .styled(
                if stop > 0 { Style::Failure } else { Style::Plain },
                say!(
                    en: "{vms} must wait until something is done";
                    fr: "{} à traiter d’abord", vms.fr()
                ),
            )
            .say(say!(
                en: ", {care} with care, {rest} without a known risk",
                fr: ", {care} avec prudence, {rest} sans risque connu",
            ));
        let line = match fleet {
            0 => line,
            count => {
                let troubles = counted(count, "trouble");
                let said = say!(
                    en: "{troubles} of hosts or providers first";
                    fr: "d’abord {} d’hôtes ou de fournisseurs", troubles.fr()
                );
                line.say(("; ", "\u{a0}; ")).styled(Style::Failure, said)
            }
        };
        page.hang(&lead, &line);
    }
}

const fn answer(safety: Safety) -> (Style, Both) {
    match safety {
        Safety::Safe => (Style::Done, ("SAFE for the VMs of this input", "SANS DANGER pour les VM de cette entrée")),
        Safety::NotSafe => (Style::Failure, ("NOT SAFE", "DANGEREUX")),
        Safety::CannotSay => (Style::Warning, ("CANNOT SAY", "INDÉTERMINÉ")),
    }
}

const fn state_style(state: ListState) -> Style {
    match state {
        ListState::Completed => Style::Done,
        ListState::NotInInput | ListState::Ambiguous | ListState::Unknown => Style::Warning,
        _ => Style::Failure,
    }
}

fn state_words(state: ListState) -> Both {
    match state {
        ListState::NotAttempted => ("never attempted", "jamais tenté"),
        ListState::Unknown => ("not seen to the end", "fin non observée"),
        ListState::NotInInput => ("not in the input", "absent de l’entrée"),
        ListState::Ambiguous => ("of a name that several VMs have", "au nom porté par plusieurs VM"),
        state => spoken(state),
    }
}

/// How a list was read.
fn form_in_french(form: &str) -> &str {
    match form {
        "a table" => "un tableau",
        "a list of properties" => "une liste de propriétés",
        "one column under a heading" => "une colonne sous un titre",
        "one VM a line" => "une VM par ligne",
        other => other,
    }
}

/// What became of the listed VMs, those that are done left out.
pub(super) fn list(page: &mut Page, audit: &Audit, full: bool) {
    let Some(list) = &audit.list else { return };
    for state in ListState::ALL.iter().filter(|it| **it != ListState::Completed) {
        let vms: Vec<_> = list.vms.iter().filter(|it| it.state == *state).collect();
        if vms.is_empty() {
            continue;
        }
        let words = Said::from(state_words(*state));
        let title = say!(en: "On the list and {words}"; fr: "Sur la liste\u{a0}: {}", words.fr());
        heading(page, title, vms.len());
        let line = page.lang().pick("line", "ligne");
        let texts: Vec<String> = vms.iter().map(|it| format!("{} ({line} {})", it.wanted, it.line)).collect();
        names(page, 2, texts.iter().map(String::as_str), full);
    }
    if !list.beyond.is_empty() {
        heading(page, ("Re-keyed and not on the list", "Clé changée, mais hors de la liste"), list.beyond.len());
        names(page, 2, list.beyond.iter().map(name_of), full);
    }
}

/// Whether the provider may be retired: what names it, what is not vouched for, what to look at by hand.
pub(super) fn retire(page: &mut Page, audit: &Audit, full: bool) {
    let Some(retire) = &audit.retire else { return };
    page.blank();
    page.rule(&page.phrase().styled(Style::Strong, ("Retire ", "Retrait de ")).styled(Style::Strong, &retire.provider));
    naming(page, audit, retire, full);
    if !retire.unvouched.is_empty() {
        let vms = counted(retire.unvouched.len() as u64, "VM");
        section(page, say!(en: "Not vouched for: {vms}"; fr: "Non garanti\u{a0}: {}", vms.fr()));
        let rows: Vec<(&str, &[Said])> =
            retire.unvouched.iter().map(|it| (name_of(&it.vm), it.because.as_slice())).collect();
        reasons(page, &rows, full);
    }
    if retire.nameless > 0 {
        let vms = counted(retire.nameless as u64, "VM");
        let line =
            say!(en: "… and {vms} known by an id alone"; fr: "… et {} connues par un identifiant seul", vms.fr());
        page.paragraph(4, &page.phrase().styled(Style::Dim, &line));
    }
    if !retire.alike.is_empty() {
        let line =
            page.phrase().say(("The input names ", "L’entrée nomme ")).styled(Style::Strong, retire.alike.join(", "));
        page.paragraph(
            0,
            &line.say((
                ": a provider is looked up by its exact name.",
                "\u{a0}: un fournisseur est recherché par son nom exact.",
            )),
        );
    }
    if retire.elsewhere_count > 0 {
        let records = counted(retire.elsewhere_count, "record");
        let title =
            say!(en: "{records} that are no VM's name it too"; fr: "{} hors des VM le nomment aussi", records.fr());
        section(page, title);
        let shown = if full { retire.elsewhere.len() } else { 3 };
        for one in retire.elsewhere.iter().take(shown) {
            let line = page.phrase().say(&one.meaning).say("  ").styled(Style::Dim, place(&audit.diagnosis, one.place));
            item(page, (Style::Warning, "·"), &line);
        }
    }
    section(page, ("Look at by hand: no log lists these", "À examiner à la main\u{a0}: aucun journal ne les liste"));
    for one in &retire.by_hand {
        item(page, (Style::Dim, "·"), &page.phrase().say(one));
    }
}

fn naming(page: &mut Page, audit: &Audit, retire: &Retirement, full: bool) {
    if retire.naming.is_empty() {
        return;
    }
    section(page, ("Still on its keys", "Encore sur ses clés"));
    let mut vms: Vec<(&VmName, Vec<&KeyedObject>)> = Vec::new();
    for one in &retire.naming {
        match vms.last_mut() {
            Some(last) if *last.0 == one.vm => last.1.push(&one.object),
            _ => vms.push((&one.vm, vec![&one.object])),
        }
    }
    let shown = if full { vms.len() } else { NAMES };
    for (vm, objects) in vms.iter().take(shown) {
        let mut line = page.phrase().styled(Style::Strong, name_of(vm)).say(": ");
        for (index, object) in objects.iter().enumerate() {
            line = line.say(if index > 0 { ", " } else { "" }).say(object_name(object));
            if full && let Some(at) = object.evidence.last().map(|it| it.place) {
                line = line.say(" ").styled(Style::Dim, place(&audit.diagnosis, at));
            }
        }
        item(page, (Style::Failure, "✗"), &line);
    }
    more(page, 4, vms.len(), shown);
}

/// The VMs at risk and why, and those without a known risk.
pub(super) fn preflight(page: &mut Page, audit: &Audit, full: bool) {
    let Some(preflight) = &audit.preflight else { return };
    if !preflight.fleet.is_empty() {
        page.blank();
        page.rule(&page.phrase().styled(
            Style::Strong,
            ("Preflight: hosts and providers", "Contrôle préalable\u{a0}: hôtes et fournisseurs"),
        ));
        let shown = if full { preflight.fleet.len() } else { ROWS };
        for one in preflight.fleet.iter().take(shown) {
            risk(page, audit, one, full);
        }
        more(page, 4, preflight.fleet.len(), shown);
    }
    for (weight, title) in [
        (Weight::Stop, ("Preflight: not before something is done", "Contrôle préalable\u{a0}: pas avant d’avoir agi")),
        (Weight::Care, ("Preflight: with care", "Contrôle préalable\u{a0}: avec prudence")),
    ] {
        let vms: Vec<&Readiness> =
            preflight.vms.iter().filter(|it| it.risks.first().is_some_and(|it| it.weight == weight)).collect();
        if !vms.is_empty() {
            heading(page, title, vms.len());
            by_risk(page, audit, &vms, full);
        }
    }
    let calm: Vec<&Readiness> = preflight.vms.iter().filter(|it| it.risks.is_empty()).collect();
    if !calm.is_empty() {
        heading(page, ("Preflight: no known risk", "Contrôle préalable\u{a0}: aucun risque connu"), calm.len());
        names(page, 2, calm.iter().map(|it| name_of(&it.vm)), full);
    }
    not_visible(page, preflight);
}

/// VMs with the same risks together: fifty VMs have several disks.
fn by_risk(page: &mut Page, audit: &Audit, vms: &[&Readiness], full: bool) {
    let key = |it: &Readiness| -> Vec<Said> { it.risks.iter().map(|it| it.what.clone()).collect() };
    let mut groups: Vec<(Vec<Said>, Vec<&Readiness>)> = Vec::new();
    for vm in vms {
        match groups.iter_mut().find(|it| it.0 == key(vm)) {
            Some(group) => group.1.push(vm),
            None => groups.push((key(vm), vec![vm])),
        }
    }
    let shown = if full { groups.len() } else { ROWS };
    for (_, vms) in groups.iter().take(shown) {
        names(page, 2, vms.iter().map(|it| name_of(&it.vm)), full);
        for one in vms.iter().take(1).flat_map(|it| &it.risks) {
            risk(page, audit, one, full);
        }
    }
    more(page, 2, groups.len(), shown);
}

fn risk(page: &mut Page, audit: &Audit, one: &Risk, full: bool) {
    let (style, mark) = match one.weight {
        Weight::Stop => (Style::Failure, "✗"),
        Weight::Care => (Style::Warning, "!"),
    };
    let mut line = page.phrase().say(&one.what);
    if let Some(last) = one.last_seen {
        let records = counted(one.count, "record");
        let seen = say!(en: "{records}, the last {last}"; fr: "{}, le dernier {last}", records.fr());
        line = line.say("  ").styled(Style::Dim, &seen);
    }
    let lead = page.phrase().say("    ").styled(style, mark).say(" ");
    page.hang(&lead, &line);
    let lead = page.phrase().say("      ").styled(Style::Dim, ("first: ", "d’abord\u{a0}: "));
    page.hang(&lead, &page.phrase().say(&one.first));
    for cited in one.evidence.iter().take(if full { usize::MAX } else { 0 }) {
        page.paragraph(6, &page.phrase().styled(Style::Dim, place(&audit.diagnosis, cited.place)));
    }
}

fn not_visible(page: &mut Page, preflight: &Preflight) {
    let mut all: Vec<(Said, usize)> = Vec::new();
    for what in preflight.vms.iter().flat_map(|it| &it.not_visible) {
        match all.iter_mut().find(|it| it.0 == *what) {
            Some(known) => known.1 += 1,
            None => all.push((what.clone(), 1)),
        }
    }
    if all.is_empty() && preflight.not_visible.is_empty() {
        return;
    }
    page.blank();
    section(page, ("Not visible in this input", "Non visible dans cette entrée"));
    for what in &preflight.not_visible {
        item(page, (Style::Warning, "?"), &page.phrase().say(what));
    }
    for (what, count) in all {
        let vms = counted(count as u64, "VM");
        let of = say!(en: "  of {vms}"; fr: "  pour {}", vms.fr());
        let line = page.phrase().say(&what).styled(Style::Dim, of);
        item(page, (Style::Warning, "?"), &line);
    }
    if preflight.not_encrypted > 0 || preflight.nameless > 0 {
        let (plain, nameless) = (counted(preflight.not_encrypted as u64, "VM"), grouped(preflight.nameless as u64));
        let line = say!(
            en: "left out: {plain} whose .vmx says that they are not encrypted, {nameless} known by an id alone";
            fr: "laissées de côté\u{a0}: {} non chiffrées d’après leur .vmx, {nameless} connues par un identifiant seul",
                plain.fr()
        );
        page.paragraph(4, &page.phrase().styled(Style::Dim, &line));
    }
}
