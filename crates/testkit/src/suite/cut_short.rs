//! A re-key is cut short, or reaches only a part of a VM.

use super::stage::Stage;
use super::steps::{provider_unknown, system_error};
use super::{Expected, ExpectedIncident, Tale};
use crate::scenario::{Sheet, silent_guest};
use crate::time::{millis, seconds};
use crate::world::{Generation, Vm};

const UNKNOWN: &[&str] = &["unknown"];

/// The article's workarounds, from the one that costs least to the one that costs the history.
const WORKAROUNDS: &[&str] =
    &["preserve-evidence", "reload-vmx", "reissue-rekey", "power-off-and-rekey", "reregister-vm"];

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "ha-reset",
        shows: "vSphere HA resets a VM in the middle of its re-key; its second disk of three does not open.",
        generation: Generation::V80,
        decisive: &["ha-reset", "ha-screenshot"],
        hosts: 2,
        tell: ha_reset,
        expected: || {
            Expected::failure([
                reset("TEST-VM-2"),
                // A red herring: another VM on the other host, whose provider is missing.
                ExpectedIncident::of("PAY-07", &["kms-provider-not-found-on-host"]).rekey(
                    &["failed"],
                    &["get-new-key"],
                    2,
                    &["old"],
                ),
            ])
        },
    },
    Tale {
        name: "partial-multi-disk",
        shows: "Home and first disk are on the new key, two more disks are not, and the VM runs.",
        generation: Generation::V80,
        decisive: &["keys-changed"],
        hosts: 1,
        tell: partial,
        expected: || {
            Expected::failure([ExpectedIncident::of("ERP-41", &["rekey-partial-multi-disk"])
                .rekey(&["partial"], &["none", "decrypt-kdk", "encrypt-kdk"], 3, &["old", "unknown"])
                .object("vm-home", &["new"])
                .object("disk 0", &["new"])
                .remedies(&["preserve-evidence", "reissue-rekey"], &["reregister-vm"])
                .do_not(&["keep-old-provider", "no-power-off", "no-snapshot-operations"])])
            .verdicts(&["failure", "attention"])
        },
    },
    Tale {
        name: "partial-then-power-cycle",
        shows: "A disk that a re-key left on the old key does not open when the VM is started the next day.",
        generation: Generation::V70,
        decisive: &["wrong-key"],
        hosts: 1,
        tell: partial_then_cycle,
        expected: || {
            let roots = ["rekey-disk-wrong-key", "rekey-partial-multi-disk"];
            Expected::failure([ExpectedIncident::of("ERP-42", &roots)
                .also(&["rekey-disk-wrong-key"])
                .rekey(&["partial"], &["none", "decrypt-kdk", "encrypt-kdk"], 3, &["old", "unknown"])
                .object("vm-home", &["new"])
                .object("disk 0", &["new"])
                .remedies(&["preserve-evidence", "reload-vmx", "power-off-and-rekey", "reregister-vm"], &[])
                .do_not(&["keep-old-provider", "do-not-edit-vmx-or-descriptor"])])
        },
    },
    Tale {
        name: "host-crash",
        shows: "The host dies in the middle of a re-key; vSphere HA restarts the VM elsewhere, where a disk does not open.",
        generation: Generation::V70,
        decisive: &["wrong-key"],
        hosts: 2,
        tell: host_crash,
        expected: || {
            let roots = ["rekey-disk-wrong-key", "rekey-partial-multi-disk", "ha-host-dead-failover", "host-psod"];
            Expected::failure([ExpectedIncident::of("ERP-43", &roots)
                .also(&["rekey-disk-wrong-key"])
                .rekey(&["interrupted"], &["none", "encrypt-kdk"], 2, UNKNOWN)
                .remedies(WORKAROUNDS, &[])
                .do_not(&["keep-old-provider", "no-snapshot-operations"])])
            .causes(&["ha-host-dead-failover"])
            .never(&["ha-vmmon-reset-during-rekey", "ha-vm-monitoring-reset"])
        },
    },
    Tale {
        name: "hostd-restart",
        shows: "hostd is restarted in the middle of a re-key; at the next start a disk does not open.",
        generation: Generation::V67,
        decisive: &["wrong-key"],
        hosts: 1,
        tell: hostd_restart,
        expected: || {
            let roots = ["rekey-disk-wrong-key", "rekey-partial-multi-disk"];
            Expected::failure([ExpectedIncident::of("ERP-44", &roots)
                .also(&["rekey-disk-wrong-key"])
                .rekey(&["interrupted"], &["none", "encrypt-kdk"], 2, UNKNOWN)
                .remedies(WORKAROUNDS, &[])
                .do_not(&["keep-old-provider"])])
            .never(&["ha-vmmon-reset-during-rekey"])
        },
    },
    Tale {
        name: "vmotion",
        shows: "A VM is moved to another host in the middle of its re-key; there a disk does not open.",
        generation: Generation::V80,
        decisive: &["wrong-key"],
        hosts: 2,
        tell: vmotion,
        expected: || {
            let roots = ["rekey-disk-wrong-key", "rekey-partial-multi-disk"];
            Expected::failure([ExpectedIncident::of("ERP-46", &roots)
                .also(&["rekey-disk-wrong-key"])
                .rekey(&["interrupted"], &["none", "encrypt-kdk"], 2, UNKNOWN)
                .do_not(&["keep-old-provider"])])
            .never(&["ha-vmmon-reset-during-rekey"])
        },
    },
];

/// What is to be said of a VM with three disks that vSphere HA reset while it was re-keyed.
pub(super) fn reset(vm: &str) -> ExpectedIncident {
    ExpectedIncident::of(vm, &["ha-vmmon-reset-during-rekey"])
        .grades("confirmed", "confirmed")
        .also(&["rekey-disk-wrong-key"])
        .rekey(&["interrupted"], &["encrypt-kdk"], 3, UNKNOWN)
        .remedies(
            &[
                "preserve-evidence",
                "reload-vmx",
                "disable-ha-vm-monitoring",
                "reissue-rekey",
                "power-off-and-rekey",
                "reregister-vm",
            ],
            &[],
        )
        .do_not(&["keep-old-provider", "no-snapshot-operations", "do-not-edit-vmx-or-descriptor"])
}

fn ha_reset(stage: &mut Stage) {
    let other = stage.vm(1, "PAY-07", 37, 2);
    stage.ran(1, &other, 900_000, false);
    provider_unknown(stage, 1, &other, 5_000);
    let vm = stage.vm(0, "TEST-VM-2", 62, 3);
    reset_by_ha(stage, 0, &vm, 0);
}

/// A re-key that vSphere HA cuts short, with the refused power-on after it.
pub(super) fn reset_by_ha(stage: &mut Stage, host: usize, vm: &Vm, after: i64) {
    let rekey = stage.rekey(host, vm, after);
    let on_before = stage.at(-86_400_000);
    let (silent, reset) = (stage.at(after + 4_000), stage.at(after + 131_000));
    let story = stage.story(host);
    story.transition(reset - seconds(2), &rekey, vm, "RECONFIGURING", "ON");
    story.ha_reset(reset - millis(200), vm);
    for (wait, from, to) in [(0, "ON", "RESETTING"), (90, "RESETTING", "ON"), (1400, "ON", "OFF")] {
        let record = story.bare_transition(reset + millis(wait), vm, from, to);
        story.hostd.say(record);
    }
    let seed = story.seed;
    let mut before = story.running_vm("vmware.log", vm, on_before, silent, 1500);
    silent_guest(&mut before, on_before, silent, reset, seed);
    stage.vm_log(host, vm, before);
    stage.disk_refused(host, vm, after + 137_000, 1);
    stage.fails(host, vm, &rekey, after + 139_300);
    stage.failure(host, vm, &rekey, true);
}

/// Home and first disk get the new key, then the task ends with an error.
fn half_done(stage: &mut Stage, vm: &Vm, after: i64) {
    let rekey = stage.rekey(0, vm, after);
    let at = stage.at(after + 2_600);
    let story = stage.story(0);
    story.transition(at, &rekey, vm, "RECONFIGURING", "ON");
    story.some_keys_changed(at + millis(2), vm, &rekey, 1, true);
    stage.fails(0, vm, &rekey, after + 2_700);
    stage.event(0, Some((vm, &rekey)), after + 2_800, "rekey-fail", "com.vmware.vc.vm.crypto.RekeyFail");
    stage.failure(0, vm, &rekey, false);
}

fn partial(stage: &mut Stage) {
    let vm = stage.vm(0, "ERP-41", 41, 3);
    stage.ran(0, &vm, 900_000, false);
    half_done(stage, &vm, 0);
}

fn partial_then_cycle(stage: &mut Stage) {
    let vm = stage.vm(0, "ERP-42", 42, 3);
    stage.ran(0, &vm, 400_000, true);
    half_done(stage, &vm, 0);
    stage.powered_off(0, &vm, 398_000);
    stage.disk_refused(0, &vm, 460_000, 1);
}

fn host_crash(stage: &mut Stage) {
    let vm = stage.vm(0, "ERP-43", 43, 2);
    stage.ran(0, &vm, -1000, false);
    let rekey = stage.rekey(0, &vm, 0);
    // The host writes nothing more until it is up again; nobody ends the task.
    stage.silent(0, 1_500, 700_000);
    let moref = stage.story(0).host.moref.clone();
    stage.fdm(
        1,
        &[
            (16_000, "host-dead", format!("Host {moref} changed state: Dead")),
            (18_000, "failover", "Issue failover start event for 1 Vms".to_owned()),
        ],
    );
    stage.event_of(1, &vm, 52_000, "ha-restarted", "com.vmware.vc.ha.VmRestartedByHAEvent");
    let fault = "(vmodl.fault.HostCommunication) {\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>\n   msg = \"\"\n}";
    stage.refused_in_vcenter(0, &vm, &rekey, 31_000, "rekey-end-vcenter", fault);
    stage.disk_refused(1, &vm, 50_000, 1);
    stage.raw_log(0, "vmksummary.log", 690_000, "host-booted", "{at} bootstop: Host has booted");
    stage.failure(1, &vm, &rekey, true);
}

fn hostd_restart(stage: &mut Stage) {
    let vm = stage.vm(0, "ERP-44", 44, 2);
    stage.ran(0, &vm, 400_000, true);
    let rekey = stage.rekey(0, &vm, 0);
    stage.silent(0, 1_500, 40_000);
    let at = stage.at(40_001);
    let generation = stage.generation;
    let line = crate::scenario::section_of_restart(generation, at);
    stage.story(0).hostd.plant_raw("hostd-restarted", at, line);
    stage.refused_in_vcenter(
        0,
        &vm,
        &rekey,
        3_000,
        "rekey-end-vcenter",
        &system_error("The connection to the host was lost."),
    );
    stage.powered_off(0, &vm, 398_000);
    stage.disk_refused(0, &vm, 460_000, 1);
    stage.failure(0, &vm, &rekey, true);
}

fn vmotion(stage: &mut Stage) {
    let vm = stage.vm(0, "ERP-46", 46, 2);
    let rekey = stage.rekey(0, &vm, 0);
    let (on, moved, seed) = (stage.at(-86_400_000), stage.at(21_000), 4711);
    let mut source: Sheet = stage.story(0).running_vm("vmware.log", &vm, on, moved, 1500);
    for (wait, text) in [
        (-9_000, "MigrateSetState: Transitioning from state 0 to 1."),
        (-4_000, "MigrateSetState: Transitioning from state 1 to 2."),
        (-200, "MigrateSetState: Transitioning from state 5 to 6."),
    ] {
        source.plant("vmotion", crate::record::LogRecord::new(moved + millis(wait), "vmx", text));
    }
    for record in crate::noise::power_off(moved, seed) {
        source.say(record);
    }
    stage.vm_log(0, &vm, source);
    stage.event_of(1, &vm, 12_000, "vmotion", "com.vmware.vc.vm.VmHotMigratingWithEncryptionEvent");
    let gone = stage.at(21_100);
    let story = stage.story(0);
    let record = story.bare_transition(gone, &vm, "ON", "OFF");
    story.hostd.say(record);
    stage.fails(0, &vm, &rekey, 22_000);
    stage.disk_refused(1, &vm, 60_000, 1);
    stage.failure(1, &vm, &rekey, true);
}
