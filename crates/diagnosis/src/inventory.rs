//! What is in the input, without any judgement on it.

mod datastores;
mod keys;
pub(crate) mod layout;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use esxray_knowledge::Knowledge;
use esxray_model::{FormatName, KeyState, Timestamp, say};
use esxray_record::Account;

pub use layout::{Layout, LayoutKind, MissingLog};
pub(crate) use places::{LastKnown, last_known, vms_seen};

use crate::assemble::{Options, Selection};
use crate::builds::Release;
use crate::clocks::ClockSeen;
use crate::coverage::{problems, row};
use crate::error::Error;
use crate::outcome::{Coverage, ObjectKind, Problem, VmName};
use crate::scan::{Scan, Source, scan};
use crate::timeline::{Timed, VmIndex, timeline};

/// What is in the input.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// What sort of collections the sources are.
    pub layouts: Vec<Layout>,
    /// Hosts and vCenter Servers, by name.
    pub hosts: Vec<HostSeen>,
    /// VMs, by name.
    pub vms: Vec<VmSeen>,
    /// Datastores, by name.
    pub datastores: Vec<DatastoreSeen>,
    /// Key providers, by name.
    pub providers: Vec<ProviderSeen>,
    /// Keys that wrap others, by provider and id. Key material is never in it.
    pub keys: Vec<KeySeen>,
    /// What is known of the clock of each host, compared with vCenter's.
    pub clocks: Vec<ClockSeen>,
    /// One row for each source.
    pub sources: Vec<Coverage>,
    /// Stretches between two generations of one log that are longer than the threshold.
    pub between: Vec<BetweenGenerations>,
    /// What was asked for: where it is not everything, VMs, datastores, providers, keys, hosts and sources are narrowed to it.
    pub select: Selection,
    /// Seconds without a record from which on there is a gap.
    pub gap_seconds: i64,
    /// What could not be read, and every limit that was met.
    pub problems: Vec<Problem>,
}

/// A stretch without a record between the generations of one log: one or more may be missing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BetweenGenerations {
    /// The older generation.
    pub older: String,
    /// The one that follows it.
    pub newer: String,
    /// Last record of the older one.
    pub from: Timestamp,
    /// First record of the newer one.
    pub to: Timestamp,
    /// Whether it is usual: a VM that is off writes no log, while a service writes all the time.
    pub usual: bool,
}

/// A host or a vCenter Server whose logs are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSeen {
    /// Its name, where the logs say it.
    pub name: Option<String>,
    /// Whether it is a vCenter Server.
    pub vcenter: bool,
    /// What it ran, by build: more than one where it was updated.
    pub versions: Vec<ProductVersion>,
    /// For how many seconds it had been up when its bundle was made.
    pub uptime_seconds: Option<u64>,
    /// Whether its clock followed a time server then; `None` where the input does not say.
    pub clock_synchronised: Option<bool>,
    /// Numbers of VMs that it skips as invalid: their files or keys are out of its reach.
    pub invalid_vmids: Vec<u32>,
    /// Its sources.
    pub sources: Vec<String>,
}

/// A product as the header of a log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductVersion {
    /// Such as `VMware ESX`.
    pub product: String,
    /// Such as `8.0.2`.
    pub version: Option<String>,
    /// Build number.
    pub build: Option<String>,
    /// Which release the build is; `None` where that is not known.
    pub release: Option<Release>,
}

/// A VM with every name that the input gives it.
#[derive(Debug, Clone)]
pub struct VmSeen {
    /// The names that a diagnosis gives it.
    pub vm: VmName,
    /// Every display name.
    pub names: Vec<String>,
    /// Every number, with the folder of the logs of the host that gave it.
    pub vmids: Vec<VmidSeen>,
    /// Every managed object id.
    pub morefs: Vec<String>,
    /// Every BIOS UUID.
    pub uuids: Vec<String>,
    /// Every instance UUID.
    pub instance_uuids: Vec<String>,
    /// Every path of its `.vmx`.
    pub vmx_paths: Vec<String>,
    /// Its own logs.
    pub logs: Vec<String>,
    /// Its own files that are no logs: `.vmx`, disk descriptors, `.vmsd`.
    pub files: Vec<String>,
    /// Its home and its disks, as far as the input shows them.
    pub objects: Vec<ObjectSeen>,
    /// Whether only quotations name it, and no log's own record.
    pub only_quoted: bool,
}

/// The number of a VM on one host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VmidSeen {
    /// The number.
    pub vmid: String,
    /// The host's name, or the folder of its logs.
    pub host: String,
}

/// A VM's home or one of its disks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSeen {
    /// VM home or disk.
    pub kind: ObjectKind,
    /// Path, where the input gives one.
    pub path: Option<String>,
    /// Such as `device 2000`.
    pub label: Option<String>,
    /// On which key it is after the last change that the input shows; `None` where it shows none.
    pub key_state: Option<KeyState>,
    /// Id of that key.
    pub key_id: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
}

/// A datastore that a VM or a disk lies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatastoreSeen {
    /// What hosts and vCenter call it: a host may call another one the same.
    pub names: Vec<String>,
    /// Its UUID, where a path has it.
    pub uuid: Option<String>,
    /// Names of the VMs on it.
    pub vms: Vec<String>,
}

/// A key provider that the input names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSeen {
    /// Its name.
    pub provider: String,
    /// Names of VMs whose records name it.
    pub vms: Vec<String>,
    /// How many records name it.
    pub records: u64,
    /// First of them.
    pub first: Option<Timestamp>,
    /// Last of them.
    pub last: Option<Timestamp>,
    /// Whether only quotations name it, and no log's own record.
    pub only_quoted: bool,
}

/// A key that the input names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySeen {
    /// Its id.
    pub key_id: String,
    /// Its provider, where a record names both.
    pub provider: Option<String>,
    /// Names of VMs whose records name it.
    pub vms: Vec<String>,
    /// How many records name it.
    pub records: u64,
    /// First of them.
    pub first: Option<Timestamp>,
    /// Last of them.
    pub last: Option<Timestamp>,
    /// Whether only quotations name it, and no log's own record.
    pub only_quoted: bool,
}

/// Lists what is in the input.
///
/// The selection of the options narrows it. By VM: to what events about the VM name, and to the sources that are its
/// own logs or hold such events. By time: to events and sources inside, those without a time among them. A VM keeps
/// all of its names, and layouts, clocks and problems stay those of the whole input.
///
/// # Errors
///
/// [`Error`] where a path that was named cannot be opened. Damage inside of the input is part of the answer.
///
/// # Examples
///
/// ```
/// use esxray_diagnosis::{Options, inventory};
/// use esxray_knowledge::Knowledge;
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clean-host/input");
/// let inventory = inventory(&[folder.into()], &Knowledge::builtin()?, &Options::default())?;
/// let names: Vec<_> = inventory.vms.iter().filter_map(|it| it.vm.name.as_deref()).collect();
/// assert!(names.contains(&"APP-01"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inventory(paths: &[PathBuf], knowledge: &Knowledge, options: &Options) -> Result<Inventory, Error> {
    let Scan { mut sources, problems: read_problems } = scan(paths, knowledge, options)?;
    let timeline = timeline(&mut sources);
    let select = &options.select;
    let mut problems = problems(&sources, read_problems);
    let seen = vms_seen(&timeline, &sources);
    let wanted: Option<BTreeSet<VmIndex>> =
        select.vm.as_deref().map(|word| seen.iter().filter(|(_, vm)| vm.vm.is(word)).map(|it| it.0).collect());
    if let Some(word) = select.vm.as_deref().filter(|_| wanted.as_ref().is_some_and(BTreeSet::is_empty)) {
        let problem = say!(
            en: "no VM of the input goes by `{word}`",
            fr: "aucune VM de l’entrée ne répond au nom `{word}`",
        );
        problems.push(Problem { source: "--vm".to_owned(), problem, lost_bytes: None, incomplete: true });
    }
    let of_vm = |vm: Option<VmIndex>| wanted.as_ref().is_none_or(|wanted| vm.is_some_and(|vm| wanted.contains(&vm)));
    let inside = |first: Option<Timestamp>, last: Option<Timestamp>| {
        select.since.is_none_or(|since| last.is_none_or(|last| last >= since))
            && select.until.is_none_or(|until| first.is_none_or(|first| first < until))
    };
    let takes = |it: &Timed| of_vm(it.vm) && inside(it.at, it.at);
    let speaking: BTreeSet<u32> =
        timeline.events.iter().filter(|it| takes(it)).map(|it| it.event.place.source.0).collect();
    let is_narrow = select.vm.is_some() || select.since.is_some() || select.until.is_some();
    let vms: Vec<VmSeen> = seen
        .into_iter()
        .filter(|(vm, _)| !is_narrow || timeline.events.iter().any(|it| it.vm == Some(*vm) && takes(it)))
        .map(|it| it.1)
        .collect();
    let own: BTreeSet<&str> = vms.iter().flat_map(|vm| &vm.logs).map(String::as_str).collect();
    let names: BTreeSet<String> = sources
        .iter()
        .zip(0..)
        .filter(|(it, _)| inside(it.account.first, it.account.last))
        .filter(|(it, id)| wanted.is_none() || speaking.contains(id) || own.contains(it.name.as_str()))
        .map(|it| it.0.name.clone())
        .collect();
    let mut hosts = places::hosts(&timeline, &sources);
    let mut datastores = datastores::datastores(&timeline);
    if is_narrow {
        hosts.retain(|host| host.sources.iter().any(|it| names.contains(it)));
        let vms: BTreeSet<&String> = vms.iter().filter_map(|vm| vm.vm.name.as_ref()).collect();
        datastores.retain(|it| it.vms.iter().any(|vm| vms.contains(vm)));
    }
    let (providers, keys) = keys::seen(&timeline, &takes);
    let layouts = layout::layouts(&sources);
    sources.retain(|it| names.contains(&it.name));
    Ok(Inventory {
        layouts,
        between: between_generations(&sources, options.read.gap_seconds),
        hosts,
        datastores,
        providers,
        keys,
        sources: sources.into_iter().map(row).map(told_of_more_gaps).collect(),
        vms,
        clocks: timeline.clocks,
        select: select.clone(),
        gap_seconds: options.read.gap_seconds,
        problems,
    })
}

/// The stretches between generations that follow each other; the sources of one log are in the order of time.
fn between_generations(sources: &[Source], gap_seconds: i64) -> Vec<BetweenGenerations> {
    let mut last: BTreeMap<(String, FormatName), &Source> = BTreeMap::new();
    let mut between = Vec::new();
    for source in sources.iter().filter(|it| it.account.first.is_some()) {
        let Some(older) = last.insert((source.log(), source.format()), source) else { continue };
        if let (Some(from), Some(to)) = (older.account.last, source.account.first)
            && to.seconds_since(from) > gap_seconds
        {
            between.push(BetweenGenerations {
                older: older.name.clone(),
                newer: source.name.clone(),
                from,
                to,
                usual: source.format() == FormatName::VmwareLog,
            });
        }
    }
    between
}

/// Only the first gaps are kept: where the list is full, it says that it may not be all.
fn told_of_more_gaps(mut row: Coverage) -> Coverage {
    if row.gaps.len() >= Account::MAX_GAPS {
        let most = Account::MAX_GAPS;
        row.problems.push(say!(
            en: "only the first {most} gaps are listed; there may be more and longer ones",
            fr: "seuls les {most} premiers trous sont listés\u{a0}; il peut y en avoir d’autres, et de plus longs",
        ));
    }
    row
}
