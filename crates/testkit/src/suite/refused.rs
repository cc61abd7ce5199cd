//! A re-key is refused before anything is changed.

use super::stage::Stage;
use super::steps::system_error;
use super::{Expected, ExpectedIncident, Tale};
use crate::world::Generation;

const OLD: &[&str] = &["old"];

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "refused-powered-on",
        shows: "A fixed build refuses to re-key a VM that runs.",
        generation: Generation::V70,
        decisive: &["refused"],
        hosts: 1,
        tell: powered_on,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-31", &["rekey-poweredon-not-supported"])
                .rekey(&["failed"], &["none"], 2, OLD)
                .remedies(&["power-off-and-rekey"], &["reload-vmx", "reregister-vm", "reissue-rekey"])
                .do_not(&["keep-old-provider"])])
        },
    },
    Tale {
        name: "refused-snapshots",
        shows: "A VM with a branched snapshot tree is not re-keyed.",
        generation: Generation::V80,
        decisive: &["refused"],
        hosts: 1,
        tell: snapshots,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-32", &["rekey-snapshots-block", "rekey-linked-clone"])
                .rekey(&["failed"], &["none"], 2, OLD)
                .remedies(&["remove-snapshots"], &["power-off-and-rekey", "reregister-vm", "reload-vmx"])])
            .verdicts(&["failure", "attention"])
        },
    },
    Tale {
        name: "refused-mixed-provider-types",
        shows: "A change that would leave home and disks on two kinds of provider is refused.",
        generation: Generation::V80,
        decisive: &["refused"],
        hosts: 1,
        tell: mixed_types,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-33", &["rekey-mixed-key-provider-types"])
                .rekey(&["failed"], &["none"], 2, OLD)
                .remedies(&["rekey-all-objects"], &["reregister-vm", "reload-vmx"])
                .do_not(&["keep-old-provider"])])
        },
    },
    Tale {
        name: "refused-privilege",
        shows: "The script's account may not re-key.",
        generation: Generation::V80,
        decisive: &["refused"],
        hosts: 1,
        tell: privilege,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-34", &["priv-nopermission-crypto"])
                .rekey(&["failed"], &["none"], 2, OLD)
                .remedies(&["grant-crypto-privilege"], &["reregister-vm", "reload-vmx", "power-off-and-rekey"])])
        },
    },
    Tale {
        name: "failed-for-unknown-reasons",
        shows: "A re-key ends with an error that nothing explains: that must not pass for a clean host.",
        generation: Generation::V65,
        decisive: &[],
        hosts: 1,
        tell: unknown,
        expected: || {
            Expected::failure([]).verdicts(&["failure", "attention", "inconclusive"]).never(&[
                "rekey-disk-wrong-key",
                "ha-vmmon-reset-during-rekey",
                "kms-provider-not-found-on-host",
            ])
        },
    },
    Tale {
        name: "all-well",
        shows: "Three VMs on two hosts are re-keyed, and nothing is wrong.",
        generation: Generation::V70,
        decisive: &[],
        hosts: 2,
        tell: all_well,
        expected: || Expected::failure([]).verdicts(&["clean"]),
    },
];

fn powered_on(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-31", 31, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    let fault = "(vmodl.fault.NotSupported) {\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>\n   msg = \"Not support: unable to shallow rekey powered on vm.\"\n}";
    stage.refused(0, &vm, &rekey, 480, "refused", fault);
    stage.failure(0, &vm, &rekey, false);
}

/// A fault that says by the key of its message what is wrong with a configuration.
fn invalid_config(key: &str) -> String {
    format!(
        "(vim.fault.InvalidVmConfig) {{\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = (vmodl.LocalizableMessage) [\n      (vmodl.LocalizableMessage) {{\n         key = \"{key}\", \n         arg = <unset>, \n         message = <unset>\n      }}\n   ], \n   property = \"crypto\"\n   msg = \"\"\n}}"
    )
}

fn snapshots(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-32", 32, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    stage.refused(0, &vm, &rekey, 390, "refused", &invalid_config("msg.hostd.configSpec.enc.snapshots"));
    stage.failure(0, &vm, &rekey, false);
}

fn mixed_types(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-33", 33, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    stage.refused(0, &vm, &rekey, 390, "refused", &invalid_config("msg.hostd.configSpec.enc.mixedKeys"));
    stage.failure(0, &vm, &rekey, false);
}

fn privilege(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-34", 34, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.asked(0, &vm, 0);
    let fault = format!(
        "(vim.fault.NoPermission) {{\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>, \n   object = 'vim.VirtualMachine:3efc1455-d78f-4e78-b90c-32b43c02abc0:{}', \n   privilegeId = \"Cryptographer.Recrypt\"\n   msg = \"\"\n}}",
        vm.moref
    );
    stage.refused_in_vcenter(0, &vm, &rekey, 21, "refused", &fault);
    stage.failure(0, &vm, &rekey, false);
}

fn unknown(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-35", 35, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    stage.refused(0, &vm, &rekey, 2100, "refused", &system_error("Internal error"));
    stage.failure(0, &vm, &rekey, false);
}

fn all_well(stage: &mut Stage) {
    for (host, name, vmid, after) in [(0, "APP-36", 36, 0), (1, "APP-37", 37, 20_000), (0, "APP-38", 38, 40_000)] {
        let vm = stage.vm(host, name, vmid, 2);
        stage.ran(host, &vm, 900_000, false);
        stage.success(host, &vm, after);
    }
}
