use esxray_model::Said;

use super::Reader;
use crate::flaw::Flaw;
use crate::remedy::{FixedRelease, Prohibition, Remedy, Step};
use crate::schema::{self, Basis, ProhibitionFile, ReleaseFile, RemedyFile, RemedyKind, Shell};
use crate::template::Template;

/// Reads and checks one remedy alone.
pub(crate) fn remedy(reader: &mut Reader<'_, '_>, id: &str) -> Option<Remedy> {
    let file: RemedyFile = reader.document.parse(reader.problems)?;
    let title = reader.said_line("title", file.title, file.title_fr);
    let why = reader.said("why", file.why, file.why_fr);
    let applies = reader.said("applies", file.applies, file.applies_fr);
    let prechecks = reader.said_list("prechecks", file.prechecks, file.prechecks_fr);
    let verify = reader.said_list("verify", file.verify, file.verify_fr);
    let risks = reader.said_list("risks", file.risks, file.risks_fr);
    reader.sources(&file.sources);
    let has_facts = !file.requires.is_empty() || !file.forbidden.is_empty();
    let requires = reader.facts("requires", &file.requires);
    let forbidden = reader.facts("forbidden", &file.forbidden);
    let later_when = reader.facts("later_when", &file.later_when);
    if file.saves_evidence && file.kind != RemedyKind::Check {
        reader.tell("saves_evidence", || Flaw::EvidenceNotCheck);
    }
    let releases = file.releases.into_iter().enumerate().map(|(index, it)| {
        let has = reader.said_line(&format!("release.{index}.has"), it.has, it.has_fr);
        reader.line(&format!("release.{index}.line"), &it.line);
        reader.line(&format!("release.{index}.release"), &it.release);
        let ReleaseFile { product, line, build, release, basis, .. } = it;
        FixedRelease { product, has, line, build, release, basis }
    });
    let releases = releases.collect();
    let from_memory = file.basis == Basis::FromMemory && file.kind != RemedyKind::Check;
    let commands: Vec<(Shell, String)> = file.steps.iter().map(|it| (it.shell, it.command.clone())).collect();
    let steps = read_steps(reader, file.steps, from_memory);

    let remedy = Remedy {
        id: id.to_owned(),
        title,
        why,
        kind: file.kind,
        service_impact: file.service_impact,
        history: file.history,
        reversible: file.reversible,
        data_loss: file.data_loss,
        order: file.order,
        requires,
        forbidden,
        later_when,
        saves_evidence: file.saves_evidence,
        applies,
        releases,
        steps,
        prechecks,
        verify,
        risks,
        basis: file.basis,
        sources: file.sources,
        file: reader.document.path.clone(),
    };
    match remedy.costs() {
        Some(costs) => check_guarded(reader, &remedy, &costs, has_facts),
        None => check_harmless(reader, &commands),
    }
    Some(remedy)
}

/// Commands that end, remove or overwrite something, as they are typed.
///
/// Not all that there are, but those that stand in the articles that remedies are made from.
const DESTROY: &[&str] = &[
    "rm -",
    "vmsvc/unregister",
    "vmsvc/destroy",
    "vmsvc/power.off",
    "vmsvc/power.reset",
    "vmsvc/snapshot.remove",
    "vm process kill",
    "vmkfstools -U",
    "vmkfstools -C",
    "partedUtil mklabel",
    "partedUtil delete",
    "partedUtil setptbl",
    "dd if=",
    "mkfs.",
    "storage filesystem unmount",
    "vsan storage remove",
    "vsan storage diskgroup remove",
    "reboot",
    "Remove-",
    "Stop-VM",
    "Restart-VM",
    "Dismount-",
];

/// A remedy that costs nothing must not take anything away.
fn check_harmless(reader: &mut Reader<'_, '_>, commands: &[(Shell, String)]) {
    for (index, (shell, command)) in commands.iter().enumerate() {
        let typed = !matches!(shell, Shell::VsphereClient | Shell::Kms);
        if let Some(found) = DESTROY.iter().find(|it| typed && command.contains(**it)) {
            reader.tell(&format!("step.{index}.command"), || Flaw::Destroys { command: found });
        }
    }
}

/// A remedy that costs something must say what to check first, and which facts hold it back.
fn check_guarded(reader: &mut Reader<'_, '_>, remedy: &Remedy, costs: &Said, has_facts: bool) {
    if remedy.kind == RemedyKind::Check {
        reader.tell("kind", || Flaw::CheckNotReadOnly { costs: costs.to_string() });
    }
    let missing = match (remedy.prechecks.is_empty(), has_facts) {
        (true, true) => "`prechecks`",
        (false, false) => "`requires` or `forbidden`",
        (true, false) => "`prechecks`, and `requires` or `forbidden`",
        (false, true) => return,
    };
    reader.tell("title", || Flaw::Unguarded { costs: costs.to_string(), missing });
}

fn read_steps(reader: &mut Reader<'_, '_>, steps: Vec<schema::Step>, from_memory: bool) -> Vec<Step> {
    reader.some("step", &steps);
    let mut read = Vec::with_capacity(steps.len());
    for (index, step) in steps.into_iter().enumerate() {
        let key = |name: &str| format!("step.{index}.{name}");
        reader.text(&key("command"), &step.command);
        let note = reader.said_option(&key("note"), step.note, step.note_fr);
        if from_memory && step.shell != Shell::VsphereClient {
            reader.tell(&key("where"), || Flaw::CommandFromMemory { found: step.shell.as_str() });
        }
        let command = match Template::parse(&step.command) {
            Ok(command) => command,
            Err(flaw) => {
                reader.tell(&key("command"), || flaw);
                continue;
            }
        };
        check_pasteable(reader, &key("command"), step.shell, &command, &step.command);
        read.push(Step { shell: step.shell, command, note });
    }
    read
}

/// A command is pasted into a shell, so a tab in it would ask for a completion, and quotes would meet.
fn check_pasteable(reader: &mut Reader<'_, '_>, key: &str, shell: Shell, command: &Template, text: &str) {
    if matches!(shell, Shell::VsphereClient | Shell::Kms) {
        return;
    }
    if text.contains('\t') {
        reader.tell(key, || Flaw::Unprintable { code: u32::from('\t') });
    }
    if let Some(placeholder) = command.quoted() {
        reader.tell(key, || Flaw::QuotedPlaceholder { name: placeholder.as_str().to_owned() });
    }
}

/// Reads and checks one prohibition alone.
pub(crate) fn prohibition(reader: &mut Reader<'_, '_>, id: &str) -> Option<Prohibition> {
    let file: ProhibitionFile = reader.document.parse(reader.problems)?;
    let text = reader.said_line("text", file.text, file.text_fr);
    let reason = reader.said("reason", file.reason, file.reason_fr);
    reader.sources(&file.sources);
    let requires = reader.facts("requires", &file.requires);
    Some(Prohibition {
        id: id.to_owned(),
        text,
        reason,
        requires,
        sources: file.sources,
        file: reader.document.path.clone(),
    })
}
