//! The splitter: every byte in one span, every line in one count, however the bytes come in.

use std::io::{self, Read};

use esxray_record::{Account, Decoding, Encoding, ReadOptions, SpanKind, read};

use super::Target;
use crate::{Trace, mutate, seeds};

pub(super) const TARGET: Target = Target {
    name: "records",
    about: "bytes as a log: each byte in one span, each line counted once, the same for any size of step",
    seeds: seeds::logs,
    mutate: mutate::log,
    run,
    most_bytes: 64 << 10,
};

/// Hands out at most so many bytes a call.
struct Stepwise<'a>(&'a [u8], usize);

impl Read for Stepwise<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(into.len()).min(self.0.len());
        let (now, later) = self.0.split_at(count);
        for (to, from) in into.iter_mut().zip(now) {
            *to = *from;
        }
        self.0 = later;
        Ok(count)
    }
}

/// A record: where it starts, its lines, what it says.
type Seen = (u64, u64, u64, Vec<u8>);

fn run(input: &[u8], trace: &mut Trace) {
    let normal = ReadOptions { block_bytes: 2 * TARGET.most_bytes, ..ReadOptions::default() };
    let (records, account) = all(input, usize::MAX, &normal, trace);
    say(&account, trace);
    let (again, account_again) = all(input, 1 + input.len() % 7, &normal, trace);
    assert!(records == again, "the size of the reader's steps changes records");
    assert_eq!(
        format!("{account:?}"),
        format!("{account_again:?}"),
        "the size of the reader's steps changes the account"
    );

    // Small limits: every record is cut, every block is full.
    let narrow = ReadOptions { block_bytes: 256, record_limit: 128, ..ReadOptions::default() };
    let (cut, _) = all(input, usize::MAX, &narrow, trace);
    let (cut_again, _) = all(input, 5, &narrow, trace);
    assert!(cut == cut_again, "the size of the reader's steps changes records under narrow limits");

    // In many blocks the records are the same, once the form is known from the same first lines.
    let blocks = ReadOptions { block_bytes: 4096, ..ReadOptions::default() };
    let (in_blocks, account_blocks) = all(input, usize::MAX, &blocks, trace);
    if account.form == account_blocks.form {
        assert!(records == in_blocks, "the size of blocks changes records");
    }
}

/// Reads everything; the spans must cover the input without gap and overlap, and end where lines end.
fn all(input: &[u8], step: usize, options: &ReadOptions, trace: &mut Trace) -> (Vec<Seen>, Account) {
    let mut records = Vec::new();
    let mut decoded = Vec::new();
    let mut next = 0_u64;
    let mut line = 1;
    let account = read(&mut Stepwise(input, step), "x.log", options, &mut |block| {
        assert_eq!(block.offset, next, "blocks follow each other");
        decoded.extend_from_slice(block.bytes);
        let mut at = 0;
        for span in block.spans {
            assert_eq!(span.range.start, at, "spans follow each other");
            assert!(span.range.end > at, "no span is empty");
            at = span.range.end;
            let text = block.bytes.get(span.range.clone()).unwrap_or_default();
            let ends = count(text, b'\n');
            assert!(
                span.lines >= ends || matches!(span.kind, SpanKind::Rest | SpanKind::Unparsed),
                "{:?} of {} lines holds {ends} ends of lines",
                span.kind,
                span.lines,
            );
            assert!(span.line >= line || span.lines == 0, "lines go up");
            line = span.line;
            trace.saw((
                format!("{:?}", span.kind),
                span.level,
                format!("{:?}", span.certainty),
                span.foreign,
                span.cut,
            ));
            if let Some(record) = block.record(span) {
                let head = record.head();
                trace.saw((
                    record.format().as_str(),
                    record.generation(),
                    head.op_id.is_some(),
                    head.user.is_some(),
                    head.fields.len(),
                ));
                let whole = record.text();
                let back = whole.in_record(0..whole.joined.len());
                assert!(
                    back.start <= back.end && back.end <= record.bytes().len(),
                    "the way back stays within the record"
                );
                let joined: Vec<&[u8]> = whole.lines().map(|it| it.1).collect();
                assert!(joined.join(&b'\n') == *whole.joined, "the lines are the text");
                for (from, text) in whole.lines() {
                    let place = whole.in_record(from..from + text.len());
                    assert!(
                        text.is_empty() || record.bytes().get(place.start..place.start + text.len()) == Some(text),
                        "a line is found again in the record"
                    );
                }
                records.push((record.offset, span.line, span.lines, record.message().into_owned()));
            }
            assert!(
                block.span_at(span.range.start).is_some_and(|it| it.range == span.range),
                "a span is found by its byte"
            );
        }
        assert_eq!(at, block.bytes.len(), "spans cover the block");
        next = block.offset + block.bytes.len() as u64;
    });
    let whole = expected(input, account.decoding);
    // A file that is evidence by itself is handed out as no block.
    assert!(decoded == whole || account.file.is_some() && decoded.is_empty(), "the blocks hold the source");
    counted(&whole, &account);
    assert_eq!(account.decoding.read_bytes, input.len() as u64, "every byte is read");
    (records, account)
}

fn counted(input: &[u8], account: &Account) {
    let lines = count(input, b'\n') + u64::from(input.last().is_some_and(|byte| *byte != b'\n'));
    assert_eq!(account.lines, lines, "every line is counted");
    let kinds = account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines;
    assert_eq!(kinds, lines, "every line is of one kind: {account:?}");
    assert_eq!(account.bytes, input.len() as u64, "every byte is counted");
    assert!(account.first <= account.last, "the first moment is not behind the last");
    assert!(account.read_error.is_none());
}

/// What there is to read once the characters are decoded.
fn expected(input: &[u8], decoding: Decoding) -> Vec<u8> {
    let number = |unit: &[u8]| match *unit {
        [one, two] if decoding.encoding == Encoding::Utf16Be => u16::from_be_bytes([one, two]),
        [one, two] => u16::from_le_bytes([one, two]),
        _ => 0,
    };
    let mut bytes = if decoding.encoding == Encoding::Bytes {
        input.to_vec()
    } else {
        let characters = char::decode_utf16(input.chunks_exact(2).map(number));
        characters.map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
    };
    if decoding.carriage_returns {
        bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    bytes
}

fn say(account: &Account, trace: &mut Trace) {
    trace.saw(account.form.map(|form| (form.format.as_str(), form.dialect_name())));
    for (what, number) in [
        ("continuation", account.continuation_lines),
        ("unparsed", account.unparsed_lines),
        ("blank", account.blank_lines),
        ("gaps", account.gaps.len() as u64),
        ("no zone", account.without_zone),
        ("no year", account.without_year),
        ("invalid", account.invalid_stamps),
        ("back", account.steps_back),
        ("jumps", account.jumps),
        ("nul", account.nul_bytes),
        ("not utf8", u64::from(account.not_utf8)),
        ("orphans", account.orphans),
        ("foreign", account.foreign),
        ("cut", account.cut_records),
        ("cut bytes", account.cut_bytes),
        ("glued", account.glued),
        ("undecodable", account.decoding.undecodable),
    ] {
        trace.count(what, number);
    }
    trace.saw((
        format!("{:?}", account.decoding.encoding),
        account.decoding.guessed,
        account.decoding.carriage_returns,
    ));
    trace.saw((account.header.host.is_some(), format!("{:?}", account.header).len() / 16));
}

fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().filter(|byte| **byte == wanted).count() as u64
}
