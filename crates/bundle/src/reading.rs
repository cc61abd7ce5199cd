use std::cell::{Cell, RefCell};
use std::io::{self, Read};

#[cfg(any(feature = "bzip2", feature = "xz", feature = "zstd"))]
use crate::codec::Codec;
use crate::codec::Decoded;
use crate::gzip::Gzip;
use crate::input::{BUFFER, Input};
use crate::limits::Limits;
use crate::meter::Meter;
use crate::name::{Names, clipped, leads_out};
use crate::sniff::{HEAD, Kind, sniff};
use crate::unit::{Member, ReadProblem};
use crate::zip::Bytes;
use crate::{tar, zip};

/// What the layers of one unit share while it is read: limits, counts, problems.
pub(crate) struct Reading<'r> {
    pub(crate) limits: &'r Limits,
    /// Told what is read, where somebody wants to know.
    meter: Option<&'r Meter>,
    each: RefCell<&'r mut dyn FnMut(Member<'_>)>,
    problems: RefCell<Problems>,
    /// Bytes read from the outermost stream.
    raw: Cell<u64>,
    /// Decoded bytes delivered.
    delivered: Cell<u64>,
    /// Members of archives met.
    members: Cell<u64>,
    /// Bytes of zip archives held in memory.
    held: Cell<usize>,
    /// Set when a limit of the whole unit was met.
    over: Cell<bool>,
    buffers: RefCell<Vec<Vec<u8>>>,
}

impl<'r> Reading<'r> {
    pub(crate) fn new(limits: &'r Limits, meter: Option<&'r Meter>, each: &'r mut dyn FnMut(Member<'_>)) -> Self {
        Self {
            limits,
            meter,
            each: RefCell::new(each),
            problems: RefCell::new(Problems::new(limits.problems)),
            raw: Cell::new(0),
            delivered: Cell::new(0),
            members: Cell::new(0),
            held: Cell::new(0),
            over: Cell::new(false),
            buffers: RefCell::default(),
        }
    }

    pub(crate) fn problem(&self, source: &str, problem: impl Into<String>, lost_bytes: Option<u64>, incomplete: bool) {
        self.problems.borrow_mut().add(ReadProblem {
            source: source.to_owned(),
            problem: problem.into(),
            lost_bytes,
            incomplete,
        });
    }

    pub(crate) fn into_problems(self) -> Vec<ReadProblem> {
        self.problems.into_inner().list()
    }

    pub(crate) fn count_raw(&self, bytes: usize) {
        self.raw.set(self.raw.get() + bytes as u64);
        if let Some(meter) = self.meter {
            meter.add_taken(bytes as u64);
        }
    }

    /// Counts what was passed over of a unit of this size, at its end.
    pub(crate) fn count_rest(&self, size: u64) {
        if let Some(meter) = self.meter {
            meter.add_taken(size.saturating_sub(self.raw.get()));
        }
    }

    /// Whether a limit of the whole unit was met, so that nothing more is read.
    pub(crate) fn over(&self) -> bool {
        self.over.get()
    }

    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        self.buffers.borrow_mut().pop().unwrap_or_else(|| vec![0; BUFFER])
    }

    pub(crate) fn give_buffer(&self, buffer: Vec<u8>) {
        self.buffers.borrow_mut().push(buffer);
    }

    /// How many bytes of a zip archive may be held in memory now.
    pub(crate) fn room_to_hold(&self) -> usize {
        self.limits.zip_bytes.saturating_sub(self.held.get())
    }

    /// Does something while so many bytes are held.
    pub(crate) fn holding(&self, bytes: usize, act: impl FnOnce()) {
        self.held.set(self.held.get() + bytes);
        act();
        self.held.set(self.held.get() - bytes);
    }

    /// Counts a member of the archive called `archive`; `false` when there are too many.
    pub(crate) fn count_member(&self, archive: &str) -> bool {
        let members = self.members.get() + 1;
        self.members.set(members);
        let limit = self.limits.members;
        if members > limit && !self.over.replace(true) {
            let problem =
                format!("stopped at the limit of {limit} members in archives (--max-members), the rest was not read");
            self.problem(archive, problem, None, true);
        }
        members <= limit
    }

    /// What something in an archive is called.
    pub(crate) fn inside(&self, archive: &At, name: &[u8]) -> String {
        format!("{}!{}", archive.name, clipped(name, self.limits.path_bytes))
    }

    /// Names a member of an archive, and tells what is odd about its name.
    pub(crate) fn member(&self, archive: &At, name: &[u8], names: &mut Names) -> At {
        let full = self.inside(archive, name);
        let unique = names.unique(&full);
        if name.len() > self.limits.path_bytes {
            let problem = format!(
                "its name has {} bytes and is shown shortened to the limit of {} (--max-path)",
                name.len(),
                self.limits.path_bytes
            );
            self.problem(&unique, problem, None, false);
        }
        if leads_out(name) {
            self.problem(&unique, "unsafe member name, which would leave the folder it is unpacked to", None, false);
        }
        if unique != full {
            self.problem(&unique, format!("duplicate member name {full}"), None, false);
        }
        At { name: unique, explicit: false, modified: None, depth: archive.depth + 1 }
    }

    fn deliver(&self, at: At, input: &mut Input<'_>) {
        if self.over() {
            return;
        }
        if let Some(meter) = self.meter {
            meter.source();
        }
        let name = at.name.clone();
        let mut metered = Metered { reading: self, name: &name, input };
        (self.each.borrow_mut())(Member {
            name: at.name,
            explicit: at.explicit,
            modified: at.modified,
            reader: &mut metered,
        });
    }

    /// Counts what is handed on, and says whether it was too much for the unit.
    fn count_delivered(&self, name: &str, bytes: usize) -> bool {
        let delivered = self.delivered.get() + bytes as u64;
        self.delivered.set(delivered);
        if let Some(meter) = self.meter {
            meter.add_decoded(bytes as u64);
        }
        let raw = self.raw.get();
        let limits = self.limits;
        let limit = if delivered > limits.unit_bytes {
            format!("the limit of {} decoded bytes for one input (--max-bytes)", limits.unit_bytes)
        } else if limits.exceeded(limits.unit_free_bytes, delivered, raw) {
            format!("the limit of {} decoded bytes for each byte of one input (--max-ratio)", limits.ratio)
        } else {
            return false;
        };
        self.over.set(true);
        let problem = format!("stopped at {limit}: {delivered} decoded bytes were read, the rest of the input was not");
        self.problem(name, problem, None, true);
        true
    }
}

/// Which source a layer belongs to.
#[derive(Debug, Clone)]
pub(crate) struct At {
    pub(crate) name: String,
    pub(crate) explicit: bool,
    pub(crate) modified: Option<i64>,
    pub(crate) depth: u32,
}

impl At {
    pub(crate) fn top(name: &str, explicit: bool) -> Self {
        Self { name: name.to_owned(), explicit, modified: None, depth: 0 }
    }
}

/// Finds out what a stream is and delivers the sources that it holds.
///
/// `whole` are the same bytes once more, if they can be read at any place.
pub(crate) fn open(reading: &Reading<'_>, at: At, raw: &mut dyn Read, whole: Option<&dyn Bytes>) {
    let mut input = Input::new(raw, reading.take_buffer());
    let mut kind = sniff(input.peek(HEAD));
    if kind == Kind::Plain && whole.is_some_and(zip::ends) {
        kind = Kind::Zip;
    }
    if kind == Kind::Plain {
        reading.deliver(at, &mut input);
    } else if at.depth >= reading.limits.depth {
        let problem =
            format!("nested deeper than the limit of {} containers (--max-depth), not opened", reading.limits.depth);
        reading.problem(&at.name, problem, None, true);
    } else {
        container(reading, at, kind, &mut input, whole);
    }
    reading.give_buffer(input.into_buffer());
}

fn container(reading: &Reading<'_>, at: At, kind: Kind, input: &mut Input<'_>, whole: Option<&dyn Bytes>) {
    match kind {
        Kind::Plain => {}
        Kind::Gzip => {
            let name = at.name.clone();
            let mut gzip = Decoded::new(reading, &name, input, Gzip::new());
            gzip.begin();
            let modified = gzip.codec.modified().or(at.modified);
            let depth = at.depth + 1;
            open(reading, At { modified, depth, ..at }, &mut gzip, None);
        }
        #[cfg(feature = "bzip2")]
        Kind::Bzip2 => decode(reading, at, input, crate::bzip2::Bzip2::new()),
        #[cfg(feature = "xz")]
        Kind::Xz => decode(reading, at, input, crate::xz::Xz::new(reading.limits.window_bytes)),
        #[cfg(feature = "zstd")]
        Kind::Zstd => decode(reading, at, input, crate::zstd::Zstd::new(reading.limits.window_bytes)),
        Kind::Tar => tar::read(reading, &at, input),
        Kind::Zip => match whole {
            Some(bytes) => zip::read(reading, &at, bytes),
            None => zip::read_stream(reading, &at, input),
        },
        #[cfg(not(feature = "bzip2"))]
        Kind::Bzip2 => refuse(reading, &at, "bzip2"),
        #[cfg(not(feature = "xz"))]
        Kind::Xz => refuse(reading, &at, "xz"),
        #[cfg(not(feature = "zstd"))]
        Kind::Zstd => refuse(reading, &at, "zstd"),
        Kind::Unknown(format) => refuse(reading, &at, format),
    }
}

#[cfg(any(feature = "bzip2", feature = "xz", feature = "zstd"))]
fn decode<C: Codec>(reading: &Reading<'_>, at: At, input: &mut Input<'_>, codec: C) {
    let name = at.name.clone();
    let mut decoded = Decoded::new(reading, &name, input, codec);
    let depth = at.depth + 1;
    open(reading, At { depth, ..at }, &mut decoded, None);
}

fn refuse(reading: &Reading<'_>, at: &At, format: &str) {
    let problem = format!("{format} data, which this program cannot open");
    reading.problem(&at.name, problem, None, true);
}

/// What a consumer reads from: counts, and stops at the limits of the unit.
struct Metered<'a, 'r, 'i> {
    reading: &'a Reading<'r>,
    name: &'a str,
    input: &'a mut Input<'i>,
}

impl Read for Metered<'_, '_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.reading.over() {
            return Ok(0);
        }
        let count = self.input.read(out)?;
        if self.reading.count_delivered(self.name, count) {
            return Ok(0);
        }
        Ok(count)
    }
}

/// Problems, the first of them listed singly and the others counted.
///
/// Those that may have lost evidence are counted apart, so that a thousand
/// links do not hide one damaged log.
#[derive(Debug)]
pub(crate) struct Problems {
    listed: Vec<ReadProblem>,
    limit: usize,
    notes: Count,
    losses: Count,
}

#[derive(Debug, Default)]
struct Count {
    all: usize,
    last: String,
}

impl Problems {
    pub(crate) fn new(limit: usize) -> Self {
        Self { listed: Vec::new(), limit, notes: Count::default(), losses: Count::default() }
    }

    pub(crate) fn add(&mut self, problem: ReadProblem) {
        let count = if problem.incomplete { &mut self.losses } else { &mut self.notes };
        count.all += 1;
        if count.all <= self.limit {
            self.listed.push(problem);
        } else {
            count.last = problem.source;
        }
    }

    pub(crate) fn list(mut self) -> Vec<ReadProblem> {
        for (count, incomplete) in [(self.losses, true), (self.notes, false)] {
            if count.all > self.limit {
                let more = count.all - self.limit;
                self.listed.push(ReadProblem {
                    source: count.last,
                    problem: format!(
                        "{more} more problems are not listed singly (--max-problems), the last of them here"
                    ),
                    lost_bytes: None,
                    incomplete,
                });
            }
        }
        self.listed
    }
}
