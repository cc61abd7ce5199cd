use super::Scenario;
use super::cases::{Files, finish, share};
use super::sheet::Sheet;
use super::story::Story;
use crate::noise::WRONG_KEY;
use crate::record::LogRecord;
use crate::time::{LogTime, millis, seconds};
use crate::world::{Vm, datastore_uuid};

const HA: &str = "This virtual machine reset by HA. Reason: VMware Tools heartbeat failure. A screenshot is saved at /vmfs/volumes/ds1/NOTES-01/NOTES-01-0.png.";
const NOT_FOUND: &str =
    "com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>";

/// A line as `vmware.log` would have it, with the disk of the VM that it is pasted into.
fn pasted_line(vm: &Vm) -> String {
    format!("2024-02-01T11:02:03.004Z In(05) vmx - DISKLIB-LINK  : \"{}\" : failed to open ({WRONG_KEY}).", vm.disk(0))
}

/// Everything that users may write, filled with the texts of the errors; the host and its VMs are well.
pub(super) fn quotes_only(scenario: &Scenario) -> Files {
    let mut story = Story::new(scenario, 5);
    let volume = format!("/vmfs/volumes/{}", datastore_uuid(&mut story.rng));
    let named = Vm::new(WRONG_KEY, 77, 6077, &volume, &["", "_1"], &mut story.rng).encrypted();
    let mut notes = Vm::new("NOTES-01", 78, 6078, &volume, &["", "_1"], &mut story.rng).encrypted();
    notes.annotation = format!(
        "Ticket 4711, copied from the other site:\n{}\nand from hostd:\n-->    {NOT_FOUND}\n   {NOT_FOUND}\n{HA}",
        pasted_line(&notes)
    );
    let end = LogTime::civil(2024, 2, 6, 9, 0, 0) + millis(413);
    let start = end - seconds(2400);
    let on = end - seconds(300_000);

    named_vm(&mut story, start + seconds(300), &named);
    annotation(&mut story, start + seconds(700), &notes);
    user_event(&mut story, start + seconds(900), &notes);
    let mut first = story.running_vm("named/vmware.log", &named, on, end, share(scenario, 14));
    first.plant(
        "decoy-console",
        LogRecord::new(end - seconds(500), "vmx", format!("Guest: console title is \"{WRONG_KEY}\"")),
    );
    let mut second = story.running_vm("NOTES-01/vmware.log", &notes, on, end, share(scenario, 14));
    guest_lines(&mut second, end - seconds(900), &notes);
    story.fill_hostd(start, end, share(scenario, 64));
    finish(vec![first, second, shell(&story, scenario, end, &notes), catalogue(), story.hostd])
}

/// A VM whose name is the error: it stands in its paths, its events and its tasks.
pub(crate) fn named_vm(story: &mut Story, time: LogTime, vm: &Vm) {
    let host = story.host.name.clone();
    let event = story.next_event();
    let text = format!("Event {event} : Renamed APP-09 from APP-09 to {WRONG_KEY} in ha-datacenter");
    let record = story.on_host(time, "Vimsvc.ha-eventmgr", &text);
    story.hostd.plant("decoy-name", record);
    let record = story.on_host(time + millis(3), &vm.sub(), "Send config update invoked");
    story.hostd.plant("decoy-name", record);
    let event = story.next_event();
    let text = format!("Event {event} : Guest OS reboot for {WRONG_KEY} on {host} in ha-datacenter");
    let record = story.on_host(time + seconds(2), "Vimsvc.ha-eventmgr", &text);
    story.hostd.plant("decoy-name", record);
    for (from, to, wait) in [("ON", "CREATE_SCREENSHOT", 4000), ("CREATE_SCREENSHOT", "ON", 4070)] {
        let record = story.bare_transition(time + millis(wait), vm, from, to);
        story.hostd.plant("decoy-screenshot", record);
    }
}

/// Whole log lines in an annotation: in the dump of the request, and in the event that tells of it.
pub(crate) fn annotation(story: &mut Story, time: LogTime, vm: &Vm) {
    let op_id = format!("l{}-40222-auto-{}-h5:70003311-0a-01-{}", story.rng.hex(7), story.rng.hex(3), story.rng.hex(4));
    let user = "vpxuser:VSPHERE.LOCAL\\Administrator";
    let task = format!("haTask-{}-vim.VirtualMachine.reconfigure-{}", vm.vmid, story.next_task());
    let event = story.next_event();
    let (text, sub, host) = (vm.annotation.clone(), vm.sub(), story.host.name.clone());
    let spec = format!(
        "Reconfigure: (vim.vm.ConfigSpec) {{\n   changeVersion = <unset>, \n   name = <unset>, \n   annotation = \"{text}\", \n   extraConfig = <unset>\n}}"
    );
    let told = format!(
        "Event {event} : Reconfigured {} on {host} in ha-datacenter.  \n \nModified:  \n \nconfig.annotation: \"\" -> \"{text}\"; \n",
        vm.name
    );
    for (wait, sub, text, role) in [
        (0, "Vimsvc.TaskManager", format!("Task Created : {task}"), "decoy-reconfigure"),
        (1, &sub, "State Transition (VM_STATE_ON -> VM_STATE_RECONFIGURING)".to_owned(), "decoy-reconfigure"),
        (2, &sub, spec, "decoy-annotation"),
        (61, &sub, "State Transition (VM_STATE_RECONFIGURING -> VM_STATE_ON)".to_owned(), "decoy-reconfigure"),
        (62, "Vimsvc.ha-eventmgr", told, "decoy-annotation"),
        (64, "Vimsvc.TaskManager", format!("Task Completed : {task} Status success"), "decoy-reconfigure"),
    ] {
        let record = story.on_host(time + millis(wait), sub, &text).op_id(&op_id).user(user);
        story.hostd.plant(role, record);
    }
}

/// An operator writes a note into the event log.
pub(crate) fn user_event(story: &mut Story, time: LogTime, vm: &Vm) {
    for quoted in [HA.to_owned(), NOT_FOUND.to_owned(), pasted_line(vm)] {
        let event = story.next_event();
        let text = format!("Event {event} : User logged event: seen last week on esx02: {quoted}");
        let record = story.on_host(time, "Vimsvc.ha-eventmgr", &text).user("root");
        story.hostd.plant("decoy-user-event", record);
    }
}

/// The guest writes into `vmware.log` whatever it likes.
pub(crate) fn guest_lines(sheet: &mut Sheet, time: LogTime, vm: &Vm) {
    let quoted = pasted_line(vm);
    let bare = quoted.split_once(" - ").map_or("", |(_, message)| message);
    for (wait, text) in [
        (0, format!("Guest: {quoted}")),
        (40, format!("Guest: {bare}")),
        (80, "Guest: Tools: Tools heartbeat timeout.".to_owned()),
        (120, format!("Guest: {HA}")),
        (160, format!("Guest: -->    {NOT_FOUND}")),
    ] {
        sheet.plant("decoy-guest", LogRecord::new(time + seconds(wait), "vcpu-0", text));
    }
}

/// An administrator looks for the error and finds nothing.
fn shell(story: &Story, scenario: &Scenario, end: LogTime, vm: &Vm) -> Sheet {
    let mut sheet = Sheet::new("esx05/shell.log", scenario.generation.hostd());
    let folder = vm.folder.rsplit_once('/').map_or("", |(volume, _)| volume);
    for (wait, command) in [
        (600, format!("grep -r \"{WRONG_KEY}\" {folder}")),
        (560, format!("grep \"{NOT_FOUND}\" /var/run/log/hostd.log")),
        (520, format!("echo '{}' >> /tmp/notes.txt", pasted_line(vm))),
        (480, format!("echo '{HA}' >> /tmp/notes.txt")),
        (470, format!("vim-cmd vmsvc/reload {}", vm.vmid)),
    ] {
        let at = end - seconds(wait);
        let level = match story.generation {
            crate::world::Generation::V80 | crate::world::Generation::V90 => " In(14)",
            _ => "",
        };
        sheet.plant_raw("decoy-shell", at, format!("{}{level} shell[2117810]: [root]: {command}", at.iso_millis()));
    }
    sheet
}

/// Messages as the product ships them, with the places of their arguments.
fn catalogue() -> Sheet {
    let mut sheet = Sheet::new("esx05/messages-en.txt", crate::dialect::Dialect::HostdH8);
    let time = LogTime::from_micros(0);
    for line in [
        "# messages, English",
        "disklib.cryptoBadKey = \"Cannot decrypt disk because key or password is incorrect\"",
        "disklib.link.open = \"DISKLIB-LINK  : \\\"%s\\\" : failed to open (%s).\"",
        "disk.noBackEnd = \"Cannot open the disk '%1$s' or one of the snapshot disks it depends on.\"",
        "com.vmware.esx.trusted_infrastructure.kms.providers.not_found = \"The provider '{0}' does not exist.\"",
        "VmDasBeingResetWithScreenshotEvent.formatOnVm = \"This virtual machine reset by HA. Reason: {reason.@enum.VmDasBeingResetEvent.ReasonCode}. A screenshot is saved at {screenshotFilePath}.\"",
        "tools.heartbeatTimeout = \"Tools heartbeat timeout.\"",
    ] {
        sheet.plant_raw("decoy-catalogue", time, line);
    }
    sheet
}
