//! Logs as they come out of tickets, articles and exports: what the head shows is read, what is gone is not made up.

use std::fmt::Write as _;

use esxray_record::{Account, ReadOptions, read};

/// Format, component and message of each record, and the account.
fn records(log: &str) -> (Vec<(String, String, String)>, Account) {
    let mut seen = Vec::new();
    let account = read(&mut log.as_bytes(), "pasted", &ReadOptions::default(), &mut |block| {
        for record in block.records() {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            seen.push((record.format().as_str().to_owned(), text(record.head().component), text(&record.message())));
        }
    });
    let kinds = account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines;
    assert_eq!(account.lines, kinds, "every line is accounted for");
    (seen, account)
}

#[track_caller]
fn check(log: &str, dialect: &str, expected: &[(&str, &str, &str)]) {
    let (seen, account) = records(log);
    let seen: Vec<(&str, &str, &str)> = seen.iter().map(|it| (it.0.as_str(), it.1.as_str(), it.2.as_str())).collect();
    assert_eq!(seen, expected);
    assert_eq!(account.form.map(|it| it.dialect_name()), Some(dialect));
}

#[test]
fn a_list_in_a_ticket() {
    check(
        "The VM failed:\n\n  - `2023-03-10T15:16:22.314Z In(05) vmx - Powering on`\n  - `2023-03-10T15:16:23.000Z In(05) vcpu-0 - Stopped`\n",
        "vmware-c-esx",
        &[("vmware-log", "vmx", "Powering on`"), ("vmware-log", "vcpu-0", "Stopped`")],
    );
}

#[test]
fn a_quotation_with_its_continuation() {
    check(
        "> 2020-07-28T09:11:46.464Z info hostd[111] [Originator@6876 sub=Default] fault:\n\
         > --> (vim.fault.NotFound) {\n\
         > --> }\n",
        "hostd-6",
        &[("hostd", "Default", "fault:\n(vim.fault.NotFound) {\n}")],
    );
}

#[test]
fn what_a_page_escaped() {
    let (seen, account) = records(
        "2020-07-28T09:11:46.464Z info hostd[111] [Originator@6876 sub=Default] fault:\n\
         --&gt;    msg.x&lt;The provider &quot;KP&quot; does not exist.&gt;\n",
    );
    assert_eq!(seen[0].2, "fault:\n   msg.x<The provider \"KP\" does not exist.>");
    assert!(account.decoding.pasted);
    assert_eq!((account.lines, account.decoding.read_bytes > account.bytes), (2, true));
    let (seen, account) = records("info hostd[111] \\[Originator@6876 sub=Default opID=ab\\] text\n");
    assert_eq!((seen[0].1.as_str(), seen[0].2.as_str(), account.decoding.pasted), ("Default", "text", true));
}

#[test]
fn lines_of_several_logs_without_stamps() {
    check(
        "info vpxa[303466] [Originator@6876 sub=Default] one\n\
         cpu3:2097)NMP: two\n\
         YYYY-MM-DDTHH:MM:SS.sssZ| vcpu-0| W115: three\n\
         prose in between\n\
         [GenericCorrelator] 639113us: [vob.user.x] four\n",
        "snippet-vmx",
        &[
            ("vpxa", "Default", "one"),
            ("vmkernel", "NMP", "NMP: two"),
            ("vmware-log", "vcpu-0", "three"),
            ("vobd", "vob.user.x", "[vob.user.x] four"),
        ],
    );
}

#[test]
fn a_wrapped_line_goes_on_only_where_something_is_open() {
    check(
        "cpu3:2097)NMP: nmp_ThrottleLogForDevice: Cmd 0x2a (0x4395, 655\n75) to dev \"naa.600\" on path \"vmhba64:C0:\nT0:L0\" Failed\nTo solve it, look at the path.\n",
        "snippet-vmkernel",
        &[(
            "vmkernel",
            "NMP",
            "NMP: nmp_ThrottleLogForDevice: Cmd 0x2a (0x4395, 655 75) to dev \"naa.600\" on path \"vmhba64:C0: T0:L0\" Failed",
        )],
    );
}

#[test]
fn an_export_with_a_text_of_several_lines() {
    let log = "#TYPE VMware.Vim.VmReconfiguredEvent\n\
               \"CreatedTime\",\"UserName\",\"FullFormattedMessage\"\n\
               \"2023-03-10T15:16:22Z\",\"LAB\\ann\",\"Reconfigured APP-01 on esx01.lab.example in Lab.\n\
               \n\
               Modified:\n\
               2019-01-01T00:00:00.000Z In(05) vmx - quoted\n\
               \"\n\
               \"2023-03-10T15:17:00Z\",\"LAB\\ann\",\"APP-01 is powered on\"\n";
    let (seen, account) = records(log);
    let texts: Vec<&str> = seen.iter().map(|it| it.2.as_str()).collect();
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(texts[1].starts_with("Reconfigured APP-01") && texts[1].contains("quoted"), "{texts:?}");
    assert_eq!(texts[2], "APP-01 is powered on");
    assert!(seen.iter().all(|it| it.0 == "events"));
    assert_eq!(account.form.unwrap().dialect_name(), "events-csv");
    assert_eq!((account.foreign, account.first.unwrap().to_string().as_str()), (0, "2023-03-10T15:16:22.000Z"));
}

#[test]
fn events_of_govc_as_text_and_as_json() {
    check(
        "[Fri Mar 10 15:16:22 2023] [info] [7] [vim.event.VmReconfiguredEvent] Reconfigured APP-01.\n\n\
         [Fri Mar 10 15:17:22 2023] [error] [8] [esx.problem.x] text\n",
        "events-govc",
        &[("events", "vim.event.VmReconfiguredEvent", "Reconfigured APP-01."), ("events", "esx.problem.x", "text")],
    );
    check(
        "{\"type\":\"VmPoweredOnEvent\",\"createdTime\":\"2023-03-10T15:16:22Z\",\"category\":\"info\",\"message\":\"on\"}\n",
        "events-json",
        &[("events", "VmPoweredOnEvent", "on")],
    );
}

#[test]
fn a_log_is_not_looked_at_as_a_paste() {
    let mut log = String::new();
    for second in 0..60 {
        writeln!(log, "2020-07-28T09:11:{second:02}.464Z info hostd[1] [Originator@6876 sub=Default] text").unwrap();
        writeln!(
            log,
            "  - 2019-07-28T09:11:46.464Z info hostd[1] [Originator@6876 sub=Default] indented text of a user"
        )
        .unwrap();
    }
    let (seen, account) = records(&log);
    assert_eq!((seen.len(), account.continuation_lines), (60, 60));
}
