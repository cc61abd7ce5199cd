//! What every binary does: run one target for some time, or once for each file that is named.

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::campaign::{Campaign, Crash, attempt};
use crate::targets::Target;

const USAGE: &str = "\
usage: TARGET [--seconds N] [--runs N] [--seed N] [--corpus DIR] [--crashes DIR]
       TARGET FILE|-...

Without files: mutates the seeds for N seconds (60), or N runs, and writes every input that panics to DIR (.).
--corpus takes further seeds from DIR, and writes to it what said something new.
With files: runs each once, and says what happened.";

/// An input that takes longer than this counts as a hang.
const HANG: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
struct Options {
    seconds: Option<u64>,
    runs: Option<u64>,
    seed: u64,
    corpus: Option<PathBuf>,
    crashes: PathBuf,
    files: Vec<PathBuf>,
}

/// Runs a target as the command line says; exit code 1 if anything crashed.
pub fn main(target: &Target) -> ExitCode {
    let Some(options) = parse(std::env::args().skip(1)) else {
        let _ = writeln!(io::stderr(), "{}: {}\n\n{USAGE}", target.name, target.about);
        return ExitCode::from(2);
    };
    let done = if options.files.is_empty() { search(target, &options) } else { replay(target, &options.files) };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { seed: 1, crashes: ".".into(), ..Options::default() };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => options.seconds = Some(arguments.next()?.parse().ok()?),
            "--runs" => options.runs = Some(arguments.next()?.parse().ok()?),
            "--seed" => options.seed = arguments.next()?.parse().ok()?,
            "--corpus" => options.corpus = Some(arguments.next()?.into()),
            "--crashes" => options.crashes = arguments.next()?.into(),
            flag if flag.starts_with("--") => return None,
            file => options.files.push(file.into()),
        }
    }
    Some(options)
}

/// Runs each file once; gives how many crashed.
fn replay(target: &Target, files: &[PathBuf]) -> io::Result<usize> {
    let mut crashed = 0;
    for file in files {
        let mut input = Vec::new();
        if file.as_os_str() == "-" {
            io::stdin().lock().read_to_end(&mut input)?;
        } else {
            input = std::fs::read(file)?;
        }
        let said = match attempt(target, &input) {
            Ok(trace) => format!("ok, {} things said", trace.len()),
            Err(message) => {
                crashed += 1;
                message
            }
        };
        writeln!(io::stdout(), "{}: {said}", file.display())?;
    }
    Ok(crashed)
}

/// Mutates for some time; gives how many different crashes there were.
fn search(target: &Target, options: &Options) -> io::Result<usize> {
    std::fs::create_dir_all(&options.crashes)?;
    let current = options.crashes.join(format!("{}-{}.current", target.name, options.seed));
    let watch = Watch::start(current.clone());
    let seconds = options.seconds.or(options.runs.is_none().then_some(60));
    let mut write_error = None;
    let outcome = Campaign {
        seed: options.seed,
        runs: options.runs.unwrap_or(u64::MAX),
        time: seconds.map(Duration::from_secs),
        more_seeds: options.corpus.as_deref().map(read_all).transpose()?.unwrap_or_default(),
        before: &mut |input| {
            watch.begin();
            if let Err(error) = std::fs::write(&current, input) {
                write_error.get_or_insert(error);
            }
        },
        crashed: &mut |crash| report(target, crash, &options.crashes),
        progress: &mut |outcome| {
            let _ = writeln!(
                io::stderr(),
                "{}: {} runs, {} inputs kept, {} things said",
                target.name,
                outcome.runs,
                outcome.corpus.len(),
                outcome.traits,
            );
        },
    }
    .run(target);
    let _ = std::fs::remove_file(&current);
    if let Some(error) = write_error {
        return Err(error);
    }
    if let Some(folder) = &options.corpus {
        std::fs::create_dir_all(folder)?;
        for (index, input) in outcome.corpus.iter().enumerate() {
            std::fs::write(folder.join(format!("{}-{}-{index:05}", target.name, options.seed)), input)?;
        }
    }
    writeln!(
        io::stdout(),
        "{}: {} runs in {:.0} s, {} inputs kept, {} things said, {} crashes",
        target.name,
        outcome.runs,
        watch.started.elapsed().as_secs_f64(),
        outcome.corpus.len(),
        outcome.traits,
        outcome.crashes.len(),
    )?;
    Ok(outcome.crashes.len())
}

fn report(target: &Target, crash: &Crash, folder: &Path) {
    let mut number = 1;
    let path = loop {
        let path = folder.join(format!("{}-crash-{number}", target.name));
        if !path.exists() {
            break path;
        }
        number += 1;
    };
    let kept = match std::fs::write(&path, &crash.input) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("not kept, {error}"),
    };
    let _ = writeln!(io::stderr(), "{}: CRASH {}\n  {} bytes: {kept}", target.name, crash.message, crash.input.len());
}

fn read_all(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|it| it.map(|it| it.path())).collect::<Result<_, _>>()?;
    paths.sort();
    paths.into_iter().filter(|path| path.is_file()).map(std::fs::read).collect()
}

/// Ends the program when one input takes too long: nothing else would.
struct Watch {
    started: Instant,
    /// When the current input began, in milliseconds since `started`.
    begun: Arc<AtomicU64>,
}

impl Watch {
    fn start(current: PathBuf) -> Self {
        let started = Instant::now();
        let begun = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&begun);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let begun = Duration::from_millis(seen.load(Ordering::Relaxed));
                if started.elapsed().saturating_sub(begun) > HANG {
                    let seconds = HANG.as_secs();
                    let _ = writeln!(io::stderr(), "HANG: over {seconds} s on {}", current.display());
                    // The thread that hangs cannot be asked to return.
                    std::process::exit(3);
                }
            }
        });
        Self { started, begun }
    }

    fn begin(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.begun.store(now, Ordering::Relaxed);
    }
}
