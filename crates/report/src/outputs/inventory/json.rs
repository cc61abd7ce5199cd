//! The inventory as JSON.

use esxray_diagnosis as from;
use esxray_diagnosis::{Inventory, LayoutKind, ObjectKind};
use esxray_model::{KeyState, Lang};
use schemars::JsonSchema;
use serde::Serialize;

use crate::outputs::clocks::{Clock, clock};
use crate::outputs::json::{
    AsWord, Coverage, ReadProblem, SCHEMA_VERSION, TOOL, Time, Tool, Vm, coverage, problem, schema_of, vm,
};
use crate::outputs::strict;

/// The inventory as JSON: indented, with a line break at the end. Nothing that a terminal would obey is in it.
///
/// Its texts are in the language that is asked for; keys, ids and the words of closed sets are the same in every one.
pub fn json(inventory: &Inventory, lang: Lang) -> String {
    strict::pretty(&Root {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        layouts: inventory.layouts.iter().map(|it| layout(it, lang)).collect(),
        hosts: inventory.hosts.iter().map(host).collect(),
        vms: inventory.vms.iter().map(vm_seen).collect(),
        datastores: inventory
            .datastores
            .iter()
            .map(|it| SeenDatastore { names: &it.names, uuid: it.uuid.as_deref(), vms: &it.vms })
            .collect(),
        providers: inventory.providers.iter().map(provider).collect(),
        keys: inventory.keys.iter().map(key).collect(),
        clocks: inventory.clocks.iter().map(clock).collect(),
        gap_seconds: inventory.gap_seconds,
        between: inventory.between.iter().map(between).collect(),
        selection: Selected {
            vm: inventory.select.vm.as_deref(),
            since: Time::of(inventory.select.since),
            until: Time::of(inventory.select.until),
        },
        sources: inventory.sources.iter().map(|it| coverage(it, lang)).collect(),
        problems: inventory.problems.iter().map(|it| problem(it, lang)).collect(),
    })
}

/// The JSON Schema (2020-12) of what [`json`] gives. Unknown fields are allowed: a later version may add some.
pub fn schema() -> String {
    schema_of::<Root<'_>>("inventory", "esxray inventory")
}

/// What is in the input, without any judgement on it.
#[derive(Serialize, JsonSchema)]
struct Root<'a> {
    /// Version of this contract.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What sort of collections the sources are.
    layouts: Vec<Layout<'a>>,
    /// Hosts and vCenter Servers whose logs are there, by name.
    hosts: Vec<Host<'a>>,
    /// VMs, by name.
    vms: Vec<SeenVm<'a>>,
    /// Datastores that VMs and disks lie on, by name.
    datastores: Vec<SeenDatastore<'a>>,
    /// Key providers that records name, by name.
    providers: Vec<SeenProvider<'a>>,
    /// Keys that wrap others, by provider and id. Key material is never in it.
    keys: Vec<SeenKey<'a>>,
    /// What is known of the clock of each host, as in the report of a diagnosis.
    clocks: Vec<Clock<'a>>,
    /// Seconds without a record from which on there is a gap.
    gap_seconds: i64,
    /// Stretches between two generations of one log that are longer than that: one or more may be missing there.
    between: Vec<Between<'a>>,
    /// What was asked for; where it is not everything, VMs, datastores, providers, keys, hosts and sources are narrowed to it.
    selection: Selected<'a>,
    /// One row for each source, as in the report of a diagnosis.
    sources: Vec<Coverage<'a>>,
    /// What could not be read, and every limit that was met.
    problems: Vec<ReadProblem<'a>>,
}

/// What was asked for.
#[derive(Serialize, JsonSchema)]
struct Selected<'a> {
    /// A name of a VM.
    vm: Option<&'a str>,
    /// From this moment on.
    since: Option<Time>,
    /// Before this moment.
    until: Option<Time>,
}

/// A stretch without a record between two generations of one log.
#[derive(Serialize, JsonSchema)]
struct Between<'a> {
    /// The older generation.
    older: &'a str,
    /// The one that follows it.
    newer: &'a str,
    /// Last record of the older one.
    from: Option<Time>,
    /// First record of the newer one.
    to: Option<Time>,
    /// Whether it is usual: a VM that is off writes no log, while a service writes all the time.
    usual: bool,
}

/// One collection of sources.
#[derive(Serialize, JsonSchema)]
struct Layout<'a> {
    /// What sort: the support bundle of a host or of a vCenter Server, folders of VMs, the folder of one VM, or logs.
    kind: AsWord<LayoutKind>,
    /// Folder or archive that it begins in; empty for loose logs.
    root: &'a str,
    /// How many sources belong to it.
    sources: usize,
    /// How many of them are recognised logs.
    logs: usize,
    /// Logs that one would expect in it and that are not there.
    missing: Vec<MissingLog<'a>>,
}

/// A log that one would expect and that is not there.
#[derive(Serialize, JsonSchema)]
struct MissingLog<'a> {
    /// Its name.
    log: &'a str,
    /// What it would show.
    would: &'a str,
}

/// A host or a vCenter Server.
#[derive(Serialize, JsonSchema)]
struct Host<'a> {
    /// Its name; null where its logs do not say it.
    name: Option<&'a str>,
    /// Whether it is a vCenter Server.
    vcenter: bool,
    /// What it ran: more than one where it was updated.
    versions: Vec<Ran<'a>>,
    /// For how many seconds it had been up when its bundle was made; null where the input does not say.
    uptime_seconds: Option<u64>,
    /// Whether its clock followed a time server then; null where the input does not say.
    clock_synchronised: Option<bool>,
    /// Numbers of VMs that it skips as invalid: their files or keys are out of its reach.
    invalid_vmids: &'a [u32],
    /// Its sources.
    sources: &'a [String],
}

/// A product as the header of a log names it.
#[derive(Serialize, JsonSchema)]
struct Ran<'a> {
    /// Such as `VMware ESX`.
    product: &'a str,
    /// Such as `8.0.2`.
    version: Option<&'a str>,
    /// Build number.
    build: Option<&'a str>,
    /// Which release the build is; null where that is not known.
    release: Option<Release<'a>>,
}

/// The release of a build.
#[derive(Serialize, JsonSchema)]
struct Release<'a> {
    /// Such as `ESXi 8.0 U2`.
    name: &'a str,
    /// Where it is public.
    source: &'a str,
    /// Whether nobody checked it against a public page.
    from_memory: bool,
}

/// A VM with every name that the input gives it.
#[derive(Serialize, JsonSchema)]
struct SeenVm<'a> {
    /// The names that a diagnosis gives it.
    vm: Vm<'a>,
    /// Every display name.
    names: &'a [String],
    /// Every number, with the host that gave it.
    vmids: Vec<Vmid<'a>>,
    /// Every managed object id.
    morefs: &'a [String],
    /// Every BIOS UUID.
    uuids: &'a [String],
    /// Every instance UUID.
    instance_uuids: &'a [String],
    /// Every path of its `.vmx`.
    vmx_paths: &'a [String],
    /// Its own logs.
    logs: &'a [String],
    /// Its own files that are no logs: `.vmx`, disk descriptors, `.vmsd`.
    files: &'a [String],
    /// Its home and its disks, as far as the input shows them.
    objects: Vec<SeenObject<'a>>,
    /// Whether only quotations name it, and no log's own record.
    only_quoted: bool,
}

/// The number of a VM on one host.
#[derive(Serialize, JsonSchema)]
struct Vmid<'a> {
    /// The number.
    vmid: &'a str,
    /// The host's name, or the folder of its logs.
    host: &'a str,
}

/// A VM's home or one of its disks.
#[derive(Serialize, JsonSchema)]
struct SeenObject<'a> {
    /// VM home or disk.
    object: AsWord<ObjectKind>,
    /// Path, where the input gives one.
    path: Option<&'a str>,
    /// Such as `device 2000`.
    label: Option<&'a str>,
    /// On which key it is after the last change that the input shows; null where it shows none.
    key_state: Option<AsWord<KeyState>>,
    /// Id of that key.
    key_id: Option<&'a str>,
    /// Provider of that key.
    provider: Option<&'a str>,
}

/// A datastore that a VM or a disk lies on.
#[derive(Serialize, JsonSchema)]
struct SeenDatastore<'a> {
    /// What hosts and vCenter call it: a host may call another one the same.
    names: &'a [String],
    /// Its UUID; null where no path has it.
    uuid: Option<&'a str>,
    /// Names of the VMs on it.
    vms: &'a [String],
}

/// A key provider that records name.
#[derive(Serialize, JsonSchema)]
struct SeenProvider<'a> {
    /// Its name.
    provider: &'a str,
    /// Names of VMs whose records name it.
    vms: &'a [String],
    /// How many records name it.
    records: u64,
    /// First of them.
    first: Option<Time>,
    /// Last of them.
    last: Option<Time>,
    /// Whether only quotations name it, and no log's own record.
    only_quoted: bool,
}

/// A key that records name.
#[derive(Serialize, JsonSchema)]
struct SeenKey<'a> {
    /// Its id.
    key_id: &'a str,
    /// Its provider; null where no record names both.
    provider: Option<&'a str>,
    /// Names of VMs whose records name it.
    vms: &'a [String],
    /// How many records name it.
    records: u64,
    /// First of them.
    first: Option<Time>,
    /// Last of them.
    last: Option<Time>,
    /// Whether only quotations name it, and no log's own record.
    only_quoted: bool,
}

fn between(one: &from::BetweenGenerations) -> Between<'_> {
    Between {
        older: &one.older,
        newer: &one.newer,
        from: Time::of(Some(one.from)),
        to: Time::of(Some(one.to)),
        usual: one.usual,
    }
}

fn layout(one: &from::Layout, lang: Lang) -> Layout<'_> {
    Layout {
        kind: AsWord(one.kind),
        root: &one.root,
        sources: one.sources,
        logs: one.logs,
        missing: one.missing.iter().map(|it| MissingLog { log: &it.log, would: it.would.r#in(lang) }).collect(),
    }
}

fn host(one: &from::HostSeen) -> Host<'_> {
    Host {
        name: one.name.as_deref(),
        vcenter: one.vcenter,
        versions: one.versions.iter().map(ran).collect(),
        uptime_seconds: one.uptime_seconds,
        clock_synchronised: one.clock_synchronised,
        invalid_vmids: &one.invalid_vmids,
        sources: &one.sources,
    }
}

fn ran(one: &from::ProductVersion) -> Ran<'_> {
    Ran {
        product: &one.product,
        version: one.version.as_deref(),
        build: one.build.as_deref(),
        release: one.release.as_ref().map(|it| Release {
            name: &it.name,
            source: it.source,
            from_memory: it.from_memory,
        }),
    }
}

fn vm_seen(one: &from::VmSeen) -> SeenVm<'_> {
    SeenVm {
        vm: vm(&one.vm),
        names: &one.names,
        vmids: one.vmids.iter().map(|it| Vmid { vmid: &it.vmid, host: &it.host }).collect(),
        morefs: &one.morefs,
        uuids: &one.uuids,
        instance_uuids: &one.instance_uuids,
        vmx_paths: &one.vmx_paths,
        logs: &one.logs,
        files: &one.files,
        objects: one.objects.iter().map(object).collect(),
        only_quoted: one.only_quoted,
    }
}

fn object(one: &from::ObjectSeen) -> SeenObject<'_> {
    SeenObject {
        object: AsWord(one.kind),
        path: one.path.as_deref(),
        label: one.label.as_deref(),
        key_state: one.key_state.map(AsWord),
        key_id: one.key_id.as_deref(),
        provider: one.provider.as_deref(),
    }
}

fn provider(one: &from::ProviderSeen) -> SeenProvider<'_> {
    SeenProvider {
        provider: &one.provider,
        vms: &one.vms,
        records: one.records,
        first: Time::of(one.first),
        last: Time::of(one.last),
        only_quoted: one.only_quoted,
    }
}

fn key(one: &from::KeySeen) -> SeenKey<'_> {
    SeenKey {
        key_id: &one.key_id,
        provider: one.provider.as_deref(),
        vms: &one.vms,
        records: one.records,
        first: Time::of(one.first),
        last: Time::of(one.last),
        only_quoted: one.only_quoted,
    }
}
