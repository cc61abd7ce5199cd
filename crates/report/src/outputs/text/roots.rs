//! What stands behind several incidents at once: said once, and the incidents below it in one row each.

use esxray_diagnosis::{Diagnosis, Incident, RootCause};
use esxray_model::{Said, say};

use super::incident::earlier_twin;
use super::section;
use crate::page::{Page, Phrase};
use crate::paint::Style;
use crate::words::{counted, spoken, step_does};

/// Incidents of one cause from which on those that look alike are listed, not told.
const MANY: usize = 4;

/// Rows of such a list where not everything is wanted.
const ROWS: usize = 40;

/// Writes which incidents have one cause; nothing where each has its own.
pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis) {
    let open = |root: &&RootCause| {
        root.incidents.len() > 1
            && diagnosis.incidents.iter().any(|it| it.recovered.is_none() && root.incidents.contains(&it.id))
    };
    let shared: Vec<&RootCause> = diagnosis.root_causes.iter().filter(open).collect();
    if shared.is_empty() {
        return;
    }
    page.blank();
    section(page, ("One cause, several incidents", "Une cause, plusieurs incidents"));
    for root in shared {
        let lead = page.phrase().say("  ").styled(Style::Strong, &root.id).say("  ");
        let indent = page.phrase().pad(lead.width());
        page.hang_under(&lead, &indent, &page.phrase().styled(Style::Strong, &root.title));
        let count = counted(root.incidents.len() as u64, "incident");
        let facts = page.phrase().styled(
            Style::Dim,
            say!(
                en: "{} · {} · {count}: {}", root.cause, root.grade, ids(&root.incidents);
                fr: "{} · {} · {}\u{a0}: {}", root.cause, spoken(root.grade).1, count.fr(), ids(&root.incidents)
            ),
        );
        page.hang(&indent, &facts);
        let reach = reach(page, root);
        if !reach.is_empty() {
            page.hang(&indent, &reach);
        }
    }
}

/// How far it reaches, and where it does not: both are evidence.
fn reach(page: &Page, root: &RootCause) -> Phrase {
    let mut reach = page.phrase();
    if !root.vms.is_empty() {
        reach = reach.say(counted(root.vms.len() as u64, "VM"));
    }
    if !root.hosts.is_empty() {
        reach = reach.say(if root.vms.is_empty() { ("on ", "sur ") } else { (" on ", " sur ") }).say(few(&root.hosts));
    }
    if !root.hosts_without.is_empty() {
        let not = if reach.is_empty() { ("not on ", "pas sur ") } else { ("; not on ", "\u{a0}; pas sur ") };
        reach = reach
            .say(not)
            .say(few(&root.hosts_without))
            .say((", whose logs cover the time", ", dont les journaux couvrent la période"));
    }
    reach
}

/// The first of many names.
fn few(names: &[String]) -> Said {
    let shown = names.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(6);
    if more > 0 { say!(en: "{shown} and {more} more", fr: "{shown} et {more} de plus") } else { Said::name(shown) }
}

/// `I1-I4, I7`.
fn ids(ids: &[String]) -> String {
    let numbers: Vec<u64> = ids.iter().filter_map(|id| id.strip_prefix('I')?.parse().ok()).collect();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let runs = runs.iter().map(|(first, last)| match last - first {
        0 => format!("I{first}"),
        1 => format!("I{first}, I{last}"),
        _ => format!("I{first}-I{last}"),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// The root cause of an incident, where it has many.
fn of<'a>(diagnosis: &'a Diagnosis, incident: &Incident) -> Option<&'a RootCause> {
    diagnosis.root_causes.iter().find(|root| root.incidents.len() >= MANY && root.incidents.contains(&incident.id))
}

/// Whether an incident is but a row below an earlier one: the same cause, the same advice.
pub(super) fn is_row(diagnosis: &Diagnosis, incident: &Incident) -> bool {
    head(diagnosis, incident).is_some()
}

/// The incident below which another one is a row.
fn head<'a>(diagnosis: &'a Diagnosis, incident: &Incident) -> Option<&'a Incident> {
    let root = of(diagnosis, incident)?;
    earlier_twin(diagnosis, incident).filter(|twin| root.incidents.contains(&twin.id))
}

/// The incidents that are rows below this one.
pub(super) fn rows(page: &mut Page, diagnosis: &Diagnosis, incident: &Incident) {
    let is_row =
        |it: &&Incident| it.recovered.is_none() && head(diagnosis, it).is_some_and(|head| head.id == incident.id);
    let rows: Vec<&Incident> = diagnosis.incidents.iter().filter(is_row).collect();
    if rows.is_empty() {
        return;
    }
    page.blank();
    section(page, ("The same happened to", "La même chose est arrivée à"));
    let name = |it: &Incident| it.vm.as_ref().and_then(|vm| vm.name.clone().or_else(|| vm.moref.clone()));
    let widest = |of: &dyn Fn(&Incident) -> Option<String>| {
        rows.iter().filter_map(|it| of(it)).map(|it| page.phrase().say(&it).width()).max().unwrap_or(0)
    };
    let vmid = |it: &Incident| it.vm.as_ref().and_then(|vm| vm.vmid.clone());
    let host = |it: &Incident| it.host.as_ref().and_then(|host| host.name.clone());
    let ids = widest(&|it| Some(it.id.clone()));
    let (names, vmids, hosts) = (widest(&name).min(24), widest(&vmid), widest(&host).min(20));
    for it in rows.iter().take(ROWS) {
        let mut row = page.phrase().say("  ").styled(Style::Dim, &it.id).pad(2 + ids + 2);
        let mut column = 2 + ids + 2;
        let mut cell = |row: Phrase, text: Option<String>, width: usize| {
            column += width + 2;
            row.and(&page.phrase().say(text.unwrap_or_else(|| "-".to_owned())).cut(width)).pad(column)
        };
        row = cell(row, name(it), names.max(1));
        if vmids > 0 {
            row = cell(row, vmid(it).map(|it| format!("vmid {it}")), vmids + 5);
        }
        if hosts > 0 {
            row = cell(row, host(it), hosts);
        }
        if let Some(started) = it.started.or(it.ended) {
            row = row.styled(Style::Dim, started.to_string()).say("  ");
        }
        if let Some(step) = it.rekey.as_ref().and_then(|rekey| rekey.failed_step) {
            row = row.say(("could not ", "n’a pas pu ")).say(step_does(step));
        }
        page.whole(0, &row);
    }
    if rows.len() > ROWS {
        let left = rows.len() - ROWS;
        let more = say!(
            en: "… and {left} more (-v prints all; `esxray rekey` lists the VMs)",
            fr: "… et {left} de plus (-v montre tout\u{a0}; `esxray rekey` liste les VM)",
        );
        page.paragraph(2, &page.phrase().styled(Style::Dim, &more));
    }
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn runs_of_incidents_are_short() {
        let named = |numbers: &[u64]| ids(&numbers.iter().map(|it| format!("I{it}")).collect::<Vec<_>>());
        assert_eq!(named(&[1, 2, 3, 4, 7, 9, 10]), "I1-I4, I7, I9, I10");
        assert_eq!(named(&[]), "");
    }
}
