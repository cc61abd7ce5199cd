//! `.vmsd`: the snapshots of a VM.

use std::collections::BTreeMap;

use esxray_model::Timestamp;

use super::dictionary::{Manner, Pair, pairs};
use super::sheet::Sheet;
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
    /// Whether the file says for sure that the VM has no snapshot.
    pub fn says_none(&self) -> bool {
        self.snapshots.is_empty() && self.problems.is_empty()
    }

    pub(crate) fn parse(bytes: &[u8], utf8: bool, sheet: &mut Sheet) -> Self {
        let mut vmsd = Self::default();
        let mut drafts = BTreeMap::new();
        let manner = Manner { encoding: ".encoding", escaped: true, utf8 };
        pairs(bytes, &manner, sheet, &mut |pair, sheet| vmsd.take(pair, &mut drafts, sheet), &mut |_, _, _, _| {});
        for draft in drafts.into_values() {
            vmsd.snapshots.extend(draft.into_snapshot(sheet));
        }
        vmsd.snapshots.sort_by_key(|it| it.line);
        if vmsd.count.as_ref().is_some_and(|it| u64::from(it.value) != vmsd.snapshots.len() as u64) {
            sheet.problem(vmsd.count.as_ref().map_or(0, |it| it.line), "the file does not hold that many snapshots");
        }
        vmsd
    }

    fn take(&mut self, pair: &Pair<'_>, drafts: &mut BTreeMap<u32, Draft>, sheet: &mut Sheet) {
        match pair.key.as_str() {
            ".encoding" => return pair.text(&mut self.encoding, sheet),
            "snapshot.current" => return pair.number(&mut self.current, sheet),
            "snapshot.numsnapshots" => return pair.number(&mut self.count, sheet),
            _ => {}
        }
        let Some((number, field)) = numbered(&pair.key, "snapshot") else { return };
        if !drafts.contains_key(&number) && !sheet.has_room(pair.line, std::mem::size_of::<Draft>()) {
            return;
        }
        let draft = drafts.entry(number).or_insert_with(|| Draft { line: pair.line, ..Draft::default() });
        match field {
            "uid" => pair.number(&mut draft.uid, sheet),
            "parent" => pair.number(&mut draft.parent, sheet),
            "displayname" => pair.text(&mut draft.name, sheet),
            "filename" => pair.text(&mut draft.file, sheet),
            "createtimehigh" => half(pair, &mut draft.high, sheet),
            "createtimelow" => half(pair, &mut draft.low, sheet),
            _ => {
                let Some((disk, field)) = numbered(field, "disk") else { return };
                if !draft.disks.contains_key(&disk) && !sheet.has_room(pair.line, std::mem::size_of::<SnapshotDisk>()) {
                    return;
                }
                let disk = draft.disks.entry(disk).or_default();
                match field {
                    "node" if sheet.has_room(pair.line, pair.value.len()) => {
                        disk.node = Some(pair.value.to_ascii_lowercase());
                    }
                    "filename" => pair.text(&mut disk.file, sheet),
                    _ => {}
                }
            }
        }
    }

    /// Whether two snapshots have the same one below them: the chain has branches.
    pub fn has_branches(&self) -> bool {
        let parents = || self.snapshots.iter().map(|it| it.parent.unwrap_or(0));
        parents().enumerate().any(|(at, parent)| parents().skip(at + 1).any(|other| other == parent))
    }
}

/// The number and the field behind a word: 3 and `uid` of `snapshot3.uid`.
fn numbered<'k>(key: &'k str, word: &str) -> Option<(u32, &'k str)> {
    let (number, field) = key.strip_prefix(word)?.split_once('.')?;
    let plain = number.bytes().all(|it| it.is_ascii_digit());
    Some((number.parse().ok().filter(|_| plain)?, field))
}

/// One half of a moment, which is written as a signed number.
fn half(pair: &Pair<'_>, into: &mut Option<Found<u32>>, sheet: &mut Sheet) {
    match pair.value.trim().parse::<i64>() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower 32 bits are meant")]
        Ok(number) if i64::from(i32::MIN) <= number && number <= i64::from(u32::MAX) => {
            pair.keep(into, number as u32, sheet);
        }
        _ => sheet.problem(pair.line, format!("`{}` is not a number of 32 bits", pair.key)),
    }
}

/// A snapshot while the file is read.
#[derive(Default)]
struct Draft {
    line: u64,
    uid: Option<Found<u32>>,
    parent: Option<Found<u32>>,
    name: Option<Found<String>>,
    file: Option<Found<String>>,
    high: Option<Found<u32>>,
    low: Option<Found<u32>>,
    disks: BTreeMap<u32, SnapshotDisk>,
}

impl Draft {
    fn into_snapshot(self, sheet: &mut Sheet) -> Option<Snapshot> {
        let Some(uid) = self.uid else {
            sheet.problem(self.line, "a snapshot without a uid");
            return None;
        };
        // Microseconds since 1970, in two halves.
        let created = self.high.zip(self.low).and_then(|(high, low)| {
            let micros = u64::from(high.value) << 32 | u64::from(low.value);
            i64::try_from(micros).ok().map(Timestamp::from_micros)
        });
        Some(Snapshot {
            uid: uid.value,
            // The first snapshot of a chain has none below it: absent, or 0 in some releases.
            parent: self.parent.map(|it| it.value).filter(|it| *it != 0),
            name: self.name,
            file: self.file,
            created,
            disks: self.disks.into_values().collect(),
            line: self.line,
        })
    }
}
