//! Each of the five steps fails.

use super::stage::Stage;
use super::{Expected, ExpectedIncident, Tale};
use crate::world::Generation;

const OLD: &[&str] = &["old"];

/// What cannot help while a key provider fails, and costs a restart or the history.
const COSTLY: &[&str] = &["reload-vmx", "reregister-vm", "power-off-and-rekey"];

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "step-1-new-key-refused",
        shows: "The new provider does not make a key: the host never hears of the re-key.",
        generation: Generation::V70,
        decisive: &["key-refused"],
        hosts: 1,
        tell: new_key_refused,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-21", &["kms-qlc-other", "kms-key-generate-fail"])
                .also(&["kms-key-generate-fail"])
                .rekey(&["failed"], &["get-new-key"], 2, OLD)
                .remedies(&["restore-kms-connection"], COSTLY)
                .do_not(&["keep-old-provider"])])
        },
    },
    Tale {
        name: "step-1-target-unknown-on-one-host",
        shows: "One host does not know the new provider; on another host a re-key to it works.",
        generation: Generation::V80,
        decisive: &["provider-not-found"],
        hosts: 2,
        tell: target_unknown,
        expected: || {
            Expected::failure([ExpectedIncident::of("PAY-01", &["kms-provider-not-found-on-host"])
                .grades("confirmed", "confirmed")
                .rekey(&["failed"], &["get-new-key"], 3, OLD)
                .remedies(
                    &["preserve-evidence", "push-provider-to-host"],
                    &["reload-vmx", "reregister-vm", "power-off-and-rekey", "reissue-rekey"],
                )
                .do_not(&["keep-old-provider", "no-power-off", "no-unregister-while-provider-unreachable"])])
        },
    },
    Tale {
        name: "step-2-key-not-accepted-by-host",
        shows: "vCenter has the new key and cannot hand it to the host.",
        generation: Generation::V70,
        decisive: &["send-key-error"],
        hosts: 1,
        tell: key_not_accepted,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-22", &["host-sendkey-host-error"])
                .rekey(&["failed"], &["save-new-key"], 2, OLD)
                .remedies(&["push-provider-to-host"], &["reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider", "no-power-off"])])
        },
    },
    Tale {
        name: "step-2-host-incapable",
        shows: "The host refuses the new key: it is not prepared for encryption.",
        generation: Generation::V67,
        decisive: &["host-incapable"],
        hosts: 1,
        tell: host_incapable,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-23", &["host-crypto-incapable", "host-sendkey-host-error"])
                .rekey(&["failed"], &["save-new-key"], 2, OLD)
                .remedies(&["enable-host-encryption-mode"], &["reregister-vm", "power-off-and-rekey"])])
        },
    },
    Tale {
        name: "step-3-old-provider-unknown",
        shows: "The host does not know the old provider, so the old key is not to be had.",
        generation: Generation::V90,
        decisive: &["provider-not-found"],
        hosts: 1,
        tell: old_provider_unknown,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-24", &["kms-provider-not-found-on-host"])
                .grades("confirmed", "confirmed")
                .rekey(&["failed"], &["get-old-key"], 3, OLD)
                .remedies(
                    &["push-provider-to-host"],
                    &["reload-vmx", "reregister-vm", "power-off-and-rekey", "reissue-rekey"],
                )
                .do_not(&["keep-old-provider", "no-power-off", "no-unregister-while-provider-unreachable"])])
        },
    },
    Tale {
        name: "step-3-old-key-missing-on-kms",
        shows: "The old key server no longer has the key that the disks are on.",
        generation: Generation::V67,
        decisive: &["key-missing"],
        hosts: 1,
        tell: old_key_missing,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-25", &["kms-sendkey-key-missing"])
                .rekey(&["failed"], &["get-old-key"], 2, OLD)
                .remedies(&["restore-key-on-kms"], &["reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider", "no-power-off"])])
        },
    },
    Tale {
        name: "step-4-cannot-decrypt",
        shows: "The old native provider was made anew under its name: its key does not unwrap the disks' keys.",
        generation: Generation::V80,
        decisive: &["cannot-decrypt"],
        hosts: 1,
        tell: cannot_decrypt,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-26", &["nkp-deleted-recreated"])
                .grades("possible", "confirmed")
                .rekey(&["failed"], &["decrypt-kdk"], 2, &["old", "unknown"])
                .remedies(&["restore-nkp-from-backup"], &["reregister-vm", "power-off-and-rekey"])
                .do_not(&["keep-old-provider", "no-power-off"])])
            .verdicts(&["failure", "attention"])
        },
    },
    Tale {
        name: "step-5-no-space",
        shows: "A deep re-key of a VM that is off writes a second copy of its disks, and the datastore is full.",
        generation: Generation::V80,
        decisive: &["no-space"],
        hosts: 1,
        tell: no_space,
        expected: || {
            Expected::failure([ExpectedIncident::of("APP-27", &["rekey-no-disk-space"])
                .rekey(&["failed", "partial"], &["encrypt-kdk"], 2, &["old", "unknown"])
                .remedies(&["free-datastore-space"], &["reregister-vm"])
                .do_not(&["keep-old-provider"])])
        },
    },
];

fn new_key_refused(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-21", 21, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.asked(0, &vm, 0);
    let text = "Failed to create key on KMS 192.0.2.50:5696 - Err:QLC_ERR_NEED_AUTH";
    stage.vcenter_line(0, &rekey, 610, "key-refused", text);
    stage.event(0, Some((&vm, &rekey)), 640, "key-refused", "com.vmware.vc.kms.crypto.KeyGenerateFail");
    stage.refused_in_vcenter(0, &vm, &rekey, 660, "rekey-end-vcenter", &system_error("Failed to generate a key."));
    stage.failure(0, &vm, &rekey, false);
}

/// The dump of a fault without a type of its own.
pub(super) fn system_error(reason: &str) -> String {
    format!(
        "(vmodl.fault.SystemError) {{\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>, \n   reason = \"{reason}\"\n   msg = \"A general system error occurred: {reason}\"\n}}"
    )
}

fn target_unknown(stage: &mut Stage) {
    let vm = stage.vm(0, "PAY-01", 31, 3);
    let other = stage.vm(1, "PAY-02", 34, 2);
    stage.ran(0, &vm, 900_000, false);
    stage.success(1, &other, -40_000);
    provider_unknown(stage, 0, &vm, 0);
}

/// A re-key ends because the host does not know the new provider.
pub(super) fn provider_unknown(stage: &mut Stage, host: usize, vm: &crate::world::Vm, after: i64) {
    let rekey = stage.rekey(host, vm, after);
    let at = stage.at(after + 236);
    stage.story(host).provider_missing(at, vm, &rekey);
    stage.failure(host, vm, &rekey, false);
}

fn key_not_accepted(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-22", 22, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.asked(0, &vm, 0);
    let id = "com.vmware.vc.host.Crypto.SendKeyError.HostError";
    stage.event(0, Some((&vm, &rekey)), 1210, "send-key-error", id);
    stage.refused_in_vcenter(0, &vm, &rekey, 1240, "rekey-end-vcenter", &system_error("Failed to send keys to host."));
    stage.failure(0, &vm, &rekey, false);
}

fn host_incapable(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-23", 23, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.asked(0, &vm, 0);
    let at = stage.at(1100);
    let story = stage.story(0);
    let record = story.in_rekey(at, &rekey, "Hostsvc.CryptoManager", "Failed to add key: crypto state incapable");
    story.hostd.plant("host-incapable", record.level(crate::record::Level::Error));
    let id = "com.vmware.vc.host.Crypto.SendKeyError.HostError";
    stage.event(0, Some((&vm, &rekey)), 1210, "host-incapable", id);
    stage.refused_in_vcenter(0, &vm, &rekey, 1240, "rekey-end-vcenter", &system_error("Failed to send keys to host."));
    stage.failure(0, &vm, &rekey, false);
}

fn old_provider_unknown(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-24", 24, 3);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    let (old, at) = (rekey.old.provider.clone(), stage.at(300));
    let record = crate::scenario::provider_fault(at, &vm.sub(), &old).op_id(&rekey.host_op);
    let story = stage.story(0);
    story.hostd.plant("provider-not-found", record);
    story.transition(at + 3000, &rekey, &vm, "RECONFIGURING", "ON");
    story.rekey_failed(at + 5000, &vm, &rekey, "Failed to get the key from the key provider.");
    stage.failure(0, &vm, &rekey, false);
}

fn old_key_missing(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-25", 25, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    let id = "com.vmware.vc.kms.crypto.SendKeyError.KeyMissingOnKMS";
    stage.event(0, Some((&vm, &rekey)), 700, "key-missing", id);
    stage.fails(0, &vm, &rekey, 900);
    stage.failure(0, &vm, &rekey, false);
}

fn cannot_decrypt(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-26", 26, 2);
    stage.ran(0, &vm, 900_000, false);
    let rekey = stage.rekey(0, &vm, 0);
    let fault = system_error("Unable to decrypt the ciphertext. Failed to decrypt the key");
    stage.refused(0, &vm, &rekey, 820, "cannot-decrypt", &fault);
    stage.failure(0, &vm, &rekey, false);
}

fn no_space(stage: &mut Stage) {
    let vm = stage.vm(0, "APP-27", 27, 2);
    stage.ran(0, &vm, -400_000, true);
    stage.powered_off(0, &vm, -402_000);
    let mut rekey = stage.asked(0, &vm, 0);
    rekey.deep = true;
    let at = stage.at(0);
    stage.story(0).rekey_on_host(at, &vm, &rekey);
    stage.event(0, Some((&vm, &rekey)), 310_000, "no-space", "com.vmware.vc.vm.crypto.NoDiskSpace");
    stage.fails(0, &vm, &rekey, 310_400);
    stage.failure(0, &vm, &rekey, true);
}
