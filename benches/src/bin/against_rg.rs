//! Times a whole diagnosis against `rg -c -f` with the same patterns on the same file.
//!
//! Both run in turn, each pair gives a ratio, and the middle one is printed: so a machine that slows down for
//! a while slows down both. Numbers are printed, never asserted.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use esxray_benches::{SEED, name_of, patterns, write_log};
use esxray_knowledge::Knowledge;
use esxray_testkit::NoiseFormat;
use wait4::Wait4;

const USAGE: &str = "\
usage: against-rg [--size N[KiB|MiB|GiB]] [--seed N] [--hits PER-MILLION] [--pairs N]
                  [--format hostd|vmware-log] [--esxray PATH] [--rg PATH]

Writes a log of 256 MiB for each format into a temporary folder, with 100 hits in a million records, and prints
the middle of the ratios of 7 pairs. `esxray` is looked for beside this program.";

struct Options {
    size: u64,
    seed: u64,
    hits: u64,
    pairs: usize,
    formats: Vec<NoiseFormat>,
    esxray: Option<PathBuf>,
    rg: PathBuf,
}

fn main() -> ExitCode {
    let Some(options) = parse(std::env::args().skip(1)) else {
        let _ = writeln!(io::stderr(), "{USAGE}");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options {
        size: 256 << 20,
        seed: SEED,
        hits: 100,
        pairs: 7,
        formats: vec![NoiseFormat::Hostd, NoiseFormat::VmwareLog],
        esxray: None,
        rg: "rg".into(),
    };
    while let Some(argument) = arguments.next() {
        let value = arguments.next()?;
        match argument.as_str() {
            "--size" => options.size = size(&value)?,
            "--seed" => options.seed = value.parse().ok()?,
            "--hits" => options.hits = value.parse().ok().filter(|hits| *hits <= 1_000_000)?,
            "--pairs" => options.pairs = value.parse().ok().filter(|pairs| *pairs > 0)?,
            "--format" => options.formats = vec![NoiseFormat::from_word(&value)?],
            "--esxray" => options.esxray = Some(value.into()),
            "--rg" => options.rg = value.into(),
            _ => return None,
        }
    }
    Some(options)
}

/// `256MiB`, `1GiB`, `1000`.
fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..)? {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    let Some(version) = version(&options.rg) else {
        writeln!(out, "skipped: {} cannot be run; install ripgrep to compare with it", options.rg.display())?;
        return Ok(());
    };
    let esxray = match &options.esxray {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name(format!("esxray{}", std::env::consts::EXE_SUFFIX)),
    };
    if !esxray.is_file() {
        let missing = esxray.display();
        return Err(format!(
            "there is no {missing}; run `cargo build --release -p esxray-cli`, or name it with --esxray"
        )
        .into());
    }
    let folder = tempfile::tempdir()?;
    let knowledge = Knowledge::builtin()?;
    let lines = patterns(&knowledge, true);
    let (regexes, literals) = (folder.path().join("patterns"), folder.path().join("literals"));
    save(&regexes, &lines)?;
    save(&literals, &patterns(&knowledge, false))?;
    writeln!(out, "{} signatures, {} patterns, {version}", knowledge.signatures.len(), lines.lines().count())?;
    for format in &options.formats {
        let file = folder.path().join(name_of(*format));
        let made = write_log(&file, *format, options.seed, options.size, options.hits)?;
        let mib = made.bytes >> 20;
        writeln!(out, "\n{}: {mib} MiB, {} records, {} hits", name_of(*format), made.records, made.hits)?;
        let ours = || {
            let mut command = Command::new(&esxray);
            command.args(["diagnose", "--threads", "1", "--format", "json"]).arg(&file);
            command
        };
        for (fixed, patterns) in [(false, &regexes), (true, &literals)] {
            let theirs = || {
                let mut command = Command::new(&options.rg);
                command
                    .args(["--no-config", "-j", "1", "-c"])
                    .args(fixed.then_some("-F"))
                    .arg("-f")
                    .arg(patterns)
                    .arg(&file);
                command
            };
            let name = if fixed { "rg -c -F -f" } else { "rg -c -f" };
            compare(&mut out, options.pairs, name, made.bytes, &ours, &theirs)?;
        }
        std::fs::remove_file(&file)?;
    }
    Ok(())
}

fn version(rg: &Path) -> Option<String> {
    let output = Command::new(rg).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(str::to_owned)
}

fn save(path: &Path, text: &str) -> io::Result<()> {
    std::fs::File::create(path)?.write_all(text.as_bytes())
}

/// What one run cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Processor time, of the program and of the system for it.
    cpu: Duration,
    wall: Duration,
    memory: u64,
}

fn cost(command: &mut Command) -> Result<Cost, Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        let _ = io::Read::read_to_string(&mut errors, &mut said);
    }
    let done = child.wait4()?;
    // 1 and 3 are answers of ours; ripgrep gives 1 where nothing is found.
    if !matches!(done.status.code(), Some(0 | 1 | 3)) {
        return Err(format!("{command:?} ended with {}: {said}", done.status).into());
    }
    let cpu = done.rusage.utime + done.rusage.stime;
    Ok(Cost { cpu, wall: begun.elapsed(), memory: done.rusage.maxrss })
}

fn compare(
    out: &mut impl Write,
    pairs: usize,
    name: &str,
    bytes: u64,
    ours: &dyn Fn() -> Command,
    theirs: &dyn Fn() -> Command,
) -> Result<(), Box<dyn std::error::Error>> {
    // Once each without counting: the file is in the cache then for both.
    cost(&mut ours())?;
    cost(&mut theirs())?;
    let (mut mine, mut other) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        // Who goes first changes, in case going first is an advantage.
        if pair % 2 == 0 {
            mine.push(cost(&mut ours())?);
            other.push(cost(&mut theirs())?);
        } else {
            other.push(cost(&mut theirs())?);
            mine.push(cost(&mut ours())?);
        }
    }
    let ratios = |of: fn(&Cost) -> Duration| {
        middle(mine.iter().zip(&other).map(|(one, two)| of(one).as_secs_f64() / of(two).as_secs_f64()).collect())
    };
    let show = |costs: &[Cost]| {
        let cpu = middle(costs.iter().map(|it| it.cpu.as_secs_f64()).collect());
        let wall = middle(costs.iter().map(|it| it.wall.as_secs_f64()).collect());
        let memory = costs.iter().map(|it| it.memory).max().unwrap_or(0) >> 20;
        #[expect(clippy::cast_precision_loss, reason = "a figure to be read by people")]
        let speed = bytes as f64 / 1e6 / cpu;
        format!("cpu {cpu:.3} s ({speed:.0} MB/s), wall {wall:.3} s, peak {memory} MiB")
    };
    writeln!(out, "  esxray       {}", show(&mine))?;
    writeln!(out, "  {name:12} {}", show(&other))?;
    writeln!(
        out,
        "  ratio        cpu {:.2}, wall {:.2} (middle of {pairs} pairs)",
        ratios(|it| it.cpu),
        ratios(|it| it.wall)
    )?;
    Ok(())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_middle() {
        assert!((middle(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(middle(Vec::new()).is_nan());
    }

    #[test]
    fn sizes_and_flags() {
        assert_eq!(size("2MiB"), Some(2 << 20));
        assert_eq!(size("2MB"), None);
        let words = |text: &str| parse(text.split_whitespace().map(str::to_owned));
        assert_eq!(words("--size 1KiB --pairs 3").unwrap().pairs, 3);
        assert!(words("--pairs 0").is_none() && words("--size").is_none() && words("--what 1").is_none());
    }

    #[test]
    fn what_a_child_costs_is_measured_and_failure_is_told() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let cost_of = cost(Command::new(&cargo).arg("--version")).unwrap();
        assert!(cost_of.memory > 0 && cost_of.wall > Duration::ZERO);
        let error = cost(Command::new(&cargo).arg("no-such-command-of-cargo")).unwrap_err();
        assert!(error.to_string().contains("no-such-command-of-cargo"), "{error}");
    }
}
