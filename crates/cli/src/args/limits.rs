//! The limits of reading, a flag for each, with the library's defaults.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use clap::Args;
use esxray::bundle::Limits;
use esxray::record::ReadOptions;

/// How much is read at most. What a limit stops is told in the report, with the flag that raises it.
#[expect(clippy::struct_field_names, reason = "the fields are the names of the flags")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitFlags {
    /// Decoded bytes of one input, all its sources together.
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().unit_bytes), hide_short_help = true)]
    pub(crate) max_bytes: Size,
    /// Decoded bytes for each compressed byte, of whatever gives more than --max-free.
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio, value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true)]
    pub(crate) max_ratio: u64,
    /// Decoded bytes that one compressed stream may give whatever its ratio.
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().free_bytes), hide_short_help = true)]
    pub(crate) max_free: Size,
    /// Decoded bytes that one input may give whatever its ratio.
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().unit_free_bytes), hide_short_help = true)]
    pub(crate) max_free_input: Size,
    /// Containers inside of containers; a .tgz counts as two.
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth, hide_short_help = true)]
    pub(crate) max_depth: u32,
    /// Members of the archives of one input, and files in the folders of all.
    #[arg(long, value_name = "N", default_value_t = Limits::default().members, hide_short_help = true)]
    pub(crate) max_members: u64,
    /// Bytes of a name inside of an archive; a longer one is shown shortened, what it names is read.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(Limits::default().path_bytes), hide_short_help = true)]
    pub(crate) max_path: Size,
    /// Memory that a .xz or .zst may need to look back in.
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().window_bytes), hide_short_help = true)]
    pub(crate) max_window: Size,
    /// Memory for a .zip inside of another archive; a larger one is read without its directory.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(Limits::default().zip_bytes), hide_short_help = true)]
    pub(crate) max_zip: Size,
    /// Bytes of a record; what a longer one has beyond it is counted, and searched by lines.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(ReadOptions::default().record_limit), value_parser = at_least_64, hide_short_help = true)]
    pub(crate) max_record: Size,
    /// Bytes of a line, at most --max-record; what a longer one has beyond it is counted, and searched.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(ReadOptions::default().line_limit), value_parser = at_least_64, hide_short_help = true)]
    pub(crate) max_line: Size,
    /// Bytes of a file that is evidence by itself, such as a .vmx; what is beyond is counted and not read.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(ReadOptions::default().file_limit), value_parser = at_least_64, hide_short_help = true)]
    pub(crate) max_file: Size,
    /// Memory for records and decoders, of all threads together: lowers the limits above where it has to.
    #[arg(long, value_name = "SIZE", value_parser = at_least_64, hide_short_help = true)]
    pub(crate) max_memory: Option<Size>,
    /// Problems of one input that are listed singly; the others are counted.
    #[arg(long, value_name = "N", default_value_t = Limits::default().problems, hide_short_help = true)]
    pub(crate) max_problems: usize,
}

impl LimitFlags {
    /// As the reading of files and archives by so many threads takes them.
    pub(crate) fn limits(&self, threads: Option<NonZeroUsize>) -> Limits {
        let mut limits = Limits::default();
        limits.free_bytes = self.max_free.0;
        limits.ratio = self.max_ratio;
        limits.unit_free_bytes = self.max_free_input.0;
        limits.unit_bytes = self.max_bytes.0;
        limits.depth = self.max_depth;
        limits.members = self.max_members;
        limits.path_bytes = self.max_path.in_memory();
        limits.window_bytes = self.max_window.0;
        limits.zip_bytes = self.max_zip.in_memory();
        limits.problems = self.max_problems;
        match self.max_memory {
            Some(memory) => limits.within(memory.0, readers(threads)),
            None => limits,
        }
    }

    /// Puts the limits of records to how a source is read.
    pub(crate) fn of_records(&self, mut read: ReadOptions, threads: Option<NonZeroUsize>) -> ReadOptions {
        read.record_limit = self.max_record.in_memory();
        read.line_limit = self.max_line.in_memory();
        read.file_limit = self.max_file.in_memory();
        match self.max_memory {
            Some(memory) => read.within(memory.0, readers(threads)),
            None => read,
        }
    }
}

/// How many threads read at a time.
pub(crate) fn readers(threads: Option<NonZeroUsize>) -> usize {
    threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), NonZeroUsize::get)
}

/// A number of bytes as people write it: `64MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

/// Units, the largest first, and how many bytes they are.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1000),
    ("B", 1),
];

impl Size {
    fn of(bytes: usize) -> Self {
        Self(bytes as u64)
    }

    /// As a size of something in memory.
    pub(crate) fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit =
            UNITS.iter().find(|(name, bytes)| name.ends_with("iB") && self.0 > 0 && self.0.is_multiple_of(*bytes));
        match unit {
            Some((name, bytes)) => write!(f, "{}{name}", self.0 / bytes),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "not a size such as 65536, 64KiB, 64MiB or 2GiB".to_owned();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let unit = match unit.trim_start() {
            "" => 1,
            unit => UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).ok_or_else(wrong)?.1,
        };
        number.checked_mul(unit).map(Self).ok_or_else(|| "more bytes than can be counted".to_owned())
    }
}

/// A record has to hold a head.
fn at_least_64(text: &str) -> Result<Size, String> {
    let size: Size = text.parse()?;
    if size.0 < 64 { Err("less than 64 bytes".to_owned()) } else { Ok(size) }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use esxray::bundle::Limits;
    use esxray::record::ReadOptions;

    use super::Size;
    use crate::args::Cli;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in
            [("0", 0), ("65536", 65_536), ("64KiB", 65_536), ("64 mib", 64 << 20), ("2GB", 2_000_000_000), ("7B", 7)]
        {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for wrong in ["", "MiB", "64M", "-1", "1.5GiB", "99999999TiB", "1 000", "٣"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        for (bytes, text) in [(0, "0B"), (1000, "1000B"), (4096, "4KiB"), (512 << 20, "512MiB"), (3 << 40, "3TiB")] {
            assert_eq!(Size(bytes).to_string(), text);
            assert_eq!(text.parse(), Ok(Size(bytes)));
        }
    }

    #[test]
    fn without_flags_the_limits_are_those_of_the_library() {
        let cli = Cli::try_parse_from(["esxray", "x.log"]).unwrap();
        assert_eq!(cli.diagnose.limits.limits(None), Limits::default());
        let read = cli.diagnose.limits.of_records(ReadOptions::default(), None);
        let of = |read: &ReadOptions| (read.record_limit, read.line_limit, read.block_bytes);
        assert_eq!(of(&read), of(&ReadOptions::default()));
    }

    #[test]
    fn little_memory_lowers_the_limits() {
        let args = ["esxray", "x.log", "--max-memory", "32MiB", "--threads", "2"];
        let cli = Cli::try_parse_from(args).unwrap();
        assert_eq!(cli.diagnose.limits.limits(cli.diagnose.input.threads).window_bytes, 8 << 20);
        let read = cli.diagnose.limits.of_records(ReadOptions::default(), cli.diagnose.input.threads);
        assert_eq!(read.record_limit, 1 << 20);
    }

    #[test]
    fn every_flag_sets_a_limit_of_its_own() {
        for flag in ["bytes", "ratio", "free", "free-input", "depth", "members", "path", "window", "zip", "problems"] {
            let cli = Cli::try_parse_from(["esxray", "x.log", &format!("--max-{flag}"), "77"]).unwrap();
            let limits = cli.diagnose.limits.limits(None);
            let values = [
                limits.unit_bytes,
                limits.ratio,
                limits.free_bytes,
                limits.unit_free_bytes,
                limits.depth.into(),
                limits.members,
                limits.path_bytes as u64,
                limits.window_bytes,
                limits.zip_bytes as u64,
                limits.problems as u64,
            ];
            assert_eq!(values.iter().filter(|value| **value == 77).count(), 1, "{flag}");
        }
    }
}
