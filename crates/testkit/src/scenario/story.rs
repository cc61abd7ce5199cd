use std::fmt::Write as _;

use super::Scenario;
use super::sheet::Sheet;
use crate::dialect::{Dialect, h8};
use crate::noise::{DiskOutcome, HostdNoise, VmwareNoise, VpxdNoise, heartbeat, power_off, power_on};
use crate::prng::Prng;
use crate::record::{Level, LogRecord};
use crate::time::{LogTime, micros, millis, seconds};
use crate::world::{Generation, Host, Key, Vm};

/// What happens on one host, told to the logs that hear of it.
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) generation: Generation,
    pub(crate) host: Host,
    pub(crate) rng: Prng,
    pub(crate) hostd: Sheet,
    pub(crate) vpxd: Sheet,
    event: u64,
    task: u64,
}

/// A request to change keys that is under way.
pub(crate) struct Rekey {
    pub(crate) vcenter_op: String,
    pub(crate) host_op: String,
    pub(crate) task: String,
    pub(crate) host_task: String,
    pub(crate) old: Key,
    pub(crate) new: Key,
    /// Whether the disks' data is written anew.
    pub(crate) deep: bool,
}

/// The least mean time between two motifs on a busy host.
const BUSY: i64 = millis(150);

const USER: &str = "vpxuser:VSPHERE.LOCAL\\Administrator";

impl Story {
    pub(crate) fn new(scenario: &Scenario, host_number: u32) -> Self {
        Self::told(scenario.seed, scenario.case().name(), scenario.generation, host_number)
    }

    /// A story by its name.
    pub(crate) fn told(seed: u64, name: &str, generation: Generation, host_number: u32) -> Self {
        let mut rng = Prng::named(seed, name);
        let host = Host::new(generation, host_number, &mut rng);
        let short = host.name.split('.').next().unwrap_or_default().to_owned();
        let (event, task) = (rng.between(70_000, 90_000), rng.between(2_000_000, 8_000_000));
        Self {
            // Other noise in each case, or they would all look alike.
            seed: Prng::named(seed, name).next_u64(),
            generation,
            hostd: Sheet::new(format!("{short}/hostd.log"), generation.hostd()),
            vpxd: Sheet::new("vcenter01/vpxd.log", generation.vpxd()),
            host,
            rng,
            event,
            task,
        }
    }

    /// Background for hostd.log, under a section header.
    pub(crate) fn fill_hostd(&mut self, start: LogTime, end: LogTime, target: usize) {
        let line = section(self.generation, start - seconds(1));
        self.hostd.open_with(start, line);
        let (host, seed) = (self.host.clone(), self.seed);
        self.hostd.fill(start, end, target, BUSY, |from, gap| {
            HostdNoise::new(&host, Prng::named(seed, "hostd-noise"), from, gap)
        });
    }

    /// Background for vpxd.log.
    pub(crate) fn fill_vpxd(&mut self, start: LogTime, end: LogTime, target: usize) {
        let (host, seed) = (self.host.clone(), self.seed);
        self.vpxd.fill(start, end, target, BUSY, |from, gap| {
            VpxdNoise::new(&host, Prng::named(seed, "vpxd-noise"), from, gap)
        });
    }

    /// The `vmware.log` of a VM that was powered on at `on` and runs.
    pub(crate) fn running_vm(&self, path: &str, vm: &Vm, on: LogTime, until: LogTime, target: usize) -> Sheet {
        let mut sheet = Sheet::new(path, self.generation.vmware_log());
        let seed = self.seed ^ u64::from(vm.vmid) ^ u64::try_from(on.as_micros()).unwrap_or(0);
        sheet.power_on(power_on(vm, &self.host, on, seed, &[]), |_| None);
        // A VM does not chatter before it is powered on: a long log is a dense one.
        sheet.fill(on + seconds(60), until, target, micros(1), |from, gap| {
            VmwareNoise::new(vm, Prng::named(seed, "vmware-noise"), on, from, gap)
        });
        sheet
    }

    /// A power-on at which one disk does not open: a `vmware.log` of its own.
    pub(crate) fn refused_vm(&self, path: &str, vm: &Vm, on: LogTime, disk: usize) -> Sheet {
        let mut outcomes = vec![DiskOutcome::Opens; vm.disks.len()];
        if let Some(outcome) = outcomes.get_mut(disk) {
            *outcome = DiskOutcome::WrongKey;
        }
        let mut sheet = Sheet::new(path, self.generation.vmware_log());
        let records = power_on(vm, &self.host, on, self.seed ^ 0xDEAD, &outcomes);
        sheet.power_on(records, |record| record.message.starts_with("DISKLIB-LINK  : \"").then_some("wrong-key"));
        sheet
    }

    /// A power-on at which every disk opens, one of which did not open before; the VM runs on until `until`.
    pub(crate) fn reopened_vm(
        &self,
        path: &str,
        vm: &Vm,
        on: LogTime,
        until: LogTime,
        target: usize,
        disk: usize,
    ) -> Sheet {
        let opened = format!("DISKLIB-LINK  : Opened '{}'", vm.disk(disk));
        let mut sheet = Sheet::new(path, self.generation.vmware_log());
        let seed = self.seed ^ 0xBEEF;
        sheet.power_on(power_on(vm, &self.host, on, seed, &[]), |record| {
            record.message.starts_with(&opened).then_some("disk-opened")
        });
        sheet.fill(on + seconds(60), until, target, micros(1), |from, gap| {
            VmwareNoise::new(vm, Prng::named(seed, "vmware-noise"), on, from, gap)
        });
        sheet
    }

    /// The host's log so far under another name; what follows goes into a new one.
    pub(crate) fn take_hostd(&mut self, path: &str) -> Sheet {
        let short = self.host.name.split('.').next().unwrap_or_default();
        let fresh = Sheet::new(format!("{short}/hostd.log"), self.generation.hostd());
        std::mem::replace(&mut self.hostd, fresh).rename(path)
    }

    pub(crate) fn next_event(&mut self) -> u64 {
        self.event += 1;
        self.event
    }

    pub(crate) fn next_task(&mut self) -> u64 {
        self.task += 7;
        self.task
    }

    /// A record of hostd.
    pub(crate) fn on_host(&mut self, time: LogTime, sub: &str, text: &str) -> LogRecord {
        LogRecord::new(time, sub, text).thread_id(2_099_000 + self.rng.below(48) * 3)
    }

    /// A record of hostd on behalf of a re-key.
    pub(crate) fn in_rekey(&mut self, time: LogTime, rekey: &Rekey, sub: &str, text: &str) -> LogRecord {
        self.on_host(time, sub, text).op_id(&rekey.host_op).user(USER)
    }

    /// A record of vCenter on behalf of a re-key.
    pub(crate) fn in_vcenter(&mut self, time: LogTime, rekey: &Rekey, text: &str) -> LogRecord {
        LogRecord::new(time, "vpxLro", text).thread_id(4000 + self.rng.below(60) * 7).op_id(&rekey.vcenter_op)
    }

    /// The event that names the old and the new key of each object.
    fn keys_changed(&mut self, time: LogTime, vm: &Vm, rekey: &Rekey) {
        self.some_keys_changed(time, vm, rekey, vm.disks.len(), true);
    }

    /// The same where only the first of the disks were reached, and the home perhaps not.
    pub(crate) fn some_keys_changed(&mut self, time: LogTime, vm: &Vm, rekey: &Rekey, disks: usize, home: bool) {
        let (old, new) = (rekey.old.in_event(), rekey.new.in_event());
        let event = self.next_event();
        let (name, host) = (&vm.name, self.host.name.clone());
        let mut text = format!("Event {event} : Reconfigured {name} on {host} in ha-datacenter.  \n \nModified:  \n ");
        for disk in vm.disks.iter().take(disks) {
            let _ = write!(text, "\nconfig.hardware.device({}).backing.keyId:{old} -> {new}; \n", disk.device);
        }
        if home {
            let _ = write!(text, "\nconfig.keyId:{old} -> {new}; \n");
        }
        let record = self.in_rekey(time, rekey, "Vimsvc.ha-eventmgr", &text);
        self.hostd.plant("keys-changed", record);
    }

    /// A shallow re-key of the home and every disk begins.
    pub(crate) fn rekey_begin(&mut self, time: LogTime, vm: &Vm, old: &Key, new: &Key) -> Rekey {
        let rekey = self.rekey_asked(time, vm, old, new);
        self.rekey_on_host(time, vm, &rekey);
        rekey
    }

    /// vCenter is asked for a re-key; the host does not hear of it yet.
    pub(crate) fn rekey_asked(&mut self, time: LogTime, vm: &Vm, old: &Key, new: &Key) -> Rekey {
        let number = 40_000 + self.rng.below(9000);
        let vcenter_op = format!(
            "l{}-{number}-auto-{}-h5:7000{}-{}",
            self.rng.hex(7),
            self.rng.hex(3),
            self.rng.between(1000, 9999),
            self.rng.hex(2)
        );
        let host_op = format!("{vcenter_op}-01-{}", self.rng.hex(4));
        let host_task = format!("haTask-{}-vim.VirtualMachine.reconfigure-{}", vm.vmid, self.next_task());
        let rekey = Rekey {
            vcenter_op,
            host_op,
            task: format!("task-{number}"),
            host_task,
            old: old.clone(),
            new: new.clone(),
            deep: false,
        };
        let session = format!("52{}(52{})", self.rng.uuid().split_off(2), self.rng.uuid().split_off(2));
        let text =
            format!("[VpxLRO] -- BEGIN {} -- {} -- vim.VirtualMachine.reconfigure -- {session}", rekey.task, vm.moref);
        let record = self.in_vcenter(time, &rekey, &text);
        self.vpxd.plant("rekey-begin-vcenter", record);
        rekey
    }

    /// vCenter hands a re-key on to the host.
    pub(crate) fn rekey_on_host(&mut self, time: LogTime, vm: &Vm, rekey: &Rekey) {
        let text = format!("Task Created : {}", rekey.host_task);
        let record = self.in_rekey(time + millis(61), rekey, "Vimsvc.TaskManager", &text);
        self.hostd.plant("rekey-begin", record);
        let sub = vm.sub();
        self.transition(time + millis(62), rekey, vm, "ON", "RECONFIGURING");
        let spec = config_spec(vm, rekey);
        let record = self.in_rekey(time + millis(64), rekey, &sub, &spec);
        self.hostd.plant("rekey-spec", record);
    }

    /// A state transition on behalf of a re-key.
    pub(crate) fn transition(&mut self, time: LogTime, rekey: &Rekey, vm: &Vm, from: &str, to: &str) {
        let text = format!("State Transition (VM_STATE_{from} -> VM_STATE_{to})");
        let record = self.in_rekey(time, rekey, &vm.sub(), &text);
        self.hostd.say(record);
    }

    /// A state transition of which nobody says on whose behalf.
    pub(crate) fn bare_transition(&mut self, time: LogTime, vm: &Vm, from: &str, to: &str) -> LogRecord {
        self.on_host(time, &vm.sub(), &format!("State Transition (VM_STATE_{from} -> VM_STATE_{to})"))
    }

    /// The re-key's task ends well.
    pub(crate) fn rekey_done(&mut self, time: LogTime, vm: &Vm, rekey: &Rekey) {
        self.transition(time, rekey, vm, "RECONFIGURING", "ON");
        self.keys_changed(time + millis(2), vm, rekey);
        let text = format!("Task Completed : {} Status success", rekey.host_task);
        let record = self.in_rekey(time + millis(4), rekey, "Vimsvc.TaskManager", &text);
        self.hostd.plant("rekey-success", record);
        let record = self.in_vcenter(time + millis(40), rekey, &format!("[VpxLRO] -- FINISH {}", rekey.task));
        self.vpxd.plant("rekey-end-vcenter", record);
    }

    /// The re-key's task ends with an error.
    pub(crate) fn rekey_failed(&mut self, time: LogTime, vm: &Vm, rekey: &Rekey, reason: &str) {
        let text = format!(
            "AdapterServer caught exception: N5Vmomi5Fault11SystemError9ExceptionE(Fault cause: vmodl.fault.SystemError\n)\n[context]zKq7AVICAgAAA{}[/context]",
            self.rng.base64(163)
        );
        let record = self.in_rekey(time, rekey, "Default", &text);
        self.hostd.say(record);
        let text = format!("Task Completed : {} Status error", rekey.host_task);
        let record = self.in_rekey(time + millis(1), rekey, "Vimsvc.TaskManager", &text);
        self.hostd.plant("rekey-error", record);
        let result = format!(
            "(vmodl.fault.SystemError) {{\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>, \n   reason = \"{reason}\n\"\n   msg = \"A general system error occurred: {reason}\"\n}}"
        );
        self.rekey_failed_in_vcenter(time, vm, rekey, "rekey-end-vcenter", &result);
    }

    /// vCenter's side of a re-key that ends with a fault, given as its dump.
    pub(crate) fn rekey_failed_in_vcenter(
        &mut self,
        time: LogTime,
        vm: &Vm,
        rekey: &Rekey,
        role: &'static str,
        result: &str,
    ) {
        let fault = result.trim_start_matches('(').split(')').next().unwrap_or_default();
        let text = format!(
            "[VpxLRO] -- ERROR {} -- {} -- vim.VirtualMachine.reconfigure: {fault}:\nResult:\n{result}\nArgs:\n\nArg spec:\n{}",
            rekey.task,
            vm.moref,
            config_spec(vm, rekey).trim_start_matches("Reconfigure: ")
        );
        let record = self.in_vcenter(time + millis(30), rekey, &text);
        self.vpxd.plant(role, record);
        let record = self.in_vcenter(time + millis(31), rekey, &format!("[VpxLRO] -- FINISH {}", rekey.task));
        self.vpxd.say(record);
    }

    /// hostd cannot find the key provider; the VM keeps running on its old key.
    pub(crate) fn provider_missing(&mut self, time: LogTime, vm: &Vm, rekey: &Rekey) {
        let provider = rekey.new.provider.clone();
        let mut record = provider_fault(time, &vm.sub(), &provider).op_id(&rekey.host_op).user(USER);
        record.thread_id = 2_099_000 + self.rng.below(48) * 3;
        self.hostd.plant("provider-not-found", record);
        self.transition(time + millis(3), rekey, vm, "RECONFIGURING", "ON");
        self.rekey_failed(time + millis(5), vm, rekey, "Failed to get the key from the key provider.");
    }

    /// vSphere HA resets the VM because its Tools were silent.
    pub(crate) fn ha_reset(&mut self, time: LogTime, vm: &Vm) {
        let record = self.bare_transition(time, vm, "ON", "CREATE_SCREENSHOT");
        self.hostd.plant("ha-screenshot", record);
        let record = self.bare_transition(time + millis(72), vm, "CREATE_SCREENSHOT", "ON");
        self.hostd.say(record);
        let event = self.next_event();
        let text = format!(
            "Event {event} : This virtual machine reset by HA. Reason: VMware Tools heartbeat failure. A screenshot is saved at {}/{}-0.png.",
            vm.folder, vm.name
        );
        let record = self.on_host(time + millis(80), "Vimsvc.ha-eventmgr", &text);
        self.hostd.plant("ha-reset", record);
    }

    /// A power operation that a user asked for.
    pub(crate) fn power_task(
        &mut self,
        time: LogTime,
        vm: &Vm,
        method: &str,
        states: [&str; 3],
        outcome: &str,
    ) -> LogTime {
        let task = format!("haTask-{}-vim.VirtualMachine.{method}-{}", vm.vmid, self.next_task());
        let op_id = format!("l{}-{}-auto-{}", self.rng.hex(7), self.rng.between(40_000, 49_999), self.rng.hex(3));
        let [from, over, to] = states;
        let say = |story: &mut Self, after: i64, sub: &str, text: &str| {
            let record = story.on_host(time + after, sub, text).op_id(&op_id).user(USER);
            story.hostd.say(record);
        };
        let sub = vm.sub();
        say(self, 0, "Vimsvc.TaskManager", &format!("Task Created : {task}"));
        say(self, millis(2), &sub, &format!("State Transition (VM_STATE_{from} -> VM_STATE_{over})"));
        say(self, millis(1900), &sub, &format!("State Transition (VM_STATE_{over} -> VM_STATE_{to})"));
        let event = self.next_event();
        let (name, host) = (&vm.name, self.host.name.clone());
        let text = match (method, outcome) {
            ("powerOn", "success") => format!("Event {event} : {name} on {host} in ha-datacenter is powered on"),
            ("powerOn", _) => format!(
                "Event {event} : Cannot power on {name} on {host} in ha-datacenter. A general system error occurred: Failed to start the virtual machine."
            ),
            ("reset", _) => format!("Event {event} : {name} on {host} in ha-datacenter is reset"),
            _ => format!("Event {event} : {name} on {host} in ha-datacenter is powered off"),
        };
        say(self, millis(1904), "Vimsvc.ha-eventmgr", &text);
        say(self, millis(1908), "Vimsvc.TaskManager", &format!("Task Completed : {task} Status {outcome}"));
        time + millis(1908)
    }

    /// hostd's side of a power-on at which a disk did not open: the VMX hands its messages over.
    pub(crate) fn power_on_messages(&mut self, time: LogTime, vm: &Vm, disk: usize) {
        let number = self.rng.between(30_000, 90_000);
        let text = format!(
            "Handling vmx message {number}: Cannot open the disk '{}' or one of the snapshot disks it depends on.\nModule 'Disk' power on failed.\nFailed to start the virtual machine.\n",
            vm.disk(disk)
        );
        let record = self.on_host(time, &vm.sub(), &text);
        self.hostd.say(record);
    }
}

/// The guest falls silent, HA resets it, the VMX ends: the last lines of a `vmware.log`.
pub(crate) fn silent_guest(sheet: &mut Sheet, powered_on: LogTime, silent: LogTime, reset: LogTime, seed: u64) {
    let say =
        |sheet: &mut Sheet, time: LogTime, thread: &str, text: &str| sheet.say(LogRecord::new(time, thread, text));
    let timeout = silent + seconds(60);
    say(sheet, silent + seconds(41), "vmx", "GuestRpcSendTimedOut: message to toolbox timed out.");
    sheet.plant("heartbeat-timeout", LogRecord::new(timeout, "vcpu-0", "Tools: Tools heartbeat timeout."));
    say(sheet, timeout + millis(2), "vcpu-0", "Tools: Running status rpc handler: 1 => 0.");
    say(sheet, timeout + millis(2), "vcpu-0", "Tools: Changing running status: 1 => 0.");
    let last = heartbeat(powered_on, silent);
    let text = format!("Tools: [RunningStatus] Last heartbeat value {last} (last received 60s ago)");
    say(sheet, timeout + millis(3), "vcpu-0", &text);
    say(sheet, reset - millis(190), "vmx", "MKSVMX: Vigor requested a screenshot");
    say(sheet, reset - millis(188), "svga", "MKSScreenShotMgr: Taking a screenshot");
    say(
        sheet,
        reset,
        "vmx",
        "VMXVmdbCbVmVmxExecState: Exec state change requested to state poweredOff with reset, hard, softOptionTimeout: 20000000.",
    );
    say(sheet, reset + millis(4), "vcpu-0", "CPU reset: hard (mode Emulation)");
    for record in power_off(reset + millis(900), seed) {
        sheet.say(record);
    }
}

/// The record by which hostd says that it does not know a key provider, with the vAPI error in its continuation lines.
pub(crate) fn provider_fault(time: LogTime, sub: &str, provider: &str) -> LogRecord {
    let text = format!(
        "Failed to resolve key provider: Error:\n   com.vmware.vapi.std.errors.not_found\nMessages:\n   com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider '{provider}' does not exist.>\n"
    );
    LogRecord::new(time, sub, text).level(Level::Error)
}

/// The dump of a request to re-wrap the keys of the home and of every disk.
///
/// A device edit carries the device as it was: the disk's path and the key that it was on.
fn config_spec(vm: &Vm, rekey: &Rekey) -> String {
    let (old, new) = (&rekey.old, &rekey.new);
    let kind = if rekey.deep { "Deep" } else { "Shallow" };
    let key = |indent: &str, field: &str, key: &Key| {
        format!(
            "{indent}{field} = (vim.encryption.CryptoKeyId) {{\n{indent}   keyId = \"{}\", \n{indent}   providerId = (vim.encryption.KeyProviderId) {{\n{indent}      id = \"{}\"\n{indent}   }}\n{indent}}}",
            key.id, key.provider
        )
    };
    let crypto = |indent: &str| {
        let inner = key(&format!("{indent}   "), "newKeyId", new);
        format!("{indent}crypto = (vim.encryption.CryptoSpec{kind}Recrypt) {{\n{inner}\n{indent}}}")
    };
    let devices: Vec<String> = vm
        .disks
        .iter()
        .enumerate()
        .map(|(index, disk)| {
            format!(
                "      (vim.vm.device.VirtualDeviceSpec) {{\n         operation = \"edit\", \n         fileOperation = <unset>, \n         device = (vim.vm.device.VirtualDisk) {{\n            key = {}, \n            deviceInfo = (vim.Description) null, \n            backing = (vim.vm.device.VirtualDisk.FlatVer2BackingInfo) {{\n               fileName = \"ds://{}\", \n               diskMode = \"persistent\", \n{}\n            }}, \n            capacityInKB = {}\n         }}, \n         profile = <unset>, \n         backing = (vim.vm.device.VirtualDeviceSpec.BackingSpec) {{\n            parent = (vim.vm.device.VirtualDeviceSpec.BackingSpec) null, \n{}\n         }}\n      }}",
                disk.device,
                vm.disk(index),
                key("               ", "keyId", old),
                disk.gib << 20,
                crypto("            ")
            )
        })
        .collect();
    format!(
        "Reconfigure: (vim.vm.ConfigSpec) {{\n   changeVersion = <unset>, \n   name = <unset>, \n   deviceChange = (vim.vm.device.VirtualDeviceSpec) [\n{}\n   ], \n{}\n}}",
        devices.join(", \n"),
        crypto("   ")
    )
}

/// The process of hostd, and the one that it has after a restart.
const HOSTD: u64 = 2_098_912;
const HOSTD_AGAIN: u64 = 2_131_077;

fn product(generation: Generation, pid: u64) -> String {
    let (version, build) = (generation.version(), generation.build());
    // ESXi 9 calls itself by its whole name.
    let name = if generation == Generation::V90 { "VMware ESXi" } else { "VMware ESX" };
    format!("Section for {name}, pid={pid}, version={version}, build={build}, option=Release")
}

/// The line that hostd begins a log with.
pub(crate) fn section(generation: Generation, time: LogTime) -> String {
    let (product, stamp) = (product(generation, HOSTD), time.iso_millis());
    let started = (time - seconds(1_913_411)).iso_millis();
    let rotated =
        format!("- last log rotation time, {started} - time the service was last started {started}, {product}");
    match generation {
        Generation::V65 => format!("{stamp} {product}"),
        Generation::V67 => format!("{stamp} - time the service was last started, {product}"),
        Generation::V70 => format!("{stamp} {rotated}"),
        Generation::V80 | Generation::V90 => format!("{}{rotated}", stamped(time, HOSTD)),
    }
}

/// The line that hostd writes when it is started again. In 6.5 only the number of the process is another.
pub(crate) fn section_of_restart(generation: Generation, time: LogTime) -> String {
    let (product, stamp) = (product(generation, HOSTD_AGAIN), time.iso_millis());
    match generation {
        Generation::V65 => format!("{stamp} {product}"),
        Generation::V67 => format!("{stamp} - time the service was last started, {product}"),
        Generation::V70 => format!("{stamp} - time the service was last started {stamp}, {product}"),
        Generation::V80 | Generation::V90 => {
            format!("{}- time the service was last started {stamp}, {product}", stamped(time, HOSTD_AGAIN))
        }
    }
}

fn stamped(time: LogTime, pid: u64) -> String {
    h8(Dialect::HostdH8, &LogRecord::new(time, "", "").thread_id(pid), pid)
}
