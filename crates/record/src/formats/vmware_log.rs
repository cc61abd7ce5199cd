//! `vmware.log`, `mksSandbox.log`, `vprintproxy.log`: what the VMX of one VM writes.
//!
//! Five dialects, from Server 1 (2005) to ESXi 9. Sources: the public format description of
//! ESXi 8 ("direct log messages"), open-vm-tools `lib/include/log.h`, and logs in the field.

use esxray_model::{FormatName, Level};

use super::{Dialect, Glance, Joins, Kin, MONTH, STAMP_LEVEL, STAMP_MARK, letters_and_number, plain, vmon, word};
use crate::stamp::{iso, month_day};

const FORMAT: Option<FormatName> = Some(FormatName::VmwareLog);

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "c-esx",
        format: FORMAT,
        other: FormatName::VmwareLog,
        kin: Kin::Vmx,
        opens: STAMP_LEVEL | STAMP_MARK,
        glance: glance_c_esx,
        claims: |line| shape_c(line).is_some_and(|glance| is_esx(glance.body)),
        open: plain,
        joins: Joins::Nothing,
        samples: &[
            "2023-12-05T17:42:40.666Z In(05) vmx vim-cmd-09-a45d SnapshotVMX_TakeSnapshot start: 'before-patch'",
            "2023-12-05T17:42:40.741Z In(05) vcpu-0 - SnapshotVMXTakeSnapshotWork: Initiated lazy snapshot 'x': 2",
            "2024-05-14T09:01:12.001Z Er(02) worker-2328848 293b2adb LWD: Failed to write extent range [1,2]",
            "2023-04-15T08:52:34.879Z In(05) vmx lnx6ehce-42910-auto-x40-h5:70004075-b2-a9-003a MigrateSetState: from 0 to 1.",
            "2023-04-15T08:52:34.879Z In(05) vmx - Log for VMware ESX pid=2100101 version=8.0.2 build=build-22380479 option=Release",
            "2023-04-15T08:52:35.001Z In(05)+ vmx - OvhdMem: the text of an empty first line",
        ],
    },
    Dialect {
        generation: "c-hosted",
        format: FORMAT,
        other: FormatName::VmwareLog,
        kin: Kin::Vmx,
        opens: STAMP_LEVEL | STAMP_MARK,
        glance: shape_c,
        claims: |line| shape_c(line).is_some_and(|glance| !is_esx(glance.body) && !vmon::is_own(&glance)),
        open: plain,
        joins: Joins::Nothing,
        samples: &[
            "2026-06-11T00:38:43.712Z In(05) vmx Log for VMware Workstation pid=460 version=17.6.3 build=build-24583834 option=Release",
            "2022-11-24T14:05:21.453Z In(05)+ vmx Disconnect anyway and override the lock?",
            "2022-11-24T14:05:21.453Z No(00) vmx PowerOnTiming: Module MKS took 1232442 us",
            "2022-11-24T14:05:21.453Z In(05) vmx ",
        ],
    },
    Dialect {
        generation: "b",
        format: FORMAT,
        other: FormatName::VmwareLog,
        kin: Kin::Vmx,
        opens: STAMP_MARK,
        glance: glance_b,
        claims: |line| glance_b(line).is_some(),
        open: plain,
        joins: Joins::Nothing,
        samples: &[
            "2014-12-19T16:33:23.296+01:00| vmx| I120: Log for VMware Player pid=5964 version=7.0.0 build=build-2305329 option=Release",
            "2017-12-07T04:41:42.868Z| vcpu-0| W115: GuestRpc: application toolbox, changing channel 65535 -> 0",
            "2021-11-23T13:26:22.036+05:30| vmx| I005: Host codepage=windows-1252 encoding=windows-1252",
            "2020-02-03T10:11:12.131Z| vmx| I125+ the text goes on",
            // Written by the signal-safe writer while the VMX dies.
            "2021-11-15T00:23:51+01:00[+0.000]| mks| E001: PANIC: Unexpected signal: 4.",
            "2021-11-15T00:23:51+01:00[+0.000]| mks| W003+ Attempting a core dump using an unlimited size limit",
            "2019-05-05T05:05:05.555Z| Worker#0| I125: ",
            "2012-05-14T13:34:34.412Z| vcpu-0| Checkpoint_Unstun: vm stopped for 4233332 us",
        ],
    },
    Dialect {
        generation: "a1",
        format: FORMAT,
        other: FormatName::VmwareLog,
        kin: Kin::Vmx,
        opens: MONTH,
        glance: |line| glance_a(line, true),
        claims: |line| glance_a(line, true).is_some(),
        open: plain,
        joins: Joins::Nothing,
        samples: &[
            "Apr 17 22:14:49.605: vmx| Log for VMware Workstation pid=4324 version=7.0.0 build=build-203739 option=Release",
            "Feb 06 01:03:45.328: vcpu-0| DISKLIB-LINK : Attach: Content ID mismatch (d504c2f0 != 62e0e8bf).",
            "Apr  5 12:00:00.123: vmx| I120: a level behind the old head",
        ],
    },
    Dialect {
        generation: "a0",
        format: FORMAT,
        other: FormatName::VmwareLog,
        kin: Kin::Vmx,
        opens: MONTH,
        glance: |line| glance_a(line, false),
        claims: |line| glance_a(line, false).is_some(),
        open: plain,
        joins: Joins::Nothing,
        samples: &["Jan 24 00:37:47: vmx| DISKLIB-LINK  : \"/home/ann/vmware/xp.vmdk\" : failed to open (No such file).  "],
    },
];

/// `Apr 17 22:14:49.605: vmx| text`, with or without the fraction of a second.
fn glance_a(line: &[u8], with_fraction: bool) -> Option<Glance<'_>> {
    let (stamp, used) = month_day(line)?;
    if line.get(..used)?.contains(&b'.') != with_fraction {
        return None;
    }
    let rest = line.get(used..)?.strip_prefix(b": ")?;
    let (who, body) = thread(rest)?;
    let mut glance = Glance::new(Some(stamp), who, body);
    // ESXi 4 and 5 wrote a level behind the old head for a while.
    if let Some((level, more, text)) = level_b(body) {
        (glance.level, glance.more, glance.body) = (Some(level), more, text);
    }
    Some(glance)
}

/// `2017-12-07T04:41:42.868Z| vcpu-0| W115: text`.
fn glance_b(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let mut rest = line.get(used..)?;
    if let Some(relative) = rest.strip_prefix(b"[+") {
        let end = memchr::memchr(b']', relative.get(..24).unwrap_or(relative))?;
        rest = relative.get(end + 1..)?;
    }
    let (who, body) = thread(rest.strip_prefix(b"| ")?)?;
    let mut glance = Glance::new(Some(stamp), who, body);
    match level_b(body) {
        Some((level, more, body)) => (glance.level, glance.more, glance.body) = (Some(level), more, body),
        // ESXi 5.0 and 5.1 say no level. Any other text may have bars too, but no such thread.
        None if is_thread(who) => {}
        None => return None,
    }
    Some(glance)
}

/// Whether a word names a thread of the VMX: without a level, only a known name tells it from other text.
pub(super) fn is_thread(who: &[u8]) -> bool {
    const NAMES: [&[u8]; 8] =
        [b"vmx", b"mks", b"svga", b"vmx-mks", b"Poll", b"aioCompletion", b"deviceThread", b"PowerNotifyThread"];
    const NUMBERED: [&[u8]; 4] = [b"vcpu-", b"worker-", b"vthread-", b"Worker#"];
    let numbered = |prefix: &&[u8]| {
        who.strip_prefix(*prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.iter().all(|byte| byte.is_ascii_digit() || b"#N".contains(byte)))
    };
    NAMES.contains(&who) || NUMBERED.iter().any(numbered)
}

/// `vcpu-0| text`: the thread and the text.
fn thread(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'|', text.get(..64).unwrap_or(text))?;
    let (who, rest) = (text.get(..end)?, text.get(end + 1..)?);
    Some((who, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// `W115: text`, `I125+ text`: the level by its letter, whether the line goes on, and the text.
///
/// 115 is an audit record in one generation and a warning in the next, so the number says nothing;
/// `E` is an error, and a panic where the text says `PANIC:`.
pub(super) fn level_b(text: &[u8]) -> Option<(Level, bool, &[u8])> {
    let [letter, one, two, three, mark @ (b':' | b'+'), rest @ ..] = text else { return None };
    if ![one, two, three].iter().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let body = rest.strip_prefix(b" ").unwrap_or(rest);
    let level = match letter {
        b'E' if body.starts_with(b"PANIC:") => Level::Panic,
        b'E' => Level::Error,
        b'W' => Level::Warning,
        b'N' | b'A' => Level::Notice,
        b'I' => Level::Info,
        b'V' | b'D' => Level::Verbose,
        b'T' => Level::Trivia,
        _ => return None,
    };
    Some((level, *mark == b'+', body))
}

/// `2023-12-05T17:42:40.666Z In(05) vmx text`: ESXi's operation id still stands in front of the text.
pub(super) fn shape_c(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    // An offset that is none (`+99:99`) leaves its text behind; the blank after it still ends the stamp.
    let (_, rest) = word(line.get(used..)?);
    let (level, more, used) = letters_and_number(rest)?;
    let rest = rest.get(used..)?.strip_prefix(b" ")?;
    let (who, body) = word(rest);
    // `Hostd[2099494]:` and `vmkernel:` are programs of the host's syslog, not threads; the daemon itself
    // says `last message repeated 3 times`.
    if who.is_empty() || who.ends_with(b":") || who == b"---" || body.starts_with(b"message repeated ") {
        return None;
    }
    let mut glance = Glance::new(Some(stamp), who, body);
    (glance.level, glance.more) = (Some(level), more);
    Some(glance)
}

fn glance_c_esx(line: &[u8]) -> Option<Glance<'_>> {
    let mut glance = shape_c(line)?;
    let (op_id, body) = word(glance.body);
    glance.op_id = (op_id != b"-" && !op_id.is_empty()).then_some(op_id);
    glance.body = body;
    Some(glance)
}

/// Whether what follows the thread begins with an operation id or the `-` that stands for none.
///
/// No line alone can tell: the first word of a hosted product's message may look like an id. So this
/// decides only what a whole file is, by the share of such lines.
pub(super) fn is_esx(body: &[u8]) -> bool {
    let (op_id, _) = word(body);
    if op_id == b"-" {
        return true;
    }
    let id_like = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_' | b'@' | b'.');
    let digits = op_id.iter().filter(|byte| byte.is_ascii_digit()).count();
    let hyphen = op_id.contains(&b'-');
    let hex = op_id.iter().all(u8::is_ascii_hexdigit);
    op_id.len() >= 8 && op_id.iter().all(id_like) && !op_id.ends_with(b":") && digits > 1 && (hyphen || hex)
}

#[cfg(test)]
mod tests {
    use esxray_model::Level;

    use super::{DIALECTS, Glance};

    #[track_caller]
    fn glance<'a>(generation: &str, line: &'a str) -> Glance<'a> {
        let dialect = DIALECTS.iter().find(|it| it.generation == generation).unwrap();
        (dialect.glance)(line.as_bytes()).unwrap()
    }

    #[test]
    fn esx_has_an_operation_id_and_hosted_has_none() {
        let line = "2023-12-05T17:42:40.666Z In(05) vmx vim-cmd-09-a45d SnapshotVMX_TakeSnapshot start";
        let esx = glance("c-esx", line);
        assert_eq!((esx.who, esx.op_id), (&b"vmx"[..], Some(&b"vim-cmd-09-a45d"[..])));
        assert_eq!(esx.body, b"SnapshotVMX_TakeSnapshot start");
        assert_eq!(glance("c-hosted", line).body, b"vim-cmd-09-a45d SnapshotVMX_TakeSnapshot start");
        assert_eq!(glance("c-esx", "2023-12-05T17:42:40.741Z In(05) vcpu-0 - Initiated").op_id, None);
    }

    #[test]
    fn letters_say_the_level_and_numbers_do_not() {
        assert_eq!(glance("c-hosted", "2022-11-24T14:05:21.453Z No(00) vmx x").level, Some(Level::Notice));
        assert_eq!(glance("b", "2011-01-01T00:00:00.000Z| vmx| A115: x").level, Some(Level::Notice));
        assert_eq!(glance("b", "2017-01-01T00:00:00.000Z| vmx| W115: x").level, Some(Level::Warning));
        assert_eq!(glance("b", "2017-01-01T00:00:00.000Z| vmx| E105: PANIC: x").level, Some(Level::Panic));
        assert_eq!(glance("b", "2017-01-01T00:00:00.000Z| vmx| E105: x").level, Some(Level::Error));
    }

    #[test]
    fn a_plus_goes_on_and_an_empty_message_is_a_message() {
        let more = glance("b", "2021-11-15T00:23:51+01:00[+0.000]| mks| W003+ Attempting");
        assert!(more.more && more.body == b"Attempting");
        assert_eq!(glance("c-hosted", "2022-11-24T14:05:21.453Z In(05) vmx ").body, b"");
        assert_eq!(glance("c-hosted", "2022-11-24T14:05:21.453Z In(05) vmx").body, b"");
    }
}
