//! What the names of events mean for a re-key.

use esxray_model::{Interruption, RekeyStep};

/// Events that only a change of keys writes.
pub(super) fn is_rekey_mark(name: &str) -> bool {
    matches!(name, "crypto-spec" | "key-changed" | "crypto-operation" | "rekey-script-failed")
        || name.starts_with("rekey-")
        || name.starts_with("shallow-rekey")
        || name.starts_with("deep-rekey")
}

pub(super) fn begins_task(name: &str) -> bool {
    matches!(name, "task-reconfigure-begin" | "crypto-spec" | "vm-reconfiguring" | "vm-reconfiguring-off")
}

pub(super) fn ends_task(name: &str) -> bool {
    matches!(name, "task-end" | "lro-finish" | "lro-error")
}

/// Events that say that a change of keys failed, and not why.
pub(super) fn is_failure(name: &str) -> bool {
    matches!(name, "rekey-fail" | "rekey-script-failed")
}

/// Events of a VM that cut its re-key short while it runs.
pub(super) fn interruption(name: &str) -> Option<Interruption> {
    Some(match name {
        "ha-vm-reset" => Interruption::HaReset,
        "ha-vm-restarted" => Interruption::HostLost,
        "vmx-unexpected-signal" | "monitor-panic" | "host-killed-vm" => Interruption::VmCrash,
        "vm-reset" => Interruption::Reset,
        "vm-powered-off" => Interruption::PowerOff,
        "vm-migrating" => Interruption::Migration,
        _ => return None,
    })
}

pub(super) fn interrupts(name: &str) -> bool {
    interruption(name).is_some_and(|by| by != Interruption::HaReset)
}

/// Whether an event can be placed inside of an attempt only where the attempt's end is shown.
pub(super) fn needs_an_end(name: &str) -> bool {
    interruption(name) == Some(Interruption::Migration)
}

/// Events of a host that cut the re-keys on it short.
pub(super) const OF_HOST: [(&str, Interruption); 6] = [
    ("purple-screen", Interruption::HostCrash),
    ("host-core-found", Interruption::HostCrash),
    ("host-booted", Interruption::HostRestart),
    ("host-stop-intended", Interruption::HostRestart),
    ("ha-host-dead", Interruption::HostLost),
    ("hostd-started", Interruption::HostdRestart),
];

/// Refusals of a change of keys, which leave everything as it was.
pub(super) fn is_refusal(name: &str) -> bool {
    const REFUSALS: [&str; 9] = [
        "shallow-rekey-powered-on",
        "deep-rekey-powered-on",
        "reject-snapshots",
        "reject-disk-chain",
        "reject-mixed-provider-types",
        "reject-shared-backing",
        "invalid-power-state",
        "crypto-privilege-missing",
        "task-already-running",
    ];
    REFUSALS.contains(&name)
}

/// The step at which an error fails an attempt, whichever provider it names.
pub(super) fn failed_step(name: &str) -> Option<RekeyStep> {
    Some(match name {
        "kms-key-generate-fail" | "generate-key-refused" => RekeyStep::GetNewKey,
        "host-send-key-error" | "host-crypto-incapable" | "host-crypto-disabled" => RekeyStep::SaveNewKey,
        "kms-key-missing" | "encryption-key-required" | "disk-key-not-found" => RekeyStep::GetOldKey,
        "key-decrypt-failed" => RekeyStep::DecryptKdk,
        "crypto-no-disk-space" | "crypto-resume-failed" => RekeyStep::EncryptKdk,
        _ => return None,
    })
}

/// Errors that tell the step, those of key providers aside.
pub(super) fn is_step_error(name: &str) -> bool {
    failed_step(name).is_some() && !is_provider_error(name)
}

/// Errors of a key provider, or of a key that it should have, that fail a change of keys.
pub(super) const PROVIDER_ERRORS: [&str; 22] = [
    "provider-not-found",
    "kms-unreachable",
    "kms-error",
    "kms-client-error",
    "kms-password-missing",
    "kms-key-generate-fail",
    "kms-key-missing",
    "kms-trust-broken",
    "host-reqenable-kms-error",
    "host-reqenable-key-missing",
    "vsan-kms-health-error",
    "key-state-cluster-invalid",
    "key-state-cluster-unreachable",
    "key-state-missing-in-kms",
    "key-state-missing-in-cache",
    "key-state-not-active",
    "key-state-wrapping-key",
    "vm-locked-kms-error",
    "vm-locked-key-missing-kms",
    "vm-locked-trusted-provider",
    "trusted-provider-unavailable",
    "trusted-provider-unhealthy",
];

/// Whether an event is an error of a key provider, or of a key that it should have.
pub(crate) fn is_provider_error(name: &str) -> bool {
    PROVIDER_ERRORS.contains(&name)
}
