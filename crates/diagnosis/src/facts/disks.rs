//! What the VM's own log and files say of its disks.

use std::collections::BTreeSet;

use esxray_knowledge::FieldKind;

use super::{Facts, Holds, rekey};
use crate::files;
use crate::timeline::{Timed, Timeline};

impl Facts<'_> {
    /// Whether the VM has a snapshot, by its files where they are there: they are younger than its log.
    pub(super) fn snapshot_present(&self) -> Holds {
        let none: Vec<usize> = self.of_vm().filter(|it| it.1.event.name == files::NO_SNAPSHOT).map(|it| it.0).collect();
        let in_file = self.of_vm().any(|it| it.1.event.name == "snapshot-disk" && it.1.event.time.is_none());
        if none.is_empty() || in_file {
            return self.configured("snapshot-disk");
        }
        Holds::No(self.sources_of(&none))
    }

    /// Whether a disk of the VM is a difference to one in another folder.
    pub(super) fn linked_clone(&self) -> Holds {
        let parents: Vec<(usize, Option<&str>)> = self
            .of_vm()
            .filter(|it| it.1.event.name == files::PARENT)
            .map(|(at, it)| (at, it.event.field("where")))
            .collect();
        let elsewhere: Vec<usize> = parents.iter().filter(|it| it.1 == Some("elsewhere")).map(|it| it.0).collect();
        if !elsewhere.is_empty() {
            return Holds::Yes(elsewhere);
        }
        // Only where the chain of every disk is there to its end.
        let ends = parents.iter().filter(|it| it.1 == Some("none")).count();
        let disks: BTreeSet<String> = rekey::opened_disks(self.timeline, self.episode.vm.unwrap_or(usize::MAX))
            .into_iter()
            .filter_map(|it| it.path)
            .map(|path| rekey::base_disk(&path))
            .collect();
        if disks.is_empty() || ends < disks.len() {
            return Holds::Unknown;
        }
        Holds::No(self.sources_of(&parents.iter().map(|it| it.0).collect::<Vec<_>>()))
    }

    /// Whether a disk is shared with other VMs, by a setting or by a refusal.
    pub(super) fn shared_disk(&self) -> Holds {
        let refused = self.named("reject-shared-backing");
        if refused.is_empty() { self.configured("shared-disk") } else { Holds::Yes(refused) }
    }

    /// Whether a disk or the configuration of the VM is not there, and no disk of that name opened later.
    pub(super) fn file_missing(&self) -> Holds {
        let gone = ["disk-missing", "vmx-read-error", "vmx-damaged", "vm-registration-gone"];
        let gone: Vec<usize> = gone.into_iter().flat_map(|name| self.named(name)).collect();
        if gone.is_empty() {
            return Holds::Unknown;
        }
        let file = |timed: &Timed| timed.event.value(FieldKind::DiskPath).map(rekey::base_disk);
        let opened: Vec<(usize, &Timed)> = self.of_vm().filter(|it| it.1.event.name == "disk-opened").collect();
        let found = |(_, missing): (usize, &Timed)| -> Option<usize> {
            let name = file(missing)?;
            let again =
                opened.iter().find(|it| Timeline::is_after(it.1, missing) && file(it.1).as_ref() == Some(&name));
            again.map(|it| it.0)
        };
        match self.timed(gone.iter().copied()).map(found).collect::<Option<Vec<usize>>>() {
            Some(again) => Holds::No(self.sources_of(&again)),
            None => Holds::Yes(gone),
        }
    }

    /// A setting that the VM's own log lists at power-on.
    pub(super) fn configured(&self, name: &str) -> Holds {
        let at: Vec<usize> = self.of_vm().filter(|it| it.1.event.name == name).map(|it| it.0).take(4).collect();
        if !at.is_empty() {
            return Holds::Yes(at);
        }
        // The list of settings is there, and this one is not in it.
        let listed: Vec<String> = self
            .of_vm()
            .filter(|it| it.1.event.name == "vm-display-name")
            .filter_map(|it| self.sources.get(it.1.event.place.source.0 as usize).map(|source| source.name.clone()))
            .take(1)
            .collect();
        if listed.is_empty() { Holds::Unknown } else { Holds::No(listed) }
    }
}
