//! Tar archives, read as a stream.
//!
//! This reader is written here instead of taken from the `tar` crate, because
//! an archive that a customer sent has to be accounted for byte by byte: what
//! stands behind the end mark, between damaged headers, in a member that was
//! cut. The list of members is GNU tar's (POSIX, PAX, GNU long names, base-256
//! sizes), except that reading goes on behind end marks, as `tar -i` does, and
//! that both are told.

use std::io::{self, Read};

use crate::input::Input;
use crate::name::{Names, clipped, shown};
use crate::reading::{At, Reading, open};
use crate::split;

mod header;
mod pax;

pub(crate) use header::BLOCK;
use header::{Header, has_magic, text};
use pax::Pax;

/// Bytes of an extended header that are looked at; a path of a megabyte fits.
const EXTENDED: u64 = 4 << 20;

/// Whether a stream's first bytes are those of a tar archive, be its header damaged or not.
pub(crate) fn begins(head: &[u8]) -> bool {
    has_magic(head) || Header::parse(head).is_some_and(|header| !header.name.is_empty())
}

/// Delivers the sources that an archive holds.
pub(crate) fn read(reading: &Reading<'_>, at: &At, input: &mut Input<'_>) {
    let mut tar = Tar {
        reading,
        at,
        input,
        names: Names::default(),
        next: None,
        mark: Mark::NotSeen,
        resynced: false,
        cut: false,
    };
    while let Some(entry) = tar.entry() {
        if !reading.count_member(&at.name) {
            return;
        }
        tar.member(&entry);
        if reading.over() {
            return;
        }
    }
}

struct Tar<'a, 'r, 'i> {
    reading: &'a Reading<'r>,
    at: &'a At,
    input: &'a mut Input<'i>,
    names: Names,
    /// An entry that was read too early, while looking for the next part of a split file.
    next: Option<Entry>,
    mark: Mark,
    /// Whether damage was passed over on the way to the last header.
    resynced: bool,
    /// Whether it was told that the archive was cut.
    cut: bool,
}

/// What is known of the zeros that end an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    NotSeen,
    Seen,
    /// Seen, and it was told that members stand behind it.
    Passed,
}

/// A header with all that the headers before it said about it.
#[derive(Debug)]
struct Entry {
    name: Vec<u8>,
    link: Vec<u8>,
    kind: u8,
    size: u64,
    modified: Option<i64>,
    sparse: bool,
}

impl Tar<'_, '_, '_> {
    fn problem(&self, problem: String, lost_bytes: Option<u64>, incomplete: bool) {
        self.reading.problem(&self.at.name, problem, lost_bytes, incomplete);
    }

    /// The next member's header; `None` at the end.
    fn entry(&mut self) -> Option<Entry> {
        if self.next.is_some() {
            return self.next.take();
        }
        let mut pax = Pax::default();
        let mut long_name = None;
        let mut long_link = None;
        loop {
            let place = self.input.taken();
            let header = self.header()?;
            if std::mem::take(&mut self.resynced) {
                pax = Pax::default();
                long_name = None;
                long_link = None;
            }
            let Some(mut size) = header.size else {
                let name = clipped(&header.name, self.reading.limits.path_bytes);
                let problem = format!("bad size field in the tar header at byte {place} (member {name})");
                self.problem(problem, None, true);
                self.resynced = true;
                continue;
            };
            match header.kind {
                b'x' | b'X' => {
                    let bytes = self.extension(size, place);
                    pax = Pax::parse(&bytes);
                    if pax.damaged {
                        let problem = format!("damaged extended tar header at byte {place}");
                        self.problem(problem, None, true);
                    }
                }
                b'g' => {
                    let bytes = self.extension(size, place);
                    let global = Pax::parse(&bytes);
                    if global.path.is_some() || global.size.is_some() || global.damaged {
                        let problem = format!(
                            "the global tar header at byte {place} is damaged or names a member: ambiguous, ignored"
                        );
                        self.problem(problem, None, true);
                    }
                }
                b'L' => long_name = Some(text(&self.extension(size, place))),
                b'K' => long_link = Some(text(&self.extension(size, place))),
                kind => {
                    if let Some(other) = pax.size {
                        size = other;
                    }
                    // GNU tar: links have no data, whatever their size says.
                    if kind == b'1' {
                        size = 0;
                    }
                    if kind == b'S' && header.extended {
                        self.skip_sparse_map();
                    }
                    return Some(Entry {
                        name: pax.path.or(long_name).unwrap_or(header.name),
                        link: pax.link.or(long_link).unwrap_or(header.link),
                        kind,
                        size,
                        modified: pax.modified.or(header.modified.filter(|&seconds| seconds != 0)),
                        sparse: pax.sparse || kind == b'S',
                    });
                }
            }
        }
    }

    /// The next block that is a header, past end marks and damage.
    fn header(&mut self) -> Option<Header> {
        loop {
            let place = self.input.taken();
            let block = self.input.peek(BLOCK);
            let block = block.get(..BLOCK).unwrap_or(block);
            let length = block.len();
            if block.iter().all(|&b| b == 0) {
                // An empty rest ends here too.
                self.input.consume(length);
                if length < BLOCK {
                    if self.mark == Mark::NotSeen && !self.cut {
                        self.problem(format!("the archive ends after {place} bytes without an end mark"), None, false);
                    }
                    return None;
                }
                if self.mark == Mark::NotSeen {
                    self.mark = Mark::Seen;
                }
                continue;
            }
            if let Some(header) = Header::parse(block) {
                self.input.consume(BLOCK);
                if self.mark == Mark::Seen {
                    self.mark = Mark::Passed;
                    let problem = format!(
                        "members behind the end mark of the archive, from byte {place} on, were read; tar does not list them without -i"
                    );
                    self.problem(problem, None, false);
                }
                return Some(header);
            }
            if self.mark != Mark::NotSeen {
                let rest = self.input.skip(u64::MAX);
                let problem = format!(
                    "{rest} bytes behind the end mark of the archive, from byte {place} on, are not tar and were not examined"
                );
                self.problem(problem, Some(rest), true);
                return None;
            }
            if length < BLOCK {
                let rest = self.input.skip(u64::MAX);
                let problem = format!("archive truncated in the tar header at byte {place}");
                self.problem(problem, Some(rest), true);
                return None;
            }
            self.resynced = true;
            let (skipped, found) = self.resync();
            let what =
                if found { "were skipped up to the next header" } else { "up to the end hold no further header" };
            let problem = format!("bad tar header at byte {place}: {skipped} bytes {what}");
            self.problem(problem, Some(skipped), true);
            if !found {
                return None;
            }
        }
    }

    /// Skips blocks up to the next header with a magic.
    fn resync(&mut self) -> (u64, bool) {
        let start = self.input.taken();
        loop {
            self.input.skip(BLOCK as u64);
            let block = self.input.peek(BLOCK);
            if has_magic(block) && Header::parse(block).is_some() {
                return (self.input.taken() - start, true);
            }
            if block.is_empty() {
                return (self.input.taken() - start, false);
            }
        }
    }

    /// The data of a header that is about another header.
    fn extension(&mut self, size: u64, place: u64) -> Vec<u8> {
        if size > EXTENDED {
            let problem = format!(
                "the extended tar header at byte {place} has {size} bytes, over the limit of {EXTENDED}: ignored, the next member may be misread"
            );
            self.problem(problem, None, true);
        }
        let mut bytes = Vec::new();
        let mut left = size;
        while left > 0 {
            let waiting = self.input.fill();
            if waiting.is_empty() {
                let problem = format!("archive truncated in the extended tar header at byte {place}");
                self.problem(problem, None, true);
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(waiting.len());
            if size <= EXTENDED {
                bytes.extend_from_slice(waiting.get(..step).unwrap_or_default());
            }
            self.input.consume(step);
            left -= step as u64;
        }
        self.skip_padding(size);
        bytes
    }

    /// An old GNU sparse header that does not suffice goes on in blocks that say whether they are the last.
    fn skip_sparse_map(&mut self) {
        loop {
            let block = self.input.peek(BLOCK);
            let more = block.get(504) == Some(&1);
            if self.input.skip(BLOCK as u64) < BLOCK as u64 || !more {
                return;
            }
        }
    }

    fn skip_padding(&mut self, size: u64) {
        let block = BLOCK as u64;
        self.input.skip((block - size % block) % block);
    }

    fn member(&mut self, entry: &Entry) {
        let name = self.reading.inside(self.at, &entry.name);
        let link = clipped(&entry.link, self.reading.limits.path_bytes);
        let note = |tar: &Self, what: String, lost: Option<u64>, incomplete| {
            tar.reading.problem(&name, what, lost, incomplete);
        };
        match entry.kind {
            b'1' if entry.link == entry.name => note(self, "hard link to itself".to_owned(), None, false),
            b'1' if self.names.contain(plain(&shown(&entry.link))) => {
                note(self, format!("hard link to {link}, which was read"), None, false);
            }
            b'1' => {
                let what = format!("hard link to {link}, which is not in the archive before it: not followed");
                note(self, what, None, true);
            }
            b'2' => note(self, format!("link to {link}, not followed"), None, false),
            b'3' | b'4' => note(self, "device, not a regular file, skipped".to_owned(), None, false),
            b'6' => note(self, "pipe, not a regular file, skipped".to_owned(), None, false),
            // Folders, GNU's lists of folders and labels of volumes.
            b'5' | b'D' | b'V' => {}
            0 if entry.name.ends_with(b"/") => {}
            _ if entry.sparse => {
                let what = format!("sparse member, its {} bytes of data were not read", entry.size);
                note(self, what, Some(entry.size), true);
            }
            kind => {
                if kind == b'M' {
                    let what = "continues a member of another volume, which is not here".to_owned();
                    note(self, what, None, true);
                }
                return self.file(entry);
            }
        }
        let skipped = self.input.skip(entry.size);
        if skipped < entry.size {
            self.cut = true;
            let what = format!("archive truncated in its data: {skipped} of {} bytes are there", entry.size);
            note(self, what, None, true);
        }
        self.skip_padding(entry.size);
    }

    fn file(&mut self, entry: &Entry) {
        let mut name = entry.name.as_slice();
        let mut split = None;
        if let Some((whole, number)) = split::part(name) {
            if number == 0 {
                name = whole;
            } else {
                let problem = format!("parts before number {number} of a split file are missing or stand elsewhere");
                self.reading.problem(&self.reading.inside(self.at, name), problem, None, true);
            }
            split = Some((whole.to_vec(), number));
        }
        let mut at = self.reading.member(self.at, name, &mut self.names);
        at.modified = entry.modified;
        self.names.unique(plain(&shown(&entry.name)));
        let part = at.name.clone();
        let mut body = Body { name: part, size: entry.size, left: entry.size, split, ended: false, tar: self };
        open(body.tar.reading, at, &mut body, None);
        if !body.tar.reading.over() {
            body.skip();
        }
    }
}

/// A name without the `./` that some archives put before every name.
fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

/// The bytes of one member, or of the parts of a split one that follow each other.
struct Body<'t, 'a, 'r, 'i> {
    tar: &'t mut Tar<'a, 'r, 'i>,
    /// What the present part is called in problems.
    name: String,
    size: u64,
    left: u64,
    split: Option<(Vec<u8>, u32)>,
    ended: bool,
}

impl Body<'_, '_, '_, '_> {
    fn skip(&mut self) {
        while !self.ended {
            if self.left == 0 {
                self.part_ends();
                continue;
            }
            let skipped = self.tar.input.skip(self.left);
            self.left -= skipped;
            if skipped == 0 {
                self.truncated();
            }
        }
    }

    fn part_ends(&mut self) {
        self.tar.skip_padding(self.size);
        self.ended = true;
        let Some((whole, number)) = &self.split else { return };
        let Some(next) = self.tar.entry() else { return };
        let follows = matches!(next.kind, b'0' | 0)
            && !next.sparse
            && split::part(&next.name)
                .is_some_and(|(other, found)| other == whole && number.checked_add(1) == Some(found));
        if !follows {
            self.tar.next = Some(next);
            return;
        }
        if !self.tar.reading.count_member(&self.tar.at.name) {
            return;
        }
        self.ended = false;
        self.name = self.tar.reading.inside(self.tar.at, &next.name);
        self.size = next.size;
        self.left = next.size;
        if let Some((_, number)) = &mut self.split {
            *number += 1;
        }
    }

    fn truncated(&mut self) {
        self.ended = true;
        self.tar.cut = true;
        let got = self.size - self.left;
        let problem = format!("member truncated: {got} of {} bytes are there", self.size);
        self.tar.reading.problem(&self.name, problem, Some(self.left), true);
    }
}

impl Read for Body<'_, '_, '_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while !self.ended {
            if self.left == 0 {
                self.part_ends();
                continue;
            }
            let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
            let got = self.tar.input.read(out.get_mut(..room).unwrap_or_default())?;
            if got == 0 {
                self.truncated();
            }
            self.left -= got as u64;
            return Ok(got);
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::testing::{gz, lines, read, read_with, tar, tar_header, tar_member, tar_sum, told};

    /// Joins pieces of an archive and closes it.
    fn archive(pieces: &[Vec<u8>]) -> Vec<u8> {
        let mut out = pieces.concat();
        out.resize(out.len() + 1024, 0);
        out
    }

    fn pax(records: &[(&str, &str)]) -> Vec<u8> {
        let mut data = String::new();
        for (key, value) in records {
            let body = key.len() + value.len() + 3;
            let mut length = body;
            while length.to_string().len() + body != length {
                length = length.to_string().len() + body;
            }
            data = format!("{data}{length} {key}={value}\n");
        }
        tar_member("PaxHeader/x", b'x', data.as_bytes())
    }

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

    #[test]
    fn members_come_in_their_order_with_their_times() {
        let log = lines(3000);
        let bytes = tar(&[("b/vmware.log", &log), ("empty.log", b""), ("a.log", b"a\n")]);
        let (got, problems) = read(&bytes);
        assert_eq!(problems, []);
        let names: Vec<_> = got.iter().map(|got| got.name.as_str()).collect();
        assert_eq!(names, ["x!b/vmware.log", "x!empty.log", "x!a.log"]);
        assert_eq!(got[0].bytes, log);
        assert_eq!(got[0].modified, Some(0o14_413_251_600));
        assert_eq!(read(&gz(&bytes)).0, got, "a .tgz names its members the same way");
    }

    #[test]
    fn a_consumer_that_stops_early_does_not_disturb_the_next_member() {
        let log = lines(3000);
        let bytes = tar(&[("a", &gz(&log)), ("b", &log), ("c.FRAG-00000", &log), ("c.FRAG-00001", &log), ("d", b"d")]);
        let mut firsts = Vec::new();
        let mut each = |member: crate::Member<'_>| {
            let mut first = [0];
            assert_eq!(member.reader.read(&mut first).unwrap(), 1);
            firsts.push((member.name, first[0]));
        };
        let limits = Limits::default();
        let reading = Reading::new(&limits, None, &mut each);
        open(&reading, At::top("x", true), &mut bytes.as_slice(), None);
        assert_eq!(reading.into_problems(), []);
        let names: Vec<_> = firsts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x!a", "x!b", "x!c", "x!d"]);
    }

    #[test]
    fn long_names_come_from_gnu_and_from_pax_and_pax_wins() {
        let log = b"log\n";
        let bytes = archive(&[
            tar_member("././@LongLink", b'L', b"gnu/long.log\0"),
            tar_member("short", b'0', log),
            pax(&[("path", "pax/long.log"), ("mtime", "1700000000.25"), ("comment", "x")]),
            tar_member("././@LongLink", b'L', b"gnu/long.log\0"),
            tar_member("short", b'0', log),
            tar_member("short", b'0', log),
        ]);
        check(&bytes, &[("x!gnu/long.log", 4), ("x!pax/long.log", 4), ("x!short", 4)], &[]);
        assert_eq!(read(&bytes).0[1].modified, Some(1_700_000_000));

        let mut prefixed = tar_header(b"vmware.log", b'0', 0);
        prefixed[345..348].copy_from_slice(b"a/b");
        tar_sum(&mut prefixed);
        let mut gnu = prefixed.clone();
        gnu[257..265].copy_from_slice(b"ustar  \0");
        tar_sum(&mut gnu);
        check(&archive(&[prefixed, gnu]), &[("x!a/b/vmware.log", 0), ("x!vmware.log", 0)], &[]);
    }

    #[test]
    fn a_size_in_pax_counts_for_the_member_and_not_for_the_headers_between() {
        let log = lines(20);
        let mut small = tar_header(b"vmware.log", b'0', 6);
        small.extend(&log);
        small.resize(small.len().next_multiple_of(512), 0);
        let size = log.len().to_string();
        let bytes = archive(&[pax(&[("size", &size)]), small]);
        check(&bytes, &[("x!vmware.log", log.len())], &[]);

        // The archive of GHSA-3pv8-6f4r-ffg2: GNU tar lists one member of 2048 bytes, and so does this.
        let bytes = archive(&[
            pax(&[("size", "2048")]),
            tar_member("././@LongLink", b'L', b"longname.txt\0"),
            tar_member("a.log", b'0', b"decoy\n"),
            tar_member("vmware.log", b'0', &lines(40)),
        ]);
        check(&bytes, &[("x!longname.txt", 2048)], &[("bad tar header at byte 4608", true)]);
    }

    #[test]
    fn links_and_devices_are_told_and_not_followed() {
        let link = |name: &str, kind: u8, to: &str| {
            let mut block = tar_header(name.as_bytes(), kind, 0);
            block[157..157 + to.len()].copy_from_slice(to.as_bytes());
            tar_sum(&mut block);
            block
        };
        let bytes = archive(&[
            link("log", b'2', "/tmp"),
            link("a", b'1', "/etc/shadow"),
            tar_member("./vmware.log", b'0', b"log\n"),
            link("b", b'1', "vmware.log"),
            link("c", b'1', "c"),
            link("d", b'3', ""),
            link("e", b'6', ""),
            link("f", b'5', ""),
        ]);
        let problems = [
            ("link to /tmp, not followed", false),
            ("hard link to /etc/shadow, which is not in the archive", true),
            ("hard link to vmware.log, which was read", false),
            ("hard link to itself", false),
            ("device", false),
            ("pipe", false),
        ];
        check(&bytes, &[("x!./vmware.log", 4)], &problems);
    }

    #[test]
    fn names_are_told_apart_and_odd_ones_are_told() {
        let long = "d/".repeat(3000) + "vmware.log";
        let bytes = archive(&[
            tar_member("vmware.log", b'0', b"1"),
            tar_member("vmware.log", b'0', b"22"),
            tar_member("../../tmp/x.log", b'0', b"333"),
            pax(&[("path", &long)]),
            tar_member("short", b'0', b"4444"),
        ]);
        let (got, problems) = told(&bytes);
        assert_eq!(got[1], ("x!vmware.log#2".to_owned(), 2));
        assert_eq!(got[2], ("x!../../tmp/x.log".to_owned(), 3));
        assert!(got[3].0.starts_with("x!…") && got[3].0.ends_with("/vmware.log"));
        assert!(got[3].0.len() < 4110);
        let problems: Vec<_> = problems.iter().map(|(problem, incomplete)| (&problem[..16], *incomplete)).collect();
        assert_eq!(problems, [("duplicate member", false), ("unsafe member na", false), ("its name has 601", false)]);
        let bytes = archive(&[tar_header(b"vm\xff/x", b'0', 0)]);
        check(&bytes, &[("x!vm\\xff/x", 0)], &[]);
    }

    #[test]
    fn an_archive_cut_anywhere_gives_what_it_held() {
        let log = lines(30);
        let whole = tar(&[("a.log", &log), ("b.log", &log)]);
        let one = 512 + log.len().next_multiple_of(512);
        for cut in 512..2 * one {
            let (got, problems) = told(&whole[..cut]);
            let read: usize = got.iter().map(|(_, length)| length).sum();
            let in_a = (cut - 512).min(log.len());
            let in_b = cut.saturating_sub(one + 512).min(log.len());
            assert_eq!(read, in_a + in_b, "cut at {cut}");
            assert!(!problems.is_empty(), "cut at {cut}");
            let lost = cut < one + 512 + log.len() && cut % one != 0 && !(512 + log.len()..=one).contains(&cut);
            assert_eq!(problems.iter().any(|(_, incomplete)| *incomplete), lost, "cut at {cut}: {problems:?}");
        }
        let cut = one + 512 + 100;
        let expected = format!("member truncated: 100 of {} bytes are there", log.len());
        check(&whole[..cut], &[("x!a.log", log.len()), ("x!b.log", 100)], &[(&expected, true)]);
    }

    #[test]
    fn reading_goes_on_behind_end_marks() {
        let note = [("members behind the end mark of the archive", false)];
        let a = tar_member("a.log", b'0', b"a");
        let b = tar_member("b.log", b'0', b"bb");
        let sources = [("x!a.log", 1), ("x!b.log", 2)];
        check(&archive(&[a.clone(), vec![0; 512], b.clone()]), &sources, &note);
        check(&archive(&[a.clone(), vec![0; 10240], b.clone(), vec![0; 4096]]), &sources, &note);
        let bytes = [a.clone(), vec![0; 1024], b"PK and so on".to_vec()].concat();
        check(
            &bytes,
            &sources[..1],
            &[("12 bytes behind the end mark of the archive, from byte 2048 on, are not tar", true)],
        );
        check(&[a, b].concat(), &sources, &[("the archive ends after 2048 bytes without an end mark", false)]);
    }

    #[test]
    fn a_damaged_header_costs_its_member_and_no_other() {
        let log = lines(20);
        let mut bytes = tar(&[("a.log", &log), ("b.log", &log)]);
        bytes[150] = b'9';
        let one = 512 + log.len().next_multiple_of(512);
        let expected = format!("bad tar header at byte 0: {one} bytes were skipped up to the next header");
        check(&bytes, &[("x!b.log", log.len())], &[(&expected, true)]);

        // What an extended header said before the damage is not said about what comes after it.
        let mut broken = tar_member("a.log", b'0', &log);
        broken[0] = b'z';
        let bytes = archive(&[pax(&[("path", "other.log")]), broken, tar_member("b.log", b'0', &log)]);
        check(&bytes, &[("x!b.log", log.len())], &[("bad tar header at byte 1024", true)]);
    }

    #[test]
    fn sizes_that_lie_are_told() {
        let mut block = tar_header(b"a.log", b'0', 0);
        block[124..136].fill(0xff);
        tar_sum(&mut block);
        let bytes = archive(&[block, tar_member("b.log", b'0', b"b")]);
        check(&bytes, &[("x!b.log", 1)], &[("bad size field in the tar header at byte 0 (member a.log)", true)]);

        let bytes = archive(&[tar_header(b"a.log", b'0', 1 << 32), b"log\n".to_vec()]);
        check(&bytes, &[("x!a.log", 1028)], &[("member truncated: 1028 of 4294967296", true)]);
        let bytes = archive(&[tar_header(b"a", b'2', 1 << 32), tar_member("b.log", b'0', b"b")]);
        check(&bytes, &[], &[("link to , not followed", false), ("archive truncated in its data", true)]);
    }

    #[test]
    fn sparse_members_are_passed_over_and_told() {
        let gnu = |extended: u8| {
            let mut block = tar_header(b"old.log", b'S', 700);
            block[257..265].copy_from_slice(b"ustar  \0");
            block[482] = extended;
            tar_sum(&mut block);
            block
        };
        let data = vec![b'x'; 1024];
        let mut more = vec![0; 1024];
        more[504] = 1;
        let after = tar_member("after.log", b'0', b"log\n");
        let bytes = archive(&[gnu(0), data.clone(), gnu(1), more, data, after.clone()]);
        let told = ("sparse member, its 700 bytes of data were not read", true);
        check(&bytes, &[("x!after.log", 4)], &[told, told]);
        let records =
            [("GNU.sparse.major", "1"), ("GNU.sparse.name", "new.log"), ("GNU.sparse.realsize", "99999999999")];
        let bytes = archive(&[pax(&records), tar_member("GNUSparseFile.0/new.log", b'0', &[b'x'; 600]), after]);
        check(&bytes, &[("x!after.log", 4)], &[("sparse member, its 600 bytes", true)]);
        assert_eq!(read(&bytes).1[0].source, "x!new.log");
    }

    #[test]
    fn parts_of_a_split_file_are_joined() {
        let log = lines(100);
        let (a, b) = log.split_at(1000);
        let (b, c) = b.split_at(700);
        let bytes = tar(&[
            ("v/hostd.log.FRAG-00000", a),
            ("v/hostd.log.FRAG-00001", b),
            ("v/hostd.log.FRAG-00002", c),
            ("v/vpxa.log", b"v\n"),
        ]);
        for step in [1, 999, 1 << 16] {
            let (got, problems) = read_with(&bytes, &Limits::default(), step);
            assert_eq!(problems, []);
            assert_eq!((got[0].name.as_str(), got[1].name.as_str()), ("x!v/hostd.log", "x!v/vpxa.log"));
            assert_eq!(got[0].bytes, log);
        }
        // A split archive is opened once it is whole.
        let zipped = gz(&log);
        let (a, b) = zipped.split_at(100);
        let bytes = tar(&[("l.gz.FRAG-00000", a), ("l.gz.FRAG-00001", b)]);
        check(&bytes, &[("x!l.gz", log.len())], &[]);
        // Behind a gap, text of another place begins.
        let bytes =
            tar(&[("l.FRAG-00000", b"a"), ("l.FRAG-00002", b"cc"), ("l.FRAG-00003", b"d"), ("m.FRAG-00004", b"m")]);
        let missing = |number| format!("parts before number {number} of a split file are missing");
        check(
            &bytes,
            &[("x!l", 1), ("x!l.FRAG-00002", 3), ("x!m.FRAG-00004", 1)],
            &[(&missing(2), true), (&missing(4), true)],
        );
    }

    #[test]
    fn the_number_of_members_is_limited() {
        let limits = Limits { members: 2, ..Limits::default() };
        let inner = tar(&[("a", b"a"), ("b", b"b")]);
        let bytes = tar(&[("one.tar", &inner), ("two.tar", &inner)]);
        let (got, problems) = read_with(&bytes, &limits, 100);
        assert_eq!(got.len(), 1);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].problem.starts_with("stopped at the limit of 2 members"));
        assert!(problems[0].incomplete);
    }

    #[test]
    fn an_old_archive_without_a_magic_is_known_by_its_checksum() {
        let mut block = tar_header(b"a.log", 0, 2);
        block[257..265].fill(0);
        tar_sum(&mut block);
        block.extend(b"a\n");
        block.resize(2048, 0);
        check(&block, &[("x!a.log", 2)], &[]);
        assert!(!begins(&[0; 512]));
        assert!(!begins(&lines(100)));
    }
}
