//! Hosts and VMs, with all their names.

use std::collections::{BTreeMap, BTreeSet};

use esxray_knowledge::FieldKind;
use esxray_model::{FormatName, KeyState};
use esxray_record::files::EvidenceFile;

use super::{HostSeen, ObjectSeen, ProductVersion, VmSeen, VmidSeen};
use crate::builds::release;
use crate::event::Standing;
use crate::facts::rekey;
use crate::outcome::{ObjectKind, RekeyObject};
use crate::path::StoredPath;
use crate::scan::Source;
use crate::timeline::{Timed, Timeline, VmIndex, is_of_vm, uuid, vmx_paths};

/// What tells one host from another: its name, or else the folder of its logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum HostKey {
    Named(String),
    Folder(String),
}

/// What ran on a host, and its sources.
type HostLogs<'s> = (BTreeSet<Ran>, Vec<&'s Source>);

/// The hosts that wrote the sources.
pub(super) fn hosts(timeline: &Timeline, sources: &[Source]) -> Vec<HostSeen> {
    let names = names_by_source(timeline, sources);
    let mut hosts: BTreeMap<(HostKey, bool), HostLogs<'_>> = BTreeMap::new();
    for (source, name) in sources.iter().zip(&names) {
        let header = &source.account.header;
        // The agents that vCenter puts onto a host carry vCenter's numbers.
        let speaks = matches!(
            source.format(),
            FormatName::Hostd | FormatName::Vpxd | FormatName::VmwareLog | FormatName::HostCommand
        );
        let version = header.product.clone().filter(|_| speaks).map(|product| Ran {
            build: header.build.clone(),
            version: header.version.clone(),
            product,
        });
        let of_host = !matches!(source.format(), FormatName::Unknown | FormatName::Snippet | FormatName::Generic);
        let key = match name {
            Some(name) => HostKey::Named(name.clone()),
            // A VM's log that does not say where the VM ran tells of a product, at most.
            None if version.is_some() || source.format() == FormatName::Vpxd => HostKey::Folder(source.host.clone()),
            None => continue,
        };
        if of_host {
            let entry = hosts.entry((key, source.format() == FormatName::Vpxd)).or_default();
            entry.0.extend(version);
            entry.1.push(source);
        }
    }
    hosts
        .into_iter()
        .map(|((key, vcenter), (versions, mut sources))| {
            sources.sort_by(|one, other| one.name.cmp(&other.name));
            let files: Vec<&EvidenceFile> = sources.iter().filter_map(|it| it.account.file.as_deref()).collect();
            let said =
                || files.iter().filter_map(|it| if let EvidenceFile::Host(host) = it { Some(host) } else { None });
            let invalid: BTreeSet<u32> = files
                .iter()
                .filter_map(|it| if let EvidenceFile::VmList(list) = it { Some(list) } else { None })
                .flat_map(|list| list.skipped.iter().map(|it| it.value))
                .collect();
            HostSeen {
                name: match key {
                    HostKey::Named(name) => Some(name),
                    HostKey::Folder(_) => None,
                },
                vcenter,
                versions: versions.into_iter().map(Ran::described).collect(),
                uptime_seconds: said().find_map(|it| Some(it.uptime_seconds.as_ref()?.value)),
                clock_synchronised: said().find_map(|it| Some(it.ntp_synchronised.as_ref()?.value)),
                invalid_vmids: invalid.into_iter().collect(),
                sources: sources.iter().map(|it| it.name.clone()).collect(),
            }
        })
        .collect()
}

/// A product that ran, ordered by its build.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ran {
    build: Option<String>,
    version: Option<String>,
    product: String,
}

impl Ran {
    fn described(self) -> ProductVersion {
        let release = self.build.as_deref().and_then(|build| release(&self.product, build));
        ProductVersion { product: self.product, version: self.version, build: self.build, release }
    }
}

/// The name of the host that wrote each source, where it is known.
///
/// The generations of a VM's log may come from several hosts: each says itself where it ran.
fn names_by_source(timeline: &Timeline, sources: &[Source]) -> Vec<Option<String>> {
    let mut own: BTreeMap<u32, &str> = BTreeMap::new();
    for timed in timeline.events.iter().filter(|it| it.event.name == "vm-host-name") {
        if let Some(host) = timed.event.value(FieldKind::Host).filter(|_| timed.event.standing == Standing::Sound) {
            own.insert(timed.event.place.source.0, host);
        }
    }
    let names: Vec<Option<String>> = sources
        .iter()
        .zip(0..)
        .map(|(source, id)| match source.format() {
            FormatName::VmwareLog => own.get(&id).map(|it| (*it).to_owned()),
            FormatName::Vpxd | FormatName::VcService | FormatName::Vum | FormatName::Vmon => {
                source.account.header.host.clone()
            }
            _ => timeline.host_names.get(&source.host).cloned(),
        })
        .collect();
    let all: BTreeSet<String> = names.iter().flatten().cloned().collect();
    names.into_iter().map(|name| name.map(|name| full_name(&all, name))).collect()
}

/// `esx07` is `esx07.lab.example`, if no other host begins like that.
fn full_name(all: &BTreeSet<String>, name: String) -> String {
    let long: Vec<&String> =
        all.iter().filter(|it| it.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))).collect();
    match long.as_slice() {
        [one] if !name.contains('.') => (*one).clone(),
        _ => name,
    }
}

/// The VMs, by name.
pub(crate) fn vms_seen(timeline: &Timeline, sources: &[Source]) -> Vec<(VmIndex, VmSeen)> {
    let mut by_vm: BTreeMap<VmIndex, Vec<&Timed>> = BTreeMap::new();
    for timed in &timeline.events {
        if let Some(vm) = timed.vm {
            by_vm.entry(vm).or_default().push(timed);
        }
    }
    let mut vms: Vec<(VmIndex, VmSeen)> =
        by_vm.iter().filter_map(|(vm, events)| Some((*vm, vm_seen(timeline, sources, *vm, events)?))).collect();
    vms.sort_by(|(_, one), (_, other)| {
        let key = |it: &VmSeen| (it.vm.name.clone(), it.vm.vmx_path.clone(), it.vm.moref.clone(), it.vm.vmid.clone());
        key(one).cmp(&key(other))
    });
    vms
}

fn vm_seen(timeline: &Timeline, sources: &[Source], vm: VmIndex, events: &[&Timed]) -> Option<VmSeen> {
    let name = timeline.vms.get(vm)?.clone();
    let values = |kind: FieldKind| events.iter().filter_map(move |it| it.event.value(kind));
    let set =
        |values: &mut dyn Iterator<Item = String>| values.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let host = |host: &str| timeline.host_names.get(host).cloned().unwrap_or_else(|| host.to_owned());
    let vmids: BTreeSet<VmidSeen> = events
        .iter()
        .filter_map(|it| Some(VmidSeen { vmid: it.event.value(FieldKind::Vmid)?.to_owned(), host: host(&it.host) }))
        .collect();
    let own = |wanted: &dyn Fn(FormatName) -> bool| -> Vec<String> {
        let sound = events.iter().filter(|it| wanted(it.event.format) && it.event.standing == Standing::Sound);
        let of = sound.filter_map(|it| sources.get(it.event.place.source.0 as usize));
        set(&mut of.filter(|it| wanted(it.format())).map(|it| it.name.clone()))
    };
    Some(VmSeen {
        names: set(&mut values(FieldKind::VmName).map(str::to_owned).chain(name.name.clone())),
        vmids: vmids.into_iter().collect(),
        morefs: set(&mut values(FieldKind::Moref).map(str::to_owned)),
        uuids: set(&mut values(FieldKind::BiosUuid).filter_map(uuid)),
        instance_uuids: set(&mut values(FieldKind::InstanceUuid).filter_map(uuid)),
        vmx_paths: set(&mut events.iter().flat_map(|it| vmx_paths(&it.event))),
        logs: own(&|format| format == FormatName::VmwareLog),
        files: own(&is_of_vm),
        objects: objects(timeline, vm),
        only_quoted: events.iter().all(|it| it.event.standing != Standing::Sound),
        vm: name,
    })
}

/// The VM's home and disks, each on the key that the last attempt to change it left it on.
fn objects(timeline: &Timeline, vm: VmIndex) -> Vec<ObjectSeen> {
    let mut objects: Vec<ObjectSeen> = last_known(timeline, vm, &rekey::attempts(timeline, vm))
        .into_iter()
        .map(|it| ObjectSeen {
            kind: it.object.kind,
            path: it.object.path,
            label: it.object.label,
            key_state: it.after_attempt.then_some(it.object.key_state),
            key_id: it.object.key_id,
            provider: it.object.provider,
        })
        .collect();
    // That a VM has a home is no news; only its key would be.
    let says = |it: &ObjectSeen| {
        !matches!(it.key_state, None | Some(KeyState::Unknown)) || it.key_id.is_some() || it.provider.is_some()
    };
    objects.retain(|it| it.kind == ObjectKind::Disk || says(it));
    objects
}

/// The last word on one object of a VM.
pub(crate) struct LastKnown {
    pub object: RekeyObject,
    /// Whether an attempt to change keys says so, and not only a file or a log that shows the object.
    pub after_attempt: bool,
}

/// The last word on every object of a VM, in the order of kind, label and path.
pub(crate) fn last_known(timeline: &Timeline, vm: VmIndex, attempts: &[rekey::Attempt]) -> Vec<LastKnown> {
    let mut objects: Vec<LastKnown> = Vec::new();
    for attempt in attempts {
        for object in rekey::describe(timeline, attempt).objects {
            match objects.iter_mut().find(|known| is_same(&known.object, &object)) {
                Some(known) => {
                    let path = known.object.path.take().or_else(|| object.path.clone());
                    let label = object.label.clone().or_else(|| known.object.label.take());
                    known.object = RekeyObject { path, label, ..object };
                }
                None => objects.push(LastKnown { object, after_attempt: true }),
            }
        }
    }
    for object in rekey::unseen(timeline, vm, &[]).objects {
        if !objects.iter().any(|known| is_same(&known.object, &object)) {
            objects.push(LastKnown { object, after_attempt: false });
        }
    }
    objects.sort_by(|one, other| {
        let key = |it: &RekeyObject| (it.kind, it.label.clone(), it.path.clone());
        key(&one.object).cmp(&key(&other.object))
    });
    objects
}

/// Whether two entries are of one object: the home, one disk's descriptor, or one device.
fn is_same(known: &RekeyObject, other: &RekeyObject) -> bool {
    let descriptor = |path: &Option<String>| path.as_deref().map(|path| StoredPath::read(path).descriptor());
    known.kind == other.kind
        && match (descriptor(&known.path), descriptor(&other.path)) {
            _ if known.kind == ObjectKind::VmHome => true,
            (Some(one), Some(other)) => one == other,
            _ => known.label.is_some() && known.label == other.label,
        }
}
