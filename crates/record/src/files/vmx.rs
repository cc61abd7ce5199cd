//! `.vmx`: the configuration of a VM.

use std::collections::BTreeMap;

use super::dictionary::{Manner, Pair, pairs};
use super::sheet::Sheet;
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
    pub(crate) fn parse(bytes: &[u8], utf8: bool, sheet: &mut Sheet) -> Self {
        let mut vmx = Self::default();
        let mut nodes = Nodes::default();
        let manner = Manner { encoding: ".encoding", escaped: true, utf8 };
        pairs(bytes, &manner, sheet, &mut |pair, sheet| vmx.take(pair, &mut nodes, sheet), &mut |_, _, _, _| {});
        vmx.devices = nodes.into_devices();
        vmx
    }

    fn take(&mut self, pair: &Pair<'_>, nodes: &mut Nodes, sheet: &mut Sheet) {
        match pair.key.as_str() {
            ".encoding" => pair.text(&mut self.encoding, sheet),
            "displayname" => pair.text(&mut self.display_name, sheet),
            "uuid.bios" => pair.text(&mut self.bios_uuid, sheet),
            "uuid.location" => pair.text(&mut self.location_uuid, sheet),
            "vc.uuid" => pair.text(&mut self.instance_uuid, sheet),
            "guestos" => pair.text(&mut self.guest_os, sheet),
            "virtualhw.version" => pair.text(&mut self.hardware_version, sheet),
            "nvram" => pair.text(&mut self.nvram, sheet),
            "sched.swap.derivedname" => pair.text(&mut self.swap_file, sheet),
            "checkpoint.vmstate" => pair.text(&mut self.suspended_state, sheet),
            "encryption.bundle" => pair.locator(&mut self.bundle, sheet),
            "encryption.keysafe" => pair.locator(&mut self.key_safe, sheet),
            "encryption.data" => {
                self.encrypted_data.get_or_insert(pair.line);
            }
            "vtpm.present" => pair.flag(&mut self.vtpm, sheet),
            key if key.ends_with("datafilekey") => {
                self.plain_data_key.get_or_insert(pair.line);
                sheet.problem(pair.line, "a data-file key in plain text: treat this file as a secret");
            }
            key => {
                if let Some((node, field)) = node(key) {
                    nodes.take(node, field, pair, sheet);
                }
            }
        }
    }

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

/// The node and the field of a key: `scsi0:1` and `filename` of `scsi0:1.filename`.
fn node(key: &str) -> Option<(&str, &str)> {
    let (node, field) = key.split_once('.')?;
    let address = ["scsi", "sata", "ide", "nvme", "floppy"].iter().find_map(|bus| node.strip_prefix(bus))?;
    let digits = |text: &str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|it| it.is_ascii_digit());
    let fits = match address.split_once(':') {
        Some((bus, unit)) => digits(bus) && digits(unit),
        None => digits(address),
    };
    fits.then_some((node, field))
}

/// Devices and controllers while the file is read.
#[derive(Default)]
struct Nodes {
    devices: Vec<Device>,
    at: BTreeMap<String, usize>,
    /// `virtualDev` of a controller.
    controllers: BTreeMap<String, Found<String>>,
}

impl Nodes {
    fn take(&mut self, node: &str, field: &str, pair: &Pair<'_>, sheet: &mut Sheet) {
        // A floppy drive has no controller; elsewhere what has no unit is one.
        if !node.contains(':') && !node.starts_with("floppy") {
            if field == "virtualdev" && sheet.has_room(pair.line, pair.value.len()) {
                let value = Found { value: pair.value.as_ref().to_owned(), line: pair.line };
                self.controllers.entry(node.to_owned()).or_insert(value);
            }
            return;
        }
        if !matches!(field, "present" | "filename" | "devicetype" | "mode" | "sharing") {
            return;
        }
        let next = self.devices.len();
        if !self.at.contains_key(node) && !sheet.has_room(pair.line, node.len()) {
            return;
        }
        let at = *self.at.entry(node.to_owned()).or_insert(next);
        if at == next {
            self.devices.push(Device { node: node.to_owned(), line: pair.line, ..Device::default() });
        }
        let Some(device) = self.devices.get_mut(at) else { return };
        match field {
            "present" => pair.flag(&mut device.present, sheet),
            "filename" => pair.text(&mut device.file, sheet),
            "devicetype" => pair.text(&mut device.device_type, sheet),
            "mode" => pair.text(&mut device.mode, sheet),
            _ => pair.text(&mut device.sharing, sheet),
        }
    }

    fn into_devices(mut self) -> Vec<Device> {
        for device in &mut self.devices {
            let controller = device.node.split(':').next().unwrap_or_default();
            device.controller = self.controllers.get(controller).cloned();
        }
        self.devices
    }
}
