//! What the checks look at: every file that git tracks or would, and the arrows between our crates.
#![expect(clippy::disallowed_methods, reason = "it reads the project's own files and which cargo runs it")]

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::Error;

/// A file of the project.
#[derive(Debug, Clone)]
pub struct File {
    /// Path below the project's folder, with `/` on every system.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl File {
    /// Its lines with their numbers, bytes that are not UTF-8 replaced.
    pub fn lines(&self) -> impl Iterator<Item = (usize, std::borrow::Cow<'_, str>)> {
        (1..).zip(self.bytes.split(|byte| *byte == b'\n').map(String::from_utf8_lossy))
    }

    /// Whether its name ends in a dot and `extension`.
    pub fn is_a(&self, extension: &str) -> bool {
        self.name().rsplit_once('.').is_some_and(|name| name.1 == extension)
    }

    /// The name without its folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// An arrow from one crate to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The crate that is used.
    pub package: String,
    /// Whether tests, examples and benchmarks alone use it.
    pub dev: bool,
}

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name, `esxray-record`.
    pub name: String,
    /// Where its `Cargo.toml` is, below the project's folder.
    pub manifest: String,
    /// Everything that it depends on, of ours or not.
    pub uses: Vec<Use>,
}

/// The project as it is checked.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// What git tracks or would, by path.
    pub files: Vec<File>,
    /// The members of the workspace.
    pub packages: Vec<Package>,
}

impl Project {
    /// Reads the project that this crate was built in.
    ///
    /// # Errors
    ///
    /// [`Error`] where a file cannot be read or cargo does not answer.
    pub fn here() -> Result<Self, Error> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::read(own.ancestors().nth(2).unwrap_or(own))
    }

    /// Reads the project in a folder.
    ///
    /// # Errors
    ///
    /// [`Error`] where a file cannot be read or cargo does not answer.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        for path in tracked(root).map_or_else(|| walked(root), Ok)? {
            let full = root.join(&path);
            // What is deleted but not committed yet, and links, have no text of their own.
            if full.symlink_metadata().is_ok_and(|found| found.is_file()) {
                let bytes = std::fs::read(&full).map_err(|source| Error::Read { path: full, source })?;
                files.push(File { path, bytes });
            }
        }
        files.sort_by(|one, two| one.path.cmp(&two.path));
        Ok(Self { files, packages: packages(root)? })
    }

    /// A project of a few files, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).into(), bytes: text.as_bytes().to_vec() };
        Self { files: files.iter().map(file).collect(), packages: Vec::new() }
    }

    /// The file of that path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// What git tracks or would, so that a new file is looked at before it is committed; `None` where there is no git.
fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()?;
    let names = output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())?;
    let names: Vec<String> = names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    // A copy of the sources may lie in somebody else's repository.
    names.iter().any(|name| name == "Cargo.toml").then_some(names)
}

/// Every file, where no git can tell: a source archive holds what is tracked and what was built since.
fn walked(root: &Path) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let full = root.join(&folder);
        let unreadable = |source| Error::Read { path: full.clone(), source };
        for entry in std::fs::read_dir(&full).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() && name != "target" && name != ".git" {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(Error::Cargo)?;
    if !output.status.success() {
        return Err(Error::Metadata(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(Error::Json)?;
    Ok(metadata.packages.into_iter().map(|it| it.below(&metadata.workspace_root)).collect())
}

/// What `cargo metadata` says, as far as it matters here.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: String,
    packages: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build` or nothing.
    kind: Option<String>,
}

impl Described {
    fn below(self, root: &str) -> Package {
        let manifest = self.manifest_path.strip_prefix(root).unwrap_or(&self.manifest_path).replace('\\', "/");
        let used = |it: Dependency| Use { package: it.name, dev: it.kind.as_deref() == Some("dev") };
        Package {
            name: self.name,
            manifest: manifest.trim_start_matches('/').to_owned(),
            uses: self.dependencies.into_iter().map(used).collect(),
        }
    }
}
