//! `esxray records`: every parsed record, streamed in the order of the input.
//!
//! Units of the input are read by several threads. Each unit has a short queue of its own, and the queues are
//! emptied one after the other: the order never depends on the threads, and what is held in memory never on the
//! size of the input.

mod filter;
mod line;

use std::io::Read;
use std::slice::Iter;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use esxray::Options;
use esxray::bundle::{Limits, Meter, ReadProblem, Unit};
use esxray::diagnosis::{VmRecords, vm_records};
use esxray::model::FormatName;
use esxray::record::{Account, ReadOptions, read};
use esxray::report::outputs::records::{RecordLine, add_csv, add_jsonl, csv_header};
use esxray::report::{Charset, Shown};

use self::filter::Filter;
use self::line::{entry_line, line};
use super::{check_range, read_options};
use crate::args::{Records, RecordsFormat, readers};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Destination, Output};
use crate::progress::Progress;
use crate::{packs, say, terminal};

pub(crate) fn run(args: &Records) -> Result<Exit, Failure> {
    check_range(&args.filters.range)?;
    let mut filter = Filter::new(&args.filters)?;
    let destination = Destination::check(&args.target, &args.input.paths)?;
    let streams = destination.is_stdout() && std::io::IsTerminal::is_terminal(&std::io::stdout());
    let progress = Progress::begin(&args.noise, streams);
    let meter = progress.meter();
    let mut losses = Vec::new();
    if let Some(wanted) = &args.filters.vm {
        filter.vm = Some(find_vm(args, wanted, &meter, &mut losses)?);
    }
    let limits = args.limits.limits(args.input.threads);
    let plan = esxray::bundle::plan(&args.input.paths, &limits)?;
    meter.expect(&plan);
    let reading = Reading {
        limits: &limits,
        options: &read_options(&args.input, &args.limits),
        filter: &filter,
        format: args.format,
        meter: &meter,
        stopped: &AtomicBool::new(false),
    };
    let threads = readers(args.input.threads);
    let mut list = List { output: destination.open()?, format: args.format, records: 0 };
    list.begin()?;
    losses.extend(plan.problems.into_iter().map(Loss::from));
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
    if records == 0 { Err(Failure::NoRecords { filtered: args.filters.any() }) } else { Ok(Exit::Done) }
}

/// Finds out which VM is meant, and which records are its.
fn find_vm(args: &Records, wanted: &str, meter: &Arc<Meter>, losses: &mut Vec<Loss>) -> Result<VmRecords, Failure> {
    if args.input.paths.iter().any(|path| crate::output::is_read_once(path)) {
        return Err(Failure::VmOfStream);
    }
    let knowledge = packs::load(&args.packs.folders)?;
    let options = Options {
        read: read_options(&args.input, &args.limits),
        limits: args.limits.limits(args.input.threads),
        threads: args.input.threads.map(Into::into),
        meter: Some(Arc::clone(meter)),
        ..Options::default()
    };
    let vm = vm_records(&args.input.paths, &knowledge, &options, wanted)?
        .map_err(|near| Failure::NoVm { wanted: wanted.to_owned(), near })?;
    let mut add = |what, incomplete| losses.push(Loss { source: "--vm".to_owned(), what, incomplete });
    if vm.vms.len() > 1 {
        add(format!("{} VMs go by `{wanted}`; the records of all of them are printed", vm.vms.len()), true);
    }
    if vm.operations_beyond > 0 {
        add(format!("the records of {} operations beyond the limit are missing", vm.operations_beyond), true);
    }
    Ok(vm)
}

/// What every thread needs to read a unit.
#[derive(Clone, Copy)]
struct Reading<'r> {
    limits: &'r Limits,
    options: &'r ReadOptions,
    filter: &'r Filter<'r>,
    format: RecordsFormat,
    meter: &'r Meter,
    /// Set when nobody takes the records any more.
    stopped: &'r AtomicBool,
}

/// What a thread sends.
enum Message {
    /// Some records as they are printed, each with a line break at its end.
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
    let problems = unit.read_metered(reading.limits, Some(reading.meter), &mut |member| {
        let options = ReadOptions { modified: member.modified, keep_entries: true, ..reading.options.clone() };
        let mut source = Stoppable { inner: member.reader, reading };
        let mut chunk = Chunk { sender, reading, text: Vec::new(), records: 0 };
        let filter = reading.filter.in_source(&member.name);
        let account = read(&mut source, &member.name, &options, &mut |block| {
            for record in block.records().filter(|record| filter.takes(record)) {
                chunk.add(&line(&member.name, block, &record));
            }
        });
        let format = account.form.map_or(FormatName::Unknown, |form| form.format);
        for entry in account.entries.iter().filter(|entry| filter.takes_entry(&entry.text)) {
            chunk.add(&entry_line(&member.name, format, entry));
        }
        chunk.send();
        losses.extend(what_was_lost(&member.name, &account));
    });
    losses.extend(problems.into_iter().map(Loss::from));
    // Where nobody listens any more, nobody misses it.
    let _ = sender.send(Message::Losses(losses));
}

/// A reader that ends when nobody takes the records any more.
struct Stoppable<'r> {
    inner: &'r mut dyn Read,
    reading: Reading<'r>,
}

impl Read for Stoppable<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.reading.stopped.load(Ordering::Relaxed) { Ok(0) } else { self.inner.read(into) }
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

    fn add(&mut self, record: &RecordLine<'_>) {
        match self.reading.format {
            RecordsFormat::Jsonl | RecordsFormat::Json => add_jsonl(&mut self.text, record),
            RecordsFormat::Csv => add_csv(&mut self.text, record),
        }
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

/// The records on their way out.
struct List {
    output: Output,
    format: RecordsFormat,
    records: u64,
}

impl List {
    fn begin(&mut self) -> Result<(), Failure> {
        match self.format {
            RecordsFormat::Csv => self.output.write(csv_header().as_bytes()),
            RecordsFormat::Jsonl | RecordsFormat::Json => Ok(()),
        }
    }

    fn add(&mut self, lines: &[u8], records: u64) -> Result<(), Failure> {
        let first = self.records == 0;
        self.records += records;
        match self.format {
            RecordsFormat::Jsonl | RecordsFormat::Csv => self.output.write(lines),
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
        add(
            format!(
                "{records} records are longer than the limit (--max-record, --max-line) and were cut by {bytes} bytes in all"
            ),
            true,
        );
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

    use super::{Loss, remarks};

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
}
