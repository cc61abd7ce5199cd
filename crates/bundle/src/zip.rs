//! Zip archives.
//!
//! This reader is written here instead of taken from the `zip` crate, because
//! of what an archive may say against itself: two names for one member,
//! members that overlap, sizes and counts that lie, a directory that was cut
//! off. All of that is told. The central directory decides what the archive
//! holds; the headers beside the data serve where it is missing.

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::Crc;

use crate::codec::{Codec, Decoded};
use crate::gzip::Deflate;
use crate::input::Input;
use crate::name::{Names, clipped};
use crate::reading::{At, Reading, open};
use crate::split;

mod bytes;
mod directory;

use bytes::Stretch;
pub(crate) use bytes::{Bytes, FileBytes};
use directory::{
    CENTRAL, CENTRAL_LENGTH, Central, DESCRIPTOR, END, END_LENGTH, END64_LENGTH, End, FOLDER, LINK, LOCAL,
    LOCAL_LENGTH, LOCATOR_LENGTH, Local, REGULAR,
};

const ENCRYPTED: u16 = 1;
/// The sizes stand behind the data.
const SIZES_FOLLOW: u16 = 8;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Whether a file that does not begin as a zip archive ends as one, as self-extracting archives do.
pub(crate) fn ends(bytes: &dyn Bytes) -> bool {
    let Some(place) = bytes.length().checked_sub(END_LENGTH as u64) else {
        return false;
    };
    let Some(end) = End::parse(&piece(bytes, place, END_LENGTH)) else {
        return false;
    };
    end.comment == 0 && place.checked_sub(end.size).is_some_and(|start| piece(bytes, start, CENTRAL.len()) == CENTRAL)
}

/// Delivers the sources of an archive that can be read at any place.
pub(crate) fn read(reading: &Reading<'_>, at: &At, bytes: &dyn Bytes) {
    let mut zip = Zip::new(reading, at);
    let Some((end, end_place)) = find_end(bytes) else {
        zip.problem("central directory missing, members are taken from the headers before them", true);
        let mut stream = Stretch::new(bytes, 0, bytes.length());
        let mut input = Input::new(&mut stream, reading.take_buffer());
        zip.stream(&mut input, false);
        reading.give_buffer(input.into_buffer());
        return;
    };
    let behind = bytes.length() - end_place - END_LENGTH as u64 - u64::from(end.comment);
    if behind > 0 {
        zip.problem(&format!("{behind} bytes behind the end of the archive were not examined"), true);
    }
    zip.directory(bytes, end, end_place);
}

/// Delivers the sources of an archive that comes as a stream.
///
/// The directory stands at the end, so the archive is held in memory if it is
/// small enough. Of a larger one the headers before the members must do.
pub(crate) fn read_stream(reading: &Reading<'_>, at: &At, input: &mut Input<'_>) {
    let limit = reading.room_to_hold();
    let mut held = Vec::new();
    while held.len() < limit {
        let waiting = input.fill();
        if waiting.is_empty() {
            let length = held.len();
            return reading.holding(length, || read(reading, at, &held));
        }
        let step = waiting.len().min(limit - held.len());
        held.extend_from_slice(waiting.get(..step).unwrap_or_default());
        input.consume(step);
    }
    let mut zip = Zip::new(reading, at);
    let length = held.len();
    let mut whole = held.as_slice().chain(input);
    let mut input = Input::new(&mut whole, reading.take_buffer());
    reading.holding(length, || zip.stream(&mut input, true));
    reading.give_buffer(input.into_buffer());
}

/// Up to `length` bytes at a place.
fn piece(bytes: &dyn Bytes, place: u64, length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    let count = bytes.at(place, &mut out);
    out.truncate(count);
    out
}

/// Looks for the end record, which may have a comment and other bytes behind it, and gives its place.
fn find_end(bytes: &dyn Bytes) -> Option<(End, u64)> {
    let reach = (END_LENGTH as u64 + u64::from(u16::MAX)).min(bytes.length());
    let start = bytes.length() - reach;
    let tail = piece(bytes, start, usize::try_from(reach).unwrap_or(0));
    let mut inexact = None;
    for at in (0..tail.len().saturating_sub(END_LENGTH - 1)).rev() {
        let here = tail.get(at..).unwrap_or_default();
        if !here.starts_with(&END) {
            continue;
        }
        let Some(end) = End::parse(here) else { continue };
        let room = here.len() - END_LENGTH;
        if usize::from(end.comment) == room {
            return Some((end, start + at as u64));
        }
        if usize::from(end.comment) < room && inexact.is_none() {
            inexact = Some((end, start + at as u64));
        }
    }
    inexact
}

struct Zip<'a, 'r> {
    reading: &'a Reading<'r>,
    at: &'a At,
    names: Names,
    /// Where members that were read begin and end.
    taken: BTreeMap<u64, u64>,
}

impl<'a, 'r> Zip<'a, 'r> {
    fn new(reading: &'a Reading<'r>, at: &'a At) -> Self {
        Self { reading, at, names: Names::default(), taken: BTreeMap::new() }
    }

    fn problem(&self, problem: &str, incomplete: bool) {
        self.reading.problem(&self.at.name, problem, None, incomplete);
    }

    /// Reads what the central directory lists.
    fn directory(&mut self, bytes: &dyn Bytes, mut end: End, end_place: u64) {
        // The directory stands right before the end record, whatever its offset says: bytes in front of the
        // archive, as self-extracting ones have, shift all offsets.
        let mut behind = end_place;
        if let Some(place) = end_place.checked_sub(LOCATOR_LENGTH as u64)
            && let Some(place64) = End::locate64(&piece(bytes, place, LOCATOR_LENGTH))
        {
            let record = |place| End::take64(&mut end, &piece(bytes, place, END64_LENGTH)).map(|()| place);
            match record_place(place, place64, record) {
                Some(found) => behind = found,
                None => self.problem("the end record of a large archive is missing", true),
            }
        }
        let Some(start) = behind.checked_sub(end.size) else {
            let problem = format!("the central directory claims {} bytes, more than there are", end.size);
            return self.problem(&problem, true);
        };
        let shift = start.saturating_sub(end.place);
        if shift > 0 {
            self.problem(&format!("{shift} bytes in front of the archive were not examined"), false);
        }
        let mut stretch = Stretch::new(bytes, start, end.size);
        let mut input = Input::new(&mut stretch, self.reading.take_buffer());
        let mut count = 0_u64;
        loop {
            let place = start + input.taken();
            match central(&mut input) {
                Next::Entry(entry) => {
                    count += 1;
                    if !self.reading.count_member(&self.at.name) {
                        break;
                    }
                    self.entry(bytes, &entry, shift);
                    if self.reading.over() {
                        break;
                    }
                }
                Next::End => {
                    // The plain end record counts to 65535 and some programs go round.
                    if count != end.entries && count & 0xffff != end.entries {
                        let problem =
                            format!("the end record says {} entries, the central directory holds {count}", end.entries);
                        self.problem(&problem, count < end.entries);
                    }
                    break;
                }
                Next::Damaged => {
                    let problem = format!("central directory damaged at byte {place}, after {count} entries");
                    self.problem(&problem, true);
                    break;
                }
            }
        }
        self.reading.give_buffer(input.into_buffer());
    }

    /// Reads one member that the central directory lists.
    fn entry(&mut self, bytes: &dyn Bytes, entry: &Central, shift: u64) {
        let unpacked = self.reading.inside(self.at, &entry.name);
        let note = |zip: &Self, what: &str, lost, incomplete| {
            zip.reading.problem(&unpacked, what, lost, incomplete);
        };
        match entry.unix_kind {
            0 | REGULAR => {}
            FOLDER => return,
            LINK => return note(self, "link, not followed", None, false),
            _ => return note(self, "not a regular file, skipped", None, false),
        }
        if entry.name.ends_with(b"/") && entry.size == 0 {
            return;
        }
        let place = entry.place.saturating_add(shift);
        let header = piece(bytes, place, LOCAL_LENGTH);
        let Some(local) = Local::parse(&header) else {
            return note(self, &format!("no header at byte {place}, not read"), Some(entry.packed), true);
        };
        let name_place = place + LOCAL_LENGTH as u64;
        let local_name = piece(bytes, name_place, usize::from(local.name_length));
        if local_name != entry.name {
            let other = clipped(&local_name, self.reading.limits.path_bytes);
            note(self, &format!("called {other} in the header before its data: ambiguous"), None, false);
        }
        let data = name_place + u64::from(local.name_length) + u64::from(local.extra_length);
        let behind = data.saturating_add(entry.packed);
        if self.overlaps(place, behind) {
            return note(self, "overlaps another member, not read", Some(entry.packed), true);
        }
        if behind > bytes.length() {
            let there = bytes.length().saturating_sub(data);
            let what = format!("member truncated: {there} of {} compressed bytes are there", entry.packed);
            note(self, &what, Some(entry.packed - there), true);
        }
        let mut stretch = Stretch::new(bytes, data, entry.packed);
        let mut input = Input::new(&mut stretch, self.reading.take_buffer());
        let member = Packed {
            flags: entry.flags,
            method: entry.method,
            length: entry.packed,
            promise: Some((entry.crc, entry.size)),
            modified: entry.modified,
        };
        if self.member(&entry.name, &member, &mut input) {
            let rest = input.skip(u64::MAX);
            if rest > 0 {
                note(self, &format!("{rest} bytes behind its compressed data were not examined"), Some(rest), true);
            }
        }
        self.reading.give_buffer(input.into_buffer());
    }

    /// Whether a stretch overlaps one that was read; if not, it counts as read.
    fn overlaps(&mut self, start: u64, end: u64) -> bool {
        let before = self.taken.range(..end).next_back();
        if before.is_some_and(|(_, &other_end)| other_end > start) {
            return true;
        }
        // Members mostly stand one behind the other, and are kept as one stretch.
        match self.taken.range_mut(..=start).next_back() {
            Some((_, other_end)) if *other_end == start => *other_end = end,
            _ => {
                self.taken.insert(start, end);
            }
        }
        false
    }

    /// Reads members by the headers before them, up to the central directory.
    fn stream(&mut self, input: &mut Input<'_>, directory_expected: bool) {
        let mut count = 0_u64;
        if input.peek(4).starts_with(&DESCRIPTOR) {
            // The mark of an archive that was meant to be split.
            input.consume(4);
        }
        loop {
            let place = input.taken();
            let head = input.peek(LOCAL_LENGTH);
            let Some(local) = Local::parse(head) else {
                break;
            };
            count += 1;
            if !self.reading.count_member(&self.at.name) || !self.local(input, local, place) || self.reading.over() {
                return;
            }
        }
        let place = input.taken();
        if input.peek(4).starts_with(&CENTRAL) {
            let mut listed = 0_u64;
            while let Next::Entry(_) = central(input) {
                listed += 1;
            }
            if directory_expected && listed != count {
                let problem = format!("the central directory lists {listed} members, {count} were read: ambiguous");
                self.problem(&problem, true);
            }
        } else if directory_expected {
            let rest = input.skip(u64::MAX);
            let problem = format!("no member and no central directory at byte {place}: {rest} bytes were not examined");
            self.reading.problem(&self.at.name, problem, Some(rest), true);
        } else {
            let rest = input.skip(u64::MAX);
            if rest > 0 {
                let problem = format!("{rest} bytes from byte {place} on are no member and were not examined");
                self.reading.problem(&self.at.name, problem, Some(rest), true);
            }
        }
    }

    /// Reads one member by its local header; says whether the next one can be found.
    fn local(&mut self, input: &mut Input<'_>, local: Local, place: u64) -> bool {
        input.consume(LOCAL_LENGTH);
        let name = take(input, local.name_length.into());
        let extra = take(input, local.extra_length.into());
        // The extra fields are laid out as in the central directory, as far as they matter here.
        let mut large = Central {
            name: Vec::new(),
            flags: local.flags,
            method: local.method,
            crc: local.crc,
            packed: local.packed,
            size: local.size,
            place: 0,
            modified: None,
            unix_kind: 0,
        };
        large.take_extra(&extra);
        let follows = local.flags & SIZES_FOLLOW != 0;
        let mut member = Packed {
            flags: local.flags,
            method: local.method,
            length: large.packed,
            promise: (!follows).then_some((local.crc, large.size)),
            modified: large.modified,
        };
        if !follows {
            let before = input.taken();
            let mut portion = Portion { input: &mut *input, left: large.packed };
            let mut inner = Input::new(&mut portion, self.reading.take_buffer());
            if !(name.ends_with(b"/") && large.size == 0) {
                self.member(&name, &member, &mut inner);
            }
            self.reading.give_buffer(inner.into_buffer());
            let left = portion.left;
            if input.skip(left) < left {
                let got = input.taken() - before;
                let problem = format!("member truncated: {got} of {} compressed bytes are there", large.packed);
                let name = self.reading.inside(self.at, &name);
                self.reading.problem(&name, problem, Some(large.packed - got), true);
                return false;
            }
            return true;
        }
        if local.method != DEFLATED || local.flags & ENCRYPTED != 0 {
            let problem = format!("the member at byte {place} does not say where it ends, nothing after it was read");
            self.problem(&problem, true);
            return false;
        }
        member.length = u64::MAX;
        self.member(&name, &member, input) && skip_descriptor(input)
    }

    /// Decodes one member and checks it against what was promised; says whether it was read whole.
    fn member(&mut self, name: &[u8], member: &Packed, input: &mut Input<'_>) -> bool {
        let mut at = self.reading.member(self.at, name, &mut self.names);
        at.modified = member.modified;
        let name = at.name.clone();
        if split::part(name.as_bytes()).is_some() {
            self.reading.problem(&name, "part of a split file, not joined with its other parts", None, true);
        }
        if member.flags & ENCRYPTED != 0 {
            self.reading.problem(&name, "encrypted, not read", Some(member.length), true);
            return false;
        }
        let reading = self.reading;
        match member.method {
            STORED => self.check(at, &name, member, input, |_| true),
            DEFLATED => self.decode(at, &name, member, input, Deflate::new()),
            #[cfg(feature = "bzip2")]
            12 => self.decode(at, &name, member, input, crate::bzip2::Bzip2::new()),
            #[cfg(feature = "zstd")]
            93 => self.decode(at, &name, member, input, crate::zstd::Zstd::new(reading.limits.window_bytes)),
            #[cfg(feature = "xz")]
            95 => self.decode(at, &name, member, input, crate::xz::Xz::new(reading.limits.window_bytes)),
            other => {
                let problem = format!("compression method {other} is not supported, not read");
                reading.problem(&name, problem, Some(member.length), true);
                false
            }
        }
    }

    fn decode<C: Codec>(&self, at: At, name: &str, member: &Packed, input: &mut Input<'_>, codec: C) -> bool {
        let mut decoded = Decoded::new(self.reading, name, input, codec).single();
        self.check(at, name, member, &mut decoded, Decoded::whole)
    }

    /// Delivers a member; once it was read to its end, compares it with what was promised.
    fn check<R: Read>(&self, at: At, name: &str, member: &Packed, inner: &mut R, whole: impl Fn(&R) -> bool) -> bool {
        let mut checked = Checked { inner, crc: Crc::new(), size: 0, ended: false };
        open(self.reading, at, &mut checked, None);
        if self.reading.over() {
            return false;
        }
        // What the consumer left, such as the end mark of a compressed stream.
        let _ = io::copy(&mut checked, &mut io::sink());
        let Checked { crc, size, ended, inner } = checked;
        if !ended || !whole(inner) {
            return false;
        }
        let Some((wanted_crc, wanted_size)) = member.promise else {
            return true;
        };
        if size != wanted_size {
            let problem = format!("size mismatch: {wanted_size} bytes were promised, {size} were read");
            self.reading.problem(name, problem, None, true);
        } else if crc.sum() != wanted_crc {
            let problem = format!("checksum mismatch: its {size} bytes were read and may be wrong");
            self.reading.problem(name, problem, None, true);
        }
        true
    }
}

/// Where the large end record is: right before its locator, or where the locator says.
fn record_place(locator: u64, said: u64, mut record: impl FnMut(u64) -> Option<u64>) -> Option<u64> {
    locator.checked_sub(END64_LENGTH as u64).and_then(&mut record).or_else(|| record(said))
}

/// How a member is packed, and what was said about it.
struct Packed {
    flags: u16,
    method: u16,
    length: u64,
    /// Checksum and size of what it holds.
    promise: Option<(u32, u64)>,
    modified: Option<i64>,
}

enum Next {
    Entry(Box<Central>),
    End,
    Damaged,
}

/// The next entry of a central directory.
fn central(input: &mut Input<'_>) -> Next {
    let head = input.peek(CENTRAL_LENGTH);
    if head.is_empty() || (head.starts_with(b"PK") && !head.starts_with(&CENTRAL)) {
        return Next::End;
    }
    let Some((mut entry, [name, extra, comment])) = Central::parse(head) else {
        return Next::Damaged;
    };
    input.consume(CENTRAL_LENGTH);
    entry.name = take(input, name.into());
    let fields = take(input, extra.into());
    if entry.name.len() < usize::from(name) || fields.len() < usize::from(extra) {
        return Next::Damaged;
    }
    entry.take_extra(&fields);
    input.skip(comment.into());
    Next::Entry(Box::new(entry))
}

/// The next bytes, fewer at the end.
fn take(input: &mut Input<'_>, length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while out.len() < length {
        let waiting = input.fill();
        if waiting.is_empty() {
            break;
        }
        let step = waiting.len().min(length - out.len());
        out.extend_from_slice(waiting.get(..step).unwrap_or_default());
        input.consume(step);
    }
    out
}

/// Skips the sizes behind a member: with or without a signature, of 4 or of 8 bytes each.
///
/// The one after which another header comes is taken.
fn skip_descriptor(input: &mut Input<'_>) -> bool {
    let head = input.peek(28).to_vec();
    let signed = usize::from(head.starts_with(&DESCRIPTOR)) * 4;
    for length in [12, 20] {
        let length = signed + length;
        let next = head.get(length..length + 4).unwrap_or_default();
        if next == LOCAL || next == CENTRAL || (next.is_empty() && head.len() == length) {
            input.consume(length);
            return true;
        }
    }
    // Whatever comes next is not a header, and is reported as such.
    true
}

/// The next bytes of another input, up to a number of them.
struct Portion<'p, 'i> {
    input: &'p mut Input<'i>,
    left: u64,
}

impl Read for Portion<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let count = self.input.read(out.get_mut(..room).unwrap_or_default())?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// Sums up what a member holds while it is read.
struct Checked<'c, R> {
    inner: &'c mut R,
    crc: Crc,
    size: u64,
    ended: bool,
}

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.ended {
            return Ok(0);
        }
        let count = self.inner.read(out)?;
        self.crc.update(out.get(..count).unwrap_or_default());
        self.size += count as u64;
        self.ended = count == 0;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use crate::limits::Limits;
    use crate::testing::{Zipped, gz, lines, read as read_bytes, read_with, tar, told, zip, zip_counting, zip_end};

    /// Checks the sources, as names and lengths, and the problems, each by a piece of its text and its weight.
    fn check(bytes: &[u8], sources: &[(&str, usize)], problems: &[(&str, bool)]) {
        let (got, told) = told(bytes);
        let got: Vec<_> = got.iter().map(|(name, length)| (name.as_str(), *length)).collect();
        assert_eq!(got, sources, "{told:?}");
        assert_eq!(told.len(), problems.len(), "{told:?}");
        for ((problem, incomplete), (piece, weight)) in told.iter().zip(problems) {
            assert!(problem.contains(piece) && incomplete == weight, "{problem}: {incomplete}, wanted {piece}");
        }
    }

    fn two() -> [Zipped; 2] {
        [Zipped::new("a/vmware.log", &lines(3000)), Zipped::stored("b.log", b"b\n")]
    }

    #[test]
    fn members_come_in_the_order_of_the_directory() {
        let mut members = two();
        // An extra field with a time that has a zone.
        members[1].extra = b"UT\x05\0\x01\x80\x62\x2d\x64".to_vec();
        let (got, problems) = read_bytes(&zip(&members));
        assert_eq!(problems, []);
        assert_eq!((got[0].name.as_str(), &got[0].bytes, got[0].modified), ("x!a/vmware.log", &lines(3000), None));
        assert_eq!((got[1].name.as_str(), got[1].modified), ("x!b.log", Some(0x642d_6280)));
        check(&zip(&[]), &[], &[]);
        check(&zip(&[Zipped { mode: 0o04_0755, ..Zipped::stored("d/", b"") }]), &[], &[]);
    }

    #[test]
    fn a_larger_archive_is_read_without_its_directory() {
        let limits = Limits { zip_bytes: 1000, ..Limits::default() };
        let [mut a, b] = two();
        let sources = read_bytes(&zip(&[a.clone(), b.clone()])).0;
        let (got, problems) = read_with(&zip(&[a.clone(), b.clone()]), &limits, 100);
        assert_eq!((got, problems), (sources.clone(), vec![]));
        a.flags = 8;
        let (got, problems) = read_with(&zip(&[a.clone(), b.clone()]), &limits, 100);
        assert_eq!((&got, problems), (&sources, vec![]), "sizes behind the data");
        // A member that the directory does not list would not be seen by unzip.
        let mut bytes = a.local();
        let place = bytes.len();
        bytes.extend(b.local());
        let directory = bytes.len();
        bytes.extend(b.central(place));
        let length = bytes.len() - directory;
        bytes.extend(zip_end(1, length, directory));
        let (got, problems) = read_with(&bytes, &limits, 100);
        assert_eq!(got, sources);
        assert!(problems[0].problem.contains("lists 1 members, 2 were read") && problems[0].incomplete);
        check(&bytes, &[("x!b.log", 2)], &[]);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_read() {
        let [a, b] = two();
        let sources = [("x!b.log", 2)];
        let with = |change: &dyn Fn(&mut Zipped)| {
            let mut a = a.clone();
            change(&mut a);
            zip(&[a, b.clone()])
        };
        check(&with(&|a| a.flags = 1), &sources, &[("encrypted, not read", true)]);
        check(&with(&|a| a.method = 97), &sources, &[("compression method 97 is not supported", true)]);
        check(&with(&|a| a.mode = 0o12_0777), &sources, &[("link, not followed", false)]);
        check(&with(&|a| a.mode = 0o01_0644), &sources, &[("not a regular file, skipped", false)]);
    }

    #[test]
    fn what_an_archive_says_against_itself_is_told() {
        let [a, b] = two();
        let size = lines(3000).len();
        let sources = [("x!a/vmware.log", size), ("x!b.log", 2)];
        let with = |change: &dyn Fn(&mut Zipped)| {
            let mut a = a.clone();
            change(&mut a);
            zip(&[a, b.clone()])
        };
        check(&with(&|a| a.crc ^= 1), &sources, &[("checksum mismatch", true)]);
        let expected = format!("size mismatch: 100 bytes were promised, {size} were read");
        check(&with(&|a| a.size = 100), &sources, &[(&expected, true)]);
        check(&with(&|a| a.local_name = b"notes.txt".to_vec()), &sources, &[("called notes.txt in the header", false)]);
        check(&with(&|a| a.packed.extend(b"xyz")), &sources, &[("3 bytes behind its compressed data", true)]);
        check(
            &zip_counting(&[a.clone(), b.clone()], 1),
            &sources,
            &[("says 1 entries, the central directory holds 2", false)],
        );
        check(
            &zip_counting(&[a.clone(), b.clone()], 3),
            &sources,
            &[("says 3 entries, the central directory holds 2", true)],
        );
        check(
            &zip(&[a, b.clone(), b]),
            &[sources[0], sources[1], ("x!b.log#2", 2)],
            &[("duplicate member name", false)],
        );
    }

    #[test]
    fn members_that_overlap_are_read_once() {
        let zeros = Zipped::new("0.log", &vec![0; 1 << 20]);
        let mut bytes = zeros.local();
        let place = bytes.len();
        for n in 0..50 {
            bytes.extend(Zipped { name: format!("{n}.log").into(), ..zeros.clone() }.central(0));
        }
        let length = bytes.len() - place;
        bytes.extend(zip_end(50, length, place));
        let (got, problems) = told(&bytes);
        assert_eq!(got, [("x!0.log".to_owned(), 1 << 20)]);
        let overlaps = problems.iter().filter(|(problem, incomplete)| problem.starts_with("overlaps") && *incomplete);
        assert_eq!(overlaps.count(), 49);
    }

    #[test]
    fn an_archive_cut_anywhere_gives_the_members_before_the_cut() {
        let log = lines(30);
        let whole = zip(&[Zipped::new("a.log", &log), Zipped::new("b.log", &log)]);
        let first = Zipped::new("a.log", &log).local().len();
        for cut in 30..whole.len() {
            let (got, problems) = told(&whole[..cut]);
            assert!(problems.iter().any(|(_, incomplete)| *incomplete), "cut at {cut}");
            if cut >= first {
                assert_eq!(got[0], ("x!a.log".to_owned(), log.len()), "cut at {cut}");
            }
        }
        let sources = [("x!a.log", log.len()), ("x!b.log", log.len())];
        check(&whole[..whole.len() - 10], &sources, &[("central directory missing", true)]);
        let mut more = whole.clone();
        more.extend(b"more");
        check(&more, &sources, &[("4 bytes behind the end of the archive", true)]);
    }

    #[test]
    fn archives_stand_in_archives() {
        let log = lines(30);
        let inner = zip(&[Zipped::stored("vmware.log", &log)]);
        let bytes = gz(&tar(&[("l1.tgz", &gz(&tar(&[("l2.zip", &inner)])))]));
        check(&bytes, &[("x!l1.tgz!l2.zip!vmware.log", log.len())], &[]);
        let bytes = zip(&[Zipped::stored("l1.zip", &inner), Zipped::new("l2.gz", &gz(&log))]);
        check(&bytes, &[("x!l1.zip!vmware.log", log.len()), ("x!l2.gz", log.len())], &[]);
    }

    #[test]
    fn large_archives_have_a_larger_end_record() {
        let a = Zipped::stored("a.log", b"a\n");
        let mut bytes = a.local();
        let place = bytes.len() as u64;
        let mut entry = Zipped { extra: Vec::new(), ..a }.central(0);
        // Sizes and place stand in an extra field.
        entry[20..28].fill(0xff);
        entry[42..46].fill(0xff);
        entry[30] = 28;
        entry.extend(b"\x01\0\x18\0\x02\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend(&entry);
        let end64 = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
        for number in [1, 1, entry.len() as u64, place] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(end64.to_le_bytes());
        bytes.extend(b"\x01\0\0\0");
        let mut end = zip_end(0xffff, 0, 0);
        end[12..20].fill(0xff);
        bytes.extend(end);
        check(&bytes, &[("x!a.log", 2)], &[]);
    }
}
