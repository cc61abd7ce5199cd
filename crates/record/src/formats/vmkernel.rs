//! `vmkernel.log` and `vmkwarning.log` of releases 5 to 7, and what a purple screen or a core dump leaves of them.
//!
//! Older and newer releases have the syslog daemon write them, see `host` and `syslog`.

use esxray_model::{FormatName, Level};

use super::{DIGIT, Dialect, Glance, Head, Joins, Kin, STAMP_TEXT, plain, word};
use crate::stamp::iso;

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "5",
        format: Some(FormatName::Vmkernel),
        other: FormatName::Vmkernel,
        kin: Kin::Kernel,
        opens: STAMP_TEXT,
        glance,
        claims: |line| glance(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "2020-06-29T01:10:00.381Z cpu50:2151680)ALERT: hostd detected to be non-responsive",
            "2014-11-14T19:19:51.559Z cpu7:35233)VC: 2002: Device rescan time 704 msec (total number of devices 91)",
            "2022-06-02T02:16:57.414Z cpu31:1001392590 opID=827cfaf)<unk>: UWVMKSyscall: ForkExec:2408: hostd-worker: Found params <group=hostd-tmp,mem=10>",
            "2012-11-12T13:23:58.973Z cpu5:4132)<6>qla2xxx 0000:15:00.2: scsi(1:1:2): Abort command succeeded -- 1 252956.",
            // A line break was lost: nothing tells the second record from text that quotes one.
            "2012-11-12T13:23:50.765Z cpu2:5000)ALERT: ScsiDeviceIO: 3081: Failed write command to write-quiesced partition naa.600:1 2012-11-12T13:23:50.765Z cpu2:5000)ScsiDeviceIO: 2291: Cmd(0x4124011f9b40) 0x28",
        ],
    },
    Dialect {
        generation: "psod",
        format: Some(FormatName::Vmkernel),
        other: FormatName::Vmkernel,
        kin: Kin::Kernel,
        opens: DIGIT,
        glance: glance_uptime,
        claims: |line| glance_uptime(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "0:01:39:57.763 cpu1:4553)Code start: 0x418000600000 VMK uptime: 0:01:39:57.763",
            "17:19:52:55.580 cpu7:4182)BC: 3837: Failed to flush 45 buffers of size 8192 each",
        ],
    },
];

fn glance(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let body = line.get(used..)?.strip_prefix(b" ")?;
    let mut glance = Glance::new(Some(stamp), b"", body);
    glance.level = Some(level(place(body)?.text).0);
    Some(glance)
}

/// A purple screen has no clock but the time since the boot.
fn glance_uptime(line: &[u8]) -> Option<Glance<'_>> {
    uptime(line)?;
    let mut glance = Glance::new(None, b"", line);
    glance.level = Some(level(place(line)?.text).0);
    Some(glance)
}

pub(super) fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { program: b"", component: b"", ..plain(glance) };
    read(glance.body, &mut head);
    head
}

/// Where a line came from: `0:01:39:57.763 cpu1:4553 opID=ab)`.
struct Place<'a> {
    uptime: Option<&'a [u8]>,
    cpu: &'a [u8],
    world: &'a [u8],
    op_id: Option<&'a [u8]>,
    text: &'a [u8],
}

/// Reads `cpu50:2151680 opID=ab)text`, with or without the time since the boot in front.
fn place(body: &[u8]) -> Option<Place<'_>> {
    let (uptime, rest) = match uptime(body) {
        Some((uptime, rest)) => (Some(uptime), rest),
        None => (None, body),
    };
    let (cpu, rest) = blotted_number(rest.strip_prefix(b"cpu")?)?;
    let (world, rest) = blotted_number(rest.strip_prefix(b":")?)?;
    let (op_id, text) = match rest.strip_prefix(b" opID=") {
        Some(rest) => {
            let end = memchr::memchr(b')', rest)?;
            (rest.get(..end), rest.get(end + 1..)?)
        }
        None => (None, rest.strip_prefix(b")")?),
    };
    // Some lines have a blank here, most have none.
    Some(Place { uptime, cpu, world, op_id, text: text.strip_prefix(b" ").unwrap_or(text) })
}

/// Digits at the start of a text, and what follows them.
fn number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| text.split_at(digits))
}

/// As [`number`], or what somebody put over one: `##`, `<ID>`.
fn blotted_number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const LONGEST: usize = 16;
    let length = match text.first()? {
        b'#' => text.iter().take_while(|byte| **byte == b'#').count(),
        b'<' => memchr::memchr(b'>', text.get(..LONGEST).unwrap_or(text))? + 1,
        _ => return number(text),
    };
    Some(text.split_at(length))
}

/// `0:01:39:57.763 ` (days, hours, minutes, seconds) or `TSC: 1899066536 `: the time since the boot.
fn uptime(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(rest) = text.strip_prefix(b"TSC: ") {
        let (ticks, rest) = number(rest)?;
        return Some((ticks, rest.strip_prefix(b" ")?));
    }
    let (days, rest) = number(text.get(..6).unwrap_or(text))?;
    if !rest.starts_with(b":") {
        return None;
    }
    let shape: &[u8; 14] = text.get(days.len()..)?.first_chunk()?;
    let [b':', _, _, b':', _, _, b':', _, _, b'.', a, b, c, b' '] = shape else { return None };
    let sound = [a, b, c].iter().all(|byte| byte.is_ascii_digit());
    let end = days.len() + shape.len();
    sound.then(|| text.split_at(end)).map(|(uptime, rest)| (uptime.trim_ascii_end(), rest))
}

/// The level that stands in front of a text, and the text behind it: `WARNING: `, `ALERT: `, `<6>`, `<unk>: `.
fn level(text: &[u8]) -> (Level, &[u8]) {
    let (level, text) = if let Some(rest) = text.strip_prefix(b"WARNING: ") {
        (Level::Warning, rest)
    } else if let Some(rest) = text.strip_prefix(b"ALERT: ") {
        (Level::Panic, rest)
    } else if let [b'<', digit @ b'0'..=b'7', b'>', rest @ ..] = text {
        // What a driver made for Linux gave to `printk`.
        let level = match digit {
            b'0'..=b'2' => Level::Panic,
            b'3' => Level::Error,
            b'4' => Level::Warning,
            b'5' => Level::Notice,
            b'6' => Level::Info,
            _ => Level::Verbose,
        };
        (level, rest)
    } else {
        (Level::Info, text)
    };
    (level, text.strip_prefix(b"<unk>: ").unwrap_or(text))
}

/// The level of a line of the kernel where no letters say it; `None` for another program.
pub(super) fn level_of(who: &[u8], body: &[u8]) -> Option<Level> {
    matches!(who, b"vmkernel" | b"vmkwarning" | b"vmkalert").then(|| level(place(body).map_or(body, |it| it.text)).0)
}

/// Whether a body begins with time, CPU and world; without them it goes on with a line of ESX 3 or 4.
pub(super) fn has_place(body: &[u8]) -> bool {
    place(body).is_some()
}

/// Reads what follows the program.
///
/// The message begins with the module, which is the component too: `ScsiDeviceIO: 2309: Cmd(…`.
/// Level, CPU and world stand before it.
pub(super) fn read<'a>(body: &'a [u8], head: &mut Head<'a>) {
    let mut text = body;
    if let Some(place) = place(body) {
        head.fields.extend(place.uptime.map(|it| ("uptime", it)));
        head.fields.extend([("cpu", place.cpu), ("world", place.world)]);
        head.op_id = place.op_id;
        text = place.text;
    }
    let (level, message) = level(text);
    // Letters say less than the text: they know no more than what it says too.
    head.level = Some(head.level.map_or(level, |letters| letters.max(level)));
    head.message = message;
    if let Some((module, rest)) = module(message) {
        head.component = module;
        if let Some(instance) = rest.strip_prefix(b"[").and_then(|it| it.get(..memchr::memchr(b']', it)?)) {
            head.fields.push(("instance", instance));
        }
        let line = rest.strip_prefix(b": ").and_then(number).filter(|it| it.1.starts_with(b":"));
        head.fields.extend(line.map(|it| ("line", it.0)));
    }
}

/// The module at the start of a message, and what follows its name.
///
/// `ScsiDeviceIO: 2309: `, `vmw_ahci[0000001f]: `, `vmnic0 : `, `lpfc820 0000:02:00.2: `; any other text has none.
fn module(message: &[u8]) -> Option<(&[u8], &[u8])> {
    const LONGEST: usize = 48;
    let fits = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = message.iter().take(LONGEST).take_while(fits).count();
    let (name, rest) = message.split_at(length);
    let address = || {
        let (address, _) = word(rest.strip_prefix(b" ")?);
        let shape: &[u8; 13] = address.first_chunk()?;
        Some(shape.get(4) == Some(&b':') && shape.get(7) == Some(&b':') && shape.last() == Some(&b':'))
    };
    let named = rest.starts_with(b":")
        || rest.starts_with(b" : ")
        || (rest.starts_with(b"[") && memchr::memmem::find(rest.get(..LONGEST).unwrap_or(rest), b"]: ").is_some())
        || address() == Some(true);
    (named && name.first().is_some_and(u8::is_ascii_alphabetic)).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;
    use esxray_model::Level;

    use super::DIALECTS;

    /// Component, level and message; then the fields.
    #[track_caller]
    fn check(line: &str, head: (&str, Level, &str), fields: &[(&str, &str)]) {
        let dialect = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).unwrap();
        let glance = (dialect.glance)(line.as_bytes()).unwrap();
        let seen = (dialect.open)(&glance);
        assert_eq!(glance.level, seen.level, "a first look knows the level: {line}");
        assert_eq!((seen.component.to_str().unwrap(), seen.level.unwrap(), seen.message.to_str().unwrap()), head, "{line}");
        let seen: Vec<(&str, &str)> = seen.fields.iter().map(|it| (it.0, it.1.to_str().unwrap())).collect();
        assert_eq!(seen, fields, "{line}");
    }

    #[test]
    fn module_level_and_place() {
        check(
            "2012-11-01T04:12:00.960Z cpu17:4113)ScsiDeviceIO: 2309: Cmd(0x41244109c100) 0x28, CmdSN 0x6c from world 12535 to dev \"naa.600\" failed H:0xb D:0x0 P:0x0",
            ("ScsiDeviceIO", Level::Info, "ScsiDeviceIO: 2309: Cmd(0x41244109c100) 0x28, CmdSN 0x6c from world 12535 to dev \"naa.600\" failed H:0xb D:0x0 P:0x0"),
            &[("cpu", "17"), ("world", "4113"), ("line", "2309")],
        );
        check(
            "2012-07-20T04:34:19.377Z cpu22:6518)WARNING: Heap: 2900: Heap_Align(vmfs3) failed.",
            ("Heap", Level::Warning, "Heap: 2900: Heap_Align(vmfs3) failed."),
            &[("cpu", "22"), ("world", "6518"), ("line", "2900")],
        );
        check(
            "2020-06-29T01:10:00.381Z cpu50:2151680)ALERT: hostd detected to be non-responsive",
            ("", Level::Panic, "hostd detected to be non-responsive"),
            &[("cpu", "50"), ("world", "2151680")],
        );
        check(
            "2022-06-02T02:16:57.414Z cpu31:1001392590 opID=827cfaf)<unk>: UWVMKSyscall: ForkExec:2408: hostd-worker: Found",
            ("UWVMKSyscall", Level::Info, "UWVMKSyscall: ForkExec:2408: hostd-worker: Found"),
            &[("cpu", "31"), ("world", "1001392590")],
        );
    }

    #[test]
    fn drivers() {
        check(
            "2012-11-12T13:23:58.973Z cpu5:4132)<3>qla2xxx 0000:15:00.2: scsi(1:1:2): Abort",
            ("qla2xxx", Level::Error, "qla2xxx 0000:15:00.2: scsi(1:1:2): Abort"),
            &[("cpu", "5"), ("world", "4132")],
        );
        check(
            "2022-11-12T13:23:58.973Z cpu5:4132)vmw_ahci[0000001f]: CompletionBottomHalf:Error port=0",
            ("vmw_ahci", Level::Info, "vmw_ahci[0000001f]: CompletionBottomHalf:Error port=0"),
            &[("cpu", "5"), ("world", "4132"), ("instance", "0000001f")],
        );
        check(
            "2012-08-30T05:42:07.494Z cpu9:4105)vmnic0 : 02:00.0 Link Down",
            ("vmnic0", Level::Info, "vmnic0 : 02:00.0 Link Down"),
            &[("cpu", "9"), ("world", "4105")],
        );
        check(
            "2012-08-30T05:42:17.496Z cpu18:4759) rport-0:0-3: blocked FC remote port time out",
            ("rport-0", Level::Info, "rport-0:0-3: blocked FC remote port time out"),
            &[("cpu", "18"), ("world", "4759")],
        );
    }

    #[test]
    fn a_purple_screen_has_no_clock() {
        check(
            "0:01:39:57.763 cpu1:4553)Code start: 0x418000600000",
            ("", Level::Info, "Code start: 0x418000600000"),
            &[("uptime", "0:01:39:57.763"), ("cpu", "1"), ("world", "4553")],
        );
    }

    #[test]
    fn near_misses() {
        for text in [
            "2020-06-29T01:10:00.381Z cpu:2151680)ALERT: x",
            "2020-06-29T01:10:00.381Z cpu5:x)ALERT: x",
            "2020-06-29T01:10:00.381Z cpu5:1 opID=ab",
            "0:01:39:57 cpu1:4553)x",
            "0:01:39:57.763 x",
        ] {
            assert!(DIALECTS.iter().all(|it| (it.glance)(text.as_bytes()).is_none()), "{text}");
        }
    }
}
