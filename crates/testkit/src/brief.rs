use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::dialect::{Dialect, render};
use crate::record::LogRecord;
use crate::scenario::FixtureFile;
use crate::time::{LogTime, seconds};

/// The moment from which a [`Brief`] counts its seconds.
const BEGIN: LogTime = LogTime::civil(2024, 3, 12, 15, 0, 0);
/// Where the VMs of a [`Brief`] lie.
const DATASTORE: &str = "/vmfs/volumes/65f0a1b2-c3d4e5f6-0718-005056000001";

/// A case in a few lines: just the records that it is about, in whole logs that cover the time around them.
///
/// Where a [`Scenario`](crate::Scenario) shows what a customer sends, this shows one rule. Times are seconds after
/// 15:00; each log begins half an hour before and ends an hour after, a line every minute, unless it is
/// [`sparse`](Self::sparse).
///
/// # Examples
///
/// ```
/// use esxray_testkit::Brief;
///
/// let mut brief = Brief::new();
/// let rekey = brief.rekey("APP-01", "esx01", 10, "NKP-1", "KMS-EXT");
/// brief.provider_missing(&rekey, 12, "KMS-EXT");
/// brief.rekey_ends(&rekey, 13, false);
/// let files = brief.files();
/// assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["esx01/hostd.log", "vcenter01/vpxd.log"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Brief {
    logs: BTreeMap<String, (Dialect, Vec<LogRecord>)>,
    files: BTreeMap<String, String>,
    /// What each log begins with.
    heads: BTreeMap<String, String>,
    sparse: bool,
    numbers: u32,
}

/// A request to change keys in a [`Brief`].
#[derive(Debug, Clone)]
pub struct BriefRekey {
    vm: String,
    host: String,
    op_id: String,
    task: String,
    host_task: String,
    from: String,
    to: String,
}

impl Brief {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Without the lines that make the logs cover the time around the case.
    #[must_use]
    pub fn sparse(mut self) -> Self {
        self.sparse = true;
        self
    }

    /// Path of a VM's `.vmx`.
    pub fn vmx(vm: &str) -> String {
        format!("{DATASTORE}/{vm}/{vm}.vmx")
    }

    /// Path of a VM's disk: `APP-01.vmdk`, `APP-01_1.vmdk`.
    pub fn disk(vm: &str, number: u32) -> String {
        let suffix = if number == 0 { String::new() } else { format!("_{number}") };
        format!("{DATASTORE}/{vm}/{vm}{suffix}.vmdk")
    }

    /// Managed object id of a VM.
    fn moref(vm: &str) -> String {
        format!("vm-{}", 1000 + vm.bytes().map(u32::from).sum::<u32>())
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// A record of any log.
    pub fn say(&mut self, path: &str, dialect: Dialect, record: LogRecord) {
        self.logs.entry(path.to_owned()).or_insert_with(|| (dialect, Vec::new())).1.push(record);
    }

    fn record(at: i64, component: &str, text: &str) -> LogRecord {
        LogRecord::new(BEGIN + seconds(at), component, text).thread_id(2_099_012)
    }

    /// A record of a host's `hostd.log`.
    pub fn host(&mut self, host: &str, at: i64, sub: &str, text: &str) {
        self.say(&format!("{host}/hostd.log"), Dialect::HostdH6, Self::record(at, sub, text));
    }

    /// A record of `hostd.log` about a VM.
    pub fn host_of_vm(&mut self, vm: &str, host: &str, at: i64, text: &str) {
        self.host(host, at, &format!("Vmsvc.vm:{}", Self::vmx(vm)), text);
    }

    /// A record of `vpxd.log`.
    pub fn vcenter(&mut self, at: i64, text: &str) {
        self.say("vcenter01/vpxd.log", Dialect::VpxdH6, Self::record(at, "vpxLro", text));
    }

    /// An event of vCenter about a VM, as the HA agent of a host hears of it.
    pub fn event(&mut self, vm: &str, host: &str, at: i64, id: &str) {
        let text = format!("New event: EventEx={id} vm={} host=host-12", Self::vmx(vm));
        self.say(&format!("{host}/fdm.log"), Dialect::FdmH6, Self::record(at, "Invt", &text));
    }

    /// An event of vCenter that names no VM.
    pub fn vcenter_event(&mut self, at: i64, id: &str) {
        let number = 575_000 + self.number();
        let text = format!("Event [{number}] [1-1] [2024-03-12T15:00:00.1Z] [{id}] [error] [] [Lab] [{number}] [text]");
        self.vcenter(at, &text);
    }

    /// A record of a VM's `vmware.log`.
    pub fn vm(&mut self, vm: &str, at: i64, thread: &str, text: &str) {
        self.say(&format!("{vm}/vmware.log"), Dialect::VmwareI125, Self::record(at, thread, text));
    }

    /// The VM lists its settings at power-on: its name, its path, and these `DICT` entries.
    pub fn settings(&mut self, vm: &str, at: i64, entries: &[(&str, &str)]) {
        self.vm(vm, at, "vmx", &format!("DICT --- CONFIGURATION {} ", Self::vmx(vm)));
        for (name, value) in std::iter::once(&("displayName", vm)).chain(entries) {
            self.vm(vm, at, "vmx", &format!("DICT {name:>25} = \"{value}\""));
        }
    }

    /// A disk does not open: its key does not fit.
    pub fn wrong_key(&mut self, vm: &str, at: i64, disk: u32) {
        let path = Self::disk(vm, disk);
        let text = format!(
            "DISKLIB-LINK  : \"{path}\" : failed to open (Cannot decrypt disk because key or password is incorrect)."
        );
        self.vm(vm, at, "vmx", &text);
    }

    /// A disk opens.
    pub fn opened(&mut self, vm: &str, at: i64, disk: u32) {
        let path = Self::disk(vm, disk);
        self.vm(vm, at, "vmx", &format!("DISKLIB-LINK  : Opened '{path}' (0xa): vmfs, 83886080 sectors / 40 GB."));
    }

    /// The VM is on, or off, as its host sees it.
    pub fn power(&mut self, vm: &str, host: &str, at: i64, on: bool) {
        let to = if on { "VM_STATE_POWERING_ON -> VM_STATE_ON" } else { "VM_STATE_POWERING_OFF -> VM_STATE_OFF" };
        self.host_of_vm(vm, host, at, &format!("State Transition ({to})"));
    }

    /// vSphere HA resets the VM.
    pub fn ha_reset(&mut self, vm: &str, host: &str, at: i64) {
        let number = 575 + self.number();
        let text = format!(
            "Event {number} : This virtual machine reset by HA. Reason: VMware Tools heartbeat failure. A screenshot is saved at {DATASTORE}/{vm}/{vm}-0.png."
        );
        self.host(host, at, "Vimsvc.ha-eventmgr", &text);
    }

    /// A shallow re-key of a running VM with two disks begins.
    pub fn rekey(&mut self, vm: &str, host: &str, at: i64, from: &str, to: &str) -> BriefRekey {
        self.rekey_of(vm, host, at, from, to, &[2000, 2001])
    }

    /// As [`rekey`](Self::rekey), for these devices beside the VM home.
    pub fn rekey_of(&mut self, vm: &str, host: &str, at: i64, from: &str, to: &str, devices: &[u32]) -> BriefRekey {
        let number = 40_000 + self.number();
        let rekey = BriefRekey {
            vm: vm.to_owned(),
            host: host.to_owned(),
            op_id: format!("l0a1b2c-{number}-auto-4f-h5:70001234-7f"),
            task: format!("task-{number}"),
            host_task: format!("haTask-{}-vim.VirtualMachine.reconfigure-{number}", number % 1000),
            from: from.to_owned(),
            to: to.to_owned(),
        };
        let moref = Self::moref(vm);
        let begin =
            format!("[VpxLRO] -- BEGIN {} -- {moref} -- vim.VirtualMachine.reconfigure -- 52aa(52bb)", rekey.task);
        self.in_vcenter(&rekey, at, &begin);
        self.in_host(&rekey, at, "Vimsvc.TaskManager", &format!("Task Created : {}", rekey.host_task));
        self.on_vm(&rekey, at, "State Transition (VM_STATE_ON -> VM_STATE_RECONFIGURING)");
        let spec = spec(vm, &rekey, devices);
        self.on_vm(&rekey, at, &spec);
        rekey
    }

    fn in_vcenter(&mut self, rekey: &BriefRekey, at: i64, text: &str) {
        let record = Self::record(at, "vpxLro", text).op_id(&rekey.op_id);
        self.say("vcenter01/vpxd.log", Dialect::VpxdH6, record);
    }

    fn in_host(&mut self, rekey: &BriefRekey, at: i64, sub: &str, text: &str) {
        let record = Self::record(at, sub, text).op_id(format!("{}-01-ab", rekey.op_id));
        self.say(&format!("{}/hostd.log", rekey.host), Dialect::HostdH6, record);
    }

    /// A record of the host on behalf of the re-key, about the VM.
    pub fn on_vm(&mut self, rekey: &BriefRekey, at: i64, text: &str) {
        self.in_host(rekey, at, &format!("Vmsvc.vm:{}", Self::vmx(&rekey.vm)), text);
    }

    /// The host does not know a key provider.
    pub fn provider_missing(&mut self, rekey: &BriefRekey, at: i64, provider: &str) {
        let text = format!(
            "Failed to resolve key provider: Error:\n   com.vmware.vapi.std.errors.not_found\nMessages:\n   com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider '{provider}' does not exist.>\n"
        );
        self.on_vm(rekey, at, &text);
    }

    /// The event that names the old and the new key: of the VM home, and of these devices.
    pub fn keys_changed(&mut self, rekey: &BriefRekey, at: i64, devices: &[u32], home: bool) {
        let number = 575 + self.number();
        let change = format!(
            "(keyId = \"11aa22bb-1\",providerId = (id = \"{}\")) -> (keyId = \"33cc44dd-2\",providerId = (id = \"{}\"))",
            rekey.from, rekey.to
        );
        let (vm, host) = (&rekey.vm, &rekey.host);
        let mut text =
            format!("Event {number} : Reconfigured {vm} on {host}.lab.example in ha-datacenter.  \n \nModified:  \n ");
        for device in devices {
            let _ = write!(text, "\nconfig.hardware.device({device}).backing.keyId:{change}; \n");
        }
        if home {
            let _ = write!(text, "\nconfig.keyId:{change}; \n");
        }
        self.in_host(rekey, at, "Vimsvc.ha-eventmgr", &text);
    }

    /// The task of a re-key ends; nothing else of the VM is said.
    pub fn rekey_ends(&mut self, rekey: &BriefRekey, at: i64, well: bool) {
        self.on_vm(rekey, at, "State Transition (VM_STATE_RECONFIGURING -> VM_STATE_ON)");
        let status = if well { "success" } else { "error" };
        let text = format!("Task Completed : {} Status {status}", rekey.host_task);
        self.in_host(rekey, at, "Vimsvc.TaskManager", &text);
        if !well {
            let text = format!(
                "[VpxLRO] -- ERROR {} -- {} -- vim.VirtualMachine.reconfigure: vmodl.fault.SystemError:\nResult:\n(vmodl.fault.SystemError) {{\n   faultCause = (vmodl.MethodFault) null, \n   msg = \"A general system error occurred\"\n}}",
                rekey.task,
                Self::moref(&rekey.vm)
            );
            self.in_vcenter(rekey, at, &text);
        }
        self.in_vcenter(rekey, at, &format!("[VpxLRO] -- FINISH {}", rekey.task));
    }

    /// A re-key that works: the home and both disks are on the new key.
    pub fn rekeyed(&mut self, vm: &str, host: &str, at: i64, from: &str, to: &str) {
        let rekey = self.rekey(vm, host, at, from, to);
        self.keys_changed(&rekey, at + 1, &[2000, 2001], true);
        self.rekey_ends(&rekey, at + 2, true);
    }

    /// The host starts.
    pub fn booted(&mut self, host: &str, at: i64) {
        let summary = self.files.entry(format!("{host}/vmksummary.log")).or_default();
        summary.push_str(&in_summary(at, "bootstop: Host has booted"));
    }

    /// What the product of a log is: `VMware ESX` or `VMware VirtualCenter`, with version and build.
    pub fn product(&mut self, path: &str, product: &str, version: &str, build: &str) {
        let time = (BEGIN + seconds(-1801)).iso_millis();
        let head = format!(
            "{time} - time the service was last started, Section for {product}, pid=2098912, version={version}, build={build}, option=Release\n"
        );
        self.heads.insert(path.to_owned(), head);
    }

    /// A file of any form.
    pub fn file(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }

    /// The files, by path.
    pub fn files(self) -> Vec<FixtureFile> {
        let mut made: BTreeMap<String, String> = self.files;
        for (_, text) in made.iter_mut().filter(|(path, _)| path.ends_with("vmksummary.log") && !self.sparse) {
            let beats = (-3..7).map(|number| in_summary(number * 600, "heartbeat: up 10d2h33m42s, 12 VMs; [] []"));
            let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).chain(beats).collect();
            lines.sort();
            *text = lines.concat();
        }
        for (path, (dialect, mut records)) in self.logs {
            if !self.sparse && !path.ends_with("vmware.log") {
                let idle = (-30..60).map(|minute| Self::record(minute * 60, "Default", "Idle"));
                records.extend(idle);
            }
            records.sort_by_key(|record| record.time);
            let mut text = self.heads.get(&path).cloned().unwrap_or_default();
            for record in &records {
                render(dialect, record, &mut text);
            }
            made.insert(path, text);
        }
        made.into_iter().map(|(path, text)| FixtureFile { path, bytes: text.into_bytes() }).collect()
    }
}

/// A line of `vmksummary.log`.
fn in_summary(at: i64, text: &str) -> String {
    let time = (BEGIN + seconds(at)).iso_millis();
    format!("{}Z {text}\n", time.split('.').next().unwrap_or_default())
}

/// The dump of a request: the VM home and these devices, each as it was and as it is to be.
fn spec(vm: &str, rekey: &BriefRekey, devices: &[u32]) -> String {
    let key = |name: &str, id: &str, provider: &str| {
        format!(
            "{name} = (vim.encryption.CryptoKeyId) {{\n   keyId = \"{id}\", \n   providerId = (vim.encryption.KeyProviderId) {{\n      id = \"{provider}\"\n   }}\n}}"
        )
    };
    let crypto = format!(
        "crypto = (vim.encryption.CryptoSpecShallowRecrypt) {{\n{}\n}}",
        key("newKeyId", "33cc44dd-2", &rekey.to)
    );
    let old = key("keyId", "11aa22bb-1", &rekey.from);
    let edits: Vec<String> = (0..)
        .zip(devices)
        .map(|(number, device)| {
            format!(
                "(vim.vm.device.VirtualDeviceSpec) {{\n   operation = \"edit\", \n   device = (vim.vm.device.VirtualDisk) {{\n      key = {device}, \n      backing = (vim.vm.device.VirtualDisk.FlatVer2BackingInfo) {{\n         fileName = \"ds://{}\", \n{old}\n      }}\n   }}, \n   backing = (vim.vm.device.VirtualDeviceSpec.BackingSpec) {{\n{crypto}\n   }}\n}}",
                Brief::disk(vm, number)
            )
        })
        .collect();
    format!(
        "Reconfigure: (vim.vm.ConfigSpec) {{\n   deviceChange = (vim.vm.device.VirtualDeviceSpec) [\n{}\n   ], \n{crypto}\n}}",
        edits.join(", \n")
    )
}
