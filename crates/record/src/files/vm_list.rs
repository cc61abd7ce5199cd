//! `vim-cmd vmsvc/getallvms`: the VMs of a host as a table.

use super::{FileProblem, Found};

/// The VMs of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VmList {
    /// The VMs, in the order of the file.
    pub vms: Vec<ListedVm>,
    /// VMs that the host skips as invalid: those whose keys or files it cannot get.
    pub skipped: Vec<Found<u32>>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A VM of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVm {
    /// Its number on the host.
    pub vmid: u32,
    /// Its name.
    pub name: String,
    /// The name of the datastore.
    pub datastore: String,
    /// The path of its `.vmx` on the datastore.
    pub path: String,
    /// The guest's system, such as `rhel8_64Guest`.
    pub guest_os: String,
    /// Its virtual hardware, such as `vmx-19`.
    pub hardware: String,
    /// Its line.
    pub line: u64,
}
