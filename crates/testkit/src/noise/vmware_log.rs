use super::{Mill, weighted};
use crate::prng::Prng;
use crate::record::{Level, LogRecord};
use crate::time::{LogTime, micros, millis, seconds};
use crate::world::{Host, Vm};

/// How the open of one disk ends when a VM is powered on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskOutcome {
    /// It opens.
    Opens,
    /// DiskLib cannot unwrap its key; the power-on ends here.
    WrongKey,
}

/// The text of a failed open, as DiskLib prints it.
pub(crate) const WRONG_KEY: &str = "Cannot decrypt disk because key or password is incorrect";

/// Writes the records of one VMX, a few dozen microseconds apart.
struct Voice {
    at: LogTime,
    rng: Prng,
    out: Vec<LogRecord>,
}

impl Voice {
    fn say_from(&mut self, thread: &str, level: Level, text: &str) {
        self.at = self.at + micros(i64::try_from(self.rng.between(20, 900)).unwrap_or(20));
        self.out.push(LogRecord::new(self.at, thread, text).level(level));
    }

    fn say(&mut self, text: &str) {
        self.say_from("vmx", Level::Info, text);
    }

    fn dict(&mut self, key: &str, value: &str) {
        self.say(&format!("DICT {key:>25} = \"{value}\""));
    }
}

/// The records of a power-on, from the header to the running guest or to the disk that does not open.
///
/// The header is stamped later than the lines after it, as in every real file: keep the order.
pub(crate) fn power_on(vm: &Vm, host: &Host, start: LogTime, seed: u64, outcomes: &[DiskOutcome]) -> Vec<LogRecord> {
    // Each power-on is another process with other numbers.
    let rng = Prng::named(seed ^ u64::try_from(start.as_micros()).unwrap_or(0), "power-on");
    let mut voice = Voice { at: start, rng, out: Vec::new() };
    header(&mut voice, host);
    environment(&mut voice, vm, host);
    cpuid(&mut voice);
    configuration(&mut voice, vm);
    devices(&mut voice, vm, host.generation.build());
    if open_disks(&mut voice, vm, outcomes) {
        running(&mut voice, vm);
    } else {
        refused(&mut voice);
    }
    voice.out
}

fn header(voice: &mut Voice, host: &Host) {
    let generation = host.generation;
    let (version, build) = (generation.version(), generation.build());
    let pid = voice.rng.between(2_100_000, 2_199_999);
    let begun = voice.at;
    voice.at = begun + millis(38);
    voice.say(&format!("Log for VMware ESX pid={pid} version={version} build=build-{build} option=Release"));
    let stamp = voice.at;
    for text in [
        "The host is x86_64.",
        "Host codepage=UTF-8 encoding=UTF-8",
        &format!("Host is VMkernel {version}"),
        "Host offset from UTC is 00:00.",
    ] {
        voice.out.push(LogRecord::new(stamp, "vmx", text));
    }
    // From here on the stamps are those of the moments at which the lines were made.
    voice.at = begun;
    voice.say("VTHREAD 281474976710655 \"vmx\"");
    voice.say("LOCALE UTF-8 -> NULL");
    voice.say("Msg_SetLocaleEx: HostLocale=UTF-8 UserLocale=NULL");
}

fn environment(voice: &mut Voice, vm: &Vm, host: &Host) {
    let generation = host.generation;
    let missing = "DictionaryLoad: Cannot open file \"/usr/lib/vmware/config\": No such file or directory.";
    for text in [
        missing,
        "Msg_Reset:",
        "[msg.dictionary.load.openFailed] Cannot open file \"/usr/lib/vmware/config\": No such file or directory.",
        "----------------------------------------",
        "ConfigDB: Failed to load /usr/lib/vmware/config",
        "OBJLIB-LIB: Objlib initialized.",
        "lib/ssl: OpenSSL using FIPS_drbg for RAND",
        "lib/ssl: protocol list tls1.2",
        "lib/ssl: cipher list ECDHE+AESGCM:RSA+AESGCM:ECDHE+AES:RSA+AES",
    ] {
        voice.say(text);
    }
    voice.say(&format!("Hostname={}", host.name));
    voice.say("IP=127.0.0.1 (lo0)");
    voice.say(&format!("IP={} (vmk0)", host.address));
    let uptime = voice.rng.between(86_400, 9_000_000);
    voice.say(&format!("System uptime {uptime}417118 us"));
    voice.say(&format!(
        "Command line: \"/bin/vmx\" \"-s\" \"sched.group=host/user/pool1\" \"-#\" \"product=2;name=VMware ESX;version={};buildnumber={};licensename=VMware ESX Server;licenseversion=8.0\" \"-@\" \"duplex=3;msgs=ui\" \"{}\"",
        generation.version(),
        generation.build(),
        vm.vmx()
    ));
    for text in [
        "WQPoolAllocPoll : pollIx = 1, signalHandle = 10",
        "WQPoolAllocPoll : pollIx = 2, signalHandle = 12",
        "VigorTransport listening on fd 14",
        "Vigor_Init 1",
        "VMXVmdb: Local connection timeout: 60000 ms.",
        "Vix: [mainDispatch.c:478]: VMAutomation: Initializing VMAutomation.",
        "Vix: [mainDispatch.c:4210]: VMAutomation_ReportPowerOpFinished: statevar=0, newAppState=1870, success=1 additionalError=0",
        "Transitioned vmx/execState/val to poweredOff",
    ] {
        voice.say(text);
    }
}

fn cpuid(voice: &mut Voice) {
    for level in 0..=22_u32 {
        let words: Vec<String> = (0..4).map(|_| format!("0x{}", voice.rng.hex(8))).collect();
        voice.say(&format!("hostCPUID level {level:08x}, 0: {}", words.join(" ")));
    }
    for (name, bits) in [("sse3", 1), ("pclmulqdq", 1), ("ssse3", 1), ("fma", 1), ("aes", 1), ("avx2", 1), ("bmi1", 1)]
    {
        voice.say(&format!("Capability Found: cpuid.{name} = 0x{bits}"));
        voice.say(&format!("VM Features Required: cpuid.{name} - Bool:Min:1"));
    }
    for register in ["3a", "480", "481", "482", "483", "48b", "491", "ce", "10a"] {
        let value = voice.rng.hex(12);
        voice.say(&format!("Common: MSR      0x{register} = {:>20}", format!("0x{value}")));
    }
}

fn configuration(voice: &mut Voice, vm: &Vm) {
    voice.say("DICT --- GLOBAL SETTINGS /usr/lib/vmware/settings");
    voice.say("DICT --- NON PERSISTENT (null)");
    voice.say("DICT --- HOST DEFAULTS /etc/vmware/config");
    voice.dict("libdir", "/usr/lib/vmware");
    voice.dict("authd.proxy.nfc", "vmware-hostd:ha-nfc");
    voice.dict("authd.fullpath", "/sbin/authd");
    voice.say("DICT --- SITE DEFAULTS /usr/lib/vmware/config");
    voice.say("DICT --- NONPERSISTENT");
    voice.say(&format!("DICT --- CONFIGURATION {} ", vm.vmx()));
    for (key, value) in [
        (".encoding", "UTF-8"),
        ("config.version", "8"),
        ("virtualHW.version", "19"),
        ("firmware", "efi"),
        ("vmci0.present", "TRUE"),
        ("svga.present", "TRUE"),
        ("pciBridge0.present", "TRUE"),
        ("pciBridge4.present", "TRUE"),
        ("pciBridge4.virtualDev", "pcieRootPort"),
        ("pciBridge4.functions", "8"),
        ("hpet0.present", "TRUE"),
        ("floppy0.present", "FALSE"),
        ("powerType.powerOff", "default"),
        ("powerType.reset", "default"),
        ("tools.syncTime", "FALSE"),
        ("tools.upgrade.policy", "manual"),
        ("sched.cpu.units", "mhz"),
        ("sched.cpu.affinity", "all"),
        ("scsi0.virtualDev", "pvscsi"),
        ("scsi0.present", "TRUE"),
        ("ethernet0.virtualDev", "vmxnet3"),
        ("ethernet0.addressType", "vpx"),
        ("ethernet0.present", "TRUE"),
    ] {
        voice.dict(key, value);
    }
    voice.dict("nvram", &format!("{}.nvram", vm.name));
    voice.dict("displayName", &vm.name);
    voice.dict("guestOS", vm.guest);
    voice.dict("numvcpus", &vm.cpus.to_string());
    voice.dict("memSize", &vm.memory.to_string());
    voice.dict("uuid.bios", &vm.uuid);
    voice.dict("vc.uuid", &vm.instance_uuid);
    if !vm.annotation.is_empty() {
        // The `.vmx` writes a quotation mark as |22 and a line break as |0A.
        voice.dict("annotation", &vm.annotation.replace('"', "|22").replace('\n', "|0A"));
    }
    for (unit, disk) in vm.disks.iter().enumerate() {
        voice.dict(&format!("scsi0:{unit}.deviceType"), "scsi-hardDisk");
        voice.dict(&format!("scsi0:{unit}.fileName"), &disk.file);
        voice.dict(&format!("scsi0:{unit}.present"), "TRUE");
    }
    if vm.encrypted {
        // What unlocks the VM is never printed.
        voice.say("DICT         encryption.bundle = <not printed>");
        voice.dict("migrate.encryptionMode", "opportunistic");
    }
    for (key, value) in [
        ("vmotion.checkpointFBSize", "4194304"),
        ("monitor.phys_bits_used", "45"),
        ("cleanShutdown", "FALSE"),
        ("softPowerOff", "FALSE"),
    ] {
        voice.dict(key, value);
    }
    voice.say("DICT --- USER DEFAULTS ~/.vmware/config");
}

fn devices(voice: &mut Voice, vm: &Vm, build: &str) {
    let guest = vm.guest;
    let iso = if guest.starts_with("windows") { "windows.iso" } else { "linux.iso" };
    for text in [
        &format!("ToolsISO: Refreshing imageName for '{guest}' (refreshCount=1, lastCount=1).") as &str,
        &format!("ToolsISO: Selected Tools ISO '{iso}' for '{guest}' guest."),
        "PowerOn",
        &format!("VMX_PowerOn: VMX build {build}, UI build {build}"),
        &format!("Powering on guestOS '{guest}' using the configuration for '{guest}'."),
        "VMMEM: Initial Reservation: 112MB (MainMem=4096MB)",
        "MStat: Creating Stat vm.uptime",
        "MStat: Creating Stat vm.suspendTime",
        "MStat: Creating Stat vm.powerOnTimeStamp",
        "MainMem: CPT Host WZ=0 PF=4096 D=0",
        "TimeTracker host to guest rate conversion 97183920 @ 1000000Hz -> 0 @ 1000000Hz",
        "TSC offsetting enabled.",
        "MKS PowerOn",
        "Chipset version: 0x17",
        "SCSI0: UNTAGGED commands will be converted to ORDER tags.",
    ] {
        voice.say(text);
    }
    for bridge in 4..8 {
        voice.say_from(
            "vmx",
            Level::Audit,
            &format!("ConfigDB: Setting pciBridge{bridge}.pciSlotNumber = \"{}\"", 17 + bridge),
        );
    }
    voice.say_from("mks", Level::Info, "MKS thread is alive");
    voice.say_from("svga", Level::Info, "SVGA thread is alive");
}

/// Opens the disks in their order; false when one of them does not open.
fn open_disks(voice: &mut Voice, vm: &Vm, outcomes: &[DiskOutcome]) -> bool {
    let vsan = vm.folder.contains("vsan:");
    let kind = if vsan { "vsan" } else { "vmfs" };
    for (unit, disk) in vm.disks.iter().enumerate() {
        let path = vm.disk(unit);
        voice.at = voice.at + millis(4);
        voice.say(&format!("DISK: OPEN scsi0:{unit} '{path}' persistent R[]"));
        if outcomes.get(unit) == Some(&DiskOutcome::WrongKey) {
            // The number is a stand-in: none is public beside this text.
            voice.at = voice.at + millis(41);
            for text in [
                format!("DISKLIB-LINK  : \"{path}\" : failed to open ({WRONG_KEY})."),
                format!("DISKLIB-CHAIN : \"{path}\" : failed to open ({WRONG_KEY})."),
                format!("DISKLIB-LIB   : Failed to open '{path}' with flags 0xa {WRONG_KEY} (16061)."),
                format!("DISK: Cannot open disk \"{path}\": {WRONG_KEY} (16061)."),
                "DISK: Opening disks took 96 ms.".to_owned(),
                "Module 'Disk' power on failed.".to_owned(),
                "VMX_PowerOn: ModuleTable_PowerOn = 0".to_owned(),
                "Msg_Post: Error".to_owned(),
                format!("[msg.literal] {WRONG_KEY}"),
                format!(
                    "[msg.disk.noBackEnd] Cannot open the disk '{path}' or one of the snapshot disks it depends on."
                ),
                "[msg.moduletable.powerOnFailed] Module 'Disk' power on failed.".to_owned(),
                "[msg.vmx.poweron.failed] Failed to start the virtual machine.".to_owned(),
                "----------------------------------------".to_owned(),
            ] {
                voice.say(&text);
            }
            return false;
        }
        let sectors = disk.gib * 2_097_152;
        let (handle, hex) = (voice.rng.between(1_000_000, 9_000_000), voice.rng.hex(14));
        let uuid: Vec<String> = (0..7).map(|_| voice.rng.hex(2)).collect();
        if vsan {
            voice.say(&format!("OBJLIB-LIB: ObjLib_Open: Opened object 'vsan://{hex}' for '{path}'."));
        } else {
            let flat = path.replace(".vmdk", "-flat.vmdk");
            voice.say(&format!(
                "DISKLIB-VMFS  : \"{flat}\" : open successful (10) size = {}, hd = {handle}. Type 3",
                sectors * 512
            ));
        }
        voice.say(&format!("DISKLIB-DSCPTR: Opened [0]: \"{}\" (0xa)", disk.file));
        voice.say(&format!("DISKLIB-LINK  : Opened '{path}' (0xa): {kind}, {sectors} sectors / {} GB.", disk.gib));
        voice.say(&format!("DISKLIB-LIB   : Opened \"{path}\" (flags 0xa, type {kind})."));
        voice.say(&format!("DISK: Disk '{path}' has UUID '60 00 c2 9{unit} {}'", uuid.join(" ")));
        voice.say(&format!("DISK: OPEN '{path}' Geo ({}/255/63) BIOS Geo (0/0/0)", disk.gib * 130));
    }
    voice.say("DISK: Opening disks took 58 ms.");
    true
}

/// After the disks are open: the guest starts and Tools come up.
fn running(voice: &mut Voice, vm: &Vm) {
    for (unit, disk) in vm.disks.iter().enumerate() {
        voice.say(&format!("SCSI DEVICE (scsi0:{unit}): Computed value of scsi0:{unit}.useBounceBuffers: default"));
        let sectors = disk.gib * 2_097_152;
        voice.say(&format!("DISKUTIL: scsi0:{unit} : capacity={sectors} logical sector size=512"));
        voice.say(&format!("Creating virtual dev for 'scsi0:{unit}'."));
    }
    overhead(voice.at, &mut voice.rng, &mut voice.out);
    for text in [
        "VMMEM: Precise Reservation: 121MB (MainMem=4096MB)",
        "VMXSTATS: Registering 35 stats: vmx.numTimesOnDiskFormatBlocked",
        "Tools: sending 'OS_PowerOn' (state = 3) state change request",
        "Tools: Delaying state change request to state 3.",
        "VMX_PowerOn: ModuleTable_PowerOn = 1",
        "Vix: [mainDispatch.c:4210]: VMAutomation_ReportPowerOpFinished: statevar=0, newAppState=1872, success=1 additionalError=0",
    ] {
        voice.say(text);
    }
    voice.say_from("vcpu-0", Level::Info, &state_change(0));
    voice.say_from("vcpu-0", Level::Info, "Transitioned vmx/execState/val to poweredOn");
    voice.say_from("vcpu-0", Level::Info, "APIC: version = 0x15, max LVT = 6, LDR = 0x1, DFR = 0xffffffff");
    for wait in [900, 2400, 5200, 9000, 14_000] {
        voice.at = voice.at + millis(wait);
        let text = match wait {
            900 => "CPU reset: soft (mode Emulation)",
            2400 => "SVGA: FIFO is already mapped",
            5200 => {
                "VMXNET3 user: Ethernet0 Driver Info: version = 17175552 gosBits = 2 gosType = 1, gosVer = 0, gosMisc = 0"
            }
            9000 => "GuestRpc: Got RPCI vsocket connection 1, assigned to channel 0.",
            _ => "TOOLS: appName=toolbox, oldStatus=0, status=1, guestInitiated=0.",
        };
        voice.say_from("vcpu-0", Level::Info, text);
    }
    voice.say_from("vcpu-0", Level::Info, "Tools: Running status rpc handler: 0 => 1.");
    voice.say_from("vcpu-0", Level::Info, "Tools: Changing running status: 0 => 1.");
    voice.say_from("vcpu-0", Level::Info, "Tools: [RunningStatus] Last heartbeat value 1 (last received 0s ago)");
}

/// What the automation interface reports: 0 is a power-on, 1 a power-off.
fn state_change(opcode: u8) -> String {
    format!(
        "Vix: [mainDispatch.c:4122]: VMAutomationReportPowerStateChange: Reporting power state change (opcode={opcode}, err=0)."
    )
}

/// After a disk did not open: the VMX gives up.
fn refused(voice: &mut Voice) {
    for text in [
        "Vix: [mainDispatch.c:4210]: VMAutomation_ReportPowerOpFinished: statevar=0, newAppState=1870, success=0 additionalError=3",
        "Transitioned vmx/execState/val to poweredOff",
        "VMX idle exit",
        "WQPoolFreePoll : pollIx = 2, signalHandle = 12",
        "Vix: [mainDispatch.c:819]: VMAutomation_LateShutdown()",
        "Flushing VMX VMDB connections",
        "VigorTransport_ServerCloseClient: Closing transport 1 (err = 0)",
        "VMX exit (0).",
        "AIOMGR-S : stat o=5 r=12 w=0 i=0 br=196608 bw=0",
        "OBJLIB-LIB: ObjLib cleanup done.",
        "VMX has left the building: 0.",
    ] {
        voice.at = voice.at + millis(3);
        voice.say(text);
    }
}

/// The records of an orderly or forced power-off.
pub(crate) fn power_off(start: LogTime, seed: u64) -> Vec<LogRecord> {
    let mut voice = Voice { at: start, rng: Prng::named(seed, "power-off"), out: Vec::new() };
    voice.say("Stopping VCPU threads...");
    voice.say_from("svga", Level::Info, "SVGA thread is exiting");
    voice.say_from("mks", Level::Info, "MKS thread is exiting");
    voice.say("MKS PowerOff");
    voice.say("DISKLIB-LIB   : numIOs = 240117 numMergedIOs = 18113 numSplitIOs = 2911");
    voice.say("Tools: ToolsRunningStatus_Exit, delayedRequest is 0x0");
    voice.say_from("vmx", Level::Audit, "ConfigDB: Setting cleanShutdown = \"TRUE\"");
    voice.say_from("vmx", Level::Audit, "ConfigDB: Setting softPowerOff = \"FALSE\"");
    voice.say(&state_change(1));
    voice.say("Transitioned vmx/execState/val to poweredOff");
    voice.say("VMX idle exit");
    voice.say("Vix: [mainDispatch.c:819]: VMAutomation_LateShutdown()");
    voice.say("VMX exit (0).");
    voice.say("OBJLIB-LIB: ObjLib cleanup done.");
    voice.say("VMX has left the building: 0.");
    voice.out
}

/// A table of memory overheads: empty first lines, the text in the continuation.
fn overhead(at: LogTime, rng: &mut Prng, out: &mut Vec<LogRecord>) {
    const ROWS: [&str; 8] = [
        "OvhdUser_VmxText",
        "OvhdUser_VmxTextLibs",
        "OvhdUser_VmxGlobals",
        "OvhdUser_SvgaSurfaceTable",
        "OvhdUser_DiskLibMemUsed",
        "OvhdMon_VHV",
        "OvhdMon_TC",
        "OvhdUser_MonWired",
    ];
    out.push(LogRecord::new(at, "vmx", "OvhdMem: Static (Power On) Overheads"));
    out.push(LogRecord::new(
        at,
        "vmx",
        "\n                                                       reserved      |          used\nOvhdMem excluded                                  cur    max    avg |    cur    max    avg",
    ));
    for row in ROWS {
        let (reserved, used) = (rng.between(1, 90_000), rng.between(0, 900));
        out.push(LogRecord::new(
            at,
            "vmx",
            format!("OvhdMem {row:<36}: {reserved:>7} {reserved:>6}      - | {used:>6} {used:>6}      -"),
        ));
    }
}

/// The number of the last heartbeat at a moment.
pub(crate) fn heartbeat(powered_on: LogTime, now: LogTime) -> i64 {
    (now - powered_on) / seconds(1) - 31
}

/// The endless chatter of a running VM.
#[derive(Debug, Clone)]
pub(crate) struct VmwareNoise {
    mill: Mill,
    vm: Vm,
    /// Tools send a heartbeat each second from then on.
    powered_on: LogTime,
    channel: u64,
    sequence: u64,
}

type Motif = fn(&mut VmwareNoise);

const MOTIFS: &[(u64, Motif)] = &[
    (10, VmwareNoise::remote_console),
    (9, VmwareNoise::guest_rpc),
    (8, VmwareNoise::guest_operations),
    (7, VmwareNoise::running_status),
    (6, VmwareNoise::cdrom),
    (6, VmwareNoise::screen),
    (4, VmwareNoise::bridges),
    (3, VmwareNoise::disk_statistics),
    (2, VmwareNoise::time_tracker),
    (2, VmwareNoise::cdrom_question),
    (1, VmwareNoise::memory_overhead),
    (1, VmwareNoise::config_audit),
];

impl VmwareNoise {
    pub(crate) fn new(vm: &Vm, mut rng: Prng, powered_on: LogTime, start: LogTime, mean_gap: i64) -> Self {
        let sequence = rng.between(100, 9000);
        Self { mill: Mill::new(rng, start, mean_gap), vm: vm.clone(), powered_on, channel: 1, sequence }
    }

    fn say(&mut self, after: i64, thread: &str, text: &str) {
        let record = LogRecord::new(self.mill.now + after, thread, text);
        self.mill.say(record);
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += self.mill.rng.between(1, 40);
        self.sequence
    }

    fn remote_console(&mut self) {
        let (op_id, sequence) = (self.mill.rng.hex(8), self.next_sequence());
        let ticket = self.mill.rng.hex(6);
        self.say(
            0,
            "vmx",
            &format!(
                "VigorTransportProcessClientPayload: opID={op_id} seq={sequence}: Receiving MKS.IssueTicket request."
            ),
        );
        let record = LogRecord::new(
            self.mill.now + micros(700),
            "vmx",
            format!("Issuing new webmks ticket {ticket}... (120 seconds)"),
        )
        .op_id(&op_id);
        self.mill.say(record);
        self.say(
            micros(900),
            "vmx",
            &format!(
                "VigorTransport_ServerSendResponse opID={op_id} seq={sequence}: Completed MKS request with messages."
            ),
        );
        let socket = self.mill.rng.between(5, 60);
        self.say(millis(1400), "mks", &format!("Accepting connection for webmks ticket {ticket}..."));
        self.say(millis(1401), "mks", &format!("SOCKET {socket} (131) Creating VNC remote connection."));
        self.say(millis(1402), "svga", "MVNCEncode: Number of screens changed from 0 to 1");
    }

    fn guest_rpc(&mut self) {
        self.channel += 1;
        let (channel, connection) = (self.channel % 8, self.channel * 3);
        self.say(
            0,
            "vcpu-0",
            &format!("GuestRpc: Got RPCI vsocket connection {connection}, assigned to channel {channel}."),
        );
        self.say(millis(40), "vmx", &format!("GuestRpc: Closing channel {channel} connection {connection}"));
    }

    fn guest_operations(&mut self) {
        let (op_id, sequence) = (self.mill.rng.hex(8), self.next_sequence());
        let request = self.mill.rng.pick(&["ListProcesses", "ReadEnvironment", "ListFiles", "ValidateCredentials"]);
        self.say(
            0,
            "vmx",
            &format!(
                "VigorTransportProcessClientPayload: opID={op_id} seq={sequence}: Receiving GuestOps.{request} request."
            ),
        );
        self.say(
            millis(12),
            "vcpu-1",
            &format!("VigorTransport_ServerSendResponse opID={op_id} seq={sequence}: Completed GuestOps request."),
        );
    }

    fn running_status(&mut self) {
        let value = heartbeat(self.powered_on, self.mill.now);
        self.say(0, "vcpu-0", &format!("Tools: [AppStatus] Last heartbeat value {value} (last received 0s ago)"));
        self.say(micros(40), "vcpu-0", "TOOLS: appName=toolbox, oldStatus=1, status=1, guestInitiated=0.");
        self.say(
            micros(90),
            "vcpu-0",
            &format!("Tools: [RunningStatus] Last heartbeat value {value} (last received 0s ago)"),
        );
    }

    fn cdrom(&mut self) {
        self.say(0, "vcpu-0", "CDROM: Emulate GET CONFIGURATION RT 1 starting feature 0");
        self.say(micros(30), "vcpu-0", "CDROM sata0:0: CMD 0x46 (GET CONFIGURATION) FAILED (key 0x5 asc 0x24 ascq 0)");
    }

    fn screen(&mut self) {
        let (width, height) = *self.mill.rng.choose(&[(1024, 768), (1280, 800), (1920, 1080)]).unwrap_or(&(1024, 768));
        self.say(0, "svga", &format!("SWBScreen: Screen 0 Destroyed: xywh(0, 0, {width}, {height}) flags=0x3"));
        self.say(millis(2), "svga", &format!("SWBScreen: Screen 0 Defined: xywh(0, 0, {width}, {height}) flags=0x3"));
    }

    fn bridges(&mut self) {
        for function in 0..4 {
            self.say(
                micros(function * 20),
                "vcpu-0",
                &format!("pciBridge4:{function}: ISA/VGA decoding enabled (ctrl 0004)"),
            );
        }
    }

    fn disk_statistics(&mut self) {
        let unit = self.mill.rng.below(u64::try_from(self.vm.disks.len()).unwrap_or(1));
        let took = self.mill.rng.between(1, 3);
        let rest = self.mill.rng.between(0, 999);
        self.say(0, "vmx", &format!("scsi0:{unit}: Command WRITE(10) took {took}.{rest:03} seconds (ok)"));
    }

    fn time_tracker(&mut self) {
        let count = self.mill.rng.between(1_000_000_000, 9_000_000_000);
        self.say(
            0,
            "vcpu-0",
            &format!("TimeTracker host to guest rate conversion {count} @ 2594000000Hz -> 0 @ 2594000000Hz"),
        );
        self.say(micros(10), "vcpu-0", "TimeTracker host to guest rate conversion ((x * 2147483648) >> 31) + -0");
    }

    fn cdrom_question(&mut self) {
        self.say(0, "vmx", "Msg_Question:");
        self.say(
            micros(5),
            "vmx",
            "[msg.cdromdisconnect.locked] The guest operating system has locked the CD-ROM door and is probably using the CD-ROM, which can prevent the guest from recognizing media changes.\nIf possible, eject the CD-ROM from inside the guest before disconnecting.\n\nDisconnect anyway and override the lock?",
        );
        self.say(micros(6), "vmx", "----------------------------------------");
        self.say(seconds(4), "vmx", "MsgQuestion: msg.cdromdisconnect.locked reply=1");
    }

    fn memory_overhead(&mut self) {
        let mut rows = Vec::new();
        overhead(self.mill.now, &mut self.mill.rng, &mut rows);
        for row in rows {
            self.mill.say(row);
        }
    }

    fn config_audit(&mut self) {
        let value = self.mill.rng.between(1, 9);
        let record = LogRecord::new(
            self.mill.now,
            "vmx",
            format!("ConfigDB: Setting toolsInstallManager.updateCounter = \"{value}\""),
        )
        .level(Level::Audit);
        self.mill.say(record);
    }
}

impl Iterator for VmwareNoise {
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
