//! Whether a key provider may be retired, as far as the input can say.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;

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
    pub because: String,
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
    pub by_hand: &'static [&'static str],
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
    pub because: Vec<String>,
}

/// What R17 of any retirement asks for, and no log of a host or of vCenter lists.
const BY_HAND: &[&str] = &[
    "templates: they are re-keyed only after they were turned into VMs",
    "first class disks (FCDs): no VM holds them",
    "vSAN clusters with data-at-rest encryption: their keys are of a provider too",
    "host keys: each host encrypts its core dumps with a key of a provider",
    "backups and replicas: what was copied before the re-key needs the old key when it is restored",
    "VMs that are not registered anywhere, and those of hosts and vCenter Servers outside of this input",
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
        (Safety::NotSafe, format!("{objects} of {} {verb} still on its keys", counted(vms.len(), "VM")))
    } else if !all_names.contains(provider) {
        let what = "no record and no file of the input names this provider, which proves nothing";
        (Safety::CannotSay, what.to_owned())
    } else if !unvouched.is_empty() || nameless > 0 {
        let vms = counted(unvouched.len() + nameless, "VM");
        (Safety::CannotSay, format!("nothing seen is on its keys, but the input does not vouch for {vms}"))
    } else if unread {
        (Safety::CannotSay, "nothing seen is on its keys, but part of the input could not be read".to_owned())
    } else if !others.is_empty() {
        (Safety::CannotSay, "no VM of the input is on its keys, but records that are no VM's name it".to_owned())
    } else {
        (Safety::Safe, format!("none of the {} of the input is on its keys", counted(vouched, "VM")))
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
        by_hand: BY_HAND,
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
fn because(seen: &Seen<'_>, index: VmIndex, objects: &[KeyedObject], provider: &str) -> Vec<String> {
    match seen.encrypted(index) {
        Some(false) => return Vec::new(),
        None => return vec!["whether it is encrypted is not shown: its .vmx is not in the input".to_owned()],
        Some(true) => {}
    }
    let mut because = Vec::new();
    if let Some(last) = seen.attempts(index).last() {
        let last = rekey::describe(seen.judged.timeline, last);
        let outcome = VmOutcome::from(last.outcome);
        if outcome != VmOutcome::Completed && last.from_provider.as_deref() == Some(provider) {
            because.push(format!("its last re-key away from this provider did not complete ({})", outcome.as_str()));
        }
    }
    let without: Vec<String> =
        objects.iter().filter(|it| it.provider.is_none() && !it.plain).map(object_name).collect();
    if !without.is_empty() {
        because.push(format!("the provider of the key of {} is not shown", without.join(", ")));
    }
    if !seen.lists_disks(index) {
        because
            .push("whether it has further disks is not shown: neither its .vmx nor its vmware.log is there".to_owned());
    }
    let has_snapshot = seen.events(index).any(|it| it.event.name == "snapshot-disk");
    if has_snapshot && !objects.iter().any(|it| it.link_of.is_some()) {
        because.push("it has a snapshot, and the keys of its disks are not shown".to_owned());
    }
    because
}
