//! The status of a SCSI command, as the kernel prints it in all generations.
//!
//! ```text
//! NMP: nmp_ThrottleLogForDevice:3617: Cmd 0x2a (0x43…, 65575) to dev "naa.x" on path "vmhba64:C0:T0:L0" Failed: H:0x2 D:0x0 P:0x0 Invalid sense data: 0x0 0x0 0x0. Act:EVAL
//! ScsiDeviceIO: 2331: Cmd(0x41…) 0x2a, CmdSN 0xd5 from world 602789 to dev "naa.x" failed H:0x0 D:0x2 P:0x0 Valid sense data: 0x4 0x44 0x0
//! NMP: nmp_CompleteCommandForPath: Command 0x28 (0x41…) to NMP device "naa.x" failed on physical path "vmhba2:C0:T1:L27" H:0x8 D:0x0 P:0x0 Possible sense data: 0x0 0x0 0x0
//! SCSI: 8294: vml.x: path: vmhba1:C0:T0:L1: cmd status = 2/0 0x6 0x29 0x0
//! ```
//!
//! The colons and signs of a web page are read too: `H:0×0`, `“naa.x″`.

use crate::schema::Basis;

use super::{Decoded, Row, Table, memory, row};

/// The status of one command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScsiStatus<'t> {
    /// The operation code of the command.
    pub operation: Option<u32>,
    /// The device.
    pub device: Option<&'t str>,
    /// The path to it.
    pub path: Option<&'t str>,
    /// `H:` what the driver says.
    pub host: Option<u32>,
    /// `D:` what the device says.
    pub status: Option<u32>,
    /// `P:` what the plug-in says.
    pub plugin: Option<u32>,
    /// What the device says in detail.
    pub sense: Option<Sense>,
    /// `Act:` what the plug-in does about it.
    pub action: Option<&'t str>,
    /// Whether a release before 5.0 wrote it, whose plug-in numbers differ from 4 on.
    pub before_5: bool,
}

/// Sense data: key, additional code and its qualifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sense {
    /// Whether the device gave it for this command.
    pub validity: Validity,
    /// Sense key.
    pub key: u32,
    /// Additional sense code.
    pub code: u32,
    /// Its qualifier.
    pub qualifier: u32,
}

/// The word before `sense data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// The device gave it for this command.
    Valid,
    /// It may be left over from another command.
    Possible,
    /// There is none.
    Invalid,
}

/// Reads a status line of any generation; `None` where there is none in the text.
pub fn scsi_status(text: &str) -> Option<ScsiStatus<'_>> {
    let mut status = ScsiStatus {
        host: labelled(text, "H:"),
        status: labelled(text, "D:"),
        plugin: labelled(text, "P:"),
        before_5: text.contains("nmp_CompleteCommandForPath") || text.contains("to NMP device"),
        ..ScsiStatus::default()
    };
    if let Some(at) = text.find("sense data: ") {
        let word = text.get(..at)?.trim_end().rsplit(' ').next().unwrap_or_default();
        let validity = match word {
            "Valid" => Validity::Valid,
            "Possible" => Validity::Possible,
            _ => Validity::Invalid,
        };
        status.sense = sense(text.get(at + "sense data: ".len()..)?, validity);
    } else if let Some(at) = text.find("status = ") {
        // ESX 3: `status = 2/0 0x6 0x29 0x0`, device and host.
        let rest = text.get(at + "status = ".len()..)?;
        let (device, rest) = rest.split_once('/')?;
        let (host, rest) = rest.split_once(' ')?;
        (status.status, status.host) = (device.parse().ok(), host.parse().ok());
        status.sense = sense(rest, Validity::Possible);
        status.before_5 = true;
    }
    if status.host.is_none() && status.status.is_none() && status.plugin.is_none() {
        return None;
    }
    status.operation = operation(text);
    status.device = quoted(text, &["to dev ", "device ", "to device "]);
    status.path = quoted(text, &["on path ", "physical path "]);
    status.action = text.find("Act:").and_then(|at| text.get(at + 4..)).map(|rest| {
        let end = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    });
    Some(status)
}

/// `0x2a`, also with the sign of multiplication of a web page: the number, and what follows it.
fn hex(text: &str) -> Option<(u32, &str)> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0\u{d7}"))?;
    let end = digits.find(|it: char| !it.is_ascii_hexdigit()).unwrap_or(digits.len());
    Some((u32::from_str_radix(digits.get(..end)?, 16).ok()?, digits.get(end..)?))
}

/// The number behind `H:`, where that is a word of its own.
fn labelled(text: &str, label: &str) -> Option<u32> {
    text.match_indices(label)
        .filter(|(at, _)| text.get(..*at).is_some_and(|before| !before.ends_with(|it: char| it.is_alphanumeric())))
        .find_map(|(at, _)| hex(text.get(at + label.len()..)?))
        .map(|it| it.0)
}

/// `0x6 0x29 0x0`.
fn sense(text: &str, validity: Validity) -> Option<Sense> {
    let (key, rest) = hex(text)?;
    let (code, rest) = hex(rest.strip_prefix(' ')?)?;
    let (qualifier, _) = hex(rest.strip_prefix(' ')?)?;
    Some(Sense { validity, key, code, qualifier })
}

/// The operation: `Cmd 0x2a (`, `Cmd(0x41…) 0x2a,`, `Command 0x28`, `command 0xa3`.
fn operation(text: &str) -> Option<u32> {
    for word in ["Cmd", "Command", "command"] {
        for (at, _) in text.match_indices(word) {
            let rest = text.get(at + word.len()..)?;
            let rest = match rest.strip_prefix('(') {
                Some(inside) => inside.split_once(") ").map_or("", |it| it.1),
                None => rest.strip_prefix(' ').unwrap_or_default(),
            };
            if let Some((operation, _)) = hex(rest).filter(|it| it.0 <= 0xff) {
                return Some(operation);
            }
        }
    }
    None
}

/// What stands in quotation marks behind one of some words.
fn quoted<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    words.iter().find_map(|word| {
        let at = text.find(word)? + word.len();
        let inside = text.get(at..)?.strip_prefix(['"', '\u{201c}', '\u{201d}'])?;
        inside.get(..inside.find(['"', '\u{201c}', '\u{201d}', '\u{2033}'])?)
    })
}

/// What the parts of a status line mean.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let Some(status) = scsi_status(text) else { return alone(text) };
    let mut decoded = Vec::new();
    decoded.extend(status.operation.and_then(|code| OPERATIONS.get(code, format!("{code:#x}"))));
    decoded.extend(status.host.and_then(|code| HOST.get(code, format!("H:{code:#x}"))));
    decoded.extend(status.status.and_then(|code| DEVICE.get(code, format!("D:{code:#x}"))));
    let table = if status.before_5 { &PLUGIN_4 } else { &PLUGIN };
    decoded.extend(status.plugin.and_then(|code| table.get(code, format!("P:{code:#x}"))));
    // Only what the device gave for this command says something of it.
    if let Some(sense) = status.sense.filter(|sense| sense.validity == Validity::Valid) {
        decoded.extend(in_detail(sense));
    }
    decoded.extend(status.action.and_then(|action| {
        let row = ACTIONS.rows.iter().find(|row| row.name == action)?;
        ACTIONS.get(row.code, format!("Act:{action}"))
    }));
    decoded
}

/// Three numbers alone, as a user types them: `0x5 0x25 0x0`.
fn alone(text: &str) -> Vec<Decoded> {
    let text = text.trim();
    let shape = text.split(' ').count() == 3 && text.split(' ').all(|it| hex(it).is_some_and(|it| it.1.is_empty()));
    sense(text, Validity::Valid).filter(|_| shape).map(in_detail).unwrap_or_default()
}

/// The key, and what code and qualifier mean with it.
fn in_detail(sense: Sense) -> Vec<Decoded> {
    let mut decoded: Vec<Decoded> = SENSE_KEYS.get(sense.key, format!("{:#x}", sense.key)).into_iter().collect();
    let printed = format!("{:#x} {:#x} {:#x}", sense.key, sense.code, sense.qualifier);
    let of = |qualifier| CODES.get(sense.key << 16 | sense.code << 8 | qualifier, printed.clone());
    decoded.extend(of(sense.qualifier).or_else(|| of(ANY)));
    decoded
}

/// Any qualifier.
const ANY: u32 = 0xff;

pub(super) const HOST: Table = Table {
    kind: "host status",
    source: "KB 309543 (1029039)",
    basis: Basis::Documented,
    rows: &[
        row(0x0, "OK", "the driver reports no error; look at the device and the plug-in"),
        row(0x1, "NO_CONNECT", "the connection to the LUN is lost: look at zoning, port and array"),
        row(0x2, "BUS_BUSY", "the HBA could not issue the command (dropped frames, or a lost iSCSI session)"),
        row(0x3, "TIMEOUT", "the command timed out in flight: look at the latency of the array"),
        memory(0x4, "BAD_TARGET", "the target is not valid"),
        row(0x5, "ABORT", "the driver aborted the command: look at latency and lost frames"),
        memory(0x6, "PARITY", "a parity error: look at the cable"),
        row(0x7, "ERROR", "an error of driver or firmware, often a failing USB or SD device"),
        row(0x8, "RESET", "the command was reset, also by VMFS after an APD or PDL: look who reset"),
        memory(0x9, "BADINTR", "an unexpected interrupt"),
        memory(0xa, "PASSTHROUGH", "forced through"),
        row(0xb, "RETRY", "the driver asks to issue the command again; transient"),
        memory(0xc, "TRANSIENT", "a transient condition of the fabric"),
        memory(0xd, "REQUEUE", "the command is queued again"),
        memory(0xe, "TRANSPORT_DISRUPTED", "the transport is disrupted: look at the link"),
        memory(0xf, "TRANSPORT_FAILFAST", "failed fast after the remote port was lost: look at the link"),
    ],
};

pub(super) const DEVICE: Table = Table {
    kind: "device status",
    source: "KB 338435 (1030381)",
    basis: Basis::Documented,
    rows: &[
        row(0x0, "GOOD", "the device reports no error"),
        row(0x2, "CHECK CONDITION", "the sense data says what the device complains of"),
        row(0x4, "CONDITION MET", "the asked condition holds"),
        row(0x8, "BUSY", "the device cannot take the command now"),
        memory(0x10, "INTERMEDIATE", "a linked command succeeded"),
        row(0x18, "RESERVATION CONFLICT", "another host holds a reservation"),
        row(0x28, "TASK SET FULL", "the queue of the device is full"),
        memory(0x30, "ACA ACTIVE", "an auto contingent allegiance is active"),
        memory(0x40, "TASK ABORTED", "another initiator aborted the command"),
    ],
};

pub(super) const PLUGIN: Table = Table {
    kind: "plug-in status",
    source: "KB 330644 (2004086), ESXi 5 to 7",
    basis: Basis::Documented,
    rows: &[
        row(0x0, "GOOD", "the plug-in reports no error"),
        row(0x1, "TRANSIENT", "a transient error"),
        row(0x2, "SNAPSHOT", "the device is a deactivated snapshot, read-only"),
        row(0x3, "RESERVATION_LOST", "a reservation was lost"),
        row(0x4, "REQUEUE", "the command is queued again"),
        row(0x5, "ATS_MISCOMPARE", "the test of an atomic test-and-set did not match"),
        row(0x6, "THINPROV_BUSY_GROWING", "a thin-provisioned LUN is growing"),
        row(0x7, "THINPROV_ATQUOTA", "a thin-provisioned LUN is at its quota"),
        row(0x8, "THINPROV_NOSPACE", "a thin-provisioned LUN has no space left"),
    ],
};

/// ESX 4 counts otherwise from 4 on: what is not known is not decoded.
const PLUGIN_4: Table = Table {
    kind: "plug-in status of release 4",
    source: PLUGIN.source,
    basis: Basis::Documented,
    rows: &[
        row(0x0, "GOOD", "the plug-in reports no error"),
        row(0x1, "TRANSIENT", "a transient error"),
        row(0x2, "SNAPSHOT", "the device is a deactivated snapshot, read-only"),
        row(0x3, "RESERVATION_LOST", "a reservation was lost"),
        row(0x4, "THINPROV_GROWING", "more space of a thin-provisioned LUN is being allocated"),
    ],
};

const ACTIONS: Table = Table {
    kind: "what the plug-in does",
    source: "the words of the log",
    basis: Basis::Inferred,
    rows: &[
        row(0, "NONE", "the path stays in use"),
        row(1, "EVAL", "the states of the paths are asked for again"),
        row(2, "FAILOVER", "another path is taken"),
    ],
};

pub(super) const SENSE_KEYS: Table = Table {
    kind: "sense key",
    source: "T10, SCSI Primary Commands",
    basis: Basis::Documented,
    rows: &[
        row(0x0, "NO SENSE", "nothing more to say"),
        row(0x1, "RECOVERED ERROR", "an error that the device recovered from"),
        row(0x2, "NOT READY", "the device is not ready"),
        row(0x3, "MEDIUM ERROR", "the medium has an error"),
        row(0x4, "HARDWARE ERROR", "the device has an error"),
        row(0x5, "ILLEGAL REQUEST", "the command or a field of it is not supported"),
        row(0x6, "UNIT ATTENTION", "something about the device changed"),
        row(0x7, "DATA PROTECT", "the data is protected"),
        row(0x8, "BLANK CHECK", "the medium is blank"),
        row(0x9, "VENDOR SPECIFIC", "the vendor says"),
        row(0xa, "COPY ABORTED", "a copy was aborted"),
        row(0xb, "ABORTED COMMAND", "the device aborted the command"),
        row(0xd, "VOLUME OVERFLOW", "the end of the medium"),
        row(0xe, "MISCOMPARE", "the data did not match"),
    ],
};

/// Key, code and qualifier in one number.
const fn code(key: u32, code: u32, qualifier: u32) -> u32 {
    key << 16 | code << 8 | qualifier
}

const fn known(key: u32, asc: u32, qualifier: u32, name: &'static str, meaning: &'static str) -> Row {
    row(code(key, asc, qualifier), name, meaning)
}

const fn from_memory(key: u32, asc: u32, qualifier: u32, name: &'static str, meaning: &'static str) -> Row {
    memory(code(key, asc, qualifier), name, meaning)
}

const CODES: Table = Table {
    kind: "sense data",
    source: "T10, and KB 309543",
    basis: Basis::Documented,
    rows: &[
        from_memory(0x2, 0x04, 0x00, "LOGICAL UNIT NOT READY, CAUSE NOT REPORTABLE", "path or array"),
        from_memory(0x2, 0x04, 0x02, "LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED", "array"),
        known(
            0x2,
            0x04,
            0x03,
            "LOGICAL UNIT NOT READY, MANUAL INTERVENTION REQUIRED",
            "array; like a permanent device loss",
        ),
        from_memory(0x2, 0x04, 0x0a, "LOGICAL UNIT NOT ACCESSIBLE, ASYMMETRIC ACCESS STATE TRANSITION", "failover"),
        from_memory(0x2, 0x04, 0x0b, "LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN STANDBY STATE", "failover"),
        from_memory(0x2, 0x04, 0x0c, "LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN UNAVAILABLE STATE", "failover"),
        from_memory(0x2, 0x3a, 0x00, "MEDIUM NOT PRESENT", "no medium in a CD or USB device; harmless"),
        from_memory(0x3, 0x11, 0x00, "UNRECOVERED READ ERROR", "the medium is damaged"),
        from_memory(0x4, 0x3e, 0x01, "LOGICAL UNIT FAILURE", "permanent device loss"),
        from_memory(0x4, 0x3e, 0x03, "LOGICAL UNIT FAILED SELF-TEST", "permanent device loss"),
        known(0x4, 0x44, 0x00, "INTERNAL TARGET FAILURE", "hardware of the target"),
        from_memory(0x4, 0x4c, 0x00, "LOGICAL UNIT FAILED SELF-CONFIGURATION", "permanent device loss"),
        known(0x5, 0x20, 0x00, "INVALID COMMAND OPERATION CODE", "the device does not support the command; harmless"),
        known(0x5, 0x24, 0x00, "INVALID FIELD IN CDB", "the device does not support a field; harmless"),
        known(0x5, 0x25, 0x00, "LOGICAL UNIT NOT SUPPORTED", "permanent device loss, where all paths say it"),
        from_memory(0x5, 0x68, 0x00, "LOGICAL UNIT NOT CONFIGURED", "permanent device loss"),
        known(0x6, 0x29, 0x00, "POWER ON, RESET, OR BUS DEVICE RESET OCCURRED", "a reset"),
        from_memory(0x6, 0x2a, 0x05, "ASYMMETRIC ACCESS CAPABILITIES CHANGED", "failover"),
        from_memory(0x6, 0x2a, 0x06, "ASYMMETRIC ACCESS STATE CHANGED", "failover"),
        known(0x6, 0x3f, 0x0e, "REPORTED LUNS DATA HAS CHANGED", "the mapping of LUNs changed"),
        from_memory(0x6, 0x38, 0x07, "THIN PROVISIONING SOFT THRESHOLD REACHED", "the pool of the array fills up"),
        known(0x7, 0x27, 0x07, "SPACE ALLOCATION FAILED WRITE PROTECT", "the thin pool of the array is full"),
        from_memory(0x7, 0x27, 0x00, "WRITE PROTECTED", "the LUN is read-only"),
        from_memory(0xb, 0x47, 0x03, "INFORMATION UNIT CRC ERROR DETECTED", "fabric"),
        from_memory(0xb, 0x4b, ANY, "DATA PHASE ERROR", "fabric"),
        known(0xe, 0x1d, 0x00, "MISCOMPARE DURING VERIFY OPERATION", "an atomic test-and-set did not match"),
    ],
};

pub(super) const OPERATIONS: Table = Table {
    kind: "operation",
    source: "T10, SCSI operation codes",
    basis: Basis::Documented,
    rows: &[
        row(0x00, "TEST UNIT READY", "asks whether the device is ready"),
        row(0x12, "INQUIRY", "asks what the device is"),
        row(0x16, "RESERVE(6)", "reserves the device"),
        row(0x1a, "MODE SENSE(6)", "asks for the mode of the device"),
        row(0x25, "READ CAPACITY(10)", "asks for the size of the device"),
        row(0x28, "READ(10)", "reads"),
        row(0x2a, "WRITE(10)", "writes"),
        row(0x42, "UNMAP", "gives blocks back"),
        row(0x85, "ATA PASS-THROUGH(16)", "asks for the health of the disk"),
        row(0x88, "READ(16)", "reads"),
        row(0x89, "COMPARE AND WRITE", "takes a lock by atomic test-and-set"),
        row(0x8a, "WRITE(16)", "writes"),
        row(0x93, "WRITE SAME(16)", "writes zeroes"),
        row(0x9e, "SERVICE ACTION IN(16)", "asks for the size of the device"),
        row(0xa0, "REPORT LUNS", "asks for the list of LUNs"),
        row(0xa3, "MAINTENANCE IN", "asks for the states of the target's ports"),
        row(0xfe, "internal write of zeroes", "writes zeroes, by ESXi itself (KB 435349)"),
    ],
};

#[cfg(test)]
mod tests {
    use super::{CODES, Validity, decode, scsi_status};
    use crate::schema::Basis;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let decoded = decode(text);
        let seen: Vec<(&str, &str)> = decoded.iter().map(|it| (it.code.as_str(), &*it.name)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn every_generation_of_a_status_line() {
        check(
            "NMP: nmp_ThrottleLogForDevice:3617: Cmd 0x2a (0x43950c44a000, 65575) to dev \"naa.6001\" on path \"vmhba64:C0:T0:L0\" Failed: H:0x2 D:0x0 P:0x0 Invalid sense data: 0x0 0x0 0x0. Act:EVAL",
            &[("0x2a", "WRITE(10)"), ("H:0x2", "BUS_BUSY"), ("D:0x0", "GOOD"), ("P:0x0", "GOOD"), ("Act:EVAL", "EVAL")],
        );
        check(
            "ScsiDeviceIO: 3029: Cmd(0x459a906502c0) 0x28, cmdId.initiator=0x4304 CmdSN 0x1a0d2b from world 0 to dev \"naa.6001\" failed H:0x0 D:0x2 P:0x0 Valid sense data: 0x3 0x11 0x0",
            &[
                ("0x28", "READ(10)"),
                ("H:0x0", "OK"),
                ("D:0x2", "CHECK CONDITION"),
                ("P:0x0", "GOOD"),
                ("0x3", "MEDIUM ERROR"),
                ("0x3 0x11 0x0", "UNRECOVERED READ ERROR"),
            ],
        );
        check(
            "NMP: nmp_CompleteCommandForPath: Command 0x2a (0x4100010bf9c0) to NMP device \"naa.6001\" failed on physical path \"vmhba3:C0:T0:L4\" H:0x0 D:0x2 P:0x5 Possible sense data: 0x2 0x4 0x3.",
            &[("0x2a", "WRITE(10)"), ("H:0x0", "OK"), ("D:0x2", "CHECK CONDITION")],
        );
        check(
            "VMW_SATP_ALUA: satp_alua_issueCommandOnPath:661: Path \"vmhba3:C0:T0:L0\" (PERM LOSS) command 0xa3 failed with status Device is permanently unavailable. H:0x0 D:0x2 P:0x0 Valid sense data: 0x5 0x25 0x0.",
            &[
                ("0xa3", "MAINTENANCE IN"),
                ("H:0x0", "OK"),
                ("D:0x2", "CHECK CONDITION"),
                ("P:0x0", "GOOD"),
                ("0x5", "ILLEGAL REQUEST"),
                ("0x5 0x25 0x0", "LOGICAL UNIT NOT SUPPORTED"),
            ],
        );
        check(
            "SCSI: 8294: vmhba1:C0:T0:L1: cmd status = 2/0 0x6 0x29 0x0",
            &[("H:0x0", "OK"), ("D:0x2", "CHECK CONDITION")],
        );
    }

    #[test]
    fn a_line_of_a_web_page() {
        let text = "Cmd(0x4124425bc700) 0x2a, CmdSN 0xd5 to dev \u{201c}naa.514f\u{2033} failed H:0\u{d7}0 D:0\u{d7}2 P:0\u{d7}0 Valid sense data: 0\u{d7}4 0\u{d7}44 0\u{d7}0";
        let status = scsi_status(text).unwrap();
        assert_eq!((status.device, status.operation, status.host), (Some("naa.514f"), Some(0x2a), Some(0)));
        assert_eq!(status.sense.unwrap().validity, Validity::Valid);
        assert_eq!(decode(text).last().unwrap().name, "INTERNAL TARGET FAILURE");
    }

    #[test]
    fn numbers_that_are_none() {
        for text in ["", "H:", "PATH:0x1", "the host H: is down", "0x5 0x25", "0x5 0x25 0x0 more", "status = ok/ko 1"] {
            check(text, &[]);
        }
        check("H:0x99 D:0x0", &[("D:0x0", "GOOD")]);
        check("0xb 0x4b 0x4", &[("0xb", "ABORTED COMMAND"), ("0xb 0x4b 0x4", "DATA PHASE ERROR")]);
    }

    #[test]
    fn what_nobody_checked_says_so() {
        let decoded = decode("D:0x2 Valid sense data: 0x3 0x11 0x0");
        assert_eq!(decoded.last().unwrap().basis, Basis::FromMemory);
        let mut codes: Vec<u32> = CODES.rows.iter().map(|row| row.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.rows.len());
    }
}
