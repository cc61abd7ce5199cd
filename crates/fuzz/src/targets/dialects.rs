//! Every dialect with raw bytes as its message: the head is read, and the message comes out as it went in.

use esxray_record::{ReadOptions, read};
use esxray_testkit::{Dialect, LogRecord, Prng, wrap};

use super::Target;
use crate::seeds::time;
use crate::{Trace, mutate};

pub(super) const TARGET: Target = Target {
    name: "dialects",
    about: "bytes as the message of a record in each dialect: one record, and the message as it was",
    seeds,
    mutate,
    run,
    most_bytes: 4 << 10,
};

/// Where the message goes in a line.
const MARK: &str = "MESSAGE-GOES-HERE";

fn seeds() -> Vec<Vec<u8>> {
    let samples = crate::seeds::knowledge().signatures.iter().flat_map(|it| &it.samples);
    let mut seeds: Vec<Vec<u8>> =
        samples.map(|it| it.text.split('\n').next().unwrap_or_default().as_bytes().to_vec()).collect();
    seeds.extend(
        [&b"x"[..], b"[x] y", b"-->", b"a opID=b] c", b"\xff\xfe", b"  leading and trailing  "].map(<[u8]>::to_vec),
    );
    seeds
}

fn mutate(input: &mut Vec<u8>, pool: &[Vec<u8>], rng: &mut Prng) {
    if rng.chance(1, 2) { mutate::bytes(input, 0, rng) } else { mutate::log(input, pool, rng) }
}

fn run(input: &[u8], trace: &mut Trace) {
    let message: Vec<u8> = input.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    for dialect in Dialect::ALL {
        alone(*dialect, &message, trace);
        as_it_is(*dialect, input, trace);
    }
}

/// A block takes the whole input; a larger one costs more to clear than to read.
fn options() -> ReadOptions {
    ReadOptions { block_bytes: 16 << 10, ..ReadOptions::default() }
}

/// One line: three records around it make sure that the dialect is known.
fn alone(dialect: Dialect, message: &[u8], trace: &mut Trace) {
    if is_ambiguous(dialect, message) {
        return;
    }
    let plain = wrap(dialect, &LogRecord::new(time(0), "vmx", "an ordinary message"));
    let framed = wrap(dialect, &LogRecord::new(time(1), "vmx", MARK).op_id("51c7-9a"));
    let log = [&plain[..], &plain, &put(&framed, message), &plain].concat();
    let mut records = Vec::new();
    let account = read(&mut &log[..], "", &options(), &mut |block| {
        for record in block.records() {
            records.push((record.span.foreign, record.message().into_owned(), record.bytes().to_vec()));
            let head = record.head();
            let (op, fields) = (head.op_id.is_some(), head.fields.len());
            trace.saw((dialect, record.format().as_str(), record.generation(), head.level, op, fields));
        }
    });
    trace.count("foreign", account.foreign);
    trace.count("glued", account.glued);
    let name = dialect.name();
    assert_eq!(account.records, 4, "{name}: a record for each line, whatever its message: {:?}", log_of(&log));
    // What looks like the head of a second record in the line is one, but never one to rely on.
    let rest = records.get(3).filter(|it| account.glued == 1 && it.0).map(|it| it.2.as_slice()).unwrap_or_default();
    let first = records.get(2).map(|it| it.1.as_slice()).unwrap_or_default();
    let got = [first, rest.strip_suffix(b"\n").unwrap_or(rest)].concat();
    assert!(got == message, "{name}: the message came out as {:?}, not {:?}", log_of(&got), log_of(message));
}

/// Whether a line can be read in two ways, so that the dialect may not get its message back.
fn is_ambiguous(dialect: Dialect, message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message);
    // All lines up to the dashes belong to what is posted, with heads of their own.
    if dialect.format() == "vmware-log" && text.contains("Msg_Post") {
        return true;
    }
    match dialect {
        // They differ in a column only. The banner of a product decides, wherever it stands in the first block,
        // and a dash is taken for an empty operation id.
        Dialect::VmwareEsx8 | Dialect::VmwareHosted => text.contains("Log for VMware ") || text.starts_with('-'),
        // Older lines have no level, but a message may begin like one.
        Dialect::VmwareA0 | Dialect::VmwareA1 => {
            let digits = text.get(1..).unwrap_or_default().trim_start_matches(|it: char| it.is_ascii_digit());
            digits.starts_with(['+', ':'])
        }
        _ => false,
    }
}

/// Line ends and all: nothing panics, nothing is lost.
fn as_it_is(dialect: Dialect, input: &[u8], trace: &mut Trace) {
    let framed = wrap(dialect, &LogRecord::new(time(1), "vmx", MARK));
    let log = [&framed[..], &put(&framed, input), &framed].concat();
    let account = read(&mut &log[..], "", &options(), &mut |block| {
        for record in block.records() {
            let _ = (record.head(), record.text());
        }
    });
    let kinds = account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines;
    assert_eq!(kinds, account.lines, "{}: {:?}", dialect.name(), log_of(&log));
    trace.saw((dialect, account.form.map(|form| form.dialect_name())));
}

/// The framed line with the message in it.
fn put(framed: &[u8], message: &[u8]) -> Vec<u8> {
    let mark = MARK.as_bytes();
    let at = framed.windows(mark.len()).position(|it| it == mark).unwrap_or(framed.len());
    let (before, after) = framed.split_at(at);
    [before, message, after.get(mark.len()..).unwrap_or_default()].concat()
}

fn log_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
