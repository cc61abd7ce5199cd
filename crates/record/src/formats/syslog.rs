//! The same logs as a syslog server stores them: RFC 3164, RFC 5424, and a BSD relay in front.

use esxray_model::Level;

use super::{Dialect, Glance, Head, Joins, vmacore, word};
use crate::stamp::{iso, month_day};

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "syslog-5424",
        format: None,
        glance: glance_5424,
        claims: |line| glance_5424(line).is_some(),
        open,
        joins: Joins::Marked,
        samples: &[
            "<166>1 2026-09-04T10:30:08.000Z esx01.lab.example Hostd 100001 - [Originator@6876 sub=\"Vimsvc.ha-eventmgr\" opID=\"op-1\" user=\"svc\" sid=\"s-1\"] Event 1 : x",
            "<166>1 2026-09-04T10:30:08.000Z esx01.lab.example Hostd 200002 - [Originator@6876 sub=\"\"Vimsvc.ha-eventmgr\"\" opID=\"\"op-2\"\"] Event 1 : x",
            "<14>1 2021-09-06T14:40:13.263383+00:00 vc01 vpxd 58650 - -  Event [575792] [1-1] [2021-09-06T14:40:13.26309Z] [vim.event.UserLoginSessionEvent] [info] [x] [] [575792] [y]",
            "Jan  1 12:34:56 192.0.2.9 <166>1 2026-09-04T10:30:08.000Z esx01 Hostd 100001 - - x",
        ],
    },
    Dialect {
        generation: "syslog-3164",
        format: None,
        glance: glance_3164,
        claims: |line| glance_3164(line).is_some(),
        open,
        joins: Joins::Marked,
        samples: &[
            "<166>2016-05-20T12:53:01.034Z esx01 Vpxa: [71237B90 verbose 'hostdstats'] text",
            "<166>2022-11-04T15:01:58.230Z esx01 Hostd: info hostd[1053970] [Originator@6876 sub=Vimsvc opID=e-1 user=root] Event 406 : x",
            "<166>2026-01-02T03:04:05.006Z esx01 Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
            "Jan  1 12:34:56 192.0.2.1 <166>2026-01-02T03:04:05.006Z esx01 Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
        ],
    },
    Dialect {
        generation: "syslog-bsd",
        format: None,
        glance: glance_bsd,
        claims: |line| glance_bsd(line).is_some(),
        open,
        joins: Joins::Marked,
        samples: &[
            // ESXi 4.1 kept hostd's own stamp behind that of syslog.
            "Apr 7 17:33:20 esx01 Hostd: [2012-04-07 17:33:20.472 32AE9B90 error 'Statssvc'] Error: x",
            "Apr  7 17:33:20 esx01 Hostd: [00] rip 17c6bbf3",
        ],
    },
];

/// `<166>` at the start of a text: the level by its severity, and what follows.
fn priority(text: &[u8]) -> Option<(Level, &[u8])> {
    let inside = text.strip_prefix(b"<")?;
    let end = memchr::memchr(b'>', inside.get(..4).unwrap_or(inside))?;
    let number: u32 = std::str::from_utf8(inside.get(..end)?).ok()?.parse().ok()?;
    let level = match number & 7 {
        0..=2 => Level::Panic,
        3 => Level::Error,
        4 => Level::Warning,
        5 => Level::Notice,
        6 => Level::Info,
        _ => Level::Verbose,
    };
    (number <= 191).then_some((level, inside.get(end + 1..)?))
}

/// Takes off what a BSD relay puts in front: `Jan  1 12:34:56 192.0.2.1 `.
fn behind_relay(line: &[u8]) -> &[u8] {
    let behind = month_day(line).and_then(|(_, used)| {
        let (_host, rest) = word(line.get(used..)?.strip_prefix(b" ")?);
        rest.starts_with(b"<").then_some(rest)
    });
    behind.unwrap_or(line)
}

/// `Hostd:` or `Hostd[2099494]:`: the program.
fn tag(token: &[u8]) -> Option<&[u8]> {
    let token = token.strip_suffix(b":")?;
    let name = token.split(|byte| *byte == b'[').next()?;
    (!name.is_empty()).then_some(name)
}

fn glance_3164(line: &[u8]) -> Option<Glance<'_>> {
    let (level, rest) = priority(behind_relay(line))?;
    let (stamp, used) = iso(rest)?;
    let (host, rest) = word(rest.get(used..)?.strip_prefix(b" ")?);
    let (token, body) = word(rest);
    let mut glance = Glance::new(Some(stamp), tag(token)?, body);
    (glance.level, glance.host, glance.more) = (Some(level), Some(host), body.starts_with(b"-->"));
    Some(glance)
}

fn glance_5424(line: &[u8]) -> Option<Glance<'_>> {
    let (level, rest) = priority(behind_relay(line))?;
    let rest = rest.strip_prefix(b"1 ")?;
    let (stamp, used) = iso(rest)?;
    let (host, rest) = word(rest.get(used..)?.strip_prefix(b" ")?);
    let (program, rest) = word(rest);
    let (_process, rest) = word(rest);
    let (_message_id, rest) = word(rest);
    // Structured data is a bracket or `-`; vCenter puts a blank more before the message.
    let body = rest.strip_prefix(b"- ").unwrap_or(rest);
    let body = body.strip_prefix(b" ").unwrap_or(body);
    let mut glance = Glance::new(Some(stamp), program, body);
    (glance.level, glance.host, glance.more) = (Some(level), Some(host), body.starts_with(b"-->"));
    (!program.is_empty()).then_some(glance)
}

fn glance_bsd(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = month_day(line)?;
    let (host, rest) = word(line.get(used..)?.strip_prefix(b" ")?);
    let (token, body) = word(rest);
    let program = tag(token)?;
    // Only the family's programs: `esx01 vmkernel:` is a log of its own.
    vmacore::format_of_program(program)?;
    let mut glance = Glance::new(Some(stamp), program, body);
    // hostd's own stamp has a year.
    if let Some((inner, _)) = body.strip_prefix(b"[").and_then(iso) {
        glance.stamp = Some(inner);
    }
    (glance.host, glance.more) = (Some(host), body.starts_with(b"-->"));
    Some(glance)
}

fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = vmacore::open(glance);
    head.program = glance.who;
    head
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;

    use super::DIALECTS;

    #[track_caller]
    fn check(line: &str, program: &str, component: &str, message: &str) {
        let dialect = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).unwrap();
        let head = (dialect.open)(&(dialect.glance)(line.as_bytes()).unwrap());
        let seen = (head.program.to_str().unwrap(), head.component.to_str().unwrap(), head.message.to_str().unwrap());
        assert_eq!(seen, (program, component, message), "{line}");
    }

    #[test]
    fn every_generation_behind_a_relay() {
        check("<166>2016-05-20T12:53:01.034Z esx01 Vpxa: [71237B90 verbose 'hostdstats'] text", "Vpxa", "hostdstats", "text");
        check("<166>2022-11-04T15:01:58.230Z esx01 Hostd: info hostd[1053970] [Originator@6876 sub=Vimsvc opID=e] Event", "Hostd", "Vimsvc", "Event");
        check("<166>1 2026-09-04T10:30:08.000Z esx01 Hostd 200002 - [Originator@6876 sub=\"\"Vimsvc\"\" opID=\"\"op-2\"\"] Event 1", "Hostd", "Vimsvc", "Event 1");
        check("Apr 7 17:33:20 esx01 Hostd: [2012-04-07 17:33:20.472 32AE9B90 error 'Statssvc'] Error: x", "Hostd", "Statssvc", "Error: x");
    }

    #[test]
    fn no_priority_above_191() {
        assert!(DIALECTS.iter().all(|it| !(it.claims)(b"<192>2016-05-20T12:53:01.034Z esx01 Vpxa: x")));
    }
}
