//! What sort of collection the sources are, and which logs one would expect in it.
//!
//! Read off the paths of the members alone: a renamed archive is recognised all the same.

use std::collections::{BTreeMap, BTreeSet};

use esxray_model::{FormatName, Said, say};

use crate::scan::Source;

/// A sort of collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayoutKind {
    /// A support bundle of an ESXi host.
    EsxiBundle,
    /// A support bundle of a vCenter Server.
    VcenterBundle,
    /// Folders of several VMs below one folder, as on a datastore.
    VmFolders,
    /// The folder of one VM.
    VmFolder,
    /// Logs without any of these shapes.
    Logs,
}

impl LayoutKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::EsxiBundle, Self::VcenterBundle, Self::VmFolders, Self::VmFolder, Self::Logs];

    /// The word that reports print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EsxiBundle => "esxi-bundle",
            Self::VcenterBundle => "vcenter-bundle",
            Self::VmFolders => "vm-folders",
            Self::VmFolder => "vm-folder",
            Self::Logs => "logs",
        }
    }
}

/// One collection of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What sort.
    pub kind: LayoutKind,
    /// Folder or archive that it begins in; empty for loose logs.
    pub root: String,
    /// How many sources belong to it.
    pub sources: usize,
    /// How many of them are recognised logs.
    pub logs: usize,
    /// Logs that one would expect in it and that are not there.
    pub missing: Vec<MissingLog>,
}

/// A log that one would expect and that is not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingLog {
    /// Its name.
    pub log: String,
    /// What it would show.
    pub would: Said,
}

/// Paths that only a support bundle of an ESXi host has.
const ESXI_MARKS: &[&str] = &[
    "var/run/log/",
    "var/log/hostd.",
    "var/log/vmkernel.",
    "var/log/vpxa.",
    "etc/vmware/esx.conf",
    "etc/vmware/vm-support",
    "etc/vmware/hostd/",
    "vm-support-incident-key",
    "commands/localcli_",
    "commands/vmware_-vl.txt",
    "commands/vmkerrcode_-l.txt",
];

/// Paths that only a support bundle of a vCenter Server has.
const VCENTER_MARKS: &[&str] = &[
    "var/log/vmware/vpxd",
    "var/log/vmware/sso/",
    "var/log/vmware/vmdird/",
    "var/log/vmware/vmcad/",
    "var/log/vmware/vmon/",
    "var/log/vmware/vsphere-ui/",
    "var/log/vmware/vmware-sps/",
    "var/log/vmware/applmgmt/",
    "usr/lib/vmware-sca/",
];

/// A text in English and in French.
type Both = (&'static str, &'static str);

/// A log that one would expect.
struct Expected {
    formats: &'static [FormatName],
    log: &'static str,
    would: Both,
    /// Whether it would lie elsewhere, so that one anywhere in the input is enough.
    elsewhere: bool,
}

const fn expected(formats: &'static [FormatName], log: &'static str, would: Both, elsewhere: bool) -> Expected {
    Expected { formats, log, would, elsewhere }
}

const HOSTD: (&[FormatName], &str, Both) = (
    &[FormatName::Hostd],
    "hostd.log",
    ("the host's tasks and key errors of its VMs", "les tâches de l’hôte et les erreurs de clés de ses VM"),
);
const FDM: (&[FormatName], &str, Both) = (
    &[FormatName::Fdm],
    "fdm.log",
    (
        "whether vSphere HA reset a VM (none outside of an HA cluster)",
        "si vSphere HA a réinitialisé une VM (absent hors d’un cluster HA)",
    ),
);
const VPXD: (&[FormatName], &str, Both) = (
    &[FormatName::Vpxd],
    "vpxd.log",
    ("what vCenter asked for, and of which key provider", "ce que vCenter a demandé, et à quel fournisseur de clés"),
);
const VM_LOG: (&[FormatName], &str, Both) = (
    &[FormatName::VmwareLog],
    "vmware.log",
    ("what a VM did with its keys and disks", "ce qu’une VM a fait de ses clés et de ses disques"),
);

const OF_ESXI: &[Expected] = &[
    expected(HOSTD.0, HOSTD.1, HOSTD.2, false),
    expected(
        &[FormatName::Vpxa],
        "vpxa.log",
        ("what reached the host from vCenter", "ce que l’hôte a reçu de vCenter"),
        false,
    ),
    expected(FDM.0, FDM.1, FDM.2, false),
    expected(
        &[FormatName::Vmkernel],
        "vmkernel.log",
        ("storage, network and memory of the host", "le stockage, le réseau et la mémoire de l’hôte"),
        false,
    ),
    expected(
        &[FormatName::Vobd],
        "vobd.log",
        ("what the kernel observed, such as lost paths", "ce que le noyau a observé, comme des chemins perdus"),
        false,
    ),
    expected(
        &[FormatName::Vmksummary],
        "vmksummary.log",
        ("starts and stops of the host", "les démarrages et arrêts de l’hôte"),
        false,
    ),
    expected(VM_LOG.0, VM_LOG.1, VM_LOG.2, false),
];

const OF_VCENTER: &[Expected] = &[
    expected(VPXD.0, VPXD.1, VPXD.2, false),
    expected(
        &[FormatName::Vmon],
        "vmon.log",
        ("whether a service of vCenter stopped", "si un service de vCenter s’est arrêté"),
        false,
    ),
    expected(
        &[FormatName::VcService],
        "sps.log, ssoAdminServer.log",
        ("storage policies, and who logged in", "les stratégies de stockage, et qui s’est connecté"),
        false,
    ),
];

const OF_VMS: &[Expected] = &[
    expected(HOSTD.0, HOSTD.1, HOSTD.2, true),
    expected(FDM.0, FDM.1, FDM.2, true),
    expected(VPXD.0, VPXD.1, VPXD.2, true),
];

const OF_LOGS: &[Expected] = &[
    expected(VM_LOG.0, VM_LOG.1, VM_LOG.2, true),
    expected(HOSTD.0, HOSTD.1, HOSTD.2, true),
    expected(FDM.0, FDM.1, FDM.2, true),
    expected(VPXD.0, VPXD.1, VPXD.2, true),
];

/// The collections that the sources are, by kind and root.
pub(crate) fn layouts(sources: &[Source]) -> Vec<Layout> {
    let roots = bundle_roots(sources);
    let mut members: BTreeMap<(LayoutKind, String), Vec<&Source>> = BTreeMap::new();
    let mut loose: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources {
        // Of a bundle in a bundle, the inner one is meant.
        let root = roots.iter().filter(|it| source.name.starts_with(it.0)).max_by_key(|it| it.0.len());
        match root {
            Some((root, kind)) => members.entry((*kind, (*root).to_owned())).or_default().push(source),
            None => loose.entry(source.folder()).or_default().push(source),
        }
    }
    let vm_folders: BTreeSet<&str> = loose.iter().filter(|it| is_vm_folder(it.1)).map(|it| *it.0).collect();
    for (folder, of_folder) in loose {
        let key = match datastore(folder, &vm_folders) {
            Some(datastore) => (LayoutKind::VmFolders, datastore.to_owned()),
            None if vm_folders.contains(folder) => (LayoutKind::VmFolder, folder.to_owned()),
            None => (LayoutKind::Logs, String::new()),
        };
        members.entry(key).or_default().extend(of_folder);
    }
    let here = formats(sources);
    members
        .into_iter()
        .map(|((kind, root), members)| {
            let logs = members.iter().filter(|it| it.is_log()).count();
            let missing = missing(kind, &members, &here);
            Layout { kind, root: trimmed(&root).to_owned(), sources: members.len(), logs, missing }
        })
        .collect()
}

/// Says of each source which host's it is: all of one bundle are one host's, and else all of one folder.
pub(crate) fn name_hosts(sources: &mut [Source]) {
    let roots: BTreeSet<String> = bundle_roots(sources).into_keys().map(str::to_owned).collect();
    for source in sources {
        let name = source.name.as_str();
        let mut above = name.rmatch_indices(['/', '!']).filter_map(|(at, _)| name.get(..=at)).chain([""]);
        let root = above.find(|folder| roots.contains(*folder));
        source.host = root.map_or_else(|| source.folder(), trimmed).to_owned();
    }
}

fn trimmed(root: &str) -> &str {
    root.strip_suffix(['/', '!']).unwrap_or(root)
}

/// Where each bundle begins, and what it is.
fn bundle_roots(sources: &[Source]) -> BTreeMap<&str, LayoutKind> {
    let mut seen: BTreeMap<&str, BTreeSet<LayoutKind>> = BTreeMap::new();
    for source in sources {
        for (kind, marks) in [(LayoutKind::EsxiBundle, ESXI_MARKS), (LayoutKind::VcenterBundle, VCENTER_MARKS)] {
            if let Some(at) = marks.iter().filter_map(|mark| mark_at(&source.name, mark)).min() {
                seen.entry(source.name.get(..at).unwrap_or_default()).or_default().insert(kind);
            }
        }
    }
    // An appliance has much of what a host has, and a host nothing of what only an appliance has.
    seen.into_iter().filter_map(|(root, kinds)| Some((root, kinds.last().copied()?))).collect()
}

/// Where a path holds a mark, at the begin of one of its parts.
fn mark_at(name: &str, mark: &str) -> Option<usize> {
    name.match_indices(mark)
        .map(|it| it.0)
        .find(|at| name.get(..*at).is_some_and(|it| it.is_empty() || it.ends_with(['/', '!'])))
}

/// Whether a folder holds the logs or the configuration of one VM, and no other log.
fn is_vm_folder(sources: &[&Source]) -> bool {
    let logs = || sources.iter().filter(|it| it.is_log());
    let is_one = |it: &Source| {
        it.format() == FormatName::Vmx || (it.format() == FormatName::VmwareLog && it.file().starts_with("vmware"))
    };
    logs().all(|it| it.format() == FormatName::VmwareLog) && sources.iter().any(|it| is_one(it))
}

/// The datastore that a VM's folder lies on: its parent, where all that lies there are folders of VMs, or where the path says so.
fn datastore<'f>(folder: &'f str, vm_folders: &BTreeSet<&str>) -> Option<&'f str> {
    if let Some(at) = mark_at(folder, "vmfs/volumes/") {
        let from = at + "vmfs/volumes/".len();
        let end = folder.get(from..)?.find('/').map_or(folder.len(), |length| from + length);
        return folder.get(..end);
    }
    let parent = |folder: &'f str| folder.rfind(['/', '!']).and_then(|at| folder.get(..at));
    let own = parent(folder)?;
    let siblings = vm_folders.iter().filter(|it| it.rfind(['/', '!']).and_then(|at| it.get(..at)) == Some(own)).count();
    (siblings > 1 && vm_folders.contains(folder)).then_some(own)
}

/// The formats of which there are records.
fn formats(sources: &[Source]) -> BTreeSet<FormatName> {
    sources.iter().flat_map(shares).collect()
}

fn shares(source: &Source) -> impl Iterator<Item = FormatName> {
    source.account.shares.iter().filter(|it| it.records > 0).map(|it| it.format)
}

fn missing(kind: LayoutKind, members: &[&Source], everywhere: &BTreeSet<FormatName>) -> Vec<MissingLog> {
    let here: BTreeSet<FormatName> = members.iter().flat_map(|it| shares(it)).collect();
    let expected = match kind {
        LayoutKind::EsxiBundle => OF_ESXI,
        LayoutKind::VcenterBundle => OF_VCENTER,
        LayoutKind::VmFolders | LayoutKind::VmFolder => OF_VMS,
        // Files that are no logs lie there by chance.
        LayoutKind::Logs if here.is_empty() => &[],
        LayoutKind::Logs => OF_LOGS,
    };
    let is_there = |it: &Expected| {
        let seen = if it.elsewhere { everywhere } else { &here };
        it.formats.iter().any(|format| seen.contains(format))
    };
    let mut missing: Vec<MissingLog> = expected
        .iter()
        .filter(|it| !is_there(it))
        .map(|it| MissingLog { log: it.log.to_owned(), would: Said::new(it.would.0, it.would.1) })
        .collect();
    missing.extend(missing_generations(members));
    missing
}

/// Generations of a VM's log that are missing: the one without a number, and those between two that are there.
fn missing_generations(members: &[&Source]) -> Vec<MissingLog> {
    let mut by_folder: BTreeMap<&str, (bool, BTreeSet<u32>)> = BTreeMap::new();
    for source in members.iter().filter(|it| it.format() == FormatName::VmwareLog) {
        let seen = by_folder.entry(source.folder()).or_default();
        let file = source.file();
        let number: Option<u32> = file.strip_prefix("vmware-").and_then(|rest| rest.split('.').next()?.parse().ok());
        seen.0 |= file == "vmware.log" || file.starts_with("vmware.log.");
        seen.1.extend(number);
    }
    let mut missing = Vec::new();
    for (folder, (has_current, numbers)) in by_folder {
        let path = |file: &str| if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let (Some(first), Some(last)) = (numbers.first().copied(), numbers.last().copied()) else { continue };
        if !has_current {
            let would = say!(
                en: "the run of the VM after the numbered ones",
                fr: "l’exécution de la VM après celles numérotées",
            );
            missing.push(MissingLog { log: path("vmware.log"), would });
        }
        // Numbers far apart are two folders thrown together, not a hole.
        let absent: Vec<u32> = (first..last).take(MOST_GENERATIONS).filter(|it| !numbers.contains(it)).collect();
        if last - first < FAR_APART {
            let would = say!(
                en: "a run of the VM between two that are there",
                fr: "une exécution de la VM entre deux qui sont là",
            );
            let log = |number: u32| MissingLog { log: path(&format!("vmware-{number}.log")), would: would.clone() };
            missing.extend(absent.into_iter().map(log));
        }
    }
    missing
}

/// Numbers of generations that are looked at.
const MOST_GENERATIONS: usize = 64;
/// Distance of numbers from which on nothing is said of those between them.
const FAR_APART: u32 = 64;

#[cfg(test)]
mod tests {
    use super::{datastore, mark_at};

    #[test]
    fn a_mark_begins_a_part_of_the_path() {
        assert_eq!(mark_at("a.tgz!esx-a/var/run/log/hostd.log", "var/run/log/"), Some(12));
        assert_eq!(mark_at("var/run/log/hostd.log", "var/run/log/"), Some(0));
        assert_eq!(mark_at("a.tgz!notvar/run/log/hostd.log", "var/run/log/"), None);
        assert_eq!(mark_at("xvar/run/log/var/run/log/x", "var/run/log/"), Some(13));
    }

    #[test]
    fn a_datastore_is_named_by_the_path_or_by_what_lies_beside() {
        let vms = ["d/A", "d/B", "e/C"].into_iter().collect();
        assert_eq!(datastore("d/A", &vms), Some("d"));
        assert_eq!(datastore("e/C", &vms), None);
        assert_eq!(datastore("d/x", &vms), None);
        assert_eq!(datastore("x/vmfs/volumes/ds1/A", &vms), Some("x/vmfs/volumes/ds1"));
    }
}
