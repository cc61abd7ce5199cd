//! Reads the folders of knowledge packs.
#![expect(
    clippy::disallowed_methods,
    reason = "packs are the user's knowledge, read here for the library that opens no file"
)]

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use esxray::knowledge::limits;
use esxray::{Knowledge, Pack, PackFile};
use walkdir::{DirEntry, WalkDir};

use crate::failure::Failure;

/// Why the folder of a pack cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    /// Not there, or not to be read.
    #[error("cannot read {path}")]
    Read {
        /// Folder or file.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file was named.
    #[error("{path} is not a folder")]
    NotAFolder {
        /// As given.
        path: String,
    },
    /// Nothing in it: most likely another folder was meant.
    #[error("{path} holds no knowledge file")]
    Empty {
        /// As given.
        path: String,
    },
    /// A link in the folder.
    #[error("{path} is a link")]
    Link {
        /// Where.
        path: String,
    },
    /// A pipe, a device: opening it could hang.
    #[error("{path} is neither a file nor a folder")]
    Special {
        /// Where.
        path: String,
    },
    /// Folders in folders without end.
    #[error("{path} lies deeper than {limit} folders")]
    TooDeep {
        /// Where.
        path: String,
        /// How deep is read.
        limit: usize,
    },
    /// More than any person writes.
    #[error("{path} holds more than {limit} {what}")]
    TooMuch {
        /// The pack.
        path: String,
        /// How many are read.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// Not UTF-8.
    #[error("{path}:{line}: not valid UTF-8")]
    NotText {
        /// The file.
        path: String,
        /// The first line with a wrong byte.
        line: usize,
    },
}

/// Folders in folders that are read; the base itself needs three.
const DEPTH: usize = 32;

/// The built-in knowledge with the packs of these folders over it.
pub(crate) fn load<'p>(folders: impl IntoIterator<Item = &'p PathBuf>) -> Result<Knowledge, Failure> {
    let packs: Vec<Pack> = folders.into_iter().map(|folder| read(folder)).collect::<Result<_, _>>()?;
    Ok(Knowledge::load(&packs)?)
}

/// Reads a folder and everything below it, in the order of names.
///
/// No link is followed but the one that may have been named, no pipe is opened, and what begins with a dot is
/// left alone. Reading stops at the limits of the loader, which judges the rest.
fn read(folder: &Path) -> Result<Pack, PackError> {
    let name = shown(folder);
    let metadata = std::fs::metadata(folder).map_err(|source| PackError::Read { path: name.clone(), source })?;
    if !metadata.is_dir() {
        return Err(PackError::NotAFolder { path: name });
    }
    let mut files = Vec::new();
    let mut bytes = 0;
    // One level more than is allowed, to see that there is one.
    let walk = WalkDir::new(folder).min_depth(1).max_depth(DEPTH + 1).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry)) {
        let entry = entry.map_err(|error| {
            let path = error.path().map_or_else(|| name.clone(), shown);
            PackError::Read { path, source: error.into() }
        })?;
        let path = shown(entry.path());
        let kind = entry.file_type();
        if kind.is_symlink() {
            return Err(PackError::Link { path });
        }
        if entry.depth() > DEPTH {
            return Err(PackError::TooDeep { path, limit: DEPTH });
        }
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(PackError::Special { path });
        }
        if files.len() == limits::FILES {
            return Err(PackError::TooMuch { path: name, limit: limits::FILES, what: "files" });
        }
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        // Pages of documentation may be of any length; the loader does not look into them either.
        let text = if is_page(below) { String::new() } else { text(entry.path())? };
        bytes += text.len();
        if bytes > limits::PACK_BYTES {
            return Err(PackError::TooMuch { path: name, limit: limits::PACK_BYTES, what: "bytes" });
        }
        files.push(PackFile { path: slashed(below), text });
    }
    if files.iter().all(|file| is_page(Path::new(&file.path))) {
        return Err(PackError::Empty { path: name });
    }
    Ok(Pack { name, files })
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}

/// A path below the pack with `/` on every system.
fn slashed(path: &Path) -> String {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// The text of a file, up to one byte more than the loader takes: it says then that the file is too long.
fn text(path: &Path) -> Result<String, PackError> {
    let failed = |source| PackError::Read { path: shown(path), source };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limits::FILE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() > limits::FILE_BYTES {
        // It may be cut within a character, and will be refused for its length anyway.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = good.filter(|byte| **byte == b'\n').count() + 1;
        PackError::NotText { path: shown(path), line }
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{PackError, read};

    const TEXT: &str = "text = 'do not'\nreason = 'x'\nsources = ['y']\n";

    fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_folder_becomes_a_pack() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "prohibitions/do-not.toml", TEXT);
        write(folder.path(), "signatures/a/b/c.toml", "x = 1");
        write(folder.path(), "README.md", [0xff; 10]);
        write(folder.path(), ".git/HEAD", [0xff; 10]);
        let pack = read(folder.path()).unwrap();
        let files: Vec<&str> = pack.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(files, ["README.md", "prohibitions/do-not.toml", "signatures/a/b/c.toml"]);
        assert_eq!(pack.files[1].text, TEXT);
        assert_eq!(pack.name, folder.path().display().to_string());
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(PackError::Empty { .. })));
        assert!(matches!(read(&folder.path().join("no")), Err(PackError::Read { .. })));
        write(folder.path(), "causes/x.toml", b"title = 'a'\n# \xff\n");
        assert!(matches!(read(&folder.path().join("causes/x.toml")), Err(PackError::NotAFolder { .. })));
        let error = read(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("x.toml:2: not valid UTF-8"), "{error}");
    }

    #[test]
    fn folders_without_end_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &format!("causes/{}x.toml", "d/".repeat(40)), "");
        assert!(matches!(read(folder.path()), Err(PackError::TooDeep { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_and_no_pipe_opened() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "prohibitions/do-not.toml", TEXT);
        let pack = folder.path().join("prohibitions");
        std::os::unix::fs::symlink("/etc/passwd", pack.join("x.toml")).unwrap();
        assert!(matches!(read(folder.path()), Err(PackError::Link { .. })));
        fs::remove_file(pack.join("x.toml")).unwrap();
        std::os::unix::fs::symlink(&pack, folder.path().join("causes")).unwrap();
        assert!(matches!(read(folder.path()), Err(PackError::Link { .. })));
        fs::remove_file(folder.path().join("causes")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(pack.join("y.toml")).unwrap();
        assert!(matches!(read(folder.path()), Err(PackError::Special { .. })));
    }
}
