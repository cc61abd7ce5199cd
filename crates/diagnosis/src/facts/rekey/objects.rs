//! The key-bearing objects of a VM, and the key that each is on after an attempt.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::KeyState;

use super::{Attempt, providers, requested, timed};
use crate::outcome::{ObjectKind, RekeyObject, Supports};
use crate::path::{StoredPath, before_snapshot};
use crate::timeline::{Timeline, VmIndex};

/// Disks that are listed of one VM: as many as a VM can have.
const MOST_DISKS: usize = 256;

/// Every object that the input shows, with the key that it is on.
pub(super) fn objects(timeline: &Timeline, attempt: &Attempt, untouched: bool) -> Vec<RekeyObject> {
    let mut objects = named_objects(timeline, attempt, untouched);
    for it in timed(timeline, &attempt.key_changes) {
        let label = it.event.value(FieldKind::Device).map(|device| format!("device {device}"));
        let kind = if label.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        let same = |known: &RekeyObject| known.kind == kind && (known.label == label || kind == ObjectKind::VmHome);
        let new = RekeyObject { label: label.clone(), ..object(kind, None) };
        let Some(known) = find_or_add(&mut objects, same, new) else { continue };
        // Of several changes of one record, each gives a part: the key, or its provider.
        if known.key_state != KeyState::New {
            (known.key_state, known.key_id, known.provider) = (KeyState::New, None, None);
        }
        known.key_id = it.event.value(FieldKind::NewKeyId).map(str::to_owned).or_else(|| known.key_id.take());
        known.provider = it.event.value(FieldKind::NewProvider).map(str::to_owned).or_else(|| known.provider.take());
        known.evidence.push(crate::judge::evidence(&it.event, Supports::For));
    }
    // A disk that its key does not open is on another key than its VM: which one, the log does not say.
    for it in timed(timeline, &attempt.wrong_keys) {
        let Some(disk) = it.event.value(FieldKind::DiskPath) else { continue };
        let name = StoredPath::read(disk).descriptor();
        let same =
            |known: &RekeyObject| known.path.as_deref().is_some_and(|path| StoredPath::read(path).descriptor() == name);
        let new = object(ObjectKind::Disk, Some(disk));
        let Some(known) = find_or_add(&mut objects, same, new) else { continue };
        if known.key_state == KeyState::Old {
            (known.key_state, known.key_id, known.provider) = (KeyState::Unknown, None, None);
        }
        known.evidence.push(crate::judge::evidence(&it.event, Supports::For));
    }
    if attempt.is_last {
        add_files(timeline, attempt, &mut objects);
    }
    objects.sort_by(|one, other| (one.kind, &one.label, &one.path).cmp(&(other.kind, &other.label, &other.path)));
    objects
}

/// Adds what the VM's files say: they were read after everything that the logs tell, so theirs is the last word.
fn add_files(timeline: &Timeline, attempt: &Attempt, objects: &mut Vec<RekeyObject>) {
    let (from, to) = providers(timeline, attempt);
    let ids =
        |kind| -> BTreeSet<&str> { timed(timeline, &attempt.events).filter_map(|it| it.event.value(kind)).collect() };
    let (mut old, mut new) = (ids(FieldKind::OldKeyId), ids(FieldKind::NewKeyId));
    old.extend(requested(timeline, attempt).filter_map(|it| it.old_key.as_deref()));
    new.extend(requested(timeline, attempt).filter_map(|it| it.new_key.as_deref()));
    for it in timed(timeline, timeline.of_vm(attempt.vm)).filter(|it| it.event.name == crate::files::KEY) {
        let disk = it.event.value(FieldKind::DiskPath);
        let kind = if disk.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        let name = disk.map(|disk| StoredPath::read(disk).descriptor());
        let same = |known: &RekeyObject| {
            let path = known.path.as_deref().map(|path| StoredPath::read(path).descriptor());
            known.kind == kind && (kind == ObjectKind::VmHome || is_same_disk(path.as_deref(), name.as_deref()))
        };
        let Some(known) = find_or_add(objects, same, object(kind, disk)) else { continue };
        let (key, provider) = (it.event.value(FieldKind::KeyId), it.event.value(FieldKind::Provider));
        let changes = from.is_some() && from != to;
        known.key_state = match (key, provider) {
            (Some(key), _) if new.contains(key) && !old.contains(key) => KeyState::New,
            (Some(key), _) if old.contains(key) && !new.contains(key) => KeyState::Old,
            (_, Some(provider)) if changes && Some(provider) == to.as_deref() => KeyState::New,
            (_, Some(provider)) if changes && Some(provider) == from.as_deref() => KeyState::Old,
            _ => KeyState::Unknown,
        };
        known.key_id = key.map(str::to_owned);
        known.provider = provider.map(str::to_owned);
        known.evidence.push(crate::judge::evidence(&it.event, Supports::For));
    }
}

/// Whether two names are of one disk; a file that a bundle keeps outside of its path has no folder.
fn is_same_disk(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
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
        key_state: KeyState::Unknown,
        key_id: None,
        provider: None,
        evidence: Vec::new(),
    }
}

/// The objects that the request names, or those that the VM's own log shows.
///
/// Where the attempt failed before any key was unwrapped, each is as it was: on the key that the request names as the old one.
fn named_objects(timeline: &Timeline, attempt: &Attempt, untouched: bool) -> Vec<RekeyObject> {
    let mut objects: Vec<RekeyObject> = Vec::new();
    for asked in requested(timeline, attempt) {
        let label = asked.device.as_ref().map(|device| format!("device {device}"));
        let kind = if label.is_some() { ObjectKind::Disk } else { ObjectKind::VmHome };
        if objects.iter().any(|known| known.kind == kind && known.label == label) {
            continue;
        }
        let mut named = RekeyObject { label, ..object(kind, asked.path.as_deref()) };
        if untouched {
            named.key_state = KeyState::Old;
            (named.key_id, named.provider) = (asked.old_key.clone(), asked.old_provider.clone());
        }
        objects.push(named);
    }
    if objects.is_empty() && attempt.key_changes.is_empty() {
        objects = opened_disks(timeline, attempt.vm);
    }
    objects
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
