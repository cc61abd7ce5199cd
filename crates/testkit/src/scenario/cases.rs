use super::quotes::quotes_only;
use super::sheet::Sheet;
use super::story::{Rekey, Story, silent_guest};
use super::{Case, FixtureFile, Planted, Scenario};
use crate::gz;
use crate::noise::{FdmNoise, power_off};
use crate::prng::Prng;
use crate::record::LogRecord;
use crate::time::{LogTime, micros, millis, seconds};
use crate::world::{Generation, Key, Vm, datastore_uuid, vsan_volume};

pub(super) type Files = Vec<(FixtureFile, Vec<Planted>)>;

/// The new provider of every migration.
const TARGET: &str = "KMS-EXT";

pub(super) fn write(scenario: &Scenario) -> Files {
    match scenario.case {
        Case::HaResetMidRekey => ha_reset_mid_rekey(scenario),
        Case::ProviderNotFound => provider_not_found(scenario),
        Case::BothCauses => both_causes(scenario),
        Case::Recovered => recovered(scenario),
        Case::CleanHost => clean_host(scenario),
        Case::QuotesOnly => quotes_only(scenario),
        Case::VmwareLogOnly => vmware_log_only(scenario),
        Case::Pasted => pasted(),
        Case::Damaged => damaged(scenario),
    }
}

pub(super) fn finish(sheets: Vec<Sheet>) -> Files {
    sheets.into_iter().map(Sheet::finish).collect()
}

/// A share of the bytes asked for, in hundredths; a few lines more, so that rounding never falls short.
pub(super) fn share(scenario: &Scenario, percent: usize) -> usize {
    scenario.bytes / 100 * percent + 1000
}

/// A three-disk VM on vSAN, as the article has it.
fn three_disks(story: &mut Story, name: &str, vmid: u32, moref: u32) -> Vm {
    let volume = vsan_volume(&mut story.rng);
    Vm::new(name, vmid, moref, &volume, &["", "-lKPs", "-r0Qd"], &mut story.rng).encrypted()
}

fn begin_rekey(story: &mut Story, time: LogTime, vm: &Vm, target: &str) -> Rekey {
    let old = Key::of(story.generation.old_provider(), &mut story.rng);
    let new = Key::of(target, &mut story.rng);
    story.rekey_begin(time, vm, &old, &new)
}

/// A re-key that HA cuts short, with the power-on after it: gives the VM's two logs.
fn interrupted_by_ha(story: &mut Story, vm: &Vm, begin: LogTime, powered_on: LogTime, target: usize) -> Vec<Sheet> {
    let rekey = begin_rekey(story, begin, vm, TARGET);
    // The guest stands still soon after; the interval of 60 s and the 120 s without I/O have to pass.
    let silent = begin + seconds(4);
    let reset = begin + seconds(131);
    story.transition(reset - seconds(2), &rekey, vm, "RECONFIGURING", "ON");
    story.ha_reset(reset - millis(200), vm);
    // The VMX is asked for a reset and ends over it.
    for (wait, from, to) in [(0, "ON", "RESETTING"), (90, "RESETTING", "ON"), (1400, "ON", "OFF")] {
        let record = story.bare_transition(reset + millis(wait), vm, from, to);
        story.hostd.say(record);
    }
    let on = reset + seconds(6);
    refused_power_on(story, on, vm, 1);
    story.rekey_failed(on + millis(2300), vm, &rekey, "vix error codes = (1, 0).");
    let mut before = story.running_vm(&format!("{}/vmware-1.log", vm.name), vm, powered_on, silent, target);
    silent_guest(&mut before, powered_on, silent, reset, story.seed);
    let after = story.refused_vm(&format!("{}/vmware.log", vm.name), vm, on + millis(120), 1);
    vec![before, after]
}

/// hostd's side of a power-on by HA that fails at a disk.
fn refused_power_on(story: &mut Story, on: LogTime, vm: &Vm, disk: usize) {
    let powering = story.bare_transition(on, vm, "OFF", "POWERING_ON");
    story.hostd.say(powering);
    story.power_on_messages(on + millis(420), vm, disk);
    let refused = story.bare_transition(on + millis(640), vm, "POWERING_ON", "OFF");
    story.hostd.say(refused);
    let event = story.next_event();
    let text = format!(
        "Event {event} : Cannot power on {} on {} in ha-datacenter. A general system error occurred: Failed to start the virtual machine.",
        vm.name, story.host.name
    );
    let record = story.on_host(on + millis(645), "Vimsvc.ha-eventmgr", &text);
    story.hostd.say(record);
}

fn ha_reset_mid_rekey(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 7);
    let vm = three_disks(&mut story, "TEST-VM-2", 62, 1012);
    let begin = LogTime::civil(2024, 3, 12, 15, 14, 2) + millis(317);
    let powered_on = LogTime::civil(2024, 3, 11, 6, 41, 9);
    let (start, end) = (begin - seconds(2700), begin + seconds(1100));
    let mut sheets = interrupted_by_ha(&mut story, &vm, begin, powered_on, share(scenario, 20));
    story.fill_hostd(start, end, share(scenario, 62));
    story.fill_vpxd(start, end, share(scenario, 16));
    sheets.extend([story.hostd, story.vpxd]);
    finish(sheets)
}

fn provider_not_found(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 8);
    let first = three_disks(&mut story, "PAY-01", 31, 2031);
    let second = three_disks(&mut story, "PAY-02", 34, 2034);
    let begin = LogTime::civil(2023, 9, 20, 8, 30, 11) + millis(604);
    let (start, end) = (begin - seconds(2400), begin + seconds(1800));
    let mut sheets = Vec::new();
    for (vm, wait) in [(&first, 0), (&second, 97)] {
        let time = begin + seconds(wait);
        let rekey = begin_rekey(&mut story, time, vm, TARGET);
        story.provider_missing(time + millis(236), vm, &rekey);
        let on = begin - seconds(190_000 + wait);
        sheets.push(story.running_vm(&format!("{}/vmware.log", vm.name), vm, on, end, share(scenario, 12)));
    }
    story.fill_hostd(start, end, share(scenario, 58));
    story.fill_vpxd(start, end, share(scenario, 16));
    sheets.push(quiet_fdm(&story, scenario, start, end, 4));
    sheets_with(sheets, story)
}

/// The log of an HA agent that has nothing to do.
fn quiet_fdm(story: &Story, scenario: &Scenario, start: LogTime, end: LogTime, percent: usize) -> Sheet {
    let host = &story.host;
    let short = host.name.split('.').next().unwrap_or_default();
    let mut sheet = Sheet::new(format!("{short}/fdm.log"), host.generation.fdm());
    sheet.fill(start, end, share(scenario, percent), micros(1), |from, gap| {
        FdmNoise::new(host, Prng::named(story.seed, "fdm-noise"), from, gap)
    });
    sheet
}

fn both_causes(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 11);
    let reset = three_disks(&mut story, "ERP-01", 21, 4021);
    let volume = format!("/vmfs/volumes/{}", datastore_uuid(&mut story.rng));
    let missing = Vm::new("ERP-DB", 27, 4027, &volume, &["", "_1"], &mut story.rng).encrypted();
    let begin = LogTime::civil(2024, 6, 4, 21, 2, 40) + millis(92);
    let later = begin + seconds(1900);
    let (start, end) = (begin - seconds(1500), later + seconds(1200));
    let mut sheets = interrupted_by_ha(&mut story, &reset, begin, begin - seconds(81_000), share(scenario, 14));
    let rekey = begin_rekey(&mut story, later, &missing, "KMS-DR");
    story.provider_missing(later + millis(198), &missing, &rekey);
    sheets.push(story.running_vm("ERP-DB/vmware.log", &missing, begin - seconds(400_000), end, share(scenario, 10)));
    story.fill_hostd(start, end, share(scenario, 60));
    story.fill_vpxd(start, end, share(scenario, 14));
    sheets.extend([story.hostd, story.vpxd]);
    finish(sheets)
}

fn recovered(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 9);
    let vm = three_disks(&mut story, "CRM-02", 41, 3041);
    let begin = LogTime::civil(2023, 9, 27, 10, 2, 7) + millis(455);
    let (start, end) = (begin - seconds(1500), begin + seconds(3300));
    let first = begin_rekey(&mut story, begin, &vm, TARGET);
    // A user loses patience: no HA is involved.
    let off = begin + seconds(38);
    story.transition(off - millis(40), &first, &vm, "RECONFIGURING", "ON");
    let ended = story.power_task(off, &vm, "powerOff", ["ON", "POWERING_OFF", "OFF"], "success");
    story.rekey_failed(ended + millis(300), &vm, &first, "vix error codes = (1, 0).");
    let on = begin + seconds(95);
    story.power_on_messages(on + millis(700), &vm, 1);
    story.power_task(on, &vm, "powerOn", ["OFF", "POWERING_ON", "OFF"], "error");
    let reload = begin + seconds(760);
    let mut shell = Sheet::new("esx09/shell.log", scenario.generation.hostd());
    reload_vm(&mut story, &mut shell, reload, &vm);
    let again = begin + seconds(830);
    story.power_task(again, &vm, "powerOn", ["OFF", "POWERING_ON", "ON"], "success");
    let second = begin + seconds(1500);
    let rekey = story.rekey_begin(second, &vm, &first.old, &first.new);
    story.rekey_done(second + millis(3240), &vm, &rekey);

    let since = begin - seconds(260_000);
    let mut running = story.running_vm("CRM-02/vmware-3.log", &vm, since, off, share(scenario, 12));
    for record in power_off(off + millis(150), story.seed) {
        running.say(record);
    }
    let refused = story.refused_vm("CRM-02/vmware-4.log", &vm, on + millis(120), 1);
    let after = story.reopened_vm("CRM-02/vmware.log", &vm, again + millis(120), end, share(scenario, 8), 1);
    story.fill_hostd(start, end, share(scenario, 62));
    story.fill_vpxd(start, end, share(scenario, 16));
    sheets_with(vec![running, refused, after, shell], story)
}

fn sheets_with(mut sheets: Vec<Sheet>, story: Story) -> Files {
    sheets.extend([story.hostd, story.vpxd]);
    finish(sheets)
}

/// An administrator reloads a VM on the host: the article's second workaround.
pub(crate) fn reload_vm(story: &mut Story, shell: &mut Sheet, time: LogTime, vm: &Vm) {
    let session = "shell[2114733]: [root]:";
    for (wait, command) in [
        (-61, "vim-cmd vmsvc/getallvms".to_owned()),
        (-22, format!("ls -l {}", vm.folder)),
        (0, format!("vim-cmd vmsvc/reload {}", vm.vmid)),
        (40, format!("vim-cmd vmsvc/get.summary {}", vm.vmid)),
    ] {
        let at = time + seconds(wait);
        let line = match story.generation {
            Generation::V80 | Generation::V90 => format!("{} In(14) {session} {command}", at.iso_millis()),
            _ => format!("{} {session} {command}", at.iso_millis()),
        };
        if wait == 0 {
            shell.plant_raw("reload-command", at, line);
        } else {
            shell.raw(at, line);
        }
    }
    let task = format!("haTask-{}-vim.VirtualMachine.reload-{}", vm.vmid, story.next_task());
    let op_id = format!("vim-cmd-{}-{}", story.rng.hex(2), story.rng.hex(4));
    let records = [
        (millis(300), "Vimsvc.TaskManager".to_owned(), format!("Task Created : {task}")),
        (millis(303), vm.sub(), format!("Reloading config state: {}", vm.vmx())),
        (millis(840), "Vimsvc.TaskManager".to_owned(), format!("Task Completed : {task} Status success")),
    ];
    for (wait, sub, text) in records {
        let record = story.on_host(time + wait, &sub, &text).op_id(&op_id).user("root");
        story.hostd.plant("reload", record);
    }
}

fn clean_host(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 3);
    let end = LogTime::civil(2023, 2, 14, 17, 0, 0);
    let start = end - seconds(5400);
    let vms: Vec<Vm> = story.host.neighbours.iter().take(2).cloned().collect();
    let mut sheets = Vec::new();
    for (vm, age) in vms.iter().zip([700_000, 90_000]) {
        let path = format!("{}/vmware.log", vm.name);
        let mut sheet = story.running_vm(&path, vm, end - seconds(age), end, share(scenario, 9));
        // A decoy of every day: the word, without any key.
        sheet.say(LogRecord::new(
            end - seconds(1800),
            "vmx",
            "DMG_Open: Not an unencrypted .dmg file (footer signature 00000000).",
        ));
        sheets.push(sheet);
    }
    if let (Some(sheet), Some(vm)) = (sheets.first_mut(), vms.first()) {
        snapshot(sheet, end - seconds(2600), vm);
    }
    story.fill_hostd(start, end, share(scenario, 56));
    story.fill_vpxd(start, end, share(scenario, 14));
    sheets.push(quiet_fdm(&story, scenario, start, end, 10));
    sheets_with(sheets, story)
}

/// A backup takes a snapshot and removes it again.
fn snapshot(sheet: &mut Sheet, time: LogTime, vm: &Vm) {
    let delta = vm.disk(0).replace(".vmdk", "-000001.vmdk");
    let base = vm.disk(0);
    let gib = vm.disks.first().map_or(0, |disk| disk.gib);
    let sectors = gib * 2_097_152;
    for (wait, thread, text) in [
        (0, "vmx", "SnapshotVMX_TakeSnapshot start: 'backup-daily', deviceState=0, lazy=0, quiesced=1, forceNative=0, tryNative=1, saveAllocMaps=0".to_owned()),
        (210, "vcpu-0", "SnapshotVMXTakeSnapshotWork: Transition to mode 0.".to_owned()),
        (350, "vcpu-0", "Closing all the disks of the VM.".to_owned()),
        (352, "vcpu-0", "Closing disk 'scsi0:0'".to_owned()),
        (390, "vcpu-0", format!("DISKLIB-LIB_CREATE   : DiskLibCreateCreateParam: vmfsSparse grain size is set to 1 for '{delta}'")),
        (430, "vcpu-0", format!("DISKLIB-LINK  : Opened '{delta}' (0xa): vmfsSparse, {sectors} sectors / {gib} GB.")),
        (431, "vcpu-0", format!("DISKLIB-LIB   : Opened \"{delta}\" (flags 0xa, type vmfsSparse).")),
        (470, "vcpu-0", "Checkpoint_Unstun: vm stopped for 118204 us".to_owned()),
        (520, "vmx", "SnapshotVMXTakeSnapshotComplete: Done with snapshot 'backup-daily': 4".to_owned()),
        (241_000, "vmx", "SnapshotVMX_Consolidate: Starting online snapshot consolidate operation.".to_owned()),
        (243_400, "vcpu-0", format!("DISKLIB-LINK  : Opened '{base}' (0xa): vmfs, {sectors} sectors / {gib} GB.")),
        (243_430, "vcpu-0", "Checkpoint_Unstun: vm stopped for 96117 us".to_owned()),
        (243_500, "vmx", "SnapshotVMXConsolidateOnlineCB: Done with consolidate".to_owned()),
    ] {
        sheet.say(LogRecord::new(time + millis(wait), thread, text));
    }
}

fn vmware_log_only(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 12);
    let volume = format!("/vmfs/volumes/{}", datastore_uuid(&mut story.rng));
    let vm = Vm::new("LEGAL-07", 0, 0, &volume, &["", "_1", "_2"], &mut story.rng).encrypted();
    let first_on = LogTime::civil(2023, 8, 28, 5, 30, 2) + millis(66);
    let first_off = LogTime::civil(2023, 9, 4, 22, 10, 44) + millis(871);
    let second_on = first_off + seconds(700);
    let silent = LogTime::civil(2023, 9, 12, 20, 47, 30) + millis(529);
    let reset = silent + seconds(126);
    let mut oldest = story.running_vm("LEGAL-07/vmware-41.log", &vm, first_on, first_off, share(scenario, 38));
    for record in power_off(first_off, story.seed) {
        oldest.say(record);
    }
    let mut middle = story.running_vm("LEGAL-07/vmware-42.log", &vm, second_on, silent, share(scenario, 56));
    silent_guest(&mut middle, second_on, silent, reset, story.seed);
    let newest = story.refused_vm("LEGAL-07/vmware.log", &vm, reset + seconds(7), 2);
    finish(vec![oldest, middle, newest])
}

/// What somebody put into a ticket: one line of each log, and nothing else.
fn pasted() -> Files {
    let from_vmware_log = "2023-03-10T15:16:22.314Z In(05) vmx - DISKLIB-LINK : \"/vmfs/volumes/vsan:xxxxxxxxx-5exxxxxxx6/271xxxxxx3-xxac-xx91-xxa0-exxxxxxxx80/TEST-VM-2-lKPs.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect).";
    let from_hostd = "-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'nom-du-kms-externe' does not exist.>";
    [("ticket-vmware-log.txt", "wrong-key", from_vmware_log), ("ticket-hostd.txt", "provider-not-found", from_hostd)]
        .into_iter()
        .map(|(path, role, text)| {
            let planted = Planted { role, path: path.to_owned(), line: 1, last_line: 1, text: text.to_owned() };
            let file = FixtureFile { path: path.to_owned(), bytes: format!("{text}\n").into_bytes() };
            (file, vec![planted])
        })
        .collect()
}

fn damaged(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 10);
    let vm = three_disks(&mut story, "HR-03", 71, 5071);
    let begin = LogTime::civil(2024, 4, 9, 13, 20, 31) + millis(810);
    let rotated = begin + seconds(600);
    let start = begin - seconds(1700);
    let mut sheets = interrupted_by_ha(&mut story, &vm, begin, begin - seconds(120_000), share(scenario, 16));
    // The first refused power-on was rotated away by the second one.
    let second = rotated + seconds(240);
    if let Some(refused) = sheets.pop() {
        sheets.push(refused.rename("HR-03/vmware-2.log"));
    }
    sheets.push(story.refused_vm("HR-03/vmware.log", &vm, second + millis(120), 1));
    story.fill_hostd(start, rotated, share(scenario, 46));
    let (whole, _) = story.take_hostd("esx10/hostd.0.gz").finish();
    story.power_on_messages(second + millis(700), &vm, 1);
    story.power_task(second, &vm, "powerOn", ["OFF", "POWERING_ON", "OFF"], "error");
    story.fill_hostd(rotated, second + seconds(1500), share(scenario, 36));
    sheets.push(story.hostd);
    let mut files = finish(sheets);
    files.push((FixtureFile { path: whole.path.clone(), bytes: cut(&whole.bytes) }, Vec::new()));
    files
}

/// The gzip file of a log, without its last part: what remains ends before the re-key.
fn cut(log: &[u8]) -> Vec<u8> {
    let mut packed = gz::stored(log);
    packed.truncate(packed.len() * 2 / 5);
    packed
}
