//! Joins lines to records, in blocks of bounded size, with every line counted.

use std::io::Read;

use esxray_model::{FormatName, Timestamp};

use crate::block::{SpanKind, without_end};
use crate::files::{self, FileKind, Sheet};
use crate::formats::{Dialect, Glance, Joins, Kin, MONTH, claiming, format_of_program, is_text, may_be_stamped};
use crate::input::{Encoding, Input};
use crate::paste;
use crate::seam::Seams;
use crate::sniff::sniff;
use crate::stamp::{Certainty, Stamp, Zone};
use crate::years::{Years, nearest_year, with_year};
use crate::{Account, Block, Form, Gap, Share, Span};

/// How to read a source.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Zone of stamps that carry none.
    pub zone: Zone,
    /// Year of the first stamp that carries none.
    pub year: Option<i32>,
    /// When an archive says the source was written, in Unix seconds: the year of stamps without one.
    pub modified: Option<i64>,
    /// Bytes read at a time.
    pub block_bytes: usize,
    /// Bytes of a record that are kept together; more is counted and still searched by lines.
    pub record_limit: usize,
    /// Bytes of a line that are kept together, never more than `record_limit`; more is counted and still searched.
    pub line_limit: usize,
    /// Seconds without a record from which on a gap is reported.
    pub gap_seconds: i64,
    /// Bytes of a file that is no log but evidence that are read; more is counted and told.
    pub file_limit: usize,
    /// Whether the entries of such a file are kept in the account, for whoever lists them.
    pub keep_entries: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            zone: Zone::Utc,
            year: None,
            modified: None,
            block_bytes: 1 << 20,
            record_limit: 4 << 20,
            line_limit: 4 << 20,
            gap_seconds: 3600,
            file_limit: 4 << 20,
            keep_entries: false,
        }
    }
}

impl ReadOptions {
    /// The same options, in so far as so many readers at a time fit into so much memory.
    ///
    /// Records and lines beyond what then has room are cut as beyond any other limit.
    #[must_use]
    pub fn within(self, memory_bytes: u64, readers: usize) -> Self {
        let share = usize::try_from(memory_bytes).unwrap_or(usize::MAX) / readers.max(1);
        // A buffer holds a record and a block, and grows by doubling.
        let record_limit = self.record_limit.min(share / 16).max(64 << 10);
        Self { record_limit, block_bytes: self.block_bytes.min(record_limit), ..self }
    }

    /// Bytes of a line that are kept together.
    fn line_bytes(&self) -> usize {
        self.line_limit.min(self.record_limit).max(64)
    }
}

/// Reads a source to its end and hands it out as blocks of whole records.
///
/// `name` is a hint for logs whose lines do not say what they are. The blocks follow each other
/// without gap; how the reader cuts its answers has no influence on them. An error of the reader
/// ends the source and is noted in the account.
///
/// A file that is no log but evidence, such as a `.vmx`, gives no block but [`Account::file`]: see
/// [`files`].
///
/// UTF-16 is decoded to UTF-8 first, and carriage returns are read as line feeds where there are no
/// line feeds: blocks, offsets and counts are then those of the decoded bytes.
pub fn read(reader: &mut dyn Read, name: &str, options: &ReadOptions, each: &mut dyn FnMut(&Block<'_>)) -> Account {
    let mut input = Input::new(reader);
    let mut assembler = Assembler::new(name, options);
    let start = match files::recognise(name, &input.head()) {
        Some(kind) => match read_file(&mut input, kind, name, options) {
            Ok(account) => return account,
            Err((start, read_error)) => {
                assembler.account.read_error = read_error;
                start
            }
        },
        None => Vec::new(),
    };
    let mut log = start.as_slice().chain(&mut input);
    let mut buffer = Vec::new();
    loop {
        let wanted = buffer.len() + options.block_bytes.max(1);
        let ended = fill(&mut log, &mut buffer, wanted, &mut assembler.account);
        assembler.look(&buffer, ended);
        let done = assembler.emit(&buffer, ended, each);
        if ended {
            break;
        }
        buffer.drain(..done);
    }
    assembler.account.decoding = input.decoding;
    assembler.finish()
}

/// Reads a file that is no log, whole; where it holds a log after all, gives back what was read of it.
fn read_file(
    input: &mut Input<'_>,
    kind: FileKind,
    name: &str,
    options: &ReadOptions,
) -> Result<Account, (Vec<u8>, Option<String>)> {
    let mut account = Account::default();
    let mut bytes = Vec::new();
    let limit = options.file_limit.max(files::HEAD);
    let ended = fill(input, &mut bytes, limit, &mut account);
    if files::holds_log(name, kind, &bytes) {
        return Err((bytes, account.read_error));
    }
    // A line that goes on beyond the limit is not read at all: half of a value would be a wrong one.
    let whole = if ended { bytes.len() } else { memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1) };
    let rest = bytes.split_off(whole);
    let utf8 = input.decoding.encoding != Encoding::Bytes;
    let mut sheet = Sheet::new(&bytes, options.keep_entries);
    let mut file = files::parse(kind, &bytes, utf8, &mut sheet);
    let tally = sheet.tally();
    account.lines = tally.records + tally.more + tally.blank + tally.unparsed;
    account.bytes = bytes.len() as u64;
    if !ended {
        let first = account.lines + 1;
        account.unread_bytes = count_rest(rest, input, &mut account);
        file.cut_at(first, account.unread_bytes);
    }
    account.form = Some(Form::of_file(kind.format()));
    account.records = tally.records;
    account.continuation_lines = tally.more;
    account.blank_lines = tally.blank;
    account.unparsed_lines = account.lines - tally.records - tally.more - tally.blank;
    account.nul_bytes = sheet.nul_bytes;
    account.not_utf8 = sheet.undecodable;
    account.entries = sheet.entries;
    account.file = Some(Box::new(file));
    account.decoding = input.decoding;
    Ok(account)
}

/// Counts the lines and bytes of what is beyond the limit, and says how many bytes that are.
fn count_rest(start: Vec<u8>, input: &mut Input<'_>, account: &mut Account) -> u64 {
    let mut bytes = start;
    let (mut total, mut open, mut ended) = (0, false, false);
    loop {
        total += bytes.len() as u64;
        account.lines += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        open = bytes.last().map_or(open, |last| *last != b'\n');
        if ended {
            account.lines += u64::from(open);
            account.bytes += total;
            return total;
        }
        bytes.clear();
        ended = fill(input, &mut bytes, 64 << 10, account);
    }
}

/// Reads until the buffer holds `wanted` bytes; `true` at the end of the source.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, wanted: usize, account: &mut Account) -> bool {
    let mut filled = buffer.len();
    buffer.resize(wanted, 0);
    let mut ended = false;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => {
                ended = true;
                break;
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                account.read_error = Some(error.to_string());
                ended = true;
                break;
            }
        }
    }
    buffer.truncate(filled);
    ended
}

/// What one line is.
enum Class<'a> {
    Head {
        dialect: &'static Dialect,
        glance: Glance<'a>,
        lead: usize,
        foreign: bool,
    },
    More,
    /// `-->` without a head.
    Marked,
    Blank,
    /// Text without a head.
    Text,
    /// No text at all.
    Junk,
}

struct Assembler<'o> {
    name: String,
    options: &'o ReadOptions,
    account: Account,
    form: Option<Form>,
    /// The dialect of the last line that was not of the source's own: the next one is likely to be of it too.
    other: Option<&'static Dialect>,
    /// Finished spans of the current buffer.
    spans: Vec<Span>,
    /// The record that may still go on, in bytes of the current buffer.
    open: Option<Open>,
    /// Who wrote it, and on which host.
    writer: (Vec<u8>, Vec<u8>),
    /// Where the next line starts in the current buffer.
    at: usize,
    /// Where the current buffer starts in the source.
    offset: u64,
    /// Whether the last record is over the limit, so that what goes on with it is its rest.
    over: bool,
    /// What the line is that has not ended yet because it is over the limit.
    mid_line: Option<SpanKind>,
    last_time: Option<Timestamp>,
    years: Years,
    /// A moment with a year near the start of a log whose stamps carry none.
    neighbour: Option<Timestamp>,
    programs: Programs,
    seams: Seams,
}

/// The record that may still go on.
struct Open {
    span: Span,
    joins: Joins,
    /// In a `Msg_Post` block: all lines of the thread up to the dashes belong to it.
    post: bool,
}

/// Ends a `Msg_Post` block.
const POST_END: &[u8] = b"----------------";
/// Lines of a `Msg_Post` block after which it is taken to have no end.
const MAX_POST_LINES: u64 = 64;
/// Bytes of an open quotation over which lines of another log are taken to be quoted.
const MAX_QUOTED_BYTES: usize = 64 << 10;
/// Bytes at the start of a line in which a head is looked for.
const HEAD_BYTES: usize = 8 << 10;

impl<'o> Assembler<'o> {
    fn new(name: &str, options: &'o ReadOptions) -> Self {
        Self {
            name: name.to_owned(),
            options,
            account: Account::default(),
            form: None,
            other: None,
            spans: Vec::new(),
            open: None,
            writer: (Vec::new(), Vec::new()),
            at: 0,
            offset: 0,
            over: false,
            mid_line: None,
            last_time: None,
            years: Years::default(),
            neighbour: None,
            programs: Programs::default(),
            seams: Seams::default(),
        }
    }

    /// Looks at every line that has come in whole.
    fn look(&mut self, buffer: &[u8], ended: bool) {
        let new = buffer.get(self.at..).unwrap_or_default();
        if self.form.is_none() {
            let whole = memchr::memrchr(b'\n', new).map_or(0, |at| at + 1);
            // A line without an end in sight has to be read by what there is of it.
            let whole = if ended || whole == 0 { new.len() } else { whole };
            self.form = sniff(new.get(..whole).unwrap_or_default(), &self.name);
            self.neighbour = self.form.filter(|form| form.dialect.opens & MONTH != 0).and_then(|_| dated(new));
        }
        if std::str::from_utf8(new).is_err_and(|error| error.error_len().is_some()) {
            self.account.not_utf8 = true;
        }
        let limit = self.options.line_bytes();
        while let Some(rest) = buffer.get(self.at..).filter(|rest| !rest.is_empty()) {
            let window = rest.get(..limit).unwrap_or(rest);
            let (length, ends) = match memchr::memchr(b'\n', window) {
                Some(end) => (end + 1, true),
                None if rest.len() >= limit => (limit, false),
                None if ended => (rest.len(), true),
                None => break,
            };
            self.piece(buffer, length, ends);
            self.at += length;
        }
    }

    /// Takes in a whole line, or as much of a line as the limit allows.
    fn piece(&mut self, buffer: &[u8], length: usize, ends: bool) {
        let range = self.at..self.at + length;
        if let Some(kind) = self.mid_line {
            // The line was counted when it began.
            self.account.cut_bytes += length as u64;
            if kind == SpanKind::Unparsed {
                let rest = buffer.get(range.clone()).unwrap_or_default();
                self.account.nul_bytes += memchr::memchr_iter(0, rest).count() as u64;
            }
            self.push_plain(kind, range, 0);
            self.mid_line = (!ends).then_some(kind);
            return;
        }
        self.account.lines += 1;
        let line = without_end(buffer.get(range.clone()).unwrap_or_default());
        match self.classify(buffer, line) {
            Class::Head { dialect, glance, lead, foreign } => {
                if self.form.is_some_and(|form| !std::ptr::eq(form.dialect, dialect)) {
                    self.other = Some(dialect);
                }
                let seam = if ends { self.seams.find(line, lead, dialect, &glance) } else { None };
                match seam {
                    Some(seam) => self.begin_two(range, line, (lead, seam), dialect, foreign),
                    None => self.begin(range, dialect, &glance, lead, foreign),
                }
            }
            Class::More => {
                self.go_on(range);
                if let Some(open) = self.open.as_mut().filter(|open| open.post && line.ends_with(POST_END)) {
                    open.post = false;
                }
            }
            Class::Blank => self.push_plain(SpanKind::Blank, range, 1),
            Class::Marked if self.takes_marks() => self.go_on(range),
            Class::Marked => {
                self.account.orphans += 1;
                self.push_plain(SpanKind::Unparsed, range, 1);
            }
            Class::Text if self.joins_text(buffer) => self.go_on(range),
            Class::Text => self.push_plain(SpanKind::Unparsed, range, 1),
            Class::Junk => {
                self.account.nul_bytes += memchr::memchr_iter(0, line).count() as u64;
                self.close();
                self.push_plain(SpanKind::Unparsed, range, 1);
            }
        }
        let limit = self.options.record_limit.max(64);
        if let Some(open) = &mut self.open
            && (open.span.range.len() > limit || !ends)
        {
            open.span.cut = true;
            self.account.cut_records += 1;
            self.close();
            self.over = true;
        }
        if !ends {
            self.mid_line = Some(if self.over { SpanKind::Rest } else { SpanKind::Unparsed });
        }
    }

    /// Whether a line with a bare mark goes on with the record before it: the VMX writes no such lines.
    fn takes_marks(&self) -> bool {
        self.open.as_ref().map_or(self.over, |open| open.joins != Joins::Nothing)
    }

    /// Whether text without head or mark goes on with the record before it.
    fn joins_text(&self, buffer: &[u8]) -> bool {
        match &self.open {
            Some(open) if open.joins == Joins::Wrapped => open.span.range.end == self.at && self.is_unfinished(buffer),
            // Blank lines may stand inside of a fault dump, but text behind one is on its own.
            Some(open) => open.joins == Joins::Text && open.span.range.end == self.at,
            None => self.over,
        }
    }

    fn classify<'a>(&self, buffer: &[u8], line: &'a [u8]) -> Class<'a> {
        let lead = line.iter().take_while(|byte| matches!(byte, 0 | b'\r')).count();
        let lead = if self.offset == 0 && self.at == 0 && line.starts_with(b"\xef\xbb\xbf") { 3 } else { lead };
        let bare = line.get(lead..).unwrap_or_default();
        if bare.len() <= HEAD_BYTES && bare.iter().all(u8::is_ascii_whitespace) {
            return if line.contains(&0) { Class::Junk } else { Class::Blank };
        }
        let lead = lead + if self.form.is_some_and(|form| form.pasted) { paste::lead(bare) } else { 0 };
        let text = line.get(lead..).unwrap_or_default();
        let head_text = text.get(..HEAD_BYTES).unwrap_or(text);
        // A field of CSV may hold whole lines of a log.
        if self.open.as_ref().is_some_and(|open| open.joins == Joins::Quoted) && self.is_quoting(buffer) {
            return Class::More;
        }
        // Of a source of no known form, only what no other dialect claims is its own.
        let nobodys = self.form.is_some_and(|form| form.dialect.kin == Kin::Any);
        if let Some(form) = self.form.filter(|_| !nobodys)
            && let Some(glance) = (form.dialect.glance)(text)
        {
            if glance.more && self.goes_on(&glance) {
                return Class::More;
            }
            if self.in_post(form.dialect, &glance) {
                return Class::More;
            }
            return Class::Head { dialect: form.dialect, glance, lead, foreign: false };
        }
        if text.starts_with(b"-->") {
            return Class::Marked;
        }
        if let Some(form) = self.form
            && (may_be_stamped(head_text) || form.dialect.is_snippet())
            && let Some((dialect, glance)) = self.of_another_dialect(form.dialect, head_text, text)
        {
            // A log goes on through an upgrade of the host, in the form of the new release.
            let same_log = || dialect.format_of(glance.who) == form.format;
            let foreign = form.dialect.kin != dialect.kin && dialect.kin != Kin::Any && !same_log();
            if (foreign || dialect.kin == Kin::Any) && self.is_quoted(buffer) {
                return Class::More;
            }
            if glance.more && self.goes_on(&glance) {
                return Class::More;
            }
            return Class::Head { dialect, glance, lead, foreign };
        }
        if let Some(form) = self.form.filter(|_| nobodys)
            && let Some(glance) = (form.dialect.glance)(text)
        {
            return Class::Head { dialect: form.dialect, glance, lead, foreign: false };
        }
        if !is_text(text) {
            return Class::Junk;
        }
        // A log of a third party in hostd's: `[LikewiseGetDomainJoinInfo:355] QueryInformation(): …`.
        if is_noise(text) { Class::Junk } else { Class::Text }
    }

    /// The dialect that claims a line which the source's own does not read.
    fn of_another_dialect<'a>(
        &self,
        own: &'static Dialect,
        head: &[u8],
        text: &'a [u8],
    ) -> Option<(&'static Dialect, Glance<'a>)> {
        // No line is claimed by two, so which is asked first has no influence.
        let last = self.other.filter(|it| it.kin != Kin::Any && (it.claims)(head));
        let dialect = last.or_else(|| claiming(head))?;
        if std::ptr::eq(dialect, own) || (dialect.is_snippet() && !own.is_snippet()) {
            return None;
        }
        Some((dialect, (dialect.glance)(text)?))
    }

    /// Whether a line that says it goes on has a record to go on with: the last one of its writer.
    ///
    /// That is the thread in a `vmware.log` and the program elsewhere: hostd's continuation lines may come
    /// from another thread than the head.
    fn goes_on(&self, glance: &Glance<'_>) -> bool {
        if self.open.is_none() {
            return self.over;
        }
        self.writer.0 == glance.who && self.writer.1 == glance.host.unwrap_or_default()
    }

    /// Whether a line belongs to the `Msg_Post` block that is open.
    fn in_post(&self, dialect: &'static Dialect, glance: &Glance<'_>) -> bool {
        dialect.format == Some(FormatName::VmwareLog)
            && self.open.as_ref().is_some_and(|open| {
                open.post
                    && self.writer.0 == glance.who
                    && open.span.lines <= MAX_POST_LINES
                    && !begins_post(glance.body)
            })
    }

    /// Whether the open record ends inside of a quotation, so that a line of another log is quoted text.
    fn is_quoted(&self, buffer: &[u8]) -> bool {
        self.open.as_ref().is_some_and(|open| open.span.range.end == self.at) && self.is_quoting(buffer)
    }

    /// Whether a quotation of the open record has not ended yet.
    fn is_quoting(&self, buffer: &[u8]) -> bool {
        self.open.as_ref().is_some_and(|open| {
            let text = buffer.get(open.span.range.clone()).unwrap_or_default();
            text.len() <= MAX_QUOTED_BYTES && memchr::memchr_iter(b'"', text).count() % 2 == 1
        })
    }

    /// Whether the open record of a paste breaks off inside of a quotation or a bracket: its line was wrapped.
    fn is_unfinished(&self, buffer: &[u8]) -> bool {
        let Some(open) = &self.open else { return false };
        let text = buffer.get(open.span.range.clone()).unwrap_or_default();
        let count = |byte: u8| memchr::memchr_iter(byte, text).count();
        // The kernel's head has a `)` of its own.
        let closed =
            count(b')') - usize::from(open.span.dialect.is_some_and(|it| it.kin == Kin::Kernel) && count(b')') > 0);
        text.len() <= HEAD_BYTES && (count(b'"') % 2 == 1 || count(b'(') > closed || count(b'[') > count(b']'))
    }

    fn begin(
        &mut self,
        range: std::ops::Range<usize>,
        dialect: &'static Dialect,
        glance: &Glance<'_>,
        lead: usize,
        foreign: bool,
    ) {
        self.close();
        self.over = false;
        self.account.records += 1;
        self.account.foreign += u64::from(foreign);
        let time = glance.stamp.and_then(|stamp| self.moment(stamp));
        if let Some(time) = time {
            self.count_time(time);
        }
        self.count_share(dialect, glance.who, time);
        let format = dialect.format.or(self.form.map(|form| form.format)).unwrap_or(FormatName::Unknown);
        // A restarted service writes its header again, in the middle of a log; the VMX only at its start.
        self.account.truncated += u64::from(is_truncated(dialect, glance.body));
        if may_be_header(glance.body) {
            self.account.header.learn(format, glance.body);
        }
        if self.account.header.host.is_none()
            && let Some(host) = glance.host
        {
            self.account.header.host = Some(String::from_utf8_lossy(host).into_owned());
        }
        let span = Span {
            kind: SpanKind::Record,
            range,
            line: self.account.lines,
            lines: 1,
            time,
            certainty: glance.stamp.map(|stamp| stamp.certainty),
            level: glance.level,
            foreign,
            cut: false,
            lead,
            dialect: Some(dialect),
        };
        let post = begins_post(glance.body);
        self.open = Some(Open { span, joins: dialect.joins, post });
        self.writer.0.clear();
        self.writer.0.extend_from_slice(glance.who);
        self.writer.1.clear();
        self.writer.1.extend_from_slice(glance.host.unwrap_or_default());
    }

    /// Takes a line for two records without a line break between them.
    ///
    /// The line counts once, for the first of them. The second counts as foreign: nothing tells for sure that
    /// its head was not written by whoever wrote the text before it.
    fn begin_two(
        &mut self,
        range: std::ops::Range<usize>,
        line: &[u8],
        (lead, seam): (usize, usize),
        dialect: &'static Dialect,
        foreign: bool,
    ) {
        let (first, second) = line.split_at(seam);
        let glances = first.get(lead..).and_then(dialect.glance).zip((dialect.glance)(second));
        let Some((one, two)) = glances else { return };
        let seam = range.start + seam;
        self.begin(range.start..seam, dialect, &one, lead, foreign);
        self.begin(seam..range.end, dialect, &two, 0, true);
        self.account.records -= 1;
        self.account.foreign -= 1;
        self.account.glued += 1;
    }

    /// Adds a line to the open record, with what stood between the two.
    fn go_on(&mut self, range: std::ops::Range<usize>) {
        self.account.continuation_lines += 1;
        let line = self.account.lines;
        let Some(open) = &mut self.open else {
            self.account.cut_bytes += range.len() as u64;
            self.push(SpanKind::Rest, range, 1);
            return;
        };
        // Blank lines and noise inside of the record were spans of their own until now.
        while self.spans.last().is_some_and(|span| span.range.start >= open.span.range.end) {
            self.spans.pop();
        }
        open.span.range.end = range.end;
        open.span.lines = line - open.span.line + 1;
        if open.post && open.span.lines > MAX_POST_LINES {
            open.post = false;
        }
    }

    /// Adds lines that are no record; a record before them stays open, for it may go on behind them.
    fn push_plain(&mut self, kind: SpanKind, range: std::ops::Range<usize>, lines: u64) {
        if lines > 0 {
            match kind {
                SpanKind::Blank => self.account.blank_lines += 1,
                SpanKind::Unparsed => self.account.unparsed_lines += 1,
                SpanKind::Record | SpanKind::Rest => {}
            }
        }
        self.push(kind, range, lines);
    }

    fn push(&mut self, kind: SpanKind, range: std::ops::Range<usize>, lines: u64) {
        if let Some(last) = self.spans.last_mut()
            && last.kind == kind
            && last.range.end == range.start
            && kind != SpanKind::Record
        {
            last.range.end = range.end;
            last.lines += lines;
            return;
        }
        let line = self.account.lines;
        self.spans.push(Span {
            kind,
            range,
            line,
            lines,
            time: None,
            certainty: None,
            level: None,
            foreign: false,
            cut: false,
            lead: 0,
            dialect: None,
        });
    }

    /// Ends the open record. It stands before what came after it.
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let at = self.spans.partition_point(|span| span.range.start < open.span.range.start);
            self.spans.insert(at, open.span);
        }
    }

    /// Hands out what is finished and forgets it; returns how many bytes that were.
    fn emit(&mut self, buffer: &[u8], ended: bool, each: &mut dyn FnMut(&Block<'_>)) -> usize {
        if ended {
            self.close();
        }
        let done = self.open.as_ref().map_or(self.at, |open| open.span.range.start);
        let count = self.spans.partition_point(|span| span.range.start < done);
        let kept = self.spans.split_off(count);
        if done > 0 {
            let block = Block {
                bytes: buffer.get(..done).unwrap_or_default(),
                offset: self.offset,
                form: self.form,
                spans: &self.spans,
            };
            each(&block);
        }
        self.spans = kept;
        for range in self
            .spans
            .iter_mut()
            .map(|span| &mut span.range)
            .chain(self.open.iter_mut().map(|open| &mut open.span.range))
        {
            *range = range.start - done..range.end - done;
        }
        self.at -= done;
        self.offset += done as u64;
        self.account.bytes = self.offset;
        done
    }

    fn finish(mut self) -> Account {
        self.account.form = self.form;
        self.account
    }

    /// The moment of a stamp, with zone and year put in where they are missing.
    fn moment(&mut self, stamp: Stamp) -> Option<Timestamp> {
        let Some(time) = stamp.time else {
            self.account.invalid_stamps += 1;
            return None;
        };
        match stamp.certainty {
            Certainty::Full => {
                self.learn_year(time);
                Some(time)
            }
            Certainty::NoZone => {
                self.account.without_zone += 1;
                self.learn_year(time);
                Some(self.options.zone.to_utc(time))
            }
            Certainty::NoYear => {
                self.account.without_year += 1;
                let first = self.first_year(time);
                let dated = self.years.place(time, first)?;
                self.account.assumed_year = self.account.assumed_year.or(Some(first));
                Some(self.options.zone.to_utc(dated))
            }
        }
    }

    /// A year that a record says holds for those after it, unless another one was told.
    fn learn_year(&mut self, time: Timestamp) {
        if self.options.year.is_none() {
            self.years.learn(time);
        }
    }

    /// The year to start with: as told, that of a neighbour that says it, or the one that ends at the time the archive
    /// gives.
    fn first_year(&self, time: Timestamp) -> i32 {
        let from_archive = || {
            let written = Timestamp::from_micros(self.options.modified?.checked_mul(1_000_000)?);
            let year: i32 = written.to_string().get(..4)?.parse().ok()?;
            let placed = with_year(time, year)?;
            Some(if placed > written.plus_seconds(86_400) { year - 1 } else { year })
        };
        let from_neighbour = || nearest_year(time, self.neighbour?);
        self.options.year.or_else(from_neighbour).or_else(from_archive).unwrap_or(2000)
    }

    /// Counts a record for the log that it is of.
    fn count_share(&mut self, dialect: &'static Dialect, who: &[u8], time: Option<Timestamp>) {
        let format = match dialect.format {
            Some(format) => format,
            None if who.is_empty() => dialect.unnamed_in(self.form.map_or(FormatName::Unknown, |form| form.format)),
            None => self.programs.format(who).unwrap_or(dialect.other),
        };
        let shares = &mut self.account.shares;
        let index = shares.iter().position(|it| it.format == format).unwrap_or(shares.len());
        if index == shares.len() {
            shares.push(Share { format, records: 0, first: None, last: None });
        }
        let Some(share) = shares.get_mut(index) else { return };
        share.records += 1;
        if let Some(time) = time {
            share.first = Some(share.first.map_or(time, |first| first.min(time)));
            share.last = Some(share.last.map_or(time, |last| last.max(time)));
        }
    }

    fn count_time(&mut self, time: Timestamp) {
        const YEAR: i64 = 366 * 86_400;
        if let Some(last) = self.last_time {
            let seconds = time.seconds_since(last);
            self.account.disordered += u64::from(time < last);
            self.account.steps_back += u64::from(time.micros_since(last) < -1_000_000);
            self.account.jumps += u64::from(seconds.abs() > YEAR);
            if seconds > self.options.gap_seconds && self.account.gaps.len() < Account::MAX_GAPS {
                self.account.gaps.push(Gap { from: last, to: time });
            }
        }
        self.last_time = Some(time);
        self.account.first = Some(self.account.first.map_or(time, |first| first.min(time)));
        self.account.last = Some(self.account.last.map_or(time, |last| last.max(time)));
    }
}

/// Remembers the logs of programs: a syslog names the same few on all of its lines.
#[derive(Default)]
struct Programs(Vec<(Vec<u8>, Option<FormatName>)>);

impl Programs {
    fn format(&mut self, who: &[u8]) -> Option<FormatName> {
        /// Programs that are remembered.
        const MOST: usize = 32;
        if let Some(known) = self.0.iter().find(|it| it.0 == who) {
            return known.1;
        }
        let format = format_of_program(who);
        if self.0.len() < MOST {
            self.0.push((who.to_vec(), format));
        }
        format
    }
}

/// Whether a body begins like a line that says which product writes: cheap, because it runs for every record.
fn may_be_header(body: &[u8]) -> bool {
    match body.first() {
        Some(b'L') => body.starts_with(b"Log for ") || body.starts_with(b"Logs rotated. "),
        Some(b'H') => body.starts_with(b"Host "),
        Some(b'S') => body.starts_with(b"Section for "),
        // When it was last started or rotated stands in front, `Section for` behind.
        Some(b'-') => body.starts_with(b"- "),
        _ => false,
    }
}

/// Whether a host's syslog cut a record before it sent it, and says so: `originalLen=2048` in the bracket.
fn is_truncated(dialect: &Dialect, body: &[u8]) -> bool {
    /// Bytes in which the bracket ends.
    const BRACKET: usize = 512;
    dialect.generation.starts_with("syslog-")
        && memchr::memmem::find(body.get(..BRACKET).unwrap_or(body), b" originalLen=").is_some()
}

/// The first moment with a year in a log whose stamps carry none: ESXi 4 kept hostd's own stamp behind that of syslog.
fn dated(bytes: &[u8]) -> Option<Timestamp> {
    /// Lines that are looked at.
    const MOST: usize = 2000;
    let lines = bytes.split(|byte| *byte == b'\n').take(MOST);
    lines.filter(|line| may_be_stamped(line)).find_map(|line| {
        let stamp = (claiming(line)?.glance)(line)?.stamp.filter(|stamp| stamp.certainty != Certainty::NoYear)?;
        stamp.time
    })
}

fn begins_post(body: &[u8]) -> bool {
    body.starts_with(b"Msg_Post: ")
}

/// `[LikewiseGetDomainJoinInfo:355] text`: a function and a line number in brackets.
fn is_noise(text: &[u8]) -> bool {
    let Some(inside) = text.strip_prefix(b"[") else { return false };
    let Some(end) = memchr::memchr(b']', inside.get(..80).unwrap_or(inside)) else { return false };
    let inside = inside.get(..end).unwrap_or_default();
    let Some(colon) = memchr::memrchr(b':', inside) else { return false };
    let (name, number) = inside.split_at(colon);
    !name.is_empty()
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && number.len() > 1
        && number.get(1..).is_some_and(|it| it.iter().all(u8::is_ascii_digit))
}
