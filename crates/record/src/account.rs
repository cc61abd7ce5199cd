use esxray_model::{FormatName, Timestamp};

use crate::files::{Entry, EvidenceFile};
use crate::{Decoding, Form, Header};

/// A stretch of time without any record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last record before it.
    pub from: Timestamp,
    /// The first record after it.
    pub to: Timestamp,
}

/// The records of one log in a source: a syslog holds those of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Which log they are of.
    pub format: FormatName,
    /// How many they are; those that begin in the middle of a line are among them.
    pub records: u64,
    /// Earliest moment.
    pub first: Option<Timestamp>,
    /// Latest moment.
    pub last: Option<Timestamp>,
}

/// What became of every line of a source.
///
/// Invariant: `lines == records + continuation_lines + unparsed_lines + blank_lines`.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// What the source is; `None` where no line had a known form.
    pub form: Option<Form>,
    /// What the log says of the product that wrote it.
    pub header: Header,
    /// What it says, where it is no log but a file that is evidence by itself; no block of it is handed out.
    pub file: Option<Box<EvidenceFile>>,
    /// The entries of such a file without their secrets, in order, if they were asked for.
    pub entries: Vec<Entry>,
    /// How the bytes were decoded; every other number counts decoded bytes.
    pub decoding: Decoding,
    /// Bytes, as they are handed out.
    pub bytes: u64,
    /// Lines: pieces between line feeds, the last one counted if it is not empty.
    pub lines: u64,
    /// First lines of records.
    pub records: u64,
    /// Further lines of records.
    pub continuation_lines: u64,
    /// Lines that belong to no record.
    pub unparsed_lines: u64,
    /// Lines without a visible character.
    pub blank_lines: u64,
    /// What each log has of the records, in the order of their first ones.
    pub shares: Vec<Share>,
    /// Earliest moment.
    pub first: Option<Timestamp>,
    /// Latest moment.
    pub last: Option<Timestamp>,
    /// The first stretches longer than the threshold, at most [`Account::MAX_GAPS`].
    pub gaps: Vec<Gap>,
    /// Records whose stamp has no zone.
    pub without_zone: u64,
    /// Records whose stamp has no year.
    pub without_year: u64,
    /// The first year that was assumed for them.
    pub assumed_year: Option<i32>,
    /// Records whose stamp names no moment, such as 30 February.
    pub invalid_stamps: u64,
    /// Records that are earlier than the one before them, by however little: threads race, so a few are usual.
    pub disordered: u64,
    /// Those of them that are earlier by more than a second.
    pub steps_back: u64,
    /// Records more than a year away from the one before them.
    pub jumps: u64,
    /// NUL bytes outside of records.
    pub nul_bytes: u64,
    /// Blocks with a byte sequence that is not UTF-8.
    pub not_utf8: bool,
    /// Records that a host's syslog cut before it sent them, and says so.
    pub truncated: u64,
    /// Lines marked as continuation lines with no record before them.
    pub orphans: u64,
    /// Records of another kind of log than the source is.
    pub foreign: u64,
    /// Records that begin in the middle of a line, behind a record that a crash cut; not among `records`.
    pub glued: u64,
    /// Records longer than the limit, kept cut.
    pub cut_records: u64,
    /// Bytes of such records, and of lines without an end, beyond what was kept.
    pub cut_bytes: u64,
    /// Bytes beyond the limit of a file that is no log; their lines are counted as not understood.
    pub unread_bytes: u64,
    /// Why reading stopped early, in the reader's words.
    pub read_error: Option<String>,
}

impl Account {
    /// How many gaps are kept.
    pub const MAX_GAPS: usize = 64;
}
