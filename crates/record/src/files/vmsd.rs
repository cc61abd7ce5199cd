//! `.vmsd`: the snapshots of a VM.

use esxray_model::Timestamp;

use super::{FileProblem, Found};

/// The snapshots of a VM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vmsd {
    /// The encoding that the file says it has.
    pub encoding: Option<Found<String>>,
    /// `snapshot.current`: the uid of the snapshot that the VM runs on.
    pub current: Option<Found<u32>>,
    /// `snapshot.numSnapshots`.
    pub count: Option<Found<u32>>,
    /// The snapshots, in the order of the file; one without uid is none.
    pub snapshots: Vec<Snapshot>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A snapshot of a VM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub uid: u32,
    /// The snapshot below it.
    pub parent: Option<u32>,
    /// Its name.
    pub name: Option<Found<String>>,
    /// Its own file, the `.vmsn`.
    pub file: Option<Found<String>>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The disks that it holds.
    pub disks: Vec<SnapshotDisk>,
    /// The first line that names it.
    pub line: u64,
}

/// A disk as a snapshot holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotDisk {
    /// Where it hangs: `scsi0:1`.
    pub node: Option<String>,
    /// Its descriptor.
    pub file: Option<Found<String>>,
}

impl Vmsd {
    /// Whether two snapshots have the same one below them: the chain has branches.
    pub fn has_branches(&self) -> bool {
        let parents = || self.snapshots.iter().map(|it| it.parent.unwrap_or(0));
        parents().enumerate().any(|(at, parent)| parents().skip(at + 1).any(|other| other == parent))
    }
}
