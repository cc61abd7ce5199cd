//! The same failure, seen through less: logs that are missing, rotated or stamped by a wrong clock, and cures.

use super::cut_short::{reset, reset_by_ha};
use super::stage::Stage;
use super::{Expected, ExpectedIncident, Tale};
use crate::scenario::{Sheet, reload_vm};
use crate::world::{Generation, Vm};

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "recovered",
        shows: "A disk did not open after an interrupted re-key; a reload and a second re-key cured it.",
        generation: Generation::V70,
        decisive: &["wrong-key"],
        hosts: 1,
        tell: recovered,
        expected: || {
            Expected::failure([ExpectedIncident::of("CRM-02", &["rekey-disk-wrong-key", "rekey-partial-multi-disk"])
                .recovered()
                .rekey(&["interrupted", "failed"], &["none", "encrypt-kdk", "decrypt-kdk"], 0, &[])])
            .verdicts(&["attention"])
        },
    },
    Tale {
        name: "retried",
        shows: "The host did not know the new provider; after it was pushed there, the second attempt worked.",
        generation: Generation::V80,
        decisive: &["provider-not-found"],
        hosts: 1,
        tell: retried,
        expected: || {
            Expected::failure([ExpectedIncident::of("CRM-03", &["kms-provider-not-found-on-host"]).recovered().rekey(
                &["failed"],
                &["get-new-key"],
                2,
                &["old"],
            )])
            .verdicts(&["attention"])
        },
    },
    Tale {
        name: "vmware-log-only",
        shows: "Of a VM that HA reset while it was re-keyed only the log in its folder came.",
        generation: Generation::V70,
        decisive: &["wrong-key"],
        hosts: 1,
        tell: vmware_log_only,
        expected: || {
            Expected::failure([ExpectedIncident::of("TEST-VM-4", &["rekey-disk-wrong-key"])
                .grades("probable", "probable")
                .rekey(&["unknown"], &["none"], 3, &["unknown"])
                .remedies(&["preserve-evidence", "reload-vmx"], &[])
                .do_not(&["keep-old-provider"])])
            .never(&["ha-vmmon-reset-during-rekey"])
        },
    },
    Tale {
        name: "rotated",
        shows: "The log of the host was rotated and packed between the begin of the re-key and its end.",
        generation: Generation::V67,
        decisive: &["ha-reset", "ha-screenshot"],
        hosts: 1,
        tell: rotated,
        expected: || Expected::failure([reset("TEST-VM-5")]),
    },
    Tale {
        name: "host-log-missing",
        shows: "Of a VM that HA reset while it was re-keyed the logs of vCenter and of the VM came, not the host's.",
        generation: Generation::V80,
        decisive: &["wrong-key"],
        hosts: 1,
        tell: host_log_missing,
        expected: || {
            let roots = ["rekey-disk-wrong-key", "rekey-partial-multi-disk"];
            Expected::failure([ExpectedIncident::of("TEST-VM-6", &roots)
                .also(&["rekey-disk-wrong-key"])
                .rekey(&["failed", "interrupted"], &["none", "decrypt-kdk", "encrypt-kdk"], 3, &["unknown"])
                .do_not(&["keep-old-provider"])])
            .never(&["ha-vmmon-reset-during-rekey"])
        },
    },
    Tale {
        name: "vcenter-log-missing",
        shows: "Of a VM that HA reset while it was re-keyed the logs of the host and of the VM came, not vCenter's.",
        generation: Generation::V65,
        decisive: &["ha-reset", "ha-screenshot"],
        hosts: 1,
        tell: vcenter_log_missing,
        expected: || Expected::failure([reset("TEST-VM-7").grades("probable", "confirmed")]),
    },
    Tale {
        name: "clock-ahead",
        shows: "The host's clock is 47 seconds ahead of vCenter's, which a dozen operations show.",
        generation: Generation::V80,
        decisive: &["ha-reset", "ha-screenshot"],
        hosts: 1,
        tell: clock_ahead,
        expected: || Expected::failure([reset("TEST-VM-8")]),
    },
];

fn recovered(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-02", 41, 3);
    stage.ran(0, &vm, 38_500, true);
    let rekey = stage.rekey(0, &vm, 0);
    stage.powered_off(0, &vm, 38_000);
    stage.fails(0, &vm, &rekey, 40_200);
    stage.disk_refused(0, &vm, 95_000, 1);
    let (reload, dialect) = (stage.at(760_000), stage.generation.hostd());
    let mut shell = Sheet::new("shell.log", dialect);
    reload_vm(stage.story(0), &mut shell, reload, &vm);
    stage.host_log(0, "shell.log", shell);
    stage.reopened(0, &vm, 830_000);
    let again = stage.at(1_500_000);
    let story = stage.story(0);
    let rekey = story.rekey_begin(again, &vm, &rekey.old, &rekey.new);
    story.rekey_done(again + 3_240_000, &vm, &rekey);
}

fn retried(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-03", 42, 2);
    stage.ran(0, &vm, 1_800_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    let at = stage.at(236);
    stage.story(0).provider_missing(at, &vm, &rekey);
    let again = stage.at(1_500_000);
    let story = stage.story(0);
    let rekey = story.rekey_begin(again, &vm, &rekey.old, &rekey.new);
    story.rekey_done(again + 3_240_000, &vm, &rekey);
}

fn one_reset(stage: &mut Stage, name: &str, vmid: u32) -> Vm {
    let vm = stage.vm(0, name, vmid, 3);
    reset_by_ha(stage, 0, &vm, 0);
    vm
}

fn vmware_log_only(stage: &mut Stage) {
    one_reset(stage, "TEST-VM-4", 64);
    stage.without_hostd(0);
    stage.without_vcenter();
}

fn rotated(stage: &mut Stage) {
    one_reset(stage, "TEST-VM-5", 65);
    stage.rotate(0, 70_000);
}

fn host_log_missing(stage: &mut Stage) {
    one_reset(stage, "TEST-VM-6", 66);
    stage.without_hostd(0);
}

fn vcenter_log_missing(stage: &mut Stage) {
    one_reset(stage, "TEST-VM-7", 67);
    stage.without_vcenter();
}

fn clock_ahead(stage: &mut Stage) {
    one_reset(stage, "TEST-VM-8", 68);
    stage.clock_ahead(47_000);
}
