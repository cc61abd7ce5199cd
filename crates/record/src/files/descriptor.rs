//! The text of a `.vmdk`: what a virtual disk is made of.

use super::{FileProblem, Found, KeyLocator, KeyRef, LocatorError};

/// The descriptor of a virtual disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// `version`.
    pub version: Option<Found<String>>,
    /// The encoding that the file says it has.
    pub encoding: Option<Found<String>>,
    /// `CID`: changes when the content does.
    pub cid: Option<Found<u32>>,
    /// `parentCID`; `0xffff_ffff` for a disk without parent.
    pub parent_cid: Option<Found<u32>>,
    /// `createType`, such as `vmfs` or `vmfsSparse`.
    pub create_type: Option<Found<String>>,
    /// `parentFileNameHint`: the disk that this one is a difference to.
    pub parent_file: Option<Found<String>>,
    /// The files that hold the data.
    pub extents: Vec<Extent>,
    /// `keyID`.
    pub key_id: Option<Found<String>>,
    /// `encryptionKeys`.
    pub encryption_keys: Option<Found<Result<KeyLocator, LocatorError>>>,
    /// `ddb.iofilters`, as written: names with commas between.
    pub io_filters: Option<Found<String>>,
    /// `ddb.sidecars`, as written.
    pub sidecars: Option<Found<String>>,
    /// `ddb.uuid`, as written: `60 00 C2 9f …`.
    pub uuid: Option<Found<String>>,
    /// `ddb.longContentID`.
    pub long_content_id: Option<Found<String>>,
    /// `ddb.adapterType`.
    pub adapter_type: Option<Found<String>>,
    /// `ddb.virtualHWVersion`.
    pub hardware_version: Option<Found<String>>,
    /// `ddb.toolsVersion`.
    pub tools_version: Option<Found<String>>,
    /// `ddb.thinProvisioned`.
    pub thin: Option<Found<bool>>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A file that holds data of a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// `RW`, `RDONLY` or `NOACCESS`.
    pub access: String,
    /// Sectors of 512 bytes.
    pub sectors: u64,
    /// Its type, such as `VMFS` or `VMFSSPARSE`.
    pub kind: String,
    /// The file; none for `ZERO`.
    pub file: Option<String>,
    /// Its line.
    pub line: u64,
}

impl Descriptor {
    /// Whether the disk is encrypted: it names keys, or the filter that encrypts.
    pub fn is_encrypted(&self) -> bool {
        let filters =
            |it: &Found<String>| it.value.split(',').any(|name| name.trim().eq_ignore_ascii_case("vmwarevmcrypt"));
        self.encryption_keys.is_some() || self.key_id.is_some() || self.io_filters.as_ref().is_some_and(filters)
    }

    /// The keys that unlock the disk, each with the line that names it.
    pub fn keys(&self) -> Vec<Found<KeyRef>> {
        self.encryption_keys
            .iter()
            .filter_map(|it| Some((it.value.as_ref().ok()?, it.line)))
            .flat_map(|(locator, line)| locator.keys().into_iter().map(move |value| Found { value, line }))
            .collect()
    }
}
