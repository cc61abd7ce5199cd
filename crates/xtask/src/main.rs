//! `cargo run -p xtask -- tidy`: the checks of the project, without its tests.
//! `cargo run -p xtask -- catalogue`: writes the page of what the knowledge base knows.
#![expect(clippy::disallowed_methods, reason = "it writes a page of the project")]

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use esxray_knowledge::Knowledge;
use xtask::{Project, catalogue, tidy};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => complaints(),
        ["catalogue"] => write_catalogue(),
        _ => {
            let _ = writeln!(io::stderr(), "usage: cargo run -p xtask -- tidy|catalogue");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let why = std::iter::successors(error.source(), |it| it.source()).map(|it| format!(": {it}"));
            let _ = writeln!(io::stderr(), "error: {error}{}", why.collect::<String>());
            ExitCode::from(2)
        }
    }
}

/// Writes the page of what is known.
fn write_catalogue() -> Result<usize, Box<dyn std::error::Error>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = own.ancestors().nth(2).unwrap_or(own).join(catalogue::PATH);
    std::fs::write(path, catalogue::page(&Knowledge::builtin()?))?;
    Ok(0)
}

/// Prints what each check says, and gives how many complaints there are.
fn complaints() -> Result<usize, Box<dyn std::error::Error>> {
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
