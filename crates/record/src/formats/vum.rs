//! `vmware-vum-server-log4cpp.log`: the update manager of a vCenter Server before it took the logger of `vpxd`.

use esxray_model::{FormatName, Level};

use super::{BRACKET, Dialect, Glance, Head, Joins, Kin, plain, word};
use crate::stamp::{Stamp, iso};

pub(crate) static DIALECTS: &[Dialect] = &[Dialect {
    generation: "log4cpp",
    format: Some(FormatName::Vum),
    other: FormatName::Vum,
    kin: Kin::Vcenter,
    opens: BRACKET,
    glance,
    claims: |line| glance(line).is_some(),
    open,
    joins: Joins::Text,
    samples: &[
        "[2020-05-26 19:46:43:259 'ConfigurationMgr' 139700477753600 INFO]  [configurationMgr, 155] Configuration manager created...vcidbInit",
        "[2020-05-26 19:46:43:300 'Activation' 139700477753600 ERROR]  [activationValidator, 368] Failed to validate",
    ],
}];

/// A stamp with its milliseconds behind a colon: `2020-05-26 19:46:43:259`.
fn stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    const LENGTH: usize = 23;
    let shape: &[u8; LENGTH] = text.first_chunk()?;
    let mut dotted = *shape;
    let colon = dotted.get_mut(19).filter(|byte| **byte == b':')?;
    *colon = b'.';
    // A `Z` behind it is another digit's place: it is looked at apart.
    let (stamp, used) = iso(&dotted)?;
    let rest = text.get(LENGTH..).filter(|_| used == LENGTH)?;
    match rest.strip_prefix(b"Z") {
        Some(rest) => Some((Stamp { certainty: crate::Certainty::Full, ..stamp }, rest)),
        None => Some((stamp, rest)),
    }
}

fn glance(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, rest) = stamp(line.strip_prefix(b"[")?)?;
    let body = rest.strip_prefix(b" ")?;
    let parts = parts(body)?;
    let mut glance = Glance::new(Some(stamp), b"", body);
    glance.level = Some(parts.level);
    Some(glance)
}

/// What follows the stamp: `'ConfigurationMgr' 139700477753600 INFO]  [configurationMgr, 155] text`.
struct Parts<'a> {
    category: &'a [u8],
    thread: &'a [u8],
    level: Level,
    text: &'a [u8],
}

fn parts(text: &[u8]) -> Option<Parts<'_>> {
    let inside = text.strip_prefix(b"'")?;
    let end = memchr::memchr(b'\'', inside)?;
    let (thread, rest) = word(inside.get(end + 1..)?.strip_prefix(b" ")?);
    let (name, rest) = word(rest);
    let level = Level::from_word(name.strip_suffix(b"]").unwrap_or(name))?;
    Some(Parts { category: inside.get(..end)?, thread, level, text: rest.trim_ascii_start() })
}

fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { component: b"", ..plain(glance) };
    fill(glance.body, &mut head);
    head
}

fn fill<'a>(text: &'a [u8], head: &mut Head<'a>) {
    let Some(parts) = parts(text) else { return };
    head.component = parts.category;
    head.level = Some(parts.level);
    head.fields.push(("thread", parts.thread));
    head.message = parts.text;
}

/// Reads what follows the program in a syslog, `2021-09-06T14:40:25:001Z 'Activation' 140154046465792 INFO  text`;
/// `false` where the body is something else.
pub(super) fn read<'a>(body: &'a [u8], head: &mut Head<'a>) -> bool {
    let Some((_, rest)) = stamp(body.trim_ascii_start()) else { return false };
    let Some(text) = rest.strip_prefix(b" ").filter(|text| parts(text).is_some()) else { return false };
    fill(text, head);
    true
}

#[cfg(test)]
mod tests {
    use esxray_model::Level;

    use super::super::{Glance, program};
    use super::DIALECTS;

    #[test]
    fn milliseconds_behind_a_colon() {
        let line = b"[2020-05-26 19:46:43:259 'ConfigurationMgr' 139700477753600 ERROR]  [configurationMgr, 155] text";
        let head = (DIALECTS[0].open)(&(DIALECTS[0].glance)(line).unwrap());
        assert_eq!(head.stamp.unwrap().time.unwrap().to_string(), "2020-05-26T19:46:43.259Z");
        assert_eq!((head.component, head.level), (&b"ConfigurationMgr"[..], Some(Level::Error)));
        assert_eq!(head.message, b"[configurationMgr, 155] text");
    }

    #[test]
    fn behind_a_syslog_head() {
        let body = b"2021-09-06T14:40:25:001Z 'Activation' 140154046465792 WARN  [activationValidator, 368] Leave";
        let head = program::open(&Glance::new(None, b"updatemgr", body));
        assert_eq!((head.component, head.level), (&b"Activation"[..], Some(Level::Warning)));
        assert_eq!(head.message, b"[activationValidator, 368] Leave");
        let head = program::open(&Glance::new(None, b"updatemgr", b"[Originator@6876 sub=Libs] text"));
        assert_eq!((head.component, head.message), (&b"Libs"[..], &b"text"[..]));
    }
}
