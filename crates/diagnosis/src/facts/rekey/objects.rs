//! The key-bearing objects of a VM, and the key that each is on before and after an attempt.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::KeyState;

use super::asked::{Asked, requested};
use super::{Attempt, timed};
use crate::judge::evidence;
use crate::outcome::{Evidence, KeyName, ObjectKind, RekeyObject, Supports};
use crate::path::{StoredPath, before_snapshot};
use crate::timeline::{Timed, Timeline, VmIndex};

/// Disks that are listed of one VM: as many as a VM can have.
const MOST_DISKS: usize = 256;
/// Records that are cited for the same state of one object.
const CITED: usize = 4;

/// Every object that the input shows, with the key that it is on.
///
/// With `untouched`, the events that show that the attempt failed before it unwrapped any key: then each object
/// that was asked for is as it was.
pub(super) fn objects(timeline: &Timeline, attempt: &Attempt, asked: &Asked, untouched: &[usize]) -> Vec<RekeyObject> {
    let devices = Devices::of(timeline, attempt);
    let mut objects = named_objects(timeline, attempt, &devices, untouched);
    for it in timed(timeline, &attempt.key_changes) {
        add_change(&mut objects, it, &devices);
    }
    add_chain_links(timeline, attempt.vm, &mut objects, !untouched.is_empty());
    // A disk that its key does not open is on another key than its VM: which one, the log does not say.
    for it in timed(timeline, &attempt.wrong_keys) {
        let Some(disk) = it.event.value(FieldKind::DiskPath) else { continue };
        let Some(known) = find_or_add(&mut objects, |known| is_at(known, disk), object(ObjectKind::Disk, Some(disk)))
        else {
            continue;
        };
        let changed_later =
            known.key_state == KeyState::New && known.evidence.iter().all(|change| change.time > it.event.time);
        if !changed_later {
            (known.key_state, known.key_id, known.provider) = (KeyState::Unknown, None, None);
        }
        if known.evidence.len() < 2 * CITED {
            known.evidence.push(evidence(&it.event, Supports::For));
        }
    }
    add_locator(timeline, attempt, asked, &mut objects);
    if attempt.is_last {
        add_files(timeline, attempt, asked, &mut objects);
    }
    for object in &mut objects {
        let name = key_name(object.key_id.as_deref(), object.provider.as_deref());
        if object.key_state == KeyState::Old {
            object.key_before = object.key_before.take().or_else(|| name.clone());
        }
        object.key_after = name;
    }
    objects.sort_by(|one, other| (one.kind, &one.label, &one.path).cmp(&(other.kind, &other.label, &other.path)));
    objects
}

/// The name of a key, where anything of it is known. A native key provider gives its keys no id.
fn key_name(key: Option<&str>, provider: Option<&str>) -> Option<KeyName> {
    let key = key.filter(|it| !it.is_empty());
    (key.is_some() || provider.is_some())
        .then(|| KeyName { key_id: key.map(str::to_owned), provider: provider.map(str::to_owned) })
}

/// What is known of the devices of a VM by their numbers: its requests name them with their paths.
struct Devices {
    by_key: BTreeMap<String, (Option<String>, Option<String>)>,
}

impl Devices {
    fn of(timeline: &Timeline, attempt: &Attempt) -> Self {
        let mut by_key: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
        let of_vm = || timed(timeline, timeline.of_vm(attempt.vm));
        // Its own request first; those of other attempts name the same devices.
        let own = requested(timeline, attempt).map(|it| it.0);
        for asked in own.chain(of_vm().flat_map(|it| &it.event.requested)) {
            let Some(device) = &asked.device else { continue };
            let known = by_key.entry(device.clone()).or_default();
            known.0 = known.0.take().or_else(|| asked.label.clone());
            known.1 = known.1.take().or_else(|| asked.path.clone());
        }
        // The configuration names a disk by its place on the controller, from which its number follows.
        for it in of_vm().filter(|it| it.event.name == crate::files::DISK) {
            let device = it.event.field("node").and_then(device_of);
            if let (Some(device), Some(path)) = (device, it.event.value(FieldKind::DiskPath)) {
                let known = by_key.entry(device).or_default();
                known.1.get_or_insert_with(|| path.to_owned());
            }
        }
        Self { by_key }
    }

    fn label(&self, device: &str) -> String {
        let label = self.by_key.get(device).and_then(|it| it.0.clone());
        label.unwrap_or_else(|| format!("device {device}"))
    }

    fn path(&self, device: &str) -> Option<&str> {
        self.by_key.get(device).and_then(|it| it.1.as_deref())
    }
}

/// The number of a disk on a SCSI controller: `2017` for `scsi1:1`.
fn device_of(node: &str) -> Option<String> {
    let (bus, unit) = node.strip_prefix("scsi")?.split_once(':')?;
    let (bus, unit) = (bus.parse::<u32>().ok()?, unit.parse::<u32>().ok()?);
    (bus < 4 && unit < 16).then(|| (2000 + 16 * bus + unit).to_string())
}

/// Whether an object is the disk at a path.
fn is_at(object: &RekeyObject, path: &str) -> bool {
    let descriptor = |path: &str| StoredPath::read(path).descriptor();
    object.kind == ObjectKind::Disk
        && object.path.as_deref().is_some_and(|known| is_same_disk(&descriptor(known), &descriptor(path)))
}

/// Whether two names are of one disk; a file that a bundle keeps outside of its path has no folder.
fn is_same_disk(one: &str, other: &str) -> bool {
    let file = |path: &str| path.rsplit('/').next().map(str::to_owned);
    one == other || ((one.starts_with('/') || other.starts_with('/')) && file(one) == file(other))
}

/// The disk that a snapshot's disk is a difference to, by its name: `APP-01` for `APP-01-000002.vmdk`.
pub(crate) fn base_disk(path: &str) -> String {
    let name = StoredPath::read(path).descriptor();
    let file = name.rsplit('/').next().unwrap_or_default();
    before_snapshot(file).unwrap_or_else(|| file.strip_suffix(".vmdk").unwrap_or(file)).to_owned()
}

/// The object that is the same, or the new one, added.
fn find_or_add(
    objects: &mut Vec<RekeyObject>,
    same: impl Fn(&RekeyObject) -> bool,
    new: RekeyObject,
) -> Option<&mut RekeyObject> {
    let at = objects.iter().position(same).unwrap_or(objects.len());
    if at == objects.len() {
        objects.push(new);
    }
    objects.get_mut(at)
}

fn object(kind: ObjectKind, path: Option<&str>) -> RekeyObject {
    RekeyObject {
        kind,
        path: path.map(str::to_owned),
        label: None,
        device_key: None,
        key_state: KeyState::Unknown,
        key_id: None,
        provider: None,
        key_before: None,
        key_asked: None,
        key_after: None,
        evidence: Vec::new(),
    }
}

/// The home, or the disk with a number.
fn device(device: Option<&str>, devices: &Devices) -> RekeyObject {
    let Some(device) = device else { return object(ObjectKind::VmHome, None) };
    RekeyObject {
        label: Some(devices.label(device)),
        device_key: Some(device.to_owned()),
        ..object(ObjectKind::Disk, devices.path(device))
    }
}

fn is_device(object: &RekeyObject, device: Option<&str>) -> bool {
    match device {
        Some(device) => object.kind == ObjectKind::Disk && object.device_key.as_deref() == Some(device),
        None => object.kind == ObjectKind::VmHome,
    }
}

/// The objects that the request names, or those that the VM's own log shows.
///
/// Where the attempt failed before any key was unwrapped, each is as it was: on the key that the request names as the old one.
fn named_objects(timeline: &Timeline, attempt: &Attempt, devices: &Devices, untouched: &[usize]) -> Vec<RekeyObject> {
    let mut objects: Vec<RekeyObject> = Vec::new();
    let shown: Vec<Evidence> =
        timed(timeline, untouched).take(1).map(|it| evidence(&it.event, Supports::For)).collect();
    for (asked, _) in requested(timeline, attempt) {
        if objects.iter().any(|known| is_device(known, asked.device.as_deref())) {
            continue;
        }
        let mut named = device(asked.device.as_deref(), devices);
        named.key_before = key_name(asked.old_key.as_deref(), asked.old_provider.as_deref());
        named.key_asked = key_name(asked.new_key.as_deref(), asked.new_provider.as_deref());
        if !untouched.is_empty() {
            named.key_state = KeyState::Old;
            (named.key_id, named.provider) = (asked.old_key.clone(), asked.old_provider.clone());
            named.evidence.clone_from(&shown);
        }
        objects.push(named);
    }
    if objects.is_empty() && attempt.key_changes.is_empty() {
        objects = opened_disks(timeline, attempt.vm);
    }
    objects
}

/// Adds what an event says that names the old and the new key of an object.
fn add_change(objects: &mut Vec<RekeyObject>, it: &Timed, devices: &Devices) {
    let number = it.event.value(FieldKind::Device);
    let value = |kind| it.event.value(kind).map(str::to_owned);
    let Some(known) = find_or_add(objects, |known| is_device(known, number), device(number, devices)) else { return };
    // Of several changes of one record, each gives a part: the key, or its provider.
    if known.key_state != KeyState::New {
        (known.key_state, known.key_id, known.provider) = (KeyState::New, None, None);
    }
    known.key_id = value(FieldKind::NewKeyId).or_else(|| known.key_id.take());
    known.provider = value(FieldKind::NewProvider).or_else(|| known.provider.take());
    let (key, provider) = (value(FieldKind::OldKeyId), value(FieldKind::OldProvider));
    if let Some(before) = key_name(key.as_deref(), provider.as_deref()) {
        let known = known.key_before.get_or_insert_default();
        known.key_id = known.key_id.take().or(before.key_id);
        known.provider = known.provider.take().or(before.provider);
    }
    // vCenter and the host both log the event.
    if known.evidence.len() < CITED {
        known.evidence.push(evidence(&it.event, Supports::For));
    }
}

/// Adds the other links of each disk's snapshot chain: a request and its event name only the topmost one.
///
/// Each link is wrapped by itself. That the top is on a new key says nothing about those below it.
fn add_chain_links(timeline: &Timeline, vm: VmIndex, objects: &mut Vec<RekeyObject>, untouched: bool) {
    let mut links: Vec<RekeyObject> = Vec::new();
    for link in opened_disks(timeline, vm) {
        let Some(path) = link.path.as_deref().filter(|path| !objects.iter().any(|known| is_at(known, path))) else {
            continue;
        };
        let of_chain = |top: &&RekeyObject| {
            let folder = |path: &str| StoredPath::read(path).folder;
            top.kind == ObjectKind::Disk
                && top.path.as_deref().is_some_and(|top| {
                    base_disk(top) == base_disk(path) && (folder(top) == folder(path) || !path.starts_with('/'))
                })
        };
        let Some(top) = objects.iter().find(of_chain) else { continue };
        links.push(RekeyObject {
            label: top.label.clone(),
            device_key: top.device_key.clone(),
            key_state: if untouched && top.key_state == KeyState::Old { KeyState::Old } else { KeyState::Unknown },
            ..link
        });
    }
    objects.extend(links);
}

/// Adds what the VM's home named as its key when it was read before the attempt, and after it.
fn add_locator(timeline: &Timeline, attempt: &Attempt, asked: &Asked, objects: &mut Vec<RekeyObject>) {
    let Some(began) = attempt.began.filter(|_| attempt.has_task) else { return };
    let read = || timed(timeline, timeline.of_vm(attempt.vm)).filter(|it| it.event.name == "key-locator");
    let name = |it: &Timed| key_name(it.event.field("key"), it.event.value(FieldKind::Provider));
    let before = read().filter(|it| it.event.time.is_some() && it.at < Some(began)).last();
    let after = read().find(|it| it.event.time.is_some() && it.at > attempt.ended && attempt.ended.is_some());
    if before.is_none() && after.is_none() {
        return;
    }
    let Some(home) = find_or_add(objects, |it| it.kind == ObjectKind::VmHome, object(ObjectKind::VmHome, None)) else {
        return;
    };
    home.key_before = home.key_before.take().or_else(|| before.and_then(name));
    // What another attempt left is not what this one did.
    let Some(after) = after.filter(|_| attempt.is_last && home.key_state == KeyState::Unknown) else { return };
    let (key, provider) = (after.event.field("key"), after.event.value(FieldKind::Provider));
    home.key_state = state(asked, home, key, provider);
    (home.key_id, home.provider) = (key.map(str::to_owned), provider.map(str::to_owned));
    home.evidence.push(evidence(&after.event, Supports::For));
}

/// Whether a key that an object is on is the one from before or the new one.
fn state(asked: &Asked, object: &RekeyObject, key: Option<&str>, provider: Option<&str>) -> KeyState {
    let (from, to) = (asked.from_provider.as_deref(), asked.to_provider.as_deref());
    let key = key.filter(|it| !it.is_empty());
    let is = |name: &Option<KeyName>| key.is_some() && name.as_ref().and_then(|it| it.key_id.as_deref()) == key;
    let (old, new) = (
        is(&object.key_before) || key.is_some_and(|key| asked.old_keys.contains(key)),
        is(&object.key_asked) || key.is_some_and(|key| asked.new_keys.contains(key)),
    );
    let changes = from.is_some() && to.is_some() && from != to;
    match provider {
        _ if new && !old => KeyState::New,
        _ if old && !new => KeyState::Old,
        Some(provider) if changes && Some(provider) == to => KeyState::New,
        Some(provider) if changes && Some(provider) == from => KeyState::Old,
        _ => KeyState::Unknown,
    }
}

/// Adds what the VM's files say: they were read after everything that the logs tell, so theirs is the last word.
///
/// A file may name several keys, each of which opens it: then it is on neither alone.
fn add_files(timeline: &Timeline, attempt: &Attempt, asked: &Asked, objects: &mut Vec<RekeyObject>) {
    let mut seen: BTreeSet<(esxray_model::SourceId, Option<String>)> = BTreeSet::new();
    for it in timed(timeline, timeline.of_vm(attempt.vm)).filter(|it| it.event.name == crate::files::KEY) {
        let disk = it.event.value(FieldKind::DiskPath);
        let kind = if disk.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        let same = |known: &RekeyObject| match disk {
            Some(disk) => is_at(known, disk),
            None => known.kind == ObjectKind::VmHome,
        };
        let Some(known) = find_or_add(objects, same, object(kind, disk)) else { continue };
        let (key, provider) = (it.event.value(FieldKind::KeyId), it.event.value(FieldKind::Provider));
        let again = !seen.insert((it.event.place.source, disk.map(str::to_owned)));
        let says = state(asked, known, key, provider);
        if !again {
            known.key_state = says;
            (known.key_id, known.provider) = (key.map(str::to_owned), provider.map(str::to_owned));
        } else if (known.key_id.as_deref(), known.provider.as_deref()) != (key, provider) {
            (known.key_state, known.key_id, known.provider) = (KeyState::Unknown, None, None);
        }
        known.evidence.push(evidence(&it.event, Supports::For));
    }
}

/// Objects that are known without a word on their keys: the VM home, and the disks that the VM's log shows.
///
/// That a disk opened says that its key was at hand, not which one it was.
pub(crate) fn opened_disks(timeline: &Timeline, vm: VmIndex) -> Vec<RekeyObject> {
    let mut disks: BTreeMap<String, &str> = BTreeMap::new();
    let shows = |name: &str| matches!(name, "disk-opened" | crate::files::DISK);
    for it in timed(timeline, timeline.of_vm(vm)).filter(|it| shows(&it.event.name)) {
        if let Some(disk) = it.event.value(FieldKind::DiskPath) {
            let path = StoredPath::read(disk);
            // Only the descriptor carries a key; extents lie beside it.
            if path.descriptor().ends_with(&path.file) {
                disks.entry(path.descriptor()).or_insert(disk);
            }
        }
    }
    let home = object(ObjectKind::VmHome, None);
    std::iter::once(home)
        .chain(disks.into_values().take(MOST_DISKS).map(|disk| object(ObjectKind::Disk, Some(disk))))
        .collect()
}
