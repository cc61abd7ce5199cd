//! Datastores, by UUID and by the names that hosts and vCenter give them.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;

use super::DatastoreSeen;
use crate::event::Standing;
use crate::path::StoredPath;
use crate::timeline::{Timeline, vmx_paths};

/// The datastores that paths of VMs and disks lie on.
///
/// A name and a UUID are one datastore's where one VM has the same file under both. Two hosts may call their own
/// disks `datastore1`: a name that goes with two UUIDs is given to both.
pub(super) fn datastores(timeline: &Timeline) -> Vec<DatastoreSeen> {
    let mut files: BTreeMap<(Option<usize>, String, String), BTreeSet<StoredPath>> = BTreeMap::new();
    let mut vms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for timed in timeline.events.iter().filter(|it| it.event.standing == Standing::Sound) {
        let disk = timed.event.value(FieldKind::DiskPath).map(str::to_owned);
        for path in vmx_paths(&timed.event).into_iter().chain(disk) {
            let path = StoredPath::read(&path);
            if path.datastore.is_empty() {
                continue;
            }
            let vm = timed.vm.and_then(|vm| timeline.vms.get(vm)?.name.clone());
            vms.entry(path.datastore.clone()).or_default().extend(vm);
            files.entry((timed.vm, path.folder.clone(), path.file.clone())).or_default().insert(path);
        }
    }
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for paths in files.values() {
        let (uuids, aliases): (Vec<&StoredPath>, Vec<&StoredPath>) = paths.iter().partition(|it| it.has_uuid());
        // A VM that moved has one file under two UUIDs, and which of them a name is for is not known.
        if let [uuid] = uuids.as_slice() {
            names.entry(uuid.datastore.clone()).or_default().extend(aliases.iter().map(|it| it.datastore.clone()));
        }
    }
    let placed: BTreeSet<&String> = names.values().flatten().collect();
    let is_uuid = |datastore: &str| StoredPath::read(&format!("/vmfs/volumes/{datastore}/x")).has_uuid();
    let mut seen: Vec<DatastoreSeen> = Vec::new();
    for datastore in vms.keys().filter(|it| !placed.contains(it)) {
        let uuid = is_uuid(datastore);
        let names: BTreeSet<String> =
            if uuid { names.get(datastore).cloned().unwrap_or_default() } else { [datastore.clone()].into() };
        let all = names.iter().chain([datastore]).filter_map(|it| vms.get(it)).flatten().cloned();
        seen.push(DatastoreSeen {
            uuid: uuid.then(|| datastore.clone()),
            vms: all.collect::<BTreeSet<_>>().into_iter().collect(),
            names: names.into_iter().collect(),
        });
    }
    seen.sort_by(|one, other| (&one.names, &one.uuid).cmp(&(&other.names, &other.uuid)));
    seen
}
