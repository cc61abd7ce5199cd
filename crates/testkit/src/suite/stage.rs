use super::pack::{Place, folder, pack};
use super::{Setting, Tale};
use crate::dialect::Dialect;
use crate::gz;
use crate::noise::{FdmNoise, power_off};
use crate::prng::Prng;
use crate::record::{Level, LogRecord};
use crate::scenario::{
    FixtureFile, Generated, HostClock, Planted, Rekey, Sheet, Story, annotation, guest_lines, named_vm, turn_clock,
    user_event,
};
use crate::time::{LogTime, micros, millis, seconds};
use crate::world::{Generation, Key, Vm, datastore_uuid, vsan_volume};

/// The provider that keys are to come from.
pub(super) const TARGET: &str = "KMS-EXT";

/// Seconds of noise before the begin of a tale, and after it.
const BEFORE: i64 = 1500;
const AFTER: i64 = 2400;
/// Seconds after the begin at which a repair begins.
const REPAIR: i64 = 4800;

/// Hosts, a vCenter and their logs, on which a tale is told.
pub(crate) struct Stage {
    setting: Setting,
    pub(super) generation: Generation,
    hosts: Vec<Story>,
    vcenter: Sheet,
    files: Vec<(Place, String, Sheet)>,
    /// VMs whose re-key failed, for a repair.
    failed: Vec<Failed>,
    /// VMs with a log, for what users write.
    logged: Vec<(usize, Vm)>,
    /// Which services' logs are left out, and the moment at which a host's log was rotated.
    missing: Vec<Place>,
    rotated: Option<(usize, LogTime)>,
    /// Stretches in which a host logs nothing.
    silent: Vec<(usize, LogTime, LogTime)>,
    clock: Option<HostClock>,
}

struct Failed {
    host: usize,
    vm: Vm,
    old: Key,
    new: Key,
    off: bool,
}

impl Stage {
    pub(super) fn new(tale: &Tale, setting: &Setting) -> Self {
        let generation = setting.generation.unwrap_or(tale.generation);
        let hosts = (0..tale.hosts)
            .map(|number| Story::told(setting.seed, &format!("{}-{number}", tale.name), generation, 7 + number))
            .collect();
        Self {
            setting: setting.clone(),
            generation,
            hosts,
            vcenter: Sheet::new("vpxd.log", generation.vpxd()),
            files: Vec::new(),
            failed: Vec::new(),
            logged: Vec::new(),
            missing: Vec::new(),
            rotated: None,
            silent: Vec::new(),
            clock: None,
        }
    }

    /// A moment of the tale, in milliseconds from its begin.
    pub(super) fn at(&self, after: i64) -> LogTime {
        LogTime::civil(2024, 3, 12, 15, 14, 2) + millis(317 + after) + self.setting.shift
    }

    pub(super) fn story(&mut self, host: usize) -> &mut Story {
        let last = self.hosts.len().saturating_sub(1);
        #[expect(clippy::indexing_slicing, reason = "a tale has at least one host, and names those that it has")]
        &mut self.hosts[host.min(last)]
    }

    /// An encrypted VM with so many disks.
    pub(super) fn vm(&mut self, host: usize, base: &str, vmid: u32, disks: usize) -> Vm {
        const SUFFIXES: [&str; 4] = ["", "_1", "_2", "_3"];
        let name = self.setting.naming.of(base);
        let suffixes = SUFFIXES.get(..disks).unwrap_or(&SUFFIXES);
        let quotes = self.setting.quotes;
        let rng = &mut self.story(host).rng;
        let volume =
            if vmid.is_multiple_of(2) { vsan_volume(rng) } else { format!("/vmfs/volumes/{}", datastore_uuid(rng)) };
        let mut vm = Vm::new(&name, vmid, 1000 + vmid, &volume, suffixes, rng).encrypted();
        if quotes {
            let disk = vm.disk(0);
            vm.annotation = format!(
                "Ticket 4711, from the other site:\nDISKLIB-LINK  : \"{disk}\" : failed to open ({}).\n-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>",
                crate::noise::WRONG_KEY
            );
        }
        vm
    }

    /// The old key of a VM, and a new one.
    pub(super) fn keys(&mut self, host: usize) -> (Key, Key) {
        let provider = self.generation.old_provider();
        let rng = &mut self.story(host).rng;
        (Key::of(provider, rng), Key::of(TARGET, rng))
    }

    /// A shallow re-key that reaches the host.
    pub(super) fn rekey(&mut self, host: usize, vm: &Vm, after: i64) -> Rekey {
        let rekey = self.asked(host, vm, after);
        let at = self.at(after);
        self.story(host).rekey_on_host(at, vm, &rekey);
        rekey
    }

    /// A shallow re-key of which only vCenter knows.
    pub(super) fn asked(&mut self, host: usize, vm: &Vm, after: i64) -> Rekey {
        let (old, new) = self.keys(host);
        let at = self.at(after);
        self.story(host).rekey_asked(at, vm, &old, &new)
    }

    /// A re-key that ends well.
    pub(super) fn success(&mut self, host: usize, vm: &Vm, after: i64) {
        let rekey = self.rekey(host, vm, after);
        let at = self.at(after + 2900);
        self.story(host).rekey_done(at, vm, &rekey);
    }

    /// Remembers a VM whose re-key failed.
    pub(super) fn failure(&mut self, host: usize, vm: &Vm, rekey: &Rekey, off: bool) {
        let (old, new) = (rekey.old.clone(), rekey.new.clone());
        self.failed.push(Failed { host, vm: vm.clone(), old, new, off });
    }

    /// A re-key ends with an error of which nothing is known.
    pub(super) fn fails(&mut self, host: usize, vm: &Vm, rekey: &Rekey, after: i64) {
        let at = self.at(after);
        self.story(host).rekey_failed(at, vm, rekey, "vix error codes = (1, 0).");
    }

    /// A host refuses a re-key with a fault, given as its dump; vCenter passes it on.
    pub(super) fn refused(&mut self, host: usize, vm: &Vm, rekey: &Rekey, after: i64, role: &'static str, fault: &str) {
        let at = self.at(after);
        let story = self.story(host);
        story.transition(at - millis(2), rekey, vm, "RECONFIGURING", "ON");
        let record = story.in_rekey(at, rekey, "Solo.Vmomi", &format!("Result:\n{fault}"));
        story.hostd.plant(role, record);
        let record = story.in_rekey(
            at + millis(1),
            rekey,
            "Vimsvc.TaskManager",
            &format!("Task Completed : {} Status error", rekey.host_task),
        );
        story.hostd.plant("rekey-error", record);
        story.rekey_failed_in_vcenter(at, vm, rekey, role, fault);
    }

    /// vCenter ends a re-key with a fault before any host heard of it.
    pub(super) fn refused_in_vcenter(
        &mut self,
        host: usize,
        vm: &Vm,
        rekey: &Rekey,
        after: i64,
        role: &'static str,
        fault: &str,
    ) {
        let at = self.at(after);
        self.story(host).rekey_failed_in_vcenter(at, vm, rekey, role, fault);
    }

    /// An event that vCenter posts, of a VM or of nothing but a host.
    pub(super) fn event(&mut self, host: usize, vm: Option<(&Vm, &Rekey)>, after: i64, role: &'static str, id: &str) {
        let about_vm = vm.map_or_else(String::new, |(vm, _)| {
            format!(
                "   vm = (vim.event.VmEventArgument) {{\n      name = \"{}\", \n      vm = 'vim.VirtualMachine:{}'\n   }}, \n",
                vm.name, vm.moref
            )
        });
        self.post(host, vm.map(|it| it.1), after, role, &about_vm, id);
    }

    /// The same outside of any operation.
    pub(super) fn event_of(&mut self, host: usize, vm: &Vm, after: i64, role: &'static str, id: &str) {
        let about_vm = format!(
            "   vm = (vim.event.VmEventArgument) {{\n      name = \"{}\", \n      vm = 'vim.VirtualMachine:{}'\n   }}, \n",
            vm.name, vm.moref
        );
        self.post(host, None, after, role, &about_vm, id);
    }

    fn post(&mut self, host: usize, rekey: Option<&Rekey>, after: i64, role: &'static str, about_vm: &str, id: &str) {
        let at = self.at(after);
        let story = self.story(host);
        let key = story.next_event();
        let text = format!(
            "Posted\n(vim.event.EventEx) {{\n   key = {key}, \n   chainId = {key}, \n   host = (vim.event.HostEventArgument) {{\n      name = \"{}\", \n      host = 'vim.HostSystem:{}'\n   }}, \n{about_vm}   eventTypeId = \"{id}\", \n   severity = \"error\"\n}}",
            story.host.name, story.host.moref
        );
        let mut record = LogRecord::new(at, "EventManagerMO", &text).thread_id(4407);
        if let Some(rekey) = rekey {
            record = record.op_id(&rekey.vcenter_op);
        }
        self.vcenter.plant(role, record);
    }

    /// A line of vCenter in a re-key.
    pub(super) fn vcenter_line(&mut self, host: usize, rekey: &Rekey, after: i64, role: &'static str, text: &str) {
        let at = self.at(after);
        let record = self.story(host).in_vcenter(at, rekey, text).level(Level::Error);
        self.vcenter.plant(role, record);
    }

    /// A line of vCenter that belongs to no operation.
    pub(super) fn vcenter_says(&mut self, after: i64, role: &'static str, sub: &str, text: &str) {
        let record = LogRecord::new(self.at(after), sub, text).thread_id(4421).level(Level::Error);
        self.vcenter.plant(role, record);
    }

    /// The log of a VM that runs from the day before until a moment; `off` for one whose process ends there.
    pub(super) fn ran(&mut self, host: usize, vm: &Vm, until: i64, off: bool) {
        let (on, until) = (self.at(-86_400_000), self.at(until));
        let seed = self.setting.seed;
        let mut sheet = self.story(host).running_vm("vmware.log", vm, on, until, 1500);
        if off {
            for record in power_off(until, seed) {
                sheet.say(record);
            }
        }
        self.vm_log(host, vm, sheet);
    }

    /// The next log of a VM.
    pub(super) fn vm_log(&mut self, host: usize, vm: &Vm, mut sheet: Sheet) {
        if self.setting.quotes && !self.logged.iter().any(|it| it.1.name == vm.name) {
            guest_lines(&mut sheet, self.at(-900_000), vm);
            self.logged.push((host, vm.clone()));
        }
        let place = Place::Vm { name: vm.name.clone(), folder: vm.folder.clone() };
        self.files.push((place, String::new(), sheet));
    }

    /// Another log of a host.
    pub(super) fn host_log(&mut self, host: usize, file: &str, sheet: Sheet) {
        self.files.push((Place::Host(host), file.to_owned(), sheet));
    }

    /// The log of an HA agent, with a few lines of the tale.
    pub(super) fn fdm(&mut self, host: usize, lines: &[(i64, &'static str, String)]) {
        let (start, end) = (self.at(-BEFORE * 1000), self.at(AFTER * 1000));
        let (seed, noise) = (self.setting.seed, self.setting.noise / 2);
        let story = self.story(host);
        let (agent, dialect) = (story.host.clone(), story.generation.fdm());
        let mut sheet = Sheet::new("fdm.log", dialect);
        sheet.fill(start, end, noise, micros(1), |from, gap| {
            FdmNoise::new(&agent, Prng::named(seed, "fdm-noise"), from, gap)
        });
        for (after, role, text) in lines {
            let sub = if text.contains("failover start") { "Placement" } else { "Invt" };
            sheet.plant(role, LogRecord::new(self.at(*after), sub, text).thread_id(2_103_004));
        }
        self.host_log(host, "fdm.log", sheet);
    }

    /// A line of a log that has no dialect here, such as `vmksummary.log`.
    pub(super) fn raw_log(&mut self, host: usize, file: &str, after: i64, role: &'static str, text: &str) {
        let mut sheet = Sheet::new(file, Dialect::HostdH8);
        let at = self.at(after);
        sheet.plant_raw(role, at, text.replace("{at}", &at.iso_seconds()));
        self.host_log(host, file, sheet);
    }

    /// A VM's power-on at which one disk does not open, on the host and in a log of its own.
    pub(super) fn disk_refused(&mut self, host: usize, vm: &Vm, after: i64, disk: usize) {
        let at = self.at(after);
        let story = self.story(host);
        story.power_on_messages(at + millis(700), vm, disk);
        story.power_task(at, vm, "powerOn", ["OFF", "POWERING_ON", "OFF"], "error");
        let mut sheet = story.refused_vm("vmware.log", vm, at + millis(120), disk);
        sheet.mark("wrong-key", &format!(" {}", crate::noise::WRONG_KEY));
        sheet.mark("wrong-key", &format!("({}", crate::noise::WRONG_KEY));
        self.vm_log(host, vm, sheet);
    }

    /// A user powers a VM off.
    pub(super) fn powered_off(&mut self, host: usize, vm: &Vm, after: i64) {
        let at = self.at(after);
        self.story(host).power_task(at, vm, "powerOff", ["ON", "POWERING_OFF", "OFF"], "success");
    }

    /// A VM is powered on, every disk opens, and it runs on.
    pub(super) fn reopened(&mut self, host: usize, vm: &Vm, after: i64) {
        let (at, until) = (self.at(after), self.at(after + 300_000));
        let story = self.story(host);
        story.power_task(at, vm, "powerOn", ["OFF", "POWERING_ON", "ON"], "success");
        let sheet = story.reopened_vm("vmware.log", vm, at + millis(120), until, 1500, 1);
        self.vm_log(host, vm, sheet);
    }

    /// Leaves the log of a host's service or of vCenter out.
    pub(super) fn without_hostd(&mut self, host: usize) {
        self.missing.push(Place::Host(host));
    }

    pub(super) fn without_vcenter(&mut self) {
        self.missing.push(Place::VCenter);
    }

    /// The log of a host was rotated and packed at a moment.
    pub(super) fn rotate(&mut self, host: usize, after: i64) {
        self.rotated = Some((host, self.at(after)));
    }

    /// A host logs nothing between two moments.
    pub(super) fn silent(&mut self, host: usize, from: i64, to: i64) {
        self.silent.push((host, self.at(from), self.at(to)));
    }

    /// The host's clock is ahead by so many milliseconds, and a dozen operations show it.
    pub(super) fn clock_ahead(&mut self, by: i64) {
        self.clock = Some(HostClock { offset: millis(by), drift: 0, operations: 12, scatter: 0 });
    }

    /// Users write errors wherever they may write.
    fn quote(&mut self) {
        let start = self.at(-1_200_000);
        let mut written: Vec<(usize, Vm)> = std::mem::take(&mut self.logged);
        written.truncate(4);
        for (host, vm) in written {
            let volume = format!("/vmfs/volumes/{}", datastore_uuid(&mut self.story(host).rng));
            let story = self.story(host);
            let named = Vm::new(crate::noise::WRONG_KEY, 77, 6077, &volume, &["", "_1"], &mut story.rng).encrypted();
            named_vm(story, start, &named);
            annotation(story, start + seconds(60), &vm);
            user_event(story, start + seconds(120), &vm);
        }
        for id in ["com.vmware.vc.kms.crypto.Unreachable", "com.vmware.vc.vm.crypto.RekeyFail"] {
            let text = format!(
                "[EventManagerMO] Event[77] [vim.event.GeneralUserEvent] [info] [LAB\\alice] [] [] [Ticket 4711: read about {id} before maintenance]"
            );
            self.vcenter_says(-700_000, "decoy-user-event", "EventManagerMO", &text);
        }
    }

    /// Everything that failed is repaired: the VM is started if it is off, and re-keyed once more.
    fn repair(&mut self) {
        for (failed, number) in std::mem::take(&mut self.failed).into_iter().zip(0..) {
            let (host, vm) = (failed.host, failed.vm);
            let after = REPAIR * 1000 + number * 20_000;
            if failed.off {
                self.reopened(host, &vm, after);
            }
            let at = self.at(after + 400_000);
            let story = self.story(host);
            let rekey = story.rekey_begin(at, &vm, &failed.old, &failed.new);
            story.rekey_done(at + millis(3100), &vm, &rekey);
        }
    }

    /// The files.
    pub(super) fn finish(mut self) -> Generated {
        if self.setting.quotes {
            self.quote();
        }
        let repair = self.setting.repaired && !self.failed.is_empty();
        let longer = self.failed.len() * 20 + 1200;
        if repair {
            self.repair();
        }
        let start = self.at(-BEFORE * 1000);
        let end = self.at(if repair { (REPAIR + i64::try_from(longer).unwrap_or(0)) * 1000 } else { AFTER * 1000 });
        self.fill(start, end);
        let names: Vec<String> = self.hosts.iter().map(|it| it.host.name.clone()).collect();
        for (number, story) in std::mem::take(&mut self.hosts).into_iter().enumerate() {
            self.vcenter.absorb(story.vpxd);
            if !self.missing.contains(&Place::Host(number)) {
                self.files.push((Place::Host(number), "hostd.log".to_owned(), story.hostd));
            }
        }
        if !self.missing.contains(&Place::VCenter) {
            let vcenter = std::mem::replace(&mut self.vcenter, Sheet::new("", Dialect::VpxdH6));
            self.files.push((Place::VCenter, "vpxd.log".to_owned(), vcenter));
        }
        let made = self.written(&names);
        pack(made, self.setting.layout)
    }

    /// Noise around everything.
    fn fill(&mut self, start: LogTime, end: LogTime) {
        let noise = self.setting.noise;
        for story in &mut self.hosts {
            story.fill_hostd(start, end, noise);
        }
        if let Some(story) = self.hosts.first_mut() {
            story.fill_vpxd(start, end, noise / 2);
        }
        for (host, from, to) in std::mem::take(&mut self.silent) {
            self.story(host).hostd.silent(from, to);
        }
    }

    /// Names and writes the files.
    fn written(&mut self, hosts: &[String]) -> Generated {
        let mut made = Generated { files: Vec::new(), planted: Vec::new() };
        let until = self.setting.until.map(|until| self.at(until * 1000));
        let files = std::mem::take(&mut self.files);
        let names: Vec<String> = (0..files.len()).map(|at| file_name(&files, at)).collect();
        for ((place, _, mut sheet), name) in files.into_iter().zip(names) {
            let folder = folder(&place, hosts, self.setting.layout, self.setting.shuffled);
            sheet.without(&self.setting.without);
            let rotated = self.rotated.filter(|it| name == "hostd.log" && place == Place::Host(it.0)).map(|it| it.1);
            if let Some(at) = rotated {
                let mut old = sheet.clone();
                old.until(at);
                sheet.since(at + micros(1));
                if let Some(until) = until {
                    old.until(until);
                }
                let (mut file, planted) = old.rename(&format!("{folder}hostd.0.gz")).finish();
                file.bytes = gz::stored(&file.bytes);
                push(&mut made, file, planted);
            }
            if let Some(until) = until {
                sheet.until(until);
            }
            if sheet.is_empty() {
                continue;
            }
            let (file, planted) = sheet.rename(&format!("{folder}{name}")).finish();
            push(&mut made, file, planted);
        }
        made.files.sort_by(|one, other| one.path.cmp(&other.path));
        if let Some(clock) = self.clock {
            turn_clock(&mut made, self.generation, self.setting.seed, clock);
        }
        made
    }
}

fn push(made: &mut Generated, file: FixtureFile, planted: Vec<Planted>) {
    made.files.push(file);
    made.planted.extend(planted);
}

/// The name of a file: the generations of a VM's log are counted, the last one is `vmware.log`.
fn file_name(files: &[(Place, String, Sheet)], at: usize) -> String {
    let Some((place, name, _)) = files.get(at) else { return String::new() };
    if !name.is_empty() {
        return name.clone();
    }
    let of_vm = |from: usize, to: usize| {
        files.get(from..to).unwrap_or_default().iter().filter(|it| it.0.is_same_vm(place) && it.1.is_empty()).count()
    };
    match of_vm(at + 1, files.len()) {
        0 => "vmware.log".to_owned(),
        _ => format!("vmware-{}.log", of_vm(0, at) + 1),
    }
}
