//! `.vmx`: the configuration of a VM.

use super::{FileProblem, Found, KeyLocator, KeyRef, LocatorError};

/// The configuration of a VM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vmx {
    /// The encoding that the file says it has.
    pub encoding: Option<Found<String>>,
    /// `displayName`.
    pub display_name: Option<Found<String>>,
    /// `uuid.bios`, as written: `42 0c 5e 91 d4 0b 7a 66-13 f8 2c 90 ab 4d 61 e7`.
    pub bios_uuid: Option<Found<String>>,
    /// `uuid.location`.
    pub location_uuid: Option<Found<String>>,
    /// `vc.uuid`, the instance UUID.
    pub instance_uuid: Option<Found<String>>,
    /// `guestOS`.
    pub guest_os: Option<Found<String>>,
    /// `virtualHW.version`.
    pub hardware_version: Option<Found<String>>,
    /// `nvram`.
    pub nvram: Option<Found<String>>,
    /// `sched.swap.derivedName`: a path on the datastore, with the folder of the VM.
    pub swap_file: Option<Found<String>>,
    /// `checkpoint.vmState`: the memory of a suspended VM; empty where it is not suspended.
    pub suspended_state: Option<Found<String>>,
    /// `encryption.bundle`: the keys of the VM's home on ESXi.
    pub bundle: Option<Found<Result<KeyLocator, LocatorError>>>,
    /// `encryption.keySafe`: the keys of the VM on Workstation and Fusion, and of old releases.
    pub key_safe: Option<Found<Result<KeyLocator, LocatorError>>>,
    /// The line of `encryption.data`: the rest of the configuration is encrypted in there.
    pub encrypted_data: Option<u64>,
    /// The line of a `dataFileKey` in plain text: no healthy encrypted VM has one.
    pub plain_data_key: Option<u64>,
    /// `vtpm.present`.
    pub vtpm: Option<Found<bool>>,
    /// Disks and drives, in the order in which the file names them first.
    pub devices: Vec<Device>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A disk or a drive of a VM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Where it hangs: `scsi0:1`, in lower case.
    pub node: String,
    /// The first line that names it.
    pub line: u64,
    /// Whether it is there; `None` where the file does not say.
    pub present: Option<Found<bool>>,
    /// `fileName`, as written: a name in the VM's folder, or a path.
    pub file: Option<Found<String>>,
    /// `deviceType`, such as `scsi-hardDisk` or `cdrom-image`.
    pub device_type: Option<Found<String>>,
    /// `virtualDev` of its controller, such as `pvscsi`.
    pub controller: Option<Found<String>>,
    /// `mode`, such as `independent-persistent`.
    pub mode: Option<Found<String>>,
    /// `sharing`, such as `multi-writer`.
    pub sharing: Option<Found<String>>,
}

impl Vmx {
    /// Whether the home of the VM is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.bundle.is_some() || self.key_safe.is_some() || self.encrypted_data.is_some()
    }

    /// The keys that unlock the VM's home, each with the line that names it.
    pub fn keys(&self) -> Vec<Found<KeyRef>> {
        [&self.bundle, &self.key_safe]
            .into_iter()
            .flatten()
            .filter_map(|it| Some((it.value.as_ref().ok()?, it.line)))
            .flat_map(|(locator, line)| locator.keys().into_iter().map(move |value| Found { value, line }))
            .collect()
    }
}

impl Device {
    /// Whether it is a virtual disk that is there.
    pub fn is_disk(&self) -> bool {
        let ends = |it: &Found<String>| it.value.to_ascii_lowercase().ends_with(".vmdk");
        self.file.as_ref().is_some_and(ends) && self.present.as_ref().is_none_or(|it| it.value)
    }
}
