//! Finds out what a source is, from its content; its name is only a hint.

use bstr::ByteSlice;
use esxray_model::FormatName;

use crate::formats::{DIALECTS, Dialect, claiming};

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
        ($generations:tt: $($format:ident = $word:literal,)*) => {
            match format {
                FormatName::Syslog if generation.starts_with("syslog-") => generation,
                $(FormatName::$format => table!(@row $word $generations),)*
                // Of a file that is no log there is one form: the others have generations.
                _ => generation,
            }
        };
        (@row $word:literal [$($generation:literal)*]) => {
            match generation {
                $($generation => concat!($word, "-", $generation),)*
                _ => generation,
            }
        };
    }
    table! {
        [
            "a0" "a1" "b" "c-esx" "c-hosted" "3" "4" "5" "6" "7" "8" "9" "psod"
            "syslog-bsd" "syslog-3164" "syslog-5424" "syslog-iso"
            "sps" "svcs" "sts" "pipe" "audit" "ui" "sso" "python" "applmgmt-audit" "named" "go" "log4cpp"
        ]:
        VmwareLog = "vmware",
        Hostd = "hostd",
        Vpxd = "vpxd",
        Vpxa = "vpxa",
        Fdm = "fdm",
        Vmacore = "vmacore",
        HostdProbe = "hostd-probe",
        Rhttpproxy = "rhttpproxy",
        Kmxa = "kmxa",
        Vmkernel = "vmkernel",
        Vmksummary = "vmksummary",
        Vobd = "vobd",
        Shell = "shell",
        Auth = "auth",
        Syslog = "syslog",
        Esxupdate = "esxupdate",
        Vsan = "vsan",
        VcService = "vc",
        Vum = "vum",
        Vmon = "vmon",
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
    let mut programs: Vec<(usize, FormatName, usize)> = Vec::new();
    let mut hostd_words = false;
    let (mut shape_c, mut dashes) = (0_usize, 0_usize);
    let mut claimed = 0;
    for line in bytes.lines() {
        let line = line.trim_start_with(|it| matches!(it, '\0' | '\r' | '\u{feff}'));
        if line.is_empty() {
            continue;
        }
        let Some(dialect) = claiming(line) else { continue };
        let Some(index) = all.iter().position(|it| std::ptr::eq(*it, dialect)) else { continue };
        if let Some(count) = claims.get_mut(index) {
            *count += 1;
        }
        if let Some(glance) = (dialect.glance)(line) {
            if dialect.generation.starts_with("c-") {
                shape_c += 1;
                dashes += usize::from(dialect.generation == "c-esx" && glance.op_id.is_none());
            }
            let program = (dialect.open)(&glance).program;
            if dialect.format.is_none() && !program.is_empty() {
                let format = dialect.format_of(program);
                match programs.iter_mut().find(|it| (it.0, it.1) == (index, format)) {
                    Some(seen) => seen.2 += 1,
                    None => programs.push((index, format, 1)),
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
    let index = claims.iter().position(|count| *count == most)?;
    let mut dialect = *all.get(index)?;
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
        _ if dialect.is_snippet() => FormatName::Snippet,
        Some(format) => format,
        None => {
            let own = || programs.iter().filter(|it| it.0 == index);
            let lines: usize = own().map(|it| it.2).sum();
            match own().find(|it| it.2 * 2 > lines) {
                Some(most) if most.1 != FormatName::Vmacore => most.1,
                // A log that no program fills by half is what they have in common.
                None if lines > 0 => dialect.other,
                _ => hint(name).unwrap_or(if hostd_words { FormatName::Hostd } else { dialect.other }),
            }
        }
    };
    Some(Form { format, dialect })
}

/// What the file's name says, for releases whose lines do not name the program.
fn hint(name: &str) -> Option<FormatName> {
    let file = name.rsplit(['/', '!']).next()?;
    [
        ("hostd-probe", FormatName::HostdProbe),
        ("hostd", FormatName::Hostd),
        ("vpxd", FormatName::Vpxd),
        ("vpxa", FormatName::Vpxa),
        ("fdm", FormatName::Fdm),
    ]
    .into_iter()
    .find(|(prefix, _)| file.starts_with(prefix))
    .map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::{DIALECTS, dialect_name, sniff};

    #[test]
    fn every_dialect_has_a_name_that_says_its_format() {
        for dialect in DIALECTS.iter().flat_map(|it| it.iter()) {
            let name = dialect_name(dialect.format.unwrap_or(dialect.other), dialect.generation);
            let own = dialect.generation == "generic" || dialect.is_snippet();
            assert!(own || name.starts_with("syslog-") || name != dialect.generation, "{name} is not in the table");
        }
    }

    #[track_caller]
    fn check(log: &str, name: &str, dialect: Option<&str>) {
        assert_eq!(sniff(log.as_bytes(), name).map(|it| it.dialect_name()), dialect, "{log}");
    }

    #[test]
    fn the_program_on_most_lines_names_the_log() {
        let line = |program: &str| format!("2023-12-05T17:36:17.835Z In(14) {program}[1053659]: text\n");
        check(&line("shell"), "x", Some("shell-8"));
        check(&(line("Hostd") + &line("Hostd") + &line("shell")), "x", Some("hostd-8"));
        check(&(line("Hostd") + &line("shell")), "hostd.log", Some("syslog-8"));
        check(&line("smartd"), "x", Some("syslog-8"));
        check("2023-12-05T17:36:17.835Z In(14) last message repeated 3 times\n", "x", Some("syslog-8"));
    }

    #[test]
    fn without_a_program_the_file_name_is_a_hint() {
        let line = "[2012-04-16 20:35:04.594 F6417B90 info 'App'] text\n";
        check(line, "x", Some("vmacore-4"));
        check(line, "esx.tgz!var/log/vpxa.log", Some("vpxa-4"));
        check(line, "hostd-probe.log", Some("hostd-probe-4"));
        check("[2012-04-16 20:35:04.594 F6417B90 info 'ha-eventmgr'] text\n", "x", Some("hostd-4"));
        let unnamed = "2019-07-26T10:40:29.678-07:00 info -[9918] [Originator@6876 sub=Default] text\n";
        check(unnamed, "hostd.log", Some("hostd-6"));
    }

    #[test]
    fn text_is_no_log() {
        check("Dear support,\nplease find attached\n", "hostd.log", None);
    }
}
