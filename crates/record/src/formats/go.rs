//! The services of a vCenter Server that are written in Go: `wcpsvc.log`, `vlcm`.

use esxray_model::{FormatName, Level};

use super::{Dialect, Glance, Head, Joins, Kin, STAMP_TEXT, plain, word};
use crate::stamp::iso;

pub(crate) static DIALECTS: &[Dialect] = &[Dialect {
    generation: "go",
    format: Some(FormatName::VcService),
    other: FormatName::VcService,
    kin: Kin::Vcenter,
    opens: STAMP_TEXT,
    glance,
    claims: |line| glance(line).is_some(),
    open,
    joins: Joins::Text,
    samples: &[
        "2022-06-02T12:25:11.537Z info wcp [eamagency/util.go:148] [opID=vCLS] Going to read service config",
        "2022-06-02T10:54:45.001Z debug wcp [auth/session.go:156] Removing expired sessions",
        // The fraction is as long as it happens to be.
        "2023-07-19T03:05:15.97Z error vlcm [serviceconfig/config.go:377] Getting timeout properties",
    ],
}];

/// `info wcp [eamagency/util.go:148] [opID=vCLS] text`.
fn glance(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let (name, rest) = word(line.get(used..)?.strip_prefix(b" ")?);
    let level = Level::from_word(name)?;
    let (who, body) = word(rest.trim_ascii_start());
    let (place, _) = word(body.strip_prefix(b"[")?);
    let go = memchr::memmem::find(place, b".go:").is_some() && !who.contains(&b'[');
    let mut glance = Glance::new(Some(stamp), who, body);
    glance.level = Some(level);
    go.then_some(glance)
}

fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { program: glance.who, component: b"", ..plain(glance) };
    let bracket = |text: &'a [u8]| {
        let inside = text.strip_prefix(b"[")?;
        let end = memchr::memchr(b']', inside)?;
        Some((inside.get(..end)?, inside.get(end + 1..)?.trim_ascii_start()))
    };
    if let Some((place, rest)) = bracket(glance.body) {
        let colon = memchr::memrchr(b':', place).unwrap_or(place.len());
        head.component = place.get(..colon).unwrap_or(place);
        head.fields.extend(place.get(colon + 1..).map(|line| ("line", line)));
        head.message = rest;
    }
    if let Some((inside, rest)) = bracket(head.message)
        && let Some(op_id) = inside.strip_prefix(b"opID=")
    {
        head.op_id = Some(op_id);
        head.message = rest;
    }
    head
}

#[cfg(test)]
mod tests {
    use super::DIALECTS;

    #[test]
    fn file_line_and_operation() {
        let line = b"2022-06-02T12:25:11.537Z info wcp [eamagency/util.go:148] [opID=vCLS] [x] text";
        let head = (DIALECTS[0].open)(&(DIALECTS[0].glance)(line).unwrap());
        assert_eq!((head.program, head.component), (&b"wcp"[..], &b"eamagency/util.go"[..]));
        assert_eq!((head.op_id, head.message), (Some(&b"vCLS"[..]), &b"[x] text"[..]));
        assert_eq!(head.fields, [("line", &b"148"[..])]);
    }
}
