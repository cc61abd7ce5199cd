//! Whether a key provider may be retired, as far as the input can say.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::{Said, say};

use super::rows::{Seen, object_name};
use super::{KeyedObject, VmOutcome};
use crate::event::Standing;
use crate::facts::rekey;
use crate::outcome::{Evidence, Supports, VmName};
use crate::timeline::{Timed, VmIndex};

/// Whether a key provider may be retired.
#[derive(Debug, Clone)]
pub struct Retirement {
    /// The provider, as it was asked for.
    pub provider: String,
    /// The answer.
    pub safety: Safety,
    /// Why, in one sentence.
    pub because: Said,
    /// The objects whose last known key is of it.
    pub naming: Vec<Naming>,
    /// VMs that the input cannot vouch for.
    pub unvouched: Vec<Unvouched>,
    /// How many VMs the input vouches for: each of their objects is on a key of another provider, or they have none.
    pub vouched: usize,
    /// How many VMs are known by an id alone, and cannot be vouched for either.
    pub nameless: usize,
    /// The first records beside those of VMs that name it.
    pub elsewhere: Vec<Evidence>,
    /// How many there are of them.
    pub elsewhere_count: u64,
    /// Providers of the input whose names differ in case or blanks alone.
    pub alike: Vec<String>,
    /// What no log tells, and a person has to look at.
    pub by_hand: Vec<Said>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// No VM of the input needs it, and the input vouches for all of them.
    Safe,
    /// Something still needs it.
    NotSafe,
    /// Nothing seen needs it, but not everything was seen.
    CannotSay,
}

impl Safety {
    /// Every value.
    pub const ALL: &'static [Self] = &[Self::Safe, Self::NotSafe, Self::CannotSay];

    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::NotSafe => "not-safe",
            Self::CannotSay => "cannot-say",
        }
    }
}

/// An object whose last known key is of the provider.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Its VM.
    pub vm: VmName,
    /// The object.
    pub object: KeyedObject,
}

/// A VM that the input cannot vouch for.
#[derive(Debug, Clone)]
pub struct Unvouched {
    /// The VM.
    pub vm: VmName,
    /// Why.
    pub because: Vec<Said>,
}

/// What R17 of any retirement asks for, and no log of a host or of vCenter lists.
const BY_HAND: &[(&str, &str)] = &[
    (
        "templates: they are re-keyed only after they were turned into VMs",
        "les modèles\u{a0}: leur clé ne change qu’après conversion en VM",
    ),
    (
        "first class disks (FCDs): no VM holds them",
        "les disques de première classe (FCD)\u{a0}: aucune VM ne les porte",
    ),
    (
        "vSAN clusters with data-at-rest encryption: their keys are of a provider too",
        "les clusters vSAN avec chiffrement des données au repos\u{a0}: leurs clés viennent aussi d’un fournisseur",
    ),
    (
        "host keys: each host encrypts its core dumps with a key of a provider",
        "les clés d’hôte\u{a0}: chaque hôte chiffre ses core dumps avec une clé d’un fournisseur",
    ),
    (
        "backups and replicas: what was copied before the re-key needs the old key when it is restored",
        "les sauvegardes et réplicas\u{a0}: ce qui a été copié avant le changement de clé exige l’ancienne clé à la \
         restauration",
    ),
    (
        "VMs that are not registered anywhere, and those of hosts and vCenter Servers outside of this input",
        "les VM qui ne sont inscrites nulle part, et celles d’hôtes et de vCenter Server hors de cette entrée",
    ),
];

/// Records that are cited of those beside VMs.
const MOST_CITED: usize = 8;

pub(super) fn answer(provider: &str, seen: &Seen<'_>) -> Retirement {
    let mut naming = Vec::new();
    let mut unvouched = Vec::new();
    let (mut vouched, mut nameless) = (0, 0);
    for index in seen.vms.iter().copied() {
        let Some(vm) = seen.name(index) else { continue };
        let objects = seen.objects(index);
        let named: Vec<Naming> = objects
            .iter()
            .filter(|it| it.provider.as_deref() == Some(provider) && !it.plain)
            .map(|it| Naming { vm: vm.clone(), object: it.clone() })
            .collect();
        let because = because(seen, index, &objects, provider);
        match (because.is_empty(), vm.name.is_some() || vm.vmx_path.is_some()) {
            (true, _) => vouched += usize::from(named.is_empty()),
            (false, true) => unvouched.push(Unvouched { vm: vm.clone(), because }),
            (false, false) => nameless += usize::from(named.is_empty()),
        }
        naming.extend(named);
    }
    let key = |vm: &VmName| (vm.name.clone(), vm.vmx_path.clone(), vm.moref.clone());
    naming.sort_by_key(|it| (key(&it.vm), it.object.kind, it.object.label.clone(), it.object.path.clone()));
    unvouched.sort_by_key(|it| key(&it.vm));
    let events = || seen.judged.timeline.events.iter().filter(|it| it.event.standing == Standing::Sound);
    let others: Vec<&Timed> = events().filter(|it| it.vm.is_none() && names(it).contains(provider)).collect();
    let all_names: BTreeSet<&str> = events().flat_map(names).collect();
    let plain = |name: &str| name.trim().to_lowercase();
    let alike: Vec<String> = all_names
        .iter()
        .filter(|it| **it != provider && plain(it) == plain(provider))
        .map(|it| (*it).to_owned())
        .collect();
    let unread = seen.judged.problems.iter().any(|it| it.incomplete);
    let (safety, because) = if !naming.is_empty() {
        let vms: BTreeSet<_> = naming.iter().map(|it| key(&it.vm)).collect();
        let (objects, verb) = (counted(naming.len(), "object"), if naming.len() == 1 { "is" } else { "are" });
        let of_vms = counted(vms.len(), "VM");
        let objects_fr = if naming.len() == 1 { "1 objet".to_owned() } else { format!("{} objets", naming.len()) };
        let (verb_fr, vms_fr) = (if naming.len() == 1 { "est" } else { "sont" }, vms.len());
        let because = say!(
            en: "{objects} of {of_vms} {verb} still on its keys",
            fr: "{objects_fr} de {vms_fr} VM {verb_fr} encore sur ses clés",
        );
        (Safety::NotSafe, because)
    } else if !all_names.contains(provider) {
        let because = say!(
            en: "no record and no file of the input names this provider, which proves nothing",
            fr: "aucun enregistrement ni fichier de l’entrée ne nomme ce fournisseur, ce qui ne prouve rien",
        );
        (Safety::CannotSay, because)
    } else if !unvouched.is_empty() || nameless > 0 {
        let count = unvouched.len() + nameless;
        let vms = counted(count, "VM");
        let because = say!(
            en: "nothing seen is on its keys, but the input does not vouch for {vms}",
            fr: "rien de ce qui est visible n’est sur ses clés, mais l’entrée ne répond pas de {count} VM",
        );
        (Safety::CannotSay, because)
    } else if unread {
        let because = say!(
            en: "nothing seen is on its keys, but part of the input could not be read",
            fr: "rien de ce qui est visible n’est sur ses clés, mais une partie de l’entrée n’a pas pu être lue",
        );
        (Safety::CannotSay, because)
    } else if !others.is_empty() {
        let because = say!(
            en: "no VM of the input is on its keys, but records that are no VM's name it",
            fr: "aucune VM de l’entrée n’est sur ses clés, mais des enregistrements qui ne sont d’aucune VM le nomment",
        );
        (Safety::CannotSay, because)
    } else {
        let vms = counted(vouched, "VM");
        let because = say!(
            en: "none of the {vms} of the input is on its keys",
            fr: "aucune VM de l’entrée (sur {vouched}) n’est sur ses clés",
        );
        (Safety::Safe, because)
    };
    Retirement {
        provider: provider.to_owned(),
        safety,
        because,
        naming,
        unvouched,
        vouched,
        nameless,
        elsewhere_count: others.iter().map(|it| it.event.weight).sum(),
        elsewhere: others.iter().take(MOST_CITED).map(|it| seen.cite(it, Supports::For)).collect(),
        alike,
        by_hand: BY_HAND.iter().map(|it| Said::new(it.0, it.1)).collect(),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The providers that an event names.
fn names(timed: &Timed) -> BTreeSet<&str> {
    let kinds = [FieldKind::Provider, FieldKind::OldProvider, FieldKind::NewProvider];
    let asked = timed.event.requested.iter().flat_map(|it| [it.old_provider.as_deref(), it.new_provider.as_deref()]);
    kinds.into_iter().map(|kind| timed.event.value(kind)).chain(asked).flatten().collect()
}

/// Why a VM cannot be vouched for; empty where it can.
fn because(seen: &Seen<'_>, index: VmIndex, objects: &[KeyedObject], provider: &str) -> Vec<Said> {
    match seen.encrypted(index) {
        Some(false) => return Vec::new(),
        None => {
            return vec![say!(
                en: "whether it is encrypted is not shown: its .vmx is not in the input",
                fr: "rien ne montre si elle est chiffrée\u{a0}: son .vmx n’est pas dans l’entrée",
            )];
        }
        Some(true) => {}
    }
    let mut because = Vec::new();
    if let Some(last) = seen.attempts(index).last() {
        let last = rekey::describe(seen.judged.timeline, last);
        let outcome = VmOutcome::from(last.outcome);
        if outcome != VmOutcome::Completed && last.from_provider.as_deref() == Some(provider) {
            let outcome = outcome.said();
            because.push(say!(
                en: "its last re-key away from this provider did not complete ({outcome})";
                fr: "son dernier changement de clé pour quitter ce fournisseur n’a pas abouti ({})", outcome.fr()
            ));
        }
    }
    let without: Vec<Said> = objects.iter().filter(|it| it.provider.is_none() && !it.plain).map(object_name).collect();
    if !without.is_empty() {
        let names = Said::join(&without, ", ");
        because.push(say!(
            en: "the provider of the key of {names} is not shown";
            fr: "fournisseur de la clé non montré pour\u{a0}: {}", names.fr()
        ));
    }
    if !seen.lists_disks(index) {
        because.push(say!(
            en: "whether it has further disks is not shown: neither its .vmx nor its vmware.log is there",
            fr: "rien ne montre si elle a d’autres disques\u{a0}: ni son .vmx ni son vmware.log ne sont là",
        ));
    }
    let has_snapshot = seen.events(index).any(|it| it.event.name == "snapshot-disk");
    if has_snapshot && !objects.iter().any(|it| it.link_of.is_some()) {
        because.push(say!(
            en: "it has a snapshot, and the keys of its disks are not shown",
            fr: "elle a un snapshot, et les clés de ses disques ne sont pas montrées",
        ));
    }
    because
}
