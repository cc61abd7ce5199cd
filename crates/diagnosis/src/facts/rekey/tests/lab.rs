//! A small lab whose logs a test writes line by line: one host, one vCenter, VMs with a home and disks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use esxray_knowledge::Knowledge;

use crate::Options;
use crate::facts::rekey::{attempts, describe, earlier};
use crate::outcome::{Diagnosis, Rekey};
use crate::scan::scan;
use crate::timeline::timeline;

/// The knowledge that the tool comes with.
fn knowledge() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    KNOWLEDGE.get_or_init(|| Knowledge::builtin().unwrap())
}

/// A VM of the lab.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vm {
    pub name: &'static str,
    pub vmid: u32,
    pub moref: &'static str,
    pub disks: &'static [(u32, &'static str)],
}

pub(super) const APP: Vm =
    Vm { name: "APP-01", vmid: 62, moref: "vm-1012", disks: &[(2000, "APP-01.vmdk"), (2001, "APP-01_1.vmdk")] };
pub(super) const DB: Vm = Vm { name: "DB-01", vmid: 63, moref: "vm-1013", disks: &[(2000, "DB-01.vmdk")] };

impl Vm {
    pub(super) fn path(&self, file: &str) -> String {
        format!("/vmfs/volumes/ds1/{}/{file}", self.name)
    }

    fn sub(&self) -> String {
        format!("Vmsvc.vm:{}", self.path(&format!("{}.vmx", self.name)))
    }

    /// The host's number of the task that vCenter calls `task-N`.
    fn host_task(&self, task: u32) -> String {
        format!("haTask-{}-vim.VirtualMachine.reconfigure-{}", self.vmid, 700_000 + task)
    }
}

/// A key: its provider and its id.
pub(super) type Key = (&'static str, &'static str);

pub(super) const OLD: Key = ("NKP-1", "7c2f-old");
pub(super) const NEW: Key = ("KMS-EXT", "0a5f-new");

/// A request that a test tells of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub vm: Vm,
    pub op: &'static str,
    pub task: u32,
    pub old: Key,
    pub new: Key,
    pub scope: &'static str,
}

pub(super) const ASK: Ask = Ask { vm: APP, op: "6f1c2d3e-77", task: 501, old: OLD, new: NEW, scope: "Shallow" };

/// Logs and files by their paths.
#[derive(Debug, Clone)]
pub(super) struct Lab {
    pub files: BTreeMap<String, String>,
}

pub(super) const HOSTD: &str = "esx01/hostd.log";
pub(super) const VPXD: &str = "vcenter01/vpxd.log";

impl Lab {
    pub(super) fn new() -> Self {
        let mut lab = Self { files: BTreeMap::new() };
        let section = "- last log rotation time, 2024-03-12T14:00:00.000Z - time the service was last started \
                       2024-02-19T11:43:10.118Z, Section for VMware ESX, pid=2098912, version=8.0.2, build=22380479, \
                       option=Release";
        lab.say(HOSTD, &format!("2024-03-12T14:00:00.000Z In(166) Hostd[2098912]: {section}"));
        lab.say(
            VPXD,
            "2024-03-12T14:00:00.000Z info vpxd[04154] [Originator@6876 sub=vpxLro opID=0badcafe] [VpxLRO] -- BEGIN \
             lro-1 -- SessionManager -- vim.SessionManager.sessionIsActive",
        );
        lab
    }

    pub(super) fn say(&mut self, file: &str, line: &str) {
        let text = self.files.entry(file.to_owned()).or_default();
        text.push_str(line);
        text.push('\n');
    }

    /// A record of hostd; every further line of its text bears the mark of a continuation.
    pub(super) fn host(&mut self, time: &str, op: &str, sub: &str, text: &str) {
        let op = if op.is_empty() {
            String::new()
        } else {
            format!(" opID={op}-01-ab12 sid=52016aa0 user=vpxuser:LAB\\ann")
        };
        for (number, line) in text.lines().enumerate() {
            let head = if number == 0 { format!("[Originator@6876 sub={sub}{op}]") } else { "-->".to_owned() };
            self.say(HOSTD, &format!("2024-03-12T{time}Z In(166) Hostd[2099111]: {head} {line}"));
        }
    }

    /// A record of vCenter.
    pub(super) fn vcenter(&mut self, time: &str, op: &str, text: &str) {
        for (number, line) in text.lines().enumerate() {
            if number == 0 {
                self.say(
                    VPXD,
                    &format!("2024-03-12T{time}Z info vpxd[04154] [Originator@6876 sub=vpxLro opID={op}] {line}"),
                );
            } else {
                self.say(VPXD, &format!("--> {line}"));
            }
        }
    }

    /// A record of a VM's own log.
    pub(super) fn vm(&mut self, time: &str, vm: Vm, text: &str) {
        self.say(&format!("{}/vmware.log", vm.name), &format!("2024-03-12T{time}Z In(05) vmx - {text}"));
    }

    pub(super) fn opened(&mut self, time: &str, vm: Vm, file: &str) {
        self.vm(
            time,
            vm,
            &format!("DISKLIB-LINK  : Opened '{}' (0xa): vmfs, 83886080 sectors / 40 GB.", vm.path(file)),
        );
    }

    pub(super) fn wrong_key(&mut self, time: &str, vm: Vm, file: &str) {
        let path = vm.path(file);
        let why = "Cannot decrypt disk because key or password is incorrect";
        self.vm(time, vm, &format!("DISKLIB-LINK  : \"{path}\" : failed to open ({why})."));
    }

    /// vCenter and the host begin a re-key.
    pub(super) fn begin(&mut self, time: &str, ask: Ask) {
        let session = "52016aa0-1111-2222-3333-444455556666(52bb0000-1111-2222-3333-444455556666)";
        let text = format!(
            "[VpxLRO] -- BEGIN task-{} -- {} -- vim.VirtualMachine.reconfigure -- {session}",
            ask.task, ask.vm.moref
        );
        self.vcenter(time, ask.op, &text);
        self.begin_on_host(time, ask);
    }

    pub(super) fn begin_on_host(&mut self, time: &str, ask: Ask) {
        self.host(time, ask.op, "Vimsvc.TaskManager", &format!("Task Created : {}", ask.vm.host_task(ask.task)));
        self.host(time, ask.op, &ask.vm.sub(), "State Transition (VM_STATE_ON -> VM_STATE_RECONFIGURING)");
        self.host(time, ask.op, &ask.vm.sub(), &spec(ask));
    }

    /// The event that names the keys of these devices, the home among them, before and after.
    pub(super) fn changed(&mut self, time: &str, ask: Ask, devices: &[Option<u32>]) {
        let key = |key: Key| format!("(keyId = \"{}\",providerId = (id = \"{}\"))", key.1, key.0);
        let mut text = format!(
            "Event 71 : Reconfigured {} on esx01.lab.example in ha-datacenter.  \n \nModified:  \n ",
            ask.vm.name
        );
        for device in devices {
            let what = device.map_or("config".to_owned(), |it| format!("config.hardware.device({it}).backing"));
            let _ = write!(text, "\n{what}.keyId:{} -> {}; \n", key(ask.old), key(ask.new));
        }
        self.host(time, ask.op, "Vimsvc.ha-eventmgr", &text);
    }

    pub(super) fn end_on_host(&mut self, time: &str, ask: Ask, status: &str) {
        let text = format!("Task Completed : {} Status {status}", ask.vm.host_task(ask.task));
        self.host(time, ask.op, "Vimsvc.TaskManager", &text);
    }

    pub(super) fn done(&mut self, time: &str, ask: Ask) {
        self.end_on_host(time, ask, "success");
        self.vcenter(time, ask.op, &format!("[VpxLRO] -- FINISH task-{}", ask.task));
    }

    pub(super) fn failed(&mut self, time: &str, ask: Ask) {
        self.end_on_host(time, ask, "error");
        self.fail_in_vcenter(time, ask);
    }

    pub(super) fn fail_in_vcenter(&mut self, time: &str, ask: Ask) {
        let text = format!(
            "[VpxLRO] -- ERROR task-{} -- {} -- vim.VirtualMachine.reconfigure: vmodl.fault.SystemError:\nResult:\n\
             (vmodl.fault.SystemError) {{\n   faultCause = (vmodl.MethodFault) null, \n   reason = \"\"\n}}\nArgs:\n\n\
             Arg spec:\n{}",
            ask.task,
            ask.vm.moref,
            spec(ask).trim_start_matches("Reconfigure: ")
        );
        self.vcenter(time, ask.op, &text);
        self.vcenter(time, ask.op, &format!("[VpxLRO] -- FINISH task-{}", ask.task));
    }

    /// The host does not know a key provider.
    pub(super) fn not_found(&mut self, time: &str, ask: Ask, provider: &str) {
        let text = format!(
            "Failed to resolve key provider: Error:\n   com.vmware.vapi.std.errors.not_found\nMessages:\n   \
             com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider '{provider}' does not exist.>"
        );
        self.host(time, ask.op, &ask.vm.sub(), &text);
    }

    /// An event of vCenter, by its id.
    pub(super) fn event(&mut self, time: &str, op: &str, id: &str) {
        let text =
            format!("[EventManagerMO] Event[575801] [1-1] [2024-03-12T{time}Z] [{id}] [error] [] [Lab] [575801] [x]");
        self.vcenter(time, op, &text);
    }

    /// The descriptor of a disk, or the configuration where `file` is none, on a key.
    pub(super) fn on_key(&mut self, vm: Vm, file: &str, key: Key) {
        let locator =
            format!("vmware:key/list/(pair/(fqid/<VMWARE-NULL>/{}/{},HMAC%2dSHA%2d256,c2VjcmV0))", key.0, key.1);
        let text = match file.strip_suffix(".vmdk") {
            Some(name) => format!(
                "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\n\
                 createType=\"vmfs\"\nRW 83886080 VMFS \"{name}-flat.vmdk\"\nencryptionKeys=\"{locator}\""
            ),
            None => format!(
                ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"{}\"\n\
                 encryption.bundle = \"{locator}\"",
                vm.name
            ),
        };
        self.say(&format!("{}/{file}", vm.name), &text);
    }

    /// The files in a folder of their own.
    fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &self.files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    pub(super) fn diagnose(&self) -> Diagnosis {
        let options = Options { threads: Some(1), ..Options::default() };
        crate::diagnose(&[self.folder().path().to_owned()], knowledge(), &options).unwrap()
    }

    /// What is found of the VM with this name: every attempt, described, with those before it.
    pub(super) fn rekeys(&self, vm: Vm) -> Vec<Rekey> {
        let folder = self.folder();
        let options = Options { threads: Some(1), ..Options::default() };
        let mut read = scan(&[folder.path().to_owned()], knowledge(), &options).unwrap();
        let timeline = timeline(&mut read.sources);
        let index = timeline.vms.iter().position(|it| it.is(vm.name)).unwrap();
        let all = attempts(&timeline, index);
        let seen = |it| Rekey { attempts: earlier(&timeline, &all, it), ..describe(&timeline, it) };
        all.iter().map(seen).collect()
    }

    /// The one attempt of the VM with this name.
    #[track_caller]
    pub(super) fn rekey(&self, vm: Vm) -> Rekey {
        let mut all = self.rekeys(vm);
        assert_eq!(all.len(), 1, "attempts: {all:#?}");
        all.remove(0)
    }
}

/// The dump of a request for the home and every disk of a VM.
fn spec(ask: Ask) -> String {
    let key = |field: &str, key: Key| {
        format!(
            "{field} = (vim.encryption.CryptoKeyId) {{\nkeyId = \"{}\", \nproviderId = (vim.encryption.KeyProviderId) {{\n\
             id = \"{}\"\n}}\n}}",
            key.1, key.0
        )
    };
    let crypto =
        format!("crypto = (vim.encryption.CryptoSpec{}Recrypt) {{\n{}\n}}", ask.scope, key("newKeyId", ask.new));
    let devices: Vec<String> = ask
        .vm
        .disks
        .iter()
        .enumerate()
        .map(|(index, (device, file))| {
            format!(
                "(vim.vm.device.VirtualDeviceSpec) {{\noperation = \"edit\", \ndevice = (vim.vm.device.VirtualDisk) {{\n\
                 key = {device}, \ndeviceInfo = (vim.Description) {{\nlabel = \"Hard disk {}\", \nsummary = \"40 GB\"\n}}, \n\
                 backing = (vim.vm.device.VirtualDisk.FlatVer2BackingInfo) {{\nfileName = \"ds://{}\", \n{}\n}}\n}}, \n\
                 backing = (vim.vm.device.VirtualDeviceSpec.BackingSpec) {{\n{crypto}\n}}\n}}",
                index + 1,
                ask.vm.path(file),
                key("keyId", ask.old),
            )
        })
        .collect();
    format!(
        "Reconfigure: (vim.vm.ConfigSpec) {{\nchangeVersion = <unset>, \n\
         deviceChange = (vim.vm.device.VirtualDeviceSpec) [\n{}\n], \n{crypto}\n}}",
        devices.join(", \n")
    )
}
