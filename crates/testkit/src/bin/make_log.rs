//! Streams a log of any size, for benchmarks:
//! `cargo run --release -p esxray-testkit --bin make-log -- --bytes 1GiB --hit-rate 0.0001 --format hostd OUT`.
//!
//! `OUT` may be `-`. The hit rate is the share of records that a diagnosis has to recognise.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use esxray_testkit::{Generation, NoiseFormat, NoiseWriter};

const USAGE: &str = "usage: make-log [--bytes N[KiB|MiB|GiB]] [--seed N] [--hit-rate SHARE] \
[--format hostd|vmware-log] [--generation 6.5|6.7|7.0|8.0] OUT";

struct Options {
    writer: NoiseWriter,
    out: String,
}

fn main() -> ExitCode {
    let Some(options) = parse(std::env::args().skip(1)) else {
        let _ = writeln!(io::stderr(), "{USAGE}");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: cannot write {}: {error}", options.out);
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let sink: Box<dyn Write> = match options.out.as_str() {
        "-" => Box::new(io::stdout().lock()),
        path => Box::new(std::fs::File::create(path)?),
    };
    let mut out = BufWriter::with_capacity(1 << 20, sink);
    let done = options.writer.write(&mut out)?;
    out.flush()?;
    writeln!(io::stderr(), "{} bytes, {} records, {} hits", done.bytes, done.records, done.hits)
}

fn parse(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let (mut bytes, mut seed, mut hits) = (1 << 20, 1, 0);
    let (mut format, mut generation) = (NoiseFormat::Hostd, Generation::V80);
    let mut out = None;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bytes" => bytes = parse_size(&args.next()?)?,
            "--seed" => seed = args.next()?.parse().ok()?,
            "--hit-rate" => hits = parse_share(&args.next()?)?,
            "--format" => format = NoiseFormat::from_word(&args.next()?)?,
            "--generation" => {
                let word = args.next()?;
                generation = *Generation::ALL.iter().find(|known| known.version().starts_with(&word))?;
            }
            _ if out.is_none() && (arg == "-" || !arg.starts_with('-')) => out = Some(arg),
            _ => return None,
        }
    }
    let writer = NoiseWriter::new(format, generation, seed).bytes(bytes).hits_per_million(hits);
    Some(Options { writer, out: out? })
}

/// `1GiB`, `500MiB`, `64KiB`, `1000`.
fn parse_size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..)? {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// A share such as `0.0001`, in millionths; digits beyond the sixth are cut off.
fn parse_share(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<6}");
    let millionths = whole.parse::<u64>().ok()?.checked_mul(1_000_000)? + fraction.get(..6)?.parse::<u64>().ok()?;
    (millionths <= 1_000_000).then_some(millionths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("1GiB"), Some(1 << 30));
        assert_eq!(parse_size("1000"), Some(1000));
        assert_eq!(parse_size("1GB"), None);
        assert_eq!(parse_size("GiB"), None);
        assert_eq!(parse_size("99999999999GiB"), None);
    }

    #[test]
    fn shares() {
        assert_eq!(parse_share("0.0001"), Some(100));
        assert_eq!(parse_share("1"), Some(1_000_000));
        assert_eq!(parse_share("0"), Some(0));
        assert_eq!(parse_share("2"), None);
        assert_eq!(parse_share("x"), None);
    }
}
