use std::cell::{Cell, RefCell};
use std::io::{self, Read};

use crate::gzip::Gzip;
use crate::input::{BUFFER, Input};
use crate::limits::Limits;
use crate::sniff::{HEAD, Kind, sniff};
use crate::unit::{Member, ReadProblem};

/// What the layers of one unit share while it is read: limits, counts, problems.
pub(crate) struct Reading<'r> {
    pub(crate) limits: &'r Limits,
    each: RefCell<&'r mut dyn FnMut(Member<'_>)>,
    problems: RefCell<Problems>,
    /// Bytes read from the outermost stream.
    raw: Cell<u64>,
    /// Decoded bytes delivered.
    delivered: Cell<u64>,
    /// Set when a limit of the whole unit was met.
    over: Cell<bool>,
    buffers: RefCell<Vec<Vec<u8>>>,
}

impl<'r> Reading<'r> {
    pub(crate) fn new(limits: &'r Limits, each: &'r mut dyn FnMut(Member<'_>)) -> Self {
        Self {
            limits,
            each: RefCell::new(each),
            problems: RefCell::new(Problems::new(limits.problems)),
            raw: Cell::new(0),
            delivered: Cell::new(0),
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
    }

    /// Whether a limit of the whole unit was met, so that nothing more is read.
    pub(crate) fn over(&self) -> bool {
        self.over.get()
    }

    fn take_buffer(&self) -> Vec<u8> {
        self.buffers.borrow_mut().pop().unwrap_or_else(|| vec![0; BUFFER])
    }

    fn deliver(&self, at: At, input: &mut Input<'_>) {
        if self.over() {
            return;
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
        let raw = self.raw.get();
        let limits = self.limits;
        let limit = if delivered > limits.unit_bytes {
            format!("the limit of {} decoded bytes for one input", limits.unit_bytes)
        } else if limits.exceeded(limits.unit_free_bytes, delivered, raw) {
            format!("the limit of {} decoded bytes for each byte of one input", limits.ratio)
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
pub(crate) fn open(reading: &Reading<'_>, at: At, raw: &mut dyn Read) {
    let mut input = Input::new(raw, reading.take_buffer());
    let kind = sniff(input.peek(HEAD));
    if kind == Kind::Plain {
        reading.deliver(at, &mut input);
    } else if at.depth >= reading.limits.depth {
        let problem = format!("nested deeper than the limit of {} containers, not opened", reading.limits.depth);
        reading.problem(&at.name, problem, None, true);
    } else {
        match kind {
            Kind::Plain => {}
            Kind::Gzip => {
                let name = at.name.clone();
                let mut gzip = Gzip::new(reading, &name, &mut input);
                let modified = gzip.begin().or(at.modified);
                let depth = at.depth + 1;
                open(reading, At { modified, depth, ..at }, &mut gzip);
            }
        }
    }
    reading.buffers.borrow_mut().push(input.into_buffer());
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
#[derive(Debug)]
pub(crate) struct Problems {
    listed: Vec<ReadProblem>,
    limit: usize,
    more: u64,
    more_incomplete: bool,
    last: String,
}

impl Problems {
    pub(crate) fn new(limit: usize) -> Self {
        Self { listed: Vec::new(), limit, more: 0, more_incomplete: false, last: String::new() }
    }

    pub(crate) fn add(&mut self, problem: ReadProblem) {
        if self.listed.len() < self.limit {
            self.listed.push(problem);
        } else {
            self.more += 1;
            self.more_incomplete |= problem.incomplete;
            self.last = problem.source;
        }
    }

    pub(crate) fn list(mut self) -> Vec<ReadProblem> {
        if self.more > 0 {
            self.listed.push(ReadProblem {
                problem: format!(
                    "{} more problems are not listed (limit {}), this being the last place",
                    self.more, self.limit
                ),
                source: self.last,
                lost_bytes: None,
                incomplete: self.more_incomplete,
            });
        }
        self.listed
    }
}
