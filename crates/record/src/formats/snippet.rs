//! Lines as people paste them into tickets and articles: a known head, but the stamp is gone.

use esxray_model::FormatName;

use super::{BRACKET, Dialect, Glance, Joins, Kin, WORD, letters_and_number, plain, vmacore, vmkernel, word};
use crate::stamp::iso;

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "snippet-vmx",
        format: Some(FormatName::VmwareLog),
        other: FormatName::VmwareLog,
        kin: Kin::Vmx,
        opens: WORD | BRACKET,
        glance: glance_vmx,
        claims: |line| glance_vmx(line).is_some(),
        open: plain,
        joins: Joins::Marked,
        samples: &[
            "vcpu-0| E105: PANIC: MXUserAllocSerialNumber: too many locks!",
            "In(05) vmx - DISKLIB-LINK : \"x.vmdk\" : failed to open (x).",
            "[YYYY-MM-DDTHH:MM:SS] Er(02) worker-2328848 293b2adb LWD: Failed to write",
        ],
    },
    Dialect {
        generation: "snippet-vmacore",
        format: None,
        other: FormatName::Vmacore,
        kin: Kin::Daemons,
        opens: WORD | BRACKET,
        glance: glance_vmacore,
        claims: |line| glance_vmacore(line).is_some(),
        open: vmacore::open,
        joins: Joins::Marked,
        samples: &[
            "info vpxa[303466] [Originator@6876 sub=Default] Received signal to reload SSL certificate",
            "YYYY-MM-DDTHH:MM:SSZ info fdm[PID] [Originator@6876 sub=Invt] Host host-<ID> changed state: Dead",
            "In(166) Hostd[2099494]: [Originator@6876 sub=Vmsvc] text",
            "[Originator@6876 sub=Vmsvc opID=x] text",
        ],
    },
    Dialect {
        generation: "snippet-vmkernel",
        format: Some(FormatName::Vmkernel),
        other: FormatName::Vmkernel,
        kin: Kin::Kernel,
        opens: WORD | BRACKET,
        glance: glance_vmkernel,
        claims: |line| glance_vmkernel(line).is_some(),
        open: vmkernel::open,
        joins: Joins::Marked,
        samples: &[
            "cpu50:2151680)ALERT: hostd detected to be non-responsive",
            "YYYY-MM-DDTHH:MM:SS.123Z cpu22:6518)WARNING: Heap: 2900: Heap_Align(vmfs3, 6184/6184 bytes, 8 align) failed.",
            "Wa(180) vmkwarning: cpu0:263421 opID=a03fc439)WARNING: Sched: vm 265285: 6404: could not create container group",
        ],
    },
];

/// Takes off a stamp that somebody blotted out: `YYYY-MM-DDTHH:MM:SSZ `, `[Timestamp] `.
fn behind_blotted_stamp(line: &[u8]) -> &[u8] {
    let inside = line.strip_prefix(b"[").unwrap_or(line);
    if let Some(rest) = inside.strip_prefix(b"YYYY-MM-DD").or_else(|| inside.strip_prefix(b"Timestamp]")) {
        return word(rest).1;
    }
    line
}

fn glance_vmx(line: &[u8]) -> Option<Glance<'_>> {
    let line = behind_blotted_stamp(line);
    if let Some((level, more, used)) = letters_and_number(line) {
        let (who, body) = word(line.get(used..)?.strip_prefix(b" ")?);
        if who.is_empty() || who.ends_with(b":") {
            return None;
        }
        let (op_id, rest) = word(body);
        let esx = op_id == b"-" || (op_id.len() == 8 && op_id.iter().all(u8::is_ascii_hexdigit));
        let mut glance = Glance::new(None, who, if esx { rest } else { body });
        (glance.level, glance.more) = (Some(level), more);
        return Some(glance);
    }
    // `thread| L000: text`
    let end = memchr::memchr(b'|', line.get(..32).unwrap_or(line))?;
    let (who, rest) = (line.get(..end)?, line.get(end + 1..)?.strip_prefix(b" ")?);
    let [letter, digits @ .., mark] = rest.first_chunk::<5>()?;
    let head = b"AEWNIVTD".contains(letter) && digits.iter().all(u8::is_ascii_digit) && matches!(mark, b':' | b'+');
    if !head || who.contains(&b' ') || iso(who).is_some() {
        return None;
    }
    let body = rest.get(5..)?;
    let mut glance = Glance::new(None, who, body.strip_prefix(b" ").unwrap_or(body));
    glance.more = *mark == b'+';
    Some(glance)
}

fn glance_vmacore(line: &[u8]) -> Option<Glance<'_>> {
    let line = behind_blotted_stamp(line);
    if line.starts_with(b"[Originator@") {
        return Some(Glance::new(None, b"", line));
    }
    let (level, rest) = if let Some((level, _, used)) = letters_and_number(line) {
        (level, line.get(used..)?.strip_prefix(b" ")?)
    } else {
        let (name, rest) = word(line);
        (esxray_model::Level::from_word(name)?, rest)
    };
    let (token, body) = word(rest);
    let name = token.get(..memchr::memchr(b'[', token)?)?;
    // Without a bracket of its own behind it this is any text.
    if name.is_empty() || !token.trim_ascii_end().ends_with(b"]") && !token.ends_with(b"]:") {
        return None;
    }
    let more = body.starts_with(b"-->");
    if !body.starts_with(b"[Originator@") && !more {
        return None;
    }
    let mut glance = Glance::new(None, name, body);
    (glance.level, glance.more) = (Some(level), more);
    Some(glance)
}

/// A line of the kernel by the place that it names: `cpu50:2151680)text`.
fn glance_vmkernel(line: &[u8]) -> Option<Glance<'_>> {
    let line = behind_blotted_stamp(line);
    let body = match letters_and_number(line) {
        Some((_, _, used)) => {
            let (token, body) = word(line.get(used..)?.strip_prefix(b" ")?);
            Some(body).filter(|_| token.starts_with(b"vmk") && token.ends_with(b":"))?
        }
        None => line,
    };
    let mut glance = Glance::new(None, b"", body);
    glance.level = vmkernel::level_of(b"vmkernel", body);
    (body.starts_with(b"cpu") && vmkernel::has_place(body)).then_some(glance)
}
