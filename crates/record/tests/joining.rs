//! Which lines become one record, and how every line is counted.

use std::fmt::Write as _;

use esxray_model::FormatName;
use esxray_record::{Account, Encoding, ReadOptions, SpanKind, read};

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
    let mut log: Vec<u8> = (0..70_000_u32).map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
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
         2024-01-01T01:59:59.999Z In(05) vmx - c\n\
         2024-02-30T00:00:00.000Z In(05) vmx - d\n",
    );
    assert_eq!((account.gaps.len(), account.steps_back, account.invalid_stamps), (1, 1, 1));
    assert_eq!((account.disordered, account.records), (2, 5));
}

#[test]
fn a_record_over_the_limit_is_cut_and_counted() {
    let options = ReadOptions { record_limit: 256, block_bytes: 100, ..ReadOptions::default() };
    let mut log = String::from("2024-01-01T00:00:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc] dump:\n");
    for number in 0..100 {
        writeln!(log, "--> line {number}").unwrap();
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
fn a_long_line_ends_its_record_and_no_other() {
    let options = ReadOptions { line_limit: 256, ..ReadOptions::default() };
    let head = "2024-01-01T00:00:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc]";
    let log = format!("{head} one\n--> {}\n--> more\n{head} two\n--> short\n", "x".repeat(1000));
    let mut lengths = Vec::new();
    let account = read(&mut log.as_bytes(), "x", &options, &mut |block| {
        lengths.extend(block.records().map(|record| (record.bytes().len(), record.span.cut)));
    });
    assert_eq!(counts(&account), (2, 3, 0, 0));
    assert_eq!(account.cut_records, 1);
    assert_eq!(lengths, [(head.len() + 5 + 256, true), (head.len() + 15, false)]);
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

/// Format, foreignness and text of each record.
fn formats(log: &str) -> (Vec<(FormatName, bool, String)>, Account) {
    let mut seen = Vec::new();
    let account = read(&mut log.as_bytes(), "x.log", &ReadOptions::default(), &mut |block| {
        for record in block.records() {
            let text = String::from_utf8_lossy(&record.message()).into_owned();
            seen.push((record.format(), record.span.foreign, text));
        }
    });
    (seen, account)
}

#[test]
fn in_a_syslog_each_record_has_its_own_format_and_none_is_foreign() {
    let log = "<166>2026-01-02T03:04:05.006Z esx01 Hostd[2099494]: [Originator@6876 sub=Vmsvc] one\n\
               <182>2026-01-02T03:04:05.007Z esx01 vmkernel: cpu1:2097)HBX: 231: two\n\
               <166>2026-01-02T03:04:05.008Z esx01 Vpxa[2099494]: [Originator@6876 sub=vpxLro] three\n\
               <14>2026-01-02T03:04:05.009Z esx01 shell[2099494]: [root]: four\n\
               <30>2026-01-02T03:04:05.010Z esx01 smartd[2099494]: five\n\
               <14>1 2026-01-02T03:04:05.011Z vc01 vpxd 58650 - - six\n";
    let (seen, account) = formats(log);
    let expected = [
        (FormatName::Hostd, "one"),
        (FormatName::Vmkernel, "HBX: 231: two"),
        (FormatName::Vpxa, "three"),
        (FormatName::Shell, "[root]: four"),
        (FormatName::Syslog, "five"),
        (FormatName::Vpxd, "six"),
    ];
    assert_eq!(seen, expected.map(|it| (it.0, false, it.1.to_owned())));
    assert_eq!((account.form.unwrap().dialect_name(), account.foreign), ("syslog-3164", 0));
}

#[test]
fn a_log_that_goes_on_through_an_upgrade_is_one_log() {
    let log = "2022-06-29T01:10:00.381Z cpu50:2151680)ALERT: one\n\
               2022-06-29T01:10:00.382Z cpu50:2151680)HBX: 231: two\n\
               2023-06-29T01:10:00.381Z In(182) vmkernel: cpu0:170428)HBX: 231: three\n";
    let (seen, account) = formats(log);
    assert!(seen.iter().all(|it| it.0 == FormatName::Vmkernel && !it.1), "{seen:?}");
    assert_eq!(account.form.unwrap().dialect_name(), "vmkernel-5");
}

#[test]
fn a_line_of_the_kernel_among_those_of_hostd_was_pasted() {
    let log = "2023-04-05T12:00:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc] annotation = \"pasted:\n\
               2020-06-29T01:10:00.381Z cpu50:2151680)ALERT: quoted\n\
               \"\n\
               2023-04-05T12:00:01.000Z info hostd[1] [Originator@6876 sub=Vmsvc] next\n\
               2020-06-29T01:10:00.381Z cpu50:2151680)ALERT: pasted\n";
    let (seen, account) = formats(log);
    assert_eq!(
        seen.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>(),
        [(FormatName::Hostd, false), (FormatName::Hostd, false), (FormatName::Vmkernel, true)]
    );
    assert_eq!(account.foreign, 1);
}

#[test]
fn a_continuation_goes_on_with_its_own_program_and_host_only() {
    check(
        "<166>2022-11-04T15:01:58.230Z esx01 Hostd: info hostd[1] [Originator@6876 sub=Vmsvc] one\n\
         <166>2022-11-04T15:01:58.230Z esx01 Hostd: --> of one\n\
         <166>2022-11-04T15:01:58.231Z esx02 Hostd: info hostd[1] [Originator@6876 sub=Vmsvc] two\n\
         <166>2022-11-04T15:01:58.231Z esx01 Hostd: --> of one, too late\n\
         <182>2022-11-04T15:01:58.232Z esx01 vmkernel: cpu1:1)A: three\n\
         <166>2022-11-04T15:01:58.231Z esx01 Hostd: --> no line of the kernel\n",
        &[
            (1, "one\nof one"),
            (3, "two"),
            (4, "--> of one, too late"),
            (5, "A: three"),
            (6, "--> no line of the kernel"),
        ],
        (5, 1, 0, 0),
    );
    check(
        "Apr 26 20:29:30 esx01 vmkernel: 84:04:56:07.658 cpu3:1037)FS3: 1974: lock [type 10c00001\n\
         Apr 26 20:29:30 esx01 vmkernel: gen 7154, mode 1]\n\
         Apr 26 20:29:31 esx01 Hostd: [2012-04-26 20:29:31.472 32AE9B90 error 'Statssvc'] x\n\
         Apr 26 20:29:31 esx01 vmkernel: gen 7155\n",
        &[(1, "FS3: 1974: lock [type 10c00001\ngen 7154, mode 1]"), (3, "x"), (4, "gen 7155")],
        (3, 1, 0, 0),
    );
}

#[test]
fn stack_traces_go_on_with_their_record() {
    check(
        "2022-06-02T12:23:46.807Z [pool-2-thread-18] ERROR opId= com.vmware.pbm.X - Failed\n\
         com.vmware.vim.vmomi.client.exception.SslException: handshake failed\n\
         \tat com.vmware.vim.X.y(X.java:12)\n\
         Caused by: javax.net.ssl.SSLException: closed\n\
         \t... 12 more\n\
         2022-06-02T12:23:47.807Z [pool-2-thread-18] INFO  opId= com.vmware.pbm.X - next\n",
        &[
            (
                1,
                "Failed\ncom.vmware.vim.vmomi.client.exception.SslException: handshake failed\n\tat com.vmware.vim.X.y(X.java:12)\nCaused by: javax.net.ssl.SSLException: closed\n\t... 12 more",
            ),
            (6, "next"),
        ],
        (2, 4, 0, 0),
    );
    check(
        "2020-05-11T22:32:56Z lifecycle: 1: lifecyclectl:58 ERROR Failed\n\
         Traceback (most recent call last):\n\
         \x20 File \"/usr/lib/lifecyclectl.py\", line 55, in main\n\
         FileNotFoundError: [Errno 2] No such file\n\
         2020-05-11T22:32:57Z lifecycle: 1: lifecyclectl:60 INFO next\n",
        &[
            (
                1,
                "Failed\nTraceback (most recent call last):\n  File \"/usr/lib/lifecyclectl.py\", line 55, in main\nFileNotFoundError: [Errno 2] No such file",
            ),
            (5, "next"),
        ],
        (2, 3, 0, 0),
    );
}

#[test]
fn a_second_record_in_a_line_is_a_record_of_its_own() {
    let torn = "2024-01-01T00:00:00.000Z In(05) vmx - DISKLIB-LIB   : Opened torn\
                2024-01-01T00:05:00.000Z Er(02) vmx - second\n\
                2024-01-01T00:05:00.001Z In(05)+ vmx - goes on\n\
                2024-01-01T00:05:01.000Z In(05) vmx - third\n";
    let mut seen = Vec::new();
    let account = read(&mut torn.as_bytes(), "x.log", &ReadOptions::default(), &mut |block| {
        for record in block.records() {
            let text = String::from_utf8_lossy(&record.message()).into_owned();
            seen.push((record.span.line, record.span.lines, record.span.foreign, record.offset, text));
        }
    });
    assert_eq!(
        seen,
        [
            (1, 1, false, 0, "DISKLIB-LIB   : Opened torn".to_owned()),
            (1, 2, true, 65, "second\ngoes on".to_owned()),
            (3, 1, false, 157, "third".to_owned()),
        ]
    );
    assert_eq!(counts(&account), (2, 1, 0, 0));
    assert_eq!((account.glued, account.foreign, account.lines), (1, 0, 3));
    assert_eq!(account.first.unwrap().to_string(), "2024-01-01T00:00:00.000Z");
}

#[test]
fn a_head_that_may_have_been_written_by_others_begins_no_record() {
    let second = "2024-01-01T00:05:00.000Z Er(02) vmx - DISKLIB-LIB   : Failed";
    for first in [
        "Guest: x",
        "GuestRpc: Guest log x",
        "ToolsLog: x",
        "DICT displayName = \"x",
        "name=x\u{2028}",
        "quoted ",
        "value=",
        "text:",
    ] {
        let log = format!("2024-01-01T00:00:00.000Z In(05) vmx - {first}{second}\n");
        let (seen, account) = records(&log);
        assert_eq!((seen.len(), account.glued), (1, 0), "{log}");
    }
    // Time does not go back over a crash, and hostd's log is full of what users name things.
    let (seen, _) = records(&format!("2024-01-01T00:06:00.000Z In(05) vmx - torn{second}\n"));
    assert_eq!(seen.len(), 1);
    let hostd = "2024-01-01T00:00:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc] torn\
                 2024-01-01T00:05:00.000Z info hostd[1] [Originator@6876 sub=Vmsvc] second\n";
    assert_eq!(records(hostd).0.len(), 1);
}

#[test]
fn line_ends_of_every_kind() {
    let line = |number: u32| format!("2024-01-01T00:00:0{number}.000Z In(05) vmx - text {number}");
    let (seen, account) = records(&format!("{}\r{}\r{}\r", line(1), line(2), line(3)));
    assert_eq!((seen.len(), account.lines, account.decoding.carriage_returns), (3, 3, true));
    // Where there are line feeds, a carriage return alone ends no line; in front of a head it hides none.
    let (seen, account) = records(&format!("{}\n\r{}\r\n{}\r{}\n", line(1), line(2), line(3), line(4)));
    assert_eq!(seen.iter().map(|it| it.0).collect::<Vec<_>>(), [1, 2, 3, 3]);
    assert_eq!(counts(&account), (3, 0, 0, 0));
    assert!(!account.decoding.carriage_returns);
    let (seen, account) = records(&format!("{}\u{2028}a\u{85}b\u{b}c\u{c}d\n", line(1)));
    assert_eq!((seen.len(), account.lines), (1, 1));
}

#[test]
fn utf_16_counts_what_is_no_character() {
    let text = "\u{feff}2024-01-01T00:00:00.000Z In(05) vmx - Büro\r\n2024-01-01T00:00:01.000Z In(05) vmx - next";
    let mut raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    raw.push(0x41);
    let mut seen = Vec::new();
    let account = read(&mut &raw[..], "vpxd.log", &ReadOptions::default(), &mut |block| {
        seen.extend(block.records().map(|record| record.message().into_owned()));
    });
    assert_eq!(seen, ["Büro".as_bytes().to_vec(), b"next".to_vec()]);
    assert_eq!((account.decoding.encoding, account.decoding.undecodable), (Encoding::Utf16Le, 1));
    assert_eq!(account.decoding.read_bytes, raw.len() as u64);
    assert_eq!(account.bytes, text.len() as u64);
}

#[test]
fn the_account_says_what_each_log_has_of_a_syslog() {
    let log = "2026-01-02T03:04:05.006Z In(166) Hostd[2099494]: [Originator@6876 sub=Vmsvc] one\n\
               2026-01-02T03:04:05.007Z In(182) vmkernel: cpu1:2097)HBX: 231: two\n\
               2026-01-02T03:04:05.007Z In(30) smartd[12]: three\n\
               2026-01-02T03:04:05.007Z In(30) last message repeated 3 times\n\
               2026-01-02T03:04:09.000Z In(166) Hostd[2099495]: [Originator@6876 sub=Vmsvc] four\n";
    let (_, account) = records(log);
    let seen: Vec<(FormatName, u64, String, String)> = account
        .shares
        .iter()
        .map(|it| (it.format, it.records, it.first.unwrap().to_string(), it.last.unwrap().to_string()))
        .collect();
    let time = |text: &str| format!("2026-01-02T03:04:{text}Z");
    assert_eq!(
        seen,
        [
            (FormatName::Hostd, 2, time("05.006"), time("09.000")),
            (FormatName::Vmkernel, 1, time("05.007"), time("05.007")),
            (FormatName::Syslog, 2, time("05.007"), time("05.007")),
        ]
    );
}

#[test]
fn a_head_behind_a_line_of_no_known_form_is_read() {
    let log = format!("{}\n2023-04-05T12:00:00.000Z In(05) vmx - one\n", "2023-04-05T12:00:00.000Z".repeat(300_000));
    let mut seen = Vec::new();
    read(&mut log.as_bytes(), "x", &ReadOptions::default(), &mut |block| {
        seen.extend(block.records().map(|it| (it.format(), it.message().len())));
    });
    assert_eq!(seen.last(), Some(&(esxray_model::FormatName::VmwareLog, 3)));
}

#[test]
fn every_nul_of_a_hole_is_counted() {
    let mut log = vec![0; 10_000_000];
    log.extend(b"\n2023-04-05T12:00:00.000Z In(05) vmx - one\n");
    let account = read(&mut &log[..], "x", &ReadOptions::default(), &mut |_| {});
    assert_eq!((account.nul_bytes, account.records), (10_000_000, 1));
}

#[test]
fn a_neighbour_that_says_its_year_dates_those_that_do_not() {
    let line = |stamp: &str, year: &str| {
        format!(
            "{stamp} esx01 Hostd: [{year}-{stamp_} 32AE9B90 error 'Statssvc'] Error: x\n",
            stamp_ = "01-01 00:00:02.000"
        )
    };
    let log = format!(
        "Dec 31 23:59:58 esx01 vmkernel: 84:04:56:07.658 cpu3:1037)FS3: 1974: a\n{}\
         Jan  1 00:00:05 esx01 vmkernel: 84:04:56:14.658 cpu3:1037)FS3: 1974: b\n",
        line("Jan  1 00:00:02", "2012"),
    );
    let mut times = Vec::new();
    let told = |year, times: &mut Vec<String>| {
        read(&mut log.as_bytes(), "messages", &ReadOptions { year, ..ReadOptions::default() }, &mut |block| {
            times.extend(block.records().filter_map(|record| record.span.time).map(|time| time.to_string()));
        })
    };
    let account = told(None, &mut times);
    assert_eq!(times, ["2011-12-31T23:59:58.000Z", "2012-01-01T00:00:02.000Z", "2012-01-01T00:00:05.000Z"]);
    assert_eq!((account.assumed_year, account.jumps, account.steps_back), (Some(2011), 0, 0));
    times.clear();
    told(Some(2008), &mut times);
    assert_eq!(times.first().map(String::as_str), Some("2008-12-31T23:59:58.000Z"), "a year as told is not overruled");
}

#[test]
fn what_a_syslog_cut_is_counted_and_its_marks_are_no_part_of_an_id() {
    let log = "<166>1 2026-09-04T10:30:08.000Z esx01 Hostd 100001 - [Originator@6876 sub=\"Vimsvc\" opID=\"op-1\" \
               msgModified=\"remoteHostMaxMsgLen\" remoteHostMaxMsgLen=\"480\" originalLen=\"1052\"] Event 1 : cu\n";
    let mut op_ids = Vec::new();
    let account = read(&mut log.as_bytes(), "x", &ReadOptions::default(), &mut |block| {
        op_ids.extend(block.records().filter_map(|record| record.head().op_id.map(<[u8]>::to_vec)));
    });
    assert_eq!((account.truncated, op_ids), (1, vec![b"op-1".to_vec()]));
}
