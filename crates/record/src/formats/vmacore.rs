//! `hostd.log`, `vpxd.log`, `vpxa.log`, `fdm.log` and the rest of the family that writes with the
//! Vmacore logger.
//!
//! The dialects are numbered by the major release that brought them. Which log it is, is said by the
//! program on the line from release 6 on, and only by the subsystems before.

use esxray_model::{FormatName, Level};

use super::{BRACKET, Dialect, Glance, Head, Joins, Kin, STAMP_BRACKET, STAMP_TEXT, is_mark, plain, word};
use crate::stamp::iso;

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "6",
        format: None,
        other: FormatName::Vmacore,
        kin: Kin::Daemons,
        opens: STAMP_TEXT,
        glance: glance_6,
        claims: |line| glance_6(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "2016-07-19T06:48:10.066Z info hostd[3B4C1B70] [Originator@6876 sub=Libs opID=bcc7b174 user=ann] Vigor: text",
            "2021-06-22T01:02:03.004Z warning kmxa[2097952] [Originator@6876 sub=Libs opID=resolveKey-48] Failed to resolve key",
            "2019-07-26T10:40:29.678-07:00 info -[9918] [Originator@6876 sub=Handle checker] Setting system limit of 2048",
            "2022-06-02T11:49:41.274Z INFO vsan-mgmt[51740] [VsanVcObjectHelper::wrapper opID=SWI-2230eb26-8c37] Ready",
            "2023-10-28 02:56:46,013 INFO imageService[139745105131968] [imageService 1092] Image service is initialized",
            "2021-06-22T01:02:03.004Z ESX KMX Agent started.",
            "2016-01-01T00:00:00.000Z Section for VMware ESX, pid=34652, version=6.0.0, build=3620759, option=Release",
            "2020-07-29T00:40:15.740Z - time the service was last started, Section for VMware ESX, pid=11927129, version=6.7.0, build=15160138, option=Release",
            "2022-02-02T02:02:02.002Z - last log rotation time, 2022-02-02T02:02:02.000Z - time the service was last started 2022-01-01T01:01:01.001Z, Section for VMware ESX, pid=2099001, version=7.0.3, build=20328353, option=Release",
        ],
    },
    Dialect {
        generation: "9",
        format: None,
        other: FormatName::Vmacore,
        kin: Kin::Daemons,
        opens: STAMP_TEXT,
        glance: glance_9,
        claims: |line| glance_9(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "2025-06-04T17:06:21.349Z INFO vpxd 20973 [Originator@4413 sub=\"ServiceAccount\" opID=\"SvcAcctInit-5a91\"] text",
            "2025-06-05T05:21:29.840Z INFO api 25572 [ops@4413 threadId=\u{201d}639\u{201d} threadName=\u{201d}exec-26\u{201d}] Completed POST",
        ],
    },
    Dialect {
        generation: "5",
        format: None,
        other: FormatName::Vmacore,
        kin: Kin::Daemons,
        opens: STAMP_BRACKET,
        glance: glance_5,
        claims: |line| glance_5(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "2015-05-20T10:25:52.735Z [59741B90 info 'Vimsvc.TaskManager' opID=131DAF7A-0000094A-aa-61] Task Created : x",
            "2014-04-04T11:41:54.882Z [688C2B70 info 'Invt' opID=SWI-24c018b] text",
        ],
    },
    Dialect {
        generation: "4",
        format: None,
        other: FormatName::Vmacore,
        kin: Kin::Daemons,
        opens: BRACKET,
        glance: glance_4,
        claims: |line| glance_4(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "[2012-04-16 20:35:04.594 F6417B90 info 'ha-eventmgr'] Event 35 : User ann 192.0.2.116 logged in",
            "[2011-04-01 15:14:34.203 F5A5AB90 info 'vm:/vmfs/volumes/4d65/t/t.vmx' opID=F6FC49D5-000007E6-d] VMotionPrepare",
        ],
    },
    Dialect {
        generation: "3",
        format: None,
        other: FormatName::Vmacore,
        kin: Kin::Daemons,
        opens: BRACKET,
        glance: glance_3,
        claims: |line| glance_3(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &["[2008-05-07 09:50:04.857 'SOAP' 2260 trivia] Received soap response"],
    },
];

/// `Hostd[169828]`, `Hostd[169828]:` or `-[9918]`: the program.
fn program_and_thread(token: &[u8]) -> Option<&[u8]> {
    let token = token.strip_suffix(b":").unwrap_or(token);
    let open = memchr::memchr(b'[', token)?;
    let inside = token.get(open + 1..)?.strip_suffix(b"]")?;
    let plain = !inside.is_empty() && inside.iter().all(u8::is_ascii_hexdigit);
    token.get(..open).filter(|_| plain && open > 0)
}

/// Releases 6 and 7: `info hostd[2099995] [Originator@6876 sub=…] text`, and the section lines without level.
fn glance_6(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let rest = line.get(used..)?.strip_prefix(b" ")?;
    if is_section(rest) {
        let mut glance = Glance::new(Some(stamp), b"", rest);
        glance.level = Some(Level::Info);
        return Some(glance);
    }
    let (name, rest) = word(rest);
    let level = Level::from_word(name)?;
    let (token, body) = word(rest);
    let mut glance = Glance::new(Some(stamp), program_and_thread(token)?, body);
    glance.level = Some(level);
    Some(glance)
}

/// `info hostd[2099995] rest` inside of a newer head: level, program and rest.
fn level_program(text: &[u8]) -> Option<(Level, &[u8], &[u8])> {
    let (name, rest) = word(text);
    let level = Level::from_word(name).filter(|_| name.first().is_some_and(u8::is_ascii_lowercase))?;
    let (token, body) = word(rest);
    Some((level, program_and_thread(token)?, body))
}

/// `Section for VMware ESX, pid=…` with what may stand before it when a log was rotated.
fn is_section(text: &[u8]) -> bool {
    [&b"Section for "[..], b"- time the service", b"- last log rotation", b"ESX KMX Agent started"]
        .iter()
        .any(|it| text.starts_with(it))
}

/// Release 9: `INFO vpxd 20973 [Originator@4413 sub="…"] text`.
fn glance_9(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let (name, rest) = word(line.get(used..)?.strip_prefix(b" ")?);
    let level = Level::from_word(name).filter(|_| name.first().is_some_and(u8::is_ascii_uppercase))?;
    let (who, rest) = word(rest);
    let (pid, body) = word(rest);
    let sound = !pid.is_empty() && pid.iter().all(u8::is_ascii_digit) && body.starts_with(b"[") && !who.is_empty() && !who.contains(&b'[');
    let mut glance = Glance::new(Some(stamp), who, body);
    glance.level = Some(level);
    sound.then_some(glance)
}

/// Release 5: `2015-05-20T10:25:52.735Z [59741B90 info 'Vimsvc.TaskManager' opID=…] text`.
fn glance_5(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let body = line.get(used..)?.strip_prefix(b" ")?;
    let mut glance = Glance::new(Some(stamp), b"", body);
    glance.level = Some(thread_level(body.strip_prefix(b"[")?)?);
    Some(glance)
}

/// The level of a line of release 4 behind a syslog head.
pub(super) fn level_4(body: &[u8]) -> Option<Level> {
    glance_4(body)?.level
}

/// Release 4: the stamp stands inside of the bracket.
fn glance_4(line: &[u8]) -> Option<Glance<'_>> {
    let inside = line.strip_prefix(b"[")?;
    let (stamp, used) = iso(inside)?;
    let mut glance = Glance::new(Some(stamp), b"", line);
    glance.level = Some(thread_level(inside.get(used..)?.strip_prefix(b" ")?)?);
    Some(glance)
}

/// `F6417B90 info 'sub'`: the level, if the three stand there.
pub(super) fn thread_level(text: &[u8]) -> Option<Level> {
    let (thread, rest) = word(text);
    let (name, rest) = word(rest);
    if thread.is_empty() || !thread.iter().all(u8::is_ascii_hexdigit) || !rest.starts_with(b"'") {
        return None;
    }
    Level::from_word(name)
}

/// Release 3: subsystem, thread and level, in this order.
fn glance_3(line: &[u8]) -> Option<Glance<'_>> {
    let inside = line.strip_prefix(b"[")?;
    let (stamp, used) = iso(inside)?;
    let rest = inside.get(used..)?.strip_prefix(b" '")?;
    let rest = rest.get(memchr::memchr(b'\'', rest)? + 1..)?.strip_prefix(b" ")?;
    let (_thread, rest) = word(rest);
    let name = rest.get(..memchr::memchr(b']', rest)?)?;
    let mut glance = Glance::new(Some(stamp), b"", line);
    glance.level = Some(Level::from_word(name)?);
    Some(glance)
}

/// Reads brackets and message of any release.
pub(crate) fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { program: glance.who, component: b"", ..plain(glance) };
    let mut body = glance.body;
    if is_mark(body) {
        return head;
    }
    // Some lines of release 8 keep the old head behind the new one: `info -[1001] [Originator@6876 …`.
    if let Some((level, who, rest)) = level_program(body) {
        head.level = Some(level);
        if head.program.is_empty() {
            head.program = who;
        }
        body = rest;
    }
    head.message = body;
    if let Some((inside, message)) = bracket(body)
        && let Some(fields) = fields(inside)
    {
        for (key, value) in &fields {
            match *key {
                "sub" => head.component = value,
                "opID" => head.op_id = Some(value),
                "user" => head.user = Some(value),
                _ => {}
            }
        }
        head.fields = fields;
        head.message = message;
        // Some writers put all of their message into the bracket: `sub=vm:VigorExecVMX: Exec()'ing /bin/vmx … user=root]`.
        if message.is_empty()
            && let Some(at) = memchr::memmem::find(head.component, b": ")
            && let Some((component, swallowed)) = head.component.split_at_checked(at)
        {
            head.component = component;
            head.message = swallowed.get(2..).unwrap_or_default();
        }
    }
    head
}

/// Splits `[…] text` at the bracket's end: the first `]` that balances and is followed by a blank.
///
/// Values hold brackets of their own (`sub=[SSO][SsoAdminServiceImpl]`) and blanks; a VM's path may
/// leave them unbalanced, and then the first `] ` ends it.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"[")?;
    let mut depth = 1_usize;
    let mut first = None;
    for at in memchr::memchr2_iter(b'[', b']', inside) {
        let ends = matches!(inside.get(at + 1), None | Some(b' '));
        if inside.get(at) == Some(&b'[') {
            depth += 1;
            continue;
        }
        depth = depth.saturating_sub(1);
        if ends && first.is_none() {
            first = Some(at);
        }
        if ends && depth == 0 {
            first = Some(at);
            break;
        }
    }
    let at = first?;
    let message = inside.get(at + 1..)?;
    Some((inside.get(..at)?, message.strip_prefix(b" ").unwrap_or(message)))
}

/// Reads what stands between the brackets of any release; `None` where it is no head but text.
fn fields(inside: &[u8]) -> Option<Vec<(&'static str, &[u8])>> {
    let mut fields = Vec::new();
    let pairs = if inside.starts_with(b"Originator@") || inside.starts_with(b"vSAN@") || inside.starts_with(b"ops@") {
        word(inside).1
    } else if let Some(rest) = inside.strip_prefix(b"opID=") {
        // `[opID=MainThread VsanMgmtSvcMain::_PatchPyVmomi]`: vSAN names the function behind the id.
        let (op_id, function) = word(rest);
        if key_at(rest.get(op_id.len()..)?).is_none() && !function.is_empty() {
            return Some(vec![("opID", op_id), ("sub", function)]);
        }
        inside
    } else if word(inside).1.starts_with(b"opID=") && word(inside).0.contains(&b':') {
        // `[VsanVcObjectHelper::wrapper opID=SWI-2230eb26-8c37]`
        fields.push(("sub", word(inside).0));
        word(inside).1
    } else if let Some((_, used)) = iso(inside) {
        let rest = inside.get(used..)?.strip_prefix(b" ")?;
        let (sub, rest) = if rest.starts_with(b"'") { quoted_sub(rest)? } else { thread_sub(rest)? };
        fields.push(("sub", sub));
        rest
    } else {
        let (sub, rest) = thread_sub(inside)?;
        fields.push(("sub", sub));
        rest
    };
    pairs_into(pairs, &mut fields);
    Some(fields)
}

/// `F6417B90 info 'sub' rest`.
fn thread_sub(text: &[u8]) -> Option<(&[u8], &[u8])> {
    thread_level(text)?;
    quoted_sub(word(word(text).1).1)
}

/// `'sub' rest`; a subsystem with a quote in it (a VM's path) ends at the last `'` before a key or the end.
fn quoted_sub(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"'")?;
    let mut end = None;
    for at in memchr::memchr_iter(b'\'', inside) {
        let rest = inside.get(at + 1..)?;
        if rest.is_empty() || key_at(rest).is_some() {
            end = Some(at);
            break;
        }
        end = end.or(Some(at));
    }
    let end = end?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

/// The keys that may stand in a bracket, as they are reported.
const KEYS: [(&str, &str); 14] = [
    ("sub", "sub"),
    ("item", "item"),
    ("req", "req"),
    ("opID", "opID"),
    ("opId", "opID"),
    ("sid", "sid"),
    ("user", "user"),
    ("update", "update"),
    ("reason", "reason"),
    ("threadId", "thread"),
    ("threadName", "thread-name"),
    // What the syslog of release 8 adds to a message that it cut.
    ("msgModified", "modified"),
    ("remoteHostMaxMsgLen", "longest"),
    ("originalLen", "length"),
];

/// ` key=` at the start of a text: the key and the bytes used.
fn key_at(text: &[u8]) -> Option<(&'static str, usize)> {
    let rest = text.strip_prefix(b" ")?;
    KEYS.iter().find_map(|(written, reported)| {
        let tail = rest.strip_prefix(written.as_bytes())?;
        tail.starts_with(b"=").then_some((*reported, written.len() + 2))
    })
}

/// Reads `key=value key=value`; a value ends where the next known key begins, since it may hold blanks.
fn pairs_into<'a>(text: &'a [u8], fields: &mut Vec<(&'static str, &'a [u8])>) {
    // The first key has no blank before it where the text starts with it.
    let mut starts: Vec<(&'static str, usize, usize)> = Vec::new();
    let first = KEYS.iter().find_map(|(written, reported)| {
        let tail = text.strip_prefix(written.as_bytes())?;
        tail.starts_with(b"=").then_some((*reported, 0, written.len() + 1))
    });
    starts.extend(first);
    for at in memchr::memchr_iter(b' ', text) {
        if let Some((key, used)) = text.get(at..).and_then(key_at) {
            starts.push((key, at, at + used));
        }
    }
    for (index, (key, _, from)) in starts.iter().enumerate() {
        let until = starts.get(index + 1).map_or(text.len(), |next| next.1);
        let value = text.get(*from..until).unwrap_or_default();
        fields.push((key, unquoted(value)));
    }
}

/// Takes the quotes off: `"x"`, the doubled `""x""` of some exporters, and curly ones.
fn unquoted(value: &[u8]) -> &[u8] {
    for (open, close) in [(&b"\"\""[..], &b"\"\""[..]), (b"\"", b"\""), ("\u{201d}".as_bytes(), "\u{201d}".as_bytes())] {
        if value.len() >= open.len() + close.len()
            && let Some(inside) = value.strip_prefix(open).and_then(|it| it.strip_suffix(close))
        {
            return inside;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;

    use super::{DIALECTS, Glance, Head};

    /// Reads a line with the one dialect that claims it.
    #[track_caller]
    fn head(line: &str) -> Head<'_> {
        let dialect = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).unwrap();
        (dialect.open)(&(dialect.glance)(line.as_bytes()).unwrap())
    }

    #[track_caller]
    fn check(line: &str, component: &str, op_id: Option<&str>, message: &str) {
        let head = head(line);
        let op_id_seen = head.op_id.map(|it| it.to_str().unwrap());
        assert_eq!(
            (head.component.to_str().unwrap(), op_id_seen, head.message.to_str().unwrap()),
            (component, op_id, message),
            "{line}"
        );
    }

    #[test]
    fn brackets_may_hold_brackets_and_blanks() {
        check("2022-01-01T00:00:00.000Z info vpxd[04154] [Originator@6876 sub=[SSO][SsoAdminServiceImpl] opID=a-1] [x] y", "[SSO][SsoAdminServiceImpl]", Some("a-1"), "[x] y");
        check("2022-01-01T00:00:00.000Z info hostd[2100] [Originator@6876 sub=Handle checker] Setting", "Handle checker", None, "Setting");
        check("2022-01-01T00:00:00.000Z info hostd[2100] [Originator@6876 sub=Vmsvc.vm:/vmfs/volumes/d/A [old] (1)/A.vmx opID=z9] text", "Vmsvc.vm:/vmfs/volumes/d/A [old] (1)/A.vmx", Some("z9"), "text");
        check("2022-01-01T00:00:00.000Z info hostd[2100] [Originator@6876 sub=Vmsvc.vm:/vmfs/volumes/d/A[1/A.vmx opID=z9] text", "Vmsvc.vm:/vmfs/volumes/d/A[1/A.vmx", Some("z9"), "text");
        check("2016-01-01T00:00:00.000Z info hostd[3B4C1B70] [Originator@6876 sub=vm:VigorExecVMXExCommon: Exec()'ing /bin/vmx /vmfs/volumes/v/a.vmx opID=bcc7 user=root]", "vm:VigorExecVMXExCommon", Some("bcc7"), "Exec()'ing /bin/vmx /vmfs/volumes/v/a.vmx");
        check("2012-01-01T00:00:00.000Z [F5A5AB90 info 'vm:/vmfs/volumes/4d/It's mine/x.vmx' opID=F6-d] t", "vm:/vmfs/volumes/4d/It's mine/x.vmx", Some("F6-d"), "t");
        check("2025-06-04T17:06:21.349Z INFO vpxd 20973 [Originator@4413 sub=\"ServiceAccount\" opID=\"S-5a\"] t", "ServiceAccount", Some("S-5a"), "t");
    }

    #[test]
    fn users_may_be_nobody_or_hold_a_backslash() {
        let line = "2020-07-28T09:11:46.464Z info hostd[11148975] [Originator@6876 sub=Default opID=sps-1 user=vpxuser:VSPHERE.LOCAL\\vpxd-extension-5f67] x";
        assert_eq!(head(line).user.unwrap(), b"vpxuser:VSPHERE.LOCAL\\vpxd-extension-5f67");
        let line = "2020-07-28T09:11:46.464Z info hostd[11148975] [Originator@6876 sub=Default user=vpxuser:<no user>] x";
        assert_eq!(head(line).user.unwrap(), b"vpxuser:<no user>");
    }

    #[test]
    fn old_heads_behind_new_ones_and_old_releases() {
        let glance = Glance::new(None, b"Hostd", b"info -[1001] [Originator@6876 sub=Default] Supported VMs 640");
        let head = super::open(&glance);
        assert_eq!((head.program, head.message), (&b"Hostd"[..], &b"Supported VMs 640"[..]));
        check("[2012-04-16 20:35:04.594 F6417B90 info 'ha-eventmgr'] Event 35 : x", "ha-eventmgr", None, "Event 35 : x");
        check("[2008-05-07 09:50:04.857 'ProxySvc Req00588' 3136 trivia] Client error", "ProxySvc Req00588", None, "Client error");
    }

    #[test]
    fn vsan_names_the_function() {
        check("2021-06-16T14:59:52.362Z info vsand[1000083783] [opID=MainThread VsanMgmtSvcMain::_PatchPyVmomi] x", "VsanMgmtSvcMain::_PatchPyVmomi", Some("MainThread"), "x");
        check("2022-06-02T12:26:24.319Z INFO vsan-mgmt[16622] [VsanVc::Query opID=21fcddd1] x", "VsanVc::Query", Some("21fcddd1"), "x");
        check("2022-06-02T12:26:24.319Z info vsand[1] [opID=ab user=ann] x", "", Some("ab"), "x");
    }

    #[test]
    fn a_message_in_brackets_is_not_a_head() {
        check("2022-01-01T00:00:00.000Z info hostd[2100] [root]: vim-cmd vmsvc/getallvms", "", None, "[root]: vim-cmd vmsvc/getallvms");
    }
}
