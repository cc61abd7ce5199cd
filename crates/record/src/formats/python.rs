//! The Python services of a vCenter Server: `applmgmt.log`, `vapi` of the appliance, `imageService.log`.
//!
//! Tracebacks follow without a head.

use esxray_model::{FormatName, Level};

use super::{Dialect, Glance, Head, Joins, Kin, STAMP_BRACKET, STAMP_MARK, STAMP_TEXT, WORD, plain, word};
use crate::Certainty;
use crate::stamp::{Stamp, iso};

/// Bytes that the name of a program may have in front of the stamp.
const LONGEST_NAME: usize = 40;

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "python",
        format: Some(FormatName::VcService),
        other: FormatName::VcService,
        kin: Kin::Vcenter,
        opens: STAMP_BRACKET | STAMP_TEXT,
        glance,
        claims: |line| glance(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "2015-04-24T21:09:29.296 [25376]INFO:somemodule:Something very informative.",
            "2022-06-01T13:23:25.515 [2376]DEBUG:vmware.vherd.base.detwist:method = com.vmware.appliance.version1.networking.interfaces.list, args = ()",
            "2023-07-19T02:47:11 AM UTC [1670]DEBUG:firewall-reload:Processing system service 'sshd' firewall rules.",
        ],
    },
    Dialect {
        generation: "applmgmt-audit",
        format: Some(FormatName::VcService),
        other: FormatName::VcService,
        kin: Kin::Vcenter,
        opens: STAMP_MARK,
        glance: glance_audit,
        claims: |line| glance_audit(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &["2021-09-06T14:40:05.753: INFO AuthorizationResponse = { authorized=True, method=LOCAL }"],
    },
    Dialect {
        generation: "named",
        format: Some(FormatName::VcService),
        other: FormatName::VcService,
        kin: Kin::Vcenter,
        opens: WORD,
        glance: glance_named,
        claims: |line| glance_named(line).is_some(),
        open,
        joins: Joins::Text,
        samples: &[
            "HsmService:2021-05-19 17:36:35,978[MainThread]hsmService:737 [INFO] HSM Service is initialized",
            "ImageService: 139853338433792: 2021-05-19 17:36:35,675 imageService:769 INFO Image service is initialized",
        ],
    },
];

/// `2022-06-01T13:23:25.515 [2376]DEBUG:module:text`; some write `02:47:11 AM UTC`.
fn glance(line: &[u8]) -> Option<Glance<'_>> {
    let (mut stamp, used) = iso(line)?;
    let mut rest = line.get(used..)?.strip_prefix(b" ")?;
    if let Some((half, behind)) = rest.split_at_checked(2)
        && let Some(behind) = behind.strip_prefix(b" UTC ")
    {
        stamp = twelve_hours(stamp, half)?;
        rest = behind;
    }
    let inside = rest.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inside)?;
    let process = inside.get(..end).filter(|it| !it.is_empty() && it.iter().all(u8::is_ascii_digit))?;
    let rest = inside.get(end + 1..)?;
    let colon = memchr::memchr(b':', rest)?;
    let mut glance = Glance::new(Some(stamp), process, rest.get(colon + 1..)?);
    glance.level = Some(Level::from_word(rest.get(..colon)?)?);
    Some(glance)
}

/// Turns a clock of twelve hours into one of twenty-four; the zone was UTC.
fn twelve_hours(stamp: Stamp, half: &[u8]) -> Option<Stamp> {
    const HOURS: i64 = 3600;
    let noon = stamp.time.is_some_and(|time| time.as_micros().rem_euclid(86_400_000_000) / 3_600_000_000 == 12);
    let moved = match (half, noon) {
        (b"AM", false) | (b"PM", true) => 0,
        (b"PM", false) => 12 * HOURS,
        (b"AM", true) => -12 * HOURS,
        _ => return None,
    };
    Some(Stamp { time: stamp.time.map(|time| time.plus_seconds(moved)), certainty: Certainty::Full })
}

/// `2021-09-06T14:40:05.753: INFO text`.
fn glance_audit(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let (name, body) = word(line.get(used..)?.strip_prefix(b": ")?);
    let mut glance = Glance::new(Some(stamp), b"", body);
    glance.level = Some(Level::from_word(name)?);
    Some(glance)
}

/// Whether a stamp may stand behind the first colon of a line.
pub(super) fn may_be_named(line: &[u8]) -> bool {
    let end = memchr::memchr(b':', line.get(..LONGEST_NAME).unwrap_or(line));
    let behind = end.and_then(|end| line.get(end + 1..)).unwrap_or_default();
    matches!(behind, [b'0'..=b'9', ..] | [b' ', b'0'..=b'9', ..])
}

/// The program first, then the stamp: `HsmService:stamp[thread]file:line [LEVEL] text`,
/// `ImageService: thread: stamp file:line LEVEL text`.
fn glance_named(line: &[u8]) -> Option<Glance<'_>> {
    let end = memchr::memchr(b':', line.get(..LONGEST_NAME).unwrap_or(line))?;
    let (name, rest) = (line.get(..end)?, line.get(end + 1..)?);
    if name.is_empty() || !name.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let rest = match rest.strip_prefix(b" ") {
        Some(rest) => {
            let (thread, rest) = word(rest);
            let digits = thread.strip_suffix(b":")?;
            rest.get(..).filter(|_| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))?
        }
        None => rest,
    };
    let (stamp, used) = iso(rest)?;
    let rest = rest.get(used..)?;
    let rest = match rest.strip_prefix(b"[") {
        Some(inside) => inside.get(memchr::memchr(b']', inside)? + 1..)?,
        None => rest.strip_prefix(b" ")?,
    };
    let (place, rest) = word(rest);
    memchr::memchr(b':', place)?;
    let (level, _) = word(rest);
    let level = Level::from_word(level.strip_prefix(b"[").and_then(|it| it.strip_suffix(b"]")).unwrap_or(level))?;
    let from = line.len() - rest.len() - place.len() - 1;
    let mut glance = Glance::new(Some(stamp), name, line.get(from..)?);
    glance.level = Some(level);
    Some(glance)
}

/// The module is the component: `module:text`, `module:737 [INFO] text`, or plain text.
fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { component: b"", ..plain(glance) };
    if glance.who.iter().all(u8::is_ascii_digit) {
        head.fields.extend(Some(("process", glance.who)).filter(|it| !it.1.is_empty()));
    } else {
        head.program = glance.who;
    }
    let fits = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let length = glance.body.iter().take_while(fits).count();
    let (module, rest) = glance.body.split_at(length);
    let Some(rest) = rest.strip_prefix(b":").filter(|_| length > 0) else { return head };
    if glance.who.is_empty() {
        return head;
    }
    head.component = module;
    head.message = rest;
    if !head.program.is_empty() {
        let (number, rest) = word(rest);
        head.fields.push(("line", number));
        head.message = word(rest).1;
    }
    head
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;
    use esxray_model::Level;

    use super::DIALECTS;

    /// Time, component, level and message.
    #[track_caller]
    fn check(line: &str, expected: (&str, &str, Level, &str)) {
        let dialect = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).unwrap();
        let head = (dialect.open)(&(dialect.glance)(line.as_bytes()).unwrap());
        let time = head.stamp.unwrap().time.unwrap().to_string();
        let seen = (&time[..], head.component.to_str().unwrap(), head.level.unwrap(), head.message.to_str().unwrap());
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn every_pattern_gives_module_and_level() {
        check("2015-04-24T21:09:29.296 [25376]WARNING:some.module:a:b", ("2015-04-24T21:09:29.296Z", "some.module", Level::Warning, "a:b"));
        check("2021-09-06T14:40:05.753: INFO Authorization: x", ("2021-09-06T14:40:05.753Z", "", Level::Info, "Authorization: x"));
        check("HsmService:2021-05-19 17:36:35,978[MainThread]hsmService:737 [ERROR] no HSM", ("2021-05-19T17:36:35.978Z", "hsmService", Level::Error, "no HSM"));
        check("ImageService: 139853338433792: 2021-05-19 17:36:35,675 imageService:769 INFO Image", ("2021-05-19T17:36:35.675Z", "imageService", Level::Info, "Image"));
    }

    #[test]
    fn a_clock_of_twelve_hours() {
        for (clock, time) in [("12:00:01 AM", "00:00:01"), ("02:47:11 AM", "02:47:11"), ("12:30:00 PM", "12:30:00"), ("11:59:59 PM", "23:59:59")] {
            check(&format!("2023-07-19T{clock} UTC [1]DEBUG:m:x"), (&format!("2023-07-19T{time}.000Z"), "m", Level::Verbose, "x"));
        }
        assert!(DIALECTS.iter().all(|it| (it.glance)(b"2023-07-19T02:47:11 XX UTC [1]DEBUG:m:x").is_none()));
    }

    #[test]
    fn text_that_begins_with_a_word_and_a_colon() {
        for text in ["Caused by: x", "Error: 1: text", "ImageService: x: 2021-05-19 17:36:35,675 a:1 INFO b", "http://x/2021"] {
            assert!(DIALECTS.iter().all(|it| (it.glance)(text.as_bytes()).is_none()), "{text}");
        }
    }
}
