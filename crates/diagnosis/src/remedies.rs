//! Orders remedies by what they cost, and fills in their commands.

use std::collections::BTreeSet;

use esxray_knowledge::{Basis, History, Knowledge, Piece, Placeholder, RemedyKind, Shell, Step};
use esxray_model::Fact;

use crate::facts::Facts;
use crate::judge::fact_holds;
use crate::outcome::{DoNot, Finding, HostName, Rekey, Remedy, RemedyStep, VmName, Withheld};
use crate::path::StoredPath;

/// The values that an incident has for the commands.
pub(crate) struct Values<'a> {
    pub vm: Option<&'a VmName>,
    pub host: Option<&'a HostName>,
    pub rekey: Option<&'a Rekey>,
    pub findings: &'a [Finding],
}

impl Values<'_> {
    fn get(&self, placeholder: Placeholder) -> Option<String> {
        let captured = |name: &str| self.findings.iter().find_map(|it| it.captures.get(name)).cloned();
        let vm = self.vm;
        match placeholder {
            Placeholder::Vm => vm?.name.clone(),
            Placeholder::Vmid => vm?.vmid.clone(),
            Placeholder::VmxPath => vm?.vmx_path.clone().filter(|path| path.starts_with('/')),
            Placeholder::VmxDatastorePath => {
                let path = StoredPath::read(vm?.vmx_path.as_deref()?);
                // vCenter knows datastores by name; a UUID is what the host calls them.
                (!path.datastore.is_empty() && !path.has_uuid())
                    .then(|| format!("[{}] {}/{}", path.datastore, path.folder, path.file))
            }
            Placeholder::Moref => vm?.moref.clone(),
            Placeholder::Host => self.host?.name.clone(),
            Placeholder::Disk => captured("disk"),
            Placeholder::Provider => captured("provider"),
            Placeholder::FromProvider => self.rekey?.from_provider.clone(),
            Placeholder::ToProvider => self.rekey?.to_provider.clone(),
            Placeholder::KeyId => captured("key_id").or_else(|| captured("key")),
            Placeholder::Datastore => vm?.datastore.clone(),
        }
    }
}

/// The remedies of an incident in the order in which to try them, and those that must wait.
pub(crate) fn remedies(knowledge: &Knowledge, facts: &Facts<'_>, values: &Values<'_>) -> (Vec<Remedy>, Vec<Withheld>) {
    let mut wanted: Vec<&str> = Vec::new();
    for finding in values.findings {
        let Some(cause) = knowledge.cause(&finding.cause) else { continue };
        for id in &cause.remedies {
            if !wanted.contains(&id.as_str()) {
                wanted.push(id);
            }
        }
    }
    let mut offered: Vec<&esxray_knowledge::Remedy> = Vec::new();
    let mut withheld = Vec::new();
    for remedy in wanted.iter().filter_map(|id| knowledge.remedy(id)) {
        // What cannot be undone needs the whole input: the part that is missing may speak against it.
        let blind = (remedy.data_loss || remedy.history == History::Lost) && facts.sources.iter().any(|it| it.damaged);
        let unread = blind.then(|| "part of the input could not be read, and it may speak against it".to_owned());
        match unread.or_else(|| obstacle(facts, &remedy.requires, &remedy.forbidden)) {
            Some(because) => {
                withheld.push(Withheld { id: remedy.id.clone(), title: remedy.title.clone(), because });
            }
            None => offered.push(remedy),
        }
    }
    offered.sort_by_key(|it| loss(it));
    withheld.sort_by(|one, other| one.id.cmp(&other.id));
    let remedies = offered.iter().zip(1..).map(|(remedy, rank)| fill(remedy, rank, values)).collect();
    (remedies, withheld)
}

/// What the customer would lose by it, most important first: data, history, service. Nothing that costs one
/// of them comes before what does not; looking comes before doing; the rest is the order of the knowledge.
fn loss(remedy: &esxray_knowledge::Remedy) -> (bool, bool, bool, bool, u32, &str) {
    (
        remedy.data_loss,
        remedy.history == History::Lost,
        remedy.service_impact == esxray_knowledge::ServiceImpact::Outage,
        remedy.kind != RemedyKind::Check,
        remedy.order,
        &remedy.id,
    )
}

/// The fact that stands in the way, in words.
fn obstacle(facts: &Facts<'_>, requires: &[Fact], forbidden: &[Fact]) -> Option<String> {
    let forbids = forbidden.iter().find(|fact| fact_holds(facts, **fact) == Some(true));
    let lacks = requires.iter().find(|fact| fact_holds(facts, **fact) == Some(false));
    forbids.map(|fact| because(*fact, true)).or_else(|| lacks.map(|fact| because(*fact, false)))
}

fn because(fact: Fact, holds: bool) -> String {
    let text = match (fact, holds) {
        (Fact::ProviderUnavailable, true) => {
            "a key provider that the VM needs is not known to the host or does not answer"
        }
        (Fact::RekeyWindow, false) => "no re-key of the VM is in the logs",
        (Fact::RekeyInterrupted, true) => "the re-key was cut short",
        (Fact::SnapshotPresent, true) => "the VM has a snapshot",
        (Fact::SnapshotPresent, false) => "the VM has no snapshot",
        (Fact::VmPoweredOn, true) => "the VM is powered on",
        (Fact::VmPoweredOn, false) => "the VM is powered off",
        (Fact::ObjectsMixed, true) => "the VM's objects are on different keys",
        (Fact::VmRunning, true) => "the VM runs",
        (Fact::VmRunning, false) => "the VM does not run",
        (Fact::IdeDisk, false) => "the VM has no disk on an IDE controller",
        _ => return format!("the fact {fact} {}", if holds { "holds" } else { "does not hold" }),
    };
    text.to_owned()
}

fn fill(remedy: &esxray_knowledge::Remedy, rank: u32, values: &Values<'_>) -> Remedy {
    // What nobody checked is not given as a command to paste.
    let steps =
        remedy.steps.iter().filter(|step| remedy.basis != Basis::FromMemory || step.shell == Shell::VsphereClient);
    Remedy {
        id: remedy.id.clone(),
        rank,
        title: text(&remedy.title),
        why: text(&remedy.why),
        kind: remedy.kind,
        steps: steps.map(|step| fill_step(step, values)).collect(),
        service_impact: remedy.service_impact,
        history: remedy.history,
        reversible: remedy.reversible,
        prechecks: remedy.prechecks.clone(),
        verify: remedy.verify.clone(),
        risks: remedy.risks.clone(),
        applies: text(&remedy.applies),
        sources: remedy.sources.clone(),
    }
}

fn text(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fill_step(step: &Step, values: &Values<'_>) -> RemedyStep {
    let mut command = String::new();
    let mut complete = true;
    for piece in step.command.pieces() {
        match piece {
            Piece::Literal(text) => {
                // What no log can give, such as `<kms>`, is written out in the knowledge.
                complete &= !has_blank(text);
                command.push_str(text);
            }
            Piece::Value(placeholder) => {
                let value = values.get(*placeholder).and_then(|value| quote(&value, step.shell));
                complete &= value.is_some();
                command.push_str(&value.unwrap_or_else(|| format!("<{placeholder}>")));
            }
        }
    }
    let note = step.note.as_ref().map(|note| {
        let captures = values.findings.first().map(|it| it.captures.clone()).unwrap_or_default();
        crate::judge::fill_title(note, &captures, values.vm.and_then(|vm| vm.name.as_deref()))
    });
    RemedyStep { shell: step.shell, command, complete, note }
}

/// Whether a text holds a word in angle brackets, which a person has to fill in.
fn has_blank(text: &str) -> bool {
    text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).any(|(word, _)| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_')
    })
}

/// A value as the shell takes it, in one piece; `None` for one that must not be put into a command.
///
/// A name with a control character, or one that shows something else than it is, is never put into a command.
fn quote(value: &str, shell: Shell) -> Option<String> {
    if value.is_empty() || value.chars().any(is_dangerous) {
        return None;
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '.' | '_' | '-' | ':' | '@');
    match shell {
        Shell::VsphereClient | Shell::Kms => Some(value.to_owned()),
        // A leading hyphen would be an option, quoted or not.
        _ if value.starts_with('-') => None,
        Shell::EsxiShell | Shell::VcenterShell if value.chars().all(plain) => Some(value.to_owned()),
        Shell::EsxiShell | Shell::VcenterShell => Some(format!("'{}'", value.replace('\'', r"'\''"))),
        Shell::Powercli if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(value.to_owned())
        }
        Shell::Powercli => {
            let mut quoted = String::from("'");
            for letter in value.chars() {
                match letter {
                    // PowerShell takes the curly ones for quotes as well.
                    '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => quoted.extend([letter, letter]),
                    // Names are patterns to the cmdlets.
                    '*' | '?' | '[' | ']' | '`' => quoted.extend(['`', letter]),
                    _ => quoted.push(letter),
                }
            }
            quoted.push('\'');
            Some(quoted)
        }
    }
}

/// Controls, and what turns the direction of text round or is not seen at all.
fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}' | '\u{ad}' | '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}

/// What not to do while these findings are open.
pub(crate) fn prohibitions(knowledge: &Knowledge, facts: &Facts<'_>, findings: &[Finding]) -> Vec<DoNot> {
    let mut seen = BTreeSet::new();
    let mut prohibitions = Vec::new();
    for cause in findings.iter().filter_map(|it| knowledge.cause(&it.cause)) {
        for prohibition in cause.do_not.iter().filter_map(|id| knowledge.prohibition(id)) {
            let holds = prohibition.requires.iter().all(|fact| fact_holds(facts, *fact) != Some(false));
            if holds && seen.insert(prohibition.id.clone()) {
                prohibitions.push(DoNot {
                    id: prohibition.id.clone(),
                    text: text(&prohibition.text),
                    reason: text(&prohibition.reason),
                });
            }
        }
    }
    prohibitions
}

#[cfg(test)]
mod tests {
    use esxray_knowledge::Shell;

    use super::quote;

    #[track_caller]
    fn check(shell: Shell, value: &str, expected: Option<&str>) {
        assert_eq!(quote(value, shell).as_deref(), expected, "{value:?}");
    }

    #[test]
    fn a_value_stays_one_word_in_its_shell() {
        check(Shell::EsxiShell, "62", Some("62"));
        check(Shell::EsxiShell, "/vmfs/volumes/ds1/APP-01/APP-01.vmx", Some("/vmfs/volumes/ds1/APP-01/APP-01.vmx"));
        check(Shell::EsxiShell, "/vmfs/volumes/ds1/a b/$(id)`x`.vmx", Some("'/vmfs/volumes/ds1/a b/$(id)`x`.vmx'"));
        check(Shell::EsxiShell, "it's", Some(r"'it'\''s'"));
        check(Shell::Powercli, "APP-01", Some("'APP-01'"));
        check(Shell::Powercli, "it's \u{2019}", Some("'it''s \u{2019}\u{2019}'"));
        check(Shell::Powercli, "a[1]*", Some("'a`[1`]`*'"));
        check(Shell::VsphereClient, "APP 01", Some("APP 01"));
    }

    #[test]
    fn what_could_drive_a_terminal_or_a_parser_is_left_out() {
        for value in ["", "a\nb", "a\x1b[2J", "a\u{202e}b", "a\u{200b}b", "-rf", "a\u{fffd}"] {
            check(Shell::EsxiShell, value, None);
            check(Shell::Powercli, value, None);
        }
    }
}
