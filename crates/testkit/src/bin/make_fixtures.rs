//! Writes the generated part of `fixtures/` anew: `cargo run -p esxray-testkit --bin make-fixtures`.
//!
//! What has to be said of the scenario suite is written as well, as JSON beside the crate. Only `input/` folders of generated cases are touched; the READMEs beside
//! them are written by hand. With names of cases as arguments, only those.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use esxray_testkit::{Case, Scenario, Tale};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for name in &wanted {
        if !Case::ALL.iter().any(|case| case.name() == name) {
            let _ = writeln!(io::stderr(), "error: no case is called `{name}`");
            return ExitCode::from(2);
        }
    }
    for case in Case::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == case.name()) {
            continue;
        }
        if let Err(error) = write(*case) {
            let _ = writeln!(io::stderr(), "error: cannot write fixture {}: {error}", case.name());
            return ExitCode::from(2);
        }
    }
    if wanted.is_empty()
        && let Err(error) = write_expected()
    {
        let _ = writeln!(io::stderr(), "error: cannot write what is expected: {error}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

#[expect(clippy::disallowed_methods, reason = "the one place that writes the fixtures")]
fn write_expected() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("expected");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    for tale in Tale::all() {
        std::fs::write(folder.join(format!("{}.json", tale.name)), tale.expected().json())?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the one place that writes the fixtures")]
fn write(case: Case) -> io::Result<()> {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(case.name()).join("input");
    if input.exists() {
        std::fs::remove_dir_all(&input)?;
    }
    let made = Scenario::new(case).generate();
    for file in &made.files {
        let path = input.join(&file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, &file.bytes)?;
    }
    writeln!(io::stdout(), "{}: {} files, {} bytes", case.name(), made.files.len(), made.size())
}
