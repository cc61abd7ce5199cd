//! What files that are no logs say, as events beside those of the logs.
//!
//! They carry no time, so no episode begins with them: they name VMs, hosts and keys, and facts read them.

use esxray_knowledge::FieldKind;
use esxray_model::{FormatName, Place, Said, SourceId, say};
use esxray_record::Account;
use esxray_record::files::{Descriptor, EvidenceFile, Found, HostFile, KeyRef, VmInventory, VmList, Vmsd, Vmx};

use crate::event::{Event, Standing};
use crate::path::before_snapshot;

/// A VM of a host's list, or of the list of those that run.
pub(crate) const REGISTERED: &str = "vm-registered";
/// A disk that a configuration lists, or whose descriptor is there.
pub(crate) const DISK: &str = "disk-in-file";
/// A key that a file names for itself: the VM's home in a `.vmx`, a disk in its descriptor.
pub(crate) const KEY: &str = "key-in-file";
/// A disk that is a difference to one in another folder, or of which all is in its own.
pub(crate) const PARENT: &str = "parent-in-file";
/// A list of snapshots without any.
pub(crate) const NO_SNAPSHOT: &str = "no-snapshot-in-file";

/// What it means that a file says so, in the words of a signature's title.
pub(crate) fn meaning(event: &str) -> Option<Said> {
    Some(match event {
        REGISTERED => say!(en: "The host lists the VM", fr: "L’hôte répertorie la VM"),
        DISK => say!(en: "The VM has the disk", fr: "La VM a ce disque"),
        KEY => say!(
            en: "The file itself names the key that it is wrapped with",
            fr: "Le fichier lui-même nomme la clé qui l’enveloppe",
        ),
        PARENT => say!(
            en: "The disk is a difference to another one, or stands by itself",
            fr: "Le disque est une différence par rapport à un autre, ou est autonome",
        ),
        NO_SNAPSHOT => say!(en: "The VM's list of snapshots is empty", fr: "La liste des snapshots de la VM est vide"),
        "ide-disk" => say!(
            en: "The VM has a disk on an IDE controller",
            fr: "La VM a un disque sur un contrôleur IDE",
        ),
        "snapshot-disk" => say!(en: "The VM has a snapshot", fr: "La VM a un snapshot"),
        "shared-disk" => say!(
            en: "Other VMs write to a disk of the VM too",
            fr: "D’autres VM écrivent aussi sur un disque de la VM",
        ),
        _ => return None,
    })
}

/// No signature of the knowledge recognised these.
const NO_SIGNATURE: usize = usize::MAX;

type Fields = Vec<(String, FieldKind, String)>;

/// The events of a source that is such a file.
pub(crate) fn events(source: &str, account: &Account) -> Vec<Event> {
    let Some(file) = &account.file else { return Vec::new() };
    let format = account.form.map_or(FormatName::Unknown, |form| form.format);
    let mut list = List { account, format, events: Vec::new() };
    let path = on_datastore(source);
    match file.as_ref() {
        EvidenceFile::Vmx(vmx) => list.vmx(vmx, path.as_deref()),
        EvidenceFile::Descriptor(descriptor) => list.descriptor(descriptor, source, path.as_deref()),
        EvidenceFile::Snapshots(snapshots) => list.snapshots(snapshots),
        EvidenceFile::VmInventory(inventory) => list.inventory(inventory),
        EvidenceFile::VmList(vms) => list.vms(vms),
        EvidenceFile::Host(host) => list.running(host),
        _ => {}
    }
    list.events
}

/// Fills what a host's own files say of it into the place where a log's header says it.
pub(crate) fn learn(account: &mut Account) {
    let Some(EvidenceFile::Host(host)) = account.file.as_deref() else { return };
    let header = &mut account.header;
    let value = |found: &Option<Found<String>>| found.as_ref().map(|it| it.value.clone());
    header.host = value(&host.host_name).or_else(|| header.host.take());
    header.product = value(&host.product).or_else(|| header.product.take());
    header.version = value(&host.version).or_else(|| header.version.take());
    header.build = value(&host.build).or_else(|| header.build.take());
}

/// The path on the datastore of a file that a bundle keeps under the path that it had.
fn on_datastore(source: &str) -> Option<String> {
    let at = source.match_indices("vmfs/volumes/").map(|it| it.0);
    let at = at.filter(|at| source.get(..*at).is_some_and(|it| it.is_empty() || it.ends_with(['/', '!']))).last()?;
    source.get(at..).map(|path| format!("/{path}"))
}

struct List<'a> {
    account: &'a Account,
    format: FormatName,
    events: Vec<Event>,
}

impl List<'_> {
    fn add(&mut self, name: &str, line: u64, fields: Fields) {
        // Entries stand in the order of their lines.
        let line = line.max(1);
        let after = self.account.entries.partition_point(|it| it.line <= line);
        let entry = after.checked_sub(1).and_then(|at| self.account.entries.get(at));
        let text = entry.map(|it| it.text.clone()).unwrap_or_default();
        let byte_offset = entry.map_or(0, |it| it.byte_offset);
        let span = (0, text.len());
        self.events.push(Event {
            signature: NO_SIGNATURE,
            name: name.to_owned(),
            place: Place { source: SourceId(0), line, last_line: line, byte_offset },
            time: None,
            format: self.format,
            standing: Standing::Sound,
            component: String::new(),
            op_id: None,
            user: None,
            session: None,
            fields,
            requested: Vec::new(),
            text,
            span,
            weight: 1,
        });
    }

    fn vmx(&mut self, vmx: &Vmx, path: Option<&str>) {
        let mut names: Fields = Vec::new();
        let texts = [
            ("vm", FieldKind::VmName, &vmx.display_name),
            ("uuid", FieldKind::BiosUuid, &vmx.bios_uuid),
            ("instance", FieldKind::InstanceUuid, &vmx.instance_uuid),
        ];
        for (name, kind, found) in texts {
            names.extend(found.as_ref().map(|it| field(name, kind, &it.value)));
        }
        names.extend(path.map(|path| field("vmx", FieldKind::VmxPath, path)));
        let line =
            [&vmx.display_name, &vmx.bios_uuid, &vmx.instance_uuid].into_iter().flatten().map(|it| it.line).next();
        self.add("vm-display-name", line.unwrap_or(1), names);
        let folder = path.and_then(|path| path.rfind('/').and_then(|at| path.get(..=at))).unwrap_or_default();
        for device in vmx.devices.iter().filter(|it| it.is_disk()) {
            let Some(file) = &device.file else { continue };
            let full = if file.value.starts_with('/') { file.value.clone() } else { format!("{folder}{}", file.value) };
            let disk = || vec![field("disk", FieldKind::DiskPath, &full), field("node", FieldKind::Text, &device.node)];
            self.add(DISK, file.line, disk());
            if device.node.starts_with("ide") {
                self.add("ide-disk", file.line, disk());
            }
            if before_snapshot(&file.value).is_some() {
                self.add("snapshot-disk", file.line, disk());
            }
            if let Some(sharing) = device.sharing.as_ref().filter(|it| it.value.eq_ignore_ascii_case("multi-writer")) {
                self.add("shared-disk", sharing.line, disk());
            }
        }
        for key in vmx.keys() {
            self.key(field("object", FieldKind::Text, "vm-home"), &key);
        }
    }

    fn descriptor(&mut self, descriptor: &Descriptor, source: &str, path: Option<&str>) {
        let file = source.rsplit(['/', '!']).next().unwrap_or(source);
        let disk = || field("disk", FieldKind::DiskPath, path.unwrap_or(file));
        let line = descriptor.cid.as_ref().map_or(1, |it| it.line);
        self.add(DISK, line, vec![disk()]);
        if let Some(parent) = &descriptor.parent_file {
            let elsewhere = if is_beside(source, &parent.value) { "beside" } else { "elsewhere" };
            let fields = vec![disk(), field("parent", FieldKind::Text, &parent.value)];
            self.add(PARENT, parent.line, [fields, vec![field("where", FieldKind::Text, elsewhere)]].concat());
            if before_snapshot(file).is_some() {
                self.add("snapshot-disk", parent.line, vec![disk()]);
            }
        } else {
            self.add(PARENT, line, vec![disk(), field("where", FieldKind::Text, "none")]);
        }
        for key in descriptor.keys() {
            self.key(disk(), &key);
        }
    }

    fn key(&mut self, object: (String, FieldKind, String), key: &Found<KeyRef>) {
        let mut fields = vec![object];
        fields.extend(key.value.key.as_ref().map(|it| field("key_id", FieldKind::KeyId, it)));
        fields.extend(key.value.provider.as_ref().map(|it| field("provider", FieldKind::Provider, it)));
        self.add(KEY, key.line, fields);
    }

    fn snapshots(&mut self, snapshots: &Vmsd) {
        for snapshot in &snapshots.snapshots {
            self.add("snapshot-disk", snapshot.line, Vec::new());
        }
        if snapshots.says_none() {
            self.add(NO_SNAPSHOT, snapshots.count.as_ref().map_or(1, |it| it.line), Vec::new());
        }
    }

    fn inventory(&mut self, inventory: &VmInventory) {
        for vm in &inventory.vms {
            let mut fields = vec![field("vmx", FieldKind::VmxPath, &vm.path.value)];
            fields.extend(vm.vmid.as_ref().map(|it| field("vmid", FieldKind::Vmid, &it.value.to_string())));
            self.add(REGISTERED, vm.path.line, fields);
        }
    }

    fn vms(&mut self, list: &VmList) {
        for vm in &list.vms {
            let fields = vec![
                field("vmid", FieldKind::Vmid, &vm.vmid.to_string()),
                field("vm", FieldKind::VmName, &vm.name),
                field("vmx", FieldKind::VmxPath, &format!("[{}] {}", vm.datastore, vm.path)),
            ];
            self.add(REGISTERED, vm.line, fields);
        }
    }

    fn running(&mut self, host: &HostFile) {
        for vm in &host.running_vms {
            let mut fields = vec![field("vm", FieldKind::VmName, &vm.name)];
            fields.extend(vm.config_file.as_ref().map(|it| field("vmx", FieldKind::VmxPath, &it.value)));
            fields.extend(vm.uuid.as_ref().map(|it| field("uuid", FieldKind::BiosUuid, &it.value)));
            fields.extend(vm.world_id.as_ref().map(|it| field("world", FieldKind::WorldId, &it.value.to_string())));
            self.add(REGISTERED, vm.line, fields);
        }
    }
}

/// Whether the parent of a disk lies in the folder of the disk. A path may name the datastore otherwise than the source.
fn is_beside(source: &str, parent: &str) -> bool {
    let folder = |path: &str| path.rsplit(['/', '\\', '!']).nth(1).map(str::to_owned);
    folder(parent).is_none_or(|of_parent| folder(source) == Some(of_parent))
}

fn field(name: &str, kind: FieldKind, value: &str) -> (String, FieldKind, String) {
    (name.to_owned(), kind, value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_beside, on_datastore};

    #[test]
    fn the_path_that_a_file_had() {
        assert_eq!(on_datastore("a.tgz!esx/vmfs/volumes/ds1/A/A.vmx").as_deref(), Some("/vmfs/volumes/ds1/A/A.vmx"));
        assert_eq!(on_datastore("vmfs/volumes/ds1/A/A.vmx").as_deref(), Some("/vmfs/volumes/ds1/A/A.vmx"));
        assert_eq!(on_datastore("xvmfs/volumes/ds1/A.vmx"), None);
    }

    #[test]
    fn a_parent_beside_its_child_and_elsewhere() {
        assert!(is_beside("b.tgz!A/A-000001.vmdk", "A.vmdk"));
        assert!(is_beside("b.tgz!A/A-000001.vmdk", "/vmfs/volumes/ds1/A/A.vmdk"));
        assert!(!is_beside("b.tgz!A/A-000001.vmdk", "/vmfs/volumes/ds1/GOLD/GOLD.vmdk"));
    }
}
