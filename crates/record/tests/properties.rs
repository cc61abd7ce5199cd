//! What must hold for any bytes at all.

#![expect(clippy::indexing_slicing, reason = "a test may stop where it stands")]

use esxray_model::FormatName;
use esxray_record::{Account, Decoding, Encoding, ReadOptions, SpanKind, read};
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
    let mut lines = 0;
    let mut formats: Vec<(FormatName, u64)> = Vec::new();
    let account = read(&mut Slow(log, step), "x.log", options, &mut |block| {
        assert_eq!(block.offset, next, "blocks follow each other");
        let mut at = 0;
        for span in block.spans {
            assert_eq!(span.range.start, at, "spans follow each other");
            at = span.range.end;
            lines += span.lines;
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
                let _ = (head.fields.len(), text.in_record(0..text.joined.len()));
                match formats.iter_mut().find(|it| it.0 == record.format()) {
                    Some(seen) => seen.1 += 1,
                    None => formats.push((record.format(), 1)),
                }
            }
        }
        assert_eq!(at, block.bytes.len(), "spans cover the block");
        next = block.offset + block.bytes.len() as u64;
    });
    let text = decoded(log, account.decoding);
    assert_eq!(seen.iter().flat_map(|it| it.4.iter().copied()).collect::<Vec<u8>>(), text, "every byte is in a block");
    assert_eq!(account.decoding.read_bytes, log.len() as u64);
    assert_eq!(account.lines + account.glued, lines, "a line of two records counts in both");
    let shares: Vec<(FormatName, u64)> = account.shares.iter().map(|it| (it.format, it.records)).collect();
    assert_eq!(shares, formats, "what the account says of a record's log is what the record says");
    check_account(&text, &account);
    (seen, account)
}

/// What the reader has to make of a log.
fn decoded(log: &[u8], decoding: Decoding) -> Vec<u8> {
    let units = |number: fn([u8; 2]) -> u16| log.chunks_exact(2).map(|it| number([it[0], it[1]])).collect::<Vec<_>>();
    let mut text = match decoding.encoding {
        Encoding::Bytes => log.to_vec(),
        Encoding::Utf16Le => String::from_utf16_lossy(&units(u16::from_le_bytes)).into_bytes(),
        Encoding::Utf16Be => String::from_utf16_lossy(&units(u16::from_be_bytes)).into_bytes(),
    };
    if decoding.carriage_returns {
        text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    text
}

fn check_account(log: &[u8], account: &Account) {
    let newlines = memchr::memchr_iter(b'\n', log).count() as u64;
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
        "<166>2022-11-04T15:01:58.230Z esx01 Hostd: --> ",
        "<14>1 2021-09-06T14:40:13.263383+00:00 vc01 vpxd 58650 - -  Event [575792] [1-1] [2021-09-06T14:40:13.26309Z] [vim.event.X] [info] [x] [] [575792] [",
        "2015-06-27T14:33:01Z esx03 clomd[33804]: ",
        "Apr 26 20:29:30 esx01 vmkernel: 84:04:56:07.658 cpu3:1037)FS3: 1974: ",
        "Apr 26 20:29:30 esx01 vmkernel: gen 7154, ",
        "Apr 7 17:41:03 esx01: 17:19:52:55.580 cpu7:4182)",
        "2020-06-29T01:10:00.381Z cpu50:2151680 opID=ab)ALERT: ",
        "0:01:39:57.763 cpu1:4553)",
        "2025-12-11T16:42:01.169Z In(182) vmkernel: cpu0:170428)",
        "2022-06-02 In(14) hostprofile[1001430319]: 05:34:23.666 ",
        "2022-06-02T05:34:23Z In(14)[+] hostprofile[1001430319]: ",
        "2021-02-02T19:31:38.981Z: [vmfsCorrelator] 2938700315575us: [vob.x.y] ",
        "2020-08-22T07:35:29.123Z shell[2099491]: [root]: ",
        "2020-05-11T22:32:09Z esxupdate: 1000211352: root: INFO: ",
        "2022-06-02T12:23:46.807Z [pool-2-thread-18] INFO  opId= com.vmware.x.Y - ",
        "[2023-10-09T08:59:22.824Z] [ERROR] http-nio-5090-exec-2  70000028 100006 ###### com.vmware.x.Y   ",
        "[2017-06-16T12:51:48.931Z pool-9-thread-5 opId=f69 INFO  com.vmware.x.Y] ",
        "2021-04-01T09:09:47.129Z | ERROR | main | X | ",
        "2022-06-01T13:23:25.515 [2376]DEBUG:vmware.x:",
        "HsmService:2021-05-19 17:36:35,978[MainThread]hsmService:737 [INFO] ",
        "2022-06-02T12:25:11.537Z info wcp [eamagency/util.go:148] [opID=vCLS] ",
        "[2020-05-26 19:46:43:259 'ConfigurationMgr' 139700477753600 INFO]  [x, 155] ",
        "2022-06-01T13:42:40.681Z In(05) host-16250 <analytics> ",
        "2023-12-05T17:42:40.666Z In(05) vmx - torn2023-12-05T17:42:41.000Z In(05) vmx - ",
        "\tat com.vmware.x.Y.z(Y.java:1)",
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
        all(&log, usize::MAX, &ReadOptions::default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_at_all(log in prop::collection::vec(any::<u8>(), 0..2000)) {
        all(&log, 7, &ReadOptions { record_limit: 100, block_bytes: 64, ..ReadOptions::default() });
    }

    #[test]
    fn utf_16_is_read_as_utf_8_is(log in log(), big in any::<bool>(), step in 1_usize..200) {
        let text = String::from_utf8_lossy(&log).into_owned();
        let number = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let wide: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(number).collect();
        let (one, account) = all(format!("\u{feff}{text}").as_bytes(), usize::MAX, &ReadOptions::default());
        let (two, account_two) = all(&wide, step, &ReadOptions::default());
        if account.decoding.encoding == Encoding::Bytes {
            prop_assert_eq!(one, two);
            prop_assert_eq!(account.lines, account_two.lines);
        }
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
        if account.form == account_two.form && account.decoding == account_two.decoding {
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
        let alike = |one: Decoding, two: Decoding| (one.encoding, one.carriage_returns) == (two.encoding, two.carriage_returns);
        if account.form == part_account.form && alike(account.decoding, part_account.decoding) {
            // The cut line may have gone on with the last whole record, so the last two are not earlier ones.
            let records: Vec<usize> = (0..part.len()).filter(|it| part[*it].0 == SpanKind::Record).collect();
            let earlier = records.len().checked_sub(2).map_or(0, |it| records[it]);
            prop_assert_eq!(&whole[..earlier], &part[..earlier]);
        }
    }
}
