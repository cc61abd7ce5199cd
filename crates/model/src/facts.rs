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
    }
}
