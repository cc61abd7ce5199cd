//! What became of each line of a file, and its entries.

use bstr::ByteSlice;

use super::{Entry, EvidenceFile, FileProblem};

/// Bytes of what a file says that are kept.
const MOST_BYTES: usize = 1 << 20;
/// Bytes of one value: names and paths are shorter.
const MOST_VALUE: usize = 8 << 10;
/// What an item takes beside its texts, about.
const ITEM_BYTES: usize = 64;

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Record,
    More,
    Blank,
    Unparsed,
}

/// The lines of a file while it is read: each is of one class, so their counts add up whatever a parser does.
pub(crate) struct Sheet {
    classes: Vec<Class>,
    /// Where each line begins.
    offsets: Vec<u64>,
    keep_entries: bool,
    pub(crate) entries: Vec<Entry>,
    problems: Vec<FileProblem>,
    /// Bytes that may still be kept.
    room: usize,
    /// Lines that a problem was told about, sorted.
    told: Vec<u64>,
    /// NUL bytes on lines that were not understood.
    pub(crate) nul_bytes: u64,
    /// Whether a value was not in the encoding that the file says, or that is taken for it.
    pub(crate) undecodable: bool,
}

/// How many lines are of each class.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) more: u64,
    pub(crate) blank: u64,
    pub(crate) unparsed: u64,
}

impl Sheet {
    /// A file of which nothing is understood yet.
    pub(crate) fn new(bytes: &[u8], keep_entries: bool) -> Self {
        let blank = |line: &[u8]| {
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
            line.iter().all(u8::is_ascii_whitespace)
        };
        let classes = bytes.lines().map(|line| if blank(line) { Class::Blank } else { Class::Unparsed }).collect();
        let mut at = 0;
        let mut starts = Vec::new();
        for line in bytes.lines_with_terminator().take(if keep_entries { usize::MAX } else { 0 }) {
            starts.push(at);
            at += line.len() as u64;
        }
        Self {
            classes,
            offsets: starts,
            keep_entries,
            entries: Vec::new(),
            problems: Vec::new(),
            room: MOST_BYTES,
            told: Vec::new(),
            nul_bytes: 0,
            undecodable: false,
        }
    }

    fn set(&mut self, line: u64, class: Class) {
        let slot = usize::try_from(line).ok().and_then(|line| self.classes.get_mut(line.checked_sub(1)?));
        // The first line of an entry stays one, and a blank line stays blank.
        if let Some(slot) = slot.filter(|it| matches!(it, Class::Unparsed | Class::More)) {
            *slot = class;
        }
    }

    /// The line is understood and has nothing to list: a comment, a heading, markup.
    pub(crate) fn understood(&mut self, line: u64) {
        self.set(line, Class::Record);
    }

    /// The line is an entry. Its text must hold no secret.
    pub(crate) fn entry(&mut self, line: u64, text: impl FnOnce() -> String) {
        self.set(line, Class::Record);
        if self.keep_entries {
            let index = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
            let byte_offset = index.and_then(|index| self.offsets.get(index)).copied().unwrap_or(0);
            self.entries.push(Entry { line, byte_offset, text: text() });
        }
    }

    /// The line goes on with the last entry.
    pub(crate) fn more(&mut self, line: u64, text: impl FnOnce() -> String) {
        self.set(line, Class::More);
        if self.keep_entries
            && let Some(last) = self.entries.last_mut()
        {
            last.text.push('\n');
            last.text.push_str(&text());
        }
    }

    /// The line goes on with the last entry, and has nothing to list.
    pub(crate) fn passed(&mut self, line: u64) {
        self.set(line, Class::More);
    }

    /// Something about a line does not fit; 0 is the file as a whole.
    pub(crate) fn problem(&mut self, line: u64, what: impl Into<String>) {
        if self.problems.len() < EvidenceFile::MOST_PROBLEMS {
            self.problems.push(FileProblem { line, what: what.into() });
            self.told.push(line);
        }
    }

    /// Whether there is room for a value of so many bytes; told once where there is none.
    ///
    /// What files say is kept to the end of a run, so a hostile one must not fill the memory with it.
    pub(crate) fn has_room(&mut self, line: u64, bytes: usize) -> bool {
        let needed = ITEM_BYTES + bytes;
        if needed <= self.room && bytes <= MOST_VALUE {
            self.room -= needed;
            return true;
        }
        if bytes > MOST_VALUE {
            self.problem(line, "a value that is too long to be kept");
        } else if self.room > 0 {
            self.room = 0;
            self.problem(line, "more than is kept: the rest of the file was read and dropped");
        }
        false
    }

    /// What does not fit, lines that nobody understood among it.
    pub(crate) fn take_problems(&mut self) -> Vec<FileProblem> {
        let mut problems = std::mem::take(&mut self.problems);
        let unparsed = (1..).zip(&self.classes).filter(|it| *it.1 == Class::Unparsed).map(|it| it.0);
        let untold = unparsed.filter(|line| !self.told.contains(line));
        let left = EvidenceFile::MOST_PROBLEMS.saturating_sub(problems.len());
        problems.extend(untold.take(left).map(|line| FileProblem { line, what: "not understood".to_owned() }));
        problems.sort_by_key(|it| it.line);
        problems
    }

    /// The counts, once everything was read.
    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for class in &self.classes {
            *match class {
                Class::Record => &mut tally.records,
                Class::More => &mut tally.more,
                Class::Blank => &mut tally.blank,
                Class::Unparsed => &mut tally.unparsed,
            } += 1;
        }
        tally
    }

    /// Counts the NUL bytes on lines that were not understood.
    pub(crate) fn count_nuls(&mut self, bytes: &[u8]) {
        let unparsed = bytes.lines().zip(&self.classes).filter(|it| *it.1 == Class::Unparsed);
        self.nul_bytes = unparsed.map(|(line, _)| memchr::memchr_iter(0, line).count() as u64).sum();
    }
}

/// The lines of a file with their numbers, without line ends and byte order mark.
pub(crate) fn numbered(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    (1..).zip(bytes.lines())
}
