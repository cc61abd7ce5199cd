use std::fmt::Write as _;

use crate::record::{Level, LogRecord};

/// The host name that forwarded lines carry.
const SYSLOG_HOST: &str = "esx01.lab.example";

/// Declares the dialects with their format and name, so that `ALL` cannot forget one.
macro_rules! dialects {
    ($($(#[$meta:meta])* $variant:ident = $format:literal $name:literal,)*) => {
        /// One way in which a program writes its log, over products and generations.
        ///
        /// # Examples
        ///
        /// ```
        /// use esxray_testkit::{Dialect, LogRecord, LogTime, wrap};
        ///
        /// let record = LogRecord::new(LogTime::civil(2024, 3, 12, 9, 0, 0), "vmx", "PowerOn");
        /// assert_eq!(wrap(Dialect::VmwareEsx8, &record), b"2024-03-12T09:00:00.000Z In(05) vmx - PowerOn\n");
        /// assert_eq!(wrap(Dialect::VmwareI125, &record), b"2024-03-12T09:00:00.000Z| vmx| I125: PowerOn\n");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dialect { $($(#[$meta])* $variant,)* }

        impl Dialect {
            /// Every dialect.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The log's format, by the word that knowledge files use: `vmware-log`, `hostd`, `vpxd`, `vpxa`, `fdm`.
            pub const fn format(self) -> &'static str {
                match self { $(Self::$variant => $format,)* }
            }

            /// A short name for messages of failed tests.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

dialects! {
    /// Hosted products up to 5.5, Server 1.x: no year, no fraction, no level.
    VmwareA0 = "vmware-log" "vmware-a0",
    /// ESX 3 and 4, Workstation 6 and 7: no year, no level.
    VmwareA1 = "vmware-log" "vmware-a1",
    /// ESXi 5.x, Workstation 8 to 11: `I120`.
    VmwareI120 = "vmware-log" "vmware-b-i120",
    /// ESXi 6.0 to 7.0, Workstation 12 to 15: `I125`.
    VmwareI125 = "vmware-log" "vmware-b-i125",
    /// Workstation 16.0 to 16.2.3: `I005`, and a local offset instead of `Z`.
    VmwareI005 = "vmware-log" "vmware-b-i005",
    /// What the signal-safe writer leaves when a VMX dies: whole seconds, `[+0.000]`.
    VmwarePanic = "vmware-log" "vmware-b-panic",
    /// ESXi 8 and 9: level in letters, operation id or `-`.
    VmwareEsx8 = "vmware-log" "vmware-c-esx",
    /// Workstation 16.2.4 and later: as on ESXi, but without the operation id.
    VmwareHosted = "vmware-log" "vmware-c-hosted",
    /// ESX and ESXi 4.x.
    HostdH4 = "hostd" "hostd-4",
    /// ESXi 5.x.
    HostdH5 = "hostd" "hostd-5",
    /// ESXi 6.0 and 6.5: thread in hexadecimal.
    HostdH6Hex = "hostd" "hostd-6-hex",
    /// ESXi 6.7 and 7.0: thread in decimal.
    HostdH6 = "hostd" "hostd-6",
    /// ESXi 8 and 9: written by the syslog daemon, each continuation line with a stamp of its own.
    HostdH8 = "hostd" "hostd-8",
    /// vCenter Server 6.0 and 6.5.
    VpxdH6Hex = "vpxd" "vpxd-6-hex",
    /// vCenter Server 6.7 to 8.
    VpxdH6 = "vpxd" "vpxd-6",
    /// vCenter Server 9: enterprise number 4413, quoted values, bare thread.
    VpxdH9 = "vpxd" "vpxd-9",
    /// The vCenter agent on ESXi 6.7 and 7.0.
    VpxaH6 = "vpxa" "vpxa-6",
    /// The vCenter agent on ESXi 8.
    VpxaH8 = "vpxa" "vpxa-8",
    /// The vSphere HA agent on ESXi 6.7 and 7.0.
    FdmH6 = "fdm" "fdm-6",
    /// The vSphere HA agent on ESXi 8.
    FdmH8 = "fdm" "fdm-8",
    /// hostd of ESXi 5.x as a syslog server receives it.
    SyslogH5 = "hostd" "syslog-5",
    /// hostd of ESXi 6.x and 7.0 as a syslog server receives it.
    SyslogH6 = "hostd" "syslog-6",
    /// hostd of ESXi 8 as a syslog server receives it: RFC 3164 with an RFC 3339 time.
    SyslogH8 = "hostd" "syslog-8",
    /// hostd of ESXi 8 sent as RFC 5424.
    SyslogRfc5424 = "hostd" "syslog-rfc5424",
    /// The same after an exporter that doubles every quotation mark of the structured data.
    SyslogDoubledQuotes = "hostd" "syslog-doubled-quotes",
    /// hostd of ESXi 8 behind a BSD relay, which puts its own stamp and the sender's address in front.
    SyslogRelay = "hostd" "syslog-relay",
}

/// The bytes of one record in a dialect, each line ended by a line feed.
///
/// What a dialect cannot say is left out: `vmware.log` has no user, the old
/// ones no level and no year. The message and its continuation lines are never
/// changed, only marked and framed.
pub fn wrap(dialect: Dialect, record: &LogRecord) -> Vec<u8> {
    let mut out = String::new();
    render(dialect, record, &mut out);
    out.into_bytes()
}

/// Appends one record to `out`.
pub(crate) fn render(dialect: Dialect, record: &LogRecord, out: &mut String) {
    let first = head(dialect, record);
    line(out, &first, &record.message);
    if record.more.is_empty() {
        return;
    }
    let next = continuation(dialect, record);
    for text in &record.more {
        // An empty continuation is `-->` or a bare prefix; the writers trim nothing else.
        line(out, &next, text);
    }
}

fn line(out: &mut String, prefix: &str, text: &str) {
    out.push_str(prefix);
    out.push_str(text);
    out.push('\n');
}

/// The text before the message of the first line.
fn head(dialect: Dialect, record: &LogRecord) -> String {
    let thread = &record.component;
    match dialect {
        Dialect::VmwareA0 => format!("{}: {thread}| ", record.time.month_day()),
        Dialect::VmwareA1 => format!("{}.{}: {thread}| ", record.time.month_day(), record.time.millis_part()),
        Dialect::VmwareI120 | Dialect::VmwareI125 | Dialect::VmwareI005 | Dialect::VmwarePanic => {
            format!("{}| {thread}| {}: ", vmware_b_stamp(dialect, record), vmware_b_level(dialect, record.level))
        }
        Dialect::VmwareEsx8 => {
            let op_id = record.op_id.as_deref().unwrap_or("-");
            format!("{} {} {thread} {op_id} ", record.time.iso_millis(), vmware_c_level(record.level))
        }
        Dialect::VmwareHosted => format!("{} {} {thread} ", record.time.iso_millis(), vmware_c_level(record.level)),
        Dialect::HostdH4 => {
            format!("[{} {}] ", record.time.spaced_millis(), old_bracket(record))
        }
        Dialect::HostdH5 => format!("{} [{}] ", record.time.iso_millis(), old_bracket(record)),
        Dialect::HostdH6Hex => h6(record, "hostd", &format!("{:08X}", hostd_pointer(record.thread_id))),
        Dialect::HostdH6 => h6(record, "hostd", &record.thread_id.to_string()),
        Dialect::VpxaH6 => h6(record, "vpxa", &record.thread_id.to_string()),
        Dialect::FdmH6 => h6(record, "fdm", &record.thread_id.to_string()),
        Dialect::VpxdH6Hex => h6(record, "vpxd", &format!("{:012X}", vpxd_pointer(record.thread_id))),
        Dialect::VpxdH6 => h6(record, "vpxd", &format!("{:05}", record.thread_id)),
        Dialect::VpxdH9 => format!(
            "{} {} vpxd {} {} ",
            record.time.iso_millis(),
            word(record.level).to_ascii_uppercase(),
            record.thread_id,
            originator(record, Quotes::Plain, "4413")
        ),
        Dialect::HostdH8 | Dialect::VpxaH8 | Dialect::FdmH8 => {
            format!("{}{} ", h8(dialect, record, record.thread_id), originator(record, Quotes::None, "6876"))
        }
        Dialect::SyslogH5 => format!("{}[{}] ", syslog(record, "Hostd"), old_bracket(record)),
        Dialect::SyslogH6 => format!(
            "{}{} hostd[{}] {} ",
            syslog(record, "Hostd"),
            word(record.level),
            record.thread_id,
            originator(record, Quotes::None, "6876")
        ),
        Dialect::SyslogH8 | Dialect::SyslogRelay => {
            format!("{}{} ", syslog_8(dialect, record), originator(record, Quotes::None, "6876"))
        }
        Dialect::SyslogRfc5424 => format!("{}{} ", rfc5424(record), originator(record, Quotes::Plain, "6876")),
        Dialect::SyslogDoubledQuotes => format!("{}{} ", rfc5424(record), originator(record, Quotes::Doubled, "6876")),
    }
}

/// The text before a continuation line.
fn continuation(dialect: Dialect, record: &LogRecord) -> String {
    match dialect {
        // The oldest writers have no mark: each line is a record of its own.
        Dialect::VmwareA0 | Dialect::VmwareA1 => head(dialect, record),
        Dialect::VmwareI120 | Dialect::VmwareI125 | Dialect::VmwareI005 | Dialect::VmwarePanic => format!(
            "{}| {}| {}+ ",
            vmware_b_stamp(dialect, record),
            record.component,
            vmware_b_level(dialect, record.level)
        ),
        Dialect::VmwareEsx8 => format!(
            "{} {}+ {} {} ",
            record.time.iso_millis(),
            vmware_c_level(record.level),
            record.component,
            record.op_id.as_deref().unwrap_or("-")
        ),
        Dialect::VmwareHosted => {
            format!("{} {}+ {} ", record.time.iso_millis(), vmware_c_level(record.level), record.component)
        }
        Dialect::HostdH4
        | Dialect::HostdH5
        | Dialect::HostdH6Hex
        | Dialect::HostdH6
        | Dialect::VpxdH6Hex
        | Dialect::VpxdH6
        | Dialect::VpxdH9
        | Dialect::VpxaH6
        | Dialect::FdmH6 => "--> ".to_owned(),
        // Another thread hands the rest of a long record to the syslog daemon.
        Dialect::HostdH8 | Dialect::VpxaH8 | Dialect::FdmH8 => {
            format!("{}--> ", h8(dialect, record, record.thread_id + 31))
        }
        Dialect::SyslogH5 | Dialect::SyslogH6 => format!("{}--> ", syslog(record, "Hostd")),
        Dialect::SyslogH8 | Dialect::SyslogRelay => format!("{}--> ", syslog_8(dialect, record)),
        Dialect::SyslogRfc5424 | Dialect::SyslogDoubledQuotes => format!("{}- --> ", rfc5424(record)),
    }
}

fn vmware_b_stamp(dialect: Dialect, record: &LogRecord) -> String {
    match dialect {
        Dialect::VmwarePanic => format!("{}[+0.000]", record.time.iso_seconds()),
        // Hosted products wrote local time; +01:00 stands for any zone that is not UTC.
        Dialect::VmwareI005 => {
            (record.time + crate::time::seconds(3600)).iso_millis().trim_end_matches('Z').to_owned() + "+01:00"
        }
        _ => record.time.iso_millis(),
    }
}

/// Letter and number: the number's base differs between generations, and 115 means audit in one, warning in another.
fn vmware_b_level(dialect: Dialect, level: Level) -> &'static str {
    let (oldest, middle, newest) = match level {
        Level::Audit => ("A115", "A100", "A000"),
        Level::Panic => ("E100", "E105", "E001"),
        Level::Error => ("E105", "E110", "E002"),
        Level::Warning => ("W110", "W115", "W003"),
        Level::Notice => ("N115", "N120", "N004"),
        Level::Info => ("I120", "I125", "I005"),
        Level::Verbose => ("V125", "V130", "V006"),
        Level::Trivia => ("T130", "T135", "T007"),
    };
    match dialect {
        Dialect::VmwareI120 => oldest,
        Dialect::VmwareI125 => middle,
        _ => newest,
    }
}

fn vmware_c_level(level: Level) -> &'static str {
    match level {
        Level::Audit => "No(00)",
        Level::Panic => "Cr(01)",
        Level::Error => "Er(02)",
        Level::Warning => "Wa(03)",
        Level::Notice => "No(04)",
        Level::Info => "In(05)",
        Level::Verbose => "Db(06)",
        Level::Trivia => "Db(07)",
    }
}

/// Letters of the level and syslog severity.
fn severity(level: Level) -> (&'static str, u32) {
    match level {
        Level::Panic => ("Cr", 2),
        Level::Error => ("Er", 3),
        Level::Warning => ("Wa", 4),
        Level::Notice => ("No", 5),
        Level::Info | Level::Audit => ("In", 6),
        Level::Verbose | Level::Trivia => ("Db", 7),
    }
}

/// hostd and its kin log to facility local4.
fn priority(level: Level) -> u32 {
    20 * 8 + severity(level).1
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Panic => "panic",
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info | Level::Notice | Level::Audit => "info",
        Level::Verbose => "verbose",
        Level::Trivia => "trivia",
    }
}

/// Up to 6.5 hostd printed the thread's 32-bit pointer.
fn hostd_pointer(thread_id: u64) -> u64 {
    0x3100_0B70 + (thread_id % 0x4000) * 0x2_1000
}

/// vpxd printed a 64-bit one.
fn vpxd_pointer(thread_id: u64) -> u64 {
    0x7F00_0000_0700 + (thread_id % 0x1_0000) * 0x8_1000
}

/// `59741B90 info 'Vimsvc' opID=… user=…`.
fn old_bracket(record: &LogRecord) -> String {
    let mut text = format!("{:08X} {} '{}'", hostd_pointer(record.thread_id), word(record.level), record.component);
    if let Some(op_id) = &record.op_id {
        let _ = write!(text, " opID={op_id}");
    }
    if let Some(user) = &record.user {
        let _ = write!(text, " user={user}");
    }
    text
}

fn h6(record: &LogRecord, program: &str, thread: &str) -> String {
    format!(
        "{} {} {program}[{thread}] {} ",
        record.time.iso_millis(),
        word(record.level),
        originator(record, Quotes::None, "6876")
    )
}

/// `2024-03-12T09:00:00.000Z In(166) Hostd[2099154]: `.
pub(crate) fn h8(dialect: Dialect, record: &LogRecord, thread_id: u64) -> String {
    let program = match dialect {
        Dialect::VpxaH8 => "Vpxa",
        Dialect::FdmH8 => "Fdm",
        _ => "Hostd",
    };
    let letters = severity(record.level).0;
    format!("{} {letters}({}) {program}[{thread_id}]: ", record.time.iso_millis(), priority(record.level))
}

fn syslog(record: &LogRecord, program: &str) -> String {
    format!("<{}>{} {SYSLOG_HOST} {program}: ", priority(record.level), record.time.iso_millis())
}

fn syslog_8(dialect: Dialect, record: &LogRecord) -> String {
    let relay = match dialect {
        Dialect::SyslogRelay => format!("{} 192.0.2.17 ", record.time.month_day()),
        _ => String::new(),
    };
    format!(
        "{relay}<{}>{} {SYSLOG_HOST} Hostd[{}]: ",
        priority(record.level),
        record.time.iso_millis(),
        record.thread_id
    )
}

fn rfc5424(record: &LogRecord) -> String {
    format!("<{}>1 {} {SYSLOG_HOST} Hostd {} - ", priority(record.level), record.time.iso_millis(), record.thread_id)
}

#[derive(Clone, Copy)]
enum Quotes {
    None,
    Plain,
    Doubled,
}

/// `[Originator@6876 sub=… opID=… user=…]`.
fn originator(record: &LogRecord, quotes: Quotes, enterprise: &str) -> String {
    let mark = match quotes {
        Quotes::None => "",
        Quotes::Plain => "\"",
        Quotes::Doubled => "\"\"",
    };
    let fields = [("opID", &record.op_id), ("user", &record.user)];
    let mut text = format!("[Originator@{enterprise} sub={mark}{}{mark}", record.component);
    for (key, value) in fields {
        if let Some(value) = value {
            let _ = write!(text, " {key}={mark}{value}{mark}");
        }
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{LogTime, millis};

    fn record() -> LogRecord {
        LogRecord::new(LogTime::civil(2024, 3, 2, 9, 4, 5) + millis(67), "Vimsvc.TaskManager", "Task Created : x\n   y")
            .level(Level::Warning)
            .thread_id(2_100_345)
            .op_id("6c2f-9b")
            .user("root")
    }

    fn check(dialect: Dialect, record: &LogRecord, expected: &str) {
        assert_eq!(String::from_utf8(wrap(dialect, record)).unwrap(), expected, "{}", dialect.name());
    }

    #[test]
    fn vmware_log() {
        let mut record = record();
        record.component = "vcpu-0".to_owned();
        check(Dialect::VmwareA0, &record, "Mar 02 09:04:05: vcpu-0| Task Created : x\nMar 02 09:04:05: vcpu-0|    y\n");
        check(
            Dialect::VmwareA1,
            &record,
            "Mar 02 09:04:05.067: vcpu-0| Task Created : x\nMar 02 09:04:05.067: vcpu-0|    y\n",
        );
        check(
            Dialect::VmwareI120,
            &record,
            "2024-03-02T09:04:05.067Z| vcpu-0| W110: Task Created : x\n2024-03-02T09:04:05.067Z| vcpu-0| W110+    y\n",
        );
        check(
            Dialect::VmwareI005,
            &record,
            "2024-03-02T10:04:05.067+01:00| vcpu-0| W003: Task Created : x\n2024-03-02T10:04:05.067+01:00| vcpu-0| W003+    y\n",
        );
        check(
            Dialect::VmwarePanic,
            &record,
            "2024-03-02T09:04:05Z[+0.000]| vcpu-0| W003: Task Created : x\n2024-03-02T09:04:05Z[+0.000]| vcpu-0| W003+    y\n",
        );
        check(
            Dialect::VmwareEsx8,
            &record,
            "2024-03-02T09:04:05.067Z Wa(03) vcpu-0 6c2f-9b Task Created : x\n2024-03-02T09:04:05.067Z Wa(03)+ vcpu-0 6c2f-9b    y\n",
        );
        check(
            Dialect::VmwareHosted,
            &record,
            "2024-03-02T09:04:05.067Z Wa(03) vcpu-0 Task Created : x\n2024-03-02T09:04:05.067Z Wa(03)+ vcpu-0    y\n",
        );
    }

    #[test]
    fn hostd() {
        let record = record();
        check(
            Dialect::HostdH4,
            &record,
            "[2024-03-02 09:04:05.067 4AB99B70 warning 'Vimsvc.TaskManager' opID=6c2f-9b user=root] Task Created : x\n-->    y\n",
        );
        check(
            Dialect::HostdH5,
            &record,
            "2024-03-02T09:04:05.067Z [4AB99B70 warning 'Vimsvc.TaskManager' opID=6c2f-9b user=root] Task Created : x\n-->    y\n",
        );
        check(
            Dialect::HostdH6Hex,
            &record,
            "2024-03-02T09:04:05.067Z warning hostd[4AB99B70] [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b user=root] Task Created : x\n-->    y\n",
        );
        check(
            Dialect::HostdH6,
            &record,
            "2024-03-02T09:04:05.067Z warning hostd[2100345] [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b user=root] Task Created : x\n-->    y\n",
        );
        check(
            Dialect::HostdH8,
            &record,
            "2024-03-02T09:04:05.067Z Wa(164) Hostd[2100345]: [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b user=root] Task Created : x\n2024-03-02T09:04:05.067Z Wa(164) Hostd[2100376]: -->    y\n",
        );
    }

    #[test]
    fn vcenter() {
        let mut record = record().thread_id(4154);
        record.user = None;
        record.more.clear();
        check(
            Dialect::VpxdH6Hex,
            &record,
            "2024-03-02T09:04:05.067Z warning vpxd[7F0082D3A700] [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b] Task Created : x\n",
        );
        check(
            Dialect::VpxdH6,
            &record,
            "2024-03-02T09:04:05.067Z warning vpxd[04154] [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b] Task Created : x\n",
        );
        check(
            Dialect::VpxdH9,
            &record,
            "2024-03-02T09:04:05.067Z WARNING vpxd 4154 [Originator@4413 sub=\"Vimsvc.TaskManager\" opID=\"6c2f-9b\"] Task Created : x\n",
        );
    }

    #[test]
    fn forwarded() {
        let record = record();
        check(
            Dialect::SyslogH6,
            &record,
            "<164>2024-03-02T09:04:05.067Z esx01.lab.example Hostd: warning hostd[2100345] [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b user=root] Task Created : x\n<164>2024-03-02T09:04:05.067Z esx01.lab.example Hostd: -->    y\n",
        );
        check(
            Dialect::SyslogRelay,
            &record,
            "Mar 02 09:04:05 192.0.2.17 <164>2024-03-02T09:04:05.067Z esx01.lab.example Hostd[2100345]: [Originator@6876 sub=Vimsvc.TaskManager opID=6c2f-9b user=root] Task Created : x\nMar 02 09:04:05 192.0.2.17 <164>2024-03-02T09:04:05.067Z esx01.lab.example Hostd[2100345]: -->    y\n",
        );
        check(
            Dialect::SyslogDoubledQuotes,
            &record,
            "<164>1 2024-03-02T09:04:05.067Z esx01.lab.example Hostd 2100345 - [Originator@6876 sub=\"\"Vimsvc.TaskManager\"\" opID=\"\"6c2f-9b\"\" user=\"\"root\"\"] Task Created : x\n<164>1 2024-03-02T09:04:05.067Z esx01.lab.example Hostd 2100345 - - -->    y\n",
        );
    }

    #[test]
    fn every_dialect_keeps_the_text_and_ends_its_lines() {
        let record = record();
        for dialect in Dialect::ALL {
            let bytes = String::from_utf8(wrap(*dialect, &record)).unwrap();
            let lines: Vec<&str> = bytes.lines().collect();
            assert_eq!(lines.len(), 2, "{}", dialect.name());
            assert!(lines[0].ends_with("Task Created : x"), "{}", dialect.name());
            assert!(lines[1].ends_with("   y"), "{}", dialect.name());
            assert!(bytes.ends_with('\n'), "{}", dialect.name());
        }
    }

    #[test]
    fn names_are_distinct_and_each_format_is_there() {
        let mut names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Dialect::ALL.len());
        for format in ["vmware-log", "hostd", "vpxd", "vpxa", "fdm"] {
            assert!(Dialect::ALL.iter().any(|dialect| dialect.format() == format), "{format}");
        }
    }
}
