use std::fmt;

use crate::grade::words;

words! {
    /// A named fact about an incident, computed by `diagnosis` and named by the knowledge files.
    ///
    /// A fact holds, does not hold, or cannot be evaluated from the input. The
    /// list is closed: a knowledge file that names an unknown fact is refused.
    Fact {
        /// The VM was being re-keyed when the incident's events happened.
        RekeyWindow = "rekey-window",
        /// The re-key was cut short by a reset, a crash or a power loss.
        RekeyInterrupted = "rekey-interrupted",
        /// A re-key of the VM ended well after the last failure.
        RekeyCompletedLater = "rekey-completed-later",
        /// Objects of the VM are wrapped by keys of different attempts: some new, some old.
        ObjectsMixed = "objects-mixed",
        /// The VM's objects name more than one key provider at the same time.
        ProvidersMixed = "providers-mixed",
        /// A host did not know a key provider, or a key provider was unreachable, in the window.
        ProviderUnavailable = "provider-unavailable",
        /// The provider that an error names is the one that the re-key goes to.
        ProviderIsTarget = "provider-is-target",
        /// The provider that an error names is the one that the re-key comes from.
        ProviderIsSource = "provider-is-source",
        /// vSphere HA VM Monitoring reset the VM inside the re-key's window.
        HaResetInRekeyWindow = "ha-reset-in-rekey-window",
        /// The VM was powered on when the operation began.
        VmPoweredOn = "vm-powered-on",
        /// The VM runs, as far as the last word of the logs on it goes.
        VmRunning = "vm-running",
        /// The VM has a virtual disk on an IDE controller.
        IdeDisk = "ide-disk",
        /// The VM's disk chain holds a snapshot or a parent in another folder.
        LinkedClone = "linked-clone",
        /// The VM has at least one snapshot.
        SnapshotPresent = "snapshot-present",
        /// A disk of the VM is shared with other VMs: multi-writer, or refused as a shared or raw device.
        SharedDisk = "shared-disk",
        /// The VM is encrypted: its home, a disk, or both.
        VmEncrypted = "vm-encrypted",
        /// The VM's home is encrypted, for a vTPM mostly, and none of its disks is.
        OnlyHomeEncrypted = "only-home-encrypted",
        /// The request for the re-key names the VM's home and leaves out its encrypted disks.
        DisksSkipped = "disks-skipped",
        /// Another VM of the input has the same BIOS UUID or instance UUID.
        DuplicateUuid = "duplicate-uuid",
        /// The VM's host holds the keys that the VM needs, as far as the last word of the logs on it goes.
        HostHoldsKey = "host-holds-key",
        /// The VM's host started again after it was given the VM's keys, which it holds in memory.
        HostRebooted = "host-rebooted",
        /// A key provider that the VM needs answered after its last error, or answered and had none.
        ProviderReachable = "provider-reachable",
        /// The VM's host knows the key provider that the VM needs.
        ProviderKnown = "provider-known-on-host",
        /// A key provider was taken out of vCenter, maybe one of the VM's, and the VM got no key since.
        ProviderRemoved = "provider-removed",
        /// A key that the VM needs is not on its key provider.
        KeyMissingInKms = "key-missing-in-kms",
        /// Every native key provider is backed up, as far as the last word of vCenter on it goes.
        NkpBackedUp = "nkp-backed-up",
        /// The key provider of the VM's host does not decrypt the VM's key: a native one that was added anew.
        NkpMismatch = "nkp-mismatch",
        /// A file of the VM was looked for and is not there, or cannot be read.
        FileMissing = "file-missing",
        /// A user lacks a privilege for cryptographic operations on the VM.
        PrivilegeMissing = "privilege-missing",
        /// The failure is one of a single host: others use the same key provider at that time.
        OneHost = "one-host",
        /// Several hosts have the failure at that time.
        ManyHosts = "many-hosts",
    }
}
