//! Named facts: what held around an incident, computed from its events and from what the logs cover.

mod disks;
mod keys;
pub(crate) mod rekey;
mod scope;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::{Fact, FormatName, KeyState, RekeyOutcome, Timestamp};

use crate::correlate::Episode;
use crate::coverage::covering;
use crate::files;
use crate::scan::Source;
use crate::timeline::{Timed, Timeline};

/// Whether a fact holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holds {
    /// It does, and these events show it.
    Yes(Vec<usize>),
    /// It does not: an observation or the coverage of the window says so. The sources that cover it.
    No(Vec<String>),
    /// The input does not say.
    Unknown,
}

/// The logs that show tasks of a VM and what vSphere HA does to it.
const SERVICES: [FormatName; 2] = [FormatName::Hostd, FormatName::Vpxd];
const HA_LOGS: [FormatName; 3] = [FormatName::Hostd, FormatName::Vpxd, FormatName::Fdm];

/// The logs that show what a host and its keys do.
const KEY_LOGS: [FormatName; 4] = [FormatName::Hostd, FormatName::Vpxd, FormatName::Vpxa, FormatName::Kmxa];
const KEYS_CHANGED: [&str; 2] = ["key-changed", "key-set"];

/// The events and the logs that show a fact.
pub(crate) fn shown_by(fact: Fact) -> (&'static [&'static str], &'static [FormatName]) {
    use FormatName::{Fdm, Hostd, VmdkDescriptor, Vmksummary, Vmsd, VmwareLog, Vmx, Vobd, Vpxd};
    match fact {
        Fact::RekeyWindow | Fact::RekeyInterrupted | Fact::RekeyCompletedLater => {
            (&["vm-reconfiguring", "vm-reconfiguring-off", "crypto-spec", "key-changed"], &SERVICES)
        }
        Fact::HaResetInRekeyWindow => (&["ha-vm-reset"], &HA_LOGS),
        Fact::ObjectsMixed => (&["diskchain-mixed-keys", "disk-open-wrong-key"], &[VmwareLog]),
        Fact::ProvidersMixed => (&KEYS_CHANGED, &[Hostd, Vpxd, Vmx, VmdkDescriptor]),
        Fact::ProviderUnavailable | Fact::ProviderIsTarget | Fact::ProviderIsSource => {
            (&["provider-not-found"], &SERVICES)
        }
        Fact::ProviderReachable | Fact::ProviderKnown | Fact::OneHost | Fact::ManyHosts => {
            (&["provider-not-found", "key-changed", "key-set"], &KEY_LOGS)
        }
        Fact::ProviderRemoved => (&["key-provider-unregistered"], &[Vpxd]),
        Fact::VmPoweredOn | Fact::VmRunning => (&["vm-powered-on", "vm-powered-off"], &[VmwareLog]),
        Fact::IdeDisk => (&["ide-disk"], &[VmwareLog]),
        Fact::SharedDisk => (&["shared-disk", "reject-shared-backing"], &[VmwareLog]),
        Fact::SnapshotPresent => (&["snapshot-disk"], &[VmwareLog, Vmsd, VmdkDescriptor]),
        Fact::LinkedClone => (&[], &[VmdkDescriptor]),
        Fact::VmEncrypted | Fact::OnlyHomeEncrypted => (&KEYS_CHANGED, &[Vmx, VmdkDescriptor, Hostd, Vpxd]),
        Fact::DisksSkipped => (&["crypto-spec"], &SERVICES),
        Fact::DuplicateUuid => (&[], &[VmwareLog, Vmx]),
        Fact::HostHoldsKey => (&["key-changed", "key-set", "vm-unlocked", "disk-opened"], &KEY_LOGS),
        Fact::HostRebooted => (&["host-booted"], &[Vmksummary, Vobd]),
        Fact::KeyMissingInKms => {
            (&["kms-key-missing", "key-state-missing-in-kms", "vm-locked-key-missing-kms"], &[Vpxd])
        }
        Fact::NkpBackedUp => (&["nkp-all-backed-up", "nkp-not-backed-up", "nkp-backup-outdated"], &[Vpxd]),
        Fact::NkpMismatch => (&["key-decrypt-failed"], &SERVICES),
        Fact::FileMissing => (&["disk-missing", "vmx-read-error", "vmx-damaged"], &[VmwareLog, Hostd, Fdm]),
        Fact::PrivilegeMissing => (&["crypto-privilege-missing"], &SERVICES),
    }
}

/// Evaluates facts for one episode.
pub(crate) struct Facts<'a> {
    pub timeline: &'a Timeline,
    pub sources: &'a [Source],
    pub episode: &'a Episode,
    /// All re-key attempts of the episode's VM.
    pub attempts: &'a [rekey::Attempt],
    /// Facts that are taken as given, to prove a cause on.
    pub assumed: Option<&'a BTreeMap<Fact, bool>>,
}

impl Facts<'_> {
    /// Whether a fact holds in the episode.
    pub(crate) fn holds(&self, fact: Fact) -> Holds {
        if let Some(assumed) = self.assumed {
            return match assumed.get(&fact) {
                Some(true) => Holds::Yes(self.episode.events.clone()),
                Some(false) => Holds::No(vec!["assumed".to_owned()]),
                None => Holds::Unknown,
            };
        }
        match fact {
            Fact::RekeyWindow => match &self.episode.attempt {
                Some(attempt) => Holds::Yes(attempt.events.clone()),
                None => self.absent(&SERVICES),
            },
            Fact::HaResetInRekeyWindow => self.ha_reset(),
            Fact::RekeyInterrupted => self.interrupted(),
            Fact::RekeyCompletedLater => self.completed_later(),
            Fact::ObjectsMixed => self.objects_mixed(),
            Fact::ProvidersMixed => self.providers_mixed(),
            Fact::ProviderUnavailable => self.provider_unavailable(),
            Fact::ProviderIsTarget => self.provider_is(self.providers().1.as_deref()),
            Fact::ProviderIsSource => self.provider_is(self.providers().0.as_deref()),
            Fact::VmPoweredOn => self.powered_on(self.episode.window(self.timeline).map(|window| window.from)),
            Fact::VmRunning => self.powered_on(self.timeline.events.iter().filter_map(|it| it.at).max()),
            Fact::IdeDisk => self.configured("ide-disk"),
            Fact::SnapshotPresent => self.snapshot_present(),
            Fact::LinkedClone => self.linked_clone(),
            Fact::SharedDisk => self.shared_disk(),
            Fact::VmEncrypted => self.vm_encrypted(),
            Fact::OnlyHomeEncrypted => self.only_home_encrypted(),
            Fact::DisksSkipped => self.disks_skipped(),
            Fact::DuplicateUuid => self.duplicate_uuid(),
            Fact::HostHoldsKey => self.host_holds_key(),
            Fact::HostRebooted => self.host_rebooted(),
            Fact::ProviderReachable => self.provider_reachable(),
            Fact::ProviderKnown => self.provider_known(),
            Fact::ProviderRemoved => self.provider_removed(),
            Fact::KeyMissingInKms => self.key_missing_in_kms(),
            Fact::NkpBackedUp => self.nkp_backed_up(),
            Fact::NkpMismatch => self.nkp_mismatch(),
            Fact::FileMissing => self.file_missing(),
            Fact::PrivilegeMissing => self.privilege_missing(),
            Fact::OneHost => self.one_host(),
            Fact::ManyHosts => self.many_hosts(),
        }
    }

    /// `No` where logs that would show it cover the episode, else `Unknown`.
    fn absent(&self, formats: &[FormatName]) -> Holds {
        let Some(window) = self.episode.window(self.timeline) else { return Holds::Unknown };
        let sources = covering(self.sources, formats, &self.episode.folders(self.timeline), window);
        if sources.is_empty() { Holds::Unknown } else { Holds::No(sources) }
    }

    fn of_vm(&self) -> impl Iterator<Item = (usize, &Timed)> {
        let events = self.episode.vm.map_or(&[][..], |vm| self.timeline.of_vm(vm));
        events.iter().filter_map(|at| Some((*at, self.timeline.events.get(*at)?)))
    }

    /// The events of a name in the episode.
    pub(crate) fn named(&self, name: &str) -> Vec<usize> {
        self.episode.events.iter().copied().filter(|at| self.event_name(*at) == Some(name)).collect()
    }

    fn event_name(&self, at: usize) -> Option<&str> {
        self.timeline.events.get(at).map(|it| it.event.name.as_str())
    }

    fn ha_reset(&self) -> Holds {
        if let Some(attempt) = &self.episode.attempt {
            if !attempt.ha_resets.is_empty() {
                return Holds::Yes(attempt.ha_resets.clone());
            }
            // A reset beside the attempt, and an attempt whose begin or end is not shown: inside or not, who knows.
            if attempt.began.is_none() || !attempt.has_task {
                return if self.named("ha-vm-reset").is_empty() { self.absent(&HA_LOGS) } else { Holds::Unknown };
            }
            return self.absent(&HA_LOGS);
        }
        // A disk on another key shows that there was a re-key, but not when.
        let resets = self.named("ha-vm-reset");
        if !resets.is_empty() && !self.named("disk-open-wrong-key").is_empty() {
            return Holds::Unknown;
        }
        self.absent(&HA_LOGS)
    }

    fn interrupted(&self) -> Holds {
        match &self.episode.attempt {
            Some(attempt) => {
                let cut: Vec<usize> = attempt.ha_resets.iter().chain(&attempt.interruptions).copied().collect();
                if cut.is_empty() { self.absent(&SERVICES) } else { Holds::Yes(cut) }
            }
            None => Holds::Unknown,
        }
    }

    fn completed_later(&self) -> Holds {
        let last = self.episode.last_failure(self.timeline);
        let later = self.attempts.iter().find(|attempt| {
            let after = match (attempt.began, last) {
                (Some(began), Some(last)) => began > last,
                _ => false,
            };
            after && rekey::describe(self.timeline, attempt).outcome == RekeyOutcome::Completed
        });
        later.map_or(Holds::Unknown, |attempt| Holds::Yes(attempt.events.clone()))
    }

    fn objects_mixed(&self) -> Holds {
        let mixed = self.named("diskchain-mixed-keys");
        if !mixed.is_empty() {
            return Holds::Yes(mixed);
        }
        let Some(attempt) = &self.episode.attempt else { return Holds::Unknown };
        let objects = rekey::describe(self.timeline, attempt).objects;
        let new = objects.iter().any(|it| it.key_state == KeyState::New);
        let other = objects.iter().any(|it| it.key_state != KeyState::New && rekey::concerns(it));
        if new && other {
            return Holds::Yes(attempt.key_changes.iter().chain(&attempt.wrong_keys).copied().collect());
        }
        Holds::Unknown
    }

    fn providers_mixed(&self) -> Holds {
        // The last word on each object: the provider that its latest change names.
        let mut last: Vec<(Option<&str>, &str, usize)> = Vec::new();
        let in_files: Vec<(usize, &str)> = self
            .of_vm()
            .filter(|it| it.1.event.name == files::KEY)
            .filter_map(|(at, it)| Some((at, it.event.value(FieldKind::Provider)?)))
            .collect();
        if in_files.iter().any(|it| in_files.first().is_some_and(|first| first.1 != it.1)) {
            return Holds::Yes(in_files.iter().map(|it| it.0).collect());
        }
        for (at, it) in self.of_vm().filter(|it| matches!(it.1.event.name.as_str(), "key-changed" | "key-set")) {
            let Some(provider) = it.event.value(FieldKind::NewProvider) else { continue };
            let device = it.event.value(FieldKind::Device);
            last.retain(|known| known.0 != device);
            last.push((device, provider, at));
        }
        let providers: BTreeSet<&str> = last.iter().map(|it| it.1).collect();
        if providers.len() > 1 { Holds::Yes(last.iter().map(|it| it.2).collect()) } else { Holds::Unknown }
    }

    fn providers(&self) -> (Option<String>, Option<String>) {
        self.episode.attempt.as_ref().map_or((None, None), |attempt| rekey::providers(self.timeline, attempt))
    }

    /// The events of these that the input holds, in order.
    fn timed<'t>(&'t self, events: impl IntoIterator<Item = usize> + 't) -> impl Iterator<Item = (usize, &'t Timed)> {
        events.into_iter().filter_map(|at| Some((at, self.timeline.events.get(at)?)))
    }

    /// Whether an error of the episode names this provider.
    fn provider_is(&self, side: Option<&str>) -> Holds {
        let Some(side) = side else { return Holds::Unknown };
        let errors: Vec<usize> = self
            .episode
            .events
            .iter()
            .copied()
            .filter(|at| self.event_name(*at).is_some_and(rekey::is_provider_error))
            .collect();
        let named: Vec<(usize, &str)> = errors
            .iter()
            .filter_map(|at| Some((*at, self.timeline.events.get(*at)?.event.value(FieldKind::Provider)?)))
            .collect();
        let same: Vec<usize> = named.iter().filter(|it| it.1 == side).map(|it| it.0).collect();
        if !same.is_empty() {
            return Holds::Yes(same);
        }
        if named.is_empty() { Holds::Unknown } else { Holds::No(Vec::new()) }
    }

    /// The power state at a moment, by the last event before it that says one.
    fn powered_on(&self, when: Option<Timestamp>) -> Holds {
        let Some(when) = when else { return Holds::Unknown };
        let mut state = Holds::Unknown;
        for (at, it) in self.of_vm().filter(|it| it.1.at.is_some_and(|at| at <= when)) {
            match it.event.name.as_str() {
                "vm-powered-on" | "vm-reconfiguring" => state = Holds::Yes(vec![at]),
                "vm-powered-off" | "vm-reconfiguring-off" | "vm-power-on-failed" => state = Holds::No(Vec::new()),
                _ => {}
            }
        }
        state
    }

    fn sources_of(&self, events: &[usize]) -> Vec<String> {
        let sources: BTreeSet<String> = events
            .iter()
            .filter_map(|at| self.timeline.events.get(*at))
            .filter_map(|it| self.sources.get(it.event.place.source.0 as usize).map(|source| source.name.clone()))
            .collect();
        sources.into_iter().collect()
    }
}
