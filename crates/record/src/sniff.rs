//! Finds out what a source is, from its content; its name is only a hint.

use bstr::ByteSlice;
use esxray_model::FormatName;

use crate::formats::{DIALECTS, Dialect, Joins, Kin, claiming, plain};
use crate::paste;

/// What a source is.
#[derive(Clone, Copy)]
pub struct Form {
    /// The format.
    pub format: FormatName,
    pub(crate) dialect: &'static Dialect,
    /// Whether marks of lists, tables or quotations stand in front of its lines.
    pub(crate) pasted: bool,
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

impl Form {
    /// The form of a file that is no log.
    pub(crate) fn of_file(format: FormatName) -> Self {
        Self { format, dialect: &FILE, pasted: false }
    }
}

/// What stands for the dialect of a file that is no log: it claims no line.
static FILE: Dialect = Dialect {
    generation: "file",
    format: None,
    other: FormatName::Unknown,
    kin: Kin::Any,
    opens: 0,
    glance: |_| None,
    claims: |_| false,
    open: plain,
    joins: Joins::Nothing,
    samples: &[],
};

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
                // Of a file that is no log there is one form.
                _ if format.is_file() => format.as_str(),
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
            "sps" "svcs" "sts" "pipe" "audit" "ui" "sso" "python" "applmgmt-audit" "named" "go" "log4cpp" "csv" "govc" "json"
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
        Events = "events",
    }
}

/// Claimed lines after which the matter is settled.
const ENOUGH: usize = 500;

/// Decides what a source is from its first lines; `None` where none has a known form.
///
/// The dialect that claims most lines wins, the more specific one where two claim as many. Where hardly a line is
/// read as it stands, what a paste puts in front of lines (blanks, list marks, table bars) is looked behind.
pub(crate) fn sniff(bytes: &[u8], name: &str) -> Option<Form> {
    /// Lines that tell a log from a paste.
    const FEW: usize = 50;
    let plain = Count::of(bytes, false);
    if plain.claimed < FEW {
        let led = Count::of(bytes, true);
        if led.claimed > plain.claimed * 2 {
            return led.form(bytes, name).map(|form| Form { pasted: true, ..form });
        }
    }
    plain.form(bytes, name)
}

/// What the first lines of a source are claimed by.
struct Count {
    all: Vec<&'static Dialect>,
    /// Lines of each.
    claims: Vec<usize>,
    claimed: usize,
    /// Dialect, format of the program, lines.
    programs: Vec<(usize, FormatName, usize)>,
    /// Whether subsystems of hostd are named, and of the vSphere HA agent: before release 6 no line names its program.
    hostd_words: bool,
    fdm_words: bool,
    /// Lines in the shape of a new `vmware.log`, and those of them without an operation id.
    shape_c: usize,
    dashes: usize,
}

impl Count {
    fn of(bytes: &[u8], pasted: bool) -> Self {
        let all: Vec<&'static Dialect> = DIALECTS.iter().flat_map(|it| it.iter()).collect();
        let mut count = Self {
            claims: vec![0; all.len()],
            all,
            claimed: 0,
            programs: Vec::new(),
            hostd_words: false,
            fdm_words: false,
            shape_c: 0,
            dashes: 0,
        };
        for line in bytes.lines() {
            let line = line.trim_start_with(|it| matches!(it, '\0' | '\r' | '\u{feff}'));
            let line = if pasted { line.get(paste::lead(line)..).unwrap_or_default() } else { line };
            if line.is_empty() {
                continue;
            }
            count.line(line);
            if count.claimed == ENOUGH {
                break;
            }
        }
        count
    }

    fn line(&mut self, line: &[u8]) {
        let Some(dialect) = claiming(line) else { return };
        let Some(index) = self.all.iter().position(|it| std::ptr::eq(*it, dialect)) else { return };
        if let Some(count) = self.claims.get_mut(index) {
            *count += 1;
        }
        self.claimed += 1;
        let Some(glance) = (dialect.glance)(line) else { return };
        if dialect.generation.starts_with("c-") {
            self.shape_c += 1;
            self.dashes += usize::from(dialect.generation == "c-esx" && glance.op_id.is_none());
        }
        let program = (dialect.open)(&glance).program;
        if dialect.format.is_none() && !program.is_empty() {
            let format = dialect.format_of(program);
            match self.programs.iter_mut().find(|it| (it.0, it.1) == (index, format)) {
                Some(seen) => seen.2 += 1,
                None => self.programs.push((index, format, 1)),
            }
        }
        let holds = |words: &[&[u8]]| words.iter().any(|word| glance.body.contains_str(word));
        self.hostd_words |= holds(&[b"Hostsvc", b"Vimsvc", b"ha-eventmgr", b"'vm:/", b"haTask-"]);
        self.fdm_words |= holds(&[b" 'Invt'", b" 'Placement'", b" 'Execution'", b" 'Election'", b" 'Cluster'"]);
    }

    fn form(&self, bytes: &[u8], name: &str) -> Option<Form> {
        let most = self.claims.iter().copied().max().filter(|most| *most > 0)?;
        let index = self.claims.iter().position(|count| *count == most)?;
        let mut dialect = *self.all.get(index)?;
        if dialect.generation.starts_with("c-") {
            let esx = if bytes.contains_str("Log for VMware ESX") {
                true
            } else if bytes.contains_str("Log for VMware ") {
                false
            } else {
                self.dashes * 5 > self.shape_c
            };
            let generation = if esx { "c-esx" } else { "c-hosted" };
            dialect = self.all.iter().find(|it| it.generation == generation)?;
        }
        let format = match dialect.format {
            _ if dialect.is_snippet() => FormatName::Snippet,
            Some(format) => format,
            None => {
                let own = || self.programs.iter().filter(|it| it.0 == index);
                let lines: usize = own().map(|it| it.2).sum();
                match own().find(|it| it.2 * 2 > lines) {
                    Some(most) if most.1 != FormatName::Vmacore => most.1,
                    // A log that no program fills by half is what they have in common.
                    None if lines > 0 => dialect.other,
                    _ => hint(name).unwrap_or(match (self.hostd_words, self.fdm_words) {
                        (true, _) => FormatName::Hostd,
                        (false, true) => FormatName::Fdm,
                        (false, false) => dialect.other,
                    }),
                }
            }
        };
        Some(Form { format, dialect, pasted: false })
    }
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
        let unnamed =
            "2014-04-04T11:41:54.882Z [688C2B70 info 'Invt' opID=SWI-24c018b] [VmStateChange::SavePowerChange] vm\n";
        check(unnamed, "x", Some("fdm-5"));
    }

    #[test]
    fn text_is_no_log() {
        check("Dear support,\nplease find attached\n", "hostd.log", None);
    }
}
