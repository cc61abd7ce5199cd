//! Embeds every file below `data/`, so that no list of them is kept by hand.
#![expect(clippy::disallowed_methods, reason = "a build script reads its environment and writes to OUT_DIR")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let home = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let data = home.join("data");
    // Cargo scans the whole folder, so a new, changed or removed file reruns this script.
    println!("cargo::rerun-if-changed=data");

    let mut files = Vec::new();
    walk(&data, "", &mut files)?;
    files.sort();

    let mut code = String::from("&[\n");
    for name in &files {
        let path = data.join(name);
        let path = path.to_str().ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))?;
        writeln!(code, "    ({name:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("data.rs"), code)
}

/// Collects the files below `folder` as paths with `/`, relative to `data/`.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let name =
            file_name.to_str().ok_or_else(|| io::Error::other(format!("{} is not UTF-8", file_name.display())))?;
        // Editors leave hidden swap files beside the file that they edit.
        if name.starts_with('.') {
            continue;
        }
        let below = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &below, files)?;
        } else {
            files.push(below);
        }
    }
    Ok(())
}
