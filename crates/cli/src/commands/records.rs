//! `esxray records`: every parsed record, streamed in the order of the input.
//!
//! Units of the input are read by several threads. Each unit has a short queue of its own, and the queues are
//! emptied one after the other: the order never depends on the threads, and what is held in memory never on the
//! size of the input.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::slice::Iter;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use esxray::bundle::{Limits, ReadProblem, Unit};
use esxray::model::Level;
use esxray::record::{Account, Block, ReadOptions, Record, read};
use esxray::report::outputs::records::{RecordLine, jsonl};
use esxray::report::{Charset, Shown};

use super::{check_range, read_options};
use crate::args::{Range, Records, RecordsFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Destination, Output};
use crate::progress::{Counts, Progress};
use crate::{say, terminal};

pub(crate) fn run(args: &Records) -> Result<Exit, Failure> {
    check_range(&args.range)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let limits = Limits::default();
    let plan = esxray::bundle::plan(&args.input.paths, &limits)?;
    let streams = destination.is_stdout() && std::io::IsTerminal::is_terminal(&std::io::stdout());
    let progress = Progress::begin(&args.noise, streams);
    let reading = Reading {
        limits: &limits,
        options: &read_options(&args.input),
        range: &args.range,
        counts: progress.counts(),
        stopped: &AtomicBool::new(false),
    };
    let threads = match args.input.threads {
        Some(threads) => threads.get(),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let mut list = List { output: destination.open()?, format: args.format, records: 0 };
    let mut losses: Vec<Loss> = plan.problems.into_iter().map(Loss::from).collect();
    each_in_order(&plan.units, threads, reading, |message| match message {
        Message::Lines { text, records } => list.add(&text, records),
        Message::Losses(more) => {
            losses.extend(more);
            Ok(())
        }
    })?;
    let records = list.end()?;
    drop(progress);
    if !args.noise.quiet {
        say(&remarks(&losses, args.noise.verbose, terminal::message_charset()));
    }
    if records == 0 { Err(Failure::NoRecords) } else { Ok(Exit::Done) }
}

/// What every thread needs to read a unit.
#[derive(Clone, Copy)]
struct Reading<'r> {
    limits: &'r Limits,
    options: &'r ReadOptions,
    range: &'r Range,
    counts: &'r Counts,
    /// Set when nobody takes the records any more.
    stopped: &'r AtomicBool,
}

/// What a thread sends.
enum Message {
    /// Some records as JSON, each with a line break at its end.
    Lines { text: Vec<u8>, records: u64 },
    /// What went wrong in the unit, at its end.
    Losses(Vec<Loss>),
}

/// Chunks that a unit may be ahead of the output.
const AHEAD: usize = 4;

/// Reads all units and takes their messages in the order of the units.
fn each_in_order(
    units: &[Unit],
    threads: usize,
    reading: Reading<'_>,
    mut take: impl FnMut(Message) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let threads = threads.min(units.len()).max(1);
    std::thread::scope(|scope| {
        let (queue, queues) = sync_channel(threads);
        // The threads alone hold the queue's other end, so it ends when the last of them does.
        let next = Arc::new(Mutex::new((units.iter(), queue)));
        for _ in 0..threads {
            let next = Arc::clone(&next);
            scope.spawn(move || {
                while let Some((unit, sender)) = take_next(&next) {
                    read_unit(unit, reading, &sender);
                }
            });
        }
        drop(next);
        let result = queues.iter().flatten().try_for_each(&mut take);
        // Whoever still reads finds its input at an end.
        reading.stopped.store(true, Ordering::Relaxed);
        result
    })
}

type Next<'u> = Mutex<(Iter<'u, Unit>, SyncSender<Receiver<Message>>)>;

/// The next unit; its queue is handed over under the same lock, so that queues come in the order of units.
fn take_next<'u>(next: &Next<'u>) -> Option<(&'u Unit, SyncSender<Message>)> {
    let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
    let unit = next.0.next()?;
    let (sender, receiver) = sync_channel(AHEAD);
    next.1.send(receiver).ok()?;
    Some((unit, sender))
}

/// Reads one unit and sends its records.
fn read_unit(unit: &Unit, reading: Reading<'_>, sender: &SyncSender<Message>) {
    let mut losses = Vec::new();
    let problems = unit.read(reading.limits, &mut |member| {
        reading.counts.source();
        let options = ReadOptions { modified: member.modified, ..reading.options.clone() };
        let mut source = Counted { inner: member.reader, reading };
        let mut chunk = Chunk { sender, reading, text: Vec::new(), records: 0 };
        let account = read(&mut source, &member.name, &options, &mut |block| {
            for record in block.records().filter(|record| is_inside(reading.range, record)) {
                chunk.add(&jsonl(&line(&member.name, block, &record)));
            }
        });
        chunk.send();
        losses.extend(what_was_lost(&member.name, &account));
    });
    losses.extend(problems.into_iter().map(Loss::from));
    // Where nobody listens any more, nobody misses it.
    let _ = sender.send(Message::Losses(losses));
}

/// Records without a time may lie inside as well as outside: they are kept.
fn is_inside(range: &Range, record: &Record<'_>) -> bool {
    record.span.time.is_none_or(|time| {
        range.since.is_none_or(|since| time >= since) && range.until.is_none_or(|until| time < until)
    })
}

/// A reader that counts, and ends when nobody takes the records any more.
struct Counted<'r> {
    inner: &'r mut dyn Read,
    reading: Reading<'r>,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.reading.stopped.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let count = self.inner.read(into)?;
        self.reading.counts.bytes(count);
        Ok(count)
    }
}

/// Records that wait to be sent.
struct Chunk<'r> {
    sender: &'r SyncSender<Message>,
    reading: Reading<'r>,
    text: Vec<u8>,
    records: u64,
}

impl Chunk<'_> {
    /// Bytes that are sent together.
    const FULL: usize = 256 << 10;

    fn add(&mut self, record: &str) {
        self.text.extend_from_slice(record.as_bytes());
        self.records += 1;
        if self.text.len() >= Self::FULL {
            self.send();
        }
    }

    fn send(&mut self) {
        let text = std::mem::take(&mut self.text);
        let records = std::mem::take(&mut self.records);
        if records > 0 && self.sender.send(Message::Lines { text, records }).is_err() {
            self.reading.stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// A record as it is printed.
fn line<'a>(source: &'a str, block: &Block<'a>, record: &Record<'a>) -> RecordLine<'a> {
    let head = record.head();
    let text = record.text();
    let mut fields: BTreeMap<Cow<'a, str>, Cow<'a, str>> = BTreeMap::new();
    let named = [("program", Some(head.program).filter(|program| !program.is_empty())), ("host", head.host)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in named.chain(head.fields.iter().copied().filter(|(name, _)| !OWN.contains(name))) {
        // A key that stands there twice means what it said first.
        fields.entry(name.into()).or_insert_with(|| String::from_utf8_lossy(value));
    }
    let raw = record.bytes();
    let raw_hex = std::str::from_utf8(raw).is_err().then(|| hex(raw));
    let continuation = text.lines().skip(1).map(|(_, line)| Cow::Owned(String::from_utf8_lossy(line).into_owned()));
    RecordLine {
        source,
        line: record.span.line,
        last_line: record.span.line + record.span.lines.saturating_sub(1),
        byte_offset: record.offset,
        format: record.format().as_str(),
        dialect: block.form.map(|form| form.dialect_name()),
        time: record.span.time.map(|time| time.to_string()),
        level: record.span.level.map(Level::as_str),
        component: Some(head.component).filter(|component| !component.is_empty()).map(String::from_utf8_lossy),
        op_id: head.op_id.map(String::from_utf8_lossy),
        user: head.user.map(String::from_utf8_lossy),
        fields,
        continuation: continuation.collect(),
        message: String::from_utf8_lossy(head.message),
        raw_hex,
    }
}

/// Fields of the head that have a name of their own in a printed record.
const OWN: [&str; 3] = ["sub", "opID", "user"];

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// The records on their way out.
struct List {
    output: Output,
    format: RecordsFormat,
    records: u64,
}

impl List {
    fn add(&mut self, lines: &[u8], records: u64) -> Result<(), Failure> {
        let first = self.records == 0;
        self.records += records;
        match self.format {
            RecordsFormat::Jsonl => self.output.write(lines),
            RecordsFormat::Json => {
                self.output.write(if first { b"[\n" } else { b",\n" })?;
                // A printed record holds no line break but the one at its end.
                let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
                self.output.write(&lines.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b",\n"[..]))
            }
        }
    }

    /// Ends the list and tells how many there are.
    fn end(mut self) -> Result<u64, Failure> {
        if self.format == RecordsFormat::Json {
            self.output.write(if self.records == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.output.finish()?;
        Ok(self.records)
    }
}

/// Something that is not among the records, and why.
struct Loss {
    source: String,
    what: String,
    /// Whether records may be missing.
    incomplete: bool,
}

impl From<ReadProblem> for Loss {
    fn from(problem: ReadProblem) -> Self {
        Self { source: problem.source, what: problem.problem, incomplete: problem.incomplete }
    }
}

/// What the account of a source tells beyond the problems of its unit.
fn what_was_lost(source: &str, account: &Account) -> Vec<Loss> {
    let mut losses = Vec::new();
    let mut add = |what, incomplete| losses.push(Loss { source: source.to_owned(), what, incomplete });
    if let Some(error) = &account.read_error {
        add(format!("reading stopped after {} bytes: {error}", account.bytes), true);
    }
    if account.cut_records > 0 {
        let (records, bytes) = (account.cut_records, account.cut_bytes);
        add(format!("{records} records are longer than the limit and were cut by {bytes} bytes in all"), true);
    }
    if account.form.is_none() && account.lines > 0 {
        add("not a recognised log".to_owned(), false);
    } else if account.unparsed_lines > 0 {
        add(format!("{} lines belong to no record", account.unparsed_lines), false);
    }
    losses
}

/// Lines for standard error: what may be missing; everything odd where it is asked for.
fn remarks(losses: &[Loss], verbose: bool, charset: Charset) -> String {
    const MOST: usize = 20;
    let told = losses.iter().filter(|loss| verbose || loss.incomplete);
    let mut lines: Vec<String> = told
        .map(|loss| {
            let weight = if loss.incomplete { "warning" } else { "note" };
            format!("{weight}: {}", Shown::new(&format!("{}: {}", loss.source, loss.what), charset))
        })
        .collect();
    if !verbose && lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("warning: {more} more, all of them with -v"));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use esxray::report::Charset;

    use super::{Loss, hex, remarks};

    fn loss(source: &str, incomplete: bool) -> Loss {
        Loss { source: source.to_owned(), what: "it is cut off".to_owned(), incomplete }
    }

    #[test]
    fn what_may_be_missing_is_told_and_what_is_odd_on_demand() {
        let losses = [loss("a\u{1b}[2J", true), loss("b", false)];
        assert_eq!(remarks(&losses, false, Charset::Unicode), "warning: a<U+001B>[2J: it is cut off\n");
        assert!(remarks(&losses, true, Charset::Unicode).ends_with("note: b: it is cut off\n"));
        assert_eq!(remarks(&[], true, Charset::Unicode), "");
    }

    #[test]
    fn a_flood_of_losses_is_counted() {
        let losses: Vec<Loss> = (0..25).map(|number| loss(&number.to_string(), true)).collect();
        let text = remarks(&losses, false, Charset::Unicode);
        assert_eq!(text.lines().count(), 21);
        assert!(text.ends_with("warning: 5 more, all of them with -v\n"), "{text}");
        assert_eq!(remarks(&losses, true, Charset::Unicode).lines().count(), 25);
    }

    #[test]
    fn bytes_in_hexadecimal() {
        assert_eq!(hex(&[0x00, 0x9b, 0xff]), "009bff");
    }
}
