//! The audit as a table: a row a VM, a column an object.

use esxray_diagnosis::{Audit, KeyedObject, ListState, ObjectKind, VmRow};

use esxray_model::{Lang, Said, say};

use super::{object_name, state_of};
use crate::outputs::csv::row;

/// The columns before those of the objects.
const COLUMNS: [&str; 27] = [
    "vm",
    "vmid",
    "moref",
    "uuid",
    "instance_uuid",
    "vmx_path",
    "datastore",
    "host",
    "encrypted",
    "asked_for",
    "outcome",
    "recovered",
    "failed_step",
    "from_provider",
    "to_provider",
    "attempts",
    "began",
    "ended",
    "incident",
    "cause",
    "grade",
    "cause_title",
    "remedy",
    "remedy_title",
    "remedy_commands",
    "cannot_be_vouched_for",
    "risks",
];

/// The audit as CSV of RFC 4180 with a header row; what is not known is an empty cell.
///
/// A listed VM that the input does not name has a row with the outcome `not-in-input`. Cells are kept from being formulas
/// as `esxray records --help` tells.
///
/// The texts of cells are in the language that is asked for; headings, ids and words of closed sets are not translated.
pub fn csv(audit: &Audit, lang: Lang) -> String {
    let disks = |it: &VmRow| it.objects.iter().filter(|it| it.kind == ObjectKind::Disk).count();
    let most = audit.rows.iter().map(disks).max().unwrap_or(0);
    let mut table = String::new();
    let objects: Vec<String> =
        std::iter::once("vm_home".to_owned()).chain((1..=most).map(|it| format!("disk_{it}"))).collect();
    row(&mut table, COLUMNS.into_iter().chain(objects.iter().map(String::as_str)));
    for one in &audit.rows {
        let mut cells = cells(audit, one, lang);
        let home = one.objects.iter().find(|it| it.kind == ObjectKind::VmHome);
        cells.push(home.map(|it| cell(it, lang)).unwrap_or_default());
        let disks = one.objects.iter().filter(|it| it.kind == ObjectKind::Disk);
        let disks: Vec<String> = disks.map(|it| cell(it, lang)).collect();
        let blank = std::iter::repeat_n(String::new(), most - disks.len());
        cells.extend(disks.into_iter().chain(blank));
        row(&mut table, cells.iter().map(String::as_str));
    }
    let unseen = audit.list.iter().flat_map(|it| &it.vms).filter(|it| it.state == ListState::NotInInput);
    for one in unseen {
        let mut cells = vec![String::new(); COLUMNS.len() + objects.len()];
        for (column, text) in COLUMNS.iter().zip(&mut cells) {
            match *column {
                "vm" => text.clone_from(&one.wanted),
                "asked_for" => "true".clone_into(text),
                "outcome" => one.state.as_str().clone_into(text),
                "cannot_be_vouched_for" => {
                    let line = one.line;
                    let said = say!(
                        en: "line {line} of the list: no log names it",
                        fr: "ligne {line} de la liste\u{a0}: aucun journal ne la nomme",
                    );
                    said.r#in(lang).clone_into(text);
                }
                _ => {}
            }
        }
        row(&mut table, cells.iter().map(String::as_str));
    }
    table
}

fn cells(audit: &Audit, one: &VmRow, lang: Lang) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let last = one.attempts.last();
    let time = |time: Option<esxray_model::Timestamp>| time.map(|it| it.to_string()).unwrap_or_default();
    let cause = one.cause.as_ref();
    let remedy = one.remedy.as_ref();
    let commands = remedy.map(|it| it.steps.iter().map(|it| it.command.as_str()).collect::<Vec<_>>().join("\n"));
    let risks = audit.preflight.iter().flat_map(|it| &it.vms).find(|it| it.vm == one.vm).map(|it| &it.risks);
    let risks = risks.into_iter().flatten().map(|it| format!("{}: {}", it.weight.as_str(), it.id));
    vec![
        super::name_of(&one.vm).to_owned(),
        text(&one.vm.vmid),
        text(&one.vm.moref),
        text(&one.vm.uuid),
        text(&one.vm.instance_uuid),
        text(&one.vm.vmx_path),
        text(&one.vm.datastore),
        text(&one.host),
        one.encrypted.to_string(),
        one.asked.to_string(),
        one.outcome.as_str().to_owned(),
        one.recovered.to_string(),
        one.failed_step.map(|it| it.as_str().to_owned()).unwrap_or_default(),
        text(&one.from_provider),
        text(&one.to_provider),
        one.attempts.len().to_string(),
        time(last.and_then(|it| it.began)),
        time(last.and_then(|it| it.ended)),
        text(&one.incident),
        cause.map(|it| it.id.clone()).unwrap_or_default(),
        cause.map(|it| it.grade.as_str().to_owned()).unwrap_or_default(),
        cause.map(|it| it.title.r#in(lang).to_owned()).unwrap_or_default(),
        remedy.map(|it| it.id.clone()).unwrap_or_default(),
        remedy.map(|it| it.title.r#in(lang).to_owned()).unwrap_or_default(),
        commands.unwrap_or_default(),
        Said::join(&one.doubts, "; ").r#in(lang).to_owned(),
        risks.collect::<Vec<_>>().join("; "),
    ]
}

/// `device 2000 (APP-01.vmdk): new, KMS-EXT, 5e0c…`.
fn cell(object: &KeyedObject, lang: Lang) -> String {
    let state = state_of(object);
    let known = [object.provider.as_deref(), object.key_id.as_deref()].into_iter().flatten();
    let parts: Vec<&str> = std::iter::once(state).chain(known).collect();
    format!("{}: {}", object_name(object).r#in(lang), parts.join(", "))
}
