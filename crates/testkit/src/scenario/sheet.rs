use crate::dialect::{Dialect, render};
use crate::record::LogRecord;
use crate::time::LogTime;

use super::{FixtureFile, Planted};

/// One log file under construction.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    path: String,
    dialect: Dialect,
    /// Stays first and in its order, whatever its stamps say.
    head: Vec<Entry>,
    body: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    time: LogTime,
    text: Text,
    role: Option<&'static str>,
}

#[derive(Debug, Clone)]
enum Text {
    Record(Box<LogRecord>),
    /// Lines that no program's logger writes: section headers, shell history.
    Raw(String),
}

impl Sheet {
    pub(crate) fn new(path: impl Into<String>, dialect: Dialect) -> Self {
        Self { path: path.into(), dialect, head: Vec::new(), body: Vec::new() }
    }

    /// The same log under another name.
    pub(crate) fn rename(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Takes what another log of the same program holds.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.head.extend(other.head);
        self.body.extend(other.body);
    }

    /// Leaves out what is later than a moment.
    pub(crate) fn until(&mut self, last: LogTime) {
        self.head.retain(|entry| entry.time <= last);
        self.body.retain(|entry| entry.time <= last);
    }

    /// Gives every record with a text a role.
    pub(crate) fn mark(&mut self, role: &'static str, text: &str) {
        for entry in self.head.iter_mut().chain(&mut self.body) {
            if matches!(&entry.text, Text::Record(record) if record.message.contains(text)) {
                entry.role = Some(role);
            }
        }
    }

    /// Leaves out the records of some roles.
    pub(crate) fn without(&mut self, roles: &[&str]) {
        let stays = |entry: &Entry| entry.role.is_none_or(|role| !roles.contains(&role));
        self.head.retain(stays);
        self.body.retain(stays);
    }

    /// Leaves out what lies between two moments.
    pub(crate) fn silent(&mut self, from: LogTime, to: LogTime) {
        self.body.retain(|entry| entry.time <= from || entry.time >= to);
    }

    /// Whether nothing stands in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty() && self.body.is_empty()
    }

    /// Leaves out what is earlier than a moment, and the lines that open the file.
    pub(crate) fn since(&mut self, first: LogTime) {
        self.head.clear();
        self.body.retain(|entry| entry.time >= first);
    }

    /// A record that matters to the case: its place is reported by its role.
    pub(crate) fn plant(&mut self, role: &'static str, record: LogRecord) {
        self.body.push(Entry { time: record.time, text: Text::Record(Box::new(record)), role: Some(role) });
    }

    pub(crate) fn say(&mut self, record: LogRecord) {
        self.body.push(Entry { time: record.time, text: Text::Record(Box::new(record)), role: None });
    }

    pub(crate) fn raw(&mut self, time: LogTime, line: impl Into<String>) {
        self.body.push(Entry { time, text: Text::Raw(line.into()), role: None });
    }

    pub(crate) fn plant_raw(&mut self, role: &'static str, time: LogTime, line: impl Into<String>) {
        self.body.push(Entry { time, text: Text::Raw(line.into()), role: Some(role) });
    }

    /// Text that opens the file.
    pub(crate) fn open_with(&mut self, time: LogTime, line: impl Into<String>) {
        self.head.push(Entry { time, text: Text::Raw(line.into()), role: None });
    }

    /// The records of a power-on, which are not in the order of their stamps; `role` says which of them matter.
    pub(crate) fn power_on(&mut self, records: Vec<LogRecord>, role: impl Fn(&LogRecord) -> Option<&'static str>) {
        for record in records {
            let role = role(&record);
            self.head.push(Entry { time: record.time, text: Text::Record(Box::new(record)), role });
        }
    }

    /// Background up to `end`, at least `target` bytes of it.
    ///
    /// It is spread over `start..end`; when that would be denser than `densest`
    /// (the least mean time between two motifs), it begins earlier instead.
    /// `make` gives the background from a moment on, with such a mean time.
    pub(crate) fn fill<N: Iterator<Item = LogRecord>>(
        &mut self,
        start: LogTime,
        end: LogTime,
        target: usize,
        densest: i64,
        make: impl Fn(LogTime, i64) -> N,
    ) {
        let mut motifs = i64::try_from(target / 600).unwrap_or(i64::MAX / 2).max(1);
        loop {
            let gap = ((end - start) / motifs).max(densest);
            let from = start.min(end - gap * motifs);
            let mut size = 0;
            let mut line = String::new();
            let mut records = Vec::new();
            for record in make(from, gap).take_while(|record| record.time < end) {
                line.clear();
                render(self.dialect, &record, &mut line);
                size += line.len();
                records.push(record);
            }
            if size >= target {
                for record in records {
                    self.say(record);
                }
                return;
            }
            motifs += motifs / 4 + 1;
        }
    }

    /// The bytes, and the places of what was planted.
    pub(crate) fn finish(mut self) -> (FixtureFile, Vec<Planted>) {
        // Stable: records with one stamp stay in the order in which they were said.
        self.body.sort_by_key(|entry| entry.time);
        let mut bytes = String::new();
        let mut planted = Vec::new();
        let mut line = 1;
        for entry in self.head.iter().chain(&self.body) {
            let before = bytes.len();
            match &entry.text {
                Text::Record(record) => render(self.dialect, record, &mut bytes),
                Text::Raw(text) => {
                    bytes.push_str(text);
                    bytes.push('\n');
                }
            }
            let text = bytes.get(before..).unwrap_or_default();
            let lines = text.matches('\n').count();
            if let Some(role) = entry.role {
                planted.push(Planted {
                    role,
                    path: self.path.clone(),
                    line,
                    last_line: line + lines - 1,
                    text: text.trim_end_matches('\n').to_owned(),
                });
            }
            line += lines;
        }
        (FixtureFile { path: self.path, bytes: bytes.into_bytes() }, planted)
    }
}
