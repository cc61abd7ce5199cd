//! The Java services of a vCenter Server: `sps.log`, `vsphere_client_virgo.log`, `ssoAdminServer.log`,
//! `vmware-sts-idmd.log`, `vpxd-svcs.log`, `websso.log` and more.
//!
//! Each has its own pattern for the same parts. The class that logs is the component, the operation's or
//! correlation id is the operation id. Stack traces follow without a head.

use esxray_model::{FormatName, Level};

use super::{BRACKET, Dialect, Glance, Head, Joins, Kin, STAMP_BRACKET, STAMP_TEXT, plain, word};
use crate::stamp::iso;

const FORMAT: Option<FormatName> = Some(FormatName::VcService);

/// A dialect of these services.
const fn dialect(
    generation: &'static str,
    opens: u16,
    glance: fn(&[u8]) -> Option<Glance<'_>>,
    claims: fn(&[u8]) -> bool,
    open: for<'a> fn(&Glance<'a>) -> Head<'a>,
    samples: &'static [&'static str],
) -> Dialect {
    let other = FormatName::VcService;
    Dialect { generation, format: FORMAT, other, kin: Kin::Vcenter, opens, glance, claims, open, joins: Joins::Text, samples }
}

pub(crate) static DIALECTS: &[Dialect] = &[
    dialect("sps", STAMP_BRACKET, glance_sps, |line| glance_sps(line).is_some(), open_sps, &[
        "2022-06-02T12:23:46.807Z [pool-2-thread-18] INFO  opId= com.vmware.vim.storage.common.task.CustomThreadPoolExecutor - [VLSI-client] Request took 4 millis to execute.",
        "2022-06-02T12:23:46.807Z [pool-2-thread-18] ERROR opId=sps-Main-1-2 com.vmware.pbm.profile.impl.ProfileManagerImpl - Failed to apply",
    ]),
    dialect("svcs", STAMP_BRACKET, glance_svcs, |line| glance_svcs(line).is_some(), open_svcs, &[
        "2017-06-16T16:31:13.400Z [tomcat-exec-43  INFO  AuthorizationService.AuditLog  opId=571a0705-11ca-4fa6-ad5e-a4915b91cbaf] Action performed by principal(name=LAB\\ann,isGroup=false):Update role Id=1",
        "2017-06-16T16:31:34.653Z [tomcat-exec-65  INFO  AuthorizationService.AuditLog  opId=] Action performed by principal(name=LAB\\ann,isGroup=false):Delete role 2",
    ]),
    dialect("sts", STAMP_TEXT, glance_sts, |line| glance_sts(line).is_some(), open_sts, &[
        "2022-06-02T12:23:46.807Z INFO websso[62:tomcat-http--20] [CorId=9aff5155-e5f3-49b4-8b55-4d7c1789c23b] [auditlogger] {\"user\":\"ann\",\"type\":\"com.vmware.sso.LoginSuccess\"}",
        "2022-06-02T12:23:46.807Z ERROR sts[55:tomcat-http--13] Throwing InvalidTimeRangeException! The token authority rejected an issue request",
    ]),
    dialect("pipe", STAMP_TEXT, glance_pipe, |line| glance_pipe(line).is_some(), open_pipe, &[
        "2021-04-01T09:09:47.129Z | ERROR | state-manager1            | DefaultStateManager            | Could not initialize endpoint runtime state.",
        "2021-04-01T09:09:47.129Z |  INFO | vim-monitor | VcListener.java | 117 | Connecting to vCenter",
    ]),
    dialect("audit", STAMP_TEXT, glance_audit, |line| glance_audit(line).is_some(), open_audit, &[
        "2023-05-06T07:08:09.010Z {\"user\":\"ann@lab.example\",\"client\":\"192.0.2.7\",\"description\":\"User ann@lab.example logged out\",\"eventSeverity\":\"INFO\",\"type\":\"com.vmware.sso.Logout\"}",
    ]),
    dialect("ui", BRACKET, glance_ui, |line| glance_ui(line).is_some(), open_ui, &[
        "[2023-10-09T08:59:22.824Z] [ERROR] http-nio-5090-exec-2         70000028 100006 ###### com.vmware.vise.vim.security.sso.impl.NgcSolutionUser             Solution user login failed.",
        "[2023-10-09T08:59:22.824Z] [INFO ] p-nio-127.0.0.1-5090-exec-94 r0006715 ###### ###### com.vmware.vapi.security.AuthenticationFilter Authentication failed",
    ]),
    dialect("sso", BRACKET, glance_sso, |line| glance_sso(line).is_some(), open_sso, &[
        "[2017-06-16T12:51:48.931Z pool-9-thread-5 opId=f6912d25-8a52-4ff6 INFO  com.vmware.identity.vlsi.SessionManagerImpl] User {Name: Administrator, Domain: LAB.EXAMPLE} logged in",
        "[2017-06-16T12:46:14.520Z vsphere.local d6cd47de-9bf1-4bf4-b53e-495b60366cbd INFO ] [IdentityManager] Authentication succeeded for user [ann@lab.example]",
        "[2013-01-16 02:26:25,500 pool-3-thread-1  INFO  com.vmware.vim.license.service.impl.ServiceImpl] License Accounting Service initialized",
        "[2019-11-18T14:44:57.102-08:00 tomcat-http--39 f6912d25-8a52-4ff6-a42d-8b61faf1ccbd INFO  com.vmware.identity.SsoController] Request URL is https://vc01.lab.example/websso",
    ]),
];

/// A level in upper case at the start of a text, and what follows it with its blanks.
fn level(text: &[u8]) -> Option<(Level, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let (name, rest) = text.split_at(length);
    let ends = matches!(rest.first(), None | Some(b' ' | b']' | b'\t'));
    Some((Level::from_word(name).filter(|_| ends)?, rest))
}

/// The part between `[` and the first `]`, and what follows.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inside)?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

/// Stamp and rest of a line that begins with its stamp.
fn stamped(line: &[u8]) -> Option<(crate::Stamp, &[u8])> {
    let (stamp, used) = iso(line)?;
    Some((stamp, line.get(used..)?.strip_prefix(b" ")?))
}

/// Whether a word is written as a Java class: letters, digits, dots, `$`, and at least one letter.
fn is_class(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"._$-".contains(byte);
    text.iter().all(fits) && text.iter().any(u8::is_ascii_alphabetic)
}

/// An operation's id that is not empty.
fn id(text: &[u8]) -> Option<&[u8]> {
    let id = text.strip_prefix(b"opId=").or_else(|| text.strip_prefix(b"opID=")).or_else(|| text.strip_prefix(b"CorId="))?;
    Some(id).filter(|it| !it.is_empty())
}

fn bare<'a>(glance: &Glance<'a>) -> Head<'a> {
    Head { component: b"", ..plain(glance) }
}

/// `[pool-2-thread-18] INFO  opId= com.vmware.x.Y - text`.
fn glance_sps(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, rest) = stamped(line)?;
    let (thread, rest) = bracket(rest)?;
    let (level, body) = level(rest.strip_prefix(b" ")?)?;
    let mut glance = Glance::new(Some(stamp), thread, body);
    glance.level = Some(level);
    // `[688C2B70 info 'Invt'] text` is a head of hostd.
    (!thread.contains(&b'\'')).then_some(glance)
}

fn open_sps<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = bare(glance);
    head.fields.push(("thread", glance.who));
    let mut rest = glance.body.trim_ascii_start();
    let (first, behind) = word(rest);
    if first.starts_with(b"opId=") {
        head.op_id = id(first);
        rest = behind.trim_ascii_start();
    }
    let (class, behind) = word(rest);
    if let Some(message) = behind.strip_prefix(b"- ").filter(|_| is_class(class)) {
        head.component = class;
        rest = message;
    }
    head.message = rest;
    head
}

/// `[tomcat-exec-43  INFO  AuthorizationService.AuditLog  opId=] text`.
fn glance_svcs(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, body) = stamped(line)?;
    let (thread, rest) = word(body.strip_prefix(b"[")?);
    let (level, _) = level(rest.trim_ascii_start())?;
    let mut glance = Glance::new(Some(stamp), thread, body);
    glance.level = Some(level);
    (!thread.contains(&b']')).then_some(glance)
}

fn open_svcs<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = bare(glance);
    head.fields.push(("thread", glance.who));
    let Some((inside, message)) = bracket(glance.body) else { return head };
    head.message = message.trim_ascii_start();
    for part in inside.split(|byte| *byte == b' ').filter(|it| !it.is_empty()).skip(2) {
        if part.starts_with(b"opId=") {
            head.op_id = id(part);
        } else if is_class(part) {
            head.component = part;
        }
    }
    head
}

/// `INFO websso[62:tomcat-http--20] [CorId=9aff5155] [com.vmware.x.Y] text`.
fn glance_sts(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, rest) = stamped(line)?;
    let (level, rest) = level(rest)?;
    let (writer, body) = word(rest.strip_prefix(b" ")?);
    let at = memchr::memchr(b'[', writer)?;
    let thread = writer.get(at + 1..)?.strip_suffix(b"]")?;
    let mut glance = Glance::new(Some(stamp), writer.get(..at)?, body);
    glance.level = Some(level);
    // A number alone is how the Vmacore family writes a thread.
    (thread.contains(&b':') && at > 0).then_some(glance)
}

fn open_sts<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { program: glance.who, ..bare(glance) };
    if let Some((inside, rest)) = bracket(head.message)
        && inside.starts_with(b"CorId=")
    {
        head.op_id = id(inside);
        head.message = rest.trim_ascii_start();
    }
    if let Some((class, rest)) = bracket(head.message).filter(|it| is_class(it.0)) {
        head.component = class;
        head.message = rest.trim_ascii_start();
    }
    head
}

/// `| ERROR | state-manager1   | DefaultStateManager  | text`, with the line number after a class that is a file.
fn glance_pipe(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, rest) = stamped(line)?;
    let (level, rest) = level(rest.strip_prefix(b"|")?.trim_ascii_start())?;
    let body = rest.trim_ascii_start().strip_prefix(b"|")?;
    let mut glance = Glance::new(Some(stamp), b"", body);
    glance.level = Some(level);
    Some(glance)
}

fn open_pipe<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = bare(glance);
    let mut parts = glance.body.splitn(3, |byte| *byte == b'|').map(<[u8]>::trim_ascii);
    if let (Some(thread), Some(class), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
        head.fields.push(("thread", thread));
        head.component = class;
        head.message = rest;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, behind) = rest.split_at(digits);
        if let Some(message) = behind.trim_ascii_start().strip_prefix(b"|").filter(|_| digits > 0) {
            head.fields.push(("line", number));
            head.message = message.trim_ascii_start();
        }
    }
    head
}

/// A JSON object behind a stamp.
fn glance_audit(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, body) = stamped(line)?;
    body.starts_with(b"{\"").then(|| Glance::new(Some(stamp), b"", body))
}

fn open_audit<'a>(glance: &Glance<'a>) -> Head<'a> {
    bare(glance)
}

/// `[stamp] [ERROR] thread  70000028 100006 ###### com.vmware.x.Y   text`.
fn glance_ui(line: &[u8]) -> Option<Glance<'_>> {
    let inside = line.strip_prefix(b"[")?;
    let (stamp, used) = iso(inside)?;
    let (level, rest) = level(inside.get(used..)?.strip_prefix(b"] [")?)?;
    let body = rest.trim_ascii_start().strip_prefix(b"]")?;
    let mut glance = Glance::new(Some(stamp), b"", body.strip_prefix(b" ").unwrap_or(body));
    glance.level = Some(level);
    Some(glance)
}

fn open_ui<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = bare(glance);
    let mut rest = glance.body;
    let mut parts: [&[u8]; 5] = [b""; 5];
    for part in &mut parts {
        let (first, behind) = word(rest);
        (*part, rest) = (first, behind.trim_ascii_start());
    }
    let [thread, id, session, _user, class] = parts;
    if is_class(class) && class.contains(&b'.') {
        head.fields.extend([("thread", thread), ("session", session)]);
        head.op_id = Some(id).filter(|it| *it != b"######");
        head.component = class;
        head.message = rest;
    }
    head
}

/// `[stamp thread opId=f6912d25 INFO  com.vmware.x.Y] text`, and `[stamp tenant id INFO ] [Class] text`.
fn glance_sso(line: &[u8]) -> Option<Glance<'_>> {
    /// Thread, tenant, ids: no more words than these stand before the level.
    const MOST_WORDS: usize = 5;
    let inside = line.strip_prefix(b"[")?;
    let (stamp, used) = iso(inside)?;
    let mut rest = inside.get(used..)?.strip_prefix(b" ")?;
    for _ in 0..MOST_WORDS {
        let (first, behind) = word(rest);
        // `] [ERROR]` belongs to another bracket.
        if first.contains(&b']') || first.contains(&b'\'') {
            return None;
        }
        rest = behind.trim_ascii_start();
        if let Some((level, behind)) = level(rest) {
            memchr::memchr(b']', behind)?;
            let mut glance = Glance::new(Some(stamp), b"", inside.get(used + 1..)?);
            glance.level = Some(level);
            return Some(glance);
        }
    }
    None
}

fn open_sso<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = bare(glance);
    let (thread, mut rest) = word(glance.body);
    head.fields.push(("thread", thread));
    loop {
        rest = rest.trim_ascii_start();
        if let Some((_, behind)) = level(rest) {
            let end = memchr::memchr(b']', behind).unwrap_or(behind.len());
            head.component = behind.get(..end).unwrap_or_default().trim_ascii();
            head.message = behind.get(end + 1..).unwrap_or_default().trim_ascii_start();
            break;
        }
        let (first, behind) = word(rest);
        let is_uuid = first.len() == 36 && memchr::memchr_iter(b'-', first).count() == 4;
        if is_uuid {
            head.op_id = Some(first);
        } else if first.starts_with(b"opId=") {
            head.op_id = id(first);
        }
        if behind.is_empty() {
            break;
        }
        rest = behind;
    }
    if head.component.is_empty()
        && let Some((class, message)) = bracket(head.message).filter(|it| is_class(it.0))
    {
        head.component = class;
        head.message = message.trim_ascii_start();
    }
    head
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;
    use esxray_model::Level;

    use super::DIALECTS;

    /// Component, operation id, level and message.
    #[track_caller]
    fn check(line: &str, expected: (&str, Option<&str>, Level, &str)) {
        let dialect = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).unwrap();
        let head = (dialect.open)(&(dialect.glance)(line.as_bytes()).unwrap());
        let op_id = head.op_id.map(|it| it.to_str().unwrap());
        let seen = (head.component.to_str().unwrap(), op_id, head.level.unwrap(), head.message.to_str().unwrap());
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn every_pattern_gives_class_and_id() {
        let id = "9aff5155-e5f3-49b4-8b55-4d7c1789c23b";
        check("2022-06-02T12:23:46.807Z [pool-2-thread-18] WARN  opId=sps-1 com.vmware.pbm.X - [a] text", ("com.vmware.pbm.X", Some("sps-1"), Level::Warning, "[a] text"));
        check("2022-06-02T12:23:46.807Z [pool-2] INFO  opId= com.vmware.pbm.X - text", ("com.vmware.pbm.X", None, Level::Info, "text"));
        check("2022-06-02T12:23:46.807Z [pool-2] INFO  no class here", ("", None, Level::Info, "no class here"));
        check("2017-06-16T16:31:13.400Z [tomcat-exec-43  INFO  AuthorizationService.AuditLog  opId=571a] Action", ("AuthorizationService.AuditLog", Some("571a"), Level::Info, "Action"));
        check(&format!("2022-06-02T12:23:46.807Z ERROR websso[62:tomcat-http--20] [CorId={id}] [com.vmware.identity.X] text"), ("com.vmware.identity.X", Some(id), Level::Error, "text"));
        check("2022-06-02T12:23:46.807Z ERROR sts[55:tomcat-http--13] Throwing [x y] text", ("", None, Level::Error, "Throwing [x y] text"));
        check("2021-04-01T09:09:47.129Z | ERROR | state-manager1     | DefaultStateManager   | Could not", ("DefaultStateManager", None, Level::Error, "Could not"));
        check("2021-04-01T09:09:47.129Z |  INFO | vlsi | VcListener.java | 117 | a | b", ("VcListener.java", None, Level::Info, "a | b"));
        check("[2023-10-09T08:59:22.824Z] [ERROR] http-nio-5090-exec-2    70000028 100006 ###### com.vmware.vise.X    Solution user", ("com.vmware.vise.X", Some("70000028"), Level::Error, "Solution user"));
        check("[2023-10-09T08:59:22.824Z] [INFO ] Timer-1    ###### ###### ###### com.vmware.vise.X    text", ("com.vmware.vise.X", None, Level::Info, "text"));
        check("[2023-10-09T08:59:22.824Z] [INFO ] Timer-1 text", ("", None, Level::Info, "Timer-1 text"));
        check("[2017-06-16T12:51:48.931Z pool-9-thread-5 opId=f69-ngc INFO  com.vmware.identity.X] User {Name: a}", ("com.vmware.identity.X", Some("f69-ngc"), Level::Info, "User {Name: a}"));
        check(&format!("[2017-06-16T13:02:53.268Z vsphere.local {id} ERROR] [IdentityManager] Failed [x]"), ("IdentityManager", Some(id), Level::Error, "Failed [x]"));
        check("[2013-01-16 02:26:25,500 pool-3-thread-1  INFO  com.vmware.vim.X] initialized", ("com.vmware.vim.X", None, Level::Info, "initialized"));
    }

    #[test]
    fn the_old_family_of_hostd_is_not_java() {
        for line in [
            "[2012-04-16 20:35:04.594 F6417B90 info 'ha-eventmgr'] Event 35",
            "[2008-05-07 09:50:04.857 'ProxySvc Req00588' 3136 trivia] Client error",
            "[2020-05-26 19:46:43:259 'ConfigurationMgr' 139700477753600 INFO]  [configurationMgr, 155] text",
            "2015-05-20T10:25:52.735Z [59741B90 info 'Vimsvc.TaskManager' opID=131D] text",
            "2022-06-02T11:49:41.274Z INFO vsan-mgmt[51740] [X::y opID=SWI-1] text",
        ] {
            assert!(DIALECTS.iter().all(|it| (it.glance)(line.as_bytes()).is_none()), "{line}");
        }
    }
}
