//! What can happen in the history of a VM or host, in closed lists.

use std::fmt;

use crate::Said;
use crate::grade::words;

words! {
    /// Where in a picture of the history something stands.
    Lane {
        /// What became of the VM.
        Vm = "vm",
        /// The host that ran it.
        Host = "host",
        /// Disks, datastores and devices.
        Storage = "storage",
        /// vSphere HA.
        Ha = "ha",
        /// Keys and encryption.
        Keys = "keys",
        /// Operations that somebody asked for.
        Task = "task",
        /// The logs themselves.
        Logs = "logs",
    }
}

/// Declares the kinds, each with its word, its lane and its name in English and French.
macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $lane:ident, $en:literal, $fr:literal;)*) => {
        words! {
            /// What sort of thing happened.
            HistoryKind { $($(#[$meta])* $variant = $word,)* }
        }

        impl HistoryKind {
            /// The lane that it belongs to.
            pub const fn lane(self) -> Lane {
                match self { $(Self::$variant => Lane::$lane,)* }
            }

            /// Its name for a person.
            pub fn name(self) -> Said {
                match self { $(Self::$variant => Said::new($en, $fr),)* }
            }
        }
    };
}

kinds! {
    /// The process of a VM began, with the product that ran it.
    ProcessStart = "process-start", Vm, "process began", "début du processus";
    /// The process of a VM ended.
    ProcessEnd = "process-end", Vm, "process ended", "fin du processus";
    /// A VM was powered on; as a span, the time that it was on.
    PowerOn = "power-on", Vm, "power on", "mise sous tension";
    /// A VM was powered off.
    PowerOff = "power-off", Vm, "power off", "mise hors tension";
    /// Somebody asked for another power state.
    PowerRequest = "power-request", Vm, "power request", "demande d’alimentation";
    /// A VM was suspended.
    Suspend = "suspend", Vm, "suspend", "interruption";
    /// A VM was resumed.
    Resume = "resume", Vm, "resume", "reprise";
    /// A VM was reset.
    Reset = "reset", Vm, "reset", "réinitialisation";
    /// A virtual CPU was reset, as firmware and guests do while they start.
    CpuReset = "cpu-reset", Vm, "CPU reset", "réinitialisation de CPU";
    /// A VM or its process crashed.
    Crash = "crash", Vm, "crash", "plantage";
    /// A VM stood still.
    Stun = "stun", Vm, "stun", "gel";
    /// A VM asked a question, or it was answered.
    Question = "question", Vm, "question", "question";
    /// A VM gave a warning to whoever looks at it.
    Message = "message", Vm, "message", "message";
    /// The guest did something: it crashed, it ended, its firmware began.
    Guest = "guest", Vm, "guest", "invité";
    /// Which guest operating system a VM is set up for.
    GuestOs = "guest-os", Vm, "guest system", "système invité";
    /// What a VM is called.
    VmName = "vm-name", Vm, "name", "nom";
    /// CPUs of a VM.
    Cpus = "cpus", Vm, "CPUs", "CPU";
    /// Memory of a VM.
    Memory = "memory", Vm, "memory", "mémoire";
    /// Firmware of a VM.
    Firmware = "firmware", Vm, "firmware", "micrologiciel";
    /// Hardware version of a VM.
    HardwareVersion = "hardware-version", Vm, "hardware version", "version matérielle";
    /// Version of VMware Tools.
    ToolsVersion = "tools-version", Vm, "Tools version", "version des Tools";
    /// Whether VMware Tools run.
    ToolsState = "tools-state", Vm, "Tools state", "état des Tools";
    /// A program of VMware Tools came or went.
    ToolsApp = "tools-app", Vm, "Tools program", "programme des Tools";
    /// Heartbeats of VMware Tools stopped.
    Heartbeat = "heartbeat", Vm, "heartbeat", "pulsation";
    /// VMware Tools did not answer a message.
    ToolsTimeout = "tools-timeout", Vm, "Tools timeout", "délai des Tools";
    /// A script of VMware Tools ran.
    ToolsScript = "tools-script", Vm, "Tools script", "script des Tools";
    /// A device was added, removed, connected or disconnected.
    Device = "device", Vm, "device", "périphérique";
    /// A USB device was connected or disconnected.
    Usb = "usb", Vm, "USB", "USB";
    /// A network card of a VM.
    Network = "network", Vm, "network", "réseau";
    /// A console was opened on the VM, or a picture of it taken.
    Screenshot = "screenshot", Vm, "screenshot", "capture d’écran";
    /// A VM moved to another host or datastore.
    Vmotion = "vmotion", Vm, "vMotion", "vMotion";
    /// A VM ran on another host than before.
    HostChange = "host-change", Host, "host change", "changement d’hôte";
    /// A VM ran on another release than before.
    HostVersion = "host-version", Host, "host version", "version de l’hôte";
    /// A host or one of its services started or stopped.
    Host = "host", Host, "host", "hôte";
    /// Something was wrong with the network of a host.
    HostNetwork = "host-network", Host, "host network", "réseau de l’hôte";
    /// A VM was registered.
    Register = "register", Task, "register", "inscription";
    /// A VM or its files were taken out of the inventory.
    Unregister = "unregister", Task, "unregister", "désinscription";
    /// A snapshot was made, failed or was removed.
    Snapshot = "snapshot", Storage, "snapshot", "snapshot";
    /// Links of a disk were merged.
    Consolidation = "consolidation", Storage, "consolidation", "consolidation";
    /// A disk was opened.
    DiskOpen = "disk-open", Storage, "disk open", "ouverture de disque";
    /// A disk was closed.
    DiskClose = "disk-close", Storage, "disk close", "fermeture de disque";
    /// A disk did not open, or failed.
    DiskFailure = "disk-failure", Storage, "disk failure", "panne de disque";
    /// A CD-ROM or another medium.
    Media = "media", Storage, "media", "support";
    /// A file was locked by somebody else.
    Lock = "lock", Storage, "lock", "verrou";
    /// A datastore, a path or a device of a host was in trouble.
    StorageTrouble = "storage-trouble", Storage, "storage", "stockage";
    /// A datastore or partition had no space left.
    Capacity = "capacity", Storage, "capacity", "capacité";
    /// vSphere HA acted, or could not.
    HaAction = "ha-action", Ha, "HA", "HA";
    /// A re-key.
    Rekey = "rekey", Keys, "re-key", "changement de clé";
    /// A step of a re-key, or what became of one object.
    RekeyStep = "rekey-step", Keys, "re-key step", "étape du changement de clé";
    /// Encryption of a VM, a host or vSAN.
    Encryption = "encryption", Keys, "encryption", "chiffrement";
    /// A key or a key provider.
    Key = "key", Keys, "key", "clé";
    /// A VM was locked for want of a key, or unlocked.
    VmLocked = "vm-locked", Keys, "VM locked", "VM verrouillée";
    /// A VM was reconfigured.
    Reconfigure = "reconfigure", Task, "reconfigure", "reconfiguration";
    /// A setting of a VM was written.
    Setting = "setting", Task, "setting", "paramètre";
    /// Any other operation.
    Task = "task", Task, "task", "tâche";
    /// A login, a lack of permission, or a sign of an intruder.
    Permission = "permission", Task, "permission", "permission";
    /// A new log was begun.
    LogRotation = "log-rotation", Logs, "log rotation", "rotation du journal";
    /// No log speaks.
    LogGap = "log-gap", Logs, "gap", "trou";
    /// Something else that went wrong or well.
    Other = "other", Host, "other", "autre";
}
