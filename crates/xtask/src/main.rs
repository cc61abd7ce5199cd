//! `cargo run -p xtask -- tidy`: the checks of the project, without its tests.

use std::io::{self, Write};
use std::process::ExitCode;

use xtask::{Project, tidy};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments != ["tidy"] {
        let _ = writeln!(io::stderr(), "usage: cargo run -p xtask -- tidy");
        return ExitCode::from(2);
    }
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let why = std::iter::successors(error.source(), |it| it.source()).map(|it| format!(": {it}"));
            let _ = writeln!(io::stderr(), "error: {error}{}", why.collect::<String>());
            ExitCode::from(2)
        }
    }
}

/// Prints what each check says, and gives how many complaints there are.
fn run() -> Result<usize, Box<dyn std::error::Error>> {
    let project = Project::here()?;
    let mut out = io::stdout().lock();
    let mut count = 0;
    for check in tidy::CHECKS {
        let complaints = (check.run)(&project);
        count += complaints.len();
        let state = if complaints.is_empty() { "ok" } else { "FAILED" };
        writeln!(out, "{:10} {state:6} {}", check.name, check.wants)?;
        for complaint in complaints {
            writeln!(out, "  {complaint}")?;
        }
    }
    Ok(count)
}
