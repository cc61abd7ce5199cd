//! Orders remedies by what they cost, and fills in their commands.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::{
    Basis, Cause, History, Knowledge, Piece, Placeholder, Product, RemedyKind, ServiceImpact, Shell, Step,
};
use esxray_model::{Fact, FormatName, Said, say};

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
    let causes: Vec<&Cause> = values.findings.iter().filter_map(|it| knowledge.cause(&it.cause)).collect();
    let damaged = facts.sources.iter().any(|it| it.damaged);
    // Many remedies ask for the same facts.
    let known: RefCell<BTreeMap<Fact, Option<bool>>> = RefCell::new(BTreeMap::new());
    let holds = |fact: Fact| *known.borrow_mut().entry(fact).or_insert_with(|| fact_holds(facts, fact));
    let (offered, withheld) = rank(knowledge, &causes, &holds, damaged);
    let next = offered.iter().skip(1).map(Some).chain([None]);
    let remedies = offered.iter().zip(next).zip(1..).map(|((remedy, next), rank)| Remedy {
        rank,
        why: Said::join([Some(text(&remedy.why)), next.and_then(|next| before(remedy, next))].iter().flatten(), " "),
        applies: applies(remedy, facts, values),
        ..fill(remedy, values)
    });
    (remedies.collect(), withheld)
}

/// What of the causes' remedies is offered, in order, and what must wait and why.
///
/// The first cause that speaks of a remedy decides whether it helps: the root cause stands first.
fn rank<'k>(
    knowledge: &'k Knowledge,
    causes: &[&'k Cause],
    holds: &dyn Fn(Fact) -> Option<bool>,
    damaged: bool,
) -> (Vec<&'k esxray_knowledge::Remedy>, Vec<Withheld>) {
    let mut spoken: Vec<(&str, Option<&Said>)> = Vec::new();
    for cause in causes {
        let helpful = cause.remedies.iter().map(|id| (id.as_str(), None));
        let unhelpful = cause.unhelpful.iter().map(|(id, why)| (id.as_str(), Some(why)));
        for (id, why) in helpful.chain(unhelpful) {
            if !spoken.iter().any(|it| it.0 == id) {
                spoken.push((id, why));
            }
        }
    }
    let mut offered: Vec<&esxray_knowledge::Remedy> = Vec::new();
    let mut withheld = Vec::new();
    for (remedy, useless) in spoken.into_iter().filter_map(|(id, why)| Some((knowledge.remedy(id)?, why))) {
        // What cannot be undone needs the whole input: the part that is missing may speak against it.
        let blind = damaged && (remedy.data_loss || remedy.history == History::Lost);
        let unread = blind.then(|| {
            say!(
                en: "part of the input could not be read, and it may speak against it",
                fr: "une partie de l’entrée n’a pas pu être lue et peut s’y opposer",
            )
        });
        match useless.cloned().or(unread).or_else(|| obstacle(holds, &remedy.requires, &remedy.forbidden)) {
            Some(because) => {
                withheld.push(Withheld { id: remedy.id.clone(), title: remedy.title.clone(), because });
            }
            None => offered.push(remedy),
        }
    }
    // Whatever starts a VM or a host anew pushes older lines out of the logs.
    if offered.iter().any(|it| it.costs().is_some()) && !offered.iter().any(|it| it.saves_evidence) {
        offered.extend(knowledge.remedies.iter().filter(|it| it.saves_evidence));
    }
    offered.sort_by_key(|it| loss(it, holds));
    withheld.sort_by(|one, other| one.id.cmp(&other.id));
    (offered, withheld)
}

/// What the customer would lose by it, most important first: data, history, service. Nothing that costs one
/// of them comes before what does not; looking comes before doing; the rest is the order of the knowledge.
fn loss<'k>(
    remedy: &'k esxray_knowledge::Remedy,
    holds: &dyn Fn(Fact) -> Option<bool>,
) -> (bool, bool, bool, bool, bool, u32, &'k str) {
    let later = !remedy.later_when.is_empty() && remedy.later_when.iter().all(|fact| holds(*fact) == Some(true));
    (
        remedy.data_loss,
        remedy.history == History::Lost,
        remedy.service_impact == ServiceImpact::Outage,
        remedy.kind != RemedyKind::Check,
        later,
        remedy.order,
        &remedy.id,
    )
}

/// Why one comes before the next one, where that one costs what this one does not.
fn before(one: &esxray_knowledge::Remedy, next: &esxray_knowledge::Remedy) -> Option<Said> {
    let costs = |it: &esxray_knowledge::Remedy| {
        [
            (it.data_loss, ("can lose data", "peut perdre des données")),
            (
                it.history == History::Lost,
                ("loses the VM's history in vCenter", "perd l’historique de la VM dans vCenter"),
            ),
            (it.service_impact == ServiceImpact::Outage, ("stops the service", "interrompt le service")),
            (it.kind != RemedyKind::Check, ("changes something", "modifie quelque chose")),
        ]
    };
    let worse = costs(next).into_iter().zip(costs(one)).find(|(next, one)| next.0 && !one.0)?;
    let (title, (costs, costs_fr)) = (text(&next.title), worse.0.1);
    Some(say!(
        en: "It comes before \u{201c}{title}\u{201d}, which {costs}.";
        fr: "À faire avant «\u{a0}{}\u{a0}», qui {costs_fr}.",
        title.fr()
    ))
}

/// When it applies, and what the builds that the logs show say to it.
fn applies(remedy: &esxray_knowledge::Remedy, facts: &Facts<'_>, values: &Values<'_>) -> Said {
    let mut said = vec![text(&remedy.applies)];
    for release in &remedy.releases {
        let (version, build) = match release.product {
            Product::Esxi => {
                let host = values.host;
                (host.and_then(|it| it.version.as_deref()), host.and_then(|it| it.build.as_deref()))
            }
            Product::Vcenter => vcenter(facts),
        };
        said.push(release.judge(version, build).map(capitalised));
    }
    Said::join(&said, " ")
}

/// Version and build of vCenter Server; unknown where its logs tell of two.
fn vcenter<'f>(facts: &'f Facts<'_>) -> (Option<&'f str>, Option<&'f str>) {
    let headers = facts.sources.iter().filter(|it| it.format() == FormatName::Vpxd).map(|it| &it.account.header);
    let seen: BTreeSet<(Option<&str>, Option<&str>)> =
        headers.filter(|it| it.build.is_some()).map(|it| (it.version.as_deref(), it.build.as_deref())).collect();
    let mut seen = seen.into_iter();
    seen.next().filter(|_| seen.next().is_none()).unwrap_or_default()
}

/// A sentence begins with a capital letter, but for a product's own name.
fn capitalised(sentence: &str) -> String {
    for (article, capital) in [("the ", "The "), ("l’", "L’")] {
        if let Some(rest) = sentence.strip_prefix(article) {
            return format!("{capital}{rest}");
        }
    }
    sentence.to_owned()
}

/// The fact that stands in the way, in words.
fn obstacle(holds: &dyn Fn(Fact) -> Option<bool>, requires: &[Fact], forbidden: &[Fact]) -> Option<Said> {
    let forbids = forbidden.iter().find(|fact| holds(**fact) == Some(true));
    let lacks = requires.iter().find(|fact| holds(**fact) == Some(false));
    forbids.map(|fact| because(*fact, true)).or_else(|| lacks.map(|fact| because(*fact, false)))
}

fn because(fact: Fact, holds: bool) -> Said {
    let (en, fr) = match (fact, holds) {
        (Fact::ProviderUnavailable, true) => (
            "a key provider that the VM needs is not known to the host or does not answer",
            "un fournisseur de clés dont la VM a besoin est inconnu de l’hôte ou ne répond pas",
        ),
        (Fact::RekeyWindow, false) => {
            ("no re-key of the VM is in the logs", "aucun changement de clé de la VM n’est dans les journaux")
        }
        (Fact::RekeyInterrupted, true) => ("the re-key was cut short", "le changement de clé a été interrompu"),
        (Fact::SnapshotPresent, true) => ("the VM has a snapshot", "la VM a un snapshot"),
        (Fact::SnapshotPresent, false) => ("the VM has no snapshot", "la VM n’a pas de snapshot"),
        (Fact::VmPoweredOn, true) => ("the VM is powered on", "la VM est sous tension"),
        (Fact::VmPoweredOn, false) => ("the VM is powered off", "la VM est hors tension"),
        (Fact::ObjectsMixed, true) => {
            ("the VM's objects are on different keys", "les objets de la VM sont sur des clés différentes")
        }
        (Fact::VmRunning, true) => ("the VM runs", "la VM est en cours d’exécution"),
        (Fact::VmRunning, false) => ("the VM does not run", "la VM n’est pas en cours d’exécution"),
        (Fact::IdeDisk, true) => ("the VM has a disk on an IDE controller", "la VM a un disque sur un contrôleur IDE"),
        (Fact::IdeDisk, false) => {
            ("the VM has no disk on an IDE controller", "la VM n’a pas de disque sur un contrôleur IDE")
        }
        (Fact::LinkedClone, true) => (
            "the VM is a linked clone: a disk of it belongs to another VM",
            "la VM est un clone lié\u{a0}: un de ses disques appartient à une autre VM",
        ),
        (Fact::SharedDisk, true) => {
            ("a disk of the VM is shared with other VMs", "un disque de la VM est partagé avec d’autres VM")
        }
        (Fact::ProvidersMixed, true) => (
            "the VM's objects name more than one key provider",
            "les objets de la VM nomment plusieurs fournisseurs de clés",
        ),
        (Fact::RekeyWindow, true) => ("the VM is being re-keyed", "un changement de clé de la VM est en cours"),
        (Fact::RekeyCompletedLater, true) => {
            ("a later re-key of the VM ended well", "un changement de clé ultérieur de la VM s’est bien terminé")
        }
        (Fact::KeyMissingInKms, true) => (
            "a key that the VM needs is not on its key provider",
            "une clé dont la VM a besoin n’est pas chez son fournisseur de clés",
        ),
        (Fact::NkpMismatch, true) => (
            "the key provider of the host does not decrypt the VM's key",
            "le fournisseur de clés de l’hôte ne déchiffre pas la clé de la VM",
        ),
        (Fact::NkpBackedUp, true) => {
            ("every native key provider is backed up", "chaque Native Key Provider est sauvegardé")
        }
        (Fact::NkpBackedUp, false) => {
            ("a native key provider is not backed up", "un Native Key Provider n’est pas sauvegardé")
        }
        (Fact::ProviderRemoved, true) => {
            ("a key provider was taken out of vCenter", "un fournisseur de clés a été retiré de vCenter")
        }
        (Fact::DuplicateUuid, true) => {
            ("another VM of the input has the same UUID", "une autre VM des données a le même UUID")
        }
        (Fact::PrivilegeMissing, true) => (
            "the account lacks a privilege for operations on keys",
            "le compte n’a pas un privilège requis pour les opérations sur les clés",
        ),
        (Fact::FileMissing, true) => {
            ("a file of the VM is not there or cannot be read", "un fichier de la VM est absent ou illisible")
        }
        (Fact::HostHoldsKey, false) => {
            ("the VM's host no longer holds its keys", "l’hôte de la VM ne détient plus ses clés")
        }
        (Fact::HostRebooted, true) => (
            "the VM's host started again since, and forgot the keys that it held",
            "l’hôte de la VM a redémarré depuis et a oublié les clés qu’il détenait",
        ),
        (Fact::ProviderReachable, true) => ("the key provider answers", "le fournisseur de clés répond"),
        (Fact::OneHost, true) => (
            "other hosts use the same key provider at that time",
            "d’autres hôtes utilisent le même fournisseur de clés à ce moment",
        ),
        (Fact::ManyHosts, true) => {
            ("several hosts have the same failure at that time", "plusieurs hôtes ont la même panne à ce moment")
        }
        _ => {
            return say!(
                en: "the fact {fact} {}", if holds { "holds" } else { "does not hold" };
                fr: "le fait {fact} {}", if holds { "est établi" } else { "n’est pas établi" }
            );
        }
    };
    Said::new(en, fr)
}

fn fill(remedy: &esxray_knowledge::Remedy, values: &Values<'_>) -> Remedy {
    // What nobody checked is not given as a command to paste.
    let steps =
        remedy.steps.iter().filter(|step| remedy.basis != Basis::FromMemory || step.shell == Shell::VsphereClient);
    Remedy {
        id: remedy.id.clone(),
        rank: 0,
        title: text(&remedy.title),
        why: Said::default(),
        kind: remedy.kind,
        steps: steps.map(|step| fill_step(step, values)).collect(),
        service_impact: remedy.service_impact,
        history: remedy.history,
        reversible: remedy.reversible,
        prechecks: remedy.prechecks.clone(),
        verify: remedy.verify.clone(),
        risks: remedy.risks.clone(),
        applies: Said::default(),
        sources: remedy.sources.clone(),
    }
}

/// A paragraph of a knowledge file on one line. A no-break space is none of its line breaks.
fn text(text: &Said) -> Said {
    text.map(|text| text.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
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
    use std::collections::BTreeMap;

    use esxray_knowledge::{Cause, History, Knowledge, ServiceImpact, Shell};
    use esxray_model::Fact;
    use esxray_testkit::Prng;

    use super::{before, loss, quote, rank};

    /// Facts that hold, do not hold, or are unknown, and a few causes, all by chance.
    fn random<'k>(knowledge: &'k Knowledge, rng: &mut Prng) -> (BTreeMap<Fact, bool>, Vec<&'k Cause>) {
        let facts = Fact::ALL.iter().filter_map(|fact| match rng.below(3) {
            0 => Some((*fact, true)),
            1 => Some((*fact, false)),
            _ => None,
        });
        let facts = facts.collect();
        let count = 1 + rng.below(4);
        let causes = (0..count).filter_map(|_| rng.choose(&knowledge.causes)).collect();
        (facts, causes)
    }

    #[test]
    fn whatever_the_facts_the_least_loss_comes_first_and_nothing_forbidden_is_offered() {
        let knowledge = Knowledge::builtin().unwrap();
        let mut rng = Prng::named(20_240_312, "remedies");
        let mut counts = [0_u32; 4];
        for _ in 0..5000 {
            let (facts, causes) = random(&knowledge, &mut rng);
            let damaged = rng.below(8) == 0;
            let holds = |fact: Fact| facts.get(&fact).copied();
            let (offered, withheld) = rank(&knowledge, &causes, &holds, damaged);
            let what = || format!("{:?} {facts:?}", causes.iter().map(|it| &it.id).collect::<Vec<_>>());

            // Everything that a cause names is offered or withheld, once, and nothing else but what saves the logs.
            let named = |id: &String| {
                causes.iter().any(|it| it.remedies.contains(id) || it.unhelpful.iter().any(|it| it.0 == *id))
            };
            let ids: Vec<&String> = offered.iter().map(|it| &it.id).chain(withheld.iter().map(|it| &it.id)).collect();
            assert!(causes.iter().flat_map(|it| &it.remedies).all(|id| ids.contains(&id)), "{}", what());
            assert!(offered.iter().all(|it| named(&it.id) || it.saves_evidence), "{}", what());
            assert!(ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id)), "{}", what());

            for remedy in &offered {
                assert!(remedy.forbidden.iter().all(|fact| holds(*fact) != Some(true)), "{} {}", remedy.id, what());
                assert!(remedy.requires.iter().all(|fact| holds(*fact) != Some(false)), "{} {}", remedy.id, what());
                assert!(!damaged || !(remedy.data_loss || remedy.history == History::Lost), "{}", what());
            }
            let hurts = |it: &esxray_knowledge::Remedy| {
                it.data_loss || it.history == History::Lost || it.service_impact == ServiceImpact::Outage
            };
            assert!(offered.iter().map(|it| hurts(it)).is_sorted(), "{}", what());
            // Among those that hurt: a stop of the service before a loss of history, and that before a loss of data.
            assert!(offered.iter().map(|it| (it.data_loss, it.history == History::Lost)).is_sorted(), "{}", what());
            if offered.iter().any(|it| it.costs().is_some()) {
                assert!(offered.iter().take(3).any(|it| it.saves_evidence), "{}", what());
            }
            for pair in offered.windows(2) {
                assert!(loss(pair[0], &holds) < loss(pair[1], &holds));
                let why = before(pair[0], pair[1]);
                assert!(
                    !hurts(pair[1]) || hurts(pair[0]) || why.is_some_and(|it| !it.en().contains("changes")),
                    "{}",
                    what()
                );
            }
            for one in &withheld {
                let remedy = knowledge.remedy(&one.id).unwrap();
                let named_fact = remedy.forbidden.iter().any(|fact| holds(*fact) == Some(true))
                    || remedy.requires.iter().any(|fact| holds(*fact) == Some(false));
                let useless = causes.iter().any(|it| it.unhelpful.iter().any(|it| it.0 == one.id));
                assert!(named_fact || useless || damaged, "{} is withheld for nothing: {}", one.id, what());
                // A reason in words, not the name of a fact.
                assert!(one.because.en().len() > 8 && !one.because.en().starts_with("the fact "), "{}", one.because);
            }
            counts[0] += u32::from(!withheld.is_empty());
            counts[1] += u32::from(offered.iter().any(|it| hurts(it)));
            counts[2] += u32::from(offered.iter().any(|it| !it.later_when.is_empty()));
            counts[3] += u32::from(damaged);
        }
        assert!(counts.iter().all(|count| *count > 100), "each kind of case was tried: {counts:?}");
    }

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
