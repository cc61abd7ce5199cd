//! Events of a vCenter Server as its syslog forwards them.

use esxray_model::Level;

use super::Head;

/// The brackets of an event before its text: key, chain, time, type, severity, user, datacenter, key.
const BRACKETS: usize = 8;

/// Reads `Event [575792] [1-1] [2021-09-06T14:40:13.26309Z] [vim.event.X] [info] [user] [] [575792] [text]`.
///
/// The type is the component; the message stays whole, because the last bracket may not end on this line.
/// `false` where the body is no event.
pub(super) fn read<'a>(body: &'a [u8], head: &mut Head<'a>) -> bool {
    let Some(parts) = parts(body) else { return false };
    let [key, chain, _time, kind, severity, user, datacenter, _key] = parts;
    head.component = kind;
    head.level = level(severity).or(head.level);
    head.user = Some(user).filter(|it| !it.is_empty());
    head.fields.extend([("event", key), ("chain", chain)]);
    head.fields.extend(Some(("datacenter", datacenter)).filter(|it| !it.1.is_empty()));
    true
}

fn parts(body: &[u8]) -> Option<[&[u8]; BRACKETS]> {
    let mut rest = body.trim_ascii_start().strip_prefix(b"Event ")?;
    let mut parts: [&[u8]; BRACKETS] = [b""; BRACKETS];
    for part in &mut parts {
        let inside = rest.strip_prefix(b"[")?;
        let end = memchr::memmem::find(inside, b"] ")?;
        *part = inside.get(..end)?;
        rest = inside.get(end + 2..)?;
    }
    Some(parts)
}

/// The category of an event: `info`, `warning`, `error` or `user`.
fn level(severity: &[u8]) -> Option<Level> {
    if severity == b"user" { Some(Level::Notice) } else { Level::from_word(severity) }
}

#[cfg(test)]
mod tests {
    use esxray_model::Level;

    use super::super::{Glance, program};

    #[test]
    fn an_event_and_what_only_begins_like_one() {
        let body = b"Event [575800] [1-1] [2021-09-06T14:40:29.187973Z] [vim.event.GeneralHostWarningEvent] [warning] [LAB\\ann] [Lab] [575800] [Issue detected on esx01.lab.example";
        let head = program::open(&Glance::new(None, b"vpxd", body));
        assert_eq!((head.component, head.level), (&b"vim.event.GeneralHostWarningEvent"[..], Some(Level::Warning)));
        assert_eq!((head.user, head.message), (Some(&b"LAB\\ann"[..]), &body[..]));
        assert_eq!(head.fields, [("event", &b"575800"[..]), ("chain", b"1-1"), ("datacenter", b"Lab")]);
        let head = program::open(&Glance::new(None, b"vpxd", b"Event [575800] [1-1] text"));
        assert_eq!((head.component, head.fields.len()), (&b""[..], 0));
    }
}
