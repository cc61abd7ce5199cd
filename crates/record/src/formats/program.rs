//! Which log a program writes, and who reads what follows its name in a syslog.

use esxray_model::{FormatName, Level};

use super::{Glance, Head, esxupdate, event, go, java, plain, python, shell, vmacore, vmkernel, vobd, vum, word};

/// Programs whose log has a form or a name of its own.
const PROGRAMS: &[(&str, FormatName)] = &[
    ("hostd", FormatName::Hostd),
    ("vmware-hostd", FormatName::Hostd),
    ("vpxa", FormatName::Vpxa),
    ("vpxd", FormatName::Vpxd),
    ("fdm", FormatName::Fdm),
    // Before it has a name a program of the family calls itself `-`.
    ("-", FormatName::Vmacore),
    ("attestd", FormatName::Vmacore),
    ("hostd-probe", FormatName::HostdProbe),
    ("rhttpproxy", FormatName::Rhttpproxy),
    ("kmxa", FormatName::Kmxa),
    ("kmxd", FormatName::Kmxa),
    ("vmkernel", FormatName::Vmkernel),
    ("vmkwarning", FormatName::Vmkernel),
    ("vmkalert", FormatName::Vmkernel),
    ("vobd", FormatName::Vobd),
    ("bootstop", FormatName::Vmksummary),
    ("heartbeat", FormatName::Vmksummary),
    ("mark", FormatName::Vmksummary),
    // The heartbeat of ESX 3 and 4 is a script that calls `logger`.
    ("logger", FormatName::Vmksummary),
    ("shell", FormatName::Shell),
    ("ESXShell", FormatName::Shell),
    ("SSH", FormatName::Shell),
    ("sshd", FormatName::Auth),
    ("sshd-session", FormatName::Auth),
    ("sftp-server", FormatName::Auth),
    ("login", FormatName::Auth),
    ("passwd", FormatName::Auth),
    ("su", FormatName::Auth),
    ("sudo", FormatName::Auth),
    ("esxupdate", FormatName::Esxupdate),
    ("lifecycle", FormatName::Esxupdate),
    ("imagemanagerctl", FormatName::Esxupdate),
    ("clomd", FormatName::Vsan),
    ("cmmdsd", FormatName::Vsan),
    ("epd", FormatName::Vsan),
    ("osfsd", FormatName::Vsan),
    ("vitd", FormatName::Vsan),
    ("vsand", FormatName::Vsan),
    ("vsan-health", FormatName::Vsan),
    ("vsan-mgmt", FormatName::Vsan),
    ("vsandevicemonitord", FormatName::Vsan),
    ("vsanmgmtd", FormatName::Vsan),
    ("vsansystem", FormatName::Vsan),
    ("vsantraced", FormatName::Vsan),
    ("vsanvcmgmtd", FormatName::Vsan),
    ("vmware-vum-server", FormatName::Vum),
    ("updatemgr", FormatName::Vum),
    ("vmon", FormatName::Vmon),
    ("analytics", FormatName::VcService),
    ("applmgmt", FormatName::VcService),
    ("applmgmt-audit", FormatName::VcService),
    ("certificatemanagement", FormatName::VcService),
    ("content-library", FormatName::VcService),
    ("eam", FormatName::VcService),
    ("hsmservice", FormatName::VcService),
    ("imageservice", FormatName::VcService),
    ("lookupsvc", FormatName::VcService),
    ("perfcharts", FormatName::VcService),
    ("sps", FormatName::VcService),
    ("sts", FormatName::VcService),
    ("trustmanagement", FormatName::VcService),
    ("ui-main", FormatName::VcService),
    ("vapi-endpoint", FormatName::VcService),
    ("vlcm", FormatName::VcService),
    ("vmafdd", FormatName::VcService),
    ("vmcad", FormatName::VcService),
    ("vmdird", FormatName::VcService),
    ("vpxd-svcs", FormatName::VcService),
    ("vsphere-ui", FormatName::VcService),
    ("vstats", FormatName::VcService),
    ("wcp", FormatName::VcService),
    ("websso", FormatName::VcService),
];

/// Which log a program writes; `None` for a program whose log has no form of its own.
///
/// A path counts by its last part, and upper case as lower case.
///
/// ```
/// use esxray_model::FormatName;
/// use esxray_record::format_of_program;
/// assert_eq!(format_of_program(b"Hostd"), Some(FormatName::Hostd));
/// assert_eq!(format_of_program(b"/usr/lib/vmware/bin/vmware-hostd"), Some(FormatName::Hostd));
/// assert_eq!(format_of_program(b"smartd"), None);
/// ```
pub fn format_of_program(program: &[u8]) -> Option<FormatName> {
    let name = program.rsplit(|byte| *byte == b'/').next()?;
    PROGRAMS.iter().find(|it| name.eq_ignore_ascii_case(it.0.as_bytes())).map(|it| it.1)
}

/// Reads what follows the program's name, by the program.
pub(super) fn open<'a>(glance: &Glance<'a>) -> Head<'a> {
    let mut head = Head { program: glance.who, component: b"", ..plain(glance) };
    // A continuation line says nothing of its own but its text.
    if glance.more {
        return head;
    }
    match format_of_program(glance.who) {
        Some(FormatName::Vmkernel) => vmkernel::read(glance.body, &mut head),
        Some(FormatName::Vobd) => vobd::read(glance.body, &mut head),
        Some(FormatName::Shell) => shell::read(glance.body, &mut head),
        Some(FormatName::Esxupdate) => esxupdate::read(glance.body, &mut head),
        Some(FormatName::Vum) if vum::read(glance.body, &mut head) => {}
        Some(FormatName::Vpxd) if event::read(glance.body, &mut head) => {}
        Some(FormatName::VcService) => of_a_service(glance.body, &mut head),
        _ => {
            head = vmacore::open(glance);
            head.program = glance.who;
            if head.fields.is_empty() {
                bracket_of_a_daemon(&mut head);
            }
        }
    }
    head
}

/// A line of a vCenter service behind a syslog head: it has kept its own.
fn of_a_service<'a>(body: &'a [u8], head: &mut Head<'a>) {
    let inner = [java::DIALECTS, python::DIALECTS, go::DIALECTS]
        .into_iter()
        .flatten()
        .find(|it| (it.claims)(body))
        .and_then(|it| Some((it.open)(&(it.glance)(body)?)));
    if let Some(inner) = inner {
        (head.level, head.component, head.op_id) = (inner.level.or(head.level), inner.component, inner.op_id);
        (head.user, head.fields, head.message) = (inner.user, inner.fields, inner.message);
    }
}

/// `debug [ConfigStore:c5f9ac2700 opId=cabbdb94] text`: what daemons of release 8 write in front of their text.
fn bracket_of_a_daemon(head: &mut Head<'_>) {
    let text = head.message;
    let read = || {
        let (name, rest) = word(text);
        let level = Level::from_word(name)?;
        let inside = rest.strip_prefix(b"[")?;
        let end = memchr::memchr(b']', inside)?;
        let (writer, pairs) = word(inside.get(..end)?);
        let (component, thread) = writer.split_at(memchr::memchr(b':', writer)?);
        let thread = thread.get(1..).filter(|it| !it.is_empty() && it.iter().all(u8::is_ascii_hexdigit))?;
        let op_id = pairs.strip_prefix(b"opId=").or_else(|| pairs.strip_prefix(b"opID="));
        Some((level, component, thread, op_id, inside.get(end + 1..)?.trim_ascii_start()))
    };
    if let Some((level, component, thread, op_id, message)) = read() {
        (head.level, head.component, head.op_id, head.message) = (Some(level), component, op_id, message);
        head.fields.push(("thread", thread));
    }
}
