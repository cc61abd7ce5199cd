//! What the input says of the VM's keys, of the host that holds them and of the providers that give them out.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;
use esxray_model::{FormatName, Timestamp};

use super::{Facts, Holds, SERVICES, rekey};
use crate::coverage::{Window, covering};
use crate::files;
use crate::timeline::{Timed, Timeline};

/// Events that only an encrypted VM has.
const ENCRYPTED: [&str; 11] = [
    files::KEY,
    "key-changed",
    "key-set",
    "disk-open-wrong-key",
    "disk-key-not-found",
    "encryption-key-required",
    "vm-locked",
    "vm-locked-key-missing-host",
    "vm-locked-key-missing-kms",
    "vm-locked-kms-error",
    "vm-unlocked",
];
/// Events that say that a host has no key for the VM.
const KEYLESS: [&str; 5] = [
    "encryption-key-required",
    "vm-locked",
    "vm-locked-key-missing-host",
    "vm-locked-key-missing-kms",
    "vm-locked-kms-error",
];
/// Events that say that a key is not on its provider.
const MISSING: [&str; 3] = ["vm-locked-key-missing-kms", "key-state-missing-in-kms", "kms-key-missing"];
/// Logs that tell when a host started.
const BOOT_LOGS: [FormatName; 2] = [FormatName::Vmksummary, FormatName::Vobd];

impl Facts<'_> {
    fn of_vm_named(&self, names: &[&str]) -> Vec<usize> {
        self.of_vm().filter(|it| names.contains(&it.1.event.name.as_str())).map(|it| it.0).collect()
    }

    pub(super) fn vm_encrypted(&self) -> Holds {
        let shown = self.of_vm_named(&ENCRYPTED);
        if !shown.is_empty() {
            return Holds::Yes(shown.into_iter().take(4).collect());
        }
        // The configuration and every descriptor are there, and none of them names a key.
        match (self.configuration(), self.descriptors()) {
            (Some(home), Some(disks)) => Holds::No(self.sources_of(&[vec![home], disks].concat())),
            _ => Holds::Unknown,
        }
    }

    pub(super) fn only_home_encrypted(&self) -> Holds {
        let is_of_disk = |at: &usize| {
            self.timeline.events.get(*at).is_some_and(|it| {
                matches!(it.event.name.as_str(), "disk-open-wrong-key" | "disk-key-not-found")
                    || (it.event.name == files::KEY && it.event.value(FieldKind::DiskPath).is_some())
                    || it.event.value(FieldKind::Device).is_some_and(|device| device != "home")
            })
        };
        let keys =
            self.of_vm_named(&[files::KEY, "key-changed", "key-set", "disk-open-wrong-key", "disk-key-not-found"]);
        let of_disks: Vec<usize> = keys.iter().copied().filter(is_of_disk).collect();
        if !of_disks.is_empty() {
            return Holds::No(self.sources_of(&of_disks));
        }
        if keys.is_empty() || self.descriptors().is_none() { Holds::Unknown } else { Holds::Yes(keys) }
    }

    /// An event of the VM's `.vmx`, if that file is in the input.
    fn configuration(&self) -> Option<usize> {
        self.of_vm().find(|it| it.1.event.format == FormatName::Vmx).map(|it| it.0)
    }

    /// Events of the descriptors of all disks of the VM, if there is one for each.
    fn descriptors(&self) -> Option<Vec<usize>> {
        let described: Vec<(usize, &Timed)> = self.of_vm().filter(|it| it.1.event.name == files::PARENT).collect();
        let bases: BTreeSet<String> =
            described.iter().filter_map(|it| it.1.event.value(FieldKind::DiskPath)).map(rekey::base_disk).collect();
        let mut disks =
            rekey::opened_disks(self.timeline, self.episode.vm?).into_iter().filter_map(|it| it.path).peekable();
        disks.peek()?;
        disks.all(|path| bases.contains(&rekey::base_disk(&path))).then(|| described.iter().map(|it| it.0).collect())
    }

    /// Whether the request leaves the disks out, which are encrypted.
    pub(super) fn disks_skipped(&self) -> Holds {
        let Some(attempt) = &self.episode.attempt else { return Holds::Unknown };
        let asking: Vec<usize> = self
            .timed(attempt.events.iter().copied())
            .filter(|it| !it.1.event.requested.is_empty())
            .map(|it| it.0)
            .collect();
        if asking.is_empty() {
            return Holds::Unknown;
        }
        let names_disk = self
            .timed(asking.iter().copied())
            .any(|it| it.1.event.requested.iter().any(|asked| asked.device.is_some()));
        match self.only_home_encrypted() {
            _ if names_disk => Holds::No(self.sources_of(&asking)),
            Holds::No(_) => Holds::Yes(asking),
            Holds::Yes(_) => Holds::No(self.sources_of(&asking)),
            Holds::Unknown => Holds::Unknown,
        }
    }

    pub(super) fn duplicate_uuid(&self) -> Holds {
        let Some((own, vm)) = self.episode.vm.and_then(|own| Some((own, self.timeline.vms.get(own)?))) else {
            return Holds::Unknown;
        };
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        let has_uuid = |at: &usize| {
            self.timeline.events.get(*at).is_some_and(|it| {
                it.event.value(FieldKind::BiosUuid).or_else(|| it.event.value(FieldKind::InstanceUuid)).is_some()
            })
        };
        let twins = self.timeline.vms.iter().enumerate().filter(|(index, other)| {
            *index != own && (same(&vm.uuid, &other.uuid) || same(&vm.instance_uuid, &other.instance_uuid))
        });
        let of_twins = twins.flat_map(|(index, _)| self.timeline.of_vm(index)).copied().filter(has_uuid);
        let of_twins: Vec<usize> = of_twins.collect();
        // That no other VM has it, no log says.
        if of_twins.is_empty() {
            return Holds::Unknown;
        }
        Holds::Yes(self.of_vm().map(|it| it.0).filter(has_uuid).chain(of_twins).collect())
    }

    /// The last event that put the VM's keys on its host, or showed them there.
    fn placed(&self) -> Option<(usize, &Timed)> {
        // A clear disk opens and a clear VM starts without any key.
        let encrypted = matches!(self.vm_encrypted(), Holds::Yes(_));
        let is_placing = |it: &Timed| match it.event.name.as_str() {
            "key-changed" | "key-set" | "vm-unlocked" => true,
            "disk-opened" | "vm-powered-on" => encrypted,
            _ => false,
        };
        self.of_vm().filter(|it| it.1.event.time.is_some() && is_placing(it.1)).last()
    }

    pub(super) fn host_holds_key(&self) -> Holds {
        let missing = self.of_vm().filter(|it| KEYLESS.contains(&it.1.event.name.as_str())).last();
        let placed = self.placed();
        match (placed, missing) {
            (Some(placed), Some(missing)) if !Timeline::is_after(placed.1, missing.1) => {
                Holds::No(self.sources_of(&[missing.0]))
            }
            (None, Some(missing)) => Holds::No(self.sources_of(&[missing.0])),
            (Some(placed), _) => match self.boot_after(Some(placed.1), None) {
                Some(_) => Holds::Unknown,
                None => Holds::Yes(vec![placed.0]),
            },
            (None, None) => Holds::Unknown,
        }
    }

    /// The last start of the VM's host after an event and before a moment.
    fn boot_after(&self, after: Option<&Timed>, before: Option<Timestamp>) -> Option<usize> {
        let hosts = self.episode.folders(self.timeline);
        let boots = self.timeline.named("host-booted").iter().copied();
        self.timed(boots)
            .filter(|it| hosts.contains(&it.1.host.as_str()))
            .filter(|it| after.is_none_or(|after| Timeline::is_after(it.1, after)))
            .filter(|it| before.is_none_or(|before| it.1.at.is_some_and(|at| at <= before)))
            .map(|it| it.0)
            .last()
    }

    pub(super) fn host_rebooted(&self) -> Holds {
        let Some(failed) = self.episode.last_failure(self.timeline) else { return Holds::Unknown };
        let placed = self.placed();
        if let Some(boot) = self.boot_after(placed.map(|it| it.1), Some(failed)) {
            return Holds::Yes(vec![boot]);
        }
        let Some((_, Timed { at: Some(from), slack, .. })) = placed else { return Holds::Unknown };
        let window = Window { from: *from, to: failed.max(*from), slack: *slack };
        let hosts = self.episode.folders(self.timeline);
        if hosts.is_empty() {
            return Holds::Unknown;
        }
        let covered = covering(self.sources, &BOOT_LOGS, &hosts, window);
        if covered.is_empty() { Holds::Unknown } else { Holds::No(covered) }
    }

    /// The errors of key providers that this VM needs, of these names, in the window of the episode.
    ///
    /// The error of another VM counts where it names a provider of this VM's re-key, and reaches this VM's host.
    fn provider_errors(&self, counts: impl Fn(&str) -> bool) -> Vec<usize> {
        let providers = self.providers();
        let window = self.episode.window(self.timeline);
        let errors = self.needed_errors(counts, &providers, window);
        let hosts = self.episode.folders(self.timeline);
        // What one host alone does not know says nothing of the others; what several do not know is no host's fault.
        let of_host: Vec<Option<&str>> = self.timed(errors.iter().copied()).map(|it| self.only_on(it.1)).collect();
        let places: BTreeSet<&str> = of_host.iter().copied().flatten().collect();
        let elsewhere = |(at, host): &(usize, Option<&str>)| {
            let own = self.episode.events.contains(at) || hosts.is_empty();
            !own && host.is_some_and(|host| places.len() == 1 && !hosts.contains(&host))
        };
        errors.iter().copied().zip(of_host).filter(|it| !elsewhere(it)).map(|it| it.0).collect()
    }

    /// The host whose failing an error is, where it is that of a host: what vCenter cannot reach no host gets.
    fn only_on<'t>(&'t self, error: &'t Timed) -> Option<&'t str> {
        if error.event.format != FormatName::Vpxd {
            return Some(error.host.as_str());
        }
        if error.event.name != "provider-not-found" {
            return None;
        }
        // vCenter passes on what the host of that VM said.
        let told = self.timeline.of_vm(error.vm?).iter().filter_map(|at| self.timeline.events.get(*at));
        let mut told = told.filter(|it| it.event.name == error.event.name && it.event.format != FormatName::Vpxd);
        told.next().map(|it| it.host.as_str())
    }

    fn needed_errors(
        &self,
        counts: impl Fn(&str) -> bool,
        providers: &(Option<String>, Option<String>),
        window: Option<Window>,
    ) -> Vec<usize> {
        self.timed(self.timeline.named_any(counts))
            .filter(|(at, it)| {
                let own = self.episode.events.contains(at);
                let provider = it.event.value(FieldKind::Provider);
                let needed =
                    provider.is_some() && (provider == providers.0.as_deref() || provider == providers.1.as_deref());
                let near = matches!((window, it.at), (Some(window), Some(at)) if window.from <= at && at <= window.to);
                // What vCenter says of a key server alone may be about any, and so about the one of a re-key.
                let of_vcenter = provider.is_none() && it.vm.is_none() && it.event.format == FormatName::Vpxd;
                own || (near && (needed || (of_vcenter && self.episode.attempt.is_some())))
            })
            .map(|it| it.0)
            .collect()
    }

    /// What shows that a provider gave out a key after the last of these errors: a change of this VM's keys, its
    /// unlocking, or a change to the same provider on the same host.
    fn answered_after(&self, errors: &[usize]) -> Vec<usize> {
        let own = self.episode.vm;
        let changes = ["key-changed", "key-set", "vm-unlocked"].into_iter().flat_map(|name| self.timeline.named(name));
        let mut answers: Vec<usize> = self
            .timed(changes.copied())
            .filter(|(_, it)| {
                let to = it.event.value(FieldKind::NewProvider);
                self.timed(errors.iter().copied()).all(|(_, error)| {
                    let failed = error.event.value(FieldKind::Provider);
                    let same_vm = own.is_some() && it.vm == own && (failed.is_none() || to.is_none() || failed == to);
                    let same_provider = failed.is_some() && failed == to && it.host == error.host;
                    Timeline::is_after(it, error) && (same_vm || same_provider)
                })
            })
            .map(|it| it.0)
            .collect();
        answers.sort_unstable();
        answers
    }

    /// A key provider that this VM needs was not known or not reachable in the window, and nothing shows that it is again.
    pub(super) fn provider_unavailable(&self) -> Holds {
        let errors = self.provider_errors(rekey::is_provider_error);
        if errors.is_empty() {
            return self.absent(&SERVICES);
        }
        let answers = self.answered_after(&errors);
        if answers.is_empty() { Holds::Yes(errors) } else { Holds::No(self.sources_of(&answers)) }
    }

    pub(super) fn provider_reachable(&self) -> Holds {
        self.answers(rekey::is_provider_error)
    }

    pub(super) fn provider_known(&self) -> Holds {
        self.answers(|name| name == "provider-not-found")
    }

    /// Whether a provider answered after the last error of these; without an error, whether it gave this VM a key.
    fn answers(&self, counts: impl Fn(&str) -> bool) -> Holds {
        let errors = self.provider_errors(counts);
        if errors.is_empty() {
            let own: Vec<usize> = ["key-changed", "key-set"].into_iter().flat_map(|name| self.named(name)).collect();
            return if own.is_empty() { Holds::Unknown } else { Holds::Yes(own) };
        }
        let answers = self.answered_after(&errors);
        if answers.is_empty() { Holds::No(self.sources_of(&errors)) } else { Holds::Yes(answers) }
    }

    /// Whether a provider was taken out that may be one of the VM's, and no key of it came to the VM since.
    ///
    /// vCenter's task does not name the provider, so it may be any, unless this VM got a key after it.
    pub(super) fn provider_removed(&self) -> Holds {
        let own: BTreeSet<&str> = self.of_vm().flat_map(|it| named_providers(it.1)).collect();
        let may_be_own = |it: &(usize, &Timed)| {
            it.1.event.value(FieldKind::Provider).is_none_or(|it| own.is_empty() || own.contains(it))
        };
        let removed = self.timed(self.timeline.named("key-provider-unregistered").iter().copied());
        let removed: Vec<usize> = removed.filter(may_be_own).map(|it| it.0).collect();
        if removed.is_empty() {
            return self.absent(&[FormatName::Vpxd]);
        }
        let answers = self.answered_after(&removed);
        if answers.is_empty() { Holds::Yes(removed) } else { Holds::No(self.sources_of(&answers)) }
    }

    pub(super) fn key_missing_in_kms(&self) -> Holds {
        let missing: Vec<usize> = MISSING.into_iter().flat_map(|name| self.named(name)).collect();
        if missing.is_empty() {
            return Holds::Unknown;
        }
        let answers = self.answered_after(&missing);
        if answers.is_empty() { Holds::Yes(missing) } else { Holds::No(self.sources_of(&answers)) }
    }

    /// vCenter's last word on the backups of its native key providers.
    pub(super) fn nkp_backed_up(&self) -> Holds {
        let words = ["nkp-all-backed-up", "nkp-not-backed-up", "nkp-backup-outdated"];
        let said = words.into_iter().flat_map(|name| self.timeline.named(name)).copied().max();
        let Some((at, last)) = self.timed(said).next() else { return Holds::Unknown };
        if last.event.name == "nkp-all-backed-up" { Holds::Yes(vec![at]) } else { Holds::No(self.sources_of(&[at])) }
    }

    /// Whether a key could not be decrypted with what the host has under the provider's name.
    pub(super) fn nkp_mismatch(&self) -> Holds {
        let failed = self.named("key-decrypt-failed");
        if failed.is_empty() {
            return Holds::Unknown;
        }
        let answers = self.answered_after(&failed);
        if answers.is_empty() { Holds::Yes(failed) } else { Holds::No(self.sources_of(&answers)) }
    }

    pub(super) fn privilege_missing(&self) -> Holds {
        let refused = self.named("crypto-privilege-missing");
        // Another account may have what this one lacks.
        if refused.is_empty() { Holds::Unknown } else { Holds::Yes(refused) }
    }
}

/// The providers that an event names.
fn named_providers(timed: &Timed) -> impl Iterator<Item = &str> {
    let kinds = [FieldKind::Provider, FieldKind::OldProvider, FieldKind::NewProvider];
    kinds.into_iter().filter_map(|kind| timed.event.value(kind))
}
