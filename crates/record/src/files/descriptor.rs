//! The text of a `.vmdk`: what a virtual disk is made of.

use super::charset::Charset;
use super::dictionary::{Manner, Pair, pairs, shown};
use super::sheet::Sheet;
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
    /// `encryptionKeys` on ESXi, `keySafe` on Workstation and Fusion.
    pub encryption_keys: Option<Found<Result<KeyLocator, LocatorError>>>,
    /// The line of `data`: the rest of the descriptor is encrypted in there, as Workstation does.
    pub encrypted_data: Option<u64>,
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
    pub(crate) fn parse(bytes: &[u8], utf8: bool, sheet: &mut Sheet) -> Self {
        let mut disk = Self::default();
        let mut extents = Vec::new();
        let manner = Manner { encoding: "encoding", escaped: false, utf8 };
        pairs(bytes, &manner, sheet, &mut |pair, sheet| disk.take(pair, sheet), &mut |line, text, charset, sheet| {
            let Some(extent) = extent(line, text, charset) else { return };
            sheet.entry(line, || String::from_utf8_lossy(text).trim().to_owned());
            if sheet.has_room(line, text.len()) {
                extents.push(extent);
            }
        });
        disk.extents = extents;
        disk
    }

    fn take(&mut self, pair: &Pair<'_>, sheet: &mut Sheet) {
        match pair.key.as_str() {
            "version" => pair.text(&mut self.version, sheet),
            "encoding" => pair.text(&mut self.encoding, sheet),
            "cid" => content_id(pair, &mut self.cid, sheet),
            "parentcid" => content_id(pair, &mut self.parent_cid, sheet),
            "createtype" => pair.text(&mut self.create_type, sheet),
            "parentfilenamehint" => pair.text(&mut self.parent_file, sheet),
            "keyid" if sheet.has_room(pair.line, pair.value.len()) => {
                pair.keep(&mut self.key_id, shown(&pair.key, &pair.value).into_owned(), sheet);
            }
            "encryptionkeys" | "keysafe" => pair.locator(&mut self.encryption_keys, sheet),
            "data" => {
                self.encrypted_data.get_or_insert(pair.line);
            }
            "ddb.iofilters" => pair.text(&mut self.io_filters, sheet),
            "ddb.sidecars" => pair.text(&mut self.sidecars, sheet),
            "ddb.uuid" => pair.text(&mut self.uuid, sheet),
            "ddb.longcontentid" => pair.text(&mut self.long_content_id, sheet),
            "ddb.adaptertype" => pair.text(&mut self.adapter_type, sheet),
            "ddb.virtualhwversion" => pair.text(&mut self.hardware_version, sheet),
            "ddb.toolsversion" => pair.text(&mut self.tools_version, sheet),
            "ddb.thinprovisioned" => pair.flag(&mut self.thin, sheet),
            _ => {}
        }
    }

    /// Whether the disk is encrypted: it names keys, or the filter that encrypts.
    pub fn is_encrypted(&self) -> bool {
        let filters =
            |it: &Found<String>| it.value.split(',').any(|name| name.trim().eq_ignore_ascii_case("vmwarevmcrypt"));
        self.encryption_keys.is_some()
            || self.key_id.is_some()
            || self.encrypted_data.is_some()
            || self.io_filters.as_ref().is_some_and(filters)
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

/// A content id: eight hexadecimal digits.
fn content_id(pair: &Pair<'_>, into: &mut Option<Found<u32>>, sheet: &mut Sheet) {
    let digits = pair.value.trim();
    match u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|it| it.is_ascii_hexdigit())) {
        Some(id) => pair.keep(into, id, sheet),
        None => sheet.problem(pair.line, format!("`{}` is not a hexadecimal number", pair.key)),
    }
}

/// `RW 83886080 VMFS "APP-01-flat.vmdk"`, with an offset behind it in some products.
fn extent(line: u64, text: &[u8], charset: Charset) -> Option<Extent> {
    let text = charset.decode(text.trim_ascii()).0;
    let (access, rest) = text.split_once(' ')?;
    if !["RW", "RDONLY", "NOACCESS"].contains(&access) {
        return None;
    }
    let (sectors, rest) = rest.trim_start().split_once(' ')?;
    let rest = rest.trim();
    let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if kind.is_empty() || !kind.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return None;
    }
    let file = match (rest.find('"'), rest.rfind('"')) {
        (Some(0), Some(end)) if end > 0 => Some(rest.get(1..end)?.to_owned()),
        (None, None) if rest.is_empty() => None,
        _ => return None,
    };
    Some(Extent { access: access.to_owned(), sectors: sectors.parse().ok()?, kind: kind.to_owned(), file, line })
}
