//! All events in one order, each with the VM and the host that it is about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use esxray_knowledge::FieldKind;
use esxray_model::{FormatName, Timestamp};

use crate::clocks::{self, ClockSeen};
use crate::event::{Event, Standing};
use crate::hosts;
use crate::outcome::{HostName, VmName};
use crate::path::StoredPath;
use crate::scan::Source;

/// Index of a VM in [`Timeline::vms`].
pub(crate) type VmIndex = usize;

/// An event, and whom it is about.
#[derive(Debug, Clone)]
pub(crate) struct Timed {
    pub event: Event,
    /// When, as far as it is known, by vCenter's clock: its stamp, or that of the last stamped event of its source.
    pub at: Option<Timestamp>,
    /// Microseconds that this may be off, compared with what another host logged.
    pub slack: i64,
    pub vm: Option<VmIndex>,
    /// What the sources of the host that wrote it share ([`Source::host`]).
    pub host: String,
}

impl Timed {
    /// File order within a source, time order across sources, and never a tie.
    pub(crate) fn order(&self) -> (Option<Timestamp>, esxray_model::Place) {
        (self.at.filter(|_| self.event.time.is_some()), self.event.place)
    }
}

/// All events of a scan.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// In order of time; in file order where times are equal or missing.
    pub events: Vec<Timed>,
    pub vms: Vec<VmName>,
    /// Name of each host, where the logs say it.
    pub host_names: BTreeMap<String, String>,
    /// What is known of the clocks of the hosts.
    pub clocks: Vec<ClockSeen>,
    /// Indexes of the events of each name, in order.
    by_name: HashMap<String, Vec<usize>>,
    /// Indexes of the events of each VM, in order.
    by_vm: Vec<Vec<usize>>,
    /// Indexes of the events of each record.
    by_place: HashMap<esxray_model::Place, Vec<usize>>,
}

impl Timeline {
    /// Whether `one` happened after `other`: in file order within a source, in time across sources.
    pub(crate) fn is_after(one: &Timed, other: &Timed) -> bool {
        if one.event.place.source == other.event.place.source {
            return one.event.place > other.event.place;
        }
        let slack = if one.host == other.host { 0 } else { one.slack + other.slack };
        matches!((one.at, other.at), (Some(one), Some(other)) if one.micros_since(other) > slack)
    }

    /// Indexes of the events of a VM, in order.
    pub(crate) fn of_vm(&self, vm: VmIndex) -> &[usize] {
        self.by_vm.get(vm).map_or(&[], Vec::as_slice)
    }

    /// Indexes of the events of a name, in order.
    pub(crate) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The events of the record that stands there.
    pub(crate) fn of_record(&self, place: esxray_model::Place) -> impl Iterator<Item = &Timed> {
        self.by_place.get(&place).into_iter().flatten().filter_map(|at| self.events.get(*at))
    }

    /// Indexes of the events whose names count, in order.
    pub(crate) fn named_any(&self, counts: impl Fn(&str) -> bool) -> Vec<usize> {
        let named = self.by_name.iter().filter(|it| counts(it.0));
        let mut events: Vec<usize> = named.flat_map(|it| it.1).copied().collect();
        events.sort_unstable();
        events
    }

    fn new(events: Vec<Timed>, vms: Vec<VmName>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_vm: Vec<Vec<usize>> = vec![Vec::new(); vms.len()];
        let mut by_place: HashMap<esxray_model::Place, Vec<usize>> = HashMap::new();
        for (at, timed) in events.iter().enumerate() {
            match by_name.get_mut(&timed.event.name) {
                Some(events) => events.push(at),
                None => drop(by_name.insert(timed.event.name.clone(), vec![at])),
            }
            by_place.entry(timed.event.place).or_default().push(at);
            if let Some(of_vm) = timed.vm.and_then(|vm| by_vm.get_mut(vm)) {
                of_vm.push(at);
            }
        }
        Self { events, vms, host_names: BTreeMap::new(), clocks: Vec::new(), by_name, by_vm, by_place }
    }
}

/// Groups of names of one thing.
#[derive(Default)]
struct Names {
    index: HashMap<String, usize>,
    parent: Vec<usize>,
}

impl Names {
    fn id(&mut self, name: &str) -> usize {
        if let Some(id) = self.index.get(name) {
            return *id;
        }
        let id = self.parent.len();
        self.parent.push(id);
        self.index.insert(name.to_owned(), id);
        id
    }

    fn root(&self, mut id: usize) -> usize {
        while let Some(parent) = self.parent.get(id).copied().filter(|parent| *parent != id) {
            id = parent;
        }
        id
    }

    /// Two names of one thing. The older name stays the root, so that the order of events alone decides.
    fn join(&mut self, one: &str, other: &str) {
        let (one, other) = (self.id(one), self.id(other));
        self.join_ids(one, other);
    }

    fn join_ids(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(parent) = self.parent.get_mut(one.max(other)) {
            *parent = one.min(other);
        }
    }
}

/// Stitches the names of the VMs together and puts all events in one order.
pub(crate) fn timeline(sources: &mut [Source]) -> Timeline {
    let host_names = hosts::name(sources);
    let clocks = clocks::compare(sources, &host_names);
    let stitcher = Stitcher::new(sources);
    let mut events: Vec<Timed> = Vec::new();
    for source in sources.iter_mut() {
        name_restarts(&mut source.events);
        let host = source.host.clone();
        let mut last = source.account.first;
        for event in std::mem::take(&mut source.events) {
            last = event.time.or(last);
            let (at, slack) = (last.map(|it| source.when(it)), last.map_or(0, |it| source.slack(it)));
            events.push(Timed { event, at, slack, vm: None, host: host.clone() });
        }
    }
    events.sort_by_key(|it| (it.at, it.event.place, it.event.signature, it.event.span));
    Timeline { host_names, clocks, ..stitcher.finish(events, sources) }
}

/// Tells the starts of hostd from rotations by the number of its process, where the line does not say which it is.
///
/// ESXi up to 6.5 writes `Section for VMware ESX, pid=34652, version=6.0.0, …` at both. Only within one file: what
/// happened between two files may be missing, and with it when the process changed.
fn name_restarts(events: &mut [Event]) {
    let mut process: Option<String> = None;
    for event in events.iter_mut().filter(|it| it.name == "hostd-section") {
        let Some(own) = event.field("pid").map(str::to_owned) else { continue };
        if process.as_ref().is_some_and(|it| *it != own) {
            "hostd-started".clone_into(&mut event.name);
        }
        process = Some(own);
    }
}

/// Finds out which names belong to one VM.
struct Stitcher {
    names: Names,
    /// Folders that hold the files of just one VM.
    vm_folders: BTreeSet<String>,
    /// Datastores seen with UUIDs for each path without its datastore.
    datastores: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Stitcher {
    fn new(sources: &[Source]) -> Self {
        let mut datastores: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for event in sources.iter().flat_map(|it| &it.events) {
            for path in vmx_paths(event) {
                let path = StoredPath::read(&path);
                let seen = datastores.entry((path.folder.clone(), path.file.clone())).or_default();
                if path.has_uuid() {
                    seen.insert(path.datastore);
                }
            }
        }
        Self { names: Names::default(), vm_folders: vm_folders(sources), datastores }
    }

    /// One name for a `.vmx`, whether its datastore is given by UUID or by alias.
    ///
    /// Where two datastores with different UUIDs hold the same path there are two VMs, and an alias is a third name.
    fn vmx_name(&self, path: &str) -> String {
        let path = StoredPath::read(path);
        let key = (path.folder.clone(), path.file.clone());
        let several = self.datastores.get(&key).is_some_and(|seen| seen.len() > 1);
        let datastore = if several { path.datastore.as_str() } else { "" };
        format!("vmx:{datastore}:{}/{}", key.0, key.1)
    }

    /// The names that an event itself gives a VM, the surest first.
    fn own_names(&self, event: &Event, source: &Source) -> Vec<String> {
        let mut names: Vec<String> = vmx_paths(event).iter().map(|path| self.vmx_name(path)).collect();
        if let Some(vmid) = event.value(FieldKind::Vmid) {
            names.push(format!("vmid:{}:{vmid}", source.host));
        }
        if let Some(moref) = event.value(FieldKind::Moref) {
            names.push(format!("moref:{moref}"));
        }
        // A vmware.log belongs to one VM; a line of one inside of another log does not say to which.
        if source.format() == FormatName::VmwareLog && event.standing == Standing::Sound {
            names.push(format!("log:{}", source.log()));
        }
        if is_of_vm(source.format()) && self.vm_folders.contains(source.folder()) {
            names.push(format!("log:{}/vmware", source.folder()));
        }
        if let Some(world) = event.value(FieldKind::WorldId) {
            names.push(format!("world:{}:{world}", source.host));
        }
        names
    }

    fn finish(mut self, mut events: Vec<Timed>, sources: &[Source]) -> Timeline {
        let source_of = |event: &Event| sources.get(event.place.source.0 as usize);
        let own: Vec<Vec<String>> = events
            .iter()
            .map(|it| source_of(&it.event).map_or_else(Vec::new, |source| self.own_names(&it.event, source)))
            .collect();
        for names in &own {
            if let Some((first, rest)) = names.split_first() {
                self.names.id(first);
                for name in rest {
                    self.names.join(first, name);
                }
            }
        }
        let own = share_within_records(&events, own);
        let operations = self.join_by_operation(&events, &own);
        self.join_by_folder(sources, &own);
        let uuids = self.join_by_uuid(&events, &own);
        self.join_by_disks(&events, &own);
        self.join_by_argument(&events, &own);
        let roots: Vec<Option<usize>> = own.iter().map(|names| names.first().map(|name| self.root_of(name))).collect();
        // Names were joined since: what was a VM of its own may be another's by now.
        let of_operation = |roots: BTreeSet<usize>| roots.into_iter().map(|root| self.names.root(root)).collect();
        let operations: BTreeMap<String, BTreeSet<usize>> =
            operations.into_iter().map(|(id, roots)| (id, of_operation(roots))).collect();
        let uuids: BTreeMap<String, usize> =
            uuids.into_iter().map(|(uuid, root)| (uuid, self.names.root(root))).collect();

        // What has no name of its own gets one from its operation, from a display name, or from its disk's folder.
        let display = display_names(&events, &roots);
        let folders = self.folders(&events, &own);
        let named: BTreeMap<esxray_model::Place, String> = events
            .iter()
            .filter_map(|it| Some((it.event.place, it.event.value(FieldKind::VmName)?.to_owned())))
            .collect();
        for at in 0..events.len() {
            let Some(timed) = events.get(at) else { break };
            let mut root = roots.get(at).copied().flatten();
            if root.is_none() {
                root = timed.event.op_id.as_deref().and_then(|op_id| operation_root(&operations, op_id));
            }
            if root.is_none() {
                root = uuids_of(&timed.event).into_iter().find_map(|uuid| uuids.get(&uuid).copied());
            }
            if root.is_none()
                && let Some(name) = named.get(&timed.event.place)
            {
                root = match display.get(name).map(BTreeSet::len) {
                    Some(1) => display.get(name).and_then(|it| it.first().copied()),
                    // Two VMs of one name: which of them is not known.
                    Some(_) => None,
                    None => Some(self.root_of(&format!("name:{name}"))),
                };
            }
            if root.is_none()
                && !is_of_vm(timed.event.format)
                && let Some(file) =
                    timed.event.value(FieldKind::VmFile).or_else(|| timed.event.value(FieldKind::DiskPath))
            {
                let path = StoredPath::read(file);
                root = match folders.get(&path.folder) {
                    Some(roots) if roots.len() == 1 => roots.first().copied(),
                    _ => Some(self.root_of(&format!("folder:{}:{}", path.datastore, path.folder))),
                };
            }
            if let Some(timed) = events.get_mut(at) {
                timed.vm = root;
            }
        }
        name_by_companion(&mut events);
        describe(events)
    }

    fn root_of(&mut self, name: &str) -> usize {
        let id = self.names.id(name);
        self.names.root(id)
    }

    /// Joins names of different kinds that one operation id carries, and gives the VM of each operation.
    fn join_by_operation(&mut self, events: &[Timed], own: &[Vec<String>]) -> BTreeMap<String, BTreeSet<usize>> {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (timed, own) in events.iter().zip(own) {
            if let Some(op_id) = timed.event.op_id.as_deref() {
                names.entry(op_id).or_default().extend(own.iter().map(String::as_str));
                // vCenter's id comes back from the host with a suffix for each hop.
                for parent in operations_before(op_id) {
                    if own.iter().any(|name| !name.starts_with("moref:")) {
                        names.entry(parent).or_default().extend(own.iter().map(String::as_str));
                    }
                }
            }
        }
        for seen in names.values() {
            let of_kind = |kind: &str| {
                let mut of_kind = seen.iter().filter(|name| name.starts_with(kind));
                of_kind.next().filter(|_| of_kind.next().is_none()).copied()
            };
            let single: Vec<&str> =
                ["vmx:", "vmid:", "moref:", "log:"].iter().filter_map(|kind| of_kind(kind)).collect();
            let several =
                ["vmx:", "moref:"].iter().any(|kind| seen.iter().filter(|it| it.starts_with(kind)).count() > 1);
            // An operation over many VMs, such as a script's, says nothing about which names belong together.
            if !several && let Some((first, rest)) = single.split_first() {
                for name in rest {
                    self.names.join(first, name);
                }
            }
        }
        names
            .into_iter()
            .map(|(op_id, names)| {
                let roots = names.iter().map(|name| self.root_of(name)).collect();
                (op_id.to_owned(), roots)
            })
            .collect()
    }

    /// A VM's log or configuration that does not say its path belongs to the VM whose folder has the name of the one
    /// that it stands in, if there is just one.
    fn join_by_folder(&mut self, sources: &[Source], own: &[Vec<String>]) {
        let mut by_folder: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut with_path: BTreeSet<&str> = BTreeSet::new();
        for names in own {
            let Some(name) = names.iter().find(|it| it.starts_with("vmx:")) else { continue };
            let folder = StoredPath::read(name.splitn(3, ':').nth(2).unwrap_or_default()).folder;
            by_folder.entry(folder.rsplit('/').next().unwrap_or_default().to_owned()).or_default().insert(name.clone());
            with_path.extend(names.iter().filter(|it| it.starts_with("log:")).map(String::as_str));
        }
        for source in sources {
            let is_configuration = source.format() == FormatName::Vmx && self.vm_folders.contains(source.folder());
            let log = match source.format() {
                FormatName::VmwareLog => format!("log:{}", source.log()),
                FormatName::Vmx if is_configuration => format!("log:{}/vmware", source.folder()),
                _ => continue,
            };
            let folder = source.folder().rsplit(['/', '!']).next().unwrap_or_default();
            let here = by_folder.get(folder).filter(|_| !with_path.contains(log.as_str()) && !folder.is_empty());
            let Some(paths) = here.filter(|paths| paths.len() == 1) else { continue };
            let same_file = |path: &&String| !is_configuration || path.ends_with(&format!("/{}", source.file()));
            if let Some(path) = paths.first().filter(same_file) {
                self.names.join(path, &log);
            }
        }
    }

    /// Joins what a UUID names with the one VM that has it, and gives the VM of each UUID.
    ///
    /// A copy of a VM's files has the UUIDs of the first until it is registered: of two paths with one UUID it is not
    /// known whether they are one VM that moved, so a UUID never joins them.
    fn join_by_uuid(&mut self, events: &[Timed], own: &[Vec<String>]) -> BTreeMap<String, usize> {
        let paths: Vec<usize> =
            self.names.index.iter().filter(|it| it.0.starts_with("vmx:")).map(|it| self.names.root(*it.1)).collect();
        let has_path: BTreeSet<usize> = paths.into_iter().collect();
        let mut bearers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (timed, own) in events.iter().zip(own) {
            let roots: Vec<usize> = own.first().map(|name| self.root_of(name)).into_iter().collect();
            for uuid in uuids_of(&timed.event) {
                bearers.entry(uuid).or_default().extend(roots.iter().copied());
            }
        }
        let mut vms = BTreeMap::new();
        for (uuid, bearers) in bearers {
            let name = format!("uuid:{uuid}");
            if bearers.iter().filter(|it| has_path.contains(it)).count() > 1 {
                continue;
            }
            let id = self.names.id(&name);
            for bearer in bearers {
                self.names.join_ids(bearer, id);
            }
            vms.insert(uuid, id);
        }
        vms.into_iter().map(|(uuid, id)| (uuid, self.names.root(id))).collect()
    }

    /// Joins the VM that vCenter re-keys with the one whose folder holds every disk that the request names.
    ///
    /// vCenter's log knows a VM by its managed object id; the request, which an error repeats, knows the disks' paths.
    fn join_by_disks(&mut self, events: &[Timed], own: &[Vec<String>]) {
        let folders = self.folders(events, own);
        let mut of_moref: BTreeMap<&str, BTreeSet<Option<usize>>> = BTreeMap::new();
        for (timed, names) in events.iter().zip(own) {
            let Some(moref) = names.iter().find(|it| it.starts_with("moref:")) else { continue };
            let paths = timed.event.requested.iter().filter_map(|it| it.path.as_deref());
            let holders = paths.map(|path| match folders.get(&StoredPath::read(path).folder) {
                Some(roots) if roots.len() == 1 => roots.first().copied(),
                _ => None,
            });
            of_moref.entry(moref).or_default().extend(holders);
        }
        let found = of_moref.into_iter().filter(|it| it.1.len() == 1);
        let found: Vec<(&str, usize)> = found.filter_map(|it| Some((it.0, it.1.first().copied()??))).collect();
        self.join_morefs(&found);
    }

    /// Joins the VM that an event of vCenter names with the one that has this display name, where either is the only one.
    fn join_by_argument(&mut self, events: &[Timed], own: &[Vec<String>]) {
        let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (timed, names) in events.iter().zip(own) {
            let moref = names.iter().find(|it| it.starts_with("moref:"));
            if let (Some(moref), Some(name)) = (moref, event_argument(&timed.event)) {
                named.entry(name).or_default().insert(moref);
            }
        }
        let roots: Vec<Option<usize>> = own
            .iter()
            .map(|names| names.iter().find(|it| it.starts_with("vmx:") || it.starts_with("log:")))
            .map(|name| name.map(|name| self.root_of(name)))
            .collect();
        let display = display_names(events, &roots);
        let only = |name: &str| display.get(name).filter(|it| it.len() == 1).and_then(|it| it.first().copied());
        let found: Vec<(&str, usize)> = named
            .iter()
            .filter(|it| it.1.len() == 1)
            .filter_map(|(name, morefs)| Some((morefs.first().copied()?, only(name)?)))
            .collect();
        self.join_morefs(&found);
    }

    /// Joins managed object ids with VMs that have none yet; a VM that two of them lay claim to stays as it is.
    fn join_morefs(&mut self, found: &[(&str, usize)]) {
        let ids = |stitcher: &Self| -> Vec<usize> {
            let morefs = stitcher.names.index.iter().filter(|it| it.0.starts_with("moref:"));
            morefs.map(|it| stitcher.names.root(*it.1)).collect()
        };
        let taken: BTreeSet<usize> = ids(self).into_iter().collect();
        let mut claims: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (moref, root) in found {
            let (id, root) = (self.root_of(moref), self.names.root(*root));
            if id != root && !taken.contains(&root) {
                claims.entry(root).or_default().insert(id);
            }
        }
        for (root, morefs) in claims.iter().filter(|it| it.1.len() == 1) {
            for moref in morefs {
                self.names.join_ids(*root, *moref);
            }
        }
    }

    /// The VMs whose `.vmx` lies in each folder.
    fn folders(&mut self, events: &[Timed], own: &[Vec<String>]) -> BTreeMap<String, BTreeSet<usize>> {
        let mut folders: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (timed, names) in events.iter().zip(own) {
            for path in vmx_paths(&timed.event) {
                if let Some(name) = names.first() {
                    let root = self.root_of(name);
                    folders.entry(StoredPath::read(&path).folder).or_default().insert(root);
                }
            }
        }
        folders
    }
}

/// Folders with the configuration or the log of one VM, and not with the configurations of two.
fn vm_folders(sources: &[Source]) -> BTreeSet<String> {
    let mut configurations: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources.iter().filter(|it| matches!(it.format(), FormatName::Vmx | FormatName::VmwareLog)) {
        *configurations.entry(source.folder()).or_default() += usize::from(source.format() == FormatName::Vmx);
    }
    configurations.into_iter().filter(|it| it.1 <= 1).map(|it| it.0.to_owned()).collect()
}

/// The files of a VM that are no logs.
pub(crate) fn is_of_vm(format: FormatName) -> bool {
    matches!(format, FormatName::Vmx | FormatName::VmdkDescriptor | FormatName::Vmsd)
}

/// The UUIDs that an event gives its VM, each with its kind in front: a BIOS UUID is no instance UUID.
fn uuids_of(event: &Event) -> Vec<String> {
    let kinds = [("instance", FieldKind::InstanceUuid), ("bios", FieldKind::BiosUuid)];
    kinds.iter().filter_map(|(kind, field)| Some(format!("{kind}:{}", uuid(event.value(*field)?)?))).collect()
}

/// What one record says in several places is about one VM: a name in its head holds for its continuation lines.
fn share_within_records(events: &[Timed], mut own: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut by_record: BTreeMap<esxray_model::Place, Vec<String>> = BTreeMap::new();
    for (timed, names) in events.iter().zip(&own) {
        by_record.entry(timed.event.place).or_default().extend(names.iter().cloned());
    }
    for (timed, names) in events.iter().zip(&mut own) {
        if names.is_empty()
            && let Some(shared) = by_record.get(&timed.event.place)
        {
            names.clone_from(shared);
        }
    }
    own
}

/// The display name beside the managed object id of an event's VM: `name = "APP-01",` above `vm = 'vim.VirtualMachine:vm-1012'`.
///
/// A name holds no line break, so the line above the id is vCenter's own.
fn event_argument(event: &Event) -> Option<&str> {
    let moref = event.value(FieldKind::Moref)?;
    let (_, argument) = event.text.split_once("(vim.event.VmEventArgument) {")?;
    let mut lines = argument.lines().map(|line| line.trim_start_matches("-->").trim()).filter(|line| !line.is_empty());
    let name = lines.next()?.trim_end_matches(',').trim_end().strip_prefix("name = \"")?.strip_suffix('"')?;
    let id = lines.next()?.trim_end_matches(',').trim_end().trim_end_matches(['\'', '"']);
    (id.starts_with("vm = ") && id.rsplit(':').next() == Some(moref) && !name.is_empty()).then_some(name)
}

/// The ids of the operations that an operation id may have come from: `a-b-c` from `a-b`.
pub(crate) fn operations_before(op_id: &str) -> impl Iterator<Item = &str> {
    op_id.match_indices('-').map(|it| it.0).filter(|at| *at >= 8).filter_map(|at| op_id.get(..at))
}

/// The VM of an operation, or of the one that it came from, where there is just one.
fn operation_root(operations: &BTreeMap<String, BTreeSet<usize>>, op_id: &str) -> Option<usize> {
    let mut ids: Vec<&str> = operations_before(op_id).collect();
    ids.push(op_id);
    ids.iter()
        .rev()
        .filter_map(|id| operations.get(*id))
        .find(|roots| !roots.is_empty())
        .filter(|roots| roots.len() == 1)
        .and_then(|roots| roots.first().copied())
}

/// The `.vmx` paths that an event names: captured, or in the subsystem `Vmsvc.vm:/vmfs/…vmx`.
pub(crate) fn vmx_paths(event: &Event) -> Vec<String> {
    let mut paths: Vec<String> = event.value(FieldKind::VmxPath).map(str::to_owned).into_iter().collect();
    if let Some(at) = event.component.find("vm:/")
        && let Some(path) = event.component.get(at + 3..).filter(|path| is_vmx(path))
    {
        paths.push(path.to_owned());
    }
    paths
}

fn is_vmx(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|it| it.eq_ignore_ascii_case("vmx"))
}

/// Which VMs bear each display name.
fn display_names(events: &[Timed], roots: &[Option<usize>]) -> BTreeMap<String, BTreeSet<usize>> {
    let mut names: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (timed, root) in events.iter().zip(roots) {
        let Some(root) = root else { continue };
        if let Some(name) = timed.event.value(FieldKind::VmName) {
            names.entry(name.to_owned()).or_default().insert(*root);
        }
        for path in vmx_paths(&timed.event) {
            let file = StoredPath::read(&path).file;
            names.entry(file.trim_end_matches(".vmx").to_owned()).or_default().insert(*root);
        }
    }
    names
}

/// An event that names no VM, and the events of the same act that do: HA takes a screenshot, then resets.
const COMPANIONS: [(&str, &[&str]); 1] = [("ha-vm-reset", &["ha-screenshot-state", "vm-reset"])];
/// Seconds between an event and the companion that names its VM.
const COMPANION_SECONDS: i64 = 30;

/// Gives an event without a VM that of its companions on the same host, if they agree on one.
fn name_by_companion(events: &mut [Timed]) {
    for (name, companions) in COMPANIONS {
        let named: Vec<(String, Option<Timestamp>, Option<VmIndex>)> = events
            .iter()
            .filter(|it| it.at.is_some() && it.vm.is_some() && companions.contains(&it.event.name.as_str()))
            .map(|it| (it.host.clone(), it.at, it.vm))
            .collect();
        for timed in events.iter_mut().filter(|it| it.vm.is_none() && it.event.name == name) {
            let Some(when) = timed.at else { continue };
            // They are in the order of their times.
            let from = named.partition_point(|it| it.1 < Some(when.plus_seconds(-COMPANION_SECONDS)));
            let near = named.iter().skip(from).take_while(|it| it.1 <= Some(when.plus_seconds(COMPANION_SECONDS)));
            let vms: BTreeSet<usize> = near.filter(|it| it.0 == timed.host).filter_map(|it| it.2).collect();
            timed.vm = vms.first().copied().filter(|_| vms.len() == 1);
        }
    }
}

/// Turns roots into VMs in the order of their first events, with every name that was seen.
fn describe(mut events: Vec<Timed>) -> Timeline {
    let mut vms: Vec<VmName> = Vec::new();
    let mut index: HashMap<usize, VmIndex> = HashMap::new();
    for timed in &mut events {
        let event = &timed.event;
        let Some(root) = timed.vm else { continue };
        let at = *index.entry(root).or_insert_with(|| {
            vms.push(VmName::default());
            vms.len() - 1
        });
        timed.vm = Some(at);
        let Some(vm) = vms.get_mut(at) else { continue };
        for path in vmx_paths(event) {
            let stored = StoredPath::read(&path);
            // The file is named after the VM; a display name that the logs give comes before it.
            vm.name.get_or_insert_with(|| stored.file.trim_end_matches(".vmx").to_owned());
            if !stored.datastore.is_empty() {
                vm.datastore = Some(stored.datastore.clone());
            }
            vm.also.insert(path.clone());
            // The longest form is the one with the datastore.
            if vm.vmx_path.as_ref().is_none_or(|known| known.len() < path.len()) {
                vm.vmx_path = Some(path);
            }
        }
        if vm.datastore.is_none()
            && let Some(disk) = event.value(FieldKind::DiskPath)
        {
            vm.datastore = Some(StoredPath::read(disk).datastore).filter(|it| !it.is_empty());
        }
        for (kind, slot) in [(FieldKind::Vmid, &mut vm.vmid), (FieldKind::Moref, &mut vm.moref)] {
            if let Some(value) = event.value(kind) {
                vm.also.insert(value.to_owned());
                *slot = Some(value.to_owned());
            }
        }
        for (kind, slot) in [(FieldKind::BiosUuid, &mut vm.uuid), (FieldKind::InstanceUuid, &mut vm.instance_uuid)] {
            if let Some(uuid) = event.value(kind).and_then(uuid) {
                vm.also.insert(uuid.clone());
                *slot = Some(uuid);
            }
        }
        if let Some(name) = event.value(FieldKind::VmName).or_else(|| event_argument(event)) {
            vm.also.insert(name.to_owned());
            vm.name = Some(name.to_owned());
        }
    }
    for vm in &mut vms {
        let shown = [&vm.name, &vm.vmid, &vm.moref, &vm.uuid, &vm.instance_uuid, &vm.vmx_path];
        for name in shown.into_iter().flatten() {
            vm.also.remove(name);
        }
    }
    Timeline::new(events, vms)
}

/// `42 0c f1 91 8c d4 54 97-45 cc b5 b1 e2 38 43 b6` as `420cf191-8cd4-5497-45cc-b5b1e23843b6`.
pub(crate) fn uuid(text: &str) -> Option<String> {
    if !text.chars().all(|it| it.is_ascii_hexdigit() || matches!(it, ' ' | '-')) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase();
    let parts = [digits.get(..8)?, digits.get(8..12)?, digits.get(12..16)?, digits.get(16..20)?, digits.get(20..32)?];
    (digits.len() == 32).then(|| parts.join("-"))
}

/// What the input says of a host, by what its sources share.
pub(crate) fn host(timeline: &Timeline, sources: &[Source], hosts: &[&str]) -> Option<HostName> {
    let mut host =
        HostName { name: hosts.iter().find_map(|host| timeline.host_names.get(*host).cloned()), ..HostName::default() };
    // hostd's header is the host's own; that of a vmware.log names the product that ran the VM.
    let mut headers: Vec<&Source> = sources
        .iter()
        .filter(|it| it.account.header.product.is_some() && hosts.contains(&it.host.as_str()))
        .filter(|it| !matches!(it.format(), FormatName::Vpxd))
        .collect();
    headers.sort_by_key(|it| it.format() == FormatName::VmwareLog);
    if let Some(header) = headers.first().map(|it| &it.account.header) {
        host.product.clone_from(&header.product);
        host.version.clone_from(&header.version);
        host.build.clone_from(&header.build);
    }
    (host != HostName::default()).then_some(host)
}
