//! What must hold for any bytes at all.

use esxray_record::{Account, ReadOptions, SpanKind, read};
use proptest::prelude::*;

/// Hands out at most `step` bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(into.len()).min(self.0.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Kind, offset, first line, lines and text of every span; blocks must follow each other without gap.
type Seen = Vec<(SpanKind, u64, u64, u64, Vec<u8>)>;

fn all(log: &[u8], step: usize, options: &ReadOptions) -> (Seen, Account) {
    let mut seen: Seen = Vec::new();
    let mut next = 0;
    let account = read(&mut Slow(log, step), "x.log", options, &mut |block| {
        assert_eq!(block.offset, next, "blocks follow each other");
        let mut at = 0;
        for span in block.spans {
            assert_eq!(span.range.start, at, "spans follow each other");
            at = span.range.end;
            let offset = block.offset + span.range.start as u64;
            // What is no record is told apart by kind alone: where one run ends depends on the block.
            match seen.last_mut() {
                Some(last)
                    if span.kind != SpanKind::Record
                        && last.0 == span.kind
                        && last.1 + last.4.len() as u64 == offset =>
                {
                    last.3 += span.lines;
                    last.4.extend_from_slice(&block.bytes[span.range.clone()]);
                }
                _ => seen.push((span.kind, offset, span.line, span.lines, block.bytes[span.range.clone()].to_vec())),
            }
            if let Some(record) = block.record(span) {
                let head = record.head();
                let text = record.text();
                let _ = (head.fields.len(), record.format(), text.in_record(0..text.joined.len()));
            }
        }
        assert_eq!(at, block.bytes.len(), "spans cover the block");
        next = block.offset + block.bytes.len() as u64;
    });
    assert_eq!(next, log.len() as u64, "every byte is in a block");
    (seen, account)
}

fn check_account(log: &[u8], account: &Account) {
    let newlines = log.iter().filter(|byte| **byte == b'\n').count() as u64;
    let lines = newlines + u64::from(log.last().is_some_and(|byte| *byte != b'\n'));
    assert_eq!(account.lines, lines);
    assert_eq!(
        account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines,
        lines,
        "every line is of one kind"
    );
    assert_eq!(account.bytes, log.len() as u64);
}

/// Lines of every dialect, and of none.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let heads = prop::sample::select(vec![
        "2023-12-05T17:42:40.666Z In(05) vmx - ",
        "2023-12-05T17:42:40.666Z In(05)+ vmx - ",
        "2023-12-05T17:42:40.666Z In(05) vmx - Msg_Post: Error ",
        "2023-12-05T17:42:40.666Z In(05) vmx - ----------------",
        "2022-11-24T14:05:21.453Z In(05) vcpu-0 ",
        "2017-12-07T04:41:42.868Z| vcpu-0| W115: ",
        "2017-12-07T04:41:42.868Z| vcpu-0| I125+ ",
        "Apr 17 22:14:49.605: vmx| ",
        "Jan 24 00:37:47: vmx| ",
        "2025-12-11T16:43:25.003Z Er(163) Hostd[169828]: [Originator@6876 sub=Vmsvc opID=ab] ",
        "2025-12-11T16:43:25.003Z Er(163) Hostd[169828]: --> ",
        "2020-07-28T09:11:46.464Z info hostd[11148975] [Originator@6876 sub=Default] ",
        "[2012-04-16 20:35:04.594 F6417B90 info 'ha-eventmgr'] ",
        "<166>2016-05-20T12:53:01.034Z esx01 Vpxa: [71237B90 verbose 'hostdstats'] ",
        "2023-02-30T17:42:40.666Z something ",
        "--> ",
        "-->",
        "\"",
        "",
        "\0\0\0",
        "   ",
    ]);
    (heads, prop::collection::vec(any::<u8>().prop_filter("a line", |byte| *byte != b'\n'), 0..60)).prop_map(
        |(head, tail)| {
            let mut line = head.as_bytes().to_vec();
            line.extend(tail);
            line
        },
    )
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(line(), 0..30), any::<bool>()).prop_map(|(lines, end)| {
        let mut log = lines.join(&b'\n');
        if end {
            log.push(b'\n');
        }
        log
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_and_line_is_accounted_for(log in log()) {
        let (_, account) = all(&log, usize::MAX, &ReadOptions::default());
        check_account(&log, &account);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_at_all(log in prop::collection::vec(any::<u8>(), 0..2000)) {
        let (_, account) = all(&log, 7, &ReadOptions { record_limit: 100, block_bytes: 64, ..ReadOptions::default() });
        check_account(&log, &account);
    }

    #[test]
    fn how_the_reader_cuts_its_answers_changes_nothing(log in log(), step in 1_usize..200) {
        let options = ReadOptions { record_limit: 200, block_bytes: 300, ..ReadOptions::default() };
        let (whole, whole_account) = all(&log, usize::MAX, &options);
        let (slow, slow_account) = all(&log, step, &options);
        prop_assert_eq!(whole, slow);
        prop_assert_eq!(format!("{whole_account:?}"), format!("{slow_account:?}"));
    }

    #[test]
    fn the_size_of_blocks_changes_nothing_once_the_form_is_known(log in log(), block in 200_usize..3000) {
        // The first line settles the form in every block size.
        let mut full = b"2023-12-05T17:42:40.666Z In(05) vmx - Log for VMware ESX pid=1 version=8.0.2 build=build-1\n".repeat(3);
        full.extend_from_slice(&log);
        let (one, account) = all(&full, usize::MAX, &ReadOptions::default());
        let (two, account_two) = all(&full, usize::MAX, &ReadOptions { block_bytes: block.max(300), ..ReadOptions::default() });
        let records = |seen: &Seen| seen.iter().filter(|it| it.0 == SpanKind::Record).cloned().collect::<Vec<_>>();
        if account.form == account_two.form {
            prop_assert_eq!(records(&one), records(&two));
        }
    }

    #[test]
    fn cutting_the_tail_never_changes_earlier_records(log in log(), keep in 0.0_f64..1.0) {
        let options = ReadOptions { block_bytes: 300, ..ReadOptions::default() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a small length")]
        let cut = &log[..(log.len() as f64 * keep) as usize];
        let (whole, account) = all(&log, usize::MAX, &options);
        let (part, part_account) = all(cut, usize::MAX, &options);
        // What the file is may change with its length; the records of one form may not.
        if account.form == part_account.form {
            // The cut line may have gone on with the last whole record, so the last two are not earlier ones.
            let records: Vec<usize> = (0..part.len()).filter(|it| part[*it].0 == SpanKind::Record).collect();
            let earlier = records.len().checked_sub(2).map_or(0, |it| records[it]);
            prop_assert_eq!(&whole[..earlier], &part[..earlier]);
        }
    }
}
