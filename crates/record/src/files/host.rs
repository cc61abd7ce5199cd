//! What a host says of itself: `esx.conf`, and the answers of commands that a support bundle keeps.

use super::dictionary::{Manner, pairs};
use super::sheet::{Sheet, numbered};
use super::{FileProblem, Found};

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostFileKind {
    /// `etc/vmware/esx.conf`.
    EsxConf,
    /// `vmware -vl`.
    Version,
    /// `uname -a`.
    Uname,
    /// `localcli software profile get`.
    SoftwareProfile,
    /// `localcli system version get`.
    SystemVersion,
    /// `localcli system hostname get`.
    HostName,
    /// `uptime`.
    Uptime,
    /// `localcli system stats uptime get`.
    UptimeStats,
    /// `ntpq -p`.
    NtpPeers,
    /// `localcli vm process list`.
    VmProcesses,
    /// `vmkerrcode -l`.
    ErrorCodes,
}

/// What a host says of itself. A file says some of it; the rest is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFile {
    /// Which file it is.
    pub kind: HostFileKind,
    /// The product, such as `VMware ESXi`.
    pub product: Option<Found<String>>,
    /// Its version, such as `8.0.2`.
    pub version: Option<Found<String>>,
    /// Its build: digits.
    pub build: Option<Found<String>>,
    /// Its release in words, such as `VMware ESXi 8.0 Update 2`, or the name of the image profile.
    pub release: Option<Found<String>>,
    /// Its name.
    pub host_name: Option<Found<String>>,
    /// `/system/uuid`.
    pub system_uuid: Option<Found<String>>,
    /// For how many seconds it has been up.
    pub uptime_seconds: Option<Found<u64>>,
    /// The servers that it takes its time from.
    pub ntp_peers: Vec<NtpPeer>,
    /// Whether its clock follows one of them; `None` where the file does not say.
    pub ntp_synchronised: Option<Found<bool>>,
    /// The VMs that run on it.
    pub running_vms: Vec<RunningVm>,
    /// The errors of its kernel.
    pub error_codes: Vec<ErrorCode>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A server that a host asks for the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NtpPeer {
    /// Its name or address; cut by `ntpq` to 15 or 16 characters.
    pub remote: String,
    /// The mark in front: `*` is the one that the clock follows, `+` would do, `x` and `-` are refused.
    pub mark: char,
    /// How far from a clock it is; 16 is not synchronised.
    pub stratum: Option<u32>,
    /// Which of the last eight polls it answered, as eight bits.
    pub reach: Option<u8>,
    /// By how many microseconds its clock differs from the host's: positive where the host is behind.
    pub offset_micros: Option<i64>,
    /// Its line.
    pub line: u64,
}

/// A VM that runs on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunningVm {
    /// Its display name.
    pub name: String,
    /// Its world.
    pub world_id: Option<Found<u64>>,
    /// Its process; 0 on ESXi.
    pub process_id: Option<Found<u64>>,
    /// The cartel of its VMX: the number that `vmx` logs as its own.
    pub cartel_id: Option<Found<u64>>,
    /// Its BIOS UUID, as written.
    pub uuid: Option<Found<String>>,
    /// The path of its `.vmx`.
    pub config_file: Option<Found<String>>,
    /// The line of its name.
    pub line: u64,
}

/// An error of the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode {
    /// Its number, such as `0xbad0003`.
    pub number: u32,
    /// Its name, such as `VMK_NOT_FOUND`.
    pub name: String,
    /// Its text, such as `Not found`.
    pub text: String,
    /// Its line.
    pub line: u64,
}

impl HostFile {
    /// A file of a kind that says nothing yet.
    pub fn new(kind: HostFileKind) -> Self {
        Self {
            kind,
            product: None,
            version: None,
            build: None,
            release: None,
            host_name: None,
            system_uuid: None,
            uptime_seconds: None,
            ntp_peers: Vec::new(),
            ntp_synchronised: None,
            running_vms: Vec::new(),
            error_codes: Vec::new(),
            problems: Vec::new(),
        }
    }
}

impl HostFile {
    pub(crate) fn parse(kind: HostFileKind, bytes: &[u8], utf8: bool, sheet: &mut Sheet) -> Self {
        let mut host = Self::new(kind);
        if kind == HostFileKind::EsxConf {
            host.esx_conf(bytes, utf8, sheet);
            return host;
        }
        let mut first = true;
        let mut named = None;
        for (line, text) in numbered(bytes) {
            let text = String::from_utf8_lossy(text);
            sheet.undecodable |= matches!(text, std::borrow::Cow::Owned(_));
            if text.trim().is_empty() || text.len() > MOST_LINE {
                continue;
            }
            let known = match kind {
                HostFileKind::Version => host.version_line(&text, line, first),
                HostFileKind::Uname => host.uname_line(&text, line),
                HostFileKind::Uptime | HostFileKind::UptimeStats => host.uptime_line(&text, line),
                HostFileKind::NtpPeers => host.ntp_line(&text, line, sheet),
                HostFileKind::ErrorCodes => host.error_line(&text, line, sheet),
                HostFileKind::VmProcesses => {
                    host.vm_line(&text, line, &mut named, sheet);
                    continue;
                }
                HostFileKind::SoftwareProfile => {
                    host.profile_line(&text, line, first, sheet);
                    first = false;
                    continue;
                }
                HostFileKind::SystemVersion | HostFileKind::HostName => host.setting_line(&text, line),
                HostFileKind::EsxConf => false,
            };
            if known {
                sheet.entry(line, || text.trim().to_owned());
            }
            first = false;
        }
        host
    }

    /// `/system/uuid = "5f3c…"`, `/adv/Misc/HostName = "esx01.lab.example"`.
    fn esx_conf(&mut self, bytes: &[u8], utf8: bool, sheet: &mut Sheet) {
        let manner = Manner { encoding: ".encoding", escaped: false, utf8 };
        let each = &mut |pair: &super::dictionary::Pair<'_>, sheet: &mut Sheet| match pair.key.as_str() {
            "/system/uuid" => pair.text(&mut self.system_uuid, sheet),
            "/adv/misc/hostname" => pair.text(&mut self.host_name, sheet),
            _ => {}
        };
        pairs(bytes, &manner, sheet, each, &mut |_, _, _, _| {});
    }

    /// `VMware ESXi 8.0.2 build-22380479`, then `VMware ESXi 8.0 Update 2`.
    fn version_line(&mut self, text: &str, line: u64, first: bool) -> bool {
        if first && let Some((product, version, build)) = product_line(text) {
            self.product = Some(found(product, line));
            self.version = Some(found(version, line));
            self.build = Some(found(build, line));
            return true;
        }
        let text = text.trim();
        if self.release.is_none() && self.product.as_ref().is_some_and(|it| text.starts_with(it.value.as_str())) {
            self.release = Some(found(text, line));
            return true;
        }
        false
    }

    /// `VMkernel esx01.lab.example 8.0.2 #1 SMP Release build-22380479 Sep  4 2023 15:07:40 x86_64 … ESXi`
    fn uname_line(&mut self, text: &str, line: u64) -> bool {
        let mut words = text.split_whitespace();
        let (Some("VMkernel"), Some(name), Some(version)) = (words.next(), words.next(), words.next()) else {
            return false;
        };
        let Some(build) = words.find_map(|it| it.strip_prefix("build-")).filter(|it| is_number(it)) else {
            return false;
        };
        self.host_name = Some(found(name, line));
        self.version = Some(found(version, line));
        self.build = Some(found(build, line));
        true
    }

    fn uptime_line(&mut self, text: &str, line: u64) -> bool {
        let seconds = match self.kind {
            HostFileKind::UptimeStats => text.trim().parse::<u64>().ok().map(|micros| micros / 1_000_000),
            _ => uptime(text),
        };
        if self.uptime_seconds.is_some() || seconds.is_none() {
            return false;
        }
        self.uptime_seconds = seconds.map(|value| Found { value, line });
        true
    }

    /// A row of `ntpq -p`, or why there is none.
    fn ntp_line(&mut self, text: &str, line: u64, sheet: &mut Sheet) -> bool {
        if is_ntp_heading(text) || text.trim_start().starts_with("=====") {
            return true;
        }
        if no_ntp(text) {
            self.ntp_synchronised = Some(Found { value: false, line });
            return true;
        }
        let Some(peer) = ntp_peer(text, line) else { return false };
        // `*` is the server that is followed, `o` one with a pulse each second.
        let follows = matches!(peer.mark, '*' | 'o');
        if follows || self.ntp_synchronised.is_none() {
            self.ntp_synchronised = Some(Found { value: follows, line });
        }
        if sheet.has_room(line, peer.remote.len()) {
            self.ntp_peers.push(peer);
        }
        true
    }

    /// `VMK_NOT_FOUND   195887107   0xbad0003   ENOENT   Not found`, or what stands above the table.
    fn error_line(&mut self, text: &str, line: u64, sheet: &mut Sheet) -> bool {
        if text.starts_with("VMK_ReturnStatus ") || text.starts_with("-----") {
            return true;
        }
        if self.error_codes.is_empty() && text.trim_start().starts_with("Name ") {
            return true;
        }
        let Some(code) = error_code(text, line) else { return false };
        if sheet.has_room(line, code.name.len() + code.text.len()) {
            self.error_codes.push(code);
        }
        true
    }

    /// A name, and below it, indented, what is known of that VM.
    fn vm_line<'t>(&mut self, text: &'t str, line: u64, named: &mut Option<(u64, String)>, sheet: &mut Sheet) {
        if !text.starts_with([' ', '\t']) {
            // `localcli` ends the name with a colon, `esxcli` does not; `Display Name` below has it as it is.
            let name = text.trim_end();
            *named = Some((line, name.strip_suffix(':').unwrap_or(name).to_owned()));
            return;
        }
        let Some((key, value)) = text.trim().split_once(':') else { return };
        let value: &'t str = value.trim();
        // Only what a world follows is the name of a VM.
        if key == "World ID"
            && let Some((line, name)) = named.take()
        {
            sheet.entry(line, || name.clone());
            // Its other names are at most twice as long.
            if !sheet.has_room(line, 3 * name.len() + std::mem::size_of::<RunningVm>()) {
                return;
            }
            self.running_vms.push(RunningVm { name, line, ..RunningVm::default() });
        }
        let Some(vm) = self.running_vms.last_mut().filter(|_| named.is_none()) else { return };
        let number = |into: &mut Option<Found<u64>>, sheet: &mut Sheet| match value.parse() {
            Ok(value) => *into = Some(Found { value, line }),
            Err(_) => sheet.problem(line, "not a number"),
        };
        match key {
            "World ID" => number(&mut vm.world_id, sheet),
            "Process ID" => number(&mut vm.process_id, sheet),
            "VMX Cartel ID" => number(&mut vm.cartel_id, sheet),
            "UUID" => vm.uuid = Some(found(value, line)),
            "Display Name" => value.clone_into(&mut vm.name),
            "Config File" => vm.config_file = Some(found(value, line)),
            _ => return,
        }
        sheet.more(line, || text.trim().to_owned());
    }

    /// The name of the profile, and below it, indented, what is known of it.
    fn profile_line(&mut self, text: &str, line: u64, first: bool, sheet: &mut Sheet) {
        let name = text.trim();
        if first {
            self.release = Some(found(name, line));
            // `ESXi-8.0U2-22380479-standard`; in 6.5 and before, a date stands where the build does later.
            let mut parts = name.split('-').skip_while(|it| !it.ends_with("ESXi")).skip(1);
            let version = parts.next().filter(|it| it.split('.').count() == 3 && it.split('.').all(is_number));
            self.version = version.map(|it| found(it, line));
            let build = parts.next().filter(|it| is_number(it) && (6..=8).contains(&it.len()));
            self.build = build.map(|it| found(it, line));
            sheet.entry(line, || name.to_owned());
        } else if text.starts_with([' ', '\t']) {
            sheet.more(line, || name.to_owned());
        }
    }

    /// `   Build: Releasebuild-22380479`
    fn setting_line(&mut self, text: &str, line: u64) -> bool {
        let Some((key, value)) = text.trim().split_once(": ") else { return false };
        let value = value.trim();
        match key {
            "Product" => self.product = Some(found(value, line)),
            "Version" => self.version = Some(found(value, line)),
            "Build" => self.build = Some(found(value.rsplit('-').next().unwrap_or(value), line)),
            "Fully Qualified Domain Name" => self.host_name = Some(found(value, line)),
            "Host Name" if self.host_name.is_none() => self.host_name = Some(found(value, line)),
            _ => return SETTINGS.contains(&key),
        }
        true
    }
}

/// Bytes of a line beyond which it is none of these files: profiles list their packages on one line.
const MOST_LINE: usize = 64 << 10;

/// What `localcli system version get` and `localcli system hostname get` say besides.
const SETTINGS: &[&str] = &["Update", "Patch", "Domain Name", "Host Name"];

fn found(value: &str, line: u64) -> Found<String> {
    Found { value: value.to_owned(), line }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// Product, version and build of `VMware ESXi 8.0.2 build-22380479`.
pub(crate) fn product_line(text: &str) -> Option<(&str, &str, &str)> {
    let (before, build) = text.trim().rsplit_once(" build-")?;
    let (product, version) = before.rsplit_once(' ')?;
    let release = version.split('.').count() >= 2 && version.split('.').all(is_number);
    (product.starts_with("VMware ") && release && is_number(build)).then_some((product, version, build))
}

/// Seconds in ` 10:12:33 up 12 days, 03:04:05, load average: 0.05, 0.06, 0.07`.
pub(crate) fn uptime(text: &str) -> Option<u64> {
    let (clock, rest) = text.trim().split_once(" up ")?;
    let time = |text: &str| {
        let mut parts = text.split(':').map(|it| it.parse::<u64>().ok().filter(|_| is_number(it) && it.len() <= 4));
        let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
        (parts.next().is_none() && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
    };
    time(clock.trim())?;
    let (spans, _) = rest.split_once("load average")?;
    let mut total = 0_u64;
    let mut any = false;
    for span in spans.split(',').map(str::trim) {
        let seconds = match span.split_once(' ') {
            Some((number, "day" | "days")) => number.parse::<u64>().ok()?.checked_mul(86_400)?,
            Some((number, "min" | "mins" | "minutes")) => number.parse::<u64>().ok()?.checked_mul(60)?,
            // Who is logged in.
            Some((_, "user" | "users")) => continue,
            None if span.is_empty() => continue,
            None => time(span)?,
            Some(_) => return None,
        };
        total = total.checked_add(seconds)?;
        any = true;
    }
    any.then_some(total)
}

/// `     remote           refid      st t when poll reach   delay   offset  jitter`
pub(crate) fn is_ntp_heading(text: &str) -> bool {
    let mut words = text.split_whitespace();
    ["remote", "refid", "st", "t", "when", "poll", "reach"].iter().all(|it| words.next() == Some(it))
}

/// What `ntpq` says where the service has no server, or is not there.
pub(crate) fn no_ntp(text: &str) -> bool {
    let text = text.trim();
    text == "No association ID's returned" || text.starts_with("ntpq: read: ")
}

/// `*ntp1.lab.examp 192.0.2.7        2 u   33   64  377    0.412   -1.337   0.098`
fn ntp_peer(text: &str, line: u64) -> Option<NtpPeer> {
    let mark = text.chars().next()?;
    // A blank stands for a server that was not considered yet; a name may begin in the first column of a paste.
    let marked = matches!(mark, '*' | '+' | '-' | '#' | 'x' | '.' | 'o' | ' ');
    let rest = if marked { text.get(mark.len_utf8()..)? } else { text };
    let words: Vec<&str> = rest.split_whitespace().take(11).collect();
    let [remote, _, stratum, kind, _, _, reach, _, offset, _] = words.as_slice() else { return None };
    (kind.len() == 1).then_some(NtpPeer {
        remote: (*remote).to_owned(),
        mark: if marked { mark } else { ' ' },
        stratum: stratum.parse().ok(),
        reach: u8::from_str_radix(reach, 8).ok(),
        offset_micros: micros(offset),
        line,
    })
}

/// Microseconds in a decimal number of milliseconds.
fn micros(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok().filter(|_| is_number(whole))?;
    if !part.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let thousandths: String = part.chars().chain("000".chars()).take(3).collect();
    let micros = whole.checked_mul(1000)?.checked_add(thousandths.parse().ok()?)?;
    Some(sign * micros)
}

/// Reads a row of the table: name, number, the same in hexadecimal, the `errno` that it is like, text.
pub(crate) fn error_code(text: &str, line: u64) -> Option<ErrorCode> {
    let mut rest = text.trim();
    let mut word = || {
        let (first, after) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        rest = after.trim_start();
        first
    };
    let (name, decimal, hexadecimal, _errno) = (word(), word(), word(), word());
    let number: u32 = decimal.parse().ok().filter(|_| is_number(decimal))?;
    let digits = hexadecimal.strip_prefix("0x").unwrap_or(hexadecimal);
    // Both columns have to say the same: a table that was cut or folded would name wrong errors.
    let same = u32::from_str_radix(digits, 16) == Ok(number);
    (name.starts_with("VMK_") && same && !rest.is_empty()).then(|| ErrorCode {
        number,
        name: name.to_owned(),
        text: rest.trim_end().to_owned(),
        line,
    })
}
