//! Lines as people paste them into tickets and articles: a known head, but the stamp is gone or blotted out.

use esxray_model::{FormatName, Level};

use super::{
    BRACKET, DIGIT, Dialect, Glance, Head, Joins, Kin, PRIORITY, WORD, export, format_of_program, host,
    letters_and_number, plain, program, vmacore, vmkernel, vmware_log, vobd, word,
};
use crate::paste::behind_blotted_stamp;
use crate::stamp::iso;

/// How such lines may begin: a blotted stamp is a word, a number, or in brackets of any kind.
const OPENS: u16 = WORD | BRACKET | DIGIT | PRIORITY;

/// A dialect of lines without a stamp.
const fn dialect(
    generation: &'static str,
    format: Option<FormatName>,
    kin: Kin,
    glance: fn(&[u8]) -> Option<Glance<'_>>,
    claims: fn(&[u8]) -> bool,
    open: for<'a> fn(&Glance<'a>) -> Head<'a>,
    samples: &'static [&'static str],
) -> Dialect {
    let other = match format {
        Some(format) => format,
        None => FormatName::Vmacore,
    };
    Dialect { generation, format, other, kin, opens: OPENS, glance, claims, open, joins: Joins::Wrapped, samples }
}

pub(crate) static DIALECTS: &[Dialect] = &[
    dialect(
        "snippet-vmx",
        Some(FormatName::VmwareLog),
        Kin::Vmx,
        glance_vmx,
        |line| glance_vmx(line).is_some(),
        plain,
        &[
            "vcpu-0| E105: PANIC: MXUserAllocSerialNumber: too many locks!",
            "In(05) vmx - DISKLIB-LINK : \"x.vmdk\" : failed to open (x).",
            "[YYYY-MM-DDTHH:MM:SS] Er(02) worker-2328848 293b2adb LWD: Failed to write",
            "YYYY-MM-DDTHH:MM:SS.sssZ| vmx| I125: DISKLIB-LIB   : Failed to open 'x.vmdk'",
            "YYYY-MM-DDTHH:MM:SS.XXXZ vcpu-0 - WinBSOD: Synthetic MSR[0x40000100] 0x80",
            "vmx| DISKLIB-LINK : Attach: Content ID mismatch (d504c2f0 != 62e0e8bf).",
        ],
    ),
    dialect(
        "snippet-vmacore",
        None,
        Kin::Daemons,
        glance_daemon,
        |line| glance_daemon(line).is_some(),
        program::open,
        &[
            "info vpxa[303466] [Originator@6876 sub=Default] Received signal to reload SSL certificate",
            "YYYY-MM-DDTHH:MM:SSZ info fdm[PID] [Originator@6876 sub=Invt] Host host-<ID> changed state: Dead",
            "YYYY-MM-DDT HH:MM:SS.###Z info vpxd[#######] [Originator@6876 sub=HostCnx opID=Check-1] No heartbeats",
            "[Timestamp] error vpxd[...] Failed to create key on KMS 192.0.2.1:5696",
            "In(166) Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
            "In(14) shell[1053659]: [root]: vim-cmd vmsvc/getallvms",
            "Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
            "[Originator@6876 sub=Vmsvc opID=x] text",
            "[59741B90 info 'Vimsvc.TaskManager' opID=131DAF7A-0000094A-aa-61] Task Created : x",
        ],
    ),
    dialect(
        "snippet-vmkernel",
        Some(FormatName::Vmkernel),
        Kin::Kernel,
        glance_vmkernel,
        |line| glance_vmkernel(line).is_some(),
        vmkernel::open,
        &[
            "cpu50:2151680)ALERT: hostd detected to be non-responsive",
            "YYYY-MM-DDTHH:MM:SS.123Z cpu22:6518)WARNING: Heap: 2900: Heap_Align(vmfs3, 6184/6184 bytes, 8 align) failed.",
            "Wa(180) vmkwarning: cpu0:263421 opID=a03fc439)WARNING: Sched: vm 265285: 6404: could not create container group",
            "vmkernel: 114:03:25:51.489 cpu0:4100)WARNING: FSR: 690: 12 S: Maximum switchover time (100 seconds) reached.",
            "19:26:42.068 cpu0:4103)NMP: nmp_CompleteCommandForPath: Command 0x28 (0x4100070e8e80) to NMP device \"naa.600\"",
            "YYYY-MM-DDTHH:MM:SS cpu#:####)ALERT: hostd detected to be non-responsive",
        ],
    ),
    dialect(
        "snippet-vobd",
        Some(FormatName::Vobd),
        Kin::Observer,
        glance_vobd,
        |line| glance_vobd(line).is_some(),
        vobd::open,
        &[
            "[GenericCorrelator] 6391139888760us: [vob.user.esximage.install.error] Could not install image profile",
            "YYYY-MM-DDTHH:MM:SS.sssZ: [vmfsCorrelator] 2938700315575us: [esx.problem.vmfs.heartbeat.timedout] 5ee0 ds1",
        ],
    ),
    dialect(
        "snippet-events",
        Some(FormatName::Events),
        Kin::Vcenter,
        export::glance_row,
        |line| export::glance_row(line).is_some(),
        export::open_row,
        &[
            "| com.vmware.vc.vm.crypto.NoDiskSpace | EventEx | Cryptographic operation failed due to insufficient disk space |",
            "VmDasBeingResetEvent | Standard | vSphere HA is resetting VM",
        ],
    ),
];

fn glance_vmx(line: &[u8]) -> Option<Glance<'_>> {
    let (line, blotted) = behind_blotted_stamp(line);
    if let Some((level, more, used)) = letters_and_number(line) {
        let (who, body) = word(line.get(used..)?.strip_prefix(b" ")?);
        if who.is_empty() || who.ends_with(b":") || who.ends_with(b"]") {
            return None;
        }
        let (op_id, rest) = word(body);
        let esx = vmware_log::is_esx(body);
        let mut glance = Glance::new(None, who, if esx { rest } else { body });
        glance.op_id = Some(op_id).filter(|op_id| esx && *op_id != b"-");
        (glance.level, glance.more) = (Some(level), more);
        return Some(glance);
    }
    let (first, rest) = word(line);
    if let Some(body) = rest.strip_prefix(b"- ").filter(|_| blotted && vmware_log::is_thread(first)) {
        return Some(Glance::new(None, first, body));
    }
    // `thread| L000: text`, or `thread| text` as old releases write it.
    let end = memchr::memchr(b'|', line.get(..32).unwrap_or(line))?;
    let (who, rest) = (line.get(..end)?, line.get(end + 1..)?);
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let mut glance = Glance::new(None, who, rest);
    match vmware_log::level_b(rest) {
        Some((level, more, body)) if !who.contains(&b' ') && !who.is_empty() && iso(who).is_none() => {
            (glance.level, glance.more, glance.body) = (Some(level), more, body);
        }
        _ if vmware_log::is_thread(who) => {}
        _ => return None,
    }
    Some(glance)
}

/// `Hostd[169828]:`, `vpxd[...]`, `fdm[PID]`: the program, whatever was done to the number of the process.
fn program_and_process(token: &[u8]) -> Option<&[u8]> {
    let token = token.strip_suffix(b":").unwrap_or(token);
    let open = memchr::memchr(b'[', token)?;
    token.ends_with(b"]").then(|| token.get(..open)).flatten().filter(|name| !name.is_empty())
}

fn glance_daemon(line: &[u8]) -> Option<Glance<'_>> {
    let (line, blotted) = behind_blotted_stamp(line);
    if line.starts_with(b"[Originator@") {
        return Some(Glance::new(None, b"", line));
    }
    if let Some(level) = line.strip_prefix(b"[").and_then(vmacore::thread_level) {
        let mut glance = Glance::new(None, b"", line);
        glance.level = Some(level);
        return Some(glance);
    }
    let of_family = |body: &[u8]| body.starts_with(b"[Originator@") || body.starts_with(b"-->");
    let known = |name: &[u8]| format_of_program(name).is_some();
    let (level, name, body, more) = if let Some((level, plus, used)) = letters_and_number(line) {
        let (token, body) = word(line.get(used..)?.strip_prefix(b" ")?);
        let name = program_and_process(token).or_else(|| host::tag(token).filter(|name| known(name)))?;
        // What the kernel writes is read by its own dialect.
        if name.starts_with(b"vmk") && vmkernel::has_place(body) {
            return None;
        }
        (Some(level), name, body, plus)
    } else {
        let (name, rest) = word(line);
        let level = Level::from_word(name);
        let (token, body) = word(if level.is_some() { rest } else { line });
        let name = program_and_process(token)?;
        // Without a bracket of its own this may be prose: a blotted stamp or a known program tells.
        let sound = of_family(body) || (level.is_some() && (blotted || known(name)));
        (level, name, Some(body).filter(|_| sound && (level.is_some() || known(name)))?, false)
    };
    let mut glance = Glance::new(None, name, body);
    (glance.level, glance.more) = (level, more || body.starts_with(b"-->"));
    Some(glance)
}

/// A line of the kernel by the place that it names: `cpu50:2151680)text`.
fn glance_vmkernel(line: &[u8]) -> Option<Glance<'_>> {
    let (line, _) = behind_blotted_stamp(line);
    let behind_letters = letters_and_number(line).and_then(|(_, _, used)| line.get(used..)?.strip_prefix(b" "));
    let line = behind_letters.unwrap_or(line);
    let (token, rest) = word(line);
    let body = if token.starts_with(b"vmk") && token.ends_with(b":") { rest } else { line };
    if behind_letters.is_some() && body.len() == line.len() {
        return None;
    }
    let body = behind_clock(body);
    let mut glance = Glance::new(None, b"", body);
    glance.level = vmkernel::level_of(b"vmkernel", body);
    vmkernel::has_place(body).then_some(glance).filter(|_| behind_letters.is_some() || !is_uptime(line))
}

/// A whole line of a purple screen: it is read as such, and lost nothing.
fn is_uptime(line: &[u8]) -> bool {
    line.first().is_some_and(u8::is_ascii_digit) && vmkernel::has_place(line)
}

/// `19:26:42.068 cpu0:4103)`: the date was taken off, the clock was left.
fn behind_clock(text: &[u8]) -> &[u8] {
    let (clock, rest) = word(text);
    let shape = clock.iter().take(8).enumerate();
    let digits = clock.len() >= 8 && shape.into_iter().all(|(at, byte)| if at % 3 == 2 { *byte == b':' } else { byte.is_ascii_digit() });
    if digits && rest.starts_with(b"cpu") { rest } else { text }
}

/// `[GenericCorrelator] 6391139888760us: [vob.x] text`.
fn glance_vobd(line: &[u8]) -> Option<Glance<'_>> {
    let (line, _) = behind_blotted_stamp(line);
    let inside = line.strip_prefix(b"[")?;
    let name = inside.get(..memchr::memchr(b']', inside)?)?;
    (name.ends_with(b"Correlator") && name.iter().all(u8::is_ascii_alphanumeric)).then(|| Glance::new(None, b"", line))
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;

    use super::DIALECTS;

    /// Generation, component and message.
    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str, &str)>) {
        let read = DIALECTS.iter().find(|it| (it.claims)(line.as_bytes())).map(|it| {
            let head = (it.open)(&(it.glance)(line.as_bytes()).unwrap());
            (it.generation, head.component.to_str().unwrap().to_owned(), head.message.to_str().unwrap().to_owned())
        });
        let read = read.as_ref().map(|it| (it.0, it.1.as_str(), it.2.as_str()));
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn every_way_to_blot_a_stamp() {
        for stamp in [
            "YYYY-MM-DDTHH:MM:SSZ",
            "YYYY-MM-DDTHH:MM:SS.sssZ",
            "YYYY-MM-DDTHH:MM.SSSZ",
            "[YYYY-MM-DDTHH:MM:SS]",
            "[YYYY-MM-DD HH:MM:SS.mmm]",
            "YYYY-MM-DDT HH:MM:SS.###Z",
            "yyyy-mm-ddThh:mm:ss.msZ",
            "xxxx-xx-xxTxx:xx:xx",
            "####-##-##T##:##:##.###Z",
            "2023-XX-XXT10:11:12.345Z",
            "<YYYY-MM-DD>T<HH:MM:SS>Z",
            "<timestamp>",
            "[Timestamp]",
            "<time stamp>:",
            "[date time]",
            "[Date]T#############",
        ] {
            check(&format!("{stamp} cpu3:2097)NMP: text"), Some(("snippet-vmkernel", "NMP", "NMP: text")));
            check(&format!("{stamp} info hostd[PID] [Originator@6876 sub=Vmsvc] text"), Some(("snippet-vmacore", "Vmsvc", "text")));
            check(&format!("{stamp} Er(02) vmx - text"), Some(("snippet-vmx", "vmx", "text")));
        }
    }

    #[test]
    fn stamps_without_a_blank_behind_them() {
        check("YYYY-MM-DDTHH:MM:SS.sssZ| vcpu-0| W115: text", Some(("snippet-vmx", "vcpu-0", "text")));
        check("<timestamp>| vmx| I125: text", Some(("snippet-vmx", "vmx", "text")));
    }

    #[test]
    fn a_kernel_line_in_pieces() {
        check("vmkwarning: cpu13:2098860)WARNING: LSOM: text", Some(("snippet-vmkernel", "LSOM", "LSOM: text")));
        check("[YYYY-MM-DDTHH:MM:SS] In(182) vmkernel: cpu##:##)MCA: ##: CE", Some(("snippet-vmkernel", "MCA", "MCA: ##: CE")));
        check("cpu<ID>:<WORLD>)HBX: text", Some(("snippet-vmkernel", "HBX", "HBX: text")));
    }

    #[test]
    fn prose_is_no_head() {
        for text in [
            "Error vpxd failed to start",
            "error message[1] is shown",
            "the vmx| thread",
            "vmx - a process",
            "cpu usage is high",
            "[x] y",
            "vmkernel: see below",
            "YYYY-MM-DD is the form of a date",
            "| a | b | c |",
            "com.example.x | Table | text",
        ] {
            check(text, None);
        }
    }
}
