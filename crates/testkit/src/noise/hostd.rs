use super::{Mill, weighted};
use crate::prng::Prng;
use crate::record::{Level, LogRecord};
use crate::time::{LogTime, micros, millis, seconds};
use crate::world::{Host, Vm};

/// An endless `hostd.log` of a host on which nothing is wrong, although it writes errors all day.
#[derive(Debug, Clone)]
pub(crate) struct HostdNoise {
    mill: Mill,
    host: Host,
    event: u64,
    task: u64,
    extension: String,
}

type Motif = fn(&mut HostdNoise);

/// What is written, and how often.
const MOTIFS: &[(u64, Motif)] = &[
    (26, HostdNoise::collector_task),
    (12, HostdNoise::kernel_stats),
    (10, HostdNoise::session),
    (8, HostdNoise::http_timeout),
    (8, HostdNoise::device_stats),
    (7, HostdNoise::adapter_exception),
    (6, HostdNoise::config_update),
    (6, HostdNoise::guest_heartbeat),
    (5, HostdNoise::datastore_refresh),
    (4, HostdNoise::usb_arbitrator),
    (4, HostdNoise::reconfigure),
    (3, HostdNoise::vob_event),
    (3, HostdNoise::activation_fault),
    (3, HostdNoise::cim_ticket),
    (2, HostdNoise::screenshot),
    (2, HostdNoise::hardware_sensors),
    (2, HostdNoise::power_cycle),
    (1, HostdNoise::snapshot),
    (1, HostdNoise::dictionary_load),
];

impl HostdNoise {
    pub(crate) fn new(host: &Host, mut rng: Prng, start: LogTime, mean_gap: i64) -> Self {
        let event = rng.between(20_000, 60_000);
        let task = rng.between(100_000, 900_000);
        let extension = rng.uuid();
        Self { mill: Mill::new(rng, start, mean_gap), host: host.clone(), event, task, extension }
    }

    /// A record `after` so many microseconds.
    fn at(&mut self, after: i64, sub: &str, text: &str) -> LogRecord {
        let thread = 2_099_000 + self.mill.rng.below(48) * 3;
        LogRecord::new(self.mill.now + after, sub, text).thread_id(thread)
    }

    fn say(&mut self, after: i64, sub: &str, text: &str) {
        let record = self.at(after, sub, text);
        self.mill.say(record);
    }

    fn say_at(&mut self, after: i64, level: Level, sub: &str, text: &str) {
        let record = self.at(after, sub, text).level(level);
        self.mill.say(record);
    }

    fn say_for(&mut self, after: i64, caller: &Caller, sub: &str, text: &str) {
        let record = self.at(after, sub, text).op_id(&caller.op_id).user(&caller.user);
        self.mill.say(record);
    }

    fn caller(&mut self) -> Caller {
        let rng = &mut self.mill.rng;
        let (op_id, user) = match rng.below(4) {
            0 => (format!("esxui-{}-{}", rng.hex(4), rng.hex(4)), "root".to_owned()),
            1 => (
                format!("lro-{}-{}-{}-{}", rng.between(10_000, 9_999_999), rng.hex(8), rng.hex(2), rng.hex(4)),
                format!("vpxuser:VSPHERE.LOCAL\\vpxd-extension-{}", self.extension),
            ),
            2 => (
                format!("sps-Main-{}-{}-{}-{}", rng.between(10_000, 999_999), rng.hex(3), rng.hex(2), rng.hex(4)),
                format!("vpxuser:VSPHERE.LOCAL\\vpxd-extension-{}", self.extension),
            ),
            _ => (
                format!("HB-host-{}@{}-{}", rng.between(1000, 1020), rng.between(100, 99_999), rng.hex(8)),
                "vpxuser".to_owned(),
            ),
        };
        Caller { op_id, user }
    }

    fn neighbour(&mut self) -> Option<Vm> {
        self.mill.rng.choose(&self.host.neighbours).cloned()
    }

    fn next_event(&mut self) -> u64 {
        self.event += 1;
        self.event
    }

    fn next_task(&mut self) -> u64 {
        self.task += 1;
        self.task
    }

    fn context(&mut self) -> String {
        let length = 4 * usize::try_from(self.mill.rng.between(30, 110)).unwrap_or(30);
        format!("[context]zKq7AVICAgAAA{}[/context]", self.mill.rng.base64(length - 1))
    }

    fn collector_task(&mut self) {
        let caller = self.caller();
        let number = self.next_task();
        let what = self.mill.rng.pick(&[
            "vim.event.EventHistoryCollector.readNext",
            "vim.TaskHistoryCollector.readNext",
            "vmodl.query.PropertyCollector.destroy",
            "vim.AuthorizationManager.retrieveRolePermissions",
            "vim.HistoryCollector.setLatestPageSize",
        ]);
        let object = self.mill.rng.pick(&["", "ha-host", "ha-eventmgr", "ha-taskmgr"]);
        let took = micros(i64::try_from(self.mill.rng.between(180, 9_000)).unwrap_or(400));
        self.say_for(0, &caller, "Vimsvc.TaskManager", &format!("Task Created : haTask-{object}-{what}-{number}"));
        self.say_for(
            took,
            &caller,
            "Vimsvc.TaskManager",
            &format!("Task Completed : haTask-{object}-{what}-{number} Status success"),
        );
    }

    fn kernel_stats(&mut self) {
        let address = self.mill.rng.hex(8);
        let node = self.mill.rng.between(1200, 5400);
        self.say_at(
            0,
            Level::Error,
            &format!("VMkernelStatsProvider(000000a6{address})"),
            &format!("GetKernelStatValues: Detected error while retrieving stats: VSINode({node}): Not found (status=195887107)"),
        );
    }

    fn device_stats(&mut self) {
        let address = self.mill.rng.hex(8);
        for stat in [19, 20] {
            self.say_at(
                micros(stat),
                Level::Warning,
                &format!("deviceStatsProvider(000000a6{address})"),
                &format!("FillVirtualDeviceStats: Unable to locate sample for stat ID {stat}"),
            );
        }
    }

    fn session(&mut self) {
        let (user, agent, address) = match self.mill.rng.below(4) {
            0 => ("vpxuser", "VMware-client/8.0.2", "127.0.0.1"),
            1 => ("root", "pyvmomi Python/3.9.18 (VMkernel; 7.0.3; x86_64)", "127.0.0.1"),
            2 => ("root", "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0", "198.51.100.21"),
            _ => ("dcui", "VMware-client/6.5.0", "127.0.0.1"),
        };
        let session = format!("52{}", self.mill.rng.uuid().split_off(2));
        let op_id = self.mill.rng.hex(8);
        let record = self
            .at(
                0,
                "Vimsvc.HaSessionManager",
                &format!("Accepted password for user {user} from {address} - session={session}"),
            )
            .op_id(&op_id);
        self.mill.say(record);
        let event = self.next_event();
        self.say(
            millis(1),
            "Vimsvc.ha-eventmgr",
            &format!("Event {event} : User {user}@{address} logged in as {agent}"),
        );
        let event = self.next_event();
        let stays = self.mill.rng.between(1, 40);
        let calls = self.mill.rng.below(30);
        self.say(
            seconds(i64::try_from(stays).unwrap_or(1)),
            "Vimsvc.ha-eventmgr",
            &format!("Event {event} : User {user}@{address} logged out (login time: {}, number of API invocations: {calls}, user agent: {agent})", self.mill.now.iso_seconds()),
        );
    }

    fn http_timeout(&mut self) {
        let socket = self.mill.rng.pick(&["hostdEntitlementVapi.sock", "hostd-vapi.sock", "rhttpproxy-unix.sock"]);
        let rest = self.mill.rng.between(0, 999_999);
        let object =
            format!("<io_obj t:N7Vmacore6System21LocalSocketObjectAsioE, h:-1, <UNIX '{socket}'>, <UNIX '{socket}'>>");
        let context = self.context();
        self.say(
            0,
            "Vimsvc.HTTPService.HttpConnection",
            &format!("HTTP Connection has timed out while waiting for further requests; {object}, N7Vmacore16TimeoutExceptionE(Operation timed out: Stream: {object}, duration: 00:00:47.{rest:06} (hh:mm:ss.us))\n{context}"),
        );
    }

    /// A caller asked for something that is not there: an error of every day, with a failed task.
    fn adapter_exception(&mut self) {
        let caller = self.caller();
        let number = self.next_task();
        let (method, mangled, fault) = match self.mill.rng.below(3) {
            0 => (
                "vim.vslm.host.CatalogSyncManager.queryCatalogChange",
                "N3Vim5Fault8NotFound9ExceptionE",
                "vim.fault.NotFound",
            ),
            1 => ("vim.host.DatastoreBrowser.search", "N3Vim5Fault12FileNotFound9ExceptionE", "vim.fault.FileNotFound"),
            _ => ("vim.host.ServiceSystem.start", "N3Vim5Fault12InvalidState9ExceptionE", "vim.fault.InvalidState"),
        };
        let context = self.context();
        self.say_for(0, &caller, "Vimsvc.TaskManager", &format!("Task Created : haTask--{method}-{number}"));
        self.say_for(
            millis(2),
            &caller,
            "Default",
            &format!("AdapterServer caught exception: {mangled}(Fault cause: {fault}\n)\n{context}"),
        );
        self.say_for(
            millis(3),
            &caller,
            "Vimsvc.TaskManager",
            &format!("Task Completed : haTask--{method}-{number} Status error"),
        );
    }

    fn activation_fault(&mut self) {
        let (first, second) = (self.mill.rng.uuid(), self.mill.rng.between(20_000, 60_000));
        let caller = self.caller();
        self.say_for(
            0,
            &caller,
            "Solo.Vmomi",
            &format!("Activation finished; <<{first}, <TCP '127.0.0.1 : 8307'>, <TCP '127.0.0.1 : {second}'>>, ha-nfc-service, vim.NfcService.fileManagement>"),
        );
        self.say_for(micros(90), &caller, "Solo.Vmomi", "Arg operationType:\n\"nfcFileInfo\"");
        self.say_for(micros(140), &caller, "Solo.Vmomi", "Throw vim.fault.FileNotFound");
        self.say_for(
            micros(190),
            &caller,
            "Solo.Vmomi",
            "Result:\n(vim.fault.FileNotFound) {\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>, \n   file = \"[datastore1] .dvsData\"\n   msg = \"\"\n}",
        );
    }

    fn config_update(&mut self) {
        let Some(vm) = self.neighbour() else { return };
        let took = self.mill.rng.between(1, 90);
        let sub = vm.sub();
        self.say(0, &sub, "Send config update invoked");
        self.say(millis(4), &sub, &format!("Time to gather config: {took} (msecs)"));
        if self.mill.rng.chance(1, 3) {
            self.say(millis(9), &sub, "Upgrade is required for virtual machine, version: 15");
        }
    }

    fn guest_heartbeat(&mut self) {
        let Some(vm) = self.neighbour() else { return };
        let number = self.mill.rng.between(1000, 90_000);
        let sub = vm.sub();
        match self.mill.rng.below(3) {
            0 => self.say(
                0,
                &sub,
                &format!("Handling vmx message {number}: The VMware Tools installed in the guest are current."),
            ),
            1 => self.say(0, &sub, "Guest operation environment event: 1 processes"),
            _ => {
                self.say(0, "Guestsvc.GuestFileTransferImpl", "Entered VmPowerStateListener");
                self.say(micros(60), "Guestsvc.GuestFileTransferImpl", "VmPowerStateListener succeeded");
            }
        }
    }

    fn datastore_refresh(&mut self) {
        let caller = self.caller();
        self.say_for(0, &caller, "Hostsvc.FSVolumeProvider", "RefreshVMFSVolumes called");
        self.say_for(
            millis(11),
            &caller,
            "Hostsvc.DatastoreSystem",
            "RefreshVdiskDatastores: Done refreshing datastores.",
        );
        if self.mill.rng.chance(1, 2) {
            let record = self
                .at(
                    millis(13),
                    "Hostsvc.VFlashManager",
                    "GetVFlashResourceRuntimeInfo: vFlash is not licensed, not supported",
                )
                .level(Level::Warning)
                .op_id(&caller.op_id)
                .user(&caller.user);
            self.mill.say(record);
        }
    }

    fn usb_arbitrator(&mut self) {
        self.say(0, "Libs", "SOCKET creating new socket, connecting to /var/run/vmware/usbarbitrator-socket");
        self.say(micros(80), "Libs", "SOCKET connect failed, error 2: No such file or directory");
        self.say_at(
            micros(110),
            Level::Warning,
            "Libs",
            "USBArbLib: Failed to connect to USB Arbitrator, arbSocketname(/var/run/vmware/usbarbitrator-socket). Error(0x6): Connection error.",
        );
    }

    /// Backup software stamps its VMs: a reconfiguration that has nothing to do with keys.
    fn reconfigure(&mut self) {
        let Some(vm) = self.neighbour() else { return };
        let caller = self.caller();
        let number = self.next_task();
        let sub = vm.sub();
        let task = format!("haTask-{}-vim.VirtualMachine.reconfigure-{number}", vm.vmid);
        self.say_for(0, &caller, "Vimsvc.TaskManager", &format!("Task Created : {task}"));
        self.say_for(millis(1), &caller, &sub, "State Transition (VM_STATE_ON -> VM_STATE_RECONFIGURING)");
        self.say_for(millis(58), &caller, &sub, "State Transition (VM_STATE_RECONFIGURING -> VM_STATE_ON)");
        let event = self.next_event();
        let (name, host) = (&vm.name, self.host.name.clone());
        self.say_for(
            millis(59),
            &caller,
            "Vimsvc.ha-eventmgr",
            &format!("Event {event} : Reconfigured {name} on {host} in ha-datacenter.  \n \nModified:  \n \nconfig.annotation: \"\" -> \"last backup ok\"; \n"),
        );
        self.say_for(millis(61), &caller, "Vimsvc.TaskManager", &format!("Task Completed : {task} Status success"));
    }

    fn vob_event(&mut self) {
        let (id, message) = match self.mill.rng.below(2) {
            0 => (
                "esx.audit.net.firewall.config.changed",
                "Firewall configuration has changed. Operation 'enable' for rule set sshClient succeeded.",
            ),
            _ => ("esx.audit.shell.disabled", "The ESXi command line shell has been disabled."),
        };
        let event = self.next_event();
        let created = self.mill.now.iso_millis();
        self.say(
            0,
            "Hostsvc.VmkVprobSource",
            &format!("VmkVprobSource::Post event: (vim.event.EventEx) {{\n   key = {event}, \n   chainId = 0, \n   createdTime = \"{created}\", \n   userName = \"\", \n   datacenter = (vim.event.DatacenterEventArgument) null, \n   eventTypeId = \"{id}\", \n   severity = <unset>, \n   message = <unset>, \n   objectId = \"ha-host\", \n   objectType = \"vim.HostSystem\", \n   objectName = <unset>, \n   fault = (vmodl.MethodFault) null\n}}"),
        );
        self.say(millis(1), "Vimsvc.ha-eventmgr", &format!("Event {event} : {message}"));
    }

    fn cim_ticket(&mut self) {
        self.say(0, "Cimsvc", "Ticket issued for CIMOM version 1.0, user root");
    }

    /// Somebody looks at a thumbnail in the client: the same states as before a reset by HA.
    fn screenshot(&mut self) {
        let Some(vm) = self.neighbour() else { return };
        let caller = self.caller();
        let number = self.next_task();
        let task = format!("haTask-{}-vim.VirtualMachine.createScreenshot-{number}", vm.vmid);
        let sub = vm.sub();
        self.say_for(0, &caller, "Vimsvc.TaskManager", &format!("Task Created : {task}"));
        self.say_for(millis(1), &caller, &sub, "State Transition (VM_STATE_ON -> VM_STATE_CREATE_SCREENSHOT)");
        self.say_for(millis(70), &caller, &sub, "State Transition (VM_STATE_CREATE_SCREENSHOT -> VM_STATE_ON)");
        self.say_for(millis(72), &caller, "Vimsvc.TaskManager", &format!("Task Completed : {task} Status success"));
    }

    fn hardware_sensors(&mut self) {
        self.say(0, "Default", "IpmiIfcEntityInstantiateAll: stripping out phantom power supply IPMI SDRs");
    }

    /// A user restarts a VM of the neighbourhood.
    fn power_cycle(&mut self) {
        let Some(vm) = self.neighbour() else { return };
        let caller = self.caller();
        let sub = vm.sub();
        for (start, method, steps, event) in [
            (0, "powerOff", ["VM_STATE_ON", "VM_STATE_POWERING_OFF", "VM_STATE_OFF"], "powered off"),
            (seconds(9), "powerOn", ["VM_STATE_OFF", "VM_STATE_POWERING_ON", "VM_STATE_ON"], "powered on"),
        ] {
            let number = self.next_task();
            let task = format!("haTask-{}-vim.VirtualMachine.{method}-{number}", vm.vmid);
            let [from, over, to] = steps;
            self.say_for(start, &caller, "Vimsvc.TaskManager", &format!("Task Created : {task}"));
            self.say_for(start + millis(2), &caller, &sub, &format!("State Transition ({from} -> {over})"));
            self.say_for(start + millis(2100), &caller, &sub, &format!("State Transition ({over} -> {to})"));
            let number = self.next_event();
            let text = format!("Event {number} : {} on {} in ha-datacenter is {event}", vm.name, self.host.name);
            self.say_for(start + millis(2102), &caller, "Vimsvc.ha-eventmgr", &text);
            self.say_for(
                start + millis(2105),
                &caller,
                "Vimsvc.TaskManager",
                &format!("Task Completed : {task} Status success"),
            );
        }
    }

    fn snapshot(&mut self) {
        let Some(vm) = self.neighbour() else { return };
        let caller = self.caller();
        let number = self.next_task();
        let sub = vm.sub();
        let task = format!("haTask-{}-vim.VirtualMachine.createSnapshot-{number}", vm.vmid);
        self.say_for(0, &caller, "Vimsvc.TaskManager", &format!("Task Created : {task}"));
        self.say_for(millis(3), &caller, &sub, "State Transition (VM_STATE_ON -> VM_STATE_CREATE_SNAPSHOT)");
        self.say_for(
            millis(200),
            &caller,
            "DiskLib",
            &format!("DISKLIB-LIB   : Opened \"{}\" (flags 0x16, type vmfs).", vm.disk(0)),
        );
        self.say_for(seconds(2), &caller, &sub, "State Transition (VM_STATE_CREATE_SNAPSHOT -> VM_STATE_ON)");
        self.say_for(
            seconds(2) + millis(4),
            &caller,
            "Vimsvc.TaskManager",
            &format!("Task Completed : {task} Status success"),
        );
    }

    fn dictionary_load(&mut self) {
        let file = "/etc/vmware/vsphereFeatures/vsphereFeatures.cfg";
        self.say(0, "Libs", &format!("DictionaryLoad: Cannot open file \"{file}\": No such file or directory."));
        self.say(
            micros(30),
            "Libs",
            &format!("[msg.dictionary.load.openFailed] Cannot open file \"{file}\": No such file or directory."),
        );
    }
}

/// On whose behalf a record was written.
struct Caller {
    op_id: String,
    user: String,
}

impl Iterator for HostdNoise {
    type Item = LogRecord;

    fn next(&mut self) -> Option<LogRecord> {
        loop {
            if let Some(record) = self.mill.due() {
                return Some(record);
            }
            if let Some(motif) = weighted(&mut self.mill.rng, MOTIFS) {
                motif(self);
            }
            self.mill.advance();
        }
    }
}
