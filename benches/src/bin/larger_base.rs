//! Times the search of a log with a knowledge base several times as large against that with the built-in one.
//!
//! Both run in turn, each pair gives a ratio, and the middle one is printed. Numbers are printed, never asserted.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use esxray_benches::{SEED, larger, log, name_of};
use esxray_diagnosis::Recogniser;
use esxray_knowledge::Knowledge;
use esxray_testkit::NoiseFormat;

/// MiB of a log.
const MIB: u32 = 64;

/// Pairs of runs.
const PAIRS: usize = 9;

/// How much larger, where nothing is asked for.
const TIMES: usize = 5;

fn main() -> ExitCode {
    let times = match std::env::args().nth(1).map(|it| it.parse::<usize>()) {
        None => TIMES,
        Some(Ok(times)) if times > 0 => times,
        Some(_) => {
            let _ = writeln!(io::stderr(), "usage: larger-base [HOW MANY TIMES AS LARGE, {TIMES} where not said]");
            return ExitCode::from(2);
        }
    };
    match run(times) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(times: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    let small = Knowledge::builtin()?;
    let large = Knowledge::load(&[larger(&small, times)])?;
    let begun = Instant::now();
    let of_small = Recogniser::new(&small)?;
    let ready_small = begun.elapsed();
    let begun = Instant::now();
    let of_large = Recogniser::new(&large)?;
    let ready_large = begun.elapsed();
    let anchors = |knowledge: &Knowledge| knowledge.anchors().count();
    writeln!(
        out,
        "{} signatures with {} anchors, ready in {ready_small:.1?}; {} with {}, ready in {ready_large:.1?}",
        small.signatures.len(),
        anchors(&small),
        large.signatures.len(),
        anchors(&large),
    )?;
    for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
        let log = log(format, SEED, u64::from(MIB) << 20, 100);
        let seconds = |recogniser: &Recogniser<'_>| {
            let begun = Instant::now();
            std::hint::black_box(recogniser.recognise(&log, name_of(format)));
            begun.elapsed().as_secs_f64()
        };
        let mut pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (seconds(&of_small), seconds(&of_large))).collect();
        pairs.sort_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
        let speed = |seconds: f64| f64::from(MIB) / seconds;
        if let (Some(least), Some(middle), Some(most)) = (pairs.first(), pairs.get(PAIRS / 2), pairs.last()) {
            writeln!(
                out,
                "{:<10} {:>7.0} MiB/s, {:>7.0} MiB/s with the larger base: {:.2} times as long ({:.2} to {:.2})",
                name_of(format),
                speed(middle.0),
                speed(middle.1),
                middle.1 / middle.0,
                least.1 / least.0,
                most.1 / most.0,
            )?;
        }
    }
    Ok(())
}
