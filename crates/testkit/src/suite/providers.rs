//! The key provider itself is the trouble.

use super::stage::{Stage, TARGET};
use super::steps::system_error;
use super::{Expected, ExpectedIncident, Tale};
use crate::world::{Generation, Key, Vm};

const OLD: &[&str] = &["old"];

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "provider-renamed",
        shows: "The old provider goes by another name now; the disks still name the one that it had.",
        generation: Generation::V70,
        decisive: &["provider-not-found"],
        hosts: 1,
        tell: renamed,
        expected: || {
            Expected::failure([ExpectedIncident::of("CRM-51", &["kms-provider-not-found-on-host"])
                .rekey(&["failed"], &["get-old-key"], 2, OLD)
                .remedies(&["recreate-provider-same-name"], &["reload-vmx", "reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider", "no-power-off"])])
        },
    },
    Tale {
        name: "native-provider-recreated",
        shows: "A native provider was deleted and made again: after a restart of the host a VM is locked.",
        generation: Generation::V80,
        decisive: &["cannot-decrypt"],
        hosts: 1,
        tell: recreated,
        expected: || {
            let roots = ["nkp-deleted-recreated", "vm-locked-key-missing-host"];
            Expected::failure([ExpectedIncident::of("CRM-52", &roots)
                .grades("possible", "confirmed")
                .also(&["nkp-deleted-recreated"])
                .remedies(&["restore-nkp-from-backup"], &["reregister-vm"])
                .do_not(&["keep-old-provider"])])
        },
    },
    Tale {
        name: "native-provider-not-backed-up",
        shows: "A native provider has no backup; everything else is well.",
        generation: Generation::V70,
        decisive: &["not-backed-up"],
        hosts: 1,
        tell: not_backed_up,
        expected: || {
            Expected::failure([])
                .verdicts(&["attention"])
                .causes(&["nkp-not-backed-up"])
                .never(&["nkp-deleted-recreated", "kms-unreachable"])
        },
    },
    Tale {
        name: "kms-unreachable",
        shows: "vCenter does not reach the new key server; no key is made.",
        generation: Generation::V80,
        decisive: &["unreachable"],
        hosts: 1,
        tell: unreachable,
        expected: || {
            Expected::failure([ExpectedIncident::of("CRM-53", &["kms-unreachable"])
                .also(&["kms-key-generate-fail"])
                .rekey(&["failed"], &["get-new-key"], 2, OLD)
                .remedies(&["restore-kms-connection"], &["reload-vmx", "reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider", "no-unregister-while-provider-unreachable"])])
        },
    },
    Tale {
        name: "certificate-expired",
        shows: "The certificate that vCenter shows to the key server ran out; a warning had come before.",
        generation: Generation::V80,
        decisive: &["trust"],
        hosts: 1,
        tell: expired,
        expected: || {
            Expected::failure([ExpectedIncident::of("CRM-54", &["kms-trust-broken", "kms-client-cert-expiring"])
                .rekey(&["failed"], &["get-new-key"], 2, OLD)
                .remedies(&["renew-kms-trust"], &["reload-vmx", "reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider"])])
            .causes(&["kms-client-cert-expiring"])
        },
    },
    Tale {
        name: "keys-lost-after-reboot",
        shows: "A host without key persistence was restarted while no key server answered: its VM is locked.",
        generation: Generation::V67,
        decisive: &["locked"],
        hosts: 1,
        tell: keys_lost,
        expected: || {
            Expected::failure([ExpectedIncident::of("CRM-55", &["vm-locked-key-missing-host"])
                .remedies(&["unlock-vm", "reload-vmx"], &["reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider", "do-not-unregister-locked-vm"])])
            .never(&["kms-sendkey-key-missing", "rekey-disk-wrong-key"])
        },
    },
];

fn renamed(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-51", 51, 2);
    stage.ran(0, &vm, 900_000, false);
    let at = stage.at(0);
    let story = stage.story(0);
    let (old, new) = (Key::of("KMS-HQ", &mut story.rng), Key::of(TARGET, &mut story.rng));
    let rekey = story.rekey_begin(at, &vm, &old, &new);
    let record = crate::scenario::provider_fault(at + 310_000, &vm.sub(), "KMS-HQ").op_id(&rekey.host_op);
    story.hostd.plant("provider-not-found", record);
    story.transition(at + 313_000, &rekey, &vm, "RECONFIGURING", "ON");
    story.rekey_failed(at + 316_000, &vm, &rekey, "Failed to get the key from the key provider.");
    stage.failure(0, &vm, &rekey, false);
}

fn recreated(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-52", 52, 2);
    stage.ran(0, &vm, -700_000, true);
    stage.raw_log(0, "vmksummary.log", -600_000, "host-booted", "{at} bootstop: Host has booted");
    stage.event_of(0, &vm, 0, "locked", "com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost");
    let text = format!(
        "[VpxLRO] -- ERROR task-40771 -- {} -- vim.VirtualMachine.powerOn: vmodl.fault.SystemError:\nResult:\n{}\nArgs:\n",
        vm.moref,
        system_error("Unable to decrypt the ciphertext. Failed to decrypt the key")
    );
    stage.vcenter_says(4_000, "cannot-decrypt", "vpxLro", &text);
}

fn not_backed_up(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-56", 56, 2);
    stage.ran(0, &vm, 900_000, false);
    stage.event(0, None, -200_000, "not-backed-up", "com.vmware.vc.kms.crypto.NotBackedUp");
    stage.success(0, &vm, 0);
}

/// A re-key that ends because no key was made.
pub(super) fn no_key(stage: &mut Stage, host: usize, vm: &Vm, after: i64) {
    let rekey = stage.asked(host, vm, after);
    stage.event(host, Some((vm, &rekey)), after + 31_000, "no-key", "com.vmware.vc.kms.crypto.KeyGenerateFail");
    let fault = system_error("Failed to generate a key.");
    stage.refused_in_vcenter(host, vm, &rekey, after + 31_040, "rekey-end-vcenter", &fault);
    stage.failure(host, vm, &rekey, false);
}

fn unreachable(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-53", 53, 2);
    stage.ran(0, &vm, 900_000, false);
    stage.event(0, None, -20_000, "unreachable", "com.vmware.vc.kms.crypto.Unreachable");
    no_key(stage, 0, &vm, 0);
    stage.event(0, None, 40_000, "unreachable", "com.vmware.vc.kms.crypto.Unreachable");
}

fn expired(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-54", 54, 2);
    stage.ran(0, &vm, 900_000, false);
    stage.event(0, None, -1_300_000, "expiring", "com.vmware.vc.vecs.KMSClientCertExpirationEvent");
    let rekey = stage.asked(0, &vm, 0);
    let text = "Failed to create key on KMS 192.0.2.50:5696 - Err:QLC_ERR_NEED_AUTH";
    stage.vcenter_line(0, &rekey, 500, "no-key", text);
    let text = "Result:\n(vim.encryption.CryptoManagerKmip.ServerStatus) {\n   name = \"kms01\", \n   status = \"red\", \n   connectionStatus = \"connection failed\", \n   clientTrustServer = true, \n   serverTrustClient = false\n}";
    stage.vcenter_line(0, &rekey, 540, "trust", text);
    stage.event(0, Some((&vm, &rekey)), 600, "no-key", "com.vmware.vc.kms.crypto.KeyGenerateFail");
    stage.refused_in_vcenter(0, &vm, &rekey, 640, "rekey-end-vcenter", &system_error("Failed to generate a key."));
    stage.failure(0, &vm, &rekey, false);
}

fn keys_lost(stage: &mut Stage) {
    let vm = stage.vm(0, "CRM-55", 55, 2);
    stage.ran(0, &vm, -700_000, true);
    stage.silent(0, -700_000, -590_000);
    stage.raw_log(0, "vmksummary.log", -600_000, "host-booted", "{at} bootstop: Host has booted");
    stage.event_of(0, &vm, 0, "locked", "com.vmware.vc.vm.Crypto.VMLocked.KeyMissingOnHost");
}
