//! Files that are no logs but evidence: what a VM is configured to be, which keys its disks name, what
//! a host says of itself.
//!
//! [`read`](crate::read) recognises such a file by its first bytes, reads it whole up to
//! [`ReadOptions::file_limit`](crate::ReadOptions::file_limit) and hands out no block of it: no signature is
//! searched in it. What it says stands in [`Account::file`](crate::Account::file), each value with its
//! line, and [`Account::entries`](crate::Account::entries) holds its entries as text for whoever lists them, if
//! [`ReadOptions::keep_entries`](crate::ReadOptions::keep_entries) asks for them.
//!
//! No secret is kept: wrapped keys, data-file keys, passwords and salts are dropped while the file is read, and stand
//! as [`HIDDEN`] where a text has to show that there was something.
//!
//! To add a file: write `files/<name>.rs` with its type and its parser, and add a variant to [`EvidenceFile`] and
//! to [`FileKind`].

mod charset;
mod descriptor;
mod dictionary;
mod host;
mod key_locator;
mod recognise;
mod sheet;
mod vm_inventory;
mod vm_list;
mod vmsd;
mod vmx;

use esxray_model::FormatName;

pub use descriptor::{Descriptor, Extent};
pub use host::{ErrorCode, HostFile, HostFileKind, NtpPeer, RunningVm};
pub use key_locator::{KeyLocator, KeyRef, LocatorError};
pub use recognise::recognise;
pub use vm_inventory::{RegisteredVm, VmInventory};
pub use vm_list::{ListedVm, VmList};
pub use vmsd::{Snapshot, SnapshotDisk, Vmsd};
pub use vmx::{Device, Vmx};

pub(crate) use recognise::{HEAD, holds_log};
pub(crate) use sheet::Sheet;

/// What stands for a secret that was dropped.
pub const HIDDEN: &str = "[hidden]";

/// A value, and the line that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Its line, 1-based.
    pub line: u64,
}

/// Something about a file that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The line, 1-based; 0 where it is about the file as a whole.
    pub line: u64,
    /// What does not fit, as words that follow "line 7: ". Never a value of the file.
    pub what: String,
}

/// One entry of a file, with its secrets replaced by [`HIDDEN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its first line, 1-based.
    pub line: u64,
    /// Where that line begins, in decoded bytes.
    pub byte_offset: u64,
    /// What stands there; of an entry with further lines all of them, joined by line feeds.
    pub text: String,
}

/// What a file that is no log says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvidenceFile {
    /// The configuration of a VM: `.vmx`, `.vmtx`.
    Vmx(Vmx),
    /// The descriptor of a virtual disk: `.vmdk`.
    Descriptor(Descriptor),
    /// The snapshots of a VM: `.vmsd`.
    Snapshots(Vmsd),
    /// The VMs that are registered on a host: `vmInventory.xml`.
    VmInventory(VmInventory),
    /// The answer of `vim-cmd vmsvc/getallvms`.
    VmList(VmList),
    /// `esx.conf`, or the answer of a command that tells of the host.
    Host(HostFile),
}

impl EvidenceFile {
    /// What does not fit, in the order of its lines; not more than [`Self::MOST_PROBLEMS`] and one for what is beyond the limit.
    pub fn problems(&self) -> &[FileProblem] {
        match self {
            Self::Vmx(it) => &it.problems,
            Self::Descriptor(it) => &it.problems,
            Self::Snapshots(it) => &it.problems,
            Self::VmInventory(it) => &it.problems,
            Self::VmList(it) => &it.problems,
            Self::Host(it) => &it.problems,
        }
    }

    fn problems_mut(&mut self) -> &mut Vec<FileProblem> {
        match self {
            Self::Vmx(it) => &mut it.problems,
            Self::Descriptor(it) => &mut it.problems,
            Self::Snapshots(it) => &mut it.problems,
            Self::VmInventory(it) => &mut it.problems,
            Self::VmList(it) => &mut it.problems,
            Self::Host(it) => &mut it.problems,
        }
    }

    /// Says that the file goes on beyond the limit.
    pub(crate) fn cut_at(&mut self, line: u64, bytes: u64) {
        let what = format!("the file goes on for {bytes} bytes beyond the limit, and they were not read");
        self.problems_mut().push(FileProblem { line, what });
    }

    /// How many problems are kept; lines that were not understood are all counted in the account.
    pub const MOST_PROBLEMS: usize = 64;
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// The configuration of a VM.
    Vmx,
    /// The descriptor of a virtual disk.
    Descriptor,
    /// The snapshots of a VM.
    Vmsd,
    /// The VMs that are registered on a host.
    VmInventory,
    /// The answer of `vim-cmd vmsvc/getallvms`.
    VmList,
    /// What a host says of itself.
    Host(HostFileKind),
}

impl FileKind {
    /// The word for it in reports.
    pub const fn format(self) -> FormatName {
        match self {
            Self::Vmx => FormatName::Vmx,
            Self::Descriptor => FormatName::VmdkDescriptor,
            Self::Vmsd => FormatName::Vmsd,
            Self::VmInventory => FormatName::VmInventory,
            Self::VmList => FormatName::VmList,
            Self::Host(HostFileKind::EsxConf) => FormatName::EsxConf,
            Self::Host(_) => FormatName::HostCommand,
        }
    }
}

/// Reads a file. `utf8` says that the bytes are UTF-8 whatever the file says of itself.
pub(crate) fn parse(kind: FileKind, bytes: &[u8], utf8: bool, sheet: &mut Sheet) -> EvidenceFile {
    let mut file = match kind {
        FileKind::Vmx => EvidenceFile::Vmx(Vmx::parse(bytes, utf8, sheet)),
        FileKind::Descriptor => EvidenceFile::Descriptor(Descriptor::parse(bytes, utf8, sheet)),
        FileKind::Vmsd => EvidenceFile::Snapshots(Vmsd::parse(bytes, utf8, sheet)),
        FileKind::VmInventory => EvidenceFile::VmInventory(VmInventory::parse(bytes, sheet)),
        FileKind::VmList => EvidenceFile::VmList(VmList::parse(bytes, sheet)),
        FileKind::Host(kind) => EvidenceFile::Host(HostFile::parse(kind, bytes, utf8, sheet)),
    };
    sheet.count_nuls(bytes);
    *file.problems_mut() = sheet.take_problems();
    file
}
