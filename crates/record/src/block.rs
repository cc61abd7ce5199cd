use std::borrow::Cow;
use std::ops::Range;

use esxray_model::{FormatName, Level, Timestamp};

use crate::formats::{Dialect, Head, Joins, is_mark};
use crate::paste;
use crate::{Certainty, Form};

/// What a stretch of bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// One record with its continuation lines.
    Record,
    /// What a record has beyond the limit.
    Rest,
    /// Lines that belong to no record.
    Unparsed,
    /// Lines without a visible character.
    Blank,
}

/// A stretch of whole lines of a block.
#[derive(Clone)]
pub struct Span {
    /// What it is.
    pub kind: SpanKind,
    /// Where it stands in the block's bytes, line ends included.
    pub range: Range<usize>,
    /// Its first line, 1-based in the source.
    pub line: u64,
    /// How many lines; a line that holds two records is one of each.
    pub lines: u64,
    /// When it was logged, of a record.
    pub time: Option<Timestamp>,
    /// What the stamp left open.
    pub certainty: Option<Certainty>,
    /// The level, of a record that says it.
    pub level: Option<Level>,
    /// Whether the record is of another kind of log than the source, or begins in the middle of a line: it may
    /// have been quoted.
    pub foreign: bool,
    /// Whether the record goes on beyond the limit.
    pub cut: bool,
    /// Bytes before the head: NULs after a crash, a byte order mark.
    pub(crate) lead: usize,
    pub(crate) dialect: Option<&'static Dialect>,
}

/// Some bytes of a source that hold whole records only.
pub struct Block<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where they stand in the source.
    pub offset: u64,
    /// What the source is, as far as it is known by now.
    pub form: Option<Form>,
    /// What the bytes are: in order, without gap, from the first byte to the last.
    pub spans: &'a [Span],
}

impl<'a> Block<'a> {
    /// Its records.
    pub fn records(&self) -> impl Iterator<Item = Record<'a>> + '_ {
        self.spans.iter().filter_map(|span| self.record(span))
    }

    /// The record of a span; `None` for a span of another kind.
    pub fn record(&self, span: &'a Span) -> Option<Record<'a>> {
        let dialect = span.dialect.filter(|_| span.kind == SpanKind::Record)?;
        let format = self.form.map_or(FormatName::Unknown, |form| form.format);
        let bytes = self.bytes.get(span.range.clone())?;
        Some(Record { bytes, offset: self.offset + span.range.start as u64, span, dialect, source_format: format })
    }

    /// The span that holds a byte of the block.
    pub fn span_at(&self, at: usize) -> Option<&'a Span> {
        let index = self.spans.partition_point(|span| span.range.end <= at);
        self.spans.get(index).filter(|span| span.range.contains(&at))
    }
}

/// One record: a head line and what goes on with it.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    bytes: &'a [u8],
    /// Where it stands in the source.
    pub offset: u64,
    /// Its lines, time and level.
    pub span: &'a Span,
    dialect: &'static Dialect,
    source_format: FormatName,
}

/// The text of a record without heads and marks, and how to find it again in the record's bytes.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// Message and continuation lines, joined by line feeds.
    pub joined: Cow<'a, [u8]>,
    /// Of each line: where it starts in `joined`, and where in the record's bytes.
    pub(crate) lines: Vec<(usize, usize)>,
}

impl Text<'_> {
    /// Where a range of `joined` stands in the record's bytes; a range over several lines spans their marks too.
    pub fn in_record(&self, range: Range<usize>) -> Range<usize> {
        let map = |at: usize| {
            let index = self.lines.partition_point(|line| line.0 <= at).saturating_sub(1);
            self.lines.get(index).map_or(at, |line| line.1 + (at - line.0))
        };
        map(range.start)..map(range.end)
    }

    /// The lines: where each starts in `joined`, and its bytes.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.lines.iter().enumerate().map(|(index, line)| {
            let end = self.lines.get(index + 1).map_or(self.joined.len(), |next| next.0 - 1);
            (line.0, self.joined.get(line.0..end).unwrap_or_default())
        })
    }
}

impl<'a> Record<'a> {
    /// Everything that the head says.
    ///
    /// # Panics
    ///
    /// Never: a span becomes a record only where its dialect reads the head.
    pub fn head(&self) -> Head<'a> {
        let line = self.first_line();
        (self.dialect.glance)(line).map_or_else(|| empty_head(line), |glance| (self.dialect.open)(&glance))
    }

    /// The record's bytes, line ends included.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The format of this very record: a syslog export holds several.
    pub fn format(&self) -> FormatName {
        if let Some(format) = self.dialect.format {
            return format;
        }
        let head = self.head();
        if head.program.is_empty() {
            return self.dialect.unnamed_in(self.source_format);
        }
        self.dialect.format_of(head.program)
    }

    /// The dialect's name, without the format's.
    pub fn generation(&self) -> &'static str {
        self.dialect.generation
    }

    /// Message and continuation lines, joined by line feeds, without heads and marks.
    pub fn message(&self) -> Cow<'a, [u8]> {
        self.text().joined
    }

    /// As [`Record::message`], with the way back to the record's bytes.
    pub fn text(&self) -> Text<'a> {
        let head = self.head();
        let first = position(self.bytes, head.message);
        let end_of_first = memchr::memchr(b'\n', self.bytes).map_or(self.bytes.len(), |at| at + 1);
        if end_of_first == self.bytes.len() {
            return Text { joined: Cow::Borrowed(head.message), lines: vec![(0, first)] };
        }
        let mut joined = head.message.to_vec();
        let mut lines = vec![(0, first)];
        let mut at = end_of_first;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |it| it + 1);
            let line = without_end(rest.get(..end).unwrap_or_default());
            let text = self.continuation(line);
            // What a paste wrapped was one line.
            let wrapped = self.dialect.joins == Joins::Wrapped && !is_mark(line);
            joined.push(if wrapped { b' ' } else { b'\n' });
            lines.push((joined.len(), at + position(line, text)));
            joined.extend_from_slice(text);
            at += end;
        }
        Text { joined: Cow::Owned(joined), lines }
    }

    /// A part of the head as a text of its own, with the way back to the record's bytes.
    pub fn part(&self, part: &'a [u8]) -> Text<'a> {
        Text { joined: Cow::Borrowed(part), lines: vec![(0, position(self.bytes, part))] }
    }

    /// Takes head and mark off a continuation line.
    fn continuation(&self, line: &'a [u8]) -> &'a [u8] {
        let bare = |text: &'a [u8]| match text.trim_ascii_start().strip_prefix(b"-->") {
            Some(rest) => rest.strip_prefix(b" ").unwrap_or(rest),
            None => text,
        };
        let line = if self.span.lead > 0 { line.get(paste::lead(line)..).unwrap_or_default() } else { line };
        if line.starts_with(b"-->") {
            return bare(line);
        }
        match (self.dialect.glance)(line) {
            Some(glance) => bare(glance.body),
            None => line,
        }
    }

    fn first_line(&self) -> &'a [u8] {
        let end = memchr::memchr(b'\n', self.bytes).map_or(self.bytes.len(), |at| at + 1);
        without_end(self.bytes.get(self.span.lead..end).unwrap_or_default())
    }
}

/// Where a part of a slice starts in it.
fn position(whole: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len())
}

/// A line without its line feed and carriage return.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn empty_head(line: &[u8]) -> Head<'_> {
    Head {
        stamp: None,
        level: None,
        program: b"",
        component: b"",
        op_id: None,
        user: None,
        host: None,
        fields: Vec::new(),
        message: line,
    }
}
