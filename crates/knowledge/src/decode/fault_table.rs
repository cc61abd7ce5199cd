//! What is known of faults: the kinds that each is one of, and what the common ones mean.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A fault of the vSphere API.
pub(super) struct Known {
    /// Its name, as the API writes it.
    pub name: &'static str,
    /// The kinds that it is one of, the nearest first.
    pub bases: Vec<&'static str>,
    /// What it means; empty where its words say it.
    pub meaning: &'static str,
}

/// The fault of a name, in any case.
pub(super) fn find(name: &str) -> Option<Known> {
    /// No chain of kinds is as long.
    const LONGEST: usize = 12;
    // The name of no fault is longer.
    if name.len() > 100 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let (name, base) = TREE.get(&lower)?;
    let mut bases = vec![*base];
    while let Some((_, next)) = bases.last().and_then(|it| TREE.get(&it.to_ascii_lowercase()))
        && bases.len() < LONGEST
    {
        bases.push(next);
    }
    let meaning = MEANINGS.iter().find(|it| it.0 == *name).map_or("", |it| it.1);
    Some(Known { name, bases, meaning })
}

/// What an error of the vAPI means.
pub(super) fn api_error(name: &str) -> Option<&'static str> {
    // Java writes the same names in its own way: `NotFound`.
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let wanted = plain(name);
    API_ERRORS.iter().find(|it| plain(it.0) == wanted).map(|it| it.1)
}

/// Name and base of each fault, by the name in small letters.
static TREE: LazyLock<BTreeMap<String, (&'static str, &'static str)>> = LazyLock::new(|| {
    let lines = include_str!("faults.txt").lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| line.split_once(": "));
    rows.flat_map(|(base, names)| names.split(' ').map(move |name| (name.to_ascii_lowercase(), (name, base)))).collect()
});

/// In half a sentence, and what to do about it where that is short.
const MEANINGS: &[(&str, &str)] = &[
    ("AlreadyExists", "there is one of that name already"),
    ("ApplicationQuiesceFault", "the applications in the guest could not be quiesced for a snapshot"),
    ("CannotAccessFile", "the host cannot access a file"),
    ("CannotAccessLocalSource", "the host cannot access a file of its own"),
    ("CannotAccessVmDisk", "the host cannot access a disk of the VM"),
    ("CannotAccessVmConfig", "the host cannot access the configuration of the VM"),
    ("CannotCreateFile", "a file could not be created"),
    ("CannotDeleteFile", "a file could not be deleted"),
    ("ConcurrentAccess", "somebody else changed it meanwhile: try again"),
    ("CustomizationFault", "the guest could not be customised"),
    ("DasConfigFault", "vSphere HA could not be configured"),
    ("DatastoreNotWritableOnHost", "the host cannot write to the datastore"),
    ("DuplicateName", "there is one of that name already"),
    ("EncryptionKeyRequired", "the host lacks the key that the VM needs"),
    ("FileAlreadyExists", "there is such a file already"),
    ("FileFault", "something is wrong with a file"),
    ("FileLocked", "somebody holds the file: look who"),
    ("FileNotFound", "a file is missing"),
    ("FileTooLarge", "the datastore cannot hold a file as large"),
    ("FilesystemQuiesceFault", "the file systems in the guest could not be quiesced for a snapshot"),
    ("GenericDrsFault", "DRS failed: read the faults in it"),
    ("GenericVmConfigFault", "a container: the message ids in it say what failed"),
    ("HAErrorsAtDest", "vSphere HA has an error at the destination host"),
    ("HostCommunication", "vCenter cannot talk to the host"),
    ("HostConfigFault", "the host could not be configured"),
    ("HostConnectFault", "the host could not be connected"),
    ("HostNotConnected", "the host is not connected to vCenter"),
    ("HostNotReachable", "the host does not answer vCenter"),
    ("InaccessibleDatastore", "the datastore cannot be accessed"),
    ("InsufficientFailoverResourcesFault", "vSphere HA could not guarantee to restart it"),
    ("InsufficientMemoryResourcesFault", "the memory does not suffice"),
    ("InsufficientResourcesFault", "the resources do not suffice"),
    ("InvalidArgument", "a value of the request is wrong"),
    ("InvalidController", "the controller of a device is wrong"),
    ("InvalidDatastorePath", "a path to a datastore is wrong"),
    ("InvalidDeviceOperation", "that cannot be done with the device"),
    ("InvalidDeviceSpec", "the description of a device is wrong"),
    ("InvalidLogin", "user or password is wrong"),
    ("InvalidName", "the name is not allowed"),
    ("InvalidPowerState", "that cannot be done while it is powered on, off or suspended"),
    ("InvalidRequest", "the request makes no sense to the server"),
    ("InvalidSnapshotFormat", "the snapshots of the VM are not valid"),
    ("InvalidState", "that cannot be done in the state that it is in"),
    ("InvalidVmConfig", "the configuration of the VM is not valid"),
    ("InvalidVmState", "the VM is in no state in which that can be done"),
    ("LicenseAssignmentFailed", "the licence could not be assigned"),
    ("ManagedObjectNotFound", "the object is gone; after a VM was registered anew it has another id"),
    ("MemorySnapshotOnIndependentDisk", "a VM with an independent disk can have no snapshot with memory"),
    ("MigrationFault", "the VM cannot be migrated"),
    ("NetworkCopyFault", "a copy over the network failed"),
    ("NoActiveHostInCluster", "the cluster has no host that runs"),
    ("NoCompatibleHost", "no host can take the VM"),
    ("NoDiskSpace", "no space is left on the datastore"),
    ("NoHost", "the host cannot be reached"),
    ("NoPermission", "a right is missing"),
    ("NotAuthenticated", "the session is gone, or there never was one"),
    ("NotEnoughLicenses", "the licences do not suffice"),
    ("NotFound", "what was asked for is not there"),
    ("NotSupported", "that is not supported here"),
    ("OutOfBounds", "a value is out of bounds"),
    ("PlatformConfigFault", "the host reports an error of its platform"),
    ("ReplicationVmConfigFault", "the VM cannot be replicated as it is configured"),
    ("RequestCanceled", "somebody canceled it"),
    ("ResourceInUse", "it is in use"),
    ("RestrictedVersion", "the product or its licence does not allow it"),
    ("RuntimeFault", "an error of no kind of its own"),
    ("SSLDisabledFault", "the host does not offer SSL"),
    ("SSLVerifyFault", "the certificate of the host is not trusted"),
    ("SecurityError", "a right is missing"),
    ("SnapshotFault", "something is wrong with a snapshot"),
    ("SystemError", "the server failed for a reason that it does not know: read its text"),
    ("TaskInProgress", "another task works on it"),
    ("Timedout", "it took too long"),
    ("TooManySnapshotLevels", "the VM has too many snapshots in a row"),
    ("ToolsUnavailable", "VMware Tools do not run in the guest"),
    ("VmConfigFault", "something is wrong with the configuration of a VM"),
    ("VmToolsUpgradeFault", "VMware Tools could not be upgraded"),
    ("VmfsAlreadyMounted", "a copy of the VMFS volume is mounted already"),
    ("VmfsAmbiguousMount", "there are several copies of the VMFS volume"),
];

/// The standard errors of the vAPI.
const API_ERRORS: &[(&str, &str)] = &[
    ("error", "an error of no kind of its own"),
    ("already_exists", "there is one already"),
    ("already_in_desired_state", "it is as wanted already"),
    ("canceled", "somebody canceled it"),
    ("concurrent_change", "somebody else changed it meanwhile: try again"),
    ("feature_in_use", "a feature is in use"),
    ("internal_server_error", "the server failed for a reason that it does not know"),
    ("invalid_argument", "a value of the request is wrong"),
    ("invalid_element_configuration", "an element is configured wrongly"),
    ("invalid_element_type", "an element is of the wrong type"),
    ("invalid_request", "the request makes no sense to the server"),
    ("not_allowed_in_current_state", "that cannot be done in the state that it is in"),
    ("not_found", "what was asked for is not there"),
    ("operation_not_found", "the server has no such operation"),
    ("resource_busy", "it is busy"),
    ("resource_in_use", "it is in use"),
    ("resource_inaccessible", "it cannot be accessed"),
    ("service_unavailable", "the service does not answer"),
    ("timed_out", "it took too long"),
    ("unable_to_allocate_resource", "the resources do not suffice"),
    ("unauthenticated", "who asks is not known"),
    ("unauthorized", "a right is missing"),
    ("unexpected_input", "the request holds something that the server does not know"),
    ("unsupported", "that is not supported here"),
    ("unverified_peer", "the other side could not be verified"),
];

#[cfg(test)]
mod tests {
    use super::{MEANINGS, TREE, find};

    #[test]
    fn every_chain_ends_at_the_root() {
        for name in TREE.keys() {
            let known = find(name).unwrap();
            assert_eq!(known.bases.last(), Some(&"MethodFault"), "{name}");
        }
    }

    #[test]
    fn what_has_a_meaning_is_a_fault() {
        for (name, _) in MEANINGS {
            assert_eq!(find(name).map(|it| it.name), Some(*name), "{name}");
        }
        assert!(find("VirtualMachine").is_none());
    }
}
