//! What a signature without `[history]` means in a history, by its area: failures and recoveries are told, context is
//! not.

use esxray_knowledge::{Signature, Tone};
use esxray_model::HistoryKind;

/// The kind of entry that a record of a signature makes; `None` where it makes none.
pub(super) fn kind(signature: &Signature) -> Option<HistoryKind> {
    if let Some(meaning) = &signature.history {
        return Some(meaning.kind);
    }
    (signature.tone != Tone::Context).then(|| of_area(&signature.area, &signature.id))
}

/// The kind behind the folder that a signature lies in. Packs have folders of their own.
fn of_area(area: &str, id: &str) -> HistoryKind {
    match area {
        "capacity" => HistoryKind::Capacity,
        "disk" if id.contains("lock") => HistoryKind::Lock,
        "disk" => HistoryKind::DiskFailure,
        "forensic" | "privilege" => HistoryKind::Permission,
        "guest" => HistoryKind::Guest,
        "ha" if id.starts_with("lwd") => HistoryKind::Crash,
        "ha" if id.contains("uplink") => HistoryKind::HostNetwork,
        "ha" => HistoryKind::HaAction,
        "key-provider" | "nkp" | "tpm" | "vta" => HistoryKind::Key,
        "api" | "policy" | "vtpm" | "workstation" => HistoryKind::Encryption,
        "vsan" if id.contains("kms") || id.contains("key") || id.contains("encrypt") => HistoryKind::Encryption,
        "iscsi" | "nfs" | "scsi" | "storage" | "vmfs" | "vsan" => HistoryKind::StorageTrouble,
        "lifecycle" if id.contains("question") => HistoryKind::Question,
        "lifecycle" if id.contains("gone") => HistoryKind::Unregister,
        "migration" => HistoryKind::Vmotion,
        "network" => HistoryKind::HostNetwork,
        "power" => HistoryKind::Crash,
        "rekey" => HistoryKind::RekeyStep,
        "snapshot" => HistoryKind::Snapshot,
        "task" => HistoryKind::Task,
        "vm-locked" => HistoryKind::VmLocked,
        "platform" => HistoryKind::Host,
        _ => HistoryKind::Other,
    }
}
