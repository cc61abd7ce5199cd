//! Which lines become one record, and how every line is counted.

use esxray_record::{Account, ReadOptions, SpanKind, read};

/// Reads a log; gives the first line and the text of each record, and the account.
fn records(log: &str) -> (Vec<(u64, String)>, Account) {
    let mut seen = Vec::new();
    let account = read(&mut log.as_bytes(), "x.log", &ReadOptions::default(), &mut |block| {
        for record in block.records() {
            seen.push((record.span.line, String::from_utf8_lossy(&record.message()).into_owned()));
        }
    });
    (seen, account)
}

/// `records`, `continuation`, `unparsed` and `blank` lines.
fn counts(account: &Account) -> (u64, u64, u64, u64) {
    (account.records, account.continuation_lines, account.unparsed_lines, account.blank_lines)
}

#[track_caller]
fn check(log: &str, expected: &[(u64, &str)], kinds: (u64, u64, u64, u64)) {
    let (seen, account) = records(log);
    let seen: Vec<(u64, &str)> = seen.iter().map(|it| (it.0, it.1.as_str())).collect();
    assert_eq!(seen, expected);
    assert_eq!(counts(&account), kinds);
    assert_eq!(account.lines, kinds.0 + kinds.1 + kinds.2 + kinds.3);
    assert_eq!(account.bytes, log.len() as u64);
}

#[test]
fn a_plus_goes_on_with_the_record_of_its_thread() {
    check(
        "2024-01-01T00:00:00.000Z| vmx| I125: \n\
         2024-01-01T00:00:00.000Z| vmx| I125+ OvhdMem: first\n\
         2024-01-01T00:00:00.000Z| vmx| I125+ OvhdMem: second\n\
         2024-01-01T00:00:00.001Z| vcpu-0| I125: other\n\
         2024-01-01T00:00:00.001Z| vmx| I125+ of another thread than the one before\n",
        &[(1, "\nOvhdMem: first\nOvhdMem: second"), (4, "other"), (5, "of another thread than the one before")],
        (3, 2, 0, 0),
    );
}

#[test]
fn a_message_post_is_one_record_up_to_its_dashes() {
    check(
        "2024-01-01T00:00:00.000Z In(05) vmx - Msg_Post: Error\n\
         2024-01-01T00:00:00.000Z In(05) vmx - [msg.disk.noBackEnd] Cannot open the disk.\n\
         2024-01-01T00:00:00.000Z In(05)+ vmx - Try again.\n\
         2024-01-01T00:00:00.000Z In(05) vmx - ----------------------------------------\n\
         2024-01-01T00:00:00.100Z In(05) vmx - next\n",
        &[
            (
                1,
                "Msg_Post: Error\n[msg.disk.noBackEnd] Cannot open the disk.\nTry again.\n----------------------------------------",
            ),
            (5, "next"),
        ],
        (2, 3, 0, 0),
    );
}

#[test]
fn bare_and_prefixed_marks_and_raw_line_breaks() {
    check(
        "2020-07-28T09:11:46.464Z info hostd[11148975] [Originator@6876 sub=Default] caught: N3Vim5Fault(Fault cause: x\n\
         --> )\n\
         -->    reason = \"vix error codes = (3016, 0).\n\
         \"\n\
         [LikewiseGetDomainJoinInfo:355] QueryInformation(): ERROR_FILE_NOT_FOUND (2/0):\n\
         2020-07-28T09:11:46.465Z info hostd[11148975] [Originator@6876 sub=Default] next\n",
        &[(1, "caught: N3Vim5Fault(Fault cause: x\n)\n   reason = \"vix error codes = (3016, 0).\n\""), (6, "next")],
        (2, 3, 1, 0),
    );
    // In release 8 the continuation may come from another thread of hostd.
    check(
        "2025-12-11T16:43:23.314Z In(166) Hostd[169827]: [Originator@6876 sub=Vmsvc] head\n\
         2025-12-11T16:43:23.314Z In(166) Hostd[169797]: --> (vim.fault.X) {\n\
         2025-12-11T16:43:23.314Z In(166) Hostd[169797]: --> }\n",
        &[(1, "head\n(vim.fault.X) {\n}")],
        (1, 2, 0, 0),
    );
}

#[test]
fn marks_without_a_record_are_counted_and_lose_nothing() {
    let (_, account) = records("--> orphan 1\n--> orphan 2\n2024-01-01T00:00:00.000Z In(05) vmx - x\n");
    assert_eq!(counts(&account), (1, 0, 2, 0));
    assert_eq!(account.orphans, 2);
}

#[test]
fn blank_lines_inside_a_dump_stay_blank_and_belong_to_it() {
    check(
        "2020-07-28T09:11:46.464Z info hostd[1] [Originator@6876 sub=Default] dump:\n\
         \n\
         --> x = 1\n\
         \n\
         2020-07-28T09:11:46.465Z info hostd[1] [Originator@6876 sub=Default] next\n",
        &[(1, "dump:\n\nx = 1"), (5, "next")],
        (2, 1, 0, 2),
    );
}

#[test]
fn lines_of_another_log_inside_a_quotation_are_quoted() {
    let annotation = "2023-04-05T12:00:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc] annotation = \"pasted:\n\
                      2019-01-01T00:00:00.000Z Er(02) vmx - DISKLIB-LIB   : Failed to open\n\
                      \"\n\
                      2023-04-05T12:00:01.000Z info hostd[1] [Originator@6876 sub=Vmsvc] next\n";
    let (seen, account) = records(annotation);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(account.foreign, 0);
}

#[test]
fn a_paste_of_two_logs_gives_records_of_both_and_says_so() {
    let paste = "2023-03-10T15:16:22.314Z In(05) vmx - one\n\
                 2023-03-10T15:16:22.315Z In(05) vmx - two\n\
                 2023-03-10T15:16:23.000Z info hostd[1] [Originator@6876 sub=Vmsvc] three\n";
    let (seen, account) = records(paste);
    assert_eq!(seen.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["one", "two", "three"]);
    assert_eq!(account.foreign, 1);
}

#[test]
fn nuls_and_a_byte_order_mark_do_not_hide_a_head() {
    let mut log = b"\xef\xbb\xbf2024-01-01T00:00:00.000Z In(05) vmx - one\r\n".to_vec();
    log.extend([0; 4096]);
    log.extend(b"2024-01-01T00:00:01.000Z In(05) vmx - two\r\n");
    log.extend([0; 100]);
    log.extend(b"\n");
    let mut seen = Vec::new();
    let account = read(&mut &log[..], "x", &ReadOptions::default(), &mut |block| {
        seen.extend(block.records().map(|record| record.message().into_owned()));
    });
    assert_eq!(seen, [b"one".to_vec(), b"two".to_vec()]);
    assert_eq!(counts(&account), (2, 0, 1, 0));
}

#[test]
fn a_good_log_behind_junk_is_found() {
    let mut log: Vec<u8> = (0..70_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    log.extend(b"\n2024-01-01T00:00:00.000Z In(05) vmx - one\n");
    let account = read(&mut &log[..], "x", &ReadOptions::default(), &mut |_| {});
    assert_eq!(account.form.unwrap().dialect_name(), "vmware-c-esx");
    assert_eq!(account.records, 1);
}

#[test]
fn the_header_says_product_version_and_build() {
    let (_, account) = records(
        "2024-01-01T00:00:00.000Z In(05) vmx - Log for VMware ESX pid=1 version=8.0.2 build=build-22380479 option=Release\n\
         2024-01-01T00:00:00.000Z In(05) vmx - Host offset from UTC is +05:00.\n",
    );
    assert_eq!(account.header.version.as_deref(), Some("8.0.2"));
    assert_eq!(account.header.build.as_deref(), Some("22380479"));
    assert_eq!(account.header.utc_offset, Some(-18_000));
}

#[test]
fn esx_or_hosted_is_a_matter_of_the_whole_file() {
    let esx = "2024-01-01T00:00:00.000Z In(05) vmx - one\n2024-01-01T00:00:00.000Z In(05) vmx lib/ssl: two\n";
    assert_eq!(records(esx).1.form.unwrap().dialect_name(), "vmware-c-esx");
    let hosted =
        "2024-01-01T00:00:00.000Z In(05) vmx DISKLIB-LIB one\n2024-01-01T00:00:00.000Z In(05) vmx VTHREAD two\n";
    assert_eq!(records(hosted).1.form.unwrap().dialect_name(), "vmware-c-hosted");
}

#[test]
fn years_are_put_in_and_wrap_at_new_year() {
    let log = "Dec 31 23:59:59.000: vmx| a\nJan 01 00:00:01.000: vmx| b\n";
    let read_with = |year| read(&mut log.as_bytes(), "x", &ReadOptions { year, ..ReadOptions::default() }, &mut |_| {});
    let account = read_with(Some(2009));
    assert_eq!(account.first.unwrap().to_string(), "2009-12-31T23:59:59.000Z");
    assert_eq!(account.last.unwrap().to_string(), "2010-01-01T00:00:01.000Z");
    assert_eq!((account.without_year, read_with(None).assumed_year), (2, Some(2000)));
}

#[test]
fn gaps_steps_back_and_stamps_of_no_moment_are_counted() {
    let (_, account) = records(
        "2024-01-01T00:00:00.000Z In(05) vmx - a\n\
         2024-01-01T03:00:00.000Z In(05) vmx - b\n\
         2024-01-01T02:00:00.000Z In(05) vmx - c\n\
         2024-02-30T00:00:00.000Z In(05) vmx - d\n",
    );
    assert_eq!((account.gaps.len(), account.steps_back, account.invalid_stamps), (1, 1, 1));
    assert_eq!(account.records, 4);
}

#[test]
fn a_record_over_the_limit_is_cut_and_counted() {
    let options = ReadOptions { record_limit: 256, block_bytes: 100, ..ReadOptions::default() };
    let mut log = String::from("2024-01-01T00:00:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc] dump:\n");
    for number in 0..100 {
        log += &format!("--> line {number}\n");
    }
    log += "2024-01-01T00:00:01.000Z info hostd[1] [Originator@6876 sub=Vmsvc] next\n";
    let mut kinds = Vec::new();
    let account = read(&mut log.as_bytes(), "x", &options, &mut |block| {
        kinds.extend(block.spans.iter().map(|span| (span.kind, span.cut)));
    });
    assert_eq!(counts(&account), (2, 100, 0, 0));
    assert_eq!(account.cut_records, 1);
    assert!(account.cut_bytes > 500);
    assert_eq!(kinds.first(), Some(&(SpanKind::Record, true)));
    assert_eq!(kinds.last(), Some(&(SpanKind::Record, false)));
    assert!(kinds[1..kinds.len() - 1].iter().all(|it| it.0 == SpanKind::Rest));
}

#[test]
fn a_line_without_end_is_bounded() {
    let options = ReadOptions { record_limit: 4096, block_bytes: 1000, ..ReadOptions::default() };
    let log = format!(
        "2024-01-01T00:00:00.000Z In(05) vmx - {}\n2024-01-01T00:00:01.000Z In(05) vmx - next\n",
        "x".repeat(100_000)
    );
    let mut longest = 0;
    let account = read(&mut log.as_bytes(), "x", &options, &mut |block| longest = longest.max(block.bytes.len()));
    assert_eq!(counts(&account), (2, 0, 0, 0));
    assert!(longest < 12_000, "{longest}");
}
