//! The same logs as a syslog server stores them: RFC 3164, RFC 5424, and a BSD relay in front.

use esxray_model::{FormatName, Level};

use super::host::{daemon, tag};
use super::{Dialect, Glance, Joins, Kin, MONTH, PRIORITY, STAMP_TEXT, is_mark, program, vmacore, vmkernel, word};
use crate::Certainty;
use crate::stamp::{iso, month_day};

/// A dialect of a syslog server's file.
const fn dialect(
    generation: &'static str,
    opens: u16,
    glance: fn(&[u8]) -> Option<Glance<'_>>,
    claims: fn(&[u8]) -> bool,
    samples: &'static [&'static str],
) -> Dialect {
    Dialect {
        generation,
        format: None,
        other: FormatName::Syslog,
        kin: Kin::Daemons,
        opens,
        glance,
        claims,
        open: program::open,
        joins: Joins::Marked,
        samples,
    }
}

pub(crate) static DIALECTS: &[Dialect] = &[
    dialect("syslog-5424", PRIORITY | MONTH, glance_5424, |line| glance_5424(line).is_some(), &[
        "<166>1 2026-09-04T10:30:08.000Z esx01.lab.example Hostd 100001 - [Originator@6876 sub=\"Vimsvc.ha-eventmgr\" opID=\"op-1\" user=\"svc\" sid=\"s-1\"] Event 1 : x",
        "<166>1 2026-09-04T10:30:08.000Z esx01.lab.example Hostd 200002 - [Originator@6876 sub=\"\"Vimsvc.ha-eventmgr\"\" opID=\"\"op-2\"\"] Event 1 : x",
        "<14>1 2021-09-06T14:40:13.263383+00:00 vc01 vpxd 58650 - -  Event [575792] [1-1] [2021-09-06T14:40:13.26309Z] [vim.event.UserLoginSessionEvent] [info] [x] [] [575792] [y]",
        "<14>1 2021-09-06T14:40:05.753710+00:00 vc01 applmgmt-audit - - -  2021-09-06T14:40:05.753: INFO AuthorizationResponse = { authorized=True, method=LOCAL }",
        "<13>1 2021-09-06T14:40:48.103441+00:00 vc01 vmon 2120 - -  Executing service batch op API_HEALTH. IgnoreFail=1, service count=9",
        "Jan  1 12:34:56 192.0.2.9 <166>1 2026-09-04T10:30:08.000Z esx01 Hostd 100001 - - x",
    ]),
    dialect("syslog-3164", PRIORITY | MONTH, glance_3164, |line| glance_3164(line).is_some(), &[
        "<166>2016-05-20T12:53:01.034Z esx01 Vpxa: [71237B90 verbose 'hostdstats'] text",
        "<166>2022-11-04T15:01:58.230Z esx01 Hostd: info hostd[1053970] [Originator@6876 sub=Vimsvc opID=e-1 user=root] Event 406 : x",
        "<166>2026-01-02T03:04:05.006Z esx01 Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
        "<180>2026-01-02T03:04:05.006Z esx01 vmkwarning: cpu0:263421)WARNING: HBX: 2723: Failed to cleanup registration key on volume 655e5791",
        "<166>Apr  7 17:33:20 esx01 Hostd: [2012-04-07 17:33:20.472 32AE9B90 error 'Statssvc'] Error: x",
        // Release 8 says of a message that it is cut, and how long it was.
        "<166>2022-11-04T15:01:58.230Z esx01 Hostd: info hostd[1053970] [Originator@6876 sub=Vimsvc opID=e-1 user=root msgModified=remoteHostMaxMsgLen remoteHostMaxMsgLen=1024 originalLen=2048] Event 406 : cu",
        "<110>2022-11-04T15:25:46.186Z esx01 shell[1231448]: [shell.cmd@6876 subject=\"root\" object=\"shell\" command=\"ls\" result=\"success\" status=\"0\"]",
        "Jan  1 12:34:56 192.0.2.1 <166>2026-01-02T03:04:05.006Z esx01 Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
    ]),
    dialect("syslog-iso", STAMP_TEXT, glance_iso, |line| glance_iso(line).is_some(), &[
        "2015-06-21T00:11:51.617Z esx03.lab.example vmkwarning: cpu21:33459)WARNING: Unable to deliver event to user-space - can't alloc event metadata",
        "2015-06-27T14:33:01Z esx03 clomd[33804]: CLOMBalance_RebalanceDisk: Trying to liberate 126831858249 bytes from disk 5299e143",
        "2022-11-04T15:01:58.230+00:00 192.0.2.7 Hostd: info hostd[1053970] [Originator@6876 sub=Vimsvc opID=e-1] Event 406 : x",
    ]),
    dialect("syslog-bsd", MONTH, glance_bsd, |line| glance_bsd(line).is_some(), &[
        // ESXi 4.1 kept hostd's own stamp behind that of syslog.
        "Apr 7 17:33:20 esx01 Hostd: [2012-04-07 17:33:20.472 32AE9B90 error 'Statssvc'] Error: x",
        "Apr  7 17:33:20 esx01 Hostd: [00] rip 17c6bbf3",
        "Apr 16 20:35:04 esx01 /usr/lib/vmware/bin/vmware-hostd[23877]: pam_per_user: create_subrequest_handle(): doing map lookup for user \"root\"",
        "Apr 26 20:29:30 esx01 vmkernel: 84:04:56:07.658 cpu3:1037)FS3: 1974: Checking if lock holders are live for lock [type 10c00001 offset 67555328",
        "Apr 26 20:29:30 esx01 vmkernel: gen 7154, mode 1, owner 4f096eb7-8e0556eb-f0fe-002264fb5e26 mtime 4089393]",
        // A relay took the program, or the host.
        "Apr 7 17:41:03 esx01: 17:19:52:55.580 cpu7:4182)BC: 3837: Failed to flush 3 buffers of size 8192 each",
        "Jul 26 01:26:46 vmkernel: 7:21:06:31.191 cpu3:33421)WARNING: Heap: 2218: Heap netGPHeap already at its maximumSize.",
        "Feb 25 15:01:01 esx01 vmkernel: TSC: 1899066536 cpu0:0)BootConfig: 41: coresPerPkg = 0",
        "Feb 25 15:01:01 esx01 logger: (1235592061) hb: vmk loaded, 5166530.82, 5166517.348, 20, 110268, 110268, 265330688, vmware-h-61456",
        "Aug 15 06:07:13 esx01 vobd: Aug 15 06:07:13.285: 171974745962us: [esx.problem.storage.apd.start] Device naa.600",
    ]),
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

fn glance_3164(line: &[u8]) -> Option<Glance<'_>> {
    let (level, rest) = priority(behind_relay(line))?;
    let (stamp, used) = iso(rest).or_else(|| month_day(rest))?;
    let (host, rest) = word(rest.get(used..)?.strip_prefix(b" ")?);
    let (token, body) = word(rest);
    // Behind a priority any tag is one: `CROND[12]:`, `(systemd):`.
    let name = token.strip_suffix(b":")?.split(|byte| *byte == b'[').next().filter(|it| !it.is_empty())?;
    let mut glance = Glance::new(Some(stamp), name, body);
    (glance.level, glance.host, glance.more) = (Some(level), Some(host), is_mark(body));
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
    (glance.level, glance.host, glance.more) = (Some(level), Some(host), is_mark(body));
    (!program.is_empty()).then_some(glance)
}

/// `2015-06-27T14:33:01Z esx03 clomd[33804]: text`: the priority was not kept.
fn glance_iso(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let (host, rest) = word(line.get(used..)?.strip_prefix(b" ")?);
    let (token, body) = word(rest);
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let sound = !host.is_empty() && host.iter().all(fits) && Level::from_word(host).is_none();
    let mut glance = Glance::new(Some(stamp), daemon(token).filter(|_| sound)?, body);
    glance.level = vmkernel::level_of(glance.who, body);
    (glance.host, glance.more) = (Some(host), is_mark(body));
    (stamp.certainty == Certainty::Full).then_some(glance)
}

/// `Apr  7 17:33:20 esx01 Hostd: text`; a relay may have taken the host or the program.
fn glance_bsd(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = month_day(line)?;
    let (first, rest) = word(line.get(used..)?.strip_prefix(b" ")?);
    let (who, host, body) = match first.strip_suffix(b":") {
        // The first word is the program, or the host of a line that only the kernel writes.
        Some(host) if daemon(first).and_then(program::format_of_program).is_none() => {
            (&b"vmkernel"[..], Some(host), Some(rest).filter(|body| vmkernel::has_place(body))?)
        }
        Some(_) => (tag(first)?, None, rest),
        None => {
            let (token, body) = word(rest);
            (daemon(token)?, Some(first), body)
        }
    };
    // A whole line of another server begins with its priority.
    if body.starts_with(b"<") && priority(body).is_some() {
        return None;
    }
    let mut glance = Glance::new(Some(stamp), who, body);
    (glance.host, glance.more) = (host, is_mark(body));
    if let Some((inner, _)) = body.strip_prefix(b"[").and_then(iso) {
        // hostd's own stamp has a year.
        glance.stamp = Some(inner);
        glance.level = vmacore::level_4(body);
    } else if let Some(level) = vmkernel::level_of(who, body) {
        glance.level = Some(level);
        // ESX 3 and 4 wrote what is too long for a line without CPU and world on the next.
        glance.more |= !vmkernel::has_place(body);
    }
    Some(glance)
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
