//! `vmInventory.xml`: the VMs that are registered on a host.

use super::{FileProblem, Found};

/// The VMs that are registered on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VmInventory {
    /// The VMs, in the order of the file.
    pub vms: Vec<RegisteredVm>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A VM that is registered on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredVm {
    /// Its number on the host, the vmid.
    pub vmid: Option<Found<u32>>,
    /// The path of its `.vmx`.
    pub path: Found<String>,
}
