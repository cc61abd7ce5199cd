//! Finds out what a source is, from its content; its name is only a hint.

use bstr::ByteSlice;
use esxray_model::FormatName;

use crate::formats::{DIALECTS, Dialect, format_of_program};

/// What a source is.
#[derive(Clone, Copy)]
pub struct Form {
    /// The format.
    pub format: FormatName,
    pub(crate) dialect: &'static Dialect,
}

impl Form {
    /// The dialect's name, such as `hostd-8`.
    ///
    /// ```
    /// # use esxray_record::{ReadOptions, read};
    /// let log = b"2025-12-11T16:43:25.003Z Er(163) Hostd[169828]: [Originator@6876 sub=Vmsvc] x\n";
    /// let account = read(&mut &log[..], "pasted", &ReadOptions::default(), &mut |_| {});
    /// assert_eq!(account.form.unwrap().dialect_name(), "hostd-8");
    /// ```
    pub fn dialect_name(&self) -> &'static str {
        dialect_name(self.format, self.dialect.generation)
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.dialect_name())
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.dialect_name() == other.dialect_name()
    }
}

/// Joins format and generation to the name that reports print.
fn dialect_name(format: FormatName, generation: &'static str) -> &'static str {
    macro_rules! table {
        ($($format:ident: [$($generation:literal),*];)*) => {
            match (format, generation) {
                $($((FormatName::$format, $generation) => concat!(table!(@name $format), "-", $generation),)*)*
                _ => generation,
            }
        };
        (@name VmwareLog) => { "vmware" };
        (@name Hostd) => { "hostd" };
        (@name Vpxd) => { "vpxd" };
        (@name Vpxa) => { "vpxa" };
        (@name Fdm) => { "fdm" };
        (@name Vmacore) => { "vmacore" };
    }
    table! {
        VmwareLog: ["a0", "a1", "b", "c-esx", "c-hosted"];
        Hostd: ["3", "4", "5", "6", "8", "9", "syslog-bsd", "syslog-3164", "syslog-5424"];
        Vpxd: ["3", "4", "5", "6", "8", "9", "syslog-bsd", "syslog-3164", "syslog-5424"];
        Vpxa: ["3", "4", "5", "6", "8", "9", "syslog-bsd", "syslog-3164", "syslog-5424"];
        Fdm: ["4", "5", "6", "8", "9", "syslog-bsd", "syslog-3164", "syslog-5424"];
        Vmacore: ["3", "4", "5", "6", "8", "9", "syslog-bsd", "syslog-3164", "syslog-5424"];
    }
}

/// Claimed lines after which the matter is settled.
const ENOUGH: usize = 500;

/// Decides what a source is from its first lines; `None` where none has a known form.
///
/// The dialect that claims most lines wins, the more specific one where two claim as many.
pub(crate) fn sniff(bytes: &[u8], name: &str) -> Option<Form> {
    let all: Vec<&'static Dialect> = DIALECTS.iter().flat_map(|it| it.iter()).collect();
    let mut claims = vec![0_usize; all.len()];
    let mut programs: Vec<(FormatName, usize)> = Vec::new();
    let mut hostd_words = false;
    let (mut shape_c, mut dashes) = (0_usize, 0_usize);
    let mut claimed = 0;
    for line in bytes.lines() {
        let line = line.trim_start_with(|it| it == '\0' || it == '\u{feff}');
        if line.is_empty() {
            continue;
        }
        let Some(index) = all.iter().position(|dialect| (dialect.claims)(line)) else { continue };
        let Some(dialect) = all.get(index) else { continue };
        if let Some(count) = claims.get_mut(index) {
            *count += 1;
        }
        if let Some(glance) = (dialect.glance)(line) {
            if dialect.generation.starts_with("c-") {
                shape_c += 1;
                dashes += usize::from(dialect.generation == "c-esx" && glance.op_id.is_none());
            }
            let format = format_of_program((dialect.open)(&glance).program);
            if let Some(format) = format {
                match programs.iter_mut().find(|it| it.0 == format) {
                    Some(seen) => seen.1 += 1,
                    None => programs.push((format, 1)),
                }
            }
            hostd_words |= [&b"Hostsvc"[..], b"Vimsvc", b"ha-eventmgr", b"'vm:/", b"haTask-"]
                .iter()
                .any(|word| glance.body.contains_str(word));
        }
        claimed += 1;
        if claimed == ENOUGH {
            break;
        }
    }
    let most = claims.iter().copied().max().filter(|most| *most > 0)?;
    let mut dialect = *all.get(claims.iter().position(|count| *count == most)?)?;
    if dialect.generation.starts_with("c-") {
        let esx = if bytes.contains_str("Log for VMware ESX") {
            true
        } else if bytes.contains_str("Log for VMware ") {
            false
        } else {
            dashes * 5 > shape_c
        };
        let generation = if esx { "c-esx" } else { "c-hosted" };
        dialect = all.iter().find(|it| it.generation == generation)?;
    }
    let format = match dialect.format {
        _ if dialect.generation.starts_with("snippet") => FormatName::Snippet,
        Some(format) => format,
        None => {
            // The later one of equals would depend on nothing but the order of lines: take the first.
            let most = programs.iter().map(|it| it.1).max();
            let named = programs.iter().find(|it| Some(it.1) == most).map(|it| it.0);
            named.or_else(|| hint(name)).unwrap_or(if hostd_words { FormatName::Hostd } else { FormatName::Vmacore })
        }
    };
    Some(Form { format, dialect })
}

/// What the file's name says, for releases whose lines do not name the program.
fn hint(name: &str) -> Option<FormatName> {
    let file = name.rsplit(['/', '!']).next()?;
    [("hostd", FormatName::Hostd), ("vpxd", FormatName::Vpxd), ("vpxa", FormatName::Vpxa), ("fdm", FormatName::Fdm)]
        .into_iter()
        .find(|(prefix, _)| file.starts_with(prefix) && !file.starts_with("hostd-probe"))
        .map(|it| it.1)
}
