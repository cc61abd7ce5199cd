//! One file for each log format, each with its dialects and their samples.
//!
//! To add a format: write `formats/<name>.rs` with a `pub(crate) static DIALECTS`, and add
//! its word to [`formats!`] below. Sniffing, the sample test and the fuzz target iterate the list.
//! What the syslog daemon writes has no file of its own for each program: `host` and `syslog` read
//! the heads, and `program` chooses who reads what follows the program's name.

use esxray_model::{FormatName, Level};

use crate::stamp::{Stamp, iso};

/// Declares the formats: a module each, and [`DIALECTS`] over all of them.
macro_rules! formats {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        /// Every dialect of every format, the most specific ones first.
        pub(crate) static DIALECTS: &[&[Dialect]] = &[$($name::DIALECTS,)*];
    };
}

formats! { vmware_log, vmacore, host, vmkernel, vobd, java, python, go, vum, vmon, syslog, export, generic, snippet }

mod esxupdate;
mod event;
mod program;
mod shell;

pub use program::format_of_program;

/// One way in which a format writes its lines.
pub(crate) struct Dialect {
    /// Its name in reports, without the format's: `a1`, `8`.
    pub(crate) generation: &'static str,
    /// The format, or `None` where the line's program decides it.
    pub(crate) format: Option<FormatName>,
    /// The format of programs that are not known, where the program decides.
    pub(crate) other: FormatName,
    /// Which logs its lines are at home in.
    pub(crate) kin: Kin,
    /// How its lines may begin: [`BRACKET`], [`STAMP_TEXT`] and so on.
    pub(crate) opens: u16,
    /// A first look at a line: `None` if it is not a line with a head of this dialect.
    ///
    /// Runs for every line, so it reads no more than stamp, level and writer.
    pub(crate) glance: fn(&[u8]) -> Option<Glance<'_>>,
    /// Whether a line is this dialect's and no other's; stricter than `glance` where two dialects
    /// share a shape, and used only to find out what a file is.
    pub(crate) claims: fn(&[u8]) -> bool,
    /// Everything that the head says.
    pub(crate) open: for<'a> fn(&Glance<'a>) -> Head<'a>,
    /// Which lines without a head belong to the record before them.
    pub(crate) joins: Joins,
    /// Lines that this dialect claims and no other does.
    #[cfg_attr(not(test), expect(dead_code, reason = "the sample test reads them"))]
    pub(crate) samples: &'static [&'static str],
}

impl Dialect {
    /// Whether its lines have lost their stamps.
    pub(crate) fn is_snippet(&self) -> bool {
        self.generation.starts_with("snippet")
    }

    /// The format of a line that names no program, by that of its source.
    pub(crate) fn unnamed_in(&self, source: FormatName) -> FormatName {
        self.format.unwrap_or(if source == FormatName::Snippet { self.other } else { source })
    }

    /// The format of a line that a program wrote.
    pub(crate) fn format_of(&self, program: &[u8]) -> FormatName {
        self.format.or_else(|| format_of_program(program)).unwrap_or(self.other)
    }
}

/// Which lines without a head belong to the record before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joins {
    /// None: every line of this dialect carries a head.
    Nothing,
    /// Lines that begin with `-->`, and any other text: fault dumps hold raw line breaks.
    Text,
    /// Only lines that begin with `-->`.
    Marked,
    /// Text while a quotation of the record is open, blank lines and heads inside of it among it: a field of CSV.
    Quoted,
    /// As `Marked`, and text while a quotation or a bracket is open: a paste wraps long lines.
    Wrapped,
}

/// Which logs a line is at home in: among those of another kin it was pasted, quoted or misplaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kin {
    /// What the VMX of one VM writes.
    Vmx,
    /// What daemons write, into files of their own or through syslog.
    Daemons,
    /// What the kernel writes into a file of its own.
    Kernel,
    /// What `vobd` writes into a file of its own.
    Observer,
    /// What other services of a vCenter Server than `vpxd` write into files of their own.
    Vcenter,
    /// Any stamped line.
    Any,
}

/// A line that begins with a digit, but not with a stamp of year, month and day.
pub(crate) const DIGIT: u16 = 1;
/// A line that begins with `[`.
pub(crate) const BRACKET: u16 = 2;
/// A line that begins with the name of a month.
pub(crate) const MONTH: u16 = 4;
/// A line that begins with `<`, as a syslog priority does.
pub(crate) const PRIORITY: u16 = 8;
/// A stamp, and a level such as `In(05)` behind a blank.
pub(crate) const STAMP_LEVEL: u16 = 16;
/// A stamp, and `[` behind a blank.
pub(crate) const STAMP_BRACKET: u16 = 32;
/// A stamp, and other text behind a blank.
pub(crate) const STAMP_TEXT: u16 = 64;
/// A stamp, and no blank behind it.
pub(crate) const STAMP_MARK: u16 = 128;
/// Any other line.
pub(crate) const WORD: u16 = 256;

/// How a line begins: a look that keeps most dialects from most lines.
fn opening(line: &[u8]) -> u16 {
    match line {
        [b'0'..=b'9', ..] => match iso(line).and_then(|(_, used)| line.get(used..)) {
            Some([b' ', b'[', ..]) => STAMP_BRACKET,
            Some([b' ', b'A'..=b'Z', b'a'..=b'z', b'(', ..]) => STAMP_LEVEL,
            Some([b' ', ..]) => STAMP_TEXT,
            Some(_) => STAMP_MARK,
            None => DIGIT,
        },
        [b'[', ..] => BRACKET,
        [b'<', ..] => PRIORITY,
        [b'A'..=b'S', b'a'..=b'u', b'b'..=b'y', b' ', ..] => MONTH,
        _ => WORD,
    }
}

/// Whether a line may have a head with a stamp: most text has none, and is not asked about further.
pub(crate) fn may_be_stamped(line: &[u8]) -> bool {
    opening(line) != WORD || python::may_be_named(line)
}

/// The dialect that claims a line.
pub(crate) fn claiming(line: &[u8]) -> Option<&'static Dialect> {
    let opening = opening(line);
    DIALECTS.iter().flat_map(|format| format.iter()).filter(|it| it.opens & opening != 0).find(|it| {
        // What nobody before it claims is generic: the others need not be asked again.
        if it.kin == Kin::Any { (it.glance)(line).is_some() } else { (it.claims)(line) }
    })
}

/// What a first look at a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glance<'a> {
    /// The stamp; `None` in dialects without one.
    pub stamp: Option<Stamp>,
    /// The level, where the line says it.
    pub level: Option<Level>,
    /// Thread (`vmware.log`) or program.
    pub who: &'a [u8],
    /// The host that a syslog relay names.
    pub host: Option<&'a [u8]>,
    /// Whether the line goes on with the record before it (`In(05)+`, `Hostd[1]: -->`).
    pub more: bool,
    /// What follows: for `vmware.log` the message, elsewhere brackets and message.
    pub body: &'a [u8],
    /// The operation id, where it stands before the message without a name.
    pub op_id: Option<&'a [u8]>,
}

impl<'a> Glance<'a> {
    pub(crate) fn new(stamp: Option<Stamp>, who: &'a [u8], body: &'a [u8]) -> Self {
        Self { stamp, level: None, who, host: None, more: false, body, op_id: None }
    }
}

/// The head of a record, read in full.
///
/// Everything stays bytes: the VMX writes in its host's code page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head<'a> {
    /// The stamp; `None` in a snippet.
    pub stamp: Option<Stamp>,
    /// The level, where the line says it.
    pub level: Option<Level>,
    /// The program that wrote it, such as `Hostd`; empty in `vmware.log`.
    pub program: &'a [u8],
    /// The thread (`vmware.log`) or the subsystem (`sub=`).
    pub component: &'a [u8],
    /// The operation id that the lines of one operation share.
    pub op_id: Option<&'a [u8]>,
    /// Who asked for the operation.
    pub user: Option<&'a [u8]>,
    /// The host that a syslog relay names.
    pub host: Option<&'a [u8]>,
    /// The fields of the bracket, in order, `sub`, `opID` and `user` among them.
    pub fields: Vec<(&'static str, &'a [u8])>,
    /// What was logged.
    pub message: &'a [u8],
}

/// The head that a first look already tells.
pub(crate) fn plain<'a>(glance: &Glance<'a>) -> Head<'a> {
    Head {
        stamp: glance.stamp,
        level: glance.level,
        program: b"",
        component: glance.who,
        op_id: glance.op_id,
        user: None,
        host: glance.host,
        fields: Vec::new(),
        message: glance.body,
    }
}

/// Whether a text begins with the mark of a continuation line.
pub(crate) fn is_mark(text: &[u8]) -> bool {
    match text {
        [b'-', ..] => text.starts_with(b"-->"),
        // A relay may have put blanks in front.
        [b' ', ..] => text.trim_ascii_start().starts_with(b"-->"),
        _ => false,
    }
}

/// Splits at the first blank: what is before it, and what is after it.
pub(crate) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let at = memchr::memchr(b' ', text).unwrap_or(text.len());
    (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or_default())
}

/// Reads `In(05)`, `Er(163)`, `In(14)[+]` or `In(05)+`: the level, whether `+` follows, and the bytes used.
///
/// The number is read over: the letters say the level (see [`Level::from_letters`]).
pub(crate) fn letters_and_number(text: &[u8]) -> Option<(Level, bool, usize)> {
    let [one, two, b'(', rest @ ..] = text else { return None };
    let level = Level::from_letters(&[*one, *two])?;
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(digits..)?.strip_prefix(b")")?;
    let used = 4 + digits;
    Some(match rest {
        [b'+', ..] => (level, true, used + 1),
        [b'[', b'+', b']', ..] => (level, true, used + 3),
        _ => (level, false, used),
    })
}

/// Whether a line is text: a log's line, not a piece of a binary file.
///
/// One byte in eight may be outside of printable ASCII and above-ASCII text before it is not.
pub(crate) fn is_text(line: &[u8]) -> bool {
    let control =
        line.iter().filter(|byte| (**byte < b' ' && !matches!(byte, b'\t' | b'\r' | 0x1b)) || **byte == 0x7f).count();
    if control * 8 > line.len() {
        return false;
    }
    // A long run of bytes above ASCII that is not UTF-8 is no text of any code page worth keeping apart.
    match std::str::from_utf8(line) {
        Ok(_) => true,
        Err(_) => line.iter().filter(|byte| byte.is_ascii()).count() * 2 > line.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::{DIALECTS, Dialect, is_text};

    fn all() -> impl Iterator<Item = &'static Dialect> {
        DIALECTS.iter().flat_map(|format| format.iter())
    }

    #[test]
    fn exactly_one_dialect_claims_each_sample() {
        for owner in all() {
            assert!(
                !owner.samples.is_empty(),
                "{} {} has no sample",
                owner.format.map_or("", |it| it.as_str()),
                owner.generation
            );
            for sample in owner.samples {
                let claiming: Vec<&str> =
                    all().filter(|it| (it.claims)(sample.as_bytes())).map(|it| it.generation).collect();
                assert_eq!(claiming, [owner.generation], "{sample}");
                assert_eq!(
                    super::claiming(sample.as_bytes()).map(|it| it.generation),
                    Some(owner.generation),
                    "{sample}"
                );
                assert!((owner.glance)(sample.as_bytes()).is_some(), "claimed but not read: {sample}");
            }
        }
    }

    #[test]
    fn no_line_made_of_two_samples_is_claimed_twice() {
        for head in all().flat_map(|it| it.samples).map(|it| it.as_bytes()) {
            for tail in all().map(|it| it.samples[0].as_bytes()) {
                for cut in 0..head.len().min(80) {
                    // The same columns of another line, as after a change of the form.
                    let line = [&head[..cut], tail.get(cut..).unwrap_or_default()].concat();
                    let claiming: Vec<&str> =
                        all().filter(|it| !it.is_snippet() && (it.claims)(&line)).map(|it| it.generation).collect();
                    assert!(claiming.len() <= 1, "{claiming:?} {}", String::from_utf8_lossy(&line));
                }
            }
        }
    }

    #[test]
    fn no_dialect_panics_on_a_cut_sample() {
        for owner in all() {
            for sample in owner.samples {
                for end in 0..sample.len() {
                    for dialect in all() {
                        let cut = &sample.as_bytes()[..end];
                        let _ = (dialect.claims)(cut);
                        if let Some(glance) = (dialect.glance)(cut) {
                            let _ = (dialect.open)(&glance);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn text_and_junk() {
        assert!(is_text("Büro-Größe 日本語".as_bytes()));
        assert!(is_text(b"B\xfcro-Gr\xf6\xdfe"), "a code page is text");
        assert!(!is_text(&[0; 64]));
        assert!(!is_text(&[0xf1, 0x82, 0x03, 0x99, 0xe0, 0x1a, 0xff, 0x81, b'a', 0xc5]));
    }
}
