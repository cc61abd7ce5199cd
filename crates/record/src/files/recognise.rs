//! Finds out whether a source is no log but a file that is evidence by itself.

use bstr::ByteSlice;

use super::dictionary::{Line, line};
use super::host::{error_code, is_ntp_heading, no_ntp, product_line, uptime};
use super::sheet::{Sheet, numbered};
use super::vm_list::{header, is_prompt, skipped};
use super::{FileKind, HostFileKind, parse};
use crate::formats::{Kin, claiming};

/// Bytes that are looked at.
pub(crate) const HEAD: usize = 64 << 10;
/// Lines at the start that decide what a dictionary is of.
const MOST_LINES: usize = 400;
/// Of so many lines one may be not understood.
const ONE_OF: u64 = 5;

/// What a source is by its first bytes; `None` for a log, for text of another kind, and for what is no text.
///
/// The name decides only where the bytes leave it open, such as the one number that `uptime-get` answers with.
/// A source that holds a line of a known log in these bytes is a log.
///
/// # Examples
///
/// ```
/// use esxray_record::files::{FileKind, recognise};
///
/// let vmx = b".encoding = \"UTF-8\"\nconfig.version = \"8\"\ndisplayName = \"APP-01\"\n";
/// assert_eq!(recognise("any name", vmx), Some(FileKind::Vmx));
/// let log = b"2023-12-05T17:42:40.666Z In(05) vmx - DICT displayName = \"APP-01\"\n";
/// assert_eq!(recognise("APP-01.vmx", log), None);
/// ```
pub fn recognise(name: &str, head: &[u8]) -> Option<FileKind> {
    let head = head.get(..HEAD).unwrap_or(head);
    // The last line of a head that is cut is not whole; a line that fills it has to do as it is.
    let whole = match memchr::memrchr(b'\n', head) {
        Some(end) if head.len() == HEAD => head.get(..=end).unwrap_or(head),
        _ => head,
    };
    let kind = candidate(name, whole)?;
    let mut sheet = Sheet::new(whole, false);
    parse(kind, whole, false, &mut sheet);
    let tally = sheet.tally();
    let fits = tally.unparsed * ONE_OF <= tally.records + tally.more;
    (fits && tally.records > 0 && !holds_log(name, kind, whole)).then_some(kind)
}

/// Whether a file holds a line of a known log: it is a paste of both, or a log that begins with something else.
pub(crate) fn holds_log(name: &str, kind: FileKind, bytes: &[u8]) -> bool {
    // Whoever may write an annotation may write there what looks like a log: the name says that it is none.
    if kind == FileKind::VmList && file_name(name).contains("getallvms") {
        return false;
    }
    bytes.lines().filter_map(claiming).any(|dialect| dialect.kin != Kin::Any)
}

fn file_name(name: &str) -> String {
    name.rsplit(['/', '!', '\\']).next().unwrap_or(name).to_ascii_lowercase()
}

/// What the first lines make it look like.
fn candidate(name: &str, head: &[u8]) -> Option<FileKind> {
    let mut lines = numbered(head).map(|it| it.1).filter(|it| !it.trim_ascii().is_empty());
    let first = lines.next()?;
    if first.contains(&0) {
        return None;
    }
    let text = std::str::from_utf8(first).unwrap_or_default();
    let alone = || numbered(head).filter(|it| !it.1.trim_ascii().is_empty()).nth(1).is_none();
    let file = file_name(name);
    if first.trim_ascii_start().starts_with(b"<") {
        let start = head.get(..4096).unwrap_or(head);
        return start.contains_str("<ConfigRoot").then_some(FileKind::VmInventory);
    }
    if header(text).is_some() || skipped(text).is_some() || is_prompt(text) {
        let mut texts = numbered(head).map(|it| std::str::from_utf8(it.1).unwrap_or_default());
        let before = |it: &&str| !(it.trim().is_empty() || skipped(it).is_some() || is_prompt(it));
        return texts.find(before).is_none_or(|it| header(it).is_some()).then_some(FileKind::VmList);
    }
    if let Some(kind) = host_file(text, &mut lines, &file, &alone) {
        return Some(FileKind::Host(kind));
    }
    dictionary(&file, head)
}

/// What of a host a first line belongs to.
fn host_file(
    first: &str,
    others: &mut dyn Iterator<Item = &[u8]>,
    file: &str,
    alone: &dyn Fn() -> bool,
) -> Option<HostFileKind> {
    let second = others.next().and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
    let third = others.next().and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
    let setting = |text: &str, key: &str| text.starts_with(' ') && text.trim_start().starts_with(key);
    if product_line(first).is_some_and(|it| it.0.starts_with("VMware ESX")) && third.is_empty() {
        Some(HostFileKind::Version)
    } else if first.starts_with("VMkernel ") && first.contains(" build-") && alone() {
        Some(HostFileKind::Uname)
    } else if uptime(first).is_some() && alone() {
        Some(HostFileKind::Uptime)
    } else if file.contains("stats-uptime-get") && first.trim().parse::<u64>().is_ok() && alone() {
        Some(HostFileKind::UptimeStats)
    } else if is_ntp_heading(first) || (no_ntp(first) && alone()) {
        Some(HostFileKind::NtpPeers)
    } else if setting(second, "World ID:") && setting(third, "Process ID:") {
        Some(HostFileKind::VmProcesses)
    } else if setting(second, "Name:") && setting(third, "Vendor:") {
        Some(HostFileKind::SoftwareProfile)
    } else if setting(first, "Product: VMware ESX") && setting(second, "Version:") {
        Some(HostFileKind::SystemVersion)
    } else if setting(first, "Domain Name:") && setting(second, "Fully Qualified Domain Name:") {
        Some(HostFileKind::HostName)
    } else if first.starts_with("VMK_ReturnStatus table") || error_code(first, 1).is_some() {
        Some(HostFileKind::ErrorCodes)
    } else {
        None
    }
}

/// Keys that a `.vmx` holds and no other dictionary.
const OF_VMX: &[&str] = &[
    "config.version",
    "virtualhw.version",
    "displayname",
    "guestos",
    "memsize",
    "numvcpus",
    "uuid.bios",
    "uuid.location",
    "vc.uuid",
    "nvram",
    "encryption.keysafe",
    "encryption.data",
    "encryption.bundle",
    "extendedconfigfile",
    "scsi0.virtualdev",
    "scsi0:0.filename",
    "ethernet0.present",
];

/// How the keys of a `.vmsd` begin.
const OF_VMSD: &[&str] = &["snapshot", "cloneof", "sentinel", "numcloneof", "numsentinels"];

/// Which dictionary it is, by its keys.
fn dictionary(file: &str, head: &[u8]) -> Option<FileKind> {
    let mut encoding = false;
    let (mut pairs, mut of_vmx, mut of_vmsd, mut of_host, mut of_disk) = (0, 0, 0, 0, 0);
    for (number, text) in numbered(head).take(MOST_LINES) {
        match line(text) {
            Line::Comment if number == 1 && text.trim_ascii().eq_ignore_ascii_case(b"# Disk DescriptorFile") => {
                return Some(FileKind::Descriptor);
            }
            Line::Pair { key, .. } => {
                let key = key.to_ascii_lowercase();
                if key == ".encoding" {
                    encoding = true;
                    continue;
                }
                pairs += 1;
                of_vmx += usize::from(OF_VMX.contains(&key.as_str()));
                of_vmsd += usize::from(OF_VMSD.iter().any(|it| key.starts_with(it)));
                of_host += usize::from(key.starts_with('/'));
                of_disk += usize::from(matches!(key.as_str(), "cid" | "parentcid" | "createtype" | "ddb.adaptertype"));
            }
            Line::Comment | Line::Other => {}
        }
    }
    let named = |suffixes: &[&str]| suffixes.iter().any(|it| file.ends_with(it));
    if pairs == 0 {
        // What is left of a list whose last snapshot is gone.
        (encoding && named(&[".vmsd"])).then_some(FileKind::Vmsd)
    } else if of_host == pairs && (pairs > 1 || named(&["esx.conf"])) {
        Some(FileKind::Host(HostFileKind::EsxConf))
    } else if of_vmsd == pairs {
        Some(FileKind::Vmsd)
    } else if of_disk > 1 || (of_disk == 1 && named(&[".vmdk"])) {
        Some(FileKind::Descriptor)
    } else if of_vmx > 1 || (of_vmx == 1 && named(&[".vmx", ".vmtx", ".vmx~", ".vmx.bak"])) {
        Some(FileKind::Vmx)
    } else {
        None
    }
}
